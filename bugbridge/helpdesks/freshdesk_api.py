"""How Freshdesk is asked: by whom, for which right, and page by page."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

import requests
from requests.auth import HTTPBasicAuth

from bugbridge.core.errors import RemoteError
from bugbridge.helpdesks.freshdesk_payloads import Found, Payload, Ticket
from bugbridge.helpdesks.vendors import shaped
from bugbridge.http import Parameters, RemoteClient

PAGE_SIZE = 100  # the most that Freshdesk gives; conversations come thirty at a time whatever is asked
LAST_PAGE = 300  # page 301 is an error
ALL_HISTORY = datetime(2000, 1, 1, tzinfo=UTC)  # Freshdesk is younger
WHOLE = "%Y-%m-%dT%H:%M:%SZ"
PRESENT, DELETED, SPAM = "", "deleted", "spam"
ROLES = "give it a role that has it in Admin > Team > Roles"
SEE_TICKETS = f"to view tickets: {ROLES}, and Global Access as its ticket scope in Admin > Team > Agents"
SEE_CONTACTS = f"to view contacts and companies: {ROLES}"
SEE_AGENTS = "to view agents: make it an Administrator in Admin > Team > Agents"
SEE_SET_UP = "to view groups, products and ticket fields: make it an Administrator in Admin > Team > Agents"
WRITE_NOTES = f"to add notes: {ROLES}"
WRITE_REPLIES = f"to reply to tickets, also as another agent: {ROLES}"
EDIT_TICKETS = f"to edit ticket properties: {ROLES}"

Model = TypeVar("Model", bound=Payload)


@dataclass(frozen=True, slots=True)
class Rows(Generic[Model]):
    """A page of a list, whether another follows, and what Freshdesk's clock showed, where it was to be seen."""

    rows: tuple[Model, ...]
    more: bool
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListPage:
    """A page of changed tickets, whether another follows, and when it was asked for."""

    rows: tuple[Ticket, ...]
    more: bool
    asked_at: datetime


class FreshdeskApi:
    """The API of one account, by the key of its own agent."""

    def __init__(
        self,
        name: str,
        url: str,
        token: str,
        *,
        secret_hint: str = "",
        timeout: tuple[float, float] = (10, 30),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep where it is; the key is the user name of basic authentication, and the password is nothing's."""
        self.name = name
        self.client = RemoteClient(
            name,
            f"{url.rstrip('/')}/api/v2",
            auth=HTTPBasicAuth(token, "X"),
            secret_hint=secret_hint,
            secrets=(token,),
            timeout=timeout,
            sleep=sleep,
        )

    def read(self, model: type[Model], path: str, *, right: str) -> Model:
        """Read one thing."""
        return shaped(model, self.client.get_json(path, right=right), self.name, path)

    def pages(self, model: type[Model], path: str, *, right: str) -> Iterator[Model]:
        """Give everything in a list."""
        for page in range(1, LAST_PAGE + 1):
            found = self._page(model, path, {"page": page, "per_page": PAGE_SIZE}, right)
            yield from found.rows
            if not found.more:
                return

    def first_page(self, model: type[Model], path: str, *, right: str) -> tuple[Model, ...]:
        """Give the beginning of a list, to see whether it can be read."""
        return self._page(model, path, {"page": 1, "per_page": 1}, right).rows

    def count(self, since: datetime) -> tuple[int, int | None]:
        """Give how many tickets were changed from a day on, and how many requests a minute are allowed.

        Freshdesk's search knows whole days, and leaves archived tickets out.
        """
        query = f"\"updated_at:>'{since.astimezone(UTC):%Y-%m-%d}'\""
        response = self.client.get("search/tickets", {"query": query}, right=SEE_TICKETS)
        return shaped(Found, _json(response), self.name, "search/tickets").total, _allowance(response)

    def newest(self, which: str) -> Ticket | None:
        """Give the ticket of one of Freshdesk's lists that was changed last, or none where it is empty."""
        asked: Parameters = {"per_page": 1, "updated_since": f"{ALL_HISTORY:{WHOLE}}"}
        order: Parameters = {"order_by": "updated_at", "order_type": "desc"}
        wanted: Parameters = {**asked, **order, **_filter(which)}
        return next(iter(self._page(Ticket, "tickets", wanted, SEE_TICKETS).rows), None)

    def list_changed(self, which: str, since: datetime, page: int) -> ListPage:
        """Give one page of a list of tickets, oldest change first.

        Without `updated_since` Freshdesk gives only tickets that were created in the last thirty days.
        """
        asked: Parameters = {
            "updated_since": f"{since:{WHOLE}}",
            "order_by": "updated_at",
            "order_type": "asc",
            "per_page": PAGE_SIZE,
            "page": page,
        }
        found = self._page(Ticket, "tickets", {**asked, **_filter(which)}, SEE_TICKETS)
        asked_at = found.answered_at or max((row.updated_at for row in found.rows), default=since)
        return ListPage(found.rows, found.more, asked_at)

    def _page(self, model: type[Model], path: str, parameters: Parameters, right: str) -> Rows[Model]:
        """Give one page; a full one counts as followed by another even where the header `Link` got lost on the way."""
        response = self.client.get(path, parameters, right=right)
        document = _json(response)
        if not isinstance(document, list):
            raise RemoteError(f"{self.name} answered {path} in a shape unknown to us, at its root.")
        rows = tuple(shaped(model, row, self.name, path) for row in document)
        more = bool(rows) and ("next" in response.links or len(rows) >= int(parameters["per_page"]))
        return Rows(rows, more, _server_time(response))


def _filter(which: str) -> Parameters:
    return {"filter": which} if which else {}


def _json(response: requests.Response) -> object:
    """Give the JSON of an answer, or none where it is none: no shape of ours fits that."""
    try:
        document: object = response.json()
    except ValueError:
        return None
    return document


def _server_time(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None


def _allowance(response: requests.Response) -> int | None:
    """Read how many requests a minute the plan allows; Freshdesk writes it as 400 or 400.0."""
    allowed = response.headers.get("X-Ratelimit-Total", "").partition(".")[0]
    return int(allowed) if allowed.isascii() and allowed.isdigit() else None
