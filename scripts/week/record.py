"""What the helpdesk's own record says of the week; BugBridge's database is not asked."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, Ticket, World
from scripts.week.habits import ROUND, STAFF_IDS, holder
from scripts.week.people import TEAM_ZONE, Agent, stand_in
from scripts.week.script import REPORTS

END = datetime.max.replace(tzinfo=UTC)
REMINDER = re.compile(r"(?:For .+\n\n+)?(?:Due by |Reminder again: |\d+ updates are due for this customer)")


def notes(world: World) -> Iterator[tuple[Ticket, Comment]]:
    """Every internal note of BugBridge's."""
    for ticket in world.tickets.values():
        yield from ((ticket, each) for each in ticket.comments if each.author_id == SELF_ID and not each.public)


def reminders(world: World) -> Counter[tuple[Agent, date]]:
    """How many notes asked each agent for something on each day, by the team's clock: reminders, and whole rounds."""
    found = ((ticket, note) for ticket, note in notes(world) if REMINDER.match(note.body) or ROUND in note.body)
    return Counter((reader(ticket, note), note.created_at.astimezone(TEAM_ZONE).date()) for ticket, note in found)


def pings(world: World, version: str) -> Counter[Agent]:
    """How many notes showed each agent the round of a release."""
    asking = ((ticket, note) for ticket, note in notes(world) if ROUND in note.body and _names(note, version))
    return Counter(reader(ticket, note) for ticket, note in asking)


def told(world: World, bug: str, version: str, before: datetime = END) -> dict[str, int]:
    """How often each customer who reported a bug was written to, in public, with a version's name, before an instant; a
    customer goes by the first of their tickets on it."""
    first: dict[int, int] = {}
    for one in REPORTS:
        if one.bug == bug and not one.wrong:
            first.setdefault(one.customer.id, one.number)
    counts = dict.fromkeys(first.values(), 0)
    for ticket in world.tickets.values():
        if ticket.requester_id in first:
            naming = (each for each in answers(ticket) if _names(each, version) and each.created_at < before)
            counts[first[ticket.requester_id]] += sum(1 for _ in naming)
    return {f"#{number}": times for number, times in counts.items()}


def answers(ticket: Ticket, since: datetime | None = None) -> list[Comment]:
    """What a ticket's customer was written, by an agent or in one's name, perhaps only since an instant."""
    ours = [each for each in ticket.comments if each.public and each.author_id in {*STAFF_IDS, SELF_ID}]
    return [each for each in ours if since is None or each.created_at >= since]


def _names(comment: Comment, version: str) -> bool:
    return re.search(rf"(?<![\d.]){re.escape(version)}(?!\.?\d)", comment.body) is not None


def reader(ticket: Ticket, note: Comment) -> Agent:
    """Who read a note: whoever had the ticket by then, or their deputy."""
    return stand_in(holder(ticket, note.created_at), note.created_at)
