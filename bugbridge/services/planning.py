"""Plan: judge frequencies, decide every link that was touched or has expired, and schedule what is called for."""

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import BugEvent, DecisionEvent, FactEvent, Ruleset
from bugbridge.core.facts import LinkState, fold_link, last_check, latest
from bugbridge.core.frequency import FrequencyCheck, gather_reports, judge_tickets, sentence
from bugbridge.core.instants import DAY, instant_to_text
from bugbridge.core.model import BugEventKind, Entity, FactKind, Frequency, UpdateState
from bugbridge.core.planning import PERIODIC, LinkPlan, Planned, periodic_count, plan_link, update_key
from bugbridge.core.policy_model import Intention, LinkFacts, Policy
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey, UpdateItem
from bugbridge.ports import Clock, Store
from bugbridge.services.settling import DAEMON

POLICY = "policy"
# Facts that change by the clock alone, or by the decision itself.
NOT_COMPARED = frozenset({"silent_days", "age_days", "days_since_update", "asked"})
CHECK_INTERVAL = timedelta(days=7)
# Links decided in one transaction, so that others can write in between.
BATCH = 200
# How far ahead going live looks to say how many reminders a day are to come.
BACKLOG_HORIZON = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class PlanningResult:
    """What one pass did: links decided, decisions that differ from the one before, frequencies judged."""

    decided: int = 0
    changed: int = 0
    checked: int = 0


def plan(store: Store, policy: Policy, clock: Clock, calendar: WorkCalendar, ruleset_hash: str = "") -> PlanningResult:
    """Decide what is to be decided; links untouched and still valid cost nothing."""
    checked = check_frequencies(store, policy, clock)
    decided = changed = 0
    while keys := store.links_to_decide(clock.now(), BATCH):
        with store.write():
            for key in keys:
                changed += decide_link(store, policy, clock, calendar, key, ruleset_hash).kept
        decided += len(keys)
    return PlanningResult(decided, changed, checked)


@dataclass(frozen=True, slots=True)
class Decided:
    """What deciding one link gave: decisions kept, the link's state, and the updates called for by their keys."""

    kept: int
    state: LinkState
    called_for: Mapping[str, Intention]


def put_in_force(store: Store, clock: Clock, policy_text: str, ruleset_hash: str) -> bool:
    """Keep a policy that isn't the one in force, and have every link decided again; False where it is."""
    if store.ruleset_in_force(POLICY) == ruleset_hash:
        return False
    now = clock.now()
    ruleset = Ruleset(
        hash=ruleset_hash,
        kind=POLICY,
        body=policy_text,
        in_force_from=now,
        occurred_at=now,
        source_key=f"ruleset:{POLICY}:{ruleset_hash}:{instant_to_text(now)}",
    )
    with store.write():
        store.append([ruleset], actor=DAEMON, recorded_at=now)
        store.touch_all()
    return True


def decide_link(
    store: Store, policy: Policy, clock: Clock, calendar: WorkCalendar, key: LinkKey, ruleset_hash: str = ""
) -> Decided:
    """Decide one link on all that is known, keep what differs and schedule its updates."""
    now, upto = clock.now(), store.head()
    history = store.link_history(key, KnownUpTo(upto))
    state = fold_link(history, now, policy, calendar)
    planned = plan_link(state, now, policy, calendar)
    events = [
        _decision(history, state, one, planned.valid_until, upto, now, ruleset_hash)
        for one in (*planned.questions, replace(planned.decision, intentions=planned.intentions))
    ]
    new = events if _differs(events, history) else []
    store.append(new, actor=DAEMON, recorded_at=now)
    _schedule(store, history, planned, store.head(), calendar)
    store.mark_decided(key, upto, planned.valid_until)
    return Decided(len(new), state, {key_of(history, one): one for one in planned.intentions})


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
        "updates": [
            {"key": key_of(history, one), "reason": one.reason, "due_at": instant_to_text(one.due_at)}
            for one in planned.intentions
        ],
    }
    return json.dumps(output, sort_keys=True)


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


def _schedule(store: Store, history: LinkHistory, planned: LinkPlan, decision_seq: int, calendar: WorkCalendar) -> None:
    """Plan what is called for, take back what no longer is, and end reminders whose news the customer now knows."""
    items = [_item(history, intention, decision_seq, calendar) for intention in planned.intentions]
    called_for = {item.key for item in items}
    dropped = [item for item in store.updates_of(history.key) if item.key not in called_for]
    store.save_updates(history.key, items, planned.decision.ruling.rule_id)
    freed = {item.party_id for item in dropped if item.state is UpdateState.PLANNED}
    if freed:
        _offer_to_siblings(store, history, freed)
    if not planned.decision.ruling.hold:
        store.settle_updates([item.key for item in dropped if item.state in (UpdateState.POSTED, UpdateState.DEAD)])


def _offer_to_siblings(store: Store, history: LinkHistory, party_ids: Collection[int]) -> None:
    """Have these customers' other tickets about this bug decided again: they may have left an update to this one."""
    siblings = {LinkKey(event.ticket_id, event.bug_id) for event in history.party_link_events}
    if any(party_id != history.ticket.requester_id for party_id in party_ids):  # the ticket changed hands
        siblings |= {key for key in history.bug.links if store.ticket(key.ticket_id).requester_id in party_ids}
    for sibling in sorted(siblings - {history.key}):
        store.mark_decided(sibling, 0, None)


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


def check_frequencies(store: Store, policy: Policy, clock: Clock) -> int:
    """Judge bugs with new reports, and all others once a week; keep what differs, and each weekly count."""
    bug_ids = store.bugs_to_check(clock.now())
    for bug_id in bug_ids:
        with store.write():
            _check_frequency(store, policy, clock, bug_id)
    return len(bug_ids)


def _check_frequency(store: Store, policy: Policy, clock: Clock, bug_id: int) -> None:
    now = clock.now()
    history = store.bug_history(bug_id, KnownUpTo(store.head()))
    before = last_check(history)
    last = json.loads(before.value) if before else {"frequency": Frequency.UNKNOWN, "low_checks": 0}
    week_over = before is None or now - before.occurred_at >= CHECK_INTERVAL
    check = _judge(store, policy, bug_id, now, last, week_over=week_over)
    if before is None or week_over or check.frequency != last["frequency"]:
        store.append([_check_event(bug_id, check, last, now, week_over=week_over)], actor=DAEMON, recorded_at=now)
        store.mark_checked(bug_id, now + CHECK_INTERVAL)
    else:
        store.mark_checked(bug_id, before.occurred_at + CHECK_INTERVAL)


def _judge(
    store: Store, policy: Policy, bug_id: int, now: datetime, last: Mapping[str, Any], *, week_over: bool
) -> FrequencyCheck:
    """Between weekly checks the low ones so far are those of whole weeks, the last of them included."""
    reports = store.reports(bug_id, KnownUpTo(store.head()))
    first: dict[int, datetime] = {}
    for report in reports:
        first[report.account_id] = min(report.reported_at, first.get(report.account_id, report.reported_at))
    dates = [report.reported_at for report in reports]
    evidence = gather_reports(first, now, dates, policy.frequency, active_accounts=None)
    low_checks_before = int(last["low_checks"]) - (not week_over)
    return judge_tickets(evidence, Frequency(last["frequency"]), low_checks_before, policy.frequency)


def _check_event(
    bug_id: int, check: FrequencyCheck, last: Mapping[str, Any], now: datetime, *, week_over: bool
) -> BugEvent:
    """Between weekly checks a changed verdict is kept, but no low check is counted."""
    value = {
        "frequency": check.frequency,
        "low_checks": check.low_checks if week_over else int(last["low_checks"]),
        "accounts": check.evidence.accounts,
        "weeks": check.evidence.weeks_with_reports,
        "lower": round(check.lower, 3),
        "threshold": round(check.threshold, 3),
        "sentence": sentence(check),
    }
    return BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.FREQUENCY_CHECK,
        value=json.dumps(value, sort_keys=True),
        occurred_at=now,
        source_key=f"bug:{bug_id}:frequency:{instant_to_text(now)}",
    )


@dataclass(frozen=True, slots=True)
class Backlog:
    """What going live would call for: updates due at once, and reminders per agent and day to come after that."""

    due: int
    links: int
    agents: int
    reminders_per_agent_day: float
    by_reason: Mapping[str, int]


def backlog(
    store: Store, policy: Policy, clock: Clock, calendar: WorkCalendar, source_name: str, live_from: datetime
) -> Backlog:
    """Show what would be due if a helpdesk went live from an instant on; keeps nothing."""
    now, upto = clock.now(), KnownUpTo(store.head())
    due: dict[str, str] = {}
    agents: set[str] = set()
    links = coming = 0
    for link in store.links():
        history = store.link_history(link.key, upto)
        if history.ticket.source_name != source_name:
            continue
        links += 1
        agents.add(latest(history.ticket_facts, FactKind.ASSIGNEE))
        state = _as_if_live(history, live_from, now, policy, calendar)
        planned = plan_link(state, now, policy, calendar)
        due_now = {key_of(history, one): one.reason for one in planned.intentions if one.due_at <= now}
        periodic = periodic_count(planned.decision.ruling, state, now, now + BACKLOG_HORIZON)
        coming += periodic - (PERIODIC in due_now.values())
        due |= due_now
    working = max(1, len(agents - {""}))
    per_day = coming / working / (BACKLOG_HORIZON / DAY)
    return Backlog(len(due), links, working, round(per_day, 2), Counter(due.values()))


def _as_if_live(
    history: LinkHistory, live_from: datetime, now: datetime, policy: Policy, calendar: WorkCalendar
) -> LinkState:
    fact = FactEvent(
        entity=Entity.SOURCE,
        entity_id=history.ticket.source_id,
        kind=FactKind.LIVE_FROM,
        value=instant_to_text(live_from),
        occurred_at=now,
        source_key="as-if-live",
    )
    imagined = replace(history, source_facts=(*history.source_facts, fact))
    return fold_link(imagined, now, policy, calendar)
