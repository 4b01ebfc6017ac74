"""What people say at BugBridge's own doors: releases, what became of a workaround, promises, that all was told."""

from datetime import datetime

from bugbridge.core.errors import RefusedError, UsageError
from bugbridge.core.events import BugEvent
from bugbridge.core.instants import DAY, instant_to_text
from bugbridge.core.model import Actor, BugEventKind, LinkEventKind, Stage, Workaround
from bugbridge.core.records import HappenedBy, IssueRow, KnownUpTo, LinkKey, TicketRow
from bugbridge.core.stages import Timeline, release_mark_value, timeline
from bugbridge.ports import Clock, Store
from bugbridge.services import saying
from bugbridge.services.promising import within_reach
from bugbridge.services.saying import Word, say_of_link
from bugbridge.services.syncing import keep_bug_state

NOT_FIXED = "not-fixed"


def bug_timeline(store: Store, issue: IssueRow) -> Timeline:
    """Give what is known of an issue's bug by now."""
    return timeline(store.bug_history(store.canonical_bug(issue.bug_id), KnownUpTo(store.head())))


def mark_release(
    store: Store, clock: Clock, issue: IssueRow, version: str, on: datetime | None, actor: Actor
) -> Timeline:
    """Say that a fixed bug is out in a version since `on`, or will be if `on` lies ahead; now if `on` is none.

    A past release is judged by the stage of its own day, so that one from before a reopening can still be recorded.
    Raises RefusedError where the bug wasn't fixed then: a fix that isn't done is not released.
    """
    bug_id, now = store.canonical_bug(issue.bug_id), clock.now()
    day = on or now
    then = timeline(store.bug_history(bug_id, HappenedBy(min(day + DAY, now))))
    if then.stage not in (Stage.FIXED, Stage.RELEASED):
        was = f"{'was' if day < now else 'is'} {then.stage.replace('_', ' ')}{' then' if day < now else ''}"
        raise RefusedError(NOT_FIXED, f"{issue.reference} {was}, so it isn't released: close it as fixed first.")
    if then.stage is Stage.FIXED:
        with store.write():
            store.append([_release_mark(bug_id, then, version, day, now)], actor=actor, recorded_at=now)
            keep_bug_state(store, bug_id)
    return bug_timeline(store, issue)


def _release_mark(bug_id: int, then: Timeline, version: str, on: datetime, now: datetime) -> BugEvent:
    """A release can't be older than its fix: a mere date is the start of its day, and the fix may have come later.

    Whole seconds, as helpdesks count: a reply within the same second that names the version has told of it.
    """
    since = (max(on, then.fixed_at) if then.fixed_at else on).replace(microsecond=0)
    value = release_mark_value(version, since)
    return BugEvent(
        bug_id=bug_id,
        kind=BugEventKind.RELEASE_MARK,
        value=value,
        occurred_at=min(since, now),
        source_key=f"bug:{bug_id}:release:{value}:{instant_to_text(now)}",
    )


def set_workaround(
    store: Store, clock: Clock, key: LinkKey, state: Workaround, actor: Actor, at: datetime | None = None
) -> None:
    """Keep what the workaround is for this customer: told, confirmed or failed. Raises UsageError for none or known."""
    if state in (Workaround.NONE, Workaround.KNOWN):
        raise UsageError("A customer's workaround is told, confirmed or failed; record a new one on its bug.")
    say_of_link(store, clock, key, LinkEventKind.WORKAROUND, state, Word(actor, at or clock.now()))


def add_promise(
    store: Store, clock: Clock, key: LinkKey, due_at: datetime, actor: Actor, at: datetime | None = None
) -> None:
    """Keep that this customer was promised a message by an instant. Raises UsageError for one past or far ahead."""
    said_at = at or clock.now()
    within_reach(due_at, said_at, instant_to_text(due_at))
    say_of_link(store, clock, key, LinkEventKind.PROMISE_MADE, instant_to_text(due_at), Word(actor, said_at))


def say_told(store: Store, clock: Clock, key: LinkKey, actor: Actor) -> None:
    """Keep an agent's word, said now, that this customer knows what there is to know."""
    saying.say_told(store, clock, key, Word(actor, clock.now()))


def the_link(store: Store, ticket: TicketRow, issue: IssueRow | None) -> LinkKey:
    """Find the link that a person means: the ticket's only one, or the one to this issue's bug.

    Raises UsageError where there is none, and RefusedError ("which-bug") for several where no issue was named.
    """
    linked = [link.key for link in store.links_of(ticket.id) if link.state == "linked"]
    if issue is not None:
        canonical = store.canonical_bug(issue.bug_id)
        linked = [key for key in linked if store.canonical_bug(key.bug_id) == canonical]
    if not linked:
        raise UsageError(
            f"{ticket.reference} isn't linked to {issue.reference if issue else 'any bug'}: link it first."
        )
    if len(linked) > 1 and issue is None:
        bugs = {bug.id: bug.reference for bug in store.bugs()}
        names = " and ".join(bugs[store.canonical_bug(key.bug_id)] for key in linked)
        linked_to = f"{ticket.reference} is linked to {names}"
        raise RefusedError("which-bug", f"{linked_to}: say which with --issue.", {"linked_to": linked_to})
    return linked[0]
