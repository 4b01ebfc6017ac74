"""The policy on the web: read as a table, edited, tried on the past, put in force in place of what it was made from."""

import asyncio
import json
import re
import threading
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.entry.web import policy_editing, policy_trials
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.settings import shipped_folder
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene
from tests.entry.web.asking import answer, answered
from tests.entry.web.browsing import CSRF, FORM, HERE, Browser, Page
from tests.entry.web.test_audit import read

SHIPPED = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
CALMER = SHIPPED.replace('"infrequent"              = "news"', '"infrequent"              = "nothing"')
NARROW = SHIPPED.replace('name = "default"', 'name = "acme"\n[applies_to]\nbrand = ["acme"]')
HOSTILE = "<script>alert(1)</script> {{ 7 * 7 }} javascript:alert(1) \u202egnp"
PATIENCE = 60  # seconds until something that has to happen counts as not happening


class Team(Browser):
    """A team's web, and a lead who calibrates its policy."""

    @property
    def policy(self) -> Any:
        """What is in force."""
        return self.get("/api/v1/policy").facts

    @property
    def base(self) -> str:
        """The hash of the version in force."""
        return str(self.policy["shown"]["version"])

    @property
    def versions(self) -> list[Any]:
        """All versions that are kept, the newest first."""
        rows: list[Any] = self.get("/api/v1/policy/versions").facts["rows"]
        return rows

    def edit(self, act: str, text: str, **fields: str) -> Page:
        """Send the form of the page on which the policy is edited."""
        return self.post(act, {"policy": "default", "base": self.base, "text": text, **fields})

    def ask(self, path: str, facts: object, *, own: bool = True) -> Page:
        """Ask the API to do something, as a script of our pages would."""
        found = CSRF.search(self.get("/due").text)
        assert found
        headers = {**HERE, "Content-Type": "application/json"} | ({"X-CSRF-Token": found[1]} if own else {})
        told = read(answer(self.application, path, [json.dumps(facts).encode()], headers))
        return Page(told.status, told.headers, told.text)

    def trail(self) -> list[tuple[str, str]]:
        """What was done, and to what."""
        store: Any = self.app.store
        return [(row["did"], row["subject"]) for row in store._rows("SELECT did, subject FROM web_trail ORDER BY id")]


@pytest.fixture
def team(scene: Scene) -> Team:
    """Two customers reported a bug, which was fixed and released since; the policy is a file of the team's own."""
    scene.config.write_text(f'policy = "policy.toml"\n{scene.config.read_text(encoding="utf-8")}', encoding="utf-8")
    Path("policy.toml").write_text(SHIPPED, encoding="utf-8")
    scene.reported_bug()
    scene.reported_bug(ANOTHER_CUSTOMER)
    scene.read()
    scene.tracker.close(BUG, START - timedelta(days=3))
    scene.read()
    scene.say("release", "acme/app#12", "4.2")
    scene.read()
    return Team(scene)


def as_visitor(monkeypatch: pytest.MonkeyPatch, role: Role, brands: frozenset[str] | None = None) -> None:
    """Have somebody else ask from now on."""
    visitor = Visitor("ben", "Ben", role, brands, via="session", session="1")
    monkeypatch.setattr(Doorkeeper, "visitor", lambda _self, _request: visitor)


def test_the_policy_is_a_table_of_which_the_first_row_that_fits_decides(team: Team) -> None:
    """The rules in their order, then the grid, in the words of the command line; with its other sentences below."""
    page = team.get("/policy")
    text = unescape(page.text)
    places = [text.index(f"<bdi>{one}</bdi>") for one in ("solved-tickets-hear-the-outcome", "spiking", "grid-1")]
    assert (page.status, places) == (200, sorted(places))
    assert "The bug is open, in progress or fixed and the ticket is solved or closed" in text
    assert "They hear each piece of news, and an update every 1 to 4 weeks" in text
    assert "They have moved on; they still want to know how it ended." in text
    assert "A customer sees at most 1 unasked message in 7 days, an enterprise customer 2." in text
    assert "bugbridge (file)" in text
    rows = team.get("/policy", "format=csv").text.splitlines()
    assert (rows[0], len(rows)) == ("Rule,When,What,Because", 8)


def test_edit_try_apply_and_roll_back(team: Team) -> None:
    """The whole way: what is tried is kept nowhere, what is applied is in force, and one goes back by a version."""
    first = team.base
    assert SHIPPED.strip() in unescape(team.get("/policy/edit").text)
    tried = team.edit("/policy/try", CALMER)
    assert (tried.status, team.base, len(team.versions)) == (200, first, 1)
    assert "What each policy would have sent" in tried.text
    assert "would decide 2 links at once." in tried.text
    assert "Reminders per agent and week: " in tried.text
    assert re.search(r"<bdi>updates</bdi></td>\n<td[^>]*><bdi>2</bdi></td>\n<td[^>]*><bdi>0</bdi>", tried.text)
    assert re.search(r'<bdi>support:\d+</bdi></a></td>\n<td[^>]*><a href="/bugs/', tried.text)
    applied = team.edit("/policy/apply", CALMER)
    second = team.base
    assert (applied.status, applied.headers["location"]) == (303, f"/policy?policy=default&applied={second}")
    assert (second != first, team.policy["text"], team.versions[0]["by"]) == (True, CALMER, "loopback (apply)")
    earlier = team.get("/policy", urlencode({"version": first}))
    assert "This version isn" in earlier.text
    back = team.post("/policy/roll-back", {"version": first, "base": second})
    assert (back.status, team.base, team.policy["text"]) == (303, first, SHIPPED)
    assert team.trail() == [("policy.applied", second), ("policy.rolled_back", first)]
    assert team.scene.facts("policy", "history")["versions"][0]["by"]["id"] == "loopback"


def test_a_field_changes_one_value_and_leaves_every_comment(team: Team) -> None:
    """A field that nobody touched undoes nothing that was written in the text meanwhile."""
    names = re.findall(r'<input name="([^"]+)" value="([^"]*)"', team.get("/policy/edit").text)
    shown = {unescape(name): unescape(value) for name, value in names}
    assert shown["grid/frequent, workaround"] == "every 4-8 weeks"
    assert shown["rule/spiking/within_business_days"] == "1"
    was = {f"was/{name}": value for name, value in shown.items()}
    text = SHIPPED.replace("merge_days = 7 ", "merge_days = 9 ").replace("\n", "\r\n")
    typed = {**shown, "limits/per_contact_days": "14", "grid/frequent, workaround": "every 6-8 weeks"}
    typed["rule/spiking/within_business_days"] = "2"
    page = unescape(team.edit("/policy/edit", text, **was, **typed).text)
    assert "per_contact_days = 14                   # a customer sees one unasked message in this many days" in page
    assert '"frequent, workaround"    = "every 6-8 weeks"' in page
    assert "merge_days = 9 " in page
    assert "within_business_days = 2\n" in page


def test_all_that_is_wrong_with_a_text_is_said_at_once(team: Team) -> None:
    """With each line; nothing is applied or tried, and what was written stays."""
    wrong = SHIPPED.replace("[tell]", "[tel]").replace("version = 1", "version = 3")
    for act in ("/policy/edit", "/policy/try", "/policy/apply"):
        page = team.edit(act, wrong)
        text = unescape(page.text)
        assert (page.status, "Line 8: " in text, 'unknown key "tel"' in text, "[tel]\n" in text) == (
            400,
            True,
            True,
            True,
        )
    typed = team.edit("/policy/apply", SHIPPED, **{"was/limits/per_contact_days": "7", "limits/per_contact_days": "x"})
    assert (typed.status, "whole number from 0 to 3650" in typed.text) == (400, True)
    assert team.edit("/policy/apply", "name = ").status == 400
    assert (len(team.versions), team.trail()) == (1, [])


def test_a_form_that_is_behind_is_refused_and_keeps_what_was_written(team: Team) -> None:
    """Two leads edit at once: the second is told, and applies after having compared."""
    stale = team.base
    team.edit("/policy/apply", CALMER)
    other = CALMER.replace("per_contact_days = 7 ", "per_contact_days = 9 ")
    refused = team.post("/policy/apply", {"policy": "default", "base": stale, "text": other})
    assert (refused.status, "Another version of the policy 'default'" in unescape(refused.text)) == (409, True)
    assert ("per_contact_days = 9 " in refused.text, team.policy["text"]) == (True, CALMER)
    assert 'href="/policy?policy=default">The version in force</a>' in refused.text
    assert team.post("/policy/roll-back", {"version": stale, "base": stale}).status == 409
    again = team.post("/policy/apply", {"policy": "default", "base": team.base, "text": other})
    assert (again.status, team.policy["text"]) == (303, other)


def test_what_is_sent_twice_is_applied_once(team: Team) -> None:
    """Also where it begins on a day ahead."""
    for start in ("", "2026-07-01T09:00"):
        fields = {"policy": "default", "base": team.base, "text": CALMER if not start else SHIPPED, "start": start}
        before = len(team.versions)
        assert [team.post("/policy/apply", fields).status for _ in range(2)] == [303, 303]
        assert len(team.versions) == before + 1


def test_a_policy_begins_on_a_day_of_the_teams(team: Team) -> None:
    """Until then the one before goes on; a day that has passed is refused."""
    team.edit("/policy/apply", CALMER, start="2026-07-01T09:00")
    [ahead] = team.policy["to_come"]
    assert (team.policy["text"], ahead["start"]) == (SHIPPED, "2026-07-01T09:00:00.000000Z")
    for path in ("/policy", "/policy/edit"):
        assert "comes into force on 2026-07-01 09:00 UTC, says <bdi>loopback</bdi>." in team.get(path).text
    past = team.edit("/policy/apply", CALMER, start="2026-06-01")
    assert (past.status, "now or later" in past.text) == (400, True)
    assert team.edit("/policy/apply", CALMER, start="soon").status == 400


def test_a_narrower_policy_has_its_own_tab(team: Team) -> None:
    """It says for which tickets it is, is tried as if it were for everybody, and is edited by itself."""
    team.edit("/policy/apply", NARROW)
    names = [one["policy"] for one in team.policy["in_force"]]
    page = team.get("/policy", "policy=acme")
    assert (names, "It is for tickets of the brand &#34;acme&#34;." in page.text) == (["acme", "default"], True)
    assert 'href="/policy?policy=default"' in page.text
    assert "stand beside the policy &#39;default&#39;" in team.edit("/policy/edit", NARROW).text
    base = team.get("/api/v1/policy", "policy=acme").facts["shown"]["version"]
    tried = team.post("/policy/try", {"policy": "acme", "base": base, "text": NARROW.replace("14", "15")})
    assert (tried.status, "What each policy would have sent" in tried.text) == (200, True)
    assert "in the replay it decides every link, and so does its version in force" in tried.text
    assert "the policy for everybody decides every link here" not in tried.text
    assert team.get("/policy", "policy=none").status == 404
    assert team.get("/policy", "version=none").status == 404


def test_an_agent_reads_no_policy_and_a_lead_of_one_brand_changes_none(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor do they try one, or see an audit, which show other brands' tickets and figures."""
    token, base = CSRF.search(team.get("/due").text), team.base
    assert token
    form = {"policy": "default", "base": base, "text": CALMER, "version": base}
    acts = ["/policy/edit", "/policy/try", "/policy/confirm", "/policy/apply", "/policy/roll-back"]
    calls = ["/api/v1/policy/check", "/api/v1/policy/try", "/api/v1/policy/apply", "/api/v1/policy/roll-back"]
    shown = ["/policy/edit", "/policy/roll-back", "/audits", "/audit", "/api/v1/audit"]
    as_visitor(monkeypatch, Role.LEAD, frozenset({"support"}))
    assert (team.get("/policy").status, "/policy/edit" in team.get("/policy").text) == (200, False)
    refused = [team.post(path, form, page="/policy") for path in acts]
    refused += [team.get(path) for path in shown] + [asked_api(team, path) for path in calls]
    assert {one.status for one in refused} == {403}
    assert all("This is about the whole team" in one.text for one in refused)
    as_visitor(monkeypatch, Role.AGENT)
    pages = [team.get(path) for path in ("/policy", "/policy/versions", "/api/v1/policy", *shown)]
    pages += [team.post(path, form) for path in acts] + [asked_api(team, path) for path in calls]
    assert {one.status for one in pages} == {403}
    assert all("This is for a lead; your role is agent." in one.text for one in pages)
    monkeypatch.undo()
    assert len(team.app.store.rulesets("policy")) == 1


def test_the_api_reads_a_text_without_trying_it(team: Team) -> None:
    """It says all that is wrong with it, or what it is and what is to be known of it; nothing is kept."""
    wrong = team.ask("/api/v1/policy/check", {"text": "version = 3\nx = 1"})
    assert (wrong.status, {one["line"] for one in wrong.facts["problems"]}) == (400, {1, 2})
    assert wrong.facts["error"] == f"The policy has {len(wrong.facts['problems'])} problems: see problems."
    sound = team.ask("/api/v1/policy/check", {"text": CALMER})
    assert (sound.status, sound.facts["policy"]) == (200, "default")
    assert len(team.versions) == 1
    assert team.ask("/api/v1/policy/apply", {"text": CALMER, "made_from": team.base}).status == 200
    assert team.base == sound.facts["version"]


def asked_api(team: Team, path: str) -> Page:
    """Ask with a body of any shape."""
    return team.ask(path, {"text": CALMER, "made_from": "", "version": "0"})


def test_a_form_that_is_not_ours_changes_nothing(team: Team) -> None:
    """On the pages and in the API alike."""
    fields = {"policy": "default", "base": team.base, "text": CALMER}
    assert team.post("/policy/apply", {**fields, "csrf": "no"}).status == 403
    asked = {"text": CALMER, "made_from": team.base}
    assert team.ask("/api/v1/policy/apply", asked, own=False).status == 403
    assert len(team.versions) == 1


def test_hostile_reasons_are_text_everywhere(team: Team) -> None:
    """In the table, in the editor, and where a problem quotes them; a policy's name as well."""
    hostile = SHIPPED.replace("They have moved on; they still want to know how it ended.", HOSTILE)
    hostile = hostile.replace('id = "spiking"', f'id = "{HOSTILE}"')
    named = NARROW.replace('name = "acme"', f'name = "</textarea>{HOSTILE}"')
    assert [team.edit("/policy/apply", text).status for text in (hostile, named)] == [303, 303]
    name = team.policy["in_force"][0]["policy"]
    pages = [team.get("/policy"), team.get("/policy", urlencode({"policy": name})), team.get("/policy/versions")]
    pages += [team.get("/policy/edit"), team.get("/policy/edit", urlencode({"policy": name}))]
    pages += [team.edit("/policy/try", hostile), team.edit("/policy/edit", hostile.replace("version = 1", HOSTILE))]
    assert [page.status for page in pages] == [200] * 6 + [400]
    assert not [page for page in pages if "<script>alert" in page.text or "</textarea>&lt;" in page.text]
    assert not [page for page in pages if re.search(r"href=\"javascript|>49<| 49 ", page.text)]
    assert "\u202e" not in pages[0].text


def test_the_api_tries_applies_and_rolls_back(team: Team) -> None:
    """With typed answers, and the same refusals."""
    first = team.base
    tried = team.ask("/api/v1/policy/try", {"text": CALMER, "last": 10}).facts
    assert (tried["policy"], tried["changes_nothing"], tried["links"]) == ("default", False, 2)
    assert [policy["name"] for policy in tried["replay"]["policies"]] == ["in force", "edited"]
    assert [policy["metrics"]["sent"] for policy in tried["replay"]["policies"]] == [2, 0]
    assert tried["messages_per_agent_week"].keys() == {"in_force", "edited"}
    wrong = team.ask("/api/v1/policy/apply", {"text": "version = 3\nx = 1", "made_from": first})
    assert (wrong.status, {one["line"] for one in wrong.facts["problems"]}) == (400, {1, 2})
    applied = team.ask("/api/v1/policy/apply", {"text": CALMER, "made_from": first})
    assert (applied.status, applied.facts["applied"], applied.facts["version"]) == (200, True, team.base)
    assert team.ask("/api/v1/policy/apply", {"text": CALMER, "made_from": first}).facts["applied"] is False
    assert team.ask("/api/v1/policy/apply", {"text": NARROW, "made_from": first}).status == 409
    assert team.ask("/api/v1/policy/roll-back", {"version": "none", "made_from": first}).status == 400
    back = team.ask("/api/v1/policy/roll-back", {"version": first, "made_from": team.base})
    assert (back.facts["applied"], team.base) == (True, first)
    assert team.ask("/api/v1/policy/try", {"text": CALMER, "unknown": 1}).status == 400


def test_a_policy_is_tried_while_nothing_else_takes_the_processor(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever tries another, or asks for an audit, is asked to come back, and keeps what was written."""
    begun, may_end = threading.Event(), threading.Event()
    tried = policy_trials.tried

    def slow(*given: Any) -> Any:
        begun.set()
        assert may_end.wait(PATIENCE)
        return tried(*given)

    monkeypatch.setattr(policy_editing, "tried", slow)
    own = CSRF.search(team.get("/due").text)
    assert own
    body = urlencode({"csrf": own[1], "policy": "default", "base": team.base, "text": CALMER}).encode()
    headers = {**HERE, "Content-Type": FORM}

    async def all_at_once() -> list[Any]:
        ask = team.application
        first = asyncio.create_task(answered(ask, "/policy/try", [body], headers))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        others = [
            await answered(ask, "/policy/try", [body], headers),
            await answered(ask, "/audit", [b""], HERE, "GET"),
            await answered(ask, "/policy", [b""], HERE, "GET"),
        ]
        may_end.set()
        return [read(one) for one in (*others, await first)]

    busy, audit, page, first = asyncio.run(all_at_once())
    assert (busy.status, busy.headers["retry-after"], CALMER[:40] in busy.text) == (503, "10", True)
    assert (audit.status, page.status, first.status) == (503, 200, 200)


def test_more_links_than_anybody_waits_for_are_not_decided_again(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """The replay takes fewer bugs, and the command says what changes at once."""
    monkeypatch.setattr("bugbridge.services.policy_editing.MOST_LINKS", 1)
    page = team.edit("/policy/try", CALMER)
    assert (page.status, "`bugbridge policy apply` says it before it asks." in page.text) == (200, True)
    assert team.ask("/api/v1/policy/try", {"text": CALMER}).facts["changes"] is None


def test_a_policy_that_cannot_be_read_is_said_to_be_so(team: Team) -> None:
    """In one sentence that names no path."""
    Path("policy.toml").write_text("version = ", encoding="utf-8")
    for path in ("/policy", "/policy/edit", "/api/v1/policy"):
        page = team.get(path)
        assert (page.status, "team configured can" in page.text) == (503, True)
        assert str(Path.cwd()) not in page.text


def test_long_policies_and_long_histories_come_by_the_page(team: Team) -> None:
    """At most 50 rows, and a link to those that follow."""
    rules = "".join(f'\n[[rule]]\nid = "r{n}"\nwhen = {{ tier = ["t{n}"] }}\ntell = "all"\n' for n in range(60))
    team.edit("/policy/apply", SHIPPED + rules)
    page = team.get("/policy")
    assert (page.text.count("<bdi>r"), 'href="/policy?after=50"' in page.text) == (48, True)
    assert "<bdi>grid-5</bdi>" in team.get("/policy", "after=50").text
    for number in range(52):
        team.scene.clock.at += timedelta(minutes=1)
        Path("policy.toml").write_text(f"{SHIPPED}# {number}\n", encoding="utf-8")
        team.ask("/api/v1/policy/apply", {"text": f"{SHIPPED}# {number}\n", "made_from": team.base})
    shown = team.get("/api/v1/policy/versions").facts
    rest = team.get("/api/v1/policy/versions", f"after={shown['next']}").facts
    assert (len(shown["rows"]), len(rest["rows"]), rest["next"]) == (50, 4, "")
