"""The promise that a message of its own is owed for.

A promise for when something happens is kept by the policy's own update about it, in its round and by whatever way that
goes out. Only where the policy would say nothing of it, or a person let it be, is it an update of its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.calendar import WorkCalendar, add_business_days, next_open, previous_open_day
from bugbridge.core.model import News
from bugbridge.core.policy import decide
from bugbridge.core.policy_model import LinkFacts, Policy, Ruling
from bugbridge.core.promises_made import Promise, standing_promises
from bugbridge.core.records import LinkHistory
from bugbridge.core.reviews import is_let_be
from bugbridge.core.stages import NewsEvent, Timeline


@dataclass(frozen=True, slots=True)
class OpenPromise:
    """A promise that a message is owed for, and that nobody has met yet; `due_at` is none where it was promised for
    when something happens, which it has."""

    seq: int
    due_at: datetime | None
    notice_at: datetime


@dataclass(frozen=True, slots=True)
class Called:
    """What the policy is asked about: the facts without any promise, and the news that the customer hasn't heard."""

    facts: LinkFacts
    untold: Sequence[NewsEvent]


def open_promise(
    history: LinkHistory, bug: Timeline, called: Called, policy: Policy, calendar: WorkCalendar, begins: datetime
) -> OpenPromise | None:
    """Find the earliest promise that a message is owed for, but for what was past due before anybody could know."""
    standing = standing_promises(history, bug, begins)
    told = _told_anyway(history, called, policy) if any(one.event for one in standing) else []
    called_for = [_called_for(one, policy, calendar) for one in standing if not _is_kept_by(told, one)]
    return min(called_for, key=lambda one: (one.due_at or one.notice_at, one.seq), default=None)


def _told_anyway(history: LinkHistory, called: Called, policy: Policy) -> list[NewsEvent]:
    tell = _all_told(decide(called.facts, policy))
    return [event for event in called.untold if event.news in tell and not is_let_be(history, event)]


def _all_told(ruling: Ruling | None) -> frozenset[News]:
    """Give what a ruling tells: now, by a person, or once the customer was answered."""
    told: frozenset[News] = frozenset()
    while ruling is not None:
        told, ruling = told | ruling.tell, ruling.also
    return told


def _is_kept_by(told: Sequence[NewsEvent], promise: Promise) -> bool:
    """Whether the customer will be told of what the promise waited for, or of what came after."""
    if promise.event_at is None:
        return False
    return any(max(event.at, event.known_at or event.at) >= promise.event_at for event in told)


def _called_for(promise: Promise, policy: Policy, calendar: WorkCalendar) -> OpenPromise:
    """A dated one is called for ahead of time, and before what is closed; one for when something happens, at once."""
    if promise.event_at is not None or promise.due_at is None:
        return OpenPromise(promise.seq, None, next_open(promise.event_at or promise.made_at, calendar))
    due_at = previous_open_day(promise.due_at, calendar)
    ahead = add_business_days(due_at, -policy.facts.promise_ahead_business_days, calendar)
    return OpenPromise(promise.seq, due_at, ahead)
