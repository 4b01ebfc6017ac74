"""What an audit finds, as facts: the edge has the words.

Days are elapsed days of 86,400 seconds, instants aware UTC.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum

from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import Frequency
from bugbridge.core.promise_counts import NO_PROMISES, PromiseCounts
from bugbridge.core.records import Note
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Caution, Quantile

NOT_REACHED = Quantile(None, None, None)


class By(StrEnum):
    """What bugs are grouped by. A bug of several tiers, brands or labels counts in the group of each."""

    FREQUENCY = "frequency"
    TIER = "tier"
    TRACKER = "tracker"
    BRAND = "brand"
    LABEL = "label"
    QUARTER = "quarter"


class LeftOut(StrEnum):
    """Why something that was looked at is in no figure."""

    NOT_CHOSEN = "not-chosen"
    NOT_FIXED = "not-fixed"
    DECLINED = "declined"
    DUPLICATE = "duplicate"
    NOT_YET = "not-yet"
    BEFORE_SINCE = "before-since"
    FIXED_BEFORE_REPORTED = "fixed-before-reported"
    NO_TICKET = "no-ticket"
    NO_ID = "no-id"
    REPEATED_ID = "repeated-id"
    UNREADABLE_DATE = "unreadable-date"
    NO_REPORT_DATE = "no-report-date"
    NO_END_DATE = "no-end-date"
    UNKNOWN_RESOLUTION = "unknown-resolution"
    IMPOSSIBLE_LOCAL_TIME = "impossible-local-time"
    OVERLONG_CELL = "overlong-cell"
    WRONG_CELL_COUNT = "wrong-cell-count"


@dataclass(frozen=True, slots=True)
class Exclusion:
    """How many were left out for one reason, with the first few of them: a reference, or `line 17` of a file."""

    reason: LeftOut
    count: int
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What was asked: the so many bugs fixed last (all of them for None), fixed at or after an instant, by groups."""

    last: int | None = 100
    since: datetime | None = None
    by: tuple[By, ...] = (By.FREQUENCY, By.TIER)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What the customers of one bug heard from the link until they were told how it ended, over all its links.

    `replies` are agents' public replies, `asked_for` those of them before which the customer had written. An update is
    a reply in which they heard something of the bug; `newsful` ones came with news. `news` counts each piece once a
    link, `news_missed` those that no update followed. For the links `under_policy` a policy was in force while their
    customers waited; `required` are the updates that it called for: `late` ones were told over two business days after
    they were due, `missed` ones never. Of all other links nobody knows. `promises` as they fared.
    `silences` is the longest silence of each link in days, `news_delays` the days from news to the update with it,
    `told_after` those from the release until the customer knew of it; the links of released bugs are told for certain,
    probably, or not.
    """

    links: int = 0
    replies: int = 0
    asked_for: int = 0
    under_policy: int = 0
    required: int = 0
    late: int = 0
    missed: int = 0
    updates: int = 0
    newsful: int = 0
    news: int = 0
    news_missed: int = 0
    reminders: int = 0
    silences: tuple[float, ...] = ()
    news_delays: tuple[float, ...] = ()
    told_after: tuple[float, ...] = ()
    told_certain: int = 0
    told_probable: int = 0
    not_told: int = 0
    promises: PromiseCounts = NO_PROMISES


WAITING_COUNTS = tuple(one.name for one in fields(Waiting) if one.default == 0)
WAITING_DAYS = tuple(one.name for one in fields(Waiting) if one.default == ())
"""Of what customers heard, the counts, which add up, and the lengths of time, which are listed."""


@dataclass(frozen=True, slots=True)
class ResolvedBug:
    """One canonical bug with a fix that holds; `reported_at` is when its earliest linked ticket was created.

    `fixed_at` is the last close as fixed that no reopening followed, `first_fixed_at` the first one, none where only
    one date is known; `closes` says how often it was closed as fixed, none where nobody knows. `waiting` is none where
    the conversations aren't known, and `updates` then what a file says was sent, if it does.
    """

    reference: str
    reported_at: datetime
    fixed_at: datetime
    first_fixed_at: datetime | None = None
    released_at: datetime | None = None
    closes: int | None = None
    frequency: Frequency = Frequency.UNKNOWN
    tiers: tuple[str, ...] = ()
    tracker: str = ""
    brands: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    links: int = 0
    waiting: Waiting | None = None
    updates: int | None = None

    @property
    def days(self) -> float:
        """Days from report to fix."""
        return elapsed_days(self.reported_at, self.fixed_at)

    @property
    def updates_sent(self) -> int | None:
        """How many updates its customers heard, none where that isn't known."""
        return self.updates if self.waiting is None else self.waiting.updates


@dataclass(frozen=True, slots=True)
class Group:
    """The figures of the bugs that have something in common; `updates` and `wasted` count over those where known.

    Of `known` bugs the conversations are, so that none wasted of none known says nothing.
    """

    by: By
    name: str
    days_to_fix: Spread
    updates: int = 0
    wasted: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class Replies:
    """What customers heard while they waited, over the `bugs` of which it is known; the counts are those of `Waiting`.

    `proactive` replies are those that nobody had asked for, `wasted` updates those without news. Of `unknown` bugs the
    conversations aren't known; what a file says was sent to their customers is in `updates` alone.
    """

    bugs: int = 0
    unknown: int = 0
    links: int = 0
    replies: int = 0
    asked_for: int = 0
    proactive: int = 0
    under_policy: int = 0
    required: int = 0
    late: int = 0
    missed: int = 0
    updates: int = 0
    newsful: int = 0
    wasted: int = 0
    news: int = 0
    news_missed: int = 0
    reminders: int = 0
    silence: Spread = field(default_factory=Spread)
    news_delay: Spread = field(default_factory=Spread)
    told_after: Spread = field(default_factory=Spread)
    told_certain: int = 0
    told_probable: int = 0
    not_told: int = 0
    promises: PromiseCounts = NO_PROMISES


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """From this age in days on, the share of bugs that no fix has come for yet, with its 95 % limits where there are
    any."""

    days: float
    waiting: float
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The period estimate over all bugs that were open at some time since `opens_at` (none: since the first report).

    `fixed`, `declined` and `open` count how those bugs stand. `median` is the age by which half of all reported bugs
    are fixed while others are declined, with limits; `declined_share` of all bugs end declined, as far as is known.
    """

    opens_at: datetime | None
    bugs: int
    fixed: int
    declined: int
    open: int
    median: Quantile
    declined_share: float = 0.0
    curve: tuple[CurvePoint, ...] = ()
    cautions: tuple[Caution, ...] = ()


class Trust(StrEnum):
    """Which median speaks for the bugs reported now: both, as they agree; that of the period; or neither yet."""

    BOTH = "both"
    PERIOD = "period"
    NEITHER = "neither"


class Difference(StrEnum):
    """Why the median of the bugs fixed last and that of the period differ."""

    YOUNG_HISTORY = "young-history"
    GROWTH = "growth"
    NEVER_FIXED = "never-fixed"
    DECLINED = "declined"
    BULK_CLOSED = "bulk-closed"
    CHANCE = "chance"


@dataclass(frozen=True, slots=True)
class Bucket:
    """How many bugs lie from `least` up to below `most` days; one beyond all others has no `most`."""

    least: float
    most: float | None
    count: int


@dataclass(frozen=True, slots=True)
class NewsCell:
    """How many bugs had so many pieces of news a link, and so many updates a link, both rounded."""

    news: int
    updates: int
    bugs: int


class FollowUps(StrEnum):
    """Whether the updates paid: mostly with news, partly, hardly; few, or unknown."""

    PAID = "paid"
    PARTLY = "partly"
    HARDLY = "hardly"
    TOO_FEW = "too-few"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Saving:
    """What a replay on `bugs` bugs of the team's own history says a change would have done, and nothing else.

    `updates` and `news_missed` under the policy in force and under the other; `per_bug` is the mean difference in
    updates for each bug with its 95 % limits.
    """

    bugs: int
    links: int
    updates_now: int
    updates_instead: int
    news_missed_now: int
    news_missed_instead: int
    per_bug: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Advice:
    """A policy key that the data speak against, as it is and as it might be, and why, in words of the edge.

    No `instead`: no value can be named. Never applied by itself, and never a forecast for one bug.
    """

    key: str
    now: str
    instead: str
    because: Note
    saving: Saving | None = None


@dataclass(frozen=True, slots=True)
class LongHaul:
    """Half of all reported bugs surely take so many days or more, so periodic updates are at least so many apart."""

    typical_days: float
    apart_days: int


@dataclass(frozen=True, slots=True)
class Audit:
    """The report. `made_at` is the moment as of which it was read; `origin` the file it was made of, else empty.

    `n` counts the bugs measured. `days_to_release` is over those that were released, `unreleased` counts the others,
    and `release_median` counts them as still waiting. `reopened_share` is that of bugs closed as fixed more than once,
    none where nobody knows. `differences` name why the medians differ, none where they don't or no reason was found.
    `groups_left_out` counts the groups that aren't listed. `bugs` are the first thousand, the latest fix first,
    `slowest` the ten slowest. `long_haul` is none where the policy in force sees none.
    """

    made_at: datetime
    question: Question
    n: int = 0
    days_to_fix: Spread = field(default_factory=Spread)
    days_to_first_close: Spread = field(default_factory=Spread)
    days_to_release: Spread = field(default_factory=Spread)
    release_median: Quantile = NOT_REACHED
    unreleased: int = 0
    reopened_share: float | None = None
    groups: tuple[Group, ...] = ()
    groups_left_out: Mapping[By, int] = field(default_factory=dict)
    period: Period | None = None
    trust: Trust = Trust.NEITHER
    differences: tuple[Difference, ...] = ()
    replies: Replies = field(default_factory=Replies)
    follow_ups: FollowUps = FollowUps.UNKNOWN
    fix_times: tuple[Bucket, ...] = ()
    open_ages: tuple[Bucket, ...] = ()
    open_days: Spread = field(default_factory=Spread)
    news_cells: tuple[NewsCell, ...] = ()
    slowest: tuple[ResolvedBug, ...] = ()
    bugs: tuple[ResolvedBug, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    advice: tuple[Advice, ...] = ()
    long_haul: LongHaul | None = None
    origin: str = ""
