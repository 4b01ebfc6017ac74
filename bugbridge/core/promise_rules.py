"""How the team's promises are read: what finds them in a reply, and the working hours in which their days are meant."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import ALWAYS_OPEN, MIDNIGHT, WorkCalendar, resolve_wall
from bugbridge.core.promise_dates import due_before_closed, said_dates
from bugbridge.core.wording_language import primary_tag

if TYPE_CHECKING:
    from bugbridge.core.promises import PromiseFinder, SaidPromise

LAST_MINUTE = time(23, 59)
ONE_MINUTE = timedelta(minutes=1)
BESIDE_A_DATE = " .,;!"
BY: Mapping[str, str] = {"en": "by", "de": "bis"}


def finds_nothing(text: str, said_at: datetime, calendar: WorkCalendar, language: str) -> "Sequence[SaidPromise]":  # noqa: ARG001 - a finder's signature
    """Find no promise in any reply."""
    return ()


def always_open() -> WorkCalendar:
    """Give the calendar of a team that is at work at any hour."""
    return ALWAYS_OPEN


@dataclass(frozen=True, slots=True)
class PromiseRules:
    """What finds promises, and the team's calendar, which is asked for only where a reply is read."""

    find: "PromiseFinder" = finds_nothing
    calendar: Callable[[], WorkCalendar] = always_open

    def calendar_in(self, zone: ZoneInfo | None) -> WorkCalendar:
        """Give the team's working hours as somebody in a zone keeps them; in the team's own where nobody knows it."""
        calendar = self.calendar()
        return replace(calendar, zone=zone) if zone is not None else calendar


def end_of_day(day: date, calendar: WorkCalendar) -> datetime:
    """Give the instant by which something is done that was promised for a day: when people go home on it."""
    closes = LAST_MINUTE if calendar.close_at == MIDNIGHT else calendar.close_at
    return resolve_wall(datetime.combine(day, closes), calendar.zone)


def promised_day(typed: str, said_at: datetime, calendar: WorkCalendar, language: str) -> datetime | None:
    """Read by when a message was promised, as somebody wrote it: `2026-06-12`, or in words as in a reply, "12 June",
    in a language or in English. None where that isn't a date, or isn't one alone.

    A day in figures may be past. All follow the rules of dates in replies, but that a whole day ends within itself.
    """
    bare = typed.strip(BESIDE_A_DATE)
    try:
        found: datetime | None = _on_day(date.fromisoformat(bare), said_at, calendar)
    except (ValueError, OverflowError):
        found = next(_in_words(bare, said_at, calendar, language), None)
    return found if found is None else _within_the_day(found, calendar)


def _on_day(day: date, said_at: datetime, calendar: WorkCalendar) -> datetime:
    due_at = end_of_day(day, calendar)
    if due_at > said_at:
        return due_before_closed(due_at, day, said_at, calendar)
    is_today = day == said_at.astimezone(calendar.zone).date()
    return resolve_wall(datetime.combine(day, LAST_MINUTE), calendar.zone) if is_today else due_at


def _within_the_day(due_at: datetime, calendar: WorkCalendar) -> datetime:
    """Give the last minute of a day for the midnight that ends it, which reads as the next day's."""
    is_midnight = due_at.astimezone(calendar.zone).time() == MIDNIGHT
    return due_at - ONE_MINUTE if is_midnight else due_at


def _in_words(typed: str, said_at: datetime, calendar: WorkCalendar, language: str) -> Iterator[datetime]:
    """Read what is a date by itself, or behind the word that such dates stand behind; a full stop may belong to it."""
    for tongue in (language, "en"):
        lead = BY.get(primary_tag(tongue), "")
        for said in (f"{typed}.", f"{lead} {typed}."):
            dates = said_dates(said, said_at, calendar, tongue)
            if len(dates) == 1 and dates[0].start == 0 and dates[0].end >= len(said) - 1:
                yield dates[0].due_at
