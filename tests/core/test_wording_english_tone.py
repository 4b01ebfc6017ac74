"""The English rules of tone as they are shipped: hedges, ease, apologies, false hope, blame, and what a reply lacks."""

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from bugbridge.core.model import Stage
from bugbridge.core.wording import check_reply
from bugbridge.core.wording_file import WordingFile, parse_wordings
from bugbridge.core.wording_model import Level, Situation

ROOT = Path(__file__).parents[2]
WORDING = ROOT / "config" / "wording.toml"
BY_STATE = ROOT.parent / "shared" / "data" / "replies_by_state.jsonl"
TONE = frozenset({"hedge", "ease", "non_apology", "false_hope", "blame"})
LACKING = frozenset({"missing_workaround", "missing_thanks", "missing_next_date"})
ENGLISH = parse_wordings([WordingFile(WORDING.read_text("utf-8"), WORDING.name)])["en"]


def found(text: str, situation: Situation | None = None) -> frozenset[str]:
    """The rules of tone, and of what a reply lacks, that find something."""
    ours = replace(ENGLISH, rules=tuple(rule for rule in ENGLISH.rules if rule.id in TONE | LACKING))
    return frozenset(finding.rule for finding in check_reply(text, ours, situation or Situation()))


@pytest.mark.parametrize("subject", ["This", "The export", "Restarting the phone", "Your new invoice"])
@pytest.mark.parametrize(
    "claim",
    [
        "should work",
        "should be fixed in 4.2",
        "should now be available",
        "should all be back",
        "should no longer fail",
        "should have been restored",
        "should help",
        "ought to work",
        "might be blocked",
        "may need a minute",
        "could be the cause",
        "is probably blocked",
        "usually helps",
        "seems to work",
        "appears to be blocked",
        "sounds like an old version",
    ],
)
def test_what_nobody_checked_is_a_hedge(subject: str, claim: str) -> None:
    """Whatever it's about, and whichever word leaves it open."""
    assert found(f"{subject} {claim}.") == {"hedge"}


@pytest.mark.parametrize("hedged", ["I think", "I believe that", "We suspect", "I guess", "We assume"])
@pytest.mark.parametrize("claim", ["the update broke it", "it is a bug of 4.1", "this was removed"])
def test_an_opinion_of_a_fact_is_a_hedge(hedged: str, claim: str) -> None:
    """A fact can be checked."""
    assert found(f"{hedged} {claim}.") == {"hedge"}


@pytest.mark.parametrize(
    "text",
    [
        "The two phones should be connected to the same router.",
        "You should update to 4.2.",
        "We should rename this.",
        "This should be reported upstream.",
        "Should you need anything else, reply here.",
        "Should it work now?",
        "Could you restart it?",
        "Is it possible that it is blocked?",
        "You may close this ticket.",
        "You can also use the old list.",
        "You might want to keep a copy.",
        "I think we should keep it.",
        "I think this is a great idea.",
        "I don't think we will change this.",
        "If it seems slow, choose the short list.",
        "The list looks good.",
        "The button appears in the first row.",
        "It is unlikely that we will revert this.",
        "Make sure that it is plugged in.",
        "There should be no difference between the two.",
        "Any questions you may have are answered there.",
    ],
)
def test_advice_questions_permission_and_plans_are_no_hedges(text: str) -> None:
    """What somebody ought to do, may do or wants isn't a fact that was left open."""
    assert found(text) == frozenset()


@pytest.mark.parametrize(
    ("text", "hedged"),
    [
        ("The export should work now. If it doesn't, reply here and I'll check your account.", False),
        ("The export should work now; if it still fails, I will call you.", False),
        ("The export should work now. Let me know if it doesn't.", False),
        ("The export should work now. Please reopen the ticket if it still fails.", False),
        ("The export should work now. Let me know if you have any questions.", True),
        ("The export should work now. I wish you a nice day. If it doesn't, I'll check your account.", True),
    ],
)
def test_a_definite_next_step_settles_a_hedge(text: str, *, hedged: bool) -> None:
    """In the same sentence or the next; it has to be for the case that it isn't so."""
    assert ("hedge" in found(text)) is hedged


@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.FIXED, Stage.RELEASED, Stage.DECLINED])
def test_a_hedge_is_one_at_every_stage(stage: Stage) -> None:
    """After the release too, when it could have been checked best."""
    assert found("The export should be working again now.", Situation(stage)) == {"hedge"}


@pytest.mark.parametrize(
    "text",
    [
        "Simply restart it.",
        "Just restart it.",
        "Then just delete the folder.",
        "You can easily change it.",
        "It's quite easy.",
        "It's not hard to change.",
        "There's a simple workaround.",
        "The easiest way is the menu.",
        "It's a quick fix.",
        "All you have to do is restart it.",
        "It only takes a minute.",
        "You just need to restart it.",
        "It's a piece of cake.",
    ],
)
def test_what_is_called_easy(text: str) -> None:
    """For whom it fails, it wasn't."""
    assert found(text) == {"ease"}


@pytest.mark.parametrize(
    "text",
    [
        "There is no easy way to do this.",
        "This isn't that simple.",
        "It can't easily be changed.",
        "I simply can't open it.",
        "It simply isn't there.",
        "Choose Quick Start in the menu.",
        "It lies on Simple Storage.",
        "Easy Mode is off.",
        "We answer as quickly as possible.",
        "I just pushed it.",
        "We are just a message away.",
        "Just to confirm: it is on.",
        "Just let us know.",
        "Thanks for the quick fix.",
        "It's easy to miss.",
    ],
)
def test_what_is_not_called_easy(text: str) -> None:
    """Negated, a name, about ourselves, or another sense of the word."""
    assert found(text) == frozenset()


@pytest.mark.parametrize("sorry", ["Sorry", "We're very sorry", "We apologise", "Our apologies", "I do apologize"])
@pytest.mark.parametrize(
    ("matter", "general"),
    [
        ("for the inconvenience", True),
        ("for any inconvenience this may have caused", True),
        ("for any trouble", True),
        ("for the confusion", True),
        ("for the late reply", False),
        ("for the wrong total on your invoice", False),
        ("about that", False),
    ],
)
def test_an_apology_is_for_something(sorry: str, matter: str, *, general: bool) -> None:
    """A harm that is named passes; one that anybody may have had doesn't."""
    assert found(f"{sorry} {matter}.") == ({"non_apology"} if general else frozenset())


@pytest.mark.parametrize(
    ("text", "general"),
    [
        ("I'm sorry you feel that way.", True),
        ("I'm sorry that you find it slow.", True),
        ("Sorry if that was unclear.", True),
        ("I'm sorry you lost your totals.", False),
        ("We're sorry you're having trouble with the export.", False),
        ("I'm sorry to hear that.", False),
        ("Sorry if I misread your report.", False),
    ],
)
def test_an_apology_is_not_for_what_the_customer_feels(text: str, *, general: bool) -> None:
    """It's for what we did or what happened to them."""
    assert ("non_apology" in found(text)) is general


@pytest.mark.parametrize(
    "text",
    [
        "I'll pass this on to the team.",
        "We have forwarded your idea to our developers.",
        "Your feedback has been noted.",
        "I've added your vote.",
        "We'll keep it in mind.",
        "It will be taken into consideration.",
        "Hopefully it gets fixed.",
        "I hope that it will be resolved soon.",
        "Fingers crossed!",
        "Stay tuned.",
        "I can't promise anything, but I'll ask.",
    ],
)
@pytest.mark.parametrize("stage", [Stage.OPEN, Stage.DECLINED])
def test_a_hope_that_nobody_answers_for(text: str, stage: Stage) -> None:
    """It's an error where the answer is no, a warning before."""
    levels = {one.rule: one.level for one in check_reply(text, ENGLISH, Situation(stage))}
    assert levels["false_hope"] is (Level.ERROR if stage is Stage.DECLINED else Level.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        "Hope this helps!",
        "I hope to hear from you.",
        "We hope you have a nice day.",
        "Please send your feedback to our team here.",
        "We recommend sharing it with the team in the forum.",
        "Thanks for sharing your idea with our team.",
        "You can add your vote here.",
        "Keep in mind that the link ends on Friday.",
        "We've decided not to change this.",
    ],
)
def test_wishes_and_what_the_customer_can_do_are_no_false_hope(text: str) -> None:
    """Nothing is held out to them."""
    assert found(text, Situation(Stage.DECLINED)) == frozenset()


@pytest.mark.parametrize(
    "text",
    [
        "You should have read the manual.",
        "You shouldn't have deleted it.",
        "As I already told you, it is off.",
        "You didn't follow the steps.",
        "You forgot to save it.",
        "If you had read the manual, you would know.",
        "The problem is on your side.",
        "That was your own mistake.",
        "Please stop asking.",
        "Your tone doesn't help.",
        "Stop wasting our time.",
        "Did you even read the manual?",
        "Why would you delete it?",
        "You're just a troll.",
    ],
)
def test_a_reply_that_blames_is_an_error(text: str) -> None:
    """For what they did, how they said it, or who they are."""
    levels = {one.rule: one.level for one in check_reply(text, ENGLISH, Situation())}
    assert levels == {"blame": Level.ERROR}


@pytest.mark.parametrize(
    "text",
    [
        "If you have not followed the link yet, it is open until Friday.",
        "Do you see an error on your side?",
        "No action is needed on your part.",
        "It's not your fault.",
        "You did nothing wrong.",
        "You can do it yourself in the menu.",
        "The release notes for 4.0 describe this change.",
        "Please don't share your password.",
        "Did you restart it?",
    ],
)
def test_facts_questions_and_comfort_blame_nobody(text: str) -> None:
    """They say what there is to do, without who did what."""
    assert found(text) == frozenset()


def test_should_have_is_a_hedge_of_what_comes_to_them_and_blame_of_what_they_did() -> None:
    """One word apart."""
    assert found("You should have received a mail.") == {"hedge"}
    assert found("You should have read the mail.") == {"blame"}


@pytest.mark.parametrize(
    ("text", "names_one"),
    [
        ("As a workaround, save it as CSV.", True),
        ("Meanwhile the old list works.", True),
        ("Until then you can save it as CSV.", True),
        ("Exporting as CSV still works.", True),
        ("Please open it in the old editor.", True),
        ("Use the old list instead.", True),
        ("We know of this bug. I've added you to it.", False),
        ("I don't have any news. I'll write again by 3 June.", False),
    ],
)
def test_a_workaround_that_was_never_sent_is_missed(text: str, *, names_one: bool) -> None:
    """Only where there is one that this customer wasn't sent."""
    assert ("missing_workaround" in found(text, Situation(workaround_unsent=True))) is not names_one
    assert "missing_workaround" not in found(text)


@pytest.mark.parametrize(
    ("text", "thanks"),
    [
        ("Thanks for the clear steps. I saw the same error.", True),
        ("I saw the same error. We appreciate your report.", True),
        ("Good catch! I saw the same error.", True),
        ("I saw the same error.", False),
    ],
)
def test_the_first_reply_thanks(text: str, *, thanks: bool) -> None:
    """Later ones need not."""
    assert ("missing_thanks" in found(text, Situation(first_reply=True))) is not thanks
    assert "missing_thanks" not in found(text)


@pytest.mark.parametrize(
    ("text", "dated"),
    [
        ("I'll write again by 17 July, with or without news.", True),
        ("On Friday I'll tell you what was decided.", True),
        ("You'll hear from us by 3 June.", True),
        ("The next update comes within two weeks.", True),
        ("I'll let you know if anything changes.", False),
        ("I'll write again.", False),
        ("On 17 July you wrote that the export fails.", False),
    ],
)
def test_where_an_update_is_due_its_date_is_named(text: str, *, dated: bool) -> None:
    """The date of ours, not of something else."""
    assert ("missing_next_date" in found(text, Situation(next_date_due=True))) is not dated
    assert "missing_next_date" not in found(text)


@pytest.mark.parametrize(
    "rule", [rule for rule in ENGLISH.rules if rule.id in TONE | LACKING], ids=lambda rule: rule.id
)
def test_what_a_rule_suggests_passes_the_rules_itself(rule: object) -> None:
    """Whoever takes the better sentence isn't told off for it, with what is in brackets filled in."""
    suggest = next(one.suggest for one in ENGLISH.rules if one is rule)
    filled = re.sub(r"\[([a-z]+ )*([a-z]+)\]", r"\2", suggest.replace("[day]", "Friday"))
    for text in (filled, *re.findall("“([^”]+)”", filled), re.sub("[“”]", "", filled)):
        assert check_reply(text, ENGLISH, Situation()) == ()


@pytest.mark.parametrize(
    "rule", [rule for rule in ENGLISH.rules if rule.id in TONE | LACKING], ids=lambda rule: rule.id
)
def test_what_a_rule_suggests_is_true_of_any_bug(rule: object) -> None:
    """No day and no version of its own: an agent fills in what is in brackets."""
    suggest = next(one.suggest for one in ENGLISH.rules if one is rule)
    assert not re.search("[0-9]", suggest)


@pytest.mark.parametrize("missing", sorted(LACKING))
def test_what_is_missing_is_there_once_it_is_filled_in(missing: str) -> None:
    """The sentence that is suggested is what the reply lacked."""
    suggest = next(one.suggest for one in ENGLISH.rules if one.id == missing).replace("[day]", "Friday")
    everything = Situation(workaround_unsent=True, first_reply=True, next_date_due=True)
    assert missing in found("We know of this bug.", everything)
    assert missing not in found(f"We know of this bug. {suggest}", everything)


@pytest.mark.skipif(not BY_STATE.exists(), reason="the shared sentences are not beside this checkout")
def test_each_sentence_with_a_state_is_judged_as_people_do() -> None:
    """What the rules of tone find in the sentences that were written for states."""
    rows = [json.loads(line) for line in BY_STATE.read_text("utf-8").splitlines()]
    wrong = [
        row["id"]
        for row in rows
        if found(row["text"], Situation.of_state(row["state"])) != frozenset(row["labels"]) & TONE
    ]
    assert wrong == []
