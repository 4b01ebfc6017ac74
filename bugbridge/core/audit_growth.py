"""Whether more bugs are reported than before, or fewer, and whether that is more than chance."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

from bugbridge.core.normal import NORMAL_95_ONE_SIDED
from bugbridge.core.survival import LEAST_FOR_FIGURES

# Growth is looked for in the last year: what came before hardly moves the share of young bugs among those fixed now.
GROWTH_DAYS = 365.0
# Half as many reports again within half a year make the last median 28 % too short; fewer, by what chance does.
GROWING = 1.5


@dataclass(frozen=True, slots=True)
class Halves:
    """How many bugs were reported in the later half of the last year, or of as much of it as can be seen, and in the
    earlier half. Together they tell as much as `telling` reports that were counted one by one."""

    later: float = 0.0
    earlier: float = 0.0
    telling: float = 0.0

    @property
    def grow(self) -> bool:
        """Whether reports grow, beyond chance, and from a number that is one."""
        return (
            self.later >= GROWING * self.earlier
            and self._told(self.earlier) >= LEAST_FOR_FIGURES
            and self._are_too_few(self.earlier)
        )

    @property
    def shrink(self) -> bool:
        """Whether reports become fewer, beyond chance."""
        return self.earlier >= GROWING * self.later and self._are_too_few(self.later)

    def _told(self, half: float) -> float:
        reports = self.later + self.earlier
        return self.telling * half / reports if reports else 0.0

    def _are_too_few(self, half: float) -> bool:
        """Whether a half has fewer than chance leaves it in 19 of 20 cases.

        The binomial test with p = 1/2, by the normal distribution with the correction for continuity (Fisher 1925,
        "Statistical Methods for Research Workers"), which is off by half a per cent at most from ten reports on.
        """
        least = (self.telling - NORMAL_95_ONE_SIDED * sqrt(self.telling) - 1) / 2
        return self._told(half) <= least


def halves_of(reports: Iterable[tuple[float, float]], seen_days: float, fixes: int) -> Halves:
    """Count reports, each given by how many days ago it was and how many it stands for, as far back as can be seen.

    Where some stand for others they tell no more than the fixes that this was learnt from.
    """
    year = min(GROWTH_DAYS, seen_days)
    later = earlier = 0.0
    seen = 0
    for days_ago, weight in reports:
        if days_ago > year:
            continue
        seen += 1
        if days_ago <= year / 2:
            later += weight
        else:
            earlier += weight
    counted = later + earlier
    return Halves(later, earlier, counted if counted == seen else min(counted, fixes))
