"""Tickets and people that a vendor's double shows in that vendor's own shape; time passes a minute a change."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import requests
import responses

START = datetime(2026, 6, 1, 9, tzinfo=UTC)
CUSTOMER, OTHER_CUSTOMER, AGENT, ROBOT, OURSELVES = 301, 302, 101, 102, 191
ACCOUNT, TIER = "Acme", "enterprise"
NAMES = {
    CUSTOMER: "Carla Customer",
    OTHER_CUSTOMER: "Chris Customer",
    AGENT: "Ada Agent",
    ROBOT: "Robot",
    OURSELVES: "BugBridge",
}


@dataclass
class Message:
    """Something that was written; `author` is one of the numbers above."""

    id: int
    author: int
    body: str
    at: datetime
    public: bool
    metadata: dict[str, object] = field(default_factory=dict)


@dataclass
class Ticket:
    """A ticket with the vendor-neutral states `open`, `solved`, `closed` and `deleted`."""

    id: int
    created_at: datetime
    updated_at: datetime
    requester: int = CUSTOMER
    assignee: int | None = AGENT
    subject: str = "Export fails"
    status: str = "open"
    tags: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    merged_into: int | None = None
    followup_of: int | None = None
    messages: list[Message] = field(default_factory=list)


class HelpdeskWorld:
    """What a helpdesk holds. Every change takes place a minute after the one before."""

    def __init__(self) -> None:
        self.now = START
        self.tickets: dict[int, Ticket] = {}
        self.broken = False
        self.loses_next_answer = False
        self.suspended: set[int] = set()
        self._numbers = 4710

    def number(self) -> int:
        """Give an id that nothing has."""
        self._numbers += 1
        return self._numbers

    def minute(self) -> datetime:
        """Let a minute pass."""
        self.now += timedelta(minutes=1)
        return self.now

    def add_ticket(self, body: str) -> Ticket:
        """Have the customer write in."""
        at = self.minute()
        ticket = Ticket(self.number(), at, at)
        self.tickets[ticket.id] = ticket
        ticket.messages.append(Message(self.number(), CUSTOMER, body, at, public=True))
        return ticket

    def write(self, number: int, author: int, body: str, *, public: bool) -> Message:
        """Have somebody write on a ticket."""
        ticket = self.touch(number)
        message = Message(self.number(), author, body, self.now, public)
        ticket.messages.append(message)
        return message

    def touch(self, number: int) -> Ticket:
        """Give a ticket that is about to be changed now."""
        ticket = self.tickets[number]
        ticket.updated_at = self.minute()
        return ticket

    def change(self, number: int, **values: object) -> None:
        """Set a ticket's attributes."""
        ticket = self.touch(number)
        for name, value in values.items():
            setattr(ticket, name, value)


Answer = tuple[int, dict[str, str], str]
Handler = Callable[[requests.PreparedRequest, re.Match[str]], Answer]


def serve(mock: responses.RequestsMock, world: HelpdeskWorld, method: str, pattern: str, handler: Handler) -> None:
    """Answer what matches the whole address, query included, from the world; fail, or lose answers, when it does."""
    compiled = re.compile(pattern)

    def answer(request: requests.PreparedRequest) -> Answer:
        if world.broken:
            return 503, {}, "out of order"
        match = compiled.fullmatch(request.url or "")
        if match is None:
            raise AssertionError(f"{pattern} was asked for {request.url}")
        answered = handler(request, match)
        if method != "GET" and world.loses_next_answer:
            world.loses_next_answer = False
            raise requests.exceptions.ReadTimeout("the answer was lost")
        return answered

    mock.add_callback(method, compiled, callback=answer)


class WorldScene:
    """The contract's scene over a world; a vendor's own adds `helpdesk`."""

    unknown_ticket = "99999999"

    def __init__(self) -> None:
        self.world = HelpdeskWorld()

    def add_ticket(self, body: str) -> str:
        return str(self.world.add_ticket(body).id)

    def customer_writes(self, remote_id: str, body: str) -> None:
        self.world.write(int(remote_id), CUSTOMER, body, public=True)

    def agent_writes(self, remote_id: str, body: str, *, public: bool) -> None:
        self.world.write(int(remote_id), AGENT, body, public=public)

    def robot_writes(self, remote_id: str, body: str) -> None:
        self.world.write(int(remote_id), ROBOT, body, public=False)

    def solve(self, remote_id: str) -> None:
        self.world.change(int(remote_id), status="solved")

    def lock(self, remote_id: str) -> None:
        self.world.change(int(remote_id), status="closed")

    def delete(self, remote_id: str) -> None:
        self.world.change(int(remote_id), status="deleted")

    def merge(self, remote_id: str, survivor: str) -> None:
        self.world.change(int(remote_id), status="closed", merged_into=int(survivor))

    def change_requester(self, remote_id: str) -> None:
        self.world.change(int(remote_id), requester=OTHER_CUSTOMER)

    def suspend_agent(self) -> None:
        self.world.suspended.add(AGENT)

    def set_tag(self, remote_id: str, tag: str) -> None:
        ticket = self.world.touch(int(remote_id))
        ticket.tags.append(tag)

    def settle(self) -> None:
        for _ in range(3):
            self.world.minute()

    def lose_next_answer(self) -> None:
        self.world.loses_next_answer = True

    def break_down(self) -> None:
        self.world.broken = True

    def recover(self) -> None:
        self.world.broken = False
