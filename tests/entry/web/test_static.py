"""Style and script of the pages."""

from bugbridge.entry.web import static
from tests.entry.scene import Scene
from tests.entry.web.browsing import Browser


def test_only_the_pages_own_files_are_served(scene: Scene) -> None:
    """Everybody may have them; nothing else is there, however it is named."""
    browser = Browser(scene)
    for name, kind in (("style.css", "text/css"), ("page.js", "text/javascript")):
        found = browser.get(f"/static/{name}", Host="elsewhere.example")
        assert (found.status, found.headers["content-type"].partition(";")[0]) == (200, kind)
    for name in ("nothing.css", "..", "", "pages.py", "x" * 20_000 + ".css"):
        assert browser.get(f"/static/{name}").status == 404


def test_names_that_strangers_make_up_are_kept_nowhere(scene: Scene) -> None:
    """Or anybody could fill the memory."""
    browser = Browser(scene)
    for number in range(50):
        assert browser.get(f"/static/{number}.css").status == 404
    assert static._files.cache_info().currsize <= 1
