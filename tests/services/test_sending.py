"""Sending: a reminder is posted once, whatever fails and whoever dies; and not at all once it isn't called for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.attempts import JITTER, RETRY_DELAYS
from bugbridge.core.errors import LockedError, RemoteError, UsageError
from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import DeliveryState, Entity, FactKind, TicketStatus
from bugbridge.ports import Guarantee, Helpdesk
from bugbridge.services.checking import check
from bugbridge.services.forgetting import forget
from bugbridge.services.going_live import pause, resume
from bugbridge.services.previewing import preview_due
from bugbridge.services.sending import UNREACHABLE_DELAY, SendingResult, send_due
from tests.services.scene import (
    ANN,
    CARLA,
    EVE,
    HELPDESK,
    ISSUE,
    LEASE,
    TIMEOUT,
    UNTIL_SURE,
    KilledError,
    Scene,
    day,
    named,
    raises,
    with_a_release_due,
)

SECOND = timedelta(seconds=1)
# One note that tells one update.
ONE_NOTE = SendingResult(posted=1, updates=1)


def delivery_states(scene: Scene) -> list[DeliveryState]:
    """Where each delivery is."""
    return [delivery.state for delivery in scene.store.deliveries(None)]


def test_what_is_due_is_posted_as_a_note_with_its_draft() -> None:
    """The agent reads which issue, what to do and a draft; the issue's title stays inside."""
    scene, ticket = with_a_release_due()
    assert scene.send() == ONE_NOTE
    (note,) = scene.helpdesk.notes(ticket)
    assert (named(ISSUE) in note.body, "4.2" in note.body, "Draft:" in note.body) == (True, True, True)
    assert (note.public, "internal words" in note.body) == (False, False)


def test_a_correction_says_what_was_told_and_takes_it_back() -> None:
    """The agent told of 4.2 on day 3; since day 4 the bug is back."""
    scene, ticket = with_a_release_due()
    scene.send()
    scene.on(3).replies(ticket, "It's fixed in 4.2.")
    scene.on(4).tracker.reopen(ISSUE, day(4))
    scene.decide()
    scene.send()
    body = scene.helpdesk.notes(ticket)[-1].body
    assert "On 4 January I told you this was fixed in 4.2. It isn't" in body


def test_a_second_pass_posts_nothing() -> None:
    """Neither at once nor when everything is decided again."""
    scene, ticket = with_a_release_due()
    scene.send()
    again = scene.send()
    scene.store.touch_all()
    scene.on(3).decide()
    assert (again, scene.send(), scene.reminders(ticket)) == (SendingResult(), SendingResult(), 1)


def test_nothing_is_posted_before_it_is_due() -> None:
    """A periodic update waits for its day."""
    scene = Scene().on(1)
    scene.reported(EVE)
    scene.plan()
    assert [scene.on(when).send().posted for when in (7.9, 8)] == [0, 1]


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_note_whose_answer_was_lost_is_found_and_never_repeated(guarantee: Guarantee) -> None:
    """It is looked up only once the request can't be under way any more."""
    scene, ticket = with_a_release_due(guarantee=guarantee)
    scene.helpdesk.lose_next_answer(committed=True)
    first = scene.send()
    scene.clock.forward(2 * TIMEOUT - SECOND)
    too_early = scene.send()
    scene.clock.forward(SECOND)
    found = scene.send()
    assert (first, too_early, found) == (SendingResult(retried=1), SendingResult(), SendingResult(found=1, updates=1))
    assert (scene.reminders(ticket), scene.updates(ticket)) == (1, [("released", "posted")])


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_a_note_that_was_lost_on_the_way_is_posted_again_once(guarantee: Guarantee) -> None:
    """The look-up finds no marker, so the note wasn't written."""
    scene, ticket = with_a_release_due(guarantee=guarantee)
    scene.helpdesk.lose_next_answer(committed=False)
    scene.send()
    scene.clock.forward(2 * TIMEOUT)
    assert (scene.send(), scene.reminders(ticket)) == (ONE_NOTE, 1)


def test_killed_between_posting_and_recording_it_is_found_by_its_marker() -> None:
    """The next daemon waits until the lease and two timeouts are over, and finds the note."""
    scene, ticket = with_a_release_due()
    scene.store.just_before(DeliveryState.POSTED, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(UNTIL_SURE - SECOND)
    too_early = scene.send("worker-2")
    scene.clock.forward(SECOND)
    assert (too_early, scene.send("worker-2")) == (SendingResult(), SendingResult(found=1, updates=1))
    assert (scene.reminders(ticket), scene.updates(ticket)) == (1, [("released", "posted")])


def test_killed_before_posting_it_is_posted_later() -> None:
    """Nothing was sent yet, so the end of the lease is enough."""
    scene, ticket = with_a_release_due()
    scene.store.just_before(DeliveryState.POSTING, raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(LEASE - SECOND)
    too_early = scene.send("worker-2")
    scene.clock.forward(SECOND)
    assert (too_early, scene.send("worker-2")) == (SendingResult(), ONE_NOTE)
    assert scene.reminders(ticket) == 1


def test_a_ticket_that_changes_while_we_write_is_decided_again() -> None:
    """A colleague noted something at that second: the note goes out on the next pass, from fresh state."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("add_note", lambda: scene.notes(ticket, "I'll call them."))
    assert (scene.send(), scene.reminders(ticket)) == (SendingResult(retried=1), 0)
    assert (scene.send(), scene.reminders(ticket)) == (ONE_NOTE, 1)


@pytest.mark.parametrize("call", ["messages", "add_note"])
def test_a_customer_who_was_told_meanwhile_isnt_told_again(call: str) -> None:
    """An agent was faster, before or after we read the ticket."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before(call, lambda: scene.replies(ticket, "It's fixed in 4.2."))
    scene.send()
    scene.send()
    assert (scene.reminders(ticket), scene.updates(ticket)) == (0, [("released", "withdrawn")])


def test_a_customer_who_asks_meanwhile_is_answered_first() -> None:
    """The reminder is withdrawn, and planned again once an agent has answered."""
    scene, ticket = with_a_release_due()
    scene.writes_again(ticket, "By the way?")
    withdrawn = scene.send()
    scene.on(3).replies(ticket, "Gladly.")
    scene.decide()
    assert (withdrawn, scene.send(), scene.reminders(ticket)) == (
        SendingResult(withdrawn=1),
        ONE_NOTE,
        1,
    )


def test_an_unlink_meanwhile_stops_it() -> None:
    """This customer has another bug after all."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("messages", lambda: scene.unlinks(ticket))
    assert (scene.send(), scene.reminders(ticket)) == (SendingResult(withdrawn=1), 0)


def test_a_pause_stops_what_was_claimed_already() -> None:
    """Pause means now; when it is lifted the reminder goes out."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("messages", lambda: pause(scene.store, HELPDESK))
    stopped = scene.send()
    scene.clock.forward(timedelta(hours=1))
    while_paused = scene.send()
    resume(scene.store, HELPDESK)
    assert (stopped.posted, while_paused.posted, scene.send().posted, scene.reminders(ticket)) == (0, 0, 1, 1)


def test_an_unknown_outcome_waits_while_paused() -> None:
    """Looking up and posting again is posting."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.lose_next_answer(committed=False)
    scene.send()
    pause(scene.store, HELPDESK)
    scene.clock.forward(timedelta(hours=1))
    assert (scene.send(), scene.reminders(ticket)) == (SendingResult(), 0)


@pytest.mark.parametrize("guarantee", list(Guarantee))
def test_who_lost_the_lease_posts_and_writes_nothing(guarantee: Guarantee) -> None:
    """The first worker was asleep while reading; the second took over and posted."""
    scene, ticket = with_a_release_due(guarantee=guarantee)

    def second_worker() -> None:
        scene.clock.forward(LEASE)
        assert scene.send("worker-2").posted == 1

    scene.helpdesk.just_before("messages", second_worker)
    events = scene.send("worker-1")
    assert (events, scene.reminders(ticket)) == (SendingResult(), 1)
    kinds = [event.kind for event in scene.history(scene.key(ticket)).delivery_events]
    assert kinds == ["claimed", "posting", "posted"]


def test_who_lost_the_lease_writes_nothing_while_the_other_is_at_it() -> None:
    """The second worker took over and has to try again; the first, awake again, keeps its hands off."""
    scene, ticket = with_a_release_due()

    def second_worker() -> None:
        scene.clock.forward(LEASE)
        scene.helpdesk.just_before("add_note", raises(RemoteError("support answers 500.")))
        assert scene.send("worker-2").retried == 1

    scene.helpdesk.just_before("messages", second_worker)
    stale = scene.send("worker-1")
    scene.clock.forward(RETRY_DELAYS[0] * (1 + JITTER))
    assert (stale, scene.send("worker-2"), scene.reminders(ticket)) == (
        SendingResult(),
        ONE_NOTE,
        1,
    )


def test_two_workers_claim_an_update_once() -> None:
    """While the first reads the ticket, the second finds nothing to do."""
    scene, ticket = with_a_release_due()
    second: list[SendingResult] = []
    scene.helpdesk.just_before("messages", lambda: second.append(scene.send("worker-2")))
    first = scene.send("worker-1")
    assert (first, second, scene.reminders(ticket)) == (ONE_NOTE, [SendingResult()], 1)


@pytest.mark.parametrize(
    ("error", "code"),
    [(LockedError("locked"), "ticket-locked"), (RemoteError("forbidden", permanent=True), "refused")],
)
def test_a_refusal_for_good_is_given_up(error: RemoteError, code: str) -> None:
    """A person sees it; the sentence isn't kept, for it may name people."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("add_note", raises(error))
    result = scene.send()
    scene.clock.forward(timedelta(days=2))
    assert (result, scene.send(), scene.updates(ticket)) == (
        SendingResult(dead=1),
        SendingResult(),
        [("released", "dead")],
    )
    assert scene.history(scene.key(ticket)).delivery_events[-1].detail_code == code


def test_a_closed_or_deleted_ticket_is_given_up() -> None:
    """No later try can help."""
    scene = Scene().on(1)
    closed, deleted = scene.reported(CARLA), scene.reported(EVE)
    scene.on(2).is_released()
    scene.decide()
    scene.helpdesk.change(closed, day(2), status=TicketStatus.CLOSED)
    scene.helpdesk.delete(deleted, day(2))
    assert (scene.send(), delivery_states(scene)) == (SendingResult(dead=2), [DeliveryState.DEAD] * 2)


def test_tries_grow_further_apart() -> None:
    """Half a minute, two minutes, ten, an hour; then every hour; each a little more, by chance."""
    scene, _ = with_a_release_due()
    delays = []
    for _ in range(5):
        scene.helpdesk.just_before("add_note", raises(RemoteError("support answers 500.")))
        scene.send()
        (delivery,) = scene.store.deliveries(None)
        delays.append(delivery.not_before - scene.clock.now())
        scene.clock.at = delivery.not_before
    steps = [*RETRY_DELAYS, RETRY_DELAYS[-1]]
    assert all(step <= delay <= step * (1 + JITTER) for step, delay in zip(steps, delays, strict=True))
    assert len({delay / step for step, delay in zip(steps, delays, strict=True)}) == 1


def test_a_time_that_the_helpdesk_names_is_waited_for() -> None:
    """It knows its limits better."""
    scene, _ = with_a_release_due()
    wait = timedelta(minutes=5)
    scene.helpdesk.just_before("add_note", raises(RemoteError("Too many requests.", retry_after=wait)))
    scene.send()
    scene.clock.forward(wait - SECOND)
    early = scene.send()
    scene.clock.forward(SECOND)
    assert (early, scene.send()) == (SendingResult(), ONE_NOTE)


def test_a_helpdesk_that_is_down_loses_nothing() -> None:
    """Reading fails, so nothing was posted; it is once the helpdesk is back."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.fail(RemoteError("support answers 500."))
    down = scene.send()
    scene.helpdesk.fail(None)
    scene.clock.forward(timedelta(hours=1))
    assert (down, scene.send(), scene.reminders(ticket)) == (
        SendingResult(retried=1),
        ONE_NOTE,
        1,
    )


def test_a_helpdesk_that_is_down_for_a_weekend_loses_nothing() -> None:
    """Tried again at every moment that it may be, for three days, no update is given up."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.fail(RemoteError("support answers 503."))
    back = scene.clock.now() + timedelta(days=3)
    while scene.clock.now() < back:
        scene.send()
        (delivery,) = scene.store.deliveries(None)
        scene.clock.at = max(delivery.not_before, scene.clock.now() + SECOND)
    scene.helpdesk.fail(None)
    assert (scene.send(), scene.reminders(ticket)) == (ONE_NOTE, 1)


def test_one_tickets_trouble_doesnt_hold_up_the_others() -> None:
    """The first note is refused, the second is posted in the same pass."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(EVE)]
    scene.on(2).is_released()
    scene.decide()
    scene.helpdesk.just_before("add_note", raises(RemoteError("support answers 500.")))
    assert (scene.send(), sum(map(scene.reminders, tickets))) == (SendingResult(posted=1, retried=1, updates=1), 1)


def test_going_live_ahead_of_time_posts_nothing_yet() -> None:
    """A date to come, however it got into the database, is waited for."""
    scene, ticket = with_a_release_due()
    source = scene.row(ticket).source_id
    live_from = FactEvent(
        entity=Entity.SOURCE,
        entity_id=source,
        kind=FactKind.LIVE_FROM,
        value=instant_to_text(day(5)),
        occurred_at=day(2),
        source_key="ahead",
    )
    scene.store.append([live_from], actor=ANN, recorded_at=day(2))
    assert (scene.send(), scene.reminders(ticket)) == (SendingResult(), 0)


def test_a_stop_is_heeded_between_two_notes() -> None:
    """The note under way is finished, the next one is the next daemon's."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(EVE)]
    scene.on(2).is_released()
    scene.decide()
    stopped = scene.send(stop=lambda: sum(map(scene.reminders, tickets)) == 1)
    left = delivery_states(scene)
    assert (stopped, left, scene.send()) == (
        ONE_NOTE,
        [DeliveryState.POSTED],
        ONE_NOTE,
    )


def test_a_preview_shows_the_note_and_keeps_nothing() -> None:
    """What a dry run prints is what would be posted."""
    scene, ticket = with_a_release_due()
    head = scene.store.head()
    (preview,) = preview_due(scene.sender())
    assert (preview.ticket, scene.store.head(), scene.reminders(ticket)) == (f"{HELPDESK}:{ticket}", head, 0)
    scene.send()
    assert scene.helpdesk.notes(ticket)[0].body == preview.text


def test_a_helpdesk_that_isnt_configured_any_more_stops_no_other() -> None:
    """What is due there waits, and says why; it is tried again ten minutes later."""
    scene, ticket = with_a_release_due()

    def missing(_name: str) -> Helpdesk:
        raise UsageError("There is no helpdesk named 'support' in the configuration.")

    result = send_due(replace(scene.sender(), helpdesk=missing))
    assert (result, "no helpdesk named" in result.problems[0]) == (SendingResult(retried=1), True)
    assert scene.send() == SendingResult()
    scene.clock.forward(UNREACHABLE_DELAY)
    assert (scene.send(), scene.reminders(ticket)) == (ONE_NOTE, 1)


@pytest.mark.parametrize("error", [None, LockedError("locked")])
def test_an_unlink_ends_what_was_posted_or_given_up(error: LockedError | None) -> None:
    """Nobody has anything left to do about it."""
    scene, ticket = with_a_release_due()
    if error:
        scene.helpdesk.just_before("add_note", raises(error))
    scene.send()
    scene.unlinks(ticket)
    assert (scene.updates(ticket), scene.store.open_updates()) == ([("released", "withdrawn")], ())


def test_somebody_forgotten_while_their_ticket_is_read_is_forgotten() -> None:
    """The reminder that was being prepared is withdrawn with all the rest, and nothing of theirs comes back."""
    scene, ticket = with_a_release_due()
    row = scene.row(ticket)

    def forgets() -> None:
        who = scene.store.customer(row.source_id, "carla")
        assert who is not None
        forget(scene.store, scene.clock, [who], ANN)

    scene.helpdesk.just_before("messages", forgets)
    scene.send()
    scene.plan()
    scene.send()
    assert (scene.reminders(ticket), check(scene.store).all) == (0, ())


def test_a_second_try_that_fails_leaves_what_is_kept_sound() -> None:
    """Killed on the way to the helpdesk, looked up, refused for a moment, and posted at last: once."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("add_note", raises(KilledError()))
    with pytest.raises(KilledError):
        scene.send()
    scene.clock.forward(UNTIL_SURE)
    scene.helpdesk.just_before("add_note", raises(RemoteError("support answers 500.")))
    assert scene.send().retried == 1
    scene.clock.forward(UNTIL_SURE + timedelta(hours=1))
    assert (scene.send(), scene.reminders(ticket), check(scene.store).all) == (ONE_NOTE, 1, ())
