"""Zendesk keeps the contract against the sandbox, over real HTTP, with both ways to sign in."""

from collections.abc import Iterator

import pytest

from bugbridge.core.errors import LockedError
from bugbridge.core.model import AuthorKind
from bugbridge.helpdesks.zendesk import Zendesk
from bugbridge.sandbox import changes, sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.seed_people import ROBOT_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import ROBOT_AUTHOR, Ticket, World
from tests.contracts.helpdesk import MARKER, FailingHelpdeskContract, FailingHelpdeskScene

BY_TOKEN = {"email": sign_in.EMAIL, "token": sign_in.ZENDESK_KEY}
BY_OAUTH = {"client_id": sign_in.ZENDESK_CLIENT, "client_secret": sign_in.ZENDESK_CLIENT_KEY}


def enterprise_customer(world: World) -> tuple[int, int]:
    """Give a user and their organisation, of the highest tier."""
    return next(
        (user.id, user.organization_id)
        for user in world.users.values()
        if user.organization_id and world.organizations[user.organization_id].tier == "enterprise"
    )


class ZendeskScene:
    """People write in the sandbox a minute apart, after its seeded year."""

    unknown_ticket = "99999999"

    def __init__(self, sandbox: Sandbox, credentials: dict[str, str]) -> None:
        self.world = sandbox.world
        self.traffic = sandbox.traffic("zendesk")
        self.helpdesk = Zendesk(
            "support",
            sandbox.zendesk_url,
            tier_field="tier",
            secret_hint="BUGBRIDGE_SUPPORT_TOKEN",
            sleep=lambda _: None,
            **credentials,
        )

    def add_ticket(self, body: str) -> str:
        with self.world.lock:
            self.world.advance(60)
            requester, organization = enterprise_customer(self.world)
            number, now = self.world.new_id(), self.world.moment()
            self.world.tickets[number] = Ticket(number, "Export fails", requester, organization, 101, "new", now, now)
            writing = changes.Writing(requester, body, public=True, channel="email")
            changes.update_ticket(self.world, number, writing)
        return str(number)

    def customer_writes(self, remote_id: str, body: str) -> None:
        self.world.advance(60)
        changes.customer_comment(self.world, int(remote_id), body)

    def agent_writes(self, remote_id: str, body: str, *, public: bool) -> None:
        self.world.advance(60)
        changes.agent_comment(self.world, int(remote_id), body, public=public)

    def solve(self, remote_id: str) -> None:
        self.world.advance(60)
        changes.agent_comment(self.world, int(remote_id), "Solved.", public=True, status="solved")

    def close(self, remote_id: str) -> None:
        """Have Zendesk close it, as it does a while after solving."""
        self.world.ticket(int(remote_id)).status = "closed"

    def delete(self, remote_id: str) -> None:
        self.world.advance(60)
        ticket = self.world.ticket(int(remote_id))
        ticket.status, ticket.updated_at = "deleted", self.world.moment()

    def settle(self) -> None:
        self.world.advance(61)

    def lose_next_answer(self) -> None:
        self.traffic.faults.append(Fault("/tickets/", "committed", method="PUT"))

    def break_down(self) -> None:
        self.traffic.faults.append(Fault(".*", "html", times=10_000, status=502))

    def recover(self) -> None:
        self.traffic.faults.clear()


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class TestZendesk(FailingHelpdeskContract):
    @pytest.fixture(params=[BY_TOKEN, BY_OAUTH], ids=["token", "oauth"])
    def scene(self, sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[FailingHelpdeskScene]:
        scene = ZendeskScene(sandbox, request.param)
        yield scene
        scene.recover()

    def test_a_closed_ticket_takes_no_note(self, scene: ZendeskScene) -> None:
        """Zendesk locks closed tickets; the sentence says so, and asking again doesn't help."""
        remote_id = scene.add_ticket("it fails")
        scene.close(remote_id)
        with pytest.raises(LockedError, match=f"support:{remote_id} is closed") as caught:
            scene.helpdesk.add_note(scene.helpdesk.ticket(remote_id), "Due", MARKER)
        assert (type(caught.value), caught.value.permanent) == (LockedError, True)

    def test_programs_are_bots(self, scene: ZendeskScene) -> None:
        """A trigger, and an agent's account that writes through the API, aren't agents: they only suggest."""
        remote_id = scene.add_ticket("it fails")
        for author, channel in ((ROBOT_AUTHOR, "rule"), (ROBOT_ID, "api")):
            changes.update_ticket(scene.world, int(remote_id), changes.Writing(author, "beep", channel=channel))
        kinds = [message.author.kind for message in scene.helpdesk.messages(remote_id)]
        assert kinds == [AuthorKind.CUSTOMER, AuthorKind.BOT, AuthorKind.BOT]

    def test_a_year_is_read_in_one_go(self, scene: ZendeskScene) -> None:
        """Every ticket of the seed is given once, deleted ones as gone."""
        scene.settle()
        tickets = [ticket for page in scene.helpdesk.changed_since("") for ticket in page.tickets]
        kept = scene.world.tickets.values()
        assert sorted(int(ticket.remote_id) for ticket in tickets) == sorted(ticket.id for ticket in kept)
        assert {ticket.remote_id for ticket in tickets if ticket.gone} == {
            str(ticket.id) for ticket in kept if ticket.status == "deleted"
        }

    def test_the_last_minute_comes_with_the_next_reading(self, scene: ZendeskScene) -> None:
        """The export leaves it out, so its cursor must not skip it."""
        scene.settle()
        *_, last = scene.helpdesk.changed_since("")
        remote_id = scene.add_ticket("it fails")
        (early,) = scene.helpdesk.changed_since(last.cursor)
        scene.settle()
        (late,) = scene.helpdesk.changed_since(early.cursor)
        assert [[ticket.remote_id for ticket in page.tickets] for page in (early, late)] == [[], [remote_id]]
