"""Tag the tickets of which an agent was reminded, until the customer was told, so that a view can list them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from bugbridge.core.errors import ConflictError, RemoteError
from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Entity, FactKind, UpdateState
from bugbridge.core.records import Source, TicketRow
from bugbridge.ports import Clock, Helpdesk, Store
from bugbridge.services.settling import DAEMON
from bugbridge.services.sources import source_named


@dataclass(frozen=True, slots=True)
class TaggingResult:
    """How many tickets were tagged and untagged, and what went wrong."""

    tagged: int = 0
    untagged: int = 0
    problems: tuple[str, ...] = field(default=(), compare=False)


def tag_due(
    helpdesk: Helpdesk, store: Store, clock: Clock, tag: str, stop: Callable[[], bool] = lambda: False
) -> TaggingResult:
    """Set the tag where a reminder is open and take it off where none is; `stop` is asked before each ticket.

    What people did to the tag meanwhile stays. With an empty tag, those set before are taken off. Leaves alone
    what isn't live or is paused, and a helpdesk that has no tags. A ticket that fails permanently is left as it is.
    """
    source = source_named(store, helpdesk.name)
    if not helpdesk.takes_tags:
        return TaggingResult()
    tagged = untagged = 0
    problems: list[str] = []
    for ticket, name, on in _wanted(store, source, tag):
        if stop():
            break
        if not store.may_be_written_to(ticket.id, clock.now()):
            continue
        try:
            helpdesk.set_tag(helpdesk.ticket(ticket.remote_id), name, on=on)
        except ConflictError:  # somebody works on it; the next step looks again
            continue
        except RemoteError as error:
            problems.append(str(error))
            if not error.permanent:
                break
        else:
            tagged, untagged = tagged + on, untagged + (not on)
        _remember(store, clock, ticket, name if on else "")
    return TaggingResult(tagged, untagged, tuple(dict.fromkeys(problems)))


def _wanted(store: Store, source: Source, tag: str) -> Iterator[tuple[TicketRow, str, bool]]:
    """Give what differs: the ticket, which tag, and whether it is to be there. One renamed in between is replaced."""
    ids = {item.ticket_id for item in store.open_updates() if tag and item.state is UpdateState.POSTED}
    reminded = {ticket.id: ticket for ticket in map(store.ticket, sorted(ids)) if ticket.source_id == source.id}
    carrying = store.tagged_tickets(source.id)
    for ticket, name in carrying:
        if ticket.id not in reminded or name != tag:
            yield ticket, name, False
    known = {ticket.id for ticket, name in carrying if name == tag}
    for ticket_id, ticket in reminded.items():
        if ticket_id not in known:
            yield ticket, tag, True


def _remember(store: Store, clock: Clock, ticket: TicketRow, value: str) -> None:
    at = clock.now()
    fact = FactEvent(
        entity=Entity.TICKET,
        entity_id=ticket.id,
        kind=FactKind.DUE_TAG,
        value=value,
        occurred_at=at,
        source_key=f"ticket:{ticket.id}:due_tag:{value}:{instant_to_text(at)}",
    )
    store.append([fact], actor=DAEMON, recorded_at=at)
