"""Which issues are one bug: parts that are all to be done, and mirrors in another tracker that decide nothing."""

from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Actor, BugEventKind
from bugbridge.core.records import IssueRow, KnownUpTo
from bugbridge.ports import Clock, Store
from bugbridge.services.mirroring import one_bug
from bugbridge.services.syncing import keep_bug_state

PART = BugEventKind.PART_ADDED
MIRROR = BugEventKind.MIRROR_ADDED


def same_bug(store: Store, clock: Clock, issue: IssueRow, other: IssueRow, role: BugEventKind, actor: Actor) -> bool:
    """Fold the other issue's bug into this one's, with its tickets; False where nothing was to be done.

    `role` is PART_ADDED, where the bug is released only when the other issue is too, or MIRROR_ADDED, where the other
    one only stands for it in another tracker. A mirror or duplicate can be made a part afterwards.
    """
    survivor, folded = store.canonical_bug(issue.bug_id), store.canonical_bug(other.bug_id)
    now = clock.now()
    key = f"bug:{survivor}:{role}:{other.id}:{instant_to_text(now)}"
    events = tuple(one_bug(survivor, folded, other, role, now, key))
    if survivor == folded:
        events = events[1:] if role is PART and _may_become_a_part(store, survivor, other) else ()
    with store.write():
        store.append(events, actor=actor, recorded_at=now)
        keep_bug_state(store, survivor)
    return bool(events)


def _may_become_a_part(store: Store, survivor: int, other: IssueRow) -> bool:
    history = store.bug_history(survivor, KnownUpTo(store.head()))
    parts = {event.value for event in history.bug_events if event.kind is PART}
    return other.bug_id != survivor and str(other.id) not in parts
