"""Files of rows, CSV or JSON Lines, read line by line: however long a file is, one line of it is in memory."""

import csv
import hashlib
import json
import re
import stat
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal
from zoneinfo import ZoneInfo

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.imports import SURROGATE, FileLine, Repeated, plain_name

Format = Literal["csv", "jsonl"]

ENDINGS: Mapping[str, Format] = {".csv": "csv", ".tsv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
LONGEST_LINE = 1_000_000  # bytes; a longer line is no row of an export, and isn't read into memory
MOST_COLUMNS = 1_000
DELIMITERS = ",;\t"
# A first line in which spreadsheets say what parts the cells.
SEPARATOR = re.compile(r"sep=(\W)", re.IGNORECASE)


class _UnreadableError(Exception):
    """The rest of a file can't be read; `line` is where that shows."""

    def __init__(self, line: int, sentence: str) -> None:
        self.line = line
        super().__init__(sentence)


class RowFile:
    """A file that can be read several times.

    `fingerprint`, of what was read last to its end, says whether it was the same each time; `on_bytes` hears of how
    many bytes were just read. `unreadable` is the first line that is none, as `columns` found it in JSON Lines.
    """

    def __init__(self, path: Path, chosen: Format | None = None) -> None:
        """Take the format from the ending unless it is chosen.

        Raises UsageError where the ending says nothing, DataError where the file can't be opened or read twice.
        """
        self.path = path
        self._refuse_streams()
        self.on_bytes: Callable[[int], object] = lambda _: None
        self.fingerprint = ""
        self.unreadable: FileLine | None = None
        self._spellings: dict[str, str] = {}
        self._format = chosen or _format_of(path)
        with self._open():
            pass

    @property
    def name(self) -> str:
        """What people call the file."""
        return self.path.name

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return self.path.stat().st_size

    def columns(self) -> tuple[str, ...]:
        """Give the columns' names, those called alike once; in JSON Lines they are those of any line.

        Raises DataError for none.
        """
        names = self._json_names() if self._format == "jsonl" else self._header()
        if not names and self.unreadable is not None:
            raise DataError(f"{self.name}, line {self.unreadable.number}: {self.unreadable.problem}")
        if not names:
            raise DataError(f"{self.name} is empty: an export has {self._beginning}.")
        if len(names) > MOST_COLUMNS:
            raise DataError(f"{self.name} has more than {MOST_COLUMNS} columns: is it an export of rows?")
        return names

    @property
    def _beginning(self) -> str:
        return "a first line with the columns' names" if self._format == "csv" else "one JSON object on each line"

    def lines(self) -> Iterator[FileLine]:
        """Give the rows in order; after one that leaves the rest unreadable there are no more."""
        try:
            yield from self._csv_lines() if self._format == "csv" else self._json_lines()
        except _UnreadableError as error:
            yield FileLine(error.line, problem=str(error))

    def _csv_lines(self) -> Iterator[FileLine]:
        rows = self._csv_rows()
        header = [self._spelled(name) for name in next(rows, (0, []))[1]]
        alike = len(set(header)) < len(header)
        for number, cells in rows:
            if len(cells) == len(header):
                pairs = list(zip(header, cells, strict=True))
                yield FileLine(number, _together(pairs) if alike else dict(pairs))
            else:
                sentence = f"has {len(cells)} cells, but the first line has {len(header)}"
                yield FileLine(number, problem=f"{sentence}; a cell with a separator in it needs quotes.")

    def _spelled(self, name: object) -> str:
        """Give one name to columns called alike: as it is written first."""
        text = str(name).strip()
        return self._spellings.setdefault(plain_name(text), text)

    def _header(self) -> tuple[str, ...]:
        try:
            names = next(self._csv_rows(), (0, []))[1]
            return tuple(dict.fromkeys(self._spelled(name) for name in names))
        except _UnreadableError as error:
            raise DataError(f"{self.name}, line {error.line}: {error}") from None

    def _csv_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row that isn't empty with the number of its first line; a quoted cell may go over several."""
        texts = self._texts()
        begin, first = next(texts, (1, ""))
        named = SEPARATOR.fullmatch(first.rstrip("\r\n"))
        if named:
            begin, first = next(texts, (begin, ""))
        delimiter = named[1] if named else max(DELIMITERS, key=first.count)
        reader = csv.reader(_chained(first, texts), delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + begin
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                raise _UnreadableError(line, f"{_csv_fault(error)}; what follows wasn't read.") from None
            if any(cell.strip() for cell in cells):
                yield line, cells

    def _json_lines(self) -> Iterator[FileLine]:
        for number, text in self._texts():
            if text.strip():
                yield self._json_line(number, text)

    def _json_line(self, number: int, text: str) -> FileLine:
        try:
            row = json.loads(text)
        except (ValueError, RecursionError):
            return FileLine(number, problem="isn't JSON; each line is one JSON object.")
        if not isinstance(row, dict):
            return FileLine(number, problem='isn\'t a JSON object, such as {"id": 4711}.')
        if any(SURROGATE.search(name) for name in row):
            return FileLine(number, problem="has a name with half a character in it (a lone surrogate).")
        return FileLine(number, _together([(self._spelled(name), value) for name, value in row.items()]))

    def _json_names(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for line in self.lines():
            names.update(dict.fromkeys(line.cells))
            if line.problem and self.unreadable is None:
                self.unreadable = line
            if len(names) > MOST_COLUMNS:
                break
        return tuple(names)

    def _texts(self) -> Iterator[tuple[int, str]]:
        """Give each line as text with its number, and keep the fingerprint of all that was read."""
        seen = hashlib.sha256()
        with self._open() as file:
            for number, data in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
                seen.update(data)
                self.on_bytes(len(data))
                if len(data) > LONGEST_LINE:
                    raise _UnreadableError(number, f"is longer than {LONGEST_LINE:,} bytes; what follows wasn't read.")
                yield number, _decoded(data, number)
        self.fingerprint = seen.hexdigest()

    def _refuse_streams(self) -> None:
        try:
            mode = self.path.stat().st_mode
        except OSError:
            return  # opening it says what is wrong
        if not stat.S_ISREG(mode):
            raise DataError(f"{self.path} is a pipe; import reads a file twice, save it first.")

    def _open(self) -> BinaryIO:
        try:
            return self.path.open("rb")
        except OSError as error:
            raise DataError(f"{self.path} can't be read: {error.strerror}.") from None


def _format_of(path: Path) -> Format:
    known = ENDINGS.get(path.suffix.lower())
    if known is None:
        raise UsageError(f"{path.name} ends in none of {', '.join(ENDINGS)}: say --format csv or --format jsonl.")
    return known


def _decoded(data: bytes, number: int) -> str:
    try:
        return data.decode("utf-8-sig" if number == 1 else "utf-8")  # office programs put a mark before the first line
    except UnicodeDecodeError:
        raise _UnreadableError(number, "isn't UTF-8: export or save the file as UTF-8.") from None


def _chained(first: str, rest: Iterator[tuple[int, str]]) -> Iterator[str]:
    yield first
    for _, text in rest:
        yield text


def _together(pairs: Sequence[tuple[str, object]]) -> Mapping[str, object]:
    """Give a line's cells by column, those of columns called alike as one."""
    cells: dict[str, list[object]] = {}
    for name, cell in pairs:
        cells.setdefault(name, []).append(cell)
    return {name: Repeated(tuple(own)) if len(own) > 1 else own[0] for name, own in cells.items()}


def _csv_fault(error: csv.Error) -> str:
    if "field limit" in str(error):
        return f"a cell is longer than {csv.field_size_limit():,} characters, or a quote is opened and never closed"
    if "new-line" in str(error):
        return "a line ends as on very old computers: save the file anew as CSV"
    return "its quotes don't fit: a quote inside a quoted cell is written twice"


def as_pair(text: str) -> tuple[str, str]:
    """Read `known=of the file`. Raises UsageError for anything else."""
    known, equals, source = text.partition("=")
    if not equals or not known.strip():
        raise UsageError(f'--column {text}: write it as --column created_at="Created Date".')
    return known.strip(), source.strip()


def as_meaning(text: str) -> tuple[str, str, str]:
    """Read `column:word of the file=what it means`. Raises UsageError for anything else."""
    column, colon, rest = text.partition(":")
    word, equals, meant = rest.rpartition("=")
    if not (column.strip() and colon and word.strip() and equals and meant.strip()):
        raise UsageError(f"--meaning {text}: write it as --meaning resolution:Fertig=fixed.")
    return column.strip(), word.strip(), meant.strip()


def as_zone(name: str) -> ZoneInfo:
    """Read `--zone`. Raises UsageError for a name that no zone has."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(f"--zone {name}: a zone has an IANA name, such as Europe/Berlin.") from None


def ignored(present: Sequence[str], read: Mapping[str, str]) -> tuple[str, ...]:
    """Give the file's columns that aren't read, in its order."""
    return tuple(name for name in present if name and name not in set(read.values()))
