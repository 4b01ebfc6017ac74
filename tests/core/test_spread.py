"""How durations are spread: percentiles and the median's limits, which assume no distribution."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, quantile_test  # type: ignore[import-untyped]  # scipy ships no types

from bugbridge.core.spread import LEAST_FOR_NORMAL_RANKS, Spread, percentile, ranks_outside, spread_of

DAYS = st.floats(0, 3000)


def test_the_figures_of_ten_short_waits_and_a_long_one() -> None:
    """Of 0 to 9 days and of 65: the worst moves the mean and not the median."""
    assert spread_of([65, *range(10)]) == Spread(11, 5, 1, 9, 10, 2.5, 7.5, 9, 65)


@pytest.mark.parametrize("count", range(5))
def test_under_five_there_is_no_figure(count: int) -> None:
    """A median of four says less than the four."""
    assert spread_of(range(count)) == Spread(count)


def test_five_have_a_median_without_limits() -> None:
    """All five lie on one side of the median in one sample out of sixteen: their extremes hold it with 94 % only."""
    assert spread_of([3, 1, 2, 5, 4]) == Spread(5, 3, None, None, 3, 2, 4, 4.6, 5)
    assert (spread_of(range(6)).median_lower, spread_of(range(6)).median_upper) == (0, 5)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([1, 2, 3, 4, 5], 0.5, 3), ([1, 2, 3, 4], 0.5, 2.5), ([0, 10], 0.9, 9), ([7], 0.9, 7), ([1, 2, 3], 1, 3)],
)
def test_a_percentile_lies_on_the_line_between_its_neighbours(
    values: list[float], share: float, expected: float
) -> None:
    """Hyndman and Fan's type 7, as spreadsheets and numpy have it."""
    assert percentile(values, share) == pytest.approx(expected)


@given(st.lists(DAYS, min_size=1).map(sorted), st.floats(0, 1))
def test_a_percentile_never_leaves_the_values(values: list[float], share: float) -> None:
    """It is at least the least and at most the most, but for rounding."""
    found = percentile(values, share)
    assert found == pytest.approx(min(max(found, values[0]), values[-1]))


@given(st.lists(st.integers(0, 3000), min_size=6))
def test_the_figures_stand_in_order(days: list[int]) -> None:
    """Quartiles around the median, its limits around it, nothing beyond the worst; the order of the bugs is nothing."""
    spread = spread_of(days)
    figures = [spread.p25, spread.median, spread.p75, spread.p90, spread.worst]
    assert figures == sorted(figures, key=lambda figure: figure or 0)
    assert (spread.median_lower or 0) <= (spread.median or 0) <= (spread.median_upper or 0)
    assert spread_of(sorted(days, reverse=True)) == spread
    assert percentile(sorted(days), 0.5) == pytest.approx(spread.median, abs=1e-6)


@pytest.mark.parametrize("count", [*range(5, 120), 365, 500, 998, 999])
def test_the_medians_limits_agree_with_scipy(count: int) -> None:
    """Order statistics by the exact binomial, which scipy's test of quantiles inverts."""
    interval = quantile_test(range(count), p=0.5).confidence_interval(0.95)
    spread = spread_of(range(count))
    expected = (spread.median_lower, spread.median_upper) if count > 5 else (float("nan"), float("nan"))
    assert (interval.low, interval.high) == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("count", [*range(LEAST_FOR_NORMAL_RANKS, 1200), 5_856, 99_999, 1_000_000])
def test_many_values_have_the_binomials_ranks_or_the_next(count: int) -> None:
    """The normal distribution's ranks, which hold the median with 95 % but for a thousandth."""
    rank = ranks_outside(count)
    assert abs(rank - int(binom.ppf(0.025, count, 0.5))) <= 1
    assert 1 - 2 * binom.cdf(rank - 1, count, 0.5) >= 0.949
