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
from bugbridge.core.telling import agent_replies, stands

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
    """Give what an agent said last of putting off, none where nobody did."""
    said = [event for event in in_order(history.link_events) if event.kind is LinkEventKind.PUT_OFF]
    return Delay(said[-1].occurred_at, instant_from_text(said[-1].value), said[-1].seq) if said else None


def delays_since(history: LinkHistory, since: datetime) -> int:
    """Count how often something was put off since it happened."""
    said = (event for event in history.link_events if event.kind is LinkEventKind.PUT_OFF)
    return sum(event.occurred_at >= since for event in said)


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

    For a turn without news that is since its reminder.
    """
    ended = [item for item in items if item.state in ENDED_STATES and item.delivery_id is not None]
    if not ended:
        return None
    last = max(ended, key=lambda item: (item.due_at, item.id))
    news = [event.at for event in timeline(history.bug).news if event.seq == last.news_seq]
    return last, max(news or reminded_at(history, last.reason) or [last.due_at])
