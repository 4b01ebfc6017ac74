"""Explain what was decided for a ticket: the rule, the facts, the next date; now or as of an earlier moment."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bugbridge.core.events import DecisionEvent
from bugbridge.core.facts import latest
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import TERMINAL_STAGES, DeliveryState, FactKind
from bugbridge.core.records import KnownUpTo, LinkKey, UpdateItem
from bugbridge.ports import Store

LEAD = "lead:"


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something is due for a link, or why nothing is.

    `questions` are put to a person, rule id to reason; `undelivered` says why a reminder was given up; `next_at` is
    when the next update falls due or fell due, none where none is planned; `looked_at_again_at` when time alone will
    have it decided again. Empty rule and facts: not decided yet.
    """

    ticket: str
    issue: str
    decided_at: datetime | None
    rule_id: str
    because: str
    facts: Mapping[str, Any]
    output: Mapping[str, Any]
    questions: Mapping[str, str]
    undelivered: tuple[str, ...]
    next_at: datetime | None
    looked_at_again_at: datetime | None
    watch_mode: bool
    updates: tuple[UpdateItem, ...]

    def due_by(self, at: datetime) -> bool:
        """Whether an update is called for by then."""
        return self.next_at is not None and self.next_at <= at


def explain(store: Store, key: LinkKey, at: datetime | None = None) -> Explanation:
    """Read the decision that was in force at an instant, on what was known then; now for None."""
    upto = store.head() if at is None else store.seq_at(at)
    history = store.link_history(key, KnownUpTo(upto))
    kept = history.decisions
    decision = kept[-1] if kept else None
    output = json.loads(decision.output) if decision else {}
    return Explanation(
        ticket=history.ticket.reference,
        issue=history.bug.primary_reference,
        decided_at=decision.occurred_at if decision else None,
        rule_id=decision.rule_id if decision else "",
        because=str(output.get("because", "")),
        facts=json.loads(decision.facts) if decision else {},
        output=output,
        questions=_questions(kept),
        undelivered=tuple(event.detail_code for event in history.delivery_events if event.kind == DeliveryState.DEAD),
        next_at=_next_at(output),
        looked_at_again_at=_looked_at_again(store, key, decision, at),
        watch_mode=not latest(history.source_facts, FactKind.LIVE_FROM),
        updates=store.updates_of(key) if at is None else (),
    )


def _looked_at_again(
    store: Store, key: LinkKey, decision: DecisionEvent | None, at: datetime | None
) -> datetime | None:
    """A decision that stays the same isn't kept again, so the date that it is looked at next stands with the link."""
    if at is not None:
        return decision.valid_until if decision else None
    return next((link.valid_until for link in store.links_of(key.ticket_id) if link.key == key), None)


def _questions(kept: Iterable[DecisionEvent]) -> dict[str, str]:
    outputs = ((event.rule_id, json.loads(event.output)) for event in kept)
    return {rule_id: output["because"] for rule_id, output in outputs if output["person"]}


def _next_at(output: Mapping[str, Any]) -> datetime | None:
    dates = [instant_from_text(update["due_at"]) for update in output.get("updates", [])]
    return min(dates, default=None)


@dataclass(frozen=True, slots=True)
class LeadQuestion:
    """What the policy asked the team lead about a bug, and by when it wanted an answer."""

    issue: str
    ticket: str
    rule_id: str
    question: str
    because: str
    asked_at: datetime
    within_business_days: int | None


def lead_questions(store: Store) -> tuple[LeadQuestion, ...]:
    """Give the lead's questions about bugs that haven't ended, each once, the oldest first."""
    open_bugs = {bug.id: bug.reference for bug in store.bugs() if bug.stage not in TERMINAL_STAGES}
    found: dict[tuple[int, str], LeadQuestion] = {}
    for event in store.questions():
        output = json.loads(event.output)
        bug_id = store.canonical_bug(event.bug_id)
        if bug_id in open_bugs and output["person"].startswith(LEAD):
            found.setdefault((bug_id, event.rule_id), _lead_question(store, event, open_bugs[bug_id], output))
    return tuple(found.values())


def _lead_question(store: Store, event: DecisionEvent, issue: str, output: Mapping[str, Any]) -> LeadQuestion:
    return LeadQuestion(
        issue=issue,
        ticket=store.ticket(event.ticket_id).reference,
        rule_id=event.rule_id,
        question=str(output["person"]).removeprefix(LEAD).strip(),
        because=str(output["because"]),
        asked_at=event.occurred_at,
        within_business_days=output.get("within_business_days"),
    )
