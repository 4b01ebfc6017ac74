"""What the web's sentences name as the next step is something that one finds on its pages."""

import json
from collections.abc import Mapping

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import RemoteError
from bugbridge.entry.web.doorkeeping import CSRF_HEADER
from tests.entry.scene import BUG, Scene
from tests.entry.web.asking import answer
from tests.entry.web.browsing import CSRF, HERE, Browser, Page
from tests.entry.web.reviewing import ROUND, four_tickets
from tests.entry.web.seeing import BUG_API, visited_by
from tests.entry.web.team import JSON, page_of

REVIEW = "Review the round of"


def told(browser: Browser, path: str, asked: Mapping[str, object]) -> Page:
    """Ask the API to do something, as a script of our pages would."""
    found = CSRF.search(browser.get("/due").text)
    assert found
    headers = {**HERE, "Content-Type": JSON, CSRF_HEADER: found[1]}
    return page_of(answer(browser.application, path, [json.dumps(asked).encode()], headers))


@pytest.mark.parametrize(
    ("path", "asked", "sentence"),
    [
        (
            "/api/v1/policy/roll-back",
            {"version": "none", "made_from": ""},
            "'none' is no version that is kept; /policy/versions lists them.",
        ),
        (f"{BUG_API}/workarounds", {"accept": 9}, f"{BUG} has no suggestion 9: the bug's page lists them."),
        (
            "/api/v1/check-reply",
            {"text": "It is not fixed.", "ticket": "support:99"},
            "support:99 isn't known here: the daemon reads tickets, its sidebar reads one.",
        ),
    ],
)
def test_what_is_not_there_is_looked_for_on_a_page(
    scene: Scene, path: str, asked: Mapping[str, object], sentence: str
) -> None:
    """Not by a command."""
    scene.released()
    refused = told(Browser(scene), path, asked)
    assert (refused.status, refused.facts["error"]) == (400, sentence)


def test_what_was_refused_is_an_admins_to_look_into(scene: Scene) -> None:
    """On the ticket's page and among what waits: agents have no command line."""
    ticket = scene.released()
    scene.helpdesk.fail(RemoteError("support refuses the note.", permanent=True))
    scene.run("send")
    scene.helpdesk.fail(None)
    browser = Browser(scene)
    said = "since the helpdesk refused it (an admin"
    assert said in browser.get("/due", "show=waiting").text
    assert said in browser.get(f"/tickets/{ticket}").text
    assert "(`bugbridge doctor` tries each right)" in scene.say("explain", ticket)


def test_whoever_reviews_rounds_is_led_to_the_one_that_a_ticket_waits_in(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the ticket's page and its sidebar; an agent is told of it, and led to no page that isn't theirs."""
    four_tickets(scene)
    browser, link = Browser(scene), f'href="{ROUND.replace("acme/app#", "acme%2Fapp%23")}"'
    for path in ("/tickets/support:1", "/sidebar/support/1"):
        for role, is_led in ((Role.AGENT, False), (Role.LEAD, True)):
            with visited_by(Visitor("ada", "Ada", role, via="session"), monkeypatch):
                page = browser.get(path).text
            assert (link in page, REVIEW in page) == (is_led, is_led)
            assert "waits for a person&#39;s word in a round" in page


def test_where_no_round_waits_nobody_is_led_to_one(scene: Scene) -> None:
    """A single ticket's update is its agent's."""
    scene.released()
    browser = Browser(scene)
    for path in ("/tickets/support:1", "/sidebar/support/1"):
        assert REVIEW not in browser.get(path).text
