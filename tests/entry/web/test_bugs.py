"""The list of bugs and one bug's page."""

from urllib.parse import quote

import pytest

from tests.entry.scene import BUG, Scene
from tests.entry.web.browsing import Browser

PAGE = f"/bugs/{quote(BUG, safe=':')}"


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """Somebody at the computer that serves."""
    return Browser(scene)


def test_bugs_are_listed_with_what_they_affect(browser: Browser) -> None:
    page = browser.get("/bugs")
    assert page.status == 200
    print(page.text)
    print(browser.get("/api/v1/bugs").text)
    print(browser.get("/bugs", "format=csv").text)


def test_b(browser: Browser, ticket: str) -> None:
    page = browser.get("/bugs/" + BUG)
    assert page.status == 200, page.text
    print(page.text)
    print(browser.get("/api/v1/bugs/" + BUG).text)
    print(browser.get("/tickets/" + ticket).text)
    print(browser.get("/find", "q=" + ticket).headers)
    print(browser.get("/find", "q=nothing").text)
    0 / 0
