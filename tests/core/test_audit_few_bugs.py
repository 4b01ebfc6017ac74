"""Trackers of few bugs: chance moves their medians, so that no story is told which so few can't carry."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from random import Random

import pytest

from bugbridge.core.audit_model import Audit, Difference, Trust
from tests.core.test_audit_worlds import NEVER, Bug, audit, fix_days, steady

DRAWS = 200
YEARS = {2: 730.5, 4: 1461.0}
CHANCE = {Difference.CHANCE}


def some(chance: Random, count: int, days: float, never: float = 0) -> list[Bug]:
    """So many bugs, reported at any time of so many days, and fixed as in the worlds."""
    reports = [-days * chance.random() for _ in range(count)]
    return [Bug(report, report + fix_days(chance, never)) for report in reports]


def fewer_each_year(chance: Random, count: int) -> list[Bug]:
    """Reports of four years that fall evenly to none now."""
    reports = [-YEARS[4] * chance.random() ** 0.5 for _ in range(count)]
    return [Bug(report, report + fix_days(chance, 0)) for report in reports]


def draws() -> Iterator[Random]:
    """Seeded, so that they are the same each time."""
    return (Random(seed) for seed in range(DRAWS))  # noqa: S311  # seeded draws, no secret


@cache
def audits(count: int, years: int) -> list[Audit]:
    """The audits of the draws of a tracker with so many bugs in so many years."""
    return [audit(some(chance, count, YEARS[years])) for chance in draws()]


def told(found: list[Audit]) -> float:
    """The share of audits that name a reason other than chance."""
    return sum(bool(set(each.differences) - CHANCE) for each in found) / len(found)


@pytest.mark.parametrize("years", YEARS)
@pytest.mark.parametrize("count", [20, 30, 40])
def test_of_a_steady_tracker_with_few_bugs_no_story_is_told(count: int, years: int) -> None:
    """Reports are steady, history is long enough, all is fixed: in at most one draw of twenty a reason is named."""
    assert told(audits(count, years)) <= 0.05


@pytest.mark.parametrize("count", [30, 40])
def test_of_few_bugs_over_years_both_medians_are_mostly_trusted(count: int) -> None:
    """They are nearly those of the same bugs."""
    trust = Counter(each.trust for each in audits(count, 4))
    assert trust[Trust.BOTH] >= 0.8 * DRAWS


def test_so_few_bugs_that_nothing_can_be_said_are_trusted_in_nothing() -> None:
    """The last ten of a steady tracker: the limits of both medians are mostly more than ten times apart."""
    found = [audit(steady(chance), last=10) for chance in draws()]
    assert sum(each.trust is Trust.NEITHER for each in found) >= 0.9 * DRAWS
    assert told(found) <= 0.02


@pytest.mark.parametrize("last", [20, 30, 40])
def test_the_last_few_bugs_of_a_steady_tracker_have_no_story_either(last: int) -> None:
    """Though one that is long open stands for many that are gone, of whom a small window knows little."""
    assert told([audit(steady(chance), last=last) for chance in draws()]) <= 0.1


def test_few_bugs_show_that_many_are_never_fixed() -> None:
    """What is strong is seen in few as well: of forty bugs every third stays open."""
    found = [audit(some(chance, 40, YEARS[4], never=1.5 * NEVER)) for chance in draws()]
    named = sum(each.differences == (Difference.NEVER_FIXED,) for each in found)
    assert named >= 0.75 * DRAWS


@pytest.mark.parametrize("count", [40, 300])
def test_of_a_shrinking_tracker_no_growth_is_told(count: int) -> None:
    """Nor that its history is short, or that its bugs stay open; there is no word for it, so none is made up."""
    found = [audit(fewer_each_year(chance, count)) for chance in draws()]
    assert told(found) <= 0.01
