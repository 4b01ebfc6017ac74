"""People read times in their own zone."""

from datetime import UTC, datetime

import pytest

from bugbridge.render.times import day, moment, stamp, until, until_stamp

JUNE = datetime(2026, 6, 4, 22, 30, tzinfo=UTC)
NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_a_day_is_the_readers_day() -> None:
    """Half past ten at night in UTC is tomorrow in Berlin."""
    assert (day(JUNE, "UTC", NOW), day(JUNE, "Europe/Berlin", NOW)) == ("4 June", "5 June")


def test_another_year_is_named() -> None:
    """The year is left out only where it is the present one."""
    assert day(JUNE, "UTC", datetime(2027, 1, 1, tzinfo=UTC)) == "4 June 2026"


def test_a_moment_has_its_weekday_and_time() -> None:
    """Daylight saving time is the zone's."""
    assert moment(JUNE, "America/New_York", NOW) == "Thursday 4 June 18:30"


def test_a_stamp_names_its_zone() -> None:
    """In tables nobody has to guess the zone."""
    assert stamp(JUNE, "Europe/Berlin") == "2026-06-05 00:30 Europe/Berlin"


def test_german_names_its_own_days() -> None:
    """As people write them there."""
    assert day(JUNE, "Europe/Berlin", NOW, "de") == "5. Juni"
    assert (
        moment(JUNE, "Europe/Berlin", datetime(2027, 1, 1, tzinfo=UTC), "de-AT") == "Freitag, 5. Juni 2026, 00:30 Uhr"
    )


def test_a_language_without_words_has_numbers() -> None:
    """A date in the wrong words would be worse."""
    assert (day(JUNE, "UTC", NOW, "fr"), moment(JUNE, "UTC", NOW, "fr")) == ("2026-06-04", "2026-06-04 22:30")


@pytest.mark.parametrize("at", ["2026-06-16T21:59", "2026-06-16T22:00"])
def test_what_is_due_by_the_end_of_a_day_has_that_day(at: str) -> None:
    """As it was promised: "by 16 June" ends with its last minute, or the midnight after it, in the reader's zone."""
    due = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert until(due, "Europe/Berlin") == "2026-06-16"
    assert until_stamp(due, "Europe/Berlin") == "the end of 2026-06-16 Europe/Berlin"
    assert until(due, "UTC") == at.replace("T", " ")


def test_what_is_due_by_an_hour_has_that_hour() -> None:
    """With its zone in a sentence."""
    assert until(JUNE, "Europe/Berlin") == "2026-06-05 00:30"
    assert until_stamp(JUNE, "Europe/Berlin") == "2026-06-05 00:30 Europe/Berlin"
