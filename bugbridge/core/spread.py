"""How a set of durations is spread: the figures that an audit gives of report-to-fix times and the like."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import floor
from statistics import fmean, median

from bugbridge.core.survival import LEAST_FOR_FIGURES


@dataclass(frozen=True, slots=True)
class Spread:
    """Figures of `n` durations in days; all but `n` are none below the least number that carries statistics."""

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
    return Spread(
        n=len(ordered),
        median=median(ordered),
        mean=fmean(ordered),
        p25=percentile(ordered, 0.25),
        p75=percentile(ordered, 0.75),
        p90=percentile(ordered, 0.9),
        worst=ordered[-1],
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Give a percentile of ascending values, linear between neighbours (Hyndman and Fan 1996, type 7)."""
    position = share * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])
