"""`bug:` lines: each does what it says, once, for agents alone; what can't be done is answered once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bugbridge.core.answers import AnswerKind
from bugbridge.core.bug_lines import Verb, read_bug_lines
from bugbridge.core.model import BugEventKind, Entity, FactKind, LinkEventKind, LinkHow, OptOut
from bugbridge.core.policy_file import parse_policy
from bugbridge.services.intake import add_promise
from bugbridge.services.replying import held_replies
from bugbridge.settings import shipped_folder
from tests.services.scene import ANN, HELPDESK, ISSUE, OTHER_ISSUE, RULES, Scene, day

REPLIES = parse_policy(
    (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    + '[[rule]]\nid = "ourselves"\nwhen = { stage = ["released"] }\ntell = "terminal"\ndeliver = "reply"\n'
)

# What each line leaves behind on its link, beside the finding that it was read.
SAID = {
    "not this": (LinkEventKind.UNLINKED, ""),
    "workaround worked": (LinkEventKind.WORKAROUND, "confirmed"),
    "workaround failed": (LinkEventKind.WORKAROUND, "failed"),
    "meets it daily": (LinkEventKind.MEETS_IT, "daily"),
    "told": (LinkEventKind.TOLD, ""),
    "later 2d": (LinkEventKind.PUT_OFF, "2026-01-05T09:00:00.000000Z"),
    "not needed: they left us": (LinkEventKind.NOT_NEEDED, ""),
    "give to support:agent-1": (LinkEventKind.GIVEN, ""),
}
MISSPELT = {
    "not thsi": "not this",
    "workaround workd": "workaround worked",
    "workaround faild": "workaround failed",
    "meets it dayly": "meets it daily",
    "tolld": "told",
    "latr 2d": "later 2w",
    "not needd: they left us": "not needed: WHY",
    "giv to agent": "give to NAME",
    "optotu": "optout",
    "stil due": "still due",
    "workarounds: export": "workaround: TEXT",
}


def reminded() -> tuple[Scene, str]:
    """A ticket on day 2 whose agent was reminded of a release."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    return scene, ticket


def said(scene: Scene, ticket: str, kind: LinkEventKind, reference: str = ISSUE) -> list[str]:
    events = scene.history(scene.key(ticket, reference)).link_events
    return [event.value for event in events if event.kind is kind]


def answers(scene: Scene, ticket: str) -> list[str]:
    found = scene.store.answers_to(scene.row(ticket).id)
    return [str(answer.subject["code"]) for answer in found if answer.kind is AnswerKind.LINE]


@pytest.mark.parametrize("line", SAID)
def test_a_line_does_what_it_says(line: str) -> None:
    """The very words that a reminder offers are kept with their author, as of when they were written."""
    scene, ticket = reminded()
    scene.notes(ticket, f"Hello\nbug: {line}")
    scene.link()
    kind, value = SAID[line]
    events = [event for event in scene.history(scene.key(ticket)).link_events if event.kind is kind]
    assert [event.how for event in events] == [LinkHow.LINE]
    assert events[0].occurred_at == scene.clock.at
    assert events[0].value == value or not value


@pytest.mark.parametrize("line", SAID)
def test_a_line_counts_once_however_often_it_is_read(line: str) -> None:
    """A ticket is read again and again; a line that was followed stays followed."""
    scene, ticket = reminded()
    scene.notes(ticket, f"bug: {line}")
    for _ in range(3):
        scene.link()
        scene.robot_writes(ticket, "ping")
    assert len(said(scene, ticket, SAID[line][0])) == 1
    assert answers(scene, ticket) == []


@pytest.mark.parametrize("line", SAID)
def test_a_line_by_anybody_else_is_ignored(line: str) -> None:
    """Neither a customer, nor a bot, nor a quotation, nor a public reply can move anything."""
    scene, ticket = reminded()
    scene.writes_again(ticket, f"bug: {line}")
    scene.robot_writes(ticket, f"bug: {line}")
    scene.notes(ticket, f"> bug: {line}\nas the customer wrote")
    scene.replies(ticket, f"bug: {line}")
    scene.link()
    assert said(scene, ticket, SAID[line][0]) == []
    assert answers(scene, ticket) == []


@pytest.mark.parametrize("line", SAID)
def test_a_line_on_a_ticket_with_two_bugs_asks_which(line: str) -> None:
    """Nothing is guessed: the answer names both, and a line that names one is followed."""
    scene, ticket = reminded()
    scene.notes(ticket, f"This is {OTHER_ISSUE}")
    scene.read()
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, f"bug: {line}")
    scene.link()
    assert answers(scene, ticket) == ["which-bug"]
    assert said(scene, ticket, SAID[line][0]) == said(scene, ticket, SAID[line][0], OTHER_ISSUE) == []
    scene.notes(ticket, f"bug: acme/app#12 {line}")
    scene.link()
    assert len(said(scene, ticket, SAID[line][0])) == 1
    assert said(scene, ticket, SAID[line][0], OTHER_ISSUE) == []


def test_a_line_is_about_what_was_linked_when_it_was_written() -> None:
    """Two notes that are read at once: `not this` takes back the link of before, not one that came after."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: not this")
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, f"bug: {OTHER_ISSUE}")
    scene.read()
    scene.link()
    assert answers(scene, ticket) == []
    states = {link.key: link.state for link in scene.store.links_of(scene.row(ticket).id)}
    assert states == {scene.key(ticket): "unlinked", scene.key(ticket, OTHER_ISSUE): "linked"}


@pytest.mark.parametrize("line", MISSPELT)
def test_a_misspelt_line_is_answered_once(line: str) -> None:
    """With what it would have been, and not with all that there is; nothing else happens."""
    scene, ticket = reminded()
    before = len(scene.history(scene.key(ticket)).link_events)
    scene.notes(ticket, f"bug: {line}")
    for _ in range(3):
        scene.link()
        scene.send()
    notes = [note.body for note in scene.helpdesk.notes(ticket) if f"bug: {line}" in note.body]
    assert len(notes) == 1
    assert notes[0].splitlines()[0].endswith(f"nothing was changed. Did you mean `bug: {MISSPELT[line]}`?")
    assert "Lines that are understood" not in notes[0]
    assert len(scene.history(scene.key(ticket)).link_events) == before


def test_a_line_links_though_the_bug_had_ended() -> None:
    """It is a person's word, not a mention: the current stage is told once."""
    scene = Scene().on(1)
    other = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.on(3)
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: acme/app#12")
    scene.decide()
    assert scene.states(ticket) == {ISSUE: "linked"}
    assert other != ticket


def test_a_wrong_link_stays_away_until_a_person_links_again() -> None:
    """`not this` is remembered over every later mention, and another line lifts it."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: not this")
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, f"As in {ISSUE}")
    scene.read()
    assert scene.states(ticket) == {ISSUE: "unlinked"}
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: acme/app#12")
    scene.read()
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_a_link_taken_back_before_its_issue_was_read_is_never_made() -> None:
    """Both notes are read at once; the later one holds."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: acme/app#12")
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, "bug: not this")
    scene.link()
    scene.sync()
    scene.link()
    assert scene.states(ticket) == {ISSUE: "unlinked"}


def test_an_opt_out_is_the_customers_everywhere() -> None:
    """They hear nothing more on any ticket."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: optout")
    scene.link()
    requester = scene.row(ticket).requester_id
    assert requester is not None
    assert scene.store.facts(Entity.PARTY, requester)[FactKind.OPT_OUT].value == OptOut.ALL


def test_a_workaround_is_the_bugs_and_news_for_its_customers() -> None:
    """One line gives it to everybody who reported the bug."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).notes(ticket, "bug: workaround: Export as CSV.")
    scene.decide()
    assert scene.updates(ticket) == [("workaround", "planned")]


def test_a_line_without_a_bug_says_so() -> None:
    """On a ticket that reports no bug there is nothing to be told."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: told")
    scene.read()
    assert answers(scene, ticket) == ["no-bug"]


def test_a_reminder_is_put_off_twice_at_most() -> None:
    """The third time the customer has to be told."""
    scene, ticket = reminded()
    for _ in range(3):
        scene.clock.forward(timedelta(hours=1))
        scene.notes(ticket, "bug: later 1d")
        scene.link()
    assert len(said(scene, ticket, LinkEventKind.PUT_OFF)) == 2
    assert answers(scene, ticket)[-1] == "later-twice"


def test_a_reminder_is_never_put_off_past_a_promise() -> None:
    """Whoever was promised a message by a day gets it by then."""
    scene, ticket = reminded()
    add_promise(scene.store, scene.clock, scene.key(ticket), day(5), ANN)
    scene.notes(ticket, "bug: later 1w")
    scene.link()
    assert answers(scene, ticket) == ["promise-first"]
    scene.notes(ticket, "bug: later 1d")
    scene.link()
    assert len(said(scene, ticket, LinkEventKind.PUT_OFF)) == 1


def test_an_answer_quotes_what_was_written_and_keeps_it_apart() -> None:
    """Free text stands with the private values, and goes when the customer is forgotten."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: frobnicate \x1b[31m{{ 7 * 7 }}")
    scene.link()
    scene.send()
    note = scene.helpdesk.notes(ticket)[-1].body
    assert "`bug: frobnicate {{ 7 * 7 }}` wasn't understood, so nothing was changed." in note
    assert "Lines that are understood" in note
    assert "`bug: meets it daily|sometimes|once`" in note
    (answer,) = scene.store.answers_to(scene.row(ticket).id)[-1:]
    assert "frobnicate" not in str(answer.subject)


def _workarounds(scene: Scene, ticket: str) -> int:
    events = scene.history(scene.key(ticket)).bug.bug_events
    return sum(event.kind is BugEventKind.WORKAROUND for event in events)


def _words(scene: Scene, ticket: str) -> int:
    return int(scene.store.private(Entity.BUG, scene.key(ticket).bug_id, "words") == "export problem")


def _opt_outs(scene: Scene, ticket: str) -> int:
    return int(FactKind.OPT_OUT in scene.store.facts(Entity.PARTY, scene.row(ticket).requester_id or 0))


def _still_due(scene: Scene, ticket: str) -> int:
    return len(said(scene, ticket, LinkEventKind.STILL_DUE))


def _rounds_asked_for(scene: Scene, ticket: str) -> int:
    return sum(one.kind is AnswerKind.ROUND for one in scene.store.answers_to(scene.row(ticket).id))


def _links(scene: Scene, ticket: str) -> int:
    scene.sync()
    return int(scene.states(ticket).get(OTHER_ISSUE) == "linked")


# What the other lines leave behind, counted.
LEFT: dict[str, Callable[[Scene, str], int]] = {
    "workaround: Export as CSV.": _workarounds,
    "words: export problem": _words,
    "optout": _opt_outs,
    "still due": _still_due,
    "send round": _rounds_asked_for,
    "acme/app#34": _links,
}
OF_NO_BUG = ("optout", "acme/app#34")


def ended() -> tuple[Scene, str]:
    """A ticket whose reminder ended an hour ago, so that every line has something to do."""
    scene, ticket = reminded()
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: told")
    scene.decide()
    scene.clock.forward(timedelta(hours=1))
    return scene, ticket


def test_every_verb_is_tried_in_each_way() -> None:
    """The two tables hold all that agents may write, but for what stops a reply, which is tried below."""
    lines = {read_bug_lines(f"bug: {line}", RULES)[0].verb for line in (*SAID, *LEFT)}
    assert lines == set(Verb) - {Verb.UNKNOWN, Verb.UNKNOWN_ISSUE, Verb.STOP}


@pytest.mark.parametrize("line", LEFT)
def test_any_other_line_does_what_it_says_once(line: str) -> None:
    """Read again and again, and written twice by an agent in a hurry, it is done once where once is enough."""
    scene, ticket = ended()
    scene.notes(ticket, f"bug: {line}")
    for _ in range(3):
        scene.link()
        scene.robot_writes(ticket, "ping")
    assert LEFT[line](scene, ticket) == 1
    assert answers(scene, ticket) == []


@pytest.mark.parametrize("line", LEFT)
def test_any_other_line_by_anybody_else_is_ignored(line: str) -> None:
    """Neither a customer, nor a bot, nor a quotation, nor code, nor a public reply can move anything."""
    scene, ticket = ended()
    scene.writes_again(ticket, f"bug: {line}")
    scene.robot_writes(ticket, f"bug: {line}")
    scene.notes(ticket, f"> bug: {line}\n\n```\nbug: {line}\n```")
    scene.replies(ticket, f"bug: {line}")
    scene.link()
    assert LEFT[line](scene, ticket) == 0
    assert answers(scene, ticket) == []


@pytest.mark.parametrize("line", sorted(set(LEFT) - set(OF_NO_BUG)))
def test_any_other_line_on_a_ticket_with_two_bugs_asks_which(line: str) -> None:
    """One that names its bug is followed; what concerns no bug needs none."""
    scene, ticket = ended()
    scene.notes(ticket, f"This is {OTHER_ISSUE}")
    scene.read()
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, f"bug: {line}")
    scene.link()
    assert (answers(scene, ticket), LEFT[line](scene, ticket)) == (["which-bug"], 0)
    scene.notes(ticket, f"bug: acme/app#12 {line}")
    scene.link()
    assert LEFT[line](scene, ticket) == 1


def test_a_customer_is_left_in_peace_whichever_bug_it_is() -> None:
    """On a ticket with two bugs nobody has to say which."""
    scene, ticket = ended()
    scene.notes(ticket, f"This is {OTHER_ISSUE}")
    scene.read()
    scene.notes(ticket, "bug: optout")
    scene.link()
    assert (_opt_outs(scene, ticket), answers(scene, ticket)) == (1, [])


def with_a_reply_held() -> tuple[Scene, str]:
    """A reply to a customer that goes out in ten minutes."""
    scene = Scene().on(1)
    scene.policy, scene.replying = REPLIES, frozenset({HELPDESK})
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    assert len(held_replies(scene.store)) == 1
    return scene, ticket


def test_a_held_reply_is_stopped_from_the_ticket() -> None:
    """The agent is reminded instead; stopping twice says that there is nothing to stop."""
    scene, ticket = with_a_reply_held()
    scene.notes(ticket, "bug: stop")
    scene.link()
    scene.link()
    assert (held_replies(scene.store), answers(scene, ticket)) == ((), [])
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, "bug: stop")
    scene.link()
    assert answers(scene, ticket) == ["refused"]


@pytest.mark.parametrize("who", ["customer", "bot", "quoted", "public"])
def test_nobody_else_stops_a_reply(who: str) -> None:
    """Nor what only looks like a line."""
    scene, ticket = with_a_reply_held()
    match who:
        case "customer":
            scene.writes_again(ticket, "bug: stop")
        case "bot":
            scene.robot_writes(ticket, "bug: stop")
        case "quoted":
            scene.notes(ticket, "> bug: stop")
        case _:
            scene.replies(ticket, "bug: stop")
    scene.link()
    assert len(held_replies(scene.store)) == 1


def test_an_issue_that_cant_be_read_is_answered_once() -> None:
    """The number is wrong, or we may not see it: silence would look like a link."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: acme/app#99")
    for _ in range(3):
        scene.read()
        scene.send()
    said_of_it = [note.body for note in scene.helpdesk.notes(ticket) if "can't be read" in note.body]
    assert len(said_of_it) == 1
    assert said_of_it[0].startswith("acme/app#99 can't be read: it doesn't exist, or BugBridge may not see it.")


def test_an_issue_of_another_project_is_answered_with_those_that_are_read() -> None:
    """So that the agent sees at once what went wrong."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: acme/other#9")
    scene.read()
    scene.send()
    (note,) = scene.helpdesk.notes(ticket)
    assert "names no issue that is read here, so nothing was linked. These projects are: acme/app." in note.body


def test_a_line_under_a_note_about_two_tickets_may_mean_either() -> None:
    """The other ticket's bug needn't be linked here: its reminder stands here."""
    scene = Scene().on(1)
    first, second = scene.reported(), scene.reported(reference=OTHER_ISSUE)
    for reference in (ISSUE, OTHER_ISSUE):
        scene.on(2).is_released(reference)
    scene.decide()
    scene.send()
    noted = next(ticket for ticket in (first, second) if scene.helpdesk.notes(ticket))
    other = second if noted == first else first
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(noted, "bug: told")
    scene.link()
    assert answers(scene, noted) == ["which-bug"]
    scene.notes(noted, "bug: acme/app#12 told\nbug: acme/app#34 told")
    scene.decide()
    assert scene.updates(first) == [("released", "told")]
    assert scene.updates(second, OTHER_ISSUE) == [("released", "told")]
    assert other != noted


def test_a_line_of_last_week_is_followed_but_not_answered() -> None:
    """A first reading of old tickets asks nobody what they meant."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "bug: acme/app#12\nbug: tolld")
    scene.on(8).read()
    assert scene.states(ticket) == {ISSUE: "linked"}
    assert scene.store.answers_to(scene.row(ticket).id) == ()
