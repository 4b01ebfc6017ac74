"""How long until the next periodic update, while too few bugs are fixed to learn from."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.cadence import interval_days, next_update_at

ORDINALS = st.integers(0, 60)
BACKOFFS = st.floats(1, 10)
RANGES = st.tuples(st.integers(1, 400), st.integers(1, 400)).map(lambda pair: (min(pair), max(pair)))


def test_each_interval_is_half_as_long_again_up_to_the_most() -> None:
    """14, 21, 32, 48, 60, 60: each from the rounded interval before it, rounded up to whole days."""
    assert [interval_days(ordinal, (14, 60), 1.5) for ordinal in range(6)] == [14, 21, 32, 48, 60, 60]


def test_a_backoff_of_one_keeps_the_interval() -> None:
    """With a back-off of 1 every interval is the first, however many there were."""
    assert [interval_days(ordinal, (14, 60), 1.0) for ordinal in (0, 1, 1000)] == [14, 14, 14]


def test_a_decimal_backoff_is_taken_as_written() -> None:
    """10 days times 1.1 is 11 days; binary fractions would make it 12."""
    assert interval_days(1, (10, 60), 1.1) == 11


def test_news_begins_the_intervals_anew() -> None:
    """After news the count begins at 0, and so does the interval, whatever it had grown to."""
    assert (interval_days(5, (14, 56), 1.5), interval_days(0, (14, 56), 1.5)) == (56, 14)


def test_the_next_update_is_elapsed_days_after_the_customer_was_told() -> None:
    """Days are 86,400 s: 21 days over a change to summer time keep the instant's UTC hour."""
    told = datetime(2026, 3, 20, 8, tzinfo=UTC)
    assert next_update_at(told, 1, (14, 60), 1.5) == datetime(2026, 4, 10, 8, tzinfo=UTC)


def test_no_update_comes_before_the_first() -> None:
    """A negative ordinal is a mistake of the caller, not an interval."""
    with pytest.raises(ValueError, match="ordinal -1"):
        interval_days(-1, (14, 60), 1.5)


@given(ORDINALS, RANGES, BACKOFFS)
def test_intervals_stay_within_the_rule(ordinal: int, every_days: tuple[int, int], backoff: float) -> None:
    """No interval is under the rule's least or over its most."""
    least, most = every_days
    assert least <= interval_days(ordinal, every_days, backoff) <= most


@given(ORDINALS, RANGES, BACKOFFS)
def test_without_news_no_interval_is_shorter_than_the_last(
    ordinal: int, every_days: tuple[int, int], backoff: float
) -> None:
    """A customer who has heard nothing new is never written to more often than before."""
    assert interval_days(ordinal, every_days, backoff) <= interval_days(ordinal + 1, every_days, backoff)
