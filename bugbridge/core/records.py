"""Rows and histories as the store hands them to the rules. Instants are aware, in UTC."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bugbridge.core.events import (
    BugEvent,
    DecisionEvent,
    DeliveryEvent,
    FactEvent,
    Finding,
    LinkEvent,
    MessageEvent,
)
from bugbridge.core.model import Channel, DeliveryState, Frequency, Review, Stage, UpdateState


@dataclass(frozen=True, slots=True)
class KnownUpTo:
    """Read what was known: events with `seq` up to this."""

    seq: int


@dataclass(frozen=True, slots=True)
class HappenedBy:
    """Read what had happened: events that occurred by this instant, whenever we learned of them."""

    at: datetime


Moment = KnownUpTo | HappenedBy


# The kind of a source whose tickets or bugs were imported from files; nothing can be read from it or posted to it.
FILE_KIND = "file"


@dataclass(frozen=True, slots=True)
class Source:
    """A configured helpdesk or tracker. `live_from` is none in watch mode.

    A paused helpdesk isn't posted to, a paused tracker isn't asked. What changed at a helpdesk before `read_from` was
    not read, or all was where that is none; a backfill that is unfinished began at `backfill_from`.
    """

    id: int
    name: str
    kind: str
    role: str
    cursor: str = ""
    live_from: datetime | None = None
    last_ok_at: datetime | None = None
    paused_until: datetime | None = None
    release_cursor: str = ""
    read_from: datetime | None = None
    backfill_from: datetime | None = None
    backfill_cursor: str = ""


@dataclass(frozen=True, slots=True)
class TicketRow:
    """A ticket as we keep it; `reference` is `NAME:ID`. An erased one has no id at its helpdesk any more."""

    id: int
    source_id: int
    source_name: str
    remote_id: str
    created_at: datetime
    requester_id: int | None = None
    brand: str = ""

    @property
    def reference(self) -> str:
        """`NAME:ID`, as people write it."""
        return f"{self.source_name}:{self.remote_id or 'erased'}"


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue as we keep it; `created_at` is none until it was read from its tracker."""

    id: int
    source_id: int
    source_name: str
    reference: str
    bug_id: int
    created_at: datetime | None = None
    gone: bool = False


@dataclass(frozen=True, slots=True, order=True)
class LinkKey:
    """The pair that a link joins; the bug is the one that was linked, which may since have been merged."""

    ticket_id: int
    bug_id: int


@dataclass(frozen=True, slots=True)
class BugHistory:
    """All that is kept of a canonical bug up to a moment; each tuple in order of (occurred_at, seq).

    `issue_facts` are the primary issue's, `part_facts` those of its parts; mirrors and duplicates decide nothing.
    `reported_at` is when the earliest of its linked tickets was created.
    """

    bug_id: int
    primary_reference: str
    references: tuple[str, ...] = ()
    issue_facts: tuple[FactEvent, ...] = ()
    part_facts: tuple[FactEvent, ...] = ()
    bug_events: tuple[BugEvent, ...] = ()
    links: tuple[LinkKey, ...] = ()
    reported_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LinkHistory:
    """All that is kept of a link up to a moment, merges of the bug followed; tuples as in `BugHistory`.

    `replies_elsewhere` are agents' public replies on other tickets of the customer, from when a note about this link
    stood there; findings are those of such replies too. `periodic_elsewhere` is when periodic updates about this bug
    were told to the customer that were due on their other tickets. Where replies promised something, `ticket_links` say
    what the tickets of the conversation were linked to, whichever bugs, and whose promises were dismissed there;
    `merged_tickets` are those of them that were merged into others.
    """

    key: LinkKey
    ticket: TicketRow
    bug: BugHistory
    source_facts: tuple[FactEvent, ...] = ()
    ticket_facts: tuple[FactEvent, ...] = ()
    party_facts: tuple[FactEvent, ...] = ()
    link_events: tuple[LinkEvent, ...] = ()
    party_link_events: tuple[LinkEvent, ...] = ()
    messages: tuple[MessageEvent, ...] = ()
    replies_elsewhere: tuple[MessageEvent, ...] = ()
    findings: tuple[Finding, ...] = ()
    periodic_elsewhere: tuple[datetime, ...] = ()
    ticket_links: tuple[LinkEvent, ...] = ()
    merged_tickets: frozenset[int] = frozenset()
    delivery_events: tuple[DeliveryEvent, ...] = ()
    decisions: tuple[DecisionEvent, ...] = ()
    bug_decisions: tuple[DecisionEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class UpdateItem:
    """One thing to tell one customer. Unique by `key`; `wall_time` and `zone` keep the intention."""

    key: str
    party_id: int
    bug_id: int
    ticket_id: int
    reason: str
    due_at: datetime
    wall_time: str = ""
    zone: str = ""
    news_seq: int | None = None
    ordinal: int | None = None
    decision_seq: int = 0
    state: UpdateState = UpdateState.PLANNED
    delivery_id: int | None = None
    state_reason: str = ""
    review: Review = Review.NONE
    id: int = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """An attempt to bring updates to one ticket; a writer whose `fence` is no longer the row's is refused."""

    id: int
    ticket_id: int
    channel: Channel
    marker: str
    state: DeliveryState
    not_before: datetime
    owner: str = ""
    lease_until: datetime | None = None
    fence: int = 0
    failures: int = 0
    items: tuple[UpdateItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may do a thing until when; the fence grows with each new holder."""

    name: str
    holder: str
    fence: int
    until: datetime
    last_ok_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A message id with its parameters, rendered at the edge in the reader's language."""

    id: str
    parameters: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """A linked ticket as evidence: who reports the bug since when. Without an organisation the customer counts."""

    ticket_id: int
    party_id: int
    account_id: int
    tier: str
    reported_at: datetime


@dataclass(frozen=True, slots=True)
class BugRow:
    """A canonical bug as the lists show it; `resolved_at` is its last fix, none while it isn't fixed."""

    id: int
    reference: str
    stage: Stage
    frequency: Frequency
    resolved_at: datetime | None = None
    links: int = 0


@dataclass(frozen=True, slots=True)
class ResolvedRow:
    """A canonical bug with a fix that holds, as the audit goes through them: the latest first, then the highest id."""

    id: int
    resolved_at: datetime


@dataclass(frozen=True, slots=True)
class LinkRow:
    """A link as the lists show it; `state` is linked, suggested or unlinked."""

    key: LinkKey
    state: str
    decided_seq: int = 0
    valid_until: datetime | None = None
