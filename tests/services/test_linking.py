"""Linking: what in a ticket makes a link, what only suggests one, and that nothing is lost or done twice."""

from dataclasses import replace

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import RemoteError
from bugbridge.core.facts import fold_link
from bugbridge.core.model import ClosedAs, FactKind
from bugbridge.core.records import HappenedBy
from bugbridge.helpdesks.memory import OURSELVES
from bugbridge.services.settling import LinkingResult
from tests.services.scene import CARLA, EVE, ISSUE, OTHER_ISSUE, POLICY, KilledError, Scene, day, raises


def test_an_agents_note_links() -> None:
    """An issue that an agent names internally is what the ticket is about."""
    scene = Scene().on(1)
    ticket = scene.reported()
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_one_note_may_link_several_issues() -> None:
    """Two bugs may hide behind one complaint."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "Both acme/app#12 and https://github.com/acme/app/issues/34")
    scene.read()
    assert scene.states(ticket) == {ISSUE: "linked", OTHER_ISSUE: "linked"}


@pytest.mark.parametrize("who", ["writes_again", "replies", "robot_writes"])
def test_others_words_only_suggest(who: str) -> None:
    """Customers, public replies and bots may name an issue for other reasons; a person decides."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    getattr(scene, who)(ticket, "Is this acme/app#12?")
    scene.read()
    assert scene.states(ticket) == {ISSUE: "suggested"}


def test_an_agents_note_turns_a_suggestion_into_a_link() -> None:
    """The agent has read what the customer suggested, and agrees."""
    scene = Scene().on(1)
    ticket = scene.writes_in(body="Is this acme/app#12?")
    scene.read()
    scene.on(2).notes(ticket, "Yes: acme/app#12")
    scene.link()
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_our_own_notes_are_never_read() -> None:
    """A reminder names its issue; that is nobody's word for it."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.helpdesk.write(ticket, OURSELVES, "Due: acme/app#12", day(1), public=False)
    scene.read()
    assert (scene.states(ticket), scene.knows(ISSUE)) == ({}, False)


def test_a_field_or_tag_links() -> None:
    """Teams that keep the issue in a field need write no note."""
    scene = Scene().on(1)
    ticket = scene.writes_in(fields=("acme/app#12",))
    scene.read()
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_an_issue_links_once_it_was_read() -> None:
    """Whether it had ended before the ticket began is known from its tracker alone."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.notes(ticket, "acme/app#12")
    unread = scene.link()
    before = scene.states(ticket)
    result = scene.sync()
    assert (unread.links, before, result.links, scene.states(ticket)) == (0, {}, 1, {ISSUE: "linked"})


@pytest.mark.parametrize("ended_as", [ClosedAs.DECLINED, ClosedAs.FIXED])
def test_a_bug_that_ended_before_the_ticket_is_a_suggestion(ended_as: ClosedAs) -> None:
    """A new complaint about an old bug is perhaps a new bug."""
    scene = Scene().on(1)
    scene.tracker.close(ISSUE, day(1), ended_as)
    scene.tracker.release(ISSUE, "4.2", day(1))
    ticket = scene.on(2).reported()
    assert scene.states(ticket) == {ISSUE: "suggested"}


def test_a_bug_fixed_but_not_released_before_the_ticket_links() -> None:
    """Customers still meet it."""
    scene = Scene().on(1)
    scene.tracker.close(ISSUE, day(1))
    ticket = scene.on(2).reported()
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_a_bug_that_ended_after_the_ticket_began_links() -> None:
    """The customer was first, however late the note is."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.on(2).is_released()
    scene.on(3).notes(ticket, "acme/app#12")
    scene.read()
    assert scene.states(ticket) == {ISSUE: "linked"}


def test_an_unlink_is_remembered_over_later_notes() -> None:
    """What a person took back comes back only by a person."""
    scene = Scene().on(1)
    ticket = scene.reported()
    assert scene.on(2).unlinks(ticket)
    scene.on(3).notes(ticket, "Still acme/app#12")
    scene.read()
    after_the_note = scene.states(ticket)
    assert scene.on(4).links_by_hand(ticket)
    assert (after_the_note, scene.states(ticket)) == ({ISSUE: "unlinked"}, {ISSUE: "linked"})


def test_linking_or_unlinking_twice_does_nothing() -> None:
    """Who presses a button twice has pressed it once."""
    scene = Scene().on(1)
    ticket = scene.reported()
    linked = scene.links_by_hand(ticket)
    unlinked = [scene.on(2).unlinks(ticket), scene.unlinks(ticket)]
    head = scene.store.head()
    assert (linked, unlinked, scene.unlinks(ticket), scene.store.head()) == (False, [True, False], False, head)


def test_reading_the_same_tickets_again_adds_nothing() -> None:
    """A cursor that was lost costs time, not truth."""
    scene = Scene().on(1)
    scene.reported()
    source = next(source for source in scene.store.sources() if source.role == "helpdesk")
    scene.store.save_cursor(source.id, "", day(1))
    head = scene.store.head()
    result = scene.link()
    assert (result.links, scene.store.head()) == (0, head)


def test_an_error_while_a_page_is_read_changes_nothing() -> None:
    """The first ticket of the page was read, the second wasn't: both are read again."""
    scene = Scene().on(1)
    tickets = [scene.writes_in(who) for who in (CARLA, EVE)]
    for ticket in tickets:
        scene.notes(ticket, "acme/app#12")
    helpdesk, head = scene.helpdesk, scene.store.head()
    down = raises(RemoteError("support answers 500."))
    helpdesk.just_before("messages", lambda: helpdesk.just_before("messages", down))
    with pytest.raises(RemoteError):
        scene.link()
    assert (scene.store.head(), scene.store.find_ticket("support", tickets[0])) == (head, None)
    scene.read()
    assert [scene.states(ticket) for ticket in tickets] == [{ISSUE: "linked"}] * 2


def test_a_page_and_its_cursor_are_one_commit() -> None:
    """A process that dies before the cursor is kept has kept none of the page either."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.store.just_before("save_cursor", raises(KilledError()))
    with pytest.raises(KilledError):
        scene.link()
    assert scene.store.find_ticket("support", ticket) is None
    assert scene.link() == LinkingResult(tickets=1)


def test_pages_before_an_error_stay() -> None:
    """What was committed isn't read again."""
    scene = Scene().on(1)
    first, second, third = [scene.writes_in() for _ in range(3)]
    helpdesk = scene.helpdesk
    down = raises(RemoteError("support answers 500."))
    later = lambda: helpdesk.just_before("messages", down)  # noqa: E731 - one step of three
    helpdesk.just_before("messages", lambda: helpdesk.just_before("messages", later))
    with pytest.raises(RemoteError):
        scene.link()
    kept = [scene.store.find_ticket("support", ticket) is not None for ticket in (first, second, third)]
    assert (kept, scene.link().tickets) == ([True, True, False], 1)


def test_a_deleted_ticket_stops_nothing() -> None:
    """It can't be read any more; that it is gone is kept, and the others are read."""
    scene = Scene().on(1)
    deleted = scene.reported()
    scene.helpdesk.delete(deleted, day(1))
    ticket = scene.on(2).writes_in(EVE)
    scene.link()
    facts = scene.history(scene.key(deleted)).ticket_facts
    gone = [fact.value for fact in facts if fact.kind is FactKind.GONE]
    assert (gone, scene.row(ticket).remote_id) == (["gone"], ticket)


def test_a_ticket_that_changes_hands_has_a_new_customer_from_then_on() -> None:
    """Who reported a bug last month doesn't change with who asks today."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA)
    before = scene.row(ticket).requester_id
    scene.on(3).changes_hands(ticket, EVE)
    scene.link()
    then = scene.store.link_history(scene.key(ticket), HappenedBy(day(2))).ticket.requester_id
    now = scene.history(scene.key(ticket)).ticket.requester_id
    assert (then, now == before, now) == (before, False, scene.row(ticket).requester_id)


def test_a_changed_customer_is_the_one_who_hears() -> None:
    """The update of the customer who left is withdrawn, and the new one's is planned."""
    scene = Scene().on(1)
    ticket = scene.reported(CARLA)
    scene.on(2).is_released()
    scene.decide()
    scene.on(3).changes_hands(ticket, EVE)
    scene.decide()
    assert scene.updates(ticket) == [("released", "withdrawn"), ("released", "planned")]


def test_a_ticket_that_names_a_duplicate_is_linked() -> None:
    """Also where the duplicate's survivor is read only after it, and was one before the ticket began."""
    scene = Scene().on(0.5)
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(0.5))
    ticket = scene.on(1).reported(reference=OTHER_ISSUE)
    assert scene.states(ticket) == {OTHER_ISSUE: "linked"}


def test_tickets_of_a_duplicate_hear_of_the_survivors_release() -> None:
    """Their customers don't care which of two issues was worked on."""
    scene = Scene().on(1)
    ticket = scene.reported(reference=OTHER_ISSUE)
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(1))
    scene.sync()
    scene.on(2).is_released(ISSUE)
    scene.decide()
    assert scene.updates(ticket, OTHER_ISSUE) == [("released", "planned")]


def test_a_persons_own_tier_doesnt_become_their_colleagues() -> None:
    """Whichever ticket of the organisation is read last."""
    scene = Scene().on(1)
    boss = scene.reported(replace(CARLA, remote_id="boss", tier="vip"))
    colleague = scene.reported(CARLA)
    tiers = [
        fold_link(scene.history(scene.key(one)), day(1), POLICY, ALWAYS_OPEN).facts.tier for one in (boss, colleague)
    ]
    assert tiers == ["vip", ""]
