"""How the team's promises are read: what finds them in a reply, and the working hours in which their days are meant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import ALWAYS_OPEN, MIDNIGHT, WorkCalendar, resolve_wall

if TYPE_CHECKING:
    from bugbridge.core.promises import PromiseFinder, SaidPromise

LAST_MINUTE = time(23, 59)


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


def promised_day(typed: str, said_at: datetime, calendar: WorkCalendar, language: str) -> datetime | None:  # noqa: ARG001 - for dates in words, which depend on both
    """Read by when a message was promised, as somebody wrote it: `2026-06-12`. None where that isn't a date."""
    try:
        return end_of_day(date.fromisoformat(typed.strip(" .,;!")), calendar)
    except ValueError:
        return None
