"""`explain` names the rule, the facts and the next date, now and as of an earlier moment."""

import pytest

from bugbridge.settings import shipped_folder
from tests.entry.scene import Scene


def test_an_update_that_is_due_is_explained(scene: Scene) -> None:
    """The rule, the facts that it looked at, and when the update is due."""
    ticket = scene.released()
    said = scene.say("explain", ticket)
    assert "github:acme/app#12" in said
    assert "Rule " in said
    assert "Next update: 2026-06-15 09:00 UTC (released)." in said
    facts = scene.facts("explain", ticket)["explanations"][0]["facts"]
    assert (facts["stage"], facts["untold"]) == ("released", ["fixed", "released"])


def test_silence_is_explained(scene: Scene) -> None:
    """Where nothing is due, it says so, and what would change that."""
    ticket = scene.released()
    scene.say("send")
    scene.say("told", ticket)
    scene.say("plan")
    said = scene.say("explain", ticket)
    assert "Rule done" in said
    assert "No update is due" in said


def test_a_posted_reminder_waits_for_the_agent(scene: Scene) -> None:
    """Between the note and the customer's being told, the reminder stands."""
    ticket = scene.released()
    scene.say("send")
    assert "The agent was reminded; this closes once the customer has been told." in scene.say("explain", ticket)


def test_an_earlier_moment_shows_what_was_known_then(scene: Scene) -> None:
    """`--at` reads the decision that was in force."""
    ticket = scene.released()
    before = f"{scene.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    scene.say("told", ticket)
    scene.say("plan")
    assert scene.facts("explain", ticket)["explanations"][0]["rule_id"] == "done"
    earlier = scene.facts("explain", ticket, "--at", before)["explanations"][0]
    assert (earlier["rule_id"] == "done", earlier["facts"]["untold"]) == (False, ["fixed", "released"])
    assert "On what was known at 2026-06-15 09:" in scene.say("explain", ticket, "--at", before)


def test_before_the_first_decision_it_says_so(scene: Scene) -> None:
    """A link that wasn't decided yet names the step that decides."""
    ticket = scene.reported_bug()
    scene.say("sync")
    assert "Not decided yet: `bugbridge plan` decides." in scene.say("explain", ticket)


def test_before_the_first_decision_of_the_past_nothing_can_be_done(scene: Scene) -> None:
    """`plan` can't decide what was then."""
    ticket = scene.reported_bug()
    scene.read()
    said = scene.say("explain", ticket, "--at", "2026-06-14")
    assert "Nothing had been decided at that time." in said
    assert "bugbridge plan" not in said


def test_today_means_now(scene: Scene) -> None:
    """The end of today is yet to come."""
    ticket = scene.reported_bug()
    scene.read()
    assert "Rule " in scene.say("explain", ticket, "--at", "2026-06-15")


@pytest.mark.parametrize("at", ["", "2026-06-16", "0001-01-01T00:00:00+14:00", "9999-12-31"])
def test_only_an_earlier_moment_can_be_explained(scene: Scene, at: str) -> None:
    """Nothing, and what is yet to come, is refused in one sentence."""
    ticket = scene.reported_bug()
    scene.read()
    result = scene.run("explain", ticket, "--at", at)
    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)


def test_an_unlinked_ticket_is_told_how_to_link(scene: Scene) -> None:
    """There is nothing to explain without a link."""
    ticket = scene.reported_bug()
    scene.read()
    scene.say("unlink", ticket, "acme/app#12")
    result = scene.run("explain", ticket)
    assert (result.exit_code, f"bugbridge link {ticket}" in result.stderr) == (2, True)


def test_a_changed_policy_has_every_link_decided_again(scene: Scene) -> None:
    """`plan` notices another policy text, and the one before when it comes back; the same text decides nothing anew."""
    scene.reported_bug()
    scene.read()
    assert scene.facts("plan")["decided"] == 0
    shipped = scene.config.read_text(encoding="utf-8")
    text = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    mine = text.replace('"infrequent"              = "news"', '"infrequent"              = "nothing"')
    scene.config.with_name("mine.toml").write_text(mine, encoding="utf-8")
    scene.config.write_text(f'policy = "mine.toml"\n{shipped}', encoding="utf-8")
    assert scene.facts("plan") == {"decided": 1, "changed": 1, "checked": 0}
    scene.config.write_text(shipped, encoding="utf-8")
    assert scene.facts("plan")["decided"] == 1


def test_the_leads_questions_stand_under_what_is_due(scene: Scene) -> None:
    """What the policy asks of the team lead is on a list, since it is posted on no ticket."""
    ticket = scene.reported_bug()
    text = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    rule = '[[rule]]\nid = "ask"\nwhen = { stage = ["open"] }\nperson = "lead: is it worth it?"\n'
    scene.config.with_name("mine.toml").write_text(f"{text}\n{rule}", encoding="utf-8")
    scene.config.write_text(f'policy = "mine.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    scene.read()
    assert f"github:acme/app#12  {ticket}    is it worth it?" in scene.say("due")
    asked = scene.facts("due")["questions_to_the_lead"]
    assert [(one["issue"], one["question"]) for one in asked] == [("github:acme/app#12", "is it worth it?")]
