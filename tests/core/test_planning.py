"""Rulings to updates: the decision rows of the policy, with what they call for and when."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import Event
from bugbridge.core.facts import fold_link
from bugbridge.core.model import LinkHow, News
from bugbridge.core.planning import LinkPlan, pace_of, periodic_count, plan_link, update_key
from bugbridge.core.policy_file import parse_policy
from bugbridge.core.policy_model import Intention, Policy, PolicyRule, TellRules
from tests.core.builders import (
    BUG,
    PARTY,
    activity,
    asks,
    day,
    frequency,
    has_workaround,
    link_history,
    linked,
    live_from,
    names,
    opt_out,
    plan_on,
    promise,
    question,
    release_mark,
    reminder,
    reply,
    stage,
    state_on,
    status,
    tier,
    told,
    updates_on,
    watching,
    workaround,
)

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
OPEN = (stage(0, "open"), frequency(0.5, "infrequent"))
OFTEN = (stage(0, "open"), frequency(0.5, "frequent"))
FIX = (*OPEN, stage(3, "fixed"))
RELEASE = (*FIX, release_mark(5, "4.2"))
BACK = (*RELEASE, told(6), stage(8, "open"))
NO = (*OPEN, stage(3, "declined"))
CONFIRMED = (workaround(1), has_workaround(2, "told"), has_workaround(2.5, "confirmed"))


def due(number: float, *events: Event, policy: Policy = SHIPPED) -> list[tuple[str, float]]:
    """The updates that the shipped policy calls for as of a day, each with the day it is due."""
    return updates_on(number, *events, policy=policy)


def plan(number: float, *events: Event) -> LinkPlan:
    """What the shipped policy gives as of a day."""
    return plan_on(number, *events, policy=SHIPPED)


def rule(number: float, *events: Event) -> str:
    """The rule that holds as of a day."""
    return plan(number, *events).decision.ruling.rule_id


# The decision rows


def test_a_release_is_told_once_from_the_day_it_is_out() -> None:
    """Row: released, untold; told, then nothing."""
    assert (due(6, *RELEASE), due(9, *RELEASE, told(7))) == ([("released", 5)], [])
    assert rule(9, *RELEASE, told(7)) == "done"


def test_a_planned_release_is_told_and_its_date_may_be_named() -> None:
    """Row: fixed, release planned."""
    planned = (*FIX, release_mark(4, "4.2", out=30))
    assert due(5, *planned) == [("release_planned", 4)]
    assert plan(5, *planned).decision.ruling.timeline_allowed is True


def test_fixed_without_a_plan_is_nothing_yet_for_who_meets_it_rarely() -> None:
    """Row: fixed alone is not among the news that are told."""
    assert due(5, *FIX) == []


def test_an_enterprise_customer_hears_every_week_to_four() -> None:
    """Row: enterprise, whatever the frequency and the workaround."""
    company = (*OPEN, *CONFIRMED, told(2.6), tier("enterprise"))
    assert (due(6, *company), rule(6, *company)) == ([("periodic", 9.6)], "grid-1")


def test_a_spike_is_put_to_the_lead_once_and_calls_for_no_reminder_of_its_own() -> None:
    """Row: open, spiking: the lead decides within one business day; the lead's questions are no notes on tickets."""
    spike = (*OPEN, frequency(2, "spiking"))
    asked = plan(3, *spike)
    assert [(one.ruling.rule_id, one.ruling.within_business_days, one.intentions) for one in asked.questions] == [
        ("spiking", 1, ())
    ]
    assert asked.standing == ()
    assert plan(3, *spike, question(2.5, "spiking", "lead: decide", "bug")).questions == ()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ((), 14),
        ((workaround(1), told(1.5)), 15.5),
        ((has_workaround(1, "told"),), 14),
        ((has_workaround(1, "failed"),), 14),
    ],
)
def test_a_frequent_bug_is_written_about_every_two_weeks_to_eight(state: tuple[Event, ...], expected: float) -> None:
    """Row: open, frequent, workaround none, known, told or failed."""
    assert due(2, *OFTEN, *state) == [("periodic", expected)]
    assert plan(2, *OFTEN, *state).decision.ruling.every_days == (14, 56)


def test_a_frequent_bug_whose_workaround_works_is_written_about_every_four_weeks_to_eight() -> None:
    """Row: open, frequent, workaround confirmed."""
    works = (*OFTEN, *CONFIRMED, told(2.6))
    assert (due(3, *works), plan(3, *works).decision.ruling.every_days) == ([("periodic", 30.6)], (28, 56))


def test_a_rare_bug_whose_workaround_works_is_only_heard_of_when_it_ends() -> None:
    """Row: open, infrequent, workaround confirmed: neither its plan nor a new workaround is told, its release is."""
    works = (*FIX, *CONFIRMED, release_mark(4, "4.2", out=30))
    assert (due(5, *works), due(31, *works, release_mark(30, "4.2"))) == ([], [("released", 30)])


def test_a_rare_bug_without_a_workaround_is_heard_of_once_for_each_news() -> None:
    """Row: open, infrequent, workaround none."""
    found = (*OPEN, workaround(4))
    assert (due(5, *found), due(9, *found, reply(6))) == ([("workaround", 4)], [])


def test_a_bug_of_unknown_frequency_is_looked_at_again_in_14_days() -> None:
    """Row: open, unknown, workaround none."""
    assert plan(5, stage(0, "open")).valid_until == day(19)


def test_who_wants_no_periodic_updates_hears_each_news_once() -> None:
    """Row: open, frequent, opt_out = no_periodic."""
    quiet = (*OFTEN, opt_out(1, "no_periodic"))
    assert (due(5, *quiet), due(5, *quiet, workaround(4))) == ([], [("workaround", 4)])


def test_a_solved_ticket_hears_only_how_it_ends() -> None:
    """Row: open, frequent, ticket solved."""
    solved = (*OFTEN, status(1, "solved"), workaround(2))
    ended = (*solved, stage(6, "fixed"), release_mark(9, "4.2"))
    assert (due(5, *solved), due(10, *ended)) == ([], [("released", 9)])


def test_a_bug_on_which_nothing_moves_is_put_to_the_lead_once_for_the_bug() -> None:
    """Row: open, frequent, silent 200 days; the customers' updates go on until the lead has decided."""
    stalled = plan(200, *OFTEN)
    assert [(one.ruling.rule_id, one.ruling.once_per) for one in stalled.questions] == [("stalled", "bug")]
    assert [intention.reason for intention in stalled.intentions] == ["periodic"]


def test_the_agent_owns_a_wrong_release_once_and_then_the_bug_is_as_open() -> None:
    """Row: released, told; reopened."""
    reopened = plan(9, *BACK)
    assert [one.ruling.rule_id for one in reopened.questions] == ["wrongly-told"]
    assert (due(9, *BACK), reopened.decision.ruling.rule_id) == ([("wrongly-told", 8)], "grid-5")
    assert due(12, *BACK, reply(10)) == []


@pytest.mark.parametrize("who", [(), (tier("enterprise"),), (frequency(1, "frequent"),)])
def test_a_no_is_told_once_by_a_person(who: tuple[Event, ...]) -> None:
    """Row: declined, untold; told, then nothing, also for enterprise and frequent."""
    assert (due(4, *NO, *who), due(9, *NO, *who, told(5))) == ([("clear-no", 3)], [])


def test_a_duplicate_of_a_released_bug_is_told_of_the_release() -> None:
    """Row: duplicate of a released bug, untold; the explanation says that the survivor decided."""
    state = fold_link(link_history(*RELEASE, bug_id=BUG + 1), day(6), SHIPPED, OFFICE)
    planned = plan_link(state, day(6), SHIPPED, OFFICE)
    assert [intention.reason for intention in planned.intentions] == ["released"]
    assert planned.decision.ruling.under == ("canonical",)


def test_a_promise_to_somebody_who_opted_out_is_for_a_person() -> None:
    """Row: opt_out = all, promise due tomorrow: release the customer from it, and tell nothing."""
    planned = plan(9, *RELEASE, promise(1, due=10), opt_out(2, "all"))
    assert [(one.reason, one.news) for one in planned.intentions] == [("opted-out", frozenset())]


def test_a_promise_outranks_the_customers_own_question_and_carries_all_news() -> None:
    """Row: promise due tomorrow, customer unanswered: now."""
    promised = (*RELEASE, promise(1, due=10), asks(2))
    planned = plan(9.5, *promised)
    assert due(9.5, *promised) == [("promised", 9)]
    assert (planned.decision.ruling.now, planned.intentions[0].news) == (True, frozenset({News.RELEASED}))


def test_a_due_promise_calls_for_the_same_update_whenever_it_is_looked_at() -> None:
    """Else the same decision would be kept anew with every look."""
    promised = (*OPEN, promise(1, due=10))
    assert due(9.2, *promised) == due(9.9, *promised) == due(12, *promised) == [("promised", 9)]


def test_a_customer_who_waits_for_an_answer_is_not_updated() -> None:
    """Row: open, frequent, unanswered: hold; answered, it is due as before."""
    waits = (*OFTEN, workaround(2), asks(3))
    assert (due(20, *waits), rule(20, *waits)) == ([], "reply-first")
    assert due(20, *waits, reply(4)) == [("periodic", 18)]


def test_a_workaround_found_after_the_release_ends_the_silence() -> None:
    """It helps whoever still meets the bug, and they don't know it."""
    assert due(9, *RELEASE, told(6), workaround(8)) == [("workaround", 8)]


# Questions


def test_a_question_to_the_agent_stands_until_it_is_met() -> None:
    """It is asked once, but its update isn't withdrawn because it was."""
    asked = question(3.5, "clear-no", "agent: tell a clear no")
    assert (plan(5, *NO, asked).questions, due(5, *NO, asked)) == ((), [("clear-no", 3)])


def test_a_question_once_for_the_bug_is_not_put_to_every_agent() -> None:
    """It stands where it was asked first, and nowhere else."""
    once = PolicyRule("look", person="agent: look at this", once_per="bug")
    policy = replace(SHIPPED, rules=(once,))
    history = link_history(*OPEN, question(1, "look", "agent: look at this", "bug"))
    here = plan_link(fold_link(history, day(3), policy, OFFICE), day(3), policy, OFFICE)
    elsewhere = replace(history, decisions=())
    there = plan_link(fold_link(elsewhere, day(3), policy, OFFICE), day(3), policy, OFFICE)
    assert ([one.reason for one in here.standing], there.standing, there.questions) == (["look"], (), ())


# Periodic updates


def test_intervals_grow_from_the_reply_that_met_the_reminder() -> None:
    """14 days, then 21 from the reply; the reminder itself moves nothing."""
    first = (*OFTEN, reminder(14))
    assert due(15, *first) == [("periodic", 14)]
    assert due(19, *first, reply(18)) == [("periodic", 18 + 21)]
    assert due(60, *first, reply(18), reminder(39), reply(40)) == [("periodic", 40 + 32)]


def test_news_resets_the_intervals() -> None:
    """After news the next update is again two weeks away."""
    told_news = (*OFTEN, reminder(14), reply(18), workaround(20), reply(22))
    assert due(23, *told_news) == [("periodic", 22 + 14)]


def test_news_takes_the_place_of_a_periodic_update() -> None:
    """One message, which carries both."""
    assert due(20, *OFTEN, workaround(13)) == [("workaround", 13)]


def test_each_periodic_update_has_its_number() -> None:
    """So that it is planned once, and the next one is another."""
    numbers = [
        plan(20, *OFTEN, *more).intentions[0].ordinal for more in ((), (reminder(14),), (reminder(14), reply(15)))
    ]
    assert numbers == [1, 1, 2]


@pytest.mark.parametrize(
    ("on", "more", "expected"), [(1, (), 2), (20, (), 1), (1, (asks(1),), 0), (1, (watching(),), 0)]
)
def test_the_periodic_updates_to_come_are_counted_ahead(on: float, more: tuple[Event, ...], expected: int) -> None:
    """By day 40: on days 14 and 35; if the first is late, only that one; none under hold or in watch mode."""
    state = state_on(on, *OFTEN, *more, policy=SHIPPED)
    pace = pace_of(state, SHIPPED, CurveBook())
    assert periodic_count(plan(on, *OFTEN, *more).decision.ruling, state, day(on), day(40), pace) == expected


# Fixed waits for released

TELLS_FIXED = replace(SHIPPED, tell=TellRules(frozenset(News), merge_days=7))


def test_fixed_waits_for_the_release_to_take_its_place() -> None:
    """Within merge_days it says nothing, and is looked at again when they are over."""
    waiting = plan_on(5, *FIX, policy=TELLS_FIXED)
    assert (waiting.intentions, waiting.valid_until) == ((), day(10))
    assert due(10, *FIX, policy=TELLS_FIXED) == [("fixed", 3)]


def test_fixed_and_released_within_merge_days_are_one_message() -> None:
    """Only the release is told."""
    planned = plan_on(6, *RELEASE, policy=TELLS_FIXED)
    assert [(one.reason, one.news) for one in planned.intentions] == [("released", frozenset({News.RELEASED}))]


def test_several_news_are_one_update_named_after_the_weightiest() -> None:
    """The plan weighs more than the workaround."""
    planned = plan(6, *FIX, workaround(4), release_mark(5, "4.2", out=30))
    assert [(one.reason, one.news) for one in planned.intentions] == [
        ("release_planned", frozenset({News.RELEASE_PLANNED, News.WORKAROUND}))
    ]


def test_of_news_of_one_kind_the_latest_names_the_update() -> None:
    """The second workaround is another update than the first, in case that one was posted."""
    second = workaround(5)
    assert plan(6, *OPEN, workaround(4), second).intentions[0].news_seq == second.seq


# Going live


@pytest.mark.parametrize("events", [RELEASE, NO, BACK, (*OPEN, workaround(2))])
def test_news_from_before_going_live_calls_for_nothing(events: tuple[Event, ...]) -> None:
    """It is background."""
    assert due(20, *events, live_from(15)) == []


def test_old_news_that_a_link_by_hand_tells_is_due_from_the_link_on() -> None:
    """Nothing is due before anybody asked for it."""
    assert due(20, *RELEASE, linked(15, LinkHow.HAND)) == [("released", 15)]


def test_periodic_updates_run_from_going_live() -> None:
    """Old links aren't all due on the first day."""
    assert due(31, *OFTEN, live_from(30)) == [("periodic", 44)]


# When, and until when

OFFICE = WorkCalendar(ZoneInfo("UTC"), time(8), time(18), frozenset({5, 6}), frozenset({date(2026, 1, 1)}))


def in_office(number: float, *events: Event) -> list[datetime]:
    """When updates are due where people work from eight to six, Monday to Friday."""
    state = fold_link(link_history(*events), day(number), SHIPPED, OFFICE)
    return [one.due_at for one in plan_link(state, day(number), SHIPPED, OFFICE).intentions]


def test_ordinary_updates_wait_for_the_next_opening() -> None:
    """Released on Saturday 3 January 2026, told on Monday morning."""
    weekend = (*OPEN, stage(1, "fixed"), release_mark(2, "4.2"))
    assert in_office(2.1, *weekend) == [datetime(2026, 1, 5, 8, tzinfo=UTC)]


def test_periodic_updates_wait_for_the_next_opening_too() -> None:
    """Two weeks after Saturday 3 January is a Saturday as well."""
    assert in_office(3, *OFTEN, live_from(2)) == [datetime(2026, 1, 19, 8, tzinfo=UTC)]


def test_a_promised_update_comes_a_business_day_early_never_late() -> None:
    """Promised by Monday, it is due on Friday."""
    assert in_office(2, *OPEN, promise(0.2, due=4)) == [datetime(2026, 1, 2, 9, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ((*OPEN, activity(1)), 181),
        ((*OPEN, activity(1), promise(1, due=40)), 39),
        ((*OPEN, activity(1), promise(1, due=40), has_workaround(2, "told")), 16),
        ((*OFTEN, live_from(8, at=0)), 8),
    ],
)
def test_a_decision_is_valid_until_the_earliest_change_by_time_alone(
    events: tuple[Event, ...], expected: float
) -> None:
    """Not longer, or something is forgotten; not shorter, or links are decided for nothing."""
    assert plan(5, *events).valid_until == day(expected)


def test_a_decision_that_time_cannot_change_is_valid_for_good() -> None:
    """Only an event will have it decided again."""
    assert plan(300, *RELEASE, told(6)).valid_until is None


def test_a_reply_that_names_the_version_ends_what_was_called_for() -> None:
    """The reminder closes itself."""
    assert (due(6, *RELEASE), due(7, *RELEASE, reply(6.5), names(6.5, "4.2"))) == ([("released", 5)], [])


# Keys


@pytest.mark.parametrize(
    ("intention", "expected"),
    [
        (Intention("released", day(1), news_seq=17), f"{PARTY}:{BUG}:17"),
        (Intention("clear-no", day(1), news_seq=17), f"{PARTY}:{BUG}:17"),
        (Intention("periodic", day(1), ordinal=3), f"{PARTY}:{BUG}:periodic:3"),
        (Intention("promised", day(1), news_seq=17), f"{PARTY}:{BUG}:promise:17"),
        (Intention("opted-out", day(1)), f"{PARTY}:{BUG}:question:opted-out"),
    ],
)
def test_an_update_is_named_by_customer_bug_and_what_is_behind_it(intention: Intention, expected: str) -> None:
    """Whatever its date and its ticket: so it is planned once."""
    assert update_key(PARTY, BUG, intention) == expected
