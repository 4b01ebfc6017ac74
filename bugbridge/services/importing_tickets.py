"""Import tickets: what each line says of a ticket, its customer and its messages, and the bugs that it reports."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields
from datetime import datetime

from bugbridge.core.erasing import ErasedKind
from bugbridge.core.events import Event, FactEvent, MessageEvent
from bugbridge.core.imported_tickets import ImportedTicket, NewTicket, is_news, said_facts, ticket_of_row
from bugbridge.core.imports import Problem, Reading
from bugbridge.core.instants import instant_to_text
from bugbridge.core.links import RecordedReference
from bugbridge.core.model import Actor, AuthorKind, Entity, FactKind, LinkHow
from bugbridge.core.records import Source, TicketRow
from bugbridge.ports import Clock, Store
from bugbridge.services.importing import (
    NO_CONTRADICTIONS,
    Contradictions,
    HistoryFile,
    Problems,
    Register,
    file_source,
    good_rows,
    kept_at_once,
    pages_of,
    rows_again,
)
from bugbridge.services.keeping import keep_recorded

# How many tickets are kept at once: more are hardly quicker.
PAGE = 1000
AS_TICKETS = (ErasedKind.TICKET, ErasedKind.EXPIRED)
# Whoever answered where a file doesn't say who works on the ticket.
SOME_AGENT = "somebody"


@dataclass(frozen=True, slots=True)
class TicketsImported:
    """What an import of tickets made of a file.

    `unread_bugs` are those that its tickets name and of which nothing else is known yet; their links wait for that.
    `contradictions` are lines of known tickets with another `created_at` or `linked_at` than stands; `forgotten` counts
    lines left out, since their ticket or customer was to be forgotten.
    """

    new: int = 0
    known: int = 0
    messages: int = 0
    links: int = 0
    suggestions: int = 0
    unread_bugs: int = 0
    contradictions: Contradictions = NO_CONTRADICTIONS
    forgotten: int = 0

    def __add__(self, other: "TicketsImported") -> "TicketsImported":
        """Add two pages up."""
        return TicketsImported(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))


def import_tickets(
    store: Store, clock: Clock, actor: Actor, file: HistoryFile, reading: Reading, register: Register, *, dry_run: bool
) -> TicketsImported:
    """Keep every ticket of a file, or none. Importing a file again changes nothing; what is known of later stands.

    Raises DataError with every problem of the file, or if it changes meanwhile; UsageError for a name that is taken.
    """
    _check(file, reading, register)
    with kept_at_once(store, dry_run=dry_run):
        source = file_source(store, reading.helpdesk.name, "helpdesk")
        file_source(store, reading.tracker.name, "tracker")
        keeping = _Keeping(store, clock, actor, source, register)
        pages = pages_of(rows_again(file, reading, ticket_of_row), PAGE)
        return sum((keeping.keep_page(page) for page in pages), TicketsImported())


def _check(file: HistoryFile, reading: Reading, register: Register) -> None:
    problems = Problems(file.name)
    for line, ticket in good_rows(file, reading, ticket_of_row, problems):
        first = register.first_line(f"ticket {ticket.remote_id}", line)
        if first != line:
            sentence = f"{ticket.remote_id} stands in line {first} already; a ticket has one line."
            problems.add([Problem(line, reading.columns["id"], sentence)])
        for name in _speaks_of(ticket):
            register.mention(name, line, ticket.created_at, ticket.as_of)
    problems.refuse()


def _speaks_of(ticket: ImportedTicket) -> Iterator[str]:
    if ticket.requester:
        yield f"customer {ticket.requester}"
    if ticket.account:
        yield f"account {ticket.account}"


@dataclass(frozen=True, slots=True)
class _Kept:
    """A line's ticket with our ids of it and its people; `known` are the facts that were kept of it before."""

    line: int
    said: ImportedTicket
    row: TicketRow
    is_new: bool
    people: "_People"
    known: Mapping[FactKind, FactEvent]

    @property
    def requester_id(self) -> int | None:
        """The customer."""
        return self.people.customers.get(self.said.requester)

    @property
    def agent_id(self) -> int | None:
        """Who works on it, or whoever answered."""
        return self.people.agents.get(self.said.assignee or SOME_AGENT)


@dataclass(frozen=True, slots=True)
class _People:
    """Our ids of all whom a page names, by what the file calls them."""

    customers: Mapping[str, int]
    accounts: Mapping[str, int]
    agents: Mapping[str, int]


Page = Sequence[tuple[int, ImportedTicket]]


@dataclass(frozen=True, slots=True)
class _Keeping:
    """One import under way, in its transaction."""

    store: Store
    clock: Clock
    actor: Actor
    source: Source
    register: Register

    def keep_page(self, page: Page) -> TicketsImported:
        """Keep these tickets with what is said of them; new ones, which nothing depends on yet, the quick way."""
        whole, page = len(page), self._without_forgotten(page)
        kept = self._rows(page, self._people(page))
        added = [event for one in kept if one.is_new for event in _said(one)]
        self.store.append_to_new(added, actor=self.actor, recorded_at=self.clock.now())
        others = [event for one in kept for event in (*self._customer_facts(one), *self._changes(one))]
        head = self.store.head()
        seqs = self.store.append(others, actor=self.actor, recorded_at=self.clock.now())
        made = [*added, *(event for event, seq in zip(others, seqs, strict=True) if seq > head)]
        new = sum(one.is_new for one in kept)
        messages = sum(isinstance(event, MessageEvent) for event in made)
        contradictions = sum((self._contradiction(one) for one in kept if not one.is_new), NO_CONTRADICTIONS)
        counted = TicketsImported(
            new=new,
            known=len(kept) - new,
            messages=messages,
            contradictions=contradictions,
            forgotten=whole - len(page),
        )
        return sum((self._link(one) for one in kept if one.said.references), counted)

    def _without_forgotten(self, page: Page) -> Page:
        """Leave out erased tickets, and those of forgotten customers."""
        customers = self.store.denied(
            self.source.id, ErasedKind.CUSTOMER, {said.requester for _, said in page if said.requester}
        )
        tickets = {said.remote_id for _, said in page}
        erased = {one for kind in AS_TICKETS for one in self.store.denied(self.source.id, kind, tickets)}
        return [(line, said) for line, said in page if said.remote_id not in erased and said.requester not in customers]

    def _people(self, page: Page) -> _People:
        tickets = [said for _, said in page]
        agents = {said.assignee for said in tickets} | {SOME_AGENT for said in tickets if said.replies}
        return _People(
            customers=self._ids(AuthorKind.CUSTOMER, {said.requester for said in tickets}),
            accounts=self._ids("account", {said.account for said in tickets}),
            agents=self._ids(AuthorKind.AGENT, agents),
        )

    def _ids(self, kind: str, names: AbstractSet[str]) -> Mapping[str, int]:
        wanted = sorted(names - {""})
        return self.store.party_ids(self.source.id, kind, wanted) if wanted else {}

    def _rows(self, page: Page, people: _People) -> list[_Kept]:
        known = self.store.tickets_of(self.source.id, [said.remote_id for _, said in page])
        new = [
            NewTicket(said.remote_id, said.created_at, people.customers.get(said.requester), said.brand)
            for _, said in page
            if said.remote_id not in known
        ]
        added = self.store.add_tickets(self.source.id, new) if new else {}
        kept = [
            _Kept(line, said, row, is_new=False, people=people, known=self.store.facts(Entity.TICKET, row.id))
            if (row := known.get(said.remote_id))
            else _Kept(line, said, added[said.remote_id], is_new=True, people=people, known={})
            for line, said in page
        ]
        for one in kept:
            self._refresh(one)
        return kept

    def _refresh(self, kept: _Kept) -> None:
        """Keep what isn't an event: words, and of a ticket that was known, who its customer is by now."""
        said, requester_id = kept.said, kept.requester_id
        if not is_news(kept.known, said.as_of):
            return
        if not kept.is_new:
            self.store.save_ticket(self.source.id, said.remote_id, said.created_at, requester_id, said.brand)
        self._keep_words(Entity.TICKET, kept.row.id, requester_id, {"subject": said.subject})

    def _keep_words(self, owner: Entity, owner_id: int, party_id: int | None, words: Mapping[str, str]) -> None:
        for name, value in words.items():
            if value:
                self.store.keep_private(party_id, owner, owner_id, name, value)

    def _changes(self, kept: _Kept) -> Iterator[Event]:
        """Give what is new of a ticket that was known; one that was read from its helpdesk has its messages."""
        if not kept.is_new:
            yield from _ticket_facts(kept)
            if FactKind.ACTIVITY in kept.known:
                yield from _messages(kept)

    def _customer_facts(self, kept: _Kept) -> Iterator[FactEvent]:
        said, account_id = kept.said, kept.people.accounts.get(kept.said.account)
        if kept.requester_id is not None:
            values = {
                FactKind.ACCOUNT: str(account_id or ""),
                FactKind.LOCALE: said.language,
                FactKind.ZONE: said.zone,
                FactKind.TIER: "" if account_id else said.tier,
            }
            words = {"name": said.requester_name, "address": said.address}
            yield from self._party_facts(kept, f"customer {said.requester}", kept.requester_id, values, words)
        if account_id is not None:
            yield from self._party_facts(kept, f"account {said.account}", account_id, {FactKind.TIER: said.tier}, {})

    def _party_facts(
        self, kept: _Kept, name: str, party_id: int, values: Mapping[FactKind, str], words: Mapping[str, str]
    ) -> Iterator[FactEvent]:
        """Take what is said of a customer or account from one line alone, the last to speak of them.

        Their lines may come in any order and differ, as plans change: taken one by one, importing the file again would
        have each of them change what the one before it said.
        """
        line, first_at = self.register.speaker(name)
        if line != kept.line:
            return
        known = self.store.facts(Entity.PARTY, party_id)
        if is_news(known, kept.said.as_of):
            self._keep_words(Entity.PARTY, party_id, party_id, words)
        yield from said_facts(Entity.PARTY, party_id, values, known, first_at, kept.said.as_of)

    def _link(self, kept: _Kept) -> TicketsImported:
        said = kept.said
        recorded = [RecordedReference(reference, said.linked_at) for reference in said.references]
        made = keep_recorded(self.store, self.clock, kept.row, recorded)
        unread = sum(self._is_unread(reference, kept.line) for reference in said.references)
        return TicketsImported(links=made.links, suggestions=made.suggestions, unread_bugs=unread)

    def _contradiction(self, kept: _Kept) -> Contradictions:
        """Compare a line with what a file said of its ticket before; what its helpdesk told stands anyway."""
        if FactKind.ACTIVITY not in kept.known:
            return NO_CONTRADICTIONS
        agrees = kept.said.created_at == kept.row.created_at and self._links_agree(kept)
        return NO_CONTRADICTIONS if agrees else Contradictions(1, (kept.row.reference,))

    def _links_agree(self, kept: _Kept) -> bool:
        """Whether every link that the line dates is new, or was recorded with that date before."""
        for reference in kept.said.references if kept.said.linked_at else ():
            issue = self.store.find_issue(reference)
            findings = self.store.references_to(issue.bug_id, kept.row.id) if issue else ()
            dates = [finding.occurred_at for finding in findings if finding.value == LinkHow.IMPORTED]
            if dates and kept.said.linked_at not in dates:
                return False
        return True

    def _is_unread(self, reference: str, line: int) -> bool:
        """Whether nothing is known of a bug but its name; asked of each bug once."""
        if self.register.first_line(f"bug {reference}", line) != line:
            return False
        issue = self.store.find_issue(reference)
        return issue is not None and issue.created_at is None


def _said(kept: _Kept) -> Iterator[FactEvent | MessageEvent]:
    yield from _ticket_facts(kept)
    yield from _messages(kept)


def _ticket_facts(kept: _Kept) -> Iterator[FactEvent]:
    said = kept.said
    assignee_id = kept.agent_id if said.assignee else None
    values = {
        FactKind.STATUS: said.status,
        FactKind.REQUESTER: str(kept.requester_id or ""),
        FactKind.ASSIGNEE: str(assignee_id or ""),
        FactKind.BRAND: said.brand,
    }
    return said_facts(Entity.TICKET, kept.row.id, values, kept.known, said.created_at, said.as_of)


def _messages(kept: _Kept) -> Iterator[MessageEvent]:
    if kept.agent_id is not None:
        for at in kept.said.replies:
            yield _message(kept, "reply", AuthorKind.AGENT, kept.agent_id, at)
    if kept.requester_id is not None:
        for at in kept.said.customer_messages:
            yield _message(kept, "customer", AuthorKind.CUSTOMER, kept.requester_id, at)


def _message(kept: _Kept, what: str, author_kind: AuthorKind, author_id: int, at: datetime) -> MessageEvent:
    """Name a message by its instant, since a file has no id of it."""
    remote_id = f"{what} {instant_to_text(at)}"
    return MessageEvent(
        ticket_id=kept.row.id,
        remote_id=remote_id,
        author_id=author_id,
        author_kind=author_kind,
        public=True,
        occurred_at=at,
        source_key=f"ticket:{kept.row.id}:message:{remote_id}",
    )
