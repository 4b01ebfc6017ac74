"""The commands: `serve` over a real socket, and `hooks`, which says what to set up."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from tests.entry.scene import CONFIG, Scene
from tests.entry.web.asking import GITHUB_HOOK, JIRA, SECRET, signature

PING = b'{"zen": "Keep it logically awesome."}'


def serve(folder: Path, port: int = 0) -> subprocess.Popen[str]:
    """Start the real command."""
    config = folder / "bugbridge.toml"
    config.write_text(f"{CONFIG}\n[web]\nport = {port or free_port()}\n", encoding="utf-8")
    command = [sys.executable, "-m", "bugbridge", "--config", str(config), "serve"]
    environment = {**os.environ, "BUGBRIDGE_GITHUB_WEBHOOK_SECRET": SECRET, "BUGBRIDGE_GITHUB_TOKEN": "token"}
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def deliver(port: int, body: bytes, signed: str) -> int:
    """Post a ping as GitHub does."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": signed}
    connection.request("POST", GITHUB_HOOK, body, headers)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_takes_webhooks_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Over a real socket; SIGTERM and Ctrl-C are how it is meant to end, and no secret is ever logged."""
    with serve(tmp_path) as process:
        assert process.stderr is not None
        log = ""
        while not (address := re.search(r"taking webhooks at http://127\.0\.0\.1:(\d+)" + GITHUB_HOOK, log)):
            log += process.stderr.readline()
            assert process.poll() is None, log
        answers = [deliver(int(address[1]), PING, signed) for signed in (signature(PING), signature(b""))]
        process.send_signal(number)
        log += process.stderr.read()
    assert (answers, process.returncode) == ([202, 401], 0)
    assert SECRET not in log


def test_serve_without_any_secret_says_what_to_set(scene: Scene) -> None:
    """It would serve nothing."""
    result = scene.run("serve")
    assert result.exit_code == 2
    assert "set BUGBRIDGE_GITHUB_WEBHOOK_SECRET; `bugbridge hooks` says what to set up." in result.stderr


def test_serve_says_that_its_port_is_taken(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a sentence that names the section."""
    monkeypatch.setenv("BUGBRIDGE_GITHUB_WEBHOOK_SECRET", SECRET)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        scene.config.write_text(f"{CONFIG}\n[web]\nport = {port}\n", encoding="utf-8")
        result = scene.run("serve")
    assert (result.exit_code, f"[web] 127.0.0.1:{port} can't be listened on" in result.stderr) == (2, True)


def test_hooks_say_what_to_set_up(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where, with which address, events and secret; the secret itself is never shown."""
    scene.config.write_text(CONFIG + JIRA, encoding="utf-8")
    monkeypatch.setenv("BUGBRIDGE_GITHUB_WEBHOOK_SECRET", SECRET)
    facts = scene.facts("hooks", "--base-url", "https://hooks.example.com/")
    github, jira = facts["hooks"]
    assert github["set_up_at"] == ["https://github.com/acme/app/settings/hooks/new"]
    assert (github["url"], github["content_type"]) == (
        "https://hooks.example.com/hooks/github/github",
        "application/json",
    )
    assert (github["secret_variable"], github["secret_is_set"]) == ("BUGBRIDGE_GITHUB_WEBHOOK_SECRET", True)
    assert (jira["url"], jira["secret_is_set"]) == ("https://hooks.example.com/hooks/jira/jira", False)
    assert SECRET not in scene.say("hooks")


def test_hooks_warn_of_an_address_that_trackers_cannot_reach(scene: Scene) -> None:
    """Without --base-url only this computer's own address is known."""
    assert "http://127.0.0.1:8420 is reached from this computer alone" in scene.say("hooks")
    assert scene.facts("hooks", "--base-url", "https://hooks.example.com")["warning"] == ""


def test_hooks_refuse_what_is_no_address(scene: Scene) -> None:
    """A host alone isn't one."""
    result = scene.run("hooks", "--base-url", "hooks.example.com")
    assert (result.exit_code, "write it as https://hooks.example.com" in result.stderr) == (2, True)


def test_a_webhook_s_secret_does_not_belong_in_the_file(scene: Scene) -> None:
    """The sentence names its own variable."""
    text = CONFIG + '\nwebhook_secret = "hidden-words"\n'
    scene.config.write_text(text, encoding="utf-8")
    result = scene.run("hooks")
    assert result.exit_code == 2
    assert "set BUGBRIDGE_GITHUB_WEBHOOK_SECRET in the environment" in result.stderr
    assert "hidden-words" not in result.output
