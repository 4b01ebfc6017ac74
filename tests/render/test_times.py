"""People read times in their own zone."""

from datetime import UTC, datetime

from bugbridge.render.times import day, moment, stamp

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
