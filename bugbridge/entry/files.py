"""Files of rows, CSV or JSON Lines, read line by line: however long a file is, one line of it is in memory."""

import csv
import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO, Literal

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.imports import FileLine

Format = Literal["csv", "jsonl"]

ENDINGS: Mapping[str, Format] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
LONGEST_LINE = 1_000_000  # bytes; a longer line is no row of an export, and isn't read into memory
MOST_COLUMNS = 1_000
DELIMITERS = ",;\t"


class _UnreadableError(Exception):
    """The rest of a file can't be read; `line` is where that shows."""

    def __init__(self, line: int, sentence: str) -> None:
        self.line = line
        super().__init__(sentence)


class RowFile:
    """A file that can be read several times.

    `fingerprint`, of what was read last to its end, says whether it was the same each time; `on_bytes` hears of how
    many bytes were just read.
    """

    def __init__(self, path: Path, chosen: Format | None = None) -> None:
        """Take the format from the ending unless it is chosen.

        Raises UsageError where the ending says nothing, DataError where the file can't be opened.
        """
        self.path = path
        self.on_bytes: Callable[[int], object] = lambda _: None
        self.fingerprint = ""
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
        """Give the names of the columns, which in JSON Lines are those of any line. Raises DataError for none."""
        names = self._json_names() if self._format == "jsonl" else self._header()
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
            yield FileLine(error.line, problem=f"Line {error.line}: {error}")

    def _csv_lines(self) -> Iterator[FileLine]:
        rows = self._csv_rows()
        header = _names(next(rows, (0, []))[1])
        for number, cells in rows:
            if len(cells) == len(header):
                yield FileLine(number, dict(zip(header, cells, strict=True)))
            else:
                sentence = f"has {len(cells)} cells, but the first line has {len(header)}"
                yield FileLine(
                    number, problem=f"Line {number}: {sentence}; a cell with a separator in it needs quotes."
                )

    def _header(self) -> tuple[str, ...]:
        try:
            return _names(next(self._csv_rows(), (0, []))[1])
        except _UnreadableError as error:
            raise DataError(f"{self.name}, line {error.line}: {error}") from None

    def _csv_rows(self) -> Iterator[tuple[int, list[str]]]:
        """Give each row that isn't empty with the number of its first line; a quoted cell may go over several."""
        texts = self._texts()
        _, first = next(texts, (1, ""))
        delimiter = max(DELIMITERS, key=first.count)
        reader = csv.reader(_chained(first, texts), delimiter=delimiter, strict=True)
        while True:
            line = reader.line_num + 1
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
                yield _json_line(number, text)

    def _json_names(self) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for line in self.lines():
            names.update(dict.fromkeys(line.cells))
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


def _names(header: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.strip() for name in header)


def _csv_fault(error: csv.Error) -> str:
    if "field limit" in str(error):
        return "a cell doesn't end: look for a quote that is opened and never closed"
    if "new-line" in str(error):
        return "a line ends as on very old computers: save the file anew as CSV"
    return "its quotes don't fit: a quote inside a quoted cell is written twice"


def _json_line(number: int, text: str) -> FileLine:
    try:
        row = json.loads(text)
    except (ValueError, RecursionError):
        return FileLine(number, problem=f"Line {number}: isn't JSON; each line is one JSON object.")
    if not isinstance(row, dict):
        return FileLine(number, problem=f'Line {number}: isn\'t a JSON object, such as {{"id": 4711}}.')
    return FileLine(number, {str(name).strip(): value for name, value in row.items()})


def as_pair(text: str) -> tuple[str, str]:
    """Read `known=of the file`. Raises UsageError for anything else."""
    known, equals, source = text.partition("=")
    if not equals or not known.strip():
        raise UsageError(f'--column {text}: write it as --column created_at="Created Date".')
    return known.strip(), source.strip()


def ignored(present: Sequence[str], read: Mapping[str, str]) -> tuple[str, ...]:
    """Give the file's columns that aren't read, in its order."""
    return tuple(name for name in present if name and name not in set(read.values()))
