"""What a customer heard of a bug, and when: from it the intervals between periodic updates run."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.cadence import Heard
from bugbridge.core.events import DeliveryEvent, LinkEvent
from bugbridge.core.model import LinkEventKind
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import Timeline, in_order
from bugbridge.core.telling import Telling, agent_replies, agent_words, dismissals, own_replies

POSTED_KINDS = frozenset({"posted", "found"})
# What a reminder's code says besides, where the promise that it is about stands for the periodic update too.
TURN = "turn"


def code_of(reason: str, bug_id: int, ordinal: int | None) -> str:
    """Write what a reminder was about: `REASON:BUG`, and whether another update than a periodic one was one in turn."""
    return f"{reason}:{bug_id}" if ordinal is None or reason == "periodic" else f"{reason}:{bug_id} {TURN}"


def linked_event(history: LinkHistory) -> LinkEvent:
    """Give the event that the link stands on. Raises ValueError if it was never linked."""
    links = [event for event in in_order(history.link_events) if event.kind is LinkEventKind.LINKED]
    if not links:
        raise ValueError(f"{history.ticket.reference} is not linked to {history.bug.primary_reference}")
    return links[-1]


def linked_since(history: LinkHistory) -> datetime | None:
    """Give when the link that stands was made, none where none stands."""
    begins = None
    own = [event for event in history.link_events if event.bug_id == history.key.bug_id]
    for event in in_order(own):
        if event.kind is LinkEventKind.LINKED:
            begins = begins or event.occurred_at
        elif event.kind is LinkEventKind.UNLINKED:
            begins = None
    return begins


def tells_from(linked: LinkEvent) -> datetime:
    """Give since when a link calls for anything: one brought along from history, since it was recorded here."""
    return max(linked.occurred_at, linked.recorded_at) if linked.value and linked.recorded_at else linked.occurred_at


@dataclass(frozen=True, slots=True)
class WhatWasHeard:
    """When a customer last heard of a bug, how many periodic updates they were told, promises that stood for one
    included, and the run of what they heard
    since the last news, from which the intervals grow."""

    last_at: datetime
    periodic_told: int
    run: tuple[Heard, ...]


def what_was_heard(
    history: LinkHistory, told: tuple[Telling, ...], bug: Timeline, linked_at: datetime, live_from: datetime | None
) -> WhatWasHeard:
    """Find what the intervals run from: the link, going live, or the last reply that told something.

    Periodic updates are counted for a customer and bug, on whichever of their tickets each was told.
    """
    begins = max(linked_at, live_from or linked_at)
    elsewhere = [at for at in (*history.periodic_elsewhere, *dismissals(history)) if at > begins]
    heard = sorted([*updates_heard(history, told, bug, begins), *elsewhere])
    periodic = [*_periodic_told(history), *history.periodic_elsewhere]
    last_news_at = max((event.at for event in bug.news), default=begins)
    return WhatWasHeard(
        last_at=max([begins, *heard]),
        periodic_told=len(set(periodic)),
        run=run_since([begins, *heard], frozenset(periodic), last_news_at),
    )


def run_since(heard: Sequence[datetime], periodic: frozenset[datetime], last_news_at: datetime) -> tuple[Heard, ...]:
    """Give what the customer heard since the last news, that news first.

    Where nobody told it, or nothing since, the intervals run from what they heard before it.
    """
    points = sorted(set(heard))
    since = [at for at in points if at > last_news_at]
    if not since or since[0] in periodic:
        since = [*[at for at in points if at <= last_news_at][-1:], *since]
    return tuple(Heard(at, at in periodic) for at in since)


def updates_heard(history: LinkHistory, told: Sequence[Telling], bug: Timeline, begins: datetime) -> list[datetime]:
    """Give when the customer heard something of the bug after an instant: news, or an update they were due.

    A public reply counts where news or a reminder came since the one before.
    """
    occasions = [event.at for event in bug.news] + [at for at, _ in _reminders(history)]
    told_at = [telling.at for telling in told if telling.at > begins]
    return [at for at, earlier in zip(told_at, [begins, *told_at], strict=False) if _any_in(occasions, earlier, at)]


def _any_in(occasions: Iterable[datetime], after: datetime, until: datetime) -> bool:
    return any(after < occasion <= until for occasion in occasions)


def _reminders(history: LinkHistory) -> list[tuple[datetime, str]]:
    """Give when and for what reasons the agent was reminded of this bug, not of another one on the ticket."""
    return [(event.occurred_at, reason) for event in _posted(history) for reason in _reasons(history, event)]


def _posted(history: LinkHistory) -> Iterator[DeliveryEvent]:
    return (event for event in history.delivery_events if event.kind in POSTED_KINDS)


def _reasons(history: LinkHistory, event: DeliveryEvent) -> list[str]:
    bug_ids = {str(history.key.bug_id), str(history.bug.bug_id)}
    codes = (code.rpartition(":") for code in event.detail_code.split())
    return [reason for reason, _, bug_id in codes if bug_id in bug_ids]


def _in_turn(history: LinkHistory) -> list[datetime]:
    """Give when the agent was reminded of a periodic update, or of a promise that stood for it, in order."""
    return sorted(event.occurred_at for event in _posted(history) if _is_in_turn(history, event))


def _is_in_turn(history: LinkHistory, event: DeliveryEvent) -> bool:
    reasons = _reasons(history, event)
    return "periodic" in reasons or (bool(reasons) and TURN in event.detail_code.split())


def reminded_at(history: LinkHistory, reason: str) -> list[datetime]:
    """Give when the agent was reminded of this bug for a reason, in order."""
    return sorted(at for at, why in _reminders(history) if why == reason)


def _periodic_told(history: LinkHistory) -> list[datetime]:
    """Give when periodic reminders, or those of promises that stood for them, were met: each by the first public agent
    reply after it, by being a reply, or by an agent's word that the customer knows or that it isn't needed."""
    replies = sorted([*agent_replies(history), *agent_words(history), *dismissals(history)])
    own = frozenset(own_replies(history))
    met = [
        min((one for one in replies if one > at or (one == at and one in own)), default=None)
        for at in _in_turn(history)
    ]
    return [at for at in met if at is not None]
