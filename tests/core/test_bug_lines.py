"""What agents may write after `bug:` in their notes, and what it is taken for."""

from datetime import timedelta
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.bug_lines import FORMS, MOST_LINES, BugLine, Verb, read_bug_lines, without_bug_lines
from bugbridge.core.references import ReferenceRules, TrackerPattern

GITHUB = TrackerPattern("github", "github", "https://github.com", frozenset({"acme/app"}))
JIRA = TrackerPattern("jira", "jira", "https://acme.atlassian.net", frozenset({"APP"}))
RULES = ReferenceRules((GITHUB, JIRA), ())


def read(text: str) -> list[BugLine]:
    return list(read_bug_lines(text, RULES))


def verbs(text: str) -> list[Verb]:
    return [line.verb for line in read(text)]


UNDERSTOOD = [
    ("bug: acme/app#12", Verb.LINK, {"issue": "github:acme/app#12"}),
    ("bug: https://github.com/acme/app/issues/12", Verb.LINK, {"issue": "github:acme/app#12"}),
    ("bug: APP-7.", Verb.LINK, {"issue": "jira:APP-7"}),
    ("bug: not this", Verb.NOT_THIS, {}),
    ("bug: workaround: Export as CSV.", Verb.WORKAROUND, {"text": "Export as CSV."}),
    ("bug: words: the export problem", Verb.WORDS, {"text": "the export problem"}),
    ("bug: workaround worked", Verb.WORKED, {}),
    ("bug: workaround failed", Verb.FAILED, {}),
    ("bug: meets it daily", Verb.MEETS_IT, {"answer": "daily"}),
    ("bug: meets it sometimes", Verb.MEETS_IT, {"answer": "sometimes"}),
    ("bug: meets it once", Verb.MEETS_IT, {"answer": "once"}),
    ("bug: told", Verb.TOLD, {}),
    ("bug: later 2w", Verb.LATER, {"delay": timedelta(weeks=2)}),
    ("bug: later 3 days", Verb.LATER, {"delay": timedelta(days=3)}),
    ("bug: give to Ben Okafor", Verb.GIVE_TO, {"text": "Ben Okafor"}),
    ("bug: not needed: they left us", Verb.NOT_NEEDED, {"text": "they left us"}),
    ("bug: optout", Verb.OPT_OUT, {}),
    ("bug: still due", Verb.STILL_DUE, {}),
    ("bug: promised by 2026-06-12.", Verb.PROMISED_BY, {"text": "2026-06-12."}),
    ("bug: no promise", Verb.NO_PROMISE, {}),
    ("bug: send round", Verb.SEND_ROUND, {}),
    ("bug: stop", Verb.STOP, {}),
]


@pytest.mark.parametrize(("text", "verb", "fields"), UNDERSTOOD, ids=[text for text, _, _ in UNDERSTOOD])
def test_each_line_is_understood(text: str, verb: Verb, fields: dict[str, object]) -> None:
    """Every verb that is offered works as it is written."""
    (line,) = read(text)
    assert (line.number, line.verb) == (1, verb)
    assert {name: getattr(line, name) for name in fields} == fields


def test_every_verb_is_tried_here() -> None:
    """A verb that is offered and never read would be a promise that nobody keeps."""
    assert {verb for _, verb, _ in UNDERSTOOD} == set(FORMS) == set(Verb) - {Verb.UNKNOWN, Verb.UNKNOWN_ISSUE}


@pytest.mark.parametrize(
    "text", ["Bug: Told.", "BUG : told!", "  bug:told  ", "`bug: told`", "bug:   TOLD", "- bug: told", "2. bug: told"]
)
def test_nobody_has_to_write_it_neatly(text: str) -> None:
    """Capitals, spaces, a full stop, copied backticks and a list change nothing."""
    assert verbs(text) == [Verb.TOLD]


def test_a_line_may_name_the_bug_that_it_is_about() -> None:
    """Where a ticket reports two bugs, the issue stands before the verb."""
    (line,) = read("bug: acme/app#12 later 1w")
    assert (line.issue, line.verb, line.delay) == ("github:acme/app#12", Verb.LATER, timedelta(weeks=1))


@pytest.mark.parametrize(
    ("text", "suggestion"),
    [
        ("bug: tolld", "told"),
        ("bug: workarond worked", "workaround worked"),
        ("bug: give", "give to NAME"),
        ("bug: later", "later 2w"),
        ("bug: later 20w", "later 2w"),
        ("bug: later -1w", "later 2w"),
        ("bug: not needed", "not needed: WHY"),
        ("bug: workaround:", "workaround: TEXT"),
        ("bug: meets it weekly", "meets it daily"),
        ("bug: no promis", "no promise"),
        ("bug: promised on 2026-06-12", "promised by DATE"),
        ("bug: promised", "promised by DATE"),
        ("bug: promised by", "promised by DATE"),
        ("bug: still", "still due"),
        ("bug: workaround", "workaround: TEXT"),
        ("bug: promissed by 2026-06-12", "promised by DATE"),
        ("bug: xyzzy", ""),
        ("bug:", ""),
    ],
)
def test_what_is_misspelt_is_given_back_with_what_is_nearest(text: str, suggestion: str) -> None:
    """Nothing is guessed and done; the nearest form is offered."""
    (line,) = read(text)
    assert line.verb is Verb.UNKNOWN
    assert line.suggestion.startswith(suggestion) if suggestion else line.suggestion == ""


@pytest.mark.parametrize(
    "text",
    [
        "> bug: told",
        "    bug: told",
        "```\nbug: told\n```",
        "<blockquote>\nbug: told\n</blockquote>",
        "On 3 March 2026, Ann wrote:\n> bug: told\n",
        "-- Original Message --\nbug: told",
        "From: Ann\nSent: 3 March\nTo: Ben\n\nbug: told",
        "A bug: told",
        "The bug report: told",
        "debug: told",
    ],
)
def test_what_is_quoted_or_within_a_sentence_is_no_line(text: str) -> None:
    """Only what the author wrote at the beginning of a line counts."""
    assert verbs(text) == []


def test_lines_are_counted_within_their_note() -> None:
    """So that each is followed once, whatever stands between them."""
    assert [(line.number, line.verb) for line in read("Hello\nbug: told\n\nand\nbug: optout")] == [
        (1, Verb.TOLD),
        (2, Verb.OPT_OUT),
    ]


def test_what_a_line_names_is_no_mention() -> None:
    """A workaround that names another issue links nothing."""
    text = "See acme/app#1\nbug: workaround: as in acme/app#2\nbug: told"
    assert without_bug_lines(text) == "See acme/app#1"


def test_of_very_many_lines_only_the_first_are_looked_at() -> None:
    """A pasted log costs next to nothing: it takes some eight seconds where each line's nearest form is searched."""
    begun = process_time()
    assert len(read("bug: wrkaround\n" * 100_000)) == MOST_LINES
    assert process_time() - begun < 3


@given(st.text(alphabet="bug: told`>later 2w\n#acme/app1", max_size=300))
def test_no_note_is_too_strange(text: str) -> None:
    """Whatever stands in a note is read without an error, and in bounds."""
    lines = read(text)
    assert len(lines) <= MOST_LINES
    assert [line.number for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.parametrize("typed", ["acme/other#12", "OTHER-7", "https://gitlab.example/acme/app/-/issues/3", "#12"])
def test_an_issue_that_nobody_reads_is_told_from_a_misspelt_verb(typed: str) -> None:
    """The commonest slip: another project, or a number alone."""
    assert verbs(f"bug: {typed}") == [Verb.UNKNOWN_ISSUE]
