"""How long until the next periodic update: from the team's curve, or by back-off while that teaches nothing."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bugbridge.core.cadence import (
    NO_CURVES,
    Curves,
    Heard,
    bounds,
    is_long_haul,
    next_due_at,
    run_days,
)
from bugbridge.core.policy_model import CadenceRules
from bugbridge.core.survival import Curve, Quantile, curve_of
from tests.core.test_curve import LOGNORMAL
from tests.core.test_survival import BB15, sample

REPORTED = datetime(2026, 3, 1, 8, 7, 6, 543210, tzinfo=UTC)
RULES = CadenceRules()
SHORT_HAUL = Quantile(20, 10, 40)
# The fifteen known bugs, taken for enough to learn from.
BUGS = replace(curve_of(sample(BB15)), fixes=20)


def day(age: float) -> datetime:
    """The instant at which the bug is so many elapsed days old."""
    return REPORTED + timedelta(days=age)


def run(*ages: float) -> list[Heard]:
    """A run of what was heard at these ages, periodic updates after the first."""
    return [Heard(day(age)) for age in ages]


def always(curve: Curve) -> Curves:
    """One curve, in force ever since."""
    return Curves(((day(-1000), curve),))


def told_on(count: int, every_days: tuple[int, int], curves: Curves, rules: CadenceRules = RULES) -> list[float]:
    """The ages at which the first updates fall, if each is told when due and the link is as old as the bug."""
    heard = run(0)
    for _ in range(count):
        heard.append(Heard(next_due_at(heard, REPORTED, every_days, rules, curves)))
    return [(each.at - REPORTED) / timedelta(days=1) for each in heard[1:]]


def days_of(heard: Sequence[Heard], every_days: tuple[int, int], curves: Curves = NO_CURVES) -> tuple[int, ...]:
    """The intervals of a run under the shipped rules."""
    return run_days(heard, REPORTED, every_days, RULES, curves)


def test_each_interval_is_half_as_long_again_up_to_the_most() -> None:
    """14, 21, 32, 48, 60, 60: each from the rounded interval before it, rounded up to whole days."""
    assert days_of(run(0, 14, 35, 67, 115, 175), (14, 60)) == (14, 21, 32, 48, 60, 60)


def test_a_backoff_of_one_keeps_the_interval() -> None:
    """With a back-off of 1 every interval is the first, however many there were."""
    assert told_on(4, (14, 14), NO_CURVES, replace(RULES, backoff=1)) == [14, 28, 42, 56]


def test_a_decimal_backoff_is_taken_as_written() -> None:
    """10 days times 1.1 is 11 days; binary fractions would make it 12."""
    assert run_days(run(0, 10), REPORTED, (10, 60), replace(RULES, backoff=1.1)) == (10, 11)


def test_news_begins_the_intervals_anew() -> None:
    """A run begins with the telling of the last news, and so at the rule's least, whatever it had grown to."""
    assert (days_of(run(0, 14, 35, 67, 115), (14, 56))[-1], days_of(run(115), (14, 56))) == (56, (14,))


def test_the_next_update_is_elapsed_days_after_the_customer_was_told() -> None:
    """Days are 86,400 s: 21 days over a change to summer time keep the instant's UTC hour."""
    told = datetime(2026, 3, 20, 8, tzinfo=UTC)
    due_at = datetime(2026, 4, 10, 8, tzinfo=UTC)
    assert next_due_at([Heard(told - timedelta(days=14)), Heard(told)], REPORTED, (14, 60), RULES) == due_at


def test_intervals_run_from_something() -> None:
    """An empty run is a mistake of the caller."""
    with pytest.raises(ValueError, match="run from some instant"):
        next_due_at([], REPORTED, (14, 60), RULES)


def test_other_updates_begin_the_interval_anew_without_lengthening_it() -> None:
    """A promise kept between two periodic updates moves the next one, and back-off goes on from where it was."""
    heard = [*run(0, 14), Heard(day(20), periodic=False), Heard(day(41))]
    assert days_of(heard, (14, 60)) == (14, 21, 21, 32)


@pytest.mark.parametrize(("age", "expected"), [(0, 14), (10, 28), (30, 63), (60, 84), (120, 28), (200, 35)])
def test_the_curve_sets_the_interval_in_whole_weeks(age: float, expected: int) -> None:
    """The exact 13, 24, 59, 84, 24 and 33 days of the fifteen bugs, rounded up to sevens."""
    assert days_of(run(age), (7, 400), always(BUGS)) == (expected,)


@pytest.mark.parametrize(("round_to", "expected"), [(1, 59), (7, 63), (30, 60), (59, 59)])
def test_the_team_sets_what_is_rounded_to(round_to: int, expected: int) -> None:
    """A wait of exactly 59 days, rounded up to whole steps."""
    rules = replace(RULES, round_to_days=round_to)
    assert run_days(run(30), REPORTED, (7, 400), rules, always(BUGS)) == (expected,)


def test_what_floating_numbers_add_is_no_week_more() -> None:
    """From the age of 11.2 to a step at 32.2 are 21 days, not the 21.000000000000004 that make 28."""
    curve = Curve((32.2,), (0.5,), 20, SHORT_HAUL)
    assert days_of(run(11.2), (7, 60), always(curve)) == (21,)


def test_the_team_sets_the_chance_of_news() -> None:
    """Half a chance rather than a quarter: fifteen bugs half of which end by day 89."""
    assert run_days(run(0), REPORTED, (7, 400), replace(RULES, chance_of_news=0.5), always(BUGS)) == (91,)


def test_updates_become_rarer_as_the_bug_grows_old() -> None:
    """On a lognormal curve within 14 to 60 days: eight updates in a year, where every fortnight would make 26."""
    curves = always(replace(LOGNORMAL, median=SHORT_HAUL))
    assert told_on(8, (14, 60), curves) == [14, 35, 63, 105, 154, 214, 274, 334]


@pytest.mark.parametrize(("every_days", "expected"), [((14, 60), 60), ((90, 120), 90), ((7, 28), 28)])
def test_the_rule_bounds_what_the_curve_says(every_days: tuple[int, int], expected: int) -> None:
    """63 days by the curve are no more than the rule's most and no less than its least."""
    assert days_of(run(30), every_days, always(BUGS)) == (expected,)


def test_no_interval_is_shorter_than_the_last_without_news() -> None:
    """At the age of 120 the fifteen bugs give 28 days, but this customer last waited 84."""
    assert days_of(run(60, 144), (7, 400), always(BUGS)) == (84, 91)
    assert days_of([*run(60), Heard(day(120), periodic=False)], (7, 400), always(BUGS)) == (84, 84)


def test_news_resets_what_the_curve_sets() -> None:
    """A run that begins with news at the age of 120 doesn't remember the 84 days before."""
    assert days_of(run(120), (7, 400), always(BUGS)) == (28,)


def test_beyond_the_curve_the_interval_backs_off() -> None:
    """From the interval before, times the back-off in whole days; first of all from the rule's least."""
    assert days_of(run(200, 235, 288), (14, 60), always(BUGS)) == (35, 53, 60)
    assert days_of(run(234), (14, 60), always(BUGS)) == (14,)


@pytest.mark.parametrize(("fixes", "expected"), [(19, (14, 21)), (20, (60, 60))])
def test_a_curve_of_fewer_than_twenty_fixes_sets_nothing(fixes: int, expected: tuple[int, int]) -> None:
    """With 19 fixes there is back-off, with 20 the curve."""
    assert days_of(run(30, 44), (14, 60), always(replace(BUGS, fixes=fixes))) == expected


def test_each_interval_is_of_the_curve_in_force_when_it_began() -> None:
    """A curve that comes into force while a customer waits moves no date that they were told, only the next one."""
    newer = curve_of(sample("4,11," + BB15.replace("30+", "30").replace("60+", "60")))
    curves = Curves(((day(-10), BUGS), (day(31), replace(newer, fixes=20))))
    alone = always(replace(newer, fixes=20))
    assert days_of(run(30), (7, 400), curves) == days_of(run(30), (7, 400), always(BUGS)) == (63,)
    assert days_of(run(30), (7, 400), alone) == (35,)
    assert days_of(run(93), (7, 400), alone) == (56,)
    assert days_of(run(30, 93), (7, 400), curves) == (63, 63)


def test_before_the_first_curve_there_is_none() -> None:
    """A team's first curve leaves what was told before it alone."""
    curves = Curves(((day(0), BUGS), (day(10), LOGNORMAL)))
    assert [curves.at(day(age)) for age in (-1, 0, 9.9, 10)] == [None, BUGS, BUGS, LOGNORMAL]


@pytest.mark.parametrize(
    ("lower", "every_days", "expected"),
    [
        (59.9, (7, 28), (7, 28)),
        (60, (7, 28), (30, 30)),
        (60, (14, 56), (30, 56)),
        (60, (35, 56), (35, 56)),
    ],
)
def test_in_the_long_haul_nobody_is_written_to_more_than_monthly(
    lower: float, every_days: tuple[int, int], expected: tuple[int, int]
) -> None:
    """Where the median is surely 60 days or more, the least is 30 days, and so at least is the most."""
    curve = replace(BUGS, median=Quantile(89, lower, 233))
    assert bounds(every_days, RULES, curve) == expected
    assert days_of(run(0), every_days, always(curve)) == (max(expected[0], min(expected[1], 14)),)


@pytest.mark.parametrize(("fixes", "expected"), [(19, False), (20, True)])
def test_the_long_haul_needs_as_many_fixes_as_any_lesson(fixes: int, *, expected: bool) -> None:
    """What is too little to set an interval is too little to forbid one."""
    assert is_long_haul(replace(BUGS, fixes=fixes, median=Quantile(89, 80, 233)), RULES) is expected


def test_a_median_beyond_the_curve_is_long_haul_once_the_curve_is_long_enough() -> None:
    """Where even the lower limit isn't reached, the median is more than what has been watched."""
    curve = replace(BUGS, median=Quantile(None, None, None))
    young = replace(curve, days=(3.0, 40.0), survival=(0.95, 0.9))
    assert [is_long_haul(curve, RULES), is_long_haul(young, RULES)] == [True, False]


def test_long_haul_bounds_hold_beyond_the_curve_too() -> None:
    """Back-off grows from the raised least."""
    curve = replace(BUGS, median=Quantile(89, 80, 233))
    assert days_of(run(240, 270, 315), (7, 60), always(curve)) == (30, 45, 60)
