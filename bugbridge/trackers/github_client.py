"""PyGithub as a transport: it signs requests and paces writes, and repeats, follows and sleeps through nothing."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
from github import Auth, Github
from github.Requester import HTTPRequestsConnectionClass, Requester, RequestsResponse

from bugbridge.core.errors import BugBridgeError, NotFoundError, RemoteError
from bugbridge.http import LONGEST_RETRY_AFTER, Parameters, retry_after
from bugbridge.trackers.client import TIMEOUT, TrackerClient, token_variable

API_VERSION = "2022-11-28"
SECONDARY_WAIT = timedelta(seconds=60)  # GitHub's advice where a limit comes without a time
REDIRECTS = frozenset({301, 302, 307, 308})
HANDLED_BY_PYGITHUB = REDIRECTS | {HTTPStatus.ACCEPTED}


class MovedError(NotFoundError):
    """What was asked for lives elsewhere; `location` is where."""

    def __init__(self, sentence: str, location: str) -> None:
        """Keep the address that the server named."""
        self.location = location
        super().__init__(sentence)


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
    """GitHub's REST API. PyGithub isn't thread-safe, so each thread has a client of its own."""

    def __init__(self, name: str, api_url: str, token: str, sleep: Callable[[float], None]) -> None:
        """Keep how to sign in; nothing is asked yet."""
        super().__init__(
            name,
            api_url,
            secret_hint=token_variable(name),
            secrets=(token,),
            timeout=(TIMEOUT, TIMEOUT),
            sleep=sleep,
        )
        self._token = token

    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        requester, connection = self._transport()
        sent = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": API_VERSION, **headers}
        with suppress(_AnsweredError):
            requester.requestJson(method, path, dict(params), sent, payload, connection)
        return connection.answer

    def _transport(self) -> tuple[Requester, _Connection]:
        kept: tuple[Requester, _Connection] | None = getattr(self._local, "transport", None)
        if kept is None:
            client = Github(
                base_url=self._base_url,
                auth=Auth.Token(self._token),
                timeout=TIMEOUT,
                retry=0,
                seconds_between_requests=0,
                seconds_between_writes=1,
                user_agent="bugbridge",
            )
            kept = client.requester, _Connection(self._base_url)
            self._local.transport = kept
        return kept

    def _problem(self, method: str, path: str, response: requests.Response) -> BugBridgeError | None:
        """Judge an answer; a redirect is MovedError, and a 403 may be a limit or one repository's closed door."""
        status = response.status_code
        if status == HTTPStatus.NOT_MODIFIED:
            return None
        if status in REDIRECTS:
            sentence = f"{self._label} says that {path} has moved"
            return MovedError(sentence, response.headers.get("Location", ""))
        if _is_limit(response):
            wait = _limit_wait(response)
            sentence = f"{self._label} allows no more requests for {_minutes(wait)}: it goes on by itself then"
            return RemoteError(sentence, retry_after=wait)
        problem = super()._problem(method, path, response)
        return NotFoundError(str(problem)) if status == HTTPStatus.FORBIDDEN else problem


def _is_limit(response: requests.Response) -> bool:
    """Tell a limit from a missing right: GitHub answers 403 or 429 for the one, and 403 for the other."""
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return True
    if response.status_code != HTTPStatus.FORBIDDEN:
        return False
    named = "Retry-After" in response.headers or response.headers.get("X-RateLimit-Remaining") == "0"
    return named or b"rate limit" in response.content[:2000].lower()


def _limit_wait(response: requests.Response) -> timedelta:
    """Give how long to wait, reckoned by the server's own clock where it shows one."""
    told = retry_after(response)
    if told is not None:
        return told
    reset = response.headers.get("X-RateLimit-Reset", "")
    if response.headers.get("X-RateLimit-Remaining") != "0" or not (reset.isascii() and reset.isdigit()):
        return SECONDARY_WAIT
    seconds = int(reset[:12]) - _server_time(response).timestamp() + 1
    return max(timedelta(seconds=1), min(timedelta(seconds=min(seconds, 10**6)), LONGEST_RETRY_AFTER))


def _server_time(response: requests.Response) -> datetime:
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(UTC)
    except (ValueError, OverflowError):
        return datetime.now(UTC)


def _minutes(wait: timedelta) -> str:
    minutes = -(-wait // timedelta(minutes=1))
    return "a minute" if minutes <= 1 else f"{minutes} minutes"
