"""How a pattern is written, and what its author is told of one that can't be read."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.wording_patterns import Gap, Macro, PatternError, Place, Step, Words, macros_named, read_pattern


def test_every_element_can_be_written() -> None:
    """Words, beginnings, choices, macros, gaps, classes and places; absent or maybe absent."""
    pattern = read_pattern("<start> {we} ~2 fix*|solve|größe +8 , <number>? !soon 's")
    assert pattern.steps == (
        Step(Place("<start>")),
        Step(Macro("we")),
        Step(Gap(2, over_commas=False)),
        Step(Words(frozenset({"solve", "groesse"}), ("fix",))),
        Step(Gap(8, over_commas=True)),
        Step(Words(frozenset({","}))),
        Step(Place("<number>"), optional=True),
        Step(Words(frozenset({"soon"})), absent=True),
        Step(Words(frozenset({"'s"}))),
    )
    assert list(macros_named([pattern])) == ["we"]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Fix", 'holds "Fix", which is no element'),
        ("fix||solve", "which is no element"),
        ("{we}|you fix", 'holds "{we}|you"'),
        ("fix ~21", "skips 21 words; at most 20"),
        ("~3", "names no word"),
        ("fix? <word> !soon", "names no word"),
        ("", "names no word"),
        ("won't fix", 'holds "won\'t", which is no element of a pattern: write "will not".'),
        ("We'll fix", 'write "we will".'),
        ("Fix*", 'write "fix[*]".'),
        ("follow-up", 'write "follow up".'),
        ("call|follow-up", 'write "follow up" as a pattern of its own.'),
        ("100%", 'write "100".'),
        ("%", ": leave it out; in a text only words, numbers and marks are read."),
        ("{We} fix", 'holds "{We}", which is no element of a pattern.'),
        ("fix|", 'holds "fix|", which is no element of a pattern.'),
    ],
)
def test_a_pattern_that_cant_be_read_is_told_why(text: str, problem: str) -> None:
    """The problem names what is wrong; a pattern without any word would match everywhere."""
    with pytest.raises(PatternError, match=problem.replace("|", "[|]")):
        read_pattern(text)


@given(st.one_of(st.text(), st.text("ab*|{}~+!?<>w0129 '", max_size=20)))
def test_any_text_is_a_pattern_or_is_refused(text: str) -> None:
    """Nothing that somebody writes ends in another error."""
    with suppress(PatternError):
        assert read_pattern(text).steps
