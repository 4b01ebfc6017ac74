"""The helpdesk in memory keeps the contract, so that services tested with it are tested with something true."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bugbridge.core.errors import RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.helpdesks.memory import AGENT, BOT, CUSTOMER, MemoryHelpdesk
from bugbridge.ports import Guarantee
from tests.contracts.helpdesk import (
    MARKER,
    FailingHelpdeskContract,
    FailingHelpdeskScene,
    LockingHelpdeskContract,
    MergingHelpdeskContract,
    SuspendingHelpdeskContract,
)

CARLA = RemotePerson("carla", AuthorKind.CUSTOMER, account=RemoteAccount("acme", "Acme", "enterprise"))
START = datetime(2026, 6, 1, 9, tzinfo=UTC)


class MemoryScene:
    """Carla and Ada write a minute apart."""

    unknown_ticket = "99999"

    def __init__(self) -> None:
        self.helpdesk = MemoryHelpdesk("desk")
        self.now = START
        self.assignee = AGENT

    def next_minute(self) -> datetime:
        """Let a minute pass."""
        self.now += timedelta(minutes=1)
        return self.now

    def add_ticket(self, body: str) -> str:
        return self.helpdesk.add_ticket(self.next_minute(), body, CARLA, assignee=self.assignee)

    def customer_writes(self, remote_id: str, body: str) -> None:
        self.helpdesk.write(remote_id, CARLA, body, self.next_minute(), public=True)

    def agent_writes(self, remote_id: str, body: str, *, public: bool) -> None:
        self.helpdesk.write(remote_id, AGENT, body, self.next_minute(), public=public)

    def robot_writes(self, remote_id: str, body: str) -> None:
        self.helpdesk.write(remote_id, BOT, body, self.next_minute(), public=False)

    def change_requester(self, remote_id: str) -> None:
        self.helpdesk.change(remote_id, self.next_minute(), requester=CUSTOMER)

    def merge(self, remote_id: str, survivor: str) -> None:
        self.helpdesk.change(remote_id, self.next_minute(), status=TicketStatus.CLOSED, merged_into=survivor)

    def set_tag(self, remote_id: str, tag: str) -> None:
        tags = self.helpdesk.ticket(remote_id).tags
        self.helpdesk.change(remote_id, self.next_minute(), tags=(*tags, tag))

    def lock(self, remote_id: str) -> None:
        self.helpdesk.change(remote_id, self.next_minute(), status=TicketStatus.CLOSED)

    def solve(self, remote_id: str) -> None:
        self.helpdesk.change(remote_id, self.next_minute(), status=TicketStatus.SOLVED)

    def delete(self, remote_id: str) -> None:
        self.helpdesk.delete(remote_id, self.next_minute())

    def suspend_agent(self) -> None:
        self.assignee = replace(AGENT, suspended=True)

    def settle(self) -> None:
        self.next_minute()

    def lose_next_answer(self) -> None:
        self.helpdesk.lose_next_answer(committed=True)

    def break_down(self) -> None:
        self.helpdesk.fail(RemoteError("desk failed"))

    def recover(self) -> None:
        self.helpdesk.fail(None)


class TestMemory(FailingHelpdeskContract, MergingHelpdeskContract, LockingHelpdeskContract, SuspendingHelpdeskContract):
    @pytest.fixture
    def scene(self) -> FailingHelpdeskScene:
        return MemoryScene()

    def test_a_dropped_note_is_unknown_too_and_not_found(self) -> None:
        """The other half of an unknown outcome: nothing was written."""
        scene = MemoryScene()
        remote_id = scene.add_ticket("it fails")
        scene.helpdesk.lose_next_answer(committed=False)
        with pytest.raises(UnknownOutcomeError):
            scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due", MARKER)
        assert (scene.helpdesk.find_note(remote_id, MARKER), scene.helpdesk.notes(remote_id)) == ("", ())

    def test_without_conditional_writes_a_stale_ticket_gets_its_note(self) -> None:
        """So do helpdesks that can only be looked at afterwards."""
        helpdesk = MemoryHelpdesk(guarantee=Guarantee.LOOKUP)
        remote_id = helpdesk.add_ticket(START)
        stale = helpdesk.ticket(remote_id)
        helpdesk.write(remote_id, BOT, "beep", START, public=False)
        note = helpdesk.add_note(stale, "Due", MARKER)
        assert [message.remote_id for message in helpdesk.notes(remote_id)] == [note]
