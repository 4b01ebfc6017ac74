"""A reply as sentences of words, each with its place in the text; what isn't the author's own prose is left out.

Left out are quotes, code, signatures, addresses, tags, and what stands in quotation marks. Contractions are taken
apart ("we'll" is "we will", "won't" is "will not"), so that rules are written once. Everything is linear.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bugbridge.core.prose import blanked, without_code, without_quotes

ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,15}://[^\s<>\"]*|<[^<>\s][^<>]{0,300}>|[@#][\w./-]+|\bwww\.[^\s<>\"]+")
QUOTATION = re.compile(r"[“„][^“”„\n]{1,300}[”“]|«[^«»\n]{1,300}»|(?<![\w\"])\"[^\"\n]{1,300}\"(?!\w)")
SIGNATURE = re.compile(r"^-- ?\r?$", re.MULTILINE)
TOKEN = re.compile(
    r"(?P<number>[vV]?[0-9]+(?:[.:/][0-9A-Za-z]+)*(?![^\W_]))"
    r"|(?P<word>[^\W_]+(?:['\u2019][^\W_]+)?)"
    r"|(?P<rest>\.{2,}|…)"
    r"|(?P<end>[.!?])"
    r"|(?P<lines>\n[ \t\r]*\n|\n[ \t]*(?:[-*•]|[0-9]{1,2}[.)])[ \t])"
    r"|(?P<mark>[,;:()\u2013\u2014]|(?<=\s)-+(?=\s))"
)
COMMA = ","
APOSTROPHE = "\u2019"
ENDS = frozenset(".!?")
# After these a full stop ends no sentence; after a number in languages that write ordinals with one.
ABBREVIATIONS = frozenset(
    {"e", "g", "i", "eg", "ie", "etc", "vs", "approx"}
    | {"z", "b", "d", "h", "bzw", "ca", "evtl", "ggf", "usw", "nr", "inkl", "vgl"}
)
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
IS_BEFORE_S = frozenset(["it", "that", "there", "this", "what", "he", "she", "here", "who", "where", "when", "how"])


@dataclass(frozen=True, slots=True)
class Word:
    """A word in lower case, a punctuation mark, or a number as it stands, and its place in the text."""

    text: str
    start: int
    end: int


Sentence = tuple[Word, ...]


def own_prose(text: str) -> str:
    """Give a reply with what its author didn't say in their own words blanked out; every place stays."""
    prose = without_code(without_quotes(text))
    signature = SIGNATURE.search(prose)
    if signature:
        prose = blanked(prose, [(signature.start(), len(prose))])
    for pattern in (ADDRESS, QUOTATION):
        prose = blanked(prose, (match.span() for match in pattern.finditer(prose)))
    return prose


def sentences(prose: str, language: str) -> Iterator[Sentence]:
    """Give the sentences of a prose in a language, each with the mark that ends it; marks within are commas."""
    words: list[Word] = []
    for match in TOKEN.finditer(prose):
        ends = match.lastgroup == "lines" or (match.lastgroup == "end" and _ends(prose, match, words, language))
        if match.lastgroup in ("rest", "mark"):
            words.append(Word(COMMA, *match.span()))
        elif match.lastgroup in ("number", "word"):
            words += _apart(match[0].lower().replace(APOSTROPHE, "'"), match.start(), match.end())
        elif match.lastgroup == "end" and ends:
            words.append(Word(match[0], *match.span()))
        if ends and words:
            yield tuple(words)
            words = []
    if words:
        yield tuple(words)


def _ends(prose: str, match: re.Match[str], words: list[Word], language: str) -> bool:
    following = prose[match.end() : match.end() + 1]
    if following and (following.isalnum() or following in ".!?,;"):
        return False
    if match[0] != "." or not words:
        return True
    is_ordinal = language in ORDINALS_WITH_DOT and _is_ordinal(words)
    return not (words[-1].text in ABBREVIATIONS or is_ordinal) or not following


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
