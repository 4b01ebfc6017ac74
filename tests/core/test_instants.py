"""Instants as text of one form."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.instants import elapsed_days, instant_from_text, instant_to_text

INSTANTS = st.datetimes(datetime(1000, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001 (drawn with a zone)


def test_an_instant_is_written_in_one_form_with_six_digits_and_a_z() -> None:
    """Whole seconds are padded, so that texts of equal length compare."""
    assert instant_to_text(datetime(2026, 6, 1, 9, tzinfo=UTC)) == "2026-06-01T09:00:00.000000Z"


def test_an_instant_of_another_zone_is_written_in_utc() -> None:
    """What is stored has one zone."""
    berlin_summer = timezone(timedelta(hours=2))
    assert instant_to_text(datetime(2026, 6, 1, 9, tzinfo=berlin_summer)) == "2026-06-01T07:00:00.000000Z"


@given(INSTANTS, INSTANTS)
def test_texts_sort_as_instants_follow_one_another(one: datetime, other: datetime) -> None:
    """The store compares texts only."""
    assert (instant_to_text(one) < instant_to_text(other)) == (one < other)


@given(INSTANTS)
def test_what_was_written_is_read_back(at: datetime) -> None:
    """Nothing is lost, to the microsecond."""
    assert instant_from_text(instant_to_text(at)) == at


@pytest.mark.parametrize("words", ["2026-06-01", "2026-06-01T09:00:00", "soon", ""])
def test_a_text_without_a_zone_is_no_instant(words: str) -> None:
    """A zone is never guessed."""
    with pytest.raises(ValueError, match=r"time zone|isoformat"):
        instant_from_text(words)


def test_a_naive_datetime_is_never_written() -> None:
    """It could mean any instant of a day."""
    with pytest.raises(ValueError, match="time zone"):
        instant_to_text(datetime(2026, 6, 1))  # noqa: DTZ001 (a naive one is the point)


def test_a_day_is_86400_seconds() -> None:
    """Elapsed days know no clock changes; they go backwards, too."""
    start = datetime(2026, 3, 28, 12, tzinfo=UTC)
    assert (elapsed_days(start, start + timedelta(hours=36)), elapsed_days(start, start - timedelta(days=2))) == (
        1.5,
        -2,
    )
