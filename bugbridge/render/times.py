"""Instants as people read them, in a zone of their own. English, since that is the only language so far."""

from datetime import datetime
from zoneinfo import ZoneInfo

MONTHS = (
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
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def day(at: datetime, zone: str, now: datetime) -> str:
    """Write `3 March`, with the year where it isn't the reader's present one."""
    local, present = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    year = "" if local.year == present.year else f" {local.year}"
    return f"{local.day} {MONTHS[local.month - 1]}{year}"


def moment(at: datetime, zone: str, now: datetime) -> str:
    """Write `Thursday 4 June 16:00`, with the year where it isn't the reader's present one."""
    local = at.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]} {day(at, zone, now)} {local:%H:%M}"


def stamp(at: datetime, zone: str) -> str:
    """Write `2026-06-04 16:00 Europe/Berlin`."""
    return f"{wall(at, zone)} {zone}"


def wall(at: datetime, zone: str) -> str:
    """Write `2026-06-04 16:00`, for tables that name the zone once."""
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"
