"""Read one line of an export: which column is which, and what each holds, or what is wrong with it, in words."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bugbridge.core.errors import DataError
from bugbridge.core.import_cells import (
    WAYS_TO_WRITE,
    FileSource,
    any_reference,
    instant_of,
    instant_texts,
    own_reference,
    shown,
    ticket_id_of,
)
from bugbridge.core.references import ReferenceRules

LONGEST_WORD = 100  # characters of an id, a version, a tier, …
MOST_NAMED = 40  # columns of a file that a sentence names

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file as it was read: its number from 1 on, its cells by column, or why it can't be read."""

    number: int
    cells: Mapping[str, object] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that an import knows; `means` says in a few words what it holds."""

    name: str
    means: str
    required: bool = False


def choose_columns(
    known: Sequence[Column], present: Sequence[str], chosen: Sequence[tuple[str, str]]
) -> Mapping[str, str]:
    """Give the file's column behind each known one: as `chosen` (known, of the file), else the one of that name.

    Case and blanks around a name don't count. One for which "" is chosen isn't read, nor is one by its own name that
    was chosen for another. Raises DataError with every problem at once, a sentence each.
    """
    found = {_plain(name): name for name in present}
    problems = [*_named_twice(present), *_wrong_choices(known, found, chosen)]
    wanted = dict(chosen)
    free = {name: source for name, source in found.items() if name not in map(_plain, wanted.values())}
    own = {column.name: free[column.name] for column in known if column.name in free and column.name not in wanted}
    columns = own | {target: found[_plain(source)] for target, source in chosen if _plain(source) in found}
    problems += [
        f"The file has no column {column.name} ({column.means}): name yours with --column {column.name}=NAME; "
        f"it has {_listed(present)}."
        for column in known
        if column.required and column.name not in columns and not wanted.get(column.name)
    ]
    if problems:
        raise DataError("\n".join(problems))
    return columns


def _plain(name: str) -> str:
    return name.strip().casefold()


def _named_twice(present: Sequence[str]) -> Iterable[str]:
    names = [_plain(name) for name in present]
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield f"The file has several columns called {shown(name)}: rename all but one."


def _wrong_choices(
    known: Sequence[Column], found: Mapping[str, str], chosen: Sequence[tuple[str, str]]
) -> Iterable[str]:
    names = [column.name for column in known]
    targets = [target for target, _ in chosen]
    for target in sorted(set(targets)):
        if target not in names:
            yield f"--column {target}=…: no column is called so; there are {', '.join(names)}."
        elif targets.count(target) > 1:
            yield f"--column {target}=… is given more than once: one column of the file is read for it."
    for target, source in chosen:
        if source and _plain(source) not in found:
            yield f"--column {target}={source}: the file has no such column; it has {_listed(tuple(found.values()))}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (", ".join(shown(name) for name in names[:MOST_NAMED]) or "none") + more


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading a line depends on: the file's column behind each known one, where its ids belong, its zone.

    `now` is the moment of the import: nothing in a history lies after it.
    """

    columns: Mapping[str, str]
    helpdesk: FileSource
    tracker: FileSource
    zone: ZoneInfo
    now: datetime
    rules: ReferenceRules


@dataclass(slots=True)
class Row:
    """One line while it is read; what is wrong with it is collected, so that all of it can be said at once."""

    line: int
    cells: Mapping[str, object]
    reading: Reading
    problems: list[str] = field(default_factory=list)

    def problem(self, column: str, sentence: str) -> None:
        """Keep what is wrong, with its place as the file names it."""
        self.problems.append(f"Line {self.line}, column {self.reading.columns.get(column, column)}: {sentence}")

    def text(self, column: str) -> str:
        """Give one text without the blanks around it, "" for an empty cell; a whole number counts as its digits."""
        cell = self._cell(column)
        return "" if cell is None else self._as_text(column, cell)

    def word(self, column: str) -> str:
        """Give a short text that is kept as it is, such as a version."""
        text = self.text(column)
        return self._as_word(column, text) if text else ""

    def words(self, column: str, separator: str) -> tuple[str, ...]:
        """Give the parts of a list, each once: of a JSON list, or of a text that the separator's pattern parts."""
        cell = self._cell(column)
        if cell is None:
            return ()
        parts = cell if isinstance(cell, list) else re.split(separator, self._as_text(column, cell))
        read = [self._as_word(column, self._as_text(column, part)) for part in parts]
        return tuple(dict.fromkeys(part for part in read if part))

    def meaning(self, column: str, meanings: Mapping[str, str]) -> str:
        """Give what a word of a fixed set means, "" for an empty cell."""
        text = self.text(column)
        if not text:
            return ""
        said = " ".join(text.casefold().replace("_", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
        if said not in meanings:
            known = ", ".join(dict.fromkeys(meaning for meaning in meanings.values() if meaning))
            self.problem(column, f"{shown(text)} isn't known here: write one of {known}.")
        return meanings.get(said, "")

    def instant(self, column: str, after: Sequence[datetime] = ()) -> datetime | None:
        """Give an instant in UTC, none for an empty cell; `after` as for `instant_of`."""
        text = self.text(column)
        return self._understood(column, text, lambda typed: self._instant(typed, after)) if text else None

    def required_instant(self, column: str) -> datetime:
        """Give an instant that must be there; the moment of the import, and a problem, where it isn't."""
        if not self.text(column):
            self.problem(column, f"is empty, and every line needs it: {WAYS_TO_WRITE}.")
        return self.instant(column) or self.reading.now

    def instants(self, column: str) -> tuple[datetime, ...]:
        """Give a list of instants in UTC, each once, the oldest first; of a text as `instant_texts` parts it."""
        cell = self._cell(column)
        if cell is None:
            return ()
        texts = [self._as_text(column, part) for part in cell] if isinstance(cell, list) else None
        parts = instant_texts(self._as_text(column, cell)) if texts is None else texts
        read = [self._understood(column, part, self._instant) for part in parts if part]
        return tuple(sorted({at for at in read if at is not None}))

    def ticket_id(self) -> str:
        """Give the ticket's id at its helpdesk; "", with a problem, where there is none."""
        return self._id(lambda text: ticket_id_of(text, self.reading.helpdesk, self.reading.rules))

    def bug_id(self) -> str:
        """Give the reference of the bug at the file's own tracker; "", with a problem, where there is none."""
        return self._id(self._own_reference)

    def bug(self, column: str) -> str:
        """Give the reference of a bug of the file's own tracker that a cell names, "" for an empty one."""
        text = self.word(column)
        return (self._understood(column, text, self._own_reference) or "") if text else ""

    def bugs(self, column: str) -> tuple[str, ...]:
        """Give the references of a list of bugs, of any tracker, each once."""
        named = [self._understood(column, text, self._any_reference) for text in self.words(column, r"[\s,;]+")]
        return tuple(dict.fromkeys(reference for reference in named if reference))

    def _id(self, read: Callable[[str], str]) -> str:
        text = self.word("id")
        if not text:
            self.problem("id", "is empty, and every line needs it.")
        return (self._understood("id", text, read) or "") if text else ""

    def _cell(self, column: str) -> object:
        """Give what stands in the file, none for an empty cell; most cells of most exports are empty."""
        source = self.reading.columns.get(column)
        cell = None if source is None else self.cells.get(source)
        return None if cell == "" else cell

    def _as_text(self, column: str, cell: object) -> str:
        if isinstance(cell, str):
            return cell.strip()
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        if isinstance(cell, int) and not isinstance(cell, bool):
            return str(cell)
        if cell is not None:
            self.problem(column, f"{shown(cell)} is neither one text nor a whole number.")
        return ""

    def _as_word(self, column: str, text: str) -> str:
        if len(text) <= LONGEST_WORD and text.isprintable():
            return text
        self.problem(column, f"{shown(text)} isn't on one line of at most {LONGEST_WORD} characters that can be read.")
        return ""

    def _instant(self, text: str, after: Sequence[datetime] = ()) -> datetime:
        return instant_of(text, self.reading.zone, self.reading.now, after)

    def _own_reference(self, text: str) -> str:
        return own_reference(text, self.reading.tracker, self.reading.rules)

    def _any_reference(self, text: str) -> str:
        return any_reference(text, self.reading.tracker, self.reading.rules)

    def _understood(self, column: str, text: str, read: Callable[[str], Read]) -> Read | None:
        try:
            return read(text)
        except ValueError as error:
            self.problem(column, str(error))
            return None
