"""Freshdesk by its API v2.

Freshdesk takes no write on condition: a ticket's `updated_at`, in whole seconds, is compared just before posting, and
after an unknown outcome the note is looked for by its marker.
"""

import re
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from bugbridge.core.errors import (
    ConflictError,
    DataError,
    LockedError,
    MovedError,
    NotFoundError,
    RemoteError,
)
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
from bugbridge.helpdesks.freshdesk_api import (
    ALL_HISTORY,
    EDIT_TICKETS,
    PAGE_SIZE,
    SEE_TICKETS,
    WHOLE,
    WRITE_NOTES,
    WRITE_REPLIES,
    FreshdeskApi,
)
from bugbridge.helpdesks.freshdesk_changes import Changes, Listed
from bugbridge.helpdesks.freshdesk_checks import checks_of_reading
from bugbridge.helpdesks.freshdesk_payloads import (
    CLOSED,
    OUTBOUND_EMAIL,
    STATUSES,
    Agent,
    Conversation,
    Ticket,
)
from bugbridge.helpdesks.freshdesk_people import NOBODY, Directory, People
from bugbridge.helpdesks.freshdesk_settings import MERGE_NOTE
from bugbridge.helpdesks.freshdesk_writing import follow_up, write
from bugbridge.helpdesks.texts import text_of_html
from bugbridge.helpdesks.vendors import as_html, marker_line
from bugbridge.ports import Guarantee

AT_ONCE = 20  # tickets a page of ours: each may cost several requests, and what was read must be kept before a 429
A_TICKET = 5  # requests at most: itself, its messages, the contact, the company; once closed, its messages again
SETTLING = timedelta(minutes=1)  # a change may become visible later than the second that it names
NUMBER = re.compile(r"[1-9][0-9]{0,17}")


@dataclass(frozen=True, slots=True, order=True)
class _Position:
    """How far the changes were read: every ticket up to this (second, number)."""

    at: datetime
    ticket: int

    @classmethod
    def from_cursor(cls, cursor: str) -> "_Position":
        """Read a cursor. Raises DataError for one that we didn't write."""
        if not cursor:
            return cls(ALL_HISTORY, 0)
        at, _, ticket = cursor.partition(" ")
        try:
            return cls(datetime.strptime(at, WHOLE).replace(tzinfo=UTC), int(ticket))
        except ValueError:
            raise DataError(f"The stored cursor {cursor!r} isn't one of Freshdesk's.") from None

    def cursor(self) -> str:
        """Write it as kept in the store."""
        return f"{self.at:{WHOLE}} {self.ticket}"


class Freshdesk:
    """One Freshdesk account. What the agent behind the key writes counts as our own: it must be nobody else's."""

    guarantee = Guarantee.LOOKUP
    replies_as_assignee = True
    takes_tags = True

    def __init__(
        self,
        name: str,
        url: str,
        token: str,
        *,
        tier_field: str = "",
        bots: Collection[str] = (),
        merge_note: str = MERGE_NOTE,
        secret_hint: str = "",
        timeout: tuple[float, float] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep where it is and the API key of our own agent; nothing is asked yet.

        `tier_field`, `bots` and `merge_note` as in FreshdeskSettings; `timeout` is (to connect, to read), in seconds.
        """
        self.name = name
        self._url = url.rstrip("/")
        self._tier_field = tier_field
        self._merge_note = re.compile(merge_note, re.IGNORECASE)
        self._api = FreshdeskApi(name, url, token, secret_hint=secret_hint, timeout=timeout, sleep=sleep)
        self._directory = Directory(self._api, bots)
        self._met = self._new_people()

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._api.client.longest_call

    def cursor_at(self, instant: datetime) -> str:
        """Give the cursor for the second that an instant is in."""
        return _Position(instant.astimezone(UTC), 0).cursor()

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first, deleted ones and spam as gone.

        The cursor stays a minute behind Freshdesk's own clock: changes of the last minute come again.
        """
        start = _Position.from_cursor(cursor)
        self._met = people = self._new_people()
        changes = Changes(self._api, start.at)
        after_start = (one for one in changes if _Position(*one.place) > start)
        while found := tuple(islice(after_start, AT_ONCE)):
            settled = min(_Position(*found[-1].place), _Position(changes.seen_until - SETTLING, 0))
            tickets = tuple(self._listed(one, people) for one in found)
            yield TicketPage(tickets, max(start, settled).cursor())

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count from the day of the instant on; requests are the most that it can be."""
        tickets, per_minute = self._api.count(instant)
        lists = 2 + max(1, -(-tickets // PAGE_SIZE))
        return HistoryCost(tickets, lists + A_TICKET * tickets, per_minute)

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; deleted ones and spam are gone."""
        ticket, self._met = self._read(remote_id), self._new_people()
        return self._remote(ticket, self._met)

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, oldest first; the first is the ticket's own description."""
        ticket, people = self._read(remote_id), self._met
        first = RemoteMessage(
            remote_id=_description_id(ticket.id),
            author=self._writer(ticket, people),
            public=True,
            created_at=ticket.created_at,
            body=text_of_html(ticket.description),
        )
        return (first, *(_message(each, people) for each in self._conversations(ticket)))

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add a private note whose last line names the marker, and give its number."""
        current = self._unchanged(ticket)
        self._refuse_archived(current)
        note = {"body": as_html(body, marker), "private": True}
        return write(self._api, f"tickets/{current.id}/notes", note, right=WRITE_NOTES)

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Add a reply whose last line names the marker, under the assignee's name where that is a person.

        An archived ticket takes none, so the requester gets an e-mail that begins another ticket.
        """
        current = self._unchanged(ticket)
        if current.archived:
            number = follow_up(self._api, current, ticket.requester.address, as_html(body, marker))
            return PostedReply(number, _description_id(int(number)))
        assignee = ticket.assignee
        by_assignee = {"user_id": int(assignee.remote_id)} if assignee and assignee.kind is AuthorKind.AGENT else {}
        reply = {"body": as_html(body, marker), **by_assignee}
        written = write(self._api, f"tickets/{current.id}/reply", reply, right=WRITE_REPLIES)
        return PostedReply(str(current.id), written)

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the first note or reply with this marker's line that our own agent wrote, or a reply to the customer.

        A reply under an assignee's name doesn't show that we sent it. But nobody knows a marker before it was sent, so
        the first reply that has it is ours.
        """
        ticket, own, line = self._read(remote_id), self._directory.own().id, marker_line(marker)
        if ticket.followup_of and line in text_of_html(ticket.description).splitlines():
            return _description_id(ticket.id)
        ours = (each for each in self._conversations(ticket) if each.user_id == own or each.answers)
        return next((str(each.id) for each in ours if line in text_of_html(each.body).splitlines()), "")

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Set or take off a tag. Freshdesk replaces all tags, so they are read just before; nothing is sent in vain."""
        current = self._read(ticket.remote_id)
        others = [one for one in current.tags if one != tag]
        tags = [*others, tag] if on else others
        if sorted(tags) != sorted(current.tags):
            self._refuse_archived(current)
            self._api.client.write_json("PUT", f"tickets/{current.id}", {"tags": tags}, right=EDIT_TICKETS)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give none: Freshdesk keeps links to trackers in its apps' own stores, if anywhere."""
        return iter(())

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{self._url}/a/tickets/{self._number(remote_id)}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in and all that is read; whether notes, replies and tags may be written only a write would tell."""
        try:
            own = self._api.read(Agent, "agents/me", right="to use the API")
        except RemoteError as error:
            return (Check("sign_in", well=False, sentence=str(error)),)
        signed_in = f"Signed in to {self.name} as {own.contact.name or own.id}."
        return (
            Check("sign_in", well=True, sentence=signed_in),
            *checks_of_reading(self._api, own, lambda ticket: self.messages(str(ticket.id))),
        )

    def _new_people(self) -> People:
        return People(self._api, self._directory, self._tier_field)

    def _read(self, remote_id: str) -> Ticket:
        """Read a ticket where it is, or in the archive. Raises NotFoundError for one that is in neither."""
        number = self._number(remote_id)
        try:
            return self._api.read(Ticket, f"tickets/{number}", right=SEE_TICKETS)
        except (NotFoundError, MovedError) as error:
            missing = self._unknown(remote_id) if isinstance(error, NotFoundError) else error
        try:
            archived = self._api.read(Ticket, f"tickets/archived/{number}", right=SEE_TICKETS)
        except RemoteError as error:  # not every plan has an archive: Freshdesk answers 403 then
            raise (missing if error.permanent else error) from None
        return archived.model_copy(update={"archived": True})

    def _writer(self, ticket: Ticket, people: People) -> RemotePerson:
        """Give who began a ticket: its requester, but for e-mails that went out first; who sent those isn't shown."""
        if ticket.source != OUTBOUND_EMAIL:
            return people.requester(ticket)
        sender = self._directory.own().id if ticket.followup_of else ticket.responder_id
        return people.agent(sender) or RemotePerson(NOBODY, AuthorKind.BOT)

    def _conversations(self, ticket: Ticket) -> Iterable[Conversation]:
        """Give a ticket's replies and notes, oldest first; those of tickets merged into it came along."""
        place = "tickets/archived" if ticket.archived else "tickets"
        found = self._api.pages(Conversation, f"{place}/{ticket.id}/conversations", right=SEE_TICKETS)
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def _listed(self, listed: Listed, people: People) -> RemoteTicket:
        """Put a ticket of a list into our words; one that is away by now is told of by the next reading."""
        ticket = listed.ticket
        if listed.which:
            ticket = ticket.model_copy(update={"deleted": True})
        elif ticket.is_related and not ticket.related:
            ticket = ticket.model_copy(update={"related": self._related(ticket)})
        return self._remote(ticket, people)

    def _related(self, ticket: Ticket) -> tuple[int, ...]:
        """Read which tracker a ticket is related to: a list says only that there is one."""
        try:
            return self._read(str(ticket.id)).related
        except NotFoundError:
            return ()

    def _remote(self, ticket: Ticket, people: People) -> RemoteTicket:
        return RemoteTicket(
            remote_id=str(ticket.id),
            created_at=ticket.created_at,
            updated_at=ticket.updated_at,
            status=STATUSES.get(ticket.status, TicketStatus.OPEN),
            requester=people.requester(ticket),
            subject=ticket.subject,
            assignee=people.agent(ticket.responder_id),
            group=self._directory.group(ticket),
            brand=self._directory.brand(ticket),
            version=ticket.stamp,
            tags=ticket.tags,
            fields=self._directory.fields(ticket),
            merged_into=self._survivor(ticket, people),
            followup_of=ticket.followup_of,
            incident_of=str(ticket.related[0]) if ticket.is_related and ticket.related else "",
            gone=ticket.gone,
        )

    def _survivor(self, ticket: Ticket, people: People) -> str:
        """Find the ticket that a closed one was merged into: Freshdesk shows it in an agent's note alone."""
        if ticket.status != CLOSED or ticket.gone:
            return ""
        try:
            conversations = self._conversations(ticket)
        except NotFoundError:
            return ""
        found = ((each, self._merge_note.search(each.body_text)) for each in conversations)
        named = (match[1] for each, match in found if match and _by_staff(each, people))
        return next((number for number in named if number != str(ticket.id)), "")

    def _unchanged(self, ticket: RemoteTicket) -> Ticket:
        """Read a ticket that is to be written to. Raises ConflictError where it isn't as it was."""
        current = self._read(ticket.remote_id)
        if current.gone:
            raise NotFoundError(f"{self.name}:{current.id} is deleted or spam; nothing was posted.")
        if ticket.version and current.stamp != ticket.version:
            raise ConflictError(f"{self.name}:{current.id} was changed meanwhile; nothing was posted.")
        return current

    def _refuse_archived(self, ticket: Ticket) -> None:
        if ticket.archived:
            raise LockedError(f"{self.name}:{ticket.id} is closed and archived, and Freshdesk lets nobody change it.")

    def _number(self, remote_id: str) -> str:
        """Refuse what isn't a ticket's number before it becomes part of an address."""
        if NUMBER.fullmatch(remote_id) is None:
            raise NotFoundError(f"{self.name} has no ticket {remote_id!r}: tickets there have numbers.")
        return remote_id

    def _unknown(self, remote_id: str) -> NotFoundError:
        return NotFoundError(f"There is no ticket {self.name}:{remote_id}, or BugBridge's agent may not see it.")


def _message(conversation: Conversation, people: People) -> RemoteMessage:
    return RemoteMessage(
        remote_id=str(conversation.id),
        author=people.author(conversation),
        public=not conversation.private,
        created_at=conversation.created_at,
        body=text_of_html(conversation.body),
    )


def _by_staff(conversation: Conversation, people: People) -> bool:
    """Whether an agent wrote it, or a program for one: customers don't merge tickets."""
    return not conversation.incoming and people.author(conversation).kind in (AuthorKind.AGENT, AuthorKind.BOT)


def _description_id(number: int) -> str:
    return f"description-{number}"
