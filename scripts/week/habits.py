"""What every agent does without being told: answer who waits, send the drafts they are given, approve their rounds."""

import re
import textwrap
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, Ticket, World
from scripts.week.people import AGENTS, GERMAN, STAFF, Agent, stand_in
from scripts.week.script import NOT_ANSWERED_UNTIL, PARTS, Act, Move

AT_THEIR_DESK = (time(9, 30), time(11, 30), time(14, 30), time(16, 30))
UNTIL_LINKED = timedelta(minutes=25)
FOR_ONE_ANSWER = timedelta(seconds=5)
DRAFT = re.compile(r"^Draft(?: of the first reply)?:\n\n", re.MULTILINE)
REMARKS = re.compile(r"\A(?:\(.+\)\n)+\n")  # to the agent, above a draft
NEXT_OF_SEVERAL = "\n--- "
EYE = re.compile(r"^- (support:[^:]+(?:, support:[^:]+)*): .+\n((?:\n|    .*\n)*)", re.MULTILINE)
ROUND = "goes out until you say so."
SAY_TOLD = re.compile(r"(?:then write|say so there with) `bug: told`")  # where nothing in an answer shows what it tells
APPROVAL = "bug: send round"
ASKS_APPROVAL = f"Write `{APPROVAL}`"
GIVEN = re.compile(r"^bug: give to (\w+)", re.MULTILINE)
OWN_WORDS = {
    GERMAN: "Vielen Dank für Ihre Nachricht. Wir sehen uns das an.",
    "": "Thank you for telling us. We are looking into it.",
}
IN_GERMAN = ("Export as CSV.", "Exportieren Sie als CSV-Datei.")
WAY_AROUND = {GERMAN: "Es gibt einen Ausweg: Exportieren Sie als CSV-Datei.", "": "You can export as CSV meanwhile."}
STAFF_IDS = frozenset(agent.id for agent in STAFF)


def habitual(world: World, now: datetime) -> tuple[Move, ...]:
    """What the agents who are at their desks now do next, one answer after another."""
    present = [agent for agent in AGENTS if agent.wall(now).time() in AT_THEIR_DESK and not agent.is_away(now)]
    found = [move for agent in present for move in _work_of(agent, world, now)]
    return tuple(
        Move(now + place * FOR_ONE_ANSWER, move.act, move.on, move.text, move.agent)
        for place, move in enumerate(found, start=1)
    )


def _work_of(agent: Agent, world: World, now: datetime) -> Iterator[Move]:
    """What an agent does on the tickets that they have or were given, or have for somebody who is away."""
    tickets = [ticket for _, ticket in sorted(world.tickets.items()) if stand_in(holder(ticket, now), now) is agent]
    asked = {number: ask for ticket in tickets for note in _notes(ticket) for number, ask in _asks(note, world)}
    for ticket in tickets:
        if ticket.id != PARTS.not_answered.number or now >= NOT_ANSWERED_UNTIL:
            yield from _answers(ticket, asked.get(ticket.id), agent, now)


def holder(ticket: Ticket, now: datetime) -> Agent:
    """Whoever the ticket was last given to by then, else its assignee."""
    written = [comment.body for comment in _of_staff(ticket) if comment.created_at <= now]
    given = [match[1] for body in written if (match := GIVEN.search(body))]
    return next(one for one in AGENTS if (one.short == given[-1] if given else one.id == ticket.assignee_id))


def _of_staff(ticket: Ticket) -> list[Comment]:
    return [comment for comment in ticket.comments if comment.author_id in STAFF_IDS]


def _notes(ticket: Ticket) -> list[Comment]:
    return [comment for comment in ticket.comments if comment.author_id == SELF_ID and not comment.public]


def _asks(note: Comment, world: World) -> Iterator[tuple[int, tuple[str, str]]]:
    """The tickets of a round that need an agent's eye and on which nobody wrote since its note, each with what to write
    and that note's text."""
    if ROUND not in note.body:
        return
    for tickets, draft in EYE.findall(note.body):
        for number in map(int, re.findall(r"\d+", tickets)):
            written = _dealt_with(world.tickets[number])
            if not written or written[-1].created_at < note.created_at:
                shown = textwrap.dedent(draft).strip()
                yield number, (shown or WAY_AROUND[_language(world.tickets[number])], note.body)


def _language(ticket: Ticket) -> str:
    return GERMAN if "Export nach 500 Zeilen" in ticket.comments[0].body else ""


def _answers(ticket: Ticket, asked: tuple[str, str] | None, agent: Agent, now: datetime) -> Iterator[Move]:
    number, notes = str(ticket.id), [comment.body for comment in _unread(ticket)]
    drafts = [(draft, body) for body in notes for draft in drafts_in(body)]
    if any(ASKS_APPROVAL in body for body in notes):
        yield Move(now, Act.NOTES, number, APPROVAL, agent)
    if asked or drafts:
        text, note = asked or drafts[-1]
        yield Move(now, Act.REPLIES, number, text.replace(*IN_GERMAN) if _language(ticket) else text, agent)
        if SAY_TOLD.search(note):
            yield Move(now, Act.NOTES, number, "bug: told", agent)
    elif _waits(ticket, now):
        yield Move(now, Act.REPLIES, number, OWN_WORDS[_language(ticket)], agent)


def _dealt_with(ticket: Ticket) -> list[Comment]:
    """What the staff wrote, but for where one only handed the ticket on."""
    return [comment for comment in _of_staff(ticket) if not GIVEN.search(comment.body)]


def _unread(ticket: Ticket) -> list[Comment]:
    """BugBridge's notes since somebody of the staff last wrote here: whoever wrote has dealt with those before."""
    written = _dealt_with(ticket)
    begins = ticket.comments.index(written[-1]) + 1 if written else 0
    return [comment for comment in ticket.comments[begins:] if comment in _notes(ticket)]


def drafts_in(body: str) -> list[str]:
    """The drafts of a note, each without what stands around it."""
    return [REMARKS.sub("", after.partition(NEXT_OF_SEVERAL)[0]).strip() for after in DRAFT.split(body)[1:]]


def _waits(ticket: Ticket, now: datetime) -> bool:
    """Whether the customer had the last word, and there was time to link what is new."""
    last = [comment for comment in ticket.comments if comment.public][-1]
    return last.author_id == ticket.requester_id and last.created_at <= now - UNTIL_LINKED
