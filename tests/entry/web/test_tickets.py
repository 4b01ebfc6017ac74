"""One ticket's page and the search box: whoever sees what, and what people say there."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.seeing import BUG_PAGE, HOSTILE, Elements, visited_by

NO_SUCH_TICKET = "There is no such ticket here"


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """Somebody at the computer that serves."""
    return Browser(scene)


def test_with_nothing_typed_the_search_says_what_to_type(scene: Scene) -> None:
    """It is no page that isn't there; the API, which is asked for something, says that nothing is named so."""
    browser = Browser(scene)
    for typed in ("", "q=", "q=%20"):
        page = browser.get("/find", typed)
        assert (page.status, "Type the reference of a ticket or an issue" in page.text) == (200, True)


def test_a_tickets_page_explains_what_was_decided(browser: Browser, ticket: str) -> None:
    """In the words of `explain`, with what is due, and the ways to the sidebar and the helpdesk."""
    page = browser.get(f"/tickets/{ticket}")
    for said in ("Rule grid-5", "Next update: 2026-06-15", "Carla Customer", "planned"):
        assert said in page.text
    assert 'href="/sidebar/support/1"' in page.text
    assert 'href="https://support.example/tickets/1"' in page.text


def test_a_program_is_told_what_the_page_says(scene: Scene, browser: Browser, ticket: str) -> None:
    """Why what is due is due, what was sent, and which bugs it may report; instants are UTC."""
    scene.say("send")
    facts = browser.get("/api/v1/tickets/support/1/explained").facts
    assert (facts["ticket"], facts["customer"], facts["created_at"][-1]) == (ticket, "Carla Customer", "Z")
    (link,) = facts["linked"]
    assert (link["issue"], link["because"][0][:11]) == (BUG, "Rule grid-5")
    assert [row["reason"] for row in link["updates"]["rows"]] == ["released"]
    assert [row["what"] for row in facts["sent"]["rows"]] == ["reminder to the agent"]
    browser.post(f"/tickets/{ticket}/unlink", {"bug": "1"})
    taken = browser.get("/api/v1/tickets/support/1/explained").facts
    assert (taken["linked"], [one["issue"] for one in taken["unlinked"]]) == ([], [BUG])


def test_beside_a_decision_stand_the_webs_own_ways(scene: Scene, browser: Browser, ticket: str) -> None:
    """For agents, who have no command line: none of its sentences names a command."""
    for path in (f"/tickets/{ticket}", "/sidebar/support/1"):
        assert "<code>bugbridge" not in browser.get(path).text
    assert "`bugbridge told" in scene.say("explain", ticket)
    assert "“Told” in the sidebar" in browser.get(f"/tickets/{ticket}").text


def test_what_was_sent_stands_on_the_tickets_page(scene: Scene, browser: Browser, ticket: str) -> None:
    """With its state; before that, that nothing was."""
    assert "Nothing was posted here by BugBridge." in browser.get(f"/tickets/{ticket}").text
    scene.say("send")
    page = browser.get(f"/tickets/{ticket}")
    assert "reminder to the agent" in page.text
    assert "posted" in page.text
    assert "the agent was reminded: released" in browser.get(BUG_PAGE).text


def test_a_link_is_taken_back_and_made_again(browser: Browser, ticket: str) -> None:
    """Both by a button; what is due then is decided at once."""
    path = f"/tickets/{ticket}"
    assert browser.post(f"{path}/unlink", {"bug": "1"}).headers["location"] == path
    undone = browser.get(path)
    assert "Link again" in undone.text
    assert "Rule grid-5" not in undone.text
    assert browser.post(f"{path}/link", {"bug": "1"}).status == 303
    assert "Rule " in browser.get(path).text
    assert browser.post(f"{path}/link", {"bug": "99"}).status == 404


def test_a_suggestion_is_linked_or_dismissed(scene: Scene, browser: Browser) -> None:
    """An agent has seen both."""
    number = scene.helpdesk.add_ticket(START - timedelta(days=3), requester=ANOTHER_CUSTOMER)
    scene.helpdesk.write(number, AGENT, "We track that as acme/app#12.", START - timedelta(days=2), public=True)
    scene.read()
    path = f"/tickets/support:{number}"
    assert "Not this" in browser.get(path).text
    browser.post(f"{path}/unlink", {"bug": "1"})
    assert "Not this" not in browser.get(path).text
    assert "Link again" in browser.get(path).text


def test_a_link_to_a_merged_bug_can_be_taken_back(scene: Scene, browser: Browser) -> None:
    """It is the very link that goes, under whichever name the bug stands now."""
    scene.tracker.add("github:acme/app#13", START - timedelta(days=20))
    number = scene.helpdesk.add_ticket(START - timedelta(days=3), requester=ANOTHER_CUSTOMER)
    scene.helpdesk.write(number, AGENT, "That is acme/app#13.", START - timedelta(days=2), public=False)
    scene.read()
    scene.say("same-bug", "acme/app#12", "acme/app#13")
    path = f"/tickets/support:{number}"
    page = browser.get(path)
    (bug,) = {field["value"] for field in Elements(page).named("input") if field.get("name") == "bug"}
    browser.post(f"{path}/unlink", {"bug": bug or ""})
    assert "Take the link back" not in browser.get(path).text


def test_what_is_of_another_brand_is_not_there(
    scene: Scene, browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither as a page, nor in counts, rows, search or acts; in the words for a ticket that never was."""
    brand = frozenset({"support:eu"})
    with visited_by(Visitor("eva", "Eva", Role.LEAD, brand), monkeypatch):
        hidden, unknown = browser.get(f"/tickets/{ticket}"), browser.get("/tickets/support:999")
        assert (hidden.status, hidden.text) == (404, unknown.text)
        assert NO_SUCH_TICKET in hidden.text
        assert browser.get("/find", urlencode({"q": ticket})).status == 404
        assert browser.post(f"/tickets/{ticket}/unlink", {"bug": "1"}).status == 404
    assert scene.facts("show", ticket)["links"][0]["state"] == "linked"


@pytest.mark.parametrize(
    ("typed", "path"),
    [
        ("support:1", "/tickets/support:1"),
        ("1", "/tickets/support:1"),
        ("acme/app#12", "/bugs/github:acme%2Fapp%2312"),
        ("https://github.com/acme/app/issues/12", "/bugs/github:acme%2Fapp%2312"),
    ],
)
def test_the_search_box_leads_to_what_is_named(browser: Browser, typed: str, path: str) -> None:
    """As one types it, or by its address."""
    page = browser.get("/find", urlencode({"q": typed}))
    assert (page.status, page.headers["location"]) == (303, path)


@pytest.mark.parametrize("typed", ["support:99", "acme/app#99", "//evil.example", "javascript:alert(1)", HOSTILE])
def test_what_nobody_knows_is_answered_with_how_references_are_written(browser: Browser, typed: str) -> None:
    """In a sentence, and never with a way elsewhere."""
    page = browser.get("/find", urlencode({"q": typed}))
    assert page.status == 404
    assert "A ticket is written HELPDESK:ID" in page.text


def test_what_is_done_is_kept_with_who_did_it(browser: Browser, ticket: str) -> None:
    """References alone, never words; what changed nothing is no act."""
    path = f"/tickets/{ticket}"
    for where in ("unlink", "unlink", "link"):
        browser.post(f"{path}/{where}", {"bug": "1"})
    browser.post(f"{BUG_PAGE}/words", {"words": "export problem"})
    browser.post(f"{BUG_PAGE}/workarounds", {"text": "Export as CSV."})
    rows = browser.app.store._rows("SELECT who, did, subject FROM web_trail ORDER BY id")  # type: ignore[attr-defined]
    assert [tuple(row) for row in rows] == [
        ("loopback", "link.taken_back", f"{ticket} {BUG}"),
        ("loopback", "link.made", f"{ticket} {BUG}"),
        ("loopback", "words.kept", BUG),
        ("loopback", "workaround.recorded", BUG),
    ]
