"""The policy's words: the facts of one link, and what a rule says of them."""

from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import Frequency, News, OptOut, Stage, TicketStatus, Workaround


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What the policy may look at, for one customer, ticket and bug, as of one moment.

    `untold` holds news only, never background; telling a piece clears all earlier news. Days are elapsed
    86,400-second days. `asked` names the person rules already put to somebody for this link, or for this bug
    where the rule says once per bug. `promise_due` says that a promise is due within the policy's notice.
    """

    stage: Stage = Stage.OPEN
    untold: frozenset[News] = frozenset()
    frequency: Frequency = Frequency.INFREQUENT
    workaround: Workaround = Workaround.NONE
    tier: str = ""
    opt_out: OptOut = OptOut.NONE
    ticket_status: TicketStatus = TicketStatus.OPEN
    unanswered: bool = False
    release_planned: bool = False
    reopened_after_told: bool = False
    silent_days: float = 0.0
    age_days: float = 0.0
    days_since_update: float = 0.0
    brand: str = ""
    language: str = ""
    labels: frozenset[str] = frozenset()
    helpdesk: str = ""
    tracker: str = ""
    duplicate: bool = False
    promise_due: bool = False
    promise_open: bool = False
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policy says for one set of facts.

    `tell` is the news to tell now (a subset of the untold); `listens_to` the news this link would be told when it
    comes; `every_days` the least and most days between periodic updates, none where there are none; `person` the
    question for a person and to whom (`agent: …` or `lead: …`), to be met within so many business days; `hold`
    means that nothing is said until the customer was answered; `now` that it outranks every cap; `recheck_days`
    when to look again.
    """

    rule_id: str
    because: str
    tell: frozenset[News] = frozenset()
    listens_to: frozenset[News] = frozenset()
    every_days: tuple[int, int] | None = None
    backoff: float = 1.5
    person: str = ""
    once_per: str = "link"
    within_business_days: int | None = None
    hold: bool = False
    now: bool = False
    deliver: str = "reminder"
    recheck_days: int | None = None
    also: "Ruling | None" = None


@dataclass(frozen=True, slots=True)
class Intention:
    """An update that a ruling calls for: its reason, when, and the piece of news or the ordinal behind it."""

    reason: str
    due_at: datetime
    news: frozenset[News] = frozenset()
    news_seq: int | None = None
    ordinal: int | None = None
