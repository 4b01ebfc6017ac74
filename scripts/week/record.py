"""What the helpdesk's own record says of the week; BugBridge's database is not asked."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, Ticket, World
from scripts.week.habits import APPROVAL, STAFF_IDS
from scripts.week.people import AGENTS, TEAM_ZONE, Agent
from scripts.week.script import REPORTS

REMINDER = re.compile(r"Due by |\d+ updates are due for this customer")
NAMES = {agent.id: agent for agent in AGENTS}


def notes(world: World) -> Iterator[tuple[Ticket, Comment]]:
    """Every internal note of BugBridge's."""
    for ticket in world.tickets.values():
        yield from ((ticket, each) for each in ticket.comments if each.author_id == SELF_ID and not each.public)


def reminders(world: World) -> Counter[tuple[Agent, date]]:
    """How many reminders stand on each agent's tickets from each day, by the team's clock."""
    found = ((ticket, note) for ticket, note in notes(world) if REMINDER.match(note.body))
    return Counter((_agent_of(ticket), note.created_at.astimezone(TEAM_ZONE).date()) for ticket, note in found)


def pings(world: World, version: str) -> Counter[Agent]:
    """How many notes ask each agent to approve the round of a release."""
    asking = ((ticket, note) for ticket, note in notes(world) if APPROVAL in note.body and _names(note, version))
    return Counter(_agent_of(ticket) for ticket, _ in asking)


def told(world: World, bug: str, version: str) -> dict[str, int]:
    """How often each customer who reported a bug was written to, in public, with a version's name; a customer goes by
    the first of their tickets on it."""
    first: dict[int, int] = {}
    for one in REPORTS:
        if one.bug == bug and not one.wrong:
            first.setdefault(one.customer.id, one.number)
    counts = dict.fromkeys(first.values(), 0)
    for ticket in world.tickets.values():
        if ticket.requester_id in first:
            counts[first[ticket.requester_id]] += sum(_names(each, version) for each in answers(ticket))
    return {f"#{number}": times for number, times in counts.items()}


def answers(ticket: Ticket, since: datetime | None = None) -> list[Comment]:
    """What a ticket's customer was written, by an agent or in one's name, perhaps only since an instant."""
    ours = [each for each in ticket.comments if each.public and each.author_id in {*STAFF_IDS, SELF_ID}]
    return [each for each in ours if since is None or each.created_at >= since]


def _names(comment: Comment, version: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(version)}(?!\.?\d)", comment.body) is not None


def _agent_of(ticket: Ticket) -> Agent:
    return NAMES[ticket.assignee_id or AGENTS[0].id]
