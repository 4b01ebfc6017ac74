"""Which median is to be trusted, and why the two differ."""

from dataclasses import replace

import pytest

from bugbridge.core.audit_growth import Halves
from bugbridge.core.audit_model import Difference, Period, Trust
from bugbridge.core.audit_period import Reading, Share
from bugbridge.core.audit_trust import FullestDay, Verdict, judged
from bugbridge.core.incidence import column
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Caution, Quantile

USUAL_DAY = FullestDay(0.05, 30, 30)
PERIOD = Period(None, 500, 300, 0, 200, Quantile(30, 20, 45))
READING = Reading(PERIOD, column(), Halves(100, 100, 200), later=Share(0.02, 5), staying=Share(0.02, 5))
SHORT = replace(READING, later=Share(0.08, 8))


def latest(median: float | None, n: int = 100) -> Spread:
    """The bugs fixed last with their median, and limits a quarter off it."""
    return Spread(n) if median is None else Spread(n, median, median * 0.75, median * 1.25)


def verdict(median: float | None, reading: Reading = READING, fullest: FullestDay = USUAL_DAY) -> Verdict:
    """What is said of a median beside that of a period."""
    return judged(latest(median), reading, fullest)


def period(**changes: object) -> Reading:
    """The usual reading with another period."""
    return replace(READING, period=replace(PERIOD, **changes))


@pytest.mark.parametrize("median", [24, 30, 37])
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
        (SHORT, Difference.YOUNG_HISTORY),
        (replace(READING, reports=Halves(120, 80, 200)), Difference.GROWTH),
        (replace(READING, staying=Share(0.1, 5)), Difference.NEVER_FIXED),
        (period(declined_share=0.1, declined=5), Difference.DECLINED),
    ],
)
def test_what_makes_the_last_median_too_short_is_named(reading: Reading, reason: Difference) -> None:
    """And the period is trusted, also where the medians are near: that is luck. A longer median has other reasons."""
    assert verdict(20, reading) == verdict(27, reading) == Verdict(Trust.PERIOD, (reason,))
    assert verdict(31, reading) == verdict(34, reading) == Verdict(Trust.BOTH)


@pytest.mark.parametrize(
    "reading",
    [
        replace(READING, later=Share(0.2, 2)),
        replace(READING, reports=Halves(9, 4, 13)),
        replace(READING, reports=Halves(120, 80, 12)),
        replace(READING, staying=Share(0.3, 4)),
        period(declined_share=0.2, declined=4),
    ],
)
def test_a_reason_that_hardly_any_bug_tells_is_none(reading: Reading) -> None:
    """The share may be large where all are few: chance is as good a reason."""
    assert verdict(20, reading) == Verdict(Trust.PERIOD, (Difference.CHANCE,))
    assert verdict(27, reading) == Verdict(Trust.BOTH)


@pytest.mark.parametrize("median", [26, 24])
def test_near_medians_that_are_not_known_well_need_no_reason(median: float) -> None:
    """Of 22 bugs between 10 and 49 days, whatever may be wrong with them: their nearness says nothing against them."""
    few, reading = Spread(22, median, 9.7, 49), replace(period(declined_share=0.2, declined=6), later=Share(0.1, 4))
    assert judged(few, reading, USUAL_DAY) == Verdict(Trust.BOTH)
    assert judged(replace(few, median=15), reading, USUAL_DAY).trust is Trust.PERIOD


def test_a_period_outside_the_limits_of_the_last_bugs_is_not_near() -> None:
    """As the other way round: each lies within the limits of the other."""
    assert judged(Spread(400, 25, 22, 28), READING, USUAL_DAY).trust is Trust.PERIOD


def test_reasons_are_named_together() -> None:
    """A growing tracker whose bugs stay open or are declined."""
    growing = replace(period(declined_share=0.3, declined=90), reports=Halves(150, 50, 200), staying=Share(0.2, 60))
    named = (Difference.GROWTH, Difference.NEVER_FIXED, Difference.DECLINED)
    assert verdict(12, growing).differences == named


def test_growth_and_a_short_history_are_the_same() -> None:
    """Both mean that few of the bugs are old; it is said once."""
    assert verdict(12, replace(SHORT, reports=Halves(150, 50, 200))).differences == (Difference.GROWTH,)


def test_a_short_history_is_no_reason_where_most_are_never_fixed() -> None:
    """One in twelve is fixed later than can be seen, and four in ten never: these are why."""
    assert verdict(12, replace(SHORT, staying=Share(0.4, 200))).differences == (Difference.NEVER_FIXED,)


@pytest.mark.parametrize("declined", [0, 20, 200])
def test_leaving_out_the_declined_makes_no_history_short(declined: int) -> None:
    """Whether a file has them or not, only what is said of them changes."""
    reading = period(declined=declined, declined_share=declined / 500)
    assert Difference.YOUNG_HISTORY not in verdict(12, reading).differences
    assert (Difference.DECLINED in verdict(12, reading).differences) == (declined == 200)


def test_fewer_reports_are_no_chance() -> None:
    """They make the last median longer, since the bugs of busier times come in late; a shorter one may be chance."""
    shrinking = replace(READING, reports=Halves(50, 150, 200))
    assert verdict(40, shrinking) == Verdict(Trust.PERIOD)
    assert verdict(20, shrinking) == Verdict(Trust.PERIOD, (Difference.CHANCE,))


def test_equal_medians_need_no_reason() -> None:
    """Within five per cent nobody would decide otherwise, young history or not."""
    assert verdict(29, SHORT) == Verdict(Trust.BOTH)


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


@pytest.mark.parametrize("caution", [Caution.LIST_ONLY, Caution.FEW_AT_RISK])
def test_no_reason_is_read_off_a_curve_that_rests_on_too_few(caution: Caution) -> None:
    """It would be as shaky as the curve: the last five bugs have four fixes since, and no period."""
    assert verdict(12, replace(period(cautions=(caution,)), staying=Share(0.6, 300))) == Verdict(Trust.NEITHER)


@pytest.mark.parametrize("upper", [50, None])
def test_few_fixes_are_trusted_within_limits_that_say_something(upper: float | None) -> None:
    """Seven bugs between two and 31 days aren't, nor where a limit is beyond what was seen."""
    few = period(median=Quantile(12, 5, 50), cautions=(Caution.FEW_FIXES,))
    vague = period(median=Quantile(12, 4.9, upper), cautions=(Caution.FEW_FIXES,))
    assert judged(Spread(7, 12, 2, 31), few, USUAL_DAY) == Verdict(Trust.BOTH)
    assert judged(Spread(7, 12, 2, 31), vague, USUAL_DAY) == Verdict(Trust.NEITHER)


def test_many_fixes_are_trusted_however_wide_the_limits_are() -> None:
    """Where nearly half are never fixed the upper limit isn't reached; the median is still nearer than the other."""
    reading = replace(period(median=Quantile(188, 30, None)), staying=Share(0.4, 200))
    assert verdict(5, reading) == Verdict(Trust.PERIOD, (Difference.NEVER_FIXED,))


def test_where_half_are_not_fixed_yet_no_median_speaks_for_all() -> None:
    """The last median is that of the lucky half; the reason is named."""
    reading = replace(period(median=Quantile(None, 300, None)), staying=Share(0.7, 350))
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
