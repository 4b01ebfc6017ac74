"""The audit of a plain file of bugs: no configuration and no database are asked for.

The file is read once, as a stream, so that a pipe will do; of each row only what the audit needs is kept.
"""

import io
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO, TypeVar
from zoneinfo import ZoneInfo

from bugbridge.core.audit import measure
from bugbridge.core.audit_model import Audit, Question, ResolvedBug
from bugbridge.core.audit_rows import AUDIT_COLUMNS, NEVER, Layout, audit_row
from bugbridge.core.audit_table import AuditTable
from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.import_cells import instant_of, shown
from bugbridge.core.imports import choose_columns, plain_name
from bugbridge.entry.audit_records import Records
from bugbridge.entry.files import as_pair
from bugbridge.entry.progress import Progress, progress_bar

STANDARD_INPUT = Path("-")
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
ROWS_A_STEP = 1_000  # of the progress that is shown
Read = TypeVar("Read")
Rows = Iterator[tuple[int, list[str] | None]]


@dataclass(frozen=True, slots=True)
class FileChoice:
    """A file with the columns chosen for known ones, as (known, of the file), and what rows must hold: in each of these
    columns one of these values, as `plain_name` compares them. Dates without a zone are wall times in `zone`."""

    path: Path
    zone: ZoneInfo
    columns: tuple[tuple[str, str], ...] = ()
    wanted: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def name(self) -> str:
        """What people call the file."""
        return "standard input" if self.path == STANDARD_INPUT else self.path.name


@dataclass(frozen=True, slots=True)
class FileAudit:
    """An audit with how many rows it read; `unread` counts, by column, cells that weren't understood, and names some
    lines."""

    audit: Audit
    rows: int
    unread: Mapping[str, tuple[int, tuple[str, ...]]]


def file_choice(path: Path, columns: Sequence[str], rows: Sequence[str], zone: str | None) -> FileChoice:
    """Read what was typed: columns as `NAME=HEADER`, rows as `HEADER=VALUE[,VALUE]`, a zone's IANA name, UTC for none.

    Raises UsageError with every problem at once.
    """
    problems: list[str] = []
    chosen = tuple(_each(as_pair, columns, problems))
    wanted = tuple(_each(_as_wanted, rows, problems))
    zones = tuple(_each(_as_zone, [zone or "UTC"], problems))
    if problems:
        raise UsageError("\n".join(problems))
    return FileChoice(path, zones[0], chosen, wanted)


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


def _as_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"--zone {name}: a zone has an IANA name, such as Europe/Berlin.") from None


def instant_in(zone: ZoneInfo, typed: str, now: datetime) -> datetime:
    """Read a day, meaning its begin, or a time, both in the zone unless they name their own. Raises UsageError."""
    try:
        at = instant_of(typed, zone, NEVER)
    except ValueError as error:
        raise UsageError(f"--since {error}") from None
    if at > now:
        raise UsageError(f"--since {shown(typed)} lies ahead: ask for an earlier day.")
    return at


def audit_file(choice: FileChoice, question: Question, now: datetime, sink: Callable[[ResolvedBug], None]) -> FileAudit:
    """Audit a file as of the last date in it: what happened since isn't known to it. `sink` takes each bug measured.

    Raises DataError with all that is wrong with the file, or with what was said of its columns.
    """
    table = AuditTable(question)
    with _opened(choice) as rows:
        layout = _layout(choice, _header(choice, rows), now)
        for line, cells in rows:
            table.take(line, audit_row(cells, layout))
    bugs = _heard(table.bugs(), sink)
    audit = measure(question, table.as_of or now, bugs, table.lives, table.excluded(), choice.name)
    return FileAudit(audit, table.rows, table.unread())


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
    if problems:
        raise DataError("\n".join(problems))
    places = {plain_name(name): place for place, name in enumerate(header)}
    return Layout(
        width=len(header),
        columns={name: places[plain_name(source)] for name, source in columns.items()},
        zone=choice.zone,
        now=now,
        chosen=tuple((places[plain_name(name)], values) for name, values in choice.wanted),
    )


def _called_alike(header: Sequence[str], used: Sequence[str]) -> Iterator[str]:
    count = Counter(map(plain_name, header))
    for name in dict.fromkeys(map(plain_name, used)):
        if count[name] > 1:
            yield f"The file has {count[name]} columns called {shown(name)}, and one is meant: rename the others."
