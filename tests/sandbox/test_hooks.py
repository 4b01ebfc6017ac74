"""Hooks are told of changes, signed as each vendor signs; nobody is told who didn't ask."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from bugbridge.sandbox.hooks import signature
from bugbridge.sandbox.server import Sandbox
from tests.sandbox.asking import control, github
from tests.sandbox.specs import Described
from tests.sandbox.test_graphql import open_number

SECRET = "a hook's secret"


@dataclass
class Ear:
    """A server that keeps what it is told."""

    url: str = ""
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    def bodies(self) -> list[dict[str, Any]]:
        """What was told, as JSON."""
        return [json.loads(body) for _, body in self.heard]


@pytest.fixture
def ear() -> Iterator[Ear]:
    """A listener on loopback."""
    listener = Ear()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.heard.append(({name.lower(): text for name, text in self.headers.items()}, body))
            self.send_response(202)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        listener.url = f"http://127.0.0.1:{server.server_address[1]}/hooks"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield listener
        server.shutdown()
        thread.join()


def test_the_signature_is_github_s() -> None:
    """The example that GitHub publishes."""
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert signature("It's a Secret to Everybody", b"Hello, World!") == expected


def test_nothing_is_sent_unless_somebody_asked(changing: Sandbox) -> None:
    """No hook, no delivery."""
    control(changing, "github/close", reference=f"acme/app#{open_number(changing)}")
    control(changing, "jira/transition", key="SHOP-1", status="Done")
    assert changing.world.deliveries == []


def test_github_tells_of_issues(changing: Sandbox, ear: Ear) -> None:
    """A ping first; then each change with its event, an own delivery id and a signature over the raw bytes."""
    control(changing, "hooks/register", server="github", url=ear.url, secret=SECRET)
    reference = f"acme/app#{open_number(changing)}"
    control(changing, "github/close", reference=reference, state_reason="not_planned")
    control(changing, "github/reopen", reference=reference)
    control(changing, "github/label", reference=reference, label="urgent")
    control(changing, "github/comment", reference=reference, body="Seen again")
    control(changing, "github/release", repository="acme/app", version="4.26")
    changing.settle()
    told = [
        (heads["x-github-event"], body.get("action")) for (heads, _), body in zip(ear.heard, ear.bodies(), strict=True)
    ]
    digests = ["sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() for _, body in ear.heard]
    assert told == [("ping", None), ("issues", "closed"), ("issues", "reopened"), ("issues", "labeled"),
                    ("issue_comment", "created"), ("release", "published")]  # fmt: skip
    assert [heads["x-hub-signature-256"] for heads, _ in ear.heard] == digests
    assert len({heads["x-github-delivery"] for heads, _ in ear.heard}) == len(told)
    assert ear.bodies()[1]["issue"]["state_reason"] == "not_planned"
    assert ear.bodies()[1]["repository"]["full_name"] == "acme/app"


def test_a_payload_s_issue_is_as_github_describes_it(changing: Sandbox, ear: Ear) -> None:
    """The same shape as over REST."""
    control(changing, "hooks/register", server="github", url=ear.url, secret=SECRET)
    control(changing, "github/close", reference=f"acme/app#{open_number(changing)}")
    changing.settle()
    described = Described("github_issues_subset.json")
    assert described.complaints("issue", ear.bodies()[1]["issue"]) == []
    assert described.complaints("full-repository", ear.bodies()[1]["repository"]) == []


def test_a_transfer_names_both_places(changing: Sandbox, ear: Ear) -> None:
    """The old issue, and the new one among the changes."""
    control(changing, "hooks/register", server="github", url=ear.url, secret=SECRET)
    number = open_number(changing)
    moved = control(changing, "github/transfer", reference=f"acme/app#{number}", repository="acme/api")
    changing.settle()
    last = ear.bodies()[-1]
    assert (last["action"], last["issue"]["number"], last["repository"]["full_name"]) == (
        "transferred",
        number,
        "acme/app",
    )
    assert last["changes"]["new_issue"]["number"] == moved["number"]


def test_jira_tells_of_issues_and_versions(changing: Sandbox, ear: Ear) -> None:
    """The event, the changed fields, the time in milliseconds, and Atlassian's headers."""
    control(changing, "hooks/register", server="jira", url=ear.url, secret=SECRET)
    control(changing, "jira/transition", key="SHOP-1", status="Done", resolution="Fixed", fix_versions=["5.26"])
    control(changing, "jira/release", project="SHOP", version="5.26")
    changing.settle()
    (heads, raw), _ = ear.heard
    updated, released = ear.bodies()
    assert (updated["webhookEvent"], updated["issue"]["key"]) == ("jira:issue_updated", "SHOP-1")
    assert [item["field"] for item in updated["changelog"]["items"]] == ["status", "resolution", "Fix Version"]
    assert updated["timestamp"] == int(changing.world.jira_issue("SHOP-1").updated_at.timestamp() * 1000)
    assert (released["webhookEvent"], released["version"]["name"]) == ("jira:version_released", "5.26")
    assert heads["x-hub-signature"] == signature(SECRET, raw)
    assert "x-atlassian-webhook-identifier" in heads


def test_a_redelivery_keeps_its_identifier(changing: Sandbox, ear: Ear) -> None:
    """The same bytes under the same id; Jira adds which attempt it is."""
    control(changing, "hooks/register", server="jira", url=ear.url, secret=SECRET)
    control(changing, "jira/transition", key="SHOP-1", status="Done")
    changing.settle()
    control(changing, "hooks/redeliver", identifier=changing.world.deliveries[0].identifier)
    changing.settle()
    (first, body), (second, again) = ear.heard
    name = "x-atlassian-webhook-identifier"
    assert (first[name], body) == (second[name], again)
    assert (first.get("x-atlassian-webhook-retry"), second["x-atlassian-webhook-retry"]) == (None, "1")
    assert changing.world.deliveries[0].statuses == [202, 202]


def test_without_a_secret_nothing_is_signed(changing: Sandbox, ear: Ear) -> None:
    """As GitHub does; the listener must refuse it by itself."""
    control(changing, "hooks/register", server="github", url=ear.url)
    changing.settle()
    assert "x-hub-signature-256" not in ear.heard[0][0]


def test_a_deaf_listener_is_noted(changing: Sandbox) -> None:
    """A refused connection is silence; GitHub never tries again by itself, and its answers go on."""
    control(changing, "hooks/register", server="github", url="http://127.0.0.1:9/none", secret=SECRET)
    changing.settle()
    assert [delivery.statuses for delivery in changing.world.deliveries] == [[0]]
    assert github(changing, "/user").status_code == 200
