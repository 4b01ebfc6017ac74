"""Whether what a message rests on was read lately enough to speak of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from bugbridge.core.model import BugEventKind
from bugbridge.core.records import FILE_KIND, KnownUpTo, Source, UpdateItem
from bugbridge.ports import Store

# Threads of one process read the clock one after the other.
SKEW = timedelta(seconds=5)


def stale_sources(store: Store, items: Iterable[UpdateItem], now: datetime, age: timedelta) -> tuple[Source, ...]:
    """Give the trackers of these updates' bugs that weren't read to their end within so long.

    Tickets are read afresh one by one before anything is posted there, and imported bugs have no tracker to ask.
    """
    trackers = {name for item in items for name in _trackers(store, item.bug_id)}
    asked = [source for source in store.sources() if source.name in trackers and source.kind != FILE_KIND]
    return tuple(source for source in asked if not _is_fresh(source, now, age))


def _is_fresh(source: Source, now: datetime, age: timedelta) -> bool:
    """A reading from the future was dated by another clock than today's: nobody knows how old it is."""
    return source.last_ok_at is not None and -SKEW <= now - source.last_ok_at <= age


def _trackers(store: Store, bug_id: int) -> set[str]:
    """Name the trackers that decide a bug's stage: its primary issue's and its parts'; mirrors decide nothing."""
    course = store.bug_course(bug_id, KnownUpTo(store.head()))
    parts = {event.value for event in course.bug_events if event.kind is BugEventKind.PART_ADDED}
    issues = (store.find_issue(reference) for reference in course.references) if parts else ()
    deciding = {issue.reference for issue in issues if issue is not None and str(issue.id) in parts}
    return {reference.partition(":")[0] for reference in {course.primary_reference, *deciding}}


def stale_sentence(source: Source) -> str:
    """Say what is held back and what to do."""
    since = f"since {source.last_ok_at:%Y-%m-%d %H:%M} UTC" if source.last_ok_at else "at all"
    return (
        f"{source.name} was not read {since}, so nothing is posted that rests on it: "
        "`bugbridge sync` reads it, `bugbridge doctor` says what is wrong."
    )
