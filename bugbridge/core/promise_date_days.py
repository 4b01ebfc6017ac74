"""Which day a date in a reply means, for whom it was written and when.

A week ends with the weekend, on whichever days that falls. Early in a week is its second day and the middle its third;
early in a month is the 10th and the middle the 15th. "By June" is before June begins. "Friday", "this Friday" and "the
coming Friday" are the first there is; "next Friday" is that of next week, "nächsten Freitag" the first after today.
Where a weekday contradicts its date, the earlier of the date and that weekday nearest to it counts, if still ahead.
"""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial

from bugbridge.core.calendar import MIDNIGHT, ONE_DAY, WorkCalendar, next_open_day, resolve_wall
from bugbridge.core.instants import months_before
from bugbridge.core.promise_date_phrases import Reading
from bugbridge.core.promise_date_pieces import (
    Ahead,
    CalendarDate,
    Month,
    OtherWord,
    Week,
    Weekday,
    Weekend,
    YearEnd,
)
from bugbridge.core.promise_date_words import Edge, Part, Place, Unit

WEEK = 7  # days
NOON = time(12)
# A date without a year that has just gone by is a memory and no promise for next year.
LONGEST_MEMORY = timedelta(days=60)
ONE_YEAR = timedelta(days=366)
EARLY_IN_MONTH, MIDDLE_OF_MONTH = 10, 15
DAY_IN_WEEK = {Edge.EARLY: 1, Edge.MIDDLE: 2}
USUAL_WEEKEND = frozenset({5, 6})


def days_meant(reading: Reading, today: date, calendar: WorkCalendar) -> list[date]:
    """Give the days that a date can mean, in the order in which they count; none where there is no such day."""
    if not reading.days:
        return [today] if reading.time is Part.CLOSE else [today, today + ONE_DAY]
    before = reading.before and reading.time is None
    weekday = next((word for word in reading.days if isinstance(word, Weekday)), None)
    others = [word for word in reading.days if not isinstance(word, Weekday)]
    if weekday is None:
        days = [_day(word, today, calendar, before=before) for word in others]
        return sorted(day for day in days if day is not None)
    days_of_weekday = _weekdays(weekday, others, today, calendar)
    return [day - ONE_DAY for day in days_of_weekday] if before else days_of_weekday


def _weekdays(weekday: Weekday, others: list[OtherWord], today: date, calendar: WorkCalendar) -> list[date]:
    """Give the days of a weekday: beside a date it agrees or not, else other words say in which week it is."""
    named = [(word, day) for word in others if (day := _day(word, today, calendar, before=False)) is not None]
    nearest = {_nearest(weekday.number, day) for _, day in named}
    dates = {day for word, day in named if _is_precise(word)}
    if dates:
        return sorted(dates | nearest)
    weeks = next((word.ahead for word in others if isinstance(word, Week)), weekday.weeks_ahead)
    if weeks is not None:
        start = _start_of_week(today, weeks, calendar)
        return [start + (weekday.number - start.weekday()) % WEEK * ONE_DAY]
    if others:
        return sorted(nearest)
    first = today if weekday.today_counts else today + ONE_DAY
    following = first + (weekday.number - first.weekday()) % WEEK * ONE_DAY
    return [following, following + WEEK * ONE_DAY]


def _nearest(weekday: int, day: date) -> date:
    """Give the day of that weekday that is at most three days away."""
    return day + ((weekday - day.weekday() + 3) % WEEK - 3) * ONE_DAY


def _is_precise(word: OtherWord) -> bool:
    """Tell whether a word names the day itself, so that a weekday beside it can contradict it."""
    return isinstance(word, CalendarDate) or (isinstance(word, Ahead) and word.unit is Unit.DAYS)


def _day(word: OtherWord, today: date, calendar: WorkCalendar, *, before: bool) -> date | None:
    match word:
        case Week():
            return _day_of_week(word, today, calendar, before=before)
        case Month():
            return _day_of_month(word, today, before=before)
        case Weekend():
            return _day_of_weekend(word, today, calendar)
        case YearEnd():
            return date(today.year, 12, 31)
    day = _date(word, today) if isinstance(word, CalendarDate) else _ahead(word, today)
    return day - ONE_DAY if before and day is not None else day


def _start_of_week(today: date, ahead: int, calendar: WorkCalendar) -> date:
    """Give the first day of a week, which is the one after the weekend."""
    weekend = calendar.weekend or USUAL_WEEKEND
    last = max((day for day in weekend if (day + 1) % WEEK not in weekend), default=max(USUAL_WEEKEND))
    return today + (WEEK * ahead - (today.weekday() - last - 1) % WEEK) * ONE_DAY


def _day_of_week(week: Week, today: date, calendar: WorkCalendar, *, before: bool) -> date:
    start = _start_of_week(today, week.ahead, calendar)
    if before and week.edge is Edge.WHOLE:
        return start - ONE_DAY
    return start + DAY_IN_WEEK.get(week.edge, WEEK - 1) * ONE_DAY


def _day_of_weekend(weekend: Weekend, today: date, calendar: WorkCalendar) -> date:
    start = _start_of_week(today, weekend.ahead, calendar)
    following = start + WEEK * ONE_DAY
    if weekend.place is Place.DURING:
        return following - ONE_DAY
    if weekend.place is Place.BEFORE:
        free = calendar.weekend or USUAL_WEEKEND
        return start + min((day - start.weekday()) % WEEK for day in free) * ONE_DAY - ONE_DAY
    last_noon = datetime.combine(following - ONE_DAY, NOON)
    return next_open_day(resolve_wall(last_noon, calendar.zone), calendar).astimezone(calendar.zone).date()


def _day_of_month(month: Month, today: date, *, before: bool) -> date | None:
    leaves_out = before and month.edge is Edge.WHOLE
    if month.number is None:
        first = _months_ahead(today.replace(day=1), month.ahead)
        return _in_month(first.year, first.month, month.edge, leaves_out=leaves_out)
    on = partial(_in_month, month=month.number, edge=month.edge, leaves_out=leaves_out)
    return _next_in_a_year(today, on) if month.year is None else on(month.year)


def _in_month(year: int, month: int, edge: Edge, *, leaves_out: bool) -> date:
    """Give the day of a month that its edge names, or the last one before the month where that is left out."""
    if leaves_out:
        return date(year, month, 1) - ONE_DAY
    day = {Edge.EARLY: EARLY_IN_MONTH, Edge.MIDDLE: MIDDLE_OF_MONTH}.get(edge, monthrange(year, month)[1])
    return date(year, month, day)


def _ahead(word: Ahead, today: date) -> date:
    if word.unit is Unit.MONTHS:
        return _months_ahead(today, word.count)
    return today + word.count * (WEEK if word.unit is Unit.WEEKS else 1) * ONE_DAY


def _months_ahead(day: date, months: int) -> date:
    return months_before(datetime.combine(day, MIDNIGHT), -months).date()


def _date(named: CalendarDate, today: date) -> date | None:
    """Give the date that words name; none where there is no such date, or it has just gone by."""
    day, month = named.day, named.month
    if month is None:
        first = today.replace(day=1) if day >= today.day else _months_ahead(today.replace(day=1), 1)
        return _date_or_none(first.year, first.month, day)
    if named.year is not None:
        return _date_or_none(named.year, month, day)
    return _next_in_a_year(today, partial(_date_or_none, month=month, day=day))


def _next_in_a_year(today: date, on: Callable[[int], date | None]) -> date | None:
    """Give the next of a yearly day within a year, unless its last one is a recent memory."""
    days = [day for year in (today.year - 1, today.year, today.year + 1) if (day := on(year)) is not None]
    if any(today - LONGEST_MEMORY < day < today for day in days):
        return None
    return next((day for day in days if today <= day <= today + ONE_YEAR), None)


def _date_or_none(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
