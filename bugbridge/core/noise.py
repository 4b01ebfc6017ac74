"""The noise rules: when an update may go out, with what, and how many.

What goes out together: when an update falls due, all that is planned for the same customer on the same helpdesk and
brand within `batch_business_days` of that moment goes with it, as one note. With 0 each update has a note of its own.

How many a customer sees: at most one unasked message (an enterprise customer `per_enterprise_contact`) begins in any
span of `per_contact_days` times 24 hours. A message that carries a promise, how a bug ended, or a question to a person
counts for nothing and is never held: it would go out anyway, and all the rest of the customer's updates rides with it.
A message is seen when an agent first writes publicly after our note, on a ticket that the note is about. A note that is
still open will become one, so it counts on the day it was posted, and one that is being posted counts now.

How many an agent gets: at most `reminders_per_agent_day` notes on a day of the team's calendar, promises first, then
corrections of what was wrongly told, then the oldest; promises alone go over it. Tickets that are assigned to nobody
count as one agent's.

When: in the team's open hours; a promise at any hour, for its date was moved into open hours before it. What an update
is held for puts it off to the first instant at which it fits, and it is judged again then; nothing is dropped.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import (
    WorkCalendar,
    add_business_days,
    is_open,
    next_open,
    next_open_day,
    next_open_in_all,
    previous_open_in_all,
    resolve_wall,
)
from bugbridge.core.model import TERMINAL_NEWS, News, TicketStatus
from bugbridge.core.planning import CORRECTIONS, PERIODIC, PROMISED
from bugbridge.core.policy_model import LimitRules
from bugbridge.core.records import UpdateItem

# What a customer is told unasked. Whatever else is a reason is exempt from the cap: questions have their rule's name.
ORDINARY = frozenset({*(news.value for news in News if news not in TERMINAL_NEWS), PERIODIC})
# A customer's waking hours, for what reaches them directly.
CUSTOMER_OPENS, CUSTOMER_CLOSES = time(8), time(20)
# Intentions are kept to the second, the instants that they lead to more exactly.
INTENTION_PRECISION = timedelta(seconds=1)
OPEN_STATUSES = frozenset({TicketStatus.OPEN, TicketStatus.PENDING})


@dataclass(frozen=True, slots=True)
class ConcernedTicket:
    """A ticket that a note may go to. `agent` tells who receives what is due there, "" for nobody.

    `active_at` is when a person last wrote there; `refused` says that it took no note when we last tried.
    """

    id: int
    agent: str
    status: TicketStatus
    active_at: datetime
    gone: bool = False
    refused: bool = False

    @property
    def takes_notes(self) -> bool:
        """Whether a note can be expected to stay there and be read."""
        return not (self.gone or self.refused or self.status is TicketStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class SentNote:
    """A note to a customer's agents: for what reasons, posted when, and met when by a public reply.

    `posted_at` is none while it is being posted, `met_at` while it is open.
    """

    reasons: frozenset[str]
    posted_at: datetime | None = None
    met_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Situation:
    """All that is planned for one customer on one helpdesk and brand, and what counts against it.

    `notes` are all notes about this customer that may still count; `notes_today` how many each agent got today.
    """

    items: Sequence[UpdateItem]
    tickets: Sequence[ConcernedTicket]
    notes: Sequence[SentNote] = ()
    enterprise: bool = False
    notes_today: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done for a customer now: at most one note, and what is put off until when.

    `together` are the note's updates, those of the `ticket` that it goes to first; none where there is none to post.
    """

    together: tuple[UpdateItem, ...] = ()
    ticket: ConcernedTicket | None = None
    put_off: tuple[tuple[UpdateItem, datetime], ...] = ()


def judge(situation: Situation, now: datetime, limits: LimitRules, calendar: WorkCalendar) -> Verdict:
    """Say what may go out for a customer now; in which order updates and tickets are given is of no consequence."""
    fits = _cap_fits(situation, now, limits)
    due = [item for item in situation.items if item.due_at <= now]
    waits = {item: _fits(item, fits, now, calendar) for item in due}
    free = sorted((item for item, until in waits.items() if until <= now), key=urgency)
    together = _together(situation.items, free, now, limits, calendar) if free else frozenset()
    ticket = choose_ticket(situation.tickets, together) if together else None
    if ticket is not None and _has_enough(ticket.agent, together, situation, limits):
        tomorrow = next_open_day(now, calendar)
        waits |= {item: max(tomorrow, waits[item]) for item in due if item in together}
        together, ticket = frozenset(), None
    put_off = [(item, until) for item, until in waits.items() if until > now and item not in together]
    return Verdict(
        tuple(sorted(together, key=lambda item: (ticket is None or item.ticket_id != ticket.id, *urgency(item)))),
        ticket,
        tuple(sorted(put_off, key=lambda one: urgency(one[0]))),
    )


def urgency(item: UpdateItem) -> tuple[int, datetime, str]:
    """Sort updates by what comes first: promises, then corrections, then the oldest."""
    rank = 0 if item.reason == PROMISED else 1 if item.reason in CORRECTIONS else 2
    return rank, intended_at(item), item.key


def intended_at(item: UpdateItem) -> datetime:
    """When an update was to go out, by what the time zone's rules are today; `due_at` is that or what put it off.

    Where a zone's rules changed so that the moment is earlier now than when it was planned, `due_at` still finds it.
    """
    if not item.wall_time:
        return item.due_at
    return resolve_wall(datetime.fromisoformat(item.wall_time), ZoneInfo(item.zone))


def held_until(item: UpdateItem) -> datetime | None:
    """Until when a limit or quiet hours hold a planned update back, none where nothing does."""
    return item.due_at if item.due_at - intended_at(item) >= INTENTION_PRECISION else None


def choose_ticket(tickets: Iterable[ConcernedTicket], items: Collection[UpdateItem]) -> ConcernedTicket:
    """Choose where a note about these updates goes: to their most recently active open ticket.

    One that takes no notes is chosen only where no other will do. Raises ValueError where no ticket is theirs.
    """
    concerned = {item.ticket_id for item in items}
    return min((ticket for ticket in tickets if ticket.id in concerned), key=_ticket_order)


def _ticket_order(ticket: ConcernedTicket) -> tuple[bool, bool, bool, float, int]:
    ended = ticket.status not in OPEN_STATUSES
    return ticket.gone, not ticket.takes_notes, ended, -ticket.active_at.timestamp(), ticket.id


def _together(
    planned: Collection[UpdateItem],
    free: Sequence[UpdateItem],
    now: datetime,
    limits: LimitRules,
    calendar: WorkCalendar,
) -> frozenset[UpdateItem]:
    """Give the updates of one note: those that may go, and in open hours all that can ride with them."""
    if not limits.batch_business_days:
        return frozenset(free[:1])
    if not is_open(now, calendar):
        return frozenset(free)
    until = add_business_days(now, limits.batch_business_days, calendar)
    return frozenset(free) | {item for item in planned if intended_at(item) <= until}


def _fits(item: UpdateItem, fits: datetime, now: datetime, calendar: WorkCalendar) -> datetime:
    """Give the first instant at which an update may go out by itself: now, or what holds it."""
    if intended_at(item) > now:
        return intended_at(item)
    if item.reason == PROMISED:
        return now
    return next_open(fits if item.reason in ORDINARY else now, calendar)


def _cap_fits(situation: Situation, now: datetime, limits: LimitRules) -> datetime:
    """Give the first instant at which one more unasked message to the customer fits."""
    span = timedelta(days=limits.per_contact_days)
    seen = sorted(_seen_at(note, now) for note in situation.notes if note.reasons <= ORDINARY)
    counting = [at for at in seen if at > now - span]
    most = limits.per_enterprise_contact if situation.enterprise else 1
    return counting[-most] + span if len(counting) >= most else now


def _seen_at(note: SentNote, now: datetime) -> datetime:
    return note.met_at or note.posted_at or now


def _has_enough(agent: str, items: Collection[UpdateItem], situation: Situation, limits: LimitRules) -> bool:
    if any(item.reason == PROMISED for item in items):
        return False
    return situation.notes_today.get(agent, 0) >= limits.reminders_per_agent_day


def reply_moment(due_at: datetime, team: WorkCalendar, reader: ZoneInfo, *, promised: bool = False) -> datetime:
    """When a message that reaches the customer directly may go out: in the team's hours and from 8 to 20 in theirs.

    A promised one goes earlier, any other later. Where the two don't meet, the customer's hours stand alone.
    """
    waking = WorkCalendar(reader, CUSTOMER_OPENS, CUSTOMER_CLOSES, weekend=frozenset())
    move = previous_open_in_all if promised else next_open_in_all
    return move(due_at, (team, waking)) or move(due_at, (waking,)) or due_at
