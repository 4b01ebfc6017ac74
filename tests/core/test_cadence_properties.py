"""What holds of every interval, whatever the curve, the rule and the history."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.cadence import NO_CURVES, Curves, Heard, bounds, next_due_at, run_days
from bugbridge.core.policy_model import CadenceRules
from bugbridge.core.survival import Curve, Observation, curve_of

REPORTED = datetime(2026, 1, 1, tzinfo=UTC)
BACKOFFS = st.floats(1, 10)
RANGES = st.tuples(st.integers(1, 400), st.integers(1, 400)).map(lambda pair: (min(pair), max(pair)))
RULES = st.builds(
    CadenceRules,
    chance_of_news=st.floats(0.05, 0.95),
    round_to_days=st.integers(1, 30),
    long_haul_days=st.integers(1, 200),
    long_haul_min_days=st.integers(1, 60),
    backoff=BACKOFFS,
)
CURVES = st.lists(
    st.builds(Observation, st.floats(0.01, 500), st.sampled_from(["fixed", "fixed", "declined", None])),
    min_size=10,
    max_size=60,
).map(curve_of)
RUNS = st.lists(st.tuples(st.floats(0.01, 90), st.booleans()), min_size=1, max_size=12)


def in_force(curves: Sequence[Curve], apart: float) -> Curves:
    """Curves that follow one another."""
    return Curves(tuple((REPORTED + timedelta(days=number * apart), curve) for number, curve in enumerate(curves)))


def heard(gaps: Sequence[tuple[float, bool]]) -> list[Heard]:
    """A run of updates, so many days after one another, each periodic or not."""
    ages = [sum(days for days, _ in gaps[: number + 1]) for number in range(len(gaps))]
    return [Heard(REPORTED + timedelta(days=age), each[1]) for age, each in zip(ages, gaps, strict=True)]


def backed_off(count: int, every_days: tuple[int, int], backoff: float) -> int:
    """The interval after so many periodic updates by the formula, without a curve."""
    interval, most = every_days
    for _ in range(count):
        interval = min(max(ceil(interval * Fraction(str(backoff))), interval), most)
    return interval


@given(RUNS, RANGES, RULES, st.lists(CURVES, max_size=3), st.floats(1, 90))
def test_every_interval_of_a_run_stays_within_the_bounds(
    gaps: list[tuple[float, bool]], every_days: tuple[int, int], rules: CadenceRules, curves: list[Curve], apart: float
) -> None:
    """The rule's bounds, or in the long haul the raised ones, hold whatever the curves say."""
    run, known = heard(gaps), in_force(curves, apart)
    for each, days in zip(run, run_days(run, REPORTED, every_days, rules, known), strict=True):
        least, most = bounds(every_days, rules, known.at(each.at))
        assert least <= days <= most


@given(RUNS, RANGES, RULES, st.lists(CURVES, max_size=3), st.floats(1, 90))
def test_no_interval_of_a_run_is_shorter_than_the_last_but_for_the_most(
    gaps: list[tuple[float, bool]], every_days: tuple[int, int], rules: CadenceRules, curves: list[Curve], apart: float
) -> None:
    """Without news intervals never shrink, under new curves either; only the rule's most, once the long haul ended."""
    run, known = heard(gaps), in_force(curves, apart)
    days = run_days(run, REPORTED, every_days, rules, known)
    for number, each in enumerate(run[1:], start=1):
        assert days[number] >= min(days[number - 1], bounds(every_days, rules, known.at(each.at))[1])


@given(RUNS, RANGES, RULES, CURVES)
def test_the_chance_of_news_holds_unless_the_rule_forbids_it(
    gaps: list[tuple[float, bool]], every_days: tuple[int, int], rules: CadenceRules, curve: Curve
) -> None:
    """By the end of an interval under the most the bug has ended with at least the wished chance, where we know it.

    A thousandth of a second is allowed for: by so much an interval may end before a step of the curve.
    """
    run, curves = heard(gaps), in_force([curve], 1)
    for each, days in zip(run, run_days(run, REPORTED, every_days, rules, curves), strict=True):
        age = (each.at - REPORTED) / timedelta(days=1)
        known = curve.teaches and curve.wait(age, rules.chance_of_news) is not None
        if known and days < bounds(every_days, rules, curve)[1]:
            ended = 1 - curve.survival_at(age + days + 1e-7) / curve.survival_at(age)
            assert ended >= rules.chance_of_news - 1e-9


@given(RUNS, RANGES, BACKOFFS)
def test_without_a_curve_a_run_backs_off_by_its_periodic_updates(
    gaps: list[tuple[float, bool]], every_days: tuple[int, int], backoff: float
) -> None:
    """Each interval is that of the count of periodic updates since the news, wherever they fell."""
    run = heard(gaps)
    counts = [sum(each.periodic for each in run[1 : number + 1]) for number in range(len(run))]
    days = run_days(run, REPORTED, every_days, CadenceRules(backoff=backoff), NO_CURVES)
    assert days == tuple(backed_off(count, every_days, backoff) for count in counts)


@given(RUNS, RANGES, RULES, st.lists(CURVES, min_size=1, max_size=3), st.floats(1, 90))
def test_what_comes_later_changes_no_interval(
    gaps: list[tuple[float, bool]], every_days: tuple[int, int], rules: CadenceRules, curves: list[Curve], apart: float
) -> None:
    """Neither further updates nor further curves move a due date that was told: decisions stay valid."""
    run, known = heard(gaps), in_force(curves, apart)
    days = run_days(run, REPORTED, every_days, rules, known)
    for number in range(1, len(run) + 1):
        by_then = Curves(tuple(each for each in known.in_force_from if each[0] <= run[number - 1].at))
        due_at = next_due_at(run[:number], REPORTED, every_days, rules, by_then)
        assert due_at == run[number - 1].at + timedelta(days=days[number - 1])
