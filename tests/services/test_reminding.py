"""Reminders that end, and how: told, not needed, put off; and one that ended wrongly goes on."""

from datetime import timedelta

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import LinkEventKind, TicketStatus
from bugbridge.core.reminders import ended_since
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.checking import check
from bugbridge.services.intake import add_promise, say_told
from bugbridge.services.overdue import overdue_updates
from bugbridge.services.reminding import awaits_reply_by
from tests.services.scene import ANN, EVE, ISSUE, Scene, day
from tests.services.test_answering import repeating, works_on
from tests.services.test_note_lines import answers, reminded, said


def promised() -> tuple[Scene, str]:
    """A ticket on day 4 whose customer was promised a message by day 5, of which the agent was reminded."""
    scene = Scene().on(1)
    ticket = scene.reported()
    add_promise(scene.store, scene.clock, scene.key(ticket), day(5), ANN)
    works_on(scene.on(4))
    return scene, ticket


def periodic() -> tuple[Scene, str]:
    """An enterprise customer's ticket whose agent was reminded of a first update without news."""
    scene = Scene().on(1)
    ticket = scene.reported(EVE)
    works_on(scene.on(9))
    assert scene.updates(ticket) == [("periodic", "posted")]
    return scene, ticket


def test_what_is_not_needed_ends_and_says_why_apart() -> None:
    """The customer counts as not told: the update is withdrawn."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: not needed: they left us")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "withdrawn")]
    assert check(scene.store).all == ()


def test_what_happens_after_not_needed_is_told_as_ever() -> None:
    """Nobody said that the customer wants to hear nothing more."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: not needed: they wait for the next one")
    works_on(scene)
    scene.on(5).tracker.reopen(ISSUE, scene.clock.at)
    scene.on(6).is_released(version="4.3")
    scene.decide()
    assert ("released", "planned") in scene.updates(ticket)


@pytest.mark.parametrize("line", ["not needed: they want no empty mail", "later 2w"])
def test_a_line_says_nothing_of_news_that_nobody_knew_yet(line: str) -> None:
    """The release was there when the agent wrote, but was read only afterwards: they meant what they were reminded of,
    and the customer is told of it."""
    scene, ticket = periodic()
    scene.on(9.1).is_released()
    scene.on(9.2).notes(ticket, f"bug: {line}")
    scene.link()
    works_on(scene.on(9.3))
    assert ("released", "posted") in scene.updates(ticket)


def test_a_promise_that_isnt_needed_is_dismissed() -> None:
    """An agent may take back what was promised, with a reason."""
    scene, ticket = promised()
    assert scene.updates(ticket) == [("promised", "posted")]
    scene.notes(ticket, "bug: not needed: they called and know")
    works_on(scene)
    assert [state for reason, state in scene.updates(ticket) if reason == "promised"] != ["posted"]
    assert said(scene, ticket, LinkEventKind.PROMISE_DISMISSED) == [""]


def test_a_turn_that_isnt_needed_gives_way_to_the_next() -> None:
    """The wait begins anew; the customer isn't owed the old one for ever."""
    scene, ticket = periodic()
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: not needed: spoke on the telephone")
    works_on(scene)
    states = dict.fromkeys(state for _, state in scene.updates(ticket))
    assert list(states) == ["told", "planned"]
    works_on(scene.on(30))
    assert len(scene.helpdesk.notes(ticket)) == 2


def test_told_by_word_ends_it_and_still_due_brings_it_back() -> None:
    """A mistake is undone; the reminder is neither posted anew nor lost."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: told")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "told")]
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: still due")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "posted")]
    assert len(scene.helpdesk.notes(ticket)) == 1
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "It is in 4.2.")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "told")]
    assert check(scene.store).all == ()


def test_not_needed_is_undone_as_well() -> None:
    """Whoever said so too soon says `still due`."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: not needed: wrong ticket")
    works_on(scene)
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: still due")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "posted")]


def test_a_reply_that_told_nothing_is_undone() -> None:
    """It named the version, but not to say that it is out."""
    scene, ticket = reminded()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "Do you still use 4.2?")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "told")]
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: still due")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "posted")]


def test_still_due_where_nothing_ended_says_so() -> None:
    """There is nothing to bring back."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: still due")
    works_on(scene)
    assert answers(scene, ticket) == ["nothing-ended"]


def test_what_isnt_due_can_neither_be_put_off_nor_dismissed() -> None:
    """The answer says that nothing is due."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.decide()
    scene.notes(ticket, "bug: later 1w\nbug: not needed: x")
    works_on(scene)
    assert answers(scene, ticket) == ["nothing-due", "nothing-due"]


def test_what_was_put_off_before_it_was_posted_waits() -> None:
    """The reminder itself comes on the day that was named."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, "bug: later 3d")
    works_on(scene)
    assert scene.helpdesk.notes(ticket) == ()
    scene.clock.forward(timedelta(days=3))
    works_on(scene)
    assert len(scene.helpdesk.notes(ticket)) == 1


def test_newer_news_isnt_put_off_with_the_old() -> None:
    """What happens after `later` was said is due as ever."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).notes(ticket, "bug: workaround: Export as CSV.")
    works_on(scene)
    scene.clock.forward(timedelta(minutes=1))
    scene.notes(ticket, "bug: later 8w")
    works_on(scene)
    scene.on(8).is_released()
    works_on(scene)
    assert ("released", "posted") in scene.updates(ticket)


def test_a_solved_ticket_is_still_told_how_it_ended() -> None:
    """That a ticket was solved doesn't mean that its customer knows."""
    scene, ticket = reminded()
    scene.solves(ticket)
    works_on(scene)
    assert scene.updates(ticket) == [("released", "posted")]


def test_a_merged_tickets_reminder_goes_on_at_its_survivor() -> None:
    """The customer waits there now, and a reply there ends it."""
    scene, ticket = reminded()
    survivor = scene.writes_in()
    scene.helpdesk.change(ticket, scene.clock.at, merged_into=survivor)
    works_on(scene)
    scene.clock.forward(timedelta(hours=1))
    scene.replies(survivor, "It is in 4.2.")
    works_on(scene)
    assert ("released", "posted") not in [*scene.updates(ticket), *scene.updates(survivor)]


def test_a_deleted_ticket_is_reminded_of_no_more() -> None:
    """There is nobody to tell it to."""
    scene, ticket = reminded()
    scene.helpdesk.delete(ticket, scene.clock.at)
    works_on(scene)
    assert scene.updates(ticket) == [("released", "withdrawn")]


def test_a_locked_tickets_reminder_ends_by_a_follow_up() -> None:
    """The reply in the follow-up ticket counts."""
    scene, ticket = reminded()
    scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED)
    works_on(scene)
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: told")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "told")]


def test_a_reopened_bug_takes_the_reminder_back() -> None:
    """What isn't true any more is told to nobody."""
    scene, ticket = reminded()
    scene.on(3).tracker.reopen(ISSUE, scene.clock.at)
    works_on(scene)
    assert ("released", "posted") not in scene.updates(ticket)


def overdue(scene: Scene) -> list[str]:
    return [item.reason for item in overdue_updates(scene.store, scene.clock.at, scene.policy, ALWAYS_OPEN)]


def test_what_was_reminded_of_twice_is_the_leads() -> None:
    """After the second reminder has gone unmet for as long as the first."""
    scene, ticket = repeating()
    seen = []
    for _ in range(9):
        works_on(scene)
        seen.append(len(overdue(scene)))
        scene.clock.forward(timedelta(days=1))
    assert seen[:6] == [0] * 6
    assert seen[-1] == 1
    scene.notes(ticket, "bug: told")
    works_on(scene)
    assert overdue(scene) == []


def test_a_promise_whose_day_is_over_is_the_leads() -> None:
    """Not while there is time."""
    scene, _ = promised()
    assert overdue(scene) == []
    scene.on(6)
    assert overdue(scene) == ["promised"]


def test_what_could_not_be_posted_is_the_leads() -> None:
    """Somebody has to look."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED)
    works_on(scene)
    assert overdue(scene) == ["released"]


def test_told_ends_a_turn_and_still_due_brings_it_back() -> None:
    """A reminder without news ends by an agent's word as by a reply, and the wait for the next begins anew."""
    scene, ticket = periodic()
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: told")
    works_on(scene)
    assert scene.updates(ticket) == [("periodic", "told"), ("periodic", "planned")]
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: still due")
    works_on(scene)
    assert ("periodic", "posted") in scene.updates(ticket)
    assert ("periodic", "planned") not in scene.updates(ticket)
    assert check(scene.store).all == ()


def test_told_keeps_no_promise_for_a_day() -> None:
    """The customer was promised a message: only a public reply is one."""
    scene, ticket = promised()
    scene.clock.forward(timedelta(hours=1))
    say_told(scene.store, scene.clock, scene.key(ticket), ANN)
    works_on(scene)
    assert scene.updates(ticket) == [("promised", "posted")]
    assert awaits_reply_by(scene.store, scene.key(ticket)) == day(5)
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket)
    works_on(scene)
    assert awaits_reply_by(scene.store, scene.key(ticket)) is None


def test_still_due_brings_back_what_ended_beside_an_update_that_nobody_told() -> None:
    """The workaround failed them, so only the turn without news was open when the agent said `told`."""
    scene, ticket = periodic()
    scene.on(10)
    add_workaround(scene.store, scene.clock, scene.issue(), "export as CSV", "en", ANN)
    works_on(scene)
    for line in ("workaround failed", "told", "still due"):
        scene.clock.forward(timedelta(hours=1))
        scene.notes(ticket, f"bug: {line}")
        works_on(scene)
        if line == "told":
            assert ("periodic", "told") in scene.updates(ticket)
    assert scene.updates(ticket)[:2] == [("periodic", "posted"), ("workaround", "withdrawn")]
    assert "planned" not in dict(scene.updates(ticket)).values()
    assert check(scene.store).all == ()


def test_what_failed_them_is_not_to_be_told_after_all() -> None:
    """Nobody told anything, so there is nothing to take back."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.on(2)
    add_workaround(scene.store, scene.clock, scene.issue(), "export as CSV", "en", ANN)
    works_on(scene)
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: workaround failed")
    works_on(scene)
    assert scene.updates(ticket) == [("workaround", "withdrawn")]
    history, items = scene.history(scene.key(ticket)), scene.store.updates_of(scene.key(ticket))
    assert ended_since(history, items) is None
