"""Lists as files for spreadsheets, and as facts for programs."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bugbridge.core.instants import instant_to_text
from bugbridge.core.listings import TIMES, ColumnKind, Linked, Listing, Value
from bugbridge.render.cells import to_cell
from bugbridge.render.plain import clean_line
from bugbridge.render.times import until, wall


def csv_of(listing: Listing, zone: str) -> str:
    """Write the rows as CSV: no spreadsheet calculates a cell; local times, with their zone in the first line."""
    return _written([[_head(column.title, column.kind, zone) for column in listing.columns]]) + csv_rows(listing, zone)


def csv_rows(listing: Listing, zone: str) -> str:
    """Write the rows alone, as those that follow others."""
    return _written([_cell(row.get(one.key), one.kind, zone) for one in listing.columns] for row in listing.rows)


def _written(rows: Iterable[list[str]]) -> str:
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows(rows)
    return file.getvalue()


def facts_of(listing: Listing) -> list[dict[str, Any]]:
    """Give each row by its columns' keys; instants are UTC."""
    return [{column.key: _fact(row.get(column.key)) for column in listing.columns} for row in listing.rows]


def _head(title: str, kind: ColumnKind, zone: str) -> str:
    return f"{title} ({zone})" if kind in TIMES else title


def _cell(value: Value, kind: ColumnKind, zone: str) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return until(value, zone) if kind is ColumnKind.UNTIL else wall(value, zone)
    if isinstance(value, int | float):
        return str(value)
    return to_cell(clean_line(value.text if isinstance(value, Linked) else value))


def _fact(value: Value) -> str | int | float | None:
    if isinstance(value, datetime):
        return instant_to_text(value)
    return value.text if isinstance(value, Linked) else value
