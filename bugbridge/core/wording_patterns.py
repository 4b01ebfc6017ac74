"""Patterns over words: how a rule says what it looks for.

A pattern is elements with spaces between them:

    word            this word, in lower case; contractions are written out ("we will", "can not")
    fix*            any word that begins so
    fix|solve       one of these
    {we}            a macro: one of the patterns listed under this name
    ~4              up to 4 words, within the clause (no punctuation)
    +8              up to 8 words, over commas, within the sentence
    , . ! ?         this mark (a comma stands for any mark within a sentence)
    <number>        a number or a version; <version> only that: with a dot in it, or "v" before it
    <word>          any one word
    <start>         the sentence's beginning; <clause> that, or behind a comma

and an element with `?` behind it may be absent; one with `!` before it must not come next, and takes no word.
Matching keeps sets of places instead of trying one way after the other, and every pattern has a longest match, so its
work grows linearly with the text whatever somebody writes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from bugbridge.core.wording_text import COMMA, ENDS

MARKS = ENDS | {COMMA}
NUMBER, VERSION, ANY_WORD, START, CLAUSE = "<number>", "<version>", "<word>", "<start>", "<clause>"
CLASSES = (NUMBER, VERSION, ANY_WORD, START, CLAUSE)
MOST_SKIPPED = 20
PLAIN = re.compile(r"[^\W_]+\*?|'s|[,.!?]")
GAP = re.compile(r"([~+])([0-9]{1,2})")
MACRO = re.compile(r"\{([a-z][a-z_]*)\}")


class PatternError(ValueError):
    """A pattern can't be read; its text continues a sentence that names the pattern."""


@dataclass(frozen=True, slots=True)
class Words:
    """One word out of these, or one that begins so."""

    exact: frozenset[str]
    beginnings: tuple[str, ...] = ()

    def takes(self, word: str) -> bool:
        """Whether it is one of them."""
        return word in self.exact or (bool(self.beginnings) and word.startswith(self.beginnings))


@dataclass(frozen=True, slots=True)
class Gap:
    """Up to so many words, over commas or not."""

    most: int
    over_commas: bool


@dataclass(frozen=True, slots=True)
class Place:
    """A number, any word, or a place between words."""

    name: str


@dataclass(frozen=True, slots=True)
class Macro:
    """One of the patterns of this name."""

    name: str


Element = Words | Gap | Place | Macro


@dataclass(frozen=True, slots=True)
class Step:
    """An element that has to come next, may be absent, or must not come next."""

    element: Element
    optional: bool = False
    absent: bool = False


Pattern = tuple[Step, ...]
Macros = Mapping[str, tuple[Pattern, ...]]


def read_pattern(text: str) -> Pattern:
    """Read one pattern. Raises PatternError for one that can't be read, or that matches without any word."""
    steps = tuple(_step(part) for part in text.split())
    if not any(isinstance(step.element, Words | Macro) and not (step.optional or step.absent) for step in steps):
        raise PatternError("names no word that has to be there.")
    return steps


def _step(part: str) -> Step:
    if len(part) > 1 and part.startswith("!"):
        return Step(_step(part[1:]).element, absent=True)
    optional = len(part) > 1 and part.endswith("?")
    bare = part[:-1] if optional else part
    gap, macro = GAP.fullmatch(bare), MACRO.fullmatch(bare)
    if bare in CLASSES:
        return Step(Place(bare), optional)
    if macro:
        return Step(Macro(macro[1]), optional)
    if gap:
        if int(gap[2]) > MOST_SKIPPED:
            raise PatternError(f"skips {gap[2]} words; at most {MOST_SKIPPED} can be skipped.")
        return Step(Gap(int(gap[2]), gap[1] == "+"))
    return Step(_words(bare), optional)


def _words(bare: str) -> Words:
    choices = bare.split("|")
    unfit = [choice for choice in choices if not PLAIN.fullmatch(choice) or choice != choice.lower()]
    if unfit:
        raise PatternError(f'holds "{bare[:40]}", which is no element of a pattern.')
    exact = frozenset(choice for choice in choices if not choice.endswith("*"))
    return Words(exact, tuple(choice[:-1] for choice in choices if choice.endswith("*")))


def macros_named(patterns: Iterable[Pattern]) -> Iterator[str]:
    """Give the names of the macros that patterns use."""
    for pattern in patterns:
        yield from (step.element.name for step in pattern if isinstance(step.element, Macro))


class Matcher:
    """Finds patterns in the words of one sentence; what a macro matches from a word on is looked for once."""

    def __init__(self, words: Sequence[str], macros: Macros) -> None:
        """Take the words of a sentence."""
        self._words, self._macros = words, macros
        self._known: dict[tuple[str, int], frozenset[int]] = {}

    def spans(self, pattern: Pattern) -> Iterator[tuple[int, int]]:
        """Give where a pattern matches, from the first word to behind the last: the longest match at each beginning."""
        for start in range(len(self._words)):
            end = max(self._after(pattern, start), default=start)
            if end > start:
                yield start, end

    def _after(self, pattern: Pattern, start: int) -> frozenset[int]:
        places = frozenset({start})
        for step in pattern:
            places = self._reached(step, places)
            if not places:
                break
        return places

    def _reached(self, step: Step, places: frozenset[int]) -> frozenset[int]:
        if step.absent:
            return frozenset(place for place in places if not set(self._step(step.element, place)))
        reached = frozenset().union(*(self._step(step.element, place) for place in places))
        return reached | places if step.optional else reached

    def _step(self, element: Element, place: int) -> Iterable[int]:
        if isinstance(element, Macro):
            return self._macro(element.name, place)
        if isinstance(element, Gap):
            return self._skipped(element, place)
        if isinstance(element, Place):
            return self._place(element.name, place)
        return (place + 1,) if place < len(self._words) and element.takes(self._words[place]) else ()

    def _macro(self, name: str, place: int) -> frozenset[int]:
        known = self._known.get((name, place))
        if known is None:
            known = frozenset().union(*(self._after(pattern, place) for pattern in self._macros[name]))
            self._known[name, place] = known
        return known

    def _skipped(self, gap: Gap, place: int) -> Iterator[int]:
        yield place
        for end in range(place, min(place + gap.most, len(self._words))):
            word = self._words[end]
            if word in ENDS or (word == COMMA and not gap.over_commas):
                return
            yield end + 1

    def _place(self, name: str, place: int) -> tuple[int, ...]:
        if name in (START, CLAUSE):
            behind_comma = name == CLAUSE and place > 0 and self._words[place - 1] == COMMA
            return (place,) if place == 0 or behind_comma else ()
        word = self._words[place] if place < len(self._words) else COMMA
        return (place + 1,) if word not in MARKS and _fits(name, word) else ()


def _fits(name: str, word: str) -> bool:
    is_number = word.lstrip("v")[:1].isdigit()
    is_version = is_number and ("." in word or word.startswith("v"))
    return name == ANY_WORD or (is_number if name == NUMBER else is_version)
