"""Histories told tersely: days are elapsed days after the first of January 2026, 09:00 UTC."""

import json
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import (
    BugEvent,
    DecisionEvent,
    DeliveryEvent,
    Event,
    FactEvent,
    Finding,
    LinkEvent,
    MessageEvent,
)
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import (
    AuthorKind,
    BugEventKind,
    Entity,
    FactKind,
    FindingKind,
    LinkEventKind,
    LinkHow,
    News,
    Stage,
)
from bugbridge.core.planning import LinkPlan, plan_link
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import BugHistory, LinkHistory, LinkKey, TicketRow
from bugbridge.core.stages import NewsEvent, Timeline, release_mark_value, timeline

HistoryT = TypeVar("HistoryT", LinkHistory, BugHistory)

DAY_0 = datetime(2026, 1, 1, 9, tzinfo=UTC)
TICKET, BUG, PARTY, SOURCE, ISSUE = 1, 7, 40, 3, 12
REFERENCE = "github:acme/app#12"
POLICY = Policy()


def day(number: float) -> datetime:
    """The instant so many elapsed days after the first."""
    return DAY_0 + timedelta(days=number)


def text(number: float) -> str:
    """The same instant as it is stored."""
    return instant_to_text(day(number))


def _dated(on: float) -> dict[str, Any]:
    """Where a test gives no seq, things become known as they happen: a thousand to the day."""
    return {"occurred_at": day(on), "source_key": f"at:{on}", "seq": round(on * 1000) + 1}


def fact(on: float, entity: Entity, kind: FactKind, value: str) -> FactEvent:
    """From that day on, the fact is so."""
    return FactEvent(entity=entity, entity_id=ISSUE, kind=kind, value=value, **_dated(on))


def stage(on: float, value: Stage | str) -> FactEvent:
    """The tracker shows the issue in this stage from that day on."""
    return fact(on, Entity.ISSUE, FactKind.STAGE, value)


def release(on: float, version: str) -> FactEvent:
    """The tracker names the release that holds the fix."""
    return fact(on, Entity.ISSUE, FactKind.RELEASE, version)


def planned(on: float, version: str = "", out: float = 0) -> FactEvent:
    """The tracker shows from a day on that a version is to be out on the day `out`, or without one that none is."""
    value = release_mark_value(version, day(out)) if version else ""
    return fact(on, Entity.ISSUE, FactKind.VERSION, value)


def activity(on: float) -> FactEvent:
    """Something or other happened on the issue."""
    return fact(on, Entity.ISSUE, FactKind.ACTIVITY, "")


def live_from(on: float, at: float | None = None) -> FactEvent:
    """The helpdesk goes live as of a day; said that same day or `at` another."""
    return replace(fact(on if at is None else at, Entity.SOURCE, FactKind.LIVE_FROM, text(on)))


def watching() -> FactEvent:
    """The helpdesk is in watch mode."""
    return fact(0, Entity.SOURCE, FactKind.LIVE_FROM, "")


def status(on: float, value: str) -> FactEvent:
    """The ticket's status from that day on."""
    return fact(on, Entity.TICKET, FactKind.STATUS, value)


def tier(value: str) -> FactEvent:
    """The customer's plan, ever since."""
    return fact(0, Entity.PARTY, FactKind.TIER, value)


def opt_out(on: float, value: str) -> FactEvent:
    """What the customer asked not to hear from that day on."""
    return fact(on, Entity.PARTY, FactKind.OPT_OUT, value)


def bug_event(on: float, kind: BugEventKind, value: str = "", expires: float | None = None) -> BugEvent:
    """Something happened to the bug."""
    expires_at = None if expires is None else day(expires)
    return BugEvent(bug_id=BUG, kind=kind, value=value, expires_at=expires_at, **_dated(on))


def release_mark(on: float, version: str, out: float | None = None) -> BugEvent:
    """A person says that the fix is out in a version, or will be on the day `out`."""
    return bug_event(on, BugEventKind.RELEASE_MARK, release_mark_value(version, day(on if out is None else out)))


def workaround(on: float) -> BugEvent:
    """A workaround was found."""
    return bug_event(on, BugEventKind.WORKAROUND, "{}")


def frequency(on: float, verdict: str) -> BugEvent:
    """A weekly check judged the bug."""
    return bug_event(on, BugEventKind.FREQUENCY_CHECK, json.dumps({"frequency": verdict, "low_checks": 0}))


def link_event(on: float, kind: LinkEventKind, value: str = "", how: str = "") -> LinkEvent:
    """Something happened to the link."""
    return LinkEvent(ticket_id=TICKET, bug_id=BUG, kind=kind, how=how, value=value, **_dated(on))


def linked(on: float, how: LinkHow = LinkHow.NOTE) -> LinkEvent:
    """The link was made."""
    return link_event(on, LinkEventKind.LINKED, how=how)


def told(on: float) -> LinkEvent:
    """An agent says that the customer knows."""
    return link_event(on, LinkEventKind.TOLD)


def promise(on: float, due: float) -> LinkEvent:
    """The customer was promised a message by a day."""
    return link_event(on, LinkEventKind.PROMISE_MADE, text(due))


def says(
    on: float, due: float | None = None, event: str = "", *, read: float | None = None, version: int = 1
) -> Finding:
    """A public reply promised a message by a day, or once something has happened; read at once, or on a day."""
    return Finding(
        ticket_id=TICKET,
        message_id=_dated(on)["seq"],
        extractor="promises",
        version=version,
        kind=FindingKind.PROMISE,
        due_at=None if due is None else day(due),
        value=event,
        recorded_at=day(on if read is None else read),
        **_dated(on),
    )


def has_workaround(on: float, state: str) -> LinkEvent:
    """What the workaround is for this customer from that day on."""
    return link_event(on, LinkEventKind.WORKAROUND, state)


def message(on: float, author: AuthorKind, *, public: bool = True) -> MessageEvent:
    """Somebody wrote on the ticket."""
    return MessageEvent(
        ticket_id=TICKET, remote_id=str(on), author_id=5, author_kind=author, public=public, **_dated(on)
    )


def reply(on: float) -> MessageEvent:
    """An agent wrote publicly."""
    return message(on, AuthorKind.AGENT)


def asks(on: float) -> MessageEvent:
    """The customer wrote."""
    return message(on, AuthorKind.CUSTOMER)


def names(on: float, value: str) -> Finding:
    """A public reply by an agent named this version or issue."""
    return Finding(
        ticket_id=TICKET, message_id=1, extractor="text", version=1, kind=FindingKind.TOLD, value=value, **_dated(on)
    )


def reminder(on: float, code: str = f"periodic:{BUG}", kind: str = "posted") -> DeliveryEvent:
    """A reminder was posted on the ticket."""
    return DeliveryEvent(delivery_id=1, ticket_id=TICKET, kind=kind, detail_code=code, **_dated(on))


def question(on: float, rule_id: str, person: str, once_per: str = "link") -> DecisionEvent:
    """A question was put to a person."""
    return DecisionEvent(
        ticket_id=TICKET,
        bug_id=BUG,
        upto_seq=_dated(on)["seq"],
        ruleset_hash="",
        rule_id=rule_id,
        output=json.dumps({"person": person, "once_per": once_per}),
        facts="{}",
        **_dated(on),
    )


def bug_history(*events: Event) -> BugHistory:
    """The bug that these events are of, in order of when they happened."""
    return BugHistory(
        bug_id=BUG,
        primary_reference=REFERENCE,
        references=(REFERENCE,),
        issue_facts=_facts_of(_sorted(events), Entity.ISSUE),
        bug_events=tuple(event for event in _sorted(events) if isinstance(event, BugEvent)),
        links=(LinkKey(TICKET, BUG),),
    )


def link_history(*events: Event, bug_id: int = BUG) -> LinkHistory:
    """The link that these events are of; live ever since and linked on the first day unless they say otherwise."""
    everything = _sorted(events)
    if not any(isinstance(event, LinkEvent) and event.kind is LinkEventKind.LINKED for event in everything):
        everything = [linked(0), *everything]
    if not _facts_of(everything, Entity.SOURCE):
        everything = [live_from(0), *everything]
    link_events = tuple(event for event in everything if isinstance(event, LinkEvent))
    decisions = tuple(event for event in everything if isinstance(event, DecisionEvent))
    return LinkHistory(
        key=LinkKey(TICKET, bug_id),
        ticket=TicketRow(TICKET, SOURCE, "support", "4711", DAY_0, PARTY, "acme"),
        bug=bug_history(*everything),
        source_facts=_facts_of(everything, Entity.SOURCE),
        ticket_facts=_facts_of(everything, Entity.TICKET),
        party_facts=_facts_of(everything, Entity.PARTY),
        link_events=link_events,
        party_link_events=link_events,
        messages=tuple(event for event in everything if isinstance(event, MessageEvent)),
        findings=tuple(event for event in everything if isinstance(event, Finding)),
        delivery_events=tuple(event for event in everything if isinstance(event, DeliveryEvent)),
        decisions=decisions,
        bug_decisions=tuple(decision for decision in decisions if json.loads(decision.output)["person"]),
    )


def _sorted(events: Sequence[Event]) -> list[Event]:
    return sorted(events, key=lambda event: (event.occurred_at, event.seq))


def _facts_of(events: Sequence[Event], entity: Entity) -> tuple[FactEvent, ...]:
    return tuple(event for event in events if isinstance(event, FactEvent) and event.entity is entity)


def news_of(*events: Event) -> list[tuple[float, News]]:
    """The news of a bug, each with its day."""
    return [days_and_news(item) for item in timeline_of(*events).news]


def days_and_news(item: NewsEvent) -> tuple[float, News]:
    """A piece of news with its day."""
    return (item.at - DAY_0) / timedelta(days=1), item.news


def timeline_of(*events: Event) -> Timeline:
    """What became of the bug."""
    return timeline(bug_history(*events))


def state_on(number: float, *events: Event, policy: Policy = POLICY) -> LinkState:
    """The link's facts as of a day, from what had happened by then."""
    by_then = [event for event in events if event.occurred_at <= day(number)]
    return fold_link(link_history(*by_then), day(number), policy, ALWAYS_OPEN)


def plan_on(number: float, *events: Event, policy: Policy = POLICY) -> LinkPlan:
    """What is to be kept for the link as of a day."""
    return plan_link(state_on(number, *events, policy=policy), day(number), policy, ALWAYS_OPEN)


def updates_on(number: float, *events: Event, policy: Policy = POLICY) -> list[tuple[str, float]]:
    """The updates that are called for as of a day: why, and due on which day."""
    return [
        (str(intention.reason), (intention.due_at - DAY_0) / timedelta(days=1))
        for intention in plan_on(number, *events, policy=policy).intentions
    ]


def with_seqs(events: Sequence[Event], seqs: Sequence[int]) -> list[Event]:
    """The same events, learned of in another order."""
    return [replace(event, seq=seq) for event, seq in zip(events, seqs, strict=True)]


def cut(history: LinkHistory, *, seq: int | None = None, at: datetime | None = None) -> LinkHistory:
    """Read a history as the store does: only what was known up to a seq, or had happened by an instant."""
    pruned = _pruned(history, seq, at)
    return replace(pruned, bug=_pruned(history.bug, seq, at))


def _pruned(history: HistoryT, seq: int | None, at: datetime | None) -> HistoryT:
    kept: dict[str, Any] = {}
    for field in fields(history):
        value = getattr(history, field.name)
        if isinstance(value, tuple) and value and isinstance(value[0], Event):
            kept[field.name] = tuple(
                event
                for event in value
                if (seq is None or event.seq <= seq) and (at is None or event.occurred_at <= at)
            )
    return replace(history, **kept)
