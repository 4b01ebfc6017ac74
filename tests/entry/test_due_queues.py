"""Everybody's own list: what an agent receives, what waits for a group, what falls to the lead."""

from dataclasses import replace

import pytest

from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson
from bugbridge.settings import shipped_folder
from tests.entry.scene import ANOTHER_CUSTOMER, START, Scene

BEN = RemotePerson("agent-2", AuthorKind.AGENT, name="Ben Becker", address="ben@acme.example")
ROWS = {
    "ada": "support:agent-1,Ada,,,,",
    "away": "support:agent-1,Ada,2026-06-01,2026-06-30,ben@acme.example,",
    "left": "support:agent-1,Ada,2026-06-01,,ben@acme.example,",
    "ben": "ben@acme.example,Ben,,,,EU",
    "lea": "support:agent-9,Lea,,,,",
}


def listed(scene: Scene, *names: str) -> None:
    """Keep a list of people; Lea is the lead."""
    rows = [f"{ROWS[name]},{'yes' if name == 'lea' else ''}" for name in names]
    text = "\n".join(["agent,name,away_from,away_to,deputy,group,lead", *rows])
    (scene.config.parent / "people.csv").write_text(text, encoding="utf-8")


def two_tickets(scene: Scene) -> tuple[str, str]:
    """A release is due on a ticket of Ada's and on one of Ben's."""
    theirs = scene.reported_bug(ANOTHER_CUSTOMER)
    number = theirs.partition(":")[2]
    scene.helpdesk.change(number, START, assignee=BEN)
    return scene.released(), theirs


def unassigned(scene: Scene, ticket: str) -> None:
    """Nobody has the ticket any more; it is in the group EU."""
    shown = scene.helpdesk.ticket(ticket.partition(":")[2])
    scene.helpdesk._show(replace(shown, assignee=None, group="EU", updated_at=scene.clock.now()))
    scene.say("sync")


def due(scene: Scene, *arguments: str) -> list[tuple[str, str, str]]:
    """What is on a list: ticket, queue and name."""
    rows = scene.facts("due", *arguments)["updates"]
    return sorted((row["ticket"], row["for"]["queue"], row["for"]["name"]) for row in rows)


def test_without_a_list_each_update_is_its_assignees(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what nobody has is on the lead's."""
    adas, bens = two_tickets(scene)
    assert due(scene) == sorted([(adas, "agent", "Ada Agent"), (bens, "agent", "Ben Becker")])
    monkeypatch.setenv("BUGBRIDGE_AGENT", "ben@ACME.example")
    assert (due(scene, "--mine"), due(scene, "--lead")) == ([(bens, "agent", "Ben Becker")], [])
    unassigned(scene, adas)
    assert (due(scene, "--lead"), "nobody" in scene.say("due")) == ([(adas, "nobody", "")], True)


@pytest.mark.parametrize("myself", ["Ben", "BEN@acme.example", "support:agent-2"])
def test_a_deputys_own_list_has_what_is_anothers(scene: Scene, monkeypatch: pytest.MonkeyPatch, myself: str) -> None:
    """Ada is away: all is Ben's, by whichever of his names he says who he is, and it says for whom."""
    adas, bens = two_tickets(scene)
    listed(scene, "away", "ben", "lea")
    monkeypatch.setenv("BUGBRIDGE_AGENT", myself)
    assert due(scene, "--mine") == sorted([(adas, "deputy", "Ben"), (bens, "agent", "Ben")])
    assert "Ben for Ada" in scene.say("due", "--mine")
    monkeypatch.setenv("BUGBRIDGE_AGENT", "ada")
    assert due(scene, "--mine") == []
    assert "`bugbridge due` lists everybody's." in scene.say("due", "--mine")


def test_a_groups_list_has_what_nobody_has(scene: Scene) -> None:
    """Whatever the group's capitals; a group of nobody's is refused with those that there are."""
    adas, _ = two_tickets(scene)
    listed(scene, "ada", "ben", "lea")
    unassigned(scene, adas)
    assert due(scene, "--group", "eu") == [(adas, "group", "EU")]
    assert "group EU" in scene.say("due", "--group", "EU")
    refused = scene.run("due", "--group", "US")
    assert (refused.exit_code, refused.stderr.strip()) == (
        2,
        "Nobody in people.csv belongs to the group 'US'; groups are: EU.",
    )


def test_a_leavers_promise_is_the_leads_and_comes_first(scene: Scene) -> None:
    """What else is due on their tickets is the deputy's."""
    promised, news = scene.reported_bug(ANOTHER_CUSTOMER), scene.released()
    scene.say("promise", "add", promised, "2026-06-15 20:00")
    scene.say("plan")
    listed(scene, "left", "ben", "lea")
    rows = [(row["ticket"], row["reason"], row["for"]["name"]) for row in scene.facts("due")["updates"]]
    assert rows[0] == (promised, "promised", "Lea")
    assert (news, "released", "Ben") in rows
    assert due(scene, "--lead") == [(promised, "lead", "Lea")]
    assert "lead (Lea)" in scene.say("due", "--lead")


def test_questions_to_the_lead_are_on_the_leads_list_alone(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent has enough to do."""
    ticket = scene.reported_bug()
    text = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    rule = '[[rule]]\nid = "ask"\nwhen = { stage = ["open"] }\nperson = "lead: is it worth it?"\n'
    scene.config.with_name("mine.toml").write_text(f"{text}\n{rule}", encoding="utf-8")
    scene.config.write_text(f'policy = "mine.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    scene.read()
    monkeypatch.setenv("BUGBRIDGE_AGENT", "support:agent-1")
    asked = [scene.facts("due", *whose)["questions_to_the_lead"] for whose in ((), ("--lead",), ("--mine",))]
    assert [[one["ticket"] for one in questions] for questions in asked] == [[ticket], [ticket], []]


def test_what_could_not_be_posted_is_listed_by_receiver_too(scene: Scene) -> None:
    """With nothing dead the list says so for each."""
    listed(scene, "ada", "lea")
    assert scene.facts("due", "--dead", "--lead") == {"dead": []}


@pytest.mark.parametrize(
    ("arguments", "myself", "said"),
    [
        (["--mine"], "", "--mine needs to know who you are: set BUGBRIDGE_AGENT to your HELPDESK:ID"),
        (["--mine"], "Zoe", "'Zoe' is no agent; known are: Ada Agent."),
        (["--mine", "--lead"], "Ada", "Choose one of --mine, --lead and --group."),
        (["--lead", "--group", "EU"], "Ada", "Choose one of --mine, --lead and --group."),
    ],
)
def test_an_unclear_list_is_one_sentence(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, arguments: list[str], myself: str, said: str
) -> None:
    """It says what to do."""
    scene.released()
    monkeypatch.setenv("BUGBRIDGE_AGENT", myself)
    refused = scene.run("due", *arguments)
    assert (refused.exit_code, said in refused.stderr, refused.stderr.count("\n")) == (2, True, 1)


def test_a_wrong_list_is_refused_with_all_its_problems(scene: Scene) -> None:
    """By whatever needs it, and in a line each by doctor."""
    (scene.config.parent / "people.csv").write_text("agent,lead\nAda,maybe\n", encoding="utf-8")
    for command in ("due", "doctor"):
        result = scene.run(command)
        assert "people.csv line 2, column agent: 'Ada' is neither" in result.output
        assert "people.csv line 2, column lead: 'maybe' is neither yes nor no." in result.output
        assert result.exit_code != 0


def test_doctor_says_who_is_away(scene: Scene) -> None:
    """And who the lead is."""
    lines = scene.run("doctor").output
    assert "Nobody is listed: what is due is each ticket's assignee's." in " ".join(lines.split())
    listed(scene, "away", "ben", "lea")
    said = " ".join(scene.run("doctor").output.split())
    assert "Your list has 3 people, 1 of them away today; the lead: Lea." in said
