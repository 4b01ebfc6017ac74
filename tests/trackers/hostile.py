"""A team one of whose customers would betray every leak: words that may be in no request to a tracker."""

from dataclasses import dataclass

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.core.write_back import WriteBackRules
from bugbridge.ports import TrackerWriter
from bugbridge.services.writing_back import BackWriter, Written, write_back
from tests.services.scene import ANN, Scene

SECRETS = ("mallory", "evil-org", "enterprise", "secret subject", "secret words", "<script>")
MALLORY = RemotePerson(
    "mallory",
    AuthorKind.CUSTOMER,
    name="Mallory <script>",
    address="mallory@evil.example",
    account=RemoteAccount("evil-org", name="Evil-Org", tier="enterprise"),
)


@dataclass
class Team:
    """A scene with what writes back for it; the label comes with the first customer."""

    scene: Scene
    writer: TrackerWriter

    def write(self) -> tuple[Written, ...]:
        parts = BackWriter(
            store=self.scene.store,
            writer=self.writer,
            clock=self.scene.clock,
            policy=self.scene.policy,
            calendar=ALWAYS_OPEN,
            rules=WriteBackRules(label_from=1),
            ticket_url=lambda ticket: f"https://desk.example/{ticket.remote_id}",
            owner="worker-1",
        )
        return write_back(parts)


def team_with_a_hostile_customer(writer: TrackerWriter, reference: str = "github:acme/app#12") -> Team:
    """A customer reported the issue, with hostile words everywhere."""
    scene = Scene().on(1)
    name = reference.partition(":")[0]
    source = scene.store.declare_source(name, "memory", "tracker")
    scene.store.issue_for(source.id, reference, actor=ANN, at=scene.clock.at)
    ticket = scene.helpdesk.add_ticket(scene.clock.at, "Secret words <script>", MALLORY, subject="Secret subject")
    scene.link()
    scene.links_by_hand(ticket, reference)
    return Team(scene, writer)
