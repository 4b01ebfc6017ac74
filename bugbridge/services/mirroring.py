"""Issues that name, in a field or a remote link, the issue of another tracker that they only stand for there."""

from collections.abc import Iterator
from datetime import datetime

from bugbridge.core.events import BugEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import BugEventKind
from bugbridge.core.records import IssueRow
from bugbridge.core.references import ReferenceRules, find_issue_references, project_of
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.ports import Clock, Store
from bugbridge.services.settling import DAEMON
from bugbridge.services.sources import source_named


def mirror_events(
    store: Store, clock: Clock, issue: IssueRow, seen: IssueSnapshot, rules: ReferenceRules
) -> Iterator[BugEvent]:
    """Fold an issue's bug into that of the issue it mirrors, once for each pair and only where it stands by itself.

    An issue that was never read may not be there at all, and would leave the bug without a stage: it is read first,
    and this one looked at again after that.
    """
    if not seen.mirror_texts or seen.duplicate_of or store.canonical_bug(issue.bug_id) != issue.bug_id:
        return
    first = _mirrored(store, clock, issue, seen, rules)
    if first is None or first.gone:
        return
    if first.created_at is None:
        delivery = f"mirror:{issue.id}:{first.id}:{instant_to_text(clock.now())}"
        store.receive_hint(issue.source_id, delivery, issue.reference, clock.now())
        return
    survivor = store.canonical_bug(first.bug_id)
    if survivor != issue.bug_id:
        key = f"issue:{issue.id}:mirrors:{first.id}"
        yield from one_bug(survivor, issue.bug_id, issue, BugEventKind.MIRROR_ADDED, clock.now(), key)


def _mirrored(
    store: Store, clock: Clock, issue: IssueRow, seen: IssueSnapshot, rules: ReferenceRules
) -> IssueRow | None:
    """Give the one issue of another tracker's projects that the texts name; which of several, only people know."""
    projects = {tracker.name: tracker.projects for tracker in rules.trackers if tracker.name != issue.source_name}
    named = {reference for text in seen.mirror_texts for reference in find_issue_references(text, rules)}
    elsewhere = [ref for ref in named if project_of(ref) in projects.get(ref.partition(":")[0], ())]
    if len(elsewhere) != 1:
        return None
    name = elsewhere[0].partition(":")[0]
    source_id = source_named(store, name).id
    return store.issue_for(source_id, elsewhere[0], actor=DAEMON, at=clock.now())


def one_bug(
    survivor: int, folded: int, other: IssueRow, role: BugEventKind, now: datetime, key: str
) -> Iterator[BugEvent]:
    """Say that a bug is folded into another, with the issue that has a role there; the role is kept once by its key."""
    yield BugEvent(
        bug_id=folded,
        kind=BugEventKind.MERGED,
        value=str(survivor),
        occurred_at=now,
        source_key=f"bug:{folded}:merged:{survivor}",
    )
    yield BugEvent(bug_id=survivor, kind=role, value=str(other.id), occurred_at=now, source_key=key)
