"""What somebody does and what the trail says of it are kept together, or neither is."""

import re

import pytest

from bugbridge.core.errors import DataError
from tests.entry.scene import BUG, START, Scene
from tests.entry.web.browsing import Browser

BUG_PAGE = f"/bugs/{BUG}"
ACTS = {
    "unlink": ("/tickets/support:1/unlink", {"bug": "1"}),
    "sidebar unlinks": ("/sidebar/support/1/acts", {"verb": "not_this", "issue": BUG}),
    "sidebar": ("/sidebar/support/1/acts", {"verb": "told", "issue": BUG}),
    "words": (f"{BUG_PAGE}/words", {"words": "export problem"}),
    "workaround": (f"{BUG_PAGE}/workarounds", {"text": "Use the old menu."}),
    "release": (f"{BUG_PAGE}/release", {"version": "4.2"}),
}
AFTER_UNLINK = {
    "link": ("/tickets/support:1/link", {"bug": "1"}),
    "sidebar links": ("/sidebar/support/1/acts", {"verb": "link", "issue": BUG}),
}


@pytest.fixture
def browser(scene: Scene) -> Browser:
    """A bug that is fixed, and not released yet."""
    scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START)
    scene.say("sync")
    scene.say("plan")
    return Browser(scene)


def locks_trail(browser: Browser, patch: pytest.MonkeyPatch) -> None:
    """Have the database fail at the last moment."""

    def fails(*_: object) -> None:
        raise DataError("The database can't be used (database is locked).")

    patch.setattr(type(browser.app.store), "add_to_trail", fails)


@pytest.mark.parametrize("act", [*ACTS, *AFTER_UNLINK])
def test_what_cannot_be_told_of_is_not_done(browser: Browser, monkeypatch: pytest.MonkeyPatch, act: str) -> None:
    """Neither half is kept; whoever sends it again finds things as they were, and does both."""
    path, fields = {**ACTS, **AFTER_UNLINK}[act]
    if act in AFTER_UNLINK:
        assert browser.post(*ACTS["unlink"]).status == 303
    before = kept(browser)
    with monkeypatch.context() as patch:
        locks_trail(browser, patch)
        assert browser.post(path, fields).status == 503
    assert kept(browser) == before
    assert browser.post(path, fields).status == 303
    after = kept(browser)
    assert (after != before, len(after[0])) == (True, len(before[0]) + 1)
    did = browser.get("/api/v1/trail").facts["rows"][0]["did"]
    assert re.fullmatch(r"[a-z]+\.[a-z ]+", did)  # of one form, so that programs can tell them apart


def kept(browser: Browser) -> list[list[tuple[object, ...]]]:
    """The trail, and what people and we said of anything."""
    store = browser.app.store
    tables = ("web_trail", "fact_event")
    rows = (store._rows(f"SELECT * FROM {table}") for table in tables)  # type: ignore[attr-defined]  # noqa: S608
    return [[tuple(row) for row in found] for found in rows]
