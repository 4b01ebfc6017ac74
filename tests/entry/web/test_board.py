"""The board: what is due, as a page, as a file and as facts."""

from datetime import timedelta
from pathlib import Path

import pytest

from bugbridge.app import build_app
from bugbridge.core.access import Role, Visitor
from bugbridge.core.instants import instant_from_text
from bugbridge.entry.web.application import web_application
from bugbridge.entry.web.board_words import reason_words
from bugbridge.settings import load_settings
from tests.entry.scene import BUG, Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.guests import with_people
from tests.entry.web.seeing import visited_by


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """Somebody at the computer that serves."""
    return Browser(scene)


def test_what_is_due_is_shown_with_its_ticket_and_bug(browser: Browser, ticket: str) -> None:
    """With paths to both, and the zone of the time."""
    page = browser.get("/due")
    assert (page.status, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert f'<a href="/tickets/{ticket}"><bdi>{ticket}</bdi></a>' in page.text
    assert '<a href="/bugs/github:acme%2Fapp%2312">' in page.text
    assert "Due (UTC)" in page.text


def test_the_same_rows_are_a_file_and_facts(browser: Browser, ticket: str) -> None:
    """A spreadsheet has local times with their zone, a program instants."""
    file, facts = browser.get("/due", "format=csv"), browser.get("/api/v1/due").facts
    assert file.headers["content-disposition"] == 'attachment; filename="due.csv"'
    assert file.text.splitlines()[0] == "Due (UTC),Late,Ticket,Bug,About,Reason,Agent,Reminded (UTC),State"
    assert [(row["ticket"], row["bug"]) for row in facts["rows"]] == [(ticket, BUG)]
    assert facts["next"] == ""


def test_whoever_comes_by_another_name_is_not_here(browser: Browser) -> None:
    """A name that somebody had point to this computer is refused, and told why."""
    page = browser.get("/due", Host="evil.example")
    assert page.status == 403
    assert "Nobody can sign in here yet" in page.text


@pytest.mark.parametrize("path", ["/due", "/promises", "/api/v1/due"])
def test_a_list_that_cannot_be_read_is_no_mistake_of_ours(browser: Browser, scene: Scene, path: str) -> None:
    """Somebody broke it meanwhile: pages say where one learns what is wrong, and name no path of this computer."""
    with_people(scene, "agent,lead\nada,perhaps\n")
    page = browser.get(path)
    assert page.status == 503
    assert "`bugbridge doctor` says why" in page.text
    assert "people.csv" not in page.text


def test_what_is_due_since_before_today_is_called_late(browser: Browser, scene: Scene) -> None:
    """Once its day is over in the team's zone; the moment itself stays as it is, also in a file."""
    due = browser.get("/api/v1/due").facts["rows"][0]["due_at"]
    day = timedelta(days=1)
    scene.clock.at = instant_from_text(due).replace(hour=23, minute=59)
    assert [row["late"] for row in browser.get("/api/v1/due").facts["rows"]] == [""]
    scene.clock.at += day
    facts = browser.get("/api/v1/due").facts["rows"]
    assert [(row["due_at"], row["late"]) for row in facts] == [(due, "yes")]


def test_mine_is_offered_to_whoever_is_listed(browser: Browser, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """First of the lists, with the filters that are there, and back from it; to nobody whom no row knows."""
    with_people(scene)
    for key, is_offered in (("ben@acme.example", True), ("wallboard", False)):
        with visited_by(Visitor(key, key, Role.AGENT, via="session"), monkeypatch):
            page, own = browser.get("/due", "show=soon&agent=Ben").text, browser.get("/due", "mine=yes")
            assert ('<li><a href="/due?show=soon&amp;mine=yes">Mine</a></li>' in page) is is_offered
            assert (own.status == 200 and ">Everybody&#39;s</a>" in own.text) is is_offered


def test_without_a_helpdesk_the_list_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing could ever be due there; and that no daemon works counts among what isn't well."""
    browser = Browser(Scene(tmp_path, monkeypatch))
    config = tmp_path / "empty.toml"
    config.write_text('database = "empty.sqlite"\n', encoding="utf-8")
    browser.app = build_app(load_settings(config, {}), {})
    browser.application = web_application(browser.app, {}, browser.woken.append)
    page = browser.get("/due").text
    assert ("No helpdesk is connected yet" in page, "Nothing is due today" in page) == (True, False)
    assert browser.get("/api/v1/due/counts").facts["sources_not_well"] == 1


def test_a_command_in_a_sentence_stands_out(browser: Browser) -> None:
    """As something to type, and without its backticks."""
    assert "an admin&#39;s <code>bugbridge doctor</code> signs in everywhere" in browser.get("/sources").text


def test_a_reason_is_called_the_same_wherever_it_stands(browser: Browser) -> None:
    """The filter offers each by the words of the column; what isn't one is refused, with those that are."""
    page = browser.get("/due").text
    for reason, words in (("clear-no", "declined, needs a clear no"), ("wrongly-told", "reopened after it was told")):
        assert f'<option value="{reason}">{words}</option>' in page
        assert reason_words(reason) == words
        assert browser.get("/due", f"reason={reason}").status == 200
    for query in ("reason=relesed", "helpdesk=suport"):
        refused = browser.get("/due", query)
        assert (refused.status, f"{query.partition('=')[0]} is one of " in refused.text) == (400, True)
    assert "released" in browser.get("/api/v1/due", "reason=relesed").facts["error"]
