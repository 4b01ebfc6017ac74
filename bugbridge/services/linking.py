"""Link tickets to bugs: gather changed tickets, decide what their references mean, keep it with the cursor."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bugbridge.core.errors import DataError
from bugbridge.core.events import Event, Finding, LinkEvent, MessageEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.links import LinkIntent, Mention, decide_link
from bugbridge.core.model import (
    TERMINAL_STAGES,
    Actor,
    AuthorKind,
    Entity,
    FindingKind,
    LinkEventKind,
    LinkHow,
)
from bugbridge.core.readings import EXTRACTOR, EXTRACTOR_VERSION, Reading, read_message
from bugbridge.core.records import HappenedBy, IssueRow, KnownUpTo, LinkKey, TicketRow
from bugbridge.core.references import ReferenceRules, find_issue_references
from bugbridge.core.snapshots import RemoteMessage, RemotePerson, RemoteTicket
from bugbridge.core.stages import timeline
from bugbridge.core.tickets import TicketParties, account_facts, person_facts, ticket_facts
from bugbridge.ports import Clock, Helpdesk, Store
from bugbridge.services.sources import source_named

JUST_AFTER = timedelta(microseconds=1)
DAEMON = Actor(AuthorKind.SELF, "bugbridge", "daemon")


@dataclass(frozen=True, slots=True)
class LinkingResult:
    """What one pass read and made."""

    tickets: int = 0
    links: int = 0
    suggestions: int = 0

    def __add__(self, other: "LinkingResult") -> "LinkingResult":
        """Add two passes up."""
        return LinkingResult(
            self.tickets + other.tickets, self.links + other.links, self.suggestions + other.suggestions
        )


@dataclass(frozen=True, slots=True)
class _Gathered:
    ticket: RemoteTicket
    messages: tuple[RemoteMessage, ...]


def link_tickets(helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules) -> LinkingResult:
    """Read the tickets changed since the cursor, each page in one commit with its cursor.

    Raises RemoteError; what was committed before it stays, and the next pass goes on from there.
    """
    source = source_named(store, helpdesk.name)
    result = LinkingResult()
    for page in helpdesk.changed_since(source.cursor):
        gathered = [_gather(helpdesk, ticket) for ticket in page.tickets]
        with store.write():
            for one in gathered:
                result += _take_in(store, clock, rules, source.id, one)
            store.save_cursor(source.id, page.cursor, clock.now())
    return result


def refresh_ticket(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, remote_id: str
) -> tuple[TicketRow, RemoteTicket]:
    """Read one ticket afresh and keep it, so that what follows is decided on its present state. Raises RemoteError."""
    gathered = _gather(helpdesk, helpdesk.ticket(remote_id))
    with store.write():
        _take_in(store, clock, rules, source_named(store, helpdesk.name).id, gathered)
    ticket = store.find_ticket(helpdesk.name, remote_id)
    if ticket is None:
        raise DataError(f"{helpdesk.name}:{remote_id} was read but not kept; please report this.")
    return ticket, gathered.ticket


def _gather(helpdesk: Helpdesk, ticket: RemoteTicket) -> _Gathered:
    return _Gathered(ticket, () if ticket.gone else helpdesk.messages(ticket.remote_id))


def _take_in(store: Store, clock: Clock, rules: ReferenceRules, source_id: int, gathered: _Gathered) -> LinkingResult:
    ticket = _keep_ticket(store, clock, source_id, gathered.ticket)
    findings = _keep_messages(store, clock, rules, source_id, ticket, gathered)
    references = [finding for finding in findings if finding.kind is FindingKind.REFERENCE]
    bug_ids = sorted({finding.bug_id for finding in references if finding.bug_id is not None})
    made = [settle(store, clock, ticket.id, bug_id) for bug_id in bug_ids]
    kinds = [intent.kind for intent in made if intent is not None]
    return LinkingResult(1, kinds.count(LinkEventKind.LINKED), kinds.count(LinkEventKind.SUGGESTED))


def _keep_ticket(store: Store, clock: Clock, source_id: int, seen: RemoteTicket) -> TicketRow:
    parties = TicketParties(
        requester_id=_keep_person(store, source_id, seen.requester),
        account_id=_keep_account(store, source_id, seen.requester),
        assignee_id=_keep_person(store, source_id, seen.assignee) if seen.assignee else None,
    )
    ticket = store.save_ticket(source_id, seen.remote_id, seen.created_at, parties.requester_id, seen.brand)
    store.keep_private(parties.requester_id, Entity.TICKET, ticket.id, "subject", seen.subject)
    facts: list[Event] = [
        *ticket_facts(ticket.id, seen, parties, store.facts(Entity.TICKET, ticket.id)),
        *_requester_facts(store, seen, parties),
    ]
    store.append(facts, actor=DAEMON, recorded_at=clock.now())
    return ticket


def _requester_facts(store: Store, seen: RemoteTicket, parties: TicketParties) -> Iterable[Event]:
    known = store.facts(Entity.PARTY, parties.requester_id)
    yield from person_facts(parties.requester_id, seen.requester, parties.account_id, seen, known)
    if parties.account_id is not None and seen.requester.account is not None:
        known = store.facts(Entity.PARTY, parties.account_id)
        yield from account_facts(parties.account_id, seen.requester.account.tier, seen, known)


def _keep_person(store: Store, source_id: int, person: RemotePerson) -> int:
    party_id = store.party_id(source_id, person.kind, person.remote_id)
    store.keep_private(party_id, Entity.PARTY, party_id, "name", person.name)
    store.keep_private(party_id, Entity.PARTY, party_id, "address", person.address)
    return party_id


def _keep_account(store: Store, source_id: int, person: RemotePerson) -> int | None:
    if person.account is None:
        return None
    account_id = store.party_id(source_id, "account", person.account.remote_id)
    store.keep_private(account_id, Entity.PARTY, account_id, "name", person.account.name)
    return account_id


def _keep_messages(
    store: Store, clock: Clock, rules: ReferenceRules, source_id: int, ticket: TicketRow, gathered: _Gathered
) -> list[Finding]:
    messages = [_message_event(store, source_id, ticket, message) for message in gathered.messages]
    seqs = store.append(messages, actor=DAEMON, recorded_at=clock.now())
    findings = _field_findings(store, clock, rules, ticket, gathered.ticket)
    for message, seq in zip(gathered.messages, seqs, strict=True):
        readings = read_message(message, rules)
        findings += [_finding(store, clock, ticket, message, seq, reading) for reading in readings]
    store.append(findings, actor=DAEMON, recorded_at=clock.now())
    return findings


def _message_event(store: Store, source_id: int, ticket: TicketRow, message: RemoteMessage) -> MessageEvent:
    return MessageEvent(
        ticket_id=ticket.id,
        remote_id=message.remote_id,
        author_id=_keep_person(store, source_id, message.author),
        author_kind=message.author.kind,
        public=message.public,
        occurred_at=message.created_at,
        source_key=f"ticket:{ticket.id}:message:{message.remote_id}",
    )


def _finding(
    store: Store, clock: Clock, ticket: TicketRow, message: RemoteMessage, message_seq: int, reading: Reading
) -> Finding:
    is_reference = reading.kind is FindingKind.REFERENCE
    value = reading.how if is_reference else reading.value
    return Finding(
        ticket_id=ticket.id,
        message_id=message_seq,
        extractor=EXTRACTOR,
        version=EXTRACTOR_VERSION,
        kind=reading.kind,
        bug_id=_issue(store, clock, reading.value).bug_id if is_reference else None,
        value=value,
        occurred_at=message.created_at,
        source_key=f"message:{message_seq}:{reading.kind}:{reading.value}:{EXTRACTOR_VERSION}",
    )


def _field_findings(
    store: Store, clock: Clock, rules: ReferenceRules, ticket: TicketRow, seen: RemoteTicket
) -> list[Finding]:
    named = {reference for text in seen.reference_fields for reference in find_issue_references(text, rules)}
    return [
        Finding(
            ticket_id=ticket.id,
            message_id=None,
            extractor=EXTRACTOR,
            version=EXTRACTOR_VERSION,
            kind=FindingKind.REFERENCE,
            bug_id=_issue(store, clock, reference).bug_id,
            value=LinkHow.FIELD,
            occurred_at=seen.updated_at,
            source_key=f"ticket:{ticket.id}:field:{reference}:{EXTRACTOR_VERSION}",
        )
        for reference in sorted(named)
    ]


def _issue(store: Store, clock: Clock, reference: str) -> IssueRow:
    source = source_named(store, reference.partition(":")[0])
    return store.issue_for(source.id, reference, actor=DAEMON, at=clock.now())


def settle(store: Store, clock: Clock, ticket_id: int, bug_id: int) -> LinkIntent | None:
    """Decide what a ticket's references to a bug mean, once the issue was read; keep the link or suggestion."""
    findings = [finding for finding in store.references_to(bug_id) if finding.ticket_id == ticket_id]
    return _settle(store, clock, LinkKey(ticket_id, bug_id), findings)


def _settle(store: Store, clock: Clock, key: LinkKey, findings: Sequence[Finding]) -> LinkIntent | None:
    ended = _ended_before(store, key.bug_id, store.ticket(key.ticket_id))
    if ended is None:
        return None
    mentions = [Mention(finding.occurred_at, LinkHow(finding.value)) for finding in findings]
    intent = decide_link(mentions, state=_state(store, key), ended_before_ticket=ended)
    if intent is not None:
        store.append([_link_event(key, intent)], actor=DAEMON, recorded_at=clock.now())
    return intent


def settle_bugs(store: Store, clock: Clock, bug_ids: Sequence[int]) -> LinkingResult:
    """Settle every reference to bugs whose issue has just been read, and to the duplicates that waited for them."""
    waiting = {member for bug_id in bug_ids for member in _merged(store, bug_id)}
    findings: dict[LinkKey, list[Finding]] = {}
    for bug_id in waiting:
        for finding in store.references_to(bug_id):
            findings.setdefault(LinkKey(finding.ticket_id, bug_id), []).append(finding)
    made = [_settle(store, clock, key, findings[key]) for key in sorted(findings)]
    kinds = [intent.kind for intent in made if intent is not None]
    return LinkingResult(0, kinds.count(LinkEventKind.LINKED), kinds.count(LinkEventKind.SUGGESTED))


def _merged(store: Store, bug_id: int) -> set[int]:
    """Give a bug and all that are one with it."""
    references = store.bug_history(bug_id, KnownUpTo(store.head())).references
    return {issue.bug_id for reference in references if (issue := store.find_issue(reference)) is not None}


def _ended_before(store: Store, bug_id: int, ticket: TicketRow) -> bool | None:
    """Say whether the bug had ended when the ticket began; None while its issue was never read."""
    then = store.bug_history(bug_id, HappenedBy(ticket.created_at))
    issue = store.find_issue(then.primary_reference)
    if issue is None or issue.created_at is None:
        return None
    return timeline(then).stage in TERMINAL_STAGES


def _state(store: Store, key: LinkKey) -> str:
    return next((link.state for link in store.links_of(key.ticket_id) if link.key == key), "")


def _link_event(key: LinkKey, intent: LinkIntent) -> LinkEvent:
    at = instant_to_text(intent.at)
    return LinkEvent(
        ticket_id=key.ticket_id,
        bug_id=key.bug_id,
        kind=intent.kind,
        how=intent.how,
        occurred_at=intent.at,
        source_key=f"link:{key.ticket_id}:{key.bug_id}:{intent.kind}:{intent.how}:{at}",
    )


def link_by_hand(store: Store, clock: Clock, ticket: TicketRow, issue: IssueRow, actor: Actor) -> bool:
    """Link, also over an earlier unlink; False, and nothing written, where the link stands already."""
    key = LinkKey(ticket.id, issue.bug_id)
    with store.write():
        if _state(store, key) == "linked":
            return False
        intent = LinkIntent(LinkEventKind.LINKED, LinkHow.HAND, _after_all(store, clock, key))
        store.append([_link_event(key, intent)], actor=actor, recorded_at=clock.now())
    return True


def unlink_by_hand(store: Store, clock: Clock, ticket: TicketRow, issue: IssueRow, actor: Actor) -> bool:
    """Take a link back and remember it, with its planned updates; False where there is nothing to take back."""
    key = LinkKey(ticket.id, issue.bug_id)
    with store.write():
        if _state(store, key) in ("", "unlinked"):
            return False
        intent = LinkIntent(LinkEventKind.UNLINKED, LinkHow.HAND, _after_all(store, clock, key))
        store.append([_link_event(key, intent)], actor=actor, recorded_at=clock.now())
        store.save_updates(key, [], "unlinked")
    return True


def _after_all(store: Store, clock: Clock, key: LinkKey) -> datetime:
    """What a person says now comes after all that was said before, also where another clock runs ahead of ours."""
    said = store.link_history(key, KnownUpTo(store.head())).link_events
    return max([clock.now(), *(event.occurred_at + JUST_AFTER for event in said)])
