"""Plan: judge frequencies, decide every link that was touched or has expired, and schedule what is called for."""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import DecisionEvent
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import UpdateState
from bugbridge.core.planning import (
    PERIODIC,
    PROMISED,
    LinkPlan,
    Planned,
    plan_link,
    update_key,
)
from bugbridge.core.policy_model import REPLY, Intention, LimitRules, LinkFacts, Policy
from bugbridge.core.policy_scope import Policies
from bugbridge.core.records import BugHistory, KnownUpTo, LinkHistory, LinkKey, UpdateItem
from bugbridge.core.rounds import review_of
from bugbridge.ports import Clock, Store
from bugbridge.services.curves import curve_book, refresh_curves
from bugbridge.services.frequencies import check_frequencies
from bugbridge.services.round_opening import settle_rounds
from bugbridge.services.settling import DAEMON

# Facts that change by the clock alone, or by the decision itself.
NOT_COMPARED = frozenset({"silent_days", "age_days", "days_since_update", "asked"})
# Updates that somebody is or will be reminded of.
OWED = frozenset({UpdateState.PLANNED, UpdateState.CLAIMED, UpdateState.POSTED})
# Links decided in one transaction, so that others can write in between.
BATCH = 200


@dataclass(frozen=True, slots=True)
class PlanningResult:
    """What one pass did: links decided, decisions that differ from the one before, frequencies judged."""

    decided: int = 0
    changed: int = 0
    checked: int = 0


def plan(
    store: Store, policy: Policy | Policies, clock: Clock, calendar: WorkCalendar, ruleset_hash: str = ""
) -> PlanningResult:
    """Decide what is to be decided; links untouched and still valid cost nothing.

    One policy, named by `ruleset_hash`, decides every link; of several the narrowest that fits its ticket.
    """
    policies = _several(policy, ruleset_hash)
    checked = check_frequencies(store, policies.everybody.policy, clock)
    refresh_curves(store, clock)
    decided, changed = _decide_all(store, policies, clock, calendar)
    if settle_rounds(store, policies, clock, calendar):
        more = _decide_all(store, policies, clock, calendar)
        decided, changed = decided + more[0], changed + more[1]
    return PlanningResult(decided, changed, checked)


def _decide_all(store: Store, policies: Policies, clock: Clock, calendar: WorkCalendar) -> tuple[int, int]:
    """Decide every link that is to be decided; gives how many, and how many decisions were kept."""
    curves = curve_book(store)
    decided = changed = 0
    more = True
    while more:
        with store.write():  # who ends a link meanwhile comes before or after
            keys = store.links_to_decide(clock.now(), BATCH)
            upto = KnownUpTo(store.head())  # only decisions are added meanwhile, which no bug's history holds
            bugs = {bug_id: store.bug_history(bug_id, upto) for bug_id in {key.bug_id for key in keys}}
            for key in keys:
                bug = bugs[key.bug_id]
                changed += decide_link(store, policies, clock, calendar, key, curves=curves, bug=bug).kept
        decided += len(keys)
        more = bool(keys)
    return decided, changed


@dataclass(frozen=True, slots=True)
class Decided:
    """What deciding one link gave: decisions kept, its state, the updates called for by their keys, and the rule."""

    kept: int
    state: LinkState
    called_for: Mapping[str, Intention]
    rule_id: str


def _several(policy: Policy | Policies, ruleset_hash: str) -> Policies:
    return policy if isinstance(policy, Policies) else Policies.single(policy, ruleset_hash)


def decide_link(
    store: Store,
    policy: Policy | Policies,
    clock: Clock,
    calendar: WorkCalendar,
    key: LinkKey,
    ruleset_hash: str = "",
    curves: CurveBook | None = None,
    bug: BugHistory | None = None,
) -> Decided:
    """Decide one link on all that is known, keep what differs and schedule its updates; curves and the bug's history
    are read where they aren't given.

    Policies as for `plan`.
    """
    now, upto, policies = clock.now(), store.head(), _several(policy, ruleset_hash)
    history = store.link_history(key, KnownUpTo(upto), bug)
    version = policies.of(history)
    state = fold_link(history, now, version.policy, calendar)
    book = curve_book(store) if curves is None else curves
    planned = _until_next_start(plan_link(state, now, version.policy, calendar, book), policies, now)
    limits = policies.everybody.policy.limits
    events = [
        _decision(history, state, one, planned.valid_until, upto, now, version.hash)
        for one in (*planned.questions, replace(planned.decision, intentions=planned.intentions))
    ]
    new = events if _differs(events, history) else []
    store.append(new, actor=DAEMON, recorded_at=now)
    _schedule(store, history, state, planned, store.head(), calendar, limits)
    store.mark_decided(key, upto, planned.valid_until)
    called_for = {key_of(history, one): one for one in planned.intentions}
    return Decided(len(new), state, called_for, planned.decision.ruling.rule_id)


def _until_next_start(planned: LinkPlan, policies: Policies, now: datetime) -> LinkPlan:
    """No decision outlives the policies that it was made under. A start that has come is noticed by the next pass."""
    ends = [at for at in (planned.valid_until, policies.next_start) if at is not None and at > now]
    return replace(planned, valid_until=min(ends, default=None))


def _differs(events: list[DecisionEvent], history: LinkHistory) -> bool:
    """A decision equal to the one in force, on equal facts, isn't written again; that days went by is no difference."""
    if len(events) > 1 or not history.decisions:
        return True
    return _essence(events[0]) != _essence(history.decisions[-1])


def _essence(event: DecisionEvent) -> tuple[object, ...]:
    facts = {name: value for name, value in json.loads(event.facts).items() if name not in NOT_COMPARED}
    return event.rule_id, event.output, event.ruleset_hash, facts


def _decision(
    history: LinkHistory,
    state: LinkState,
    planned: Planned,
    valid_until: datetime | None,
    upto: int,
    now: datetime,
    ruleset_hash: str,
) -> DecisionEvent:
    key, rule_id = history.key, planned.ruling.rule_id
    return DecisionEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        upto_seq=upto,
        ruleset_hash=ruleset_hash,
        rule_id=rule_id,
        output=decision_output(history, planned),
        facts=facts_text(state.facts),
        valid_until=valid_until,
        occurred_at=now,
        source_key=f"decision:{key.ticket_id}:{key.bug_id}:{upto}:{rule_id}:{instant_to_text(now)}",
    )


def decision_output(history: LinkHistory, planned: Planned) -> str:
    """Write what was decided as a JSON object with sorted keys, so that equal decisions are equal texts."""
    ruling = planned.ruling
    output = {
        "tell": sorted(ruling.tell),
        "listens_to": sorted(ruling.listens_to),
        "every_days": list(ruling.every_days) if ruling.every_days else None,
        "person": ruling.person,
        "once_per": ruling.once_per,
        "within_business_days": ruling.within_business_days,
        "hold": ruling.hold,
        "because": ruling.because,
        "under": list(ruling.under),
        "timeline_allowed": ruling.timeline_allowed,
        "curve": planned.curve,
        "updates": [
            {"key": key_of(history, one), "reason": one.reason, "due_at": instant_to_text(one.due_at), **_by_reply(one)}
            for one in planned.intentions
        ],
    }
    return json.dumps(output, sort_keys=True)


def _by_reply(intention: Intention) -> dict[str, str]:
    """Reminders are the rule, so only a reply is said."""
    return {"deliver": REPLY} if intention.deliver == REPLY else {}


def facts_text(facts: LinkFacts) -> str:
    """Write facts as a JSON object; what changes by the second is rounded to hundredths of days."""
    values = asdict(facts)
    for name, value in values.items():
        if isinstance(value, frozenset):
            values[name] = sorted(value)
        elif isinstance(value, float):
            values[name] = round(value, 2)
    return json.dumps(values, sort_keys=True)


def key_of(history: LinkHistory, intention: Intention) -> str:
    """Name an update of this link, so that it is planned once."""
    return update_key(history.ticket.requester_id or 0, history.bug.bug_id, intention)


def _schedule(
    store: Store,
    history: LinkHistory,
    state: LinkState,
    planned: LinkPlan,
    decision_seq: int,
    calendar: WorkCalendar,
    limits: LimitRules,
) -> None:
    """Plan what is called for, take back what no longer is, and end reminders whose news the customer now knows."""
    items = [
        replace(_item(history, intention, decision_seq, calendar), review=review_of(history, state, intention, limits))
        for intention in planned.intentions
    ]
    items = [item for item in items if not _is_promised_elsewhere(store, history, item)]
    called_for = {item.key for item in items}
    before = store.updates_of(history.key)
    dropped = [item for item in before if item.key not in called_for]
    store.save_updates(history.key, items, planned.decision.ruling.rule_id)
    freed = {item.party_id for item in dropped if item.state is UpdateState.PLANNED}
    if freed or _takes_a_turn(items, before):
        _offer_to_siblings(store, history, freed)
    if not planned.decision.ruling.hold:
        reminded = [item for item in dropped if item.state in (UpdateState.POSTED, UpdateState.DEAD)]
        heard = {item.key for item in reminded if _was_heard(item, state)}
        store.settle_updates(heard)
        store.retire_updates([item.key for item in reminded if item.key not in heard], planned.decision.ruling.rule_id)


def _was_heard(item: UpdateItem, state: LinkState) -> bool:
    """Tell what the customer heard from what is only called for no more, as under another policy, and may be again."""
    if item.reason == PROMISED:
        return state.promise is None or state.promise.seq != item.news_seq
    if item.ordinal is not None:
        return item.ordinal <= state.periodic_told
    return item.news_seq not in state.unheard


def _offer_to_siblings(store: Store, history: LinkHistory, party_ids: Collection[int]) -> None:
    """Have these customers' other tickets about this bug decided again: they may have left an update to this one."""
    siblings = _siblings(history)
    if any(party_id != history.ticket.requester_id for party_id in party_ids):  # the ticket changed hands
        siblings |= {key for key in history.bug.links if store.ticket(key.ticket_id).requester_id in party_ids}
    for sibling in sorted(siblings - {history.key}):
        store.mark_decided(sibling, 0, None)


def _siblings(history: LinkHistory) -> set[LinkKey]:
    """Give the links of all tickets of this customer about this bug."""
    return {LinkKey(event.ticket_id, event.bug_id) for event in history.party_link_events}


def _takes_a_turn(items: Iterable[UpdateItem], before: Iterable[UpdateItem]) -> bool:
    """Whether a promise stands for a periodic update from now on."""
    known = {item.key for item in before if item.state is not UpdateState.WITHDRAWN}
    return any(_is_in_turn(item) and item.key not in known for item in items)


def _is_in_turn(item: UpdateItem) -> bool:
    return item.reason == PROMISED and item.ordinal is not None


def _is_promised_elsewhere(store: Store, history: LinkHistory, item: UpdateItem) -> bool:
    """Whether a promise on another ticket of the customer stands for this periodic update: they hear it once."""
    if item.reason != PERIODIC:
        return False
    others = (one for key in _siblings(history) - {history.key} for one in store.updates_of(key))
    turn = (item.party_id, item.bug_id, item.ordinal)
    return any(
        _is_in_turn(one) and one.state in OWED and (one.party_id, one.bug_id, one.ordinal) == turn for one in others
    )


def _item(history: LinkHistory, intention: Intention, decision_seq: int, calendar: WorkCalendar) -> UpdateItem:
    return UpdateItem(
        key=key_of(history, intention),
        party_id=history.ticket.requester_id or 0,
        bug_id=history.bug.bug_id,
        ticket_id=history.key.ticket_id,
        reason=intention.reason,
        due_at=intention.due_at,
        wall_time=intention.due_at.astimezone(calendar.zone).replace(tzinfo=None).isoformat(timespec="seconds"),
        zone=calendar.zone.key,
        news_seq=intention.news_seq,
        ordinal=intention.ordinal,
        decision_seq=decision_seq,
    )


@dataclass(frozen=True, slots=True)
class Effect:
    """What other policies would decide at once: `links` counts those that the policy in question would decide.

    `differ` counts the links whose decision differs, by the rule that decides now and the one that would then.
    """

    links: int
    differ: Mapping[tuple[str, str], int]


def effect(
    store: Store, before: Policies, after: Policies, ruleset_hash: str, clock: Clock, calendar: WorkCalendar
) -> Effect:
    """Decide every link under both on the facts of this moment; keeps nothing. `ruleset_hash` is in question."""
    now, upto, curves = clock.now(), KnownUpTo(store.head()), curve_book(store)
    differ: Counter[tuple[str, str]] = Counter()
    links = 0
    for link in store.links():
        history = store.link_history(link.key, upto)
        links += after.of(history).hash == ruleset_hash
        was, would_be = (_imagined(history, each, now, calendar, curves) for each in (before, after))
        if was != would_be:
            differ[was[0], would_be[0]] += 1
    return Effect(links, differ)


def _imagined(
    history: LinkHistory, policies: Policies, now: datetime, calendar: WorkCalendar, curves: CurveBook
) -> tuple[str, list[str]]:
    """Give the rule that decides, and all that it decides, questions included."""
    policy = policies.of(history).policy
    planned = plan_link(fold_link(history, now, policy, calendar), now, policy, calendar, curves)
    decided = [*planned.questions, replace(planned.decision, intentions=planned.intentions)]
    return decided[-1].ruling.rule_id, [decision_output(history, one) for one in decided]
