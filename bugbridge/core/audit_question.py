"""What is asked of an audit, read from what people typed."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bugbridge.core.audit_model import By, Question
from bugbridge.core.calendar import start_of_day
from bugbridge.core.errors import UsageError

ALL = "all"
USUAL = Question()
# More bugs than anybody has.
COUNT = re.compile(r"[1-9][0-9]{0,8}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_question(last: str | None, since: str | None, by: Sequence[str], zone: ZoneInfo, now: datetime) -> Question:
    """Read how many bugs, a day of a zone from whose beginning on, and by what; what isn't given is as usual.

    A day alone asks for all bugs since then. Raises UsageError with one sentence for what can't be read, and for a day
    that hasn't begun by `now`; the sentence quotes nothing that was typed.
    """
    usual = USUAL.last if since is None else None
    return Question(
        last=usual if last is None else _last(last),
        since=None if since is None else _since(since, zone, now),
        by=tuple(dict.fromkeys(_by(one) for one in by)) or USUAL.by,
    )


def _last(typed: str) -> int | None:
    if typed == ALL:
        return None
    if not COUNT.fullmatch(typed):
        raise UsageError(f"last is a number of bugs, such as {USUAL.last}, or {ALL}.")
    return int(typed)


def _since(typed: str, zone: ZoneInfo, now: datetime) -> datetime:
    at = _begin(typed, zone) if DAY.fullmatch(typed) else None
    if at is None:
        raise UsageError("since is a day, such as 2026-01-31.")
    if at > now:
        raise UsageError("since lies ahead: ask for an earlier day.")
    return at


def _begin(typed: str, zone: ZoneInfo) -> datetime | None:
    """Give when a day begins, none for one that never was, or whose begin is outside what can be told."""
    try:
        return start_of_day(date.fromisoformat(typed), zone)
    except (ValueError, OverflowError):
        return None


def _by(typed: str) -> By:
    try:
        return By(typed)
    except ValueError:
        raise UsageError(f"by is one of {', '.join(By)}.") from None
