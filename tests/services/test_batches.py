"""Batches: all that is due for a customer is one note, posted whole or in part, and never twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from bugbridge.core.errors import LockedError, RemoteError
from bugbridge.core.model import DeliveryState, TicketStatus
from bugbridge.services.previewing import preview_due
from bugbridge.services.sending import SendingResult
from tests.services.noise_team import BOTH, ONE_NOTE, Team, released_for, with_two_tickets
from tests.services.scene import (
    CARLA,
    EVE,
    HELPDESK,
    ISSUE,
    OTHER_ISSUE,
    UNTIL_SURE,
    KilledError,
    customer,
    named,
    raises,
)

HOUR = timedelta(hours=1)


def test_all_that_is_due_for_a_customer_is_one_note_on_their_most_active_ticket() -> None:
    """It names every ticket and bug with its draft, and both updates count as reminded of."""
    team, first, second = with_two_tickets()
    assert (team.send(), team.send()) == (BOTH, SendingResult())
    assert team.bodies(first) == []
    (body,) = team.bodies(second)
    assert body.startswith(
        "2 updates are due for this customer. One message can tell them all; a `bug:` line belongs on the ticket "
    )
    assert [body.count(f"{HELPDESK}:{ticket} ---") for ticket in (first, second)] == [1, 1]
    assert [body.count(f"{named(one)} is released in") for one in (ISSUE, OTHER_ISSUE)] == [1, 1]
    assert [text in body for text in ("fixed in version 4.2", "fixed in version 5.0")] == [True, True]
    assert team.updates(first) + team.updates(second, OTHER_ISSUE) == [("released", "posted")] * 2


def test_each_update_of_a_note_is_told_by_itself() -> None:
    """A reply that names the one version closes the one; the other waits for its own."""
    team, first, second = with_two_tickets()
    team.send()
    team.on(3).replies(second, "5.0 is out.")
    team.decide()
    told = (team.updates(first), team.updates(second, OTHER_ISSUE))
    team.on(4).replies(first, "4.2 is out.")
    team.decide()
    assert told == ([("released", "posted")], [("released", "told")])
    assert team.updates(first) == [("released", "told")]


def test_one_reply_where_the_note_stands_tells_all_that_it_names() -> None:
    """Its words count for the customer's other ticket as if they had been written there."""
    team, first, second = with_two_tickets()
    team.send()
    team.on(3).replies(second, "4.2 and 5.0 are out.")
    team.decide()
    assert team.updates(first) + team.updates(second, OTHER_ISSUE) == [("released", "told")] * 2


def test_a_periodic_update_is_met_where_its_note_stands() -> None:
    """The next one comes after its interval from there on."""
    team = Team()
    other = team.on(1).reported(EVE)
    ticket = team.on(2).reported(EVE, OTHER_ISSUE)
    team.on(6).is_released(OTHER_ISSUE, "5.0")
    team.decide()
    team.send()
    team.on(7).replies(ticket, "5.0 is out; no news of the other.")
    team.decide()
    assert team.updates(other) == [("periodic", "told"), ("periodic", "planned")]


def test_a_reply_before_the_note_stood_there_tells_nothing_of_the_other_ticket() -> None:
    """What was said on another ticket was about that one."""
    team, first, _ = with_two_tickets()
    team.on(2.5).replies(first, "4.2 is out, and so is 5.0.")
    team.decide()
    assert team.send() == ONE_NOTE


def test_what_is_due_soon_rides_along() -> None:
    """A periodic update of the second day after; it then counts as reminded of, and none comes on its own day."""
    team = Team()
    other = team.on(1).reported(EVE)
    ticket = team.on(1.5).reported(EVE, OTHER_ISSUE)
    team.on(6).is_released(OTHER_ISSUE, "5.0")
    team.decide()
    assert (team.send(), team.updates(other)) == (BOTH, [("periodic", "posted")])
    later = []
    for when in (8, 9):
        team.on(when).decide()
        later.append(team.send())
    assert later == [SendingResult()] * 2
    assert len(team.bodies(ticket, other)) == 1


def test_without_batching_each_has_its_own_note() -> None:
    """A policy may say so."""
    team, first, second = with_two_tickets()
    assert team.limits(batch_business_days=0).send() == SendingResult(posted=2, updates=2)
    assert [team.reminders(ticket) for ticket in (first, second)] == [1, 1]


def test_customers_and_brands_are_kept_apart() -> None:
    """Another customer's updates, and those of another brand, are notes of their own."""
    team = Team().on(1)
    tickets = [team.reported(CARLA), team.reported(customer("ben"), OTHER_ISSUE)]
    branded = team.helpdesk.add_ticket(team.clock.at, "It is broken.", CARLA, brand="other")
    team.notes(branded, f"This is {OTHER_ISSUE}")
    team.replies(branded)
    team.read()
    team.on(2).is_released(ISSUE, "4.2")
    team.is_released(OTHER_ISSUE, "5.0")
    team.decide()
    assert team.send() == SendingResult(posted=3, updates=3)
    assert [team.reminders(ticket) for ticket in (*tickets, branded)] == [1, 1, 1]


def test_what_was_told_meanwhile_leaves_the_note() -> None:
    """The agent was faster on the other ticket; the rest goes out."""
    team, first, second = with_two_tickets()
    team.helpdesk.just_before("messages", lambda: team.replies(first, "4.2 is out."))
    assert team.send() == ONE_NOTE
    (body,) = team.bodies(first, second)
    assert (body.startswith("Due by"), named(OTHER_ISSUE) in body, named(ISSUE) in body) == (True, True, False)
    team.decide()
    assert (team.updates(first), team.send()) == ([("released", "withdrawn")], SendingResult())


def test_a_note_never_stands_on_a_ticket_that_it_isnt_about() -> None:
    """All that was due on the chosen ticket was told meanwhile: what is left is claimed anew, for its own ticket."""
    team, first, second = with_two_tickets()
    team.helpdesk.just_before("messages", lambda: team.replies(second, "5.0 is out."))
    withdrawn = team.send()
    team.decide()
    assert (withdrawn, team.send()) == (SendingResult(withdrawn=1), ONE_NOTE)
    assert [team.reminders(ticket) for ticket in (first, second)] == [1, 0]


def closes(team: Team, ticket: str) -> None:
    """The helpdesk closes it for good."""
    team.helpdesk.change(ticket, team.clock.at, status=TicketStatus.CLOSED)


def refuses(team: Team, _: str) -> None:
    """The helpdesk takes no note, though the ticket looks open."""
    team.helpdesk.just_before("add_note", raises(LockedError("The ticket is locked.")))


@pytest.mark.parametrize("locks", [closes, refuses])
def test_a_locked_ticket_gives_way_to_another(locks: Callable[[Team, str], None]) -> None:
    """The note goes to the customer's other ticket, with all that it was to tell."""
    team, first, second = with_two_tickets()
    locks(team, second)
    withdrawn = team.send()
    team.plan()
    assert (withdrawn.withdrawn, team.send()) == (1, BOTH)
    assert [team.reminders(ticket) for ticket in (first, second)] == [1, 0]


def test_a_deleted_ticket_gives_way_to_another() -> None:
    """What was due on it is given up, as by itself; the rest is posted."""
    team, first, second = with_two_tickets()
    team.helpdesk.delete(second, team.clock.at)
    withdrawn = team.send()
    team.plan()
    assert (withdrawn.withdrawn, team.send()) == (1, ONE_NOTE)
    assert team.updates(second, OTHER_ISSUE) == [("released", "dead")]
    assert team.reminders(first) == 1


def test_where_every_ticket_is_locked_the_note_is_given_up() -> None:
    """A person sees both updates; nothing is tried for ever."""
    team, first, second = with_two_tickets()
    closes(team, first)
    closes(team, second)
    team.link()
    results = []
    for _ in range(4):
        team.plan()
        results.append(team.send())
    assert (results[0].dead, sum(result.withdrawn for result in results)) == (1, 0)
    assert team.updates(first) + team.updates(second, OTHER_ISSUE) == [("released", "dead")] * 2


def test_a_note_of_several_that_was_posted_is_found_whole() -> None:
    """Killed between posting and recording: the next daemon finds the note by its marker, with all its updates."""
    team, first, second = with_two_tickets()
    team.store.just_before(DeliveryState.POSTED, raises(KilledError()))
    with pytest.raises(KilledError):
        team.send()
    team.clock.forward(UNTIL_SURE + timedelta(minutes=2))
    assert team.send("worker-2") == SendingResult(found=1, updates=2)
    assert len(team.bodies(first, second)) == 1
    assert team.updates(first) + team.updates(second, OTHER_ISSUE) == [("released", "posted")] * 2


def test_a_failing_read_of_one_ticket_puts_the_whole_note_off() -> None:
    """Half of what is known isn't enough to write on."""
    team, first, second = with_two_tickets()
    team.helpdesk.just_before("messages", raises(RemoteError("support answers 500.")))
    put_off = team.send()
    team.clock.forward(HOUR)
    assert (put_off, team.send(), len(team.bodies(first, second))) == (SendingResult(retried=1), BOTH, 1)


def test_a_preview_shows_the_notes_that_would_be_posted() -> None:
    """Together as they would be, no more than limits allow, and word for word; nothing is kept."""
    team, first, second = with_two_tickets()
    team.limits(reminders_per_agent_day=2)
    released_for(team, 2)
    head = team.store.head()
    previews = preview_due(team.sender())
    assert ([len(preview.items) for preview in previews], team.store.head()) == ([2, 1], head)
    assert previews[0].ticket == f"{HELPDESK}:{second}"
    result = team.send()
    assert (result.posted, result.updates) == (2, 3)
    assert team.bodies(first, second) == [previews[0].text]
