"""Asks the web application as a server would, without one: a body may come in any pieces, and break off."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import pytest
from fastapi import FastAPI

from bugbridge.app import App, build_app
from bugbridge.entry.web.application import web_application
from bugbridge.entry.web.worker import HintWorker
from bugbridge.registry import helpdesk_sections
from bugbridge.settings import load_settings
from tests.entry.scene import Scene

SECRET = "It's a Secret to Everybody"  # of GitHub's documentation
ISSUE = {"action": "closed", "issue": {"number": 12}, "repository": {"full_name": "acme/app"}}
JIRA = """
[trackers.jira]
kind = "jira"
url = "https://acme.atlassian.net"
email = "bugbridge@acme.example"
projects = ["APP"]
"""
GONE = b"the client went away"
PATIENCE = 60  # seconds until something that has to happen counts as not happening
GITHUB_HOOK, JIRA_HOOK = "/hooks/github/github", "/hooks/jira/jira"


def signature(body: bytes, secret: str = SECRET) -> str:
    """Sign as GitHub and Jira do."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Web:
    """One team's hooks for GitHub, Jira and a helpdesk of some kind, and who was woken by what they took."""

    def __init__(self, scene: Scene, secrets: Mapping[str, str], kind: str = "request_tracker") -> None:
        scene.config.write_text(scene.config.read_text(encoding="utf-8") + JIRA, encoding="utf-8")
        self.scene = scene
        settings = load_settings(scene.config, {})
        # Without the keys that only the kind's adapter would need: a memory helpdesk stands in its place.
        helpdesk = helpdesk_sections()[kind].model_construct(kind=kind, url="https://helpdesk.example")
        self.app: App = build_app(settings.model_copy(update={"helpdesks": {"support": helpdesk}}), {})
        self.woken: list[str] = []
        self.application = web_application(self.app, secrets, self.woken.append)

    def github(self, payload: object = ISSUE, event: str = "issues", delivery: str = "delivery-1") -> int:
        """Deliver what GitHub signed; gives the status of the answer."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": delivery, "X-Hub-Signature-256": signature(body)}
        return ask(self.application, GITHUB_HOOK, [body], headers)

    def jira(self, payload: object, delivery: str = "delivery-1") -> int:
        """Deliver what Jira signed."""
        body = json.dumps(payload).encode()
        headers = {"X-Atlassian-Webhook-Identifier": delivery, "X-Hub-Signature": signature(body)}
        return ask(self.application, JIRA_HOOK, [body], headers)

    def kept(self) -> dict[str, str]:
        """The deliveries still to be followed, with their subjects."""
        sources = [source.id for source in self.app.store.sources()]
        return {key: subject for source in sources for key, subject in self.app.store.open_hints(source).items()}


def ask(
    application: FastAPI, path: str, pieces: Iterable[bytes], headers: Mapping[str, str], method: str = "POST"
) -> int:
    """Send a request whose body comes in pieces, and give the answer's status; after GONE the client is no more."""
    return int(answer(application, path, pieces, headers, method)[0]["status"])


def answer(
    application: FastAPI,
    path: str,
    pieces: Iterable[bytes],
    headers: Mapping[str, str],
    method: str = "POST",
    query: str = "",
) -> list[MutableMapping[str, Any]]:
    """Send as `ask` does, and give the whole answer."""
    return asyncio.run(answered(application, path, pieces, headers, method, query))


async def answered(
    application: FastAPI,
    path: str,
    pieces: Iterable[bytes],
    headers: Mapping[str, str],
    method: str = "POST",
    query: str = "",
) -> list[MutableMapping[str, Any]]:
    """Send beside others."""
    sent: list[MutableMapping[str, Any]] = []

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    await application(scope, _receiver(pieces), send)
    return sent


def _receiver(pieces: Iterable[bytes]) -> Any:
    messages = _messages(pieces)

    async def receive() -> MutableMapping[str, Any]:
        message = next(messages, None)
        if message is None:
            await asyncio.Event().wait()  # the client stays until it has its answer
        return message or {}

    return receive


def _messages(pieces: Iterable[bytes]) -> Iterator[MutableMapping[str, Any]]:
    for piece in pieces:
        if piece is GONE:
            yield {"type": "http.disconnect"}
            return
        yield {"type": "http.request", "body": piece, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}


def until(seen: Callable[[], bool]) -> None:
    """Wait for another thread."""
    end = time.monotonic() + PATIENCE
    while not seen():
        assert time.monotonic() < end
        time.sleep(0.01)


@contextmanager
def at_work(web: Web, name: str, secret: str) -> Iterator[HintWorker]:
    """Have the hints of one tracker or helpdesk followed as `serve` does."""
    worker = HintWorker(web.app, name)
    web.application = web_application(web.app, {name: secret}, lambda _name: worker.wake())
    assert web.app.store.head() > 0  # the parts that threads share are made
    assert web.app.policy
    assert web.app.calendar
    assert web.app.references
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()


def cursors(web: Web) -> list[str]:
    """How far each source was polled."""
    return [source.cursor for source in web.app.store.sources()]


def no_thread_starts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the computer start no thread for an answer."""
    start = threading.Thread.start

    def refuse(self: threading.Thread) -> None:
        if self.name == "answer":
            raise RuntimeError("can't start new thread")
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
