"""The jira library as a transport: its sign-in, without its retries, which repeat writes and sleep a minute."""

import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus

import requests
from jira import JIRA

from bugbridge.core.errors import BugBridgeError, RateLimitedError, RemoteError
from bugbridge.http import Parameters
from bugbridge.trackers.client import TIMEOUT, Json, TrackerClient, as_object, token_variable
from bugbridge.trackers.jira_limits import pause_asked, pause_for_people


class Flavour(StrEnum):
    """Whose Jira it is: Atlassian's, or one that a team runs itself. They differ in search and in sign-in."""

    CLOUD = "Cloud"
    DATA_CENTER = "Data Center"


API_VERSIONS = {Flavour.CLOUD: "3", Flavour.DATA_CENTER: "2"}


class QueryRefusedError(RemoteError):
    """Jira can't run a query as it stands: often because of one project or key in it."""


class ForbiddenError(RemoteError):
    """The thing is there, and the account may not have it: Data Center says so, Cloud says that it isn't there."""


class _Library(JIRA):
    """The library's client, opened without asking anything and sending each request once."""

    def __init__(self, url: str, email: str, token: str) -> None:
        """Sign in by e-mail address and API token where there is an address, else by the token alone as Bearer."""
        super().__init__(
            server=url,
            options={"check_update": False},
            basic_auth=(email, token) if email else None,
            token_auth=None if email else token,
            get_server_info=False,
            logging=False,
            max_retries=0,
            timeout=TIMEOUT,
        )

    def send(
        self, method: str, url: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send once, past the library's own `request`.

        That one has no way to leave redirects alone without a crash on an error whose body is `null`, and puts whole
        bodies into its exceptions.
        """
        return requests.Session.request(
            self._session,
            method,
            url,
            params=params,
            json=payload,
            headers=headers,
            timeout=TIMEOUT,
            allow_redirects=False,
        )


class JiraClient(TrackerClient):
    """Jira's REST API: version 3 of Cloud, version 2 of Data Center."""

    def __init__(
        self, name: str, url: str, email: str, token: str, flavour: Flavour, sleep: Callable[[float], None]
    ) -> None:
        """Keep how to sign in; nothing is asked yet."""
        hint = f"its email and {token_variable(name)}" if email else token_variable(name)
        super().__init__(name, url, secret_hint=hint, secrets=(token,), timeout=(TIMEOUT, TIMEOUT), sleep=sleep)
        self.flavour = flavour
        self._credentials_kept = (email, token)
        self._rest_until: float | None = None

    def path(self, path: str) -> str:
        """Give the whole path of one below /rest/api/."""
        return f"rest/api/{API_VERSIONS[self.flavour]}/{path}"

    def read(self, path: str, params: Parameters | None = None) -> Json:
        """Read one JSON object below /rest/api/3/ or /rest/api/2/."""
        response = self.get(self.path(path), params)
        with self.understood(path):
            return as_object(self.parsed(response))

    def ask(self, path: str, payload: Json) -> Json:
        """Read one JSON object by a question that Jira wants as a POST, and that changes nothing there."""
        address = self.path(path)
        response = self._patiently(lambda: self._question(address, payload))
        with self.understood(path):
            return as_object(self.parsed(response))

    def get(self, path: str, params: Parameters | None = None, *, right: str = "") -> requests.Response:
        """Read, three times at most; a limit is never slept through here, however short."""
        return self._patiently(lambda: self._send("GET", path, params=params, right=right))

    def _question(self, path: str, payload: Json) -> requests.Response:
        """Send a read that is a POST; what goes wrong with it is judged like a read's, for nothing can have been done.

        The method is told to `_exchange` by the payload, which no other read has.
        """
        return self._send("GET", path, payload=payload)

    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        self._leave_reserve()
        library: _Library | None = getattr(self._local, "library", None)
        if library is None:
            library = self._local.library = _Library(self._base_url, *self._credentials_kept)
        sent_as = "POST" if method == "GET" and payload is not None else method
        response = library.send(sent_as, f"{self._base_url}/{path}", params, payload, headers)
        wait = pause_for_people(response)
        if wait and response.status_code != HTTPStatus.TOO_MANY_REQUESTS:
            self._rest_until = time.monotonic() + wait.total_seconds()
        return response

    def _leave_reserve(self) -> None:
        """Refuse to ask on, once, after an answer that said how little is left; it's the caller who waits."""
        until, self._rest_until = self._rest_until, None
        left = until - time.monotonic() if until is not None else 0
        if left > 0:
            sentence = f"{self._label} allows few more requests for now, and they are left to people."
            raise RateLimitedError(sentence, timedelta(seconds=left))

    def _problem(self, method: str, path: str, response: requests.Response, right: str = "") -> BugBridgeError | None:
        """Judge an answer; Jira may also take a bad token for nobody, and answer 200 with what nobody may see."""
        if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
            return RemoteError(f"{self._label} refuses the credentials: check {self.secret_hint}", permanent=True)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return None
        if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            sentence = f"{self._label} asks to slow down: it answered 429 to {method} {path}."
            return RateLimitedError(sentence, pause_asked(response))
        if response.status_code == HTTPStatus.BAD_REQUEST:
            return QueryRefusedError(f"{self._label} refused a query: {self._words(response)}", permanent=True)
        problem = super()._problem(method, path, response, right)
        if response.status_code == HTTPStatus.FORBIDDEN:
            return ForbiddenError(str(problem), permanent=True)
        return problem

    def _words(self, response: requests.Response) -> str:
        """Quote Jira's own sentence, shortened, on one line and without secrets."""
        try:
            sentences = response.json()["errorMessages"]
            words = " ".join(str(sentences[0]).split())
        except (KeyError, IndexError, TypeError, ValueError):
            words = "it doesn't say why"
        return self._redacted(response, "".join(sign for sign in words if sign.isprintable())[:160])
