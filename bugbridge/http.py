"""How vendors are asked over HTTP: every call ends in time, only reads are repeated, every failure is one sentence."""

import base64
import json
import ssl
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urlsplit

import requests
import urllib3
from requests.auth import AuthBase

from bugbridge.core.errors import (
    BugBridgeError,
    ConflictError,
    MovedError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)

PAUSES = (0.5, 2.0)  # seconds before the second and the third attempt at a read
LONGEST_WAIT = timedelta(seconds=10)  # a longer Retry-After is handed to the caller instead of slept through
LONGEST_RETRY_AFTER = timedelta(days=1)  # no server silences a source for longer than that
LONGEST_DUMMY = 3  # characters; some vendors want a password such as X, which is no secret and a part of words
LONGEST_QUOTE = 160  # characters of a vendor's own words

Parameters = Mapping[str, str | int]


class NoAuth(AuthBase):
    """Sends what the headers say: without it requests would put a password from ~/.netrc in their place."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Leave the request as it is."""
        return request


class RemoteClient:
    """One helpdesk or tracker behind one address; may be used from several threads.

    Every method raises RemoteError or one of its kinds, as `bugbridge.core.errors` defines them. Redirects are never
    followed: they would take credentials to another address.
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        auth: AuthBase | None = None,
        headers: Mapping[str, str] | None = None,
        secret_hint: str = "",
        secrets: Sequence[str] = (),
        timeout: tuple[float, float] = (10, 30),
        patience_header: str = "Retry-After",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Keep the address and how to sign in.

        `secret_hint` names the environment variable to check when sign-in fails; `secrets` are words to keep out of
        every sentence besides what the Authorization header holds; `timeout` is (to connect, to read), in seconds;
        `patience_header` is where this server says how long to wait.
        """
        self.name = name
        self.secret_hint = secret_hint
        self._base_url = base_url.rstrip("/")
        self._label = f"{name} ({urlsplit(base_url).hostname or 'no host'})"
        self._auth = auth or NoAuth()
        self._headers = {"Accept": "application/json", "User-Agent": "bugbridge", **(headers or {})}
        self._secrets = tuple(secrets)
        self._timeout = timeout
        self._patience_header = patience_header
        self._sleep = sleep
        self._local = threading.local()

    @property
    def longest_call(self) -> timedelta:
        """The longest that one write may take."""
        return timedelta(seconds=sum(self._timeout))

    def get(self, path: str, params: Parameters | None = None, *, right: str = "") -> requests.Response:
        """Read, three times at most, and give the answer with its headers. `right` is named where it is missing."""
        for pause in PAUSES:
            try:
                return self._send("GET", path, params=params, right=right)
            except RemoteError as error:
                wait = error.retry_after or timedelta()
                if error.permanent or wait > LONGEST_WAIT:
                    raise
                self._sleep(max(pause, wait.total_seconds()))
        return self._send("GET", path, params=params, right=right)

    def get_json(self, path: str, params: Parameters | None = None, *, right: str = "") -> object:
        """Read JSON."""
        response = self.get(path, params, right=right)
        document, problem = _parsed(response)
        if problem:
            raise RemoteError(self._redacted(response, f"{self._label} answered GET {path} with {problem}."))
        return document

    def write_json(
        self, method: str, path: str, payload: object, headers: Mapping[str, str] | None = None, *, right: str = ""
    ) -> tuple[object, requests.Response]:
        """Write once, and give the parsed answer (None for 204) and the answer itself. `right` as for `get`.

        Raises UnknownOutcomeError where the request may have been carried out all the same.
        """
        response = self._send(method, path, payload=payload, headers=headers, right=right)
        if response.status_code == HTTPStatus.NO_CONTENT:
            return None, response
        document, problem = _parsed(response)
        if problem:
            raise UnknownOutcomeError(
                self._redacted(
                    response, f"{self._label} answered {method} {path} with {problem}: it may have been done."
                )
            )
        return document, response

    def _session(self) -> requests.Session:
        """Give this thread's session: they hold cookies and connections, and aren't safe to share."""
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers.update(self._headers)
            session.auth = self._auth
            self._local.session = session
        return session

    def _exchange(
        self, method: str, path: str, params: Parameters, payload: object, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send one request, once, without following redirects, and give whatever was answered."""
        return self._session().request(
            method,
            f"{self._base_url}/{path.lstrip('/')}",
            params=params,
            json=payload,
            headers=headers,
            timeout=self._timeout,
            allow_redirects=False,
        )

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
        """Send once. `from None`, because what lies beneath may quote addresses and headers with secrets in them."""
        try:
            response = self._exchange(method, path, params or {}, payload, headers or {})
        except (requests.RequestException, urllib3.exceptions.HTTPError, ValueError) as error:
            raise self._broken(method, path, error) from None
        problem = self._problem(method, path, response, right)
        if problem:
            raise problem
        return response

    def _broken(self, method: str, path: str, error: Exception) -> RemoteError:
        """Say what became of a request that got no answer."""
        if isinstance(error, ValueError):
            sentence = (
                f"{self._label} can't be asked: its address or {self._credentials()} can't be put into a request."
            )
            return RemoteError(sentence, permanent=True)
        reason = _root(error)
        if isinstance(reason, ssl.SSLCertVerificationError):
            return RemoteError(f"{self._label} can't be trusted: its certificate doesn't verify.")
        if _never_sent(error):
            return RemoteError(f"{self._label} can't be reached: no connection.")
        if method == "GET":
            return RemoteError(f"{self._label} gave no whole answer to GET {path}: {_how_it_broke(error)}.")
        sentence = f"{self._label} gave no answer to {method} {path}, {_how_it_broke(error)}: it may have been done."
        return UnknownOutcomeError(sentence)

    def _problem(self, method: str, path: str, response: requests.Response, right: str = "") -> BugBridgeError | None:
        """Judge an answer by its status."""
        status = response.status_code
        if status < HTTPStatus.MULTIPLE_CHOICES:
            return None
        asked = f"{method} {path}"
        wait = retry_after(response, self._patience_header)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
            if method == "GET":
                return RemoteError(f"{self._label} failed at {asked}: it answered {status}.", retry_after=wait)
            sentence = f"{self._label} answered {status} to {asked}: it may have been done."
            return UnknownOutcomeError(sentence, retry_after=wait)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            return RemoteError(f"{self._label} asks to slow down: it answered 429 to {asked}.", retry_after=wait)
        return self._refusal(asked, response, right)

    def _refusal(self, asked: str, response: requests.Response, right: str) -> BugBridgeError:
        """Judge an answer that says that nothing was done and that asking again in the same way won't help."""
        status = response.status_code
        words = self._redacted(response, _vendors_words(response))
        if status == HTTPStatus.UNAUTHORIZED:
            return RemoteError(f"{self._label} refuses the credentials: check {self._credentials()}.", permanent=True)
        if status == HTTPStatus.FORBIDDEN:
            missing = f"lacks the right {right}".rstrip()
            sentence = f"{self._label} forbids {asked}: the account behind {self._credentials()} {missing}{words}."
            return RemoteError(sentence, permanent=True)
        if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
            return NotFoundError(f"{self._label} has nothing at {asked}, or the account may not see it.")
        if status in (HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED):
            return ConflictError(f"{self._label} did not carry out {asked}: it was changed meanwhile{words}.")
        if status < HTTPStatus.BAD_REQUEST:
            where = _clean(urlsplit(response.headers.get("Location", "")).hostname or "another path")
            sentence = f"{self._label} sends {asked} on to {where}: correct its url."
            return MovedError(sentence, response.headers.get("Location", ""))
        return RemoteError(f"{self._label} refused {asked} with {status}{words}.", permanent=True)

    def _credentials(self) -> str:
        """Name what people have to look at."""
        return self.secret_hint or "its credentials"

    def _redacted(self, response: requests.Response, text: str) -> str:
        """Take out every secret that went into the request."""
        for secret in (*self._secrets, *_sent_secrets(response.request)):
            text = text.replace(secret, "[secret]") if len(secret) > LONGEST_DUMMY else text
        return text


def retry_after(response: requests.Response, header_name: str = "Retry-After") -> timedelta | None:
    """Give how long a server asks us to wait (RFC 9110, 10.2.3: seconds or a date), or None where it doesn't say."""
    header = response.headers.get(header_name, "").strip()
    if not header:
        return None
    if header.isascii() and header.isdigit():
        return min(timedelta(seconds=min(int(header[:9]), 10**8)), LONGEST_RETRY_AFTER)
    try:
        wait = parsedate_to_datetime(header).astimezone(UTC) - datetime.now(UTC)
    except (ValueError, OverflowError):
        return None
    return max(timedelta(), min(wait, LONGEST_RETRY_AFTER))


def _parsed(response: requests.Response) -> tuple[object, str]:
    """Give the JSON of an answer, or what came in its place."""
    if not response.content.strip():
        return None, f"{response.status_code} and nothing instead of JSON"
    try:
        return json.loads(response.content), ""
    except (ValueError, RecursionError):
        kind = _clean(response.headers.get("Content-Type", "").partition(";")[0]) or "something nameless"
        came = "broken JSON" if "json" in kind else f"{kind} instead of JSON"
        return None, f"{response.status_code} and {came}"


def _vendors_words(response: requests.Response) -> str:
    """Quote the short message of an error, where there is one; never the body."""
    document, _ = _parsed(response)
    if not isinstance(document, dict):
        return ""
    nested = document.get("error")
    candidates = [document.get("description"), document.get("message"), nested]
    if isinstance(nested, dict):
        candidates += [nested.get("message"), nested.get("title")]
    words = next((_clean(text) for text in candidates if isinstance(text, str)), "")
    return f' (it says: "{words}")' if words else ""


def _clean(text: str) -> str:
    """Make a stranger's text safe for a terminal and short enough for a sentence."""
    printable = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text[: 4 * LONGEST_QUOTE])
    return " ".join(printable.split())[:LONGEST_QUOTE]


def _sent_secrets(request: requests.PreparedRequest) -> Iterator[str]:
    """Give what the Authorization header held: the token, or the password in its plain form."""
    scheme, _, value = str(request.headers.get("Authorization", "")).partition(" ")
    yield value
    if scheme.lower() == "basic":
        plain = base64.b64decode(value).decode("utf-8", "replace")
        yield plain
        yield plain.partition(":")[2]


def _root(error: Exception) -> object:
    """Dig out what went wrong from requests' and urllib3's wrappings."""
    reason: object = error
    for _ in range(4):
        inner = (
            getattr(reason, "reason", None) or (reason.args[:1] or (None,))[0]
            if isinstance(reason, Exception)
            else None
        )
        if not isinstance(inner, Exception):
            return reason
        reason = inner
    return reason


def _never_sent(error: Exception) -> bool:
    """Tell whether no connection came about, so that nothing can have been done."""
    before_sending = (urllib3.exceptions.NewConnectionError, urllib3.exceptions.ConnectTimeoutError)
    return isinstance(error, requests.exceptions.ProxyError) or isinstance(_root(error), before_sending)


def _how_it_broke(error: Exception) -> str:
    """Put a broken connection into words of our own."""
    slow = isinstance(error, requests.Timeout) or isinstance(_root(error), urllib3.exceptions.TimeoutError)
    return "it took too long" if slow else "the connection broke"
