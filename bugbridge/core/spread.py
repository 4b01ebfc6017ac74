"""How a set of durations is spread: the figures that an audit gives of report-to-fix times and the like."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor, sqrt
from statistics import fmean, median

from bugbridge.core.normal import NORMAL_95
from bugbridge.core.survival import LEAST_FOR_FIGURES

# From so many values on, the ranks of the median's limits come from the normal distribution: they are those of the
# binomial or one off, which is nothing among so many, and the sums of the exact ones grow long.
LEAST_FOR_NORMAL_RANKS = 1_000
ONE_TAIL = 0.025


@dataclass(frozen=True, slots=True)
class Spread:
    """Figures of `n` durations in days; all but `n` are none below the least number that carries statistics.

    The median's 95 % limits are durations among them, and none for five, of which even the extremes hold it less often.
    """

    n: int = 0
    median: float | None = None
    median_lower: float | None = None
    median_upper: float | None = None
    mean: float | None = None
    p25: float | None = None
    p75: float | None = None
    p90: float | None = None
    worst: float | None = None


def spread_of(durations: Iterable[float]) -> Spread:
    """Give the figures of durations in days, in whatever order they come."""
    ordered = sorted(durations)
    if len(ordered) < LEAST_FOR_FIGURES:
        return Spread(len(ordered))
    outside = ranks_outside(len(ordered))
    return Spread(
        n=len(ordered),
        median=median(ordered),
        median_lower=ordered[outside - 1] if outside else None,
        median_upper=ordered[-outside] if outside else None,
        mean=fmean(ordered),
        p25=percentile(ordered, 0.25),
        p75=percentile(ordered, 0.75),
        p90=percentile(ordered, 0.9),
        worst=ordered[-1],
    )


def ranks_outside(count: int) -> int:
    """Give the rank, from either end, of the values that hold the median between them with at least 95 %; 0 for none.

    The greatest r with P(B < r) <= 2.5 % for B binomial(n, 1/2), whatever the values' distribution (Thompson 1936, "On
    confidence ranges for the median and other expectation distributions for populations of unknown distribution
    form"; David and Nagaraja 2003, "Order Statistics", 7.1).
    """
    if count >= LEAST_FOR_NORMAL_RANKS:
        return floor((count + 1 - NORMAL_95 * sqrt(count)) / 2)
    rank, ways, below = 0, 1, 1
    while below <= ONE_TAIL * 2**count:
        ways = ways * (count - rank) // (rank + 1)
        rank += 1
        below += ways
    return rank


def percentile(ordered: Sequence[float], share: float) -> float:
    """Give a percentile of ascending values, linear between neighbours (Hyndman and Fan 1996, type 7)."""
    position = share * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
