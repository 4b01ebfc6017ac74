"""What every agent does without being told: answer who waits, send the drafts they are given, approve their rounds."""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, Ticket, World
from scripts.week.people import AGENTS, GERMAN, STAFF, Agent, stand_in
from scripts.week.script import NOT_ANSWERED_UNTIL, PARTS, Act, Move

AT_THEIR_DESK = (time(9, 30), time(11, 30), time(14, 30), time(16, 30))
FOR_ONE_ANSWER = timedelta(seconds=5)
DRAFT = "Draft:\n\n"
NEXT_OF_SEVERAL = "\n--- "
CLEAR_NO = "was declined"  # nothing in the answer shows that it was given, so that its agent says so
APPROVAL = "bug: send round"
GIVEN = re.compile(r"^bug: give to (\w+)", re.MULTILINE)
OWN_WORDS = {
    GERMAN: "Vielen Dank für Ihre Nachricht. Wir sehen uns das an.",
    "": "Thank you for telling us. We are looking into it.",
}
STAFF_IDS = frozenset(agent.id for agent in STAFF)


def habitual(world: World, now: datetime) -> tuple[Move, ...]:
    """What the agents who are at their desks now do next, one answer after another."""
    present = [agent for agent in AGENTS if agent.wall(now).time() in AT_THEIR_DESK and not agent.is_away(now)]
    found = [
        move for agent in present for ticket in _tickets_of(agent, world, now) for move in _answers(ticket, agent, now)
    ]
    return tuple(
        Move(now + place * FOR_ONE_ANSWER, move.act, move.on, move.text, move.agent)
        for place, move in enumerate(found, start=1)
    )


def _tickets_of(agent: Agent, world: World, now: datetime) -> list[Ticket]:
    """The tickets that an agent has or was given, or has for somebody who is away."""
    return [ticket for _, ticket in sorted(world.tickets.items()) if stand_in(_holder(ticket), now) is agent]


def _holder(ticket: Ticket) -> Agent:
    """Whoever the ticket was last given to, else its assignee."""
    given = [match[1] for comment in _of_staff(ticket) if (match := GIVEN.search(comment.body))]
    return next(one for one in AGENTS if (one.short == given[-1] if given else one.id == ticket.assignee_id))


def _of_staff(ticket: Ticket) -> list[Comment]:
    return [comment for comment in ticket.comments if comment.author_id in STAFF_IDS]


def _answers(ticket: Ticket, agent: Agent, now: datetime) -> Iterator[Move]:
    if ticket.id == PARTS.not_answered.number and now < NOT_ANSWERED_UNTIL:
        return
    number, notes = str(ticket.id), [comment.body for comment in _unread(ticket)]
    drafts = [draft for body in notes for draft in drafts_in(body)]
    if any(APPROVAL in body for body in notes):
        yield Move(now, Act.NOTES, number, APPROVAL, agent)
    elif drafts:
        yield Move(now, Act.REPLIES, number, "\n\n".join(drafts), agent)
        if any(CLEAR_NO in body for body in notes):
            yield Move(now, Act.NOTES, number, "bug: told", agent)
    elif _waits(ticket):
        yield Move(now, Act.REPLIES, number, _own_words(ticket), agent)


def _unread(ticket: Ticket) -> list[Comment]:
    """BugBridge's notes since somebody of the staff last wrote here: whoever wrote has dealt with those before, but for
    one who only handed them on."""
    dealt_with = [comment for comment in _of_staff(ticket) if not GIVEN.search(comment.body)]
    begins = ticket.comments.index(dealt_with[-1]) + 1 if dealt_with else 0
    later = ticket.comments[begins:]
    return [comment for comment in later if comment.author_id == SELF_ID and not comment.public]


def drafts_in(body: str) -> list[str]:
    """The drafts of a note, each without what stands around it."""
    return [after.partition(NEXT_OF_SEVERAL)[0].strip() for after in body.split(DRAFT)[1:]]


def _waits(ticket: Ticket) -> bool:
    """Whether the customer had the last word."""
    return [comment for comment in ticket.comments if comment.public][-1].author_id == ticket.requester_id


def _own_words(ticket: Ticket) -> str:
    return OWN_WORDS[GERMAN if "Export nach 500 Zeilen" in ticket.comments[0].body else ""]
