"""Before one reply is approved somebody is asked, unless it is a draft as it stands in which nothing hurts."""

from datetime import timedelta

import pytest

from bugbridge.core.access import Role
from bugbridge.core.model import ClosedAs
from tests.entry.scene import BUG, Scene
from tests.entry.web.reviewing import (
    ROUND,
    ROUND_API,
    Reviewer,
    approves,
    calls,
    counts,
    four_tickets,
    person,
    replies,
    sends,
)

PROMISE = "We will fix the rest for you by tomorrow."
FRENCH = "Bonjour, le problème que vous nous avez signalé est corrigé dans la version 4.2, qui est disponible."
NOT_CHECKED = "Not checked: there are no rules for fr."


@pytest.fixture
def tickets(scene: Scene) -> list[str]:
    """Those of four customers, of whom the last one needs an eye."""
    return four_tickets(scene)


@pytest.fixture
def lead(scene: Scene, tickets: list[str]) -> Reviewer:  # noqa: ARG001 - they are there
    """Somebody who reviews it."""
    return Reviewer(scene)


def test_an_untouched_draft_in_which_nothing_hurts_is_approved_at_once(lead: Reviewer, tickets: list[str]) -> None:
    """It has its ten minutes."""
    done = lead.press(f"one {lead.id_of(tickets[0])}")
    assert (done.status, done.headers["location"][-8:]) == (303, "approved")


def test_edited_words_are_asked_about_with_what_hurts_in_them(scene: Scene, lead: Reviewer, tickets: list[str]) -> None:
    """The question approves nothing; a yes sends these words to this ticket alone."""
    one = lead.id_of(tickets[0])
    asked = lead.press(f"one {one}", changed={f"text {one}": PROMISE})
    assert asked.status == 200
    assert "1 reply would go to the customers, 1 in words of your own." in asked.text
    assert "<strong>Error:</strong>" in asked.text
    assert "A fix is promised." in asked.text
    assert "Better: " in asked.text
    assert counts(lead) == {"ready": 4, "eye": 1}
    done = lead.press(f"approve {one}", asked)
    assert (done.status, counts(lead)) == (303, {"approved": 1, "ready": 3, "eye": 1})
    sends(scene)
    assert replies(scene)[tickets[0]] == [PROMISE]


def test_whoever_doesnt_approve_after_all_finds_their_words_and_ticks(lead: Reviewer, tickets: list[str]) -> None:
    """The question costs nothing."""
    one, two = lead.id_of(tickets[0]), lead.id_of(tickets[1])
    back = lead.press("return", lead.press(f"one {one}", changed={f"text {one}": PROMISE, f"send {two}": None}))
    fields = lead.form("send", back).fields
    assert (fields[f"text {one}"], f"send {two}" in fields) == (PROMISE, False)
    assert counts(lead) == {"ready": 4, "eye": 1}


def test_words_in_a_language_without_rules_are_named_as_not_checked(scene: Scene) -> None:
    """By the question for one, by the one for all, on the page and to programs: nobody takes silence for a check."""
    ticket = scene.reported_bug(person("cinq", locale="fr"))
    four_tickets(scene)
    lead = Reviewer(scene)
    number = lead.id_of(ticket)
    assert NOT_CHECKED in lead.press(f"one {number}", changed={f"text {number}": FRENCH}).text
    approves(lead, number, FRENCH)
    facts = next(one for one in lead.get(ROUND_API).facts["tickets"] if one["ticket"] == ticket)
    assert (facts["unchecked"], facts["text"]) == (NOT_CHECKED, FRENCH)
    assert calls(lead, {"take_back": [ticket]}).status == 200
    assert calls(lead, {"approve": [ticket], "edits": {ticket: FRENCH}}).facts["wording"] == {ticket: [NOT_CHECKED]}


def test_a_no_is_named_as_one_and_never_goes_by_one_click(scene: Scene) -> None:
    """Even where nobody touched its draft."""
    ticket = next(iter([scene.reported_bug(person(name)) for name in ("one", "two", "three")]))
    scene.read()
    scene.say("go-live", "--from", f"{scene.clock.at - timedelta(days=5):%Y-%m-%d}", "--yes")
    scene.tracker.close(BUG, scene.clock.at - timedelta(days=1), ClosedAs.DECLINED)
    scene.read()
    lead = Reviewer(scene)
    number = lead.id_of(ticket)
    asked = lead.press(f"one {number}")
    assert (asked.status, "This is a no:" in asked.text) == (200, True)
    assert counts(lead).get("approved", 0) == 0


def test_programs_are_told_what_hurts_in_words_of_their_own(lead: Reviewer, tickets: list[str]) -> None:
    """A draft as it stands has nothing to be said of it."""
    said = calls(lead, {"approve": ["ready"], "edits": {tickets[0]: PROMISE}}).facts["wording"]
    assert list(said) == [tickets[0]]
    assert any("Better: " in sentence for sentence in said[tickets[0]])


def test_an_agent_approves_nothing_by_answering_a_question_that_a_lead_was_asked(
    lead: Reviewer, tickets: list[str]
) -> None:
    """The yes is refused as the question would have been."""
    one = lead.id_of(tickets[0])
    lead.comes_as(Role.LEAD)
    asked = lead.press(f"one {one}", changed={f"text {one}": PROMISE})
    fields = lead.form(f"approve {one}", asked).fields
    lead.comes_as(Role.AGENT)
    assert lead.post(ROUND, {**fields, "act": f"approve {one}"}).status == 403
