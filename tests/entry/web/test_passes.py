"""Passes: one ticket's sidebar in a frame, where browsers send no cookies."""

import base64
import json
import re
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from bugbridge.core.people import Agent
from bugbridge.entry.web.passes import Passes
from bugbridge.entry.web.signing import Signer
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene
from tests.entry.web.browsing import CSRF, FORM, HERE, Browser, Page

ELSEWHERE = {"Host": "bugs.acme.example"}
KEY = "k" * 32


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def framed(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """A browser at another computer that sends nothing but what its address holds."""
    return Browser(scene, ELSEWHERE)


def given(browser: Browser, ticket: str, lasting: timedelta = timedelta(hours=1)) -> str:
    """A pass of the process that serves."""
    passes: Passes = browser.application.state.web.doorkeeper.passes
    return passes.for_ticket(ticket, "ada@acme.example", lasting)


def open_sidebar(browser: Browser, ticket: str, text: str, path: str = "") -> Page:
    return browser.get("/sidebar/" + ticket.replace(":", "/") + path, urlencode({"pass": text}))


def test_a_pass_opens_its_ticket_and_acts_there(framed: Browser, ticket: str) -> None:
    """Under the name of its agent; each form and what comes back carries it on."""
    text = given(framed, ticket)
    page = open_sidebar(framed, ticket, text)
    assert page.status == 200
    assert f'acts?pass={text}"' in page.text
    csrf = CSRF.search(page.text)
    assert csrf
    body = urlencode({"csrf": csrf[1], "verb": "told", "issue": BUG}).encode()
    path, headers = "/sidebar/" + ticket.replace(":", "/") + "/acts", {**ELSEWHERE, "Content-Type": FORM}
    done = framed._ask("POST", path, body, headers, urlencode({"pass": text}))
    assert done.status == 303
    assert f"pass={text}" in done.headers["location"]
    rows = framed.app.store._rows("SELECT who, via FROM web_trail")  # type: ignore[attr-defined]
    assert [tuple(row) for row in rows] == [("ada@acme.example", "ticket")]
    assert framed._ask("POST", path, body, headers, urlencode({"pass": given(framed, ticket)})).status == 403


def test_a_pass_shows_no_other_ticket(scene: Scene, framed: Browser, ticket: str) -> None:
    """Neither as a page nor as facts, and whether there is one isn't told."""
    other = f"support:{scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER)}"
    text = given(framed, ticket)
    assert open_sidebar(framed, other, text).status == 404
    assert open_sidebar(framed, "support:4711", text).text == open_sidebar(framed, other, text).text
    api = framed.get("/api/v1/tickets/" + other.replace(":", "/"), urlencode({"pass": text}))
    assert api.status == 404
    assert framed.get("/api/v1/tickets/" + ticket.replace(":", "/"), **{"X-BugBridge-Pass": text}).status == 200


def test_a_pass_finds_what_is_known_and_asks_no_tracker(scene: Scene, framed: Browser, ticket: str) -> None:
    """Whoever holds its address reads no titles, and neither subjects nor numbers of other tickets: a sentence says so,
    and a link without the pass leads to the search of whoever is signed in. An issue's address is linked all the same.
    """
    other, title = "github:acme/app#13", "Secret import"
    scene.tracker.add(other, START - timedelta(days=3), title=title)
    number = scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER, subject="Private subject")
    scene.say("link", f"support:{number}", other)
    text, path = given(framed, ticket), "/sidebar/" + ticket.replace(":", "/")
    page = framed.get(path, urlencode({"pass": text, "q": "acme/app", "tracker": "github"})).text
    assert f'aria-label="Link, {other}"' in page
    assert [words for words in (title, "Private subject", "that you can see", "In github") if words in page] == []
    assert "Titles at a tracker are for the team alone" in page
    links = [
        unescape(link) for link in re.findall(r'<a href="([^"]+)" target="_blank" rel="noopener noreferrer">', page)
    ]
    assert links[0] == f"{path}?q=acme%2Fapp&tracker=github"
    query = links[0].partition("?")[2].replace("acme%2Fapp", "import")
    assert title in framed.get(path, query, **HERE).text
    csrf = CSRF.search(page)
    assert csrf
    body = urlencode({"csrf": csrf[1], "verb": "link", "issue": "https://github.com/acme/app/issues/13"}).encode()
    headers = {**ELSEWHERE, "Content-Type": FORM}
    assert framed._ask("POST", f"{path}/acts", body, headers, urlencode({"pass": text})).status == 303


@pytest.mark.parametrize("path", ["/due", "/api/v1/due", "/", "/sidebarx"])
def test_a_pass_opens_nothing_else(framed: Browser, ticket: str, path: str) -> None:
    """Not even a list that its ticket is on."""
    assert framed.get(path, urlencode({"pass": given(framed, ticket)})).status in (403, 404)


@pytest.mark.parametrize("path", ["/due", "/api/v1/due", "/bugs"])
def test_a_pass_opens_nothing_else_by_a_made_up_host(framed: Browser, ticket: str, path: str) -> None:
    """What a host looks like is no part of the address."""
    query = urlencode({"pass": given(framed, ticket)})
    for host in ("x/sidebar/?", "x/sidebar/#", "x/api/v1/tickets/"):
        assert framed.get(path, query, Host=host).status == 403


def test_a_pass_runs_out(scene: Scene, framed: Browser, ticket: str) -> None:
    """After twelve hours at most, with what to do."""
    text = given(framed, ticket, timedelta(days=30))
    scene.clock.at += timedelta(hours=11)
    assert open_sidebar(framed, ticket, text).status == 200
    scene.clock.at += timedelta(hours=1)
    page = open_sidebar(framed, ticket, text)
    assert (page.status, "open the ticket anew in your helpdesk" in page.text) == (401, True)
    assert "frame-ancestors https://helpdesk.example" in page.headers["content-security-policy"]


def test_what_is_forged_opens_nothing(framed: Browser, ticket: str) -> None:
    """Another content under a known signature, another key, an app's pass, or no pass at all."""
    text = given(framed, ticket)
    body, _, signature = text.partition(".")
    content = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    content[1] = "support:2"
    forged = base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")
    passes = framed.application.state.web.doorkeeper.passes
    elsewhere = Passes(Signer("another key" * 4), framed.app.clock.now).for_ticket(ticket, "eve")
    odd = ["x", ".", f"{body}.", f".{signature}", text + "0", text[:-1], "é.é", f"{forged}.{signature}", elsewhere]
    for one in [*odd, passes.for_app("support", "1"), "A" * 5_000]:
        assert open_sidebar(framed, ticket, one).status == 401


def test_a_pass_of_the_command_line_opens_the_sidebar(
    scene: Scene, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of `bugbridge app frame`, with the key that `serve` has; it says until when."""
    monkeypatch.setenv("BUGBRIDGE_WEB_KEY", KEY)
    config = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(config + '\n[web]\nurl = "https://bugs.acme.example"\n', encoding="utf-8")
    said = scene.facts(
        "app", "frame", "support", ticket.partition(":")[2], "--agent", "ada@acme.example", "--hours", "1"
    )
    address, _, query = said["address"].partition("?")
    assert address == "https://bugs.acme.example/sidebar/support/1"
    assert said["until"].startswith("2026-06-15T10:")
    from bugbridge.entry.web.application import web_application

    browser = Browser(scene, ELSEWHERE)
    browser.application = web_application(browser.app, {}, browser.woken.append, key=KEY)
    assert browser.get("/sidebar/support/1", query).status == 200


def test_an_agent_of_the_list_gets_no_pass_for_a_foreign_ticket(
    scene: Scene, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor one who has left; whoever isn't listed gets one only where there is no list."""
    monkeypatch.setenv("BUGBRIDGE_WEB_KEY", KEY)
    config = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(config + '\n[web]\nurl = "https://bugs.acme.example"\n', encoding="utf-8")
    people, number = scene.config.parent / "people.csv", ticket.partition(":")[2]
    head = "agent,brands,away_from\n"
    for row, code, words in (
        ("support:7,support:another,", 2, "support:7 sees support:another alone"),
        ("support:7,support,", 0, ""),
        ("support:7,,2026-01-01", 2, "support:7 has left"),
        ("support:8,support:another,", 2, "support:7 isn't in people.csv"),
    ):
        people.write_text(head + row + "\n", encoding="utf-8")
        result = scene.run("app", "frame", "support", number, "--agent", "support:7")
        assert (result.exit_code, words in result.stderr) == (code, True)


def test_a_ticket_that_is_not_known_yet_is_read_for_its_brand(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of whoever sees some brands alone: it may have come a minute ago."""
    monkeypatch.setenv("BUGBRIDGE_WEB_KEY", KEY)
    people = scene.config.parent / "people.csv"
    people.write_text("agent,brands\nsupport:7,support:acme\n", encoding="utf-8")
    for brand, code in (("acme", 0), ("other", 2)):
        number = scene.helpdesk.add_ticket(START, brand=brand)
        assert scene.run("app", "frame", "support", number, "--agent", "support:7").exit_code == code


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ("ada@acme.example,Ada,agent,,", 200),
        ("ada@acme.example,Ada,agent,support,", 200),
        ("ada@acme.example,Ada,agent,support:another,", 404),
        ("ada@acme.example,Ada,agent,,2026-01-01", 401),
        ("ben@acme.example,Ben,agent,,", 401),
    ],
)
def test_a_pass_opens_what_its_holder_may_see_now(
    scene: Scene, framed: Browser, ticket: str, row: str, status: int
) -> None:
    """Whoever has left, or was taken off the list, has nothing of an address that they kept."""
    text = given(framed, ticket)
    assert open_sidebar(framed, ticket, text).status == 200
    people = scene.config.parent / "people.csv"
    people.write_text(f"agent,name,role,brands,away_from\n{row}\n", encoding="utf-8")
    page = open_sidebar(framed, ticket, text)
    assert (page.status, "open the ticket anew" in page.text) == (status, status == 401)


def test_a_pass_ends_when_its_holder_is_suspended(
    framed: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the helpdesk of its ticket, also where there is no list."""
    text, store = given(framed, ticket), framed.app.store
    for suspended, status in ((False, 200), (True, 401)):
        agent = Agent(1, "support", "7", address="ada@acme.example", suspended=suspended)
        monkeypatch.setattr(type(store), "agents", lambda _store, one=agent: [one])
        assert open_sidebar(framed, ticket, text).status == status


def test_a_pass_that_would_end_at_once_is_not_made(scene: Scene) -> None:
    """Without a key that lasts, or an address, one is told what is missing."""
    result = scene.run("app", "frame", "support", "1")
    assert (result.exit_code, "BUGBRIDGE_WEB_KEY is missing" in result.stderr) == (2, True)
    config = scene.config.read_text(encoding="utf-8")
    scene.config.write_text(config + '\n[web]\nurl = "https://bugs.acme.example"\n', encoding="utf-8")
    result = scene.run("app", "frame", "support", "1")
    assert (result.exit_code, "BUGBRIDGE_WEB_KEY is missing" in result.stderr) == (2, True)
    result = scene.run("app", "frame", "elsewhere", "1")
    assert (result.exit_code, "is no helpdesk that is configured" in result.stderr) == (2, True)
