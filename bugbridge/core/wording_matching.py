"""Finds patterns in the words of a sentence.

Matching keeps sets of places instead of trying one way after the other, and every pattern has a longest match, so its
work grows linearly with the text whatever somebody writes. A pattern is tried only where it can begin.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from bugbridge.core.wording_patterns import (
    ANY_WORD,
    CLAUSE,
    MARKS,
    START,
    Element,
    Gap,
    Macro,
    Macros,
    Pattern,
    Place,
    Step,
    Words,
    plainly_spelt,
)
from bugbridge.core.wording_text import COMMA, ENDS


class Openings:
    """By which words patterns can begin: worked out once for a language's rules, then asked for each sentence."""

    def __init__(self, patterns: Iterable[Pattern], macros: Macros) -> None:
        """Take the patterns, and the macros they use; these are patterns too."""
        self._macros = macros
        self._of_macro: dict[str, Words | None] = {}
        self._groups: dict[Pattern, int] = {}
        numbers: dict[Words, int] = {}
        for pattern in chain(patterns, *macros.values()):
            opening = self._opening(pattern)
            if opening:
                self._groups[pattern] = numbers.setdefault(opening, len(numbers))
        self._exact = _numbers_by((opening.exact, number) for opening, number in numbers.items())
        self._beginnings = _numbers_by((opening.beginnings, number) for opening, number in numbers.items())
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})

    def group(self, pattern: Pattern) -> int | None:
        """Give the number that patterns with the same first words share, None for one that can begin anywhere."""
        return self._groups.get(pattern)

    def begun_by(self, word: str) -> frozenset[int]:
        """Give the groups of patterns that can begin with a word."""
        begun = (self._beginnings.get(word[:length]) for length in self._lengths)
        return frozenset().union(*filter(None, (self._exact.get(word), *begun)))

    def _opening(self, pattern: Pattern) -> Words | None:
        """Give the words that a pattern can begin with, None where that can be any."""
        found: list[Words] = []
        for step in pattern.steps:
            if _takes_no_word(step):
                continue
            words = self._first_words(step.element)
            if words is None:
                return None
            found.append(words)
            if not step.optional:
                break
        return _any_of(found)

    def _first_words(self, element: Element) -> Words | None:
        if not isinstance(element, Macro):
            return element if isinstance(element, Words) else None
        if element.name not in self._of_macro:
            openings = [self._opening(pattern) for pattern in self._macros[element.name]]
            self._of_macro[element.name] = None if None in openings else _any_of(filter(None, openings))
        return self._of_macro[element.name]


def _takes_no_word(step: Step) -> bool:
    return step.absent or (isinstance(step.element, Place) and step.element.name in (START, CLAUSE))


def _any_of(several: Iterable[Words]) -> Words:
    exact: set[str] = set()
    beginnings: set[str] = set()
    for words in several:
        exact |= words.exact
        beginnings.update(words.beginnings)
    return Words(frozenset(exact), tuple(sorted(beginnings)))


def _numbers_by(said: Iterable[tuple[Iterable[str], int]]) -> Mapping[str, frozenset[int]]:
    numbers: defaultdict[str, set[int]] = defaultdict(set)
    for words, number in said:
        for word in words:
            numbers[word].add(number)
    return {word: frozenset(found) for word, found in numbers.items()}


class Matcher:
    """Finds patterns in the words of one sentence; what a macro matches from a word on is looked for once."""

    def __init__(self, words: Sequence[str], macros: Macros, openings: Openings) -> None:
        """Take the words of a sentence; `openings` are those of the patterns that will be looked for."""
        self._words = [plainly_spelt(word) for word in words]
        self._macros, self._openings = macros, openings
        begun = {word: openings.begun_by(word) for word in set(self._words)}
        self._begun = [begun[word] for word in self._words]
        self._starts: defaultdict[int, list[int]] = defaultdict(list)
        for place, groups in enumerate(self._begun):
            for group in groups:
                self._starts[group].append(place)
        self._known: dict[tuple[str, int], frozenset[int]] = {}

    def spans(self, pattern: Pattern) -> Iterator[tuple[int, int]]:
        """Give where a pattern matches, from the first word to behind the last: the longest match at each beginning."""
        group = self._openings.group(pattern)
        for start in range(len(self._words)) if group is None else self._starts.get(group, ()):
            end = max(self._after(pattern, start), default=start)
            if end > start:
                yield start, end

    def _after(self, pattern: Pattern, start: int) -> frozenset[int]:
        places = frozenset({start})
        for step in pattern.steps:
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
            begun = (pattern for pattern in self._macros[name] if self._may_begin(pattern, place))
            known = frozenset().union(*(self._after(pattern, place) for pattern in begun))
            self._known[name, place] = known
        return known

    def _may_begin(self, pattern: Pattern, place: int) -> bool:
        group = self._openings.group(pattern)
        return group is None or (place < len(self._begun) and group in self._begun[place])

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
        fits = word not in MARKS and (name == ANY_WORD or word.lstrip("v")[:1].isdigit())
        return (place + 1,) if fits else ()
