"""Planning: decisions are kept when they differ, made again when something changed, and each update is planned once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from bugbridge.core.model import BugEventKind, ClosedAs, Frequency
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import PolicyRule
from bugbridge.core.records import KnownUpTo
from bugbridge.services import intake
from bugbridge.services.frequencies import CHECK_INTERVAL
from bugbridge.settings import shipped_folder
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, POLICY, Scene, customer, day, with_a_release_due


def test_a_decision_that_stays_the_same_is_not_kept_again() -> None:
    """However often it is made."""
    scene = Scene().on(1)
    ticket = scene.reported()
    first = scene.plan()
    scene.store.touch_all()
    again = scene.on(2).plan()
    assert (first.changed, again.decided, again.changed, len(scene.decisions(ticket))) == (1, 1, 0, 1)


def test_nothing_is_due_is_a_decision_too() -> None:
    """It is kept with its rule and facts, so that silence can be explained."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.plan()
    (decision,) = scene.decisions(ticket)
    output, facts = json.loads(decision.output), json.loads(decision.facts)
    assert (decision.rule_id, output["updates"], facts["stage"]) == ("grid-5", [], "open")


def test_an_untouched_valid_link_is_not_read_again() -> None:
    """Ten thousand links cost nothing while nothing happens."""
    scene = Scene().on(1)
    scene.reported()
    scene.plan()
    scene.on(2)
    assert (scene.store.links_to_decide(day(2), 100), scene.plan().decided) == ((), 0)


def test_a_change_of_one_bug_touches_its_links_alone() -> None:
    """The others stay as decided."""
    scene = Scene().on(1)
    ticket, _ = scene.reported(CARLA), scene.reported(EVE, OTHER_ISSUE)
    scene.plan()
    scene.tracker.start(ISSUE, day(2))
    scene.on(2).sync()
    assert scene.store.links_to_decide(day(2), 100) == (scene.key(ticket),)


def test_time_alone_has_a_link_decided_again() -> None:
    """A decision says until when it holds: here until a promise is due to be reminded of."""
    scene = Scene().on(1)
    ticket = scene.reported()
    intake.add_promise(scene.store, scene.clock, scene.key(ticket), day(5), ANN)
    scene.plan()
    assert [scene.on(moment).plan().decided for moment in (3.9, 4, 4.1)] == [0, 1, 0]


def test_a_question_is_put_once_for_each_link() -> None:
    """Two customers of a declined bug are two clear noes, each asked for once and standing until it is given."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(EVE)]
    scene.tracker.close(ISSUE, day(2), ClosedAs.DECLINED)
    for passed in range(3):
        scene.on(2 + passed).read()
        scene.store.touch_all()
        scene.plan()
    asked = [[one.rule_id for one in scene.decisions(ticket)].count("clear-no") for ticket in tickets]
    assert (asked, [scene.updates(ticket) for ticket in tickets]) == ([1, 1], [[("clear-no", "planned")]] * 2)


def test_a_question_about_a_bug_is_put_once_for_all_its_links() -> None:
    """Nothing has moved for half a year: the lead hears that once, not once a customer."""
    scene = Scene().on(1)
    tickets = [scene.reported(EVE), scene.reported(customer("eric", "enterprise"))]
    for passed in range(2):
        scene.on(190 + passed).read()
        scene.store.touch_all()
        scene.plan()
    assert [one.rule_id for ticket in tickets for one in scene.decisions(ticket)].count("stalled") == 1


def test_an_unlink_withdraws_what_was_planned() -> None:
    """This customer has another bug."""
    scene, ticket = with_a_release_due()
    scene.unlinks(ticket)
    assert (scene.updates(ticket), scene.plan().decided) == ([("released", "withdrawn")], 0)


def test_news_that_is_taken_back_withdraws_its_update() -> None:
    """The release was reopened before anybody heard of it."""
    scene, ticket = with_a_release_due()
    scene.tracker.reopen(ISSUE, day(3))
    scene.on(3).decide()
    assert scene.updates(ticket) == [("released", "withdrawn")]


def test_a_reminder_ends_when_the_customer_was_told() -> None:
    """Not when it is posted: the agent's reply that names the version closes it."""
    scene, ticket = with_a_release_due()
    scene.send()
    scene.decide()
    posted = scene.updates(ticket)
    scene.on(3).replies(ticket, "Version 4.2 is out, and your problem is gone.")
    scene.decide()
    assert (posted, scene.updates(ticket)) == ([("released", "posted")], [("released", "told")])


def test_a_reply_that_names_nothing_doesnt_end_it() -> None:
    """That a bug is released is certain only if the customer can read it."""
    scene, ticket = with_a_release_due()
    scene.send()
    scene.on(3).replies(ticket, "Have a nice day.")
    scene.decide()
    assert scene.updates(ticket) == [("released", "posted")]


def test_a_customer_who_waits_for_an_answer_gets_that_first() -> None:
    """What was planned waits until an agent wrote; a reminder that stands isn't taken for told."""
    scene, ticket = with_a_release_due()
    scene.send()
    scene.on(3).writes_again(ticket)
    scene.decide()
    scene.store.touch_all()
    scene.plan()
    assert scene.updates(ticket) == [("released", "posted")]


def test_a_second_ticket_of_the_same_customer_makes_no_second_update() -> None:
    """They hear once that it is released."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(CARLA)]
    scene.on(2).is_released()
    scene.decide()
    updates = [update for ticket in tickets for update in scene.updates(ticket)]
    sent = scene.send().posted
    scene.store.touch_all()
    scene.on(3).plan()
    assert (updates, sent, scene.send().posted) == ([("released", "planned")], 1, 0)


def test_the_second_ticket_takes_over_where_the_first_is_unlinked() -> None:
    """The customer still waits."""
    scene = Scene().on(1)
    first, second = scene.reported(CARLA), scene.reported(CARLA)
    scene.on(2).is_released()
    scene.decide()
    holder, other = (first, second) if scene.updates(first) else (second, first)
    scene.unlinks(holder)
    scene.plan()
    assert (scene.updates(holder), scene.updates(other)) == ([], [("released", "planned")])


def test_what_one_ticket_lets_go_the_customers_other_ticket_takes_up() -> None:
    """The release was to be told on the second ticket; there the customer waits for an answer now."""
    scene = Scene().on(1)
    first, second = scene.reported(CARLA), scene.reported(CARLA)
    scene.on(2).writes_again(first)
    scene.is_released()
    scene.decide()
    at_first = scene.updates(second)
    scene.on(3).replies(first)
    scene.decide()
    scene.on(4).writes_again(second)
    scene.decide()
    assert (at_first, scene.updates(first)) == ([("released", "planned")], [("released", "planned")])


def test_a_ticket_that_changes_hands_leaves_its_customers_update_to_their_other_ticket() -> None:
    """The release was to be told on the first ticket, whose customer is somebody else now."""
    scene = Scene().on(1)
    first, second = scene.reported(CARLA), scene.reported(CARLA)
    scene.on(2).is_released()
    scene.decide()
    at_first = scene.updates(second)
    scene.on(3).changes_hands(first, EVE)
    scene.decide()
    assert (at_first, scene.updates(second)) == ([], [("released", "planned")])


def test_periodic_updates_follow_one_another_once_each_was_met() -> None:
    """The next is planned from the reply on, not from the reminder."""
    scene = Scene().on(1)
    ticket = scene.reported(EVE)
    scene.plan()
    scene.on(8).send()
    scene.on(9).decide()
    waiting = scene.updates(ticket)
    scene.on(10).replies(ticket, "No news so far.")
    scene.decide()
    due = [item.due_at for item in scene.store.updates_of(scene.key(ticket)) if item.state == "planned"]
    assert (waiting, scene.updates(ticket)[0]) == ([("periodic", "posted")], ("periodic", "told"))
    assert due == [day(10 + 11)]


def test_a_promise_comes_before_everything() -> None:
    """Its reminder is due a day ahead, and carries the news."""
    scene = Scene().on(1)
    ticket = scene.reported()
    intake.add_promise(scene.store, scene.clock, scene.key(ticket), day(9), ANN)
    scene.plan()
    early = scene.updates(ticket)
    scene.on(8).plan()
    assert (early, scene.updates(ticket)) == ([], [("promised", "planned")])


def test_a_new_policy_has_every_link_decided_again() -> None:
    """Under its own hash, so that one can see which rules decided what."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(EVE, OTHER_ISSUE)]
    scene.plan("old")
    shipped = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
    scene.policy = parse_policy(shipped.replace('"every 1-4 weeks"', '"news"'))
    scene.store.touch_all()
    result = scene.plan("new")
    hashes = [
        [one.ruleset_hash for one in scene.decisions(*pair)] for pair in zip(tickets, (ISSUE, OTHER_ISSUE), strict=True)
    ]
    assert (result.changed, hashes, scene.updates(tickets[1], OTHER_ISSUE)) == (
        2,
        [["old", "new"]] * 2,
        [("periodic", "withdrawn")],
    )


def checks(scene: Scene) -> list[tuple[str, int]]:
    """The verdicts on the bug that were kept, each with its count of low checks."""
    events = scene.store.bug_history(scene.issue().bug_id, KnownUpTo(scene.store.head())).bug_events
    values = [json.loads(event.value) for event in events if event.kind is BugEventKind.FREQUENCY_CHECK]
    return [(value["frequency"], value["low_checks"]) for value in values]


def test_frequencies_are_judged_when_reported_and_once_a_week() -> None:
    """Between two checks nothing is counted."""
    scene = Scene().on(1)
    scene.reported()
    judged = [scene.on(1 + passed).plan().checked for passed in (0, 0, 6.9, 7, 7, 14)]
    assert (judged, len(checks(scene))) == ([1, 0, 0, 1, 0, 1], 3)


def test_a_check_between_two_weekly_ones_moves_neither() -> None:
    """A new report is judged at once; where it changes nothing, nothing is kept."""
    scene = Scene().on(1)
    scene.reported(CARLA)
    scene.plan()
    scene.on(4).reported(EVE)
    between = (scene.plan().checked, len(checks(scene)))
    assert (between, scene.on(8).plan().checked, len(checks(scene))) == ((1, 1), 1, 2)


def frequent() -> Scene:
    """Eight accounts reported a bug on four weeks, the last of them on day 22; then two quiet months passed."""
    scene = Scene().on(1)
    for week in range(4):
        scene.on(1 + 7 * week).reported(customer(f"first of week {week}"))
        scene.reported(customer(f"second of week {week}"))
        scene.plan()
    assert checks(scene)[-1] == (Frequency.FREQUENT, 0)
    return scene.on(90)


def test_a_bug_leaves_frequent_after_four_quiet_weeks() -> None:
    """One quiet check changes nothing."""
    scene = frequent()
    for _ in range(4):
        scene.plan()
        scene.clock.forward(CHECK_INTERVAL)
    assert checks(scene)[-4:] == [("frequent", 1), ("frequent", 2), ("frequent", 3), ("infrequent", 4)]


@pytest.mark.parametrize("quiet_weeks", [1, 3])
def test_new_tickets_between_weekly_checks_count_no_quiet_week(quiet_weeks: int) -> None:
    """An account that writes again and again can't make its own bug infrequent sooner."""
    scene = frequent()
    for _ in range(quiet_weeks):
        scene.plan()
        scene.clock.forward(CHECK_INTERVAL)
    scene.clock.forward(timedelta(days=-1))
    for _ in range(5):
        scene.reported(customer("first of week 0"))
        scene.plan()
    assert checks(scene)[-1] == ("frequent", quiet_weeks)


def test_a_policy_that_is_rolled_back_brings_its_reminders_back_and_reminds_nobody_twice() -> None:
    """What nobody told isn't told because a policy in between didn't call for it."""
    scene, ticket = with_a_release_due()
    scene.send()
    shipped, scene.policy = scene.policy, replace(POLICY, rules=(PolicyRule("silence", tell=frozenset()),))
    scene.store.touch_all()
    scene.plan("other")
    assert scene.updates(ticket) == [("released", "withdrawn")]
    scene.policy = shipped
    scene.store.touch_all()
    scene.plan()
    assert (scene.updates(ticket), scene.reminders(ticket)) == ([("released", "posted")], 1)
    scene.send()
    assert scene.reminders(ticket) == 1
    scene.on(3).replies(ticket, "It is fixed in 4.2.")
    scene.decide()
    assert scene.updates(ticket) == [("released", "told")]
