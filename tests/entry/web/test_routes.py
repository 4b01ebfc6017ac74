"""Every address of the web, asked by everybody: whom it lets in, and what a brand hides."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import cast
from urllib.parse import unquote

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.entry.web.doorkeeping import CSRF_HEADER, STALE
from tests.entry.scene import Scene
from tests.entry.web import route_table
from tests.entry.web.route_table import TABLE, Door, Entry, Kind
from tests.entry.web.team import Team, routes_of, visitor, who_may
from tests.web import pages as pages_of_browsers
from tests.web.pages import NOT_SHOWN, PAGES

BY_ROLE = {key: entry for key, entry in TABLE.items() if isinstance(entry.least, Role)}
SHOWN = range(200, 400)
DONE = {200, 201, 202, 204, 303, 400, 409}
UNPROVED = {303, 401}
# What strangers are answered at doors that no role opens.
STRANGERS = {Door.EVERYBODY: {200, 503}, Door.TOKEN: {401}, Door.HOOK: {401, 404}, Door.SIGN_IN: {303, 403, 404}}


@pytest.fixture(scope="module")
def quiet_team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Two brands that nobody does anything to."""
    with pytest.MonkeyPatch.context() as patch:
        yield Team(Scene(tmp_path_factory.mktemp("team"), patch), patch)


@pytest.fixture
def team(request: pytest.FixtureRequest, key: tuple[str, str]) -> Team:
    """Two brands; a new team for each act, since the next one would find what it left."""
    if TABLE[key].kind is not Kind.ACT:
        return cast("Team", request.getfixturevalue("quiet_team"))
    return Team(request.getfixturevalue("scene"), request.getfixturevalue("monkeypatch"))


def test_every_route_has_an_entry_and_every_entry_a_route(quiet_team: Team) -> None:
    """Whoever adds an address says whom it lets in."""
    routes = set(routes_of(quiet_team.application))
    missing, gone = sorted(routes - TABLE.keys()), sorted(TABLE.keys() - routes)
    assert missing == [], f"Say in {route_table.__file__} whom these addresses let in: {missing}."
    assert gone == [], f"{route_table.__file__} names addresses that aren't there: {gone}."


@pytest.mark.parametrize("key", TABLE, ids=" ".join)
def test_strangers_see_nothing_of_the_team(team: Team, key: tuple[str, str]) -> None:
    """They are shown the way in, and learn neither whether a thing is there nor what it holds."""
    entry = TABLE[key]
    expected = UNPROVED if isinstance(entry.least, Role) else STRANGERS[entry.least]
    found = [team.ask(key[0], entry, named, None) for named in (team.own, team.foreign, team.missing)]
    assert {page.status for page in found} <= expected
    assert [page.text for page in found if team.own.ticket in page.text] == []


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("key", BY_ROLE, ids=" ".join)
def test_a_role_opens_what_it_may(team: Team, key: tuple[str, str], role: Role) -> None:
    """Whoever has less is refused in a sentence that names both roles; nothing ever fails by a mistake of ours."""
    entry = BY_ROLE[key]
    page = team.ask(key[0], entry, team.own, who_may(entry, role))
    if role < entry.least:
        assert (page.status, f"your role is {role.word}" in page.text) == (403, True)
    else:
        assert page.status in (DONE if entry.kind is Kind.ACT else SHOWN), page.text


@pytest.mark.parametrize("key", [key for key in BY_ROLE if key[0] == "POST"], ids=" ".join)
def test_what_another_site_may_have_sent_changes_nothing(team: Team, key: tuple[str, str]) -> None:
    """A browser's request carries what our pages alone know, a form's or a script's; a token's needs nothing."""
    entry = BY_ROLE[key]
    who = who_may(entry, Role.ADMIN)
    for via in ("session", "loopback", "token"):
        page = team.ask(key[0], entry, team.own, replace(who, via=via), **{CSRF_HEADER: ""})
        assert (page.status == 403) is (STALE in page.text) is (via != "token")


@pytest.mark.parametrize("key", [key for key in BY_ROLE if BY_ROLE[key].of_whole_team], ids=" ".join)
def test_what_is_about_the_whole_team_is_for_those_who_see_it(team: Team, key: tuple[str, str]) -> None:
    """Whatever they send, and whatever else they may."""
    page = team.ask(key[0], BY_ROLE[key], team.own, visitor(Role.ADMIN))
    assert (page.status, "This is about the whole team" in page.text) == (403, True)


@pytest.mark.parametrize("key", BY_ROLE, ids=" ".join)
def test_what_a_brand_hides_is_answered_as_what_does_not_exist(team: Team, key: tuple[str, str]) -> None:
    """With the same status and the same words, so that nobody learns what others' customers wrote."""
    entry = BY_ROLE[key]
    own, hidden, missing = (entry.path(named) for named in (team.own, team.foreign, team.missing))
    who = visitor(Role.ADMIN)
    if own != missing:
        assert team.ask(key[0], entry, team.missing, who).status == 404
    if own != hidden:
        assert team.ask(key[0], entry, team.foreign, who).status == 404
        assert _words(team, key, entry, who, foreign=True) == _words(team, key, entry, who, foreign=False)


@pytest.mark.parametrize("key", BY_ROLE, ids=" ".join)
def test_no_page_shows_a_ticket_of_a_foreign_brand(team: Team, key: tuple[str, str]) -> None:
    """Neither in its table nor anywhere else; the same page of somebody who sees everything is the counter-proof."""
    page = team.ask(key[0], BY_ROLE[key], team.own, visitor(Role.ADMIN))
    assert team.foreign.ticket not in page.text


def test_a_ticket_of_either_brand_is_there_to_be_seen(quiet_team: Team) -> None:
    """Else the tests above would say nothing."""
    everything = Visitor("admin", "Admin", Role.ADMIN)
    text = quiet_team.ask("GET", TABLE["GET", "/api/v1/due"], quiet_team.own, everything).text
    assert [ticket in text for ticket in (quiet_team.own.ticket, quiet_team.foreign.ticket)] == [True, True]
    narrowed = quiet_team.ask("GET", TABLE["GET", "/api/v1/due"], quiet_team.own, visitor(Role.ADMIN)).text
    assert [ticket in narrowed for ticket in (quiet_team.own.ticket, quiet_team.foreign.ticket)] == [True, False]


def _words(team: Team, key: tuple[str, str], entry: Entry, who: Visitor, *, foreign: bool) -> str:
    """The answer without the names that were asked for."""
    named = team.foreign if foreign else team.missing
    text = team.ask(key[0], entry, named, who).text
    for name in (named.ticket, named.bug, named.round, named.ticket.partition(":")[2]):
        if name in unquote(entry.path(named)):
            text = re.sub(rf"\b{re.escape(name)}\b", "…", text)
    return text


def test_every_page_is_shown_to_a_browser() -> None:
    """Whoever adds a page has it looked at, in light and dark, at all widths and without its script."""
    pages = {path for (method, path), entry in TABLE.items() if (method, entry.kind) == ("GET", Kind.PAGE)}
    shown = {page.route for page in PAGES if page.route} | NOT_SHOWN
    assert sorted(pages - shown) == [], f"Add these to PAGES in {pages_of_browsers.__file__}."
    assert sorted(shown - pages) == [], f"{pages_of_browsers.__file__} names pages that aren't there."
