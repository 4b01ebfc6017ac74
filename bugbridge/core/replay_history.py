"""The histories that replay folds: what had happened by an instant, with simulated updates in place of real tellings.

What agents really wrote after a link was the consequence of the policy of the day, and so were the reminders: both are
left out. What can't be known under another policy is settled by one rule each; `CANNOT_KNOW` tells them to people.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeVar

from bugbridge.core.events import BugEvent, DeliveryEvent, Event, FactEvent, Finding, LinkEvent, MessageEvent
from bugbridge.core.heard import code_of
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import AuthorKind, BugEventKind, Entity, FactKind, FindingKind, LinkEventKind
from bugbridge.core.records import BugHistory, LinkHistory
from bugbridge.core.stages import in_order

CANNOT_KNOW = (
    (
        "What policies for some tickets alone ([applies_to]) would have done. Whatever else is in force, the policy "
        "for everybody decides every link here."
    ),
    (
        "Whether customers would have asked in between, or sooner. Each counts as answered; only as complaints about "
        "a workaround do the mails count that they really wrote."
    ),
    (
        "Whether a workaround would have reached them under another policy. It counts as sent, confirmed or failed on "
        "the day on which that was recorded."
    ),
    (
        "Whether agents would have written at once. Each simulated update is written the moment it is due, tells all "
        "news so far for certain, and meets the promises before it; the promises are those that were really made."
    ),
    (
        "What became of a ticket before BugBridge first read it. Until then it counts as open; its customer's plan "
        "and its brand count as they were first read."
    ),
    (
        "How often a bug was met before BugBridge first judged it. That is made up for from the tickets' dates, week "
        "by week, by each policy's own [frequency]; later judgements are taken as they were."
    ),
    (
        "What came after the first end: a link is followed until its bug is released or declined, the customer wants "
        "to hear nothing, the ticket is gone, or now. What followed a reopening isn't replayed."
    ),
    (
        "How long the team's bugs would have been thought to take before BugBridge first drew their curve. Until then "
        "intervals grow by back-off."
    ),
    "What limits and batches would have held back: they are not replayed, so every update is a message of its own.",
)
"""What a replay can't tell, and the rule that stands in for it: sentences for people."""

# What BugBridge could only date back to the ticket's beginning, and what replay must not know so early.
SEEN_LATE = frozenset({FactKind.STATUS, FactKind.GONE, FactKind.MERGED})
A_MOMENT = timedelta(microseconds=1)
EventT = TypeVar("EventT", bound=Event)


@dataclass(frozen=True, slots=True)
class Sent:
    """A simulated update, why it was due, and which periodic one it was or stood for, none for any other."""

    at: datetime
    reason: str
    ordinal: int | None = None


def without_tellings(history: LinkHistory, begins: datetime, checks: Sequence[BugEvent]) -> LinkHistory:
    """Leave out what the policy of the day led to, as if live from the link on; every tuple in order of happening.

    `checks` are frequency checks made up for the time before the first that is kept.
    """
    customers = [message for message in history.messages if message.author_kind is AuthorKind.CUSTOMER]
    return replace(
        history,
        bug=_bug(history.bug, checks),
        source_facts=(_live(history, begins),),
        ticket_facts=_ordered(fact for fact in map(when_seen, history.ticket_facts) if fact is not None),
        party_facts=_ordered(history.party_facts),
        link_events=_ordered(event for event in history.link_events if event.kind is not LinkEventKind.TOLD),
        party_link_events=_ordered(
            event for event in history.party_link_events if event.kind is not LinkEventKind.TOLD
        ),
        messages=_ordered(replace(message, public=False) for message in customers),  # complaints; nobody waits
        findings=tuple(_promises(history.findings)),
        delivery_events=(),
        decisions=(),
        bug_decisions=(),
    )


def _promises(findings: Iterable[Finding]) -> Iterable[Finding]:
    """What was promised is known since it was said, whenever the reply was read."""
    found = (one for one in findings if one.kind is FindingKind.PROMISE)
    return in_order(replace(one, recorded_at=one.occurred_at) for one in found)


def _bug(bug: BugHistory, checks: Sequence[BugEvent]) -> BugHistory:
    return replace(
        bug,
        issue_facts=_ordered(_without_repeated_labels(bug.issue_facts)),
        part_facts=_ordered(bug.part_facts),
        bug_events=_ordered((*checks, *bug.bug_events)),
    )


def _without_repeated_labels(facts: Iterable[FactEvent]) -> Iterable[FactEvent]:
    """A tracker's labels are kept whenever the issue moved, mostly unchanged."""
    labels = None
    for fact in in_order(facts):
        if fact.kind is FactKind.LABELS:
            if fact.value == labels:
                continue
            labels = fact.value
        yield fact


def when_seen(fact: FactEvent) -> FactEvent | None:
    """Take what was only assumed of a ticket's past from when it was read, and not at all if that isn't known."""
    if not fact.assumed or fact.kind not in SEEN_LATE:
        return fact
    return replace(fact, occurred_at=max(fact.occurred_at, fact.recorded_at)) if fact.recorded_at else None


def _live(history: LinkHistory, begins: datetime) -> FactEvent:
    return FactEvent(
        entity=Entity.SOURCE,
        entity_id=history.ticket.source_id,
        kind=FactKind.LIVE_FROM,
        value=instant_to_text(begins),
        occurred_at=begins,
        source_key="replay",
    )


def _ordered(events: Iterable[EventT]) -> tuple[EventT, ...]:
    return tuple(in_order(events))


def happened_by(history: LinkHistory, at: datetime, reported_at: datetime | None) -> LinkHistory:
    """Keep what had happened by an instant; the tuples must be in order. A part counts from when it was added.

    `reported_at` is the bug's first report by what was known then.
    """
    bug_events = _by(history.bug.bug_events, at)
    parts = {int(event.value) for event in bug_events if event.kind is BugEventKind.PART_ADDED}
    bug = replace(
        history.bug,
        issue_facts=_by(history.bug.issue_facts, at),
        part_facts=tuple(fact for fact in _by(history.bug.part_facts, at) if fact.entity_id in parts),
        bug_events=bug_events,
        reported_at=reported_at,
    )
    return replace(
        history,
        bug=bug,
        ticket_facts=_by(history.ticket_facts, at),
        party_facts=_by(history.party_facts, at),
        link_events=_by(history.link_events, at),
        party_link_events=_by(history.party_link_events, at),
        messages=_by(history.messages, at),
        findings=_by(history.findings, at),
        ticket_links=_by(history.ticket_links, at),
    )


def _by(events: tuple[EventT, ...], at: datetime) -> tuple[EventT, ...]:
    return events[: bisect_right(events, at, key=_occurred_at)]


def _occurred_at(event: Event) -> datetime:
    return event.occurred_at


def with_updates(history: LinkHistory, sent: Sequence[Sent]) -> LinkHistory:
    """Put simulated updates in: each a reminder, met by a public reply that tells for certain."""
    return replace(
        history,
        party_link_events=(*history.party_link_events, *(_told(history, one) for one in sent)),
        messages=(*history.messages, *(_reply(history, one) for one in sent)),
        delivery_events=tuple(_reminder(history, one) for one in sent),
    )


def _told(history: LinkHistory, one: Sent) -> LinkEvent:
    key = history.key
    kind = LinkEventKind.TOLD
    return LinkEvent(
        ticket_id=key.ticket_id, bug_id=key.bug_id, kind=kind, occurred_at=one.at, source_key="replay:told"
    )


def _reply(history: LinkHistory, one: Sent) -> MessageEvent:
    return MessageEvent(
        ticket_id=history.key.ticket_id,
        remote_id="",
        author_id=0,
        author_kind=AuthorKind.AGENT,
        public=True,
        occurred_at=one.at,
        source_key="replay:reply",
    )


def _reminder(history: LinkHistory, one: Sent) -> DeliveryEvent:
    """A reply meets only what was posted before it, so the reminder comes a moment earlier."""
    return DeliveryEvent(
        delivery_id=0,
        ticket_id=history.key.ticket_id,
        kind="posted",
        detail_code=code_of(one.reason, history.key.bug_id, one.ordinal),
        occurred_at=one.at - A_MOMENT,
        source_key="replay:reminder",
    )
