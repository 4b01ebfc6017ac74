"""Zendesk keeps the contract against its documented answers, too: another pair of eyes than the sandbox's."""

from collections.abc import Iterator

import pytest
import responses

from bugbridge.core.errors import ConflictError, RemoteError, UnknownOutcomeError
from bugbridge.core.snapshots import RecordedLink
from bugbridge.helpdesks.zendesk import Zendesk
from tests.contracts.helpdesk import (
    MARKER,
    FailingHelpdeskContract,
    LockingHelpdeskContract,
    MergingHelpdeskContract,
    SuspendingHelpdeskContract,
    changed,
)
from tests.contracts.helpdesk_world import AGENT, WorldScene
from tests.contracts.zendesk_double import BASE, ZendeskDouble


class ZendeskAnswersScene(WorldScene):
    """The neutral world behind Zendesk's answers."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        super().__init__()
        self.double = ZendeskDouble(self.world)
        self.double.serve(mock)
        self.mock = mock
        self.helpdesk = Zendesk(
            "support",
            BASE,
            email="bugbridge@acme.example",
            token="api-token",
            tier_field="tier",
            sleep=lambda _: None,
            clock=self.seconds,
        )

    def seconds(self) -> float:
        """Give the world's time as the clock of a machine does."""
        return self.world.now.timestamp()

    def merge(self, remote_id: str, survivor: str) -> None:
        """Zendesk leaves a note on both, closes the loser, and tags it; nothing else tells of it."""
        told = f'Request #{remote_id} "Export fails" was closed and merged into this request.'
        self.world.write(int(survivor), AGENT, told, public=False)
        told = f'This request was closed and merged into request #{survivor} "Export fails".'
        note = self.world.write(int(remote_id), AGENT, told, public=False)
        self.double.merge_comments.add(note.id)
        self.world.change(int(remote_id), status="closed", tags=["closed_by_merge"])


class TestZendeskAnswers(
    FailingHelpdeskContract, MergingHelpdeskContract, LockingHelpdeskContract, SuspendingHelpdeskContract
):
    @pytest.fixture
    def scene(self) -> Iterator[ZendeskAnswersScene]:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            yield ZendeskAnswersScene(mock)

    def test_no_ticket_is_lost_at_a_pages_border(self, scene: ZendeskAnswersScene) -> None:
        """Many tickets changed within one second, one of them again while the pages are read."""
        numbers = [scene.add_ticket("it fails") for _ in range(5)]
        for number in numbers:
            scene.world.tickets[int(number)].updated_at = scene.world.now
        scene.settle()
        pages, seen = scene.helpdesk.changed_since(""), []
        for page in pages:
            if not seen:
                scene.customer_writes(numbers[0], "again")
                scene.settle()
            seen += [ticket.remote_id for ticket in page.tickets]
        assert seen == [*numbers, numbers[0]]

    def test_a_merged_ticket_is_read_for_its_survivor_once(self, scene: ZendeskAnswersScene) -> None:
        """A page with many of them that met Zendesk's limit would else never be got through."""
        loser, survivor = scene.add_ticket("one"), scene.add_ticket("two")
        scene.merge(loser, survivor)
        scene.settle()
        for _ in range(2):
            changed(scene, "")
        asked = [call.request.url for call in scene.mock.calls if "/comments" in str(call.request.url)]
        assert (len(asked), f"/tickets/{loser}/" in str(asked[0])) == (1, True)

    def test_a_reading_may_begin_now(self, scene: ZendeskAnswersScene) -> None:
        """Zendesk refuses a start within the last minute; an earlier one gives a ticket again at worst."""
        remote_id = scene.add_ticket("it fails")
        scene.world.minute()
        tickets, _ = changed(scene, scene.helpdesk.cursor_at(scene.world.now))
        assert [ticket.remote_id for ticket in tickets] == [remote_id]

    def test_a_lost_followup_is_unknown_and_posted_once(self, scene: ZendeskAnswersScene) -> None:
        """The new ticket may be there; a person decides, and the client doesn't post again."""
        remote_id = scene.add_ticket("it fails")
        scene.lock(remote_id)
        locked = scene.helpdesk.ticket(remote_id)
        scene.lose_next_answer()
        with pytest.raises(UnknownOutcomeError):
            scene.helpdesk.add_reply(locked, "It is fixed.", MARKER)
        posts = [call.request for call in scene.mock.calls if call.request.method == "POST"]
        assert ([post.headers["Idempotency-Key"] for post in posts], len(scene.world.tickets)) == ([MARKER], 2)

    def test_a_tag_that_changed_hands_meanwhile_is_a_conflict(self, scene: ZendeskAnswersScene) -> None:
        """Somebody writes between our look and our tag: Zendesk might lose theirs, so it refuses ours."""
        remote_id = scene.add_ticket("it fails")
        ticket = scene.helpdesk.ticket(remote_id)
        stamp = scene.world.tickets[int(remote_id)].updated_at
        scene.double.before_writing = lambda: scene.set_tag(remote_id, "vip")
        with pytest.raises(ConflictError):
            scene.helpdesk.set_tag(ticket, "bugbridge_due", on=True)
        assert scene.world.tickets[int(remote_id)].tags == ["vip"]
        assert scene.world.tickets[int(remote_id)].updated_at > stamp

    def test_a_plain_agent_cannot_speak_for_others(self, scene: ZendeskAnswersScene) -> None:
        """Naming another author takes an admin: the sentence names the right, and so does `doctor`."""
        scene.double.role = "agent"
        remote_id = scene.add_ticket("it fails")
        with pytest.raises(RemoteError, match="lacks the right to reply under an agent's name: the role Admin"):
            scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed.", MARKER)
        lines = {check.id: check.well for check in scene.helpdesk.check()}
        assert (lines["notes"], lines["replies"], lines["tags"]) == (True, False, True)

    def test_links_to_jira_come_page_by_page(self, scene: ZendeskAnswersScene) -> None:
        """[links]: ids as text or number; rows from before 2016 name no issue, and one such spoils nothing."""
        made = {"created_at": "2017-01-01T09:30:00Z", "issue_id": "5460"}
        keys: tuple[str | None, ...] = ("TEST-1", None, "TEST-3")
        scene.double.links = [
            {"id": place, "ticket_id": ticket_id, "issue_key": key, **made}
            for place, (ticket_id, key) in enumerate(zip(("5000", 5001, 5002), keys, strict=True))
        ]
        found = [(link.ticket_id, link.text) for link in scene.helpdesk.recorded_links() if link.at]
        assert found == [("5000", "TEST-1"), ("5002", "TEST-3")]
        assert all(isinstance(link, RecordedLink) for link in scene.helpdesk.recorded_links())
