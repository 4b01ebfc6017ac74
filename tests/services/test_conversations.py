"""A conversation that goes on in another ticket is one: in follow-ups of locked tickets, and in merged tickets."""

from bugbridge.core.model import TicketStatus
from bugbridge.services.auditing import run_audit
from tests.services.scene import CARLA, EVE, ISSUE, Scene, with_a_release_due


def locked_with_a_release_due() -> tuple[Scene, str]:
    """A scene on day 2: the ticket was closed for good before its reminder could be posted."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED)
    scene.send()
    return scene, ticket


def follow_up(scene: Scene, ticket: str, body: str) -> str:
    """An agent answers a locked ticket as helpdesks have it: by a new one that names it."""
    number = scene.helpdesk.add_ticket(scene.clock.at, "Your earlier question", CARLA, followup_of=ticket)
    scene.replies(number, body)
    return number


def test_a_reminder_on_a_locked_ticket_waits_for_a_person() -> None:
    """No note can be written there."""
    scene, ticket = locked_with_a_release_due()
    assert scene.updates(ticket) == [("released", "dead")]


def test_a_reply_on_the_follow_up_ends_the_originals_reminder() -> None:
    """The customer was told, wherever."""
    scene, ticket = locked_with_a_release_due()
    follow_up(scene.on(3), ticket, "It is fixed in 4.2.")
    scene.decide()
    assert scene.updates(ticket) == [("released", "told")]


def test_a_follow_up_of_a_follow_up_counts_too() -> None:
    """Conversations may be long."""
    scene, ticket = locked_with_a_release_due()
    second = follow_up(scene.on(3), ticket, "We are looking into it.")
    scene.decide()
    assert scene.updates(ticket) == [("released", "dead")]
    follow_up(scene.on(4), second, "It is fixed in 4.2.")
    scene.decide()
    assert scene.updates(ticket) == [("released", "told")]


def test_a_reply_on_the_follow_up_counts_in_the_audit() -> None:
    """One update more was sent for this bug."""
    scene, ticket = locked_with_a_release_due()
    before = run_audit(scene.store, scene.clock).replies.updates
    follow_up(scene.on(3), ticket, "It is fixed in 4.2.")
    scene.decide()
    assert run_audit(scene.store, scene.clock).replies.updates == before + 1


def test_a_reply_on_somebody_elses_new_ticket_doesnt_count() -> None:
    """Only a follow-up is the same conversation."""
    scene, ticket = locked_with_a_release_due()
    other = scene.on(3).helpdesk.add_ticket(scene.clock.at, "Hello", CARLA)
    scene.replies(other, "It is fixed in 4.2.")
    scene.decide()
    assert scene.updates(ticket) == [("released", "dead")]


def merge(scene: Scene, ticket: str, survivor: str) -> None:
    """An agent merges a ticket into another."""
    scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED, merged_into=survivor)
    scene.helpdesk.change(survivor, scene.clock.at)


def test_the_survivor_of_a_merge_takes_the_links_over() -> None:
    """The customer waits there now, and is told there."""
    scene = Scene().on(1)
    ticket = scene.reported()
    survivor = scene.writes_in(EVE, "Me too")
    scene.replies(survivor)
    merge(scene.on(2), ticket, survivor)
    scene.decide()
    assert scene.states(survivor) == {ISSUE: "linked"}
    scene.on(3).is_released()
    scene.decide()
    assert ("released", "planned") in scene.updates(survivor)
    assert [state for _, state in scene.updates(ticket) if state == "planned"] == []


def test_it_doesnt_matter_which_of_the_two_is_read_first() -> None:
    """Pages come in the order of changes."""
    scene = Scene().on(1)
    ticket = scene.reported()
    survivor = scene.helpdesk.add_ticket(scene.on(2).clock.at, "Me too", EVE)
    scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED, merged_into=survivor)
    scene.read()
    assert scene.states(survivor) == {ISSUE: "linked"}


def test_what_was_told_on_the_merged_ticket_isnt_told_again() -> None:
    """Its replies are part of the survivor's conversation."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.on(3).replies(ticket, "It is fixed in 4.2.")
    scene.decide()
    survivor = scene.writes_in(CARLA, "Me too")
    merge(scene.on(4), ticket, survivor)
    scene.decide()
    assert [state for _, state in scene.updates(survivor) if state == "planned"] == []


def test_what_a_person_took_back_on_the_survivor_stays_so() -> None:
    """A merge is no person's word."""
    scene = Scene().on(1)
    survivor = scene.reported(EVE)
    scene.unlinks(survivor)
    ticket = scene.reported()
    merge(scene.on(2), ticket, survivor)
    scene.decide()
    assert scene.states(survivor) == {ISSUE: "unlinked"}
