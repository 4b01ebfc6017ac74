"""The English rules against 231 real sentences that others wrote and labelled, and 40 with a state."""

import pytest

from bugbridge.core.wording_model import Rule, Scope
from tests.wording.scoring import FOLDS, SHARED, fold_of, found_in, labels_of, memorised, rows, score, shipped_wording

REPLIES, BY_STATE = SHARED / "replies.jsonl", SHARED / "replies_by_state.jsonl"
pytestmark = pytest.mark.skipif(not REPLIES.exists(), reason="the shared sentences are not beside this checkout")

ENGLISH = shipped_wording("en")
RULES = [rule.id for rule in ENGLISH.rules]


# Nobody who wrote a rule looked at this fold: it shows what to expect of sentences that nobody has seen.
UNTOUCHED, LEAST_THERE = 4, 0.86


@pytest.mark.parametrize("fold", range(FOLDS))
def test_in_every_fold_nine_of_ten_are_right(fold: int) -> None:
    """A project's or a brand's sentences are in one fold; where rules were made by them micro-F1 is 0.90 or more."""
    least = LEAST_THERE if fold == UNTOUCHED else 0.90
    assert score([row for row in rows(REPLIES) if fold_of(row) == fold], ENGLISH).f1 >= least


def test_on_the_whole_the_rules_agree_with_people() -> None:
    """Over all sentences that aren't borderline, micro-F1 is 0.93 or more."""
    assert score(rows(REPLIES), ENGLISH).f1 >= 0.93


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_with_ten_examples_is_precise_and_finds_most(rule: str) -> None:
    """At least 0.85 of its findings are right, and it finds at least 0.75 of what there is."""
    total = score(rows(REPLIES), ENGLISH)
    if total.labelled(rule) >= 10:
        assert (total.precision(rule) >= 0.85, total.recall(rule) >= 0.75) == (True, True)


def test_every_sentence_with_a_state_is_judged_as_people_do() -> None:
    """What may be said depends on the bug's stage, and on whether its release is planned."""
    wrong = [row["id"] for row in rows(BY_STATE) if found_in(row, ENGLISH) != labels_of(row)]
    assert wrong == []


@pytest.mark.parametrize("rule", ENGLISH.rules, ids=RULES)
def test_no_pattern_was_made_for_one_sentence(rule: Rule) -> None:
    """A pattern that matches one sentence of the corpus alone has to match one of its rule's own examples too.

    What a whole reply must not lack is in the good ones.
    """
    corpus = [row["text"] for row in rows(REPLIES)]
    good, bad = ([example.text for example in kept] for kept in (rule.good, rule.bad))
    shown = good if rule.scope is Scope.REPLY else bad
    kinds = ((rule.match, shown), *((frames, good) for frames in (rule.unless, rule.without, rule.next_step)))
    assert memorised(kinds, corpus, ENGLISH) == []
