"""Signing in by OpenID Connect: over real sockets, with a provider of another hand, and with one that errs."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from joserfc.jwk import OctKey, RSAKey

from bugbridge.core.errors import ConfigError
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson
from bugbridge.entry.web.limits import MOST_TRIES
from bugbridge.helpdesks.memory import AGENT
from bugbridge.settings import load_settings, web_client_secret
from tests.entry.scene import CONFIG, START, Scene
from tests.entry.web.browsing import Page
from tests.entry.web.guests import Guest, made_token, with_people
from tests.entry.web.provider import ADDRESS, CLIENT_ID, CLIENT_SECRET, Provider, serving
from tests.entry.web.test_commands import free_port

PATIENCE = 60  # seconds until something that has to happen counts as not happening
COOKIE = "bugbridge_session"
WEB = """
url = "http://127.0.0.1:8420"
oidc_issuer = "{issuer}"
oidc_client_id = "bugbridge"
oidc_name = "Acme"
"""


def guest_of(scene: Scene, issuer: str) -> Guest:
    """Somebody at a web where one signs in at this provider."""
    return Guest(scene, web=WEB.format(issuer=issuer), client_secret=CLIENT_SECRET)


def at_provider(guest: Guest, following: str = "/due", form: dict[str, str] | None = None) -> str:
    """Begin, sign in at the provider, and give the query with which it sends them back."""
    begun = guest.get("/sign-in/begin", f"next={following}")
    assert begun.status == 303, begun.text
    address = begun.headers["location"]
    found = requests.request("POST" if form else "GET", address, data=form, timeout=PATIENCE, allow_redirects=False)
    assert found.headers["Location"].startswith("http://127.0.0.1:8420/sign-in/callback?"), found.text
    return urlsplit(found.headers["Location"]).query


def through(guest: Guest, following: str = "/due") -> Page:
    """Sign in from the beginning to the end."""
    return guest.get("/sign-in/callback", at_provider(guest, following))


@pytest.fixture
def provider(scene: Scene) -> Iterator[Provider]:
    """A provider that knows Ada, who is an admin."""
    with_people(scene)
    with serving(Provider(scene.clock.at)) as found:
        yield found


@contextmanager
def of_another_hand(*people: dict[str, Any]) -> Iterator[str]:
    """Run a provider that others wrote, as a process of its own; gives its issuer."""
    port = free_port()
    claims = [text for one in people for text in ("--user-claims", json.dumps(one))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce", "true", *claims]
    issuer = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(issuer)
            yield issuer
        finally:
            process.terminate()


def _wait_for(issuer: str) -> None:
    end = time.monotonic() + PATIENCE
    while True:
        try:
            requests.get(f"{issuer}/.well-known/openid-configuration", timeout=PATIENCE).raise_for_status()
        except requests.ConnectionError:
            assert time.monotonic() < end
            time.sleep(0.1)
        else:
            return


def test_somebody_signs_in_at_a_provider_that_others_wrote(scene: Scene) -> None:
    """Whom it knows by a verified address of the list has their role; whom it doesn't know so is told why."""
    with_people(scene)
    people = [
        {"sub": "1", "email": "Ben@Acme.example", "email_verified": True},
        {"sub": "2", "email": ADDRESS, "email_verified": False},
        {"sub": "3", "email": "cem@acme.example", "email_verified": True},
    ]
    with of_another_hand(*people) as issuer:
        scene.clock.at = datetime.now(UTC)
        guest = guest_of(scene, issuer)
        found = {sub: guest.get("/sign-in/callback", at_provider(guest, "/due", {"sub": sub})) for sub in "231"}
    assert [found[sub].status for sub in "123"] == [303, 403, 403]
    assert "hasn&#39;t verified your e-mail address" in found["2"].text
    assert "Nobody of people.csv who is there has your e-mail address" in found["3"].text
    assert found["1"].headers["location"] == "/due"
    assert "<bdi>Ben</bdi> (agent)" in guest.get("/due").text


def test_the_whole_way_goes_by_pkce_state_and_nonce(scene: Scene, provider: Provider) -> None:
    """And leads to where somebody wanted to be."""
    guest = guest_of(scene, provider.issuer)
    assert "Sign in with <bdi>Acme</bdi>" in guest.get("/sign-in").text
    begun = dict(parse_qsl(urlsplit(guest.get("/sign-in/begin").headers["location"]).query))
    assert (begun["response_type"], begun["code_challenge_method"]) == ("code", "S256")
    assert (begun["client_id"], set(begun["scope"].split())) == (CLIENT_ID, {"openid", "email"})
    assert min(len(begun[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    found = through(guest, "/people")
    assert (found.status, found.headers["location"]) == (303, "/people")
    assert guest.get("/people").status == 200
    entry = guest.app.store.trail("").rows[0]
    assert (entry.who, entry.via, entry.did) == (ADDRESS, "session", "session.started")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://elsewhere.example"},
        {"iss": None},
        {"aud": "another"},
        {"aud": None},
        {"aud": [CLIENT_ID, "another"]},
        {"azp": "another"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(START.timestamp()) - 61},
        {"exp": None},
        {"iat": int(START.timestamp()) + 3_600},
        {"sub": None},
    ],
)
def test_claims_that_do_not_hold_sign_nobody_in(scene: Scene, provider: Provider, claims: dict[str, Any]) -> None:
    """Of another issuer, for another client, to another request, or of another time."""
    provider.claims = claims
    guest = guest_of(scene, provider.issuer)
    found = through(guest)
    assert (found.status, "can&#39;t be trusted" in found.text, COOKIE in guest.cookies) == (403, True, False)


@pytest.mark.parametrize("signed", ["by another key", "by nobody", "by what we know, too", "garbled"])
def test_only_the_provider_s_own_key_signs(scene: Scene, provider: Provider, signed: str) -> None:
    """Neither another one, nor none, nor the public key or our secret as a shared one."""
    if signed == "by another key":
        provider.signs_with = RSAKey.generate_key(2048, {"kid": "1"})
    elif signed == "by nobody":
        provider.header = {"alg": "none"}
    elif signed == "by what we know, too":
        provider.header, provider.signs_with = {"alg": "HS256", "kid": "1"}, OctKey.import_key(CLIENT_SECRET)
    else:
        provider.person = {"sub": "7"}
        provider.header = {"alg": "RS256", "kid": "2"}
    guest = guest_of(scene, provider.issuer)
    assert (through(guest).status, COOKIE in guest.cookies) == (403, False)


@pytest.mark.parametrize("verified", [False, None, "false", 1])
def test_an_address_that_nobody_verified_is_nobody_s(scene: Scene, provider: Provider, verified: object) -> None:
    """Anybody could have written it there."""
    provider.person["email_verified"] = verified
    found = through(guest_of(scene, provider.issuer))
    assert (found.status, "hasn&#39;t verified" in found.text) == (403, True)


def test_an_address_may_come_with_the_person_s_facts(scene: Scene, provider: Provider) -> None:
    """Some providers keep it out of the token; about another person they are refused."""
    provider.info, provider.person = provider.person, {"sub": "7"}
    guest = guest_of(scene, provider.issuer)
    assert through(guest).status == 303
    provider.info = {**provider.info, "sub": "8"}
    assert through(guest_of(scene, provider.issuer)).status == 403


def test_an_answer_counts_in_the_browser_that_asked(scene: Scene, provider: Provider) -> None:
    """Not in another one's, not with another state, not twice, and not after ten minutes."""
    guest, other = guest_of(scene, provider.issuer), guest_of(scene, provider.issuer)
    query = at_provider(guest)
    other.get("/sign-in/begin")
    assert other.get("/sign-in/callback", query).status == 403
    assert guest.get("/sign-in/callback", query.replace("state=", "state=x")).status == 403
    assert guest.get("/sign-in/callback").status == 403
    assert guest.get("/sign-in/callback", query).status == 303
    assert guest.get("/sign-in/callback", query).status == 403
    query = at_provider(guest)
    scene.clock.at += timedelta(minutes=10)
    assert "more than ten minutes" in guest.get("/sign-in/callback", query).text


def test_what_a_provider_says_of_an_error_is_not_repeated(
    scene: Scene, provider: Provider, caplog: pytest.LogCaptureFixture
) -> None:
    """It may hold anything; neither do secrets and addresses stand in the log."""
    guest = guest_of(scene, provider.issuer)
    query = at_provider(guest)
    state = dict(parse_qsl(query))["state"]
    found = guest.get("/sign-in/callback", f"error=access_denied&error_description=hostile&state={state}")
    assert (found.status, "hostile" in found.text, "signed nobody in" in found.text) == (403, False, True)
    with caplog.at_level(0):
        assert guest.get("/sign-in/callback", f"code=another&state={state}").status == 403
        assert through(guest).status == 303
    said = [word for word in ("a secret word", CLIENT_SECRET, ADDRESS, "code-1", "access-1") if word in caplog.text]
    assert said == []


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://elsewhere.example"}, {"token_endpoint": "ftp://127.0.0.1/token"}, {"jwks_uri": None}],
)
def test_a_provider_that_describes_itself_wrongly_is_not_asked(
    scene: Scene, provider: Provider, about: dict[str, Any]
) -> None:
    """Nobody is sent anywhere."""
    provider.about = about
    found = guest_of(scene, provider.issuer).get("/sign-in/begin")
    assert (found.status, "can&#39;t be used now" in found.text) == (403, True)


def test_a_provider_that_is_away_is_said_so(scene: Scene) -> None:
    """However often one asks: nobody failed to prove who they are, so that one can still sign in by a token."""
    token, guest = made_token(scene), guest_of(scene, f"http://127.0.0.1:{free_port()}")
    provider = guest.application.state.web.provider
    provider._asked = lambda *_: (_ for _ in ()).throw(provider._unusable("no connection"))
    for _ in range(MOST_TRIES + 1):
        found = guest.get("/sign-in/begin")
        assert (found.status, "can&#39;t be used now" in found.text) == (403, True)
    assert guest.sign_in(token).status == 303


def test_what_was_not_begun_here_is_no_failed_try(scene: Scene, provider: Provider) -> None:
    """Another site could send somebody's browser to the callback again and again, and lock them out."""
    guest = guest_of(scene, provider.issuer)
    for query in ("", "code=x&state=y"):
        for _ in range(MOST_TRIES + 1):
            assert guest.get("/sign-in/callback", query).status == 403
    assert guest.get("/sign-in/begin").status == 303
    for _ in range(MOST_TRIES + 1):
        assert guest.get("/sign-in/callback", "code=x&state=y").status == 403
    assert through(guest).status == 303


def test_a_provider_that_is_being_asked_is_no_failed_try(scene: Scene, provider: Provider) -> None:
    """Many begin at once after a new start: one of them asks it, and the others try again."""
    guest = guest_of(scene, provider.issuer)
    with guest.application.state.web.provider._turn:
        for _ in range(MOST_TRIES + 1):
            assert guest.get("/sign-in/begin").status == 403
    assert through(guest).status == 303


def test_whoever_leaves_the_list_is_signed_out(scene: Scene, provider: Provider) -> None:
    """And a role or a brand that changes counts from the next request on."""
    guest = guest_of(scene, provider.issuer)
    through(guest)
    assert guest.get("/people").status == 200
    with_people(scene, f"agent,role,brands\n{ADDRESS},lead,support:EU\n")
    assert (guest.get("/people").status, "(lead)" in guest.get("/due").text) == (403, True)
    with_people(scene, f"agent,away_from\n{ADDRESS},2026-01-01\n")
    assert guest.get("/due").status == 303
    with_people(scene, "agent\nsupport:9\n")
    assert guest.get("/due").status == 303
    assert through(guest).status == 403


def test_an_agent_is_known_by_their_address_at_the_helpdesk(scene: Scene, provider: Provider) -> None:
    """Where the list names them by HELPDESK:ID."""
    agent = RemotePerson(AGENT.remote_id, AuthorKind.AGENT, name="Ada", address=ADDRESS)
    number = scene.helpdesk.add_ticket(START - timedelta(days=10), assignee=agent)
    scene.helpdesk.write(number, agent, "We look into it.", START - timedelta(days=9), public=True)
    scene.read()
    with_people(scene, f"agent,role\nsupport:{AGENT.remote_id},lead\n")
    guest = guest_of(scene, provider.issuer)
    assert through(guest).status == 303
    assert "(lead)" in guest.get("/due").text


@pytest.mark.parametrize(
    ("web", "said"),
    [
        ('oidc_issuer = "https://id.example"\noidc_client_id = "x"', "oidc_issuer needs url"),
        ('oidc_issuer = "https://id.example"\nurl = "https://bb.example"', "oidc_issuer needs oidc_client_id"),
        (
            'oidc_issuer = "http://id.example"\nurl = "https://bb.example"\noidc_client_id = "x"',
            "oidc_issuer must begin with https://",
        ),
        ('client_secret = "hidden-words"', "set BUGBRIDGE_WEB_CLIENT_SECRET in the environment"),
    ],
)
def test_what_is_missing_is_said_at_the_start(scene: Scene, web: str, said: str) -> None:
    """With the key that has to be set; a secret in the file is refused without repeating it."""
    scene.config.write_text(f"{CONFIG}\n[web]\n{web}\n", encoding="utf-8")
    result = scene.run("serve")
    assert (result.exit_code, said in result.stderr, "hidden-words" in result.output) == (2, True, False)


def test_the_provider_s_secret_is_needed(scene: Scene) -> None:
    """By its own variable."""
    text = WEB.format(issuer="https://id.example")
    scene.config.write_text(f"{CONFIG}\n[web]\n{text}", encoding="utf-8")
    settings = load_settings(scene.config, {})
    assert web_client_secret(settings, {"BUGBRIDGE_WEB_CLIENT_SECRET": "s"}) == "s"
    with pytest.raises(ConfigError, match="BUGBRIDGE_WEB_CLIENT_SECRET"):
        web_client_secret(settings, {})
