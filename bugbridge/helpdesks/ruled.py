"""Any helpdesk, seen through the team's own rules: whose account a customer belongs to, and which tags name issues."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bugbridge.core.accounts import AccountRules, with_account
from bugbridge.core.link_patterns import LinkPattern, with_references
from bugbridge.core.snapshots import (
    Check,
    HistoryCost,
    PostedReply,
    RecordedLink,
    RemoteMessage,
    RemoteTicket,
    TicketPage,
)
from bugbridge.ports import Guarantee, Helpdesk


class RuledHelpdesk:
    """Shows every ticket with its account and references as the rules say, and passes all else on."""

    def __init__(self, helpdesk: Helpdesk, accounts: AccountRules, patterns: Sequence[LinkPattern] = ()) -> None:
        """Keep the helpdesk and the rules."""
        self._helpdesk = helpdesk
        self._accounts = accounts
        self._patterns = tuple(patterns)

    @property
    def name(self) -> str:
        """The name in the config."""
        return self._helpdesk.name

    @property
    def guarantee(self) -> Guarantee:
        """What writing can hold to."""
        return self._helpdesk.guarantee

    @property
    def replies_as_assignee(self) -> bool:
        """Whether a reply can bear the assignee's name."""
        return self._helpdesk.replies_as_assignee

    @property
    def takes_tags(self) -> bool:
        """Whether tickets can carry tags."""
        return self._helpdesk.takes_tags

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._helpdesk.timeout

    def cursor_at(self, instant: datetime) -> str:
        """Give the cursor for what changed from an instant on."""
        return self._helpdesk.cursor_at(instant)

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give changed tickets by the rules."""
        for page in self._helpdesk.changed_since(cursor):
            yield replace(page, tickets=tuple(self._ruled(ticket) for ticket in page.tickets))

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count what reading old tickets takes."""
        return self._helpdesk.cost_since(instant)

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh, by the rules."""
        return self._ruled(self._helpdesk.ticket(remote_id))

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket."""
        return self._helpdesk.messages(remote_id)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note."""
        return self._helpdesk.add_note(ticket, body, marker)

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Add a public reply."""
        return self._helpdesk.add_reply(ticket, body, marker)

    def find_note(self, remote_id: str, marker: str) -> str:
        """Find our own note or reply by its marker."""
        return self._helpdesk.find_note(remote_id, marker)

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Have the ticket carry a tag, or no more."""
        self._helpdesk.set_tag(ticket, tag, on=on)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give the links that the helpdesk keeps in lists."""
        return self._helpdesk.recorded_links()

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return self._helpdesk.web_url(remote_id)

    def check(self) -> tuple[Check, ...]:
        """Try sign-in and each permission."""
        return self._helpdesk.check()

    def _ruled(self, ticket: RemoteTicket) -> RemoteTicket:
        return with_references(with_account(ticket, self._accounts), self._patterns)
