"""Signing in and out: by tokens that count, in sessions that nobody can forge, and that end when they should."""

import asyncio
import re
import sqlite3
from contextlib import closing
from datetime import timedelta
from urllib.parse import parse_qsl, urlsplit

import pytest
from fastapi import Request

from bugbridge.entry.web.application import web_application
from bugbridge.entry.web.limits import MOST_TRIES, TRIES_WITHIN
from bugbridge.entry.web.refusals import Unknown, asked_path, on_unknown
from bugbridge.entry.web.sign_in import own_path
from tests.entry.scene import Scene
from tests.entry.web.guests import Guest, made_token

ENVIRONMENT = "the-token-of-the-environment"
COOKIE = "bugbridge_session"
LINKED = re.compile(r'<li><a href="(/[a-z]+)">')


def signed_in(scene: Scene, *options: str) -> Guest:
    """Somebody who signed in by a token named ada."""
    guest = Guest(scene)
    assert guest.sign_in(made_token(scene, "ada", *options)).status == 303
    return guest


def test_whoever_has_a_token_signs_in_and_goes_on(scene: Scene) -> None:
    """To the page that they wanted, of which they were shown nothing before."""
    token, guest = made_token(scene), Guest(scene)
    before = guest.get("/due", "after=1")
    assert (before.status, before.headers["location"]) == (303, "/sign-in?next=%2Fdue%3Fafter%3D1")
    there = guest.sign_in(token, "/due")
    assert (there.status, there.headers["location"]) == (303, "/due")
    assert "<bdi>ada</bdi> (agent)" in guest.get("/due").text
    assert guest.get("/").status == 303


def test_a_reference_stays_quoted_on_the_way() -> None:
    """What is asked for with / and # in it is what one comes back to."""
    scope = {"type": "http", "method": "GET", "path": "/bugs/github:acme/app#12", "headers": []}
    request = Request({**scope, "raw_path": b"/bugs/github:acme%2Fapp%2312", "query_string": b"after=%23"})
    found = asyncio.run(on_unknown(request, Unknown()))
    wanted = "/bugs/github:acme%2Fapp%2312?after=%23"
    assert dict(parse_qsl(urlsplit(found.headers["location"]).query)) == {"next": wanted}
    assert own_path(wanted) == wanted
    assert asked_path(request, after="2", format="csv") == "/bugs/github:acme%2Fapp%2312?after=2&format=csv"


def test_the_api_leads_nobody_to_a_form(scene: Scene) -> None:
    """Programs are told what is missing."""
    made_token(scene)
    found = Guest(scene).get("/api/v1/due")
    assert (found.status, found.headers["www-authenticate"]) == (401, 'Bearer realm="BugBridge"')


def test_a_form_that_comes_after_the_session_is_no_page(scene: Scene) -> None:
    """It can't be sent again from the form for signing in, so that is said."""
    made_token(scene)
    found = Guest(scene).send("/tokens", {"name": "x"})
    assert (found.status, "Sign in, and do it again" in found.text) == (401, True)


@pytest.mark.parametrize("by_form", [True, False])
@pytest.mark.parametrize("end", ["revoked", "expired", "unknown"])
def test_a_token_that_was_taken_back_opens_nothing(scene: Scene, end: str, *, by_form: bool) -> None:
    """Neither a session nor the API."""
    token = made_token(scene, "ada", "--days", "2")
    if end == "revoked":
        scene.say("token", "revoke", "ada")
    if end == "expired":
        scene.clock.at += timedelta(days=2)
    guest, given = Guest(scene), f"{token}x" if end == "unknown" else token
    if by_form:
        found = guest.sign_in(given)
        assert "unknown, expired or revoked" in found.text
        assert COOKIE not in guest.cookies
    else:
        found = guest.get("/api/v1/due", Authorization=f"Bearer {given}")
    assert found.status == 401


def test_a_session_ends_with_its_token(scene: Scene) -> None:
    """At once, not only when it would have ended by itself."""
    guest = signed_in(scene)
    assert guest.get("/due").status == 200
    scene.say("token", "revoke", "ada")
    assert guest.get("/due").status == 303


def test_a_session_ends_when_its_token_expires(scene: Scene) -> None:
    """A session is no way to keep a token's rights for longer."""
    token, guest = made_token(scene, "ada", "--days", "1"), Guest(scene)
    scene.clock.at += timedelta(hours=23)
    guest.sign_in(token)
    scene.clock.at += timedelta(hours=2)
    assert guest.get("/due").status == 303


def test_a_session_lasts_twelve_hours(scene: Scene) -> None:
    """Whatever the browser keeps."""
    guest = signed_in(scene)
    scene.clock.at += timedelta(hours=11, minutes=59)
    assert guest.get("/due").status == 200
    scene.clock.at += timedelta(minutes=1)
    assert guest.get("/due").status == 303


def test_a_cookie_that_is_not_ours_is_nobody(scene: Scene) -> None:
    """Forged, altered, of another key, or sealed for another purpose; and never an error."""
    guest = signed_in(scene)
    ours = guest.cookies[COOKIE]
    packed, _, signature = ours.partition(".")
    of_another = "A" + packed[1:] if packed[0] != "A" else "B" + packed[1:]
    sealed = Guest(scene).application.state.web.doorkeeper.signer.sealed("begun", "x")
    foreign = ["", "x", ".", packed, f"{packed}.", f"{of_another}.{signature}", f"{packed}.{signature[:-1]}0g", sealed]
    for cookie in (*foreign, f"{packed}.{'0' * 64}", "\x80.\x80", "ä"):
        guest.cookies[COOKIE] = cookie
        assert guest.get("/due").status == 303, cookie
    guest.cookies[COOKIE] = ours
    assert guest.get("/due").status == 200


def test_a_cookie_is_kept_from_scripts_and_other_sites(scene: Scene) -> None:
    """And goes encrypted alone where people reach the web so."""
    plain = signed_in(scene).set_cookies[COOKIE]
    assert "HttpOnly; Max-Age=43200; Path=/; SameSite=lax" in plain
    assert "Secure" not in plain
    private = Guest(scene, web='url = "https://bugbridge.example.com"\n')
    private.sign_in(made_token(scene, "ben"))
    assert "Secure" in private.set_cookies[COOKIE]


def test_each_sign_in_is_a_session_of_its_own(scene: Scene) -> None:
    """So that nobody can give somebody a session beforehand."""
    token, guest = made_token(scene), Guest(scene)
    guest.sign_in(token)
    first = guest.cookies[COOKIE]
    guest.sign_in(token)
    assert guest.cookies[COOKIE] != first


def test_signing_out_ends_the_session_itself(scene: Scene) -> None:
    """A cookie that somebody kept is worth nothing; also for a token that may only look."""
    guest = signed_in(scene, "--scope", "read")
    kept = guest.cookies[COOKIE]
    out = guest.post("/sign-out", {})
    assert (out.status, out.headers["location"], COOKIE in guest.cookies) == (303, "/sign-in", False)
    guest.cookies[COOKIE] = kept
    assert guest.get("/due").status == 303


def test_nobody_is_signed_out_by_another_site(scene: Scene) -> None:
    """That form, too, is one of ours."""
    guest = signed_in(scene)
    assert guest.send("/sign-out", {}).status == 403
    assert guest.get("/due").status == 200


def test_nobody_is_signed_in_by_another_site(scene: Scene) -> None:
    """The form for it counts in the browser that it was shown in alone."""
    token, guest, other = made_token(scene), Guest(scene), Guest(scene)
    other.get("/sign-in")
    assert guest.send("/sign-in", {"token": token}).status == 403
    guest.get("/sign-in")
    assert guest.send("/sign-in", {"token": token, "csrf": "0" * 64}).status == 403
    assert COOKIE not in guest.cookies


@pytest.mark.parametrize("wrong", ["", "0" * 64, "of another session"])
def test_a_form_without_its_mark_changes_nothing(scene: Scene, wrong: str) -> None:
    """Missing, made up, or that of another session of the same person."""
    token = made_token(scene, "ada", "--role", "admin", "--scope", "write")
    guest, other = Guest(scene), Guest(scene)
    guest.sign_in(token)
    other.sign_in(token)
    found = mark_of(other) if wrong == "of another session" else wrong
    fields = {"name": "ben", "role": "agent", "scope": "read", "csrf": found}
    assert guest.send("/tokens", fields).status == 403
    assert guest.app.store.token_named("ben") is None
    assert guest.send("/tokens", {**fields, "csrf": mark_of(guest)}).status == 200


def mark_of(guest: Guest) -> str:
    """Give the mark that a page of theirs carries."""
    return guest.get("/due").text.partition('name="csrf" content="')[2].partition('"')[0]


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}]
)
def test_what_a_browser_sends_from_another_site_changes_nothing(scene: Scene, headers: dict[str, str]) -> None:
    """Also on the computer itself, where there is no cookie, and of scripts that send no form."""
    guest = Guest(scene)
    found = guest._ask("POST", "/api/v1/tokens", b'{"name": "ben"}', {"Host": "127.0.0.1", **headers}, "")
    assert (found.status, guest.app.store.has_tokens()) == (403, False)


def test_the_environments_token_is_an_admins(scene: Scene) -> None:
    """By the form and by its header; another one in its place ends its sessions."""
    guest = Guest(scene, ENVIRONMENT)
    assert guest.get("/api/v1/people", Authorization=f"Bearer {ENVIRONMENT}").status == 200
    guest.sign_in(ENVIRONMENT)
    assert "<bdi>web</bdi> (admin)" in guest.get("/due").text
    later = Guest(scene, "another-token-than-before")
    later.cookies = guest.cookies
    assert later.get("/due").status == 303


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/due?after=1", "/due?after=1"),
        ("", "/"),
        ("due", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\r\nSet-Cookie: x=y", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/\u2066due", "/"),
        ("/" + "x" * 1_500, "/"),
    ],
)
def test_nobody_is_led_to_another_site(asked: str, leads_to: str) -> None:
    """However its address is spelled."""
    assert own_path(asked) == leads_to


def test_signing_in_leads_to_no_other_site(scene: Scene) -> None:
    """Neither by the address of the page nor by the form's field."""
    there = Guest(scene).sign_in(made_token(scene), "//evil.example")
    assert there.headers["location"] == "/"


def test_after_ten_failed_tries_nothing_is_tried(scene: Scene) -> None:
    """Not even the right token, until five minutes have passed; another address is let in."""
    token, guest = made_token(scene), Guest(scene)
    tries = [guest.sign_in("bb_wrong").status for _ in range(MOST_TRIES)]
    found = guest.sign_in(token)
    assert (set(tries), found.status) == ({401}, 429)
    assert "wait five minutes" in found.text
    scene.clock.at += TRIES_WITHIN
    assert guest.sign_in(token).status == 303


def test_after_ten_wrong_tokens_the_api_tries_none(scene: Scene) -> None:
    """For five minutes and from that address, not even the right one; whoever signs in by hand isn't held up."""
    token, guest = made_token(scene), Guest(scene)
    for number in range(MOST_TRIES):
        assert guest.get("/api/v1/due", Authorization=f"Bearer {number}").status == 401
    found = guest.get("/api/v1/due", Authorization=f"Bearer {token}")
    assert (found.status, found.headers["retry-after"]) == (429, "300")
    assert "Too many wrong tokens" in found.facts["error"]
    assert guest.sign_in(token).status == 303
    scene.clock.at += TRIES_WITHIN
    guest.cookies.clear()
    assert guest.get("/api/v1/due", Authorization=f"Bearer {token}").status == 200


def test_the_tries_of_a_revoked_token_count_wherever_they_come_from(scene: Scene) -> None:
    """Somebody who has many addresses is still trying the same."""
    token, guest = made_token(scene), Guest(scene)
    scene.say("token", "revoke", "ada")
    limits = guest.application.state.web.doorkeeper.limits
    for _ in range(MOST_TRIES):
        limits.failed("token ada")
    assert guest.sign_in(token).status == 429
    assert guest.sign_in("bb_another").status == 401


def test_limits_forget_what_is_over(scene: Scene) -> None:
    """So that nobody fills the memory."""
    limits = Guest(scene).application.state.web.doorkeeper.limits
    limits.failed("address 192.0.2.1")
    scene.clock.at += TRIES_WITHIN
    assert not limits.is_reached("address 192.0.2.1")
    assert limits._failed == {}


def test_what_is_kept_and_said_opens_nothing(scene: Scene, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the token nor a session's id stands in the database, the log, a page, the trail or a refusal."""
    token, guest = made_token(scene, "ada", "--role", "admin", "--scope", "write"), Guest(scene)
    with caplog.at_level(0):
        said = [guest.sign_in(token[:-1]).text, guest.sign_in(token).text]
        session = guest.application.state.web.doorkeeper.signer.opened("session", guest.cookies[COOKIE])
        said += [
            guest.get(path).text for path in ("/due", "/tokens", "/trail", "/people", "/nothing", "/api/v1/tokens")
        ]
        said += [scene.say("token", "list", "--json"), caplog.text]
    with closing(sqlite3.connect(scene.config.parent / "bugbridge.sqlite")) as database:
        said += list(database.iterdump())
    assert session
    assert [text for text in said if token in text or session in text] == []


def test_once_somebody_could_sign_in_nobody_is_let_in_without(scene: Scene) -> None:
    """Not on the computer itself, and not after the last token was revoked."""
    guest = Guest(scene)
    assert guest.get("/due").status == 200
    made_token(scene)
    assert guest.get("/due").status == 303
    scene.say("token", "revoke", "ada")
    assert guest.get("/due").status == 303


def test_where_nobody_can_sign_in_there_is_no_form(scene: Scene) -> None:
    """It would lead nowhere; what to do instead is said."""
    found = Guest(scene).get("/sign-in")
    assert (found.status, "Nobody can sign in here yet" in found.text) == (403, True)


def test_a_refusal_keeps_the_way_on_for_whoever_is_signed_in(scene: Scene) -> None:
    """The pages and Find stand above it, and it says whether something wasn't shown or wasn't done."""
    guest = signed_in(scene, "--scope", "write")
    refused = guest.get("/tokens", Accept="text/html")
    assert (refused.status, "This can't be shown" in refused.text) == (403, True)
    for part in ('aria-label="Pages"', 'action="/find"', "Sign out"):
        assert part in refused.text
    undone = guest.post("/bugs/github%3Aacme%2Fapp%2399/words", {"words": "x"}, Accept="text/html")
    assert (undone.status, "This can't be done" in undone.text) == (404, True)


@pytest.mark.parametrize("scope", ["read", "write"])
@pytest.mark.parametrize(
    ("role", "brand", "offered"),
    [
        ("agent", "", "/due /bugs /promises /rounds /links /sources"),
        ("agent", "support:EU", "/due /bugs /promises /rounds /links /sources"),
        ("lead", "", "/due /bugs /promises /rounds /links /sources /policy /audits"),
        ("lead", "support:EU", "/due /bugs /promises /rounds /links /sources /policy"),
        ("admin", "", "/due /bugs /promises /rounds /links /sources /policy /audits /people /tokens /trail"),
        ("admin", "support:EU", "/due /bugs /promises /rounds /links /sources /policy /people /tokens"),
    ],
)
def test_pages_are_offered_to_whoever_may_open_them(
    scene: Scene, role: str, brand: str, offered: str, scope: str
) -> None:
    """Each opens, and they are offered at an address that doesn't exist, too."""
    guest = signed_in(scene, "--role", role, "--scope", scope, *(("--brand", brand) if brand else ()))
    lost = guest.get("/nowhere", Accept="text/html")
    assert (lost.status, LINKED.findall(lost.text)) == (404, offered.split())
    assert {guest.get(path).status for path in offered.split()} == {200}


def test_every_refusal_keeps_the_way_on(scene: Scene) -> None:
    """Of an address that isn't there or isn't asked so, of a query that can't be read, and of an act by whoever may
    only look; a stranger is offered nothing, and a program told in a sentence."""
    guest = signed_in(scene, "--role", "lead")
    refused = {
        404: guest.get("/due/nowhere", Accept="text/html"),
        405: guest.get("/sign-out", Accept="text/html"),
        400: guest.get("/due", f"after={'x' * 201}", Accept="text/html"),
        403: guest.post("/bugs/github%3Aacme%2Fapp%2399/words", {"words": "x"}, Accept="text/html"),
    }
    assert {status: found.status for status, found in refused.items()} == {status: status for status in refused}
    assert [status for status, found in refused.items() if 'href="/policy"' not in found.text] == []
    assert "its scope is read" in refused[403].text
    stranger = Guest(scene).get("/nowhere", Accept="text/html")
    assert (stranger.status, 'aria-label="Pages"' in stranger.text) == (404, False)
    assert guest.get("/nowhere").facts == {"error": "There is nothing at this address."}


@pytest.mark.parametrize(
    ("secrets", "web", "status"),
    [
        ({}, "", 200),
        ({"github": ""}, 'url = "http://localhost:8420"', 200),
        ({}, 'url = "https://bugs.acme.example"', 403),
        ({}, 'host = "0.0.0.0"', 403),
        ({"github": "a-secret"}, "", 403),
    ],
)
def test_where_others_may_come_nobody_is_let_in_without(
    scene: Scene, secrets: dict[str, str], web: str, status: int
) -> None:
    """A proxy on this computer that adds no headers makes every stranger look as if they sat at it."""
    guest = Guest(scene, web=web)
    guest.application = web_application(guest.app, secrets, guest.woken.append)
    for path in ("/due", "/api/v1/due", "/tokens"):
        found = guest.get(path)
        assert (found.status, "bugbridge token create" in found.text) == (status, status == 403)


@pytest.mark.parametrize("host", ["[", "[::1", "a]b", "//", "x/sidebar/?", "127.0.0.1/sidebar/?"])
def test_a_host_that_is_none_is_not_here(scene: Scene, host: str) -> None:
    """It is refused like any other name, and where one signs in it changes nothing of where one is led back to."""
    guest = Guest(scene)
    for path in ("/due", "/api/v1/due"):
        found = guest.get(path, Host=host)
        assert (found.status, "Nobody can sign in here yet" in found.text) == (403, True)
    made_token(scene)
    assert guest.get("/due", "after=1", Host=host).headers["location"] == "/sign-in?next=%2Fdue%3Fafter%3D1"
    assert guest.get("/api/v1/due", Host=host).status == 401


@pytest.mark.parametrize("origin", ["http://[", "null", "http://evil.example", "[", "http://127.0.0.1:8421"])
def test_an_origin_that_is_none_is_another_site(scene: Scene, origin: str) -> None:
    """What it sends changes nothing."""
    guest = Guest(scene)
    found = guest.post("/tokens", {"name": "eve"}, page="/tokens", Origin=origin)
    assert (found.status, "came from elsewhere" in found.text) == (403, True)
    assert guest.get("/due").status == 200


@pytest.mark.parametrize(
    ("site", "mode", "status"),
    [
        ("cross-site", "no-cors", 403),
        ("cross-site", "cors", 403),
        ("cross-site", "", 403),
        ("cross-site", "navigate", 200),
        ("same-origin", "cors", 200),
        ("none", "navigate", 200),
    ],
)
def test_another_sites_page_loads_nothing_of_this_computers(scene: Scene, site: str, mode: str, status: int) -> None:
    """Where nobody signs in no cookie keeps it out; a link from there leads here all the same."""
    headers = {"Sec-Fetch-Site": site, **({"Sec-Fetch-Mode": mode} if mode else {})}
    assert {Guest(scene).get(path, **headers).status for path in ("/due", "/api/v1/due")} == {status}
