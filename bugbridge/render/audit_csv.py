"""The bugs of an audit as CSV, a line each; no cell is ever taken for a formula."""

import csv
import io
from collections.abc import Iterable

from bugbridge.core.audit_model import ResolvedBug
from bugbridge.core.instants import instant_to_text
from bugbridge.render.plain import clean_line

HEADER: tuple[str, ...] = ("bug", "reported_at", "fixed_at", "released_at", "days", "frequency", "updates_sent")
FORMULA_STARTS = frozenset("=+-@'")


def csv_header() -> str:
    """Give the line with the columns' names."""
    return _line(HEADER)


def csv_row(bug: ResolvedBug) -> str:
    """Give the line of one bug."""
    dates = [instant_to_text(at) if at else "" for at in (bug.reported_at, bug.fixed_at, bug.released_at)]
    updates = "" if bug.updates_sent is None else str(bug.updates_sent)
    return _line([_harmless(bug.reference), *dates, f"{bug.days:.4f}", bug.frequency, updates])


def _harmless(text: str) -> str:
    cleaned = clean_line(text)
    return f"'{cleaned}" if cleaned[:1] in FORMULA_STARTS else cleaned


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
