"""What a customer asked of us themselves, as an agent takes it down."""

from datetime import datetime

from bugbridge.core.errors import UsageError
from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, Entity, FactKind, OptOut
from bugbridge.core.records import TicketRow
from bugbridge.ports import Clock, Store


def keep_opt_out(
    store: Store, clock: Clock, ticket: TicketRow, wish: OptOut, actor: Actor, at: datetime | None = None
) -> None:
    """Keep what the customer of a ticket doesn't want to hear, on all of their tickets, since `at` or now.

    Raises UsageError where nobody knows whose ticket it is.
    """
    if ticket.requester_id is None:
        raise UsageError(f"{ticket.reference} has no known customer, so nobody can be left in peace: `bugbridge sync`.")
    at = at or clock.now()
    fact = FactEvent(
        entity=Entity.PARTY,
        entity_id=ticket.requester_id,
        kind=FactKind.OPT_OUT,
        value=wish,
        occurred_at=at,
        source_key=f"party:{ticket.requester_id}:opt_out:{wish}:{instant_to_text(at)}",
    )
    store.append([fact], actor=actor, recorded_at=at)
