"""Explaining: which rule decided, on what facts, and when it is looked at again; now or as of an earlier moment."""

from dataclasses import replace

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.errors import LockedError
from bugbridge.core.model import ClosedAs, News, Workaround
from bugbridge.core.policy_model import Cell, Hears
from bugbridge.core.policy_scope import AppliesTo, Policies, PolicyVersion
from bugbridge.core.what_if import Change, WhatIf
from bugbridge.services.bug_words import add_workaround
from bugbridge.services.explaining import (
    Explanation,
    Reasons,
    Rules,
    changed_since,
    decisions_kept,
    explain,
    explain_with_reasons,
    grouped,
)
from bugbridge.services.frequencies import record_answer
from bugbridge.services.intake import say_told, set_workaround
from tests.services.scene import ANN, EVE, ISSUE, POLICY, Scene, customer, day, raises, with_a_release_due


def explained(scene: Scene, ticket: str) -> tuple[Explanation, Reasons]:
    """Explain a link by the rules of the present moment."""
    rules = Rules(Policies.single(scene.policy), ALWAYS_OPEN, scene.clock.now())
    return explain_with_reasons(scene.store, scene.key(ticket), rules)


def offered(scene: Scene, ticket: str) -> dict[tuple[str, ...], WhatIf]:
    """What would change it, by what has to happen."""
    return {one.ids: one for one in explained(scene, ticket)[1].what_ifs}


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


def test_only_the_facts_that_mattered_are_given_beside_the_decision() -> None:
    """Of the grid's cell: how often the bug is met and the workaround, with what its frequency was judged by."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.plan()
    reasons = explained(scene, ticket)[1]
    assert reasons.mattered == {"stage": "open", "frequency": "unknown", "workaround": "none"}
    assert (reasons.frequency_by, reasons.evidence) == ("bug", "1 customer in 1 day")


def with_a_workaround() -> tuple[Scene, str]:
    """A bug with a workaround that its customer knows of, decided on day 2."""
    scene = Scene().on(1)
    ticket = scene.reported()
    add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV.", "en", ANN)
    scene.on(2).replies(ticket, "Export as CSV instead.")
    scene.decide()
    return scene, ticket


def test_a_deed_that_was_done_has_the_announced_outcome() -> None:
    """What the suggestion said before is what is heard after the same deed."""
    scene, ticket = with_a_workaround()
    announced = offered(scene, ticket)[("workaround-confirmed",)].after
    set_workaround(scene.store, scene.clock, scene.key(ticket), Workaround.CONFIRMED, ANN)
    scene.plan()
    explanation, reasons = explained(scene, ticket)
    assert (reasons.hears, explanation.rule_id) == (announced, announced.rule_id)
    assert ("workaround-confirmed",) not in offered(scene, ticket)


def test_an_answer_that_was_taken_down_has_the_announced_outcome() -> None:
    """Met daily: two weeks after the link they hear something, and it is known by whose word."""
    scene, ticket = with_a_workaround()
    announced = offered(scene, ticket)[("meets-daily",)].after
    record_answer(scene.store, scene.clock, scene.key(ticket), "daily", ANN)
    scene.plan()
    explanation, reasons = explained(scene, ticket)
    assert (reasons.hears, reasons.frequency_by) == (announced, "answer")
    assert (announced.every_days, explanation.next_at) == ((14, 56), day(15))


def test_who_was_told_of_the_end_hears_only_of_a_return() -> None:
    """Once the release is told nothing is left but its being taken back, which a person sets right."""
    scene, ticket = with_a_release_due()
    say_told(scene.store, scene.clock, scene.key(ticket), ANN)
    scene.on(3).plan()
    back = offered(scene, ticket)[("reopened",)]
    assert [question.partition(":")[0] for question in back.after.asks] == ["agent"]
    assert back.after.tell == {News.REOPENED}


def test_what_happened_after_the_decision_makes_it_outdated() -> None:
    """Until `plan` decides anew, reasons from today don't explain the decision of yesterday."""
    scene, ticket = with_a_workaround()
    before = explained(scene, ticket)[1].outdated
    set_workaround(scene.store, scene.clock, scene.key(ticket), Workaround.CONFIRMED, ANN)
    between = explained(scene, ticket)[1].outdated
    scene.plan()
    assert (before, between, explained(scene, ticket)[1].outdated) == (False, True, False)


def test_another_policy_makes_a_decision_outdated() -> None:
    """The rule may not even exist any more."""
    scene, ticket = with_a_workaround()
    rules = Rules(Policies.single(scene.policy, "another"), ALWAYS_OPEN, scene.clock.now())
    assert explain_with_reasons(scene.store, scene.key(ticket), rules)[1].outdated


def test_the_policy_that_fits_the_ticket_says_what_would_change_it() -> None:
    """Of several policies the narrower one decides, and so it is the one that is explained by."""
    scene, ticket = with_a_workaround()
    often = replace(POLICY, name="for support", grid=replace(POLICY.grid, frequent=Cell(Hears.EVERY, (7, 7))))
    narrow = PolicyVersion("narrow", often, AppliesTo(helpdesk=frozenset({"support"})))
    both = Policies((narrow, PolicyVersion("", POLICY)))
    rules = Rules(both, ALWAYS_OPEN, scene.clock.now())
    explanation, reasons = explain_with_reasons(scene.store, scene.key(ticket), rules)
    daily = next(one for one in reasons.what_ifs if one.ids == ("meets-daily",))
    assert (reasons.policy, daily.after.every_days, reasons.outdated) == ("for support", (7, 7), True)
    assert rules.behind(explanation) == PolicyVersion("", POLICY)


def test_every_decision_is_kept_with_what_changed() -> None:
    """Also those that nothing is due, and those that others superseded."""
    scene, ticket = with_a_workaround()
    scene.on(3).is_released()
    scene.decide()
    kept = decisions_kept(scene.store, scene.key(ticket))
    assert [(one.decided_at, one.rule_id, one.first, one.in_force) for one in kept] == [
        (day(2), "grid-5", True, False),
        (day(3), "grid-5", False, True),
    ]
    assert Change("stage", "open", "released") in kept[1].changes
    assert decisions_kept(scene.store, scene.key(ticket), day(2.5)) == (replace(kept[0], in_force=True),)


def test_a_decision_by_another_policy_says_so() -> None:
    """The facts are the same; the rules aren't."""
    scene, ticket = with_a_workaround()
    scene.policy = replace(POLICY, grid=replace(POLICY.grid, infrequent=Cell(Hears.NOTHING)))
    scene.store.touch_all()
    scene.plan("another")
    last = decisions_kept(scene.store, scene.key(ticket))[-1]
    assert (last.policy_changed, last.changes, last.outcome_changed) == (True, (), True)


def test_a_question_is_kept_beside_the_decision_of_the_same_moment() -> None:
    """Both stand on the same facts, so only the first of them differs from what was before."""
    scene, ticket = with_a_workaround()
    scene.tracker.close(ISSUE, day(3), ClosedAs.DECLINED)
    scene.on(3).decide()
    asked, besides = decisions_kept(scene.store, scene.key(ticket))[-2:]
    assert (asked.rule_id, asked.person, besides.person) == ("clear-no", "agent", "")
    assert (Change("stage", "open", "declined") in asked.changes, besides.changes) == (True, ())


def test_what_has_changed_since_an_earlier_decision_is_told_by_its_facts() -> None:
    """Days that went by are no change."""
    scene, ticket = with_a_workaround()
    scene.on(9).is_released()
    scene.decide()
    then, now = explain(scene.store, scene.key(ticket), day(8)), explain(scene.store, scene.key(ticket))
    changed = {change.fact for change in changed_since(then, now)}
    assert ("stage" in changed, "silent_days" in changed, changed_since(now, now)) == (True, False, ())
    assert changed_since(explain(scene.store, scene.key(ticket), day(0.5)), now) == ()


def test_a_bugs_links_are_grouped_by_decision() -> None:
    """The most first, each with its earliest date and with what would change it for all of them."""
    scene = Scene().on(1)
    tickets = [scene.reported(customer(name)) for name in ("ada", "bob")] + [scene.reported(EVE)]
    scene.plan()
    many, one = grouped(explained(scene, ticket) for ticket in tickets)
    assert (many.rule_id, many.links, many.tickets) == ("grid-5", 2, tuple(f"support:{each}" for each in tickets[:2]))
    assert (one.rule_id, one.links, one.next_at, many.next_at) == ("grid-1", 1, day(8), None)
    assert (one.mattered, ("meets-daily",) in {each.ids for each in many.what_ifs}) == (
        {"stage": "open", "tier": "enterprise"},
        True,
    )


def test_a_group_names_only_the_facts_that_all_of_it_share() -> None:
    """The workaround failed for one and is unknown to the other, which their rule doesn't mind."""
    scene = Scene().on(1)
    tickets = [scene.reported(customer(name)) for name in ("ada", "bob")]
    add_workaround(scene.store, scene.clock, scene.issue(), "Export as CSV.", "en", ANN)
    set_workaround(scene.store, scene.clock, scene.key(tickets[1]), Workaround.FAILED, ANN)
    for ticket in tickets:
        say_told(scene.store, scene.clock, scene.key(ticket), ANN)
    scene.plan()
    (group,) = grouped(explained(scene, ticket) for ticket in tickets)
    assert (group.links, group.mattered) == (2, {"stage": "open", "frequency": "unknown"})


def test_a_group_offers_only_what_holds_for_all_of_it() -> None:
    """What wouldn't change it for one of them is no advice for the group."""
    scene = Scene().on(1)
    first, second = scene.reported(customer("ada")), scene.reported(customer("bob"))
    scene.plan()
    together = [explained(scene, first), explained(scene, second)]
    (explanation, reasons), other = together
    narrowed = replace(reasons, what_ifs=reasons.what_ifs[:1])
    (group,) = grouped([(explanation, narrowed), other])
    assert group.what_ifs == reasons.what_ifs[:1]


def test_a_link_never_made_has_no_reasons() -> None:
    """There is nothing to fold."""
    scene = Scene().on(1)
    ticket = scene.writes_in()
    scene.reported()
    scene.read()
    with pytest.raises(ValueError, match="is not linked"):
        explained(scene, ticket)
