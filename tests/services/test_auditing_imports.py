"""Auditing history that was brought along: what was told before anybody could be reminded, and what nobody can know."""

from bugbridge.core.audit_model import FollowUps, Waiting
from bugbridge.core.instants import instant_to_text
from bugbridge.services.auditing import run_audit
from tests.services.scene import CARLA, EVE, ISSUE, VERSION, Scene, day
from tests.services.test_importing import Import

BUGS, REPLIES = 5, 14


def dates(*days: float) -> str:
    """Write days as a cell of a file."""
    return ";".join(instant_to_text(day(on)) for on in days)


def brought_along() -> Import:
    """Each ticket had a reply every second day from its third on, and its bug was fixed a day after the last."""
    scene = Import()
    scene.on(90)
    replies = dates(*(3 + 2 * number for number in range(REPLIES)))
    tickets = [{"id": f"{n}", "bugs": f"{n}", "created_at": dates(1), "replies": replies} for n in range(BUGS)]
    bugs = [{"id": f"{n}", "created_at": dates(1), "fixed_at": dates(30)} for n in range(BUGS)]
    scene.tickets(*tickets)
    scene.bugs(*bugs)
    return scene


def heard(scene: Scene) -> Waiting:
    """What the customers of the only bug heard."""
    (bug,) = run_audit(scene.store, scene.clock).bugs
    assert bug.waiting is not None
    return bug.waiting


def test_replies_without_news_in_imported_history_are_updates_that_hardly_paid() -> None:
    """Of fourteen replies the first answered the ticket, and none told of anything."""
    scene = brought_along()
    audit = run_audit(scene.store, scene.clock)
    found = audit.replies
    assert (found.replies, found.asked_for, found.proactive) == (BUGS * 14, BUGS, BUGS * 13)
    assert (found.updates, found.newsful, found.wasted) == (BUGS * 13, 0, BUGS * 13)
    assert audit.follow_ups is FollowUps.HARDLY


def test_whether_a_policy_called_for_anything_isnt_known_of_imported_history() -> None:
    """There was none in force."""
    scene = brought_along()
    found = run_audit(scene.store, scene.clock).replies
    assert (found.links, found.under_policy, found.required) == (BUGS, 0, 0)


def test_a_silence_in_imported_history_doesnt_run_on_until_today() -> None:
    """Four days until the second reply, which nobody had asked for, then two each, and a day to the fix."""
    scene = brought_along()
    found = run_audit(scene.store, scene.clock).replies
    assert (found.silence.worst, found.silence.median) == (4, 4)


def test_the_first_reply_after_an_imported_fix_ends_the_wait() -> None:
    """It told of it, as far as anybody can know; what was written later is something else."""
    scene = Import()
    scene.on(90)
    scene.tickets({"id": "1", "bugs": "1", "created_at": dates(1), "replies": dates(2, 9, 14, 40)})
    scene.bugs({"id": "1", "created_at": dates(1), "fixed_at": dates(10)})
    waiting = heard(scene)
    assert (waiting.replies, waiting.updates, waiting.newsful) == (3, 2, 1)
    assert (waiting.silences, waiting.news_delays) == ((8,), (4,))


def test_an_imported_release_ends_a_wait_as_any_other() -> None:
    """A file that says when it was out knows more than the fix."""
    scene = Import()
    scene.on(90)
    scene.tickets({"id": "1", "bugs": "1", "created_at": dates(1), "replies": dates(2, 9, 14, 40)})
    scene.bugs({"id": "1", "created_at": dates(1), "fixed_at": dates(10), "released_at": dates(30)})
    waiting = heard(scene)
    assert (waiting.replies, waiting.told_probable, waiting.told_after) == (4, 1, (10,))


def test_a_bug_of_a_tracker_that_is_read_waits_for_its_release() -> None:
    """Its fix is no end."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.tracker.close(ISSUE, day(10))
    scene.on(12).read()
    scene.replies(ticket)
    assert heard(scene.on(50)).silences == (49,)


def test_what_was_said_before_going_live_counts_as_it_does_in_imported_history() -> None:
    """Five replies that nobody had asked for and that had no news: three in watch mode, two after it."""
    scene = Scene(live=False).on(1)
    ticket = scene.reported()
    for on in (2, 3, 4):
        scene.on(on).replies(ticket)
    scene.on(5).go_live(5)
    for on in (6, 7):
        scene.on(on).replies(ticket)
    scene.tracker.close(ISSUE, day(10))
    scene.on(10).read()
    waiting = heard(scene)
    assert (waiting.replies, waiting.asked_for, waiting.updates, waiting.under_policy) == (5, 0, 3, 1)


def test_links_under_a_policy_and_others_are_told_apart() -> None:
    """One customer knew how it ended before the team went live, the other one waits still."""
    scene = Scene(live=False).on(1)
    told = scene.reported(CARLA)
    scene.reported(EVE)
    scene.on(3).is_released()
    scene.replies(told, f"It is fixed in {VERSION}.")
    scene.read()
    scene.on(5).go_live(5)
    found = run_audit(scene.store, scene.clock).replies
    assert (found.links, found.told_certain, found.under_policy) == (2, 1, 1)
