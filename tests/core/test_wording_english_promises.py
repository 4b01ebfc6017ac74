"""What our side says it will do, in English: who, how sure, what and when decide what is promised."""

import pytest

from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_model import Rule, Situation
from tests.wording.scoring import shipped_wording

ENGLISH = shipped_wording("en")
SOLUTION, TIMELINE, CONDITIONAL = "promise_solution", "promise_timeline", "conditional_promise"
PROMISES = {SOLUTION, TIMELINE, CONDITIONAL}
OPEN = Situation(Stage.OPEN)
PLANNED = Situation(Stage.FIXED, release_planned=True)


def promises_in(text: str, situation: Situation = OPEN) -> set[str]:
    """Which of the three rules find something."""
    return {finding.rule for finding in check_reply(text, ENGLISH, situation)} & PROMISES


WHO = ["We", "I", "Our team", "Our developers", "The engineers", "Someone from our team", "One of our developers"]
WILL = ["will", "are going to", "plan to", "intend to", "hope to", "will try to", "will definitely", "will be able to"]
FIX = ["fix this", "resolve the issue", "take care of it", "get this fixed", "add support for that", "sort it out"]
LOOK = ["look into it", "investigate this", "check the logs", "take a look"]
WORD = ["let you know", "get back to you", "contact you", "keep you posted"]
SOON = ["soon", "shortly", "as soon as possible", "in the next release", "in the near future"]
DATES = ["tomorrow", "next week", "by Friday", "in Q3", "over the weekend", "in a couple of days", "by the end of May"]
NO_WILL = ["won't", "can't", "don't plan to", "are not going to", "will never", "will not be able to"]


@pytest.mark.parametrize("will", WILL)
@pytest.mark.parametrize("who", WHO)
def test_a_solution_is_promised_by_whoever_of_ours_and_however_sure(who: str, will: str) -> None:
    """Each of our side with each way of saying will, with a time or without."""
    for fix in FIX:
        assert promises_in(f"{who} {will} {fix}.") == {SOLUTION}
        assert [
            when for when in SOON + DATES if promises_in(f"{who} {will} {fix} {when}.") != {SOLUTION, TIMELINE}
        ] == []


@pytest.mark.parametrize("will", WILL)
@pytest.mark.parametrize("who", WHO)
def test_work_is_promised_by_whoever_of_ours_and_however_sure(who: str, will: str) -> None:
    """A look at a time is a time; word soon is both, as soon is no date by which it could be kept."""
    for work in LOOK + WORD:
        assert promises_in(f"{who} {will} {work}.") == {CONDITIONAL}
    for look in LOOK:
        assert [when for when in SOON + DATES if promises_in(f"{who} {will} {look} {when}.") != {TIMELINE}] == []
    for word in WORD:
        assert [when for when in SOON if promises_in(f"{who} {will} {word} {when}.") != {CONDITIONAL, TIMELINE}] == []


@pytest.mark.parametrize("what", [*FIX, *LOOK, *WORD])
@pytest.mark.parametrize("who", ["They", "The creator", "Your bank", "Apple", "You", "He"])
def test_what_others_will_do_is_not_ours_to_promise(who: str, what: str) -> None:
    """A third party's doing, or the customer's own, is no promise of ours."""
    assert promises_in(f"{who} will {what}.") == set()


@pytest.mark.parametrize("what", [*FIX, *LOOK, *WORD])
@pytest.mark.parametrize("will", NO_WILL)
def test_what_we_will_not_do_is_no_promise(will: str, what: str) -> None:
    """A clear no is what a customer should hear, with a time and without."""
    assert promises_in(f"We {will} {what}.") == set()
    assert promises_in(f"We {will} {what} soon.") == set()


@pytest.mark.parametrize("what", FIX)
@pytest.mark.parametrize("who", ["Will you", "Should we", "When will you", "Could our team", "Do you think we will"])
def test_a_question_is_no_promise(who: str, what: str) -> None:
    """Whoever asks promises nothing."""
    assert promises_in(f"{who} {what} soon?") == set()


@pytest.mark.parametrize("when", DATES)
def test_word_by_a_date_is_what_we_may_promise(when: str) -> None:
    """Information by a date can be kept; a look by that date can't be promised."""
    assert promises_in(f"I'll write to you {when}.") == set()
    assert promises_in(f"I'll look at it {when}.") == {TIMELINE}


def test_with_the_fix_done_and_its_release_planned_both_are_facts() -> None:
    """Then saying that it will be shipped promises nothing; before that, every stage forbids it."""
    text = "We'll ship this fix soon."
    assert promises_in(text, PLANNED) == set()
    assert [stage for stage in Stage if SOLUTION not in promises_in(text, Situation(stage))] == []


def test_a_promise_is_found_where_it_stands() -> None:
    """The finding covers who, will and what, and nothing else of the reply."""
    text = "Thanks for the log. We will fix this."
    (found,) = (one for one in check_reply(text, ENGLISH, OPEN) if one.rule == SOLUTION)
    assert text[found.start : found.end] == "We will fix"


def test_a_version_is_a_time_where_a_bare_number_is_none() -> None:
    """In 4.2 is a release, in 200 places isn't."""
    assert promises_in("It will be included in 4.2.") == {TIMELINE}
    assert promises_in("It will be included in 200 places.") == set()


@pytest.mark.parametrize("day", ["[day]", "Friday", "Friday, 12 June", "12 June"])
@pytest.mark.parametrize("rule", [rule for rule in ENGLISH.rules if rule.id in PROMISES], ids=lambda rule: rule.id)
def test_what_is_suggested_can_be_pasted_with_its_day_filled_in(rule: Rule, day: str) -> None:
    """No promise rule finds anything in what one of them suggests instead."""
    assert promises_in(rule.suggest.replace("[day]", day)) == set()


@pytest.mark.parametrize(
    "text",
    [
        "I will refund you by Friday.",
        "We'll ship your replacement on Monday.",
        "We will delete your data by 30 November, as you asked.",
        "I'll send you the file in a minute.",
        "The report will be ready in five minutes after you click Run.",
    ],
)
def test_a_time_for_work_that_is_no_bug_may_be_told(text: str) -> None:
    """Orders, refunds, accounts and deletions are the agent's own to promise."""
    assert promises_in(text) == set()


@pytest.mark.parametrize("fix", ["fix it", "resolve this", "ship the fix", "release the patch"])
def test_a_fix_beside_dated_word_is_still_promised(fix: str) -> None:
    """The date of a message doesn't excuse the fix before it."""
    assert promises_in(f"We'll {fix} and write to you by Friday.") & {SOLUTION, TIMELINE}
