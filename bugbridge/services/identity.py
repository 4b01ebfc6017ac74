"""Which issues are one bug: parts that are all to be done, and mirrors in another tracker that decide nothing."""

from collections.abc import Iterator
from datetime import datetime

from bugbridge.core.events import BugEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, BugEventKind
from bugbridge.core.records import IssueRow
from bugbridge.ports import Clock, Store
from bugbridge.services.syncing import keep_bug_state

PART = BugEventKind.PART_ADDED
MIRROR = BugEventKind.MIRROR_ADDED


def same_bug(store: Store, clock: Clock, issue: IssueRow, other: IssueRow, role: BugEventKind, actor: Actor) -> bool:
    """Fold the other issue's bug into this one's, with its tickets; False where they are one bug already.

    `role` is PART_ADDED, where the bug is released only when the other issue is too, or MIRROR_ADDED, where the other
    one only stands for it in another tracker.
    """
    survivor, folded = store.canonical_bug(issue.bug_id), store.canonical_bug(other.bug_id)
    if survivor == folded:
        return False
    now = clock.now()
    with store.write():
        store.append(tuple(_events(survivor, folded, other, role, now)), actor=actor, recorded_at=now)
        keep_bug_state(store, survivor)
    return True


def _events(survivor: int, folded: int, other: IssueRow, role: BugEventKind, now: datetime) -> Iterator[BugEvent]:
    at = instant_to_text(now)
    yield BugEvent(
        bug_id=folded,
        kind=BugEventKind.MERGED,
        value=str(survivor),
        occurred_at=now,
        source_key=f"bug:{folded}:merged:{survivor}",
    )
    yield BugEvent(
        bug_id=survivor,
        kind=role,
        value=str(other.id),
        occurred_at=now,
        source_key=f"bug:{survivor}:{role}:{other.id}:{at}",
    )
