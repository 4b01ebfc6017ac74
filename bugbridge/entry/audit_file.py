"""The audit of a plain file of bugs: no configuration and no database are asked for.

The file is read once, as a stream, so that a pipe will do; of each row only what the audit needs is kept.
"""

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TextIO, TypeVar
from zoneinfo import ZoneInfo

from bugbridge.core.audit import measure
from bugbridge.core.audit_model import Audit, Question, ResolvedBug
from bugbridge.core.audit_notices import Notices, Values
from bugbridge.core.audit_rows import AUDIT_COLUMNS, NEVER, WORDS, Layout, audit_row
from bugbridge.core.audit_table import AuditTable
from bugbridge.core.date_forms import DateForm
from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.import_cells import instant_of, shown
from bugbridge.core.imports import choose_columns, choose_meanings, plain_name
from bugbridge.entry.audit_records import Records
from bugbridge.entry.files import as_meaning, as_pair, as_zone
from bugbridge.entry.progress import Progress, progress_bar

STANDARD_INPUT = Path("-")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ROWS_A_STEP = 1_000  # of the progress that is shown
Read = TypeVar("Read")
Rows = Iterator[tuple[int, list[str] | None]]


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed of a file: columns as `NAME=HEADER`, rows as `HEADER=VALUE[,VALUE]`, words as
    `resolution:WORD=MEANING`, a zone's IANA name, UTC for none, and the form of dates, ISO for none."""

    columns: Sequence[str] = ()
    rows: Sequence[str] = ()
    meanings: Sequence[str] = ()
    zone: str | None = None
    dates: str | None = None


@dataclass(frozen=True, slots=True)
class FileChoice:
    """A file with the columns chosen for known ones, as (known, of the file), and what rows must hold: in each of these
    columns one of these values, as `plain_name` compares them. Dates without a zone are wall times in `zone`; `own` are
    the team's own words, as (column, word, what it means)."""

    path: Path
    zone: ZoneInfo
    columns: tuple[tuple[str, str], ...] = ()
    wanted: tuple[tuple[str, frozenset[str]], ...] = ()
    dates: DateForm = DateForm.ISO
    own: tuple[tuple[str, str, str], ...] = ()

    @property
    def name(self) -> str:
        """What people call the file."""
        return "standard input" if self.path == STANDARD_INPUT else self.path.name


@dataclass(frozen=True, slots=True)
class UnreadableCell:
    """A cell that is no date, by the line of the file and the file's name for its column."""

    line: int
    header: str
    cell: str


@dataclass(frozen=True, slots=True)
class FileAudit:
    """An audit with how many rows it read, and what people may be told of them.

    `has_fixes` says whether any bug of the file was fixed, whenever. `unread` counts, by column, cells that weren't
    understood, and names some lines. `first_unreadable` is the first cell that is no date like those of `dates`.
    `unmet` has, by header, the values of columns in which no row held what was wanted; `unknown_words` are resolutions
    that aren't known here, and `outcomes` headers of unread columns that may say how a bug ended.
    """

    audit: Audit
    rows: int
    unread: Mapping[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    has_fixes: bool = False
    dates: DateForm = DateForm.ISO
    first_unreadable: UnreadableCell | None = None
    unmet: Mapping[str, Values] = field(default_factory=dict)
    unknown_words: Values = field(default_factory=Values)
    outcomes: tuple[str, ...] = ()


def file_choice(path: Path, typed: Typed) -> FileChoice:
    """Read what was typed. Raises UsageError with every problem at once."""
    problems: list[str] = []
    chosen = tuple(_each(as_pair, typed.columns, problems))
    wanted = tuple(_each(_as_wanted, typed.rows, problems))
    own = tuple(_each(_as_meaning, typed.meanings, problems))
    zones = tuple(_each(as_zone, [typed.zone or "UTC"], problems))
    if problems:
        raise UsageError("\n".join(problems))
    return FileChoice(path, zones[0], chosen, wanted, DateForm(typed.dates or DateForm.ISO), own)


def _each(read: Callable[[str], Read], texts: Iterable[str], problems: list[str]) -> Iterator[Read]:
    for text in texts:
        try:
            yield read(text)
        except UsageError as error:
            problems.append(str(error))


def _as_wanted(text: str) -> tuple[str, frozenset[str]]:
    name, equals, values = text.partition("=")
    if not equals or not name.strip():
        raise UsageError(f"--where {text}: write it as --where Status=Resolved,Closed.")
    return name.strip(), frozenset(map(plain_name, values.split(",")))


def _as_meaning(text: str) -> tuple[str, str, str]:
    """Read what a word means; without a column it is one of `resolution`, which alone has words."""
    meaning = as_meaning(text if ":" in text else f"resolution:{text}")
    choose_meanings(WORDS, [meaning])
    return meaning


def instant_in(zone: ZoneInfo, typed: str, now: datetime) -> datetime:
    """Read a day, meaning its begin, or a time, both in the zone unless they name their own. Raises UsageError."""
    try:
        at = instant_of(typed, zone, NEVER)
    except ValueError as error:
        raise UsageError(f"--since {error}") from None
    refuse_ahead(typed, at, now)
    return at


def refuse_ahead(typed: str, since: datetime, now: datetime) -> None:
    """Raise UsageError where that which bugs should have been fixed since hasn't come."""
    if since > now:
        raise UsageError(f"--since {shown(typed)} lies ahead: ask for an earlier day.")


def audit_file(choice: FileChoice, question: Question, now: datetime, sink: Callable[[ResolvedBug], None]) -> FileAudit:
    """Audit a file as of the last date in it: what happened since isn't known to it. `sink` takes each bug measured.

    Raises DataError with all that is wrong with the file, or with what was said of its columns.
    """
    table = AuditTable(question)
    with _opened(choice) as rows:
        header = _header(choice, rows)
        layout = _layout(choice, header, now)
        notices = Notices(layout)
        for line, cells in rows:
            row = audit_row(cells, layout)
            table.take(line, row)
            notices.take(cells, row)
    bugs = _heard(table.bugs(), sink)
    audit = measure(question, table.as_of or now, bugs, table.lives, table.excluded(), choice.name)
    is_outcome_settled = "resolution" in layout.columns or "resolution" in dict(choice.columns)
    return FileAudit(
        audit=audit,
        rows=table.rows,
        unread=table.unread(),
        has_fixes=table.has_fixes,
        dates=choice.dates,
        first_unreadable=_first_unreadable(table, header, layout),
        unmet={header[place]: seen for place, seen in notices.others.items() if place not in notices.met},
        unknown_words=notices.unknown_words,
        outcomes=() if is_outcome_settled else notices.outcomes(header),
    )


def _first_unreadable(table: AuditTable, header: Sequence[str], layout: Layout) -> UnreadableCell | None:
    if table.first_unreadable is None:
        return None
    line, unreadable = table.first_unreadable
    return UnreadableCell(line, header[layout.columns[unreadable.column]], unreadable.cell)


def _heard(bugs: Iterable[ResolvedBug], sink: Callable[[ResolvedBug], None]) -> Iterator[ResolvedBug]:
    for bug in bugs:
        sink(bug)
        yield bug


@contextmanager
def _opened(choice: FileChoice) -> Iterator[Rows]:
    """Give the file's rows, and show how much of it was read."""
    try:
        file = _binary(choice.path)
    except OSError as error:
        raise DataError(f"{choice.path} can't be read: {error.strerror}.") from None
    size = choice.path.stat().st_size if choice.path.is_file() else 0
    with file, progress_bar(choice.name, size) as bar, _as_text(file) as text:
        rows = iter(Records(text, choice.name))
        yield _counted(rows, file, bar) if size else rows


def _binary(path: Path) -> io.BufferedReader:
    if path == STANDARD_INPUT:
        return io.BufferedReader(sys.stdin.buffer)  # type: ignore[arg-type]  # it reads as a raw one does
    return path.open("rb")


def _as_text(file: io.BufferedReader) -> TextIO:
    """Read UTF-8, or UTF-16 with its mark; what isn't UTF-8 comes as surrogates, so that its line can be named."""
    if file.peek(2)[:2] in UTF_16_MARKS:
        return io.TextIOWrapper(file, encoding="utf-16", newline="")
    return io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _counted(rows: Rows, file: io.BufferedReader, bar: Progress) -> Rows:
    seen = 0
    for count, row in enumerate(rows, start=1):
        if count % ROWS_A_STEP == 0:
            bar(file.tell() - seen)
            seen = file.tell()
        yield row


def _header(choice: FileChoice, rows: Rows) -> Sequence[str]:
    _, names = next(rows, (0, []))
    if not names:
        raise DataError(f"{choice.name} is no CSV: one has a first line with the columns' names.")
    return [name.strip() for name in names]


def _layout(choice: FileChoice, header: Sequence[str], now: datetime) -> Layout:
    """Settle which columns are read and which rows are wanted. Raises DataError with every problem at once."""
    problems: list[str] = []
    columns: Mapping[str, str] = {}
    try:
        columns = choose_columns(AUDIT_COLUMNS, header, choice.columns)
    except DataError as error:
        problems.append(str(error))
    known = {plain_name(name) for name in header}
    problems += [
        f"--where {name}=…: the file has no such column; it has {', '.join(map(shown, header))}."
        for name, _ in choice.wanted
        if plain_name(name) not in known
    ]
    problems += _called_alike(header, [*columns.values(), *(name for name, _ in choice.wanted)])
    if columns and choice.own and "resolution" not in columns:
        problems.append("--meaning: no column is read as the resolution: name yours with --column resolution=NAME.")
    if problems and _may_be_title(header):
        problems.append(f"{choice.name}, line 1, names hardly a column: is there a title line above the headers?")
    if problems:
        raise DataError("\n".join(problems))
    places = {plain_name(name): place for place, name in enumerate(header)}
    return Layout(
        width=len(header),
        columns={name: places[plain_name(source)] for name, source in columns.items()},
        zone=choice.zone,
        now=now,
        chosen=tuple((places[plain_name(name)], values) for name, values in choice.wanted),
        dates=choice.dates,
        meanings=choose_meanings(WORDS, choice.own),
    )


def _may_be_title(header: Sequence[str]) -> bool:
    """Whether so few cells of the first line hold anything that they hardly name columns."""
    return sum(map(bool, header)) * 2 < len(header) or len(header) == 1


def _called_alike(header: Sequence[str], used: Sequence[str]) -> Iterator[str]:
    count = Counter(map(plain_name, header))
    for name in dict.fromkeys(map(plain_name, used)):
        if count[name] > 1:
            yield f"The file has {count[name]} columns called {shown(name)}, and one is meant: rename the others."
