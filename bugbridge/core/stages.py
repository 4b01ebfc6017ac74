"""Tracker facts to stages, and stages to news. `closed` is never `fixed` by itself, nor `fixed` `released`."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import NamedTuple, TypeVar

from bugbridge.core.events import BugEvent, Event, FactEvent
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.core.model import BugEventKind, ClosedAs, Entity, FactKind, News, Stage
from bugbridge.core.records import BugHistory
from bugbridge.core.snapshots import IssueSnapshot, TrackerState

EventT = TypeVar("EventT", bound=Event)

# The status of an issue closed for a reason that its tracker doesn't tell: it keeps its stage, and a person is asked.
CLOSED_UNKNOWN = "closed_unknown"
# How far each stage is; a bug with parts is as far as the part that is least far.
RANK = {Stage.OPEN: 0, Stage.IN_PROGRESS: 1, Stage.FIXED: 2, Stage.RELEASED: 3}
CLOSED_STAGES = frozenset({Stage.FIXED, Stage.RELEASED, Stage.DECLINED})
# Stages of an issue whose release nobody awaits.
ENDED_STAGES = frozenset({Stage.RELEASED, Stage.DECLINED})
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class NewsEvent:
    """One piece of news of a bug; `seq` is that of the event behind it, `version` the release it names, if any, and
    `known_at` when we learned of it, none where nobody wrote that down."""

    at: datetime
    seq: int
    news: News
    version: str = ""
    known_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Timeline:
    """What became of a bug, folded from its events in order of (occurred_at, seq)."""

    stage: Stage = Stage.OPEN
    news: tuple[NewsEvent, ...] = ()
    opened_at: datetime | None = None
    first_fixed_at: datetime | None = None
    fixed_at: datetime | None = None
    released_at: datetime | None = None
    declined_at: datetime | None = None
    closes: int = 0
    version: str = ""
    planned_version: str = ""
    planned_on: str = ""
    has_workaround: bool = False
    closed_unknown: bool = False


def stage_of(state: TrackerState) -> Stage | None:
    """Judge one tracker state; None where it says nothing: closed as a duplicate, or for a reason unknown."""
    if state.closed_as is ClosedAs.FIXED:
        return Stage.RELEASED if state.released_in else Stage.FIXED
    if state.closed_as is ClosedAs.DECLINED:
        return Stage.DECLINED
    if state.closed_as is not None:
        return None
    return Stage.IN_PROGRESS if state.in_progress else Stage.OPEN


def issue_facts(issue_id: int, snapshot: IssueSnapshot) -> tuple[FactEvent, ...]:
    """Turn an issue's whole history into facts; the same history always gives the same source keys."""
    return (*_stage_facts(issue_id, snapshot), *_present_facts(issue_id, snapshot))


def _stage_facts(issue_id: int, snapshot: IssueSnapshot) -> Iterator[FactEvent]:
    known, version, status = None, "", ""
    for change in snapshot.history:
        if (now := _status(change.state)) != status:
            status = now
            yield _fact(issue_id, FactKind.STATUS, status, change.at)
        if change.state.released_in != version:  # before the stage, whose news names the version
            version = change.state.released_in
            yield _fact(issue_id, FactKind.RELEASE, version, change.at)
        stage = stage_of(change.state)
        if stage is not None and stage is not known:
            known = stage
            yield _fact(issue_id, FactKind.STAGE, stage, change.at)
        if status == CLOSED_UNKNOWN:  # an earlier reading may have known more: say the next stage whatever it is
            known = None


def _status(state: TrackerState) -> str:
    return CLOSED_UNKNOWN if state.closed_as is ClosedAs.UNKNOWN else ""


def _present_facts(issue_id: int, snapshot: IssueSnapshot) -> Iterator[FactEvent]:
    yield _fact(issue_id, FactKind.LABELS, json.dumps(sorted(snapshot.labels)), snapshot.updated_at)
    yield _fact(issue_id, FactKind.ACTIVITY, "", snapshot.updated_at)


def _fact(issue_id: int, kind: FactKind, value: str, at: datetime) -> FactEvent:
    key = f"issue:{issue_id}:{kind}:{value}:{instant_to_text(at)}"
    return FactEvent(entity=Entity.ISSUE, entity_id=issue_id, kind=kind, value=value, occurred_at=at, source_key=key)


def planned_facts(issue_id: int, seen: IssueSnapshot, known: FactEvent | None, now: datetime) -> Iterator[FactEvent]:
    """State which version is planned if that changed, or if the issue was reopened since: then it is seen anew.

    A tracker doesn't tell when a version was planned, so it counts from `now` on.
    """
    value = release_mark_value(seen.planned_version, seen.planned_on) if seen.planned_on else ""
    if value != (known.value if known else "") or (value and known and _reopened_since(seen, known.occurred_at)):
        yield _fact(issue_id, FactKind.VERSION, value, now)


def _reopened_since(seen: IssueSnapshot, at: datetime) -> bool:
    stages = [fact for fact in _stage_facts(0, seen) if fact.kind is FactKind.STAGE]
    return any(
        before.value in CLOSED_STAGES and after.value not in CLOSED_STAGES and after.occurred_at > at
        for before, after in pairwise(stages)
    )


class _Plan(NamedTuple):
    """A version and the instant from which it is to be out, as text; both empty for no plan."""

    version: str = ""
    on: str = ""


NO_PLAN = _Plan()


@dataclass(slots=True)
class _Issues:
    """The issues of a bug as its fold goes on: each one's stage, and its planned version as its tracker shows it."""

    primary: int
    stages: dict[int, Stage] = field(default_factory=dict)
    plans: dict[int, _Plan] = field(default_factory=dict)

    def take(self, fact: FactEvent) -> None:
        """Take in a stage or a planned version; a plan from before a reopening holds only once it is seen again."""
        if fact.kind is FactKind.VERSION:
            self.plans[fact.entity_id] = _Plan(**json.loads(fact.value)) if fact.value else NO_PLAN
            return
        if self.stages.get(fact.entity_id) in CLOSED_STAGES and fact.value not in CLOSED_STAGES:
            self.plans.pop(fact.entity_id, None)
        self.stages[fact.entity_id] = Stage(fact.value)

    def plan(self, at: datetime) -> _Plan:
        """Give when the last of them is to be out; no plan where one of them has none, or where that day is over."""
        awaited = [issue_id for issue_id, stage in self.stages.items() if stage not in ENDED_STAGES]
        plans = [self.plans.get(issue_id, NO_PLAN) for issue_id in awaited]
        latest = max(plans, key=lambda plan: plan.on, default=NO_PLAN)
        return latest if NO_PLAN not in plans and latest.on and at < instant_from_text(latest.on) + DAY else NO_PLAN


def timeline(bug: BugHistory) -> Timeline:
    """Fold a bug's events into its stage, its news and the instants that the audit counts from.

    A bug with parts is released only when every part is; a part that was declined doesn't count.
    """
    folded, shown = Timeline(), NO_PLAN
    issues = _Issues(bug.issue_facts[0].entity_id if bug.issue_facts else 0)
    for event in in_order((*bug.issue_facts, *bug.part_facts, *bug.bug_events)):
        if isinstance(event, FactEvent) and event.kind in (FactKind.STAGE, FactKind.VERSION):
            issues.take(event)
            if event.kind is FactKind.STAGE:
                folded = _after_stage(folded, _least_far(issues.stages, issues.primary), event)
            before, shown = shown, issues.plan(event.occurred_at)
            folded = _after_plan(folded, before, shown, event)
        else:
            folded = _after(folded, event)
    return folded


def _least_far(stages: Mapping[int, Stage], primary: int) -> Stage:
    if stages.get(primary) is Stage.DECLINED:
        return Stage.DECLINED
    counted = [stage for stage in stages.values() if stage is not Stage.DECLINED]
    return min(counted, key=lambda stage: RANK[stage]) if counted else Stage.DECLINED


def in_order(events: Iterable[EventT]) -> list[EventT]:
    """Sort by when things happened; what happened at once, by when we learned of it."""
    return sorted(events, key=lambda event: (event.occurred_at, event.seq))


def latest(facts: Iterable[FactEvent], kind: FactKind) -> str:
    """Give the latest value of one kind of fact, "" where there is none."""
    values = [fact.value for fact in in_order(facts) if fact.kind is kind]
    return values[-1] if values else ""


def _after(folded: Timeline, event: Event) -> Timeline:
    if isinstance(event, FactEvent) and event.kind is FactKind.RELEASE:
        return replace(folded, version=event.value)
    if isinstance(event, FactEvent) and event.kind is FactKind.STATUS:
        return replace(folded, closed_unknown=event.value == CLOSED_UNKNOWN)
    if isinstance(event, BugEvent) and event.kind is BugEventKind.RELEASE_MARK:
        return _after_release_mark(folded, event)
    if isinstance(event, BugEvent) and event.kind is BugEventKind.WORKAROUND:
        known = folded.has_workaround and repeats_workaround(event)
        return folded if known else _with_news(replace(folded, has_workaround=True), News.WORKAROUND, event)
    return folded


def repeats_workaround(event: BugEvent) -> bool:
    """Tell whether a workaround was only said in other words or another language, which is no news."""
    return bool(json.loads(event.value).get("repeats"))


def _after_stage(folded: Timeline, stage: Stage, event: Event) -> Timeline:
    if folded.opened_at is None:
        folded = replace(folded, opened_at=event.occurred_at)
    if stage is folded.stage:
        return folded
    was_closed = folded.stage in CLOSED_STAGES
    moved = _with_instants(replace(folded, stage=stage), event.occurred_at, was_closed=was_closed)
    if stage not in CLOSED_STAGES and was_closed:
        reopened = replace(moved, fixed_at=None, released_at=None, declined_at=None)
        return _with_news(replace(reopened, version="", planned_version="", planned_on=""), News.REOPENED, event)
    if stage is Stage.OPEN or (stage is Stage.FIXED and folded.stage is Stage.RELEASED):
        return moved
    return _with_news(moved, News(stage), event)


def _with_instants(folded: Timeline, at: datetime, *, was_closed: bool) -> Timeline:
    if folded.stage is Stage.DECLINED:
        return replace(folded, declined_at=at, fixed_at=None, released_at=None)
    if folded.stage not in CLOSED_STAGES:
        return folded
    folded = replace(
        folded,
        first_fixed_at=folded.first_fixed_at or at,
        fixed_at=folded.fixed_at or at,
        declined_at=None,
        closes=folded.closes + (not was_closed),
    )
    return replace(folded, released_at=at if folded.stage is Stage.RELEASED else None)


def release_mark_value(version: str, on: datetime) -> str:
    """Write the value of a release mark: the version, and the instant from which it is or will be out."""
    return json.dumps({"version": version, "on": instant_to_text(on)}, sort_keys=True)


def _after_release_mark(folded: Timeline, event: BugEvent) -> Timeline:
    mark = json.loads(event.value)
    if instant_from_text(mark["on"]) <= event.occurred_at:
        return _released_by_mark(folded, mark["version"], event)
    if folded.stage is not Stage.FIXED or (mark["version"], mark["on"]) == (folded.planned_version, folded.planned_on):
        return folded
    news = News.RELEASE_MOVED if folded.planned_version else News.RELEASE_PLANNED
    return _with_news(replace(folded, planned_version=mark["version"], planned_on=mark["on"]), news, event)


def _after_plan(folded: Timeline, before: _Plan, plan: _Plan, event: Event) -> Timeline:
    """Tell of a tracker's plan while the fix waits for it, and forget one that it shows no more.

    Of a plan that a person set and one of the tracker, the later said holds; the tracker takes back only its own.
    """
    kept = _Plan(folded.planned_version, folded.planned_on)
    if folded.stage is Stage.FIXED and plan not in (NO_PLAN, kept) and (plan != before or kept == NO_PLAN):
        news = News.RELEASE_PLANNED if kept == NO_PLAN else News.RELEASE_MOVED
        return _with_news(replace(folded, planned_version=plan.version, planned_on=plan.on), news, event)
    if kept == before != plan:
        return replace(folded, planned_version="", planned_on="")
    return folded


def _released_by_mark(folded: Timeline, version: str, event: BugEvent) -> Timeline:
    if folded.stage is not Stage.FIXED:
        return folded
    released = replace(folded, stage=Stage.RELEASED, version=version, released_at=event.occurred_at)
    return _with_news(released, News.RELEASED, event)


def _with_news(folded: Timeline, news: News, event: Event) -> Timeline:
    version = folded.version or folded.planned_version
    item = NewsEvent(event.occurred_at, event.seq, news, version, event.recorded_at)
    return replace(folded, news=(*folded.news, item))
