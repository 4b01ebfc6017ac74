"""Weekends and holidays of real countries come from the library, never from a guess."""

from datetime import UTC, date, datetime, time

import pytest

from bugbridge.calendars import working_calendar
from bugbridge.core.calendar import WorkCalendar, next_open
from bugbridge.core.errors import ConfigError


def calendar_of(zone: str, country: str, subdivision: str | None = None, *closures: date) -> WorkCalendar:
    """Open from 8 to 20."""
    return working_calendar(zone, country, subdivision, time(8), time(20), closures)


def test_a_subdivision_has_holidays_of_its_own() -> None:
    """8 March is one in Berlin, not in Bavaria, nor in Germany as such."""
    day = date(2027, 3, 8)
    closed = [day in calendar_of("Europe/Berlin", "DE", subdivision).closed_dates for subdivision in ("BE", "BY", None)]
    assert closed == [True, False, False]


def test_substitute_days_are_holidays() -> None:
    """Where Christmas falls on a weekend, England is closed on the Monday and Tuesday after."""
    england = calendar_of("Europe/London", "GB", "ENG")
    days = [date(2026, 12, 28), date(2027, 12, 27), date(2027, 12, 28), date(2027, 12, 29)]
    assert [day in england.closed_dates for day in days] == [True, True, True, False]


@pytest.mark.parametrize(
    ("zone", "country", "weekend"),
    [("Asia/Riyadh", "SA", {4, 5}), ("Asia/Jerusalem", "IL", {4, 5}), ("Asia/Dubai", "AE", {5, 6})],
)
def test_the_weekend_is_the_countrys(zone: str, country: str, weekend: set[int]) -> None:
    """It is Friday and Saturday in some, Saturday and Sunday in others."""
    assert calendar_of(zone, country).weekend == weekend


@pytest.mark.parametrize(
    ("zone", "country", "subdivision", "due", "expected"),
    [
        ("Europe/Berlin", "DE", "BE", "2026-04-02T18:30", "2026-04-07T06:00"),
        ("America/New_York", "US", None, "2026-07-03T15:00", "2026-07-06T12:00"),
        ("Europe/Berlin", "DE", "BE", "2026-10-25T05:00", "2026-10-26T07:00"),
    ],
)
def test_what_is_due_on_a_holiday_goes_to_the_next_open_day(
    zone: str, country: str, subdivision: str | None, due: str, expected: str
) -> None:
    """Easter in Berlin, and 4 July observed on the 3rd."""
    instants = [datetime.fromisoformat(text).replace(tzinfo=UTC) for text in (due, expected)]
    assert next_open(instants[0], calendar_of(zone, country, subdivision)) == instants[1]


def test_a_company_closes_on_days_of_its_own() -> None:
    """24 December is a working day for the library: a company that closes says so."""
    day = date(2026, 12, 24)
    closed = [day in calendar_of("Europe/Berlin", "DE", "BE", *closures).closed_dates for closures in ([], [day])]
    assert closed == [False, True]


def test_all_mistakes_of_a_calendar_are_reported_together() -> None:
    """Each in a sentence that says what to write."""
    with pytest.raises(ConfigError) as caught:
        working_calendar("Europe/Nowhere", "Germany", None, time(20), time(8), [])
    assert caught.value.problems == (
        "Calendar: there is no time zone 'Europe/Nowhere'; write an IANA name such as Europe/Berlin.",
        "Calendar: no holidays are known for the country 'Germany'; write two capital letters such as DE.",
        "Calendar: the day opens at 20:00 and must close later, not at 08:00.",
    )


def test_an_unknown_subdivision_is_answered_with_the_known_ones() -> None:
    """A sentence names what could have been written."""
    with pytest.raises(ConfigError, match=r"DE has no subdivision 'XX'; it has: .*BE"):
        calendar_of("Europe/Berlin", "DE", "XX")
