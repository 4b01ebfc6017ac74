"""`bug:` lines: each does what it says, once, for agents alone; what can't be done is answered once."""

from datetime import timedelta

import pytest

from bugbridge.core.answers import AnswerKind
from bugbridge.core.model import Entity, FactKind, LinkEventKind, LinkHow, OptOut
from bugbridge.services.intake import add_promise
from tests.services.scene import ANN, ISSUE, OTHER_ISSUE, Scene, day

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
    "promised by 2026-01-12": (LinkEventKind.PROMISE_MADE, "2026-01-12T23:59:00.000000Z"),
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
    "promisd by 2026-01-12": "promised by DATE",
    "no promis": "no promise",
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
    """Neither a customer, nor a bot, nor a quotation, nor code, nor a public reply can move anything."""
    scene, ticket = reminded()
    scene.writes_again(ticket, f"bug: {line}")
    scene.robot_writes(ticket, f"bug: {line}")
    scene.notes(ticket, f"> bug: {line}\nas the customer wrote\n\n```\nbug: {line}\n```")
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
