"""Every other line that agents may write, and what comes of one that names nothing: held replies, unreadable issues."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bugbridge.core.answers import AnswerKind
from bugbridge.core.bug_lines import Verb, read_bug_lines
from bugbridge.core.model import BugEventKind, Entity, FactKind, LinkEventKind
from bugbridge.services.replying import held_replies
from tests.services.scene import HELPDESK, ISSUE, OTHER_ISSUE, REPLIES, RULES, Scene
from tests.services.test_note_lines import SAID, answers, reminded, said


def _workarounds(scene: Scene, ticket: str) -> int:
    events = scene.history(scene.key(ticket)).bug.bug_events
    return sum(event.kind is BugEventKind.WORKAROUND for event in events)


def _words(scene: Scene, ticket: str) -> int:
    return int(scene.store.private(Entity.BUG, scene.key(ticket).bug_id, "words") == "export problem")


def _opt_outs(scene: Scene, ticket: str) -> int:
    return int(FactKind.OPT_OUT in scene.store.facts(Entity.PARTY, scene.row(ticket).requester_id or 0))


def _still_due(scene: Scene, ticket: str) -> int:
    return len(said(scene, ticket, LinkEventKind.STILL_DUE))


def _dismissals(scene: Scene, ticket: str) -> int:
    return len(said(scene, ticket, LinkEventKind.PROMISE_DISMISSED))


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
    "no promise": _dismissals,
    "acme/app#34": _links,
}
OF_NO_BUG = ("optout", "acme/app#34", "no promise")


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
