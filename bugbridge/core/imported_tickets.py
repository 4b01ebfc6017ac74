"""A line of a tickets' export, read as what it says of a ticket, and of its customer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bugbridge.core.events import FactEvent
from bugbridge.core.import_cells import shown
from bugbridge.core.imports import Column, Row
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Entity, FactKind, TicketStatus

TICKET_COLUMNS = (
    Column("id", "the ticket's id in its helpdesk", required=True),
    Column("created_at", "when the customer wrote first", required=True),
    Column("updated_at", "when anything last happened to it"),
    Column("status", "open, pending, solved or closed"),
    Column("requester", "the customer: their id or address"),
    Column("requester_name", "the customer's name"),
    Column("account", "the customer's organisation"),
    Column("tier", "the plan of the organisation, or of a customer without one"),
    Column("language", "the customer's language, such as de"),
    Column("zone", "the customer's time zone, such as Europe/Berlin"),
    Column("brand", "the brand that they wrote to"),
    Column("subject", "what the ticket is called"),
    Column("assignee", "the agent who works on it"),
    Column("bugs", "the bugs that it reports"),
    Column("linked_at", "when it was linked to them"),
    Column("replies", "when agents answered in public"),
    Column("customer_messages", "when the customer wrote again"),
)

STATUSES: Mapping[str, str] = {
    **dict.fromkeys(("open", "new", "active", "reopened", "in progress"), TicketStatus.OPEN.value),
    **dict.fromkeys(
        ("pending", "hold", "on hold", "on-hold", "waiting", "waiting on customer", "stalled", "snoozed"),
        TicketStatus.PENDING.value,
    ),
    **dict.fromkeys(("solved", "resolved", "done"), TicketStatus.SOLVED.value),
    **dict.fromkeys(("closed", "archived", "deleted", "spam", "rejected", "merged"), TicketStatus.CLOSED.value),
}

TICKET_MEANINGS = {"status": STATUSES}

LANGUAGE = re.compile(r"[A-Za-z]{2,8}([-_][A-Za-z0-9]{1,8})*")


@dataclass(frozen=True, slots=True)
class ImportedTicket:
    """What one line says; an empty text, or none, says nothing. Instants are in UTC.

    `as_of` is the moment of which it speaks: what is known of a later one stands. `references` are the bugs'.
    """

    remote_id: str
    created_at: datetime
    as_of: datetime
    status: str = ""
    requester: str = ""
    requester_name: str = ""
    account: str = ""
    tier: str = ""
    language: str = ""
    zone: str = ""
    brand: str = ""
    subject: str = ""
    assignee: str = ""
    references: tuple[str, ...] = ()
    linked_at: datetime | None = None
    replies: tuple[datetime, ...] = ()
    customer_messages: tuple[datetime, ...] = ()

    @property
    def address(self) -> str:
        """The requester's address, "" where an id names them."""
        return self.requester if "@" in self.requester else ""


@dataclass(frozen=True, slots=True)
class NewTicket:
    """A ticket that isn't kept yet, with our id of its customer."""

    remote_id: str
    created_at: datetime
    requester_id: int | None
    brand: str


def ticket_of_row(row: Row) -> ImportedTicket:
    """Read one ticket; what is wrong with it is added to the row's problems."""
    created_at = row.required_instant("created_at")
    updated_at = row.instant("updated_at", [created_at])
    ticket = ImportedTicket(
        remote_id=row.ticket_id(),
        created_at=created_at,
        as_of=updated_at or created_at,
        status=row.meaning("status"),
        requester=_requester(row),
        requester_name=row.text("requester_name"),
        account=row.word("account"),
        tier=row.word("tier"),
        language=_language(row),
        zone=_zone(row),
        brand=row.word("brand"),
        subject=row.text("subject"),
        assignee=row.word("assignee"),
        references=row.bugs("bugs"),
        linked_at=row.instant("linked_at", [created_at]),
        replies=row.instants("replies", [created_at]),
        customer_messages=row.instants("customer_messages", [created_at]),
    )
    _check_owners(row, ticket)
    _check_order(row, ticket, updated_at)
    return ticket


def _check_owners(row: Row, ticket: ImportedTicket) -> None:
    """Refuse what would be lost, since whoever it belongs to isn't named."""
    for column in ("requester_name", "account", "language", "zone", "customer_messages"):
        if not row.has("requester") and getattr(ticket, column):
            row.problem(column, "says something of the customer, but the line has no requester.")
    if ticket.tier and not (row.has("account") or row.has("requester")):
        row.problem("tier", "says something of the customer, but the line has neither requester nor account.")
    if ticket.linked_at and not row.has("bugs"):
        row.problem("linked_at", "says when the ticket was linked, but the line has no bugs.")


def _check_order(row: Row, ticket: ImportedTicket, updated_at: datetime | None) -> None:
    """Refuse what can't have happened before the ticket began."""
    dated = {
        "updated_at": [updated_at] if updated_at else [],
        "linked_at": [ticket.linked_at] if ticket.linked_at else [],
        "replies": ticket.replies,
        "customer_messages": ticket.customer_messages,
    }
    for column, instants in dated.items():
        early = [at for at in instants if at < ticket.created_at]
        if early:
            first = early[0].astimezone(row.reading.zone)
            row.problem(column, f"{first:%Y-%m-%d %H:%M} is before created_at, {row.text('created_at')}.")


def _requester(row: Row) -> str:
    """Read an id as it is and an address in lower case, since people write it either way."""
    text = row.word("requester")
    return text.lower() if "@" in text else text


def _language(row: Row) -> str:
    text = row.word("language")
    if not text or LANGUAGE.fullmatch(text):
        return text.replace("_", "-")
    row.problem("language", f"{shown(text)} is no language: write a tag such as de or pt-BR.")
    return ""


def _zone(row: Row) -> str:
    text = row.word("zone")
    try:
        return ZoneInfo(text).key if text else ""
    except (KeyError, ValueError, OSError):
        row.problem("zone", f"{shown(text)} is no time zone: write an IANA name such as Europe/Berlin.")
        return ""


Known = Mapping[FactKind, FactEvent]


def is_news(known: Known, as_of: datetime) -> bool:
    """Whether what a file says as of this moment counts beside what is known of a ticket, a customer or an account.

    What was heard of by other ways than files (which alone leave an `activity`), or as of a later moment, stands.
    """
    return not known or (FactKind.ACTIVITY in known and max(fact.occurred_at for fact in known.values()) <= as_of)


def said_facts(
    entity: Entity, entity_id: int, said: Mapping[FactKind, str], known: Known, first_at: datetime, as_of: datetime
) -> Iterator[FactEvent]:
    """Give what a file says of something and isn't known yet, and an `activity`: as of when it was heard of.

    At first sight all is dated back to `first_at`, when it is first heard of, as with what is read from a helpdesk.
    """
    if not is_news(known, as_of):
        return
    for kind, value in said.items():
        before = known.get(kind)
        if value and value != (before.value if before else ""):
            at = as_of if known else first_at
            yield _fact(entity, entity_id, kind, value, at, assumed=not known)
    yield _fact(entity, entity_id, FactKind.ACTIVITY, "", as_of)


def _fact(
    entity: Entity, entity_id: int, kind: FactKind, value: str, at: datetime, *, assumed: bool = False
) -> FactEvent:
    key = f"{entity}:{entity_id}:{kind}:{value}:{instant_to_text(at)}"
    return FactEvent(
        entity=entity, entity_id=entity_id, kind=kind, value=value, assumed=assumed, occurred_at=at, source_key=key
    )
