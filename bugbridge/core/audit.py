"""How long bugs took from report to fix, and how many updates went out, over the last resolved ones."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import floor
from statistics import fmean, median

from bugbridge.core.instants import elapsed_days
from bugbridge.core.model import Frequency
from bugbridge.core.survival import LEAST_FOR_CONFIDENCE, LEAST_FOR_FIGURES


@dataclass(frozen=True, slots=True)
class ResolvedBug:
    """One canonical bug with a fix that holds; `reported_at` is when its earliest linked ticket was created.

    `updates_sent` are replies in which its customers heard something of it, `reminders_posted` our notes to agents.
    """

    reference: str
    frequency: Frequency
    reported_at: datetime
    fixed_at: datetime
    released_at: datetime | None
    links: int
    updates_sent: int
    reminders_posted: int = 0

    @property
    def days(self) -> float:
        """Elapsed days of 86,400 seconds from report to fix."""
        return elapsed_days(self.reported_at, self.fixed_at)


@dataclass(frozen=True, slots=True)
class Figures:
    """Elapsed days from report to fix; none below the least number of bugs that carries statistics."""

    n: int
    updates_sent: int
    reminders_posted: int = 0
    median_days: float | None = None
    mean_days: float | None = None
    p90_days: float | None = None
    worst_days: float | None = None


@dataclass(frozen=True, slots=True)
class Audit:
    """The report over the last resolved bugs; `excluded` counts by reason what was resolved but not measured."""

    all: Figures
    by_frequency: dict[str, Figures]
    bugs: tuple[ResolvedBug, ...]
    excluded: dict[str, int] = field(default_factory=dict)
    warning: str = ""


def measure(bugs: Sequence[ResolvedBug], excluded: dict[str, int]) -> Audit:
    """Measure bugs, the latest fix first. One that was fixed before it was reported is counted, not measured."""
    measured = [bug for bug in bugs if bug.days >= 0]
    early = len(bugs) - len(measured)
    groups = {frequency.value: [bug for bug in measured if bug.frequency is frequency] for frequency in Frequency}
    return Audit(
        all=_figures(measured),
        by_frequency={name: _figures(group) for name, group in groups.items() if group},
        bugs=tuple(measured),
        excluded={**excluded, **({"fixed before the first report": early} if early else {})},
        warning=_warning(len(measured)),
    )


def _figures(bugs: Sequence[ResolvedBug]) -> Figures:
    counted = Figures(len(bugs), sum(bug.updates_sent for bug in bugs), sum(bug.reminders_posted for bug in bugs))
    if len(bugs) < LEAST_FOR_FIGURES:
        return counted
    days = sorted(bug.days for bug in bugs)
    return replace(
        counted,
        median_days=median(days),
        mean_days=fmean(days),
        p90_days=percentile(days, 0.9),
        worst_days=days[-1],
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """Give a percentile of ascending values, linear between neighbours (Hyndman and Fan 1996, type 7)."""
    position = share * (len(ordered) - 1)
    below = floor(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (position - below) * (ordered[above] - ordered[below])


def _warning(n: int) -> str:
    if n < LEAST_FOR_FIGURES:
        return f"Too few resolved bugs for statistics: {n}; here they are one by one."
    if n < LEAST_FOR_CONFIDENCE:
        return f"{n} resolved bugs are few: one more could move these figures a lot."
    return ""
