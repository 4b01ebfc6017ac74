"""Laws of dates in replies, for any text: nothing raises, nothing is due before it is said, and work is linear."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.promise_date_grammar import LEXICONS, grammar_of
from bugbridge.core.promise_dates import said_dates
from tests.core.counting import work
from tests.core.date_scene import CALENDARS

BERLIN, WEDNESDAY = CALENDARS["Berlin"], datetime(2026, 6, 10, 8, tzinfo=UTC)
INSTANTS = st.datetimes(datetime(2011, 12, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds it
LANGUAGES = st.sampled_from(sorted(LEXICONS))
WORDS = [
    word
    for lexicon in LEXICONS.values()
    for words in (lexicon.weekdays, lexicon.months, lexicon.near_days, lexicon.counts, lexicon.units, lexicon.parts)
    for word in words
]
MORE = [
    *(
        "by",
        "before",
        "in",
        "within",
        "the",
        "next",
        "this",
        "end",
        "of",
        "early",
        "week",
        "weekend",
        "month",
        "at",
        "or",
    ),
    *(
        "bis",
        "vor",
        "am",
        "nächste",
        "ende",
        "der",
        "woche",
        "uhr",
        "0",
        "2",
        "12",
        "29",
        "31",
        "99",
        "999",
        "pm",
        "est",
    ),
    *("2026", "12.6.", "30.2.", "12/13", "29/2", "2026-02-29", "9999-12-31", "15:00", "24:00", "0:30"),
]
TEXTS = st.text(max_size=200) | st.lists(st.sampled_from(WORDS + MORE), max_size=12).map(" ".join)
# Each of them nearly goes on to be a date, over and over.
NEAR_MATCHES = [
    "by the end of the next ",
    "in the next two ",
    "Friday 12 June, ",
    "12.",
    "12/06/",
    "   \n  ",
    "\n",
    "on or before on or before ",
    "at 5",
    "innerhalb von den nächsten ",
    "Freitag, den ",
    "Thursday or ",
    "a",
]


@given(TEXTS, INSTANTS, st.sampled_from(sorted(CALENDARS)), LANGUAGES)
def test_no_text_breaks_it_and_nothing_is_due_before_it_is_said(
    text: str, said_at: datetime, place: str, language: str
) -> None:
    """Dates stand in the text, one after another, and lie ahead: three years at most."""
    end = 0
    for said in said_dates(text, said_at, CALENDARS[place], language):
        assert end <= said.start < said.end <= len(text)
        assert said_at < said.due_at < said_at + timedelta(days=3 * 365)
        assert said.due_at.tzinfo is UTC
        end = said.end


@given(st.lists(st.sampled_from(WORDS + MORE), max_size=8).map(" ".join), LANGUAGES)
def test_what_stands_before_moves_a_date_and_changes_nothing(text: str, language: str) -> None:
    """A paragraph before it says nothing about it."""
    before = "Hello,\n\n"
    alone, after = (said_dates(shown, WEDNESDAY, BERLIN, language) for shown in (text, before + text))
    moved = [(said.start + len(before), said.end + len(before), said.due_at) for said in alone]
    assert [(said.start, said.end, said.due_at) for said in after] == moved


@pytest.mark.parametrize("language", sorted(LEXICONS))
def test_no_pattern_can_run_on(language: str) -> None:
    """What a pattern can match has a greatest length, so that each place of a text costs a bounded amount of work."""
    grammar = grammar_of(language)
    between = (grammar.lead, grammar.excluded, grammar.tail, grammar.gap, grammar.clock_gap, grammar.alternative)
    for pattern in (*(pattern for _, pattern in grammar.forms), *between):
        assert _widest(pattern) < 200, pattern.pattern


def _widest(pattern: re.Pattern[str]) -> int:
    parser: Any = re._parser  # type: ignore[attr-defined]  # the library tells nowhere else
    return int(parser.parse(pattern.pattern).getwidth()[1])


@pytest.mark.parametrize("language", sorted(LEXICONS))
@pytest.mark.parametrize("part", NEAR_MATCHES)
def test_twice_the_text_is_twice_the_work(part: str, language: str) -> None:
    """100 kB of near-matches call twice as many functions as half of it, Python's own included."""
    half, whole = (_calls(part * (size // len(part)), language) for size in (50_000, 100_000))
    assert whole <= 2.1 * half + 100


def _calls(text: str, language: str) -> int:
    """Count the calls that reading a text makes, with its patterns at hand."""
    grammar_of(language)
    return work(lambda: said_dates(text, WEDNESDAY, BERLIN, language))
