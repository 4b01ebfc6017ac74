"""How Help Scout's API is spoken to: documents of a known shape, lists in pages, and writes that answer nothing.

Sources: developer.helpscout.com/mailbox-api, overview/authentication, overview/rate-limiting and, for the header
Resource-ID, endpoints/conversations/threads/note.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import TypeVar

import requests

from bugbridge.core.errors import RemoteError, UnknownOutcomeError
from bugbridge.helpdesks.client_credentials import ClientCredentials
from bugbridge.helpdesks.help_scout_payloads import Listing, Payload
from bugbridge.helpdesks.vendors import shaped
from bugbridge.http import Parameters, RemoteClient

TOKENS = "/v2/oauth2/token"
PATIENCE = "X-RateLimit-Retry-After"
NEW_THING = "Resource-ID"

Model = TypeVar("Model", bound=Payload)
Page = TypeVar("Page", bound=Listing)


class HelpScoutClient(RemoteClient):
    """Asks Help Scout; errors as RemoteClient's."""

    def read(self, model: type[Model], path: str, parameters: Parameters | None = None, *, right: str = "") -> Model:
        """Read a document of a known shape."""
        return shaped(model, self.get_json(path, parameters, right=right), self.name, path)

    def read_dated(
        self, model: type[Model], path: str, parameters: Parameters, *, right: str
    ) -> tuple[Model, requests.Response]:
        """Read a document of a known shape together with the headers that it came with."""
        response = self.get(path, parameters, right=right)
        try:
            document = response.json()
        except requests.JSONDecodeError:
            raise RemoteError(f"{self.name} answered {path} with something that isn't JSON.") from None
        return shaped(model, document, self.name, path), response

    def pages(self, model: type[Page], path: str, parameters: Parameters, *, right: str = "") -> Iterator[Page]:
        """Give the pages of a list; they are numbered from 1, and Help Scout alone decides how long they are."""
        number = 0
        while True:
            number += 1
            page = self.read(model, path, {**parameters, "page": number}, right=right)
            yield page
            if number >= page.page.pages:
                return

    def add(self, path: str, payload: object, *, right: str) -> str:
        """Post something new once, and give its id.

        Raises UnknownOutcomeError where it may have been added all the same.
        """
        response = self._send("POST", path, payload=payload, right=right)
        number = response.headers.get(NEW_THING, "")
        if response.status_code != HTTPStatus.CREATED or not (number.isascii() and number.isdigit()):
            raise UnknownOutcomeError(f"{self.name} didn't say what became of POST {path}: it may have been done.")
        return number


class _TokenClient(RemoteClient):
    """Asks for tokens: Help Scout documents that one request as a form, and reports say that it refuses JSON."""

    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send what the base would send as JSON as a form."""
        form = payload if isinstance(payload, dict) else {}
        return self._session().request(
            method,
            f"{self._base_url}/{path.lstrip('/')}",
            params=params,
            data=form,
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
        )


def signed_in_client(
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    *,
    secret_hint: str,
    timeout: tuple[float, float],
    sleep: Callable[[float], None] = time.sleep,
    monotonic: Callable[[], float] = time.monotonic,
) -> HelpScoutClient:
    """Give a client that signs in as whoever created the app; nothing is asked yet. `timeout` as RemoteClient's."""
    tokens = _TokenClient(
        name,
        url,
        secret_hint=secret_hint,
        secrets=(client_secret,),
        timeout=timeout,
        patience_header=PATIENCE,
        sleep=sleep,
    )
    request = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
    return HelpScoutClient(
        name,
        url,
        auth=ClientCredentials(name, lambda: tokens.write_json("POST", TOKENS, request)[0], monotonic),
        secret_hint=secret_hint,
        secrets=(client_secret,),
        timeout=timeout,
        patience_header=PATIENCE,
        sleep=sleep,
    )
