"""Nobody is offered what they can't do: whoever may only look, or isn't a lead, is told so in a sentence."""

import re
from dataclasses import replace

import pytest

from bugbridge.core.access import Role, Visitor
from tests.entry.scene import Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.reviewing import ROUND, Reader, four_tickets
from tests.entry.web.seeing import BUG_PAGE, Elements, visited_by

LOOKS = "There are no buttons here for you: your token lets you look, and change nothing."
LEAD = Visitor("dana", "Dana", Role.LEAD, via="session", session="1")
AGENT = replace(LEAD, role=Role.AGENT)
READER = replace(LEAD, role=Role.ADMIN, writes=False)
FILTERS = {"Search", "Show"}  # buttons of forms that only ask


@pytest.fixture
def browser(scene: Scene) -> Browser:
    """A bug with a round, a ticket with a link, and a workaround that engineering suggests."""
    four_tickets(scene)
    scene.read()
    return Browser(scene)


def offered(text: str) -> set[str]:
    """What a page's buttons say, but for the frame's."""
    main = re.sub(r"(?s).*<main", "<main", text)
    return {
        re.sub(r"<[^>]+>|\s+", " ", words).strip() for words in re.findall(r"(?s)<button[^>]*>(.*?)</button>", main)
    }


PAGES = [ROUND, BUG_PAGE, "/tickets/support:1", "/sidebar/support/1", "/policy/edit", "/tokens"]


@pytest.mark.parametrize("path", PAGES)
def test_whoever_may_only_look_sees_no_button_and_why(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Each page with forms says it once, and shows all the rest; to others it says nothing of it."""
    with visited_by(READER, monkeypatch):
        page = browser.get(path)
    assert (page.status, page.text.count(LOOKS), offered(page.text) - FILTERS) == (200, 1, set())
    with visited_by(replace(READER, writes=True), monkeypatch):
        whole = browser.get(path)
    assert (whole.status, LOOKS in whole.text, bool(offered(whole.text))) == (200, False, True)


def test_whoever_may_only_look_is_led_to_no_editor(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of the policy, which they may read."""
    with visited_by(READER, monkeypatch):
        page = browser.get("/policy")
    assert (page.status, LOOKS in page.text, "/policy/edit" in page.text) == (200, True, False)


def test_whoever_may_only_look_reads_the_drafts(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """As text, not in fields that go nowhere."""
    with visited_by(READER, monkeypatch):
        page = browser.get(ROUND)
        beside = browser.get("/sidebar/support/1")
    assert page.text.count("is fixed in version 4.2, which is available now.") == 5
    assert "is fixed in version 4.2, which is available now." in beside.text
    assert not Elements(page).named("textarea")
    assert not Elements(beside).named("textarea")


@pytest.mark.parametrize("path", ["/rounds", "/due?show=waiting", BUG_PAGE])
def test_an_agent_is_led_to_no_page_of_leads(browser: Browser, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """They see that a round waits; its review is a lead's."""
    path, _, query = path.partition("?")
    with visited_by(AGENT, monkeypatch):
        page = browser.get(path, query)
    with visited_by(LEAD, monkeypatch):
        leads = browser.get(path, query)
    reviews = 'href="/rounds/github:acme%2Fapp%2312"'
    assert (page.status, reviews in page.text, reviews in leads.text) == (200, False, True)
    assert re.search(r"[Rr]ound", re.sub(r"(?s).*<main", "", page.text))


def test_an_agent_is_told_who_reviews_rounds(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bug leads to its own page then."""
    with visited_by(AGENT, monkeypatch):
        page = browser.get("/rounds")
    assert "Leads review rounds: a bug here leads to its own page." in page.text
    assert 'href="/bugs/github:acme%2Fapp%2312"' in page.text


def test_a_round_is_listed_by_its_bug_once(browser: Browser) -> None:
    """In words, without codes."""
    page = browser.get("/rounds")
    assert page.text.count("<bdi>github:acme/app#12</bdi>") == 1
    assert not Reader(page.text).forms
