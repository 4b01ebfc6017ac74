"""What agents said of reminders, folded: put off, not needed, still due after all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.events import LinkEvent
from bugbridge.core.heard import linked_event, reminded_at
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import LinkEventKind, UpdateState
from bugbridge.core.records import LinkHistory, UpdateItem
from bugbridge.core.stages import in_order, timeline
from bugbridge.core.telling import agent_replies, agent_words, stands

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
    happened = {event.seq: event.at for event in timeline(history.bug).news}
    told_at = max(agent_words(history), default=None)
    ended = [
        item
        for item in items
        if item.state in ENDED_STATES
        and (
            item.delivery_id is not None or (told_at is not None and _is_by(happened.get(item.news_seq or 0), told_at))
        )
    ]
    if not ended:
        return None
    last = max(ended, key=lambda item: (item.due_at, item.id))
    news = [happened[last.news_seq]] if last.news_seq in happened else []
    return last, max(news or reminded_at(history, last.reason) or [last.due_at])


def _is_by(happened_at: datetime | None, told_at: datetime) -> bool:
    return happened_at is not None and happened_at <= told_at
