"""Instants as people read them, in a zone of their own and in their language; one without words here has ISO dates."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

MIDNIGHT, LAST_MINUTE = (0, 0), (23, 59)


@dataclass(frozen=True, slots=True)
class _Words:
    """How a language names days: patterns over `day` and `month`, and over `weekday`, `date` and `time`."""

    months: tuple[str, ...]
    weekdays: tuple[str, ...]
    day: str
    moment: str


WORDS: Mapping[str, _Words] = {
    "en": _Words(
        (
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        "{day} {month}",
        "{weekday} {date} {time}",
    ),
    "de": _Words(
        (
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ),
        ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
        "{day}. {month}",
        "{weekday}, {date}, {time} Uhr",
    ),
}


def day(at: datetime, zone: str, now: datetime, language: str = "en") -> str:
    """Write `3 March`, `3. März`, with the year where it isn't the reader's present one; `2026-03-03` elsewhere."""
    local, present = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    words = WORDS.get(language.partition("-")[0])
    if words is None:
        return f"{local:%Y-%m-%d}"
    year = "" if local.year == present.year else f" {local.year}"
    return words.day.format(day=local.day, month=words.months[local.month - 1]) + year


def moment(at: datetime, zone: str, now: datetime, language: str = "en") -> str:
    """Write `Thursday 4 June 16:00`, `Donnerstag, 4. Juni, 16:00 Uhr`; `2026-06-04 16:00` elsewhere."""
    words = WORDS.get(language.partition("-")[0])
    if words is None:
        return wall(at, zone)
    local, date = at.astimezone(ZoneInfo(zone)), day(at, zone, now, language)
    return words.moment.format(weekday=words.weekdays[local.weekday()], date=date, time=f"{local:%H:%M}")


def stamp(at: datetime, zone: str) -> str:
    """Write `2026-06-04 16:00 Europe/Berlin`."""
    return f"{wall(at, zone)} {zone}"


def until(at: datetime, zone: str) -> str:
    """Write by when something is due, for tables: `2026-06-04 16:00`, and the day alone where it is due by its end,
    which its last minute and the midnight after it are."""
    ended = _day_ended(at, zone)
    return ended or wall(at, zone)


def until_stamp(at: datetime, zone: str) -> str:
    """Write the same for a sentence, behind "by": `2026-06-04 16:00 Europe/Berlin`, `the end of 2026-06-04 UTC`."""
    ended = _day_ended(at, zone)
    return f"the end of {ended} {zone}" if ended else stamp(at, zone)


def _day_ended(at: datetime, zone: str) -> str:
    """Give the day that ends at an instant, "" where none does."""
    local = at.astimezone(ZoneInfo(zone))
    minute = (local.hour, local.minute)
    if minute not in (MIDNIGHT, LAST_MINUTE):
        return ""
    return f"{local.date() - timedelta(days=minute == MIDNIGHT):%Y-%m-%d}"


def wall(at: datetime, zone: str) -> str:
    """Write `2026-06-04 16:00`, for tables that name the zone once."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
