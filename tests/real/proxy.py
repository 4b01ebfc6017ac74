"""A loopback proxy before Request Tracker, at which a test can have things happen at a precise moment."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

import requests

SECONDS = 30
PASSED_ON = ("Authorization", "Content-Type", "Accept", "If-Match")
PASSED_BACK = ("Content-Type", "Location", "ETag", "Last-Modified", "Date")


class AnswerLostError(Exception):
    """Raised by what happens at the proxy to have the connection end without an answer."""


@dataclass(frozen=True)
class _Event:
    method: str
    path: re.Pattern[str]
    happens: Callable[[], None]
    before: bool


class Proxy:
    """Passes requests on; what was armed happens once, before or after the first request that matches. A context."""

    def __init__(self, target: str) -> None:
        """Take a port; nothing is passed on before it is entered."""
        self.broken = False
        self._target = target
        self._events: list[_Event] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def arm(self, method: str, path: str, happens: Callable[[], None], *, before: bool = False) -> None:
        """Have something happen once: after the first request that matches was carried out, or before it."""
        self._events.append(_Event(method, re.compile(path), happens, before))

    @property
    def armed(self) -> bool:
        """Whether something is still waiting for its request."""
        return bool(self._events)

    def __enter__(self) -> Self:
        """Begin."""
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()

    def happen(self, method: str, path: str, *, before: bool) -> None:
        """Let what waits for this request happen."""
        with self._lock:
            matching = [
                event
                for event in self._events
                if (event.method, event.before) == (method, before) and event.path.search(path)
            ]
            for event in matching:
                self._events.remove(event)
        for event in matching:
            event.happens()

    def forward(self, method: str, path: str, headers: dict[str, str], body: bytes) -> requests.Response:
        """Have Request Tracker carry a request out."""
        return requests.request(
            method, self._target + path, headers=headers, data=body, timeout=SECONDS, allow_redirects=False
        )

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(_Handler):
            door = proxy

        return Handler


class _Handler(BaseHTTPRequestHandler):
    door: Proxy

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name: self.headers[name] for name in PASSED_ON if name in self.headers}
        try:
            self.door.happen(self.command, self.path, before=True)
            if self.door.broken:
                self._answer(502, {"Content-Type": "text/html"}, b"<h1>Bad Gateway</h1>")
                return
            answer = self.door.forward(self.command, self.path, headers, body)
            self.door.happen(self.command, self.path, before=False)
        except AnswerLostError:
            self.close_connection = True
            return
        self._answer(answer.status_code, dict(answer.headers), answer.content)

    do_GET = do_POST = do_PUT = _serve  # noqa: N815 - the names that http.server looks for

    def _answer(self, status: int, headers: dict[str, str], content: bytes) -> None:
        self.send_response_only(status)
        for name in PASSED_BACK:
            if name in headers:
                self.send_header(name, headers[name])
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: tests look at what the program says."""
