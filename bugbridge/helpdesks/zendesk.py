"""Zendesk Support by its API v2.

The incremental export leaves out what changed in the last minute, so a note is seen one to two minutes after it was
written. It may be asked ten times a minute: a first reading of more than 10,000 tickets pauses and goes on by itself.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import TypeVar

from pydantic import ValidationError
from requests.auth import AuthBase, HTTPBasicAuth

from bugbridge.core.errors import ConflictError, LockedError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import Check, RemoteAccount, RemoteMessage, RemotePerson, RemoteTicket, TicketPage
from bugbridge.helpdesks.zendesk_payloads import (
    STAFF,
    Audits,
    Comment,
    Comments,
    Export,
    Listing,
    Me,
    Organization,
    Payload,
    ShownTicket,
    Sideloads,
    Ticket,
    Updated,
    User,
    author_kind,
    person_kind,
)
from bugbridge.helpdesks.zendesk_sign_in import ClientCredentials
from bugbridge.http import Parameters, RemoteClient
from bugbridge.ports import Guarantee

MARKER = "bugbridge_marker"
ALL_HISTORY = 1  # seconds since 1970; Zendesk wants a start, and 0 isn't one
PAGE_SIZE = 100  # Zendesk's own upper bound for lists
SIDELOADS = "users,organizations"
DELETED = "deleted"
STATUSES = {
    "new": TicketStatus.OPEN,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.PENDING,
    "hold": TicketStatus.PENDING,
    "solved": TicketStatus.SOLVED,
    "closed": TicketStatus.CLOSED,
    DELETED: TicketStatus.CLOSED,
}

Model = TypeVar("Model", bound=Payload)
Page = TypeVar("Page", bound=Listing)


class Zendesk:
    """One Zendesk account. What the user behind the credentials writes counts as our own: it must be nobody else's."""

    guarantee = Guarantee.CONDITIONAL

    def __init__(
        self,
        name: str,
        url: str,
        *,
        client_id: str = "",
        client_secret: str = "",
        email: str = "",
        token: str = "",
        tier_field: str = "",
        secret_hint: str = "",
        timeout: tuple[float, float] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep how to sign in, by OAuth (`client_id`) or API token (`email`); nothing is asked yet.

        `tier_field` is the key of the organisation field that holds the plan; `timeout` is (to connect, to read), in
        seconds.
        """

        def client(auth: AuthBase | None) -> RemoteClient:
            secrets = (client_secret, token)
            return RemoteClient(
                name, url, auth=auth, secret_hint=secret_hint, secrets=secrets, timeout=timeout, sleep=sleep
            )

        self.name = name
        self._url = url.rstrip("/")
        self._tier_field = tier_field
        self._me: User | None = None
        by_token = HTTPBasicAuth(f"{email}/token", token)
        self._client = client(
            ClientCredentials(client(None), client_id, client_secret, monotonic) if client_id else by_token
        )

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take: it may be refused once, fetch a new token, and be sent again."""
        return 3 * self._client.longest_call

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first, but for those of the last minute."""
        seen = {cursor}
        while True:
            place: Parameters = {"cursor": cursor} if cursor else {"start_time": ALL_HISTORY}
            page = self._read(Export, "/api/v2/incremental/tickets/cursor.json", {**place, "include": SIDELOADS})
            cursor = page.after_cursor or cursor
            yield TicketPage(self._remote(page.tickets, page), cursor)
            if page.end_of_stream:
                return
            if cursor in seen:
                raise RemoteError(f"{self.name} gave the same page of its export twice; reading stopped there.")
            seen.add(cursor)

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; a deleted one is not found."""
        shown = self._read_of(remote_id, ShownTicket, "", {"include": SIDELOADS})
        (ticket,) = self._remote([shown.ticket], shown)
        return ticket

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all comments of a ticket, oldest first."""
        own_id = self._own_id()
        users: dict[int | None, User] = {}
        comments: list[Comment] = []
        for page in self._pages(remote_id, Comments, "/comments", {"include": "users"}):
            comments += page.comments
            users |= {user.id: user for user in page.users}
        comments.sort(key=lambda comment: (comment.created_at, comment.id))
        return tuple(_message(comment, users.get(comment.author_id), own_id) for comment in comments)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note if the ticket is still as it was read, and give the comment's number.

        The marker travels in the metadata of the audit, where customers and agents don't meet it.
        """
        update = {
            "comment": {"body": body, "public": False},
            "metadata": {MARKER: marker},
            "updated_stamp": ticket.version,
            "safe_update": True,
        }
        path = self._path(ticket.remote_id)
        try:
            document, _ = self._client.write_json("PUT", path, {"ticket": update})
        except (NotFoundError, ConflictError, UnknownOutcomeError):
            raise
        except RemoteError as error:
            raise self._refusal(ticket.remote_id, error) from None
        try:
            return Updated.model_validate(document).audit.note_id
        except ValidationError:
            sentence = f"{self.name} didn't say whether the note on {self.name}:{ticket.remote_id} was posted."
            raise UnknownOutcomeError(sentence) from None

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the comment of our own update with this marker in its audit, or ""."""
        own_id = self._own_id()
        for page in self._pages(remote_id, Audits, "/audits", {"include_boundary_indicators": "true"}):
            for audit in page.audits:
                if audit.author_id == own_id and audit.metadata.custom.get(MARKER) == marker:
                    return audit.note_id
        return ""

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{self._url}/agent/tickets/{remote_id}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in, the right to write notes (by our role alone), the export, and all that is read of a ticket."""
        try:
            me = self._signed_in()
        except RemoteError as error:
            return (Check("sign_in", well=False, sentence=str(error)),)
        may_write = me.role in STAFF
        praise = "can write internal notes" if may_write else "must be an agent or admin to write internal notes"
        return (
            Check("sign_in", well=True, sentence=f"Signed in to {self.name} as {me.name}."),
            Check("notes", well=may_write, sentence=f"{me.name} ({me.role}) {praise}."),
            *self._checks_of_reading(),
        )

    def _checks_of_reading(self) -> Iterator[Check]:
        """Try the export, and with a ticket from it whatever is read ticket by ticket."""
        tickets: list[Ticket] = []
        asked: Parameters = {"start_time": ALL_HISTORY, "per_page": PAGE_SIZE}

        def export() -> None:
            page = self._read(Export, "/api/v2/incremental/tickets/cursor.json", asked)
            tickets.extend(ticket for ticket in page.tickets if ticket.status != DELETED)

        yield _tried("export", export, "Changed tickets can be read.")
        if not tickets:
            return
        last = tickets[-1]
        yield _tried("comments", lambda: self.messages(str(last.id)), "Comments can be read.")
        yield _tried(
            "audits", lambda: self.find_note(str(last.id), "none"), "Audits, where notes are found again, can be read."
        )
        accounts = {ticket.organization_id for ticket in tickets if ticket.organization_id}
        yield _tried("organizations", lambda: self._missing_organizations(accounts, {}), "Organisations can be read.")

    def _own_id(self) -> int:
        """Give the number of the user that we act as."""
        return self._signed_in().id or 0

    def _signed_in(self) -> User:
        """Give the user that we act as; Zendesk answers strangers too, with a user that has no number."""
        if self._me is None:
            me = self._read(Me, "/api/v2/users/me.json").user
            if me.id is None:
                hint = self._client.secret_hint or "its credentials"
                raise RemoteError(f"{self.name} takes us for a stranger: check {hint}.", permanent=True)
            self._me = me
        return self._me

    def _refusal(self, remote_id: str, error: RemoteError) -> RemoteError:
        """Say it plainly where a note was refused because the ticket is closed: Zendesk's own words are vague."""
        if not error.permanent:
            return error
        try:
            closed = self.ticket(remote_id).status is TicketStatus.CLOSED
        except RemoteError:
            return error
        sentence = f"{self.name}:{remote_id} is closed, and Zendesk takes no more notes on closed tickets."
        return LockedError(sentence) if closed else error

    def _remote(self, tickets: Iterable[Ticket], sideloads: Sideloads) -> tuple[RemoteTicket, ...]:
        """Put tickets into our words, reading whom the sideloads left out."""
        listed = tuple(tickets)
        users = {user.id: user for user in sideloads.users if user.id is not None}
        named = {number for each in listed for number in (each.requester_id, each.assignee_id) if number is not None}
        users |= self._missing_users(named, users)
        accounts = {organization.id: organization for organization in sideloads.organizations}
        wanted = {number for each in listed if (number := _organization_of(each, users)) is not None}
        accounts |= self._missing_organizations(wanted, accounts)
        return tuple(self._ticket(each, users, accounts) for each in listed)

    def _missing_users(self, wanted: set[int], known: Mapping[int, User]) -> dict[int, User]:
        pages = self._many("users", wanted - known.keys())
        return {user.id: user for page in pages for user in page.users if user.id is not None}

    def _missing_organizations(
        self, wanted: set[int | None] | set[int], known: Mapping[int, Organization]
    ) -> dict[int, Organization]:
        pages = self._many("organizations", {number for number in wanted if number is not None} - known.keys())
        return {organization.id: organization for page in pages for organization in page.organizations}

    def _many(self, what: str, numbers: set[int]) -> Iterator[Sideloads]:
        """Read users or organisations by number, a hundred at a time."""
        ordered = sorted(numbers)
        for start in range(0, len(ordered), PAGE_SIZE):
            asked = ",".join(map(str, ordered[start : start + PAGE_SIZE]))
            yield self._read(Sideloads, f"/api/v2/{what}/show_many.json", {"ids": asked})

    def _ticket(self, ticket: Ticket, users: Mapping[int, User], accounts: Mapping[int, Organization]) -> RemoteTicket:
        account = accounts.get(_organization_of(ticket, users) or 0)
        requester = users.get(ticket.requester_id) or User(id=ticket.requester_id)
        assignee = users.get(ticket.assignee_id or 0)
        return RemoteTicket(
            remote_id=str(ticket.id),
            created_at=ticket.created_at,
            updated_at=ticket.updated_at,
            status=STATUSES.get(ticket.status, TicketStatus.OPEN),
            requester=self._person(requester, self._account(account) if account else None),
            subject=ticket.subject,
            assignee=self._person(assignee) if assignee else None,
            brand=str(ticket.brand_id or ""),
            version=ticket.stamp,
            followup_of=ticket.followup_of,
            gone=ticket.status == DELETED,
        )

    def _person(self, user: User, account: RemoteAccount | None = None) -> RemotePerson:
        return _person(user, person_kind(user, self._own_id()), account)

    def _account(self, organization: Organization) -> RemoteAccount:
        tier = organization.organization_fields.get(self._tier_field)
        return RemoteAccount(str(organization.id), organization.name, str(tier) if tier is not None else "")

    def _pages(self, remote_id: str, model: type[Page], what: str, parameters: Parameters) -> Iterator[Page]:
        """Give the pages of one of a ticket's lists."""
        after, seen = "", {""}
        while True:
            place: Parameters = {"page[size]": PAGE_SIZE, **({"page[after]": after} if after else {})}
            page = self._read_of(remote_id, model, what, {**parameters, **place})
            yield page
            after = page.meta.after_cursor
            if not page.meta.has_more:
                return
            if after in seen:
                raise RemoteError(
                    f"{self.name} gave the same page of {self.name}:{remote_id} twice; reading stopped there."
                )
            seen.add(after)

    def _read_of(self, remote_id: str, model: type[Model], what: str, parameters: Parameters) -> Model:
        """Read something of one ticket."""
        try:
            return self._read(model, self._path(remote_id, what), parameters)
        except NotFoundError:
            raise self._unknown(remote_id) from None

    def _path(self, remote_id: str, what: str = "") -> str:
        """Give a path below one ticket. Raises NotFoundError for what can't be a ticket's number."""
        if not (remote_id.isascii() and remote_id.isdigit()):
            raise self._unknown(remote_id)
        return f"/api/v2/tickets/{remote_id}{what}.json"

    def _unknown(self, remote_id: str) -> NotFoundError:
        return NotFoundError(f"There is no ticket {self.name}:{remote_id}, or BugBridge's user may not see it.")

    def _read(self, model: type[Model], path: str, parameters: Parameters | None = None) -> Model:
        """Read a document of a known shape."""
        document = self._client.get_json(path, parameters)
        try:
            return model.model_validate(document)
        except ValidationError as error:
            place = ".".join(str(part) for part in error.errors(include_input=False, include_url=False)[0]["loc"])
            raise RemoteError(
                f"{self.name} answered {path} in a shape unknown to us, at {place or 'its root'}."
            ) from None


def _organization_of(ticket: Ticket, users: Mapping[int, User]) -> int | None:
    """Give the organisation that a ticket was written for, else the requester's own."""
    requester = users.get(ticket.requester_id)
    return ticket.organization_id or (requester.organization_id if requester else None)


def _person(user: User, kind: AuthorKind, account: RemoteAccount | None = None) -> RemotePerson:
    return RemotePerson(str(user.id), kind, user.name, user.email, account, user.locale, user.iana_time_zone)


def _message(comment: Comment, author: User | None, own_id: int) -> RemoteMessage:
    kind = author_kind(comment, author, own_id)
    person = _person(author or User(id=comment.author_id), kind)
    return RemoteMessage(str(comment.id), person, comment.public, comment.created_at, comment.body)


def _tried(check: str, attempt: Callable[[], object], praise: str) -> Check:
    """Make a line of a harmless read."""
    try:
        attempt()
    except RemoteError as error:
        return Check(check, well=False, sentence=str(error))
    return Check(check, well=True, sentence=praise)
