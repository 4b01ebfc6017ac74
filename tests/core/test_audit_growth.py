"""Whether more bugs are reported than before, beyond chance."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from bugbridge.core.audit_growth import Halves, halves_of

COUNTS = st.integers(0, 400)


def counted(later: int, earlier: int) -> Halves:
    """So many reports 50 days ago, and so many 300 days ago."""
    return halves_of([(50, 1)] * later + [(300, 1)] * earlier, 2000, fixes=10)


@pytest.mark.parametrize(("later", "earlier"), [(6, 4), (9, 6), (13, 4), (17, 9), (59, 40), (149, 100)])
def test_what_chance_can_do_or_hardly_matters_is_no_growth(later: int, earlier: int) -> None:
    """Six reports after four are no more; four are too few to grow from; of many, half as many again is growth."""
    assert not counted(later, earlier).grow


@pytest.mark.parametrize(("later", "earlier"), [(20, 5), (18, 8), (60, 40), (150, 100)])
def test_more_than_chance_is_growth_and_the_other_way_round_shrinking(later: int, earlier: int) -> None:
    """By the same rule."""
    assert (counted(later, earlier).grow, counted(earlier, later).shrink) == (True, True)
    assert (counted(later, earlier).shrink, counted(earlier, later).grow) == (False, False)


def test_a_tracker_whose_reports_cease_shrinks() -> None:
    """None is a number that reports can fall to, but not one to grow from."""
    assert counted(0, 30).shrink
    assert not counted(30, 0).grow


@given(COUNTS, COUNTS)
def test_chance_is_that_of_the_binomial_test(later: int, earlier: int) -> None:
    """Off by half a per cent at most, from ten reports on."""
    if later + earlier < 10 or earlier < 5 or later < 1.5 * earlier:
        return
    probability = binomtest(later, later + earlier, alternative="greater").pvalue
    if abs(probability - 0.05) > 0.005:
        assert counted(later, earlier).grow == (probability < 0.05)


def test_no_report_says_nothing() -> None:
    """Neither growth nor the lack of it."""
    assert halves_of([], 365, fixes=0) == Halves()
    assert not Halves().grow
    assert not Halves().shrink


def test_reports_are_halved_as_far_as_can_be_seen() -> None:
    """In 100 days of history 60 days ago is the earlier half; beyond it nothing counts."""
    assert halves_of([(40, 1), (60, 1), (120, 1)], 100, fixes=0) == Halves(1, 1, 2)


def test_bugs_that_stand_for_others_tell_no_more_than_the_fixes_did() -> None:
    """Ten that stand for four each are forty reports as far as twelve fixes tell how many are gone."""
    weighted = [(50, 4.0)] * 10 + [(300, 4.0)] * 5
    assert halves_of(weighted, 365, fixes=100) == Halves(40, 20, 60)
    assert halves_of(weighted, 365, fixes=12) == Halves(40, 20, 12)
    assert halves_of(weighted, 365, fixes=100).grow
    assert not halves_of(weighted, 365, fixes=12).grow
