"""How files write dates: ISO, or as a spreadsheet shows them. Which one it is is said, and never guessed."""

import re
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum


class DateForm(StrEnum):
    """The order of day, month and year, and what parts them."""

    ISO = "iso"
    DAY_MONTH_DOTS = "d.m.y"
    MONTH_DAY = "m/d/y"
    DAY_MONTH = "d/m/y"


LIKE: Mapping[DateForm, str] = {
    DateForm.ISO: "2026-03-31",
    DateForm.DAY_MONTH_DOTS: "31.3.2026",
    DateForm.MONTH_DAY: "3/31/2026",
    DateForm.DAY_MONTH: "31/3/2026",
}
"""A date in each form, which is one in no other."""

BLANK = "[ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}]"  # spreadsheets write the narrow one before AM
CLOCK = "(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2}))?"
TIME = f"(?:,?{BLANK}{CLOCK}(?:{BLANK}?(?P<half>[AP]M))?)?"
DAY, MONTH, YEAR = "(?P<day>[0-9]{1,2})", "(?P<month>[0-9]{1,2})", "(?P<year>[0-9]{4})"
PATTERNS = {
    form: re.compile(written + TIME, re.IGNORECASE)
    for form, written in {
        DateForm.DAY_MONTH_DOTS: rf"{DAY}\.{MONTH}\.{YEAR}",
        DateForm.MONTH_DAY: f"{MONTH}/{DAY}/{YEAR}",
        DateForm.DAY_MONTH: f"{DAY}/{MONTH}/{YEAR}",
    }.items()
}
HALF_DAY = 12  # hours


def iso_text(text: str, form: DateForm) -> str:
    """Write a day in ISO 8601, or a day with its time, HH:MM or HH:MM:SS, with AM or PM or of 24 hours.

    Raises ValueError for what isn't in the form. What is said to be ISO already stays as it is, and isn't looked at.
    """
    if form is DateForm.ISO:
        return text
    found = PATTERNS[form].fullmatch(text)
    if found is None:
        raise ValueError(f"no date like {LIKE[form]}")
    day = datetime(int(found["year"]), int(found["month"]), int(found["day"]))  # noqa: DTZ001 - a wall time
    if found["hour"] is None:
        return day.date().isoformat()
    hour = _hour(int(found["hour"]), (found["half"] or "").upper())
    return day.replace(hour=hour, minute=int(found["minute"]), second=int(found["second"] or 0)).isoformat(" ")


def _hour(shown: int, half: str) -> int:
    """Give the hour of 24; twelve is the first hour of each half. Raises ValueError for one that a half hasn't."""
    if not half:
        return shown
    if shown not in range(1, HALF_DAY + 1):
        raise ValueError(f"no hour {half}")
    return shown % HALF_DAY + (HALF_DAY if half == "PM" else 0)


def forms_of(text: str) -> tuple[DateForm, ...]:
    """Give every form in which a text is a date; 4/2/2026 is one in two."""
    return tuple(form for form in DateForm if _is_date(text, form))


def _is_date(text: str, form: DateForm) -> bool:
    try:
        datetime.fromisoformat(iso_text(text, form))
    except ValueError:
        return False
    return True
