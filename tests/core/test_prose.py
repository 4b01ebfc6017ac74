"""What of a message its author wrote: all else is blanked out, and every place stays where it was."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.prose import blanked, without_code, without_quotes

PIECES = [
    "`",
    "``",
    "```\n",
    "~~~",
    "\n",
    "\r\n",
    "> ",
    "    ",
    "word ",
    "Am 3. Mai schrieb Ann:\n",
    "On 3 May, Ann wrote:\n",
]
TAGS = [
    "<pre>",
    "</pre>",
    "<code>",
    "</code>",
    "<blockquote>",
    "</blockquote>",
    "-----Original Message-----\n",
    "From: Ann\n",
    "*Sent:* 3 May\n",
    "To: Ben\n",
    "\u2028",
    "😀",
]
MESSAGES = st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, *TAGS]), max_size=25).map("".join))


@pytest.mark.parametrize("without", [without_quotes, without_code])
@given(text=MESSAGES)
def test_places_stay(without: Callable[[str], str], text: str) -> None:
    """Each character is the one that was there, or a space; line ends stay."""
    kept = without(text)
    assert len(kept) == len(text)
    assert all(after in (before, " ") for before, after in zip(text, kept, strict=True))
    assert [place for place, each in enumerate(kept) if each == "\n"] == [
        place for place, each in enumerate(text) if each == "\n"
    ]


SPANS = st.tuples(st.integers(0, 20), st.integers(0, 9)).map(lambda said: (said[0], said[0] + said[1]))


@given(st.text(max_size=40), st.lists(SPANS, max_size=5))
def test_spans_may_overlap(text: str, spans: list[tuple[int, int]]) -> None:
    """What lies in any of the spans is filled, whatever their order."""
    filled = {place for start, end in spans for place in range(start, end)}
    expected = "".join("_" if place in filled and each not in "\r\n" else each for place, each in enumerate(text))
    assert blanked(text, spans, "_") == expected


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Yes.\n> No?\nSure.", "Yes. Sure."),
        ("Yes.\n\nOn 3 May 2026, Ann wrote:\n\nNo?", "Yes."),
        ("Yes.\nAm 3. Mai 2026 um 10:00 schrieb\nAnn Miller:\n> Nein?\nDoch.", "Yes. Doch."),
        ("Am 3. Mai gilt:\nnichts.", "Am 3. Mai gilt: nichts."),
        ("Yes.\n----- Original Message -----\nNo?", "Yes."),
        ("Yes.\nFrom: Ann <ann@x.example>\nSent: 3 May\nTo: Ben\nSubject: Export\n\nNo?", "Yes."),
        ("Yes.\r\n*Von:* Ann\r\n*Gesendet:* 3. Mai\r\n*An:* Ben\r\n*Cc:* Cem\r\n*Betreff:* Export\r\nNo?", "Yes."),
        ("Yes.\n**From:** Ann\n**To:** Ben\n**Subject:** Export\nNo?", "Yes."),
        ("Yes.\n\nFrom: Ann\n\nSent: 3 May\n\nTo: Ben\n\nNo?", "Yes."),
        ("From: Ann\nTo: Ben\n\n\n\nSubject: all", "From: Ann To: Ben Subject: all"),
        ("From: Ann\nTo: Ben\nTo: Cem", "From: Ann To: Ben To: Cem"),
        ("From: Ann\nTo: Ben\nBut no subject: all", "From: Ann To: Ben But no subject: all"),
        ("To: Ann\nFrom: Ben\nSent: now", "To: Ann From: Ben Sent: now"),
        ("Sent: now\nTo: Ann\nSubject: all", "Sent: now To: Ann Subject: all"),
        ("From: Ann\nGesendet: now\nTo: Ben", "From: Ann Gesendet: now To: Ben"),
        ("From: Ann\nSent: now", "From: Ann Sent: now"),
        ("<blockquote>No? <blockquote>Never</blockquote></blockquote>Yes.", "Yes."),
        ("a </blockquote> b", "a </blockquote> b"),
    ],
)
def test_quotes_are_left_out(text: str, kept: str) -> None:
    """Quoted lines, HTML quotes and all that follows a mail program's introduction; what is like one stays."""
    assert " ".join(without_quotes(text).split()) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Run `fix it` now", "Run now"),
        ("Run ``a`b`` now ` then", "Run now ` then"),
        ("Run\n```sh\nfix\n```\nnow", "Run now"),
        ("Run\n```\nfix", "Run"),
        ("Run\n\n    fix\n\nnow", "Run now"),
        ("Run <pre>fix</pre> and <CODE>fix</CODE> now", "Run and now"),
    ],
)
def test_code_is_left_out(text: str, kept: str) -> None:
    """Code in backticks, in blocks, indented, or in HTML's own elements."""
    assert " ".join(without_code(text).split()) == kept
