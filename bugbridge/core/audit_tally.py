"""What is kept of the bugs of an audit while they stream by: some numbers a bug, never the bugs themselves."""

from array import array
from datetime import UTC, date, datetime
from heapq import heappush, heappushpop

from bugbridge.core.audit_groups import GroupTally
from bugbridge.core.audit_model import Exclusion, LeftOut, Question, ResolvedBug
from bugbridge.core.audit_replies import RepliesTally
from bugbridge.core.audit_trust import FullestDay
from bugbridge.core.first_few import FirstFew
from bugbridge.core.incidence import Watched, column
from bugbridge.core.instants import elapsed_days
from bugbridge.core.spread import spread_of

# Bugs that a report lists one by one, and the slowest bugs that it names.
MOST_LISTED = 1_000
MOST_SLOW = 10
# Closed as fixed this often, a bug was reopened.
REOPENED = 2


class BugTally:
    """Takes bugs one by one, the latest fix first, as of `made_at`."""

    def __init__(self, question: Question, made_at: datetime) -> None:
        self._question = question
        self._made_at = made_at
        self._given = 0
        self._early = FirstFew()
        self._earliest_fix: datetime | None = None
        self._closes_known = 0
        self._reopened = 0
        self._slow: list[tuple[float, int, ResolvedBug]] = []
        self._days = _Days()
        self.listed: list[ResolvedBug] = []
        self.first_closes: array[float] = column()
        self.releases: array[float] = column()
        self.waits_for_release = Watched()
        self.groups = GroupTally(question.by)
        self.replies = RepliesTally()

    def add(self, bug: ResolvedBug) -> None:
        """Measure a bug; one that was fixed before it was reported is only counted."""
        self._given += 1
        self._earliest_fix = bug.fixed_at if self._earliest_fix is None else min(self._earliest_fix, bug.fixed_at)
        if bug.days < 0:
            self._early.add(bug.reference)
            return
        self._days.add(bug)
        self._add_closes(bug)
        self._add_release(bug)
        self._add_slow(bug)
        self.groups.add(bug)
        self.replies.add(bug)
        if len(self.listed) < MOST_LISTED:
            self.listed.append(bug)

    def _add_closes(self, bug: ResolvedBug) -> None:
        if bug.closes is not None:
            self._closes_known += 1
            self._reopened += bug.closes >= REOPENED
        if bug.first_fixed_at is not None and bug.first_fixed_at >= bug.reported_at:
            self.first_closes.append(elapsed_days(bug.reported_at, bug.first_fixed_at))

    def _add_release(self, bug: ResolvedBug) -> None:
        """A release later than now isn't known yet, and one before the report can't hold a fix that came after it."""
        released_at = bug.released_at
        if released_at is not None and bug.reported_at <= released_at <= self._made_at:
            days = elapsed_days(bug.reported_at, released_at)
            self.releases.append(days)
            if days:
                self.waits_for_release.fixed.append(days)
        elif bug.reported_at < self._made_at:
            self.waits_for_release.censored.append(elapsed_days(bug.reported_at, self._made_at))

    def _add_slow(self, bug: ResolvedBug) -> None:
        entry = (bug.days, -self._given, bug)
        if len(self._slow) < MOST_SLOW:
            heappush(self._slow, entry)
        else:
            heappushpop(self._slow, entry)

    @property
    def days(self) -> "array[float]":
        """The days from report to fix of all bugs measured."""
        return self._days.days

    @property
    def opens_at(self) -> datetime | None:
        """When the period opens: with the N-th latest fix, or as asked; none where all history counts."""
        if self._question.last is not None and self._given >= self._question.last:
            return self._earliest_fix
        return self._question.since

    @property
    def reopened_share(self) -> float | None:
        """The share of bugs closed as fixed more than once, none where nobody knows."""
        return self._reopened / self._closes_known if self._closes_known else None

    @property
    def slowest(self) -> tuple[ResolvedBug, ...]:
        """The slowest bugs, the slowest first; of equal ones those that came first."""
        return tuple(bug for _days, _order, bug in sorted(self._slow, reverse=True))

    @property
    def fullest_day(self) -> FullestDay:
        """The day with the most fixes."""
        return self._days.fullest()

    def excluded(self) -> tuple[Exclusion, ...]:
        """What was counted and not measured."""
        if not self._early.count:
            return ()
        return (Exclusion(LeftOut.FIXED_BEFORE_REPORTED, self._early.count, self._early.first),)


class _Days:
    """Days from report to fix in the order of the fixes, so that those of one day stand together."""

    def __init__(self) -> None:
        self.days: array[float] = column()
        self._day: date | None = None
        self._begins = 0
        self._fullest = (0, 0)

    def add(self, bug: ResolvedBug) -> None:
        day = bug.fixed_at.astimezone(UTC).date()
        if day != self._day:
            self._day, self._begins = day, len(self.days)
        self.days.append(bug.days)
        begins, ends = self._fullest
        if len(self.days) - self._begins > ends - begins:
            self._fullest = (self._begins, len(self.days))

    def fullest(self) -> FullestDay:
        if not self.days:
            return FullestDay()
        begins, ends = self._fullest
        others = self.days[:begins] + self.days[ends:]
        return FullestDay(
            share=(ends - begins) / len(self.days),
            median=spread_of(self.days[begins:ends]).median,
            median_of_others=spread_of(others).median,
        )
