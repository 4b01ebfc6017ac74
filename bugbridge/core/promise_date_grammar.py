"""The patterns of one language, made of its words, on first use."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from bugbridge.core.promise_date_english import ENGLISH
from bugbridge.core.promise_date_german import GERMAN
from bugbridge.core.promise_date_words import ZONES, Form, Lexicon

LEXICONS: Mapping[str, Lexicon] = {"en": ENGLISH, "de": GERMAN}
BLANK = r"(?:[^\S\n]{1,3}|[^\S\n]{0,3}\n[^\S\n]{0,3})"
# A date stands on its own: not within a path, an address, a version or a longer word, nor as in "Friday's".
BEGINS = r"(?<![\w/.@#+-])"
ENDS = r"(?![\w@/]|['\u2019-]\w|\.\w)"
PLACEHOLDER = re.compile(r"[A-Z_]{3,}")
NUMBERS: Mapping[str, str] = {
    "DAY": "(?P<day>[0-9]{1,2})",
    "YEAR": "(?P<year>20[0-9]{2})(?![0-9])",
    "HOUR": "(?P<hour>[01]?[0-9]|2[0-4])",
    "MINUTE": "(?P<minute>[0-5][0-9])(?!:)",
}


@dataclass(frozen=True, slots=True)
class Grammar:
    """A language's words and compiled patterns, over small letters.

    `lead` and `excluded` are searched in what ends where a date begins, `tail` is matched where it ends. `gap` is all
    that may stand between two parts of one date, `clock_gap` where one of them is a time of day, and `alternative`
    between two dates of which the later counts.
    """

    lexicon: Lexicon
    forms: tuple[tuple[Form, re.Pattern[str]], ...]
    lead: re.Pattern[str]
    excluded: re.Pattern[str]
    tail: re.Pattern[str]
    gap: re.Pattern[str]
    clock_gap: re.Pattern[str]
    alternative: re.Pattern[str]


@lru_cache(maxsize=len(LEXICONS))
def grammar_of(language: str) -> Grammar:
    """Give the patterns of a language that has words here. Raises KeyError for any other."""
    lexicon = LEXICONS[language]
    return Grammar(
        lexicon,
        tuple((form, _compiled(BEGINS + f"(?:{_filled(form.pattern, lexicon)})" + ENDS)) for form in lexicon.forms),
        lead=_before_a_date(lexicon.leads, lexicon),
        excluded=_before_a_date(lexicon.excluded, lexicon),
        tail=_compiled(rf" (?:{lexicon.tails})(?!\w)"),
        gap=_between(lexicon.joins, lexicon),
        clock_gap=_between(f"{lexicon.joins}|{lexicon.leads}", lexicon),
        alternative=_compiled(f" (?:{lexicon.alternatives}) | ?[/\u2013-] ?"),
    )


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(" ", BLANK))


def _before_a_date(words: str, lexicon: Lexicon) -> re.Pattern[str]:
    return _compiled(rf"(?<!\w)(?P<words>{words})(?: (?:{lexicon.articles}))? \Z")


def _between(words: str, lexicon: Lexicon) -> re.Pattern[str]:
    return _compiled(rf"\)?,?(?: (?:{words}))?(?: (?:{lexicon.articles}))?(?: \(?)?")


def _filled(pattern: str, lexicon: Lexicon) -> str:
    kinds = _placeholders(lexicon)
    return PLACEHOLDER.sub(lambda found: kinds[found[0]], pattern)


def _placeholders(lexicon: Lexicon) -> dict[str, str]:
    count = f"[0-9]{{1,3}}|{_any_of(lexicon.counts)}"
    return {
        **NUMBERS,
        "WEEKDAY": f"(?P<weekday>{_any_of(lexicon.weekdays)})",
        "WEEKDAY_NAME": f"(?:{_any_of(lexicon.weekdays)})",
        "MONTH": f"(?P<month>{_any_of(lexicon.months)})",
        "NEAR_DAY": f"(?P<near_day>{_any_of(lexicon.near_days)})",
        "COUNT": f"(?P<count>{count})",
        "UP_TO": f"(?P<up_to>{count})",
        "UNIT": f"(?P<unit>{_any_of(lexicon.units)})",
        "UNIT_NAME": f"(?:{_any_of(lexicon.units)})",
        "PART": f"(?P<part>{_any_of(lexicon.parts)})",
        "EDGE": f"(?P<edge>{_any_of(lexicon.edges)})",
        "PLACE": f"(?P<place>{_any_of(lexicon.places)})",
        "WHICH": f"(?P<which>{_any_of(lexicon.which)})",
        "ZONE": f"(?P<zone>{_any_of(ZONES)})",
    }


def _any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))
