"""The list of bugs and one bug's page: whoever sees what, and what people say there."""

import re
from datetime import timedelta
from html import escape
from urllib.parse import quote, urlencode

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import DataError
from bugbridge.core.model import AuthorKind, Entity
from bugbridge.core.snapshots import RemotePerson
from bugbridge.helpdesks.memory import AGENT
from bugbridge.store.database import SqliteDatabase
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene
from tests.entry.web.browsing import Browser
from tests.entry.web.reviewing import Reader
from tests.entry.web.seeing import BUG_API, BUG_PAGE, HOSTILE, Elements, visited_by


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """Somebody at the computer that serves."""
    return Browser(scene)


def test_bugs_are_listed_as_a_page_a_file_and_facts(browser: Browser) -> None:
    """Each with the path to its page, and the zone of its times."""
    page, file = browser.get("/bugs", "stage=all"), browser.get("/bugs", "stage=all&format=csv")
    facts = browser.get("/api/v1/bugs", "stage=all").facts
    assert '<a href="/bugs/github:acme%2Fapp%2312"><bdi>github:acme/app#12</bdi></a>' in page.text
    assert "First reported (UTC)" in file.text.splitlines()[0]
    (row,) = facts["rows"]
    assert (row["bug"], row["stage"], row["customers"], row["tickets"]) == (BUG, "released", 1, 1)
    assert (row["age_days"], row["news"]) == (10, "it was released")


def test_a_bug_without_a_ticket_in_sight_is_not_there(
    scene: Scene, browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For whoever sees some brands alone: neither in the list, its file, its picture and to programs, nor by its page,
    the search box or what is said of it; in the words for one that nobody knows. By the first link to a ticket of
    theirs it is. Whoever sees everything sees a bug that no ticket reports."""
    number = scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER, brand="eu")
    scene.say("sync")
    lists = ("/bugs?stage=all", "/api/v1/bugs?stage=all", "/bugs?stage=all&format=csv")
    paths = (*lists, BUG_PAGE, BUG_API, f"/find?q={quote(BUG)}")

    def found() -> list[bool]:
        return [BUG_NUMBER.search(look(browser, path)) is not None for path in paths]

    with visited_by(Visitor("eva", "Eva", Role.LEAD, frozenset({"support:eu"})), monkeypatch):
        assert found() == [False] * len(paths)
        assert browser.get("/api/v1/bugs", "stage=all").facts["rows"] == []
        unknown = browser.get(BUG_PAGE.replace("#12", "#999999"))
        assert (unknown.status, browser.get(BUG_PAGE).text) == (404, unknown.text.replace("#999999", "#12"))
        assert browser.post(f"{BUG_PAGE}/words", {"words": "export problem"}).status == 404
        scene.say("link", f"support:{number}", BUG)
        assert browser.get("/api/v1/bugs", "stage=all").facts["rows"][0]["tickets"] == 1
        assert browser.get(BUG_API).facts["customers_affected"] == 1
        assert ticket not in browser.get(BUG_PAGE).text
        assert all(found())
        assert browser.post(f"{BUG_PAGE}/words", {"words": "export problem"}).status == 303
    scene.tracker.add("github:acme/app#14", START - timedelta(days=20))
    scene.say("link", ticket, "acme/app#14")
    scene.say("unlink", ticket, "acme/app#14")
    assert "acme/app#14" in browser.get("/bugs").text


BUG_NUMBER = re.compile(r"acme(/|%2F)app(#|%23)12\b")


def look(browser: Browser, path: str) -> str:
    """Give what is shown, or where one is sent; nothing for what isn't there."""
    where, _, query = path.partition("?")
    page = browser.get(where, query)
    return "" if page.status == 404 else page.text + page.headers.get("location", "")


def test_a_picture_shows_open_bugs_by_age_and_stage_and_says_it_in_words(scene: Scene) -> None:
    """For whoever doesn't see it."""
    scene.reported_bug()
    scene.read()
    page = Browser(scene).get("/bugs")
    assert "open, 1 to 4 weeks: 1." in page.text
    (picture,) = Elements(page).named("svg")
    assert (picture["role"], picture["aria-describedby"]) == ("img", "picture-description")


def test_the_pictures_numbers_are_facts_too(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """As far as one sees them, by the list's filters."""
    scene.reported_bug()
    scene.read()
    browser, path = Browser(scene), "/api/v1/bugs/ages"
    found = browser.get(path).facts
    assert found["counts"] == [{"stage": "open", "age": "1 to 4 weeks", "bugs": 1}]
    assert (len(found["ages"]), found["ages"][1]) == (5, "1 to 4 weeks")
    assert browser.get(path, "stage=fixed").facts["counts"] == []
    assert browser.get(path, "stage=lost").status == 400
    with visited_by(Visitor("eva", "Eva", Role.LEAD, frozenset({"support:eu"})), monkeypatch):
        assert browser.get(path).facts["counts"] == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://github.example/12", "https://github.example/12"),
        ("http://github.example/12", "http://github.example/12"),
        ("javascript:alert(1)//https://", ""),
        ("", ""),
    ],
)
def test_an_issue_has_its_address_where_that_may_be_followed(
    scene: Scene, browser: Browser, monkeypatch: pytest.MonkeyPatch, address: str, shown: str
) -> None:
    """On the page and for programs."""
    monkeypatch.setattr(type(scene.tracker), "web_url", lambda _self, _reference: address)
    (issue,) = browser.get(BUG_API).facts["issues"]
    assert (issue["reference"], issue["role"], issue["address"]) == (BUG, "primary", shown)
    links = [link["href"] for link in Elements(browser.get(BUG_PAGE)).named("a") if "rel" in link]
    assert links == ([shown] if shown else [])


@pytest.mark.parametrize("query", ["stage=lost", "frequency=daily", "sort=name", "after=here"])
def test_a_list_that_cannot_be_asked_for_is_refused_in_one_sentence(browser: Browser, query: str) -> None:
    """On the page and for programs."""
    assert browser.get("/bugs", query).status == 400
    assert browser.get("/api/v1/bugs", query).facts.keys() == {"error"}


def test_bugs_that_are_over_are_listed_where_they_are_asked_for(scene: Scene, browser: Browser, ticket: str) -> None:
    """A bug that is released isn't work any more: neither on the page nor in its file or for programs, and the page
    says so; by its stage or `all` it is there."""
    scene.tracker.add("github:acme/app#14", START - timedelta(days=20))
    scene.say("link", ticket, "acme/app#14")
    for query, numbers in (
        ("", [14]),
        ("stage=released", [12]),
        ("stage=all", [12, 14]),
        ("stage=all&stage=open", [12, 14]),
    ):
        rows = browser.get("/api/v1/bugs", query).facts["rows"]
        assert sorted(int(row["bug"].partition("#")[2]) for row in rows) == numbers, query
        assert len(browser.get("/bugs", f"{query}&format=csv").text.splitlines()) == len(numbers) + 1
        page = browser.get("/bugs", query)
        checked = [box["value"] for box in Elements(page).named("input") if "checked" in box]
        assert checked == {"": ["open", "in_progress", "fixed"], "stage=released": ["released"]}.get(query, ["all"])
        assert ("Released and declined bugs aren&#39;t listed" in page.text) is (query == "")
        assert ("open, 1 to 4 weeks: 1." in page.text) is (14 in numbers)


def test_filters_stand_in_the_address_and_stay_in_the_form(browser: Browser) -> None:
    """Several stages are asked for at once; an empty field asks for nothing."""
    page = browser.get("/bugs", "stage=open&stage=released&frequency=&sort=age&words=")
    assert "github:acme/app#12" in page.text
    checked = [box["value"] for box in Elements(page).named("input") if "checked" in box]
    assert checked == ["open", "released"]
    assert "github:acme/app#12" not in browser.get("/bugs", "stage=open").text


def test_a_bugs_page_says_where_it_stands_and_what_avoids_it(browser: Browser) -> None:
    """Its stage and version, whom it affects, remedy and prevention."""
    page = browser.get(BUG_PAGE)
    assert "It is released in 4.2." in page.text
    assert "1 customer in 1 ticket that you can see reports it." in page.text
    assert "No workaround is known" in page.text
    assert "Upgrade to 4.2" in page.text


def test_every_issue_of_a_bug_leads_to_its_page(scene: Scene, browser: Browser) -> None:
    """A merged duplicate's to the one that stands; programs are answered at once."""
    scene.tracker.add("github:acme/app#13", START - timedelta(days=20))
    scene.say("same-bug", "acme/app#12", "acme/app#13")
    page = browser.get("/bugs/github:acme/app#13")
    assert (page.status, page.headers["location"]) == (303, "/bugs/github:acme%2Fapp%2312")
    assert browser.get("/api/v1/bugs/github:acme/app#13").facts["bug"] == BUG
    assert "(mirror)" in browser.get(BUG_PAGE).text


def test_the_time_line_is_a_picture_and_the_same_as_rows(browser: Browser) -> None:
    """News, links, updates and silences, the latest first, without a style in it."""
    page, facts = browser.get(BUG_PAGE), browser.get(BUG_API).facts
    kinds = [row["kind"] for row in facts["timeline"]["rows"]]
    assert sorted(set(kinds)) == ["Links", "News", "Silences", "Updates"]
    elements = Elements(page)
    marks = [each["class"] or "" for _, each in elements.found if (each.get("class") or "").startswith("mark ")]
    assert len(marks) == len(kinds)
    assert not [each for _, each in elements.found if "style" in each]
    assert elements.named("style") == []
    assert "The longest silence took 9 days." in page.text
    file = browser.get(BUG_PAGE, "file=timeline")
    assert len(file.text.splitlines()) == len(kinds) + 1
    assert file.headers["content-disposition"] == 'attachment; filename="bug-timeline.csv"'


def test_a_time_line_goes_on_page_after_page(scene: Scene, browser: Browser) -> None:
    """At most 50 rows at once, each of them once; what the picture leaves out is counted."""
    for number in range(60):
        scene.reported_bug(RemotePerson(f"c{number}", AuthorKind.CUSTOMER))
    scene.read()
    seen, after = [], ""
    while True:
        found = browser.get(BUG_API, urlencode({"after": after})).facts["timeline"]
        assert len(found["rows"]) <= 50
        seen, after = [*seen, *((row["at"], row["what"], row["ticket"]) for row in found["rows"])], found["next"]
        if not after:
            break
    assert seen == sorted(seen, key=lambda row: row[0], reverse=True)
    assert len([what for _, what, _ in seen if what == "the ticket was linked"]) == 61
    assert "Next 50 of the time line" in browser.get(BUG_PAGE).text
    assert browser.get(BUG_API, "after=x").status == 400


def test_customers_words_are_kept_and_shown(browser: Browser) -> None:
    """By a form, and by a program; what customers mustn't read is refused with the reason."""
    page = browser.post(f"{BUG_PAGE}/words", {"words": " export problem "})
    assert (page.status, page.headers["location"]) == (303, "/bugs/github:acme%2Fapp%2312?kept=words")
    assert "drafts use customers&#39; words" in browser.get(BUG_PAGE, "kept=words").text
    assert browser.get(BUG_API).facts["words"] == "export problem"
    refused = browser.post(f"{BUG_PAGE}/words", {"words": "see acme/app#12"})
    assert refused.status == 400
    assert "leave out the issue" in refused.text
    assert browser.get("/bugs", "words=EXPORT&stage=all").text.count("export problem") == 1


def test_a_workaround_is_recorded_with_its_language_and_for_whom(browser: Browser) -> None:
    """It is the remedy then, with how often it helped."""
    fields = {"text": "Export as CSV.", "language": "de", "applies_to": "macOS only", "kind": "new"}
    done = browser.post(f"{BUG_PAGE}/workarounds", fields)
    assert (done.status, done.headers["location"].endswith("?kept=workarounds")) == (303, True)
    page = browser.get(BUG_PAGE, "kept=workarounds")
    assert "The workaround is recorded." in page.text.partition("<h1>")[0]
    assert "The workaround is recorded." not in browser.get(BUG_PAGE).text
    for said in ("Export as CSV.", "de", "macOS only", "No customer whose ticket you can see was told it yet."):
        assert said in page.text
    facts = browser.get(BUG_API).facts
    (row,) = facts["workarounds"]["rows"]
    assert (row["text"], row["language"], row["applies_to"]) == ("Export as CSV.", "de", "macOS only")
    assert (facts["suggestions"], facts["promises"]["rows"]) == ([], [])
    assert browser.post(f"{BUG_PAGE}/workarounds", {"text": " "}).status == 400
    assert browser.post(f"{BUG_PAGE}/workarounds", {"text": "x", "kind": "other"}).status == 400


@pytest.mark.parametrize(
    ("form", "typed"),
    [
        ("words", {"words": "see acme/app#12"}),
        (
            "workarounds",
            {"text": "See acme/app#12,\n<b>now</b>", "language": "de", "applies_to": "macOS", "kind": "new"},
        ),
        ("workarounds", {"text": "Export as CSV.", "language": "no such", "applies_to": "macOS", "kind": "rewording"}),
        ("release", {"version": "4.2", "on": "2026-02-30"}),
    ],
)
def test_what_was_typed_and_refused_stays_in_its_form_below_the_sentence(
    scene: Scene, form: str, typed: dict[str, str]
) -> None:
    """To be mended there, and typed but once; the other forms are as they were."""
    scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START)
    scene.say("sync")
    browser = Browser(scene)
    page = browser.post(f"{BUG_PAGE}/{form}", typed)
    assert (page.status, page.text.count('role="alert"')) == (400, 1)
    top, _, below = page.text.partition("<h1>")
    assert ('href="#refused"' in top, 'id="refused"' in below) == (True, True)
    assert page.text.count('aria-describedby="refused" autofocus') == 1
    kind = typed.get("kind", "")
    fields = {name: text for name, text in typed.items() if name != "kind"}
    found = next(one for one in Reader(page.text).forms if fields.keys() <= one.fields.keys())
    assert {name: found.fields[name] for name in fields} == fields
    assert not kind or f'<option value="{kind}" selected>' in page.text
    fresh = browser.get(BUG_PAGE)
    assert 'role="alert"' not in fresh.text
    assert "macOS" not in fresh.text


def test_how_often_a_workaround_helped_stands_with_it(scene: Scene, browser: Browser, ticket: str) -> None:
    """Told, worked, failed."""
    browser.post(f"{BUG_PAGE}/workarounds", {"text": "Export as CSV."})
    scene.say("workaround", ticket, "worked")
    assert "Of 1 customer, it worked for 1 and failed for 0." in browser.get(BUG_PAGE).text


def test_what_a_program_says_needs_no_form_but_its_own_page(browser: Browser) -> None:
    """No other site can have a browser say it."""
    refused = browser._ask("POST", f"{BUG_API}/words", b'{"words": "x"}', {**browser.headers, **JSON}, "")
    assert refused.status == 403
    assert browser.get(BUG_API).facts["words"] == ""


JSON = {"Content-Type": "application/json"}


def test_programs_say_the_same_things(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Words, workarounds and releases; unknown fields are refused."""
    scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START - timedelta(days=1))
    scene.say("sync")
    browser = Browser(scene)
    with visited_by(Visitor("robot", "robot", Role.LEAD, via="token"), monkeypatch):
        for what, body, status in (
            ("words", b'{"words": "export problem"}', 200),
            ("words", b'{"words": "x", "more": 1}', 400),
            ("workarounds", b'{"text": "Export as CSV."}', 200),
            ("release", b'{"version": "4.2"}', 200),
            ("release", b'{"version": ""}', 400),
        ):
            assert browser._ask("POST", f"{BUG_API}/{what}", body, {**browser.headers, **JSON}, "").status == status
        facts = browser.get(BUG_API).facts
    assert (facts["words"], facts["workaround"], facts["version"]) == ("export problem", "Export as CSV.", "4.2")


def test_a_release_is_a_leads_to_say(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent doesn't see the form, and is refused; what isn't fixed isn't released."""
    scene.reported_bug()
    scene.read()
    browser = Browser(scene)
    refused = browser.post(f"{BUG_PAGE}/release", {"version": "4.2"})
    assert refused.status == 409
    scene.tracker.close(BUG, START - timedelta(days=1))
    scene.say("sync")
    assert "Say that it is out" in browser.get(BUG_PAGE).text
    with visited_by(Visitor("ann", "Ann", Role.AGENT), monkeypatch):
        assert "Say that it is out" not in browser.get(BUG_PAGE).text
        assert browser.post(f"{BUG_PAGE}/release", {"version": "4.2"}).status == 403
    assert browser.post(f"{BUG_PAGE}/release", {"version": "4.2"}).status == 303
    assert "It is released in 4.2." in browser.get(BUG_PAGE).text


def test_a_release_that_changes_nothing_leaves_no_row(scene: Scene) -> None:
    """The same plan again, another version once it is out: refused, and the trail says each release once."""
    scene.reported_bug()
    scene.read()
    scene.tracker.close(BUG, START - timedelta(days=1))
    scene.say("sync")
    browser = Browser(scene)
    planned, out, other = {"version": "4.2", "on": "2026-07-01"}, {"version": "4.2"}, {"version": "4.3"}
    found = [browser.post(f"{BUG_PAGE}/release", fields) for fields in (planned, planned, out, out, other)]
    assert [page.status for page in found] == [303, 409, 303, 409, 409]
    assert "changes nothing" in found[1].text
    assert len(browser.get("/api/v1/trail").facts["rows"]) == 2


def test_a_locked_database_is_no_word_on_the_bug(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is to be tried again, and isn't told as if the bug weren't fixed."""

    def locked(*_: object) -> None:
        raise DataError("The database can't be used (database is locked).")

    monkeypatch.setattr("bugbridge.entry.web.bug_acts.mark_release", locked)
    found = browser.post(f"{BUG_PAGE}/release", {"version": "4.2"})
    assert (found.status, "once it is fixed" in found.text) == (503, False)


@pytest.mark.parametrize("number", ["9" * 150, f"-{'9' * 150}", str(2**63)])
@pytest.mark.parametrize("path", ["/bugs", "/api/v1/bugs", BUG_PAGE, BUG_API])
def test_a_page_goes_on_from_no_number_that_cannot_be(browser: Browser, path: str, number: str) -> None:
    """However large it is; it is refused as any other text that isn't where a page ended."""
    for text in (f"[{number},1]", f'["x",{number}]', f"{number}|1"):
        for name in ("after", "after_ticket") if path in (BUG_PAGE, BUG_API) else ("after",):
            assert browser.get(path, urlencode({name: text})).status == 400
    assert browser.get("/bugs", urlencode({"sort": "customers", "after": f"{number}|1"})).status == 400


def test_a_form_that_is_not_ours_says_nothing(browser: Browser, ticket: str) -> None:
    """Neither of a bug nor of a ticket."""
    for path in (f"{BUG_PAGE}/words", f"{BUG_PAGE}/workarounds", f"{BUG_PAGE}/release", f"/tickets/{ticket}/unlink"):
        assert browser.post(path, {"csrf": "guessed"}).status == 403


def test_what_the_whole_team_counts_is_for_who_sees_all_of_it(
    browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """How many customers met a bug in how many weeks says something of tickets of other brands."""
    pages = (BUG_PAGE, BUG_API, f"/tickets/{ticket}")
    assert all("1 customer in 11 days" in browser.get(path).text for path in pages)
    with visited_by(Visitor("eva", "Eva", Role.AGENT, frozenset({"support:"})), monkeypatch):
        assert not [path for path in pages if "1 customer in 11 days" in browser.get(path).text]
        assert "Carla Customer" in browser.get(f"/tickets/{ticket}").text


def test_hostile_words_are_text(scene: Scene, browser: Browser, ticket: str) -> None:
    """Words, workarounds, subjects and names, on every page and in the file."""
    store = browser.application.state.web.app.store
    long = f"{HOSTILE}{'x' * 10_000}"
    row = store.find_ticket("support", ticket.partition(":")[2])
    store.keep_private(None, Entity.TICKET, row.id, "subject", long)
    store.keep_private(row.requester_id, Entity.PARTY, row.requester_id, "name", long)
    store.keep_private(None, Entity.BUG, 1, "words", HOSTILE)
    scene.say("workaround", "acme/app#12", "<img src=x onerror=alert(1)>")
    for path, query in (("/bugs", "stage=all"), (BUG_PAGE, ""), (f"/tickets/{ticket}", "")):
        page = browser.get(path, query)
        elements = Elements(page)
        assert [each.get("src") for each in elements.named("script")] == ["/static/page.js"]
        assert elements.named("img") == []
        assert "{{ 7*7 }}" in page.text
        assert "\u202e" not in page.text
        assert not [name for _, each in elements.found for name in each if name.startswith("on")]
    assert escape("<script>alert(1)</script>") in browser.get(f"/tickets/{ticket}").text
    assert "\u202e" not in browser.get("/bugs", "stage=all&format=csv").text


def test_a_tracker_or_helpdesk_of_another_scheme_is_not_led_to(
    scene: Scene, browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address is followed only where it can be."""
    monkeypatch.setattr(scene.tracker, "web_url", lambda _reference: "javascript:alert(1)")
    monkeypatch.setattr(scene.helpdesk, "web_url", lambda _id: "javascript:alert(1)//support.example/1")
    assert "javascript:" not in browser.get(BUG_PAGE).text
    assert "//support.example" not in browser.get(f"/tickets/{ticket}").text


def queries_of(browser: Browser, path: str, monkeypatch: pytest.MonkeyPatch) -> int:
    """Count what a page asks of the database."""
    asked: list[str] = []
    rows = SqliteDatabase._rows

    def counting(self: SqliteDatabase, statement: str, parameters: object = None) -> object:
        asked.append(statement)
        return rows(self, statement, parameters)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(SqliteDatabase, "_rows", counting)
        where, _, query = path.partition("?")
        assert browser.get(where, query).status == 200
    return len(asked)


def test_pages_ask_as_much_of_the_database_whatever_there_is(
    scene: Scene, browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With one ticket and with forty."""
    paths = ("/bugs?stage=all", BUG_PAGE, BUG_API, f"/tickets/{ticket}")
    assert browser.get("/bugs").status == 200  # the database is open from now on
    before = [queries_of(browser, path, monkeypatch) for path in paths]
    for number in range(40):
        scene.reported_bug(RemotePerson(f"c{number}", AuthorKind.CUSTOMER))
        scene.tracker.add(f"github:acme/app#{100 + number}", START - timedelta(days=20))
        ticket_number = scene.helpdesk.add_ticket(START - timedelta(days=3), requester=ANOTHER_CUSTOMER)
        note = f"That is acme/app#{100 + number}."
        scene.helpdesk.write(ticket_number, AGENT, note, START - timedelta(days=2), public=False)
    scene.read()
    assert len(browser.get("/api/v1/bugs", "stage=all").facts["rows"]) == 41
    assert [queries_of(browser, path, monkeypatch) for path in paths] == before
