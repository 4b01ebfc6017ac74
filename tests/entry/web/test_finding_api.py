"""Tickets, bugs and issues found by programs: what the search box finds, and what is searched beside a ticket."""

from urllib.parse import urlencode

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import RemoteError
from tests.entry.scene import BUG, START, Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.seeing import HOSTILE, visited_by


@pytest.fixture
def browser(scene: Scene) -> Browser:
    """A program at a team with a bug."""
    scene.reported_bug()
    scene.read()
    scene.tracker.add("github:acme/app#77", START, title="The export crashes")
    return Browser(scene)


@pytest.mark.parametrize(
    ("typed", "kind", "reference"),
    [
        ("1", "ticket", "support:1"),
        ("acme/app#12", "bug", BUG),
        ("https://github.com/acme/app/issues/12", "bug", BUG),
    ],
)
def test_what_is_named_is_found(browser: Browser, typed: str, kind: str, reference: str) -> None:
    """With the page that the search box leads to."""
    facts = browser.get("/api/v1/find", urlencode({"q": typed})).facts
    assert (facts["kind"], facts["reference"]) == (kind, reference)
    assert browser.get("/find", urlencode({"q": typed})).headers["location"] == facts["path"]


@pytest.mark.parametrize("typed", ["", "support:99", "acme/app#99", "//evil.example", HOSTILE])
def test_what_nobody_knows_is_refused_without_repeating_it(browser: Browser, typed: str) -> None:
    """In a sentence that says how things are named."""
    page = browser.get("/api/v1/find", urlencode({"q": typed}))
    assert (page.status, "a ticket is written HELPDESK:ID" in page.facts["error"]) == (404, True)
    assert not typed or typed not in page.text


def test_a_ticket_out_of_sight_is_not_found(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same words as none."""
    with visited_by(Visitor("eva", "Eva", Role.LEAD, frozenset({"support:eu"})), monkeypatch):
        hidden, missing = (browser.get("/api/v1/find", f"q=support:{one}") for one in (1, 99))
        assert (hidden.status, hidden.text) == (404, missing.text)


def test_issues_are_searched_here_and_in_a_tracker_that_is_named(browser: Browser) -> None:
    """No tracker is asked without."""
    assert [one["issue"] for one in browser.get("/api/v1/issues", "q=app").facts["known"]] == [BUG]
    assert browser.get("/api/v1/issues", "q=export").facts == {"known": [], "found": []}
    found = browser.get("/api/v1/issues", "q=export&tracker=github").facts["found"]
    assert found == [{"reference": "github:acme/app#77", "title": "The export crashes"}]


def test_a_tracker_that_is_none_or_is_away_is_said(browser: Browser) -> None:
    """An empty list would read as if it had no such issue."""
    assert browser.get("/api/v1/issues", "q=x&tracker=evil").status == 400
    browser.scene.tracker.fail(RemoteError("github can't be reached."))
    page = browser.get("/api/v1/issues", "q=x&tracker=github")
    assert (page.status, page.facts["error"]) == (503, "github can't be reached.")
