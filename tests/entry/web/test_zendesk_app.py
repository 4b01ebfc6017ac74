"""Zendesk's app: its folder, the token by which Zendesk says who opened it, and the way to the ticket's sidebar."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bugbridge.registry import helpdesk_sections
from tests.entry.scene import START, Scene
from tests.entry.web.browsing import FORM, Browser, Page

ELSEWHERE = {"Host": "bugs.acme.example"}
AT = "https://helpdesk.example"
KEY, OTHER_KEY = (generate_private_key(65537, 2048) for _ in range(2))
ZENDESK = """
[helpdesks.desk]
kind = "zendesk"
url = "https://acme.zendesk.com"
client_id = "bugbridge"

[web]
url = "https://bugs.acme.example"
"""


def pem(key: RSAPrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def private(key: RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def claims(**other: object) -> dict[str, Any]:
    """What Zendesk signs."""
    now = int(START.timestamp())
    return {
        "iss": "helpdesk.example",
        "aud": f"{AT}/api/v2/apps/installations/42.json",
        "sub": f"{AT}/api/v2/users/77.json",
        "iat": now,
        "nbf": now,
        "exp": now + 1800,
        "jti": "x",
        "qsh": "y",
        **other,
    }


def token(content: Mapping[str, Any], key: RSAPrivateKey = KEY) -> str:
    return jwt.encode(dict(content), private(key), "RS256")


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str, monkeypatch: pytest.MonkeyPatch) -> Browser:  # noqa: ARG001 - it is there
    """An agent's browser, in a team whose helpdesk is a Zendesk."""
    monkeypatch.setenv("BUGBRIDGE_SUPPORT_APP_KEY", pem(KEY))
    found = Browser(scene, ELSEWHERE)
    section = helpdesk_sections()["zendesk"].model_construct(kind="zendesk", url=AT)
    found.app.settings = found.app.settings.model_copy(update={"helpdesks": {"support": section}})
    return found


def opened(browser: Browser, text: str, helpdesk: str = "support") -> Page:
    """Open the app as Zendesk does: by a form that it posts into the frame."""
    headers = {**ELSEWHERE, "Content-Type": FORM}
    query = urlencode({"origin": AT, "app_guid": "guid"})
    return browser._ask("POST", f"/sidebar/{helpdesk}", urlencode({"token": text}).encode(), headers, query)


def pass_in(page: Page) -> str:
    return page.text.partition('data-pass="')[2].partition('"')[0]


def exchanged(browser: Browser, given: str, ticket: str) -> Page:
    headers = {**ELSEWHERE, "X-BugBridge-Pass": given, "Accept": "application/json"}
    return browser._ask("POST", f"/sidebar/{ticket.replace(':', '/')}/pass", b"", headers, "")


def test_an_agent_in_zendesk_comes_to_the_tickets_sidebar(browser: Browser, ticket: str) -> None:
    """By the token, which names no ticket, and a pass for the one that Zendesk's script names."""
    page = opened(browser, token(claims()))
    assert page.status == 200
    policy = page.headers["content-security-policy"]
    assert f"frame-ancestors 'self' {AT}" in policy
    assert "script-src 'self' https://static.zdassets.com;" in policy
    address = exchanged(browser, pass_in(page), ticket).facts["address"]
    path, _, query = address.partition("?")
    shown = browser.get(path, query)
    assert (shown.status, "acme/app#12" in shown.text) == (200, True)
    assert "zdassets" not in shown.headers["content-security-policy"]
    assert f"frame-ancestors 'self' {AT}" in shown.headers["content-security-policy"]


@pytest.mark.parametrize(
    "other",
    [
        {"exp": int(START.timestamp()) - 3600},
        {"exp": "soon"},
        {"nbf": int(START.timestamp()) + 3600},
        {"iss": "evil.example"},
        {"iss": "evil.helpdesk.example"},
        {"aud": "https://evil.example/api/v2/apps/installations/42.json"},
        {"aud": f"{AT}/api/v2/apps/installations/42.json.evil"},
        {"sub": f"{AT}/api/v2/users/77/../1.json"},
        {"sub": "77"},
    ],
)
def test_a_token_that_says_something_else_is_refused(browser: Browser, other: Mapping[str, Any]) -> None:
    """One that has run out, isn't valid yet, or is another account's."""
    page = opened(browser, token(claims(**other)))
    assert (page.status, "reload the ticket in Zendesk" in page.text) == (401, True)


@pytest.mark.parametrize("missing", ["exp", "iss", "aud", "sub"])
def test_a_token_that_leaves_something_out_is_refused(browser: Browser, missing: str) -> None:
    """None of what is judged may be missing."""
    content = claims()
    del content[missing]
    assert opened(browser, token(content)).status == 401


def test_a_token_that_zendesk_did_not_sign_is_refused(browser: Browser) -> None:
    """Another key, none, or the public key taken for a shared secret."""
    unsigned = jwt.encode(claims(), None, algorithm="none")
    head = jwt.utils.base64url_encode(json.dumps({"alg": "HS256", "typ": "JWT"}).encode())
    body = jwt.utils.base64url_encode(json.dumps(claims()).encode())
    import hashlib
    import hmac

    confused = b".".join(
        [
            head,
            body,
            jwt.utils.base64url_encode(hmac.new(pem(KEY).encode(), head + b"." + body, hashlib.sha256).digest()),
        ]
    ).decode()
    for text in (token(claims(), OTHER_KEY), unsigned, confused, "", "x", "a.b.c", token(claims())[:-4]):
        assert opened(browser, text).status == 401


def test_without_the_key_nobody_comes_in(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """And who looks is told the variable; a key that is none lets nobody in either."""
    monkeypatch.setenv("BUGBRIDGE_SUPPORT_APP_KEY", "no key")
    assert opened(browser, token(claims())).status == 401
    monkeypatch.delenv("BUGBRIDGE_SUPPORT_APP_KEY")
    page = opened(browser, token(claims()))
    assert (page.status, "BUGBRIDGE_SUPPORT_APP_KEY" in page.text) == (503, True)


def test_only_a_zendesk_has_the_app(scene: Scene, ticket: str) -> None:
    """Another helpdesk, or one that isn't there."""
    browser = Browser(scene, ELSEWHERE)
    for helpdesk in ("support", "elsewhere"):
        assert opened(browser, token(claims()), helpdesk).status == 404
    assert ticket


def test_the_apps_pass_lives_for_minutes_and_opens_nothing_itself(scene: Scene, browser: Browser, ticket: str) -> None:
    """It is exchanged at once; a ticket that isn't there is a sentence for the script."""
    given = pass_in(opened(browser, token(claims())))
    assert browser.get("/sidebar/support/1", urlencode({"pass": given})).status == 401
    gone = exchanged(browser, given, "support:4711")
    assert (gone.status, "no such ticket" in gone.facts["error"]) == (404, True)
    assert exchanged(browser, "", ticket).status == 401
    from datetime import timedelta

    scene.clock.at += timedelta(minutes=10)
    assert exchanged(browser, given, ticket).status == 401


def test_whoever_is_not_in_the_teams_list_stays_outside(scene: Scene, browser: Browser) -> None:
    """Where there is a list; who left is outside too."""
    people = scene.config.parent / "people.csv"
    people.write_text("agent,name\nsupport:1,Ada\n", encoding="utf-8")
    page = opened(browser, token(claims()))
    assert (page.status, "list of people" in page.text) == (403, True)
    people.write_text("agent,name\nsupport:77,Ada\n", encoding="utf-8")
    assert opened(browser, token(claims())).status == 200
    people.write_text("agent,name,away_from\nsupport:77,Ada,2026-01-01\n", encoding="utf-8")
    assert opened(browser, token(claims())).status == 403


def test_an_agent_sees_the_tickets_of_their_brands_alone(scene: Scene, browser: Browser, ticket: str) -> None:
    """Those that their row of the list of people has; another ticket is as one that isn't there."""
    people = scene.config.parent / "people.csv"
    for brands, status in (("support:another", 404), ("support:another|support", 200), ("", 200)):
        people.write_text(f"agent,name,brands\nsupport:77,Ada,{brands}\n", encoding="utf-8")
        given = pass_in(opened(browser, token(claims())))
        assert exchanged(browser, given, ticket).status == status


def test_the_folder_is_what_zendesk_takes(scene: Scene, tmp_path: Path) -> None:
    """A manifest with our address and signed addresses, translations and two logos."""
    scene.config.write_text(scene.config.read_text(encoding="utf-8") + ZENDESK, encoding="utf-8")
    folder = tmp_path / "app"
    assert "BUGBRIDGE_DESK_APP_KEY" in scene.say("app", "zendesk", "-o", str(folder))
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["signedUrls"] is True
    assert manifest["location"]["support"]["ticket_sidebar"]["url"] == "https://bugs.acme.example/sidebar/desk"
    assert {"name", "author", "defaultLocale", "private", "version", "frameworkVersion"} <= manifest.keys()
    assert "app" in json.loads((folder / "translations" / "en.json").read_text(encoding="utf-8"))
    for name, size in (("logo.png", 320), ("logo-small.png", 128)):
        content = (folder / "assets" / name).read_bytes()
        assert content.startswith(b"\x89PNG\r\n\x1a\n")
        assert content[16:24] == size.to_bytes(4) * 2
    again = scene.run("app", "zendesk", "-o", str(folder))
    assert (again.exit_code, "isn't empty" in again.stderr) == (4, True)


def test_without_an_address_there_is_no_app(scene: Scene, tmp_path: Path) -> None:
    """Or without a Zendesk, or without TLS."""
    result = scene.run("app", "zendesk", "-o", str(tmp_path / "app"))
    assert (result.exit_code, "No Zendesk is configured" in result.stderr) == (2, True)
    config = scene.config.read_text(encoding="utf-8") + ZENDESK
    scene.config.write_text(config.partition("[web]")[0], encoding="utf-8")
    result = scene.run("app", "zendesk", "-o", str(tmp_path / "app"))
    assert (result.exit_code, "[web] url is missing" in result.stderr) == (2, True)
    scene.config.write_text(config.replace("https://bugs", "http://bugs"), encoding="utf-8")
    assert "must begin with https://" in scene.run("app", "zendesk", "-o", str(tmp_path / "app")).stderr


def test_the_bookmarklet_knows_each_helpdesks_tickets(scene: Scene) -> None:
    """By their addresses, as scripts write patterns; it opens the sidebar at [web] url."""
    scene.config.write_text(scene.config.read_text(encoding="utf-8") + ZENDESK, encoding="utf-8")
    address = scene.facts("app", "bookmarklet")["bookmarklet"]
    script = unquote(address.removeprefix("javascript:"))
    assert address.startswith("javascript:")
    assert "\"https://bugs.acme.example\"+'/sidebar/'" in script
    assert '["support", "https://rt.example.com"' in script
    assert '["desk", "https://acme.zendesk.com"' in script
    assert "(?<number>" in script
    assert "(?P<" not in script


def test_without_an_address_for_others_the_bookmarklet_is_for_this_computer(scene: Scene) -> None:
    """And says so; where other computers may reach the pages, nobody knows by which address."""
    said = scene.say("app", "bookmarklet")
    assert "127.0.0.1%3A8420" in said
    assert "It works on this computer alone, since [web] url is missing" in said
    config = scene.config.read_text(encoding="utf-8").partition("[web]")[0]
    scene.config.write_text(f'{config}\n[web]\nhost = "0.0.0.0"\n', encoding="utf-8")
    result = scene.run("app", "bookmarklet")
    assert (result.exit_code, "[web] url is missing" in result.stderr) == (2, True)
