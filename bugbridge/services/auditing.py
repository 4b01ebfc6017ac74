"""Audit the bugs resolved last: gather each one's history, measure, hand the figures over."""

from collections.abc import Callable

from bugbridge.core.audit import measure
from bugbridge.core.audit_model import Audit, Exclusion, LeftOut, Question, ResolvedBug, Waiting
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.facts import judged_frequency
from bugbridge.core.heard import POSTED_KINDS, updates_heard
from bugbridge.core.records import BugHistory, HappenedBy, KnownUpTo
from bugbridge.core.stages import timeline
from bugbridge.ports import Clock, Store

USUAL = Question()


def run_audit(
    store: Store,
    clock: Clock,
    question: Question = USUAL,
    calendar: WorkCalendar = ALWAYS_OPEN,
    *,
    sink: Callable[[ResolvedBug], None] = lambda _bug: None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Audit:
    """Audit the last resolved bugs that tickets report; `calendar` is the team's.

    `sink` takes each bug that is measured, the latest fix first, and `progress` hears how many bugs were read.
    """
    del calendar, sink, progress
    not_yet: list[int] = []
    bugs: list[ResolvedBug] = []
    for bug_id in store.resolved_bugs(None):
        if question.last is not None and len(bugs) == question.last:
            break
        bug = _resolved(store, clock, bug_id)
        if bug is None:
            not_yet.append(bug_id)
        else:
            bugs.append(bug)
    excluded = [Exclusion(LeftOut.NOT_YET, len(not_yet))] if not_yet else []
    return measure(question, clock.now(), bugs, lambda _since: (), excluded)


def _resolved(store: Store, clock: Clock, bug_id: int) -> ResolvedBug | None:
    """Read as of now in the world's time: a fix dated ahead isn't one yet."""
    moment = HappenedBy(clock.now())
    history = store.bug_history(bug_id, moment)
    folded = timeline(history)
    reports = store.reports(bug_id, moment)
    if not reports or folded.fixed_at is None:
        return None
    return ResolvedBug(
        reference=history.primary_reference,
        frequency=judged_frequency(history),
        reported_at=min(report.reported_at for report in reports),
        fixed_at=folded.fixed_at,
        released_at=folded.released_at,
        links=len(reports),
        waiting=Waiting(
            links=len(reports),
            updates=_updates_sent(store, history, moment),
            reminders=_reminders_posted(store, history),
        ),
    )


def _updates_sent(store: Store, history: BugHistory, moment: HappenedBy) -> int:
    """Count the replies in which customers heard something of this bug, over all its links."""
    return sum(len(updates_heard(store.link_history(key, moment, history))) for key in history.links)


def _reminders_posted(store: Store, history: BugHistory) -> int:
    """Count reminders posted for this bug, each once, whichever of its links and merged bugs it was about."""
    upto = KnownUpTo(store.head())
    known = store.bug_history(history.bug_id, upto)
    bug_ids = {str(bug_id) for bug_id in (history.bug_id, *(key.bug_id for key in history.links))}
    events = {
        event.delivery_id
        for key in history.links
        for event in store.link_history(key, upto, known).delivery_events
        if event.kind in POSTED_KINDS and event.detail_code.split(" ")[0].rpartition(":")[2] in bug_ids
    }
    return len(events)
