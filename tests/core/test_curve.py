"""The curve that a team's bugs make: what it says of a bug's age, and how it is kept."""

import math
from dataclasses import replace
from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.survival import (
    Curve,
    Observation,
    Quantile,
    curve_from_text,
    curve_of,
    curve_to_text,
    kaplan_meier,
)
from tests.core.test_survival import BB15, OBSERVATIONS, sample, survival

# Lognormal with a median of 30 days and a standard deviation of 1.8 of the logarithm, as fine as so many bugs.
BUGS = 100_000
LOGNORMAL_AGES = [math.exp(math.log(30) + 1.8 * NormalDist().inv_cdf((n + 0.5) / BUGS)) for n in range(BUGS)]
LOGNORMAL = Curve(
    days=tuple(LOGNORMAL_AGES),
    survival=tuple(1 - (number + 1) / BUGS for number in range(BUGS)),
    fixes=BUGS,
    median=Quantile(30, 29, 31),
)


@pytest.mark.parametrize(("age", "expected"), [(0, 13), (10, 24), (30, 59), (60, 84), (120, 24), (200, 33)])
def test_waits_read_off_fifteen_bugs(age: float, expected: float) -> None:
    """The exact days until a bug of this age has ended with a chance of a quarter; they may fall with age."""
    assert curve_of(sample(BB15)).wait(age, 0.25) == expected


@pytest.mark.parametrize(("age", "expected"), [(0, 8.9), (30, 23.2), (90, 43.8), (180, 69.1), (365, 113.8)])
def test_waits_grow_with_age_where_long_lived_bugs_live_longer(age: float, expected: float) -> None:
    """A lognormal curve of median 30 and deviation 1.8, to a tenth of a day."""
    assert LOGNORMAL.wait(age, 0.25) == pytest.approx(expected, abs=0.1)


@pytest.mark.parametrize(("age", "expected"), [(0, 30), (30, 71), (90, 128), (180, 197), (365, 318)])
def test_median_waits_of_a_lognormal_curve(age: float, expected: float) -> None:
    """Half of the bugs of this age end within so many days, to a day."""
    assert LOGNORMAL.wait(age, 0.5) == pytest.approx(expected, abs=0.6)


@pytest.mark.parametrize(("age", "chance"), [(0, 0.9), (233, 0.01), (234, 0.25), (1000, 0.25)])
def test_beyond_the_curve_nobody_knows(age: float, chance: float) -> None:
    """Where too few ended to reach the chance, or no bug grew so old, there is no answer rather than a guess."""
    assert curve_of(sample(BB15)).wait(age, chance) is None


def test_where_nothing_survived_there_is_no_chance() -> None:
    """Every bug had ended by that age: nothing is known of one that hasn't."""
    curve = curve_of([Observation(5, "fixed"), Observation(9, "fixed")])
    assert (curve.wait(0, 1), curve.wait(8.5, 1), curve.wait(9, 0.25)) == (9, 0.5, None)


def test_a_chance_reached_but_for_rounding_is_reached() -> None:
    """4/5 · 3/4 is 0.6, and so a chance of 0.4, whatever floating numbers make of it: 0.6000000000000001."""
    curve = curve_of([Observation(age, "fixed") for age in range(1, 6)])
    assert (curve.wait(0, 0.4), curve.wait(1, 0.75)) == (2, 3)


@pytest.mark.parametrize("chance", [0, -1, 1.1, math.nan])
def test_a_chance_is_a_share(chance: float) -> None:
    """No news can't be waited for."""
    with pytest.raises(ValueError, match="chance of news"):
        curve_of(sample(BB15)).wait(0, chance)


def test_twenty_fixes_teach() -> None:
    """Nineteen fixes and any number of declined bugs don't set intervals; the twentieth fix does."""
    declined = [Observation(50, "declined") for _ in range(50)]
    fixed = [Observation(age, "fixed") for age in range(1, 21)]
    assert [curve_of([*declined, *fixed[1:]]).teaches, curve_of(fixed).teaches] == [False, True]


@given(OBSERVATIONS, st.floats(0, 100), st.floats(0.01, 1))
def test_the_chance_holds_after_the_wait_and_at_no_step_before(
    observations: list[Observation], age: float, chance: float
) -> None:
    """The smallest r with 1 - S(a + r) / S(a) >= chance, by trying every age at which a bug ended."""
    curve = curve_of(observations)
    steps = kaplan_meier(observations)
    still_open = next((step.survival for step in reversed(steps) if step.days <= age), 1.0)
    later = [step for step in steps if step.days > age and still_open]
    ended = (step.days - age for step in later if 1 - step.survival / still_open >= chance - 1e-12)
    assert curve.wait(age, chance) == next(ended, None)


@given(OBSERVATIONS, st.integers(0, 60), st.floats(0.01, 1), st.sampled_from([0.25, 8.0]))
def test_the_unit_of_time_scales_the_wait(
    observations: list[Observation], age: int, chance: float, factor: float
) -> None:
    """Measured in other units, the wait is the same time."""
    scaled = [replace(each, exit=each.exit * factor, entry=each.entry * factor) for each in observations]
    wait = curve_of(observations).wait(age, chance)
    assert curve_of(scaled).wait(age * factor, chance) == (None if wait is None else wait * factor)


def test_a_curve_holds_all_ends_and_counts_the_fixes() -> None:
    """Its steps are those of every cause together, its fixes those alone, its median comes with limits."""
    curve = curve_of(sample(BB15, declined=(8, 21)))
    steps = kaplan_meier(sample(BB15))
    assert (curve.days, curve.survival) == (tuple(survival(sample(BB15))), tuple(step.survival for step in steps))
    assert (curve.fixes, curve.median) == (8, Quantile(89, 8, 233))


def test_a_curve_stays_small_however_many_bugs_there_are() -> None:
    """A hundred thousand bugs make under 2,000 steps, none of them over half a percent off."""
    curve = curve_of([Observation(age, "fixed") for age in LOGNORMAL_AGES])
    exact = zip(LOGNORMAL_AGES[:-1], LOGNORMAL.survival[:-1], strict=True)
    off = max(curve.survival_at(age) / share - 1 for age, share in exact)
    assert len(curve.days) < 2000
    assert 0.004 < off < 0.006


def test_a_curve_ends_where_nothing_survives() -> None:
    """A first bug alone at risk took everything down; the steps after it say nothing and aren't kept."""
    late = [Observation(20 + number, "fixed", 10) for number in range(3)]
    curve = curve_of([Observation(5, "fixed"), *late])
    assert (curve.days, curve.survival, curve.wait(10, 0.25)) == ((5,), (0,), None)


def test_all_steps_of_two_hundred_bugs_are_kept() -> None:
    """Where two hundred are at risk at a time, each fix tells half a percent and stays in the curve."""
    patient = [Observation(1000, None) for _ in range(199)]
    passing = [Observation(number + 1, "fixed", number + 0.5) for number in range(100)]
    assert len(curve_of([*patient, *passing]).days) == 100


@given(OBSERVATIONS)
def test_a_curve_is_read_as_it_was_written(observations: list[Observation]) -> None:
    """Every number exactly, and the text of equal curves is equal, so that a hash can name them."""
    curve = curve_of([replace(each, exit=each.exit + each.exit / 7) for each in observations])
    assert curve_from_text(curve_to_text(curve)) == curve
    assert curve_to_text(curve_from_text(curve_to_text(curve))) == curve_to_text(curve)


def test_the_text_of_a_curve_is_plain_json() -> None:
    """What is kept can be read by anybody; a limit that isn't reached is null."""
    text = curve_to_text(curve_of([Observation(5, "fixed"), Observation(9.5, "fixed")]))
    assert text == '{"days":[5.0,9.5],"fixes":2,"median":[5.0,5.0,null],"survival":[0.5,0.0]}'


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"days":[5],"fixes":2,"median":[5,5],"survival":[0.5]}',
        '{"days":[5,4],"fixes":2,"median":[5,5,null],"survival":[0.5,0.2]}',
        '{"days":[4,5],"fixes":2,"median":[5,5,null],"survival":[0.2,0.5]}',
        '{"days":[4,5],"fixes":2,"median":[5,5,null],"survival":[0.5]}',
        '{"days":[NaN],"fixes":2,"median":[5,5,null],"survival":[0.5]}',
        '{"days":[4],"fixes":2,"median":[5,5,null],"survival":[1.5]}',
        '{"days":[4],"fixes":2,"median":[5,5,null],"survival":[-0.5]}',
        '{"days":[4,4],"fixes":2,"median":[5,5,null],"survival":[0.5,0.4]}',
        '{"days":[0],"fixes":2,"median":[5,5,null],"survival":[0.5]}',
        '{"days":[4],"fixes":2,"median":[5,NaN,null],"survival":[0.5]}',
        '{"days":[4],"fixes":-1,"median":[5,5,null],"survival":[0.5]}',
        '{"days":4,"fixes":2,"median":[5,5,null],"survival":[0.5]}',
    ],
)
def test_a_damaged_curve_is_refused(text: str) -> None:
    """Nobody is written to by a curve that can't be one."""
    with pytest.raises(ValueError, match="holds no curve"):
        curve_from_text(text)


@pytest.mark.parametrize(
    ("median", "expected"),
    [(Quantile(89, 8, 233), 8), (Quantile(9, None, None), 9), (Quantile(None, None, None), 20)],
)
def test_the_median_is_at_least_its_lower_limit(median: Quantile, expected: float) -> None:
    """Without one the median itself, which nothing outlived; without that we have seen it not come for so long."""
    assert Curve((9.0, 20.0), (0.9, 0.8), 20, median).median_at_least == expected


def test_an_empty_curve_says_nothing_of_the_median() -> None:
    """No bug, no bound."""
    assert curve_of([]).median_at_least is None
