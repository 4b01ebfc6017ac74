"""What somebody writes on a round's page stays there until it is sent: over questions, refusals and other acts."""

import pytest

from bugbridge.core.snapshots import RemotePerson
from tests.entry.scene import BUG, Scene
from tests.entry.web.browsing import Page
from tests.entry.web.reviewing import ROUND, Reviewer, calls_it, counts, four_tickets, person, replies, sends

OWN, OTHER = "It is fixed in 4.2,\nfor all of you.", "Words for later."


@pytest.fixture
def tickets(scene: Scene) -> list[str]:
    """Those of four customers, of whom the last one needs an eye."""
    return four_tickets(scene)


@pytest.fixture
def lead(scene: Scene, tickets: list[str]) -> Reviewer:  # noqa: ARG001 - they are there
    """Somebody who reviews it."""
    return Reviewer(scene)


@pytest.fixture
def written(lead: Reviewer, tickets: list[str]) -> dict[str, str | None]:
    """Own words for the first ticket and for the second, which isn't ticked any more, and for the last."""
    one, two, four = (lead.id_of(tickets[number]) for number in (0, 1, 3))
    return {f"text {one}": OWN, f"text {two}": OTHER, f"send {two}": None, f"text {four}": OTHER}


def stands(lead: Reviewer, page: Page, written: dict[str, str | None]) -> bool:
    """Whether a page of the round has what was written on it."""
    fields = lead.form("send", page).fields
    return all(fields.get(name) == text for name, text in written.items())


def test_whoever_goes_back_from_the_question_finds_words_and_ticks_as_they_left_them(
    lead: Reviewer, written: dict[str, str | None]
) -> None:
    """Also the words for tickets that the question isn't about; and the same question can be asked again."""
    asked = lead.press("send", changed=written)
    assert "3 replies would go to the customers, 1 in words of your own." in asked.text
    back = lead.press("return", asked)
    assert (back.status, stands(lead, back, written)) == (200, True)
    assert '<button class="main" name="act" value="send" data-ready="4">Send 3</button>' in back.text
    assert counts(lead) == {"ready": 4, "eye": 1}
    again = lead.press("send", back)
    assert "3 replies would go to the customers, 1 in words of your own." in again.text
    assert stands(lead, lead.press("return", again), written)


@pytest.mark.parametrize("act", ["agents", "nobody"])
def test_the_other_questions_lose_nothing_either(lead: Reviewer, written: dict[str, str | None], act: str) -> None:
    """Whether to remind the agents instead, or to tell nobody."""
    assert stands(lead, lead.press("return", lead.press(act, changed=written)), written)


def test_what_was_sent_is_gone_from_the_page_and_what_wasnt_stays(
    lead: Reviewer, tickets: list[str], written: dict[str, str | None]
) -> None:
    """The replies go; words for others are still there, also where one ticket alone was approved."""
    one, two = lead.id_of(tickets[0]), lead.id_of(tickets[1])
    page = lead.press(f"approve {one}", lead.press(f"one {one}", changed=written))
    assert (page.status, "Approved: held for ten minutes" in page.text) == (200, True)
    assert stands(lead, page, {name: text for name, text in written.items() if name != f"text {one}"})
    sent = lead.press("approve", lead.press("send", page))
    assert lead.form("agents", sent).fields[f"text {two}"] == OTHER
    assert counts(lead) == {"approved": 3, "ready": 1, "eye": 1}


@pytest.mark.parametrize("words", ["  ", "x" * 20_001, "\u202eolleh"], ids=["empty", "too long", "control characters"])
def test_words_that_cannot_be_sent_are_refused_above_a_page_that_lost_nothing(
    lead: Reviewer, tickets: list[str], written: dict[str, str | None], words: str
) -> None:
    """With the ticket's name in the sentence."""
    one = lead.id_of(tickets[0])
    for act in (f"one {one}", "send"):
        page = lead.press(act, changed={**written, f"text {one}": words})
        assert page.status in (400, 409)
        assert f"<bdi>{tickets[0]}</bdi> has" in page.text
        assert stands(lead, page, {**written, f"text {one}": words.replace("\u202e", "")})


def test_a_draft_that_changed_is_shown_anew_where_nobody_wrote_and_beside_words_where_somebody_did(
    lead: Reviewer, tickets: list[str], written: dict[str, str | None]
) -> None:
    """Nobody takes an old draft for their own words, and what reads otherwise by now can be read."""
    page, one, three = lead.get(ROUND), lead.id_of(tickets[0]), lead.id_of(tickets[2])
    calls_it(lead, "the export")
    refused = lead.press("send", page, written)
    assert (refused.status, "changed since it was shown: read it again." in refused.text) == (409, True)
    assert stands(lead, refused, written)
    assert "The export" in lead.form("send", refused).fields[f"text {three}"]
    assert f"The draft for <bdi>{tickets[0]}</bdi> as it is now" in refused.text
    assert f"The draft for <bdi>{tickets[2]}</bdi> as it is now" not in refused.text
    assert lead.press(f"one {one}", refused).status == 200


def test_words_for_a_ticket_that_is_approved_meanwhile_are_still_to_be_read(
    lead: Reviewer, tickets: list[str], written: dict[str, str | None]
) -> None:
    """Beside those that were approved."""
    page, one = lead.get(ROUND), lead.id_of(tickets[0])
    lead.press(f"one {one}")
    refused = lead.press("send", page, written)
    assert refused.status == 409
    assert "These words of yours weren't taken:" in refused.text
    assert "for all of you." in refused.text


def test_a_customer_who_writes_meanwhile_costs_nobody_their_words(
    scene: Scene, lead: Reviewer, tickets: list[str], written: dict[str, str | None]
) -> None:
    """Also where the question was asked before, and where the page showed only those that were ready."""
    page = lead.get(ROUND, "show=ready")
    eye = f"text {lead.id_of(tickets[3])}"
    shown = {name: text for name, text in written.items() if name != eye}
    asked = lead.press("send", page, shown)
    writes_again(scene, tickets[0])
    for refused in (lead.press("approve", asked), lead.press("send", page, shown)):
        assert (refused.status, stands(lead, refused, shown)) == (409, True)
        assert eye not in lead.form("send", refused).fields


def writes_again(scene: Scene, ticket: str) -> None:
    """A customer writes once more, and it is read."""
    customer: RemotePerson = person("one")
    scene.helpdesk.write(ticket.partition(":")[2], customer, "And now?", scene.clock.now(), public=True)
    scene.read()


def test_words_for_a_round_that_is_over_are_shown_with_the_sentence(
    scene: Scene, lead: Reviewer, written: dict[str, str | None]
) -> None:
    """They can be copied from there; drafts that nobody touched aren't among them."""
    page = lead.get(ROUND)
    scene.tracker.reopen(BUG, scene.clock.now())
    scene.read()
    refused = lead.press("send", page, written)
    assert refused.status == 409
    assert "for all of you." in refused.text
    assert "available now" not in refused.text


@pytest.mark.parametrize("act", ["back", "stop"])
def test_words_that_were_approved_stay_when_they_are_taken_back_beside_the_draft(
    scene: Scene, lead: Reviewer, tickets: list[str], act: str
) -> None:
    """Whoever stopped them to mend a word doesn't write them again; they count as words of one's own, and go so."""
    one = lead.id_of(tickets[0])
    lead.press("approve", lead.press("send", changed={f"text {one}": OWN}))
    lead.press(f"back {one}" if act == "back" else "stop")
    page = lead.get(ROUND)
    assert lead.form("send", page).fields[f"text {one}"] == OWN
    assert page.text.count("These words were approved before; they aren't the draft.") == 1
    assert f"The draft for <bdi>{tickets[0]}</bdi> as it is now" in page.text
    assert f"The draft for <bdi>{tickets[2]}</bdi> as it is now" not in page.text
    asked = lead.press("send", page)
    assert "1 in words of your own." in asked.text
    lead.press("approve", asked)
    sends(scene)
    assert replies(scene)[tickets[0]] == [OWN]


def test_words_for_a_customer_whom_nobody_writes_to_after_all_are_forgotten(lead: Reviewer, tickets: list[str]) -> None:
    """They are about a person, and nobody needs them any more."""
    one = lead.id_of(tickets[0])
    lead.press("approve", lead.press("send", changed={f"text {one}": OWN}))
    lead.press("stop")
    lead.press(f"drop {one}")
    kept = lead.app.store._rows("SELECT value FROM private_value")  # type: ignore[attr-defined]
    assert OWN not in {row["value"] for row in kept}
