"""Dates that agents write in replies, as the instants by which something is due.

A whole day is due when the agent's working day closes, on the clock of the agent's zone; a morning at noon, an
afternoon at 18:00 or at closing if that is earlier, an evening at midnight. What falls on a closed day is due when the
open day before it closes, or on the closed day itself where that has passed. Hours are exact, and so are working days.
"Soon" and "in a few days" are no dates, and neither is what has passed or can't be told: 5/6 is of May or June.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import (
    MIDNIGHT,
    WorkCalendar,
    add_business_days,
    previous_open_day,
    resolve_wall,
)
from bugbridge.core.instants import JUST_AFTER
from bugbridge.core.promise_date_days import days_meant
from bugbridge.core.promise_date_grammar import LEXICONS, Grammar, grammar_of
from bugbridge.core.promise_date_phrases import Reading, find_phrases
from bugbridge.core.promise_date_pieces import Ahead, Clock, TimeWord
from bugbridge.core.promise_date_words import Part, Unit
from bugbridge.core.wording_language import primary_tag

# What lies further ahead is a slip of the pen, or no promise to anybody.
FURTHEST = timedelta(days=731)
HOUR, DAY = 60, 24 * 60  # minutes
NOON, EVENING = 12 * HOUR, 18 * HOUR
MOST_AHEAD = {Unit.MINUTES: 999, Unit.HOURS: 999, Unit.BUSINESS_DAYS: 99}
EXACT_UNITS = {Unit.MINUTES: timedelta(minutes=1), Unit.HOURS: timedelta(hours=1)}


@dataclass(frozen=True, slots=True)
class SaidDate:
    """What stands from character `start` to before `end` says that something is due by `due_at`, in UTC."""

    start: int
    end: int
    due_at: datetime


def said_dates(text: str, said_at: datetime, calendar: WorkCalendar, language: str = "en") -> tuple[SaidDate, ...]:
    """Give the dates after `said_at` that a reply names, in the order of the text; none in a language without words.

    `calendar` is the agent's, in their zone. The preposition belongs to the date. "Thursday or Friday" is one date, the
    later. Raises ValueError for a `said_at` without a zone, ConfigError for a calendar that is never open.
    """
    if said_at.tzinfo is None:
        raise ValueError(f"{said_at.isoformat()} has no time zone; an instant needs one.")
    tongue = primary_tag(language)
    if tongue not in LEXICONS:
        return ()
    grammar, written = grammar_of(tongue), said_at.astimezone(UTC)
    phrases = find_phrases(text, grammar)
    dues = {reading: _due(reading, written, calendar) for reading in {phrase.reading for phrase in phrases}}
    dates = [SaidDate(phrase.start, phrase.end, due) for phrase in phrases if (due := dues[phrase.reading]) is not None]
    return tuple(_joined(dates, text, grammar))


def _joined(dates: list[SaidDate], text: str, grammar: Grammar) -> list[SaidDate]:
    """Make one of two dates that are alternatives."""
    joined: list[SaidDate] = []
    for said in dates:
        last = joined[-1] if joined else None
        if last is not None and grammar.alternative.fullmatch(text, last.end, said.start):
            joined[-1] = SaidDate(last.start, said.end, max(last.due_at, said.due_at))
        else:
            joined.append(said)
    return joined


def _due(reading: Reading, said_at: datetime, calendar: WorkCalendar) -> datetime | None:
    """Give the instant by which something is due, in the first reading that lies ahead; none where all are past."""
    word = reading.days[0] if reading.days else None
    if isinstance(word, Ahead) and word.is_exact:
        return _exactly_ahead(word, said_at, calendar)
    today = said_at.astimezone(calendar.zone).date()
    days = [day for day in days_meant(reading, today, calendar) if today <= day <= today + FURTHEST]
    due = next((due for day in days if (due := _due_on(day, reading.time, said_at, calendar)) > said_at), None)
    if due is None and days == [today] and reading.time in (None, Part.CLOSE):
        return _instant(today, DAY, calendar.zone)  # said after closing: there is still the evening
    return due


def _exactly_ahead(word: Ahead, said_at: datetime, calendar: WorkCalendar) -> datetime | None:
    if not 0 < word.count <= MOST_AHEAD[word.unit]:
        return None
    if word.unit is Unit.BUSINESS_DAYS:
        return add_business_days(said_at, word.count, calendar)
    return said_at + word.count * EXACT_UNITS[word.unit]


def _due_on(day: date, time: TimeWord | None, said_at: datetime, calendar: WorkCalendar) -> datetime:
    zone = ZoneInfo(time.zone) if isinstance(time, Clock) and time.zone else calendar.zone
    return due_before_closed(_instant(day, _minutes(time, calendar), zone), day, said_at, calendar)


def due_before_closed(named: datetime, day: date, said_at: datetime, calendar: WorkCalendar) -> datetime:
    """Give the instant named on a day, or the last closing before it where the day is closed and that is still ahead.

    Raises ConfigError for a calendar that is never open.
    """
    end_of_work = _instant(day, _closing(calendar), calendar.zone) - JUST_AFTER
    open_until = previous_open_day(end_of_work, calendar)
    is_open = open_until == end_of_work
    return named if is_open or open_until <= said_at else open_until


def _instant(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Give the instant at which clocks show so many minutes after midnight, however long the day is."""
    return resolve_wall(datetime.combine(day, MIDNIGHT) + timedelta(minutes=minutes), zone)


def _minutes(time: TimeWord | None, calendar: WorkCalendar) -> int:
    if isinstance(time, Clock):
        return time.minutes if time.half_is_said else _at_work(time.minutes, calendar)
    closing = _closing(calendar)
    afternoon = min(closing, EVENING) if closing > NOON else EVENING
    by_part = {Part.MORNING: NOON, Part.NOON: NOON, Part.AFTERNOON: afternoon, Part.EVENING: DAY}
    return closing if time is None else by_part.get(time, closing)


def _at_work(minutes: int, calendar: WorkCalendar) -> int:
    """Give the half of the day in which people are at work, the first where both or none are: "at 5" is often 17:00."""
    opening = calendar.open_at.hour * HOUR + calendar.open_at.minute
    halves = (minutes, minutes + NOON)
    return next((shown for shown in halves if opening <= shown <= _closing(calendar)), minutes)


def _closing(calendar: WorkCalendar) -> int:
    """Give the closing time in minutes from midnight, which can be the next one."""
    return (calendar.close_at.hour * HOUR + calendar.close_at.minute) or DAY
