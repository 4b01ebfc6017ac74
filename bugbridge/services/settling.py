"""Decide what tickets' references to bugs mean, once the issues were read; keep the links and suggestions."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from bugbridge.core.events import Finding, LinkEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.links import LinkIntent, Mention, decide_link, mark_of
from bugbridge.core.model import TERMINAL_STAGES, Actor, AuthorKind, LinkEventKind, LinkHow
from bugbridge.core.records import HappenedBy, KnownUpTo, LinkKey, TicketRow
from bugbridge.core.stages import timeline
from bugbridge.ports import Clock, Store

DAEMON = Actor(AuthorKind.SELF, "bugbridge", "daemon")


@dataclass(frozen=True, slots=True)
class LinkingResult:
    """What one pass read and made; `forgotten` counts tickets that were left out, since they were to be forgotten."""

    tickets: int = 0
    links: int = 0
    suggestions: int = 0
    forgotten: int = 0

    def __add__(self, other: "LinkingResult") -> "LinkingResult":
        """Add two passes up."""
        return LinkingResult(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def result_of(tickets: int, made: Sequence[LinkIntent | None]) -> LinkingResult:
    """Count what was made."""
    kinds = [intent.kind for intent in made if intent is not None]
    return LinkingResult(tickets, kinds.count(LinkEventKind.LINKED), kinds.count(LinkEventKind.SUGGESTED))


def settle(store: Store, clock: Clock, ticket_id: int, bug_id: int) -> LinkIntent | None:
    """Decide what a ticket's references to a bug mean, once the issue was read; keep the link or suggestion."""
    return _settle(store, clock, LinkKey(ticket_id, bug_id), store.references_to(bug_id, ticket_id))


def _settle(store: Store, clock: Clock, key: LinkKey, findings: Sequence[Finding]) -> LinkIntent | None:
    ended = _ended_before(store, key.bug_id, store.ticket(key.ticket_id))
    if ended is None:
        return None
    mentions, state = [_mention(finding) for finding in findings], link_state(store, key)
    unlinked_at = _unlinked_at(store, key) if state == "unlinked" else None
    intent = decide_link(mentions, state=state, ended_before_ticket=ended, unlinked_at=unlinked_at)
    if intent is not None:
        store.append([link_event(key, intent)], actor=DAEMON, recorded_at=clock.now())
    return intent


def _unlinked_at(store: Store, key: LinkKey) -> datetime | None:
    events = store.link_history(key, KnownUpTo(store.head())).link_events
    said = [event.occurred_at for event in events if event.kind is LinkEventKind.UNLINKED]
    return max(said, default=None)


def unlink(store: Store, clock: Clock, key: LinkKey, intent: LinkIntent, actor: Actor) -> None:
    """Take a link back and remember it, with its planned updates. To be called in a transaction of the store."""
    store.append([link_event(key, intent)], actor=actor, recorded_at=clock.now())
    store.save_updates(key, [], "unlinked")
    store.retire_updates([item.key for item in store.updates_of(key)], "unlinked")


def _mention(finding: Finding) -> Mention:
    return Mention(finding.occurred_at, LinkHow(finding.value), mark_of(finding.extractor))


def settle_bugs(store: Store, clock: Clock, bug_ids: Sequence[int]) -> LinkingResult:
    """Settle every reference to bugs whose issue has just been read, and to the duplicates that waited for them."""
    waiting = {member for bug_id in bug_ids for member in _merged(store, bug_id)}
    findings: dict[LinkKey, list[Finding]] = {}
    for bug_id in waiting:
        for finding in store.references_to(bug_id):
            findings.setdefault(LinkKey(finding.ticket_id, bug_id), []).append(finding)
    made = [_settle(store, clock, key, findings[key]) for key in sorted(findings)]
    return result_of(0, made)


def _merged(store: Store, bug_id: int) -> set[int]:
    """Give a bug and all that are one with it."""
    references = store.bug_course(bug_id, KnownUpTo(store.head())).references
    return {issue.bug_id for reference in references if (issue := store.find_issue(reference)) is not None}


def _ended_before(store: Store, bug_id: int, ticket: TicketRow) -> bool | None:
    """Say whether the bug had ended when the ticket began; None while its issue was never read."""
    then = store.bug_course(bug_id, HappenedBy(ticket.created_at))
    issue = store.find_issue(then.primary_reference)
    if issue is None or issue.created_at is None:
        return None
    return timeline(then).stage in TERMINAL_STAGES


def link_state(store: Store, key: LinkKey) -> str:
    """Give linked, suggested or unlinked, or "" where there is nothing between the two."""
    return next((link.state for link in store.links_of(key.ticket_id) if link.key == key), "")


def link_event(key: LinkKey, intent: LinkIntent) -> LinkEvent:
    """Make of an intent what is kept."""
    at = instant_to_text(intent.at)
    return LinkEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        kind=intent.kind,
        how=intent.how,
        value=intent.mark,
        occurred_at=intent.at,
        source_key=f"link:{key.ticket_id}:{key.bug_id}:{intent.kind}:{intent.how}:{at}",
    )
