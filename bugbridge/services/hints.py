"""Follow what webhooks hint at: a payload says which issue or ticket to look at, and never what became of it."""

from collections.abc import Sequence
from datetime import timedelta

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.model import Stage
from bugbridge.core.records import IssueRow, Source
from bugbridge.core.references import ReferenceRules, project_of
from bugbridge.ports import Clock, Helpdesk, Store, Tracker
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.settling import LinkingResult
from bugbridge.services.sources import source_named
from bugbridge.services.syncing import SyncingResult, read_again

# A delivery repeated later than this is read again as if it were new, which costs one look and changes nothing.
KEPT_FOR = timedelta(days=30)
RELEASES = "releases of "
TICKET = "ticket "


def releases_of(tracker_name: str, project: str = "") -> str:
    """Give the subject of a hint at a release in a project, or in any of the tracker's ("")."""
    return f"{RELEASES}{tracker_name}:{project}"


def receive_hint(store: Store, clock: Clock, tracker_name: str, delivery_id: str, subjects: Sequence[str]) -> bool:
    """Keep a delivery that is about something we keep; False where there is nothing to follow, or for a repetition.

    The subjects are an issue by every name that it may be known by, or one of `releases_of`. A release is always kept:
    the bug that it holds may be about to be known as fixed.
    """
    source = source_named(store, tracker_name)
    subject = next((one for one in subjects if one.startswith(RELEASES) or store.known_issues(source.id, [one])), None)
    return subject is not None and store.receive_hint(source.id, f"{tracker_name}:{delivery_id}", subject, clock.now())


def follow_hints(tracker: Tracker, store: Store, clock: Clock, rules: ReferenceRules | None = None) -> SyncingResult:
    """Read afresh, in one batch, every issue that a delivery hinted at, and keep it as syncing does.

    Raises RemoteError as syncing does; then the hints are still to be followed.
    """
    source = source_named(store, tracker.name)
    hints = store.open_hints(source.id)
    if not hints:
        return SyncingResult()

    def followed() -> None:
        store.handle_hints(hints.keys(), clock.now())
        store.forget_hints(clock.now() - KEPT_FOR)

    issues = _issues_of(store, source, frozenset(hints.values()))
    return read_again(tracker, store, clock, source, issues, followed, rules)


def _issues_of(store: Store, source: Source, subjects: frozenset[str]) -> Sequence[IssueRow]:
    """A release changes no issue, so it means the fixed ones of its project."""
    issues = {issue.id: issue for issue in store.known_issues(source.id, subjects)}
    for issue in store.issues_in_stage(source.id, Stage.FIXED):
        if subjects & {releases_of(source.name), releases_of(source.name, project_of(issue.reference))}:
            issues[issue.id] = issue
    return tuple(issues.values())


def receive_ticket_hint(store: Store, clock: Clock, helpdesk_name: str, delivery_id: str, ticket_id: str) -> bool:
    """Keep a delivery about a ticket, known or not, since a new one may name a bug; False for a repetition."""
    source = source_named(store, helpdesk_name)
    subject = f"{TICKET}{helpdesk_name}:{ticket_id}"
    return store.receive_hint(source.id, f"{helpdesk_name}:{delivery_id}", subject, clock.now())


def follow_ticket_hints(helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules) -> LinkingResult:
    """Read afresh, once each, the tickets that deliveries hinted at, and keep them as linking does.

    A paused helpdesk is read as well: only posting is paused. Raises RemoteError; what was read before it is kept, and
    the other hints are still to be followed.
    """
    source = source_named(store, helpdesk.name)
    hints: dict[str, list[str]] = {}
    for key, subject in store.open_hints(source.id).items():
        hints.setdefault(subject, []).append(key)
    read = 0
    for subject, keys in hints.items():
        read += _follow_ticket(helpdesk, store, clock, rules, subject, keys)
    if hints:
        store.forget_hints(clock.now() - KEPT_FOR)
    return LinkingResult(tickets=read)


def _follow_ticket(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, subject: str, keys: Sequence[str]
) -> bool:
    """Read one ticket, and say whether it was there. The deliveries are those known before it was read.

    Where asking again wouldn't help, a ticket that can't be read must not keep those behind it waiting for ever: its
    hints count as followed. Nothing is lost by that, since polling has a cursor of its own.
    """
    try:
        refresh_ticket(helpdesk, store, clock, rules, subject.removeprefix(f"{TICKET}{helpdesk.name}:"))
    except RemoteError as error:
        if error.permanent:
            store.handle_hints(keys, clock.now())
        if isinstance(error, NotFoundError):
            return False
        raise
    store.handle_hints(keys, clock.now())
    return True
