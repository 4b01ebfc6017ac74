"""Zammad keeps the contract against a double of its controllers, with replies in either name."""

from collections.abc import Iterator

import pytest
import responses

from bugbridge.core.errors import LockedError, RemoteError
from bugbridge.helpdesks.zammad import Zammad
from tests.contracts.helpdesk import (
    MARKER,
    FailingHelpdeskContract,
    MergingHelpdeskContract,
    SuspendingHelpdeskContract,
)
from tests.contracts.helpdesk_world import WorldScene
from tests.contracts.zammad_double import ROOT, TOKEN, ZammadDouble


class ZammadScene(WorldScene):
    """People write in the world."""

    def __init__(self, *, reply_as_assignee: bool) -> None:
        super().__init__()
        self.double = ZammadDouble(self.world)
        self.double.may_impersonate = reply_as_assignee
        self.helpdesk = Zammad(
            "support",
            ROOT,
            TOKEN,
            tier_field="plan",
            reply_as_assignee=reply_as_assignee,
            secret_hint="BUGBRIDGE_SUPPORT_TOKEN",
            sleep=lambda _: None,
        )


@pytest.fixture(params=[False, True], ids=["own_name", "assignees_name"])
def scene(request: pytest.FixtureRequest) -> Iterator[ZammadScene]:
    """A Zammad without Elasticsearch, and an agent of its own for BugBridge."""
    made = ZammadScene(reply_as_assignee=request.param)
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        made.double.answer(mock)
        yield made


class TestZammad(FailingHelpdeskContract, MergingHelpdeskContract, SuspendingHelpdeskContract):
    """The contract, and what of it is Zammad's own."""

    def test_a_merged_ticket_takes_no_note(self, scene: ZammadScene) -> None:
        """Nobody looks there any more, and Zammad would take it."""
        loser, survivor = scene.add_ticket("one"), scene.add_ticket("two")
        scene.merge(loser, survivor)
        before = len(scene.helpdesk.messages(survivor))
        with pytest.raises(LockedError, match=f"support:{loser} is closed"):
            scene.helpdesk.add_note(scene.helpdesk.ticket(loser), "Due", MARKER)
        assert len(scene.helpdesk.messages(survivor)) == before

    def test_a_note_is_found_on_the_ticket_that_swallowed_its_own(self, scene: ZammadScene) -> None:
        """Zammad moves messages when it merges, so the survivor is where it stands."""
        loser, survivor = scene.add_ticket("one"), scene.add_ticket("two")
        note = scene.helpdesk.add_note(scene.helpdesk.ticket(loser), "Due", MARKER)
        scene.merge(loser, survivor)
        assert (scene.helpdesk.find_note(loser, MARKER), scene.helpdesk.find_note(survivor, MARKER)) == ("", note)

    def test_who_was_an_agent_writes_nothing_that_customers_see(self, scene: ZammadScene) -> None:
        """Zammad would take the note of a user who lost ticket.agent, and make it public."""
        remote_id = scene.add_ticket("it fails")
        ticket = scene.helpdesk.ticket(remote_id)
        scene.double.is_agent = False
        with pytest.raises(RemoteError, match=r"lacks the right ticket\.agent"):
            scene.helpdesk.add_note(ticket, "Due by Thursday", MARKER)
        assert len(scene.world.tickets[int(remote_id)].messages) == 1
