"""PyGithub as a transport: it signs requests and paces writes, and repeats, follows and sleeps through nothing."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from copy import copy
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

import requests
import urllib3
from github import Github
from github.Requester import HTTPRequestsConnectionClass, Requester, RequestsResponse

from bugbridge.core.errors import BugBridgeError, NotFoundError, RemoteError
from bugbridge.http import Parameters
from bugbridge.trackers.client import TIMEOUT, Json, TrackerClient, as_object, as_objects
from bugbridge.trackers.github_limits import Budgets, is_limit, limit_reached
from bugbridge.trackers.github_sign_in import Credentials

API_VERSION = "2022-11-28"
REDIRECTS = frozenset({301, 302, 307, 308})
MOST_REDIRECTS = 3
HANDLED_BY_PYGITHUB = REDIRECTS | {HTTPStatus.ACCEPTED}
NOT_UNDERSTOOD = frozenset({"undefinedField", "argumentNotAccepted", "undefinedType"})


class TransferredError(NotFoundError):
    """What was asked for lives elsewhere; `location` is where."""

    def __init__(self, sentence: str, location: str) -> None:
        """Keep the address that the server named."""
        self.location = location
        super().__init__(sentence)


class DeletedError(NotFoundError):
    """What was asked for was there and is gone (410), and the token would see it."""


class ForbiddenError(NotFoundError):
    """The token may not ask this (403), though it may ask other things."""


class NoGraphQLError(RemoteError):
    """This server has no GraphQL, or an older one than is asked for."""


class _AnsweredError(Exception):
    """Takes an answer past PyGithub, which loses the query of a redirect and waits for 202 without an end."""


class _Connection(HTTPRequestsConnectionClass):
    """PyGithub's connection, which keeps the answer as it came and repeats nothing by itself."""

    def __init__(self, address: str) -> None:
        """Prepare for http or https, as the address says."""
        parts = urlsplit(address)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        super().__init__(parts.hostname or "", port, timeout=TIMEOUT, retry=0)
        self.protocol = parts.scheme
        self.answer = requests.Response()

    def getresponse(self) -> RequestsResponse:
        wrapped = super().getresponse()
        self.answer = wrapped.response
        if wrapped.status in HANDLED_BY_PYGITHUB:
            raise _AnsweredError
        return wrapped


class GitHubClient(TrackerClient):
    """GitHub's REST API and GraphQL. PyGithub isn't thread-safe, so each thread has a client of its own."""

    def __init__(
        self, credentials: Credentials, api_url: str, sleep: Callable[[float], None], reserve_percent: int = 20
    ) -> None:
        """Keep how to sign in; nothing is asked yet."""
        super().__init__(
            credentials.name,
            api_url,
            secret_hint=credentials.variable,
            secrets=credentials.secrets,
            timeout=(TIMEOUT, TIMEOUT),
            sleep=sleep,
        )
        self._auth_of_all_threads = credentials.sign_in(api_url)
        self._budgets = Budgets(self._label, reserve_percent)
        self._sparing = False

    def sparing(self) -> "GitHubClient":
        """Give the same client for long jobs: it leaves a reserve of each limit to people."""
        other = copy(self)
        other._sparing = True  # noqa: SLF001 - a copy of itself
        return other

    def get(self, path: str, params: Parameters | None = None, *, right: str = "") -> requests.Response:
        """Read, three times at most; a limit is raised at once, however short."""
        return self._patiently(lambda: self._send("GET", path, params=params, right=right))

    def graphql(self, document: str) -> tuple[Json, list[Json]]:
        """Ask a query, three times at most, and give its data, which may have holes, and the errors behind those.

        Raises NoGraphQLError where the server can't be asked so.
        """
        return self._patiently(lambda: self._query(document))

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Parameters | None = None,
        payload: object = None,
        headers: Mapping[str, str] | None = None,
        right: str = "",
    ) -> requests.Response:
        """Send once; a read is sent on where what was asked for has moved on this server, and never to another."""
        for _ in range(MOST_REDIRECTS):
            self._spare("core")
            try:
                return super()._send(method, path, params=params, payload=payload, headers=headers, right=right)
            except TransferredError as moved:
                following = self._following(path, moved.location)
                if method != "GET" or not following:
                    raise
                path = following
        raise RemoteError(f"{self._label} leads in a circle at {path}: try again later")

    def _following(self, path: str, location: str) -> str:
        """Give the address to go on at, with the query of the first where it was lost, or "" for another server's."""
        target, own = urlsplit(urljoin(self._base_url, location)), urlsplit(self._base_url)
        if not location or _server(target) != _server(own):
            return ""
        query = target.query or urlsplit(path).query
        return target._replace(query=query).geturl()

    def _query(self, document: str) -> tuple[Json, list[Json]]:
        """Send a query by POST, as a read: repeating it does no harm."""
        self._spare("graphql")
        try:
            response = self._exchange("POST", "/graphql", {}, {"query": document}, {})
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise self._broken("GET", "/graphql", error) from None
        if response.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE, HTTPStatus.METHOD_NOT_ALLOWED):
            raise NoGraphQLError(f"{self._label} has no GraphQL", permanent=True)
        problem = self._problem("GET", "/graphql", response)
        if problem:
            raise problem
        with self.understood("the answer to a query"):
            answer = as_object(self.parsed(response))
            errors = as_objects(answer.get("errors") or [])
        self._ensure_answered(response, answer, errors)
        return as_object(answer["data"]), errors

    def _ensure_answered(self, response: requests.Response, answer: Json, errors: list[Json]) -> None:
        """Judge errors that concern all of a query; a limit comes with 200 (apis.md, trap 7)."""
        if any(error.get("type") == "RATE_LIMITED" for error in errors):
            raise limit_reached(self._label, response)
        codes = {(error.get("extensions") or {}).get("code") for error in errors}
        if codes & NOT_UNDERSTOOD:
            raise NoGraphQLError(f"{self._label} has an older GraphQL", permanent=True)
        if not isinstance(answer.get("data"), dict):
            raise RemoteError(f"{self._label} didn't answer a query: try again later")

    def _spare(self, resource: str) -> None:
        if self._sparing:
            self._budgets.spare(resource)

    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        is_query = path == "/graphql"
        requester, connection = self._transport(paced=not is_query)
        sent = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION, **headers}
        address = requester.graphql_url if is_query else path
        with suppress(_AnsweredError):
            requester.requestJson(method, address, dict(params), sent, payload, connection)
        self._budgets.note(connection.answer)
        return connection.answer

    def _transport(self, *, paced: bool = True) -> tuple[Requester, _Connection]:
        """Give this thread's own connection; GitHub wants a second between writes, and a query is none."""
        name = "paced" if paced else "unpaced"
        kept: tuple[Requester, _Connection] | None = getattr(self._local, name, None)
        if kept is None:
            client = Github(
                base_url=self._base_url,
                auth=self._auth_of_all_threads,
                timeout=TIMEOUT,
                retry=0,
                seconds_between_requests=0,
                seconds_between_writes=1 if paced else 0,
                user_agent="bugbridge",
            )
            kept = client.requester, _Connection(self._base_url)
            setattr(self._local, name, kept)
        return kept

    def _problem(self, method: str, path: str, response: requests.Response, right: str = "") -> BugBridgeError | None:
        """Judge an answer; a redirect is TransferredError, and a 403 may be a limit or one repository's closed door."""
        status = response.status_code
        if status == HTTPStatus.NOT_MODIFIED:
            return None
        if status in REDIRECTS:
            sentence = f"{self._label} says that {path} has moved"
            return TransferredError(sentence, response.headers.get("Location", ""))
        if is_limit(response):
            return limit_reached(self._label, response)
        problem = super()._problem(method, path, response, right)
        if status == HTTPStatus.GONE:
            return DeletedError(str(problem))
        return ForbiddenError(str(problem)) if status == HTTPStatus.FORBIDDEN else problem


def _server(address: SplitResult) -> tuple[str, str | None, int]:
    return address.scheme, address.hostname, address.port or (443 if address.scheme == "https" else 80)
