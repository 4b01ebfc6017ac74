"""Bring history from files: a first pass checks every line, a second keeps them all in one transaction, or none."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.imports import FileLine, Reading, Row
from bugbridge.core.records import FILE_KIND, Source
from bugbridge.ports import Store

MOST_SHOWN = 50

Record = TypeVar("Record")


class HistoryFile(Protocol):
    """A file of rows that can be read more than once."""

    @property
    def name(self) -> str:
        """What people call it."""
        ...

    @property
    def fingerprint(self) -> str:
        """What says whether it was the same each time that it was read to its end."""
        ...

    def lines(self) -> Iterator[FileLine]:
        """Give its rows from the first one on."""
        ...


class Register(Protocol):
    """What a file has said so far, kept in bounded memory; a name carries its own kind, such as `ticket 4711`."""

    def first_line(self, name: str, line: int) -> int:
        """Give the line on which a name stood first: this one if it is new."""
        ...

    def mention(self, name: str, line: int, first_at: datetime, as_of: datetime) -> None:
        """Keep that a line, as of a moment, says something of a name that it has heard of since `first_at`."""
        ...

    def speaker(self, name: str) -> tuple[int, datetime]:
        """Give the line that speaks of a mentioned name as of the latest moment, and since when it is heard of."""
        ...


@dataclass(slots=True)
class Problems:
    """What is wrong with a file: the first of it in words, all of it counted."""

    file_name: str
    sentences: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, sentences: Sequence[str]) -> None:
        """Take these in."""
        self.count += len(sentences)
        self.sentences += sentences[: MOST_SHOWN - len(self.sentences)]

    def refuse(self) -> None:
        """Raise DataError with them, if there are any."""
        if not self.count:
            return
        many = "1 problem" if self.count == 1 else f"{self.count:,} problems"
        more = [f"… and {self.count - MOST_SHOWN:,} more."] if self.count > MOST_SHOWN else []
        raise DataError("\n".join([f"{self.file_name} has {many}; nothing was imported.", *self.sentences, *more]))


def good_rows(
    file: HistoryFile, reading: Reading, read: Callable[[Row], Record], problems: Problems
) -> Iterator[tuple[int, Record]]:
    """Give what each line says, with its number; what is wrong with the others is added to the problems."""
    for line in file.lines():
        row = Row(line.number, line.cells, reading)
        if line.problem:
            problems.add([line.problem])
            continue
        record = read(row)
        problems.add(row.problems)
        if not row.problems:
            yield line.number, record


def rows_again(file: HistoryFile, reading: Reading, read: Callable[[Row], Record]) -> Iterator[tuple[int, Record]]:
    """Give the lines of a checked file once more. Raises DataError at its end if it isn't what it was."""
    before, problems = file.fingerprint, Problems(file.name)
    yield from good_rows(file, reading, read, problems)
    if problems.count or file.fingerprint != before:
        raise DataError(f"{file.name} changed while it was read; nothing was imported: import it once it is finished.")


class _DryRunEndedError(Exception):
    """All was kept, and is to be undone."""


@contextmanager
def kept_at_once(store: Store, *, dry_run: bool) -> Iterator[None]:
    """Keep all of it in one transaction; in a dry run undo it at the end, so that its figures are the real ones."""
    with suppress(_DryRunEndedError), store.write():
        yield
        if dry_run:
            raise _DryRunEndedError


def file_source(store: Store, name: str, role: str) -> Source:
    """Give the source that a file stands for, declared as one of files where its name is new.

    Raises UsageError where the name belongs to a source of the other role: its ids would mean other things.
    """
    known = next((source for source in store.sources() if source.name == name), None)
    if known is None:
        return store.declare_source(name, FILE_KIND, role)
    if known.role != role:
        raise UsageError(f"{name} is a {known.role} here: name another {role} with --{role}.")
    return known


def pages_of(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    """Give so many at once."""
    rest = iter(records)
    while page := list(islice(rest, size)):
        yield page
