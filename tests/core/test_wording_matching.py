"""Patterns match what a plain search, one way after the other, finds as well."""

from collections.abc import Iterator, Mapping, Sequence

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.wording_matching import Matcher, Openings
from bugbridge.core.wording_patterns import Gap, Macro, Macros, Pattern, Place, Step, Words, read_pattern

WORDS = st.sampled_from(["a", "ab", "abc", "b", "c", "3", "v2", ",", ".", "für"])
PLAIN = st.sampled_from(
    ["a", "b", "c", "a*", "ab*", "a|c", "b|ab*", "fuer", ",", "~1", "~3", "+2", "<number>", "<word>"]
)
PLACED = st.one_of(PLAIN, st.sampled_from(["<start>", "<clause>"]))


def patterns(*more: str) -> st.SearchStrategy[Pattern]:
    """Patterns of a few elements, one of which is a word that has to be there."""
    element = st.one_of(PLACED, st.sampled_from(["a", *more]))
    decorated = st.one_of(element, element.map(lambda text: f"{text}?"), element.map(lambda text: f"!{text}"))
    around = st.lists(decorated, max_size=3)
    return st.tuples(around, st.sampled_from(["a", "b*", *more]), around).map(
        lambda parts: read_pattern(" ".join([*parts[0], parts[1], *parts[2]]))
    )


MACROS = st.fixed_dictionaries(
    {
        "m": st.lists(patterns(), min_size=1, max_size=3).map(tuple),
        "n": st.lists(patterns("{m}"), min_size=1, max_size=2).map(tuple),
    }
)


def taken(step: Step, words: Sequence[str], place: int, macros: Macros) -> set[int]:
    """Where an element can end that begins at a place."""
    element, here = step.element, words[place : place + 1]
    if isinstance(element, Macro):
        return {end for pattern in macros[element.name] for end in ends(pattern.steps, words, place, macros)}
    if isinstance(element, Gap):
        skipped = (words[place : place + length] for length in range(element.most + 1))
        barred = {".", "!", "?"} | (set() if element.over_commas else {","})
        return {place + len(some) for some in skipped if not barred & set(some)}
    if isinstance(element, Words):
        fits = any(word in element.exact or word.startswith(element.beginnings) for word in here)
        return {place + 1} if fits else set()
    return placed(element, words, place)


def placed(element: Place, words: Sequence[str], place: int) -> set[int]:
    """Where one of the classes ends that begins at a place."""
    if element.name in {"<start>", "<clause>"}:
        behind_comma = element.name == "<clause>" and words[:place][-1:] == [","]
        return {place} if place == 0 or behind_comma else set()
    word = "".join(words[place : place + 1])
    fits = word not in {"", ",", "."} and (element.name == "<word>" or word in {"3", "v2"})
    return {place + 1} if fits else set()


def ends(steps: Sequence[Step], words: Sequence[str], place: int, macros: Macros) -> Iterator[int]:
    """Every way through a pattern's steps, one after the other."""
    if not steps:
        yield place
        return
    first, *rest = steps
    reached = taken(first, words, place, macros)
    if first.absent:
        reached = set() if reached else {place}
    elif first.optional:
        reached |= {place}
    for end in reached:
        yield from ends(rest, words, end, macros)


def plainly(pattern: Pattern, words: Sequence[str], macros: Macros) -> list[tuple[int, int]]:
    """The longest match at each beginning."""
    longest = ((start, max(ends(pattern.steps, words, start, macros), default=start)) for start in range(len(words)))
    return [(start, end) for start, end in longest if end > start]


@given(st.lists(WORDS, max_size=9), MACROS, patterns("{m}", "{n}"))
def test_matching_finds_what_a_plain_search_finds(
    words: list[str], macros: Mapping[str, tuple[Pattern, ...]], pattern: Pattern
) -> None:
    """Trying a pattern only where it can begin leaves nothing out, whether its openings are known or not."""
    expected = plainly(pattern, ["fuer" if word == "für" else word for word in words], macros)
    for known in ([pattern], []):
        assert list(Matcher(words, Openings(known, macros)).spans(pattern)) == expected


def test_a_macro_is_any_of_its_patterns_and_may_hold_macros() -> None:
    """What a macro stands for is found as if it were written out."""
    macros = {"we": (read_pattern("i|we"), read_pattern("our team")), "ours": (read_pattern("{we} will"),)}
    matcher = Matcher(["so", "our", "team", "will", "not", ",", "we", "will"], Openings([], macros))
    assert list(matcher.spans(read_pattern("{ours}"))) == [(1, 4), (6, 8)]
    assert list(matcher.spans(read_pattern("{ours} !not"))) == [(6, 8)]
