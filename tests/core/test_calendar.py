"""Working days and hours, and the wall times that clocks skip or show twice."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import (
    ALWAYS_OPEN,
    WorkCalendar,
    add_business_days,
    add_wall_days,
    business_time_between,
    is_open,
    next_open,
    previous_open_day,
    resolve_wall,
    start_of_day,
    wall_exists,
)
from bugbridge.core.errors import ConfigError

BERLIN, NEW_YORK, APIA = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York"), ZoneInfo("Pacific/Apia")
SATURDAY_SUNDAY = frozenset({5, 6})
EASTER_2026 = frozenset({date(2026, 4, 3), date(2026, 4, 6)})
FOURTH_OF_JULY_OBSERVED = frozenset({date(2026, 7, 3)})
BERLIN_8_TO_20 = WorkCalendar(BERLIN, time(8), time(20), SATURDAY_SUNDAY, EASTER_2026)
BERLIN_9_TO_17 = WorkCalendar(BERLIN, time(9), time(17), SATURDAY_SUNDAY, EASTER_2026)
NEW_YORK_8_TO_20 = WorkCalendar(NEW_YORK, time(8), time(20), SATURDAY_SUNDAY, FOURTH_OF_JULY_OBSERVED)
WHOLE_WORKING_DAYS = WorkCalendar(BERLIN, time(0), time(0), SATURDAY_SUNDAY)
NEVER_OPEN = WorkCalendar(BERLIN, time(8), time(20), frozenset(range(7)))
CALENDARS = st.sampled_from([BERLIN_8_TO_20, BERLIN_9_TO_17, NEW_YORK_8_TO_20, WHOLE_WORKING_DAYS, ALWAYS_OPEN])
INSTANTS = st.datetimes(datetime(2011, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds it


def utc(text: str) -> datetime:
    """An instant from ISO text without a zone, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def berlin(text: str) -> datetime:
    """The instant of a wall time in Berlin."""
    return resolve_wall(datetime.fromisoformat(text), BERLIN)


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        ("2026-03-08T02:30", "America/New_York", "2026-03-08T07:30"),
        ("2026-11-01T01:30", "America/New_York", "2026-11-01T05:30"),
        ("2018-11-04T00:00", "America/Sao_Paulo", "2018-11-04T03:00"),
        ("2026-04-05T01:45", "Australia/Lord_Howe", "2026-04-04T14:45"),
    ],
)
def test_a_skipped_wall_time_moves_forward_and_a_repeated_one_is_its_first(wall: str, zone: str, instant: str) -> None:
    """02:30 in a gap becomes 03:30; 01:30 shown twice is acted on once, the first time."""
    assert resolve_wall(datetime.fromisoformat(wall), ZoneInfo(zone)) == utc(instant)


@pytest.mark.parametrize(
    ("wall", "zone", "exists"),
    [
        ("2026-03-08T02:30", "America/New_York", False),
        ("2026-03-08T03:30", "America/New_York", True),
        ("2026-11-01T01:30", "America/New_York", True),
        ("2026-04-24T00:00", "Africa/Cairo", False),
        ("2018-11-04T00:00", "America/Sao_Paulo", False),
        ("2011-12-30T12:00", "Pacific/Apia", False),
        ("2026-04-05T01:45", "Australia/Lord_Howe", True),
    ],
)
def test_a_wall_time_that_clocks_skip_does_not_exist(wall: str, zone: str, exists: bool) -> None:  # noqa: FBT001  # a table
    """It is found by the way to UTC and back, since Python raises nothing."""
    assert wall_exists(datetime.fromisoformat(wall), ZoneInfo(zone)) == exists


@pytest.mark.parametrize(
    ("wall", "instant", "open_from"),
    [
        ("2026-03-20T09:00", "2026-04-03T07:00", "2026-04-07T06:00"),
        ("2026-10-20T09:00", "2026-11-03T08:00", "2026-11-03T08:00"),
    ],
)
def test_fourteen_days_later_is_the_same_wall_time(wall: str, instant: str, open_from: str) -> None:
    """Across a clock change 14 days aren't 336 hours; a day that falls on Good Friday goes to the next open day."""
    later = add_wall_days(datetime.fromisoformat(wall), BERLIN, 14)
    assert (later, next_open(later, BERLIN_8_TO_20)) == (utc(instant), utc(open_from))


def test_elapsed_time_is_taken_in_utc() -> None:
    """From 01:00 to 04:00 on the night when clocks go forward two hours pass."""
    assert berlin("2026-03-29T04:00") - berlin("2026-03-29T01:00") == timedelta(hours=2)


@pytest.mark.parametrize(("evening", "hours"), [("2026-03-28", 11), ("2026-10-24", 13), ("2026-06-01", 12)])
def test_a_quiet_night_is_as_long_as_clocks_make_it(evening: str, hours: int) -> None:
    """Quiet from 20 to 08 is 11, 13 or 12 hours: what is due a minute after closing waits until 08:00 on the wall."""
    every_day = WorkCalendar(BERLIN, time(8), time(20), frozenset())
    closing = berlin(f"{evening}T20:00")
    assert next_open(closing + timedelta(minutes=1), every_day) - closing == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("start", "end"),
    [("2026-03-27T16:00", "2026-03-30T10:00"), ("2026-04-02T16:00", "2026-04-07T10:00")],
)
def test_nights_weekends_and_holidays_are_no_business_time(start: str, end: str) -> None:
    """From an hour before closing to an hour after the next opening two hours were worked."""
    assert business_time_between(berlin(start), berlin(end), BERLIN_9_TO_17) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("calendar", "due", "expected"),
    [
        (BERLIN_8_TO_20, "2026-04-02T18:30", "2026-04-07T06:00"),
        (NEW_YORK_8_TO_20, "2026-07-03T15:00", "2026-07-06T12:00"),
        (BERLIN_8_TO_20, "2026-10-25T05:00", "2026-10-26T07:00"),
        (NEW_YORK_8_TO_20, "2026-03-06T12:59", "2026-03-06T13:00"),
        (NEW_YORK_8_TO_20, "2026-03-09T11:59", "2026-03-09T12:00"),
        (NEW_YORK_8_TO_20, "2026-03-09T12:01", "2026-03-09T12:01"),
        (ALWAYS_OPEN, "2026-04-05T03:00", "2026-04-05T03:00"),
    ],
)
def test_what_is_due_while_closed_goes_to_the_next_opening(calendar: WorkCalendar, due: str, expected: str) -> None:
    """Ordinary updates move later, by the wall clock of the calendar's zone; open moments stay."""
    assert next_open(utc(due), calendar) == utc(expected)


@pytest.mark.parametrize(
    ("promised", "expected"),
    [
        ("2026-04-06T12:00", "2026-04-02T20:00"),
        ("2026-04-07T23:00", "2026-04-07T20:00"),
        ("2026-04-07T07:00", "2026-04-02T20:00"),
        ("2026-04-07T12:00", "2026-04-07T12:00"),
    ],
)
def test_a_promise_by_a_closed_day_is_due_on_the_open_day_before(promised: str, expected: str) -> None:
    """A promise moves earlier, never later: at the latest to the closing of the previous open day."""
    assert previous_open_day(berlin(promised), BERLIN_8_TO_20) == berlin(expected)


@pytest.mark.parametrize(
    ("start", "days", "expected"),
    [
        ("2026-04-02T16:00", 1, "2026-04-07T16:00"),
        ("2026-04-04T12:00", 1, "2026-04-08T09:00"),
        ("2026-03-27T16:00", 5, "2026-04-07T16:00"),
        ("2026-04-07T16:00", -1, "2026-04-02T16:00"),
        ("2026-04-04T12:00", -1, "2026-04-01T17:00"),
        ("2026-04-04T12:00", 0, "2026-04-07T09:00"),
    ],
)
def test_business_days_are_counted_on_open_days_at_the_same_wall_time(start: str, days: int, expected: str) -> None:
    """From a closed moment they count from the next opening, backwards from the last closing."""
    assert add_business_days(berlin(start), days, BERLIN_9_TO_17) == berlin(expected)


@pytest.mark.parametrize(
    ("day", "zone", "start"),
    [
        (date(2026, 4, 24), "Africa/Cairo", "2026-04-23T22:00"),
        (date(2018, 11, 4), "America/Sao_Paulo", "2018-11-04T03:00"),
        (date(2026, 6, 1), "Europe/Berlin", "2026-05-31T22:00"),
    ],
)
def test_a_day_starts_when_its_first_moment_exists(day: date, zone: str, start: str) -> None:
    """Where midnight is skipped, the day starts at 01:00 on the wall."""
    assert start_of_day(day, ZoneInfo(zone)) == utc(start)


def test_a_day_that_never_was_has_no_start_and_no_working_hours() -> None:
    """Apia went from 29 to 31 December 2011: nothing is due, and nothing is worked, on the 30th."""
    every_day = WorkCalendar(APIA, time(9), time(17), frozenset())
    before, after = (resolve_wall(datetime(2011, 12, day, 12), APIA) for day in (29, 31))  # noqa: DTZ001  # a wall time
    with pytest.raises(ValueError, match="no 2011-12-30 in Pacific/Apia"):
        start_of_day(date(2011, 12, 30), APIA)
    assert business_time_between(before, after, every_day) == timedelta(hours=8)
    assert add_business_days(before, 1, every_day) == after


def test_the_moment_of_closing_is_open_and_the_next_is_not() -> None:
    """A promise moved back to the closing must not be moved again."""
    closing = berlin("2026-04-02T20:00")
    assert [is_open(closing, BERLIN_8_TO_20), is_open(closing + timedelta(seconds=1), BERLIN_8_TO_20)] == [True, False]


def test_a_day_that_closes_at_midnight_is_open_until_the_next_begins() -> None:
    """Friday lasts until Saturday's first moment, and one business day later is the end of Monday."""
    midnight = berlin("2026-06-06T00:00")
    saturday = berlin("2026-06-06T12:00")
    assert previous_open_day(saturday, WHOLE_WORKING_DAYS) == midnight
    assert add_business_days(midnight, 1, WHOLE_WORKING_DAYS) == berlin("2026-06-09T00:00")


def test_a_calendar_that_is_never_open_is_named_as_such() -> None:
    """The search ends with a sentence instead of running on."""
    for search in (next_open, previous_open_day, lambda instant, calendar: add_business_days(instant, 1, calendar)):
        with pytest.raises(ConfigError, match="Europe/Berlin has no open day in 400 days"):
            search(utc("2026-06-01T12:00"), NEVER_OPEN)


def test_a_day_that_closes_before_it_opens_is_refused() -> None:
    """Hours the wrong way round are a mistake, not a night shift."""
    with pytest.raises(ValueError, match="can't close at 08:00 when it opens at 20:00"):
        WorkCalendar(BERLIN, time(20), time(8), frozenset())


def test_an_instant_without_a_zone_is_refused() -> None:
    """Python would take it for the machine's own zone, and be wrong elsewhere."""
    with pytest.raises(ValueError, match="has no time zone"):
        is_open(datetime(2026, 6, 1, 12), ALWAYS_OPEN)  # noqa: DTZ001  # the mistake under test


@given(INSTANTS, CALENDARS)
def test_moving_later_and_earlier_lands_on_open_moments_and_stays_there(
    instant: datetime, calendar: WorkCalendar
) -> None:
    """Both are on their side of the instant, open, and unchanged when moved again in either direction."""
    later, earlier = next_open(instant, calendar), previous_open_day(instant, calendar)
    assert earlier <= instant <= later
    for moment in (later, earlier):
        assert is_open(moment, calendar)
        assert next_open(moment, calendar) == moment == previous_open_day(moment, calendar)


@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=5)), st.integers(-8, 8), CALENDARS)
def test_a_later_moment_never_ends_up_before_an_earlier_one(
    instant: datetime, wait: timedelta, days: int, calendar: WorkCalendar
) -> None:
    """Business days keep the order of moments, and lead to open ones."""
    first, second = (add_business_days(moment, days, calendar) for moment in (instant, instant + wait))
    assert first <= second
    assert is_open(first, calendar)


@given(
    INSTANTS, st.timedeltas(timedelta(0), timedelta(days=9)), st.timedeltas(timedelta(0), timedelta(days=9)), CALENDARS
)
def test_business_time_adds_up_and_never_exceeds_the_time_that_passed(
    start: datetime, first: timedelta, second: timedelta, calendar: WorkCalendar
) -> None:
    """Worked time of two stretches is that of both together; backwards there is none."""
    middle, end = start + first, start + first + second
    parts = business_time_between(start, middle, calendar) + business_time_between(middle, end, calendar)
    assert business_time_between(start, end, calendar) == parts <= first + second
    assert business_time_between(end, start, calendar) == timedelta(0)


@given(INSTANTS)
def test_the_calendar_of_the_demonstration_never_closes(instant: datetime) -> None:
    """At night and on Sundays alike."""
    assert is_open(instant, ALWAYS_OPEN)
