"""Explain what was decided for a ticket: the rule, the facts, what would change it, the next date; now or earlier."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import DecisionEvent
from bugbridge.core.facts import fold_link, last_check
from bugbridge.core.instants import instant_from_text
from bugbridge.core.live import live_since
from bugbridge.core.model import TERMINAL_STAGES, DeliveryState, Entity, LinkEventKind, Review, UpdateState
from bugbridge.core.outlook import decided_facts, outlook
from bugbridge.core.policy_scope import Policies, PolicyVersion
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey, UpdateItem
from bugbridge.core.reminders import last_delay
from bugbridge.core.stages import in_order
from bugbridge.core.telling import dismissals
from bugbridge.core.what_if import Change, Hearing, WhatIf, facts_behind, hearing, what_ifs
from bugbridge.ports import Store
from bugbridge.services.planning import NOT_COMPARED, facts_text

LEAD = "lead:"


@dataclass(frozen=True, slots=True)
class Said:
    """What agents said of a link's reminders last: until when they put them off, to whom they gave them, and when and
    why nothing was needed."""

    put_off_until: datetime | None = None
    given_to: str = ""
    not_needed_at: datetime | None = None
    not_needed_because: str = ""


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why something is due for a link, or why nothing is.

    `questions` are put to a person, rule id to reason; `undelivered` says why a reminder was given up; `next_at` is
    when the next update falls due or fell due, none where none is planned; `looked_at_again_at` when time alone will
    have it decided again; `said` what agents said of its reminders. Empty rule and facts: not decided yet.
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
    ruleset_hash: str = ""
    said: Said = Said()

    def due_by(self, at: datetime) -> bool:
        """Whether an update is called for by then."""
        return self.next_at is not None and self.next_at <= at

    @property
    def waits_in_round(self) -> bool:
        """Whether an update waits for a person's word in a round."""
        return any(one.state is UpdateState.PLANNED and one.review is Review.WAITING for one in self.updates)


@dataclass(frozen=True, slots=True)
class Rules:
    """What decides at a moment: the policies in force, the calendar, and the moment."""

    policies: Policies
    calendar: WorkCalendar
    now: datetime

    def behind(self, explanation: Explanation) -> PolicyVersion | None:
        """Give the policy that made a decision, none where it isn't in force any more."""
        return next((each for each in self.policies.versions if each.hash == explanation.ruleset_hash), None)


@dataclass(frozen=True, slots=True)
class Reasons:
    """What stands behind a link's decision, and what would change it.

    `mattered` are the facts that the rule looked at; `frequency_by` is what said how often the customer meets the bug,
    `evidence` the sentence of the last check of it; `policy` the name of the policy that decides; `hears` is what comes
    of the facts as they are now. `outdated`: the facts or the policy have changed since the decision, which `plan` will
    make anew.
    """

    mattered: Mapping[str, Any]
    frequency_by: str
    evidence: str
    policy: str
    hears: Hearing
    what_ifs: tuple[WhatIf, ...]
    outdated: bool


def explain(store: Store, key: LinkKey, at: datetime | None = None) -> Explanation:
    """Read the decision that was in force at an instant, on what was known then; now for None."""
    upto = store.head() if at is None else store.seq_at(at)
    return _explanation(store, store.link_history(key, KnownUpTo(upto)), at)


def explain_with_reasons(store: Store, key: LinkKey, rules: Rules) -> tuple[Explanation, Reasons]:
    """Explain the decision in force, and say what would change it. Raises ValueError if it was never linked."""
    history = store.link_history(key, KnownUpTo(store.head()))
    explanation = _explanation(store, history, None)
    return explanation, _reasons(history, explanation, rules)


def _explanation(store: Store, history: LinkHistory, at: datetime | None) -> Explanation:
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
        looked_at_again_at=_looked_at_again(store, history.key, decision, at),
        watch_mode=live_since(history.source_facts, history.ticket_facts) is None,
        updates=store.updates_of(history.key) if at is None else (),
        ruleset_hash=decision.ruleset_hash if decision else "",
        said=_said(store, history),
    )


def _said(store: Store, history: LinkHistory) -> Said:
    last = {event.kind: event for event in in_order(history.link_events)}
    given, needless = last.get(LinkEventKind.GIVEN), last.get(LinkEventKind.NOT_NEEDED)
    stands = needless if needless and needless.occurred_at in dismissals(history) else None
    delay = last_delay(history)
    return Said(
        put_off_until=delay.until if delay else None,
        given_to=store.private(Entity.PARTY, int(given.value), "name") if given and given.value else "",
        not_needed_at=stands.occurred_at if stands else None,
        not_needed_because=store.private(Entity.TICKET, history.key.ticket_id, f"not_needed:{stands.seq}")
        if stands
        else "",
    )


def _reasons(history: LinkHistory, explanation: Explanation, rules: Rules) -> Reasons:
    version = rules.policies.of(history)
    state = fold_link(history, rules.now, version.policy, rules.calendar)
    facts, ahead = decided_facts(state), outlook(history, rules.now, version.policy, rules.calendar)
    check = last_check(history.bug)
    current = json.loads(facts_text(state.facts))
    return Reasons(
        mattered=mattered(explanation, rules),
        frequency_by=ahead.frequency_by,
        evidence=str(json.loads(check.value).get("sentence", "")) if check else "",
        policy=version.policy.name,
        hears=hearing(facts, version.policy),
        what_ifs=what_ifs(facts, version.policy, ahead),
        outdated=bool(changed_facts(explanation.facts, current)) or explanation.ruleset_hash != version.hash,
    )


def mattered(explanation: Explanation, rules: Rules) -> dict[str, Any]:
    """Give the facts that the deciding rule looked at, and any news that it tells.

    Of a policy that isn't in force any more only what no policy may change and the grid are known.
    """
    version = rules.behind(explanation)
    team_rules = version.policy.rules if version else ()
    names = facts_behind(explanation.rule_id, explanation.output.get("under", ()), team_rules)
    telling = ("untold",) if explanation.output.get("tell") else ()
    return {name: explanation.facts[name] for name in dict.fromkeys([*names, *telling]) if name in explanation.facts}


def changed_facts(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    """Give the facts that differ between two decisions; that days went by, or that somebody was asked, is none."""
    return tuple(
        Change(name, before.get(name), value)
        for name, value in after.items()
        if name not in NOT_COMPARED and before.get(name) != value
    )


def changed_since(then: Explanation, now: Explanation) -> tuple[Change, ...]:
    """Give the facts that differ between an earlier decision and a later one; none where there was no earlier one."""
    return changed_facts(then.facts, now.facts) if then.decided_at else ()


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
class Kept:
    """One decision of a link's history and what changed from the one before; `person` is whom a question went to.

    `outcome_changed` says that what came of it differs, such as a date, also where no fact does; `in_force` that none
    has superseded it.
    """

    ticket: str
    issue: str
    decided_at: datetime
    rule_id: str
    because: str
    person: str
    first: bool
    changes: tuple[Change, ...]
    policy_changed: bool
    outcome_changed: bool
    in_force: bool


def decisions_kept(store: Store, key: LinkKey, at: datetime | None = None) -> tuple[Kept, ...]:
    """Give all decisions of a link up to an instant, "nothing is due" too, the oldest first."""
    history = store.link_history(key, KnownUpTo(store.head() if at is None else store.seq_at(at)))
    return tuple(_kept(history))


def _kept(history: LinkHistory) -> Iterator[Kept]:
    before: DecisionEvent | None = None
    for event in history.decisions:
        output = json.loads(event.output)
        yield Kept(
            ticket=history.ticket.reference,
            issue=history.bug.primary_reference,
            decided_at=event.occurred_at,
            rule_id=event.rule_id,
            because=str(output["because"]),
            person=str(output["person"]).partition(":")[0],
            first=before is None,
            changes=changed_facts(json.loads(before.facts), json.loads(event.facts)) if before else (),
            policy_changed=before is not None and before.ruleset_hash != event.ruleset_hash,
            outcome_changed=before is not None and before.output != event.output,
            in_force=event is history.decisions[-1],
        )
        before = event


@dataclass(frozen=True, slots=True)
class Group:
    """Links of a bug for which the same was decided; `next_at` is the earliest date, `what_ifs` are common to all."""

    rule_id: str
    because: str
    links: int
    tickets: tuple[str, ...]
    next_at: datetime | None
    mattered: Mapping[str, Any]
    what_ifs: tuple[WhatIf, ...]


def grouped(explained: Iterable[tuple[Explanation, Reasons]]) -> tuple[Group, ...]:
    """Put links together by what was decided and why, the most first."""
    groups: dict[tuple[str, str], list[tuple[Explanation, Reasons]]] = defaultdict(list)
    for explanation, reasons in explained:
        groups[explanation.rule_id, explanation.because].append((explanation, reasons))
    return tuple(sorted((_group(members) for members in groups.values()), key=lambda one: (-one.links, one.rule_id)))


def _group(members: Sequence[tuple[Explanation, Reasons]]) -> Group:
    (first, reasons), others = members[0], members[1:]
    return Group(
        rule_id=first.rule_id,
        because=first.because,
        links=len(members),
        tickets=tuple(sorted({explanation.ticket for explanation, _ in members})),
        next_at=min((one.next_at for one, _ in members if one.next_at is not None), default=None),
        mattered={
            name: value
            for name, value in reasons.mattered.items()
            if all(other.mattered.get(name) == value for _, other in others)
        },
        what_ifs=tuple(one for one in reasons.what_ifs if all(_offers(other, one) for _, other in others)),
    )


def _offers(reasons: Reasons, wanted: WhatIf) -> bool:
    return any((one.ids, one.after, one.at) == (wanted.ids, wanted.after, wanted.at) for one in reasons.what_ifs)


@dataclass(frozen=True, slots=True)
class LeadQuestion:
    """What the policy asked the team lead about a bug in which decision, and by when it wanted an answer."""

    issue: str
    ticket: str
    rule_id: str
    question: str
    because: str
    asked_at: datetime
    within_business_days: int | None
    seq: int


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
        seq=event.seq,
    )
