"""What couldn't be posted is seen with its reason, and tried again when a person says so."""

import pytest

from bugbridge.core.errors import LockedError, RemoteError, UsageError
from bugbridge.core.model import LinkEventKind, OptOut
from bugbridge.services.checking import check
from bugbridge.services.customers import keep_opt_out
from bugbridge.services.retrying import retry, undelivered
from tests.services.scene import ANN, Scene, raises, with_a_release_due


def with_one_given_up(error: RemoteError) -> tuple[Scene, str]:
    """A reminder that the helpdesk refused for good."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("add_note", raises(error))
    scene.send()
    return scene, ticket


@pytest.mark.parametrize(
    ("error", "why"), [(LockedError("locked"), "ticket-locked"), (RemoteError("no", permanent=True), "refused")]
)
def test_what_was_given_up_is_shown_with_the_word_for_why(error: RemoteError, why: str) -> None:
    """The lists say it in a sentence."""
    scene, ticket = with_one_given_up(error)
    (one,) = undelivered(scene.store)
    assert (one.ticket.remote_id, one.why) == (ticket, why)


def test_it_is_posted_once_when_a_person_has_it_tried_again() -> None:
    """What was in the way is gone; who wanted it is kept."""
    scene, ticket = with_one_given_up(LockedError("locked"))
    retry(scene.store, scene.clock, [], ANN)
    scene.plan()
    assert (scene.send().posted, scene.send().posted, scene.reminders(ticket)) == (1, 0, 1)
    said = [event for event in scene.history(scene.key(ticket)).link_events if event.kind is LinkEventKind.TO_AGENT]
    assert [event.value for event in said] == ["retried"]
    assert undelivered(scene.store) == ()
    assert check(scene.store).all == ()


def test_it_isnt_posted_if_nobody_needs_it_any_more() -> None:
    """Trying again is no order to post: the policy still decides."""
    scene, ticket = with_one_given_up(LockedError("locked"))
    scene.replies(ticket, "It's fixed in 4.2.")
    retry(scene.store, scene.clock, [scene.row(ticket)], ANN)
    scene.decide()
    assert (scene.send().posted, scene.reminders(ticket)) == (0, 0)


def test_a_ticket_with_nothing_to_try_again_is_named() -> None:
    """And nothing else is tried."""
    scene, ticket = with_a_release_due()
    with pytest.raises(UsageError, match=f"support:{ticket}"):
        retry(scene.store, scene.clock, [scene.row(ticket)], ANN)


def test_an_opt_out_holds_on_all_tickets_until_it_is_undone() -> None:
    """What they asked for is kept for the person, not for a ticket."""
    scene, ticket = with_a_release_due()
    keep_opt_out(scene.store, scene.clock, scene.row(ticket), OptOut.ALL, ANN)
    scene.plan()
    silent = scene.send().posted
    keep_opt_out(scene.store, scene.on(3).clock, scene.row(ticket), OptOut.NONE, ANN)
    scene.plan()
    assert (silent, scene.send().posted) == (0, 1)
