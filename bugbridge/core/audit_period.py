"""The period estimate: how long bugs wait for a fix, those that are still open counted for what is known of them.

Bugs are watched while the last N of them were fixed; one that was reported before enters at the age that it had then.
One pass over the bugs' lives, eight bytes or sixteen a bug.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from itertools import chain
from math import inf
from operator import neg

from bugbridge.core.audit_growth import Halves, halves_of
from bugbridge.core.audit_model import CurvePoint, Period
from bugbridge.core.incidence import Column, Fall, MedianReader, Watched, column, falls, risk_sets
from bugbridge.core.instants import elapsed_days
from bugbridge.core.survival import FIXED, LEAST_AT_RISK, TOLERANCE, BugLife, cautions_of

# A picture is some hundreds of points wide and high: smaller falls of the curve can't be seen.
FINEST_SEEN = 0.005
# Shares still waiting that are read off the curve.
READ_OFF = (0.75, 0.5, 0.25)
# Reports are looked for as far back as this share of the bugs is still open: one stands for twenty at most.
LEAST_OPEN = 0.05


@dataclass(frozen=True, slots=True)
class Share:
    """A share of all bugs, and how many of the bugs under watch tell of it."""

    of_all: float = 0.0
    bugs: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """The period, the ages of the bugs open now, and what tells why the bugs fixed last took another time.

    `reports` compares the halves of the last year. Of the bugs open at the age to which history reaches, `later` are
    to be fixed still: as many as were fixed since half that age, as fixes thin out with the logarithm of age. The
    others are `staying`, told by the open bugs that are older than half of it.
    """

    period: Period | None
    open_ages: "Column[float]"
    reports: Halves = field(default_factory=Halves)
    later: Share = field(default_factory=Share)
    staying: Share = field(default_factory=Share)


@dataclass(slots=True)
class _Watch:
    """What is kept of the lives: ages in days, and `reports` the days since those reports that came under watch."""

    opens_at: datetime | None
    until: datetime
    watched: Watched = field(default_factory=Watched)
    open_ages: "Column[float]" = field(default_factory=column)
    reports: "Column[float]" = field(default_factory=column)
    history_days: float = 0.0

    @property
    def window_days(self) -> float:
        """For how long bugs have been watched."""
        return self.history_days if self.opens_at is None else elapsed_days(self.opens_at, self.until)

    def add(self, life: BugLife) -> None:
        """Watch a bug, unless it has no time in the window; what ended or was reported later isn't known yet."""
        ended_at = life.ended_at if life.ended_at is not None and life.ended_at <= self.until else None
        exit_at = ended_at or self.until
        entry_at = max(life.reported_at, self.opens_at) if self.opens_at is not None else life.reported_at
        if exit_at <= entry_at:
            return
        days_ago = elapsed_days(life.reported_at, self.until)
        self.history_days = max(self.history_days, days_ago)
        if entry_at > life.reported_at:
            self.watched.entries.append(elapsed_days(life.reported_at, entry_at))
        else:
            self.reports.append(days_ago)
        self._leaves(elapsed_days(life.reported_at, exit_at), life.cause if ended_at else None, is_open=not ended_at)

    def _leaves(self, age: float, cause: str | None, *, is_open: bool) -> None:
        if cause is None:
            self.watched.censored.append(age)
            if is_open:
                self.open_ages.append(age)
        else:
            (self.watched.fixed if cause == FIXED else self.watched.declined).append(age)


@dataclass(slots=True)
class _Curve:
    """What is read off the curve as it falls."""

    median: MedianReader = field(default_factory=MedianReader)
    points: list[CurvePoint] = field(default_factory=list)
    last: Fall | None = None
    thin_from: float | None = None
    half_ended: float | None = None
    days: "Column[float]" = field(default_factory=column)
    open: "Column[float]" = field(default_factory=column)
    waiting: "Column[float]" = field(default_factory=column)

    def read(self, fall: Fall) -> None:
        """Take the next fall."""
        if self.thin_from is None and fall.at_risk < LEAST_AT_RISK:
            self.thin_from = fall.days
        if self.half_ended is None and fall.open <= 0.5 + TOLERANCE:
            self.half_ended = fall.days
        self.median.read(fall)
        self.days.append(fall.days)
        self.open.append(fall.open)
        self.waiting.append(fall.waiting)
        self.last = fall
        if _is_seen(self.points[-1].waiting if self.points else 1.0, fall.waiting):
            self.points.append(_point(fall.days, fall))

    @property
    def is_thin(self) -> bool:
        """Whether a fall up to the median, or where there is none until half had ended, rests on too few bugs."""
        half = self.median.quantile.days or self.half_ended
        return self.thin_from is not None and (half is None or self.thin_from <= half)

    def open_at(self, age: float) -> float:
        """The share still open at an age."""
        return self._at(age, self.open)

    def fixed_between(self, younger: float, older: float) -> float:
        """The share of all bugs that was fixed between two ages."""
        return self._at(younger, self.waiting) - self._at(older, self.waiting)

    def _at(self, age: float, shares: "Column[float]") -> float:
        position = bisect_right(self.days, age)
        return shares[position - 1] if position else 1.0

    @property
    def seen_days(self) -> float:
        """Up to which age enough bugs are still open that they tell of those that aren't."""
        position = bisect_right(self.open, -LEAST_OPEN, key=neg)
        return self.days[position] if position < len(self.days) else inf

    def up_to(self, oldest: float) -> tuple[CurvePoint, ...]:
        """Give the points to draw, up to the age that the oldest bug was watched to."""
        if self.last is None:
            return ()
        level = _point(max(self.last.days, oldest), self.last)
        return (*self.points, level) if self.points[-1:] != [level] else tuple(self.points)


def _is_seen(before: float, now: float) -> bool:
    """Whether a fall can be seen, or passes a quarter, which is read off the curve."""
    return now <= before - FINEST_SEEN or any(now <= part + TOLERANCE < before for part in READ_OFF)


def _point(days: float, fall: Fall) -> CurvePoint:
    return CurvePoint(days, fall.waiting, fall.lower, fall.upper)


def read_period(lives: Iterable[BugLife], opens_at: datetime | None, until: datetime) -> Reading:
    """Watch the lives of bugs from `opens_at` (none: from each report) up to `until`.

    Row: entry = max(0, opens_at - report), exit = min(end, until) - report, left out if exit <= entry.
    """
    watch = _Watch(opens_at, until)
    for life in lives:
        watch.add(life)
    if not len(watch.watched):
        return Reading(None, watch.open_ages)
    curve = _Curve()
    for fall in falls(risk_sets(watch.watched)):
        curve.read(fall)
    return _reading(watch, curve)


def _reading(watch: _Watch, curve: _Curve) -> Reading:
    reach = _reach(watch)
    open_then = curve.open_at(reach)
    later = min(open_then, curve.fixed_between(reach / 2, reach))
    return Reading(
        period=_period(watch, curve),
        open_ages=watch.open_ages,
        reports=_halves(watch, curve),
        later=Share(later, sum(age > reach / 2 for age in watch.watched.fixed)),
        staying=Share(open_then - later, sum(age > reach / 2 for age in watch.open_ages)),
    )


def _reach(watch: _Watch) -> float:
    """Give how many days ago history began: with the fifth bug, as one old bug is no history."""
    late = (watch.window_days + age for age in watch.watched.entries)
    return nlargest(LEAST_AT_RISK, chain(watch.reports, late))[-1]


def _period(watch: _Watch, curve: _Curve) -> Period:
    watched = watch.watched
    return Period(
        opens_at=watch.opens_at,
        bugs=len(watched),
        fixed=len(watched.fixed),
        declined=len(watched.declined),
        open=len(watch.open_ages),
        median=curve.median.quantile,
        declined_share=max(0.0, curve.last.waiting - curve.last.open) if curve.last and watched.declined else 0.0,
        curve=curve.up_to(max(_exits(watched))),
        cautions=cautions_of(len(watched.fixed), thin=curve.is_thin),
    )


def _exits(watched: Watched) -> Iterable[float]:
    return chain(watched.fixed, watched.declined, watched.censored)


def _halves(watch: _Watch, curve: _Curve) -> Halves:
    """Compare the reports of the last year by halves, all of them where all are under watch."""
    seen_days = min(watch.history_days, watch.window_days + curve.seen_days)
    return halves_of(_reports(watch, curve), seen_days, len(watch.watched.fixed))


def _reports(watch: _Watch, curve: _Curve) -> Iterator[tuple[float, float]]:
    """Give how many days ago bugs were reported, and how many reports each one stands for.

    A share S(age) of bugs is still open at the age at which one came under watch, so that it stands for 1 / S(age)
    reports (Wang 1991, "Nonparametric estimation from cross-sectional survival data").
    """
    yield from ((days_ago, 1.0) for days_ago in watch.reports)
    seen_days = curve.seen_days
    late = (age for age in watch.watched.entries if age < seen_days)
    yield from ((watch.window_days + age, 1 / curve.open_at(age)) for age in late)
