"""Which median is to be trusted, and why the two differ."""

from dataclasses import replace

import pytest

from bugbridge.core.audit_model import Difference, Period, Trust
from bugbridge.core.audit_period import Reading
from bugbridge.core.audit_trust import FullestDay, Verdict, judged
from bugbridge.core.incidence import column
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Caution, Quantile

USUAL_DAY = FullestDay(0.05, 30, 30)
PERIOD = Period(None, 500, 300, 0, 200, Quantile(30, 20, 45))
READING = Reading(PERIOD, column(), history_days=1500, growth=1, staying=0.3, staying_of_all=0.05)


def latest(median: float | None, n: int = 100) -> Spread:
    """The bugs fixed last with their median, and limits a quarter off it."""
    return Spread(n) if median is None else Spread(n, median, median * 0.75, median * 1.25)


def verdict(median: float | None, reading: Reading = READING, fullest: FullestDay = USUAL_DAY) -> Verdict:
    """What is said of a median beside that of a period."""
    return judged(latest(median), reading, fullest)


def period(**changes: object) -> Reading:
    """The usual reading with another period."""
    return replace(READING, period=replace(PERIOD, **changes))


@pytest.mark.parametrize("median", [23, 30, 37])
def test_medians_that_are_near_are_both_trusted(median: float) -> None:
    """Within a quarter and within the limits, as far as chance takes the median of a hundred bugs."""
    assert verdict(median) == Verdict(Trust.BOTH)


@pytest.mark.parametrize("median", [20, 40])
def test_medians_that_are_far_apart_for_no_known_reason_differ_by_chance(median: float) -> None:
    """Their limits overlap; the period is the better guess, since it leaves no bug out."""
    assert verdict(median) == Verdict(Trust.PERIOD, (Difference.CHANCE,))


def test_a_median_outside_narrow_limits_is_not_near() -> None:
    """Ten per cent off, and the period knows it to five."""
    assert verdict(33, period(median=Quantile(30, 28.5, 31.5))).trust is Trust.PERIOD


@pytest.mark.parametrize("median", [10, 90])
def test_a_difference_beyond_chance_is_not_called_chance(median: float) -> None:
    """Where no reason was found, none is made up."""
    assert verdict(median) == Verdict(Trust.PERIOD)


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        (replace(READING, history_days=20 * 30 - 1), Difference.YOUNG_HISTORY),
        (replace(READING, growth=1.5), Difference.GROWTH),
        (replace(READING, staying=0.6, staying_of_all=0.1), Difference.NEVER_FIXED),
        (period(declined_share=0.1), Difference.DECLINED),
    ],
)
def test_what_makes_the_last_median_too_short_is_named(reading: Reading, reason: Difference) -> None:
    """And the period is trusted, also where the medians are near: that is luck. A longer median has other reasons."""
    assert verdict(20, reading) == verdict(27, reading) == Verdict(Trust.PERIOD, (reason,))
    assert verdict(31, reading) == verdict(34, reading) == Verdict(Trust.BOTH)


def test_reasons_are_named_together() -> None:
    """A young and growing tracker whose bugs are often declined."""
    reading = replace(period(declined_share=0.3), history_days=100, growth=3)
    assert verdict(12, reading).differences == (Difference.YOUNG_HISTORY, Difference.GROWTH, Difference.DECLINED)


def test_equal_medians_need_no_reason() -> None:
    """Within five per cent nobody would decide otherwise, young history or not."""
    assert verdict(29, replace(READING, history_days=100)) == Verdict(Trust.BOTH)


@pytest.mark.parametrize(
    ("fullest", "expected"),
    [
        (FullestDay(0.2, 300, 100), (Difference.BULK_CLOSED,)),
        (FullestDay(0.19, 300, 100), ()),
        (FullestDay(0.9, 299, 100), ()),
        (FullestDay(1, 300, None), (Difference.BULK_CLOSED,)),
        (FullestDay(0.2, None, 100), ()),
    ],
)
def test_bugs_closed_in_bulk_are_named(fullest: FullestDay, expected: tuple[Difference, ...]) -> None:
    """A fifth in one day, three times as old as the others, or as is usual where hardly any are left."""
    assert verdict(300, fullest=fullest) == Verdict(Trust.PERIOD, expected)


def test_bulk_closing_makes_no_median_shorter() -> None:
    """A reason that points the other way is none."""
    assert verdict(10, fullest=FullestDay(0.5, 300, 10)).differences == ()


@pytest.mark.parametrize("caution", [Caution.LIST_ONLY, Caution.FEW_AT_RISK])
def test_a_period_that_rests_on_too_few_bugs_is_not_trusted(caution: Caution) -> None:
    """Nor is a last median that it agrees with."""
    assert verdict(30, period(cautions=(caution,))) == Verdict(Trust.NEITHER)


def test_a_period_with_few_fixes_is_trusted_within_its_limits() -> None:
    """Five to nineteen come with a warning and wide limits, which say it all."""
    assert verdict(15, period(cautions=(Caution.FEW_FIXES,))).trust is Trust.PERIOD


def test_where_half_are_not_fixed_yet_no_median_speaks_for_all() -> None:
    """The last median is that of the lucky half; the reason is named."""
    reading = replace(period(median=Quantile(None, 300, None)), staying=0.9, staying_of_all=0.7)
    assert verdict(30, reading) == Verdict(Trust.NEITHER, (Difference.NEVER_FIXED,))


def test_few_fixes_or_no_period_say_nothing() -> None:
    """Under five fixes there is a list; without a bug under watch there is no period."""
    assert judged(latest(None, 4), READING, FullestDay()) == Verdict(Trust.NEITHER)
    assert verdict(30, replace(READING, period=None)) == Verdict(Trust.NEITHER)


def test_limits_that_are_not_known_exclude_nothing() -> None:
    """Five bugs have a median without limits, and a period's upper limit may not be reached."""
    five = Spread(5, 12)
    assert judged(five, period(median=Quantile(30, 20, None)), USUAL_DAY).differences == (Difference.CHANCE,)
    assert judged(Spread(5, 36), period(median=Quantile(30, None, None)), USUAL_DAY) == Verdict(Trust.BOTH)
