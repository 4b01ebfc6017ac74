"""Freshdesk keeps the contract against a double that behaves as its documentation says."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses

from bugbridge.helpdesks.freshdesk import Freshdesk
from tests.contracts.freshdesk_double import KEY, ROBOT_ADDRESS, URL, FreshdeskDouble
from tests.contracts.helpdesk import (
    MARKER,
    FailingHelpdeskContract,
    LockingHelpdeskContract,
    MergingHelpdeskContract,
    SuspendingHelpdeskContract,
    changed,
    written,
)
from tests.contracts.helpdesk_world import AGENT, WorldScene


class FreshdeskScene(WorldScene):
    """People write in the double a minute apart; what is locked is archived."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        super().__init__()
        self.double = FreshdeskDouble(self.world, mock)
        self.helpdesk = Freshdesk(
            "desk",
            URL,
            KEY,
            tier_field="account_tier",
            bots=(ROBOT_ADDRESS,),
            secret_hint="BUGBRIDGE_DESK_TOKEN",
            sleep=lambda _: None,
        )

    def lock(self, remote_id: str) -> None:
        self.world.change(int(remote_id), status="archived")

    def mark_as_spam(self, remote_id: str) -> None:
        """Have an agent say that it is spam."""
        self.world.change(int(remote_id), status="spam")


class TestFreshdesk(
    FailingHelpdeskContract, MergingHelpdeskContract, LockingHelpdeskContract, SuspendingHelpdeskContract
):
    @pytest.fixture
    def scene(self) -> Iterator[FreshdeskScene]:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            yield FreshdeskScene(mock)

    def test_deleted_tickets_and_spam_are_seen_as_gone(self, scene: FreshdeskScene) -> None:
        """The list leaves both out by default, and their customers would be written to for ever."""
        deleted, spam = scene.add_ticket("one"), scene.add_ticket("two")
        scene.settle()
        _, cursor = changed(scene, "")
        scene.delete(deleted)
        scene.mark_as_spam(spam)
        scene.settle()
        assert [(ticket.remote_id, ticket.gone) for ticket in changed(scene, cursor)[0]] == [
            (deleted, True),
            (spam, True),
        ]

    def test_tickets_of_years_ago_are_read(self, scene: FreshdeskScene) -> None:
        """Trap 17: asked without `updated_since`, the list stops thirty days back."""
        old = scene.add_ticket("long ago")
        scene.world.now += timedelta(days=800)
        scene.settle()
        assert [ticket.remote_id for ticket in changed(scene, "")[0]] == [old]

    def test_trap_17_no_page_is_asked_for_where_a_second_will_do(self, scene: FreshdeskScene) -> None:
        """Page 301 is an error, and every change moves the pages: reading goes on from the last second instead."""
        numbers = [scene.add_ticket("it fails") for _ in range(250)]
        scene.settle()
        assert [ticket.remote_id for ticket in changed(scene, "")[0]] == numbers
        assert [url for url in scene.double.asked if "&page=1" not in url] == []

    def test_many_tickets_of_one_second_make_neither_a_loop_nor_a_gap(self, scene: FreshdeskScene) -> None:
        """A bulk change gives hundreds the same second; then pages are counted."""
        numbers = [scene.add_ticket("it fails") for _ in range(250)]
        at = scene.world.minute()
        for ticket in scene.world.tickets.values():
            ticket.updated_at = at
        later = scene.add_ticket("another")
        scene.settle()
        assert [ticket.remote_id for ticket in changed(scene, "")[0]] == [*numbers, later]

    def test_a_long_conversation_is_read_to_its_end(self, scene: FreshdeskScene) -> None:
        """Freshdesk gives thirty a page, whatever is asked."""
        remote_id = scene.add_ticket("it fails")
        for number in range(65):
            scene.agent_writes(remote_id, f"note {number}", public=False)
        assert [body for _, _, body in written(scene, remote_id)][-1] == "note 64"
        assert len(written(scene, remote_id)) == 66

    def test_an_incident_names_its_tracker_in_the_list_too(self, scene: FreshdeskScene) -> None:
        """The list says only that a ticket is related to another, not to which."""
        tracker, incident = scene.add_ticket("known"), scene.add_ticket("me too")
        scene.double.trackers[int(incident)] = int(tracker)
        scene.settle()
        assert [ticket.incident_of for ticket in changed(scene, "")[0]] == ["", tracker]
        assert scene.helpdesk.ticket(incident).incident_of == tracker

    def test_a_note_reply_and_tag_never_change_the_status(self, scene: FreshdeskScene) -> None:
        """Nothing that we write reopens or closes a ticket; the double refuses any other key than tags."""
        remote_id = scene.add_ticket("it fails")
        scene.solve(remote_id)
        before = scene.helpdesk.ticket(remote_id).status
        scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due", MARKER)
        scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed.", f"{MARKER}2")
        scene.helpdesk.set_tag(scene.helpdesk.ticket(remote_id), "bugbridge_due", on=True)
        assert scene.helpdesk.ticket(remote_id).status is before

    def test_an_archived_ticket_is_read_where_archived_ones_are(self, scene: FreshdeskScene) -> None:
        """Freshdesk archives what was closed for 120 days; its messages still can be read."""
        remote_id = scene.add_ticket("it fails")
        scene.agent_writes(remote_id, "acme/app#12", public=False)
        scene.lock(remote_id)
        assert [body for _, _, body in written(scene, remote_id)] == ["it fails", "acme/app#12"]

    def test_a_followup_is_found_by_its_marker_and_its_words_are_our_own(self, scene: FreshdeskScene) -> None:
        """The e-mail that begins another ticket is BugBridge's, not the customer's, who is its requester."""
        remote_id = scene.add_ticket("it fails")
        scene.lock(remote_id)
        posted = scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed in 4.2.", MARKER)
        assert scene.helpdesk.find_note(posted.ticket_id, MARKER) == posted.message_id
        assert scene.helpdesk.messages(posted.ticket_id)[0].author.kind == "self"

    def test_the_first_of_two_replies_with_a_marker_is_ours(self, scene: FreshdeskScene) -> None:
        """An agent can copy a marker only after it was sent."""
        remote_id = scene.add_ticket("it fails")
        posted = scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed.", MARKER)
        scene.world.write(int(remote_id), AGENT, f"As I said:\nRef {MARKER}", public=True)
        assert scene.helpdesk.find_note(remote_id, MARKER) == posted.message_id
