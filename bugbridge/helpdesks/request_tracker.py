"""Request Tracker 5 by its REST 2.0.

RT lets nobody post on condition: `If-Match` on /comment answers 412 whatever the ETag (its RT::REST2::Resource::Message
gives none). So notes are found again by their marker, and the ticket's ETag is compared just before posting, which
narrows the window without closing it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from json import dumps
from typing import TypeVar
from urllib.parse import quote

import requests
from pydantic import ValidationError

from bugbridge.core.errors import ConflictError, DataError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import Check, RemoteAccount, RemoteMessage, RemotePerson, RemoteTicket, TicketPage
from bugbridge.helpdesks.request_tracker_payloads import (
    Account,
    Attachment,
    FoundTicket,
    Page,
    Payload,
    Person,
    Queue,
    Ticket,
    Transaction,
    bodies_of,
)
from bugbridge.http import Parameters, RemoteClient
from bugbridge.ports import Guarantee

PAGE_SIZE = 100  # RT's own upper bound
SETTLING = timedelta(minutes=1)  # a change may become visible later than the second that LastUpdated names
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOBODY = "Nobody"
OWN_ACCOUNTS_OF_RT = frozenset({"RT_System", NOBODY})
ZONES_THAT_ARE_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT"})
OLDEST_FIRST = "orderby=LastUpdated&order=ASC&orderby=id&order=ASC"
NEWEST_FIRST = "orderby=LastUpdated&order=DESC"
PUBLIC_TYPES = frozenset({"Create", "Correspond"})
MESSAGE_TYPES = ("Create", "Correspond", "Comment")
STATUSES = {
    "stalled": TicketStatus.PENDING,
    "resolved": TicketStatus.SOLVED,
    "rejected": TicketStatus.CLOSED,
    "deleted": TicketStatus.CLOSED,
}
PERSON_FIELDS = "RealName,EmailAddress,Organization,Lang,Timezone,CustomFields"
TICKET_FIELDS = {
    "fields": "Subject,Status,Created,LastUpdated,EffectiveId,Queue,Owner,Creator,Requestor,CustomFields,_hyperlinks",
    "fields[Queue]": "Name",
    "fields[Owner]": PERSON_FIELDS,
    "fields[Creator]": PERSON_FIELDS,
    "fields[Requestor]": PERSON_FIELDS,
}
TRANSACTION_FIELDS = {"fields": "Type,Created,Creator", "fields[Creator]": PERSON_FIELDS}
ATTACHMENT_FIELDS = {"fields": "TransactionId,ContentType,Filename,Content"}
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
TOKEN = re.compile(r"\d+-(?P<owner>\d+)-[0-9a-f]+")

Model = TypeVar("Model", bound=Payload)
Listed = TypeVar("Listed", Transaction, Attachment, Queue)
Filters = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True, order=True)
class _Position:
    """How far a search by LastUpdated was read: every ticket up to this (second, id)."""

    at: datetime
    ticket: int

    @classmethod
    def from_cursor(cls, cursor: str) -> "_Position":
        """Read a cursor. Raises DataError for one that we didn't write."""
        if not cursor:
            return cls(EPOCH, 0)
        at, _, ticket = cursor.partition(" ")
        try:
            return cls(datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC), int(ticket))
        except ValueError:
            raise DataError(f"The stored cursor {cursor!r} isn't one of Request Tracker's.") from None

    def cursor(self) -> str:
        """Write it as kept in the store."""
        return f"{self.at:%Y-%m-%dT%H:%M:%SZ} {self.ticket}"

    def condition(self) -> str:
        """Write TicketSQL for what comes after; RT reads the instant in the asking user's zone, to the second."""
        second = f"{self.at:%Y-%m-%d %H:%M:%S}"
        return f"LastUpdated >= '{second}' AND (LastUpdated > '{second}' OR id > {self.ticket})"


class RequestTracker:
    """A Request Tracker 5. Its user for BugBridge needs the time zone UTC; see `check` for the rights."""

    guarantee = Guarantee.LOOKUP

    def __init__(
        self,
        name: str,
        url: str,
        token: str,
        *,
        queues: Sequence[str] = (),
        tier_field: str = "",
        secret_hint: str = "",
    ) -> None:
        """Keep where it is; nothing is asked yet. `tier_field` is a custom field of users, `url` may have a path."""
        self.name = name
        self._url = url.rstrip("/")
        self._token = token
        self._token_name = secret_hint or "its token"
        self._queues = tuple(queues)
        self._tier_field = tier_field
        self._accounts: dict[str, Account | None] = {}
        self._client = RemoteClient(
            name, f"{self._url}/REST/2.0", headers={"Authorization": f"token {token}"}, secret_hint=secret_hint
        )

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._client.longest_call

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first; of deleted and merged ones only `ticket` tells.

        Pages follow one another by (LastUpdated, id), so a ticket that changes meanwhile shifts no other. The cursor
        stays a minute behind RT's own clock: changes of the last minute come again.
        """
        start = position = _Position.from_cursor(cursor)
        self._require_utc()
        while True:
            found, now = self._search(position)
            if not found:
                return
            position = _Position(found[-1].updated, int(found[-1].id))
            settled = min(position, _Position(now - SETTLING, 0))
            yield TicketPage(tuple(self._remote(ticket, ticket.id) for ticket in found), max(start, settled).cursor())
            if len(found) < PAGE_SIZE:
                return

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; `version` is its ETag, the number of the newest transaction that we may see."""
        number = self._number(remote_id)
        response = self._client.get(f"ticket/{number}")
        read = self._parsed(Ticket, self._json(response))
        query = {"query": f"id = {number} AND EffectiveId > 0", **TICKET_FIELDS}
        listed = self._page(FoundTicket, self._client.get_json("tickets", query))
        return self._remote(listed[0] if listed else read, number, response.headers.get("ETag", ""))

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, those of tickets merged into it included, oldest first."""
        number = self._number(remote_id)
        wanted = [{"field": "Type", "value": kind} for kind in MESSAGE_TYPES]
        transactions = tuple(self._all(Transaction, f"ticket/{number}/history", wanted, TRANSACTION_FIELDS))
        if not transactions:
            self._require_visible(number)
        bodies = bodies_of(self._texts(number))
        return tuple(self._message(transaction, bodies.get(transaction.id, "")) for transaction in transactions)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add a comment whose last line names the marker, and give its transaction's number."""
        number = self._number(ticket.remote_id)
        if ticket.version and self._client.get(f"ticket/{number}").headers.get("ETag") != ticket.version:
            raise ConflictError(f"{self.name}:{number} was changed meanwhile; nothing was posted.")
        comment = {"Content": f"{body.rstrip()}\n\n{_last_line(marker)}", "ContentType": "text/plain"}
        _, response = self._client.write_json("POST", f"ticket/{number}/comment", comment)
        transaction = response.headers.get("Location", "").rpartition("/transaction/")[2]
        if not transaction.isdecimal():
            raise UnknownOutcomeError(f"{self.name} didn't say whether the note on {self.name}:{number} was posted.")
        return transaction

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the transaction of our own comment with this marker, or "". Needs the right ShowTicketComments."""
        number = self._number(remote_id)
        self._require_visible(number)
        for text in self._texts(number, [{"field": "Creator", "value": self._own_number()}]):
            if _last_line(marker) in text.content.splitlines():
                return text.transaction
        return ""

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{self._url}/Ticket/Display.html?id={self._number(remote_id)}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in, our user's set-up, the queues, and the right to comment on the newest ticket.

        RT doesn't tell whether we have ShowTicketComments; without it agents' notes make no links.
        """
        try:
            own = self._own()
            return (
                Check("sign_in", well=True, sentence=f"Signed in to {self.name} as {own.name}."),
                _check("time_zone", self._zone_problem(own), f"The time zone of {own.name} is UTC."),
                _check("privileged", self._rank_problem(own), f"{own.name} can tell agents from customers."),
                _check("queues", self._queues_problem(), "The queues can be read."),
                _check("notes", self._notes_problem(), "The newest ticket can be commented on."),
            )
        except RemoteError as error:
            return (Check("sign_in", well=False, sentence=str(error)),)

    def _search(self, position: _Position) -> tuple[tuple[FoundTicket, ...], datetime]:
        """Give the tickets after a position and what RT's clock showed, which is not ours."""
        queues = " OR ".join(f"Queue = '{_escaped(queue)}'" for queue in self._queues)
        query = f"{position.condition()} AND ({queues})" if queues else position.condition()
        parameters: Parameters = {"query": query, "per_page": PAGE_SIZE, **TICKET_FIELDS}
        response = self._client.get(f"tickets?{OLDEST_FIRST}", parameters)
        found = self._page(FoundTicket, self._json(response))
        return found, _server_time(response) or max((ticket.updated for ticket in found), default=EPOCH)

    def _all(self, model: type[Listed], path: str, filters: Filters, fields: Mapping[str, str]) -> Iterator[Listed]:
        """Give rows by ascending id: RT cuts what we may not see out of its pages, so page numbers mislead."""
        last = "0"
        while True:
            query = dumps([*filters, {"field": "id", "operator": ">", "value": last}])
            parameters: Parameters = {"query": query, "orderby": "id", "per_page": PAGE_SIZE, **fields}
            rows = self._page(model, self._client.get_json(path, parameters))
            yield from rows
            if len(rows) < PAGE_SIZE:
                return
            last = rows[-1].id

    def _texts(self, number: str, filters: Filters = ()) -> Iterator[Attachment]:
        """Give a ticket's texts; other attachments stay where they are."""
        textual = {"field": "ContentType", "operator": "LIKE", "value": "text/"}
        return self._all(Attachment, f"ticket/{number}/attachments", [textual, *filters], ATTACHMENT_FIELDS)

    def _remote(self, ticket: Ticket, number: str, version: str = "") -> RemoteTicket:
        """Put a ticket into our words; `number` is what was asked for, which may have been merged into `ticket`."""
        survivor = ticket.survivor if isinstance(ticket, FoundTicket) else ticket.id
        return RemoteTicket(
            remote_id=number,
            created_at=ticket.created,
            updated_at=ticket.updated,
            status=STATUSES.get(ticket.status, TicketStatus.OPEN),
            requester=self._requester(ticket),
            subject=ticket.subject,
            assignee=None if ticket.owner.id == NOBODY else self._person(ticket.owner, AuthorKind.AGENT),
            brand=ticket.queue.name,
            version=version,
            reference_fields=ticket.references(),
            merged_into="" if survivor == number else survivor,
            gone=ticket.status == "deleted",
        )

    def _requester(self, ticket: Ticket) -> RemotePerson:
        if ticket.requestors:
            return self._person(ticket.requestors[0], AuthorKind.CUSTOMER)
        return self._author(ticket.creator)

    def _message(self, transaction: Transaction, body: str) -> RemoteMessage:
        return RemoteMessage(
            remote_id=transaction.id,
            author=self._author(transaction.creator),
            public=transaction.type in PUBLIC_TYPES,
            created_at=transaction.created,
            body=body,
        )

    def _author(self, person: Person) -> RemotePerson:
        return self._person(person, self._kind(person.id))

    def _person(self, person: Person, kind: AuthorKind) -> RemotePerson:
        tiers = (
            str(value) for field in person.custom_fields if field.name == self._tier_field for value in field.values
        )
        name = person.organization
        return RemotePerson(
            remote_id=person.id,
            kind=kind,
            name=person.real_name,
            address=person.address,
            account=RemoteAccount(remote_id=name, name=name, tier=next(tiers, "")) if name else None,
            locale=person.language,
            zone=person.zone,
        )

    def _kind(self, login: str) -> AuthorKind:
        """Judge an author: only a privileged user is an agent, whose words make links."""
        if login in OWN_ACCOUNTS_OF_RT:
            return AuthorKind.BOT
        if login == self._own().name:
            return AuthorKind.SELF
        account = self._account(login)
        return AuthorKind.AGENT if account is not None and account.privileged else AuthorKind.CUSTOMER

    def _account(self, login: str) -> Account | None:
        """Ask for a user once; None for one that can't be asked for by its name."""
        if login not in self._accounts:
            try:
                answer = self._client.get_json(f"user/{quote(login, safe='')}")
                self._accounts[login] = self._parsed(Account, answer)
            except NotFoundError:
                self._accounts[login] = None
        return self._accounts[login]

    def _own(self) -> Account:
        """Give the user that the token belongs to."""
        account = self._account(self._own_number())
        if account is None:
            raise NotFoundError(f"{self.name} doesn't know the user that {self._token_name} belongs to.")
        return account

    def _own_number(self) -> str:
        """Read whose token it is; RT writes the user's number into it."""
        match = TOKEN.fullmatch(self._token)
        if match is None:
            raise RemoteError(
                f"{self._token_name} isn't a token of {self.name}: they look like 1-35-0123abcd.", permanent=True
            )
        return match["owner"]

    def _require_utc(self) -> None:
        """Refuse to search in another zone: RT would leave out, or repeat, hours of changes."""
        problem = self._zone_problem(self._own())
        if problem:
            raise RemoteError(problem, permanent=True)

    def _require_visible(self, number: str) -> None:
        """Raise NotFoundError for a ticket that isn't there: RT answers no history for it, and *all* tickets' texts."""
        self._client.get(f"ticket/{number}")

    def _zone_problem(self, own: Account) -> str:
        if own.zone in ZONES_THAT_ARE_UTC:
            return ""
        return f"Set the time zone of the user {own.name} in {self.name} to UTC: RT reads the dates of a search in it."

    def _rank_problem(self, own: Account) -> str:
        return "" if own.privileged else f"Let the user {own.name} in {self.name} be granted rights (privileged)."

    def _queues_problem(self) -> str:
        seen = {queue.name for queue in self._all(Queue, "queues/all", [], {"fields": "Name"})}
        missing = sorted(set(self._queues) - seen)
        if missing:
            return f"Grant SeeQueue on {', '.join(missing)} in {self.name}, or correct the names in `queues`."
        return "" if seen else f"Grant SeeQueue, ShowTicket and ShowTicketComments on the queues in {self.name}."

    def _notes_problem(self) -> str:
        parameters: Parameters = {"query": "id > 0", "per_page": 1, **TICKET_FIELDS}
        newest = self._page(FoundTicket, self._client.get_json(f"tickets?{NEWEST_FIRST}", parameters))
        if all(any(link.ref == "comment" for link in ticket.hyperlinks) for ticket in newest):
            return ""
        return f"Grant CommentOnTicket in {self.name}: without it no reminder can be posted."

    def _number(self, remote_id: str) -> str:
        """Refuse what isn't a ticket's number before it becomes part of an address or a query."""
        if NUMBER.fullmatch(remote_id) is None:
            raise NotFoundError(f"{self.name} has no ticket {remote_id!r}: tickets there have numbers.")
        return remote_id

    def _json(self, response: requests.Response) -> object:
        try:
            return response.json()
        except requests.JSONDecodeError:
            raise RemoteError(f"{self.name} answered with something that isn't JSON.") from None

    def _page(self, model: type[Model], answer: object) -> tuple[Model, ...]:
        return tuple(self._parsed(model, item) for item in self._parsed(Page, answer).items)

    def _parsed(self, model: type[Model], answer: object) -> Model:
        """Check an answer's shape; the sentence names the places, never what stood there."""
        try:
            return model.model_validate(answer)
        except ValidationError as error:
            places = ", ".join(sorted({".".join(map(str, detail["loc"])) for detail in error.errors()}))
            sentence = f"{self.name} answered with an unexpected {model.__name__.lower()} ({places}): is it RT 5?"
            raise RemoteError(sentence) from None


def _last_line(marker: str) -> str:
    return f"Ref {marker}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def _server_time(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None


def _check(name: str, problem: str, praise: str) -> Check:
    return Check(name, well=not problem, sentence=problem or praise)
