"""Which median to trust, that of the bugs fixed last or that of the period, and why the two differ.

Fix times spread widely: the examples below are of a lognormal whose logarithm has a
standard deviation of 1.8, which is usual in issue trackers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from bugbridge.core.audit_model import Difference, Period, Trust
from bugbridge.core.audit_period import Reading, Share
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Caution

# Medians that differ by less than this share of the period's are the same for anything that one could decide by them.
SAME = 0.05
# The median of 100 bugs is off by a quarter or so by mere chance (its standard error is 1.25 · 1.8 / √100 = 22 %).
CLOSE = 0.25
# Where limits are more than so many times apart, a factor of two on either side of the median, it can't be told from
# another one that is near, and no reason is needed. It takes some 50 bugs to do better.
WIDE = 4
# Limits of few bugs that are more than so many times apart, a week and over two months, say nothing that one could
# decide by. Those of 20 bugs, which are few no more, are nine times apart.
VAGUE = 10
# Where history is so short that fixes of one bug in thirty are missing, the median of the others is 7 % too short; at
# one in twelve it is 17 %. Chance hides half of them.
MANY_LATER = 0.03
# It is no reason where they are a smaller part than this of all bugs that aren't fixed: the others are.
LEAST_PART = 0.25
# One bug in ten that is never fixed, or declined, makes the median longer by 29 %; fewer, by less than chance does.
MANY_STAYING = 0.1
MANY_DECLINED = 0.1
# So many late fixes tell that there are more to come, and so many bugs that stay or are declined that many do.
LEAST_LATE = 3
LEAST_TELLING = 5
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

    A last median that is near although something makes it wrong is so by luck: the period is to be trusted then, unless
    there are too few bugs to tell.
    """
    period = reading.period
    if period is None or latest.median is None or FORBIDDING.intersection(period.cautions):
        return Verdict(Trust.NEITHER)
    if period.median.days is not None and _is_vague(period):
        return Verdict(Trust.NEITHER)
    reasons = tuple(_reasons(latest, reading, period, fullest))
    if period.median.days is None:
        return Verdict(Trust.NEITHER, reasons)
    apart = abs(latest.median - period.median.days) / period.median.days
    is_near = apart <= CLOSE and _within(latest, period) and (not reasons or _is_wide(latest))
    if apart <= SAME or is_near:
        return Verdict(Trust.BOTH)
    return Verdict(Trust.PERIOD, reasons or tuple(_chance(latest, reading, period)))


def _is_vague(period: Period) -> bool:
    return Caution.FEW_FIXES in period.cautions and _apart(period.median.lower, period.median.upper) > VAGUE


def _is_wide(latest: Spread) -> bool:
    return _apart(latest.median_lower, latest.median_upper) > WIDE


def _apart(lower: float | None, upper: float | None) -> float:
    """Give how many times the lower limit the upper one is: without end where one isn't reached, or is nothing."""
    return upper / lower if lower and upper is not None else inf


def _within(latest: Spread, period: Period) -> bool:
    """Whether each of the medians lies within the limits of the other."""
    return _holds(period.median.lower, latest.median, period.median.upper) and _holds(
        latest.median_lower, period.median.days, latest.median_upper
    )


def _holds(lower: float | None, days: float | None, upper: float | None) -> bool:
    return days is not None and (lower is None or lower <= days) and (upper is None or days <= upper)


def _chance(latest: Spread, reading: Reading, period: Period) -> Iterator[Difference]:
    """Give chance where it may be the reason: fewer reports than before would make the last median longer as well."""
    if _overlap(latest, period) and not (reading.reports.shrink and _is_longer(latest, period)):
        yield Difference.CHANCE


def _overlap(latest: Spread, period: Period) -> bool:
    lower, upper = period.median.lower, period.median.upper
    begins_in_time = latest.median_lower is None or upper is None or latest.median_lower <= upper
    ends_in_time = latest.median_upper is None or lower is None or lower <= latest.median_upper
    return begins_in_time and ends_in_time


def _is_longer(latest: Spread, period: Period) -> bool:
    return latest.median is not None and period.median.days is not None and latest.median >= period.median.days


def _reasons(latest: Spread, reading: Reading, period: Period, fullest: FullestDay) -> Iterator[Difference]:
    """Give what makes the last median shorter than that of the period, or longer, as it is."""
    if _is_longer(latest, period):
        if fullest.is_bulk(period.median.days or 0.0):
            yield Difference.BULK_CLOSED
        return
    # Where reports grow, few bugs are old: the same as a short history, and said once.
    if reading.reports.grow:
        yield Difference.GROWTH
    elif _is_young(reading, period):
        yield Difference.YOUNG_HISTORY
    if _is_many(reading.staying, MANY_STAYING):
        yield Difference.NEVER_FIXED
    if _is_many(Share(period.declined_share, period.declined), MANY_DECLINED):
        yield Difference.DECLINED


def _is_young(reading: Reading, period: Period) -> bool:
    """Whether history is so short that slow fixes are missing, and they are a good part of what isn't fixed."""
    later = reading.later
    unfixed = later.of_all + reading.staying.of_all + period.declined_share
    return later.of_all >= max(MANY_LATER, LEAST_PART * unfixed) and later.bugs >= LEAST_LATE


def _is_many(share: Share, many: float) -> bool:
    return share.of_all >= many and share.bugs >= LEAST_TELLING
