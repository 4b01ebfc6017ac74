"""How Request Tracker's REST 2.0 is asked: lists page by page, shapes checked, what is missing named."""

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from json import dumps
from typing import TypeVar

import requests
from pydantic import ValidationError

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.helpdesks.request_tracker_payloads import (
    Attachment,
    FoundTicket,
    Page,
    Payload,
    Queue,
    Transaction,
    Vanishing,
)
from bugbridge.http import Parameters, RemoteClient

PAGE_SIZE = 100  # RT's own upper bound
SHOW_TICKET = "ShowTicket on the ticket's queue"
NUMBER = re.compile(r"[1-9][0-9]{0,17}")
TOKEN = re.compile(r"\d+-(?P<owner>\d+)-[0-9a-f]+")

Model = TypeVar("Model", bound=Payload)
Listed = TypeVar("Listed", Transaction, Attachment, Queue)
Searched = TypeVar("Searched", FoundTicket, Vanishing)
Place = TypeVar("Place")
Filters = Sequence[Mapping[str, str]]


class Rest:
    """One Request Tracker. What is asked for is named by RT's own words."""

    def __init__(
        self, name: str, url: str, token: str, *, secret_hint: str = "", sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Keep where it is; `url` may have a path."""
        self.name = name
        self.url = url.rstrip("/")
        self.token_name = secret_hint or "its token"
        self._token = token
        self.client = RemoteClient(
            name,
            f"{self.url}/REST/2.0",
            headers={"Authorization": f"token {token}"},
            secret_hint=secret_hint,
            secrets=(token,),
            sleep=sleep,
        )

    def own_number(self) -> str:
        """Read whose token it is; RT writes the user's number into it."""
        match = TOKEN.fullmatch(self._token)
        if match is None:
            raise RemoteError(
                f"{self.token_name} isn't a token of {self.name}: they look like 1-35-0123abcd.", permanent=True
            )
        return match["owner"]

    def number(self, remote_id: str) -> str:
        """Refuse what isn't a ticket's number before it becomes part of an address or a query."""
        if NUMBER.fullmatch(remote_id) is None:
            raise NotFoundError(f"{self.name} has no ticket {remote_id!r}: tickets there have numbers.")
        return remote_id

    def one(self, model: type[Model], path: str, parameters: Parameters | None = None, *, right: str) -> Model:
        """Read one thing."""
        return self.parsed(model, self.client.get_json(path, parameters, right=right))

    def page(self, model: type[Model], path: str, parameters: Parameters, *, right: str) -> tuple[Model, ...]:
        """Read one page of a list."""
        return self.rows(model, self.one(Page, path, parameters, right=right))

    def all(
        self, model: type[Listed], path: str, filters: Filters, fields: Mapping[str, str], *, right: str
    ) -> Iterator[Listed]:
        """Give all rows by ascending id, so that what is added meanwhile shifts none."""
        last = "0"
        while True:
            query = dumps([*filters, {"field": "id", "operator": ">", "value": last}])
            parameters: Parameters = {"query": query, "orderby": "id", "per_page": PAGE_SIZE, **fields}
            page = self.one(Page, path, parameters, right=right)
            rows = self.rows(model, page)
            yield from rows
            if len(page.items) < PAGE_SIZE or not rows:
                return
            last = self.onward(last, rows[-1].id)

    def found(self, model: type[Searched], path: str, condition: str, fields: Mapping[str, str]) -> Iterator[Searched]:
        """Give all that a query of RT's own language finds, by ascending id.

        RT may leave rows that we may not see out of a page, so that a short page isn't always the last one.
        """
        last = "0"
        while True:
            parameters: Parameters = {"query": f"{condition} AND id > {last}", "per_page": PAGE_SIZE, **fields}
            page = self.one(Page, path, parameters, right=SHOW_TICKET)
            rows = self.rows(model, page)
            yield from rows
            if is_last(page) or not rows:
                return
            last = self.onward(last, rows[-1].id)

    def onward(self, last: Place, place: Place) -> Place:
        """Give the place from which the next page goes on. Raises RemoteError where reading would never end."""
        if place == last:
            raise RemoteError(f"{self.name} gave the same page twice; reading stopped there.")
        return place

    def rows(self, model: type[Model], page: Page) -> tuple[Model, ...]:
        """Give the rows of a page; RT writes null for what it can't put into its form."""
        return tuple(self.parsed(model, item) for item in page.items if item is not None)

    def parsed(self, model: type[Model], answer: object) -> Model:
        """Check an answer's shape; the sentence names the places, never what stood there."""
        try:
            return model.model_validate(answer)
        except ValidationError as error:
            places = ", ".join(sorted({".".join(map(str, detail["loc"])) for detail in error.errors()}))
            where = places or "its root"
            sentence = f"{self.name} answered with an unexpected {model.__name__.lower()} ({where}): is it RT 5 or 6?"
            raise RemoteError(sentence) from None

    def json(self, response: requests.Response) -> object:
        """Read an answer's document."""
        try:
            return response.json()
        except requests.JSONDecodeError:
            raise RemoteError(f"{self.name} answered with something that isn't JSON.") from None


def is_last(page: Page) -> bool:
    """Tell whether nothing follows a page; without a total RT checks rights row by row, and only an empty one ends."""
    return len(page.items) < PAGE_SIZE if page.total is not None else not page.items


def server_time(response: requests.Response) -> datetime | None:
    """Give what RT's clock showed, which is not ours."""
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except ValueError:
        return None
