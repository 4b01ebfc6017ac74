"""What customers may read of a bug in people's own words: no address, no reference, nothing that hides."""

import time

import pytest

from bugbridge.core.bug_words import (
    LONGEST_SUGGESTION,
    LONGEST_WORDS,
    LONGEST_WORKAROUND,
    problem_of_words,
    problem_of_workaround,
    same_words,
    suggested_workaround,
)
from bugbridge.core.references import HelpdeskPattern, ReferenceRules, TrackerPattern

RULES = ReferenceRules(
    trackers=(
        TrackerPattern("github", "github", "https://github.com", frozenset({"acme/app"})),
        TrackerPattern("jira", "jira", "https://acme.atlassian.net", frozenset({"APP"})),
        TrackerPattern("old", "jira", "https://www.acme.example/jira/", frozenset({"OLD"})),
    ),
    helpdesks=(HelpdeskPattern("support", "https://acme.zendesk.com", r"/agent/tickets/(?P<number>[0-9]+)"),),
)

INTERNAL = [
    "see acme/app#12",
    "see ACME/App#12.",
    "see `acme/app#12`",
    "> acme/app#12",
    "(github:other/thing#7)",
    "jira:OPS-4",
    "app-12 has it",
    "x://aa`q`acme/app#12",
    "/acme/app#12",
    "\uff41cme/app\uff0312",
    "acme/\u200capp#12",
    "https://github.com/acme/app/issues/12",
    "www.github.com",
    "HTTPS://GitHub.com/acme",
    "api.github.com/x",
    "\uff47ithub.com/acme",
    "github\u3002com/acme",
    "https://github%2Ecom/acme",
    "acme.atlassian.net/browse/OPS-4",
    "https://acme.example/jira/browse/OPS-4",
    "https://acme.zendesk.com/agent/tickets/4711",
    "acme.zendesk.com",
    "https://acme.zendesk.com/hc/../agent/tickets/4711",
    "https://acme.zendesk.com/hcx",
]


@pytest.mark.parametrize("text", INTERNAL)
def test_what_is_internal_is_refused_in_one_sentence(text: str) -> None:
    """However it is written: quoted, in other letters, in another case, within something else."""
    for problem in (problem_of_words(text, RULES), problem_of_workaround(f"Wait: {text}", RULES)):
        assert problem.endswith(".")
        assert "\n" not in problem


@pytest.mark.parametrize(
    "text",
    [
        "Export as CSV instead.",
        "1. Open Settings.\n2. Choose CSV.",
        "See https://help.acme.example/csv, step #2.",
        "https://acme.zendesk.com/hc/en-us/articles/4711",
        "https://docs.acme.example/jira-plugin",
        "Use UTF-8, not the old app.",
        "happ-12 isn't it, nor is notgithub.com",
        "ask for 100% of 5 %",
        "👩‍💻 می‌خواهم",
    ],
)
def test_a_workaround_may_say_what_helps(text: str) -> None:
    """Public help may be linked, also where the helpdesk's own address holds it; scripts and emoji are words."""
    assert problem_of_workaround(text, RULES) == ""


@pytest.mark.parametrize(
    "text", ["export problem", "", "Export (CSV)", "Größe der PDF-Datei", "error 502", "x" * LONGEST_WORDS]
)
def test_words_for_a_bug_are_plain_words(text: str) -> None:
    """As they would stand in "the … you wrote about"; none at all takes them back."""
    assert problem_of_words(text, RULES) == ""


@pytest.mark.parametrize(
    "text",
    ["two\nlines", "two\u2028lines", "x" * (LONGEST_WORDS + 1), "ftp://files.example", "see www.example.com"],
)
def test_words_for_a_bug_hold_no_address_and_one_line(text: str) -> None:
    """They stand in the middle of a sentence."""
    assert problem_of_words(text, RULES) != ""


@pytest.mark.parametrize("text", ["\x1b[31mred", "bell\x07", "right to left \u202e", "zero\u200bwidth", "\ud800"])
def test_what_cant_be_seen_is_refused(text: str) -> None:
    """Dropped later, it would join what was refused apart."""
    assert "can't be seen" in problem_of_words(text, RULES)
    assert "can't be seen" in problem_of_workaround(text, RULES)


@pytest.mark.parametrize("text", ["", "  \n", "x" * (LONGEST_WORKAROUND + 1)])
def test_a_workaround_has_words_and_an_end(text: str) -> None:
    """Nothing helps nobody, and a customer reads no novel."""
    assert problem_of_workaround(text, RULES) != ""


@pytest.mark.parametrize(
    ("comment", "text"),
    [
        ("Workaround: export as CSV.", "export as CSV."),
        ("WORKAROUND : export", "export"),
        ("  workaround:export", "export"),
        ("**Workaround:** export", "export"),
        ("**Workaround**: export", "export"),
        ("## Workaround:\n\n1. Export\r\n2. Import", "1. Export\n2. Import"),
        ("h2. Workaround: export", "export"),
        ("*Workaround:* *export* it", "*export* it"),
        ("Workaround: <!-- secret --> export <!-- open", "export"),
        ("Workaround: \x1b[31mexport\x07\u202e", "export"),
        ("Workaround:", ""),
        ("A workaround: export", ""),
        ("Workarounds: many", ""),
        ("> He wrote\n\nWorkaround: export", ""),
        ("", ""),
    ],
)
def test_a_comment_that_begins_with_the_word_suggests(comment: str, text: str) -> None:
    """After marks of a heading or of bold type, whatever the case; cleaned of what hides or steers."""
    assert suggested_workaround(comment) == text


def test_a_suggestion_has_an_end() -> None:
    """What is longer is cut, and then too long to be accepted as it stands."""
    cut = suggested_workaround(f"Workaround: {'x' * 100_000}")
    assert (len(cut), cut[-1]) == (LONGEST_SUGGESTION, "…")
    assert problem_of_workaround(cut, RULES) != ""


@pytest.mark.parametrize("part", ["<!--", "\x1b[", "github:", "#" * 6 + " ", "*_", "acme/app", "x://", "APP-", "- "])
def test_hostile_text_is_judged_in_linear_time(part: str) -> None:
    """Sixteen times the text takes nowhere near sixteen squared the time."""

    def seconds(times: int) -> float:
        text = part * times
        started = time.perf_counter()
        suggested_workaround(f"Workaround: {text}")
        problem_of_workaround(text[:LONGEST_WORKAROUND], RULES)
        return time.perf_counter() - started

    seconds(10)
    assert seconds(64_000) < 100 * max(seconds(4_000), 0.001)


def test_the_same_words_are_the_same_however_typed() -> None:
    """Case, blanks and the end make no other workaround."""
    assert same_words("Export as  CSV.", "export as csv")
    assert not same_words("Export as CSV.", "Export as XLSX.")
