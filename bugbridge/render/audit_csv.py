"""Audited bugs as CSV (RFC 4180), one row a bug: no cell is ever taken for a formula, what isn't known is empty."""

import csv
from collections.abc import Iterable
from datetime import datetime
from io import StringIO

from bugbridge.core.audit_model import Audit, ResolvedBug, Waiting
from bugbridge.core.instants import elapsed_days, instant_to_text
from bugbridge.render.cells import to_cell
from bugbridge.render.plain import clean_line

WAITING = (
    *("replies", "replies_asked_for", "replies_proactive"),
    *("updates_required", "updates_late", "updates_missed", "updates_with_news", "updates_without_news"),
    *("news", "news_missed", "reminders", "longest_silence_days"),
    *("told_certain", "told_probable", "not_told", "promises_kept", "promises_late", "promises_missed"),
)
HEADER = (
    *("bug", "reported_at", "fixed_at", "days", "first_fixed_at", "days_to_first_close", "released_at"),
    *("days_to_release", "closes", "frequency", "tiers", "tracker", "brands", "labels", "links", "updates"),
    *WAITING,
)


def csv_header() -> str:
    """Write the line of the columns' names, with its end."""
    return _line(HEADER)


def csv_row(bug: ResolvedBug) -> str:
    """Write the line of one bug, with its end. Instants are UTC, days elapsed days with four decimals."""
    return _line([to_cell(clean_line(cell)) for cell in (*_bug(bug), *_waiting(bug.waiting))])


def audit_csv(audit: Audit) -> str:
    """Write the bugs that an audit lists; whoever has more of them writes them row by row."""
    return csv_header() + "".join(map(csv_row, audit.bugs))


def _bug(bug: ResolvedBug) -> tuple[str, ...]:
    dates = (bug.reference, instant_to_text(bug.reported_at), instant_to_text(bug.fixed_at), _days(bug.days))
    ends = (*_since(bug, bug.first_fixed_at), *_since(bug, bug.released_at))
    names = (bug.frequency, _several(bug.tiers), bug.tracker, _several(bug.brands), _several(bug.labels))
    return (*dates, *ends, _known(bug.closes), *names, str(bug.links), _known(bug.updates_sent))


def _since(bug: ResolvedBug, at: datetime | None) -> tuple[str, str]:
    if at is None:
        return "", ""
    return instant_to_text(at), _days(elapsed_days(bug.reported_at, at))


def _waiting(waiting: Waiting | None) -> tuple[str, ...]:
    if waiting is None:
        return ("",) * len(WAITING)
    replies = (waiting.replies, waiting.asked_for, waiting.replies - waiting.asked_for)
    required = (waiting.required, waiting.late, waiting.missed) if waiting.under_policy else (None,) * 3
    news = (waiting.newsful, waiting.updates - waiting.newsful, waiting.news, waiting.news_missed, waiting.reminders)
    silence = _days(max(waiting.silences)) if waiting.silences else ""
    told = (waiting.told_certain, waiting.told_probable, waiting.not_told)
    promises = (waiting.promises.kept, waiting.promises.late, waiting.promises.missed)
    return (*map(_known, (*replies, *required, *news)), silence, *map(str, (*told, *promises)))


def _days(days: float) -> str:
    return f"{days:.4f}"


def _known(count: int | None) -> str:
    return "" if count is None else str(count)


def _several(names: Iterable[str]) -> str:
    return ", ".join(names)


def _line(cells: Iterable[str]) -> str:
    line = StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
