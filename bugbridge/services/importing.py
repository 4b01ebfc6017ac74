"""Bring history from files: a first pass checks every line, a second keeps them all in one transaction, or none."""

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Protocol, TypeVar

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.import_cells import NO_DATE, shown
from bugbridge.core.imports import FileLine, Problem, Reading, Row
from bugbridge.core.records import FILE_KIND, Source
from bugbridge.ports import Store

MOST_SHOWN = 50
MOST_ALIKE = 3
# What differs between sentences that say the same of different cells.
VARYING = re.compile(r"""'.*'|".*"|\S*\d\S*""")
ISO_HINT = "In a spreadsheet, give columns of dates the format yyyy-mm-dd hh:mm, and save the file as CSV again."

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
    """What is wrong with a file: the first of each kind in words, all of it counted."""

    file_name: str
    count: int = 0
    _shown: list[Problem] = field(default_factory=list)
    _kinds: dict[tuple[str, str], "_Alike"] = field(default_factory=dict)

    def add(self, problems: Iterable[Problem]) -> None:
        """Take these in."""
        for problem in problems:
            self.count += 1
            kind = problem.column, VARYING.sub("", problem.sentence)
            if kind in self._kinds or len(self._shown) < MOST_SHOWN:
                self._take(self._kinds.setdefault(kind, _Alike(problem)), problem)

    def _take(self, alike: "_Alike", problem: Problem) -> None:
        alike.count += 1
        if alike.count <= MOST_ALIKE and len(self._shown) < MOST_SHOWN:
            self._shown.append(problem)
            alike.shown += 1

    def refuse(self) -> None:
        """Raise DataError with them, if there are any."""
        if not self.count:
            return
        many = "1 problem" if self.count == 1 else f"{self.count:,} problems"
        kinds = self._kinds.values()
        others = self.count - sum(alike.count for alike in kinds)
        lines = [f"{self.file_name} has {many}; nothing was imported.", *map(str, self._shown)]
        lines += [alike.more for alike in kinds if alike.more]
        lines += [f"… and {others:,} more."] if others else []
        lines += [ISO_HINT] if any(NO_DATE in problem.sentence for problem in self._shown) else []
        raise DataError("\n".join(lines))


@dataclass(slots=True)
class _Alike:
    """Problems of one kind in one column."""

    first: Problem
    count: int = 0
    shown: int = 0

    @property
    def more(self) -> str:
        """Say how many aren't shown, "" for none."""
        if self.count == self.shown:
            return ""
        where = f" in column {shown(self.first.column)}" if self.first.column else ""
        return f"… and {self.count - self.shown:,} more{where} like line {self.first.line}."


MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class Contradictions:
    """Lines that say other dates than stand, since what once happened stays: how many, and whose the first are."""

    count: int = 0
    first: tuple[str, ...] = ()

    def __add__(self, other: "Contradictions") -> "Contradictions":
        """Add two parts of a file up."""
        return Contradictions(self.count + other.count, (*self.first, *other.first)[:MOST_NAMED])


NO_CONTRADICTIONS = Contradictions()


def good_rows(
    file: HistoryFile, reading: Reading, read: Callable[[Row], Record], problems: Problems
) -> Iterator[tuple[int, Record]]:
    """Give what each line says, with its number; what is wrong with the others is added to the problems."""
    for line in file.lines():
        row = Row(line.number, line.cells, reading)
        if line.problem:
            problems.add([Problem(line.number, "", line.problem)])
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
