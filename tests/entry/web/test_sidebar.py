"""The sidebar: a ticket's bugs beside it, and what agents say of them, each act a form."""

import json
import re
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import RemotePerson
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.helpdesks.memory import AGENT
from bugbridge.store.database import SqliteDatabase
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, START, Scene
from tests.entry.web.browsing import CSRF, Browser, Page

HOSTILE = "<script>alert(1)</script>\"onx=' javascript:alert(2) {{ 7*7 }} {% raw %} \u202egnp.exe"
OTHER = "github:acme/app#13"


@pytest.fixture
def ticket(scene: Scene) -> str:
    """A ticket whose customer waits for news of a release."""
    return scene.released()


@pytest.fixture
def browser(scene: Scene, ticket: str) -> Browser:  # noqa: ARG001 - it is there
    """Somebody at the computer that serves."""
    return Browser(scene)


def path_of(ticket: str) -> str:
    return "/sidebar/" + ticket.replace(":", "/")


def say(browser: Browser, ticket: str, verb: str, issue: str = BUG, value: str = "") -> Page:
    """Send one of the page's forms, and give what is shown after it; a refusal as it is."""
    path = path_of(ticket)
    page = browser.post(f"{path}/acts", {"verb": verb, "issue": issue, "value": value}, path)
    if page.status != 303:
        return page
    went = urlsplit(page.headers["location"])
    assert went.path == path
    return browser.get(went.path, went.query)


def facts(browser: Browser, ticket: str) -> Mapping[str, object]:
    """The first link, as programs have it."""
    link: Mapping[str, object] = browser.get("/api/v1/tickets/" + ticket.replace(":", "/")).facts["links"][0]
    return link


def test_it_says_what_the_command_line_says(browser: Browser, ticket: str) -> None:
    """The bug, its stage in plain words, what the policy says, and a draft that can be changed."""
    page = browser.get(path_of(ticket))
    assert page.status == 200
    for words in ("acme/app#12", "Released in <bdi>4.2</bdi>.", "Next update: 2026-06-15", "is fixed in version 4.2"):
        assert words in page.text
    assert facts(browser, ticket)["stage"] == "released"


def test_a_ticket_not_known_yet_is_read_from_its_helpdesk(scene: Scene, browser: Browser) -> None:
    """And a bug can be linked to it by its issue's address."""
    number = scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER)
    ticket = f"support:{number}"
    assert "No bug is linked yet" in browser.get(path_of(ticket)).text
    page = say(browser, ticket, "link", "https://github.com/acme/app/issues/12")
    assert "Linked." in page.text
    assert facts(browser, ticket)["rule_id"], "it is decided at once"


def test_a_link_is_undone_and_done_again(browser: Browser, ticket: str) -> None:
    """Each undo is offered as long as that is how things are."""
    gone = say(browser, ticket, "not_this")
    assert "Unlinked" in gone.text
    assert "No bug is linked yet" in gone.text
    assert "<button>Undo</button>" in gone.text
    back = say(browser, ticket, "link")
    assert "Linked." in back.text
    assert "<button>Undo</button>" in back.text


def test_an_undo_in_an_address_is_believed_nothing(browser: Browser, ticket: str) -> None:
    """Codes of what wasn't done, or of a bug that the ticket knows nothing of, offer none; text is never shown."""
    path = path_of(ticket)
    assert "Undo" not in browser.get(path, "said=unlinked&bug=1").text
    assert "Undo" not in browser.get(path, "said=linked&bug=999").text
    assert "evil" not in browser.get(path, "said=evil&bug=1").text


@pytest.mark.parametrize("answer", ["daily", "sometimes", "once"])
def test_how_often_they_meet_it_changes_the_decision(browser: Browser, ticket: str, answer: str) -> None:
    """At once, and it is shown."""
    page = say(browser, ticket, "meets_it", value=answer)
    assert f"They meet it: {answer}" in page.text
    assert "isn't known yet how often" not in str(facts(browser, ticket)["because"])


def test_a_workaround_that_worked_or_failed_is_kept(scene: Scene, browser: Browser, ticket: str) -> None:
    """For this customer, with the decision that follows."""
    scene.say("workaround", "acme/app#12", "export as CSV")
    assert "Not sent to this customer yet." in browser.get(path_of(ticket)).text
    assert "Works for this customer." in say(browser, ticket, "worked").text
    assert "work for this customer." in say(browser, ticket, "failed").text
    assert facts(browser, ticket)["workaround_state"] == "failed"
    assert "Add the workaround" not in browser.get(path_of(ticket)).text


def test_told_closes_the_reminder_and_can_be_taken_back(scene: Scene, browser: Browser, ticket: str) -> None:
    """As `bug: told` and `bug: still due` do."""
    scene.say("send")
    page = say(browser, ticket, "told")
    assert scene.facts("due")["updates"] == []
    assert "<button>Undo</button>" in page.text
    assert "still to be told" in say(browser, ticket, "still_due").text
    assert len(scene.facts("due")["updates"]) == 1


def test_later_has_the_limits_of_a_note(scene: Scene, browser: Browser, ticket: str) -> None:
    """Twice for the same news, by days or weeks; a refusal is a sentence on the same page."""
    scene.say("send")
    assert "Put off until" in say(browser, ticket, "later", value="1w").text
    say(browser, ticket, "later", value="2w")
    third = say(browser, ticket, "later", value="1w")
    assert (third.status, "was put off twice already" in third.text) == (409, True)
    odd = say(browser, ticket, "later", value="soon")
    assert (odd.status, "Write 3d for days" in odd.text) == (400, True)


def test_a_configuration_that_cannot_be_used_is_said_without_its_paths(
    scene: Scene, browser: Browser, ticket: str
) -> None:
    """On the page and to programs; `doctor` says the rest to whoever keeps it."""
    (scene.config.parent / "people.csv").write_text("agent,lead\nAda,maybe\n", encoding="utf-8")
    for path in (path_of(ticket), "/api/v1/tickets/" + ticket.replace(":", "/"), "/sidebar/support/99"):
        page = browser.get(path)
        assert (page.status, "`bugbridge doctor` says why" in page.text) == (503, True)
        assert "people.csv" not in page.text


def test_nothing_due_is_said_without_commands(scene: Scene) -> None:
    """Nobody can type one there."""
    ticket = scene.reported_bug()
    scene.read()
    page = say(Browser(scene), ticket, "later", value="1w")
    assert (page.status, "Nothing is due here, so there is nothing to put off." in page.text) == (409, True)


def test_one_of_several_bugs_has_to_be_named(scene: Scene, browser: Browser, ticket: str) -> None:
    """Each form of the page names its own; a program that doesn't is told."""
    scene.tracker.add(OTHER, START - timedelta(days=30))
    say(browser, ticket, "link", OTHER)
    page = say(browser, ticket, "told", issue="")
    assert (page.status, "say which in issue" in page.text) == (400, True)
    assert say(browser, ticket, "told", issue=OTHER).status == 200


def test_an_issue_that_is_not_there_is_not_linked(browser: Browser, ticket: str) -> None:
    """A sentence, and the page is as it was."""
    assert say(browser, ticket, "link", "acme/app#999").status == 404
    page = say(browser, ticket, "link", "nonsense")
    assert (page.status, "names no issue that can be reached" in page.text) == (400, True)


def test_a_tracker_or_helpdesk_that_does_not_answer_is_said(scene: Scene, browser: Browser, ticket: str) -> None:
    """In the sentence of whoever didn't answer."""
    scene.tracker.fail(RemoteError("github doesn't answer."))
    page = say(browser, ticket, "link", OTHER)
    assert (page.status, "github doesn&#39;t answer." in page.text) == (503, True)
    scene.helpdesk.fail(RemoteError("support doesn't answer."))
    page = browser.get("/sidebar/support/4711")
    assert (page.status, "support doesn&#39;t answer." in page.text) == (503, True)


@pytest.mark.parametrize("path", ["support/4711", "elsewhere/1", "support/..%2fusers", "support/abc"])
def test_what_is_not_there_is_one_sentence(browser: Browser, path: str) -> None:
    """Whatever is asked for, and only a ticket's number goes to its helpdesk."""
    page = browser.get(f"/sidebar/{path}")
    assert page.status == 404
    api = browser.get(f"/api/v1/tickets/{path}")
    assert api.status == 404


def test_a_reply_is_checked_as_one_types(browser: Browser, ticket: str) -> None:
    """For the ticket's own bug, with what to write instead; a page that isn't ours asks for nothing."""
    path = path_of(ticket)
    csrf = CSRF.search(browser.get(path).text)
    assert csrf
    body = json.dumps({"text": "It will be fixed very soon, I promise.", "issue": BUG}).encode()
    headers = {**browser.headers, "X-CSRF-Token": csrf[1]}
    found = browser._ask("POST", f"{path}/check", body, headers, "").facts
    assert found["stage"] == "released"
    assert found["findings"]
    assert {"level", "text", "message", "suggestion"} <= found["findings"][0].keys()
    assert browser._ask("POST", f"{path}/check", body, browser.headers, "").status == 403
    assert browser._ask("POST", f"{path}/check", b"[", headers, "").status == 400


def test_a_reply_is_checked_without_script(browser: Browser, ticket: str) -> None:
    """The text stays in its field, and what was found stands below it."""
    page = browser.post(
        f"{path_of(ticket)}/checked", {"text": "It will be fixed very soon.", "issue": BUG}, path_of(ticket)
    )
    assert page.status == 200
    assert re.search(r'<textarea id="draft-1"[^>]*>\nIt will be fixed very soon\.</textarea>', page.text)
    assert '<li class="' in page.text


def test_the_workaround_goes_into_the_reply_without_script(scene: Scene, browser: Browser, ticket: str) -> None:
    """Once, however often that is asked for; nothing counts as told by it."""
    scene.say("workaround", "acme/app#12", "Export it as CSV.")
    fields = {"text": "Hello,", "issue": BUG, "add": "workaround"}
    page = browser.post(f"{path_of(ticket)}/checked", fields, path_of(ticket))
    assert "\nHello,\n\nExport it as CSV.</textarea>" in page.text
    assert facts(browser, ticket)["workaround_state"] == "known"


def test_programs_do_the_same(browser: Browser, ticket: str) -> None:
    """With the same sentences; an unknown key is refused."""
    path = "/api/v1/tickets/" + ticket.replace(":", "/") + "/acts"
    csrf = CSRF.search(browser.get("/due").text)
    assert csrf
    headers = {**browser.headers, "X-CSRF-Token": csrf[1], "Content-Type": "application/json"}

    def act(**body: str) -> Page:
        return browser._ask("POST", path, json.dumps(body).encode(), headers, "")

    assert act(verb="meets_it", value="daily").facts == {"done": "meets_it", "bug_id": 1, "issue": BUG, "until": None}
    assert act(verb="later", value="never").facts["error"].startswith("Write 3d for days")
    assert act(verb="told", text="x").status == 400
    assert browser._ask("POST", path, b'{"verb": "told"}', browser.headers, "").status in (400, 403)


def test_each_act_is_in_the_trail(browser: Browser, ticket: str) -> None:
    """Who did what to which ticket and bug, without a word of text."""
    say(browser, ticket, "told")
    rows = browser.app.store._rows("SELECT who, did, subject FROM web_trail")  # type: ignore[attr-defined]
    assert [tuple(row) for row in rows] == [("loopback", "sidebar.told", f"{ticket} {BUG}")]


def test_hostile_text_shows_as_text(scene: Scene) -> None:
    """Whoever wrote it: a customer's name and subject, the words and the workaround of a bug."""
    evil = RemotePerson("customer-9", AGENT.kind, name=HOSTILE)
    ticket = scene.reported_bug()
    number = scene.helpdesk.add_ticket(START, subject=HOSTILE * 90, requester=evil)
    scene.read()
    scene.say("workaround", "acme/app#12", HOSTILE.replace("\u202e", ""))
    browser = Browser(scene)
    browser.app.store.keep_private(None, "bug", 1, "words", HOSTILE * 90)  # type: ignore[arg-type] # its value
    page = browser.post(f"{path_of(ticket)}/checked", {"text": HOSTILE, "issue": BUG}, path_of(ticket))
    pages = [page, browser.get(path_of(ticket)), browser.get(f"/sidebar/support/{number}")]
    pages.append(browser.get(path_of(ticket), "q=%3Cscript%3E%22%27%E2%80%AE"))
    for one in pages:
        assert "<script>alert" not in one.text
        assert '"onx' not in one.text
        assert "\u202e" not in one.text
    assert "{{ 7*7 }}" in pages[1].text
    assert pages[1].text.count("<details>") >= 1


@pytest.mark.parametrize("brands", [frozenset({"elsewhere"}), frozenset({"support:other"}), frozenset({"support:"})])
def test_a_ticket_of_another_brand_is_not_there(
    browser: Browser, ticket: str, monkeypatch: pytest.MonkeyPatch, brands: frozenset[str]
) -> None:
    """On its page, as facts, in acts and in checks, in the same words as one that isn't there."""
    path, has_it = path_of(ticket), "support:" in brands
    csrf = CSRF.search(browser.get(path).text)
    assert csrf
    eve = Visitor("eve", "Eve", Role.AGENT, brands, via="token")
    monkeypatch.setattr(Doorkeeper, "visitor", lambda _self, _request: eve)
    expected = 200 if has_it else 404
    assert browser.get(path).status == expected
    assert browser.get("/api/v1/tickets/" + ticket.replace(":", "/")).status == expected
    body = json.dumps({"text": "Hello."}).encode()
    assert browser._ask("POST", f"{path}/check", body, browser.headers, "").status == expected
    assert say(browser, ticket, "told").status == expected
    if not has_it:
        assert browser.get(path).text == browser.get("/sidebar/support/4711").text
        rows = browser.app.store._rows("SELECT * FROM web_trail")  # type: ignore[attr-defined]
        assert rows == []


def test_a_page_asks_the_database_as_often_however_many_tickets_a_bug_has(
    scene: Scene, browser: Browser, ticket: str
) -> None:
    """The questions grow with the ticket's own links alone, of which ten are shown."""
    asked: list[str] = []
    rows = SqliteDatabase._rows

    def questions() -> int:
        asked.clear()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SqliteDatabase, "_rows", lambda *given: asked.append(given[1]) or rows(*given))
            assert browser.get(path_of(ticket)).status == 200
        return len(asked)

    browser.get(path_of(ticket))  # what is read once in a process
    before = questions()
    for _ in range(20):
        scene.reported_bug(ANOTHER_CUSTOMER)
    scene.read()
    assert questions() == before
    for number in range(20, 35):
        scene.tracker.add(f"github:acme/app#{number}", START - timedelta(days=3))
        say(browser, ticket, "link", f"github:acme/app#{number}")
    page = browser.get(path_of(ticket)).text
    assert "6 more links of this ticket" in page
    assert questions() < 12 * before


def test_only_the_helpdesk_may_frame_it(browser: Browser, ticket: str) -> None:
    """Its origin and no other; other pages nobody."""
    told = browser.get(path_of(ticket)).headers
    assert "frame-ancestors https://helpdesk.example" in told["content-security-policy"]
    assert "x-frame-options" not in told
    assert (
        "frame-ancestors https://helpdesk.example"
        in browser.get("/sidebar/support/99").headers["content-security-policy"]
    )
    assert browser.get("/due").headers["x-frame-options"] == "DENY"


def test_an_act_comes_back_to_its_own_page_with_codes_alone(browser: Browser, ticket: str) -> None:
    """Nothing that was typed is in the address."""
    path = path_of(ticket)
    page = browser.post(f"{path}/acts", {"verb": "told", "issue": BUG}, path)
    went = urlsplit(page.headers["location"])
    assert (page.status, went.path, parse_qs(went.query)) == (303, path, {"said": ["told"], "bug": ["1"]})


def test_what_told_does_not_end_is_said_beside_it(scene: Scene, browser: Browser, ticket: str) -> None:
    """A promise for a day is kept by a public reply alone, also after somebody said that they were told."""
    words = "only a public reply keeps that, “Told” doesn't."
    assert words not in browser.get(path_of(ticket)).text
    scene.say("promise", "add", ticket, "2026-06-19")
    assert words in browser.get(path_of(ticket)).text
    assert words in say(browser, ticket, "told").text


def undone(browser: Browser, ticket: str, page: Page) -> Page:
    """Press Undo, which is the first form of the page that says what was done."""
    form = page.text.partition('<div class="card good">')[2].partition("</form>")[0]
    assert "<button>Undo</button>" in form
    fields = dict(re.findall(r'name="(verb|issue|value)" value="([^"]*)"', form))
    return say(browser, ticket, fields["verb"], fields["issue"], fields.get("value", ""))


def test_told_is_taken_back_while_the_update_was_only_planned(scene: Scene, browser: Browser, ticket: str) -> None:
    """Nobody was reminded yet: it is planned again as it was."""
    assert len(scene.facts("due")["updates"]) == 1
    page = say(browser, ticket, "told")
    assert scene.facts("due")["updates"] == []
    undone(browser, ticket, page)
    assert [one["state"] for one in scene.facts("due")["updates"]] == ["planned"]


def test_later_is_taken_back(scene: Scene, browser: Browser, ticket: str) -> None:
    """It is due as before, and what was taken back doesn't count as put off."""
    before = scene.facts("due")["updates"][0]["due_at"]
    for _ in range(3):
        page = say(browser, ticket, "later", value="1w")
        assert scene.facts("due")["updates"][0]["due_at"] != before
        assert "Taken back" in undone(browser, ticket, page).text
        assert scene.facts("due")["updates"][0]["due_at"] == before
    assert say(browser, ticket, "not_later").status == 409


def test_answers_go_back_to_the_ones_before(scene: Scene, browser: Browser, ticket: str) -> None:
    """Said again; where nobody had said anything, to that nobody knows."""
    page = undone(browser, ticket, say(browser, ticket, "meets_it", value="daily"))
    assert ("Taken back: how often" in page.text, "They meet it:" in page.text) == (True, False)
    assert facts(browser, ticket)["meets_it"] == ""
    say(browser, ticket, "meets_it", value="daily")
    page = say(browser, ticket, "meets_it", value="once")
    assert "They meet it: daily" in undone(browser, ticket, page).text
    scene.say("workaround", "acme/app#12", "export as CSV")
    scene.say("workaround", ticket, "told")
    page = say(browser, ticket, "worked")
    assert "Sent to this customer." in undone(browser, ticket, page).text


def test_told_is_taken_back_of_what_no_rule_calls_for(scene: Scene, browser: Browser) -> None:
    """Their workaround failed them, and what is left to hear is news: nobody claims that something is due."""
    number = scene.helpdesk.add_ticket(START, requester=ANOTHER_CUSTOMER)
    scene.helpdesk.write(number, AGENT, "We look into it.", START, public=True)
    scene.tracker.add(OTHER, START)
    ticket = f"support:{number}"
    say(browser, ticket, "link", OTHER)
    scene.say("workaround", "acme/app#13", "export as CSV")
    scene.say("plan")
    say(browser, ticket, "failed", OTHER)
    page = undone(browser, ticket, say(browser, ticket, "told", OTHER))
    assert "nothing is due: the policy calls for no update" in page.text
    assert "still to be told" not in page.text
