"""Zendesk keeps the contract against the sandbox, over real HTTP, with both ways to sign in."""

from collections.abc import Iterator

import pytest

from bugbridge.core.errors import ConflictError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RecordedLink
from bugbridge.helpdesks.zendesk import Zendesk
from bugbridge.sandbox import changes, sign_in
from bugbridge.sandbox.gate import Fault
from bugbridge.sandbox.seed_people import FIRST_AGENT, ROBOT_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import FIELD_ID, GROUP_ID, ROBOT_AUTHOR, JiraAppLink, Ticket, World
from tests.contracts.helpdesk import (
    MARKER,
    FailingHelpdeskContract,
    FailingHelpdeskScene,
    LockingHelpdeskContract,
    MergingHelpdeskContract,
    SuspendingHelpdeskContract,
)

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
            clock=lambda: self.world.now().timestamp(),
            **credentials,
        )

    def add_ticket(self, body: str) -> str:
        with self.world.lock:
            self.world.advance(60)
            requester, organization = enterprise_customer(self.world)
            number, now = self.world.new_id(), self.world.moment()
            ticket = Ticket(
                number, "Export fails", requester, organization, FIRST_AGENT, "new", now, now, group_id=GROUP_ID
            )
            self.world.tickets[number] = ticket
            writing = changes.Writing(requester, body, public=True, channel="email")
            changes.update_ticket(self.world, number, writing)
        return str(number)

    def customer_writes(self, remote_id: str, body: str) -> None:
        self.world.advance(60)
        changes.customer_comment(self.world, int(remote_id), body)

    def agent_writes(self, remote_id: str, body: str, *, public: bool) -> None:
        self.world.advance(60)
        changes.agent_comment(self.world, int(remote_id), body, public=public)

    def robot_writes(self, remote_id: str, body: str) -> None:
        self.world.advance(60)
        changes.update_ticket(self.world, int(remote_id), changes.Writing(ROBOT_ID, body, channel="api"))

    def change_requester(self, remote_id: str) -> None:
        self.world.advance(60)
        requester = self.world.ticket(int(remote_id)).requester_id
        another = next(
            user.id for user in self.world.users.values() if user.role == "end-user" and user.id != requester
        )
        changes.change_requester(self.world, int(remote_id), another)

    def merge(self, remote_id: str, survivor: str) -> None:
        self.world.advance(60)
        changes.merge_tickets(self.world, int(remote_id), int(survivor))

    def set_tag(self, remote_id: str, tag: str) -> None:
        self.world.advance(60)
        changes.set_tags(self.world, int(remote_id), {*self.world.ticket(int(remote_id)).tags, tag})

    def solve(self, remote_id: str) -> None:
        self.world.advance(60)
        changes.agent_comment(self.world, int(remote_id), "Solved.", public=True, status="solved")

    def lock(self, remote_id: str) -> None:
        """Have Zendesk close it, as it does a while after solving."""
        self.world.ticket(int(remote_id)).status = "closed"

    def delete(self, remote_id: str) -> None:
        self.world.advance(60)
        ticket = self.world.ticket(int(remote_id))
        ticket.status, ticket.updated_at = "deleted", self.world.moment()

    def suspend_agent(self) -> None:
        self.world.users[FIRST_AGENT].suspended = True

    def settle(self) -> None:
        self.world.advance(61)

    def lose_next_answer(self) -> None:
        self.traffic.faults.append(Fault("/tickets/", "committed", method="PUT"))

    def break_down(self) -> None:
        self.traffic.faults.append(Fault(".*", "html", times=10_000, status=502))

    def recover(self) -> None:
        self.traffic.faults.clear()
        self.world.users[FIRST_AGENT].suspended = False
        self.world.created_once.clear()  # every test begins with the same marker


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


class TestZendesk(
    FailingHelpdeskContract, MergingHelpdeskContract, LockingHelpdeskContract, SuspendingHelpdeskContract
):
    @pytest.fixture(params=[BY_TOKEN, BY_OAUTH], ids=["token", "oauth"])
    def scene(self, sandbox: Sandbox, request: pytest.FixtureRequest) -> Iterator[FailingHelpdeskScene]:
        scene = ZendeskScene(sandbox, request.param)
        yield scene
        scene.recover()

    def test_a_ticket_closed_since_it_was_read_is_decided_afresh(self, scene: ZendeskScene) -> None:
        """A reply then goes to a follow-up, once somebody has read that it is closed; nothing was sent."""
        remote_id = scene.add_ticket("it fails")
        stale = scene.helpdesk.ticket(remote_id)
        scene.lock(remote_id)
        with pytest.raises(ConflictError, match=f"support:{remote_id} was closed since it was read"):
            scene.helpdesk.add_reply(stale, "It is fixed.", MARKER)
        assert len(scene.helpdesk.messages(remote_id)) == 1

    def test_no_writing_changes_a_status(self, scene: ZendeskScene) -> None:
        """Neither note nor reply nor tag reopens what is solved."""
        remote_id, helpdesk = scene.add_ticket("it fails"), scene.helpdesk
        scene.solve(remote_id)
        helpdesk.add_reply(helpdesk.ticket(remote_id), "It is fixed.", MARKER)
        helpdesk.add_note(helpdesk.ticket(remote_id), "Due", MARKER + "N")
        helpdesk.set_tag(helpdesk.ticket(remote_id), "bugbridge_due", on=True)
        assert helpdesk.ticket(remote_id).status is TicketStatus.SOLVED

    def test_a_followup_leaves_behind_what_was_due(self, scene: ZendeskScene) -> None:
        """Follow-ups inherit tags; the reply that begins this one is what the tag asked for."""
        remote_id, helpdesk = scene.add_ticket("it fails"), scene.helpdesk
        for tag in ("bugbridge_due", "vip"):
            scene.set_tag(remote_id, tag)
        scene.lock(remote_id)
        posted = helpdesk.add_reply(helpdesk.ticket(remote_id), "It is fixed.", MARKER)
        assert helpdesk.ticket(posted.ticket_id).tags == ("vip",)
        assert helpdesk.find_note(posted.ticket_id, MARKER) == posted.message_id

    def test_what_the_team_keeps_of_a_ticket_is_read(self, scene: ZendeskScene) -> None:
        """Group and fields by name, and the problem ticket of an incident."""
        remote_id, problem = scene.add_ticket("it fails"), scene.add_ticket("the export is broken")
        kept = scene.world.ticket(int(remote_id))
        kept.fields, kept.problem_id = {FIELD_ID: "high"}, int(problem)
        found = scene.helpdesk.ticket(remote_id)
        assert (found.group, found.fields, found.incident_of) == ("Support", (("Severity", "high"),), problem)

    def test_links_of_the_app_for_jira_are_given_once(self, scene: ZendeskScene) -> None:
        """Teams that used it needn't link their tickets again."""
        remote_id = scene.add_ticket("it fails")
        link = JiraAppLink(1, int(remote_id), "SHOP-12", scene.world.moment())
        scene.world.jira_app_links[:] = [link]
        found = list(scene.helpdesk.recorded_links())
        scene.world.jira_app_links.clear()
        assert found == [RecordedLink(remote_id, "SHOP-12", link.created_at)]

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
