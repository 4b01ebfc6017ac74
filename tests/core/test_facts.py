"""The facts of a link, folded from its events."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.events import Event
from bugbridge.core.facts import fold_link
from bugbridge.core.model import (
    AuthorKind,
    BugEventKind,
    Entity,
    FactKind,
    Frequency,
    LinkEventKind,
    LinkHow,
    OptOut,
    Stage,
    TicketStatus,
    Workaround,
)
from bugbridge.core.policy_model import LinkFacts, Policy, PolicyRule, Within
from tests.core.builders import (
    BUG,
    POLICY,
    activity,
    asks,
    bug_event,
    day,
    fact,
    frequency,
    has_workaround,
    link_event,
    link_history,
    linked,
    live_from,
    message,
    opt_out,
    promise,
    question,
    release,
    release_mark,
    reminder,
    reply,
    stage,
    state_on,
    status,
    tier,
    told,
    workaround,
)

OPEN = stage(0, "open")


def facts_on(number: float, *events: Event) -> LinkFacts:
    """The facts as of a day."""
    return state_on(number, *events).facts


def test_a_new_link_to_an_open_bug_has_the_plainest_facts() -> None:
    """Nothing is known but the stage, the ticket and how long it has been."""
    assert facts_on(3, OPEN) == LinkFacts(
        frequency=Frequency.UNKNOWN,
        silent_days=3,
        age_days=3,
        days_since_update=3,
        brand="acme",
        helpdesk="support",
        tracker="github",
    )


def test_a_history_that_was_never_linked_has_no_facts() -> None:
    """A suggestion is nobody's link."""
    suggested = replace(link_history(OPEN), link_events=(link_event(0, LinkEventKind.SUGGESTED),))
    with pytest.raises(ValueError, match="support:4711 is not linked to github:acme/app#12"):
        fold_link(suggested, day(1), POLICY, ALWAYS_OPEN)


def test_a_link_made_again_counts_from_then() -> None:
    """What happened while it was unlinked is background."""
    again = [linked(0), link_event(5, LinkEventKind.UNLINKED), linked(20, LinkHow.HAND)]
    state = state_on(30, OPEN, *again, workaround(10))
    assert (state.linked_at, state.facts.untold) == (day(20), frozenset())


def test_customer_and_ticket_facts_are_the_latest_ones() -> None:
    """Tier, opt-out, language, labels and status as they are now."""
    french = fact(1, Entity.PARTY, FactKind.LOCALE, "fr")
    labels = fact(1, Entity.ISSUE, FactKind.LABELS, '["ui"]')
    statuses = [status(1, "open"), status(2, "pending")]
    facts = facts_on(9, OPEN, tier("enterprise"), opt_out(4, "no_periodic"), french, labels, *statuses)
    assert (facts.tier, facts.opt_out, facts.language) == ("enterprise", OptOut.NO_PERIODIC, "fr")
    assert (facts.labels, facts.ticket_status) == (frozenset({"ui"}), TicketStatus.PENDING)


def test_the_link_of_a_duplicate_has_its_survivors_facts_and_says_so() -> None:
    """The ticket keeps its own link; the surviving bug decides."""
    merged = link_history(OPEN, stage(4, "fixed"), bug_id=BUG + 1)
    facts = fold_link(merged, day(5), POLICY, ALWAYS_OPEN).facts
    assert (facts.duplicate, facts.stage, facts_on(5, OPEN).duplicate) == (True, Stage.FIXED, False)


# Unanswered


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], False),
        ([asks(1)], True),
        ([asks(1), reply(2)], False),
        ([reply(1), asks(2)], True),
        ([asks(1), message(2, AuthorKind.AGENT, public=False)], True),
        ([asks(1), message(2, AuthorKind.BOT)], True),
        ([asks(1), message(2, AuthorKind.SELF, public=False)], True),
        ([reply(1), message(2, AuthorKind.CUSTOMER, public=False)], False),
        ([asks(1), status(2, "pending")], True),
        ([asks(1), status(2, "solved")], False),
        ([asks(1), status(2, "closed")], False),
    ],
)
def test_a_customer_waits_if_the_last_public_message_is_theirs_on_a_ticket_that_is_not_over(
    events: list[Event],
    expected: bool,  # noqa: FBT001 (a test's parameter)
) -> None:
    """Autoresponders and notes answer nobody."""
    assert facts_on(9, OPEN, *events).unanswered is expected


# Promises


def test_a_promise_is_due_for_notice_one_business_day_ahead() -> None:
    """So that there is a working day to write in."""
    made = promise(0, due=10)
    assert [facts_on(on, OPEN, made).promise_due for on in (8.9, 9, 12)] == [False, True, True]


def test_a_promise_for_monday_is_noticed_on_friday() -> None:
    """Weekends are no working days; 5 January 2026 is a Monday."""
    office = WorkCalendar(ZoneInfo("UTC"), time(8), time(18), frozenset({5, 6}), frozenset({date(2026, 1, 1)}))
    history = link_history(OPEN, promise(0, due=4))
    state = fold_link(history, day(0.5), POLICY, office)
    assert state.promise is not None
    assert state.promise.notice_at == datetime(2026, 1, 2, 9, tzinfo=UTC)


@pytest.mark.parametrize("meets", [reply(5), link_event(5, LinkEventKind.PROMISE_DISMISSED)])
def test_a_promise_is_met_by_a_public_reply_or_dismissed(meets: Event) -> None:
    """Then it is no longer open."""
    assert (facts_on(9, OPEN, promise(1, due=10)).promise_open, facts_on(9, OPEN, promise(1, due=10), meets)) == (
        True,
        replace(facts_on(9, OPEN, meets), promise_open=False),
    )


@pytest.mark.parametrize("other", [asks(5), message(5, AuthorKind.AGENT, public=False), reply(1), told(5)])
def test_nothing_else_meets_a_promise(other: Event) -> None:
    """Neither the customer's own words, nor a note, nor the very reply that made it."""
    assert facts_on(9, OPEN, promise(1, due=10), other).promise_open is True


def test_of_several_promises_the_earliest_due_comes_first() -> None:
    """In whatever order they were made."""
    state = state_on(3, OPEN, promise(1, due=20), promise(2, due=10))
    assert state.promise is not None
    assert (state.promise.due_at, state.promise.seq) == (day(10), promise(2, due=10).seq)


# The workaround


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Workaround.NONE),
        ([workaround(2)], Workaround.KNOWN),
        ([workaround(2), has_workaround(3, "told")], Workaround.TOLD),
        ([workaround(2), has_workaround(3, "told"), has_workaround(4, "confirmed")], Workaround.CONFIRMED),
        ([workaround(2), has_workaround(3, "failed")], Workaround.FAILED),
        ([workaround(2), has_workaround(3, "failed"), workaround(5)], Workaround.KNOWN),
    ],
)
def test_the_workaround_is_what_it_is_for_this_customer(events: list[Event], expected: Workaround) -> None:
    """A failed one stands until a new one is found, which is known and not sent."""
    assert facts_on(10, OPEN, *events).workaround is expected


def test_a_workaround_told_and_met_with_silence_for_14_days_counts_as_confirmed() -> None:
    """Whom it doesn't help writes."""
    given = [OPEN, workaround(2), has_workaround(3, "told")]
    assert [facts_on(on, *given).workaround for on in (16.9, 17)] == [Workaround.TOLD, Workaround.CONFIRMED]


def test_a_complaint_keeps_a_workaround_from_counting_as_confirmed() -> None:
    """Whatever the customer wrote, they weren't silent."""
    assert facts_on(30, OPEN, workaround(2), has_workaround(3, "told"), asks(5)).workaround is Workaround.TOLD


def test_an_agents_reply_is_no_complaint() -> None:
    """Only the customer complains."""
    assert facts_on(30, OPEN, workaround(2), has_workaround(3, "told"), reply(5)).workaround is Workaround.CONFIRMED


# Frequency


OVERRIDE = bug_event(3, BugEventKind.OVERRIDE, "spiking", expires=20)
ANSWER = link_event(4, LinkEventKind.MEETS_IT, "once")
JUDGED = frequency(5, "frequent")


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Frequency.UNKNOWN),
        ([JUDGED], Frequency.FREQUENT),
        ([frequency(1, "infrequent"), JUDGED], Frequency.FREQUENT),
        ([JUDGED, ANSWER], Frequency.INFREQUENT),
        ([JUDGED, ANSWER, link_event(6, LinkEventKind.MEETS_IT, "daily")], Frequency.FREQUENT),
        ([JUDGED, ANSWER, OVERRIDE], Frequency.SPIKING),
    ],
)
def test_an_override_outranks_the_customers_answer_and_that_the_bugs_frequency(
    events: list[Event], expected: Frequency
) -> None:
    """Of each kind the latest counts."""
    assert facts_on(10, OPEN, *events).frequency is expected


def test_an_override_ends_when_it_expires() -> None:
    """Then what it hid counts again."""
    assert [facts_on(on, OPEN, OVERRIDE, JUDGED).frequency for on in (19.9, 20)] == [
        Frequency.SPIKING,
        Frequency.FREQUENT,
    ]


# When the customer was last updated


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], 0),
        ([live_from(6)], 6),
        ([linked(4)], 4),
        ([reply(5)], 0),
        ([asks(5)], 0),
        ([stage(5, "fixed"), reply(7)], 7),
        ([stage(5, "fixed"), reply(7), reply(9)], 7),
        ([reminder(5), reply(7)], 7),
        ([reminder(5, kind="found"), reply(7)], 7),
        ([reminder(5, kind="withdrawn"), reply(7)], 0),
        ([reminder(5, f"periodic:{BUG + 1}"), reply(7)], 0),
        ([reminder(5), told(7)], 7),
    ],
)
def test_intervals_run_from_the_link_going_live_or_the_last_reply_that_told(
    events: list[Event], expected: float
) -> None:
    """A reply tells if there was news, or a reminder of this bug, since the one before."""
    assert state_on(10, OPEN, *events).last_update_at == day(expected)


def test_a_periodic_update_is_met_by_the_first_public_reply_after_its_reminder() -> None:
    """Earlier replies, and the reminder alone, don't count."""
    counted = [
        state_on(20, OPEN, *events).periodic_told
        for events in (
            [reminder(5)],
            [reply(4), reminder(5)],
            [reminder(5), reply(6)],
            [reminder(5), reply(6), reply(7)],
        )
    ]
    assert counted == [0, 0, 1, 1]


def test_the_count_from_which_intervals_grow_starts_again_with_news() -> None:
    """But the count that numbers the updates doesn't, or two would have one key."""
    state = state_on(30, OPEN, reminder(5), reply(6), reminder(12), reply(13), workaround(14), reminder(20), reply(21))
    assert (state.periodic_told, [(each.at, each.periodic) for each in state.run]) == (
        3,
        [(day(13), True), (day(21), True)],
    )


def test_reminders_from_before_a_merge_still_count() -> None:
    """A customer whose bug turned out to be a duplicate isn't written to sooner for it."""
    merged = link_history(OPEN, reminder(5, f"periodic:{BUG + 1}"), reply(7), bug_id=BUG + 1)
    state = fold_link(merged, day(10), POLICY, ALWAYS_OPEN)
    assert (state.last_update_at, state.periodic_told) == (day(7), 1)


# Stage and silence


def test_a_release_is_planned_only_while_the_bug_is_fixed() -> None:
    """That is when a timeline may be named."""
    plan = [OPEN, stage(3, "fixed"), release_mark(4, "4.2", out=20)]
    planned = [facts_on(9, *plan, *more).release_planned for more in ([], [stage(6, "open")], [release_mark(7, "4.2")])]
    assert planned == [True, False, False]


@pytest.mark.parametrize(
    "moves", [stage(5, "in_progress"), release(5, "4.2"), activity(5), fact(5, Entity.ISSUE, FactKind.ASSIGNEE, "ben")]
)
def test_silence_counts_from_the_last_thing_that_happened_to_the_issue(moves: Event) -> None:
    """Labels and our own checks move nothing."""
    idle = [fact(8, Entity.ISSUE, FactKind.LABELS, "[]"), frequency(8, "frequent"), reply(8)]
    assert facts_on(9, OPEN, moves, *idle).silent_days == 4


# Questions


def test_a_question_is_remembered_until_the_bug_is_reopened() -> None:
    """A person decides once; a bug that comes back is another matter."""
    asked = [OPEN, question(2, "stalled", "lead: decide", once_per="bug")]
    reopened = [stage(4, "fixed"), stage(6, "open")]
    assert (facts_on(9, *asked).asked, facts_on(9, *asked, *reopened).asked) == (frozenset({"stalled"}), frozenset())


def test_a_decision_that_asked_nobody_is_no_question() -> None:
    """Most decisions ask nothing."""
    assert facts_on(9, OPEN, question(2, "grid-5", "")).asked == frozenset()


def test_another_links_question_counts_for_this_link_only_if_it_was_once_for_the_bug() -> None:
    """What was asked for one customer is still to be asked for the other."""
    for once_per, expected in (("bug", frozenset({"rule"})), ("link", frozenset[str]())):
        elsewhere = replace(
            link_history(OPEN), bug_decisions=(replace(question(2, "rule", "agent: do", once_per), ticket_id=2),)
        )
        state = fold_link(elsewhere, day(9), POLICY, ALWAYS_OPEN)
        assert (state.facts.asked, state.asked_elsewhere) == (expected, expected)


# What changes by time alone


def changes_on(number: float, *events: Event, policy: Policy = POLICY) -> list[float]:
    """The days on which time alone changes a fact, to the hour."""
    changes = state_on(number, *events, policy=policy).changes_at
    return [round((at - day(0)).total_seconds() / 86_400, 2) for at in changes]


def test_what_changes_by_time_alone_is_foreseen() -> None:
    """Silence that confirms a workaround, a promise's notice, an override's end, and the bug's standstill."""
    given = [OPEN, workaround(1), has_workaround(2, "told"), promise(2, due=30), OVERRIDE]
    assert changes_on(5, *given) == [16, 20, 29, 180]


def test_going_live_on_a_day_to_come_is_foreseen() -> None:
    """From then on news counts."""
    assert changes_on(5, OPEN, live_from(8, at=0)) == [8, 180]


def test_a_range_of_days_in_the_policy_is_foreseen_where_it_begins_and_ends() -> None:
    """Else a rule about old bugs would wait until somebody touches them."""
    ranges = (Within("age_days", 30, 60), Within("silent_days", 0, 90), Within("days_since_update", 45))
    policy = replace(POLICY, rules=(PolicyRule("old", ranges),))
    assert changes_on(5, OPEN, policy=policy) == [30, 45, 60, 90, 180]


def test_a_range_still_holds_at_its_most_and_ends_just_after() -> None:
    """So at the instant foreseen it has ended."""
    policy = replace(POLICY, rules=(PolicyRule("young", (Within("age_days", 0, 60),)),))
    ends = state_on(5, OPEN, policy=policy).changes_at[0]
    assert fold_link(link_history(OPEN), ends, policy, ALWAYS_OPEN).facts.age_days > 60


def test_what_lies_behind_changes_nothing_any_more() -> None:
    """Only what is still to come."""
    assert changes_on(200, OPEN, workaround(1), has_workaround(2, "told"), promise(2, due=30)) == []


def test_our_own_comment_is_no_sign_of_life() -> None:
    """A comment that we edit every week would keep a bug that nobody works on from ever looking stalled."""
    ours = bug_event(60, BugEventKind.WRITTEN_BACK)
    quiet = state_on(100, stage(0, "open"), linked(1), activity(60), ours).facts.silent_days
    alive = state_on(100, stage(0, "open"), linked(1), activity(60)).facts.silent_days
    assert (quiet, alive) == (100, 40)
