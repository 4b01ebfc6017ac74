"""A team with a round: news for several tickets, and what people do with it."""

from datetime import timedelta

from bugbridge.core.model import AuthorKind
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.round_view import Decision, Eye, RoundView, Standing, Wish
from bugbridge.core.snapshots import RemoteMessage, RemotePerson
from bugbridge.services.round_view import open_round
from bugbridge.services.rounds import review
from tests.services.scene import (
    ANN,
    SHIPPED,
    Scene,
    customer,
)

ANSWER = "The problem you wrote about"
BEN = RemotePerson("agent-2", AuthorKind.AGENT, name="Ben Agent")
CEM = RemotePerson("agent-3", AuthorKind.AGENT, name="Cem Agent")
DEPUTY = "support:agent-2"
ALL_HELD = REPLY_HOLD + timedelta(minutes=3)


def with_a_round(count: int = 4, **options: object) -> tuple[Scene, list[str]]:
    """A team whose bug is reported by so many customers, and released on day 2."""
    scene = Scene(**options).on(1)  # type: ignore[arg-type]
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(count)]
    scene.on(2).is_released()
    scene.decide()
    return scene, tickets


def seen(scene: Scene) -> RoundView:
    """The round as somebody looks at it now."""
    return open_round(scene.sender(), scene.issue().bug_id)


def approve(scene: Scene, tickets: list[str], text: str | None = None) -> int:
    """A person approves the replies to these tickets; gives how many were."""
    wishes = [Wish(scene.row(ticket).id, Decision.APPROVE, text) for ticket in tickets]
    done = review(scene.sender(), seen(scene), wishes, ANN)
    scene.plan()
    return len(done.approve)


def take_back(scene: Scene, tickets: list[str]) -> int:
    """A person takes these approvals back; gives how many were."""
    wishes = [Wish(scene.row(ticket).id, Decision.TAKE_BACK) for ticket in tickets]
    done = review(scene.sender(), seen(scene), wishes, ANN)
    scene.plan()
    return len(done.take_back)


def standings(scene: Scene, tickets: list[str]) -> list[Standing]:
    """Where tickets stand in the round."""
    rows = {row.key.ticket_id: row.standing for row in seen(scene).rows}
    return [rows[scene.row(ticket).id] for ticket in tickets]


def eyes(scene: Scene, ticket: str) -> tuple[Eye, ...]:
    """Why a ticket needs a person's eye."""
    return next(row.eye for row in seen(scene).rows if row.key.ticket_id == scene.row(ticket).id)


def told(scene: Scene, ticket: str) -> list[str]:
    """What stands on a ticket for its customer to read and wasn't written by hand, follow-ups included."""
    whole = [ticket, *(one for one, kept in scene.helpdesk._tickets.items() if kept.shown.followup_of == ticket)]
    messages: list[RemoteMessage] = [one for number in whole for one in scene.helpdesk._tickets[number].messages]
    public = [one for one in messages if one.public and one.author.kind is not AuthorKind.CUSTOMER]
    return [one.body for one in public if one.body != "We are looking into it."]


def sends_all(scene: Scene) -> None:
    """Passes until the ten minutes are over for all."""
    scene.send()
    for _ in range(4):
        scene.clock.forward(ALL_HELD)
        scene.read()
        scene.plan()
        scene.send()
