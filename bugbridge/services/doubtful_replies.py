"""Replies that were given up since nobody knew whether they had arrived: one may have come later than it was looked
for."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.errors import RemoteError
from bugbridge.core.events import DeliveryEvent, LinkEvent
from bugbridge.core.model import DeliveryState, LinkEventKind
from bugbridge.core.records import Delivery, KnownUpTo, LinkKey
from bugbridge.core.replies import is_the_agents
from bugbridge.core.stages import in_order
from bugbridge.ports import Helpdesk, Store
from bugbridge.services.attempts import REPLY_UNKNOWN
from bugbridge.services.drafting import Called


@dataclass(frozen=True, slots=True)
class DoubtfulReply:
    """A reply that was given up, and when it was last about to be sent: it tells nothing newer."""

    delivery: Delivery
    begun_at: datetime


def arrived_after_all(store: Store, helpdesk: Helpdesk, called: Called) -> tuple[DoubtfulReply, ...]:
    """Look once more for the replies in doubt that told this customer of what is called for; gives those that stand
    there.

    Raises RemoteError where asking again may help; one that can't be looked up stays in doubt.
    """
    if not is_the_agents(called.history, called.state, called.intention):
        return ()
    found = (reply for word in _in_doubt(called) for reply in _given_up_with(store, word))
    return tuple(reply for reply in found if _stands(store, helpdesk, reply.delivery))


def _in_doubt(called: Called) -> Iterator[LinkEvent]:
    handed = (event for event in called.history.party_link_events if event.kind is LinkEventKind.TO_AGENT)
    return (event for event in handed if event.value == REPLY_UNKNOWN)


def _given_up_with(store: Store, word: LinkEvent) -> Iterator[DoubtfulReply]:
    """Find the reply that was handed to the agent with this word: both were kept at once, so it is the last before."""
    history = store.link_history(LinkKey(word.ticket_id, word.bug_id), KnownUpTo(word.seq))
    steps = [step for step in in_order(history.delivery_events) if step.ticket_id == word.ticket_id]
    ended = [step.delivery_id for step in steps if step.detail_code == REPLY_UNKNOWN][-1:]
    begun = [step for step in steps if step.delivery_id in ended and _begins_posting(step)][-1:]
    dead = store.deliveries(DeliveryState.DEAD) if begun else ()
    return (DoubtfulReply(one, step.occurred_at) for step in begun for one in dead if one.id == step.delivery_id)


def _begins_posting(step: DeliveryEvent) -> bool:
    """Whether the reply was about to be sent then; that looking for it failed later has a detail."""
    return step.kind == DeliveryState.POSTING and not step.detail_code


def _stands(store: Store, helpdesk: Helpdesk, delivery: Delivery) -> bool:
    ticket = store.ticket(delivery.ticket_id)
    if ticket.source_name != helpdesk.name or not ticket.remote_id:
        return False
    try:
        return bool(helpdesk.find_note(ticket.remote_id, delivery.marker))
    except RemoteError as error:
        if error.permanent:
            return False
        raise
