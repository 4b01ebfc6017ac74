"""What the trackers share: asking through a vendor's own client, and reading answers that nobody vouches for."""

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

import requests

from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue
from bugbridge.http import LONGEST_WAIT, PAUSES, Parameters, RemoteClient

TIMEOUT = 15  # seconds, to connect and again to read
Json = dict[str, Any]
Answer = TypeVar("Answer")


class TrackerClient(RemoteClient):
    """Reads as RemoteClient does, with its attempts and its sentences, but through a vendor's library."""

    @abstractmethod
    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send one request, once, without following redirects, and give whatever was answered."""

    def _patiently(self, ask: Callable[[], Answer]) -> Answer:
        """Ask three times at most; a limit is never slept through here, however short."""
        for pause in PAUSES:
            try:
                return ask()
            except RateLimitedError:
                raise
            except RemoteError as error:
                wait = error.retry_after or timedelta()
                if error.permanent or wait > LONGEST_WAIT:
                    raise
                self._sleep(max(pause, wait.total_seconds()))
        return ask()

    def get_changed(self, path: str, etag: str) -> requests.Response:
        """Read unless it is what the ETag names (304, and no further reading then); without an ETag just read.

        A conditional request that failed in passing is tried again as a plain one.
        """
        if etag:
            try:
                return self._send("GET", path, headers={"If-None-Match": etag})
            except RemoteError as error:
                if error.permanent or error.retry_after:
                    raise
        return self.get(path)

    def parsed(self, response: requests.Response) -> object:
        """Give the JSON of an answer. Raises RemoteError where it is none."""
        try:
            document: object = json.loads(response.content)
        except (ValueError, RecursionError):
            came = "something that isn't JSON" if response.content.strip() else "nothing"
            raise RemoteError(f"{self._label} answered {response.status_code} with {came}: try again later") from None
        return document

    @contextmanager
    def understood(self, what: str) -> Iterator[None]:
        """Turn what reading an answer of the wrong shape raises into one sentence."""
        try:
            yield
        except (KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise RemoteError(f"{self._label} described {what} in a way that can't be understood") from None


def as_object(document: object) -> Json:
    """Give a JSON object. Raises TypeError for anything else."""
    if not isinstance(document, dict):
        raise TypeError(type(document).__name__)
    return document


def as_objects(document: object) -> list[Json]:
    """Give a list of JSON objects. Raises TypeError for anything else."""
    if not isinstance(document, list):
        raise TypeError(type(document).__name__)
    return [as_object(item) for item in document]


def token_variable(name: str) -> str:
    """Name the environment variable that holds a tracker's token."""
    return f"BUGBRIDGE_{name}_TOKEN".upper().replace("-", "_")


def answer_all(
    references: Iterable[str], read: Callable[[str], IssueSnapshot | MissingIssue]
) -> Iterator[IssueSnapshot | MissingIssue]:
    """Read one issue after the other; a project that is lost as a whole is raised last, so that others don't wait.

    Raises NotFoundError for such a project, RemoteError for any other failure at once.
    """
    lost: NotFoundError | None = None
    for reference in references:
        try:
            answer = read(reference)
        except NotFoundError as error:
            lost = lost or error
        else:
            yield answer
    if lost:
        raise lost
