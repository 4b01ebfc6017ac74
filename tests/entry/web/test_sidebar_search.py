"""Searching issues beside a ticket: what is known here, as far as one sees who reports it, and what a tracker has."""

from datetime import timedelta

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import RemoteError
from bugbridge.core.model import Entity
from bugbridge.entry.web.doorkeeping import Doorkeeper
from tests.entry.scene import ANOTHER_CUSTOMER, START, Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.test_sidebar import HOSTILE, OTHER, path_of, say


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """Somebody at the computer that serves."""
    return Browser(scene)


def test_search_finds_what_is_known_by_reference_or_words(browser: Browser, ticket: str) -> None:
    """Each word of it, and nothing matches everything."""
    browser.app.store.keep_private(None, "bug", 1, "words", "the export problem")  # type: ignore[arg-type] # its value
    path = path_of(ticket)
    for text in ("app%2312", "export+PROBLEM"):
        assert "Known here" in (page := browser.get(path, f"q={text}").text)
        assert 'aria-label="Link, github:acme/app#12"' in page
    for text in ("export+nothing", "%25", "_"):
        assert "Nothing that is known here matches" in browser.get(path, f"q={text}").text


def test_search_finds_what_tickets_in_sight_are_linked_to(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With how many of them report it, and how one of them begins; of other brands' bugs nothing."""
    other = scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER, subject="Export hangs", brand="eu")
    scene.tracker.add(OTHER, START - timedelta(days=3), title="Export again")
    say(browser, f"support:{other}", "link", OTHER)
    eva = Visitor("eva", "Eva", Role.AGENT, frozenset({"support:eu"}), via="session")
    path = f"/sidebar/support/{other}"
    assert "(1 ticket that you can see reports it)" in browser.get(path, "q=app%2312").text
    with monkeypatch.context() as patched:
        patched.setattr(Doorkeeper, "visitor", lambda _self, _request: eva)
        assert "Nothing that is known here matches" in browser.get(path, "q=app%2312").text
        found = browser.get(path, "q=app%2313").text
        assert "e.g. “Export hangs”" in found
        assert "(1 ticket that you can see reports it)" in found
        assert "(known here; 1 ticket that you can see reports it)" in browser.get(path, "q=again&tracker=github").text
        scene.say("unlink", f"support:{other}", OTHER)
        assert "(no ticket that you can see reports it)" in browser.get(path, "q=app%2313").text


def test_search_finds_a_bug_by_what_the_pages_show_of_it(
    browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A subject of a ticket in sight: beside a ticket, in the list and for programs; never for whoever holds a pass."""
    row = browser.app.store.find_ticket(*ticket.split(":"))
    assert row is not None
    browser.app.store.keep_private(None, Entity.TICKET, row.id, "subject", "Checkout sends everything twice")
    path, shown = path_of(ticket), "e.g. “Checkout sends everything twice”"
    assert shown in browser.get(path, "q=checkout").text
    assert shown in browser.get("/bugs", "words=checkout&stage=released").text
    (found,) = browser.get("/api/v1/issues", "q=CHECKOUT+twice").facts["known"]
    assert found["issue"] == "github:acme/app#12"
    guest = Visitor("ann", "Ann", Role.AGENT, via="ticket", ticket=ticket)
    monkeypatch.setattr(Doorkeeper, "visitor", lambda _self, _request: guest)
    assert "Nothing that is known here matches" in browser.get(path, "q=checkout").text
    assert 'aria-label="Link, github:acme/app#12"' in browser.get(path, "q=app%2312").text


def test_the_tracker_is_searched_on_a_second_click(scene: Scene, browser: Browser, ticket: str) -> None:
    """Its titles are shown, and what was found can be linked; a tracker that fails is said."""
    scene.tracker.add(OTHER, START - timedelta(days=3), title=f"Import {HOSTILE}")
    path = path_of(ticket)
    first = browser.get(path, "q=import").text
    assert OTHER not in first
    assert '<button name="tracker" value="github">Search github</button>' in first
    second = browser.get(path, "q=import&tracker=github").text
    assert f'aria-label="Link, {OTHER}"' in second
    assert "Import &lt;script&gt;" in second
    assert "(known here" not in second
    scene.say("link", ticket, OTHER)
    told = "(known here; 1 ticket that you can see reports it)"
    assert told in browser.get(path, "q=import&tracker=github").text
    scene.say("unlink", ticket, OTHER)
    told = "(known here; no ticket that you can see reports it)"
    assert told in browser.get(path, "q=import&tracker=github").text
    assert "Nothing there matches" in browser.get(path, "q=nothing&tracker=github").text
    assert "In evil" not in browser.get(path, "q=import&tracker=evil").text
    scene.tracker.fail(RemoteError("github doesn't answer."))
    assert "github doesn&#39;t answer." in browser.get(path, "q=import&tracker=github").text
