"""Working calendars of several zones, and how the tests of dates in replies read them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.promise_dates import said_dates

SATURDAY_SUNDAY, FRIDAY_SATURDAY = frozenset({5, 6}), frozenset({4, 5})
CLOSED_IN_BERLIN = frozenset({date(2026, 4, 3), date(2026, 4, 6), date(2026, 12, 25), date(2027, 1, 1)})


def nine_to_five(zone: str, weekend: frozenset[int], closed: frozenset[date] = frozenset()) -> WorkCalendar:
    """People who close at 17:00."""
    return WorkCalendar(ZoneInfo(zone), time(9), time(17), weekend, closed)


CALENDARS = {
    "Berlin": nine_to_five("Europe/Berlin", SATURDAY_SUNDAY, CLOSED_IN_BERLIN),
    "Berlin, open until midnight": WorkCalendar(ZoneInfo("Europe/Berlin"), time(9), time(0), SATURDAY_SUNDAY),
    "Berlin, around the clock": WorkCalendar(ZoneInfo("Europe/Berlin"), time(0), time(0), SATURDAY_SUNDAY),
    "Berlin, mornings": WorkCalendar(ZoneInfo("Europe/Berlin"), time(6), time(11, 30), SATURDAY_SUNDAY),
    "Berlin, all days until 20:00": WorkCalendar(ZoneInfo("Europe/Berlin"), time(8), time(20), frozenset()),
    "New York": nine_to_five("America/New_York", SATURDAY_SUNDAY, frozenset({date(2026, 7, 3)})),
    "Tokyo": WorkCalendar(ZoneInfo("Asia/Tokyo"), time(9), time(18), SATURDAY_SUNDAY),
    "Cairo": nine_to_five("Africa/Cairo", FRIDAY_SATURDAY),
    "Apia": nine_to_five("Pacific/Apia", SATURDAY_SUNDAY),
    "Lord Howe": nine_to_five("Australia/Lord_Howe", SATURDAY_SUNDAY),
    "always open": ALWAYS_OPEN,
}


def due_of(text: str, said_at: str, place: str, language: str) -> list[str]:
    """The instants, in UTC, by which a text says that something is due."""
    found = said_dates(text, datetime.fromisoformat(said_at), CALENDARS[place], language)
    return [f"{said.due_at:%Y-%m-%dT%H:%M}" for said in found if said.due_at.tzinfo is UTC]


def in_utc(instant: str) -> str:
    """An instant written with its offset, as `due_of` writes it."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%Y-%m-%dT%H:%M}"
