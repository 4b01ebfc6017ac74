"""What each agent saw, day by day in their own local time, from the helpdesk's own record.

What was said alike on many tickets stands there once, with the tickets. A text and a long line are in full where they
first stand, and cut short with … from then on.
"""

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bugbridge.render.times import WORDS as WORDS_FOR_DAYS
from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.world import Comment, Ticket, World
from scripts.week.desk import Heard
from scripts.week.habits import holder
from scripts.week.people import AGENTS, STAFF, TEAM_ZONE, WEEK, Agent
from scripts.week.record import reader, reminders, told
from scripts.week.reports import EXPORT
from scripts.week.script import RELEASE, Act, Move

WIDTH = 100
INDENT = " " * 7
SHORT = 3  # lines of a text that is worth repeating whole
TELLS = {
    Act.FIXES: "{on} is closed as completed",
    Act.DECLINES: "{on} is closed as not planned",
    Act.REOPENS: "{on} is opened again",
    Act.RELEASES: "{on} {text} is released",
}
BY_ID = {agent.id: agent for agent in STAFF}
MONTHS, WEEKDAYS = WORDS_FOR_DAYS["en"].months, WORDS_FOR_DAYS["en"].weekdays
LAST = 1_000_000  # a notification comes after the notes that it is about
NOTIFIED = "you are notified"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that an agent saw; no ticket for what came by telephone."""

    at: datetime
    agent: Agent
    who: str
    text: str
    ticket: int = 0

    @property
    def words(self) -> str:
        """The text without its own ticket's number, which alone differs among many."""
        return self.text.replace(str(self.ticket), "…") if self.ticket else self.text


def transcript(world: World, heard: Sequence[Heard], moves: Sequence[Move]) -> str:
    """Write the whole week."""
    entries = sorted(
        [*_from_tickets(world), *_from_telephones(heard)], key=lambda entry: (entry.at, entry.ticket or LAST)
    )
    seen: set[str] = set()
    lines = ["A week at Acme's support, as its agents saw it", "(what is cut short with … stood in full before)", ""]
    for day in WEEK:
        lines += [*_heading(_day(day), "="), *_engineering(day, moves), ""]
        for agent in STAFF:
            own = [entry for entry in entries if entry.agent is agent and agent.wall(entry.at).date() == day]
            lines += _page(agent, own, day, seen)
    lines += [*_heading("What it came to", "="), *_sums(world)]
    return "\n".join(_cut_short(lines)).rstrip() + "\n"


def _cut_short(lines: Sequence[str]) -> Iterator[str]:
    """Wrap long lines; one that stood there already in full is cut after its first."""
    full: set[str] = set()
    for line in lines:
        indent = line[: len(line) - len(line.lstrip())]
        wrapped = textwrap.wrap(line, WIDTH, subsequent_indent=indent) or [""]
        if line.strip() in full and len(wrapped) > 1:
            yield indent + textwrap.shorten(line, WIDTH - len(indent), placeholder=" …")
        else:
            yield from wrapped
        full.add(line.strip())


def _sums(world: World) -> Iterator[str]:
    """Reminders by agent and day, and who was told of the release."""
    counts, times = reminders(world), told(world, EXPORT, RELEASE)
    for agent in AGENTS:
        days = ", ".join(f"{WEEKDAYS[day.weekday()]} {counts[agent, day]}" for day in WEEK)
        yield f"Reminders and rounds for {agent.short}: {days}."
    yield f"Of {len(times)} customers with the problem that {RELEASE} ends, {_several(times, 1)} told of it once,"
    yield f"{_several(times, 0)} not told, and {len(times) - _count(times, 0) - _count(times, 1)} more often."


def _several(times: Mapping[str, int], wanted: int) -> str:
    count = _count(times, wanted)
    return f"{count} {'was' if count == 1 else 'were'}"


def _count(times: Mapping[str, int], wanted: int) -> int:
    return sum(one == wanted for one in times.values())


def _from_tickets(world: World) -> Iterator[Entry]:
    for ticket in world.tickets.values():
        for comment in ticket.comments:
            yield _entry(ticket, comment)


def _entry(ticket: Ticket, comment: Comment) -> Entry:
    noted = comment.author_id == SELF_ID and not comment.public
    seen_by = reader(ticket, comment) if noted else BY_ID.get(comment.author_id, holder(ticket, comment.created_at))
    return Entry(comment.created_at, seen_by, _who(comment), comment.body, ticket.id)


def _who(comment: Comment) -> str:
    if comment.author_id == SELF_ID:
        return "BugBridge replies to the customer" if comment.public else "BugBridge notes"
    if comment.author_id not in BY_ID:
        return "the customer writes"
    if comment.channel == "api":
        return "BugBridge replies in your name"
    return "you reply to the customer" if comment.public else "you note"


def _from_telephones(heard: Sequence[Heard]) -> Iterator[Entry]:
    return (Entry(one.at, one.agent, NOTIFIED, one.text) for one in heard)


def _engineering(day: date, moves: Sequence[Move]) -> Iterator[str]:
    for move in moves:
        local = move.at.astimezone(TEAM_ZONE)
        if move.act in TELLS and local.date() == day:
            yield f"{local:%H:%M}  {TELLS[move.act].format(on=move.on, text=move.text)}"


def _page(agent: Agent, entries: Sequence[Entry], day: date, seen: set[str]) -> list[str]:
    """What one agent saw on one day, after all that was seen before."""
    if not entries and agent not in AGENTS:
        return []
    lines = _heading(f"{agent.short}, {_day(day)} ({agent.zone})", "-")
    if day in agent.away:
        lines += [f"Away; {agent.deputy} stands in. On {agent.short}'s tickets:", ""]
    groups: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        groups.setdefault((entry.who, entry.words), []).append(entry)
    for group in groups.values():
        lines += [*_shown(group, seen), ""]
    return lines if entries else [*lines, "Nothing.", ""]


def _shown(group: Sequence[Entry], seen: set[str]) -> Iterator[str]:
    first, *others = group
    place = f"#{first.ticket} " if first.ticket else ""
    yield f"{_wall(first)}  {place}{first.who}:"
    lines = first.text.splitlines()
    for line in [f"{lines[0]} …"] if first.words in seen and len(lines) > SHORT else lines:
        yield INDENT + line if line.strip() else ""
    seen.add(first.words)
    if others:
        numbers = ", ".join(f"#{entry.ticket}" for entry in others)
        yield f"{INDENT}({_alike(len(others))}, until {_wall(others[-1])}: {numbers})"


def _alike(count: int) -> str:
    return f"and alike on {count} more"


def _wall(entry: Entry) -> str:
    return f"{entry.agent.wall(entry.at):%H:%M}"


def _day(day: date) -> str:
    return f"{WEEKDAYS[day.weekday()]} {day.day} {MONTHS[day.month - 1]}"


def _heading(text: str, line: str) -> list[str]:
    return [text, line * len(text), ""]
