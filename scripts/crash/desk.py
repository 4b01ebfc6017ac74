"""The made-up team of a crash test, and the program that serves it: `python -m scripts.crash.desk`.

One repository whose bugs are open at first, and customers who each reported one of them. The first customer of a bug
wrote twice, and the last one reported the next bug too, so that there are several tickets to choose from. The one
before the last is *racing*: agents answer them while BugBridge is being killed, so that what they are owed depends on
the moment; they are checked for repetitions alone.
"""

import json
import signal
import sys
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta

from bugbridge.sandbox.commits import add_commit
from bugbridge.sandbox.seed_people import ROBOT_ID, SELF_EMAIL, SELF_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW, Comment, GitHubIssue, Organization, Release, Ticket, User, World

REPOSITORY = "acme/app"
BUGS = 24
CUSTOMERS_PER_BUG = 7
RACING = CUSTOMERS_PER_BUG - 2
AGENT_ID = 101
FIRST_CUSTOMER = 20_000
FIRST_ORGANIZATION = 7_000
FIRST_TICKET = 4_001
REPORTED = SEED_NOW - timedelta(days=20)


def reports() -> Iterator[tuple[int, int]]:
    """Who reported which bug, as (bug's number, customer's id), in the order of their tickets from FIRST_TICKET on."""
    for bug in range(1, BUGS + 1):
        own = [customer(bug, place) for place in range(CUSTOMERS_PER_BUG)]
        shared = [customer(bug - 1, CUSTOMERS_PER_BUG - 1)] if bug > 1 else []
        yield from ((bug, person) for person in (own[0], *own, *shared))


def customer(bug: int, place: int) -> int:
    """The id of a customer by the bug that they reported first, and their place among its customers."""
    return FIRST_CUSTOMER + bug * CUSTOMERS_PER_BUG + place


def is_racing(person: int | str) -> bool:
    """Whether agents answer this customer at moments that no seed decides."""
    return (int(person) - FIRST_CUSTOMER) % CUSTOMERS_PER_BUG == RACING


def build_desk() -> World:
    """A fresh world with these bugs and reports; its clock stands until it is started."""
    world = World(0)
    for user_id, name, email, role in (
        (AGENT_ID, "Ben Okafor", "ben@acme.example", "agent"),
        (ROBOT_ID, "Acme Robot", "robot@acme.example", "agent"),
        (SELF_ID, "BugBridge", SELF_EMAIL, "admin"),
    ):
        world.users[user_id] = User(user_id, name, email, role, None, "en-GB", "Berlin", "Europe/Berlin", REPORTED)
    commit = add_commit(world, REPOSITORY, "Release 1.0", REPORTED)
    world.releases[REPOSITORY] = [
        Release(world.new_id(), REPOSITORY, "1.0", REPORTED.date(), commit.sha, published_at=REPORTED)
    ]
    world.issues[REPOSITORY] = {number: _issue(world, number) for number in range(1, BUGS + 1)}
    for place, (bug, person) in enumerate(reports()):
        _add_person(world, person)
        _add_ticket(world, FIRST_TICKET + place, bug, person)
    return world


def _issue(world: World, number: int) -> GitHubIssue:
    at = REPORTED + timedelta(minutes=number)
    return GitHubIssue(world.new_id(), REPOSITORY, number, f"Fault {number}", "", "octavia", at, ("bug",))


def _add_person(world: World, person: int) -> None:
    organization = FIRST_ORGANIZATION + person - FIRST_CUSTOMER
    world.organizations[organization] = Organization(organization, f"Company {organization}", "free", REPORTED)
    name, email = f"Customer {person}", f"user{person}@customer{organization}.example"
    world.users[person] = User(
        person, name, email, "end-user", organization, "en-GB", "Berlin", "Europe/Berlin", REPORTED
    )


def _add_ticket(world: World, number: int, bug: int, person: int) -> None:
    at = REPORTED + timedelta(hours=2, minutes=number - FIRST_TICKET)
    organization = world.users[person].organization_id or 0
    ticket = Ticket(number, f"Fault {bug}", person, organization, AGENT_ID, "open", at, at)
    said = (
        (person, "The export drops its last row.", True),
        (AGENT_ID, "Thank you for telling us; we are looking into it.", True),
        (AGENT_ID, f"This is {REPOSITORY}#{bug}.", False),
    )
    for minutes, (author, body, public) in enumerate(said):
        _say(world, ticket, author, body, at + timedelta(minutes=minutes), public=public)
    world.tickets[number] = ticket


def _say(world: World, ticket: Ticket, author: int, body: str, at: datetime, *, public: bool) -> None:
    ticket.comments.append(Comment(world.new_id(), author, body, public, at, "web"))
    ticket.updated_at = at


def main() -> int:
    """Print the addresses as one line of JSON, then serve until SIGTERM."""
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    with Sandbox(build_desk()) as sandbox:
        sys.stdout.write(json.dumps(sandbox.world.addresses) + "\n")
        sys.stdout.flush()
        over.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
