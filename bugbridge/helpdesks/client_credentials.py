"""OAuth client credentials (RFC 6749, 4.4): a token is fetched when needed, renewed before it ends or when refused."""

import threading
import time
from collections.abc import Callable
from typing import Any

import requests
from pydantic import BaseModel, ConfigDict, ValidationError
from requests.auth import AuthBase

from bugbridge.core.errors import RemoteError, UnknownOutcomeError

MARGIN = 60  # seconds before its end from which on a token isn't used any more


class Grant(BaseModel):
    """An access token; `expires_in` in seconds."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    access_token: str
    expires_in: int


class ClientCredentials(AuthBase):
    """Signs requests with a token that acts as whoever created the OAuth client; may be shared by threads."""

    def __init__(self, name: str, ask: Callable[[], object], monotonic: Callable[[], float] = time.monotonic) -> None:
        """Fetch nothing yet. `ask` posts the vendor's request for a token, unsigned, and gives the parsed answer."""
        self._name = name
        self._ask = ask
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._token = ""
        self._ends = 0.0

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign a request. Raises RemoteError if there is no token to be had; then the request wasn't sent."""
        request.headers["Authorization"] = f"Bearer {self._valid_token()}"
        request.register_hook("response", self._renew)  # type: ignore[no-untyped-call] # types-requests lacks it
        return request

    def _renew(self, response: requests.Response, **options: Any) -> requests.Response:  # noqa: ANN401 -- what requests hands on
        """Send a request that was refused once more with a fresh token: a 401 means that nothing was done."""
        if response.status_code != requests.codes.unauthorized:
            return response
        self._forget(response.request.headers["Authorization"])
        response.close()
        again = response.request.copy()
        again.headers["Authorization"] = f"Bearer {self._valid_token()}"
        connection: requests.adapters.HTTPAdapter = response.connection
        return connection.send(again, **options)

    def _forget(self, authorization: str) -> None:
        """Drop the token that was refused, unless another thread has replaced it already."""
        with self._lock:
            if authorization == f"Bearer {self._token}":
                self._token = ""

    def _valid_token(self) -> str:
        with self._lock:
            if not self._token or self._monotonic() >= self._ends:
                asked_at = self._monotonic()
                grant = self._grant()
                self._token, self._ends = grant.access_token, asked_at + grant.expires_in - MARGIN
            return self._token

    def _grant(self) -> Grant:
        """Ask for a token. A lost answer is harmless here: the token nobody got simply ends."""
        try:
            return Grant.model_validate(self._ask())
        except UnknownOutcomeError as error:
            raise RemoteError(f"{self._name} gave no access token: {error}", retry_after=error.retry_after) from None
        except ValidationError:
            raise RemoteError(f"{self._name} gave no access token that can be used.") from None
