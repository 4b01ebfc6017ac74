"""Reading from Zammad: changed tickets in order, and what tickets name by ids alone."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import requests
from pydantic import BaseModel, ValidationError

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson
from bugbridge.helpdesks.zammad_payloads import (
    Article,
    Assets,
    Found,
    Links,
    Named,
    Organization,
    Own,
    State,
    Tags,
    Ticket,
    User,
    person_of,
    timestamp,
)
from bugbridge.http import Parameters, RemoteClient

PAGE_SIZE = 100  # Zammad allows 200, but puts every customer and organisation of a page into its answer
MOST_USERS = 10_000  # whose names are remembered at once
MOST_PLACES = 5  # that a sentence about an unexpected answer names
TICK = timedelta(milliseconds=1)  # Zammad shows no finer time
OLDEST_FIRST = {"sort_by": "updated_at,id", "order_by": "asc,asc"}  # without it the newest change comes first
AS_AGENT = "ticket.agent, for the user and for its token, with the access `read` to the ticket's group"

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a search's tickets with what they name, and what Zammad's clock showed, which is not ours.

    Everything that changed before `settled` was given, on this page or before.
    """

    tickets: tuple[Ticket, ...]
    assets: Assets
    now: datetime
    settled: datetime


class ZammadReader:
    """Asks one Zammad, and remembers the names of people, states and groups."""

    def __init__(self, name: str, client: RemoteClient) -> None:
        """Keep whom to ask; nothing is asked yet."""
        self.name = name
        self._client = client
        self._own: Own | None = None
        self._states: dict[int, str] = {}
        self._groups: dict[int, str] = {}
        self._users: dict[int, User | None] = {}

    def forget(self) -> None:
        """Ask again for what may have been renamed, or granted, since it was asked for."""
        self._own = None
        self._groups.clear()

    def own(self) -> Own:
        """Give the user that the token belongs to."""
        if self._own is None:
            self._own = self.read(Own, "users/me", {"expand": "true"})
        return self._own

    def pages(self, since: datetime) -> Iterator[Page]:
        """Give what changed from an instant on, oldest change first.

        Each page begins anew at the last change seen, so a ticket that changes meanwhile shifts no other. Only where
        one instant fills whole pages are they counted, and then read again from the first until nothing is new.
        """
        seen: set[tuple[int, datetime]] = set()
        number, news = 1, False
        while True:
            found, now = self.search(since, number)
            tickets, whole = found.tickets(), len(found.record_ids) >= PAGE_SIZE
            newest = tickets[-1].updated_at if tickets else since
            fresh = tuple(ticket for ticket in tickets if (ticket.id, ticket.updated_at) not in seen)
            seen |= {(ticket.id, ticket.updated_at) for ticket in fresh}
            news = news or bool(fresh)
            if fresh:
                yield Page(fresh, found.assets, now or newest, newest if whole or number > 1 else newest + TICK)
            if whole and newest == since:
                number += 1
            elif number > 1 and news:
                number, news = 1, False
            elif whole:
                since, number, news, seen = newest, 1, False, {key for key in seen if key[1] >= newest}
            else:
                return

    def search(self, since: datetime, number: int) -> tuple[Found, datetime | None]:
        """Give one page of what changed from an instant on, and what Zammad's clock showed, where it did."""
        page: Parameters = {"full": "true", "page": number, "per_page": PAGE_SIZE}
        response = self._client.get("tickets/search", {**condition(since), **OLDEST_FIRST, **page}, right=AS_AGENT)
        return self._parsed(Found, self._json(response)), _server_time(response)

    def articles(self, number: str) -> list[Article]:
        """Read a ticket's articles in the order in which they were written, also where two tickets were merged."""
        articles = self.read_list(Article, f"ticket_articles/by_ticket/{number}")
        return sorted(articles, key=lambda article: (article.created_at, article.id))

    def tags(self, number: str) -> tuple[str, ...]:
        """Read a ticket's tags, which neither a search nor the ticket itself shows."""
        return self.read(Tags, "tags", {"object": "Ticket", "o_id": number}).tags

    def require_agent(self, number: str) -> None:
        """Read what nobody but an agent may read: a ticket's history (tickets_controller_policy.rb)."""
        self._client.get_json(f"ticket_history/{number}", right=AS_AGENT)

    def links(self, number: str) -> Links:
        """Read what a ticket is linked to."""
        return self.read(Links, "links", {"link_object": "Ticket", "link_object_value": number})

    def remember(self, assets: Assets) -> None:
        """Keep who was named, for the messages that are read next."""
        if len(self._users) > MOST_USERS:
            self._users.clear()
        self._users |= {user.id: user for user in assets.users.values()}

    def person(self, number: int, kind: AuthorKind) -> RemotePerson:
        """Name somebody, asking for them once where no ticket named them; one who can't be read has no name."""
        if number not in self._users:
            try:
                self._users[number] = self.read(User, f"users/{number}")
            except RemoteError as error:
                if not error.permanent:
                    raise
                self._users[number] = None
        return person_of(number, self._users.get(number), kind)

    def organization(self, number: int | None, assets: Assets) -> Organization | None:
        """Give a ticket's organisation, which needn't be one of the few that its customer's assets hold."""
        if number is None:
            return None
        return assets.organizations.get(str(number)) or self.read(Organization, f"organizations/{number}")

    def states(self) -> dict[int, str]:
        """Read each state's type: teams rename states, and add their own."""
        return {state.id: state.state_type for state in self.read_list(State, "ticket_states", {"expand": "true"})}

    def state_type(self, number: int) -> str:
        """Give a state's type; states are read again where there is a new one."""
        if number not in self._states:
            self._states = self.states()
        return self._states.get(number, "")

    def group(self, ticket: Ticket) -> str:
        """Give the group's name, which agents are told by its tickets alone: a list of groups is for admins."""
        if ticket.group_id not in self._groups:
            self._groups[ticket.group_id] = self.read(Named, f"tickets/{ticket.id}", {"expand": "true"}).group
        return self._groups[ticket.group_id]

    def read(self, model: type[Model], path: str, parameters: Parameters | None = None) -> Model:
        """Read one thing. Raises RemoteError for another shape; the sentence names the places, never what was there."""
        return self._parsed(model, self._client.get_json(path, parameters, right=AS_AGENT))

    def read_list(self, model: type[Model], path: str, parameters: Parameters | None = None) -> list[Model]:
        """Read a list of things, as `read` does."""
        listed = self._client.get_json(path, parameters, right=AS_AGENT)
        if not isinstance(listed, list):
            raise RemoteError(f"{self.name} answered {path} with something that is no list: is it Zammad 6.5 or newer?")
        return [self._parsed(model, item) for item in listed]

    def _parsed(self, model: type[Model], answer: object) -> Model:
        try:
            return model.model_validate(answer)
        except ValidationError as error:
            places = sorted({".".join(map(str, detail["loc"])) or "all of it" for detail in error.errors()})
            named = ", ".join(places[:MOST_PLACES])
            sentence = f"{self.name} answered with an unexpected {model.__name__.lower()} ({named})"
            raise RemoteError(f"{sentence}: is it Zammad 6.5 or newer?") from None

    def _json(self, response: requests.Response) -> object:
        try:
            return json.loads(response.content)
        except (ValueError, RecursionError):
            raise RemoteError(f"{self.name} answered a search with something that isn't JSON.") from None


def condition(since: datetime) -> dict[str, str | int]:
    """Write what changed from an instant on as a condition; its `after` includes the instant (selector/sql.rb)."""
    key = "condition[ticket.updated_at]"
    return {f"{key}[operator]": "after (absolute)", f"{key}[value]": timestamp(since)}


def _server_time(response: requests.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None
