"""Hints at tickets: a delivery has one looked at as it is now, whether it was known or not."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.services.hints import KEPT_FOR, follow_ticket_hints, receive_ticket_hint
from bugbridge.services.settling import LinkingResult
from bugbridge.services.sources import source_named
from tests.services.scene import CARLA, EVE, HELPDESK, ISSUE, OTHER_ISSUE, RULES, Scene, raises


def known_bug() -> Scene:
    """A scene half a day after a customer's bug was linked."""
    scene = Scene().on(1)
    scene.reported()
    return scene.on(1.5)


def another_report(scene: Scene) -> str:
    """Another customer reports the known bug, and an agent says so; only the helpdesk knows. Gives the ticket."""
    ticket = scene.writes_in(EVE)
    scene.notes(ticket, f"This is {ISSUE}")
    scene.replies(ticket)
    return ticket


def while_the_second_is_read(scene: Scene, happens: Callable[[], object]) -> None:
    """Have something happen while the next pass reads its second ticket."""
    scene.helpdesk.just_before("messages", lambda: scene.helpdesk.just_before("messages", happens))


def receive(scene: Scene, ticket: str, delivery: str = "1") -> bool:
    """Have a delivery come."""
    return receive_ticket_hint(scene.store, scene.clock, HELPDESK, delivery, ticket)


def follow(scene: Scene) -> LinkingResult:
    """Follow what came."""
    return follow_ticket_hints(scene.helpdesk, scene.store, scene.clock, RULES)


def open_hints(scene: Scene) -> dict[str, str]:
    """The deliveries still to be followed, and what each is about."""
    return dict(scene.store.open_hints(source_named(scene.store, HELPDESK).id))


def cursor(scene: Scene) -> str:
    """How far the helpdesk was polled."""
    return source_named(scene.store, HELPDESK).cursor


def test_a_hint_has_a_new_ticket_read_and_linked() -> None:
    """It is followed although nobody knew the ticket: it may name a bug. No cursor moves."""
    scene = known_bug()
    ticket, before = another_report(scene), cursor(scene)
    assert receive(scene, ticket) is True
    assert open_hints(scene) == {"support:1": f"ticket support:{ticket}"}
    assert follow(scene) == LinkingResult(tickets=1)
    assert (scene.states(ticket), open_hints(scene), cursor(scene)) == ({ISSUE: "linked"}, {}, before)


def test_what_a_hint_shows_is_planned() -> None:
    """Following a hint touches the link, so that planning decides it."""
    scene = known_bug()
    ticket = another_report(scene)
    receive(scene, ticket)
    follow(scene)
    scene.plan()
    assert scene.updates(ticket) == [("periodic", "planned")]


def test_a_hint_without_a_change_changes_nothing() -> None:
    """Whatever the payload may have claimed, the helpdesk is believed."""
    scene = Scene().on(1)
    ticket = scene.reported()
    head = scene.on(2).store.head()
    receive(scene, ticket)
    assert (follow(scene).tickets, scene.store.head()) == (1, head)


def test_what_was_polled_meanwhile_is_not_linked_twice() -> None:
    """Polling reads what a hint showed, and a hint what was polled."""
    scene = known_bug()
    ticket = another_report(scene)
    receive(scene, ticket, "1")
    follow(scene)
    head = scene.store.head()
    scene.read()
    receive(scene, ticket, "2")
    follow(scene)
    assert scene.store.head() == head


def test_a_repeated_delivery_is_followed_once() -> None:
    """Also after it was followed."""
    scene = known_bug()
    ticket = another_report(scene)
    assert [receive(scene, ticket), receive(scene, ticket)] == [True, False]
    assert follow(scene).tickets == 1
    assert (receive(scene, ticket), follow(scene).tickets) == (False, 0)


def test_many_hints_at_one_ticket_are_one_look() -> None:
    """Whatever their order, since each shows the present."""
    scene = known_bug()
    ticket = another_report(scene)
    for delivery in ("3", "1", "2"):
        receive(scene, ticket, delivery)
    assert (follow(scene).tickets, open_hints(scene)) == (1, {})


def test_a_change_after_its_ticket_was_read_is_not_lost() -> None:
    """Though the pass goes on to other tickets: its delivery isn't handled with the one that caused the look."""
    scene = known_bug()
    first, second = scene.writes_in(CARLA), scene.writes_in(EVE)
    receive(scene, first, "1")
    scene.clock.forward(timedelta(seconds=1))
    receive(scene, second, "2")

    def an_agent_notes_the_bug_on_the_first() -> None:
        scene.notes(first, f"This is {ISSUE}")
        receive(scene, first, "3")

    while_the_second_is_read(scene, an_agent_notes_the_bug_on_the_first)
    assert follow(scene).tickets == 2
    assert (scene.states(first), list(open_hints(scene))) == ({}, ["support:3"])
    follow(scene)
    assert (scene.states(first), open_hints(scene)) == ({ISSUE: "linked"}, {})


def test_a_ticket_that_is_not_there_ends_its_hints() -> None:
    """Deleted, or not for us to see: it is asked for once, and those behind it are read."""
    scene = known_bug()
    ticket = another_report(scene)
    for delivery, number in (("1", "999"), ("2", "999"), ("3", ticket)):
        receive(scene, number, delivery)
    assert (follow(scene), open_hints(scene)) == (LinkingResult(tickets=1), {})
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_a_failing_helpdesk_leaves_the_rest_to_be_followed() -> None:
    """What was read before stays read; once the helpdesk answers, the rest is known."""
    scene = known_bug()
    first, second = another_report(scene), another_report(scene)
    receive(scene, first, "1")
    scene.clock.forward(timedelta(seconds=1))
    receive(scene, second, "2")
    while_the_second_is_read(scene, raises(RemoteError("support answers 500.")))
    with pytest.raises(RemoteError):
        follow(scene)
    assert (scene.states(first), list(open_hints(scene))) == ({ISSUE: "linked"}, ["support:2"])
    assert scene.store.find_ticket(HELPDESK, second) is None
    assert (follow(scene).tickets, scene.states(second)) == (1, {ISSUE: "linked"})


def test_a_ticket_that_is_refused_holds_nobody_up_for_ever() -> None:
    """Asking again wouldn't help: it is said once, and the next pass reads those behind it."""
    scene = known_bug()
    refused, ticket = another_report(scene), another_report(scene)
    receive(scene, refused, "1")
    scene.clock.forward(timedelta(seconds=1))
    receive(scene, ticket, "2")
    scene.helpdesk.just_before("messages", raises(RemoteError("support refuses that.", permanent=True)))
    with pytest.raises(RemoteError, match="refuses that"):
        follow(scene)
    assert list(open_hints(scene)) == ["support:2"]
    assert (follow(scene).tickets, scene.states(ticket)) == (1, {ISSUE: "linked"})


def test_a_paused_helpdesk_is_still_read() -> None:
    """Pausing stops posting alone."""
    scene = known_bug()
    ticket = another_report(scene)
    scene.store.pause(source_named(scene.store, HELPDESK).id, scene.clock.at + timedelta(days=7))
    receive(scene, ticket)
    assert (follow(scene).tickets, scene.states(ticket)) == (1, {ISSUE: "linked"})


def test_a_bug_never_heard_of_is_linked_once_its_issue_was_read() -> None:
    """The ticket is read at once; whether it reports the bug is decided with the tracker's answer."""
    scene = known_bug()
    ticket = scene.writes_in(EVE)
    scene.notes(ticket, f"This is {OTHER_ISSUE}")
    receive(scene, ticket)
    follow(scene)
    assert scene.states(ticket) == {}
    scene.sync()
    assert scene.states(ticket) == {OTHER_ISSUE: "linked"}


def test_followed_deliveries_are_forgotten_after_thirty_days() -> None:
    """One repeated later is looked at once more, which changes nothing."""
    scene = known_bug()
    ticket = another_report(scene)
    receive(scene, ticket, "1")
    follow(scene)
    scene.clock.forward(KEPT_FOR + timedelta(seconds=1))
    receive(scene, ticket, "2")
    follow(scene)
    assert [receive(scene, ticket, "1"), receive(scene, ticket, "2")] == [True, False]


def test_hints_at_another_source_are_left_alone() -> None:
    """A helpdesk follows its own."""
    scene = known_bug()
    scene.store.declare_source("other", "memory", "helpdesk")
    receive_ticket_hint(scene.store, scene.clock, "other", "1", "1")
    assert follow(scene) == LinkingResult()
    assert list(scene.store.open_hints(source_named(scene.store, "other").id)) == ["other:1"]
