"""What the board shows of bugs: rows of their list, what lies behind one, and its time line.

Instants are aware, in UTC. Counts are those of the tickets that a visitor may see.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bugbridge.core.model import Channel, Frequency, News, Stage
from bugbridge.core.promises import PromiseEvent


class BugOrder(StrEnum):
    """By what the list is sorted: the most customers, the longest known to customers, or the latest news first."""

    CUSTOMERS = "customers"
    AGE = "age"
    NEWS = "news"


@dataclass(frozen=True, slots=True)
class BugsWanted:
    """Which bugs are listed, and in which order; what is empty narrows nothing.

    `project` is an OWNER/REPO or a Jira key; `words` is looked for in customers' words and in the subjects
    of tickets in sight that report the bug, small or capital.
    """

    order: BugOrder = BugOrder.CUSTOMERS
    stages: tuple[Stage, ...] = ()
    tracker: str = ""
    project: str = ""
    frequency: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class BoardBug:
    """A bug as its list shows it; `reported_at` is when the first of its linked tickets in sight was created."""

    id: int
    reference: str
    words: str
    stage: Stage
    frequency: Frequency
    customers: int
    tickets: int
    reported_at: datetime | None
    news: News | None
    news_at: datetime | None


@dataclass(frozen=True, slots=True)
class BugName:
    """By what people recognise a bug: customers' words; where there are none, the subject of the newest ticket in sight
    that reports it. Each is "" where there is none."""

    words: str
    example: str


@dataclass(frozen=True, slots=True)
class AgedBugs:
    """How many open bugs of a stage lie between the borders around a place in a list of ages."""

    stage: Stage
    place: int
    count: int


class IssueRole(StrEnum):
    """What an issue is for its bug."""

    PRIMARY = "primary"
    PART = "part"
    MIRROR = "mirror"
    DUPLICATE = "duplicate"


@dataclass(frozen=True, slots=True)
class BugIssue:
    """An issue behind a bug."""

    reference: str
    tracker: str
    role: IssueRole
    gone: bool


@dataclass(frozen=True, slots=True)
class BugTicket:
    """A ticket that reports a bug, or may; `workaround` is what was last said of it there, "" for nothing."""

    ticket: str
    state: str
    created_at: datetime
    workaround: str


@dataclass(frozen=True, slots=True)
class BugPromise:
    """A message that was promised on a ticket of a bug, and when a public reply came after it, if one did."""

    ticket: str
    made_at: datetime
    due_at: datetime | None
    event: PromiseEvent | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class BugSight:
    """What a visitor sees of a bug at once: how many customers and tickets, for how many customers the workaround was
    sent, worked or failed, and whether a round waits."""

    customers: int
    tickets: int
    told: int
    confirmed: int
    failed: int
    round_waits: bool


@dataclass(frozen=True, slots=True)
class SentNote:
    """A note or reply that was posted on a ticket, or couldn't be; `code` says why, "" for what was posted."""

    at: datetime
    channel: Channel
    is_posted: bool
    code: str = ""


class Lane(StrEnum):
    """What an entry of a time line is about."""

    NEWS = "news"
    LINK = "link"
    UPDATE = "update"
    SILENCE = "silence"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing on a bug's time line; `key` tells those of one instant apart, `until` is the end of a silence."""

    at: datetime
    key: str
    lane: Lane
    kind: str
    ticket: str = ""
    detail: str = ""
    until: datetime | None = None
