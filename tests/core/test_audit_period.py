"""The period of an audit: which bugs are watched, how they stand, and what is read off their curve."""

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit_growth import Halves
from bugbridge.core.audit_model import CurvePoint
from bugbridge.core.audit_period import Reading, Share, read_period
from bugbridge.core.survival import (
    BugLife,
    Caution,
    cautions,
    cumulative_incidence,
    kaplan_meier,
    observe,
)
from tests.core.builders import day
from tests.core.test_survival import AGES

NOW = day(1000)
CAUSES = st.sampled_from(["fixed", "declined", None])
LIVES = st.lists(
    st.tuples(st.integers(900, 1020), AGES, CAUSES, st.booleans()).map(
        lambda drawn: life(drawn[0], None if drawn[3] else drawn[0] + drawn[1], None if drawn[3] else drawn[2])
    ),
    max_size=60,
)


def life(reported: float, ended: float | None = None, cause: str | None = "fixed") -> BugLife:
    """A bug's life in days after the first."""
    return BugLife(day(reported), None if ended is None else day(ended), None if ended is None else cause)


def reading(lives: list[BugLife], opens_at: datetime | None = None) -> Reading:
    """What the period says as of day 1000."""
    return read_period(lives, opens_at, NOW)


def steady(chance: Random, count: int = 300) -> list[BugLife]:
    """Bugs reported evenly over 300 days, fixed within some days or weeks, or still open."""
    reports = [700 + chance.random() * 300 for _ in range(count)]
    ends = [(reported, reported + chance.lognormvariate(2, 1)) for reported in reports]
    return [life(reported, ended if ended <= 1000 else None) for reported, ended in ends]


def test_bugs_are_counted_as_they_stand_at_the_end_of_the_period() -> None:
    """Fixed, declined, open; one that ended nobody knows how was watched until then, and is in none of the three."""
    lives = [life(990, 995), life(980, 996, "declined"), life(970), life(960, 997, None), life(950, 1010)]
    period = reading(lives, day(985)).period
    assert period is not None
    assert (period.bugs, period.fixed, period.declined, period.open) == (5, 1, 1, 2)
    assert period.opens_at == day(985)


def test_bugs_without_time_in_the_period_are_not_watched() -> None:
    """Closed before it or as it opens, closed before the report, reported as it ends or later."""
    lives = [life(900, 940), life(900, 950), life(980, 970), life(1000), life(1010)]
    assert reading(lives, day(950)).period is None


def test_no_bug_makes_no_period() -> None:
    """Nothing is known, and nothing is made up."""
    assert reading([]).period is None
    assert list(reading([]).open_ages) == []


@given(LIVES, st.integers(1, 12))
def test_the_period_is_that_of_lists(lives: list[BugLife], latest: int) -> None:
    """The same bugs watched and share fixed as by the formulas for lists; the same cautions where none is declined."""
    fixes = sorted(each.ended_at for each in lives if each.cause == "fixed" and each.ended_at and each.ended_at <= NOW)
    opens_at = fixes[-latest] if len(fixes) >= latest else None
    observations = observe(lives, NOW, latest)
    period = reading(lives, opens_at).period
    assert (period.bugs if period else 0) == len(observations)
    if period:
        assert period.fixed == sum(each.cause == "fixed" for each in observations)
        by_lists = cautions(observations, period=True)
        assert set(by_lists) <= set(period.cautions)
        assert period.cautions == by_lists or period.declined
        share = next((each.share for each in reversed(cumulative_incidence(observations, "fixed"))), 0)
        assert (1 - period.curve[-1].waiting if period.curve else 0) == pytest.approx(share, abs=1e-9)


@given(LIVES)
def test_the_median_is_the_age_by_which_half_are_fixed(lives: list[BugLife]) -> None:
    """Half of all reported bugs, the declined ones among them, which are never fixed."""
    period = reading(lives).period
    incidence = cumulative_incidence(observe(lives, NOW), "fixed")
    half = next((each.days for each in incidence if each.share >= 0.5 - 1e-12), None)
    assert (period.median.days if period else None) == half


def test_the_declined_make_the_median_longer() -> None:
    """Of ten bugs two were declined at once: half of the ten, not half of the eight."""
    lives = [*(life(900, 900 + age) for age in range(1, 9)), *[life(900, 900.5, "declined")] * 2]
    period = reading(lives).period
    assert period is not None
    assert (period.median.days, period.declined_share) == (5, pytest.approx(0.2))


def test_a_median_beyond_what_was_watched_is_not_reached() -> None:
    """Three of ten are fixed and the others open: nobody knows when half will be."""
    period = reading([*(life(990, 990 + age) for age in (1, 2, 3)), *[life(990)] * 7]).period
    assert period is not None
    assert period.median.days is None
    assert period.curve[-1].waiting == pytest.approx(0.7)


def test_a_short_curve_has_every_step_and_ends_where_the_watch_does() -> None:
    """Three fixes, and the oldest open bug is 50 days old: nothing falls from 3 to 50 days."""
    lives = [*(life(980, 980 + age) for age in (1, 2, 3)), life(950)]
    steps = kaplan_meier(observe(lives, NOW))
    period = reading(lives).period
    assert period is not None
    points = [CurvePoint(step.days, step.survival, step.lower, step.upper) for step in steps]
    assert [point.days for point in period.curve] == [1, 2, 3, 50]
    assert [point.waiting for point in period.curve] == pytest.approx([*(each.waiting for each in points), 0.25])
    assert [point.lower for point in period.curve[:3]] == pytest.approx([each.lower for each in points])


def test_a_long_curve_keeps_its_shape_in_two_hundred_points() -> None:
    """The drawn curve is never off by more than half a hundredth."""
    lives = [*steady(Random(1), 3000), *[life(700)] * 100]  # noqa: S311  # a seeded sample, no secret
    period = reading(lives).period
    assert period is not None
    assert 100 < len(period.curve) <= 205
    points = list(period.curve)
    for step in kaplan_meier(observe(lives, NOW)):
        drawn = next((point.waiting for point in reversed(points) if point.days <= step.days), 1.0)
        assert step.survival <= drawn + 1e-9 <= step.survival + 0.005 + 1e-6


@pytest.mark.parametrize("seed", range(5))
def test_the_drawn_curve_halves_where_the_median_is(seed: int) -> None:
    """However fine the falls are: a report has one median of all bugs, not two."""
    period = reading(steady(Random(seed), 3000)).period  # noqa: S311  # a seeded sample, no secret
    assert period is not None
    assert next(point.days for point in period.curve if point.waiting <= 0.5 + 1e-12) == period.median.days


def test_once_all_are_fixed_none_waits() -> None:
    """Adding up shares leaves no trace that would show as one."""
    period = reading([life(900, 900 + age) for age in range(1, 12)]).period
    assert period is not None
    assert period.curve[-1].waiting == 0


def test_the_ages_of_open_bugs_are_those_now() -> None:
    """One that comes back to nobody knows what isn't open, one fixed later still is."""
    lives = [life(990), life(950, 1010), life(900, 950), life(940, 960, None)]
    assert sorted(reading(lives).open_ages) == [10, 50]


def test_few_fixes_and_thin_beginnings_come_with_cautions() -> None:
    """Four fixes are a list; a few young bugs fixed in a period of old ones throw its curve."""
    few = reading([life(900, 900 + age) for age in (1, 2, 3, 4)]).period
    old = [life(800, 985 + number / 2) for number in range(25)]
    thin = reading([*old, life(990, 991), life(995)], day(980)).period
    assert few is not None
    assert thin is not None
    assert (few.cautions, thin.cautions) == ((Caution.LIST_ONLY,), (Caution.FEW_AT_RISK,))


@pytest.mark.parametrize(("at_risk", "expected"), [(4, (Caution.FEW_AT_RISK,)), (5, ())])
def test_five_bugs_at_risk_are_enough(at_risk: int, expected: tuple[Caution, ...]) -> None:
    """A fall before the median that rests on four bugs is warned of, one on five is not."""
    young = [life(990, 991), *[life(990)] * (at_risk - 1)]
    old = [life(800, 985 + number / 2) for number in range(25)]
    period = reading([*young, *old], day(980)).period
    assert period is not None
    assert period.cautions == expected


def test_a_median_that_declines_put_off_is_warned_of_up_to_where_it_is() -> None:
    """Half of the bugs had ended among many, but the median is reached by three that were left."""
    ends = [*[(1, "declined")] * 10, *[(2, "fixed")] * 7, (4, "fixed"), (5, "fixed"), (6, "fixed")]
    lives = [*(life(900, 900 + age, cause) for age, cause in ends), *[life(997)] * 5]
    period = reading(lives).period
    assert period is not None
    assert period.median.days == 6
    assert period.cautions == (Caution.FEW_FIXES, Caution.FEW_AT_RISK)


def test_where_none_is_declined_none_ends_declined() -> None:
    """Not even the trace that adding up shares leaves."""
    period = reading(steady(Random(2))).period  # noqa: S311  # a seeded sample, no secret
    assert period is not None
    assert period.declined_share == 0


@pytest.mark.parametrize(("later", "earlier"), [(20, 10), (10, 10), (5, 10), (5, 0)])
def test_reports_of_the_last_year_are_counted_by_halves(later: int, earlier: int) -> None:
    """All of them, open or long fixed, where all are known; those of former years count for neither."""
    recent = [life(900, 901)] * later
    lives = [*recent, *[life(700)] * earlier, *[life(100)] * 50]
    assert reading(lives).reports == Halves(later, earlier, later + earlier)


@pytest.mark.parametrize("seed", range(12))
def test_a_bug_that_was_long_open_stands_for_those_that_are_gone(seed: int) -> None:
    """Five bugs a day, most of them gone when the period opens: counting what is left would see reports grow fast."""
    chance = Random(seed)  # noqa: S311  # a seeded sample, no secret
    lives = [life(reported, reported + chance.expovariate(1 / 30)) for reported in range(600, 1000) for _ in range(5)]
    opens_at = day(960)
    seen = [each for each in lives if each.ended_at and each.ended_at > opens_at]
    naive = [sum(0 <= (NOW - each.reported_at) / timedelta(65) - half < 1 for each in seen) for half in (0, 1)]
    assert naive[0] > 2 * naive[1]
    reports = reading(seen, opens_at).reports
    assert 0.6 < reports.later / reports.earlier < 1.5
    assert reports.telling < len(seen)
    assert not reports.grow


def test_a_curve_that_levels_off_says_how_many_stay() -> None:
    """Of 100 bugs 70 are fixed within ten days, and the others stay open to the end."""
    found = reading([*(life(600, 600 + number / 7) for number in range(1, 71)), *[life(600)] * 30])
    assert (found.staying, found.later) == (Share(pytest.approx(0.3), 30), Share(0, 0))


def test_a_curve_that_falls_on_has_bugs_that_are_fixed_later() -> None:
    """History reaches back for 400 days. Of 100 bugs 60 are fixed at once, ten in its later half; ten more of the 30
    that are left are to follow."""
    fixes = [*[life(600, 610)] * 60, *(life(600, 810 + number) for number in range(10))]
    found = reading([*fixes, *[life(600)] * 30])
    assert found.later == Share(pytest.approx(0.1), 10)
    assert found.staying == Share(pytest.approx(0.2), 30)


def test_once_all_are_fixed_none_follows() -> None:
    """However many were fixed lately: no more are fixed later than are open."""
    found = reading([*[life(600, 650)] * 20, *[life(600, 950)] * 20])
    assert (found.later.of_all, found.staying.of_all) == (0, 0)


def test_bugs_that_are_fixed_in_time_are_not_said_to_stay() -> None:
    """However slowly that is."""
    chance = Random(3)  # noqa: S311  # a seeded sample, no secret
    ends = [chance.lognormvariate(3.4, 1.8) for _ in range(400)]
    found = reading([life(0, age if age <= 1000 else None) for age in ends])
    assert found.staying.of_all < 0.02


def test_one_old_bug_is_no_history() -> None:
    """History reaches back to the fifth report; the one that was imported from long ago makes it no longer."""
    young = [*(life(900, 900 + age) for age in range(10, 70)), *[life(900)] * 40]
    assert reading([life(-5000, 995), *young]).later.of_all == pytest.approx(reading(young).later.of_all, abs=0.01)
