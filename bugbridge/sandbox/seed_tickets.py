"""The seeded tickets: those about planned bugs, and those that only look so or are about something else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from bugbridge.sandbox import seed_words
from bugbridge.sandbox.chance import Chance
from bugbridge.sandbox.seed_bugs import HISTORY_START, Bug, report_times
from bugbridge.sandbox.seed_conversations import (
    AUTO_CLOSE_DAYS,
    Draft,
    add_note,
    chase,
    conclude,
    leave_unanswered,
    misleading,
    offer_workaround,
    open_conversation,
    promise,
)
from bugbridge.sandbox.seed_people import People
from bugbridge.sandbox.world import SEED_NOW, Comment, Promise, StatusChange, Ticket, Truth, Workaround, World

TICKETS = 640
FIRST_TICKET = 4001
TWO_BUGS = 14
MISLEADING = {
    "customer": 6,
    "public reply": 6,
    "trigger": 3,
    "robot": 3,
    "resolved before": 6,
    "quoted": 6,
    "code block": 6,
    "inline code": 3,
}
"""How many tickets hold a reference that makes no link, by why it makes none."""

BUGS_WITH_WORKAROUND = 18
WORKAROUND_STATES = ("known", "told", "told", "confirmed", "confirmed", "failed")
PROMISE_DAYS = (-9, -4, -1, 0, 1, 2, 4, 8)
"""When the promises of the seeded history fall due, in days from its end."""


@dataclass
class Desk:
    """Who takes part next: organisations take turns, so that each has tickets and repeats come late."""

    people: People
    turns: Iterator[int]
    drafts: list[Draft] = field(default_factory=list)

    def draft(self, chance: Chance, created_at: datetime, subject: str, organization: int | None = None) -> Draft:
        """A new ticket of the next organisation in turn, or of the given one."""
        chosen = next(self.turns) if organization is None else organization
        customer = chance.pick(self.people.customers[chosen])
        draft = Draft(created_at, subject, chosen, customer, chance.pick(self.people.agents))
        self.drafts.append(draft)
        return draft


def _turns(chance: Chance, organizations: list[int]) -> Iterator[int]:
    order = chance.shuffled(organizations)
    while True:
        yield from order


def _bug_ticket(chance: Chance, desk: Desk, bug: Bug, created_at: datetime, organization: int | None) -> Draft:
    draft = desk.draft(chance, created_at, f"{bug.part} {bug.fault}", organization)
    open_conversation(chance, draft, bug.part, bug.fault)
    add_note(chance, draft, [bug.reference])
    if chance.happens(0.25):
        chase(chance, draft, min(filter(None, (bug.closed_at, SEED_NOW))))
    return draft


def _with_workaround(bug: Bug) -> bool:
    return bug.outcome in {"open", "in progress", "reopened", "fixed"}


def _bug_tickets(chance: Chance, desk: Desk, bug: Bug, *, workaround: bool) -> None:
    organization = next(desk.turns) if bug.usage == "one account" else None
    for created_at in report_times(chance, bug):
        draft = _bug_ticket(chance, desk, bug, created_at, organization)
        if workaround:
            offer_workaround(chance, draft, bug, chance.pick(WORKAROUND_STATES))
        conclude(chance, draft, bug)
        if draft.solved_at is None and chance.happens(0.1):
            leave_unanswered(chance, draft)


def _second_bugs(chance: Chance, desk: Desk, bugs: list[Bug]) -> None:
    """Some customers meet two bugs at once; the agent notes both."""
    frequent = [bug for bug in bugs if bug.usage == "frequent" and bug.released_on is None]
    for draft in chance.shuffled([draft for draft in desk.drafts if draft.solved_at is None]):
        others = [
            bug
            for bug in frequent
            if bug.met_at < draft.created_at < bug.last_report and bug.reference not in draft.links
        ]
        if others and sum(len(each.links) > 1 for each in desk.drafts) < TWO_BUGS:
            second = chance.pick(others)
            first = list(draft.links)
            add_note(chance, draft, [second.reference, *first] if chance.happens(0.5) else [second.reference])
            draft.links = [*first, second.reference]


def _promises(chance: Chance, desk: Desk, bugs: list[Bug]) -> None:
    waiting = {bug.reference: bug for bug in bugs if bug.outcome in {"open", "in progress"}}
    last = SEED_NOW - timedelta(days=14)
    drafts = [
        draft for draft in desk.drafts if draft.solved_at is None and draft.links[0] in waiting and draft.last_at < last
    ]
    for draft, days in zip(chance.shuffled(drafts), PROMISE_DAYS, strict=False):
        promise(chance, draft, waiting[draft.links[0]], date(2026, 6, 15) + timedelta(days=days))


def _misleading_tickets(chance: Chance, desk: Desk, bugs: list[Bug]) -> None:
    living = [bug for bug in bugs if bug.outcome in {"open", "in progress"} and bug.usage != "new"]
    over = [bug for bug in bugs if _over_on_its_tracker(bug)]
    for how, count in MISLEADING.items():
        for _ in range(count):
            bug = chance.pick(over if how == "resolved before" else living)
            ended = bug.last_report + timedelta(days=5) if how == "resolved before" else bug.filed_at
            created_at = chance.instant(max(ended, SEED_NOW - timedelta(days=200)), SEED_NOW - timedelta(days=3))
            draft = desk.draft(chance, created_at, f"Question about the {bug.part}")
            open_conversation(chance, draft, bug.part, "puzzles me")
            if how == "resolved before":
                add_note(chance, draft, [bug.reference])
                draft.links, draft.suggestions = [], {bug.reference: how}
            else:
                misleading(chance, draft, bug.reference, how)


def _over_on_its_tracker(bug: Bug) -> bool:
    """Released in Jira or declined anywhere, long ago: the tracker itself says so."""
    ended = bug.outcome == "declined" or (bug.outcome == "released" and "#" not in bug.reference)
    return ended and not bug.recent


def _other_ticket(chance: Chance, desk: Desk) -> None:
    created_at = chance.instant(HISTORY_START, SEED_NOW - timedelta(hours=2))
    draft = desk.draft(chance, created_at, chance.pick(seed_words.OTHER_SUBJECTS))
    draft.say(created_at, draft.customer, "Hello, " + draft.subject, public=True, channel="email")
    if created_at > SEED_NOW - timedelta(days=2):
        draft.status = "new"
        return
    draft.say(chance.later(created_at, 1, 30), draft.agent, "Thank you for asking; here is how it works.", public=True)
    draft.solved_at = chance.later(draft.last_at, 0.1, 2)
    draft.status = "closed" if draft.solved_at < SEED_NOW - timedelta(days=AUTO_CLOSE_DAYS) else "solved"


def _comments(world: World, draft: Draft) -> list[Comment]:
    lines = sorted(draft.lines, key=lambda line: line.at)
    return [Comment(world.new_id(), line.author, line.body, line.public, line.at, line.channel) for line in lines]


def _status_changes(world: World, draft: Draft) -> list[StatusChange]:
    moves: list[tuple[datetime, str]] = []
    if draft.status != "new":
        moves.append((draft.first_reply_at, "open"))
    if draft.status in {"pending", "hold"}:
        moves.append((draft.last_at, draft.status))
    if draft.solved_at:
        moves.append((draft.solved_at, "solved"))
        if draft.status == "closed":
            moves.append((draft.solved_at + timedelta(days=AUTO_CLOSE_DAYS), "closed"))
    before, changes = "new", []
    for at, after in moves:
        changes.append(StatusChange(world.new_id(), draft.agent, before, after, at))
        before = after
    return changes


def _add_ticket(world: World, ticket_id: int, draft: Draft) -> None:
    comments, changes = _comments(world, draft), _status_changes(world, draft)
    updated = max([comments[-1].created_at, *(change.created_at for change in changes)])
    assignee = None if draft.status == "new" else draft.agent
    ticket = Ticket(
        ticket_id, draft.subject, draft.customer, draft.organization, assignee, draft.status, draft.created_at, updated
    )
    ticket.comments, ticket.status_changes = comments, changes
    world.tickets[ticket_id] = ticket
    world.truth[ticket_id] = Truth(draft.links, draft.suggestions, draft.ignored)
    if draft.promise:
        reference, made, due = draft.promise
        world.promises.append(Promise(ticket_id, reference, made, due))


def _record_workarounds(world: World, bugs: list[Bug], drafts: dict[int, Draft]) -> None:
    for bug in bugs:
        said = {
            number: draft.workaround
            for number, draft in drafts.items()
            if draft.workaround and draft.workaround[0] == bug.reference
        }
        if said:
            states = {number: state for number, (_, state, _) in said.items()}
            since = {number: at for number, (_, _, at) in said.items()}
            text = seed_words.WORKAROUND_STEP.format(part=bug.part)
            world.workarounds.append(Workaround(bug.reference, text, min(since.values()), states, since))


def _add_deleted(world: World, agents: list[int]) -> None:
    """Two deleted tickets: the export still names them."""
    for place, source in enumerate(list(world.tickets.values())[:2]):
        number = FIRST_TICKET + TICKETS + place
        at = SEED_NOW - timedelta(days=30 + place)
        world.tickets[number] = Ticket(
            number, "spam", source.requester_id, source.organization_id, agents[0], "deleted", at, at
        )
        world.truth[number] = Truth()


def add_tickets(world: World, chance: Chance, people: People, bugs: list[Bug]) -> None:
    """Write every ticket, number them by their beginning, and record what is true of each."""
    desk = Desk(people, _turns(chance, people.organizations))
    eased = {
        bug.reference for bug in chance.shuffled([bug for bug in bugs if _with_workaround(bug)])[:BUGS_WITH_WORKAROUND]
    }
    for bug in bugs:
        _bug_tickets(chance, desk, bug, workaround=bug.reference in eased)
    _second_bugs(chance, desk, bugs)
    _promises(chance, desk, bugs)
    _misleading_tickets(chance, desk, bugs)
    while len(desk.drafts) < TICKETS:
        _other_ticket(chance, desk)
    drafts = dict(enumerate(sorted(desk.drafts, key=lambda draft: draft.created_at), start=FIRST_TICKET))
    for number, draft in drafts.items():
        _add_ticket(world, number, draft)
    _record_workarounds(world, bugs, drafts)
    _add_deleted(world, people.agents)
