"""Finds patterns in the words of a sentence.

Matching keeps sets of places instead of trying one way after the other, and every pattern has a longest match, so its
work grows linearly with the text whatever somebody writes. A pattern is tried only where it can begin.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain

from bugbridge.core.wording_patterns import (
    ANY_WORD,
    CLAUSE,
    MARKS,
    START,
    VERSION,
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
        """Take the patterns that will be looked for, and the macros they use."""
        self._macros = macros
        self._known: dict[str, Words | None] = {}
        self._groups: dict[Pattern, int] = {}
        numbers: dict[Words, int] = {}
        for pattern in chain(patterns, *macros.values()):
            opening = self._opening(pattern)
            if opening:
                self._groups[pattern] = numbers.setdefault(opening, len(numbers))
        self._exact = _numbers_by((opening.exact, number) for opening, number in numbers.items())
        self._beginnings = _numbers_by((opening.beginnings, number) for opening, number in numbers.items())
        self._lengths = sorted({len(beginning) for beginning in self._beginnings})
        self._grouped = {
            name: [(self.group(pattern), pattern) for pattern in several] for name, several in macros.items()
        }

    def group(self, pattern: Pattern) -> int | None:
        """Give the number that patterns with the same first words share, None for one that can begin anywhere."""
        return self._groups.get(pattern)

    def begun_by(self, word: str) -> frozenset[int]:
        """Give the groups of patterns that can begin with a word."""
        begun = (self._beginnings.get(word[:length]) for length in self._lengths)
        return frozenset().union(*filter(None, (self._exact.get(word), *begun)))

    def of_macro(self, name: str, groups: Collection[int]) -> Sequence[Pattern]:
        """Give the patterns of a macro that are of these groups, or can begin anywhere."""
        return [pattern for group, pattern in self._grouped[name] if group in groups or group is None]

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
        if element.name not in self._known:
            openings = [self._opening(pattern) for pattern in self._macros[element.name]]
            self._known[element.name] = None if None in openings else _any_of(filter(None, openings))
        return self._known[element.name]


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

    def __init__(self, words: Sequence[str], openings: Openings) -> None:
        """Take the words of a sentence; `openings` are those of the patterns that will be looked for."""
        self._words = [plainly_spelt(word) for word in words]
        self._openings = openings
        begun = {word: openings.begun_by(word) for word in set(self._words)}
        self._begun = [*(begun[word] for word in self._words), frozenset[int]()]
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

    def _after(self, pattern: Pattern, start: int) -> Collection[int]:
        places: Collection[int] = (start,)
        for step in pattern.steps:
            places = self._reached(step, places)
            if not places:
                break
        return places

    def _reached(self, step: Step, places: Collection[int]) -> Collection[int]:
        found = [self._step(step.element, place) for place in places]
        if step.absent:
            return [place for place, reached in zip(places, found, strict=True) if not reached]
        reached = found[0] if len(found) == 1 else frozenset(chain.from_iterable(found))
        return frozenset((*reached, *places)) if step.optional else reached

    def _step(self, element: Element, place: int) -> Collection[int]:
        if isinstance(element, Words):
            return (place + 1,) if place < len(self._words) and element.takes(self._words[place]) else ()
        if isinstance(element, Macro):
            return self._macro(element.name, place)
        if isinstance(element, Gap):
            return self._skipped(element, place)
        return self._place(element.name, place)

    def _macro(self, name: str, place: int) -> frozenset[int]:
        known = self._known.get((name, place))
        if known is None:
            begun = self._openings.of_macro(name, self._begun[place])
            known = frozenset(chain.from_iterable([self._after(pattern, place) for pattern in begun]))
            self._known[name, place] = known
        return known

    def _skipped(self, gap: Gap, place: int) -> range:
        last = min(place + gap.most, len(self._words))
        barred = (end for end in range(place, last) if self._bars(self._words[end], gap))
        return range(place, next(barred, last) + 1)

    @staticmethod
    def _bars(word: str, gap: Gap) -> bool:
        return word in ENDS or (word == COMMA and not gap.over_commas)

    def _place(self, name: str, place: int) -> tuple[int, ...]:
        if name in (START, CLAUSE):
            behind_comma = name == CLAUSE and place > 0 and self._words[place - 1] == COMMA
            return (place,) if place == 0 or behind_comma else ()
        word = self._words[place] if place < len(self._words) else COMMA
        return (place + 1,) if word not in MARKS and _fits(name, word) else ()


def _fits(name: str, word: str) -> bool:
    is_number = word.lstrip("v")[:1].isdigit()
    is_version = is_number and ("." in word or word.startswith("v"))
    return name == ANY_WORD or (is_version if name == VERSION else is_number)
