"""Help Scout keeps the contract against a double that follows its documentation."""

from collections.abc import Iterator

import pytest
import responses

from bugbridge.core.errors import LockedError
from bugbridge.helpdesks.help_scout import HelpScout
from tests.contracts.help_scout_double import HelpScoutDouble
from tests.contracts.helpdesk import MARKER, FailingHelpdeskContract, MergingHelpdeskContract
from tests.contracts.helpdesk_world import AGENT, WorldScene
from tests.helpdesks.help_scout_answers import help_scout


class HelpScoutScene(WorldScene):
    """People write in a double of Help Scout."""

    def __init__(self, mock: responses.RequestsMock) -> None:
        super().__init__()
        self.double = HelpScoutDouble(mock, self.world)
        self.helpdesk: HelpScout = help_scout()

    def agents_replies(self, remote_id: str) -> list[str]:
        """Give what was posted under the assignee's name."""
        return [message.body for message in self.world.tickets[int(remote_id)].messages if message.author == AGENT]


class TestHelpScout(FailingHelpdeskContract, MergingHelpdeskContract):
    @pytest.fixture
    def scene(self) -> Iterator[HelpScoutScene]:
        with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
            yield HelpScoutScene(mock)

    def test_a_full_conversation_takes_no_note(self, scene: HelpScoutScene) -> None:
        """Help Scout takes 100 threads in one; the sentence says so, and asking again doesn't help."""
        remote_id = scene.add_ticket("it fails")
        scene.lock(remote_id)
        with pytest.raises(LockedError, match=f"support:{remote_id} is closed to more messages") as caught:
            scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due", MARKER)
        assert caught.value.permanent is True

    def test_a_reply_to_a_full_conversation_begins_a_new_one(self, scene: HelpScoutScene) -> None:
        """The customer is answered all the same, by the same person, on a conversation of the same status."""
        remote_id = scene.add_ticket("it fails")
        scene.lock(remote_id)
        full = scene.helpdesk.ticket(remote_id)
        posted = scene.helpdesk.add_reply(full, "It is fixed in 4.2.", MARKER)
        new = scene.helpdesk.ticket(posted.ticket_id)
        (message,) = scene.helpdesk.messages(posted.ticket_id)
        assert (new.requester, new.assignee, new.status) == (full.requester, full.assignee, full.status)
        assert (posted.ticket_id != remote_id, message.remote_id, message.public) == (True, posted.message_id, True)
        assert scene.agents_replies(posted.ticket_id)[0].startswith("It is fixed in 4.2.")

    @pytest.mark.parametrize("solved", [False, True])
    def test_a_reply_changes_no_status(self, scene: HelpScoutScene, *, solved: bool) -> None:
        """Help Scout opens a conversation that is answered without a status: one is sent, the present one."""
        remote_id = scene.add_ticket("it fails")
        if solved:
            scene.solve(remote_id)
        before = scene.helpdesk.ticket(remote_id)
        scene.helpdesk.add_reply(before, "It is fixed in 4.2.", MARKER)
        after = scene.helpdesk.ticket(remote_id)
        assert (after.status, after.assignee) == (before.status, before.assignee)

    def test_a_reply_without_an_assignee_is_our_own_and_assigns_nobody(self, scene: HelpScoutScene) -> None:
        """Somebody still has to take the ticket."""
        remote_id = scene.add_ticket("it fails")
        scene.world.change(int(remote_id), assignee=None)
        scene.helpdesk.add_reply(scene.helpdesk.ticket(remote_id), "It is fixed in 4.2.", MARKER)
        assert scene.helpdesk.ticket(remote_id).assignee is None
        assert scene.helpdesk.messages(remote_id)[-1].author.name == "User 191"

    def test_a_program_that_copies_a_marker_is_not_us(self, scene: HelpScoutScene) -> None:
        """Nor is an agent who quotes our reply: neither keeps a reminder from being posted."""
        remote_id = scene.add_ticket("it fails")
        scene.robot_writes(remote_id, f"seen:\nRef {MARKER}")
        scene.agent_writes(remote_id, f"seen:\nRef {MARKER}", public=True)
        assert scene.helpdesk.find_note(remote_id, MARKER) == ""

    def test_a_note_is_found_where_its_conversation_was_merged_into(self, scene: HelpScoutScene) -> None:
        """A merge between posting and looking must not have it posted twice."""
        loser, survivor = scene.add_ticket("one"), scene.add_ticket("two")
        note = scene.helpdesk.add_note(scene.helpdesk.ticket(loser), "Due", MARKER)
        scene.merge(loser, survivor)
        assert scene.helpdesk.find_note(loser, MARKER) == note
        assert [message.body for message in scene.helpdesk.messages(loser)] == ["one", "two", f"Due\n\nRef {MARKER}"]
