"""A prose as sentences of words, each with its place in the text.

Marks within a sentence are commas, one behind a word; none stands at its beginning.
Contractions are taken apart ("we'll" is "we will", "won't" is "will not"), so that rules are written once. A full stop
that is missing behind an address is taken as read where a capital follows. Everything is linear.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from bugbridge.core.wording_prose import BREAK, OBJECT

BULLET = r"(?:[-*•\u2013]|[0-9]{1,2}[.)])[ \t]"
LETTER = r"(?:[^\W_][\u0300-\u036f]*)"
TOKEN = re.compile(
    rf"(?P<number>[vV]?[0-9]+(?:[.:/][0-9A-Za-z]+)*(?!{LETTER}))"
    rf"|(?P<word>{LETTER}+(?:['\u2019]{LETTER}+)?)"
    rf"|(?P<object>{OBJECT}+)"
    r"|(?P<ampersand>(?<!\S)&(?!\S))"
    r"|(?P<rest>\.{2,}|…)"
    r"|(?P<end>[.!?])"
    rf"|(?P<lines>(?:\n[ \t\r]*){{2,}}(?:{BULLET})?|\n[ \t]*{BULLET}|{BREAK}+)"
    r"|(?P<mark>[,;:()\u2013\u2014]|(?<=\s)-+(?=\s))"
)
SAID = ("number", "word")
MARKS = ("rest", "mark")
COMMA = ","
APOSTROPHE = "\u2019"
ENDS = frozenset(".!?")
# After these a full stop ends no sentence; after a number in languages that write ordinals with one.
ABBREVIATIONS = frozenset(
    {"e", "g", "i", "eg", "ie", "etc", "vs", "approx"}
    | {"z", "b", "d", "h", "bzw", "ca", "evtl", "ggf", "usw", "nr", "inkl", "vgl"}
)
HALVES_OF_DAY = frozenset({"a", "p"})  # before the m of "5 p.m."
NEXT_LETTERS = re.compile(r"\s*(\w?)(\w?)")
ORDINALS_WITH_DOT = frozenset({"de"})
ORDINAL = re.compile(r"[0-9]{1,2}")
DAY_AND_MONTH = re.compile(r"[0-9]{1,2}\.[0-9]{1,2}")
BEFORE_DATES = frozenset({"am", "bis", "zum", "vom", "den", "dem", "der", "ab", "seit", COMMA})
APART = {
    "can't": ("can", "not"),
    "cannot": ("can", "not"),
    "won't": ("will", "not"),
    "shan't": ("shall", "not"),
    "'ll": "will",
    "'re": "are",
    "'ve": "have",
    "'d": "would",
    "'m": "am",
    "n't": "not",
}
# What a lone "&" is read as.
AMPERSAND = {"en": "and"}
# In these a capital tells nothing of where a sentence begins.
NOUNS_WITH_CAPITALS = frozenset({"de"})
IS_BEFORE_S = frozenset(["it", "that", "there", "this", "what", "he", "she", "here", "who", "where", "when", "how"])


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, a punctuation mark, or a number as it stands, and its place in the text."""

    text: str
    start: int
    end: int


Sentence = tuple[Word, ...]


def sentences(prose: str, language: str) -> Iterator[Sentence]:
    """Give the sentences of a prose in a language, each with the mark that ends it; marks within are commas."""
    words: list[Word] = []
    left_out: re.Match[str] | None = None
    for match in TOKEN.finditer(prose):
        kind = match.lastgroup
        if left_out and words and kind in SAID and match[0][0].isupper():
            if language in NOUNS_WITH_CAPITALS:
                words.append(Word(COMMA, *left_out.span()))
            else:
                yield tuple(words)
                words = []
        left_out = match if kind == "object" else None
        ends = kind == "lines" or (kind == "end" and _ends(prose, match, words, language))
        if kind == "ampersand" and language in AMPERSAND:
            words.append(Word(AMPERSAND[language], *match.span()))
        words += _words(match, ends=ends, goes_on=bool(words) and words[-1].text != COMMA)
        if ends and words:
            yield tuple(words)
            words = []
    if words:
        yield tuple(words)


def _words(match: re.Match[str], *, ends: bool, goes_on: bool) -> Iterator[Word]:
    kind = match.lastgroup
    if kind in MARKS and goes_on:
        yield Word(COMMA, *match.span())
    elif kind in SAID:
        plain = unicodedata.normalize("NFC", match[0].lower()).replace(APOSTROPHE, "'")
        yield from _apart(plain, match.start(), match.end())
    elif kind == "end" and ends:
        yield Word(match[0], *match.span())


def _ends(prose: str, match: re.Match[str], words: list[Word], language: str) -> bool:
    following = prose[match.end() : match.end() + 1]
    if following and (following.isalnum() or following in ".!?,;"):
        return False
    if match[0] != "." or not words:
        return True
    if _is_half_of_day(words):
        return not following or _begins_sentence(prose, match.end())
    is_ordinal = language in ORDINALS_WITH_DOT and _is_ordinal(words)
    return not (words[-1].text in ABBREVIATIONS or is_ordinal) or not following


def _is_half_of_day(words: list[Word]) -> bool:
    """Whether the last words are the "p.m" of a time, whose last full stop may also end a sentence."""
    if len(words) < len("pm") or words[-1].text != "m":
        return False
    return words[-2].text in HALVES_OF_DAY and words[-1].start - words[-2].end == len(".")


def _begins_sentence(prose: str, place: int) -> bool:
    """Whether a capital follows; two of them are a zone's: "at 5 p.m. CET"."""
    following = NEXT_LETTERS.match(prose, place)
    return following is not None and following[1].isupper() and not following[2].isupper()


def _is_ordinal(words: list[Word]) -> bool:
    """Whether a full stop belongs to the last word: the 12 of a day, or 12.6 where a date can stand."""
    if ORDINAL.fullmatch(words[-1].text):
        return True
    return bool(DAY_AND_MONTH.fullmatch(words[-1].text)) and len(words) > 1 and words[-2].text in BEFORE_DATES


def _apart(word: str, start: int, end: int) -> Iterator[Word]:
    """Take a contraction apart; both parts lie where it stands."""
    whole = APART.get(word)
    stem, apostrophe, ending = word.partition("'")
    if isinstance(whole, tuple):
        yield from (Word(part, start, end) for part in whole)
    elif word.endswith("n't"):
        yield from (Word(part, start, end) for part in (word[:-3], "not"))
    elif apostrophe and isinstance(meant := APART.get(apostrophe + ending), str):
        yield from (Word(part, start, end) for part in (stem, meant))
    elif apostrophe and ending == "s":
        yield from (Word(part, start, end) for part in (stem, "is" if stem in IS_BEFORE_S else "'s"))
    else:
        yield Word(word, start, end)
