"""Working calendars of real countries, from the `holidays` library."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, time
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import holidays

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import ConfigError


@dataclass(frozen=True)
class ClosedDates:
    """A country's holidays, computed when a year is first asked for, and the company's own closures."""

    public: holidays.HolidayBase
    closures: frozenset[date]

    def __contains__(self, day: object) -> bool:
        """Whether nobody works on `day`."""
        return isinstance(day, date) and (day in self.closures or day in self.public)


def working_calendar(
    zone: str, country: str, subdivision: str | None, open_at: time, close_at: time, closures: Collection[date]
) -> WorkCalendar:
    """A team's calendar: weekend and holidays of its country and subdivision (substitute days included), its closures.

    Some holidays are a subdivision's own, as 8 March in Berlin: without one, those are working days. Raises ConfigError
    with all problems at once for an unknown zone, country or subdivision, or hours that end before they begin.
    """
    problems = [*_zone_problems(zone), *_country_problems(country, subdivision), *_hours_problems(open_at, close_at)]
    if problems:
        raise ConfigError(problems)
    public = holidays.country_holidays(country, subdiv=subdivision)
    closed = ClosedDates(public, frozenset(closures))
    return WorkCalendar(ZoneInfo(zone), open_at, close_at, frozenset(public.weekend), closed)


def _zone_problems(zone: str) -> list[str]:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return [f"Calendar: there is no time zone {zone!r}; write an IANA name such as Europe/Berlin."]
    return []


def _country_problems(country: str, subdivision: str | None) -> list[str]:
    supported = holidays.list_supported_countries(include_aliases=True)
    if country not in supported:
        return [f"Calendar: no holidays are known for the country {country!r}; write two capital letters such as DE."]
    if subdivision is None or subdivision in supported[country]:
        return []
    known = ", ".join(supported[country]) or "none"
    return [f"Calendar: {country} has no subdivision {subdivision!r}; it has: {known}."]


def _hours_problems(open_at: time, close_at: time) -> list[str]:
    if time(0) != close_at <= open_at:
        return [f"Calendar: the day opens at {open_at:%H:%M} and must close later, not at {close_at:%H:%M}."]
    return []
