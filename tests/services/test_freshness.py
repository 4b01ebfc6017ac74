"""Nothing is posted on what was known long ago; what isn't called for any more is withdrawn, with its reason."""

from datetime import timedelta
from typing import Any

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import OptOut, UpdateState
from bugbridge.core.records import FILE_KIND
from bugbridge.services.customers import keep_opt_out
from bugbridge.services.sending import STALE_DELAY, SendingResult
from tests.services.scene import ANN, ISSUE, LEASE, Scene, customer, raises, with_a_release_due

FRESH_FOR = timedelta(minutes=30)
ONE_NOTE = SendingResult(posted=1, updates=1)


def strict(**options: Any) -> tuple[Scene, str]:
    """A release is due, the tracker was read this moment, and half an hour is how long that counts."""
    scene, ticket = with_a_release_due(**options)
    scene.fresh_for = FRESH_FOR
    return scene, ticket


def reasons(scene: Scene, ticket: str) -> list[tuple[str, str]]:
    """Where each update of a ticket is, and why."""
    items = scene.store.updates_of(scene.key(ticket))
    return [(str(item.state), item.state_reason) for item in items]


def test_what_rests_on_a_tracker_that_wasnt_read_is_held_back() -> None:
    """It may say something else by now; what to do is said, and after a reading it goes out."""
    scene, ticket = strict()
    scene.clock.forward(FRESH_FOR + timedelta(seconds=1))
    held = scene.send()
    nothing_claimed = scene.store.deliveries(None) == ()
    scene.clock.forward(STALE_DELAY)
    scene.sync()
    assert (held, "github was not read since" in held.problems[0]) == (SendingResult(stale=1), True)
    assert nothing_claimed
    assert (scene.send(), scene.reminders(ticket)) == (ONE_NOTE, 1)


def test_a_quiet_tracker_is_read_all_the_same() -> None:
    """That nothing changed is knowledge too."""
    scene, _ = strict()
    scene.clock.forward(FRESH_FOR)
    scene.sync()
    scene.clock.forward(FRESH_FOR)
    assert scene.send() == ONE_NOTE


def test_a_tracker_that_fails_leaves_what_rests_on_it_held_back() -> None:
    """An old state isn't told for a new one because the tracker is down."""
    scene, ticket = strict()
    scene.clock.forward(FRESH_FOR + timedelta(seconds=1))
    scene.tracker.fail(RemoteError("github answers 500."))
    with pytest.raises(RemoteError):
        scene.sync()
    assert (scene.send(), scene.reminders(ticket)) == (SendingResult(stale=1), 0)


def test_a_delivery_left_over_from_a_crash_waits_for_a_reading_too() -> None:
    """It was claimed on fresh facts, and they have aged since."""
    scene, ticket = strict()
    scene.helpdesk.just_before("messages", raises(RemoteError("support answers 500.")))
    scene.send()
    scene.clock.forward(LEASE + FRESH_FOR)
    held = scene.send()
    scene.sync()
    scene.clock.forward(timedelta(minutes=1))
    assert (held, scene.send(), scene.reminders(ticket)) == (SendingResult(stale=1), ONE_NOTE, 1)


def test_imported_bugs_have_no_tracker_to_ask() -> None:
    """What a file said doesn't age."""
    scene, _ = strict()
    with scene.store.write():
        scene.store._run("UPDATE source SET kind = :kind WHERE name = 'github'", {"kind": FILE_KIND})
    scene.clock.forward(timedelta(days=30))
    assert scene.send().stale == 0


def test_a_reopening_read_in_between_withdraws_it_with_the_rule() -> None:
    """The delivery was claimed, and the next reading says that the bug is back."""
    scene, ticket = strict()
    scene.helpdesk.just_before("messages", raises(RemoteError("support answers 500.")))
    scene.send()
    scene.tracker.reopen(ISSUE, scene.clock.at)
    scene.clock.forward(LEASE)
    scene.sync()
    assert (scene.send().withdrawn, scene.reminders(ticket)) == (1, 0)
    assert reasons(scene, ticket) == [(UpdateState.WITHDRAWN, "grid-5")]


def test_somebody_who_opts_out_in_between_hears_nothing() -> None:
    """They said so while the reminder was being tried."""
    scene, ticket = strict()
    scene.helpdesk.just_before("messages", raises(RemoteError("support answers 500.")))
    scene.send()
    keep_opt_out(scene.store, scene.clock, scene.row(ticket), OptOut.ALL, ANN)
    scene.clock.forward(LEASE)
    assert (scene.send().withdrawn, scene.reminders(ticket)) == (1, 0)
    assert reasons(scene, ticket) == [(UpdateState.WITHDRAWN, "opted-out")]


def test_an_unlink_withdraws_it_with_that_reason() -> None:
    """The delivery's own event says so too."""
    scene, ticket = strict()
    scene.helpdesk.just_before("messages", lambda: scene.unlinks(ticket))
    assert scene.send().withdrawn == 1
    events = scene.history(scene.key(ticket)).delivery_events
    assert (events[-1].kind, events[-1].detail_code) == ("withdrawn", "unlinked")


def test_a_reading_dated_in_the_future_counts_for_nothing() -> None:
    """The clock was set back since; nobody knows how old it is before the tracker is read again."""
    scene, ticket = strict()
    scene.clock.forward(timedelta(hours=1))
    scene.sync()
    scene.clock.forward(-timedelta(hours=1))
    assert (scene.send().stale, scene.reminders(ticket)) == (1, 0)
    scene.sync()
    scene.clock.forward(STALE_DELAY)
    assert (scene.send().posted, scene.reminders(ticket)) == (1, 1)


def test_a_pass_over_much_that_is_stale_comes_to_an_end() -> None:
    """However slowly it goes: what is put off for a minute isn't looked at again by the same pass."""
    scene = Scene().on(1)
    for name in ("ada", "ben", "cleo", "dan", "eli"):
        scene.reported(customer(name))
    scene.on(2).is_released()
    scene.decide()
    scene.fresh_for = FRESH_FOR
    due = len(scene.store.due_updates(scene.clock.at, 100))
    scene.clock.forward(FRESH_FOR + timedelta(seconds=1))
    asked = 0

    def stop() -> bool:
        nonlocal asked
        asked += 1
        scene.clock.forward(timedelta(seconds=40))
        return asked > 50

    assert (scene.send(stop=stop).stale, asked) == (due, due)
