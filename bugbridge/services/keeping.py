"""Keep a ticket that was read: its facts, who is on it, its messages' marks, and the references found in them."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from bugbridge.core.events import Event, Finding, MessageEvent
from bugbridge.core.links import BACKFILL, IMPORT, LINKING, UNDATED_IMPORT, LinkIntent, RecordedReference
from bugbridge.core.model import Entity, FindingKind, LinkEventKind, LinkHow, LinkMark
from bugbridge.core.readings import EXTRACTOR, EXTRACTOR_VERSION, Reading, read_message
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, TicketRow
from bugbridge.core.references import ReferenceRules, find_issue_references
from bugbridge.core.snapshots import RemoteMessage, RemotePerson, RemoteTicket
from bugbridge.core.tickets import TicketParties, account_facts, agent_facts, person_facts, ticket_facts
from bugbridge.ports import Clock, Store
from bugbridge.services.gathering import GatheredTicket
from bugbridge.services.leaving_out import is_left_out, without_erased
from bugbridge.services.note_lines import NoteLines, follow_lines, has_lines
from bugbridge.services.policies import tag_words
from bugbridge.services.promise_reading import promise_findings
from bugbridge.services.settling import DAEMON, LinkingResult, link_event, link_state, result_of, settle
from bugbridge.services.sources import source_named


def keep_ticket(
    store: Store,
    clock: Clock,
    rules: ReferenceRules,
    source_id: int,
    gathered: GatheredTicket,
    mark: LinkMark = LinkMark.NONE,
) -> LinkingResult:
    """Keep a ticket with its messages, and settle what they refer to; links carry the mark.

    One that was forgotten, or whose customer was, is left out and counted. To be called in a transaction of the store.
    """
    if is_left_out(store, clock, source_id, gathered.ticket):
        return LinkingResult(forgotten=1)
    seen, messages = without_erased(store, source_id, gathered.ticket, gathered.messages)
    shown = replace(gathered, ticket=seen, messages=messages)
    ticket = _keep_ticket(store, clock, source_id, seen)
    findings, seqs = _keep_messages(store, clock, rules, source_id, ticket, shown, mark)
    made = _settle_all(store, clock, ticket, findings)
    _follow_lines(store, clock, rules, source_id, ticket, messages, seqs, findings)
    return result_of(1, [*made, *_take_over(store, clock, ticket, seen)])


def keep_recorded(
    store: Store, clock: Clock, ticket: TicketRow, recorded: Sequence[RecordedReference]
) -> LinkingResult:
    """Keep links that were made elsewhere. One that nobody dated is as old as its ticket, and marked so.

    To be called in a transaction of the store.
    """
    findings = [_recorded_finding(store, clock, ticket, one) for one in recorded]
    store.append(findings, actor=DAEMON, recorded_at=clock.now())
    return result_of(0, _settle_all(store, clock, ticket, findings))


def _settle_all(store: Store, clock: Clock, ticket: TicketRow, findings: Iterable[Finding]) -> list[LinkIntent | None]:
    references = [finding for finding in findings if finding.kind is FindingKind.REFERENCE]
    bug_ids = sorted({finding.bug_id for finding in references if finding.bug_id is not None})
    return [settle(store, clock, ticket.id, bug_id) for bug_id in bug_ids]


def _recorded_finding(store: Store, clock: Clock, ticket: TicketRow, recorded: RecordedReference) -> Finding:
    return Finding(
        ticket_id=ticket.id,
        message_id=None,
        extractor=IMPORT if recorded.at else UNDATED_IMPORT,
        version=EXTRACTOR_VERSION,
        kind=FindingKind.REFERENCE,
        bug_id=_issue(store, clock, recorded.reference).bug_id,
        value=LinkHow.IMPORTED,
        occurred_at=recorded.at or ticket.created_at,
        source_key=f"ticket:{ticket.id}:recorded:{recorded.reference}",
    )


def _take_over(store: Store, clock: Clock, ticket: TicketRow, seen: RemoteTicket) -> Iterator[LinkIntent]:
    """Give a survivor the links of the tickets that were merged into it: their customers wait there now."""
    survivor = store.find_ticket(ticket.source_name, seen.merged_into) if seen.merged_into else None
    if survivor is not None and survivor.id != ticket.id:
        yield from _carry_links(store, clock, ticket, survivor)
    for merged in store.tickets_merged_into(ticket):
        yield from _carry_links(store, clock, merged, ticket)


def _carry_links(store: Store, clock: Clock, merged: TicketRow, survivor: TicketRow) -> Iterator[LinkIntent]:
    for link in store.links_of(merged.id):
        key = LinkKey(survivor.id, link.key.bug_id)
        if link.state != "linked" or link_state(store, key) in ("linked", "unlinked"):
            continue
        intent = _carried(store, link.key)
        store.append([link_event(key, intent)], actor=DAEMON, recorded_at=clock.now())
        yield intent


def _carried(store: Store, key: LinkKey) -> LinkIntent:
    """What is told on the merged ticket counts for its survivor, so the link is as old as it was there."""
    events = store.link_history(key, KnownUpTo(store.head())).link_events
    made = [event for event in events if event.kind is LinkEventKind.LINKED and event.ticket_id == key.ticket_id][-1]
    return LinkIntent(LinkEventKind.LINKED, LinkHow.MERGED_TICKET, made.occurred_at, LinkMark(made.value))


def _keep_ticket(store: Store, clock: Clock, source_id: int, seen: RemoteTicket) -> TicketRow:
    parties = TicketParties(
        requester_id=_keep_person(store, source_id, seen.requester),
        account_id=_keep_account(store, source_id, seen.requester),
        assignee_id=_keep_person(store, source_id, seen.assignee) if seen.assignee else None,
    )
    ticket = store.save_ticket(source_id, seen.remote_id, seen.created_at, parties.requester_id, seen.brand)
    store.keep_private(parties.requester_id, Entity.TICKET, ticket.id, "subject", seen.subject)
    known, words = store.facts(Entity.TICKET, ticket.id), tag_words(store, clock.now())
    facts: list[Event] = [
        *ticket_facts(ticket.id, seen, parties, known, words),
        *_requester_facts(store, seen, parties),
        *_assignee_facts(store, seen, parties),
    ]
    store.append(facts, actor=DAEMON, recorded_at=clock.now())
    return ticket


def _requester_facts(store: Store, seen: RemoteTicket, parties: TicketParties) -> Iterable[Event]:
    """What a deleted ticket shows of its people may be little, and takes nothing away."""
    if seen.gone:
        return
    known = store.facts(Entity.PARTY, parties.requester_id)
    yield from person_facts(parties.requester_id, seen.requester, parties.account_id, seen, known)
    if parties.account_id is not None and seen.requester.account is not None:
        known = store.facts(Entity.PARTY, parties.account_id)
        yield from account_facts(parties.account_id, seen.requester.account.tier, seen, known)


def _assignee_facts(store: Store, seen: RemoteTicket, parties: TicketParties) -> Iterable[Event]:
    if seen.assignee is None or parties.assignee_id is None or seen.gone:
        return ()
    return agent_facts(parties.assignee_id, seen.assignee, seen, store.facts(Entity.PARTY, parties.assignee_id))


def _keep_person(store: Store, source_id: int, person: RemotePerson) -> int:
    party_id = store.party_id(source_id, person.kind, person.remote_id)
    for field, value in (("name", person.name), ("address", person.address)):
        if value:  # a message that doesn't name its author takes no name away
            store.keep_private(party_id, Entity.PARTY, party_id, field, value)
    return party_id


def _keep_account(store: Store, source_id: int, person: RemotePerson) -> int | None:
    if person.account is None:
        return None
    account_id = store.party_id(source_id, "account", person.account.remote_id)
    store.keep_private(account_id, Entity.PARTY, account_id, "name", person.account.name)
    return account_id


def _keep_messages(
    store: Store,
    clock: Clock,
    rules: ReferenceRules,
    source_id: int,
    ticket: TicketRow,
    shown: GatheredTicket,
    mark: LinkMark,
) -> tuple[list[Finding], Sequence[int]]:
    events = [_message_event(store, source_id, ticket, message) for message in shown.messages]
    seqs = store.append(events, actor=DAEMON, recorded_at=clock.now())
    extractor = BACKFILL if mark else EXTRACTOR
    findings = _field_findings(store, clock, rules, ticket, shown.ticket, extractor)
    for message, seq in zip(shown.messages, seqs, strict=True):
        readings = read_message(message, rules)
        findings += [_finding(store, clock, ticket, message, seq, reading, extractor) for reading in readings]
        findings += promise_findings(ticket, message, seq, shown.promises.get(message.remote_id, ()))
    store.append(findings, actor=DAEMON, recorded_at=clock.now())
    return findings, seqs


def _follow_lines(
    store: Store,
    clock: Clock,
    rules: ReferenceRules,
    source_id: int,
    ticket: TicketRow,
    messages: Sequence[RemoteMessage],
    seqs: Sequence[int],
    findings: Sequence[Finding],
) -> None:
    named = {finding.bug_id for finding in findings if finding.value in LINKING and finding.bug_id is not None}
    for message, seq in zip(messages, seqs, strict=True):
        if has_lines(message):
            pending = [bug_id for bug_id in named if not link_state(store, LinkKey(ticket.id, bug_id))]
            author_id = _keep_person(store, source_id, message.author)
            follow_lines(NoteLines(store, clock, rules, ticket, message, seq, author_id, pending))


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
    store: Store,
    clock: Clock,
    ticket: TicketRow,
    message: RemoteMessage,
    message_seq: int,
    reading: Reading,
    extractor: str,
) -> Finding:
    is_reference = reading.kind is FindingKind.REFERENCE
    value = reading.how if is_reference else reading.value
    return Finding(
        ticket_id=ticket.id,
        message_id=message_seq,
        extractor=extractor,
        version=EXTRACTOR_VERSION,
        kind=reading.kind,
        bug_id=_issue(store, clock, reading.value).bug_id if is_reference else None,
        value=value,
        occurred_at=message.created_at,
        source_key=f"message:{message_seq}:{reading.kind}:{reading.value}:{EXTRACTOR_VERSION}",
    )


def _field_findings(
    store: Store, clock: Clock, rules: ReferenceRules, ticket: TicketRow, seen: RemoteTicket, extractor: str
) -> list[Finding]:
    named = {reference for text in seen.reference_fields for reference in find_issue_references(text, rules)}
    return [
        Finding(
            ticket_id=ticket.id,
            message_id=None,
            extractor=extractor,
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
