"""How often a bug was met before anybody judged it: the weekly checks that would have been made, from its reports."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from bugbridge.core.events import BugEvent
from bugbridge.core.frequency import (
    LEAST_DAYS,
    FrequencyCheck,
    FrequencyRules,
    TicketEvidence,
    gather_reports,
    judge_tickets,
)
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import BugEventKind, Frequency

CHECK_INTERVAL = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Reported:
    """An account's ticket about a bug: from when it reports, and from when it was known to be about this very bug.

    That is when it was linked, or when the bug that it was linked to was merged into this one.
    """

    account_id: int
    reported_at: datetime
    known_at: datetime


@dataclass(frozen=True, slots=True)
class _Judged:
    at: datetime
    frequency: Frequency = Frequency.UNKNOWN
    low_checks: int = 0


@lru_cache(maxsize=256)  # the links of one bug share them
def made_up_checks(
    reports: tuple[Reported, ...], rules: FrequencyRules, bug_id: int, until: datetime
) -> tuple[BugEvent, ...]:
    """Give the checks before `until` that would have changed the verdict: at each report, and once a week besides."""
    kept: list[BugEvent] = []
    verdict = Frequency.UNKNOWN
    for judged in _judgements(reports, rules, until):
        if judged.frequency is not verdict:
            verdict = judged.frequency
            kept.append(_check(bug_id, judged))
    return tuple(kept)


def _judgements(reports: Sequence[Reported], rules: FrequencyRules, until: datetime) -> Iterator[_Judged]:
    arrivals = sorted({report.known_at for report in reports})
    if not arrivals:
        return
    at, counted_at, last = arrivals[0], arrivals[0], _Judged(arrivals[0])
    while at < until:
        week_over = at == arrivals[0] or at - counted_at >= CHECK_INTERVAL
        counted_at = at if week_over else counted_at
        last = _judge([report for report in reports if report.known_at <= at], rules, at, last, week_over=week_over)
        yield last
        at = min([counted_at + CHECK_INTERVAL, *(arrival for arrival in arrivals if arrival > at)])


def _judge(
    reports: Sequence[Reported], rules: FrequencyRules, at: datetime, last: _Judged, *, week_over: bool
) -> _Judged:
    """Between weekly checks no low one is counted, as in the product's own."""
    dates = [report.reported_at for report in reports]
    evidence = gather_reports(_first_reports(reports), at, dates, rules, active_accounts=None)
    settled = replace(evidence, bug_age_days=min(evidence.bug_age_days, max(LEAST_DAYS, rules.window_days)))
    check = _verdict(settled, last.frequency, last.low_checks - (not week_over), rules)
    return _Judged(at, check.frequency, check.low_checks if week_over else last.low_checks)


@lru_cache(maxsize=4096)  # the exact bounds are dear, and past the window a bug's age makes no difference
def _verdict(evidence: TicketEvidence, current: Frequency, low_checks: int, rules: FrequencyRules) -> FrequencyCheck:
    return judge_tickets(evidence, current, low_checks, rules)


def _first_reports(reports: Sequence[Reported]) -> Mapping[int, datetime]:
    first: dict[int, datetime] = {}
    for report in reports:
        first[report.account_id] = min(report.reported_at, first.get(report.account_id, report.reported_at))
    return first


def _check(bug_id: int, judged: _Judged) -> BugEvent:
    return BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.FREQUENCY_CHECK,
        value=json.dumps({"frequency": judged.frequency, "low_checks": judged.low_checks}),
        occurred_at=judged.at,
        source_key=f"replay:frequency:{instant_to_text(judged.at)}",
    )
