"""The jira library as a transport: its sign-in, without its retries, which repeat writes and sleep a minute."""

from collections.abc import Callable, Mapping
from http import HTTPStatus

import requests
from jira import JIRA

from bugbridge.core.errors import BugBridgeError, RemoteError
from bugbridge.http import Parameters
from bugbridge.trackers.client import TIMEOUT, Json, TrackerClient, as_object, token_variable


class QueryRefusedError(RemoteError):
    """Jira can't run a query as it stands: often because of one project or key in it."""


class _Library(JIRA):
    """The library's client, opened without asking anything and sending each request once."""

    def __init__(self, url: str, email: str, token: str) -> None:
        """Sign in by e-mail address and API token, as Jira Cloud wants it."""
        super().__init__(
            server=url,
            options={"check_update": False},
            basic_auth=(email, token),
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
    """Jira Cloud's REST API, version 3."""

    def __init__(self, name: str, url: str, email: str, token: str, sleep: Callable[[float], None]) -> None:
        """Keep how to sign in; nothing is asked yet."""
        super().__init__(
            name,
            url,
            secret_hint=f"its email and {token_variable(name)}",
            secrets=(token,),
            timeout=(TIMEOUT, TIMEOUT),
            sleep=sleep,
        )
        self._credentials_kept = (email, token)

    def read(self, path: str, params: Parameters | None = None) -> Json:
        """Read one JSON object below /rest/api/3/."""
        response = self.get(f"rest/api/3/{path}", params)
        with self.understood(path):
            return as_object(self.parsed(response))

    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        library: _Library | None = getattr(self._local, "library", None)
        if library is None:
            library = self._local.library = _Library(self._base_url, *self._credentials_kept)
        return library.send(method, f"{self._base_url}/{path}", params, payload, headers)

    def _problem(self, method: str, path: str, response: requests.Response) -> BugBridgeError | None:
        """Judge an answer; Jira may also take a bad token for nobody, and answer 200 with what nobody may see."""
        if "AUTHENTICATED_FAILED" in response.headers.get("X-Seraph-LoginReason", ""):
            return RemoteError(f"{self._label} refuses the credentials: check {self.secret_hint}", permanent=True)
        if response.status_code == HTTPStatus.BAD_REQUEST:
            return QueryRefusedError(f"{self._label} refused a query: {self._words(response)}", permanent=True)
        return super()._problem(method, path, response)

    def _words(self, response: requests.Response) -> str:
        """Quote Jira's own sentence, shortened, on one line and without secrets."""
        try:
            sentences = response.json()["errorMessages"]
            words = " ".join(str(sentences[0]).split())
        except (KeyError, IndexError, TypeError, ValueError):
            words = "it doesn't say why"
        return self._redacted(response, "".join(sign for sign in words if sign.isprintable())[:160])
