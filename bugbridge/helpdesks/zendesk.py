"""Zendesk Support by its API v2.

The incremental export leaves out what changed in the last minute, so a note is seen one to two minutes after it was
written. It may be asked ten times a minute: a first reading of more than 10,000 tickets pauses and goes on by itself.
"""

import re
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from pydantic import ValidationError
from requests.auth import AuthBase, HTTPBasicAuth

from bugbridge.core.errors import (
    ConflictError,
    DataError,
    LockedError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.model import TicketStatus
from bugbridge.core.snapshots import (
    Check,
    HistoryCost,
    PostedReply,
    RecordedLink,
    RemoteMessage,
    RemoteTicket,
    TicketPage,
)
from bugbridge.helpdesks.zendesk_api import ALL_HISTORY, EXPORTING, READING_AUDITS, REPLYING, WRITING, ZendeskApi
from bugbridge.helpdesks.zendesk_checks import checks_of_reading, checks_of_role, jira_pages
from bugbridge.helpdesks.zendesk_payloads import (
    MERGED_TAG,
    Audit,
    Audits,
    Created,
    Export,
    JiraLink,
    Payload,
    ShownTicket,
    Updated,
)
from bugbridge.helpdesks.zendesk_sign_in import client_credentials
from bugbridge.helpdesks.zendesk_tickets import SIDELOADS, TicketReading
from bugbridge.http import Parameters, RemoteClient
from bugbridge.ports import Guarantee

MARKER = "bugbridge_marker"
TICKETS_A_PAGE = 1000  # of the export
YOUNGEST_START = 120  # seconds; Zendesk wants a start older than 60, and clocks differ
OWN_CURSOR = re.compile(r"@([0-9]{1,15})")
ZENDESKS_CURSOR = re.compile(r"[A-Za-z0-9+/=_|.:-]{1,1000}")

Answer = TypeVar("Answer", bound=Payload)


class Zendesk:
    """One Zendesk account. What the user behind the credentials writes counts as our own: it must be nobody else's."""

    guarantee = Guarantee.CONDITIONAL
    replies_as_assignee = True
    takes_tags = True

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
        due_tag: str = "bugbridge_due",
        secret_hint: str = "",
        timeout: tuple[float, float] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Keep how to sign in, by OAuth (`client_id`) or API token (`email`); nothing is asked yet.

        `tier_field` is the key of the organisation field that holds the plan; a follow-up doesn't inherit `due_tag`;
        `timeout` is (to connect, to read), in seconds; `clock` gives seconds since 1970.
        """

        def client(auth: AuthBase | None) -> RemoteClient:
            secrets = (client_secret, token)
            return RemoteClient(
                name, url, auth=auth, secret_hint=secret_hint, secrets=secrets, timeout=timeout, sleep=sleep
            )

        self.name = name
        self._url = url.rstrip("/")
        self._due_tag = due_tag
        self._clock = clock
        by_token = HTTPBasicAuth(f"{email}/token", token)
        self._client = client(
            client_credentials(client(None), client_id, client_secret, monotonic) if client_id else by_token
        )
        self._api = ZendeskApi(self._client)
        self._reading = TicketReading(self._api, tier_field)

    @property
    def timeout(self) -> timedelta:
        """The longest that one write may take: it may be refused once, fetch a new token, and be sent again."""
        return 3 * self._client.longest_call

    def cursor_at(self, instant: datetime) -> str:
        """Give the cursor for what changed from an instant on, to the second."""
        return f"@{max(int(instant.timestamp()), ALL_HISTORY)}"

    def changed_since(self, cursor: str) -> Iterator[TicketPage]:
        """Give tickets changed since the cursor, oldest change first, but for those of the last minute.

        Raises DataError for what isn't a cursor of this helpdesk.
        """
        place, seen = self._place(cursor), {cursor}
        while True:
            asked = {**place, "include": SIDELOADS}
            page = self._api.read(Export, "/api/v2/incremental/tickets/cursor.json", asked, EXPORTING)
            cursor = page.after_cursor or cursor
            place = {"cursor": cursor}
            yield TicketPage(self._reading.tickets(page.tickets, page), cursor)
            if page.end_of_stream:
                return
            if cursor in seen:
                raise RemoteError(f"{self.name} gave the same page of its export twice; reading stopped there.")
            seen.add(cursor)

    def _place(self, cursor: str) -> Parameters:
        """Say where the export is to begin: no later than Zendesk allows, which gives a ticket again at worst."""
        if not cursor:
            return {"start_time": ALL_HISTORY}
        if own := OWN_CURSOR.fullmatch(cursor):
            return {"start_time": max(min(int(own[1]), int(self._clock()) - YOUNGEST_START), ALL_HISTORY)}
        if ZENDESKS_CURSOR.fullmatch(cursor):
            return {"cursor": cursor}
        raise DataError(f"The place where reading {self.name} stopped isn't one of Zendesk's; begin anew.")

    def cost_since(self, instant: datetime) -> HistoryCost:
        """Count by Zendesk's search, which leaves out deleted tickets and the last few minutes."""
        since = instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        tickets, per_minute = self._api.count(f"type:ticket updated>={since}")
        return HistoryCost(tickets, tickets + -(-tickets // TICKETS_A_PAGE), per_minute)

    def ticket(self, remote_id: str) -> RemoteTicket:
        """Read one ticket afresh; a deleted one is not found."""
        shown = self._api.ticket(ShownTicket, remote_id, {"include": SIDELOADS})
        (ticket,) = self._reading.tickets([shown.ticket], shown)
        return ticket

    def messages(self, remote_id: str) -> tuple[RemoteMessage, ...]:
        """Read all comments of a ticket, oldest first."""
        return self._reading.messages(remote_id)

    def add_note(self, ticket: RemoteTicket, body: str, marker: str) -> str:
        """Add an internal note if the ticket is still as it was read, and give the comment's number.

        The marker travels in the metadata of the audit, where customers and agents don't meet it.
        """
        return self._comment(ticket, {"body": body, "public": False}, marker, WRITING)

    def add_reply(self, ticket: RemoteTicket, body: str, marker: str) -> PostedReply:
        """Add a public reply as add_note does, in the assignee's name; a closed ticket gets a follow-up instead."""
        author = {"author_id": int(ticket.assignee.remote_id)} if ticket.assignee else {}
        comment = {"body": body, "public": True, **author}
        if ticket.status is TicketStatus.CLOSED:
            return self._follow_up(ticket, comment, marker)
        try:
            return PostedReply(ticket.remote_id, self._comment(ticket, comment, marker, REPLYING))
        except LockedError:
            sentence = f"{self.name}:{ticket.remote_id} was closed since it was read; nothing was sent."
            raise ConflictError(sentence) from None

    def find_note(self, remote_id: str, marker: str) -> str:
        """Give the comment of our own update with this marker in its audit, or ""."""
        asked: Parameters = {"include_boundary_indicators": "true"}
        for page in self._api.pages_of(remote_id, Audits, "/audits", asked, READING_AUDITS):
            for audit in page.audits:
                if audit.metadata.custom.get(MARKER) == marker and self._is_ours(audit):
                    return audit.note_id
        return ""

    def set_tag(self, ticket: RemoteTicket, tag: str, *, on: bool) -> None:
        """Add or take off one tag on condition that nobody changed the ticket since this read it afresh."""
        fresh = self.ticket(ticket.remote_id)
        if (tag in fresh.tags) is on:
            return
        if fresh.status is TicketStatus.CLOSED:
            raise self._locked(ticket.remote_id)
        asked = {"tags": [tag], "updated_stamp": fresh.version, "safe_update": "true"}
        path = self._api.path(ticket.remote_id, "/tags")
        self._client.write_json("PUT" if on else "DELETE", path, asked, right=WRITING)

    def recorded_links(self) -> Iterator[RecordedLink]:
        """Give the links that Zendesk's app for Jira keeps; where it isn't installed, or doesn't show them, none."""
        _ = self._api.own_id  # signs in, so that a refusal below is one of this list alone
        try:
            for page in jira_pages(self._api):
                yield from map(_link, filter(_names_an_issue, page.links))
        except RemoteError as error:
            if not error.permanent:
                raise

    def web_url(self, remote_id: str) -> str:
        """Give the address of a ticket for people."""
        return f"{self._url}/agent/tickets/{remote_id}"

    def check(self) -> tuple[Check, ...]:
        """Try sign-in, what our role lets us write, the export, and all that is read of a ticket."""
        try:
            me = self._api.me
        except RemoteError as error:
            return (Check("sign_in", well=False, sentence=str(error)),)
        return (
            Check("sign_in", well=True, sentence=f"Signed in to {self.name} as {me.name}."),
            *checks_of_role(me),
            *checks_of_reading(self._api, self._reading, self.find_note),
        )

    def _is_ours(self, audit: Audit) -> bool:
        """Metadata is written by programs alone; under another name than ours it is ours if it is a reply's."""
        return audit.author_id == self._api.own_id or audit.replies

    def _comment(self, ticket: RemoteTicket, comment: Mapping[str, object], marker: str, right: str) -> str:
        """Add a comment if the ticket is still as it was read, and give its number."""
        update = {
            "comment": comment,
            "metadata": {MARKER: marker},
            "updated_stamp": ticket.version,
            "safe_update": True,
        }
        path = self._api.path(ticket.remote_id)
        try:
            document, _ = self._client.write_json("PUT", path, {"ticket": update}, right=right)
        except (NotFoundError, ConflictError, UnknownOutcomeError):
            raise
        except RemoteError as error:
            raise self._refusal(ticket.remote_id, error) from None
        return self._posted(Updated, document, ticket.remote_id).audit.note_id

    def _follow_up(self, ticket: RemoteTicket, comment: Mapping[str, object], marker: str) -> PostedReply:
        """Answer on a new ticket. The key makes Zendesk itself refuse to do it twice; it inherits no tags of ours."""
        left_out = {self._due_tag, MERGED_TAG}
        asked = {
            "via_followup_source_id": int(ticket.remote_id),
            "requester_id": int(ticket.requester.remote_id),
            "subject": ticket.subject,
            "comment": comment,
            "metadata": {MARKER: marker},
            "tags": [tag for tag in ticket.tags if tag not in left_out],
            **({"assignee_id": int(ticket.assignee.remote_id)} if ticket.assignee else {}),
        }
        once = {"Idempotency-Key": marker}
        document, _ = self._client.write_json("POST", "/api/v2/tickets.json", {"ticket": asked}, once, right=REPLYING)
        created = self._posted(Created, document, ticket.remote_id)
        return PostedReply(str(created.ticket.id), created.audit.note_id)

    def _posted(self, model: type[Answer], document: object, remote_id: str) -> Answer:
        """Read the answer to a write. Raises UnknownOutcomeError for one that says nothing."""
        try:
            return model.model_validate(document)
        except ValidationError:
            sentence = f"{self.name} didn't say whether the message on {self.name}:{remote_id} was posted."
            raise UnknownOutcomeError(sentence) from None

    def _refusal(self, remote_id: str, error: RemoteError) -> RemoteError:
        """Say it plainly where a message was refused because the ticket is closed: Zendesk's own words are vague."""
        if not error.permanent:
            return error
        try:
            closed = self.ticket(remote_id).status is TicketStatus.CLOSED
        except RemoteError:
            return error
        return self._locked(remote_id) if closed else error

    def _locked(self, remote_id: str) -> LockedError:
        return LockedError(f"{self.name}:{remote_id} is closed, and Zendesk takes no more changes of closed tickets.")


def _names_an_issue(link: JiraLink) -> bool:
    return bool(link.ticket_id and link.issue_key)


def _link(link: JiraLink) -> RecordedLink:
    return RecordedLink(str(link.ticket_id), link.issue_key, link.created_at)
