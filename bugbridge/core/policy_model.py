"""The policy's words: the facts of one link, the team's written rules, and what a rule says of the facts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from bugbridge.core.frequency import FrequencyRules
from bugbridge.core.model import Frequency, News, OptOut, Stage, TicketStatus, Workaround

DAYS_PER_WEEK = 7
# How an update reaches its customer: through the agent, or directly where that is allowed.
REMINDER, REPLY = "reminder", "reply"


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """What the policy may look at, for one customer, ticket and bug, as of one moment.

    `untold` holds news only, never background; telling a piece clears all earlier news. Days are elapsed
    86,400-second days. `asked` names the person rules already put to somebody for this link, or for this bug
    where the rule says once per bug. `promise_due` says that a promise is due within the policy's notice. For a
    duplicate (`duplicate`) stage, news and frequency are the surviving bug's.
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
    closed_unknown: bool = False
    ticket_gone: bool = False
    promise_due: bool = False
    promise_open: bool = False
    asked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policy says for one set of facts.

    `rule_id` is the rule that matched; `under` the unchangeable rules that shaped it without deciding it
    (`canonical`, `no-periodic`). `tell` is the news to tell now (a subset of the untold, and still true);
    `listens_to` the news this link would be told when it comes; `wait_days` how long `fixed` waits, from when it
    happened, for `released` to take its place; `every_days` the least and most days between periodic updates, none
    where there are none; `person` the question for a person and to whom (`agent: …` or `lead: …`), to be met within so
    many business days; `hold` means that nothing is said until the customer was answered; `now` that it outranks every
    cap; `recheck_days` when to look again; `timeline_allowed` that a draft may name the planned release.

    `also` is what matching on says: besides a person's question it holds at once; for a promise it holds once it was
    kept, and under `hold` once the customer was answered.
    """

    rule_id: str
    because: str
    tell: frozenset[News] = frozenset()
    listens_to: frozenset[News] = frozenset()
    wait_days: int = 0
    every_days: tuple[int, int] | None = None
    backoff: float = 1.5
    person: str = ""
    once_per: str = "link"
    within_business_days: int | None = None
    hold: bool = False
    now: bool = False
    deliver: str = REMINDER
    recheck_days: int | None = None
    timeline_allowed: bool = False
    under: tuple[str, ...] = ()
    also: "Ruling | None" = None


@dataclass(frozen=True, slots=True)
class Intention:
    """An update that a ruling calls for: its reason, when, the piece of news or the ordinal behind it, and how.

    A promise's `news_seq` is its own event; one with an ordinal stands for that periodic update too.
    """

    reason: str
    due_at: datetime
    news: frozenset[News] = frozenset()
    news_seq: int | None = None
    ordinal: int | None = None
    deliver: str = REMINDER


class Hears(StrEnum):
    """What a grid cell lets a customer hear."""

    EVERY = "every"
    NEWS = "news"
    RELEASE = "release"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of the grid; `every_days` only where it says `every`."""

    hears: Hears
    every_days: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """What a customer hears while the bug is open; the file's names have a comma and a space for the underscore."""

    frequent: Cell = Cell(Hears.EVERY, (14, 56))
    frequent_workaround: Cell = Cell(Hears.EVERY, (28, 56))
    infrequent: Cell = Cell(Hears.NEWS)
    infrequent_workaround: Cell = Cell(Hears.RELEASE)
    enterprise: Cell = Cell(Hears.EVERY, (7, 28))


@dataclass(frozen=True, slots=True)
class TellRules:
    """Which news count where the grid says `news` or `every`, and for how many days `fixed` waits for `released`."""

    news: frozenset[News] = frozenset(News) - {News.IN_PROGRESS, News.FIXED}
    merge_days: int = 7


@dataclass(frozen=True, slots=True)
class CadenceRules:
    """How long until the next periodic update; days are elapsed days."""

    chance_of_news: float = 0.25
    round_to_days: int = 7
    curve_by: str = "all"
    long_haul_days: int = 60
    long_haul_min_days: int = 30
    backoff: float = 1.5


@dataclass(frozen=True, slots=True)
class LimitRules:
    """The noise rules' caps and batches, from how many tickets on one piece of news is a round (0: never), and after
    how many business days a reminder that nobody met is repeated, once (0: never)."""

    per_contact_days: int = 7
    per_enterprise_contact: int = 2
    batch_business_days: int = 3
    reminders_per_agent_day: int = 8
    round_from_tickets: int = 3
    repeat_after_business_days: int = 3


@dataclass(frozen=True, slots=True)
class FactRules:
    """From when on facts count as what they look like; `override_days` is how long an override by hand holds."""

    workaround_assumed_after_days: int = 14
    stalled_after_days: int = 180
    recheck_unknown_days: int = 14
    promise_ahead_business_days: int = 1
    override_days: int = 90


@dataclass(frozen=True, slots=True)
class AnyOf:
    """A condition: the fact is one of these, or, where the fact is a set, holds one of them."""

    fact: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Within:
    """A condition: the fact lies between these, both included."""

    fact: str
    least: float = 0.0
    most: float = float("inf")


@dataclass(frozen=True, slots=True)
class Is:
    """A condition: the fact is so, or is not so."""

    fact: str
    value: bool


Condition = AnyOf | Within | Is


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """An exception to the grid. Terminal news is in `tell` unless the rule says `nothing`; none means not said."""

    id: str
    when: tuple[Condition, ...] = ()
    tell: frozenset[News] | None = None
    every_days: tuple[int, int] | None = None
    person: str = ""
    once_per: str = "link"
    within_business_days: int | None = None
    recheck_days: int | None = None
    deliver: str = REMINDER
    backoff: float | None = None
    because: str = ""

    @property
    def asks_only(self) -> bool:
        """Whether matching goes on once the person was asked, since the rule says nothing else."""
        return bool(self.person) and self.tell is None and self.every_days is None and self.recheck_days is None


@dataclass(frozen=True, slots=True)
class Policy:
    """The team's written rules; the defaults are the shipped file's, the shipped `[[rule]]`s apart."""

    name: str = "default"
    grid: Grid = field(default_factory=Grid)
    tell: TellRules = field(default_factory=TellRules)
    cadence: CadenceRules = field(default_factory=CadenceRules)
    limits: LimitRules = field(default_factory=LimitRules)
    facts: FactRules = field(default_factory=FactRules)
    frequency: FrequencyRules = field(default_factory=FrequencyRules)
    rules: tuple[PolicyRule, ...] = ()
