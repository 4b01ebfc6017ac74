"""Leave out, while reading, what was erased and is to stay so."""

from collections.abc import Sequence
from dataclasses import replace

from bugbridge.core.erasing import ErasedKind
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteMessage, RemoteTicket
from bugbridge.ports import Clock, Store
from bugbridge.services.settling import DAEMON

OVER = (TicketStatus.SOLVED, TicketStatus.CLOSED)


def is_left_out(store: Store, clock: Clock, source_id: int, seen: RemoteTicket) -> bool:
    """Whether a ticket that was read is not to be kept: it, or its customer, was forgotten, or it expired and is over.

    One that we keep and that a forgotten customer has taken over since is erased.
    """
    requester = seen.requester.remote_id if seen.requester.kind is AuthorKind.CUSTOMER else ""
    customer = bool(requester) and was_forgotten(store, source_id, requester, ErasedKind.CUSTOMER)
    if customer:
        kept = [one.id for one in store.tickets_of(source_id, [seen.remote_id]).values()]
        store.erase([], kept, ErasedKind.TICKET, at=clock.now(), actor=DAEMON)
        return True
    if was_forgotten(store, source_id, seen.remote_id, ErasedKind.TICKET):
        return True
    is_over = seen.gone or seen.status in OVER
    return is_over and was_forgotten(store, source_id, seen.remote_id, ErasedKind.EXPIRED)


def was_forgotten(store: Store, source_id: int, remote_id: str, kind: ErasedKind) -> bool:
    """Whether this id at a helpdesk was erased as of this kind."""
    return bool(store.denied(source_id, kind, [remote_id]))


def without_erased(
    store: Store, source_id: int, seen: RemoteTicket, messages: Sequence[RemoteMessage]
) -> tuple[RemoteTicket, Sequence[RemoteMessage]]:
    """Leave out what names erased people and tickets on a ticket of somebody else."""
    named = {one for one in (seen.merged_into, seen.followup_of) if one}
    erased = {one for kind in (ErasedKind.TICKET, ErasedKind.EXPIRED) for one in store.denied(source_id, kind, named)}
    erased -= store.tickets_of(source_id, erased).keys()  # one that was opened again is kept again
    authors = {message.author.remote_id for message in messages if message.author.kind is AuthorKind.CUSTOMER}
    gone = store.denied(source_id, ErasedKind.CUSTOMER, authors)
    shown = replace(
        seen,
        merged_into="" if seen.merged_into in erased else seen.merged_into,
        followup_of="" if seen.followup_of in erased else seen.followup_of,
    )
    return shown, [
        one for one in messages if one.author.kind is not AuthorKind.CUSTOMER or one.author.remote_id not in gone
    ]
