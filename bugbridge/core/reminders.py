"""What agents said of reminders, folded: put off, not needed, still due after all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.events import LinkEvent
from bugbridge.core.heard import linked_event, reminded_at
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import LinkEventKind, UpdateState, Workaround
from bugbridge.core.records import LinkHistory, UpdateItem
from bugbridge.core.stages import in_order, timeline
from bugbridge.core.telling import agent_replies, agent_words, dismissals, stands

# So often a reminder may be put off.
MOST_DELAYS = 2
ENDED_STATES = frozenset({UpdateState.TOLD, UpdateState.WITHDRAWN})


@dataclass(frozen=True, slots=True)
class Delay:
    """What was due when this was said, by the event `seq`, is due at `until`, or when it would be if that is later."""

    said_at: datetime
    until: datetime
    seq: int = 0


def last_delay(history: LinkHistory) -> Delay | None:
    """Give what an agent said last of putting off and didn't take back, none where nobody did."""
    said = _delays(history)
    return Delay(said[-1].occurred_at, instant_from_text(said[-1].value), said[-1].seq) if said else None


def delays_since(history: LinkHistory, since: datetime) -> int:
    """Count how often something was put off since it happened, and stayed so."""
    return sum(event.occurred_at >= since for event in _delays(history))


def _delays(history: LinkHistory) -> list[LinkEvent]:
    """Put off until the very moment when it was said takes back the one before."""
    standing: list[LinkEvent] = []
    for event in in_order(one for one in history.link_events if one.kind is LinkEventKind.PUT_OFF):
        if instant_from_text(event.value) > event.occurred_at:
            standing.append(event)
        elif standing:
            standing.pop()
    return standing


def last_dismissal(history: LinkHistory) -> LinkEvent | None:
    """Give an agent's last word that what is due needn't be told, none where there is none or it was taken back."""
    said = [event for event in in_order(history.link_events) if event.kind is LinkEventKind.NOT_NEEDED]
    return next((event for event in reversed(said) if stands(history, event.occurred_at)), None)


def happened_at(history: LinkHistory, item: UpdateItem) -> datetime:
    """Give since when an update is what it is: its news, or else what the customer last heard."""
    news = [event.at for event in timeline(history.bug).news if event.seq == item.news_seq]
    return max(news or [linked_event(history).occurred_at, *agent_replies(history)])


def ended_since(history: LinkHistory, items: Iterable[UpdateItem]) -> tuple[UpdateItem, datetime] | None:
    """Give the update that ended last, and since when whatever told the customer of it is in doubt.

    For a turn without news that is since its reminder. What was never reminded of ended where an agent's word was it.
    """
    ended = [item for item in items if _has_ended(history, item)]
    if not ended:
        return None
    last = max(ended, key=lambda item: (item.due_at, item.id))
    news = _happened(history, last)
    return last, max(news or reminded_at(history, last.reason) or [last.due_at])


def ended_with(history: LinkHistory, items: Iterable[UpdateItem], since: datetime) -> tuple[UpdateItem, ...]:
    """Give the updates that may have ended through nothing but what was said since an instant; whether each is still
    called for without it is for planning to say."""
    before = [at for at in _heard(history) if at < since]
    return tuple(
        item
        for item in items
        if _has_ended(history, item) and not any(at >= _became_due(history, item) for at in before)
    )


def _has_ended(history: LinkHistory, item: UpdateItem) -> bool:
    """What was withdrawn without anything that told the customer of it, as after a change of policy, hasn't ended."""
    if item.state not in ENDED_STATES:
        return False
    if item.delivery_id is None:
        told_at = max(agent_words(history), default=None)
        return told_at is not None and any(at <= told_at for at in _happened(history, item))
    heard = _heard(history)
    return item.state is UpdateState.TOLD or any(at >= _became_due(history, item) for at in heard)


def _became_due(history: LinkHistory, item: UpdateItem) -> datetime:
    """Give since when the customer could be told of an update: its news, or else its reminder."""
    posted = [event.occurred_at for event in history.delivery_events if event.delivery_id == item.delivery_id]
    return min(_happened(history, item) or posted or [item.due_at])


def _happened(history: LinkHistory, item: UpdateItem) -> list[datetime]:
    return [event.at for event in timeline(history.bug).news if event.seq == item.news_seq]


def _heard(history: LinkHistory) -> list[datetime]:
    """Give when anything seemed to tell this customer, or to say that nobody need."""
    helped = [
        event.occurred_at
        for event in history.party_link_events
        if event.kind is LinkEventKind.WORKAROUND and event.value == Workaround.TOLD
    ]
    return [*agent_replies(history), *agent_words(history), *dismissals(history), *helped]
