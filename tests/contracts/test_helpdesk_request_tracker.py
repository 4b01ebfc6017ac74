"""Request Tracker keeps the contract against a double that reads its query language; tests/real has the server."""

from collections.abc import Iterator

import pytest
import responses

from bugbridge.core.model import TicketStatus
from bugbridge.helpdesks.request_tracker import RequestTracker
from bugbridge.ports import Helpdesk
from tests.contracts.helpdesk import MARKER, FailingHelpdeskContract, MergingHelpdeskContract, changed
from tests.contracts.helpdesk_world import WorldScene
from tests.contracts.request_tracker_double import TOKEN, URL, RequestTrackerDouble


class RequestTrackerScene(WorldScene):
    """People write a minute apart; RT's clock, in the header Date, is the world's."""

    def __init__(self, mock: responses.RequestsMock, tag_field: str) -> None:
        super().__init__()
        self.double = RequestTrackerDouble(mock, self.world)
        self.helpdesk: Helpdesk = RequestTracker(
            "desk",
            URL,
            TOKEN,
            queues=["Support"],
            tier_field="Tier",
            tag_field=tag_field,
            bots=["robot"],
            secret_hint="BUGBRIDGE_DESK_TOKEN",
            sleep=lambda _: None,
        )

    def delete(self, remote_id: str) -> None:
        self.double.delete(int(remote_id))

    def merge(self, remote_id: str, survivor: str) -> None:
        self.double.merge(int(remote_id), int(survivor))


class TestRequestTracker(FailingHelpdeskContract, MergingHelpdeskContract):
    @pytest.fixture(params=["Tags", ""], ids=["with tags", "without tags"])
    def scene(self, request: pytest.FixtureRequest) -> Iterator[RequestTrackerScene]:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            yield RequestTrackerScene(mock, request.param)

    def test_deletions_and_merges_are_among_the_changes(self, scene: RequestTrackerScene) -> None:
        """RT shows neither in a search by LastUpdated; whose they are stays known."""
        deleted, loser, survivor = (scene.add_ticket(body) for body in ("spam", "one", "two"))
        requester = scene.helpdesk.ticket(deleted).requester
        scene.settle()
        _, cursor = changed(scene, "")
        scene.delete(deleted)
        scene.merge(loser, survivor)
        scene.settle()
        listed = {ticket.remote_id: ticket for ticket in changed(scene, cursor)[0]}
        assert (listed[deleted].gone, listed[deleted].requester) == (True, requester)
        assert (listed[loser].merged_into, listed[survivor].merged_into) == (survivor, "")

    def test_a_first_reading_asks_for_nothing_that_vanished(self, scene: RequestTrackerScene) -> None:
        """Thousands of deleted spam tickets that nobody knew would only cost time."""
        deleted, kept = scene.helpdesk.ticket(scene.add_ticket("spam")), scene.add_ticket("one")
        scene.delete(deleted.remote_id)
        scene.settle()
        listed, _ = changed(scene, scene.helpdesk.cursor_at(deleted.created_at))
        assert [ticket.remote_id for ticket in listed] == [kept]

    def test_tickets_of_one_second_are_lost_at_no_border_of_pages(self, scene: RequestTrackerScene) -> None:
        """RT gives a hundred at most, and its times have no parts of a second."""
        numbers = [scene.add_ticket("bulk") for _ in range(230)]
        for number in numbers:
            scene.world.tickets[int(number)].updated_at = scene.world.now
        assert [ticket.remote_id for ticket in changed(scene, "")[0]] == numbers

    def test_a_reply_opens_a_solved_ticket_unless_the_scrip_is_told_not_to(self, scene: RequestTrackerScene) -> None:
        """The double has RT's scrips as they come; tests/real has the condition that the documentation gives."""
        remote_id = scene.add_ticket("it fails")
        scene.solve(remote_id)
        scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed.", MARKER)
        assert scene.helpdesk.ticket(remote_id).status == TicketStatus.OPEN
