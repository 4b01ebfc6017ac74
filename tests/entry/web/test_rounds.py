"""The review of a round on the web: what is read is what goes out, once, and until then it can be stopped."""

from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest

from bugbridge.core.access import Role
from bugbridge.core.errors import RemoteError
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import BUG, Scene
from tests.entry.web.counting import counted_queries
from tests.entry.web.reviewing import (
    PEOPLE,
    ROUND,
    ROUND_API,
    Reader,
    Reviewer,
    approves,
    calls,
    calls_it,
    counts,
    four_tickets,
    person,
    replies,
    send_all,
    sends,
)

MOST_QUERIES = 60
HOSTILE = '<script>alert(1)</script>{{ 7*7 }}{% raw %}"onmouseover="x\u202e javascript:alert(1)'


@pytest.fixture
def tickets(scene: Scene) -> list[str]:
    """Those of four customers."""
    return four_tickets(scene)


@pytest.fixture
def lead(scene: Scene, tickets: list[str]) -> Reviewer:  # noqa: ARG001 - they are there
    """Somebody who reviews it."""
    return Reviewer(scene)


def customer_writes(scene: Scene, ticket: str) -> None:
    """A customer writes once more, and it is read."""
    scene.helpdesk.write(ticket.partition(":")[2], person("one"), "And now?", scene.clock.now(), public=True)
    scene.read()


def test_the_page_says_how_the_round_stands_and_shows_each_draft_with_its_customer(
    lead: Reviewer, tickets: list[str]
) -> None:
    """The sentence of the design with its values, the groups, and why a draft needs an eye."""
    page = lead.get(ROUND)
    assert page.status == 200
    assert (
        "4.2 is out. 5 tickets report this bug: 4 drafts are ready, 1 needs your eye. Nothing goes out until you "
        in (page.text)
    )
    assert "press “Send 4”." in page.text
    assert "Ready: <bdi>no workaround is known, English, plan business</bdi> (1)" in page.text
    assert "Why: <bdi>an enterprise customer</bdi>" in page.text
    assert all(f'<a href="/tickets/{one}"><bdi>{one}</bdi></a>' in page.text for one in tickets)
    assert "Three Customer" in page.text
    drafts = [text for name, text in lead.form("send").fields.items() if name.startswith("text ")]
    assert len(drafts) == 5
    assert all("is fixed in version 4.2, which is available now." in text for text in drafts)


def test_send_asks_once_more_then_each_reply_goes_out_once_after_ten_minutes(scene: Scene, lead: Reviewer) -> None:
    """The question alone sends nothing."""
    asked = lead.press("send")
    assert (asked.status, "4 replies would go to the customers." in asked.text) == (200, True)
    assert counts(lead) == {"ready": 4, "eye": 1}
    done = lead.press("approve", asked)
    assert (done.status, done.headers["location"]) == (303, "/rounds/github:acme%2Fapp%2312?said=approved")
    assert "held for ten minutes" in lead.get(ROUND, "said=approved").text
    sends(scene)
    sends(scene)
    assert sorted(len(one) for one in replies(scene).values()) == [0, 1, 1, 1, 1]
    assert counts(lead) == {"sent": 4, "eye": 1}


def test_the_same_form_sent_twice_sends_nothing_twice(scene: Scene, lead: Reviewer) -> None:
    """A double click, and the button of a page that was left open."""
    asked = lead.press("send")
    first, again = lead.press("approve", asked), lead.press("approve", asked)
    assert (first.headers["location"][-8:], again.headers["location"][-7:]) == ("approved", "nothing")
    sends(scene)
    late = lead.press("approve", asked)
    assert (late.status, late.headers["location"][-7:]) == (303, "nothing")
    sends(scene)
    assert sorted(len(one) for one in replies(scene).values()) == [0, 1, 1, 1, 1]
    assert [did for _, did, _ in lead.trail()] == ["round.approved"]


def test_what_is_unticked_stays_and_an_edited_text_goes_out_as_it_was_edited(
    scene: Scene, lead: Reviewer, tickets: list[str]
) -> None:
    """Before anything goes, the words of one's own are shown with what the check of replies says: it stops nothing."""
    mine, left = lead.id_of(tickets[0]), lead.id_of(tickets[1])
    words = "It is fixed in 4.2.\r\nWe will fix the rest <b>for you</b>."
    asked = lead.press("send", changed={f"text {mine}": words, f"send {left}": None})
    assert "3 replies would go to the customers, 1 in words of your own." in asked.text
    assert "A fix is promised." in asked.text
    lead.press("approve", asked)
    sends(scene)
    got = replies(scene)
    assert got[tickets[0]] == ["It is fixed in 4.2.\nWe will fix the rest <b>for you</b>."]
    assert (got[tickets[1]], counts(lead)) == ([], {"sent": 3, "ready": 1, "eye": 1})


def test_a_group_goes_alone(lead: Reviewer, tickets: list[str]) -> None:
    """Those that are alike."""
    page = lead.get(ROUND)
    act = next(act for form in Reader(page.text).forms for act in form.buttons if act.startswith("send "))
    asked = lead.press(act, page)
    assert "3 replies would go" in asked.text
    lead.press("approve", asked)
    assert counts(lead) == {"approved": 3, "ready": 1, "eye": 1}
    standing = {row["ticket"]: row["standing"] for row in lead.get(ROUND_API).facts["tickets"]}
    assert standing[tickets[2]] == "ready"


def test_one_that_needs_an_eye_is_approved_by_itself_in_edited_words(
    scene: Scene, lead: Reviewer, tickets: list[str]
) -> None:
    """And only that one, after a question."""
    number = lead.id_of(tickets[3])
    done = approves(lead, number, "Dear Four, 4.2 fixes it.")
    assert (done.status, done.headers["location"][-8:]) == (303, "approved")
    sends(scene)
    got = replies(scene)
    assert got.pop(tickets[3]) == ["Dear Four, 4.2 fixes it."]
    assert not any(got.values())
    assert lead.trail() == [("loopback", "round.approved", f"{BUG} {tickets[3]}")]


def test_stop_within_the_ten_minutes_has_all_wait_again(scene: Scene, lead: Reviewer, tickets: list[str]) -> None:
    """The page says until when, with the zone; nothing goes out, and the trail names what was stopped."""
    send_all(lead)
    scene.say("send")
    page = lead.get(ROUND)
    assert "4 approved replies go out, from <time" in page.text
    assert f"{scene.clock.at + REPLY_HOLD:%Y-%m-%d %H:}" in page.text
    assert " UTC</time> on." in page.text
    stopped = lead.press("stop", page)
    assert (stopped.status, stopped.headers["location"][-7:]) == (303, "stopped")
    sends(scene)
    assert not any(replies(scene).values())
    assert counts(lead) == {"ready": 4, "eye": 1}
    who, did, subject = lead.trail()[-1]
    assert (who, did, subject.startswith(f"{BUG} 4 tickets: ")) == ("loopback", "round.stopped", True)
    assert set(tickets[:3]) < set(subject.split())


def test_after_the_ten_minutes_nothing_is_left_to_stop_and_what_was_sent_cant_be_taken_back(
    scene: Scene, lead: Reviewer, tickets: list[str]
) -> None:
    """Nobody shall believe that it was."""
    send_all(lead)
    page = lead.get(ROUND)
    sends(scene)
    assert lead.press("stop", page).headers["location"][-7:] == "nothing"
    refused = lead.press(f"back {lead.id_of(tickets[0])}", page)
    assert (refused.status, "was sent already, and can&#39;t be taken back." in refused.text) == (409, True)
    assert 'value="stop"' not in lead.get(ROUND).text


def test_one_is_taken_back(scene: Scene, lead: Reviewer, tickets: list[str]) -> None:
    """The others go."""
    send_all(lead)
    assert lead.press(f"back {lead.id_of(tickets[0])}").headers["location"][-10:] == "taken_back"
    sends(scene)
    assert (replies(scene)[tickets[0]], counts(lead)) == ([], {"sent": 3, "ready": 1, "eye": 1})


def test_whoever_wrote_meanwhile_is_sent_nothing_and_the_lead_is_told(
    scene: Scene, lead: Reviewer, tickets: list[str]
) -> None:
    """All or nothing: the page that was shown doesn't hold any more, wherever it is pressed."""
    page, asked, number = lead.get(ROUND), lead.press("send"), lead.id_of(tickets[0])
    customer_writes(scene, tickets[0])
    for refused in (lead.press("approve", asked), lead.press("send", page), lead.press(f"one {number}", page)):
        assert refused.status == 409
        assert f"<bdi>{tickets[0]}</bdi> can&#39;t be approved while its customer waits for an answer" in refused.text
    assert counts(lead) == {"ready": 3, "eye": 2}
    assert lead.trail() == []


def test_a_draft_that_reads_otherwise_by_now_isnt_approved(lead: Reviewer, tickets: list[str]) -> None:
    """What the lead wrote is shown again, so that nothing is lost."""
    page, number = lead.get(ROUND), lead.id_of(tickets[0])
    calls_it(lead, "the export")
    refused = lead.press(f"one {number}", page, {f"text {number}": "My own words."})
    assert (refused.status, "changed since it was shown: read it again." in refused.text) == (409, True)
    assert "My own words." in refused.text
    assert lead.press("one " + str(number)).status == 303


def test_what_somebody_else_approved_in_other_words_stands(lead: Reviewer, tickets: list[str]) -> None:
    """The page that was open before changes nothing of it."""
    page, number = lead.get(ROUND), lead.id_of(tickets[0])
    approves(lead, number, "Theirs.")
    refused = lead.press(f"one {number}", page, {f"text {number}": "Mine."})
    assert (refused.status, "was approved meanwhile in other words." in refused.text) == (409, True)
    assert '<p class="words" dir="auto">Theirs.</p>' in lead.get(ROUND).text


def test_news_that_came_meanwhile_ends_the_round_that_was_shown(scene: Scene, lead: Reviewer) -> None:
    """Nobody approves what they haven't seen."""
    asked = lead.press("send")
    scene.tracker.reopen(BUG, scene.clock.now())
    scene.read()
    refused = lead.press("approve", asked)
    assert refused.status == 409
    assert not any(did for _, did, _ in lead.trail())


def test_the_agents_are_reminded_instead_or_nobody_is_told(scene: Scene, lead: Reviewer, tickets: list[str]) -> None:
    """One by one at once, all after a question."""
    assert lead.press(f"drop {lead.id_of(tickets[0])}").headers["location"][-7:] == "dropped"
    assert lead.press(f"release {lead.id_of(tickets[1])}").headers["location"][-8:] == "released"
    assert counts(lead) == {"ready": 2, "eye": 1, "aside": 2}
    asked = lead.press("nobody")
    assert "3 updates would be let be." in asked.text
    assert lead.press("drop", asked).status == 303
    assert lead.press("drop", asked).headers["location"][-7:] == "nothing"
    assert counts(lead) == {"aside": 5}
    sends(scene)
    assert not any(replies(scene).values())
    assert [did for _, did, _ in lead.trail()] == ["round.dropped", "round.released", "round.dropped"]
    page = lead.get(ROUND, "show=aside").text
    assert ("let be" in page, "its agent is reminded instead" in page) == (True, True)


def test_what_was_let_be_is_brought_back_into_the_round(scene: Scene, lead: Reviewer, tickets: list[str]) -> None:
    """By a button beside it, or as an agent says that it is still due."""
    number, before = lead.id_of(tickets[0]), counts(lead)
    for brings_back in (lambda: lead.press(f"again {number}"), lambda: scene.say("still-due", tickets[0])):
        assert lead.press(f"drop {number}").status == 303
        assert counts(lead)["aside"] == 1
        assert "let be in its round" in scene.say("explain", tickets[0])
        assert f'value="again {number}"' in lead.get(ROUND, "show=aside").text
        assert ">Still due</button>" in lead.get("/sidebar/" + tickets[0].replace(":", "/")).text
        brings_back()
        assert counts(lead) == before
    assert [did for _, did, _ in lead.trail()] == ["round.dropped", "round.brought_back", "round.dropped"]


def test_who_knows_already_and_whose_workaround_failed_stand_apart(scene: Scene) -> None:
    """With how they know, and why a person looks first."""
    tickets = [scene.reported_bug(who) for who in PEOPLE]
    number = tickets[1].partition(":")[2]
    scene.read()
    scene.say("workaround", "acme/app#12", "Export as CSV.")
    scene.released()
    scene.helpdesk.write(number, AGENT, "bug: workaround failed", scene.clock.now(), public=False)
    scene.helpdesk.write(tickets[0].partition(":")[2], AGENT, "bug: told", scene.clock.now(), public=False)
    scene.read()
    lead = Reviewer(scene)
    apart, known = lead.get(ROUND, "show=eye").text, lead.get(ROUND, "show=known").text
    assert "the workaround failed" in apart
    assert f"<bdi>{tickets[1]}</bdi>" in apart
    assert "an agent said so in a note" in known
    assert f"<bdi>{tickets[0]}</bdi>" in known
    assert "<textarea" not in known


def test_what_couldnt_be_posted_is_shown_and_cant_be_approved_again(
    scene: Scene, lead: Reviewer, tickets: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says so, and there is no button for it; nor does a page that was open before send it."""
    number, page = lead.id_of(tickets[0]), lead.get(ROUND)
    lead.press(f"one {number}", page)
    scene.say("send")
    scene.clock.at += 2 * REPLY_HOLD
    scene.read()

    def refuses(*_: object) -> None:
        raise RemoteError("support refuses.", permanent=True)

    with monkeypatch.context() as patched:
        patched.setattr(scene.helpdesk, "add_reply", refuses)
        assert scene.run("send").exit_code == 3
    now = lead.get(ROUND, "show=eye").text
    assert "the reply couldn&#39;t be posted" in now
    assert f'value="one {number}"' not in now
    assert lead.press(f"one {number}", page).status == 409
    assert not any(replies(scene).values())


def test_an_agent_is_refused(lead: Reviewer) -> None:
    """To look, to act, and as a program."""
    fields = lead.form("send").fields
    lead.comes_as(Role.AGENT)
    for page in (lead.get(ROUND), lead.get(ROUND_API), lead.post(ROUND, {**fields, "act": "send"})):
        assert (page.status, "This is for a lead; your role is agent." in page.text) == (403, True)


def test_a_form_from_elsewhere_is_refused(lead: Reviewer) -> None:
    """Also where it is a program's."""
    fields = {**lead.form("send").fields, "csrf": "guessed", "act": "send"}
    assert lead.post(ROUND, fields).status == 403
    assert calls(lead, {"approve": ["ready"]}, csrf="guessed").status == 403
    assert counts(lead) == {"ready": 4, "eye": 1}


def test_hostile_words_are_text_everywhere(scene: Scene) -> None:
    """In the customer's name, the plan and the customers' words for the bug, which the draft has."""
    for name in ("one", "two"):
        scene.reported_bug(person(name, HOSTILE))
    scene.reported_bug(person(HOSTILE + "x" * 10_000))
    scene.released()
    lead = Reviewer(scene)
    calls_it(lead, HOSTILE)
    pages = [lead.get(ROUND), lead.press("send")]
    number = next(name for name in lead.form("send").fields if name.startswith("text "))
    pages.append(lead.press("send", changed={number: "<img src=x onerror=alert(1)>{{ 7*7 }}"}))
    lead.press("approve", pages[-1])
    pages.append(lead.get(ROUND))
    for page in pages:
        assert page.status == 200
        assert "<script>alert" not in page.text
        assert "<img" not in page.text
        assert ("\u202e" in page.text, ">49<" in page.text, 'onmouseover="x' in page.text) == (False, False, False)
        assert "x" * 1_000 not in page.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in pages[0].text
    assert "&lt;img src=x onerror=alert(1)&gt;{{ 7*7 }}" in pages[-1].text


def test_control_characters_are_refused(lead: Reviewer, tickets: list[str]) -> None:
    """As in a file: no customer should get them."""
    number = lead.id_of(tickets[0])
    refused = lead.press(f"one {number}", changed={f"text {number}": "\u202eolleh"})
    assert (refused.status, "has control characters" in refused.text) == (400, True)


def test_nobody_is_sent_nothing(lead: Reviewer, tickets: list[str]) -> None:
    """A draft that was emptied."""
    number = lead.id_of(tickets[0])
    refused = lead.press(f"one {number}", changed={f"text {number}": "  "})
    assert (refused.status, "has no draft" in refused.text) == (409, True)


@pytest.mark.parametrize("fields", [{"act": "fly"}, {"act": "one x"}, {"act": "one 1", "round": ""}, {}])
def test_a_form_that_isnt_whole_gets_one_sentence(lead: Reviewer, fields: dict[str, str]) -> None:
    """And does nothing."""
    refused = lead.post(ROUND, {"round": "1", **fields})
    assert (refused.status, "The form isn&#39;t whole" in refused.text) == (400, True)


def queries(monkeypatch: pytest.MonkeyPatch, ask: Callable[[], object]) -> int:
    """How many queries something asks."""
    with counted_queries(monkeypatch) as asked:
        ask()
    return len(asked)


def test_a_long_round_is_read_fifty_at_a_time_and_sent_whole(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ticket stands on one page; what isn't on the page in front of one goes too, as it is then. Nothing of it is
    read ticket by ticket, neither for the page nor for the question whether to send."""
    for number in range(60):
        scene.reported_bug(person(f"writer-{number}"))
    scene.released()
    lead = Reviewer(scene)
    first = lead.get(ROUND_API).facts
    second = lead.get(ROUND_API, urlencode({"after": first["next"]})).facts
    names = [row["ticket"] for facts in (first, second) for row in facts["tickets"]]
    assert (len(first["tickets"]), len(second["tickets"]), second["next"]) == (50, 11, "")
    assert len(set(names)) == 61
    page = lead.get(ROUND)
    assert page.text.count("<textarea") == 50
    assert f'rel="next" href="/rounds/github:acme%2Fapp%2312?show=&amp;after={quote(first["next"])}"' in page.text
    asked = lead.press("send")
    assert "61 replies would go" in asked.text
    assert queries(monkeypatch, lambda: lead.get(ROUND)) <= MOST_QUERIES
    sending = queries(monkeypatch, lambda: lead.press("send", page))
    assert sending - queries(monkeypatch, lambda: lead.get("/due")) <= MOST_QUERIES
    lead.press("approve", asked)
    assert counts(lead) == {"approved": 61}


def test_the_tickets_that_stand_alike_have_an_address(lead: Reviewer, tickets: list[str]) -> None:
    """For those that need an eye, in a long round."""
    page = lead.get(ROUND, "show=eye")
    assert [f"<bdi>{ticket}</bdi>" in page.text for ticket in tickets] == [False, False, False, True]
    assert 'href="/rounds/github:acme%2Fapp%2312?show=eye" aria-current="page">Need your eye (1)</a>' in page.text
