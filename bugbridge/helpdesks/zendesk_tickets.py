"""Zendesk's tickets in our words, with what their lists leave out: people, names of fields, survivors of merges."""

from collections.abc import Iterable, Iterator, Mapping

from bugbridge.core.errors import NotFoundError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount, RemoteMessage, RemotePerson, RemoteTicket
from bugbridge.helpdesks.zendesk_api import PAGE_SIZE, ZendeskApi
from bugbridge.helpdesks.zendesk_payloads import (
    STAFF,
    Comment,
    Comments,
    Organization,
    Sideloads,
    Ticket,
    TicketFields,
    User,
    author_kind,
    person_kind,
)

SIDELOADS = "users,groups,organizations"
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


class TicketReading:
    """Puts tickets and comments into our words. What hardly changes is asked for once."""

    def __init__(self, api: ZendeskApi, tier_field: str) -> None:
        """`tier_field` is the key of the organisation field that holds the plan."""
        self._api = api
        self._tier_field = tier_field
        self._field_names: dict[int, str] = {}
        self._survivors: dict[int, str] = {}

    def tickets(self, listed: Iterable[Ticket], sideloads: Sideloads) -> tuple[RemoteTicket, ...]:
        """Put tickets into our words, reading what the sideloads left out."""
        tickets = tuple(listed)
        users = {user.id: user for user in sideloads.users if user.id is not None}
        named = {number for each in tickets for number in (each.requester_id, each.assignee_id) if number is not None}
        users |= self._missing_users(named, users)
        accounts = {organization.id: organization for organization in sideloads.organizations}
        wanted = {number for each in tickets if (number := _organization_of(each, users)) is not None}
        accounts |= self.missing_organizations(wanted, accounts)
        self._learn_field_names(tickets)
        groups = {group.id: group.name for group in sideloads.groups}
        return tuple(self._ticket(each, users, accounts, groups) for each in tickets)

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all comments of a ticket, oldest first."""
        own_id = self._api.own_id
        return tuple(_message(comment, author, own_id) for comment, author in self._conversation(remote_id))

    def missing_organizations(self, wanted: set[int], known: Mapping[int, Organization]) -> dict[int, Organization]:
        """Read those organisations that aren't known."""
        pages = self._many("organizations", wanted - known.keys())
        return {organization.id: organization for page in pages for organization in page.organizations}

    def field_names(self) -> dict[int, str]:
        """Read what agents call the fields of tickets."""
        pages = self._api.pages(TicketFields, "/api/v2/ticket_fields.json", "the ticket fields")
        return {field.id: field.title or str(field.id) for page in pages for field in page.ticket_fields}

    def _learn_field_names(self, tickets: Iterable[Ticket]) -> None:
        """Ask for names where a field is filled that we don't know yet; one that has none goes by its number."""
        unknown = {field.id for each in tickets for field in each.filled_fields} - self._field_names.keys()
        if unknown:
            self._field_names |= {number: str(number) for number in unknown} | self.field_names()

    def _conversation(self, remote_id: str) -> list[tuple[Comment, User | None]]:
        """Read all comments of a ticket with their authors, oldest first."""
        users: dict[int | None, User] = {}
        comments: list[Comment] = []
        for page in self._api.pages_of(remote_id, Comments, "/comments", {"include": "users"}):
            comments += page.comments
            users |= {user.id: user for user in page.users}
        comments.sort(key=lambda comment: (comment.created_at, comment.id))
        return [(comment, users.get(comment.author_id)) for comment in comments]

    def _survivor(self, ticket: Ticket) -> str:
        """Give the ticket that a merged one lives on in, or "".

        A merge can't be undone, so that it is read once: a page with many merged tickets that met Zendesk's limit
        goes on from there when it is read again.
        """
        if not ticket.merged:
            return ""
        if ticket.id not in self._survivors:
            self._survivors[ticket.id] = self._read_survivor(ticket)
        return self._survivors[ticket.id]

    def _read_survivor(self, ticket: Ticket) -> str:
        """Read it from the last that staff wrote, which is the merge's own comment: after it a ticket is locked."""
        try:
            conversation = self._conversation(str(ticket.id))
        except NotFoundError:
            return ""  # deleted since it was listed
        by_staff = [comment for comment, author in conversation if author and author.role in STAFF]
        survivor = by_staff[-1].survivor if by_staff else ""
        return survivor if survivor != str(ticket.id) else ""

    def _missing_users(self, wanted: set[int], known: Mapping[int, User]) -> dict[int, User]:
        pages = self._many("users", wanted - known.keys())
        return {user.id: user for page in pages for user in page.users if user.id is not None}

    def _many(self, what: str, numbers: set[int]) -> Iterator[Sideloads]:
        """Read users or organisations by number, a hundred at a time."""
        ordered = sorted(numbers)
        for start in range(0, len(ordered), PAGE_SIZE):
            asked = ",".join(map(str, ordered[start : start + PAGE_SIZE]))
            yield self._api.read(Sideloads, f"/api/v2/{what}/show_many.json", {"ids": asked})

    def _ticket(
        self,
        ticket: Ticket,
        users: Mapping[int, User],
        accounts: Mapping[int, Organization],
        groups: Mapping[int, str],
    ) -> RemoteTicket:
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
            group=groups.get(ticket.group_id or 0) or str(ticket.group_id or ""),
            brand=str(ticket.brand_id or ""),
            version=ticket.stamp,
            tags=ticket.tags,
            fields=tuple((self._field_names[field.id], field.text) for field in ticket.filled_fields),
            merged_into=self._survivor(ticket),
            followup_of=ticket.followup_of,
            incident_of=ticket.incident_of,
            gone=ticket.status == DELETED,
        )

    def _person(self, user: User, account: RemoteAccount | None = None) -> RemotePerson:
        return _person(user, person_kind(user, self._api.own_id), account)

    def _account(self, organization: Organization) -> RemoteAccount:
        tier = organization.organization_fields.get(self._tier_field)
        return RemoteAccount(
            str(organization.id), organization.name, str(tier) if tier is not None else "", organization.tags
        )


def _organization_of(ticket: Ticket, users: Mapping[int, User]) -> int | None:
    """Give the organisation that a ticket was written for, else the requester's own."""
    requester = users.get(ticket.requester_id)
    return ticket.organization_id or (requester.organization_id if requester else None)


def _person(user: User, kind: AuthorKind, account: RemoteAccount | None = None) -> RemotePerson:
    return RemotePerson(
        remote_id=str(user.id),
        kind=kind,
        name=user.name,
        address=user.email,
        account=account,
        locale=user.locale,
        zone=user.iana_time_zone,
        suspended=user.suspended,
    )


def _message(comment: Comment, author: User | None, own_id: int) -> RemoteMessage:
    kind = author_kind(comment, author, own_id)
    person = _person(author or User(id=comment.author_id), kind)
    return RemoteMessage(str(comment.id), person, comment.public, comment.created_at, comment.body)
