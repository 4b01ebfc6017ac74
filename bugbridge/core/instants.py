"""Instants as text of exactly one form, so that they sort as they follow one another."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta

DAY = timedelta(days=1)
JUST_AFTER = timedelta(microseconds=1)


def instant_to_text(at: datetime) -> str:
    """Write an aware instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`. Raises ValueError for a naive one."""
    if at.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def instant_from_text(text: str) -> datetime:
    """Read what `instant_to_text` wrote, or any ISO 8601 instant with a zone. Raises ValueError otherwise."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone; write it like 2026-06-01T09:00:00Z")
    return at.astimezone(UTC)


def elapsed_days(start: datetime, end: datetime) -> float:
    """Count elapsed days of 86,400 seconds."""
    return (end - start) / DAY


def months_before(at: datetime, months: int) -> datetime:
    """Give the same day and time so many calendar months earlier, or the last day of a month that is shorter."""
    years, month = divmod(at.year * 12 + at.month - 1 - months, 12)
    return at.replace(year=years, month=month + 1, day=min(at.day, monthrange(years, month + 1)[1]))
