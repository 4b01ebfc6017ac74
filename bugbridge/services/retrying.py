"""What couldn't be posted, and trying it again because a person says so."""

from collections.abc import Collection
from dataclasses import dataclass

from bugbridge.core.errors import UsageError
from bugbridge.core.model import Actor, UpdateState
from bugbridge.core.records import TicketRow, UpdateItem
from bugbridge.ports import Clock, Store
from bugbridge.services.replying import hand_to_agent

# Where the reason wasn't kept with the update, as it was not at first.
UNKNOWN_REASON = "refused"


@dataclass(frozen=True, slots=True)
class Undelivered:
    """An update that couldn't be posted, on which ticket, and the word for why."""

    item: UpdateItem
    ticket: TicketRow
    why: str


def undelivered(store: Store) -> tuple[Undelivered, ...]:
    """Give the updates that wait for a person since they couldn't be posted, the oldest first."""
    dead = [item for item in store.open_updates() if item.state is UpdateState.DEAD]
    return tuple(Undelivered(item, store.ticket(item.ticket_id), item.state_reason or UNKNOWN_REASON) for item in dead)


def retry(store: Store, clock: Clock, tickets: Collection[TicketRow], actor: Actor) -> tuple[Undelivered, ...]:
    """Have what couldn't be posted fall due again, on these tickets or for none on all; gives what will be tried.

    It goes to the agent as a note, also where it was a reply: whether the customer has it, only a person can say. A
    reply that is found to have arrived after all is not gone into again.
    Raises UsageError where a ticket has nothing to try again.
    """
    with store.write():
        found, ids = undelivered(store), {ticket.id for ticket in tickets}
        chosen = tuple(one for one in found if not ids or one.item.ticket_id in ids)
        lacking = [ticket.reference for ticket in tickets if ticket.id not in {one.item.ticket_id for one in chosen}]
        if lacking:
            sentence = f"Nothing waits to be tried again on {', '.join(lacking)}: `bugbridge due --dead` lists it."
            raise UsageError(sentence)
        items = [one.item for one in chosen]
        store.revive_updates([item.key for item in items], clock.now())
        hand_to_agent(store, clock, items, "retried", actor)
    return chosen
