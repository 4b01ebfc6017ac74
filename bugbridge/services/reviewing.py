"""What a person says of updates that wait in a round, by link; approved words lie apart from the event of it."""

from collections.abc import Collection, Iterable, Mapping

from bugbridge.core.events import LinkEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, Entity, LinkEventKind, Review
from bugbridge.core.records import LinkKey, UpdateItem
from bugbridge.core.rounds import approval_value
from bugbridge.ports import Clock, Store


def say_reviewed(store: Store, clock: Clock, keys: Iterable[LinkKey], value: str, actor: Actor) -> int:
    """Keep a word about what is news of these links by now; gives how many links. What is said later counts."""
    with store.write():
        at, head = clock.now(), store.head()
        events = [
            LinkEvent(
                ticket_id=key.ticket_id,
                bug_id=key.bug_id,
                kind=LinkEventKind.REVIEWED,
                value=value,
                occurred_at=at,
                source_key=f"link:{key.ticket_id}:{key.bug_id}:reviewed:{value}:{instant_to_text(at)}:{head}",
            )
            for key in keys
        ]
        store.append(events, actor=actor, recorded_at=at)
    return len(events)


def keep_approval(store: Store, clock: Clock, key: LinkKey, news_seq: int, text: str, actor: Actor) -> None:
    """Freeze the very words that a customer is to read, and keep that they were approved."""
    with store.write():
        keep_words(store, key.ticket_id, news_seq, text)
        say_reviewed(store, clock, [key], approval_value(news_seq), actor)


def keep_words(store: Store, ticket_id: int, news_seq: int, text: str) -> None:
    """Keep the words for a ticket's customer, with whom they are erased; "" forgets them."""
    reader = store.ticket(ticket_id).requester_id
    store.keep_private(reader, Entity.TICKET, ticket_id, _field(news_seq), text)


def kept_words(store: Store, ticket_id: int, news_seq: int | None) -> str:
    """Give the words that were approved last for a ticket and a piece of news, "" for none."""
    return store.private(Entity.TICKET, ticket_id, _field(news_seq or 0))


def kept_words_of(store: Store, ticket_ids: Collection[int], news_seq: int) -> Mapping[int, str]:
    """Give the same of many tickets, of those that have any."""
    return store.private_of_many(Entity.TICKET, ticket_ids, _field(news_seq))


def forget_words(store: Store, items: Iterable[UpdateItem]) -> None:
    """Delete the words that were approved for these updates: they were sent, or nobody is to read them after all."""
    for item in items:
        if item.review is Review.APPROVED and item.news_seq is not None:
            keep_words(store, item.ticket_id, item.news_seq, "")


def _field(news_seq: int) -> str:
    """A piece of news keeps its event when its bug is merged into another."""
    return f"approved_reply:{news_seq}"
