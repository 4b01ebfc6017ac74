"""`explain` names the rule, the facts and the next date, now and as of an earlier moment."""

from datetime import timedelta

import pytest

from bugbridge.core.snapshots import RemotePerson
from bugbridge.helpdesks.memory import AGENT, CUSTOMER
from bugbridge.settings import shipped_folder
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene


def test_an_update_that_is_due_is_explained(scene: Scene) -> None:
    """The rule, the facts that it looked at, and when the update is due."""
    ticket = scene.released()
    said = scene.say("explain", ticket)
    assert "github:acme/app#12" in said
    assert "Rule " in said
    assert "Next update: 2026-06-15 09:0" in said
    assert " UTC (released)." in said
    facts = scene.facts("explain", ticket)["explanations"][0]["facts"]
    assert (facts["stage"], facts["untold"]) == ("released", ["fixed", "released"])


def test_silence_is_explained(scene: Scene) -> None:
    """Where nothing is due, it says why, and what alone would change that."""
    ticket = scene.released()
    scene.say("send")
    scene.say("told", ticket)
    scene.say("plan")
    said = scene.say("explain", ticket)
    assert "Rule done" in said
    assert (
        "No update is due: it is released, and there is nothing left to tell. "
        "You'll be reminded only if a workaround is found or it comes back." in said
    )


def live(scene: Scene, customer: RemotePerson = CUSTOMER) -> str:
    """A reported bug on a helpdesk that went live; give the ticket's reference."""
    ticket = scene.reported_bug(customer)
    scene.read()
    scene.say("go-live", "--from", "2026-06-10", "--yes")
    scene.say("plan")
    return ticket


def with_a_workaround(scene: Scene) -> str:
    """A live ticket whose customer was told of a workaround."""
    ticket = live(scene)
    scene.say("workaround", "acme/app#12", "Export as CSV.")
    scene.say("told", ticket)
    scene.say("plan")
    return ticket


def test_a_workaround_that_worked_leaves_only_the_end(scene: Scene) -> None:
    """The sentence of silence, and the facts behind it."""
    ticket = with_a_workaround(scene)
    scene.say("workaround", ticket, "confirmed")
    scene.say("meets", ticket, "sometimes")
    scene.say("plan")
    said = scene.say("explain", ticket)
    assert (
        "No update is due: occasional bug, workaround worked. "
        "You'll be reminded only if it is released, declined or comes back." in said
    )
    assert 'Rule grid-4 ("infrequent, workaround" = "release"), decided 2026-06-15' in said
    assert (
        "Decided on: the bug is open; the bug is infrequent (as the customer said); "
        "the workaround works for the customer." in said
    )


def test_what_would_change_it_is_said_with_its_command(scene: Scene) -> None:
    """Nothing untrue is suggested: only if the workaround works is it to be confirmed."""
    ticket = with_a_workaround(scene)
    said = scene.say("explain", ticket)
    works = "If the workaround works for them, this drops to how it ends: "
    assert f"{works}`bugbridge workaround {ticket} confirmed`" in said
    assert (
        "If they say that they meet it daily, they would hear every 2 to 8 weeks: "
        f"`bugbridge meets {ticket} daily`" in said
    )


@pytest.mark.parametrize(
    "suggested",
    [
        ("workaround-told", "workaround {} told"),
        ("workaround-confirmed", "workaround {} confirmed"),
        ("workaround-failed", "workaround {} failed"),
        ("meets-daily", "meets {} daily"),
        ("another-workaround-found", "workaround acme/app#12 Another."),
    ],
)
def test_a_suggested_command_has_the_announced_outcome(scene: Scene, suggested: tuple[str, str]) -> None:
    """Whoever follows the advice reads afterwards what was announced before; what isn't offered changes nothing."""
    ticket = with_a_workaround(scene)
    before = scene.facts("explain", ticket)["explanations"][0]["reasons"]
    announced = {one["ids"][0]: one["after"] for one in before["what_ifs"]}.get(suggested[0], before["hears"])
    scene.say(*(part.format(ticket) for part in suggested[1].split()))
    scene.say("plan")
    after = scene.facts("explain", ticket)["explanations"][0]["reasons"]
    assert after["hears"] == announced


def test_what_wasnt_sent_is_told_before_it_works(scene: Scene) -> None:
    """A customer who only may have read of the workaround is to be told of it first."""
    ticket = live(scene)
    scene.say("workaround", "acme/app#12", "Export as CSV.")
    scene.clock.at += timedelta(days=1)
    scene.helpdesk.write(ticket.partition(":")[2], AGENT, "We are on it.", scene.clock.at, public=True)
    scene.read()
    said = scene.say("explain", ticket)
    works = "If they are told the workaround and it works for them, this drops to how it ends: "
    assert f"{works}`bugbridge workaround {ticket} confirmed`" in said


def test_at_most_three_suggestions_are_shown_and_all_are_in_json(scene: Scene) -> None:
    """People read a few, programs may have them all."""
    ticket = with_a_workaround(scene)
    shown = [
        line for line in scene.say("explain", ticket).splitlines() if line.startswith(("If ", "Once ", "When ", "On "))
    ]
    assert len(shown) == 3
    assert len(scene.facts("explain", ticket)["explanations"][0]["reasons"]["what_ifs"]) > 3


def test_all_facts_are_shown_on_request(scene: Scene) -> None:
    """The few that mattered stand in a sentence, the rest only where asked for."""
    ticket = live(scene)
    assert "reopened after told" not in scene.say("explain", ticket)
    assert "reopened after told" in scene.say("explain", ticket, "--facts")


def test_a_decision_that_something_has_overtaken_says_so(scene: Scene) -> None:
    """What was taken down a moment ago isn't in yesterday's decision."""
    ticket = with_a_workaround(scene)
    scene.say("meets", ticket, "daily")
    said = scene.say("explain", ticket)
    assert "Something has changed since: `bugbridge plan` decides anew." in said
    assert "No update is due: nobody knows yet" not in said
    scene.say("plan")
    assert "Something has changed since" not in scene.say("explain", ticket)


def test_who_waits_for_an_answer_gets_that_first(scene: Scene) -> None:
    """The silence is the helpdesk's to end, and what comes then is said."""
    ticket = live(scene)
    scene.say("meets", ticket, "daily")
    number = ticket.partition(":")[2]
    scene.helpdesk.write(number, CUSTOMER, "Any news?", scene.clock.now(), public=True)
    scene.read()
    said = scene.say("explain", ticket)
    assert "No update is due: the customer waits for an answer, which comes first." in said
    assert "Once the customer is answered, they would hear every 2 to 8 weeks." in said


def test_a_bug_is_explained_over_its_tickets(scene: Scene) -> None:
    """Grouped by decision, each group with its count, its rule, its next date and what would change it."""
    first, second = live(scene), live(scene, ANOTHER_CUSTOMER)
    scene.say("meets", second, "daily")
    scene.say("plan")
    said = scene.say("explain", "acme/app#12")
    assert said.startswith("github:acme/app#12: 2 links, 2 decisions\n")
    assert f"1 link: {first}\nRule grid-5: " in said
    assert f"1 link: {second}\nRule grid-3: " in said
    assert said.count("The first update of these: 2026-06-") == 1
    assert "`bugbridge meets TICKET sometimes --issue github:acme/app#12`" in said
    groups = scene.facts("explain", "acme/app#12")["groups"]
    assert [(group["links"], group["tickets"]) for group in groups] == [(1, [second]), (1, [first])]


def test_a_bug_without_a_ticket_is_told_how_to_link(scene: Scene) -> None:
    """There is nothing to explain without a link."""
    ticket = live(scene)
    scene.say("unlink", ticket, "acme/app#12")
    result = scene.run("explain", "acme/app#12")
    assert (result.exit_code, "bugbridge link TICKET github:acme/app#12" in result.stderr) == (2, True)


def test_an_earlier_moment_is_told_with_what_has_changed_since(scene: Scene) -> None:
    """What was decided then, what is otherwise now, and what that came to."""
    ticket = live(scene)
    before = f"{scene.clock.now():%Y-%m-%dT%H:%M:%SZ}"
    assert "Nothing else was decided since." in scene.say("explain", ticket, "--at", before)
    scene.say("meets", ticket, "daily")
    scene.say("plan")
    said = scene.say("explain", ticket, "--at", before)
    assert "Since then: the bug is frequent.\nNow: Rule grid-3" in said
    facts = scene.facts("explain", ticket, "--at", before)["explanations"][0]
    changes = [(one["fact"], one["before"], one["after"]) for one in facts["changed_since"]]
    assert (changes, facts["now"]["rule_id"]) == ([("frequency", "unknown", "frequent")], "grid-3")


def test_superseded_decisions_are_listed(scene: Scene) -> None:
    """When, by which rule, and what changed from the one before."""
    ticket = live(scene)
    scene.say("meets", ticket, "daily")
    scene.say("plan")
    lines = scene.say("explain", ticket, "--history").splitlines()
    assert ("grid-5" in lines[3], lines[3].endswith("the first decision")) == (True, True)
    assert ("grid-3, in force" in lines[-1], lines[-1].endswith("the bug is frequent")) == (True, True)
    kept = scene.facts("explain", ticket, "--history")["decisions"]
    assert [(one["rule_id"], one["in_force"]) for one in kept] == [("grid-5", False), ("grid-3", True)]


def test_no_history_before_the_first_decision(scene: Scene) -> None:
    """An empty table tells nobody anything."""
    ticket = scene.reported_bug()
    scene.say("sync")
    assert scene.say("explain", ticket, "--history") == "Not decided yet: `bugbridge plan` decides.\n"


def test_explanations_hold_no_names_and_no_titles(scene: Scene) -> None:
    """They are pasted into chats: the customer's name and the issue's title stay where they are."""
    scene.tracker.add(BUG, START - timedelta(days=30), title="Crash at Carla's")
    ticket = live(scene)
    for arguments in ([ticket], [ticket, "--facts"], [ticket, "--history"], [ticket, "--json"], ["acme/app#12"]):
        said = scene.say("explain", *arguments)
        assert "Carla" not in said


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
