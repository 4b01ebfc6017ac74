"""How long bugs live: the formulas' known answers, and what they make of odd samples."""

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.survival import (
    BugLife,
    Caution,
    Observation,
    Quantile,
    Step,
    cautions,
    cumulative_incidence,
    kaplan_meier,
    observe,
    quantile,
)

DAY_0 = datetime(2026, 1, 1, tzinfo=UTC)
# Freireich and others 1963, remission in weeks under 6-mercaptopurine and under a placebo; + is censored.
SIX_MP = "6,6,6,6+,7,9+,10,10+,11+,13,16,17+,19+,20+,22,23,25+,32+,32+,34+,35+"
PLACEBO = "1,1,2,2,3,4,4,5,5,8,8,8,8,11,11,12,12,15,17,22,23"
# Miller 1997, acute myelogenous leukaemia with and without maintained chemotherapy.
AML_MAINTAINED = "9,13,13+,18,23,28+,31,34,45+,48,161+"
AML_NOT_MAINTAINED = "5,5,8,8,12,16+,23,27,30,33,43,45"
# Fifteen made-up bugs; their answers were computed with lifelines and with scipy (log-log), which agreed.
BB15 = "3,5,8,13,21,30+,34,55,60+,89,120+,144,200+,233,365+"
# Exit, cause, entry; the answers are lifelines'.
DELAYED = [
    Observation(10, "fixed"),
    Observation(25, "fixed", 20),
    Observation(40, "fixed"),
    Observation(60, "fixed", 50),
    Observation(90, None, 30),
    Observation(120, "fixed", 100),
    Observation(150, None, 60),
]

AGES = st.integers(1, 40)
OBSERVATIONS = st.lists(
    st.tuples(AGES, st.sampled_from(["fixed", "declined", None]), AGES).map(
        lambda drawn: Observation(drawn[0] + drawn[2], drawn[1], drawn[2] if drawn[2] % 3 else 0.0)
    ),
    max_size=40,
)


def sample(text: str, declined: Sequence[float] = ()) -> list[Observation]:
    """Bugs by the age at which they were fixed, or with a + were still open; `declined` names those declined."""
    return [
        Observation(age, None if each.endswith("+") else "declined" if age in declined else "fixed")
        for each in text.split(",")
        for age in [float(each.removesuffix("+"))]
    ]


def survival(observations: Sequence[Observation]) -> dict[float, float]:
    """The survival from each age on."""
    return {step.days: step.survival for step in kaplan_meier(observations)}


def step_at(observations: Sequence[Observation], days: float) -> Step:
    """The step at an age."""
    return next(step for step in kaplan_meier(observations) if step.days == days)


def median(observations: Sequence[Observation]) -> Quantile:
    """The median with its limits."""
    return quantile(kaplan_meier(observations), 0.5)


def bug(reported: float, ended: float | None = None, cause: str | None = None) -> BugLife:
    """A bug's life in days after the first."""
    return BugLife(day(reported), None if ended is None else day(ended), cause)


def day(number: float) -> datetime:
    """The instant so many elapsed days after the first."""
    return DAY_0 + timedelta(days=number)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (SIX_MP, Quantile(23, 13, None)),
        (PLACEBO, Quantile(8, 4, 11)),
        (AML_MAINTAINED, Quantile(31, 13, None)),
        (AML_NOT_MAINTAINED, Quantile(23, 5, 33)),
        (BB15, Quantile(89, 8, 233)),
    ],
)
def test_medians_and_limits_are_those_of_the_literature(text: str, expected: Quantile) -> None:
    """Five samples with their published median and 95 % log-log limits; None is "not reached"."""
    assert median(sample(text)) == expected


def test_the_survival_of_the_6_mp_sample() -> None:
    """Each step of the textbook's curve, to four decimals."""
    expected = {6: 0.8571, 7: 0.8067, 10: 0.7529, 13: 0.6902, 16: 0.6275, 22: 0.5378, 23: 0.4482}
    assert survival(sample(SIX_MP)) == pytest.approx(expected, abs=5e-5)


def test_the_limits_of_the_6_mp_sample() -> None:
    """The log-log limits at the first and the last step."""
    first, last = step_at(sample(SIX_MP), 6), step_at(sample(SIX_MP), 23)
    assert [first.lower, first.upper, last.lower, last.upper] == pytest.approx(
        [0.6197, 0.9516, 0.1881, 0.6801], abs=5e-5
    )


def test_the_survival_of_fifteen_bugs() -> None:
    """Each step to six decimals, and the limits at the median."""
    expected = [0.933333, 0.866667, 0.8, 0.733333, 0.666667, 0.592593, 0.518519, 0.432099, 0.324074, 0.162037]
    steps = kaplan_meier(sample(BB15))
    assert [step.survival for step in steps] == pytest.approx(expected, abs=5e-7)
    at_median = step_at(sample(BB15), 89)
    assert (at_median.lower, at_median.upper) == pytest.approx((0.174469, 0.668140), abs=5e-7)


def test_the_quartiles_of_fifteen_bugs() -> None:
    """A quarter is fixed by day 13, three quarters by day 233, whose upper limit is not reached."""
    steps = kaplan_meier(sample(BB15))
    assert (quantile(steps, 0.25), quantile(steps, 0.75)) == (Quantile(13, 3, 55), Quantile(233, 55, None))


def test_open_bugs_count_for_what_is_known_of_them() -> None:
    """The median of the fixed bugs alone is 27.5 days; with those still open it is 89."""
    fixed = sorted(each.exit for each in sample(BB15) if each.cause)
    assert ((fixed[4] + fixed[5]) / 2, median(sample(BB15)).days) == (27.5, 89)


def test_bugs_that_entered_late_were_not_at_risk_before() -> None:
    """Delayed entry as lifelines has it; forgetting the entries gives a rosier curve."""
    forgotten = [replace(each, entry=0.0) for each in DELAYED]
    assert list(survival(DELAYED).values()) == pytest.approx([0.5, 0.25, 0.125, 0.0625, 0.03125])
    rosier = [0.857143, 0.714286, 0.571429, 0.428571, 0.214286]
    assert list(survival(forgotten).values()) == pytest.approx(rosier, abs=5e-7)


def test_who_enters_as_another_ends_is_not_at_risk_for_that_end() -> None:
    """The risk set is open at the entry and closed at the exit: entry < t <= exit."""
    entering, leaving = Observation(20, "fixed", 10), Observation(10, None)
    assert [step.at_risk for step in kaplan_meier([Observation(10, "fixed"), entering, leaving])] == [2, 1]


def test_declined_bugs_compete_with_fixes() -> None:
    """The shares fixed and declined by day 233; taking the declined for open ones would promise 81 % fixes."""
    observations = sample(BB15, declined=(8, 21, 200))
    observations[12] = Observation(200, "declined")  # 200+ in the sample
    fixed, declined = (cumulative_incidence(observations, cause)[-1].share for cause in ("fixed", "declined"))
    assert (fixed, declined) == pytest.approx((0.650617, 0.241358), abs=5e-7)
    censored = [replace(each, cause=None) if each.cause == "declined" else each for each in observations]
    assert 1 - survival(censored)[233] == pytest.approx(0.806906, abs=5e-7)


def test_a_cause_that_never_was_has_no_incidence() -> None:
    """No bug was declined: no step."""
    assert cumulative_incidence(sample(BB15), "declined") == ()


def test_no_observation_makes_an_empty_curve() -> None:
    """Without any bug, nothing is reached and nothing fails."""
    assert (kaplan_meier([]), median([]), cumulative_incidence([], "fixed")) == ((), Quantile(None, None, None), ())


def test_only_open_bugs_make_an_empty_curve() -> None:
    """Nothing has ended yet, so that no share of them is known to."""
    assert (kaplan_meier([Observation(5, None)]), median([Observation(5, None)]).days) == ((), None)


def test_one_fixed_bug_is_the_median_and_proves_nothing() -> None:
    """Where nothing survives the limits have no value, so that one bug gives a median without limits."""
    assert kaplan_meier([Observation(5, "fixed")]) == (Step(5, 1, 1, 0.0, None, None),)
    assert median([Observation(5, "fixed")]) == Quantile(5, None, None)


def test_a_curve_that_fell_to_nothing_stays_there() -> None:
    """A first bug alone at risk takes all down; later bugs, which entered after it, can't raise the dead."""
    late = [Observation(20 + number, "fixed", 10) for number in range(3)]
    steps = kaplan_meier([Observation(5, "fixed"), *late])
    assert [(step.survival, step.lower) for step in steps] == [(0.0, None)] * 4


def test_a_survival_too_small_for_a_number_is_none() -> None:
    """Two bugs at risk a step, two thousand times: the product comes to 0 without a step that took everyone."""
    pairs = [
        each
        for number in range(2000)
        for each in (Observation(number + 0.5, "fixed", number), Observation(number + 0.9, None, number))
    ]
    assert kaplan_meier(pairs)[-1] == Step(1999.5, 2, 1, 0.0, None, None)


def test_a_level_reached_but_for_rounding_is_reached() -> None:
    """23/24 · 22/23 · … · 12/13 is a half, whatever floating numbers make of it: 0.5000000000000001."""
    assert median([Observation(age, "fixed") for age in range(1, 25)]).days == 12


@pytest.mark.parametrize("share", [0, 1, -0.5, math.nan])
def test_a_quantile_needs_a_share(share: float) -> None:
    """Nothing and everything have no quantile."""
    with pytest.raises(ValueError, match="shares between 0 and 1"):
        quantile([], share)


@pytest.mark.parametrize(("entry", "leaves"), [(0, 0), (5, 5), (6, 5), (-1, 5), (0, math.inf), (0, math.nan)])
def test_a_bug_is_watched_for_some_time(entry: float, leaves: float) -> None:
    """Ages that can't be are a mistake of the caller."""
    with pytest.raises(ValueError, match="can't be watched"):
        Observation(leaves, "fixed", entry)


def test_all_bugs_are_watched_from_their_first_report() -> None:
    """A fixed bug to its fix, an open one until now, each from age 0."""
    lives = [bug(0, 30, "fixed"), bug(10, 50, "declined"), bug(60)]
    expected = [Observation(30, "fixed"), Observation(40, "declined"), Observation(40, None)]
    assert observe(lives, day(100)) == expected


def test_what_comes_later_than_now_is_not_known() -> None:
    """As of day 20 a bug fixed on day 30 is open, and one reported on day 25 isn't there."""
    assert observe([bug(0, 30, "fixed"), bug(25)], day(20)) == [Observation(20, None)]
    assert observe([bug(0, 30, "fixed")], day(30)) == [Observation(30, "fixed")]


def test_the_period_begins_with_the_nth_latest_fix() -> None:
    """Older bugs enter at the age they had then; what was closed by then is left out, the fix that opens it as well."""
    lives = [bug(0, 10, "fixed"), bug(0, 40, "fixed"), bug(20, 60, "fixed"), bug(50, 70, "declined"), bug(5)]
    expected = [Observation(40, "fixed", 20), Observation(20, "declined"), Observation(95, None, 35)]
    assert observe(lives, day(100), latest_fixes=2) == expected


def test_a_period_with_too_few_fixes_is_all_history() -> None:
    """The last 100 of two fixes are both, and bugs are watched from their reports."""
    lives = [bug(0, 10, "fixed"), bug(0, 40, "fixed")]
    assert observe(lives, day(100), latest_fixes=100) == observe(lives, day(100))


def test_fixes_later_than_now_open_no_period() -> None:
    """As of day 50 the latest fix is that of day 40."""
    lives = [bug(0, 40, "fixed"), bug(0, 60, "fixed")]
    assert observe(lives, day(50), latest_fixes=1) == [Observation(50, None, 40)]


def test_a_bug_closed_before_its_first_report_is_left_out() -> None:
    """Customers met it after it was fixed: no time from report to fix."""
    assert observe([bug(20, 10, "fixed"), bug(10, 10, "fixed")], day(100)) == []


def test_an_end_that_nobody_can_name_ends_the_watch() -> None:
    """A bug that went where nobody sees it was open until then, and that is all we know."""
    assert observe([bug(0, 30)], day(100)) == [Observation(30, None)]


def test_impossible_lives_and_periods_are_refused() -> None:
    """A cause without an instant and a period of no fixes are mistakes of the caller."""
    with pytest.raises(ValueError, match="ended as fixed needs the instant"):
        bug(0, None, "fixed")
    with pytest.raises(ValueError, match="not with number 0"):
        observe([], day(0), latest_fixes=0)


@pytest.mark.parametrize(
    ("fixes", "expected"),
    [
        (0, (Caution.LIST_ONLY,)),
        (4, (Caution.LIST_ONLY,)),
        (5, (Caution.FEW_FIXES,)),
        (19, (Caution.FEW_FIXES,)),
        (20, ()),
    ],
)
def test_few_fixes_are_warned_of(fixes: int, expected: tuple[Caution, ...]) -> None:
    """Under 5 fixes there is a list only, under 20 a warning; declined and open bugs don't help."""
    others = [Observation(100, cause) for cause in ("declined", None) for _ in range(20)]
    observations = [Observation(50 + number, "fixed") for number in range(fixes)]
    assert cautions([*observations, *others], period=False) == expected


def test_a_period_warns_of_a_step_on_few_bugs_before_the_median() -> None:
    """A young bug fixed while hardly any was that young throws the curve; without a period there is no such step."""
    many = [Observation(50 + number, "fixed", 40) for number in range(30)]
    thin = [*many, *(Observation(3 + number, "fixed") for number in range(4))]
    assert [cautions(thin, period=True), cautions(thin, period=False)] == [(Caution.FEW_AT_RISK,), ()]
    assert cautions(many, period=True) == ()


@pytest.mark.parametrize(("at_risk", "expected"), [(4, (Caution.FEW_AT_RISK,)), (5, ())])
def test_five_bugs_at_risk_are_enough(at_risk: int, expected: tuple[Caution, ...]) -> None:
    """A step before the median on four bugs is warned of, one on five is not."""
    first = [Observation(3, "fixed"), *(Observation(20, None) for _ in range(at_risk - 1))]
    later = [Observation(50 + number, "fixed", 40) for number in range(20)]
    assert cautions([*first, *later], period=True) == expected


def test_the_last_steps_of_any_curve_are_on_few_bugs_and_not_warned_of() -> None:
    """After the median few are left, as there must be; where the median isn't reached every step is before it."""
    fixed = [Observation(1 + number, "fixed") for number in range(21)]
    late = [Observation(99 + number, "fixed", 50) for number in range(2)]
    assert cautions(fixed, period=True) == ()
    assert cautions([*fixed, *(Observation(60, None) for _ in range(99)), *late], period=True) == (Caution.FEW_AT_RISK,)


@given(OBSERVATIONS)
def test_survival_falls_from_one_towards_nothing_within_its_limits(observations: list[Observation]) -> None:
    """It never rises, stays within 0 and 1, and lies between its limits."""
    steps = kaplan_meier(observations)
    heights = [1.0, *(step.survival for step in steps)]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] >= 0
    limits = [step for step in steps if step.lower is not None and step.upper is not None]
    assert all(0 <= (step.lower or 0) <= step.survival <= (step.upper or 0) <= 1 for step in limits)
    assert len(limits) == sum(step.survival > 0 for step in steps)


@given(st.lists(AGES, min_size=1, max_size=60))
def test_without_open_bugs_survival_is_a_plain_share(ages: list[int]) -> None:
    """One minus the empirical distribution: what share of the bugs took longer."""
    expected = {age: sum(other > age for other in ages) / len(ages) for age in ages}
    assert survival([Observation(age, "fixed") for age in ages]) == pytest.approx(expected, abs=1e-12)


@given(OBSERVATIONS, st.randoms(use_true_random=False))
def test_the_order_of_bugs_changes_nothing(observations: list[Observation], chance: Random) -> None:
    """The same bugs in another order make the same curve, to the last bit."""
    shuffled = list(observations)
    chance.shuffle(shuffled)
    assert kaplan_meier(shuffled) == kaplan_meier(observations)
    assert cumulative_incidence(shuffled, "fixed") == cumulative_incidence(observations, "fixed")


@given(OBSERVATIONS, st.sampled_from([0.125, 2.0, 64.0]))
def test_the_unit_of_time_changes_nothing_else(observations: list[Observation], factor: float) -> None:
    """In other units the ages are scaled, and all shares and limits stay."""
    scaled = [replace(each, exit=each.exit * factor, entry=each.entry * factor) for each in observations]
    expected = tuple(replace(step, days=step.days * factor) for step in kaplan_meier(observations))
    assert kaplan_meier(scaled) == expected


@given(OBSERVATIONS)
def test_every_end_has_one_cause(observations: list[Observation]) -> None:
    """The shares fixed and declined add up to what doesn't survive."""
    ended = [cumulative_incidence(observations, cause) for cause in ("fixed", "declined")]
    last = list(survival(observations).values())[-1:] or [1.0]
    assert sum(steps[-1].share for steps in ended if steps) == pytest.approx(1 - last[0], abs=1e-12)
