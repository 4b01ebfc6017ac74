"""What is said where something can't be answered: one sentence, the right status, and nothing of this computer."""

import pytest

from tests.entry.scene import BUG, Scene
from tests.entry.web.browsing import HERE, Browser

SECRET_PLACE = "nonsense-of-somebody"
PAGES = ["/policy", "/sidebar/support/1", "/policy/edit"]
FACTS = ["/api/v1/policy", "/api/v1/tickets/support/1"]
LONG = "x" * 5_000
AS_BROWSERS = {**HERE, "Accept": "text/html"}


@pytest.fixture
def browser(scene: Scene) -> Browser:
    """A browser at a team with a bug."""
    scene.reported_bug()
    scene.read()
    return Browser(scene, AS_BROWSERS)


def breaks_policy(browser: Browser) -> None:
    """Somebody edits the policy's file while the web is served, and leaves it half done."""
    file = browser.scene.config.parent / "half-done.toml"
    file.write_text(f"{SECRET_PLACE} = [", encoding="utf-8")
    browser.app.settings = browser.app.settings.model_copy(update={"policy": file})


@pytest.mark.parametrize("path", [*PAGES, *FACTS])
def test_a_mistake_in_the_policy_is_no_mistake_of_ours(
    browser: Browser, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    """One sentence, for people and for programs; the log says more, and names the file."""
    breaks_policy(browser)
    with caplog.at_level(0, "bugbridge.serve"):
        found = browser.get(path)
    assert (found.status, "team configured can" in found.text) == (503, True)
    assert "half-done" not in found.text
    assert "half-done" in caplog.text
    assert ("<html" in found.text) == (path in PAGES)


def test_a_helpdesks_frame_shows_what_went_wrong(browser: Browser) -> None:
    """Whatever it is; a frame that stays empty says nothing."""
    broken = [browser.get("/sidebar/support/1", "said=" + "x" * 50), browser.get("/sidebar/support/1/nothing")]
    breaks_policy(browser)
    broken.append(browser.get("/sidebar/support/1"))
    assert [page.status for page in broken] == [400, 404, 503]
    for page in broken:
        assert "frame-ancestors https://helpdesk.example" in page.headers["content-security-policy"]
        assert "x-frame-options" not in page.headers
    assert "frame-ancestors 'none'" in browser.get(f"/bugs/{BUG}", "after=x").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/sidebar/support/1/acts", {"verb": "later", "value": LONG}),
        ("/sidebar/support/1/acts", {"verb": "meets_it", "value": LONG}),
        ("/sidebar/support/1/acts", {"verb": "told", "issue": LONG}),
        (f"/bugs/{BUG}/release", {"version": LONG}),
        (f"/bugs/{BUG}/release", {"version": "4.2", "on": LONG}),
        (f"/bugs/{BUG}/workarounds", {"text": "Use the menu.", "language": LONG}),
        ("/policy/roll-back", {"version": LONG}),
    ],
)
def test_a_refusal_repeats_no_long_text(browser: Browser, path: str, fields: dict[str, str]) -> None:
    """What somebody typed is cut before it is spoken of."""
    found = browser.post(path, fields)
    assert (found.status, LONG[:500] in found.text) == (400, False)
