"""Forget people who ask for it, and tickets that are long over."""

from collections.abc import Collection, Sequence
from contextlib import nullcontext
from dataclasses import dataclass

from bugbridge.core.erasing import Erased, ErasedKind, Person
from bugbridge.core.instants import months_before
from bugbridge.core.model import Actor
from bugbridge.ports import Clock, Store
from bugbridge.services.importing import kept_at_once
from bugbridge.services.settling import DAEMON

# Erased in one transaction, so that others can write in between.
BATCH = 500


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was erased; `scrubbed` says that nothing of it is left in the database's files."""

    erased: Erased
    scrubbed: bool


def forget(store: Store, clock: Clock, people: Sequence[Person], actor: Actor, *, dry_run: bool = False) -> Forgotten:
    """Erase these customers with all their tickets, and have reading leave them out; a dry run counts and undoes it."""
    party_ids = [person.id for person in people]
    with kept_at_once(store, dry_run=dry_run):
        tickets = store.tickets_by(party_ids)
        erased = store.erase(party_ids, tickets, ErasedKind.CUSTOMER, at=clock.now(), actor=actor)
    return Forgotten(erased, dry_run or store.scrub())


def erase_expired(store: Store, clock: Clock, months: int, *, dry_run: bool = False) -> Forgotten:
    """Erase the tickets that were over more than so many months ago, and customers left without any; 0 keeps all.

    Over: solved, closed or deleted, silent since then, with every link taken back or to a bug released or declined
    before then, and nothing planned, waiting for a reply or given up. One that is opened again is read again.
    """
    if months == 0:
        return Forgotten(Erased(), scrubbed=True)
    expired, erased = store.expired_tickets(months_before(clock.now(), months)), Erased()
    with kept_at_once(store, dry_run=True) if dry_run else nullcontext():
        for start in range(0, len(expired), BATCH):
            erased += _erase(store, clock, expired[start : start + BATCH])
    return Forgotten(erased, not erased.tickets or dry_run or store.scrub())


def _erase(store: Store, clock: Clock, ticket_ids: Collection[int]) -> Erased:
    with store.write():
        parties = store.left_without(ticket_ids)
        return store.erase(parties, ticket_ids, ErasedKind.EXPIRED, at=clock.now(), actor=DAEMON)
