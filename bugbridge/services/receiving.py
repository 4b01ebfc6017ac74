"""Who receives what is due on a ticket, gathered from the team's list and from what the helpdesks show."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bugbridge.core.errors import UsageError
from bugbridge.core.noise import ConcernedTicket
from bugbridge.core.notifications import ON_TICKETS, Notice
from bugbridge.core.people import Held, Known, People, Receiver, ReceiverKind, Team
from bugbridge.core.planning import PROMISED
from bugbridge.core.records import TicketRow
from bugbridge.ports import Renderer, Store
from bugbridge.services.sources import source_named

MOST_NAMED = 20
REMINDER = "reminder"
LONGEST_TYPED = 60  # characters of what somebody typed that are said back


def receiver_of(store: Store, people: People, ticket: TicketRow, now: datetime, *, promised: bool = False) -> Receiver:
    """Say who receives what is due on a ticket now; `promised` is what its agent promised."""
    return Team(people, store.agents()).receiver(store.held([ticket.id])[ticket.id], now, promised=promised)


def reads_in(renderer: Renderer, receiver: Receiver | None, team: str) -> str:
    """Give the language in which a receiver reads notes: the first of theirs that there are templates in, else the
    team's, as for a group."""
    own = receiver.people[0].languages if receiver is not None and len(receiver.people) == 1 else ()
    return next((tag for tag in own if renderer.speaks(REMINDER, tag)), team)


def by_receiver(
    store: Store, people: People, tickets: Sequence[ConcernedTicket], now: datetime
) -> Sequence[ConcernedTicket]:
    """Have each ticket be the receiver's of what is due there, in whose day the notes on it count."""
    if not people.persons:
        return tickets
    keys = _keys(store, people, [ticket.id for ticket in tickets], now)
    return [replace(ticket, agent=keys[ticket.id]) for ticket in tickets]


def notes_by_receiver(store: Store, people: People, since: datetime, now: datetime) -> Counter[str]:
    """Count the notes posted since an instant, or being posted, by who receives what is due on their tickets."""
    if not people.persons:
        return Counter(store.notes_by_agent(since))
    notes = store.notes_by_ticket(since)
    keys = _keys(store, people, list(notes), now)
    counted: Counter[str] = Counter()
    for ticket_id, number in notes.items():
        counted[keys[ticket_id]] += number
    return counted


def _keys(store: Store, people: People, ticket_ids: Sequence[int], now: datetime) -> Mapping[int, str]:
    team = Team(people, store.agents())
    return {ticket_id: team.receiver(held, now).key for ticket_id, held in store.held(ticket_ids).items()}


def told_to_receivers(store: Store, people: People, notices: Sequence[Notice]) -> Sequence[Notice]:
    """Have each notice of a ticket tell whoever received what was due there when it happened."""
    if not people.persons or not notices:
        return notices
    team = Team(people, store.agents())
    return [_told_to_receiver(team, notice) for notice in notices]


def _told_to_receiver(team: Team, notice: Notice) -> Notice:
    if notice.kind not in ON_TICKETS or notice.at is None:
        return notice
    held = Held(notice.helpdesk, notice.agent_id, notice.group)
    receiver = team.receiver(held, notice.at, promised=notice.reason == PROMISED)
    return replace(
        notice,
        receivers=team.parties(receiver),
        channels=frozenset(person.channel for person in receiver.people if person.channel),
        to_lead=receiver.kind is ReceiverKind.LEAD,
    )


def agent_known_as(team: Team, typed: str) -> Callable[[Receiver], bool]:
    """Give what tells whether something is received by the agent who goes by this name, e-mail address or
    `HELPDESK:ID`. Raises UsageError where nobody does, or more than one."""
    found = team.named(typed)
    own = {agent.address.casefold() for one in found for agent in one.agents}
    if not found or (len(found) > 1 and (len(own) > 1 or own == {""})):
        raise UsageError(_unclear(found, team.known, "", typed))
    keys = {one.key for one in found}
    return lambda receiver: receiver.key in keys


def agent_named(store: Store, people: People, helpdesk: str, typed: str) -> int:
    """Give the party of a helpdesk's agent by their name, the first word of it, their e-mail address or `HELPDESK:ID`.

    Raises UsageError where nobody there, or more than one, goes by it.
    """
    team = Team(people, store.agents())
    found = team.named(typed, helpdesk)
    if len(found) != 1:
        raise UsageError(_unclear(found, [one for one in team.known if one.works_at(helpdesk)], helpdesk, typed))
    agent = found[0].at(helpdesk)
    if agent is not None:
        return agent.id
    return store.party_id(source_named(store, helpdesk).id, "agent", found[0].key.partition(":")[2])


def _unclear(found: Sequence[Known], known: Sequence[Known], helpdesk: str, typed: str) -> str:
    said, of_desk = " ".join(typed.split())[:LONGEST_TYPED], f" of {helpdesk}" if helpdesk else ""
    if found:
        several = ", ".join(f"{_reference(one, helpdesk)} ({one.name})" for one in found[:MOST_NAMED])
        return f"{said!r} is the name of several agents{of_desk}: write one of {several}."
    names = sorted({one.name for one in known}, key=str.casefold)
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return f"{said!r} is no agent{of_desk}; known are: {', '.join(names[:MOST_NAMED]) or 'none'}{more}."


def _reference(one: Known, helpdesk: str) -> str:
    agent = one.at(helpdesk)
    return agent.reference if agent else one.key
