"""A reply's own prose, and its sentences: what the rules read, with its exact place."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.wording_prose import BREAK, OBJECT, own_prose
from bugbridge.core.wording_text import sentences

PIECES = [
    "we'll ",
    "Fix",
    "fü",
    "u\u0308",
    "👩🏽‍💻",
    "\u00a0",
    "\r\n",
    "\n\n",
    ". ",
    "…",
    "<p>",
    "<b>",
    "&amp;",
    " & ",
    "@ann",
    "#12",
    "“",
    "”",
    '"',
]
LINES = [
    "-- \n",
    "Thanks,\n",
    "Ann Miller\n",
    "https://a.b/c.",
    "Sent from my phone\n",
    "](",
    ")",
    "- ",
    "1.2",
    "İ",
    "'s",
]
REPLIES = st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, *LINES]), max_size=25).map("".join))


def read(text: str, language: str = "en") -> list[str]:
    """The sentences of a reply, as words with spaces between them."""
    return [" ".join(word.text for word in sentence) for sentence in sentences(own_prose(text), language)]


@given(REPLIES)
def test_prose_keeps_every_place(text: str) -> None:
    """Each character is the one that was there, or stands for what was left out."""
    kept = own_prose(text)
    assert len(kept) == len(text)
    assert all(after in (before, " ", OBJECT, BREAK) for before, after in zip(text, kept, strict=True))


@given(REPLIES, st.sampled_from(["en", "de"]))
def test_words_lie_where_they_stand(text: str, language: str) -> None:
    """Words follow each other; one that isn't part of a contraction, nor an ampersand, is what the text has there."""
    words = [word for sentence in sentences(own_prose(text), language) for word in sentence]
    assert [word.start for word in words] == sorted(word.start for word in words)
    for word in words:
        said = text[word.start : word.end]
        whole = unicodedata.normalize("NFC", said.lower())
        assert said
        assert word.text in {whole, ","} or "'" in whole or "\u2019" in whole or whole in {"cannot", "&"}


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("👩🏽‍💻 Soon.", (5, 9)),
        ("Yes.\r\n\r\nSoon.", (8, 12)),
        ("Yes,\u00a0soon.", (5, 9)),
        ("Fu\u0308r Ann: soon.", (10, 14)),
        ("<p>Hi</p><p>soon</p>", (12, 16)),
        ("We\u2019ll be back soon", (14, 18)),
    ],
)
def test_a_place_counts_the_characters_of_the_original(text: str, place: tuple[int, int]) -> None:
    """Emoji, Windows' line ends, hard spaces and combining characters count as Python counts them."""
    assert [
        (word.start, word.end) for one in sentences(own_prose(text), "en") for word in one if word.text == "soon"
    ] == [place]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We'll see. It won't, can't!", ["we will see .", "it will not , can not !"]),
        ("It\u2019s Ann's.", ["it is ann 's ."]),
        ("Use e.g. version 2.3.1. Done", ["use e g version 2.3.1 .", "done"]),
        ("By 5 p.m. on Friday we write. Done", ["by 5 p m on friday we write .", "done"]),
        ("By 5 P.M. CET we write, not at 9 a.m.", ["by 5 p m cet we write , not at 9 a m ."]),
        ("They meet at 5 p.m. We write\n\nat 9 a.m.\n\nthen", ["they meet at 5 p m .", "we write", "at 9 a m", "then"]),
        ("Turn to p. m. and go. So I am. yes", ["turn to p .", "m .", "and go .", "so i am .", "yes"]),
        ("Hm... (no) - yes", ["hm , no , yes"]),
        ("(Fixed) now", ["fixed , now"]),
        ("Steps:\n- one\n- two\n\n1. three", ["steps ,", "one", "two", "three"]),
        ("one\n\n\n  \n- two", ["one", "two"]),
        ("Fu\u0308r dich", ["für dich"]),
        ("a wrapped\nline", ["a wrapped line"]),
    ],
)
def test_sentences_and_words(text: str, expected: list[str]) -> None:
    """Contractions are taken apart; marks within a sentence are commas, none stands at its beginning."""
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Look at https://a.b/c. We wait.", ["look at .", "we wait ."]),
        ("Look at <url> We wait", ["look at", "we wait"]),
        ("Look at <url> and wait", ["look at and wait"]),
        ("Look [here](https://a.b/c) and wait", ["look here and wait"]),
        ("Look [here](<url> and wait", ["look here and wait"]),
        ("@ann Look at #12, acme/app#3's end, or mail a.b@c.de.", ["look at , end , or mail ."]),
        ('You wrote "we will." Now I', ["you wrote", "now i"]),
        ("„Wir werden“ und »so« und «so» steht da", ["und und steht da"]),
        ("Hi @ann Thanks", ["hi", "thanks"]),
        ("<p>Hi Ann</p><p>We <b>will</b> see.<br>Bye", ["hi ann", "we will see .", "bye"]),
    ],
)
def test_what_is_left_out_runs_no_sentences_together(text: str, expected: list[str]) -> None:
    """Addresses, names and quotations go; where a capital follows, the sentence ended there."""
    assert read(text) == expected


def test_in_german_a_capital_may_be_any_noun() -> None:
    """There the clause ends, but not the sentence."""
    assert read("Siehe #12 Fehler am 3. Mai.", "de") == ["siehe , fehler am 3 mai ."]


SIGNED = "It works.\n\n{}"


@pytest.mark.parametrize(
    "end",
    [
        "-- \nWe Fix Everything Ltd",
        "Best regards,\nAnn Miller\nSupport Engineer\n+49 30 1234\nhttps://acme.example",
        "Thanks and kind regards\r\n\r\nAnn",
        "Cheers,\nann",
        "Thanks!\nAnn",
        "Mit freundlichen Grüßen\nAnn Müller\nIhr Team von Acme",
        "Viele Grüße aus Berlin\nAnn",
        "Viele Gruesse\nAnn",
        "Sent from my iPhone",
        "Von meinem iPhone gesendet",
    ],
)
def test_sign_offs_are_left_out(end: str) -> None:
    """A closing with a name under it, a signature, and what a telephone adds."""
    assert read(SIGNED.format(end)) == ["it works ."]


@pytest.mark.parametrize(
    "end",
    [
        "Thanks!\nWe'll fix it",
        "Thanks for the report",
        "Best regards,\nAnn\n\nP.S. We'll fix it.",
        "Thanks!\nIt is fixed soon",
    ],
)
def test_a_sentence_behind_thanks_is_no_sign_off(end: str) -> None:
    """What is said is read, wherever it stands."""
    assert len(read(SIGNED.format(end))) > 1


def test_a_lone_ampersand_is_a_word_in_english() -> None:
    """It joins two clauses as "and" does; within a name it separates words, as any other sign."""
    assert read("Send it & we'll check.") == ["send it and we will check ."]
    assert read("Send it &amp we check R&D.")[0].endswith("check r d .")
    assert read("Senden & warten.", "de") == ["senden warten ."]
