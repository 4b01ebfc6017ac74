"""Patterns over words: how a rule says what it looks for.

A pattern is elements with spaces between them:

    word            this word, in lower case; contractions are written out ("we will", "can not")
    fix*            any word that begins so
    fix|solve       one of these
    {we}            a macro: one of the patterns listed under this name
    ~4              up to 4 words, within the clause (no punctuation)
    +8              up to 8 words, over commas, within the sentence
    , . ! ?         this mark (a comma stands for any mark within a sentence)
    <number>        a number or a version; <version> only one with a dot in it, or "v" before it
    <word>          any one word
    <start>         the sentence's beginning; <clause> that, or behind a comma

and an element with `?` behind it may be absent; one with `!` before it must not come next, and takes no word. Umlauts
are the same as what is typed for them where a keyboard lacks them ("für" is "fuer", "groß" is "gross").
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from bugbridge.core.wording_text import COMMA, ENDS, sentences

MARKS = ENDS | {COMMA}
NUMBER, VERSION, ANY_WORD, START, CLAUSE = "<number>", "<version>", "<word>", "<start>", "<clause>"
CLASSES = (NUMBER, VERSION, ANY_WORD, START, CLAUSE)
MOST_SKIPPED = 20
PLAIN = re.compile(r"[^\W_]+\*?|'s|[,.!?]")
OF_PATTERNS = re.compile(r"[{}<>~+!?,.]|^\*?$")
PLAIN_LANGUAGE = "en"
GAP = re.compile(r"([~+])([0-9]{1,2})")
MACRO = re.compile(r"\{([a-z][a-z_]*)\}")
UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})


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


@dataclass(frozen=True, slots=True, eq=False)
class Pattern:
    """Steps one after the other. Patterns are told apart by which they are, so that looking one up is quick."""

    steps: tuple[Step, ...]


Macros = Mapping[str, tuple[Pattern, ...]]


def read_pattern(text: str) -> Pattern:
    """Read one pattern. Raises PatternError for one that can't be read, or that matches without any word."""
    steps = tuple(_step(part) for part in text.split())
    if not any(isinstance(step.element, Words | Macro) and not (step.optional or step.absent) for step in steps):
        raise PatternError("names no word that has to be there.")
    return Pattern(steps)


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
        raise PatternError(f'holds "{bare[:40]}", which is no element of a pattern{_advice(unfit[0], len(choices))}')
    spelt = [plainly_spelt(choice) for choice in choices]
    exact = frozenset(choice for choice in spelt if not choice.endswith("*"))
    return Words(exact, tuple(choice[:-1] for choice in spelt if choice.endswith("*")))


def _advice(choice: str, choices: int) -> str:
    """Say what to write instead: a word as texts are taken apart, "we will" for "We'll"; a full stop where unknown."""
    if OF_PATTERNS.search(choice):
        return "."
    ending = "*" if choice.endswith("*") else ""
    words = [word.text for sentence in sentences(choice, PLAIN_LANGUAGE) for word in sentence]
    if not words:
        return ": leave it out; in a text only words, numbers and marks are read."
    alone = " as a pattern of its own" if len(words) > 1 and choices > 1 else ""
    return f': write "{" ".join(words)[:40]}{ending}"{alone}.'


def plainly_spelt(word: str) -> str:
    """Give a word as a keyboard without umlauts types it, so that both ways of writing it are one word."""
    return word.translate(UMLAUTS)


def macros_named(patterns: Iterable[Pattern]) -> Iterator[str]:
    """Give the names of the macros that patterns use."""
    for pattern in patterns:
        yield from (step.element.name for step in pattern.steps if isinstance(step.element, Macro))
