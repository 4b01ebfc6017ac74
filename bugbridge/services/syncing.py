"""Keep the state of linked bugs: gather changed issues, judge stages and news, keep them with the cursor."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError, SuspiciousEmptyError
from bugbridge.core.events import Alias, BugEvent, Event, FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, BugEventKind, Entity, FactKind, Stage
from bugbridge.core.records import IssueRow, KnownUpTo, Source
from bugbridge.core.references import ReferenceRules, project_of
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue
from bugbridge.core.stages import issue_facts, planned_facts, timeline
from bugbridge.ports import Clock, Store, Tracker
from bugbridge.services.bug_words import keep_suggestions
from bugbridge.services.mirroring import mirror_events
from bugbridge.services.settling import DAEMON, LinkingResult, settle_bugs
from bugbridge.services.sources import last_success, refuse_while_paused, source_named

# How often the projects of fixed bugs are asked for releases.
RELEASES_INTERVAL = timedelta(minutes=5)
# How often all issues whose end is awaited are looked for, and how many are read and kept at once.
LOOK_INTERVAL = timedelta(days=1)
LOOK_BATCH = 500
AWAITED = (Stage.OPEN, Stage.IN_PROGRESS, Stage.FIXED)
# A chain of duplicates longer than this is a mistake in the tracker, not a bug's history.
MAXIMUM_ROUNDS = 10
SUSPICIOUS = 5

Answer = IssueSnapshot | MissingIssue
Known = Mapping[FactKind, FactEvent]


@dataclass(frozen=True, slots=True)
class SyncingResult:
    """What one pass read and learned."""

    issues: int = 0
    missing: int = 0
    links: int = 0
    suggestions: int = 0


def sync_tracker(tracker: Tracker, store: Store, clock: Clock, rules: ReferenceRules | None = None) -> SyncingResult:
    """Read what changed since the cursor and what was newly referred to; keep each page with its cursor.

    Raises RemoteError; a tracker that failed has changed nothing since its last commit. Where only some issues can't
    be read, the others are kept first. A tracker that asks to be left alone isn't asked again before its time. By the
    `rules` issues are found that only mirror those of other trackers.
    """
    source = source_named(store, tracker.name)
    with _as_often_as_allowed(store, clock, source):
        return _sync(tracker, store, clock, source, rules)


def read_again(
    tracker: Tracker,
    store: Store,
    clock: Clock,
    source: Source,
    issues: Sequence[IssueRow],
    done: Callable[[], None],
    rules: ReferenceRules | None = None,
) -> SyncingResult:
    """Read issues that may have changed; once all were read, `done` is called in the transaction that keeps them.

    Raises RemoteError as sync_tracker does.
    """
    with _as_often_as_allowed(store, clock, source):
        seen = _gather(tracker, [issue for issue in issues if issue.created_at is not None])
        with store.write():
            _keep(store, clock, source, rules, seen.answers, source.last_ok_at)
            if seen.error is None:
                done()
        if seen.error is not None:
            raise seen.error
        return _result(seen.answers, _read_new(tracker, store, clock, source, rules))


@contextmanager
def _as_often_as_allowed(store: Store, clock: Clock, source: Source) -> Iterator[None]:
    """Keep away from a tracker that asked to be left alone, and remember it when it asks."""
    now = clock.now()
    refuse_while_paused(source, now)
    try:
        yield
    except RateLimitedError as error:
        store.pause(source.id, now + (error.retry_after or RELEASES_INTERVAL))
        raise


def _sync(tracker: Tracker, store: Store, clock: Clock, source: Source, rules: ReferenceRules | None) -> SyncingResult:
    answers: list[Answer] = []
    for page in tracker.changed_since(source.cursor, partial(store.issues_in_project, source.id)):
        known = store.known_issues(source.id, page.references)
        seen = _gather(tracker, [issue for issue in known if issue.created_at is not None])
        answers += _commit(store, clock, source, rules, seen, source.last_ok_at, page.cursor)
    answers += _read_released(tracker, store, clock, source, rules)
    answers += _look_for_all(tracker, store, clock, source, rules)
    new = _read_new(tracker, store, clock, source, rules)
    store.mark_well(source.id, clock.now())
    return _result(answers, new)


@dataclass(frozen=True, slots=True)
class _Gathered:
    """What a tracker answered, and the error that ended it early, if any."""

    answers: tuple[Answer, ...] = ()
    error: RemoteError | None = None


def _gather(tracker: Tracker, issues: Sequence[IssueRow]) -> _Gathered:
    answers: list[Answer] = []
    try:
        for answer in tracker.issues([issue.reference for issue in issues]) if issues else ():
            answers.append(answer)  # noqa: PERF402 - what came before an error is kept
    except RemoteError as error:
        return _Gathered(tuple(answers), error)
    if _suspiciously_empty(issues, answers):
        sentence = (
            f"{tracker.name} says that all {len(answers)} issues asked for are gone; nothing is concluded from that."
        )
        return _Gathered((), SuspiciousEmptyError(sentence))
    return _Gathered(tuple(answers))


def _suspiciously_empty(issues: Sequence[IssueRow], answers: Sequence[Answer]) -> bool:
    """Many issues that were there before and are all gone at once mean a right that was lost, not a clean-up."""
    read_before = sum(issue.created_at is not None for issue in issues)
    return read_before >= SUSPICIOUS and all(isinstance(answer, MissingIssue) for answer in answers)


def _commit(
    store: Store,
    clock: Clock,
    source: Source,
    rules: ReferenceRules | None,
    seen: _Gathered,
    looked_at: datetime | None,
    cursor: str = "",
) -> Sequence[Answer]:
    """Keep what was answered; the cursor moves only if everything was. Raises the error that ended the answers."""
    with store.write():
        _keep(store, clock, source, rules, seen.answers, looked_at)
        if cursor and seen.error is None:
            store.save_cursor(source.id, cursor, clock.now())
    if seen.error is not None:
        raise seen.error
    return seen.answers


def _read_new(
    tracker: Tracker, store: Store, clock: Clock, source: Source, rules: ReferenceRules | None
) -> tuple[list[Answer], LinkingResult]:
    """Read issues never read before, then the survivors of duplicates among them, and settle their references."""
    answers: list[Answer] = []
    linked = LinkingResult()
    for _ in range(MAXIMUM_ROUNDS):
        unread = store.unread_issues(source.id)
        if not unread:
            break
        seen = _gather(tracker, unread)
        with store.write():
            _keep(store, clock, source, rules, seen.answers)
            linked += settle_bugs(store, clock, [issue.bug_id for issue in unread])
        if seen.error is not None:
            raise seen.error
        answers += seen.answers
    return answers, linked


def _read_released(
    tracker: Tracker, store: Store, clock: Clock, source: Source, rules: ReferenceRules | None
) -> Sequence[Answer]:
    """A release changes no issue: at most every few minutes, ask the projects that hold a fixed bug for releases."""
    job = f"job:releases:{tracker.name}"
    last = last_success(store, job)
    fixed = store.issues_in_stage(source.id, Stage.FIXED)
    if not fixed or (last is not None and clock.now() - last < RELEASES_INTERVAL):
        return ()
    projects = {issue.id: project_of(store.latest_name(issue.id)) for issue in fixed}
    released, cursor = tracker.projects_released(set(projects.values()), source.release_cursor)
    seen = _gather(tracker, [issue for issue in fixed if projects[issue.id] in released])
    kept = _commit(store, clock, source, rules, seen, last)
    store.save_release_cursor(source.id, cursor)
    store.record_success(job, clock.now())
    return kept


def _look_for_all(
    tracker: Tracker, store: Store, clock: Clock, source: Source, rules: ReferenceRules | None
) -> Sequence[Answer]:
    """Deleting or hiding an issue changes nothing that could be listed: once a day, read all that are still awaited."""
    job = f"job:look-for:{tracker.name}"
    last = last_success(store, job)
    if last is not None and clock.now() - last < LOOK_INTERVAL:
        return ()
    kept: list[Answer] = []
    for stage in AWAITED if last is not None else ():  # at first all have just been read
        # One that was never read is left to what also settles its references.
        issues = [issue for issue in store.issues_in_stage(source.id, stage) if issue.created_at is not None]
        for start in range(0, len(issues), LOOK_BATCH):
            kept += _commit(store, clock, source, rules, _gather(tracker, issues[start : start + LOOK_BATCH]), last)
    store.record_success(job, clock.now())
    return kept


def _result(changed: Iterable[Answer], new: tuple[list[Answer], LinkingResult]) -> SyncingResult:
    answers = [*changed, *new[0]]
    missing = sum(isinstance(answer, MissingIssue) for answer in answers)
    return SyncingResult(len(answers) - missing, missing, new[1].links, new[1].suggestions)


def read_issue(
    tracker: Tracker,
    store: Store,
    clock: Clock,
    reference: str,
    actor: Actor,
    rules: ReferenceRules | None = None,
) -> IssueRow:
    """Read one issue that a person named, with its duplicate's survivor. Raises NotFoundError if it isn't there."""
    source = source_named(store, tracker.name)
    known = store.find_issue(reference)
    answer = next(iter(tracker.issues([reference])))
    if isinstance(answer, MissingIssue):
        if known is not None:
            _keep(store, clock, source, rules, [answer])
        raise NotFoundError(answer.sentence)
    with store.write():
        issue = store.issue_for(source.id, reference, actor=actor, at=clock.now())
        _keep(store, clock, source, rules, [answer])
        settle_bugs(store, clock, [issue.bug_id])
    _read_new(tracker, store, clock, source, rules)
    return issue


def keep_snapshot(store: Store, clock: Clock, source: Source, seen: IssueSnapshot) -> LinkingResult:
    """Keep an issue whose history was handed in, as if it had been read, and settle what refers to it.

    To be called in a transaction of the store.
    """
    _keep(store, clock, source, None, [seen])
    issue = store.issue_for(source.id, seen.reference, actor=DAEMON, at=clock.now())
    return settle_bugs(store, clock, [issue.bug_id])


def _keep(
    store: Store,
    clock: Clock,
    source: Source,
    rules: ReferenceRules | None,
    answers: Sequence[Answer],
    looked_at: datetime | None = None,
) -> None:
    for answer in answers:
        issue = store.issue_for(source.id, answer.reference, actor=DAEMON, at=clock.now())
        if isinstance(answer, MissingIssue):
            store.append(tuple(_gone(store, issue, answer, clock)), actor=DAEMON, recorded_at=clock.now())
        else:
            known = store.facts(Entity.ISSUE, issue.id)
            seen = _dated(answer, known, looked_at, clock.now())
            mirrors = mirror_events(store, clock, issue, seen, rules) if rules is not None else ()
            _keep_issue(store, clock, source, issue, seen, known, mirrors)


def _gone(store: Store, issue: IssueRow, answer: MissingIssue, clock: Clock) -> Iterator[FactEvent]:
    """Keep since when and why an issue can't be read; the stage that it had stays."""
    known = store.facts(Entity.ISSUE, issue.id).get(FactKind.GONE)
    if known is None or known.value != answer.reason:
        yield _gone_fact(issue, answer.reason, clock)


def _gone_fact(issue: IssueRow, value: str, clock: Clock) -> FactEvent:
    return FactEvent(
        entity=Entity.ISSUE,
        entity_id=issue.id,
        kind=FactKind.GONE,
        value=value,
        occurred_at=clock.now(),
        source_key=f"issue:{issue.id}:gone:{value}:{instant_to_text(clock.now())}",
    )


def _dated(seen: IssueSnapshot, known: Known, looked_at: datetime | None, now: datetime) -> IssueSnapshot:
    """Settle when a release happened, of which trackers name the day alone, or nothing.

    One that we know keeps its instant. One that is new came after our last look at a fixed bug: dated to the start of
    its day it could seem older than a link made that morning, whose customer would never be told. Nor is it yet to
    come, though its day may not have begun in UTC; but never older than the fix, also where our clock lags.
    """
    if not seen.history or not seen.history[-1].state.released_in:
        return seen
    last, kept, stage = seen.history[-1], known.get(FactKind.RELEASE), known.get(FactKind.STAGE)
    at = last.at
    if kept is not None and kept.value == last.state.released_in:
        at = kept.occurred_at
    elif stage is not None and stage.value == Stage.FIXED and looked_at is not None:
        at = max(at, looked_at)
    not_before = [change.at for change in seen.history[-2:-1]]
    at = max([min(at, now), *not_before])
    return replace(seen, history=(*seen.history[:-1], replace(last, at=at)))


def _keep_issue(
    store: Store,
    clock: Clock,
    source: Source,
    issue: IssueRow,
    seen: IssueSnapshot,
    known: Known,
    mirrors: Iterable[BugEvent],
) -> None:
    store.save_issue(issue.id, seen.remote_id, seen.created_at)
    events: list[Event] = [
        *_new_facts(issue, seen, known),
        *planned_facts(issue.id, seen, known.get(FactKind.VERSION), clock.now()),
        *_back_again(issue, known, clock),
        *_renamed(store, source, issue, seen, clock),
        *_merge(store, clock, source, issue, seen),
        *keep_suggestions(store, issue, seen),
        *mirrors,
    ]
    store.append(events, actor=DAEMON, recorded_at=clock.now())
    keep_bug_state(store, issue.bug_id)


def _new_facts(issue: IssueRow, seen: IssueSnapshot, known: Known) -> Iterator[FactEvent]:
    """Leave out present facts that say nothing new; known stages are recognised by their keys."""
    for fact in issue_facts(issue.id, seen):
        before = known.get(fact.kind)
        if fact.kind is FactKind.LABELS and before is not None and before.value == fact.value:
            continue
        yield fact


def _back_again(issue: IssueRow, known: Known, clock: Clock) -> Iterator[FactEvent]:
    gone = known.get(FactKind.GONE)
    if gone is not None and gone.value:
        yield _gone_fact(issue, "", clock)


def _renamed(
    store: Store, source: Source, issue: IssueRow, seen: IssueSnapshot, clock: Clock
) -> Iterator[Alias | BugEvent]:
    """Keep the name that an issue goes by now beside the one that tickets know; two rows of one issue are one bug."""
    if not seen.now_called or seen.now_called == issue.reference:
        return
    namesake = store.find_issue(seen.now_called)
    if namesake is None:
        yield Alias(
            source_id=source.id,
            reference=seen.now_called,
            entity=Entity.ISSUE,
            entity_id=issue.id,
            occurred_at=clock.now(),
            source_key=f"alias:{source.id}:{seen.now_called}",
        )
    elif namesake.id != issue.id:
        yield from _merged(store, issue.bug_id, namesake.bug_id, clock.now())


def _merge(store: Store, clock: Clock, source: Source, issue: IssueRow, seen: IssueSnapshot) -> Iterator[BugEvent]:
    """Fold a duplicate into its survivor, which is read next if it is new."""
    if seen.duplicate_of:
        survivor = store.issue_for(source.id, seen.duplicate_of, actor=DAEMON, at=clock.now())
        at = seen.history[-1].at if seen.history else seen.updated_at
        yield from _merged(store, issue.bug_id, survivor.bug_id, at)


def _merged(store: Store, bug_id: int, survivor_id: int, at: datetime) -> Iterator[BugEvent]:
    if store.canonical_bug(survivor_id) != store.canonical_bug(bug_id):
        yield BugEvent(
            bug_id=bug_id,
            kind=BugEventKind.MERGED,
            value=str(survivor_id),
            occurred_at=at,
            source_key=f"bug:{bug_id}:merged:{survivor_id}",
        )


def keep_bug_state(store: Store, bug_id: int) -> None:
    """Refresh what lists read of a bug."""
    canonical = store.canonical_bug(bug_id)
    folded = timeline(store.bug_history(canonical, KnownUpTo(store.head())))
    store.save_bug_state(canonical, folded.stage, folded.fixed_at, folded.declined_at)
