"""A helpdesk in memory, for the services' tests: people write in it, and it fails, when it is told so."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bugbridge.core.errors import BugBridgeError, ConflictError, LockedError, NotFoundError, UnknownOutcomeError
from bugbridge.core.instants import instant_to_text
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
from bugbridge.ports import Guarantee

PAGE = 2  # tickets; small, so that tests meet borders of pages
CUSTOMER = RemotePerson("customer-1", AuthorKind.CUSTOMER, name="Carla Customer")
AGENT = RemotePerson("agent-1", AuthorKind.AGENT, name="Ada Agent")
BOT = RemotePerson("bot-1", AuthorKind.BOT, name="Robot")
OURSELVES = RemotePerson("self-1", AuthorKind.SELF, name="BugBridge")


@dataclass
class _Ticket:
    shown: RemoteTicket
    messages: list[RemoteMessage] = field(default_factory=list)
    markers: dict[str, str] = field(default_factory=dict)


class MemoryHelpdesk:
    """Tickets by number. Instants are given by the caller, each not before the one given before."""

    replies_as_assignee = True
    takes_tags = True
    page = PAGE

    def __init__(
        self,
        name: str = "memory",
        *,
        guarantee: Guarantee = Guarantee.CONDITIONAL,
        timeout: timedelta = timedelta(seconds=40),
    ) -> None:
        """Begin empty; with Guarantee.LOOKUP a note is added whatever the ticket's version."""
        self.name = name
        self.guarantee = guarantee
        self.timeout = timeout
        self._tickets: dict[str, _Ticket] = {}
        self._log: list[tuple[datetime, str]] = []
        self._recorded: list[RecordedLink] = []
        self._numbers = 0
        self._fault: BugBridgeError | None = None
        self._lost = ""

    def add_ticket(
        self,
        at: datetime,
        body: str = "It is broken.",
        requester: RemotePerson = CUSTOMER,
        *,
        subject: str = "",
        assignee: RemotePerson | None = AGENT,
        brand: str = "",
        reference_fields: tuple[str, ...] = (),
        followup_of: str = "",
        incident_of: str = "",
        tags: tuple[str, ...] = (),
    ) -> str:
        """Have somebody write in for the first time, and give the ticket's number."""
        number = self._number()
        shown = RemoteTicket(
            remote_id=number,
            created_at=at,
            updated_at=at,
            status=TicketStatus.OPEN,
            requester=requester,
            subject=subject,
            assignee=assignee,
            brand=brand,
            reference_fields=reference_fields,
            followup_of=followup_of,
            incident_of=incident_of,
            tags=tags,
        )
        self._tickets[number] = _Ticket(shown)
        self.write(number, requester, body, at, public=True)
        return number

    def write(self, remote_id: str, author: RemotePerson, body: str, at: datetime, *, public: bool) -> str:
        """Have somebody write a message, and give its number; a customer's opens the ticket again."""
        number = self._number()
        ticket = self._tickets[remote_id]
        ticket.messages.append(RemoteMessage(number, author, public, at, body))
        status = TicketStatus.OPEN if author.kind is AuthorKind.CUSTOMER else ticket.shown.status
        self.change(remote_id, at, status=status)
        return number

    def change(
        self,
        remote_id: str,
        at: datetime,
        *,
        status: TicketStatus | None = None,
        assignee: RemotePerson | None = None,
        requester: RemotePerson | None = None,
        merged_into: str = "",
        tags: tuple[str, ...] | None = None,
    ) -> None:
        """Change what is given."""
        shown = self._tickets[remote_id].shown
        self._show(
            replace(
                shown,
                updated_at=at,
                status=status or shown.status,
                assignee=assignee or shown.assignee,
                requester=requester or shown.requester,
                merged_into=merged_into or shown.merged_into,
                tags=shown.tags if tags is None else tags,
            )
        )

    def delete(self, remote_id: str, at: datetime) -> None:
        """Delete a ticket: changes tell of it once, and it can't be read any more."""
        self._show(replace(self._tickets[remote_id].shown, updated_at=at, gone=True))

    def record_link(self, link: RecordedLink) -> None:
        """Keep a link as vendors do in lists of their own."""
        self._recorded.append(link)

    def notes(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Give our own messages of a ticket, as a test wants to count them."""
        return tuple(message for message in self._tickets[remote_id].messages if message.author == OURSELVES)

    def fail(self, error: BugBridgeError | None) -> None:
        """Raise this from now on instead of answering, or answer again."""
        self._fault = error

    def lose_next_answer(self, *, committed: bool) -> None:
        """Leave the next note's outcome unknown: it was written (`committed`), or it wasn't."""
        self._lost = "committed" if committed else "dropped"

    def cursor_at(self, instant: datetime) -> str:
        """Give the place in the log of the first change from then on; the instant itself where there is none yet."""
        return f"@{instant_to_text(instant)}"

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count a request for each ticket, and one for each page."""
        self._raise()
        tickets = len({remote_id for at, remote_id in self._log if at >= instant})
        return HistoryCost(tickets, tickets + -(-tickets // self.page), per_minute=600)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give what `record_link` kept."""
        self._raise()
        yield from self._recorded

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give changed tickets by their place in the log."""
        self._raise()
        if cursor.startswith("@"):
            cursor = str(sum(instant_to_text(at) < cursor[1:] for at, _ in self._log))
        for start in range(int(cursor or 0), len(self._log), self.page):
            self._raise()
            page = self._log[start : start + self.page]
            tickets = tuple(self._tickets[number].shown for number in dict.fromkeys(number for _, number in page))
            yield TicketPage(tickets, str(start + len(page)))

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh."""
        return self._found(remote_id).shown

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, oldest first."""
        return tuple(self._found(remote_id).messages)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note at the instant of the ticket's latest change."""
        shown = self._unchanged(ticket)
        if shown.status is TicketStatus.CLOSED:
            raise LockedError(f"{self.name}:{ticket.remote_id} is closed and takes no more notes.")
        return self._write_once(shown.remote_id, OURSELVES, body, marker, public=False)

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Add a public reply at the instant of the ticket's latest change; on a closed ticket, as a follow-up."""
        shown = self._unchanged(ticket)
        author = shown.assignee or OURSELVES
        if shown.status is not TicketStatus.CLOSED:
            return PostedReply(shown.remote_id, self._write_once(shown.remote_id, author, body, marker, public=True))
        number = self._number()
        followup = replace(shown, remote_id=number, followup_of=shown.remote_id, status=TicketStatus.OPEN)
        self._tickets[number] = _Ticket(replace(followup, created_at=shown.updated_at))
        return PostedReply(number, self._write_once(number, author, body, marker, public=True))

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Add or take off a tag at the instant of the ticket's latest change."""
        shown = self._found(ticket.remote_id).shown
        others = tuple(one for one in shown.tags if one != tag)
        tags = (*others, tag) if on else others
        if tags != shown.tags:
            self.change(ticket.remote_id, shown.updated_at, tags=tags)

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the number of our own note or reply with this marker, or ""."""
        return self._found(remote_id).markers.get(marker, "")

    def web_url(self, remote_id: str) -> str:
        """Give an address that leads nowhere."""
        return f"https://{self.name}.example/tickets/{remote_id}"

    def check(self) -> tuple[Check, ...]:
        """Be well unless told to fail."""
        sentence = str(self._fault or f"{self.name} answers.")
        return (Check("sign_in", well=self._fault is None, sentence=sentence),)

    def _unchanged(self, ticket: RemoteTicket) -> RemoteTicket:
        shown = self._found(ticket.remote_id).shown
        if self.guarantee is Guarantee.CONDITIONAL and ticket.version != shown.version:
            raise ConflictError(f"{self.name}:{ticket.remote_id} was changed meanwhile; nothing was posted.")
        return shown

    def _write_once(self, remote_id: str, author: RemotePerson, body: str, marker: str, *, public: bool) -> str:
        lost, self._lost = self._lost, ""
        number = "" if lost == "dropped" else self._post(remote_id, author, body, marker, public=public)
        if lost:
            raise UnknownOutcomeError(f"{self.name} didn't say whether the message was posted.")
        return number

    def _post(self, remote_id: str, author: RemotePerson, body: str, marker: str, *, public: bool) -> str:
        number = self.write(remote_id, author, body, self._tickets[remote_id].shown.updated_at, public=public)
        self._tickets[remote_id].markers[marker] = number
        return number

    def _show(self, ticket: RemoteTicket) -> None:
        self._log.append((ticket.updated_at, ticket.remote_id))
        self._tickets[ticket.remote_id].shown = replace(ticket, version=str(len(self._log)))

    def _found(self, remote_id: str) -> _Ticket:
        self._raise()
        ticket = self._tickets.get(remote_id)
        if ticket is None or ticket.shown.gone:
            raise NotFoundError(f"There is no ticket {self.name}:{remote_id}, or BugBridge's user may not see it.")
        return ticket

    def _number(self) -> str:
        self._numbers += 1
        return str(self._numbers)

    def _raise(self) -> None:
        if self._fault:
            raise self._fault
