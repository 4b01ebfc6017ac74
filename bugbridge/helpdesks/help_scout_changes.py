"""Which conversations changed, without gaps, though Help Scout doesn't say when.

A conversation has a hidden instant `modifiedAt`, by which lists are filtered and sorted. Numbered pages of such a list
lose conversations: one that changes while the first page is read moves to the end, and the first of the second page
moves to the first, unseen. So time is cut into windows until each fits on one page, and one page is one moment's truth.
Nothing ever enters a window that has passed, which tells whether the pages of a second in which more happened than
fits on one belong together: the count of what is in it stayed the same.

Sources: developer.helpscout.com/mailbox-api/endpoints/conversations/list (status, modifiedSince, sortField, and query
with ranges of modifiedAt); that instants must be whole seconds: docs/api-reference.md of wavyx/hscli.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import requests

from bugbridge.core.errors import DataError, RemoteError
from bugbridge.core.snapshots import HistoryCost
from bugbridge.helpdesks.help_scout_client import HelpScoutClient
from bugbridge.helpdesks.help_scout_payloads import Conversation, Conversations
from bugbridge.http import Parameters

CONVERSATIONS = "/v2/conversations"
INSTANT = "%Y-%m-%dT%H:%M:%SZ"
BEGINNING = datetime(2011, 1, 1, tzinfo=UTC)  # Help Scout opened in that year
SETTLING = timedelta(minutes=2)  # lists come from a search index, which learns of a change a little later
SECOND = timedelta(seconds=1)
ATTEMPTS = 3  # at the pages of one second
REQUESTS_A_TICKET = 3  # its threads, its customer, and the customer's company
REQUESTS_A_PAGE = 3  # the page, and windows that turned out to be too long
LIMIT = "X-RateLimit-Limit-Minute"
RIGHT = "to see the inboxes (Manage > Users > Permissions)"


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time, both ends included; without an end it goes on to the present."""

    since: datetime
    until: datetime | None = None

    def parameters(self) -> Parameters:
        """Ask for what was modified in it, oldest first; without `status` only active ones would come."""
        asked = {
            "status": "all",
            "sortField": "modifiedAt",
            "sortOrder": "asc",
            "modifiedSince": cursor_of(self.since),
        }
        if self.until is None:
            return asked
        return {**asked, "query": f"(modifiedAt:[{cursor_of(self.since)} TO {cursor_of(self.until)}])"}

    def length(self, now: datetime) -> timedelta:
        """How long it is."""
        return (self.until or now) - self.since

    def half(self, now: datetime) -> "Window":
        """Give its first half, to the second."""
        return Window(self.since, self.since + timedelta(seconds=self.length(now) // SECOND // 2))

    def following(self, now: datetime) -> "Window | None":
        """Give what comes after it, twice as long where the present is far enough; None where nothing does."""
        if self.until is None:
            return None
        end = self.until + 2 * (self.until - self.since)
        return Window(self.until, end if end < now else None)


@dataclass(frozen=True, slots=True)
class _Found:
    """A page of a window, and what Help Scout's clock showed, which is not ours."""

    conversations: tuple[Conversation, ...]
    total: int
    now: datetime

    @property
    def is_all(self) -> bool:
        """Whether the page holds the whole window."""
        return self.total <= len(self.conversations)


def since_of(cursor: str) -> datetime:
    """Read a cursor. Raises DataError for one that we didn't write."""
    if not cursor:
        return BEGINNING
    try:
        return datetime.strptime(cursor, INSTANT).replace(tzinfo=UTC)
    except ValueError:
        raise DataError(f"The stored cursor {cursor!r} isn't one of Help Scout's.") from None


def cursor_of(instant: datetime) -> str:
    """Write an instant as kept in the store, and as Help Scout reads it: in UTC, to the second."""
    return instant.astimezone(UTC).strftime(INSTANT)


def changes_since(client: HelpScoutClient, cursor: str) -> Iterator[tuple[tuple[Conversation, ...], str]]:
    """Give what changed since a cursor, oldest first, each time with the cursor to go on from.

    That stays two minutes behind Help Scout's clock: changes of that time come again. Errors as HelpScoutClient's.
    """
    start = since_of(cursor)
    window: Window | None = Window(start)
    while window is not None:
        found = _ask(client, window)
        if not found.is_all and window.length(found.now) > SECOND:
            window = window.half(found.now)
            continue
        conversations = found.conversations if found.is_all else _crowd(client, window)
        settled = min(window.until or found.now, found.now - SETTLING)
        yield conversations, cursor_of(max(start, settled))
        window = window.following(found.now)


def cost_since(client: HelpScoutClient, instant: datetime) -> HistoryCost:
    """Count what reading everything since an instant takes, at most."""
    listed, response = client.read_dated(Conversations, CONVERSATIONS, Window(instant).parameters(), right=RIGHT)
    limit = response.headers.get(LIMIT, "")
    pages = max(listed.page.pages, 1)
    return HistoryCost(
        tickets=listed.page.total,
        requests=REQUESTS_A_PAGE * pages + REQUESTS_A_TICKET * listed.page.total,
        per_minute=int(limit) if limit.isascii() and limit.isdigit() else None,
    )


def _ask(client: HelpScoutClient, window: Window) -> _Found:
    listed, response = client.read_dated(Conversations, CONVERSATIONS, window.parameters(), right=RIGHT)
    return _Found(listed.conversations, listed.page.total, _server_time(client, response))


def _crowd(client: HelpScoutClient, window: Window) -> tuple[Conversation, ...]:
    """Give what changed within one second and doesn't fit on a page."""
    for _ in range(ATTEMPTS):
        pages = list(client.pages(Conversations, CONVERSATIONS, window.parameters(), right=RIGHT))
        if len({page.page.total for page in pages}) == 1:
            return tuple(conversation for page in pages for conversation in page.conversations)
    sentence = f"{client.name}: what changed at {cursor_of(window.since)} changes again while it is being read."
    raise RemoteError(sentence)


def _server_time(client: HelpScoutClient, response: requests.Response) -> datetime:
    """Read the Date of an answer, which every server that has a clock must send (RFC 9110, 6.6.1)."""
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        raise RemoteError(f"{client.name} answered {CONVERSATIONS} without saying what time it is.") from None
