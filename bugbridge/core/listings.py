"""Lists as pages, tables of a spreadsheet and programs read them: rows and columns, so many at a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Generic, TypeVar

PAGE_ROWS = 50

Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Slice(Generic[Item]):
    """Some rows of a longer list. `next` goes back into the same question for those that follow, "" at the end."""

    rows: tuple[Item, ...]
    next: str = ""


class ColumnKind(StrEnum):
    """How a column's values are shown; `until` is a moment by which something is due, perhaps by the end of a day."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    UNTIL = "until"


TIMES = frozenset({ColumnKind.MOMENT, ColumnKind.UNTIL})


@dataclass(frozen=True, slots=True)
class Linked:
    """A value that leads to a page: a path of our own that begins with /."""

    text: str
    path: str


Value = str | int | float | datetime | Linked | None


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its key in JSON and CSV, its title for people, and what its values are."""

    key: str
    title: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True)
class Listing:
    """A table with at most PAGE_ROWS rows, each a value by its column's key; `empty` says what to do where none is.

    `next` continues it, as in `Slice`.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Value]]
    empty: str
    next: str = ""
    note: str = field(default="", kw_only=True)
