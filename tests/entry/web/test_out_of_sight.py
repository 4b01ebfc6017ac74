"""What is out of somebody's sight is as if it weren't there, and costs no look at the other side."""

import json

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import RemoteError
from tests.entry.scene import START, Scene
from tests.entry.web.browsing import HERE, Browser, Page
from tests.entry.web.seeing import visited_by

ELSEWHERE = Visitor("ada", "Ada", Role.AGENT, frozenset({"chat:eu", "supportive"}), "token")


@pytest.fixture
def browser(scene: Scene) -> Browser:
    """A browser at a team with a bug, and a ticket that came by a file."""
    scene.reported_bug()
    scene.read()
    browser = Browser(scene)
    store = browser.app.store
    with store.write():
        store.save_ticket(store.declare_source("old", "file", "helpdesk").id, "A/12", START, brand="secret")
    return browser


def test_a_helpdesk_out_of_sight_is_not_asked(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether it is there, away, or has such a ticket is told to nobody who sees none of it."""

    def away(*_: object) -> None:
        raise RemoteError("support can't be reached.")

    monkeypatch.setattr("bugbridge.entry.web.sidebar_tickets.kept_or_read", away)
    with visited_by(ELSEWHERE, monkeypatch):
        for path in ("/sidebar/{}", "/api/v1/tickets/{}"):
            pages = [browser.get(path.format(one)) for one in ("support/4711", "support/1", "nothing/1", "old/A")]
            assert [page.status for page in pages] == [404] * 4
            assert len({page.text for page in pages}) == 1


def test_a_reply_to_a_hidden_ticket_is_refused_like_one_to_none(
    browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the same words, whether its helpdesk is asked or known from a file."""
    with visited_by(ELSEWHERE, monkeypatch):
        for hidden, missing in (("old:A/12", "old:A/13"), ("support:1", "support:4711")):
            found = [check(browser, one) for one in (hidden, missing)]
            assert [page.status for page in found] == [400, 400]
            assert found[0].text.replace(hidden, missing) == found[1].text


def test_a_ticket_whose_name_holds_a_slash_has_a_sidebar(browser: Browser) -> None:
    """As files name them: its page leads there, and what is said comes back."""
    page = browser.get("/tickets/old:A/12")
    assert 'href="/sidebar/old/A%2F12"' in page.text
    assert browser.get("/sidebar/old/A/12").status == 200  # a server gives the path decoded
    assert browser.get("/api/v1/tickets/old/A/12").facts["ticket"] == "old:A/12"
    assert browser.post("/sidebar/old/A/12/checked", {"text": "Hello."}).status == 200
    refused = browser.post("/sidebar/old/A/12/acts", {"verb": "told"})
    assert (refused.status, "<bdi>old:A/12</bdi>" in refused.text) == (400, True)


def check(browser: Browser, ticket: str) -> Page:
    """Have a reply to a ticket checked."""
    body = json.dumps({"text": "Hello.", "ticket": ticket}).encode()
    return browser._ask("POST", "/api/v1/check-reply", body, {**HERE, "Content-Type": "application/json"}, "")
