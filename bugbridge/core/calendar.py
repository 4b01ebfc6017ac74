"""Working days and hours in one zone, right across daylight saving time.

An instant is an aware datetime, returned in UTC; a wall time is a naive datetime that means what a clock on the wall in
some zone shows. Differences are taken in UTC, since Python subtracts the walls of two datetimes that share a zone.
"""

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bugbridge.core.errors import ConfigError

ONE_DAY = timedelta(days=1)
MIDNIGHT = time(0)
# Longer than any real closure: a search that finds nothing in this time met a calendar that is never open.
SEARCH_DAYS = 400
# Hours that don't meet on so many open days do so once clocks change, if ever, and nothing waits for that.
MEETING_DAYS = 7


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """When people in `zone` are at work: from `open_at` to `close_at` on every date that is not closed.

    A `close_at` of midnight is the end of the day. `weekend` holds weekdays as `date.weekday()` counts them (Monday
    is 0); it differs between countries, so there is no default. `closed_dates` are holidays and own closures.
    Raises ValueError where the day would close before it opens.
    """

    zone: ZoneInfo
    open_at: time
    close_at: time
    weekend: frozenset[int]
    closed_dates: Container[date] = frozenset()

    def __post_init__(self) -> None:
        if MIDNIGHT != self.close_at <= self.open_at:
            raise ValueError(f"A day can't close at {self.close_at:%H:%M} when it opens at {self.open_at:%H:%M}.")


ALWAYS_OPEN = WorkCalendar(ZoneInfo("UTC"), MIDNIGHT, MIDNIGHT, frozenset())


def resolve_wall(wall: datetime, zone: ZoneInfo) -> datetime:
    """The instant at which clocks in `zone` show `wall`.

    A wall time that clocks skip is moved forward by what they skip; one that they show twice is its first occurrence.
    """
    return wall.replace(tzinfo=zone, fold=0).astimezone(UTC)


def wall_exists(wall: datetime, zone: ZoneInfo) -> bool:
    """Whether clocks in `zone` ever show `wall`; Python raises nothing for one they skip, only the way back differs."""
    return _wall_of(resolve_wall(wall, zone), zone) == wall.replace(fold=0)


def add_wall_days(wall: datetime, zone: ZoneInfo, days: int) -> datetime:
    """The instant of the same wall time so many days later, not a multiple of 24 hours across a clock change."""
    return resolve_wall(wall + timedelta(days=days), zone)


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The instant at which `day` begins, which is not midnight where clocks skip it.

    Raises ValueError for a day that never was, as 2011-12-30 in Apia.
    """
    start = resolve_wall(datetime.combine(day, MIDNIGHT), zone)
    if _wall_of(start, zone).date() != day:
        raise ValueError(f"There was no {day.isoformat()} in {zone.key}.")
    return start


def is_open(instant: datetime, calendar: WorkCalendar) -> bool:
    """Whether people are at work; the moment of closing still counts, so that what is moved back to it stays there."""
    return _working_date(_utc(instant), calendar) is not None


def next_open(instant: datetime, calendar: WorkCalendar) -> datetime:
    """The first open moment from `instant` on: where an ordinary update goes. Raises ConfigError if never open."""
    moment = _utc(instant)
    yesterday = _local_date(moment, calendar) - ONE_DAY
    for _, opens, closes in _days_from(yesterday, 1, calendar):
        if moment <= closes:
            return max(opens, moment)
    raise _never_open(calendar)


def previous_open_day(instant: datetime, calendar: WorkCalendar) -> datetime:
    """The latest open moment up to `instant`, where a promise "by" a closed day goes. ConfigError if never open."""
    moment = _utc(instant)
    for _, opens, closes in _days_from(_local_date(moment, calendar), -1, calendar):
        if opens <= moment:
            return min(closes, moment)
    raise _never_open(calendar)


def next_open_in_all(instant: datetime, calendars: Sequence[WorkCalendar]) -> datetime | None:
    """The first moment from `instant` on that is open in every calendar; none where they don't meet within a week."""
    return _settled(_utc(instant), calendars, next_open)


def previous_open_in_all(instant: datetime, calendars: Sequence[WorkCalendar]) -> datetime | None:
    """The latest moment up to `instant` that is open in every calendar; none where they don't meet within a week."""
    return _settled(_utc(instant), calendars, previous_open_day)


def next_open_day(instant: datetime, calendar: WorkCalendar) -> datetime:
    """The opening of the first open date after the one that clocks show now. Raises ConfigError if never open."""
    return _next_working_day(_local_date(_utc(instant), calendar), 1, calendar)[1]


def start_of_today(instant: datetime, calendar: WorkCalendar) -> datetime:
    """The instant at which the date that clocks show now began."""
    return start_of_day(_local_date(_utc(instant), calendar), calendar.zone)


def add_business_days(instant: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The same wall time so many open days later, or earlier if negative.

    A closed moment counts from the next opening, backwards from the last closing. Raises ConfigError if never open.
    """
    start = previous_open_day(instant, calendar) if days < 0 else next_open(instant, calendar)
    first = _working_date(start, calendar)
    if first is None or not days:
        return start
    since_midnight = _wall_of(start, calendar.zone) - datetime.combine(first, MIDNIGHT)
    day, opens, closes = _working_day(first, days, calendar)
    wanted = resolve_wall(datetime.combine(day, MIDNIGHT) + since_midnight, calendar.zone)
    return min(max(wanted, opens), closes)


def business_time_between(start: datetime, end: datetime, calendar: WorkCalendar) -> timedelta:
    """How long people were at work from `start` to `end`; zero if `end` is not later."""
    begin, finish = _utc(start), _utc(end)
    first, last = _local_date(begin, calendar), _local_date(finish, calendar)
    total = timedelta(0)
    for distance in range((last - first).days + 1):
        hours = _hours(first + distance * ONE_DAY, calendar)
        if hours is not None:
            total += max(timedelta(0), min(hours[1], finish) - max(hours[0], begin))
    return total


def _settled(
    moment: datetime, calendars: Sequence[WorkCalendar], move: Callable[[datetime, WorkCalendar], datetime]
) -> datetime | None:
    """Move through the calendars in turn until none of them moves any further."""
    for _ in range(MEETING_DAYS):
        before = moment
        for calendar in calendars:
            moment = move(moment, calendar)
        if moment == before:
            return moment
    return None


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; an instant needs one.")
    return instant.astimezone(UTC)


def _wall_of(instant: datetime, zone: ZoneInfo) -> datetime:
    return instant.astimezone(zone).replace(tzinfo=None, fold=0)


def _local_date(instant: datetime, calendar: WorkCalendar) -> date:
    return instant.astimezone(calendar.zone).date()


def _working_date(instant: datetime, calendar: WorkCalendar) -> date | None:
    """The date whose hours hold `instant`: a day that closes at midnight closes on the next date."""
    today = _local_date(instant, calendar)
    for day in (today, today - ONE_DAY):
        hours = _hours(day, calendar)
        if hours is not None and hours[0] <= instant <= hours[1]:
            return day
    return None


def _hours(day: date, calendar: WorkCalendar) -> tuple[datetime, datetime] | None:
    if day.weekday() in calendar.weekend or day in calendar.closed_dates:
        return None
    opens = resolve_wall(datetime.combine(day, calendar.open_at), calendar.zone)
    if _local_date(opens, calendar) != day:  # clocks skipped the whole day
        return None
    closing_date = day + ONE_DAY if calendar.close_at == MIDNIGHT else day
    return opens, resolve_wall(datetime.combine(closing_date, calendar.close_at), calendar.zone)


def _days_from(day: date, step: int, calendar: WorkCalendar) -> Iterator[tuple[date, datetime, datetime]]:
    """The open dates from `day` on, with their hours, in steps of one day forwards or backwards."""
    for distance in range(SEARCH_DAYS):
        candidate = day + step * distance * ONE_DAY
        hours = _hours(candidate, calendar)
        if hours is not None:
            yield candidate, *hours


def _working_day(first: date, days: int, calendar: WorkCalendar) -> tuple[date, datetime, datetime]:
    step = 1 if days > 0 else -1
    day = first
    for _ in range(abs(days) - 1):
        day = _next_working_day(day, step, calendar)[0]
    return _next_working_day(day, step, calendar)


def _next_working_day(day: date, step: int, calendar: WorkCalendar) -> tuple[date, datetime, datetime]:
    found = next(_days_from(day + step * ONE_DAY, step, calendar), None)
    if found is None:
        raise _never_open(calendar)
    return found


def _never_open(calendar: WorkCalendar) -> ConfigError:
    return ConfigError(
        [f"The working calendar in {calendar.zone.key} has no open day in {SEARCH_DAYS} days; open one."]
    )
