"""What people say of promises, and the list of what became of those that were made."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import UsageError
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Entity, LinkEventKind
from bugbridge.core.places import LATEST_TEXT
from bugbridge.core.promises_made import Fared, Promise, promises_fared
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey, TicketRow
from bugbridge.core.stages import timeline
from bugbridge.ports import Clock, Store
from bugbridge.services.saying import Word, say_of_link

# What nobody can know today is no promise.
FARTHEST_PROMISE = timedelta(days=366)


def within_reach(due_at: datetime, said_at: datetime, typed: str) -> datetime:
    """Give an instant by which a message can be promised. Raises UsageError for one that is past or far ahead."""
    if due_at <= said_at:
        raise UsageError("A promise lies ahead: give a moment that is still to come.")
    if due_at > said_at + FARTHEST_PROMISE:
        raise UsageError(f"A promise lies at most {FARTHEST_PROMISE.days} days ahead: {typed!r} is later.")
    return due_at


def open_promises(store: Store, ticket: TicketRow, calendar: WorkCalendar, now: datetime) -> tuple[Promise, ...]:
    """Give the promises of a ticket that are still to be kept, in the order in which they were made."""
    found = {
        one.promise.seq: one.promise
        for key in _linked(store, ticket)
        for one in promises_of_link(store, key, calendar, now)
        if one.fared is Fared.OPEN
    }
    return tuple(found[seq] for seq in sorted(found))


def dismiss_promises(store: Store, clock: Clock, ticket: TicketRow, word: Word) -> int:
    """Keep that nothing is promised on a ticket, whatever was read or recorded up to now; gives how many links it has.

    Reading a reply again brings nothing back; what later replies promise counts.
    """
    with store.write():
        linked = _linked(store, ticket)
        for key in linked:
            say_of_link(store, clock, key, LinkEventKind.PROMISE_DISMISSED, "", _of_link(word, key))
    return len(linked)


def _linked(store: Store, ticket: TicketRow) -> list[LinkKey]:
    return [link.key for link in store.links_of(ticket.id) if link.state == "linked"]


def correct_promise(store: Store, clock: Clock, key: LinkKey, due_at: datetime, word: Word) -> None:
    """Keep that a message was promised by this instant and by no other, whatever was read or recorded up to now."""
    with store.write():
        dismiss_promises(store, clock, store.ticket(key.ticket_id), word)
        say_of_link(store, clock, key, LinkEventKind.PROMISE_MADE, instant_to_text(due_at), word)


def _of_link(word: Word, key: LinkKey) -> Word:
    return Word(word.actor, word.at, word.how, f"{word.source_key}:{key.bug_id}") if word.source_key else word


@dataclass(frozen=True, slots=True)
class ListedPromise:
    """A promise with the link that carries it; `said_by` is who wrote the reply, "" where a person recorded it."""

    ticket_id: int
    ticket: str
    bug: str
    said_by: str
    promise: Promise
    fared: Fared


def listed_promises(store: Store, clock: Clock, calendar: WorkCalendar) -> tuple[ListedPromise, ...]:
    """Give all promises of links that stand, each once, in the order of `promise_order`."""
    found = {
        one.promise.seq: one
        for key in store.promised_links()
        for one in promises_of_link(store, key, calendar, clock.now())
    }
    return tuple(sorted(found.values(), key=promise_order))


def promise_order(one: ListedPromise) -> tuple[str, int]:
    """Say where a promise stands in a list: by when it is due, so that what was missed comes before what is to come;
    what still waits for something comes last."""
    due_at = one.promise.due_at
    return instant_to_text(
        due_at
    ) if due_at else f"{LATEST_TEXT}{instant_to_text(one.promise.made_at)}", one.promise.seq


def promises_of_link(store: Store, key: LinkKey, calendar: WorkCalendar, now: datetime) -> tuple[ListedPromise, ...]:
    """Give the promises that a link carries, in the order in which they were made; none where it doesn't stand."""
    return tuple(one for _, one in promises_of_links(store, [key], calendar, now))


def promises_of_links(
    store: Store, keys: Collection[LinkKey], calendar: WorkCalendar, now: datetime
) -> list[tuple[LinkKey, ListedPromise]]:
    """Give the same of many links, link by link."""
    found = [
        (history, promise, fared, _author_id(history, promise))
        for history in store.link_histories(keys, KnownUpTo(store.head())).values()
        for promise, fared in promises_fared(history, timeline(history.bug), calendar, now)
    ]
    names = store.private_of_many(Entity.PARTY, {author_id for *_, author_id in found if author_id}, "name")
    return [
        (
            history.key,
            ListedPromise(
                ticket_id=history.key.ticket_id,
                ticket=history.ticket.reference,
                bug=history.bug.primary_reference,
                said_by=names.get(author_id, ""),
                promise=promise,
                fared=fared,
            ),
        )
        for history, promise, fared, author_id in found
    ]


def _author_id(history: LinkHistory, promise: Promise) -> int:
    """Give who wrote the reply with a promise, 0 for one that a person recorded."""
    return next((message.author_id for message in history.messages if message.seq == promise.message_id), 0)
