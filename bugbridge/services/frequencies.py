"""How often customers meet a bug: judged weekly from usage or tickets, answered by customers, overridden by people."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bugbridge.core.errors import UsageError
from bugbridge.core.events import BugEvent
from bugbridge.core.facts import UNSAID, given_answer, last_check, standing_override
from bugbridge.core.frequency import (
    ANSWERS,
    FrequencyCheck,
    FrequencyRules,
    TicketEvidence,
    UsageCheck,
    gather_reports,
    judge,
    sentence,
)
from bugbridge.core.instants import JUST_AFTER, instant_from_text, instant_to_text
from bugbridge.core.model import Actor, BugEventKind, Entity, Frequency, LinkEventKind
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import BugHistory, IssueRow, KnownUpTo, LinkKey, Moment, Report
from bugbridge.core.usage import days_per_week, flow_by_hand, flow_name, flows_of, own_days, usage_evidence
from bugbridge.ports import Clock, Store
from bugbridge.services.saying import Word, say_of_link
from bugbridge.services.settling import DAEMON
from bugbridge.services.usage import UsageAt, join_accounts

CHECK_INTERVAL = timedelta(days=7)
USAGE, TICKETS = "usage", "tickets"
# What a person can say of a bug; the other two are what evidence alone can show.
OVERRIDES = (Frequency.FREQUENT, Frequency.INFREQUENT)


def check_frequencies(store: Store, policy: Policy, clock: Clock) -> int:
    """Judge bugs with new reports or usage, and all others once a week; keep what differs, and each weekly count."""
    bug_ids = store.bugs_to_check(clock.now())
    usage = UsageAt(store, KnownUpTo(store.head()), clock.now())
    for bug_id in bug_ids:
        with store.write():
            reporters = {report.account_id for report in store.reports(bug_id, KnownUpTo(store.head()))}
            if join_accounts(store, clock, reporters, DAEMON):
                usage = UsageAt(store, KnownUpTo(store.head()), clock.now())
            _check_frequency(store, policy.frequency, clock, usage, bug_id)
    return len(bug_ids)


def _check_frequency(store: Store, rules: FrequencyRules, clock: Clock, usage: UsageAt, bug_id: int) -> None:
    now = clock.now()
    history = store.bug_history(bug_id, KnownUpTo(store.head()))
    before = last_check(history)
    last = json.loads(before.value) if before else {}
    counted_at = _counted_at(before, last)
    week_over = counted_at is None or now - counted_at >= CHECK_INTERVAL
    next_from = now if counted_at is None or week_over else counted_at
    value = _judge(store, rules, history, KnownUpTo(store.head()), now, usage, last, week_over=week_over)
    if week_over or _verdicts(value, rules) != _verdicts(last, rules):
        store.append([_check_event(bug_id, value, now, next_from)], actor=DAEMON, recorded_at=now)
    store.mark_checked(bug_id, next_from + CHECK_INTERVAL)


def judge_at(store: Store, rules: FrequencyRules, bug_id: int, moment: Moment, now: datetime) -> dict[str, Any]:
    """Judge a bug at an instant on what a moment holds, as a weekly check then would have; keeps nothing.

    Reads event tables up to the moment, on either axis of time, the check before included.
    """
    history = store.bug_history(bug_id, moment)
    before = last_check(history)
    last = json.loads(before.value) if before else {}
    return _judge(store, rules, history, moment, now, UsageAt(store, moment, now), last, week_over=True)


def _counted_at(before: BugEvent | None, last: Mapping[str, Any]) -> datetime | None:
    """Give when the last whole week was counted: a check in between must not put the next count off."""
    if before is None:
        return None
    return instant_from_text(last["counted_at"]) if "counted_at" in last else before.occurred_at


def _judge(
    store: Store,
    rules: FrequencyRules,
    history: BugHistory,
    moment: Moment,
    now: datetime,
    usage: UsageAt,
    last: Mapping[str, Any],
    *,
    week_over: bool,
) -> dict[str, Any]:
    """Judge, and give all that is kept of it.

    Between weekly checks the low ones so far are those of whole weeks, the last of them included, and none is counted.
    """
    flows = flows_of(history)
    days = usage.days_in(flows)
    reports = store.reports(history.bug_id, moment)
    tickets = _ticket_evidence(reports, now, rules, len(usage.active) or None)
    current, counted = Frequency(last.get("frequency", Frequency.UNKNOWN)), int(last.get("low_checks", 0))
    check = judge(tickets, usage_evidence(usage.active, days), current, counted - (not week_over), rules)
    low_checks = check.low_checks if isinstance(check, FrequencyCheck) else 0
    own = own_days((report.account_id for report in reports), usage.active, days)
    return {
        "frequency": check.frequency,
        "sentence": sentence(check),
        "low_checks": low_checks if week_over else counted,
        "accounts": tickets.accounts,
        "weeks": tickets.weeks_with_reports,
        "age_days": round(tickets.bug_age_days, 2),
        "active_accounts": tickets.active_accounts,
        "flows": list(flows),
        "own_days": {str(account): count for account, count in own.items()} if own else {},
        **_numbers(check),
    }


def _ticket_evidence(
    reports: Sequence[Report], now: datetime, rules: FrequencyRules, active_accounts: int | None
) -> TicketEvidence:
    first: dict[int, datetime] = {}
    for report in reports:
        first[report.account_id] = min(report.reported_at, first.get(report.account_id, report.reported_at))
    return gather_reports(first, now, [report.reported_at for report in reports], rules, active_accounts)


def _numbers(check: FrequencyCheck | UsageCheck) -> dict[str, Any]:
    """Name the evidence that decided, with its numbers."""
    bounds = {"lower": round(check.lower, 3), "upper": round(check.upper, 3)}
    if isinstance(check, UsageCheck):
        evidence = check.evidence
        measured = {"using": evidence.using, "days_per_week": round(evidence.days_per_week, 3)}
        return {"by": USAGE, **bounds, **measured, "breadth": round(check.breadth, 3)}
    measured = {"rate": round(check.rate, 3), "watched_weeks": round(check.weeks, 3)}
    return {"by": TICKETS, **bounds, **measured, "threshold": round(check.threshold, 3)}


def _verdicts(value: Mapping[str, Any], rules: FrequencyRules) -> tuple[object, ...]:
    """Give what links are decided by: the verdict on the bug, and that on each account by its own usage."""
    often = rules.usage_days_per_week[0]
    own = {account: days_per_week(days) >= often for account, days in value.get("own_days", {}).items()}
    return value.get("frequency"), value.get("by", TICKETS), own


def _check_event(bug_id: int, value: Mapping[str, Any], now: datetime, counted_at: datetime) -> BugEvent:
    return BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.FREQUENCY_CHECK,
        value=json.dumps({**value, "counted_at": instant_to_text(counted_at)}, sort_keys=True),
        occurred_at=now,
        source_key=f"bug:{bug_id}:frequency:{instant_to_text(now)}",
    )


def record_answer(store: Store, clock: Clock, key: LinkKey, answer: str, actor: Actor) -> bool:
    """Keep how often this customer meets the bug, or that it isn't known after all; False, and nothing written, where
    that is how things are.

    Raises UsageError for an answer other than daily, sometimes or once.
    """
    if answer not in {*ANSWERS, UNSAID}:
        raise UsageError(f"A customer meets a bug daily, sometimes or once, not {answer!r}.")
    with store.write():
        history = store.link_history(key, KnownUpTo(store.head()))
        if (given_answer(history) or UNSAID) == answer:
            return False
        at = _after_all(clock, [event.occurred_at for event in history.link_events])
        say_of_link(store, clock, key, LinkEventKind.MEETS_IT, answer, Word(actor, at))
    return True


@dataclass(frozen=True, slots=True)
class Override:
    """What a person said in place of the evidence, why, and until when it holds; without an author, yet to be said."""

    frequency: Frequency
    reason: str
    until: datetime
    author: str = ""


def read_override(store: Store, bug_id: int, now: datetime) -> Override | None:
    """Give the override that holds for a bug at present, none where there is none."""
    event = standing_override(store.bug_course(bug_id, KnownUpTo(store.head())), now)
    if event is None or event.expires_at is None:
        return None
    reason = store.private(Entity.BUG, event.bug_id, _reason_field(event.seq))
    return Override(Frequency(event.value), reason, event.expires_at, store.author_of(event.seq))


def override(
    store: Store, clock: Clock, issue: IssueRow, wanted: Override, actor: Actor, *, keep_date: bool = False
) -> tuple[Override, bool]:
    """Have a bug count as frequent or infrequent until an instant, in place of any override before.

    Gives what holds now, and whether that is new: with `keep_date` one that differs by its date alone stays. The
    reason is free text and kept apart from the event. Raises UsageError for an instant that has passed, another
    frequency, or no reason.
    """
    _refuse_unfit(wanted, clock.now())
    bug_id = store.canonical_bug(issue.bug_id)
    with store.write():
        standing = read_override(store, bug_id, clock.now())
        if standing is not None and _same(standing, wanted, keep_date=keep_date):
            return standing, False
        seq = _keep_bug_event(store, clock, bug_id, BugEventKind.OVERRIDE, wanted.frequency, actor, wanted.until)
        store.keep_private(None, Entity.BUG, bug_id, _reason_field(seq), wanted.reason)
    return replace(wanted, author=actor.id), True


def _refuse_unfit(wanted: Override, now: datetime) -> None:
    if wanted.frequency not in OVERRIDES:
        raise UsageError(f"A bug is overridden to frequent or infrequent, not {wanted.frequency}.")
    if not wanted.reason.strip():
        raise UsageError('An override needs its reason: add --because "…".')
    if wanted.until <= now:
        raise UsageError("An override holds until a moment that is still to come: give --until a later date.")


def _same(standing: Override, wanted: Override, *, keep_date: bool) -> bool:
    alike = (standing.frequency, standing.reason) == (wanted.frequency, wanted.reason)
    return alike and (keep_date or standing.until == wanted.until)


def clear_override(store: Store, clock: Clock, issue: IssueRow, actor: Actor) -> bool:
    """Take the override back that holds for a bug; False, and nothing written, where none does."""
    bug_id = store.canonical_bug(issue.bug_id)
    with store.write():
        if read_override(store, bug_id, clock.now()) is None:
            return False
        _keep_bug_event(store, clock, bug_id, BugEventKind.OVERRIDE, "", actor)
    return True


def set_flow(store: Store, clock: Clock, issue: IssueRow, flow: str, actor: Actor) -> bool:
    """Keep the flow that a bug sits in, "" for none by hand; False, and nothing written, where it is so already.

    The bug is judged afresh. Raises UsageError for a flow that is no name.
    """
    try:
        named = flow_name(flow) if flow else ""
    except ValueError as problem:
        raise UsageError(f"A flow is named as in the usage file; of this one, {problem}.") from None
    bug_id = store.canonical_bug(issue.bug_id)
    with store.write():
        if flow_by_hand(store.bug_history(bug_id, KnownUpTo(store.head()))) == named:
            return False
        _keep_bug_event(store, clock, bug_id, BugEventKind.FLOW, named, actor)
        store.mark_checked(bug_id, clock.now())
    return True


def _keep_bug_event(
    store: Store,
    clock: Clock,
    bug_id: int,
    kind: BugEventKind,
    value: str,
    actor: Actor,
    expires_at: datetime | None = None,
) -> int:
    said = store.bug_history(bug_id, KnownUpTo(store.head())).bug_events
    at = _after_all(clock, [event.occurred_at for event in said if event.kind is kind])
    event = BugEvent(
        bug_id=bug_id,
        kind=kind,
        value=value,
        expires_at=expires_at,
        occurred_at=at,
        source_key=f"bug:{bug_id}:{kind}:{value}:{instant_to_text(at)}",
    )
    (seq,) = store.append([event], actor=actor, recorded_at=clock.now())
    return seq


def _after_all(clock: Clock, said_at: Sequence[datetime]) -> datetime:
    """What a person says now comes after all that was said before, also where another clock ran ahead of ours."""
    return max([clock.now(), *(at + JUST_AFTER for at in said_at)])


def _reason_field(seq: int) -> str:
    return f"override:{seq}"
