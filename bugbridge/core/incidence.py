"""The share of bugs that wait for their fix at each age, from columns of ages: a million bugs need no record each.

Ages are elapsed days of 86,400 seconds since a bug's first report. `core/survival.py` has the same formulas for lists.
"""

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import groupby
from typing import NamedTuple

from bugbridge.core.survival import TOLERANCE, Quantile, log_log_limits

Column = array  # of floats


def column(values: Iterable[float] = ()) -> "Column[float]":
    """Make a column of numbers of eight bytes each."""
    return array("d", values)


@dataclass(frozen=True, slots=True)
class Watched:
    """Bugs under watch, as ages: when those came that weren't watched from their report, and when each one left.

    Bugs left as `fixed` or `declined`, or were still waiting when the watch ended, whose ages stand in `censored`.
    """

    entries: "Column[float]" = field(default_factory=column)
    fixed: "Column[float]" = field(default_factory=column)
    declined: "Column[float]" = field(default_factory=column)
    censored: "Column[float]" = field(default_factory=column)

    def __len__(self) -> int:
        """Count the bugs."""
        return len(self.fixed) + len(self.declined) + len(self.censored)


class RiskSet(NamedTuple):
    """An age at which bugs ended: how many were at risk then, and how many of them were fixed and declined."""

    days: float
    at_risk: int
    fixed: int
    declined: int


class Fall(NamedTuple):
    """From this age on, the share still open and the share that wait for a fix: open, or declined.

    The 95 % limits are those of `waiting`, none where the formula has no value.
    """

    days: float
    at_risk: int
    open: float
    waiting: float
    lower: float | None
    upper: float | None


def risk_sets(watched: Watched) -> Iterator[RiskSet]:
    """Give each age at which bugs ended, in order; at risk are those with entry < age <= exit."""
    entries, fixed, declined, censored = (
        column(sorted(ages)) for ages in (watched.entries, watched.fixed, watched.declined, watched.censored)
    )
    from_report = len(watched) - len(entries)
    for days, _ in groupby(merge(fixed, declined)):
        before = bisect_left(fixed, days), bisect_left(declined, days)
        here = from_report + bisect_left(entries, days)
        yield RiskSet(
            days=days,
            at_risk=here - sum(before) - bisect_left(censored, days),
            fixed=bisect_right(fixed, days) - before[0],
            declined=bisect_right(declined, days) - before[1],
        )


def falls(sets: Iterable[RiskSet]) -> Iterator[Fall]:
    """Estimate the share that waits for a fix from each age on, one minus the cumulative incidence of fixes.

    F(t) = Σ S(t-) d / n, d counting fixes and S all ends (Aalen and Johansen 1978, "An empirical transition matrix for
    non-homogeneous Markov chains based on censored observations").
    """
    open_share, fixed_share, variance = 1.0, 0.0, _Variance()
    for days, at_risk, fixed, declined in sets:
        step = open_share * fixed / at_risk
        fixed_share += step
        variance.add(fixed_share, open_share, RiskSet(days, at_risk, fixed, declined))
        open_share *= (at_risk - fixed - declined) / at_risk
        waiting = 1 - fixed_share if fixed_share < 1 - TOLERANCE else 0.0
        yield Fall(days, at_risk, open_share, waiting, *_limits(waiting, variance.at(fixed_share)))


class _Variance:
    """The variance of the share F fixed by an age t, by the delta method, in sums that grow with each age t_i.

    Σ (F - F_i)² d/(n(n-d)) + Σ S_i² d₁(n-d₁)/n³ - 2 Σ (F - F_i) S_i d₁/n², where d₁ counts fixes, d all ends and S_i
    what is open just before t_i (Marubini and Valsecchi 1995, "Analysing Survival Data from Clinical Trials and
    Observational Studies", 10.2; Collett 2015, "Modelling Survival Data in Medical Research"). Where fixes are the only
    ends it is that of Greenwood.
    """

    def __init__(self) -> None:
        self._squares = [0.0, 0.0, 0.0]
        self._own = 0.0
        self._cross = [0.0, 0.0]

    def add(self, share: float, open_before: float, ended: RiskSet) -> None:
        """Add an age, with the share fixed up to and including it."""
        n, left = ended.at_risk, ended.at_risk - ended.fixed - ended.declined
        # Where nobody is left the share stays as it is for good, and the term is nothing.
        hazard = (n - left) / (n * left) if left else 0.0
        cross = open_before * ended.fixed / n**2
        for power in range(3):
            self._squares[power] += hazard * share**power
        for power in range(2):
            self._cross[power] += cross * share**power
        self._own += open_before**2 * ended.fixed * (n - ended.fixed) / n**3

    def at(self, share: float) -> float:
        """Give the variance where the share fixed stands now."""
        level, slope, curvature = self._squares[2], self._squares[1], self._squares[0]
        squares = share**2 * curvature - 2 * share * slope + level
        return max(0.0, squares + self._own - 2 * (share * self._cross[0] - self._cross[1]))


def _limits(waiting: float, variance: float) -> tuple[float | None, float | None]:
    """Give W^exp(±z √V / (W ln W)): the log-log limits, which take the variance as a share of W²."""
    if not TOLERANCE < waiting < 1:
        return None, None
    return log_log_limits(waiting, variance / waiting**2)


class MedianReader:
    """Reads the median with its limits off a curve as it falls: the smallest age with at most half still waiting."""

    def __init__(self) -> None:
        self._days: float | None = None
        self._lower: float | None = None
        self._upper: float | None = None

    def read(self, fall: Fall) -> None:
        """Take the next fall of the curve; the limits are where those of the curve come down to a half."""
        if self._days is None and _half(fall.waiting):
            self._days = fall.days
        if self._lower is None and _half(fall.lower):
            self._lower = fall.days
        if self._upper is None and _half(fall.upper):
            self._upper = fall.days

    @property
    def quantile(self) -> Quantile:
        """What was read so far."""
        return Quantile(self._days, self._lower, self._upper)


def _half(share: float | None) -> bool:
    return share is not None and share <= 0.5 + TOLERANCE


def median_wait(watched: Watched) -> Quantile:
    """Give the age by which half of the bugs are fixed while others are declined, with its 95 % limits."""
    reader = MedianReader()
    for fall in falls(risk_sets(watched)):
        reader.read(fall)
    return reader.quantile
