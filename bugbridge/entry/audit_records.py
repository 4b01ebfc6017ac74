"""The rows of a CSV, one at a time, in bounded memory: one that is too long is passed over, and the rest still read."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum, auto
from typing import TextIO

from bugbridge.core.errors import DataError
from bugbridge.core.imports import SURROGATE
from bugbridge.entry.files import DELIMITERS, SEPARATOR

LONGEST_ROW = 1_000_000  # characters; no row of bugs is as long, save for what somebody pasted into a cell
PIECE = 65_536  # characters that are read at once
QUOTE = '"'
LINE_ENDS = ("\r", "\n")


class _At(Enum):
    """Where in a row a piece of text ends."""

    CELL_BEGIN = auto()
    PLAIN = auto()
    QUOTED = auto()
    AFTER_QUOTE = auto()


class Records:
    """The rows of a text that is open with `newline=""`; its first line says by what the cells are parted."""

    def __init__(self, stream: TextIO, name: str) -> None:
        """Take what people call the text, for what is wrong with it."""
        self._stream = stream
        self._name = name
        self._line = 1
        self._first = ""

    def __iter__(self) -> Iterator[tuple[int, list[str] | None]]:
        """Give each row's cells, none for one that is too long, with the number of its first line.

        A row without anything in it is none. Raises DataError for what is no text, or has a quote that is never closed.
        """
        delimiter = self._delimiter()
        with _long_cells():
            while True:
                begin = self._line
                text, is_whole = self._row_text(delimiter)
                if not text:
                    return
                cells = next(csv.reader([text], delimiter=delimiter), []) if is_whole else None
                if cells is None or any(cell.strip() for cell in cells):
                    yield begin, cells

    def _delimiter(self) -> str:
        """Look at the first line, and keep it to be read: unless it is the one in which spreadsheets say this."""
        first = self._read()
        if "\0" in first:
            raise DataError(f"{self._name} is no CSV: in a spreadsheet, save the sheet as CSV UTF-8.")
        named = SEPARATOR.fullmatch(first.rstrip("\r\n"))
        if named:
            self._line += 1
            return named[1]
        self._first = first
        return max(DELIMITERS, key=first.count)

    def _row_text(self, delimiter: str) -> tuple[str, bool]:
        """Read to the end of a row; of one that is too long its first piece is given, and that it isn't whole."""
        begin, pieces, length, at = self._line, list[str](), 0, _At.CELL_BEGIN
        while piece := self._piece():
            at = _moved(piece, at, delimiter)
            length += len(piece)
            if length <= LONGEST_ROW:
                pieces.append(piece)
            if piece[-1] in LINE_ENDS and at is not _At.QUOTED:
                break
        if at is _At.QUOTED:
            raise DataError(f"{self._name}, line {begin}: a quote is opened there and never closed.")
        is_whole = length <= LONGEST_ROW
        return "".join(pieces if is_whole else pieces[:1]), is_whole

    def _piece(self) -> str:
        """Give a line, or so much of a long one as is read at once; "" at the end of the text."""
        text, self._first = self._first or self._read(), ""
        self._line += text[-1:] in LINE_ENDS
        return text

    def _read(self) -> str:
        try:
            text = self._stream.readline(PIECE)
        except UnicodeDecodeError:
            raise self._not_text() from None
        if not text.isascii() and SURROGATE.search(text):
            raise self._not_text()
        return text

    def _not_text(self) -> DataError:
        return DataError(f"{self._name}, line {self._line}: isn't UTF-8 text: export or save the file as UTF-8.")


def _moved(text: str, at: _At, delimiter: str) -> _At:
    """Say where in a row a text ends that begins there, by the rules of the csv module."""
    position = 0
    while position < len(text):
        if at is _At.QUOTED:
            found = text.find(QUOTE, position)
            if found < 0:
                return at
            position, at = found + 1, _At.AFTER_QUOTE
        elif at is not _At.PLAIN and text[position] == QUOTE:
            position, at = position + 1, _At.QUOTED
        else:
            found = text.find(delimiter + QUOTE, position)
            if found < 0:
                return _At.CELL_BEGIN if text[-1] == delimiter else _At.PLAIN
            position, at = found + 2, _At.QUOTED
    return at


@contextmanager
def _long_cells() -> Iterator[None]:
    """Have the csv module take cells as long as a row."""
    before = csv.field_size_limit(LONGEST_ROW)
    try:
        yield
    finally:
        csv.field_size_limit(before)
