"""Asks the web application as a server would, without one: a body may come in any pieces, and break off."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from typing import Any

from fastapi import FastAPI

from bugbridge.app import App, build_app
from bugbridge.entry.web.application import web_application
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
GITHUB_HOOK, JIRA_HOOK = "/hooks/github/github", "/hooks/jira/jira"


def signature(body: bytes, secret: str = SECRET) -> str:
    """Sign as GitHub and Jira do."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class Web:
    """One team's hooks for GitHub and Jira, and who was woken by what they took."""

    def __init__(self, scene: Scene, secrets: Mapping[str, str]) -> None:
        scene.config.write_text(scene.config.read_text(encoding="utf-8") + JIRA, encoding="utf-8")
        self.scene = scene
        self.app: App = build_app(load_settings(scene.config, {}), {})
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
        sources = [source.id for source in self.app.store.sources() if source.role == "tracker"]
        return {key: subject for source in sources for key, subject in self.app.store.open_hints(source).items()}


def ask(
    application: FastAPI, path: str, pieces: Iterable[bytes], headers: Mapping[str, str], method: str = "POST"
) -> int:
    """Send a request whose body comes in pieces, and give the answer's status; after GONE the client is no more."""
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
        "query_string": b"",
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    asyncio.run(application(scope, _receiver(pieces), send))
    return int(sent[0]["status"])


def _receiver(pieces: Iterable[bytes]) -> Any:
    messages = _messages(pieces)

    async def receive() -> MutableMapping[str, Any]:
        return next(messages, {"type": "http.disconnect"})

    return receive


def _messages(pieces: Iterable[bytes]) -> Iterator[MutableMapping[str, Any]]:
    for piece in pieces:
        if piece is GONE:
            return
        yield {"type": "http.request", "body": piece, "more_body": True}
    yield {"type": "http.request", "body": b"", "more_body": False}
