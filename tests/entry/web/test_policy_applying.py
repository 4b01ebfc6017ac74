"""A lead is asked before a policy changes, told afterwards what is in force, and led back to what was before."""

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from bugbridge.core.access import Role
from tests.entry.web.browsing import Page
from tests.entry.web.test_policy import CALMER, NARROW, SHIPPED, Team, as_visitor, team

__all__ = ["team"]
LATER = "2026-07-01T09:00"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


def hidden(page: Page) -> dict[str, str]:
    """What a page carries for the next step."""
    return {name: unescape(value) for name, value in HIDDEN.findall(page.text)}


def led_to(team: Team, answered: Page) -> str:
    """What the page says that an act leads to."""
    assert answered.status == 303
    path, _, query = answered.headers["location"].partition("?")
    return unescape(team.get(path, query).text)


def test_what_changes_is_said_before_it_does(team: Team) -> None:
    """Each rule or cell that differs, now and then, and from when on; nothing is in force before that is confirmed."""
    first = team.base
    page = team.edit("/policy/confirm", CALMER)
    assert (page.status, team.base, len(team.versions)) == (200, first, 1)
    assert f"at once, in place of version {first}" in page.text
    assert "<bdi>grid-5</bdi>" in page.text
    assert page.text.count("<bdi>grid-") == 1
    assert "hear each piece of news once" in page.text
    assert "hear nothing" in page.text
    ahead = team.edit("/policy/confirm", CALMER, start=LATER)
    assert "from 2026-07-01 09:00 UTC on" in ahead.text
    assert team.post("/policy/apply", hidden(page)).status == 303
    assert team.policy["text"] == CALMER


def test_what_a_trial_found_is_said_again_where_this_very_text_was_tried(team: Team) -> None:
    """Reminders per agent and week are for the text that was tried; after another change one is asked to try it."""
    tried = hidden(team.edit("/policy/try", CALMER))
    load = {name: tried[name] for name in ("tried", "load_now", "load_then")}
    said = f"Reminders per agent and week: {load['load_now']} now, {load['load_then']} with the edited policy."
    assert said in team.edit("/policy/confirm", CALMER, **load).text
    for text, fields in ((CALMER + "# more", load), (CALMER, {}), (CALMER, {**load, "load_now": "<b>"})):
        page = team.edit("/policy/confirm", text, **fields)
        assert ("tried on your history yet" in page.text, "<b>" in page.text) == (True, False)


def test_where_nothing_changes_nothing_is_asked(team: Team) -> None:
    """The text in force can't be put in force again; a change of comments alone is said to be one."""
    same = team.edit("/policy/confirm", SHIPPED)
    assert ("nothing would change" in same.text, "Put it in force</button>" in same.text) == (True, False)
    assert "No rule and no number changes" in team.edit("/policy/confirm", SHIPPED + "# why\n").text
    assert "as a policy of its own" in team.edit("/policy/confirm", NARROW).text


def test_after_it_was_applied_a_page_says_so_and_leads_back(team: Team) -> None:
    """What is in force since when, and the way to the version before it; what an address says else is believed of
    nothing."""
    first = team.base
    page = led_to(team, team.edit("/policy/apply", CALMER))
    second = team.base
    assert f"Done: version {second} is in force since 2026-06-15" in page
    assert f'href="/policy/roll-back?version={first}"' in page
    for other in (first, "none", "<script>"):
        assert "Done: " not in team.get("/policy", urlencode({"applied": other})).text


def test_what_is_to_come_can_be_taken_back_before_it_comes(team: Team) -> None:
    """From its own beginning on, by one more press."""
    first = team.base
    page = led_to(team, team.edit("/policy/apply", CALMER, start=LATER))
    assert "comes into force on 2026-07-01 09:00 UTC. Until then version" in page
    path = re.search(r'href="/policy/roll-back\?([^"]+)">keep version', page)
    assert path
    asked = team.get("/policy/roll-back", path[1])
    assert ("from 2026-07-01 09:00 UTC on" in asked.text, 'value="2026-07-01T09:00:00"' in asked.text) == (True, True)
    start = {"start": "2026-07-01T09:00:00"}
    assert team.post("/policy/roll-back", {**hidden(asked), **start}).status == 303
    team.scene.clock.at = team.scene.clock.at.replace(month=7, day=2)
    assert team.base == first


def test_the_versions_say_which_is_in_force_who_put_it_there_and_how_to_go_back(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each earlier one leads to the page that asks; one in force or to come, and a file for spreadsheets, don't."""
    first = team.base
    team.edit("/policy/apply", CALMER)
    second = team.base
    team.edit("/policy/apply", SHIPPED + "# later\n", start=LATER)
    assert [row["state"] for row in team.versions] == ["to come", "in force", "earlier"]
    assert [row["applied"][:10] for row in team.versions] == ["2026-06-15"] * 3
    page = team.get("/policy/versions").text
    assert re.findall(r'href="/policy/roll-back\?version=(\w+)"', page) == [first]
    assert "Applied (UTC)" in page
    assert "Roll back" not in team.get("/policy/versions", "format=csv").text
    asked = team.get("/policy/roll-back", f"version={first}")
    assert (asked.status, f"in place of version {second}" in asked.text) == (200, True)
    as_visitor(monkeypatch, Role.LEAD, frozenset({"support"}))
    assert "/policy/roll-back" not in team.get("/policy/versions").text


def test_a_refused_way_back_says_why_and_keeps_the_day(team: Team) -> None:
    """A day that has passed, and a version that somebody else replaced meanwhile."""
    first = team.base
    team.edit("/policy/apply", CALMER)
    past = team.post("/policy/roll-back", {"version": first, "base": team.base, "start": "2026-06-01T09:00"})
    assert (past.status, "now or later" in past.text, 'value="2026-06-01T09:00"' in past.text) == (400, True, True)
    stale = team.post("/policy/roll-back", {"version": first, "base": "0000"})
    assert (stale.status, "Another version of the policy" in stale.text) == (409, True)
    assert team.post("/policy/roll-back", hidden(stale)).status == 303
    assert team.get("/policy/roll-back", "version=none").status == 400
    assert team.get("/policy/roll-back").headers["location"] == "/policy/versions"


def test_a_refused_edit_says_all_at_once_and_keeps_what_was_typed(team: Team) -> None:
    """The text's problems, each with its line, and that of the day; fields that a broken text can't take stay too."""
    wrong = SHIPPED.replace("version = 1", "version = 3")
    for act in ("/policy/confirm", "/policy/apply", "/policy/try"):
        page = unescape(team.edit(act, wrong, start="soon").text)
        assert re.search(r"<li>Line \d+: ", page)
        assert "<li><bdi>Apply from: " in page
        assert ('value="soon"' in page, "version = 3" in page) == (True, True)
    typed = {"was/limits/per_contact_days": "7", "limits/per_contact_days": "14"}
    broken = team.edit("/policy/edit", "name = ", **typed)
    assert (broken.status, "Line 1: " in broken.text) == (400, True)
    assert '<input name="limits/per_contact_days" value="14"' in broken.text
    mended = team.edit("/policy/edit", SHIPPED, **typed)
    assert (mended.status, "per_contact_days = 14" in mended.text) == (200, True)
