"""Explaining: which rule decided, on what facts, and when it is looked at again; now or as of an earlier moment."""

from bugbridge.core.errors import LockedError
from bugbridge.core.model import ClosedAs
from bugbridge.services.explaining import explain
from tests.services.scene import EVE, ISSUE, POLICY, Scene, day, raises, with_a_release_due


def test_an_update_that_is_due_is_explained() -> None:
    """The rule, the facts behind it and the date."""
    scene, ticket = with_a_release_due()
    told = explain(scene.store, scene.key(ticket))
    assert (told.ticket, told.issue, told.rule_id) == (f"support:{ticket}", ISSUE, "grid-5")
    assert (told.facts["stage"], told.facts["untold"], told.next_at) == ("released", ["fixed", "released"], day(2))
    assert (told.due_by(day(2)), [update.reason for update in told.updates]) == (True, ["released"])


def test_silence_is_explained_too() -> None:
    """Nothing is due, and there is a reason for that."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.plan()
    told = explain(scene.store, scene.key(ticket))
    assert (told.rule_id, told.next_at, told.updates) == ("grid-5", None, ())
    assert told.because == "It isn't known yet how often this bug is met, so they hear each piece of news once."


def test_an_earlier_moment_is_explained_as_it_was_then() -> None:
    """What was learned later is left out."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.plan()
    scene.on(2).is_released()
    scene.decide()
    then = explain(scene.store, scene.key(ticket), day(1.5))
    assert (then.facts["stage"], then.next_at, then.decided_at) == ("open", None, day(1))


def test_a_moment_before_the_first_decision_has_none() -> None:
    """Nothing is made up."""
    scene, ticket = with_a_release_due()
    told = explain(scene.store, scene.key(ticket), day(0.5))
    assert (told.rule_id, told.decided_at, dict(told.facts)) == ("", None, {})


def test_watch_mode_is_said() -> None:
    """Nothing is posted then, whatever the rules say; the past stays what it was."""
    scene = Scene(live=False).on(1)
    ticket = scene.reported()
    scene.plan()
    watching = explain(scene.store, scene.key(ticket)).watch_mode
    scene.on(3).go_live(3)
    now, then = explain(scene.store, scene.key(ticket)), explain(scene.store, scene.key(ticket), day(2))
    assert (watching, now.watch_mode, then.watch_mode) == (True, False, True)


def test_questions_to_people_are_named() -> None:
    """A clear no comes from a person."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    scene.on(2).decide()
    assert list(explain(scene.store, scene.key(ticket)).questions) == ["clear-no"]


def test_when_it_is_looked_at_again_lies_ahead() -> None:
    """Also where it was looked at again in between and the decision stayed the same."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.plan()
    recheck = POLICY.facts.recheck_unknown_days
    first = explain(scene.store, scene.key(ticket)).looked_at_again_at
    scene.store.touch_all()
    scene.on(4).plan()
    second = explain(scene.store, scene.key(ticket)).looked_at_again_at
    assert (first, second) == (day(1 + recheck), day(4 + recheck))


def test_a_reminder_that_was_given_up_is_said() -> None:
    """The helpdesk takes no more notes on this ticket: a person has to know."""
    scene, ticket = with_a_release_due()
    scene.helpdesk.just_before("add_note", raises(LockedError("The ticket is locked.")))
    scene.send()
    assert explain(scene.store, scene.key(ticket)).undelivered == ("ticket-locked",)


def test_a_periodic_updates_date_is_the_next_one() -> None:
    """An enterprise customer hears something after a week, news or not."""
    scene = Scene().on(1)
    ticket = scene.reported(EVE)
    scene.plan()
    told = explain(scene.store, scene.key(ticket))
    assert (told.rule_id, told.next_at, told.due_by(day(7)), told.due_by(day(8))) == ("grid-1", day(8), False, True)
