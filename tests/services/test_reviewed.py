"""Rules that reviewers found broken, each once."""

from datetime import timedelta

from bugbridge.core.errors import LockedError
from bugbridge.core.model import ClosedAs
from bugbridge.services.explaining import lead_questions
from bugbridge.services.intake import say_told
from tests.services.scene import ANN, EVE, ISSUE, POLICY, Scene, customer, day, raises, with_a_release_due


def test_an_unlink_holds_although_the_clock_went_back() -> None:
    """What a person says now comes after what was said before, whatever another clock showed then."""
    scene = Scene().on(2)
    ticket = scene.reported()
    scene.on(1).links_by_hand(ticket)
    scene.clock.forward(timedelta(hours=-3))
    scene.unlinks(ticket)
    assert scene.states(ticket) == {ISSUE: "unlinked"}


def test_a_reminder_that_could_not_be_posted_ends_once_the_customer_was_told() -> None:
    """An agent wrote elsewhere and said so: nothing is left on any list."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("add_note", raises(LockedError("support:1 is closed.")))
    assert scene.send().dead == 1
    listed = [item.state for item in scene.store.open_updates()]
    say_told(scene.store, scene.clock, scene.key(ticket), ANN)
    scene.decide()
    assert (listed, scene.store.open_updates()) == (["dead"], ())


def test_a_periodic_draft_never_denies_news() -> None:
    """The bug was fixed, which is not told at once under this policy; a draft that says "no news" would be untrue."""
    scene = Scene().on(1)
    ticket = scene.reported(EVE)
    scene.tracker.close(ISSUE, day(3), ClosedAs.FIXED)
    scene.on(4).read()
    scene.on(1 + POLICY.grid.enterprise.every_days[0]).decide()  # type: ignore[index]
    scene.send()
    (note,) = scene.helpdesk.notes(ticket)
    assert "is fixed, but the fix is not released" in note.body
    assert "no news" not in note.body


def test_the_leads_questions_are_listed_once_for_each_bug_until_it_ends() -> None:
    """Five customers within a week: somebody should look at that together."""
    scene = Scene().on(1)
    for number in range(5):
        scene.reported(customer(f"customer {number}"))
    scene.decide()
    (question,) = lead_questions(scene.store)
    assert (question.issue, question.rule_id, question.within_business_days) == (ISSUE, "spiking", 1)
    assert question.question == "many customers at once; decide together"
    scene.on(2).is_released()
    scene.read()
    assert lead_questions(scene.store) == ()


def test_a_deleted_ticket_is_planned_for_no_more() -> None:
    """Nothing can be said on it."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.delete(ticket, scene.clock.at)
    scene.link()
    scene.decide()
    assert [state for _, state in scene.updates(ticket)] == ["withdrawn"]
    assert scene.decisions(ticket)[-1].rule_id == "ticket-gone"


def test_a_release_that_is_true_again_is_told_and_no_error_owned() -> None:
    """Released, told, reopened, released again: "it isn't" would be false by now."""
    scene, ticket = with_a_release_due()
    scene.on(4).replies(ticket, "It is fixed in 4.2.")
    scene.on(5).read()
    scene.tracker.reopen(ISSUE, day(6))
    scene.on(7).is_released(version="4.3")
    scene.decide()
    assert [reason for reason, state in scene.updates(ticket) if state == "planned"] == ["released"]
