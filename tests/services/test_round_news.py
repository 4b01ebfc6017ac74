"""Rounds of news: reviewed together, approved word for word, sent once to each customer, whatever happens meanwhile."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.errors import LockedError, RateLimitedError, RemoteError, UsageError
from bugbridge.core.model import AuthorKind, ClosedAs, DeliveryState, TicketStatus
from bugbridge.core.replies import REPLIES_A_MINUTE, REPLY_HOLD, REPLY_SPACING
from bugbridge.core.round_view import Decision, Eye, RoundView, Standing, Wish
from bugbridge.core.snapshots import RemoteMessage, RemotePerson
from bugbridge.services.checking import check
from bugbridge.services.replying import cancel_reply, held_replies
from bugbridge.services.retrying import retry
from bugbridge.services.round_opening import rounds_overdue
from bugbridge.services.round_view import open_round
from bugbridge.services.rounds import approve_own, release, review, rounds_of
from tests.services.scene import (
    ANN,
    EVE,
    ISSUE,
    LEASE,
    SHIPPED,
    TIMEOUT,
    KilledError,
    Scene,
    customer,
    day,
    raises,
)

ANSWER = "The problem you wrote about"
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


def test_news_for_three_tickets_waits_and_nobody_can_post_it() -> None:
    """It waits from the moment it is planned; no reminder goes out, whatever is decided again."""
    scene, tickets = with_a_round(3)
    scene.send()
    scene.store.touch_all()
    scene.on(3).decide()
    scene.send()
    assert [told(scene, ticket) for ticket in tickets] == [[], [], []]
    assert len(rounds_of(scene.store, ISSUE)[0].items) == 3
    assert standings(scene, tickets) == [Standing.READY] * 3
    assert check(scene.store).all == ()


def test_news_for_two_tickets_reminds_as_ever() -> None:
    """Few tickets are no round."""
    scene, tickets = with_a_round(2)
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (2, [1, 1])


def test_candidates_that_are_too_few_go_out_one_by_one() -> None:
    """Three tickets report the bug, but only two customers are to be told: that is said once, and they go out."""
    scene = Scene().on(1)
    scene.policy = SHIPPED
    tickets = [scene.reported(customer(f"customer {number}")) for number in range(3)]
    scene.on(1.5).writes_again(tickets[2])
    scene.on(2).is_released()
    scene.decide()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (2, [1, 1, 0])
    scene.on(3).replies(tickets[2])
    scene.decide()
    assert (scene.send().posted, scene.reminders(tickets[2]), check(scene.store).all) == (1, 1, ())


def test_a_ticket_linked_after_the_news_is_told_by_itself() -> None:
    """The round is of those who were waiting for it."""
    scene, tickets = with_a_round()
    scene.on(3)
    late = scene.writes_in(customer("late"))
    scene.replies(late)
    scene.link()
    scene.links_by_hand(late)
    scene.plan()
    assert (scene.send().posted, scene.reminders(late)) == (1, 1)
    assert standings(scene, [*tickets, late]) == [*[Standing.READY] * 4, Standing.ASIDE]
