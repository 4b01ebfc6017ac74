"""Work that takes long is done by few at a time: whoever comes too many is told when to come back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from urllib.parse import urlencode

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.entry.web.limits import REMOTE_AT_ONCE
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene
from tests.entry.web.browsing import CSRF, HERE, Browser, Page


@pytest.fixture
def browser(scene: Scene) -> Browser:
    """A browser at a team with a bug."""
    scene.reported_bug()
    scene.read()
    return Browser(scene)


@contextmanager
def taken(turns: BoundedSemaphore) -> Iterator[None]:
    """Others have all turns."""
    count = 0
    while turns.acquire(blocking=False):
        count += 1
    yield
    turns.release(count)


def test_slow_helpdesks_and_trackers_hold_up_few(scene: Scene, browser: Browser) -> None:
    """Who needs a look-up there is told when to come back; what is known here is shown all the same."""
    unread = f"/sidebar/support/{scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER)}"
    search, link = urlencode({"q": "export", "tracker": "github"}), {"verb": "link", "issue": BUG}
    with taken(browser.application.state.web.remote):
        for page in (
            browser.get(unread),
            browser.get("/sidebar/support/1", search),
            browser.post("/sidebar/support/1/acts", link),
        ):
            assert (page.status, page.headers["retry-after"]) == (503, "10")
        assert browser.get("/sidebar/support/1", "q=export").status == 200
        assert browser.post("/sidebar/support/1/acts", {"verb": "told", "issue": BUG}).status == 303
        assert browser.get("/healthz").status in (200, 503)
        assert browser.get("/due").status == 200
    assert browser.get(unread).status == 200
    assert browser.get("/sidebar/support/1", search).status == 200


def test_a_turn_is_given_back_whatever_comes_of_it(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the helpdesk can't be reached, more often than there are turns."""

    def fails(*_: object) -> None:
        raise RemoteError("support can't be reached.")

    with monkeypatch.context() as patch:
        patch.setattr("bugbridge.entry.web.sidebar_tickets.kept_or_read", fails)
        found = [browser.get("/sidebar/support/4711") for _ in range(REMOTE_AT_ONCE + 1)]
    assert [page for page in found if "retry-after" in page.headers] == []
    assert browser.get("/sidebar/support/4711").status == 404


def test_few_replies_are_checked_at_a_time_beside_a_ticket(browser: Browser) -> None:
    """By form and by script, as by programs; another one comes back in a second."""
    with taken(browser.application.state.web.checks):
        for page in (check(browser, "Hello."), check(browser, "Hello.", by_script=True)):
            assert (page.status, page.headers["retry-after"]) == (503, "1")
    assert check(browser, "Hello.").status == 200
    assert check(browser, "Hello.", by_script=True).status == 200


def test_nobody_has_a_book_checked(browser: Browser) -> None:
    """A reply has an end; how long it may be is said."""
    for by_script in (False, True):
        assert check(browser, "x " * 10_000, by_script=by_script).status == 200
        page = check(browser, "x " * 10_001, by_script=by_script)
        assert (page.status, "at most 20,000 characters" in page.text) == (400, True)


def check(browser: Browser, text: str, *, by_script: bool = False) -> Page:
    """Have a reply checked beside a ticket."""
    if not by_script:
        return browser.post("/sidebar/support/1/checked", {"text": text})
    found = CSRF.search(browser.get("/due").text)
    headers = {**HERE, "Content-Type": "application/json", "X-CSRF-Token": found[1] if found else ""}
    return browser._ask("POST", "/sidebar/support/1/check", json.dumps({"text": text}).encode(), headers, "")
