"""Zendesk's API as documents of known shapes: who we are, pages of lists, tickets by number, searches that count."""

from collections.abc import Iterator
from typing import TypeVar

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.helpdesks.vendors import shaped
from bugbridge.helpdesks.zendesk_payloads import Count, Listing, Me, Payload, User
from bugbridge.http import Parameters, RemoteClient

ALL_HISTORY = 1  # seconds since 1970; Zendesk wants a start, and 0 isn't one
PAGE_SIZE = 100  # Zendesk's own upper bound for lists
READING = "to read: the role Agent, and the scope read"
EXPORTING = "to export changed tickets: the role Admin, and the scope read"
READING_AUDITS = "to read audits: the role Agent, and the global scope read (tickets:read isn't enough)"
WRITING = "to write on tickets: the role Agent, and the scope tickets:write"
REPLYING = "to reply under an agent's name: the role Admin, and the scope tickets:write"

Model = TypeVar("Model", bound=Payload)
Page = TypeVar("Page", bound=Listing)


class ZendeskApi:
    """Reads what Zendesk answers; errors are those of the port Helpdesk. `right` names what a 403 says is missing."""

    def __init__(self, client: RemoteClient) -> None:
        """Ask nothing yet."""
        self.name = client.name
        self._client = client
        self._me: User | None = None

    @property
    def own_id(self) -> int:
        """The number of the user that we act as."""
        return self.me.id or 0

    @property
    def me(self) -> User:
        """The user that we act as; Zendesk answers strangers too, with a user that has no number."""
        if self._me is None:
            me = self.read(Me, "/api/v2/users/me.json").user
            if me.id is None:
                hint = self._client.secret_hint or "its credentials"
                raise RemoteError(f"{self.name} takes us for a stranger: check {hint}.", permanent=True)
            self._me = me
        return self._me

    def read(self, model: type[Model], path: str, parameters: Parameters | None = None, right: str = READING) -> Model:
        """Read a document of a known shape."""
        return shaped(model, self._client.get_json(path, parameters, right=right), self.name, path)

    def count(self, query: str) -> tuple[int, int | None]:
        """Give how much a search finds, and how many requests a minute the account has, none where nobody says."""
        path = "/api/v2/search/count.json"
        response = self._client.get(path, {"query": query}, right=READING)
        try:
            document = response.json()
        except ValueError:
            raise RemoteError(f"{self.name} answered {path} with no JSON.") from None
        limit = response.headers.get("X-Rate-Limit", "")
        per_minute = int(limit) if limit.isascii() and limit.isdigit() else None
        return shaped(Count, document, self.name, path).count, per_minute

    def pages(
        self,
        model: type[Page],
        path: str,
        what: str,
        parameters: Parameters | None = None,
        *,
        right: str = READING,
        size: int = PAGE_SIZE,
    ) -> Iterator[Page]:
        """Give the pages of a list; `what` names the list in sentences."""
        after, seen = "", {""}
        while True:
            place: Parameters = {"page[size]": size, **({"page[after]": after} if after else {})}
            page = self.read(model, path, {**(parameters or {}), **place}, right)
            yield page
            after = page.meta.after_cursor
            if not page.meta.has_more:
                return
            if after in seen:
                raise RemoteError(f"{self.name} gave the same page of {what} twice; reading stopped there.")
            seen.add(after)

    def ticket(self, model: type[Model], remote_id: str, parameters: Parameters) -> Model:
        """Read one ticket."""
        try:
            return self.read(model, self.path(remote_id), parameters)
        except NotFoundError:
            raise self._unknown(remote_id) from None

    def pages_of(
        self, remote_id: str, model: type[Page], what: str, parameters: Parameters, right: str = READING
    ) -> Iterator[Page]:
        """Give the pages of one of a ticket's lists."""
        try:
            yield from self.pages(
                model, self.path(remote_id, what), f"{self.name}:{remote_id}", parameters, right=right
            )
        except NotFoundError:
            raise self._unknown(remote_id) from None

    def path(self, remote_id: str, what: str = "") -> str:
        """Give a path below one ticket. Raises NotFoundError for what can't be a ticket's number."""
        if not (remote_id.isascii() and remote_id.isdigit()):
            raise self._unknown(remote_id)
        return f"/api/v2/tickets/{remote_id}{what}.json"

    def _unknown(self, remote_id: str) -> NotFoundError:
        return NotFoundError(f"There is no ticket {self.name}:{remote_id}, or BugBridge's user may not see it.")
