"""A small server for the daemon's health, on this computer alone."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bugbridge.entry.health import PATHS, Answer, answer
from bugbridge.entry.startup import HEALTH_HOST

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.operating import Operation

NOT_FOUND = Answer(404, "text/plain", b"Not found.\n")


class HealthServer:
    """Answers /healthz, /readyz and /metrics until it is stopped."""

    def __init__(self, app: "Callable[[], App]", alive: "Callable[[Operation], bool]", port: int) -> None:
        """Listen. Raises OSError where the port is taken."""

        class Handler(_Handler):
            def found(self, path: str) -> Answer:
                return answer(app(), path, alive) if path in PATHS else NOT_FOUND

        self._server = ThreadingHTTPServer((HEALTH_HOST, port), Handler)
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        threading.Thread(target=self._server.serve_forever, name="health", daemon=True).start()

    def stop(self) -> None:
        """Answer no more."""
        self._server.shutdown()
        self._server.server_close()


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
