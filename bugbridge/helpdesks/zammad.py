"""Zammad 6.5 or newer by its REST API.

Changed tickets are searched for by a `condition`, which Zammad asks of its database (can_search.rb): a `query` would go
to Elasticsearch, which a small installation hasn't got, which lags behind, and which ends at 10,000 tickets. Zammad
takes no conditional writes, so a ticket's `updated_at` is compared just before posting, which narrows the window
without closing it, and notes are found again by a marker among the article's preferences.
"""

import re
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from bugbridge.core.errors import (
    ConflictError,
    DataError,
    LockedError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import (
    Check,
    HistoryCost,
    PostedReply,
    RecordedLink,
    RemoteMessage,
    RemoteTicket,
    TicketPage,
)
from bugbridge.helpdesks.vendors import judged
from bugbridge.helpdesks.zammad_payloads import (
    MARKER_KEY,
    MERGED,
    NOBODY,
    STATUSES,
    Article,
    Assets,
    Own,
    Posted,
    Read,
    Ticket,
    Total,
    account_of,
    person_of,
    timestamp,
)
from bugbridge.helpdesks.zammad_reading import AS_AGENT, PAGE_SIZE, Page, ZammadReader, condition
from bugbridge.http import RemoteClient
from bugbridge.ports import Guarantee

REQUESTS_A_TICKET = 2  # its tags, and its messages
SETTLING = timedelta(minutes=1)  # a change may become visible later than the instant that updated_at names
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
CURSOR = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
CHANGE = "ticket.agent, for the user and for its token, with the access `change` to the ticket's group"
TAG = f"{CHANGE} and, for a tag that is new, that of making tags (Admin > Manage > Tags)"
IMPERSONATE = f"{CHANGE}, the same for the assignee, and admin.user"


class Zammad:
    """A Zammad. What the user behind the token writes counts as our own: it must be nobody else's."""

    guarantee = Guarantee.LOOKUP
    takes_tags = True

    def __init__(
        self,
        name: str,
        url: str,
        token: str,
        *,
        tier_field: str = "",
        reply_as_assignee: bool = False,
        secret_hint: str = "",
        timeout: tuple[float, float] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep where it is; nothing is asked yet. `tier_field` is an attribute of organisations or users; `timeout` is
        (to connect, to read), in seconds."""
        self.name = name
        self.replies_as_assignee = reply_as_assignee
        self._url = url.rstrip("/")
        self._tier_field = tier_field

        def client(headers: dict[str, str]) -> RemoteClient:
            return RemoteClient(
                name,
                f"{self._url}/api/v1",
                headers={"Authorization": f"Token token={token}", **headers},
                secret_hint=secret_hint,
                secrets=(token,),
                timeout=timeout,
                sleep=sleep,
            )

        self._client_with = client
        self._client = client({})
        self._reader = ZammadReader(name, self._client)

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take."""
        return self._client.longest_call

    def cursor_at(self, instant: datetime) -> str:
        """Give the instant as Zammad writes it: all that changed before a cursor was given already."""
        return timestamp(instant)

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first, merged ones too; deleted ones leave no trace.

        The cursor stays a minute behind Zammad's own clock: changes of the last minute come again.
        """
        start = _instant_of(cursor)
        self._reader.forget()
        for page in self._reader.pages(start):
            tickets = tuple(self._readable(page))
            yield TicketPage(tickets, timestamp(max(start, min(page.settled, page.now - SETTLING))))

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count tickets, which one request does; Zammad has no rate limit."""
        parameters = {**condition(instant), "only_total_count": "true"}
        total = self._reader.read(Total, "tickets/search", parameters).total_count
        return HistoryCost(total, total * REQUESTS_A_TICKET + -(-total // PAGE_SIZE))

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; `version` is when it was changed last."""
        number = self._number(remote_id)
        read = self._reader.read(Read, f"tickets/{number}", {"full": "true"})
        ticket = read.assets.tickets.get(number)
        if ticket is None:
            raise NotFoundError(f"{self.name} doesn't show ticket {number}.")
        return self._remote(ticket, read.assets)

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all messages of a ticket, oldest first; those of a merged ticket come with its survivor."""
        return tuple(self._message(article) for article in self._reader.articles(self._number(remote_id)))

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note with the marker among its preferences, and give its number.

        Always of the type `note`: an internal article of the type `email` is sent all the same.
        """
        number = self._number(ticket.remote_id)
        self._require_unchanged(number, ticket.version)
        return self._post(number, marker, {"type": "note", "internal": True, "body": body})

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Send an e-mail to the requester. Zammad opens a ticket by it whose state is `new`, and changes no other."""
        number = self._number(ticket.remote_id)
        if not ticket.requester.address:
            sentence = f"{self.name}:{number} can't be answered: its customer has no e-mail address in {self.name}."
            raise RemoteError(sentence, permanent=True)
        self._require_unchanged(number, ticket.version)
        mail = {"type": "email", "internal": False, "to": ticket.requester.address, "subject": ticket.subject}
        sender = ticket.assignee.remote_id if self.replies_as_assignee and ticket.assignee else ""
        return PostedReply(number, self._post(number, marker, {**mail, "body": body}, sender))

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the number of our own note or reply with this marker, or "".

        A reply in an assignee's name is known by its preferences alone, which nobody can write in Zammad's own pages.
        """
        articles = self._reader.articles(self._number(remote_id))
        own = self._reader.own().id
        return next((str(article.id) for article in articles if article.is_ours(marker, own)), "")

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Add a tag or take it off; what is so already is left alone, for Zammad would call the ticket changed."""
        number = self._number(ticket.remote_id)
        if (tag in self._reader.tags(number)) != on:
            tagging = {"object": "Ticket", "o_id": int(number), "item": tag}
            method, path = ("POST", "tags/add") if on else ("DELETE", "tags/remove")
            self._client.write_json(method, path, tagging, right=TAG)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give none: what agents link in the sidebars of GitHub and GitLab stands on the tickets."""
        return iter(())

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{self._url}/#ticket/zoom/{self._number(remote_id)}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in, reading tickets as an agent, and what can be told of the right to change them."""
        self._reader.forget()
        try:
            own = self._reader.own()
        except RemoteError as error:
            return (Check("sign_in", well=False, sentence=str(error)),)
        return (
            Check("sign_in", well=True, sentence=f"Signed in to {self.name} as {own.login or own.name}."),
            judged("tickets", self._tickets_problem, "Tickets can be read, with what agents write internally."),
            judged("states", self._states_problem, "The states of tickets can be told apart."),
            judged(
                "change", lambda: self._change_problem(own), "No group of the user's own lacks the access to write."
            ),
            *self._impersonation(own),
        )

    def _readable(self, page: Page) -> Iterator[RemoteTicket]:
        """Give a page's tickets without those that were deleted since it was searched for."""
        for ticket in page.tickets:
            try:
                yield self._remote(ticket, page.assets)
            except NotFoundError:
                continue

    def _remote(self, ticket: Ticket, assets: Assets) -> RemoteTicket:
        """Put a ticket into our words. No link says that one follows up another: only splitting and people make any."""
        number, reader = str(ticket.id), self._reader
        reader.remember(assets)
        customer = assets.users.get(str(ticket.customer_id))
        account = account_of(reader.organization(ticket.organization_id, assets), customer, self._tier_field)
        owner = ticket.owner_id or NOBODY
        state = reader.state_type(ticket.state_id)
        return RemoteTicket(
            remote_id=number,
            created_at=ticket.created_at,
            updated_at=ticket.updated_at,
            status=STATUSES.get(state, TicketStatus.OPEN),
            requester=person_of(ticket.customer_id, customer, AuthorKind.CUSTOMER, account),
            subject=ticket.title,
            assignee=None if owner == NOBODY else reader.person(owner, AuthorKind.AGENT),
            group=reader.group(ticket),
            version=timestamp(ticket.updated_at),
            tags=reader.tags(number),
            fields=ticket.fields(),
            reference_fields=tuple(ticket.issue_links()),
            merged_into=reader.links(number).survivor() if state == MERGED else "",
        )

    def _message(self, article: Article) -> RemoteMessage:
        return RemoteMessage(
            remote_id=str(article.id),
            author=self._reader.person(article.author, article.kind(self._reader.own().id)),
            public=not article.internal,
            created_at=article.created_at,
            body=article.text(),
        )

    def _require_unchanged(self, number: str, version: str) -> None:
        """Refuse to write on a ticket that was changed or merged, or as anybody but an agent.

        Zammad makes public whatever somebody writes who is no agent, however internal they ask it to be
        (creates_ticket_articles.rb).
        """
        self._reader.require_agent(number)
        now = self._reader.read(Ticket, f"tickets/{number}")
        if self._reader.state_type(now.state_id) == MERGED:
            raise LockedError(f"{self.name}:{number} is closed: it was merged into another ticket; write there.")
        if timestamp(now.updated_at) != version:
            raise ConflictError(f"{self.name}:{number} was changed meanwhile; nothing was posted.")

    def _post(self, number: str, marker: str, article: dict[str, object], sender: str = "") -> str:
        """Write an article once, in another's name where one is given."""
        ours = {"ticket_id": int(number), "sender": "Agent", "content_type": "text/plain"}
        payload = {**ours, **article, "preferences": {MARKER_KEY: marker}}
        headers, right = ({"From": sender}, IMPERSONATE) if sender else ({}, CHANGE)
        document, _ = self._client.write_json("POST", "ticket_articles", payload, headers, right=right)
        try:
            return str(Posted.model_validate(document).id)
        except ValidationError:
            sentence = f"{self.name} didn't say whether the message on {self.name}:{number} was posted."
            raise UnknownOutcomeError(sentence) from None

    def _tickets_problem(self) -> str:
        found, _ = self._reader.search(EPOCH, 1)
        if not found.record_ids:
            return f"{self.name} shows no ticket: grant {AS_AGENT}."
        self._reader.require_agent(str(found.record_ids[0]))
        return ""

    def _states_problem(self) -> str:
        known = "closed" in self._reader.states().values()
        return "" if known else f"{self.name} shows no types of its tickets' states: is it Zammad 6.5 or newer?"

    def _change_problem(self, own: Own) -> str:
        """Name groups that were given to the user without the access to write; those by a role nobody tells us."""
        lacking = [name for name, access in own.groups.items() if not {"full", "change"} & set(access)]
        return f"Grant the access `change` to {', '.join(sorted(lacking))} in {self.name}." if lacking else ""

    def _impersonation(self, own: Own) -> Iterator[Check]:
        """Try, where replies are to bear the assignee's name, to read something in a name: our own."""
        if self.replies_as_assignee:
            named = self._client_with({"From": str(own.id)})
            yield judged("assignee", lambda: _asked(named), "Replies can bear the assignee's name.")

    def _number(self, remote_id: str) -> str:
        """Refuse what isn't a ticket's number before it becomes part of an address."""
        if NUMBER.fullmatch(remote_id) is None:
            raise NotFoundError(f"{self.name} has no ticket {remote_id!r}: tickets there have numbers.")
        return remote_id


def _instant_of(cursor: str) -> datetime:
    """Read a cursor. Raises DataError for one that we didn't write."""
    if not cursor:
        return EPOCH
    try:
        return datetime.fromisoformat(cursor if CURSOR.fullmatch(cursor) else "")
    except ValueError:
        raise DataError(f"The stored cursor {cursor!r} isn't one of Zammad's.") from None


def _asked(client: RemoteClient) -> str:
    """Read something that anybody may read, and find no problem."""
    client.get_json("users/me", right="admin.user, for the user and for its token")
    return ""
