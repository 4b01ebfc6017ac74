"""Read one line of an export: which column is which, and what each holds, or what is wrong with it, in words."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.import_cells import (
    LONG_AGO,
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
SURROGATE = re.compile("[\ud800-\udfff]")
MOST_NAMED = 40  # columns of a file that a sentence names

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True)
class Repeated:
    """The cells of a line whose columns are called alike, in the file's order; some exports write lists so."""

    cells: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class FileLine:
    """One line of a file as it was read: its number from 1 on, its cells by column, or why it can't be read.

    The cells of columns that are called alike are one `Repeated`.
    """

    number: int
    cells: Mapping[str, object] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line, or with its cell in a column as the file names it."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        """Say where and what."""
        return f"Line {self.line}{f', column {self.column}' if self.column else ''}: {self.sentence}"


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

    Case and blanks around a name don't count: columns called alike are one. One for which "" is chosen isn't read, nor
    is one by its own name that was chosen for another. Raises DataError with every problem at once, a sentence each.
    """
    found = {plain_name(name): name for name in reversed(present)}
    problems = [*_wrong_choices(known, present, chosen)]
    wanted = dict(chosen)
    free = {name: source for name, source in found.items() if name not in map(plain_name, wanted.values())}
    own = {column.name: free[column.name] for column in known if column.name in free and column.name not in wanted}
    columns = own | {target: found[plain_name(source)] for target, source in chosen if plain_name(source) in found}
    problems += [
        f"The file has no column {column.name} ({column.means}): name yours with --column {column.name}=NAME; "
        f"it has {_listed(present)}."
        for column in known
        if column.required and column.name not in columns and not wanted.get(column.name)
    ]
    if problems:
        raise DataError("\n".join(problems))
    return columns


def plain_name(name: str) -> str:
    """Give what columns called alike have in common."""
    return name.strip().casefold()


Meanings = Mapping[str, Mapping[str, str]]


def choose_meanings(known: Meanings, chosen: Sequence[tuple[str, str, str]]) -> Meanings:
    """Add what a team's own words mean, as (column, word, known word), to the words of each column with a fixed set.

    Raises UsageError with every problem at once.
    """
    problems = list(_wrong_meanings(known, chosen))
    if problems:
        raise UsageError("\n".join(problems))
    own = {
        column: {plain_word(word): words[plain_word(meant)] for target, word, meant in chosen if target == column}
        for column, words in known.items()
    }
    return {column: {**words, **own[column]} for column, words in known.items()}


def _wrong_meanings(known: Meanings, chosen: Sequence[tuple[str, str, str]]) -> Iterator[str]:
    for column, word, meant in chosen:
        if column not in known:
            yield f"--meaning {column}:…: only {', '.join(known)} has a fixed set of words."
        elif plain_word(meant) not in known[column]:
            yield f"--meaning {column}:{word}={meant}: give one of {_meant(known[column])} as what it means."


def plain_word(word: str) -> str:
    """Give what words of a column with a fixed set have in common."""
    return " ".join(word.casefold().replace("_", " ").replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())


def _meant(words: Mapping[str, str]) -> str:
    return ", ".join(dict.fromkeys(meaning for meaning in words.values() if meaning))


def _wrong_choices(known: Sequence[Column], present: Sequence[str], chosen: Sequence[tuple[str, str]]) -> Iterable[str]:
    found = set(map(plain_name, present))
    names = [column.name for column in known]
    targets = [target for target, _ in chosen]
    for target in sorted(set(targets)):
        if target not in names:
            yield f"--column {target}=…: no column is called so; there are {', '.join(names)}."
        elif targets.count(target) > 1:
            yield f"--column {target}=… is given more than once: one column of the file is read for it."
    for target, source in chosen:
        if source and plain_name(source) not in found:
            yield f"--column {target}={source}: the file has no such column; it has {_listed(present)}."


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return (", ".join(shown(name) for name in names[:MOST_NAMED]) or "none") + more


@dataclass(frozen=True, slots=True)
class Reading:
    """All that reading a line depends on: the file's column behind each known one, where its ids belong, its zone.

    `now` is the moment of the import: nothing in a history lies after it. `meanings` are the words, as they are
    compared, of the columns with a fixed set.
    """

    columns: Mapping[str, str]
    helpdesk: FileSource
    tracker: FileSource
    zone: ZoneInfo
    now: datetime
    rules: ReferenceRules
    meanings: Meanings


@dataclass(slots=True)
class Row:
    """One line while it is read; what is wrong with it is collected, so that all of it can be said at once."""

    line: int
    cells: Mapping[str, object]
    reading: Reading
    problems: list[Problem] = field(default_factory=list)

    def problem(self, column: str, sentence: str) -> None:
        """Keep what is wrong, once, with its place as the file names it."""
        problem = Problem(self.line, self.reading.columns.get(column, column), sentence)
        if problem not in self.problems:
            self.problems.append(problem)

    def has(self, column: str) -> bool:
        """Whether anything stands there, readable or not."""
        return any(cell.strip() if isinstance(cell, str) else cell is not None for cell in self._cells(column))

    def text(self, column: str) -> str:
        """Give one text without the blanks around it, "" for an empty cell; a whole number counts as its digits."""
        cell = self._cell(column)
        return "" if cell is None else self._as_text(column, cell)

    def word(self, column: str) -> str:
        """Give a short text that is kept as it is, such as a version."""
        text = self.text(column)
        return self._as_word(column, text) if text else ""

    def last_word(self, column: str) -> str:
        """Give the last short text of columns called alike."""
        words = [self._as_word(column, self._as_text(column, cell)) for cell in self._cells(column)]
        return next((word for word in reversed(words) if word), "")

    def words(self, column: str, separator: str) -> tuple[str, ...]:
        """Give the parts of a list, each once: of a JSON list, or of a text that the separator's pattern parts."""
        read = [self._as_word(column, part) for part in self._parts(column, partial(re.split, separator))]
        return tuple(dict.fromkeys(part for part in read if part))

    def meaning(self, column: str) -> str:
        """Give what a word of a fixed set means, "" for an empty cell."""
        text, words = self.text(column), self.reading.meanings[column]
        if text and plain_word(text) not in words:
            means = f"or say what it means with --meaning {column}:WORD=MEANING"
            self.problem(column, f"{shown(text)} isn't known here: write one of {_meant(words)}, {means}.")
        return words.get(plain_word(text), "") if text else ""

    def instant(self, column: str, after: Sequence[datetime] = ()) -> datetime | None:
        """Give an instant in UTC, none for an empty cell; `after` as for `instant_of`."""
        text = self.text(column)
        return self._understood(column, text, lambda typed: self._instant(typed, after)) if text else None

    def required_instant(self, column: str) -> datetime:
        """Give an instant that must be there; one before all others, and a problem, where it isn't."""
        if not self.has(column):
            self.problem(column, f"is empty, and every line needs it: {WAYS_TO_WRITE}.")
        return self.instant(column) or LONG_AGO

    def instants(self, column: str, after: Sequence[datetime] = ()) -> tuple[datetime, ...]:
        """Give a list of instants in UTC, each once, the oldest first; of a text as `instant_texts` parts it."""
        parts = self._parts(column, instant_texts)
        read = [self._understood(column, part, lambda typed: self._instant(typed, after)) for part in parts]
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
        if not self.has("id"):
            self.problem("id", "is empty, and every line needs it.")
        return (self._understood("id", text, read) or "") if text else ""

    def _cells(self, column: str) -> tuple[object, ...]:
        """Give what stands in the file, nothing for empty cells; most cells of most exports are empty."""
        source = self.reading.columns.get(column)
        cell = None if source is None else self.cells.get(source)
        if isinstance(cell, Repeated):
            stripped = [one.strip() if isinstance(one, str) else one for one in cell.cells]
            return tuple(one for one in stripped if one is not None and one != "")
        return () if cell is None or cell == "" else (cell,)

    def _cell(self, column: str) -> object:
        """Give the one cell of a column, none for an empty one; of columns called alike only one can be meant."""
        cells = self._cells(column)
        if len(cells) > 1 and len({repr(cell) for cell in cells}) > 1:
            self.problem(column, f"stands there several times, with {' and '.join(map(shown, cells[:2]))}.")
            return None
        return cells[0] if cells else None

    def _parts(self, column: str, split: Callable[[str], list[str]]) -> Iterator[str]:
        """Give the parts of a list as texts: of JSON lists as they are, of texts as `split` parts them."""
        for cell in self._cells(column):
            texts = cell if isinstance(cell, list) else split(self._as_text(column, cell))
            yield from filter(None, (self._as_text(column, text) for text in texts))

    def _as_text(self, column: str, cell: object) -> str:
        if isinstance(cell, str):
            return self._whole(column, cell.strip())
        if isinstance(cell, float) and cell.is_integer():
            return str(int(cell))
        if isinstance(cell, int) and not isinstance(cell, bool):
            return str(cell)
        if cell is not None:
            self.problem(column, f"{shown(cell)} is neither one text nor a whole number.")
        return ""

    def _whole(self, column: str, text: str) -> str:
        """JSON can name half of a character, which is no text and can't be kept."""
        if not text.isascii() and SURROGATE.search(text):
            self.problem(column, f"{shown(text)} has half a character in it (a lone surrogate).")
            return ""
        return text

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
