"""Which median to trust, that of the bugs fixed last or that of the period, and why the two differ.

Fix times spread widely: the examples below are of a lognormal whose logarithm has a
standard deviation of 1.8, which is usual in issue trackers.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from bugbridge.core.audit_model import Difference, Period, Trust
from bugbridge.core.audit_period import Reading
from bugbridge.core.spread import Spread
from bugbridge.core.survival import LEAST_FOR_FIGURES, Caution

# Medians that differ by less than this share of the period's are the same for anything that one could decide by them.
SAME = 0.05
# The median of 100 bugs is off by a quarter or so by mere chance (its standard error is 1.25 · 1.8 / √100 = 22 %).
CLOSE = 0.25
# Where history is shorter than so many medians, slow fixes are missing that still lie ahead: at 20 medians these are
# 5 % of all, and the median of the others is 10 % too short.
YOUNG_MEDIANS = 20
# Half as many reports again within half a year; steady reports come to that by chance in one audit of 100 bugs out of
# twenty.
GROWING = 1.5
# The curve has levelled off where so large a share of the bugs open at a quarter of the longest watch stay open to its
# end; where all are fixed in time it is a third at most.
STAYING = 0.6
# One bug in ten that is never fixed, or declined, makes the median longer by 29 %; fewer, by less than chance does.
MANY_STAYING = 0.1
MANY_DECLINED = 0.1
# Bugs closed in bulk: this share of all in one day, so many times as old as the others.
BULK_SHARE = 0.2
BULK_TIMES_OLDER = 3
# A period with these can't be trusted.
FORBIDDING = {Caution.LIST_ONLY, Caution.FEW_AT_RISK}


@dataclass(frozen=True, slots=True)
class FullestDay:
    """The day with the most fixes: its share of those measured, and the median days of these bugs and of the others."""

    share: float = 0.0
    median: float | None = None
    median_of_others: float | None = None

    def is_bulk(self, usual: float) -> bool:
        """Whether many bugs were closed on it that were much older than the others (if few, than is usual)."""
        others = usual if self.median_of_others is None else self.median_of_others
        return self.median is not None and self.share >= BULK_SHARE and self.median >= BULK_TIMES_OLDER * others


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which median speaks for the bugs reported now, and why they differ; no reason where none was found."""

    trust: Trust
    differences: tuple[Difference, ...] = ()


def judged(latest: Spread, reading: Reading, fullest: FullestDay) -> Verdict:
    """Compare the median of the bugs fixed last with that of the period.

    A last median that is near although something makes it wrong is so by luck: the period is to be trusted then.
    """
    period = reading.period
    if period is None or latest.median is None or latest.n < LEAST_FOR_FIGURES:
        return Verdict(Trust.NEITHER)
    reasons = tuple(_reasons(latest.median, reading, period, fullest))
    if period.median.days is None or FORBIDDING.intersection(period.cautions):
        return Verdict(Trust.NEITHER, reasons)
    apart = abs(latest.median - period.median.days) / period.median.days
    if apart <= SAME or (not reasons and apart <= CLOSE and _holds(period, latest.median)):
        return Verdict(Trust.BOTH)
    return Verdict(Trust.PERIOD, reasons or ((Difference.CHANCE,) if _overlap(latest, period) else ()))


def _holds(period: Period, days: float) -> bool:
    lower, upper = period.median.lower, period.median.upper
    return (lower is None or lower <= days) and (upper is None or days <= upper)


def _overlap(latest: Spread, period: Period) -> bool:
    lower, upper = period.median.lower, period.median.upper
    begins_in_time = latest.median_lower is None or upper is None or latest.median_lower <= upper
    ends_in_time = latest.median_upper is None or lower is None or lower <= latest.median_upper
    return begins_in_time and ends_in_time


def _reasons(median: float, reading: Reading, period: Period, fullest: FullestDay) -> Iterator[Difference]:
    """Give what makes the last median shorter than that of the period, or longer, as it is."""
    if period.median.days is not None and median >= period.median.days:
        if fullest.is_bulk(period.median.days):
            yield Difference.BULK_CLOSED
        return
    if reading.history_days < YOUNG_MEDIANS * (period.median.days or median):
        yield Difference.YOUNG_HISTORY
    if reading.growth is not None and reading.growth >= GROWING:
        yield Difference.GROWTH
    if reading.staying >= STAYING and reading.staying_of_all >= MANY_STAYING:
        yield Difference.NEVER_FIXED
    if period.declined_share >= MANY_DECLINED:
        yield Difference.DECLINED
