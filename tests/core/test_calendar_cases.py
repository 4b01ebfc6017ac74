"""The calendar's known answers, row by row: a wall time that is skipped or shown twice, nights, holidays, promises."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bugbridge.calendars import working_calendar
from bugbridge.core.calendar import (
    WorkCalendar,
    add_wall_days,
    business_time_between,
    next_open,
    previous_open_day,
    resolve_wall,
    start_of_day,
    wall_exists,
)

CASES_FILE = Path(__file__).parents[2].parent / "shared" / "data" / "calendar_cases.json"
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")


def team(zone: str, country: str, subdivision: str | None, opens: int = 8, closes: int = 20) -> WorkCalendar:
    """The working calendar of a real country."""
    return working_calendar(zone, country, subdivision, time(opens), time(closes), ())


BERLIN_8_20 = team("Europe/Berlin", "DE", "BE")
BERLIN_9_17 = team("Europe/Berlin", "DE", "BE", 9, 17)
NEW_YORK_8_20 = team("America/New_York", "US", None)


def wall(text: str) -> datetime:
    """A time on the wall."""
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    """An instant."""
    return datetime.fromisoformat(f"{text}+00:00")


def worked(start: str, end: str) -> timedelta:
    """Business time in Berlin between two times on the wall."""
    return business_time_between(resolve_wall(wall(start), BERLIN), resolve_wall(wall(end), BERLIN), BERLIN_9_17)


def closed_on(days: list[date], *, country: str, subdivision: str | None) -> list[bool]:
    """Whether each day is a holiday there."""
    calendar = team("Europe/Berlin", country, subdivision)
    return [day in calendar.closed_dates for day in days]


def missing_day() -> str:
    """What asking for a day that never was is answered with."""
    with pytest.raises(ValueError, match="There was no 2011-12-30 in Pacific/Apia") as raised:
        start_of_day(date(2011, 12, 30), ZoneInfo("Pacific/Apia"))
    return str(raised.value)[:12]


# The kind and what is given, as the file has them; what the code says; what is right.
CASES: list[tuple[str, str, Callable[[], object], object]] = [
    (
        "gap",
        "wall 2026-03-08T02:30",
        lambda: (wall_exists(wall("2026-03-08T02:30"), NEW_YORK), resolve_wall(wall("2026-03-08T02:30"), NEW_YORK)),
        (False, utc("2026-03-08T07:30")),
    ),
    (
        "twice",
        "wall 2026-11-01T01:30",
        lambda: [resolve_wall(wall("2026-11-01T01:30").replace(fold=fold), NEW_YORK) for fold in (0, 1)],
        [utc("2026-11-01T05:30")] * 2,
    ),
    (
        "wall_plus_days",
        "2026-03-20T09:00 + 14 days",
        lambda: (
            add_wall_days(wall("2026-03-20T09:00"), BERLIN, 14),
            next_open(add_wall_days(wall("2026-03-20T09:00"), BERLIN, 14), BERLIN_8_20),
        ),
        (utc("2026-04-03T07:00"), utc("2026-04-07T06:00")),
    ),
    (
        "wall_plus_days",
        "2026-10-20T09:00 + 14 days",
        lambda: add_wall_days(wall("2026-10-20T09:00"), BERLIN, 14),
        utc("2026-11-03T08:00"),
    ),
    (
        "elapsed",
        "2026-03-29T01:00 to 2026-03-29T04:00",
        lambda: resolve_wall(wall("2026-03-29T04:00"), BERLIN) - resolve_wall(wall("2026-03-29T01:00"), BERLIN),
        timedelta(hours=2),
    ),
    (
        "business_time 09-17",
        "Fri 2026-03-27T16:00 to Mon 2026-03-30T10:00",
        lambda: worked("2026-03-27T16:00", "2026-03-30T10:00"),
        timedelta(hours=2),
    ),
    (
        "business_time 09-17",
        "Thu 2026-04-02T16:00 to Tue 2026-04-07T10:00",
        lambda: worked("2026-04-02T16:00", "2026-04-07T10:00"),
        timedelta(hours=2),
    ),
    (
        "next_open 08-20",
        "due 2026-04-02T18:30Z",
        lambda: next_open(utc("2026-04-02T18:30"), BERLIN_8_20),
        utc("2026-04-07T06:00"),
    ),
    (
        "next_open 08-20",
        "due 2026-07-03T15:00Z",
        lambda: next_open(utc("2026-07-03T15:00"), NEW_YORK_8_20),
        utc("2026-07-06T12:00"),
    ),
    (
        "next_open 08-20",
        "due 2026-10-25T05:00Z",
        lambda: next_open(utc("2026-10-25T05:00"), BERLIN_8_20),
        utc("2026-10-26T07:00"),
    ),
    (
        "next_open 08-20",
        "due 2026-03-06T12:59Z",
        lambda: next_open(utc("2026-03-06T12:59"), NEW_YORK_8_20),
        utc("2026-03-06T13:00"),
    ),
    (
        "next_open 08-20",
        "due 2026-03-09T11:59Z",
        lambda: next_open(utc("2026-03-09T11:59"), NEW_YORK_8_20),
        utc("2026-03-09T12:00"),
    ),
    (
        "holiday",
        "8 March",
        lambda: [closed_on([date(2027, 3, 8)], country="DE", subdivision=state) for state in ("BE", "BY", None)],
        [[True], [False], [False]],
    ),
    (
        "holiday",
        "2026-12-28; 2027-12-27; 2027-12-28",
        lambda: closed_on(
            [date(2026, 12, 28), date(2027, 12, 27), date(2027, 12, 28)], country="GB", subdivision="ENG"
        ),
        [True, True, True],
    ),
    (
        "weekend",
        "",
        lambda: [set(team("UTC", country, None).weekend) for country in ("SA", "IL", "AE")],
        [{4, 5}, {4, 5}, {5, 6}],
    ),
    (
        "midnight",
        "2026-04-24T00:00; 2018-11-04T00:00",
        lambda: [
            start_of_day(date(2026, 4, 24), ZoneInfo("Africa/Cairo")).astimezone(ZoneInfo("Africa/Cairo")).hour,
            start_of_day(date(2018, 11, 4), ZoneInfo("America/Sao_Paulo"))
            .astimezone(ZoneInfo("America/Sao_Paulo"))
            .hour,
        ],
        [1, 1],
    ),
    ("missing_day", "2011-12-30", missing_day, "There was no"),
    (
        "promise",
        "promised by a closed day",
        lambda: (
            previous_open_day(utc("2026-04-03T10:00"), BERLIN_8_20),
            next_open(utc("2026-04-03T10:00"), BERLIN_8_20),
        ),
        (utc("2026-04-02T18:00"), utc("2026-04-07T06:00")),
    ),
]


@pytest.mark.parametrize(("ask", "right"), [case[2:] for case in CASES], ids=[f"{case[0]} {case[1]}" for case in CASES])
def test_the_calendar_gives_the_known_answer(ask: Callable[[], object], right: object) -> None:
    """Clock changes, nights, weekends, holidays with their subdivisions, and both ways out of a closed day."""
    assert ask() == right


@pytest.mark.skipif(not CASES_FILE.exists(), reason="the cases lie beside the project")
def test_no_known_answer_is_left_out() -> None:
    """Every row of the file of cases is one of these."""
    rows = {(row["kind"], row["given"]) for row in json.loads(CASES_FILE.read_text(encoding="utf-8"))}
    assert rows == {case[:2] for case in CASES}


def test_the_days_around_new_year_are_working_days_unless_the_team_says_otherwise() -> None:
    """24 and 31 December are no public holidays, so a team's closures are a list of their own."""
    days = [date(2026, 12, 24), date(2026, 12, 31)]
    own = working_calendar("Europe/Berlin", "DE", "BE", time(8), time(20), days)
    assert closed_on(days, country="DE", subdivision="BE") == [False, False]
    assert [day in own.closed_dates for day in days] == [True, True]
