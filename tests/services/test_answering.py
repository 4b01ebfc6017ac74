"""Answers to agents: each once, whatever dies in between; a confirmation, a question, a second reminder."""

from dataclasses import replace
from datetime import time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import ConflictError, LockedError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, DeliveryState, TicketStatus, UpdateState
from bugbridge.core.snapshots import RemotePerson
from bugbridge.ports import Guarantee
from bugbridge.services.answering import request_answers
from bugbridge.services.checking import check
from bugbridge.services.forgetting import forget
from bugbridge.services.sending import send_due
from tests.services.scene import ANN, EVE, OTHER_ISSUE, SHIPPED, UNTIL_SURE, KilledError, Scene, customer, raises
from tests.services.test_forgetting import person
from tests.services.test_note_lines import reminded

BEN = RemotePerson("agent-2", AuthorKind.AGENT, name="Ben")
WORKING_DAY = timedelta(days=1)  # the scene's calendar is always open


def linked(*, guarantee: Guarantee = Guarantee.CONDITIONAL) -> tuple[Scene, str]:
    """A ticket that an agent's note has just linked."""
    scene = Scene(guarantee=guarantee).on(1)
    scene.confirm = "note"
    return scene, scene.reported()


def bodies(scene: Scene, ticket: str, words: str) -> list[str]:
    return [note.body for note in scene.helpdesk.notes(ticket) if words in note.body]


def repeating() -> tuple[Scene, str]:
    """A scene in which a reminder of a release was posted on day 2, and reminders are repeated."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    ticket = scene.reported()
    scene.on(2).is_released()
    scene.decide()
    scene.send()
    return scene, ticket


def requested(scene: Scene, ticket: str) -> tuple[Answer, ...]:
    """What is to be answered on a ticket, and nothing posted yet."""
    request_answers(scene.sender())
    return scene.store.answers_to(scene.row(ticket).id)


def works_on(scene: Scene) -> None:
    """The daemon goes round once."""
    scene.decide()
    scene.send()


def test_a_new_link_is_confirmed_once() -> None:
    """However often the ticket is read afterwards."""
    scene, ticket = linked()
    for _ in range(3):
        works_on(scene)
        scene.robot_writes(ticket, "ping")
    assert len(bodies(scene, ticket, "Linked to")) == 1


def test_no_confirmation_where_none_is_wanted() -> None:
    """`confirm = "none"` leaves the ticket as it is."""
    scene, ticket = linked()
    scene.confirm = "none"
    works_on(scene)
    assert scene.helpdesk.notes(ticket) == ()


def test_a_link_is_confirmed_by_a_tag_where_that_is_wanted() -> None:
    """`confirm = "tag"` sets a tag and writes nothing."""
    scene, ticket = linked()
    scene.confirm = "tag"
    works_on(scene)
    works_on(scene)
    assert scene.helpdesk.notes(ticket) == ()
    assert "bugbridge_linked" in scene.helpdesk.ticket(ticket).tags


def test_nothing_is_answered_that_was_written_before_going_live() -> None:
    """Whoever goes live isn't flooded with what was linked, or misspelt, this morning."""
    scene = Scene(live=False).on(1)
    scene.confirm = "note"
    ticket = scene.reported()
    scene.notes(ticket, "bug: tolld")
    works_on(scene)
    scene.on(1.5).go_live(1.5)
    works_on(scene)
    assert scene.helpdesk.notes(ticket) == ()


def test_nothing_is_confirmed_a_day_late() -> None:
    """Who linked it yesterday has gone on to other things."""
    scene, ticket = linked()
    scene.decide()
    scene.on(3)
    works_on(scene)
    assert scene.helpdesk.notes(ticket) == ()


def test_a_paused_helpdesk_is_answered_when_it_goes_on() -> None:
    """What was written meanwhile isn't lost."""
    scene, ticket = reminded()
    source = scene.row(ticket).source_id
    scene.store.pause(source, scene.clock.at + timedelta(hours=2))
    scene.notes(ticket, "bug: tolld")
    works_on(scene)
    assert bodies(scene, ticket, "Did you mean") == []
    scene.clock.forward(timedelta(hours=2))
    works_on(scene)
    assert len(bodies(scene, ticket, "Did you mean")) == 1


@pytest.mark.parametrize("state", [DeliveryState.POSTING, DeliveryState.POSTED])
@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_process_that_dies_answers_once(guarantee: Guarantee, state: DeliveryState) -> None:
    """Before the note is posted, or before that is recorded: another process finds out and goes on."""
    scene, ticket = linked(guarantee=guarantee)
    scene.decide()
    scene.store.just_before(state, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(UNTIL_SURE)
    scene.send("worker-2")
    scene.send("worker-2")
    assert len(bodies(scene, ticket, "Linked to")) == 1
    assert check(scene.store).all == ()


def test_two_workers_answer_once() -> None:
    """The second finds the answer taken, whether it looked before or after."""
    scene, ticket = linked(guarantee=Guarantee.LOOKUP)
    scene.decide()
    (answer,) = [one for one in requested(scene, ticket) if one.kind is AnswerKind.LINKED]
    taken = [
        scene.store.claim_answer(
            answer, owner=owner, lease_until=scene.clock.at + UNTIL_SURE, now=scene.clock.at, actor=ANN
        )
        for owner in ("worker-1", "worker-2")
    ]
    assert [one is not None for one in taken] == [True, False]


@pytest.mark.parametrize("error", [ConflictError("changed"), RemoteError("503"), UnknownOutcomeError("cut off")])
def test_an_answer_that_fails_is_tried_again(error: RemoteError) -> None:
    """And stands once on the ticket."""
    scene, ticket = linked()
    scene.decide()
    scene.helpdesk.just_before("add_note", raises(error))
    scene.send()
    for _ in range(3):
        scene.clock.forward(UNTIL_SURE)
        works_on(scene)
    assert len(bodies(scene, ticket, "Linked to")) == 1


def test_a_ticket_that_takes_no_notes_is_no_trouble() -> None:
    """Nobody waits for a confirmation there."""
    scene, ticket = linked()
    scene.decide()
    scene.helpdesk.just_before("add_note", raises(LockedError("closed")))
    scene.send()
    scene.clock.forward(UNTIL_SURE)
    assert scene.send().dead == 0
    assert bodies(scene, ticket, "Linked to") == []


def test_a_link_that_is_taken_back_meanwhile_isnt_confirmed() -> None:
    """What is said is true when it is posted."""
    scene, ticket = linked()
    scene.decide()
    scene.unlinks(ticket)
    scene.send()
    assert bodies(scene, ticket, "Linked to") == []


def test_a_reminder_that_nobody_met_is_repeated_once() -> None:
    """After the policy's working days; then it is the lead's."""
    scene, ticket = repeating()
    for _ in range(20):
        scene.clock.forward(WORKING_DAY)
        works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 2
    assert scene.store.repeated_reminders(scene.clock.at)[0].reason == "released"


def test_a_reminder_that_was_met_isnt_repeated() -> None:
    """Who was told is told."""
    scene, ticket = repeating()
    scene.notes(ticket, "bug: told")
    for _ in range(10):
        scene.clock.forward(WORKING_DAY)
        works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 1


def test_what_was_put_off_is_reminded_of_then() -> None:
    """Not before, and not twice within the time."""
    scene, ticket = repeating()
    scene.notes(ticket, "bug: later 1w")
    works_on(scene)
    scene.clock.forward(timedelta(days=6))
    works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 1
    scene.clock.forward(timedelta(days=1))
    works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 2


@pytest.mark.parametrize(("first", "then"), [("2d", "1d"), ("1d", "2d")])
def test_what_was_put_off_twice_is_reminded_of_once(first: str, then: str) -> None:
    """On the day that was chosen last."""
    scene, ticket = repeating()
    for delay in (first, then):
        scene.notes(ticket, f"bug: later {delay}")
        works_on(scene)
    posted = []
    for _ in range(2):
        scene.clock.forward(WORKING_DAY)
        works_on(scene)
        posted.append(len(bodies(scene, ticket, "is released in 4.2")))
    assert posted == ([2, 2] if then == "1d" else [1, 2])


def test_what_is_put_off_again_waits_for_the_later_day() -> None:
    """The day that was said first is no reason any more."""
    scene, ticket = repeating()
    for line in ("bug: later 3d", "bug: later 2w"):
        scene.clock.forward(WORKING_DAY)
        scene.notes(ticket, line)
        works_on(scene)
    for _ in range(13):
        scene.clock.forward(WORKING_DAY)
        works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 1
    scene.clock.forward(WORKING_DAY)
    works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 2


def test_a_second_reminder_that_is_about_to_go_out_is_put_off_too() -> None:
    """Whatever held it until the agent asked for more time."""
    scene, ticket = repeating()
    scene.clock.forward(timedelta(days=4))
    assert [answer.kind for answer in requested(scene, ticket)] == [AnswerKind.AGAIN]
    scene.notes(ticket, "bug: later 1w")
    works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 1
    scene.clock.forward(timedelta(days=7))
    works_on(scene)
    assert len(bodies(scene, ticket, "is released in 4.2")) == 2


def test_a_question_names_the_day_on_which_the_agent_wrote() -> None:
    """Not the one on which the customer thanked them."""
    scene, ticket = repeating()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "Good news today!")
    scene.clock.forward(WORKING_DAY)
    scene.writes_again(ticket, "Thank you!")
    scene.clock.forward(WORKING_DAY)
    scene.replies(ticket, "You are welcome.")
    scene.clock.forward(WORKING_DAY)
    scene.writes_again(ticket, "By the way")
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "Yes?")
    scene.clock.forward(timedelta(days=2))
    works_on(scene)
    (asked,) = bodies(scene, ticket, "nothing says for certain that they know")
    assert "You wrote to this customer on 6 January" in asked


def test_a_reply_that_may_have_told_is_asked_about_once() -> None:
    """It names neither version nor issue: only the agent knows."""
    scene, ticket = repeating()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "Good news today!")
    for _ in range(3):
        works_on(scene)
    asked = bodies(scene, ticket, "nothing says for certain that they know")
    assert len(asked) == 1
    assert "acme/app#12 is released in 4.2." in asked[0]
    scene.notes(ticket, "bug: told")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "told")]


def test_who_said_that_it_is_still_due_is_asked_nothing() -> None:
    """They have answered already: the reply that seemed to tell the customer didn't."""
    scene, ticket = repeating()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "It is in 4.2.")
    works_on(scene)
    scene.clock.forward(timedelta(hours=1))
    scene.notes(ticket, "bug: still due")
    works_on(scene)
    assert scene.updates(ticket) == [("released", "posted")]
    assert bodies(scene, ticket, "nothing says for certain") == []


def test_a_reply_that_names_the_version_needs_no_question() -> None:
    """It closes the reminder by itself."""
    scene, ticket = repeating()
    scene.clock.forward(timedelta(hours=1))
    scene.replies(ticket, "It is in 4.2.")
    works_on(scene)
    assert bodies(scene, ticket, "nothing says for certain") == []


def test_repeated_reminders_take_part_in_an_agents_day() -> None:
    """One a day where that is the limit: the second waits for the next day. A confirmation is none of them."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(), scene.reported(EVE)]
    scene.on(2).is_released()
    works_on(scene)
    scene.policy = replace(SHIPPED, limits=replace(SHIPPED.limits, reminders_per_agent_day=1))
    scene.confirm = "note"
    third = scene.on(6).reported(customer("third"), OTHER_ISSUE)
    repeated = []
    for number in (6.1, 6.2, 7.1):
        works_on(scene.on(number))
        repeated.append(sum(len(bodies(scene, ticket, "is released in 4.2")) for ticket in tickets))
    assert len(bodies(scene, third, "Linked to")) == 1
    assert repeated == [3, 3, 4]


def test_a_second_reminder_waits_for_the_teams_hours() -> None:
    """Whoever wrote a line at night is answered at night; nobody is reminded then."""
    scene, ticket = repeating()
    office = WorkCalendar(ZoneInfo("UTC"), time(9), time(17), frozenset())
    at_night, in_the_morning = timedelta(days=5, hours=12), timedelta(hours=12)
    for wait, count in ((at_night, 1), (in_the_morning, 2)):
        scene.clock.forward(wait)
        scene.decide()
        send_due(replace(scene.sender(), calendar=office))
        assert len(bodies(scene, ticket, "is released in 4.2")) == count


def test_what_was_to_be_answered_goes_with_whoever_is_forgotten() -> None:
    """Nothing stays planned on their tickets, nor what the agent wrote there."""
    scene, ticket = linked()
    scene.notes(ticket, "bug: tolld")
    scene.link()
    assert {answer.state for answer in requested(scene, ticket)} == {UpdateState.PLANNED}
    row = scene.row(ticket)
    forget(scene.store, scene.clock, [person(scene)], ANN)
    assert {answer.state for answer in scene.store.answers_to(row.id)} == {UpdateState.WITHDRAWN}
    assert scene.store._rows("SELECT 1 FROM private_value WHERE field LIKE 'line:%'") == []
    assert check(scene.store).all == ()


@pytest.mark.parametrize("how", ["solved", "merged", "reassigned", "deleted", "locked"])
def test_whatever_becomes_of_a_ticket_its_answers_end(how: str) -> None:
    """No answer is tried for ever, and nothing is left that the check would complain of."""
    scene, ticket = repeating()
    changes = {
        "solved": lambda: scene.solves(ticket),
        "merged": lambda: scene.helpdesk.change(ticket, scene.clock.at, merged_into=scene.reported()),
        "reassigned": lambda: scene.helpdesk.change(ticket, scene.clock.at, assignee=BEN),
        "deleted": lambda: scene.helpdesk.delete(ticket, scene.clock.at),
        "locked": lambda: scene.helpdesk.change(ticket, scene.clock.at, status=TicketStatus.CLOSED),
    }
    changes[how]()
    for _ in range(8):
        scene.clock.forward(WORKING_DAY)
        works_on(scene)
    assert [one for one in scene.store.answers_to(scene.row(ticket).id) if one.state in ("planned", "claimed")] == []
    assert check(scene.store).all == ()


def test_a_helpdesk_that_asks_for_patience_isnt_asked_with_each_answer() -> None:
    """What the first was told holds for the rest of the pass."""
    scene, ticket = reminded()
    scene.notes(ticket, "bug: tolld\nbug: optotu")
    scene.link()
    tried: list[str] = []
    limited = RemoteError("slow down", retry_after=timedelta(minutes=1))

    def refuses() -> None:
        tried.append("note")
        scene.helpdesk.just_before("add_note", refuses)
        raise limited

    scene.helpdesk.just_before("add_note", refuses)
    scene.send()
    scene.helpdesk.nothing_more()
    assert tried == ["note"]
    scene.clock.forward(timedelta(hours=1))
    scene.send()
    assert len(bodies(scene, ticket, "Did you mean")) == 2
