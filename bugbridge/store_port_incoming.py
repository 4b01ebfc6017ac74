"""What the services need to remember of what comes in besides reading: webhooks, usage, files."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from bugbridge.core.events import FactEvent, MessageEvent
from bugbridge.core.imported_tickets import NewTicket
from bugbridge.core.model import Actor
from bugbridge.core.records import (
    Moment,
    TicketRow,
)
from bugbridge.core.usage import Account, Contradiction, UsageCounts, UsageDay, Window


class InboxStore(Protocol):
    """Deliveries of webhooks: what each was about, and whether it was followed."""

    def receive_hint(self, source_id: int, delivery_key: str, subject: str, at: datetime) -> bool:
        """Keep a delivery; False, and nothing changed, where one with this key was kept already."""
        ...

    def open_hints(self, source_id: int) -> Mapping[str, str]:
        """Give the subject of each delivery that is still to be followed, by key, the oldest first."""
        ...

    def handle_hints(self, delivery_keys: Collection[str], at: datetime) -> None:
        """Keep that these were followed."""
        ...

    def forget_hints(self, handled_before: datetime) -> None:
        """Drop deliveries that were followed before this instant."""
        ...


class UsageStore(Protocol):
    """How often accounts use the product's flows. A file's days are staged first, then kept all at once."""

    def accounts(self, source_id: int) -> tuple[Account, ...]:
        """Give a helpdesk's accounts, and those known by their usage alone."""
        ...

    def stage_usage(self, days: Iterable[UsageDay]) -> None:
        """Put a file's days aside, in place of those of any file before."""
        ...

    def contradictions(self, limit: int) -> tuple[Contradiction, ...]:
        """Give staged lines that say something else than another of the same account, flow and day."""
        ...

    def staged_counts(self) -> UsageCounts:
        """Count what keeping the staged days would change."""
        ...

    def keep_staged_usage(self, new_accounts: Mapping[int, int], *, actor: Actor, recorded_at: datetime) -> None:
        """Keep those of the staged days that differ from what is known; `new_accounts` gives negative numbers' ids."""
        ...

    def usage_days(self, window: Window, flows: Collection[str] | None, moment: Moment) -> Mapping[int, int]:
        """Give on how many days of the window each account used one of the flows; any flow for None."""
        ...

    def namesakes(self, account_ids: Collection[int]) -> Mapping[int, int]:
        """Give accounts known by their usage alone that go by the name of one of these, with that one."""
        ...

    def bugs_in_flows(self) -> tuple[int, ...]:
        """Give canonical bugs that are judged and that a flow was ever named for, by hand or by label."""
        ...

    def author_of(self, bug_event_seq: int) -> str:
        """Give who made a bug's event."""
        ...


class BulkStore(Protocol):
    """Many tickets at once, for imports."""

    def tickets_of(self, source_id: int, remote_ids: Collection[str]) -> Mapping[str, TicketRow]:
        """Give those of these tickets that are kept, by their ids at the helpdesk."""
        ...

    def party_ids(self, source_id: int, kind: str, remote_ids: Collection[str]) -> Mapping[str, int]:
        """Get or create many customers, accounts or agents, by their ids at the helpdesk."""
        ...

    def add_tickets(self, source_id: int, tickets: Sequence[NewTicket]) -> Mapping[str, TicketRow]:
        """Add tickets that aren't kept yet, and give them by their ids at the helpdesk."""
        ...

    def append_to_new(self, events: Sequence[FactEvent | MessageEvent], *, actor: Actor, recorded_at: datetime) -> None:
        """Keep facts and messages of tickets that were just added, none of which is kept yet."""
        ...
