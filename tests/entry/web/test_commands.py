"""The commands: `serve` over a real socket, and `hooks`, which says what to set up."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from bugbridge.entry.web.ways_in import OPEN_TO_ALL
from bugbridge.registry import helpdesk_sections
from bugbridge.settings import load_settings
from tests.entry.scene import CONFIG, Scene
from tests.entry.web.asking import GITHUB_HOOK, JIRA, SECRET, signature
from tests.entry.web.guests import made_token
from tests.entry.web.recipes import KINDS
from tests.entry.web.route_table import TABLE, Door

PING = b'{"zen": "Keep it logically awesome."}'
HELPDESK_SECRET = "of-the-helpdesk-alone"
HELPDESK_HOOK = "/hooks/request_tracker/support"
SHOWN_SECRET = "$BUGBRIDGE_SUPPORT_WEBHOOK_SECRET"


def serve(folder: Path, port: int = 0) -> subprocess.Popen[str]:
    """Start the real command."""
    config = folder / "bugbridge.toml"
    config.write_text(f"{CONFIG}\n[web]\nport = {port or free_port()}\n", encoding="utf-8")
    command = [sys.executable, "-m", "bugbridge", "--config", str(config), "serve"]
    secrets = {
        "BUGBRIDGE_GITHUB_WEBHOOK_SECRET": SECRET,
        "BUGBRIDGE_GITHUB_TOKEN": "token",
        "BUGBRIDGE_SUPPORT_WEBHOOK_SECRET": HELPDESK_SECRET,
        "BUGBRIDGE_SUPPORT_TOKEN": "token",
    }
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    return subprocess.Popen(command, text=True, env={**os.environ, **secrets}, **streams)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def post(port: int, path: str, headers: Mapping[str, str], body: bytes = PING) -> int:
    """Send something to `serve`, and give the status of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, body, dict(headers))
    status = connection.getresponse().status
    connection.close()
    return status


def from_github(port: int, signed: str) -> int:
    """Post a ping as GitHub does."""
    headers = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": signed}
    return post(port, GITHUB_HOOK, headers)


UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_takes_webhooks_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    """Over a real socket; SIGTERM and Ctrl-C are how it is meant to end.

    No secret is ever put out, neither a tracker's nor the one in a helpdesk's address, whatever is done with it.
    """
    with serve(tmp_path) as process:
        assert process.stdout is not None
        output = ""
        while not (address := re.search(r"at http://127\.0\.0\.1:(\d+)" + re.escape(HELPDESK_HOOK), output)):
            output += process.stdout.readline()
            assert process.poll() is None, output
        port = int(address[1])
        answers = [from_github(port, signed) for signed in (signature(PING), signature(b""))]
        for ending in (HELPDESK_SECRET, f"{HELPDESK_SECRET}-almost"):
            answers += [post(port, f"{HELPDESK_HOOK}/{ending}", headers) for headers in ({}, UPGRADE)]
        answers.append(post(port, f"{HELPDESK_HOOK}/{HELPDESK_SECRET}", {}, b"{"))
        process.send_signal(number)
        output += process.stdout.read()
    assert (answers[:4], answers[4:6], answers[6]) == ([202, 401, 202, 202], [404, 404], 400)
    assert process.returncode == 0
    assert f'{GITHUB_HOOK}"' in output
    assert f'{HELPDESK_HOOK}/{SHOWN_SECRET}"' in output
    assert [secret for secret in (SECRET, HELPDESK_SECRET) if secret in output] == []


def test_serve_on_another_address_refuses_where_nobody_can_sign_in(scene: Scene) -> None:
    """Everybody who reaches it would be a stranger; it says why, and what to do."""
    scene.config.write_text(f'{CONFIG}\n[web]\nhost = "0.0.0.0"\nport = {free_port()}\n', encoding="utf-8")
    result = scene.run("serve")
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)
    assert "[web] host: other computers reach 0.0.0.0, and nobody can sign in: make a token with" in result.stderr


@pytest.mark.parametrize("way", ["token", "hook", "loopback"])
def test_serve_starts_where_somebody_can_be_told_from_a_stranger(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    """By a token, by a hook's signature (no page is shown then, and it says how to make a token), or on this
    computer."""
    host = "127.0.0.1" if way == "loopback" else "0.0.0.0"  # noqa: S104 - it is what is tried
    scene.config.write_text(f'{CONFIG}\n[web]\nhost = "{host}"\nport = {free_port()}\n', encoding="utf-8")
    if way == "token":
        made_token(scene)
    if way == "hook":
        monkeypatch.setenv("BUGBRIDGE_GITHUB_WEBHOOK_SECRET", SECRET)
    monkeypatch.setattr("bugbridge.entry.commands_serve.serve_until_signal", lambda *_: None)
    with caplog.at_level(0, "bugbridge.serve"):
        result = scene.run("serve")
    assert result.exit_code == 0, result.output
    nobody = "no page is shown until somebody has a token" in caplog.text
    signed_out = "set BUGBRIDGE_WEB_KEY to keep them" in caplog.text
    assert (nobody, signed_out) == (way == "hook", way == "token")


@pytest.mark.parametrize(
    ("token", "environment", "provider", "said"),
    [
        ("", "", "", "whoever uses this computer may see and do everything there without sign-in"),
        ("ada", "", "", "whoever signs in sees them, by a token that `bugbridge token list` names; everybody else"),
        ("", "a-token-of-the-admins", "", "whoever signs in sees them, by that of BUGBRIDGE_WEB_TOKEN, an admin's;"),
        ("", "", "https://accounts.example.com", "sees them, at https://accounts.example.com with an e-mail address"),
    ],
)
def test_serve_says_where_it_is_and_who_can_sign_in_how(
    scene: Scene,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    token: str,
    environment: str,
    provider: str,
    said: str,
) -> None:
    """In two lines, before anything else, and what is open to everybody; doctor says the same of who."""
    port = free_port()
    own = 'url = "https://bugbridge.example.com"\noidc_client_id = "bugbridge"' if provider else ""
    web = f'[web]\nport = {port}\n{own}\noidc_issuer = "{provider}"\n'
    scene.config.write_text(f"{CONFIG}\n{web}", encoding="utf-8")
    if token:
        made_token(scene, token)
    if environment:
        monkeypatch.setenv("BUGBRIDGE_WEB_TOKEN", environment)
    if provider:
        monkeypatch.setenv("BUGBRIDGE_WEB_CLIENT_SECRET", "of-the-provider")
    monkeypatch.setattr("bugbridge.entry.commands_serve.serve_until_signal", lambda *_: None)
    with caplog.at_level(0, "bugbridge.serve"):
        assert scene.run("serve").exit_code == 0
    where, who = caplog.messages[:2]
    assert where == f"showing the pages at http://127.0.0.1:{port}/"
    assert said in who
    is_open = not (token or environment or provider)
    assert ("is shown /sign-in, /healthz, /readyz and /metrics alone" in who) is not is_open
    assert f"ok  web: `bugbridge serve` shows the pages: {who}." in scene.run("doctor").stdout
    assert environment == "" or environment not in caplog.text


def test_what_is_said_to_be_open_to_everybody_is_all_that_is() -> None:
    """As the table of all addresses has it, besides what pages look like."""
    open_to_all = {path for (_, path), entry in TABLE.items() if entry.least is Door.EVERYBODY}
    assert open_to_all - {"/static/{name}"} == set(re.findall(r"/[a-z-]+", OPEN_TO_ALL))


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
    monkeypatch.setenv("BUGBRIDGE_SUPPORT_WEBHOOK_SECRET", HELPDESK_SECRET)
    facts = scene.facts("hooks", "--base-url", "https://hooks.example.com/")
    github, jira, support = facts["hooks"]
    assert [(hook["name"], hook["role"]) for hook in facts["hooks"]] == [
        ("github", "tracker"),
        ("jira", "tracker"),
        ("support", "helpdesk"),
    ]
    assert github["set_up_at"] == ["https://github.com/acme/app/settings/hooks/new"]
    assert (github["url"], github["content_type"]) == (
        "https://hooks.example.com/hooks/github/github",
        "application/json",
    )
    assert (github["secret_variable"], github["secret_is_set"]) == ("BUGBRIDGE_GITHUB_WEBHOOK_SECRET", True)
    assert (jira["url"], jira["secret_is_set"]) == ("https://hooks.example.com/hooks/jira/jira", False)
    assert support["url"] == f"https://hooks.example.com{HELPDESK_HOOK}/{SHOWN_SECRET}"
    assert (support["signed"], support["secret_is_set"]) == (False, True)
    said = scene.say("hooks") + str(facts)
    assert [secret for secret in (SECRET, HELPDESK_SECRET) if secret in said] == []


@pytest.mark.parametrize("kind", KINDS)
def test_hooks_say_what_a_helpdesk_needs(scene: Scene, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    """Of every kind: where and for which events, what to send where people write that, and how the secret is given."""
    section = helpdesk_sections()[kind]
    support = section.model_construct(kind=kind, url="https://helpdesk.example")
    settings = load_settings(scene.config, {}).model_copy(update={"helpdesks": {"support": support}, "trackers": {}})
    monkeypatch.setattr("bugbridge.settings.load_settings", lambda *_: settings)
    said, webhook = scene.say("hooks", "--base-url", "https://hooks.example.com"), section.webhook
    signs = bool(webhook.signature_header)
    assert webhook.set_up_at
    assert webhook.events
    for label, value in (("set up at", webhook.set_up_at), ("events", "; ".join(webhook.events))):
        assert f"  {label:<13} {value}\n" in said
    assert (f"  body          {webhook.body}\n" in said, "  body " in said) == (bool(webhook.body), bool(webhook.body))
    path = f"https://hooks.example.com/hooks/{kind}/support"
    assert f"  address       {path if signs else f'{path}/{SHOWN_SECRET}'}\n" in said
    assert ("whoever knows the address knows it" in said) is not signs
    assert ("copy the one that is shown there" in said) is webhook.makes_secret
    assert ("make one with `openssl rand -hex 32`" in said) is not webhook.makes_secret


def test_a_secret_that_the_vendor_makes_is_copied(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Zendesk, for one, takes no secret from anybody."""
    section = helpdesk_sections()["request_tracker"]
    monkeypatch.setattr(section, "webhook", replace(section.webhook, makes_secret=True))
    assert f"{SHOWN_SECRET[1:]} (not set: copy the one that is shown there)" in scene.say("hooks")
    assert scene.facts("hooks")["hooks"][1]["vendor_makes_secret"] is True


def test_hooks_say_that_nothing_is_configured(scene: Scene) -> None:
    """And warn of no address that nobody would use."""
    scene.config.write_text("", encoding="utf-8")
    assert scene.say("hooks") == "No tracker or helpdesk is configured: add one to the configuration.\n"


def test_hooks_warn_of_an_address_that_vendors_cannot_reach(scene: Scene) -> None:
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


def test_a_short_secret_is_no_lock_of_an_address(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing is signed the address alone keeps strangers out; three letters could be tried out."""
    monkeypatch.setenv("BUGBRIDGE_SUPPORT_WEBHOOK_SECRET", "abc")
    refused = scene.run("serve")
    begins = "BUGBRIDGE_SUPPORT_WEBHOOK_SECRET is too short: make one with `openssl rand -hex 32`"
    assert (refused.exit_code, refused.stderr) == (2, f"{begins}, since support signs nothing.\n")
