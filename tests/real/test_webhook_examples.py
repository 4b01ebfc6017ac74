"""GitHub's real payloads, as npm's @octokit/webhooks-examples has them, are taken when signed and else refused."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bugbridge.services.settling import DAEMON
from tests.entry.scene import CONFIG, Scene
from tests.entry.web.asking import GITHUB_HOOK, SECRET, Web, ask, signature

FOLDER = os.environ.get("BUGBRIDGE_WEBHOOK_EXAMPLES", "")  # where the package was installed, by scripts/test-real
pytestmark = pytest.mark.skipif(not FOLDER, reason="BUGBRIDGE_WEBHOOK_EXAMPLES names no folder")

COUNTS = {"issues": 29, "issue_comment": 9, "ping": 4}
REPOSITORY = "Codertocat/Hello-World"


def examples(event: str) -> list[dict[str, Any]]:
    """The payloads of one event."""
    if not FOLDER:
        return []
    kinds = json.loads((Path(FOLDER) / "api.github.com" / "index.json").read_text(encoding="utf-8"))
    return [example for kind in kinds if kind["name"] == event for example in kind["examples"]]


ALL = [(event, place, example) for event in COUNTS for place, example in enumerate(examples(event))]


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """Hooks for the repository of most examples, whose issues 1 and 2 are customers' bugs."""
    scene = Scene(tmp_path, monkeypatch)
    scene.config.write_text(CONFIG.replace("acme/app", REPOSITORY), encoding="utf-8")
    web = Web(scene, {"github": SECRET})
    source = next(source for source in web.app.store.sources() if source.name == "github")
    for number in (1, 2):
        web.app.store.issue_for(source.id, f"github:{REPOSITORY}#{number}", actor=DAEMON, at=scene.clock.now())
    return web


def subjects(event: str, payload: dict[str, Any]) -> list[str]:
    """What is to be looked at; one example is of a repository that isn't configured."""
    if event == "ping" or payload["repository"]["full_name"] != REPOSITORY:
        return []
    return [f"github:{REPOSITORY}#{payload['issue']['number']}"]


def test_the_examples_are_all_there() -> None:
    """Those of the version that scripts/test-real installs."""
    assert {event: len(examples(event)) for event in COUNTS} == COUNTS


@pytest.mark.parametrize(("event", "place", "payload"), ALL, ids=[f"{event}-{place}" for event, place, _ in ALL])
def test_an_example_is_taken_when_signed(web: Web, event: str, place: int, payload: dict[str, Any]) -> None:
    """Its issue is to be looked at."""
    assert web.github(payload, event, f"{event}-{place}") == 202
    assert list(web.kept().values()) == subjects(event, payload)


@pytest.mark.parametrize(("event", "place", "payload"), ALL, ids=[f"{event}-{place}" for event, place, _ in ALL])
def test_an_example_altered_by_one_byte_is_refused(web: Web, event: str, place: int, payload: dict[str, Any]) -> None:
    """At its beginning, in its middle and at its end; nothing is kept."""
    body = json.dumps(payload).encode()
    headers = {"X-GitHub-Event": event, "X-GitHub-Delivery": str(place), "X-Hub-Signature-256": signature(body)}
    for position in (0, len(body) // 2, len(body) - 1):
        altered = body[:position] + bytes([body[position] ^ 1]) + body[position + 1 :]
        assert ask(web.application, GITHUB_HOOK, [altered], headers) == 401
    assert (web.kept(), web.woken) == ({}, [])
