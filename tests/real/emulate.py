"""npm's emulate as GitHub, and what engineers do there over its own REST API."""

import json
import os
import socket
import subprocess
import time
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple, Self
from urllib.parse import quote

import requests

from bugbridge.core.instants import instant_from_text

LOOPBACK = "127.0.0.1"
PATIENCE = 20  # seconds until it has to answer, and in which it has to end
SECONDS = 10
REPOSITORY = "octo/engine"
TOKEN = "emulate-octavia-key"
SEED = {
    "tokens": {TOKEN: {"login": "octavia", "scopes": ["repo", "admin:repo_hook"]}},
    "github": {
        "users": [{"login": "octavia"}],
        "orgs": [{"login": "octo", "members": [{"login": "octavia", "role": "admin"}]}],
        "repos": [{"owner": "octo", "name": "engine"}],
    },
}
# It listens on every interface and has no option for that, so Node.js is told to before it starts.
LOOPBACK_ONLY = (
    "import{Server}from'node:net';const{listen}=Server.prototype;"
    f"Server.prototype.listen=function(port){{return listen.call(this,port,'{LOOPBACK}')}}"
)


class Delivered(NamedTuple):
    """One delivery of a webhook: its id, the event with its action, and the status that it was answered with."""

    id: int
    event: str
    status: int | None


class Emulate:
    """One repository on one server, which begins anew each time it is entered. A context."""

    def __init__(self, program: Path, folder: Path) -> None:
        """Choose a port, and write into the folder what the server begins with."""
        port = free_port()
        self.url = f"http://{LOOPBACK}:{port}"
        self._log = folder / "emulate.log"
        seed = folder / "emulate.json"
        seed.write_text(json.dumps(SEED), encoding="utf-8")
        further = ["--seed", str(seed), "--base-url", self.url]
        self._command = [str(program), "start", "--service", "github", "--port", str(port), *further]
        self._session = requests.Session()
        self._session.headers["Authorization"] = f"token {TOKEN}"

    def __enter__(self) -> Self:
        """Start it, and wait until it answers."""
        environment = {**os.environ, "NODE_OPTIONS": f"--import=data:text/javascript,{quote(LOOPBACK_ONLY)}"}
        with self._log.open("w", encoding="utf-8") as log:
            self._process = subprocess.Popen(self._command, env=environment, stdout=log, stderr=log)
        end = time.monotonic() + PATIENCE
        while not self._answers():
            ended = self._process.poll() is not None or time.monotonic() > end
            assert not ended, self._log.read_text(encoding="utf-8")
            time.sleep(0.05)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self._session.close()
        self._process.terminate()
        self._process.wait(PATIENCE)

    def open_issue(self) -> str:
        """Open an issue; give its reference, OWNER/REPO#NUMBER."""
        made = self._ask("POST", "/issues", {"title": "Export drops the last row"})
        return f"{REPOSITORY}#{made['number']}"

    def close(self, reference: str, reason: str) -> None:
        """Close an issue for GitHub's reason."""
        self._ask("PATCH", _path(reference), {"state": "closed", "state_reason": reason})

    def reopen(self, reference: str) -> None:
        """Open it again."""
        self._ask("PATCH", _path(reference), {"state": "open"})

    def comment(self, reference: str, text: str) -> None:
        """Write a comment."""
        self._ask("POST", f"{_path(reference)}/comments", {"body": text})

    def comments(self, reference: str) -> list[str]:
        """Read the comments."""
        return [str(comment["body"]) for comment in self._ask("GET", f"{_path(reference)}/comments")]

    def labels(self, reference: str) -> list[str]:
        """Read the labels."""
        return [str(label["name"]) for label in self._ask("GET", _path(reference))["labels"]]

    def times(self, reference: str) -> list[datetime]:
        """Give when an issue was opened, closed and opened again, as the server keeps it."""
        opened_at = self._ask("GET", _path(reference))["created_at"]
        _opened, *events = self._ask("GET", f"{_path(reference)}/events")
        return [instant_from_text(at) for at in (opened_at, *(event["created_at"] for event in events))]

    def add_hook(self, url: str, secret: str) -> int:
        """Have changes of issues and their comments delivered; give the webhook's id."""
        config = {"url": url, "content_type": "json", "secret": secret}
        return int(self._ask("POST", "/hooks", {"events": ["issues", "issue_comment"], "config": config})["id"])

    def ping(self, hook: int) -> None:
        """Have a ping delivered."""
        self._ask("POST", f"/hooks/{hook}/pings")

    def delivered(self, hook: int) -> list[Delivered]:
        """Give what was delivered, oldest first."""
        shown = self._ask("GET", f"/hooks/{hook}/deliveries")
        return [
            Delivered(row["id"], " ".join(filter(None, (row["event"], row["action"]))), row["status_code"])
            for row in reversed(shown)
        ]

    def _answers(self) -> bool:
        with suppress(requests.ConnectionError):
            return self._session.get(f"{self.url}/repos/{REPOSITORY}", timeout=SECONDS).ok
        return False

    def _ask(self, method: str, path: str, payload: object = None) -> Any:
        answer = self._session.request(method, f"{self.url}/repos/{REPOSITORY}{path}", json=payload, timeout=SECONDS)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def free_port() -> int:
    """Give a loopback port that nothing listens at."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])


def _path(reference: str) -> str:
    return f"/issues/{reference.partition('#')[2]}"
