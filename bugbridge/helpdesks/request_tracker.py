"""Request Tracker 5 and 6 by its REST 2.0.

RT lets nobody post on condition: `If-Match` on /comment answers 412 whatever the ETag (its RT::REST2::Resource::Message
gives none). So messages are found again by their marker, and the ticket's ETag is compared just before posting, which
narrows the window without closing it. Custom fields are changed on condition: there RT does compare.

Nobody can act for somebody else, so replies bear the name of our own user. RT's own scrip reopens resolved tickets on
any reply; its one way out, a header `RT-Control` in the mail, can't be given by REST, and sending the status along
would have RT tell the customer once more that the ticket is resolved.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bugbridge.core.errors import ConflictError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import (
    Check,
    HistoryCost,
    PostedReply,
    RecordedLink,
    RemoteMessage,
    RemotePerson,
    RemoteTicket,
    TicketPage,
)
from bugbridge.helpdesks.request_tracker_checks import Checks
from bugbridge.helpdesks.request_tracker_payloads import (
    NOBODY,
    Attachment,
    FoundTicket,
    Page,
    Ticket,
    Transaction,
    Vanishing,
    bodies_of,
)
from bugbridge.helpdesks.request_tracker_people import People
from bugbridge.helpdesks.request_tracker_queries import (
    ATTACHMENT_FIELDS,
    BY_NUMBER,
    EPOCH,
    OLDEST_FIRST,
    PEOPLE_FIELDS,
    QUEUE_FIELDS,
    TICKET_FIELDS,
    TRANSACTION_FIELDS,
    VANISHING_FIELDS,
    Position,
    first_cursor,
    merged_into,
    of_queues,
    read_cursor,
    vanished_since,
)
from bugbridge.helpdesks.request_tracker_rest import PAGE_SIZE, SHOW_TICKET, Filters, Rest, is_last, server_time
from bugbridge.helpdesks.vendors import marker_line
from bugbridge.http import Parameters
from bugbridge.ports import Guarantee

SETTLING = timedelta(minutes=1)  # a change may become visible later than the second that LastUpdated names
SECOND = timedelta(seconds=1)  # the smallest part of RT's times
SURVIVORS = 50  # so many in one query: an address has its longest length
LISTS_OF_MESSAGES = 2  # history and attachments
PUBLIC_TYPES = frozenset({"Create", "Correspond"})
MESSAGE_TYPES = ("Create", "Correspond", "Comment")
DELETED = "deleted"
STATUSES = {
    "stalled": TicketStatus.PENDING,
    "resolved": TicketStatus.SOLVED,
    "rejected": TicketStatus.CLOSED,
    DELETED: TicketStatus.CLOSED,
}


@dataclass(frozen=True, slots=True)
class _Found:
    """One page of changed tickets, whether it is the last, and what RT's clock showed, which is not ours."""

    tickets: tuple[FoundTicket, ...]
    is_last: bool
    now: datetime


@dataclass(frozen=True, slots=True)
class _Vanished:
    """Tickets that no search shows any more, oldest change first, and the position after the last of these events."""

    tickets: tuple[RemoteTicket, ...]
    reached: Position

    def until(self, instant: datetime) -> tuple[RemoteTicket, ...]:
        return tuple(ticket for ticket in self.tickets if ticket.updated_at <= instant)

    def without(self, given: tuple[RemoteTicket, ...]) -> "_Vanished":
        return replace(self, tickets=self.tickets[len(given) :])


class RequestTracker:
    """A Request Tracker 5 or 6. Its user for BugBridge needs the time zone UTC; see `check` for the rights."""

    guarantee = Guarantee.LOOKUP
    replies_as_assignee = False

    def __init__(
        self,
        name: str,
        url: str,
        token: str,
        *,
        queues: Sequence[str] = (),
        tier_field: str = "",
        tag_field: str = "",
        bots: Sequence[str] = (),
        secret_hint: str = "",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep where it is; nothing is asked yet.

        `tier_field` is a custom field of users, `tag_field` one of tickets that takes several values and stands for
        the tags that RT hasn't got, `bots` are login names of programs. `url` may have a path.
        """
        self.name = name
        self.takes_tags = bool(tag_field)
        self._queues = tuple(queues)
        self._tag_field = tag_field
        self._rest = Rest(name, url, token, secret_hint=secret_hint, sleep=sleep)
        self._people = People(self._rest, tier_field, bots)
        self._checks = Checks(self._rest, self._people, self._queues, tier_field, tag_field)

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._rest.client.longest_call

    def cursor_at(self, instant: datetime) -> str:
        """Give the cursor for what changed from an instant on, to the second before it."""
        return first_cursor(instant)

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first; deleted and merged ones but for a first reading.

        Pages follow one another by (LastUpdated, id), so a ticket that changes meanwhile shifts no other. The cursor
        stays a minute behind what RT's own clock showed at the beginning: what changed since then comes again.
        """
        start, is_first = read_cursor(cursor)
        self._people.require_utc()
        vanished, settled = _Vanished((), start), None
        for found in self._searches(start):
            if settled is None:
                settled = Position(found.now - SETTLING, 0)
                vanished = vanished if is_first else self._vanished(start)
            reached = _position(found.tickets[-1]) if found.tickets else start
            due = vanished.tickets if found.is_last else vanished.until(reached.at)
            vanished = vanished.without(due)
            changed = (*due, *(self._remote(ticket, ticket.id) for ticket in found.tickets))
            if changed:
                reached = max(reached, vanished.reached) if found.is_last else reached
                ordered = tuple(sorted(changed, key=lambda ticket: ticket.updated_at))
                yield TicketPage(ordered, max(start, min(reached, settled)).cursor())

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count the tickets, and for each its two lists of messages; users are asked for once each and not counted.

        RT gives no count where it checks rights row by row: then the tickets' numbers are read through.
        """
        self._people.require_utc()
        position, _ = read_cursor(first_cursor(instant))
        query = of_queues(position.condition(), self._queues)
        page = self._rest.one(Page, "tickets", {"query": query, "per_page": 1}, right=SHOW_TICKET)
        listed = self._found(query) if page.total is None else ()
        tickets = sum(1 for _ in listed) if page.total is None else page.total
        return HistoryCost(tickets, LISTS_OF_MESSAGES * tickets + tickets // PAGE_SIZE + 1)

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; `version` is its ETag, the number of the newest transaction that we may see."""
        number = self._rest.number(remote_id)
        read, version = self._read(number)
        query = {"query": f"id = {number} AND EffectiveId > 0", **TICKET_FIELDS}
        listed = self._rest.page(FoundTicket, "tickets", query, right=SHOW_TICKET)
        return self._remote(listed[0] if listed else self._completed(read), number, version)

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, those of tickets merged into it included, oldest first."""
        number = self._rest.number(remote_id)
        wanted = [{"field": "Type", "value": kind} for kind in MESSAGE_TYPES]
        path = f"ticket/{number}/history"
        transactions = tuple(self._rest.all(Transaction, path, wanted, TRANSACTION_FIELDS, right=SHOW_TICKET))
        if not transactions:
            self._require_visible(number)
        bodies = bodies_of(self._texts(number))
        return tuple(self._message(transaction, bodies.get(transaction.id, "")) for transaction in transactions)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add a comment whose last line names the marker, and give its transaction's number."""
        return self._post(ticket, "comment", "CommentOnTicket", body, marker)

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Reply under our own name; the customer sees the marker as the last line. RT opens a resolved ticket by it."""
        return PostedReply(ticket.remote_id, self._post(ticket, "correspond", "ReplyToTicket", body, marker))

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the transaction of our own comment or reply with this marker, or "". Needs ShowTicketComments."""
        number = self._rest.number(remote_id)
        self._require_visible(number)
        for text in self._texts(number, [{"field": "Creator", "value": self._rest.own_number()}]):
            if marker_line(marker) in text.content.splitlines():
                return text.transaction
        return ""

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Add a value to `tag_field`, or take it out. RT replaces all values, so they are read just before and RT
        refuses (ConflictError) if the ticket changed in between."""
        number = self._rest.number(ticket.remote_id)
        read, version = self._read(number)
        field = read.field(self._tag_field)
        if field is None:
            raise self._no_tags(number)
        if (tag in field.texts) == on:
            return
        others = [text for text in field.texts if text != tag]
        change = {"CustomFields": {field.id: [*others, tag] if on else others}}
        self._rest.client.write_json("PUT", f"ticket/{number}", change, {"If-Match": version}, right=self._tag_right)
        after = self._read(number)[0].field(self._tag_field)
        if after is None or (tag in after.texts) != on:
            sentence = f"{self.name}:{number} took no change of its tags: grant {self._tag_right} in {self.name}."
            raise RemoteError(sentence, permanent=True)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give nothing: links to other systems' pages come with the tickets."""
        return iter(())

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{self._rest.url}/Ticket/Display.html?id={self._rest.number(remote_id)}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in, our user's set-up, the queues, and what we may do with the newest ticket.

        RT doesn't tell whether we have ShowTicketComments; without it agents' notes make no links.
        """
        return tuple(self._checks.all())

    @property
    def _tag_right(self) -> str:
        return f"ModifyCustomField on {self._tag_field}"

    def _searches(self, position: Position) -> Iterator[_Found]:
        """Give the tickets after a position page by page."""
        while True:
            query = of_queues(position.condition(), self._queues)
            parameters: Parameters = {"query": query, "per_page": PAGE_SIZE, **TICKET_FIELDS}
            response = self._rest.client.get(f"tickets?{OLDEST_FIRST}", parameters, right=SHOW_TICKET)
            page = self._rest.parsed(Page, self._rest.json(response))
            tickets = self._rest.rows(FoundTicket, page)
            now = server_time(response) or max((ticket.updated for ticket in tickets), default=EPOCH)
            ended = is_last(page) or not tickets
            yield _Found(tickets, ended, now)
            if ended:
                return
            position = self._rest.onward(position, _position(tickets[-1]))

    def _found(self, condition: str) -> Iterator[FoundTicket]:
        return self._rest.found(FoundTicket, f"tickets?{BY_NUMBER}", condition, TICKET_FIELDS)

    def _vanished(self, start: Position) -> _Vanished:
        """Give tickets that were deleted or merged since then: no search by LastUpdated shows them."""
        query = vanished_since(start.at, self._queues)
        rows = tuple(self._rest.found(Vanishing, f"transactions?{BY_NUMBER}", query, VANISHING_FIELDS))
        deleted = dict.fromkeys(row.ticket for row in rows if row.type == "Status")
        survivors = tuple(dict.fromkeys(row.ticket for row in rows if row.type != "Status"))
        merged = [
            self._remote(ticket, ticket.id)
            for first in range(0, len(survivors), SURVIVORS)
            for ticket in self._found(merged_into(survivors[first : first + SURVIVORS]))
            if ticket.survivor != ticket.id
        ]
        gone = (ticket for ticket in map(self._deleted, deleted) if ticket is not None)
        tickets = tuple(sorted((*gone, *merged), key=lambda ticket: ticket.updated_at))
        after = max((Position(row.created + SECOND, 0) for row in rows), default=start)
        return _Vanished(tickets, after)

    def _deleted(self, number: str) -> RemoteTicket | None:
        """Read a ticket that was deleted; none where it has come back, or can't be seen any more."""
        try:
            read, _ = self._read(number)
        except NotFoundError:
            return None
        return self._remote(self._completed(read), number) if read.status == DELETED else None

    def _read(self, number: str) -> tuple[Ticket, str]:
        """Read a ticket by its number, with its ETag; requestors are only named."""
        response = self._rest.client.get(f"ticket/{number}", {**QUEUE_FIELDS, **PEOPLE_FIELDS}, right=SHOW_TICKET)
        return self._rest.parsed(Ticket, self._rest.json(response)), response.headers.get("ETag", "")

    def _completed(self, ticket: Ticket) -> Ticket:
        """Fill in who asks, so that a deleted ticket doesn't seem to come from somebody without account or plan."""
        full = tuple(self._people.in_full(person) for person in ticket.requestors[:1])
        return ticket.model_copy(update={"requestors": full})

    def _require_visible(self, number: str) -> None:
        """Raise NotFoundError for a ticket that isn't there: RT answers no history for it, and *all* tickets' texts."""
        self._rest.client.get(f"ticket/{number}", right=SHOW_TICKET)

    def _texts(self, number: str, filters: Filters = ()) -> Iterator[Attachment]:
        """Give a ticket's texts; other attachments stay where they are."""
        textual = {"field": "ContentType", "operator": "LIKE", "value": "text/"}
        path = f"ticket/{number}/attachments"
        return self._rest.all(Attachment, path, [textual, *filters], ATTACHMENT_FIELDS, right=SHOW_TICKET)

    def _post(self, ticket: RemoteTicket, action: str, right: str, body: str, marker: str) -> str:
        """Write on a ticket that is still as it was read, and give the transaction's number."""
        number = self._rest.number(ticket.remote_id)
        read, version = self._read(number)
        if ticket.version and version != ticket.version:
            raise ConflictError(f"{self.name}:{number} was changed meanwhile; nothing was posted.")
        if not read.allows(action):
            sentence = f"{self.name}:{number} takes no {action} by us: grant {right} on its queue in {self.name}."
            raise RemoteError(sentence, permanent=True)
        message = {"Content": f"{body.rstrip()}\n\n{marker_line(marker)}", "ContentType": "text/plain"}
        _, response = self._rest.client.write_json("POST", f"ticket/{number}/{action}", message, right=right)
        transaction = response.headers.get("Location", "").rpartition("/transaction/")[2]
        if not transaction.isdecimal():
            raise UnknownOutcomeError(f"{self.name} didn't say whether it was posted on {self.name}:{number}.")
        return transaction

    def _no_tags(self, number: str) -> RemoteError:
        if not self._tag_field:
            sentence = f"{self.name} has no tags: name a custom field of its tickets as `tag_field`."
        else:
            sentence = (
                f"{self.name}:{number} has no field {self._tag_field}, or we lack SeeCustomField on it:"
                f" apply it to the ticket's queue in {self.name}."
            )
        return RemoteError(sentence, permanent=True)

    def _remote(self, ticket: Ticket, number: str, version: str = "") -> RemoteTicket:
        """Put a ticket into our words; `number` is what was asked for, which may have been merged into `ticket`."""
        tags = ticket.field(self._tag_field)
        values = tuple(pair for pair in ticket.values() if tags is None or pair[0] != tags.name)
        return RemoteTicket(
            remote_id=number,
            created_at=ticket.created,
            updated_at=ticket.updated,
            status=STATUSES.get(ticket.status, TicketStatus.OPEN),
            requester=self._requester(ticket),
            subject=ticket.subject,
            assignee=None if ticket.owner.id == NOBODY else self._people.person(ticket.owner, AuthorKind.AGENT),
            brand=ticket.queue.name,
            version=version,
            tags=tags.texts if tags else (),
            fields=values,
            reference_fields=(*ticket.links(), *(text for _, text in values)),
            merged_into="" if ticket.survivor == number else ticket.survivor,
            gone=ticket.status == DELETED,
        )

    def _requester(self, ticket: Ticket) -> RemotePerson:
        """Give the first requestor who is a person, else whoever made the ticket."""
        people = (person for person in ticket.requestors if person.type != "group")
        first = next(people, None)
        return self._people.person(first, AuthorKind.CUSTOMER) if first else self._people.author(ticket.creator)

    def _message(self, transaction: Transaction, body: str) -> RemoteMessage:
        return RemoteMessage(
            remote_id=transaction.id,
            author=self._people.author(transaction.creator),
            public=transaction.type in PUBLIC_TYPES,
            created_at=transaction.created,
            body=body,
        )


def _position(ticket: Ticket) -> Position:
    return Position(ticket.updated, int(ticket.id))
