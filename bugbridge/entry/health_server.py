"""A small server for the daemon's health, on this computer alone."""

import logging
import sys
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bugbridge.entry.health import PATHS, Answer, answer
from bugbridge.entry.logs import where
from bugbridge.entry.startup import Finding, warn

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.operating import Operation

HOST = "127.0.0.1"
NOT_FOUND = Answer(404, "text/plain", b"Not found.\n")

log = logging.getLogger("bugbridge.daemon")


class HealthDoor:
    """The door at the configured port, opened and closed as the configuration says."""

    def __init__(self, app: "Callable[[], App]", alive: "Callable[[Operation], bool]") -> None:
        """Keep whose health it is; nothing is open yet."""
        self._app, self._alive = app, alive
        self._server: ThreadingHTTPServer | None = None

    def open(self) -> None:
        """Listen at the port of the present configuration, if at any. A taken one is no reason not to work."""
        port = self._app().settings.daemon.health_port
        if self._server is not None and self._server.server_port == port:
            return
        self.close()
        if port:
            self._listen(port)

    def close(self) -> None:
        """Answer no more."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _listen(self, port: int) -> None:
        app, alive = self._app, self._alive

        class Handler(_Handler):
            def found(self, path: str) -> Answer:
                return answer(app(), path, alive) if path in PATHS else NOT_FOUND

        try:
            self._server = _Server((HOST, port), Handler)
        except OSError as error:
            sentence = f"{HOST}:{port} can't be listened on ({error.strerror}), so nothing answers /healthz there."
            warn((Finding("daemon.health-port", sentence, "choose another [daemon] health_port, or 0 for none."),))
            return
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:  # noqa: ARG002 - the library's signature
        """Whoever asked went away, or it is a mistake of ours: that is told without its text."""
        error = sys.exception()
        if error is not None and not isinstance(error, OSError):
            log.error("health: failed by a mistake in BugBridge (%s); please report it", where(error))


class _Handler(BaseHTTPRequestHandler):
    timeout = 10  # seconds for a client to say what it wants

    def found(self, path: str) -> Answer:
        raise NotImplementedError

    def do_GET(self) -> None:
        """Answer."""
        found = self.found(urlsplit(self.path).path)
        self.send_response(found.status)
        self.send_header("Content-Type", found.content_type)
        self.send_header("Content-Length", str(len(found.body)))
        self.end_headers()
        self.wfile.write(found.body)

    def version_string(self) -> str:
        """Tell nobody which server and Python this is."""
        return "BugBridge"

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's signature
        """Whoever watches asks every few seconds, and that is no news."""
