"""A rule's examples are its tests."""

from pathlib import Path

import pytest

from bugbridge.core.wording_examples import FailedExample, Failure, failing_examples
from bugbridge.core.wording_file import WordingFile, parse_wordings

FOLDER = Path(__file__).parents[2] / "config"
SHIPPED = parse_wordings(
    [WordingFile(one.read_text("utf-8"), one.name) for one in sorted(FOLDER.glob("wording*.toml"))]
)
SAID = 'level = "error"\nmessage = "It hurts."\nsuggest = "Say less."\n'
HEAD = f'version = 1\nlanguage = "en"\n[[rule]]\nid = "mine"\n{SAID}'


def failing(rule: str) -> list[FailedExample]:
    """What fails of a rule."""
    return list(failing_examples(parse_wordings([WordingFile(HEAD + rule, "mine.toml")])["en"]))


@pytest.mark.parametrize("language", SHIPPED)
def test_the_shipped_rules_hold_their_examples(language: str) -> None:
    """Each finds its bad sentences and leaves its good ones alone."""
    failed = failing_examples(SHIPPED[language])
    assert [one for one in failed if one.failure is not Failure.UNUSED] == []


def test_a_good_sentence_that_is_found_and_a_bad_one_that_isnt_fail() -> None:
    """Each is named with the state it was tried in."""
    assert failing('match = ["soon"]\ngood = ["Soon.", "Late."]\nbad = ["Soon!", "Later!"]\n') == [
        FailedExample("mine", Failure.FOUND, "Soon.", "open"),
        FailedExample("mine", Failure.MISSED, "Later!", "open"),
    ]


def test_examples_are_tried_in_their_state() -> None:
    """What is allowed in one state is a good sentence there and a bad one elsewhere."""
    examples = (
        'good = [{ text = "Soon.", state = "fixed_release_planned" }]\nbad = [{ text = "Soon.", state = "fixed" }]\n'
    )
    assert failing(f'match = ["soon"]\nallowed_states = ["fixed_release_planned"]\n{examples}') == []
    assert [one.state for one in failing(f'match = ["soon"]\n{examples}')] == ["fixed_release_planned"]


@pytest.mark.parametrize("need", ["first_reply", "workaround_unsent", "next_date_due"])
def test_rules_over_the_whole_reply_are_tried_where_they_apply(need: str) -> None:
    """A bad reply lacks what a good one has."""
    rule = f'scope = "reply"\nneeds = "{need}"\nmatch = ["thank*", "cheers"]\n'
    assert failing(f'{rule}good = ["Thanks.", "Cheers."]\nbad = ["Hello."]\n') == []
    assert failing(f'{rule}good = ["Thanks."]\nbad = ["Cheers."]\n') == [
        FailedExample("mine", Failure.MISSED, "Cheers.", "open"),
        FailedExample("mine", Failure.UNUSED, "cheers"),
    ]


def test_a_pattern_that_no_bad_example_holds_is_unused() -> None:
    """Nothing shows what it is for; one that another pattern hides is used all the same."""
    assert failing('match = ["soon", "very soon", ["late", "or never"], "later"]\nbad = ["Very soon, later."]\n') == [
        FailedExample("mine", Failure.UNUSED, "late & or never")
    ]
