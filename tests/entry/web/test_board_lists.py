"""The board's lists: bounded however much there is, narrowed by the address, and by what their visitor may see."""

import json
import re
import sqlite3
from contextlib import closing
from html import escape, unescape
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.model import Entity
from tests.entry.scene import BUG, START, Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.counting import as_visitor, counted_queries, over

FOLLOWING = re.compile(r'<a rel="next" href="([^"]+)"')
FILE = re.compile(r'<a href="([^"]+)">As CSV</a>')
# Each with the most queries that it asks; one names a page's bugs. Of promises 200 links are folded, for a page and to
# count them.
ADDRESSES = {
    "/due": 63,
    "/due?show=overdue": 63,
    "/due?show=soon": 63,
    "/due?show=waiting": 63,
    "/due?show=soon&agent=support:a7": 63,
    "/due?show=soon&helpdesk=shop&brand=acme&reason=promised": 63,
    "/api/v1/due": 9,
    "/api/v1/due/counts": 53,
    "/promises": 51,
    "/promises?show=open": 51,
    "/rounds": 3,
    "/questions": 3,
    "/links": 3,
    "/links?show=issues": 3,
    "/links?show=words": 3,
    "/links?show=unlinked": 3,
    "/sources": 16,
}
ACME = Visitor("ann", "Ann", Role.AGENT, frozenset({"support:acme"}))


def ask(browser: Browser, address: str) -> str:
    """Give a page's text."""
    path, _, query = address.partition("?")
    page = browser.get(path, query)
    assert page.status == 200, page.text
    return page.text


@pytest.mark.parametrize("size", ["few_tickets", "many_tickets"])
def test_a_page_asks_as_much_of_few_tickets_as_of_many(
    size: str, request: pytest.FixtureRequest, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At most so many queries and at most 50 rows, with 1,000 tickets and with 100,000."""
    browser = over(request.getfixturevalue(size), scene)
    for address, most in ADDRESSES.items():
        with counted_queries(monkeypatch) as asked:
            text = ask(browser, address)
        assert 0 < len(asked) <= most, address
        assert text.count("<tr>") <= 51, address


SOON = "state IN ('planned', 'posted', 'dead') AND due_at <= '2026-06-29T09:00:00.000000Z'"
# What a list holds, asked in another way.
WHOLE = {
    "/due?show=soon&helpdesk=shop&reason=promised": """
        SELECT count(*) FROM update_item JOIN ticket ON ticket.id = ticket_id
        WHERE [SOON] AND source_id = 2 AND reason = 'promised'""",
    "/due?show=waiting&brand=acme": """
        SELECT count(*) FROM update_item JOIN ticket ON ticket.id = ticket_id
        WHERE brand = 'acme' AND (state = 'dead' OR (state = 'planned' AND review = 'waiting'))""",
    "/due?show=soon&agent=support:a7": """
        SELECT count(*) FROM update_item WHERE [SOON] AND 1 + ticket_id % 50 = 7 AND ticket_id % 7""",
    "/promises?show=open": "SELECT count(*) FROM finding WHERE kind = 'promise' AND due_at > '2026-06-15'",
    "/rounds?": """
        SELECT count(*) FROM (SELECT DISTINCT bug_id, reason FROM update_item
        WHERE review = 'waiting' AND state = 'planned')""",
    "/links?show=suggested": "SELECT count(*) FROM link WHERE state = 'suggested'",
    "/links?show=unlinked": "SELECT count(*) FROM link WHERE state = 'unlinked'",
    "/links?show=words": """
        SELECT count(*) FROM bug WHERE stage = 'open' AND id % 5
        AND id IN (SELECT bug_id FROM link WHERE state = 'linked')""",
}


@pytest.mark.parametrize("address", sorted(WHOLE))
def test_next_goes_to_the_end_of_a_filtered_list(few_tickets: Path, scene: Scene, address: str) -> None:
    """No row twice, none missed; the filters stay in the addresses of the next page and of the file."""
    browser, seen, filters = over(few_tickets, scene), 0, address.partition("?")[2]
    files = [unescape(file) for file in FILE.findall(ask(browser, address))]
    found = [row for file in files for row in ask(browser, file).splitlines()[1:]]
    following = address
    while following:
        text = ask(browser, following)
        files = [unescape(file) for file in FILE.findall(text)]
        seen += max(text.count("<tr>") - 1, 0)
        following = next(map(unescape, FOLLOWING.findall(text)), "")
        assert all(
            set(filter(None, filters.split("&"))) <= set(unquote(one).partition("?")[2].split("&")) for one in files
        )
    assert seen == len(found) == len(set(found)) == whole(few_tickets, WHOLE[address]) > 0


def whole(database: Path, query: str) -> int:
    """Count without any of our code."""
    with closing(sqlite3.connect(database)) as connection:
        return int(connection.execute(query.replace("[SOON]", SOON)).fetchone()[0])


def test_what_a_visitor_may_not_see_is_in_no_list_and_no_count(
    few_tickets: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tickets of another brand or helpdesk aren't there: neither as rows nor as numbers."""
    browser = over(few_tickets, scene)
    as_visitor(monkeypatch, ACME)
    for address in ("/due?show=overdue", "/due?show=soon", "/due?show=waiting", "/promises", "/questions", "/links"):
        found = re.findall(r'href="/tickets/(\w+):(\d+)"', ask(browser, address))
        assert all(helpdesk == "support" and int(number) % 3 == 1 for helpdesk, number in found), address
    counts = browser.get("/api/v1/due/counts").facts
    assert "shop" not in ask(browser, "/sources")
    as_visitor(monkeypatch, Visitor("lea", "Lea", Role.LEAD))
    everything = browser.get("/api/v1/due/counts").facts
    assert 0 < counts["waiting"] < everything["waiting"]
    assert 0 == counts["promises"] < everything["promises"]
    assert "shop" in ask(browser, "/sources")


@pytest.mark.parametrize("path", ["/due", "/promises", "/rounds", "/questions", "/links", "/sources"])
@pytest.mark.parametrize("after", ["7", "[", '["x"]', "[1e999]", "[-1,-1,-1,-1]", '[99999999999999999999,""]', "[[[[["])
def test_a_place_that_no_page_named_is_refused(scene: Scene, path: str, after: str) -> None:
    """With a sentence, and never as a mistake of ours."""
    browser = Browser(scene)
    for address in (path, f"/api/v1{path}"):
        page = browser.get(address, f"after={quote(after)}")
        assert page.status == 400
        assert "begin it anew" in page.text


def test_an_agent_whom_nobody_knows_is_said(scene: Scene) -> None:
    """Also where `mine` is asked for by somebody who is no agent."""
    browser = Browser(scene)
    for query in ("agent=nobody", "mine=yes"):
        page = browser.get("/due", query)
        assert page.status == 400
        assert "is no agent" in page.text


def test_what_is_due_says_for_whom_and_how_far_it_is(scene: Scene) -> None:
    """In the words of the command, and an agent finds their own."""
    ticket = scene.released()
    browser = Browser(scene)
    (row,) = browser.get("/api/v1/due").facts["rows"]
    (told,) = scene.facts("due")["updates"]
    assert (row["ticket"], row["bug"], row["state"]) == (ticket, BUG, "planned")
    assert row["for"] == (told["for"]["name"] or "nobody")
    assert row["reason"] == told["reason"].replace("_", " ")


def test_the_first_look_counts_what_there_is(scene: Scene) -> None:
    """Each number leads to its list."""
    scene.released()
    text = ask(Browser(scene), "/due")
    assert re.search(r'<a href="/due\?show=today">Due today</a></dt><dd>1</dd>', text)
    assert re.search(r'<a href="/promises">Promises open or missed</a></dt><dd>0</dd>', text)


def test_promises_are_counted_as_their_list_has_them(scene: Scene, few_tickets: Path) -> None:
    """Those that are open and missed, and those that are missed: each number is how many rows its list has."""
    browser = over(few_tickets, scene)
    counts = browser.get("/api/v1/due/counts").facts
    for query, number in (("", counts["promises"]), ("show=missed", counts["promises_missed"])):
        rows = browser.get("/promises", f"{query}&format=csv").text.splitlines()[1:]
        assert len(rows) == number, query
    assert counts["promises"] > counts["promises_missed"] > 0


def test_whoever_was_reminded_stands_apart(scene: Scene) -> None:
    """What the agent has yet to write isn't what nobody was reminded of yet: by when they were, as a filter, and as a
    number of its own."""
    scene.released()
    browser = Browser(scene)

    def found() -> list[int]:
        counts = browser.get("/api/v1/due/counts").facts
        lists = [browser.get("/api/v1/due", f"reminded={one}").facts["rows"] for one in ("", "yes", "no")]
        return [*map(len, lists), counts["today"], counts["reminded"]]

    assert found() == [1, 0, 1, 1, 0]
    assert browser.get("/api/v1/due").facts["rows"][0]["reminded_at"] is None
    scene.say("send")
    assert found() == [1, 1, 0, 1, 1]
    assert browser.get("/api/v1/due").facts["rows"][0]["reminded_at"].startswith("2026-06-15T09:0")
    page = ask(browser, "/due?reminded=yes")
    assert '<option value="yes" selected>agent reminded, has yet to write</option>' in page
    assert re.search(r'reminded=yes">Of these, agent reminded</a></dt><dd>1</dd>', page)
    assert browser.get("/due", "reminded=maybe").status == 400


def test_a_brand_that_no_ticket_has_is_refused_with_those_that_some_have(
    few_tickets: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As far as one sees them, and of the helpdesk that is asked for; an empty list would read as if all was done."""
    browser = over(few_tickets, scene)
    for path in ("/due", "/api/v1/due"):
        page = browser.get(path, "brand=acne")
        assert (page.status, "brand is one of acme, globex." in page.text) == (400, True)
    assert browser.get("/due", "brand=acme&helpdesk=shop").status == 200
    as_visitor(monkeypatch, ACME)
    page = browser.get("/due", "brand=globex")
    assert (page.status, "brand is one of acme." in page.text) == (400, True)
    as_visitor(monkeypatch, Visitor("eve", "Eve", Role.AGENT, frozenset({"support:other"})))
    assert "No ticket that you can see has a brand: leave it out." in browser.get("/due", "brand=acme").text


def test_promises_are_those_of_the_command(scene: Scene) -> None:
    """Open and missed ones, by which is asked for."""
    ticket = scene.released()
    scene.say("promise", "add", ticket, f"{START:%Y}-06-26")
    browser = Browser(scene)
    (row,) = browser.get("/api/v1/promises").facts["rows"]
    (told,) = scene.facts("promises")
    assert (row["ticket"], row["bug"], row["state"]) == (told["ticket"], told["bug"], "open")
    assert row["due_at"] == told["due_at"]
    assert browser.get("/api/v1/promises", "show=missed").facts["rows"] == []


def test_a_message_promised_by_a_day_is_due_by_that_day(scene: Scene) -> None:
    """Neither at midnight nor on the day after: in the list and its file, on the ticket's and the bug's page, in the
    sidebar and by the command; programs have the instant."""
    ticket = scene.released()
    scene.say("promise", "add", ticket, "2026-06-26")
    browser = Browser(scene)
    assert ">2026-06-26</time>" in ask(browser, "/promises")
    assert ask(browser, "/promises?format=csv").splitlines()[1].startswith("2026-06-26,")
    for page in (f"/tickets/{ticket}", f"/bugs/{BUG}"):
        assert "by the end of 2026-06-26 UTC" in ask(browser, page), page
    assert ">the end of 2026-06-26 UTC</time>" in ask(browser, f"/sidebar/{ticket.replace(':', '/')}")
    assert re.search(r"2026-06-26 +open", scene.say("promises"))
    (row,) = browser.get("/api/v1/promises").facts["rows"]
    assert row["due_at"] == "2026-06-26T23:59:00.000000Z"


def test_a_bug_is_recognised_wherever_it_is_listed(scene: Scene) -> None:
    """By customers' words, and without them by the subject of a ticket that reports it, which shows as text."""
    ticket = scene.released()
    scene.say("promise", "add", ticket, "2026-06-26")
    browser = Browser(scene)
    store, row = browser.app.store, browser.app.store.find_ticket(*ticket.split(":"))
    assert row is not None
    for subject, words, about in (
        ("Export <b>hangs</b>", "", "e.g. “Export <b>hangs</b>”"),
        ("x" * 200, "", f"e.g. “{'x' * 79}…”"),
        ("Export hangs", "export problem", "export problem"),
    ):
        store.keep_private(None, Entity.TICKET, row.id, "subject", subject)
        store.keep_private(None, Entity.BUG, 1, "words", words)
        for path in ("/bugs?stage=all", "/due", "/promises"):
            (listed,) = json.loads(ask(browser, f"/api/v1{path}"))["rows"]
            assert listed["about"] == about, path
            assert f"<bdi>{escape(about)}</bdi>" in ask(browser, path), path
    scene.say("unlink", ticket, BUG)
    store.keep_private(None, Entity.BUG, 1, "words", "")
    assert browser.get("/api/v1/links", "show=unlinked").facts["rows"][0]["about"] == ""


def test_links_say_what_to_do_about_each(scene: Scene) -> None:
    """A bug without customers' words, and after somebody unlinked it a link that was taken away."""
    ticket = scene.released()
    browser = Browser(scene)
    assert browser.get("/api/v1/links", "show=words").facts["rows"] == []  # it is released
    scene.say("unlink", ticket, BUG)
    (row,) = browser.get("/api/v1/links", "show=unlinked").facts["rows"]
    assert (row["ticket"], row["bug"], row["what"]) == (ticket, BUG, "taken away by hand")
    assert "Only a person can link it again" in row["to_do"]


def test_sources_say_what_was_read_and_which_job_fails(scene: Scene) -> None:
    """And whether a daemon works; nothing remote is asked."""
    scene.released()
    browser = Browser(scene)
    now = scene.clock.now()
    for _ in range(3):
        browser.app.store.record_failure("sync github", now, problem="RemoteError", seconds=1, retry_at=now)
    rows = {row["name"]: row for row in browser.get("/api/v1/sources").facts["rows"]}
    assert rows["support"]["live_from"] is not None
    assert rows["support"]["state"] == "well"
    assert rows["daemon"]["state"].startswith("none works now")
    assert rows["sync github"]["state"].startswith("failed 3 times in a row, last 2026-06-15")
    assert "(RemoteError)" in rows["sync github"]["state"]


def test_the_first_page_leads_each_one_where_they_begin(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """To what is due; whoever may see one ticket alone has its sidebar."""
    browser = Browser(scene)
    for ticket, path in (("", "/due"), ("support:7", "/sidebar/support/7")):
        as_visitor(monkeypatch, Visitor("ann", "Ann", Role.AGENT, ticket=ticket))
        page = browser.get("/")
        assert (page.status, page.headers["location"]) == (303, path)


def test_a_file_has_all_rows_of_a_list_page_by_page(
    request: pytest.FixtureRequest, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the page's 50 alone, from the beginning wherever one is; past the most there are it says so."""
    browser = over(request.getfixturevalue("few_tickets"), scene)
    following = FOLLOWING.search(ask(browser, "/due?show=soon&reason=promised"))
    assert following is not None
    link = FILE.search(ask(browser, unescape(following[1])))
    assert link is not None
    rows = ask(browser, unescape(link[1])).splitlines()
    assert len(set(rows)) == len(rows) > 52
    assert all(",promised," in row for row in rows[1:])
    monkeypatch.setattr("bugbridge.entry.web.listing_pages.MOST_FILE_ROWS", 50)
    *kept, last = ask(browser, unescape(link[1])).splitlines()
    assert (len(kept), "narrow the list" in last) == (51, True)
