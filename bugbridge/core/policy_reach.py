"""Which facts reach each rule of a policy, by analysis: given what no policy may change, and the rules before it.

What the policy's conditions name cuts each fact's domain into finitely many cells: every word of a closed list; of free
text each word that is named, and anything else; of days each bound that is named, and the gap after it. Within a cell
no rule tells two facts apart, so the analysis is exact.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from math import inf, isfinite
from typing import Any

from bugbridge.core.model import (
    TERMINAL_NEWS,
    TERMINAL_STAGES,
    Frequency,
    News,
    OptOut,
    Stage,
    TicketStatus,
    Workaround,
)
from bugbridge.core.policy_model import AnyOf, Condition, Is, LinkFacts, PolicyRule, Within
from bugbridge.core.policy_regions import Box, Limit, Region, lowest, uncovered, within

WORDS: dict[str, tuple[Any, ...]] = {
    "stage": tuple(Stage),
    "frequency": tuple(Frequency),
    "workaround": tuple(Workaround),
    "opt_out": tuple(OptOut),
    "ticket_status": tuple(TicketStatus),
    "unanswered": (False, True),
    "release_planned": (False, True),
    "reopened_after_told": (False, True),
}
"""The facts whose domain is a closed list."""
TEXTS = ("tier", "brand", "language", "helpdesk", "tracker")
# One scale for both, since nothing happens to a bug before it is reported.
SHARED_DAYS = ("silent_days", "age_days")
DAYS = (*SHARED_DAYS, "days_since_update")

ANYTHING_ELSE = ""  # no condition can name it: a text in the file has at least a letter
UNFINISHED = frozenset({Stage.OPEN, Stage.IN_PROGRESS})
CLOSING_NEWS = TERMINAL_NEWS | {News.FIXED, News.RELEASE_PLANNED, News.RELEASE_MOVED}
USUAL = LinkFacts()
# More parts than this are not listed: an example tells the author more.
MOST_PARTS = 3


@dataclass(frozen=True, slots=True)
class NoneOf:
    """The fact is none of these, or, where the fact is a set, holds none of them."""

    fact: str
    values: frozenset[str]


@dataclass(frozen=True, slots=True)
class Span:
    """Days from `least` to `most`, each of which belongs to it or not."""

    least: float
    most: float
    with_least: bool = True
    with_most: bool = True


@dataclass(frozen=True, slots=True)
class Spans:
    """The fact lies in one of these spans of days."""

    fact: str
    spans: tuple[Span, ...]


Part = tuple[AnyOf | NoneOf | Is | Spans, ...]


@dataclass(frozen=True, slots=True)
class Law:
    """Facts that never come to the rules: decided before them, or impossible. `sentence` says so of all such facts."""

    sentence: str
    when: tuple[Condition | NoneOf, ...]


LAWS = (
    Law("a customer who waits for an answer is decided by reply-first", (Is("unanswered", value=True),)),
    Law("a customer who asked to hear nothing is decided by opted-out", (AnyOf("opt_out", frozenset({OptOut.ALL})),)),
    Law(
        "a bug that has ended is decided by done unless some news is untold",
        (AnyOf("stage", TERMINAL_STAGES), NoneOf("untold", frozenset(News))),
    ),
    Law(
        "a release is planned only while the bug is fixed",
        (Is("release_planned", value=True), AnyOf("stage", frozenset(Stage) - {Stage.FIXED})),
    ),
    Law(
        "while a bug is open or in progress, no fix, plan, release or no is left to be told",
        (AnyOf("stage", UNFINISHED), AnyOf("untold", CLOSING_NEWS)),
    ),
)
LAW_FACTS = sorted({condition.fact for law in LAWS for condition in law.when} - {"untold"})
SILENCE = Law("a bug is never silent for longer than it is old", (Within("silent_days"), Within("age_days")))


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether facts reach a rule. `witness` are such facts, as they come to the rules; none if there are none.

    Then `taken_by` are the indices of rules before it that together take all of it; the sentences of `laws` say what
    else it takes, and where no rule is named, why the conditions never hold. `facts` are what these laws speak of.
    """

    witness: LinkFacts | None
    taken_by: tuple[int, ...] = ()
    laws: tuple[str, ...] = ()
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A rule of which those before it take a part; it still applies in each of `parts`.

    A part says only what it adds to the rule's own conditions. Where there are too many parts, `parts` is one of them
    and not `complete`.
    """

    index: int
    taken_by: tuple[int, ...]
    parts: tuple[Part, ...]
    complete: bool


def reaches(rules: Sequence[PolicyRule]) -> tuple[Reach, ...]:
    """Find for each rule whether any facts reach it."""
    space = _Space(rules)
    return tuple(_reach(space, index) for index in range(len(rules)))


def narrowed(rules: Sequence[PolicyRule]) -> tuple[Narrowed, ...]:
    """Find the rules that facts reach, but of which rules before them take a part."""
    space = _Space(rules)
    found = (_narrowed(space, index) for index in range(len(rules)))
    return tuple(each for each in found if each)


def _reach(space: "_Space", index: int) -> Reach:
    box, takers = space.box_of(index), space.takers_before(index)
    if box is None:
        return _against([SILENCE])
    regions, used = [*space.laws, *(space.regions[taker] for taker in takers)], set[int]()
    found = next(uncovered(box, regions, used), None)
    if found:
        return Reach(space.facts_in(found))
    kept = _least(box, regions, range(len(LAWS)) if _covered(box, space.laws) else sorted(used))
    laws = [LAWS[each] for each in kept if each < len(LAWS)]
    if not _covered(replace(box, ordered=None), [regions[each] for each in kept]):
        laws.append(SILENCE)
    return _against(laws, tuple(takers[each - len(LAWS)] for each in kept if each >= len(LAWS)))


def _against(laws: Sequence[Law], taken_by: tuple[int, ...] = ()) -> Reach:
    facts = frozenset(condition.fact for law in laws for condition in law.when)
    return Reach(None, taken_by, tuple(law.sentence for law in laws), facts)


def _covered(box: Box, regions: Sequence[Region]) -> bool:
    return next(uncovered(box, regions), None) is None


def _least(box: Box, regions: Sequence[Region], candidates: Iterable[int]) -> list[int]:
    """Drop regions one by one as long as the rest covers the box."""
    kept = list(candidates)
    for each in list(kept):
        others = [other for other in kept if other != each]
        if _covered(box, [regions[other] for other in others]):
            kept = others
    return kept


def _narrowed(space: "_Space", index: int) -> Narrowed | None:
    box = space.box_of(index)
    if box is None:
        return None
    takers = [taker for taker in space.takers_before(index) if space.can_be(within(box, space.regions[taker]))]
    left = uncovered(box, [space.regions[taker] for taker in takers])
    parts = list(islice((part for part in left if space.can_be(part)), MOST_PARTS + 1))
    if not takers or not parts:
        return None
    complete = len(parts) <= MOST_PARTS
    shown = parts if complete else parts[:1]
    return Narrowed(index, tuple(takers), tuple(space.beyond(part, box) for part in shown), complete)


class _Space:
    """The cells of all facts as these rules cut them, and rules and laws as regions of them."""

    def __init__(self, rules: Sequence[PolicyRule]) -> None:
        named = [condition for rule in rules for condition in rule.when]
        self._ends = [not rule.asks_only for rule in rules]
        self._cells = _cells(named)
        self._elements = {"untold": tuple(News), "labels": tuple(sorted(_values(named, "labels")))}
        self.regions = [self._region(rule.when) for rule in rules]
        self.laws = [self._region(law.when) for law in LAWS]
        self._can_be: dict[tuple[object, ...], bool] = {}
        full = {fact: (1 << len(cells)) - 1 for fact, cells in self._cells.items()}
        self._everything = Box(full, dict.fromkeys(self._elements, 0), ordered=SHARED_DAYS)

    def takers_before(self, index: int) -> list[int]:
        """Give the rules before one that end matching; a rule that only asks a person doesn't."""
        return [taker for taker in range(index) if self._ends[taker]]

    def box_of(self, index: int) -> Box | None:
        """Give what a rule's conditions fit, None where they want more silent days than the bug is old."""
        return within(self._everything, self.regions[index])

    def can_be(self, box: Box | None) -> bool:
        """Say whether the laws leave anything of a box, asked once for the same of what they speak of."""
        if box is None:
            return False
        untold = frozenset(need for need in box.needed if need[0] == "untold")
        matters = (box.barred["untold"], untold, *(box.allowed[fact] for fact in LAW_FACTS))
        if matters not in self._can_be:
            self._can_be[matters] = not _covered(box, self.laws)
        return self._can_be[matters]

    def _region(self, conditions: Iterable[Condition | NoneOf]) -> Region:
        return tuple(self._limit(condition) for condition in conditions)

    def _limit(self, condition: Condition | NoneOf) -> Limit:
        if condition.fact not in self._elements:
            cells = self._cells[condition.fact]
            return Limit(condition.fact, sum(1 << bit for bit, cell in enumerate(cells) if _fits(condition, cell)))
        elements = self._elements[condition.fact]
        wanted = condition.values if isinstance(condition, AnyOf | NoneOf) else frozenset()
        bits = sum(1 << bit for bit, element in enumerate(elements) if element in wanted)
        return Limit(condition.fact, bits, of_set=True, none=isinstance(condition, NoneOf))

    def facts_in(self, box: Box) -> LinkFacts:
        """Give facts of a box, usual ones where they will do, with the questions asked that come before any rule."""
        found: dict[str, Any] = {fact: self._usual(fact, box) for fact in box.allowed}
        found["age_days"] = next(age for age in self._examples("age_days", box) if age >= found["silent_days"])
        for fact in box.barred:
            needs = [cells & ~box.barred[fact] for needed, cells in box.needed if needed == fact]
            found[fact] = frozenset(self._named(fact, lowest(cells))[0] for cells in needs)
        facts = LinkFacts(**found)
        asked = {"wrongly-told"} if facts.reopened_after_told else set()
        return replace(facts, asked=frozenset(asked | ({"clear-no"} if News.DECLINED in facts.untold else set())))

    def _usual(self, fact: str, box: Box) -> object:
        examples, usual = self._examples(fact, box), getattr(USUAL, fact)
        return usual if usual in examples else examples[0]

    def _examples(self, fact: str, box: Box) -> list[Any]:
        return [_example(cell) for cell in _chosen(self._cells[fact], box.allowed[fact])]

    def _named(self, fact: str, bits: int) -> list[Any]:
        return _chosen(self._elements[fact], bits)

    def beyond(self, part: Box, box: Box) -> Part:
        """Say what a part of a box adds to it."""
        cells = [fact for fact in box.allowed if part.allowed[fact] != box.allowed[fact]]
        added = [_condition(fact, _chosen(self._cells[fact], part.allowed[fact]), self._cells[fact]) for fact in cells]
        needs = [AnyOf(fact, frozenset(self._named(fact, bits))) for fact, bits in sorted(part.needed - box.needed)]
        barred = {fact: part.barred[fact] & ~box.barred[fact] for fact in box.barred}
        lacks = [NoneOf(fact, frozenset(self._named(fact, bits))) for fact, bits in barred.items() if bits]
        return (*added, *needs, *lacks)


def _cells(named: Sequence[Condition]) -> dict[str, tuple[Any, ...]]:
    texts = {fact: (ANYTHING_ELSE, *sorted(_values(named, fact))) for fact in TEXTS}
    shared = _spans(_bounds(named, SHARED_DAYS))
    own = {fact: _spans(_bounds(named, (fact,))) for fact in DAYS}
    return {**WORDS, **texts, **own, **dict.fromkeys(SHARED_DAYS, shared)}


def _values(named: Iterable[Condition], fact: str) -> frozenset[str]:
    return frozenset[str]().union(*(each.values for each in named if isinstance(each, AnyOf) and each.fact == fact))


def _bounds(named: Iterable[Condition], facts: Collection[str]) -> list[float]:
    ranges = [each for each in named if isinstance(each, Within) and each.fact in facts]
    return sorted({0.0, *(bound for each in ranges for bound in (each.least, each.most) if isfinite(bound))})


def _spans(bounds: Sequence[float]) -> tuple[Span, ...]:
    spans = [Span(bounds[0], bounds[0])]
    for least, most in pairwise(bounds):
        spans += [Span(least, most, with_least=False, with_most=False), Span(most, most)]
    return (*spans, Span(bounds[-1], inf, with_least=False, with_most=False))


def _fits(condition: Condition | NoneOf, cell: object) -> bool:
    match condition:
        case AnyOf(values=values):
            return cell in values
        case NoneOf(values=values):
            return cell not in values
        case Within(least=least, most=most):
            return isinstance(cell, Span) and least <= cell.least and cell.most <= most
        case Is(value=value):
            return cell is value


def _example(cell: object) -> object:
    if not isinstance(cell, Span):
        return cell
    return cell.least + 1 if cell.most == inf else (cell.least + cell.most) / 2


def _chosen(cells: Sequence[Any], bits: int) -> list[Any]:
    return [cell for bit, cell in enumerate(cells) if bits >> bit & 1]


def _condition(fact: str, chosen: Sequence[Any], cells: Sequence[Any]) -> AnyOf | NoneOf | Is | Spans:
    """Put cells as a condition; where anything else will do, by what won't."""
    if isinstance(chosen[0], Span):
        return Spans(fact, tuple(_joined(chosen)))
    if isinstance(chosen[0], bool):
        return Is(fact, chosen[0])
    if ANYTHING_ELSE in chosen:
        return NoneOf(fact, frozenset(cells) - frozenset(chosen))
    return AnyOf(fact, frozenset(chosen))


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Join spans that touch."""
    joined: Span | None = None
    for span in spans:
        if joined and joined.most == span.least and (joined.with_most or span.with_least):
            joined = replace(joined, most=span.most, with_most=span.with_most)
        else:
            yield from (joined,) if joined else ()
            joined = span
    yield from (joined,) if joined else ()
