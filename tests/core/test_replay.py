"""Replay: what a policy would have told one customer, from what had happened by each instant."""

from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.cadence import CurveBook, Curves
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.events import BugEvent, Event
from bugbridge.core.model import BugEventKind, Entity, FactKind, LinkEventKind, LinkHow, News
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import LinkHistory
from bugbridge.core.replay import Era, linked_at, replay_link
from bugbridge.core.replay_frequency import Reported
from bugbridge.core.survival import LEAST_FOR_CONFIDENCE, Curve, Quantile
from tests.core.builders import (
    BUG,
    DAY_0,
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
    names,
    opt_out,
    promise,
    question,
    release_mark,
    reminder,
    reply,
    says,
    stage,
    status,
    told,
    watching,
    workaround,
)
from tests.core.replay_scene import (
    EVERY_14_DAYS,
    ON_CHANGE,
    ON_RELEASE,
    course,
    days_told,
    policy,
    record,
    rule,
    told_on,
)

EVERY = policy(rule("all", EVERY_14_DAYS))
NEWS = policy(rule("all", ON_CHANGE))
RELEASE = policy(rule("all", ON_RELEASE))
NOTHING = policy(rule("all", 'tell = "nothing"'))
OFFICE = WorkCalendar(ZoneInfo("UTC"), time(9), time(17), frozenset({5, 6}))
RELEASED = [stage(0, "open"), stage(45, "fixed"), stage(52, "released")]


@pytest.mark.parametrize(
    "real",
    [
        reply(21),
        told(21),
        names(21, "github:acme/app#12"),
        reminder(20),
        question(20, "stalled", "lead: decide", "bug"),
        watching(),
        live_from(300),
    ],
)
def test_what_the_policy_of_the_day_led_to_is_left_out(real: Event) -> None:
    """Replies that agents wrote, their words, reminders, questions, and whether anything was live at all."""
    happened = [*RELEASED, stage(20, "in_progress")]
    for under in (EVERY, NEWS, RELEASE):
        assert told_on(*happened, real, under=under, until=100) == told_on(*happened, under=under, until=100)


def test_a_customer_who_wrote_counts_as_answered() -> None:
    """Their chasers were asked under another policy, and hold nothing back here."""
    assert told_on(*RELEASED, asks(40), under=NEWS, until=100) == [45, 52]


def test_intervals_run_from_the_last_simulated_update() -> None:
    """Not from the real reply of day 10."""
    assert told_on(stage(0, "open"), reply(10), under=EVERY, until=40) == [14, 28]


def test_a_periodic_update_falls_strictly_before_the_end() -> None:
    """Nothing is sent at the very moment up to which is replayed, unless it is news."""
    assert told_on(stage(0, "open"), under=EVERY, until=28) == [14]
    assert told_on(stage(0, "open"), stage(28, "released"), under=EVERY, until=28) == [14, 28]


def test_a_link_ends_when_its_bug_does() -> None:
    """What comes after the release, a reopening included, isn't followed."""
    replayed = course(*RELEASED, stage(60, "open"), stage(70, "released"), under=NEWS, until=100)
    assert (days_told(replayed), replayed.ends) == ([45, 52], day(52))
    assert [event.at for event in replayed.news] == [day(45), day(52)]


def test_a_link_ends_when_the_customer_wants_to_hear_nothing() -> None:
    """From that instant on, whatever is due."""
    replayed = course(stage(0, "open"), opt_out(28, "all"), opt_out(40, "none"), under=EVERY, until=100)
    assert (days_told(replayed), replayed.ends) == ([14], day(28))


def test_who_wants_no_periodic_updates_gets_the_news() -> None:
    """The product's own rule, from the day on which they said so."""
    assert told_on(*RELEASED, opt_out(20, "no_periodic"), under=EVERY, until=100) == [14, 52]


@pytest.mark.parametrize("kind", [FactKind.GONE, FactKind.MERGED])
def test_a_link_ends_when_its_ticket_is_gone(kind: FactKind) -> None:
    """There is nowhere left to write."""
    replayed = course(stage(0, "open"), fact(20, Entity.TICKET, kind, "gone"), under=EVERY, until=100)
    assert (days_told(replayed), replayed.ends) == ([14], day(20))


def test_news_from_before_the_link_is_background() -> None:
    """A customer linked on day 50 hears of the release only."""
    assert told_on(linked(50), *RELEASED, under=NEWS, until=100) == [52]


def test_a_link_made_by_hand_tells_the_current_stage_at_once() -> None:
    """However old it is, also where the bug has ended already; the link then ends as it begins."""
    assert told_on(linked(47, LinkHow.HAND), *RELEASED, under=NEWS, until=100) == [47, 52]
    ended = course(linked(60, LinkHow.HAND), *RELEASED, under=NEWS, until=100)
    assert (days_told(ended), ended.begins, ended.ends, ended.news) == ([60], day(60), day(60), ())


def test_a_link_to_a_bug_that_had_ended_hears_nothing() -> None:
    """It ends as it begins."""
    ended = course(linked(60), *RELEASED, under=EVERY, until=100)
    assert (ended.updates, ended.begins, ended.ends) == ((), day(60), day(60))


def test_the_link_that_stands_is_followed() -> None:
    """One that was taken back and made again lives from when it was made again."""
    again = [linked(0), link_event(10, LinkEventKind.UNLINKED), linked(30)]
    assert linked_at(link_history(*again)) == day(30)
    assert told_on(*again, stage(0, "open"), under=EVERY, until=50) == [44]
    with pytest.raises(ValueError, match="not linked"):
        linked_at(link_history(*again[:2]))


def test_a_clear_no_is_told_under_every_policy() -> None:
    """No policy may change that, and it is told once."""
    assert told_on(stage(0, "open"), stage(30, "declined"), under=NOTHING, until=100) == [30]


def test_a_promise_is_kept_under_every_policy() -> None:
    """One business day ahead; it carries what is untold, and intervals run on from there."""
    made = [stage(0, "open"), stage(2, "in_progress"), promise(5, due=11)]
    assert told_on(*made, under=NOTHING, until=100) == [10]
    assert told_on(*made, under=EVERY, until=30) == [10, 24]
    assert told_on(*made, stage(20, "fixed"), under=NEWS, until=100) == [2, 10, 20]


def test_a_promise_read_in_a_reply_is_kept_under_every_policy() -> None:
    """Whenever the reply was read; and one for when something happens, once it did."""
    read = [stage(0, "open"), says(5, due=11, read=90), says(6, event="fixed", read=90), stage(20, "fixed")]
    assert told_on(*read, under=NOTHING, until=100) == [10, 20]
    promises = course(*read, under=NOTHING, until=100).promises
    assert [(made.made_at, made.due_at) for made in promises] == [(day(5), day(11)), (day(6), day(22))]


def test_a_promise_that_was_taken_back_is_none() -> None:
    """The people who took it back knew why."""
    dismissed = link_event(6, LinkEventKind.PROMISE_DISMISSED)
    replayed = course(stage(0, "open"), promise(5, due=11), dismissed, promise(7, due=20), under=NOTHING, until=100)
    assert [(made.made_at, made.due_at) for made in replayed.promises] == [(day(7), day(20))]


def test_a_promise_from_before_the_link_is_another_matter() -> None:
    """Unless it was still owed when the ticket was linked."""
    promised = [stage(0, "open"), promise(10, due=40), promise(20, due=80), linked(50), promise(60, due=80)]
    replayed = course(*promised, under=NOTHING, until=100)
    assert [made.made_at for made in replayed.promises] == [day(20), day(60)]


def test_a_teams_own_question_is_no_update() -> None:
    """Nobody knows whether the agent would have written; what holds besides it goes on."""
    asking = policy(rule("ask", 'person = "agent: call them"'), rule("all", EVERY_14_DAYS))
    assert told_on(stage(0, "open"), under=asking, until=30) == [14, 28]


def test_fixed_waits_for_released() -> None:
    """Merged where the policy says so: seven days are one message, eight are two."""
    merging = replace(NEWS, tell=replace(NEWS.tell, merge_days=7))
    assert told_on(*RELEASED, under=merging, until=100) == [52]
    assert told_on(stage(0, "open"), stage(44, "fixed"), stage(52, "released"), under=merging, until=100) == [51, 52]


def test_the_calendar_moves_updates_to_when_people_work() -> None:
    """Day 52, a Sunday, becomes Monday: the end's own telling may come after the end."""
    replayed = course(stage(0, "open"), stage(52, "released"), under=RELEASE, until=100, calendar=OFFICE)
    assert (days_told(replayed), replayed.ends) == ([53], day(52))


@pytest.mark.parametrize("meanwhile", [opt_out(52.5, "all"), stage(52.5, "open")])
def test_what_happens_before_the_closed_calendar_opens_still_counts(meanwhile: Event) -> None:
    """The customer opts out or the bug comes back on the Sunday: on Monday nobody tells them of the release."""
    happened = [stage(0, "open"), stage(52, "released"), meanwhile]
    assert told_on(*happened, under=RELEASE, until=100, calendar=OFFICE) == []
    assert told_on(*happened, under=EVERY, until=100, calendar=OFFICE) == [14, 28, 42]


def test_what_lies_after_the_present_is_not_told() -> None:
    """The telling of Monday has not happened by Sunday evening."""
    assert told_on(stage(0, "open"), stage(52, "released"), under=RELEASE, until=52.5, calendar=OFFICE) == []


def test_facts_are_those_of_their_day() -> None:
    """Frequent from day 20 to day 50, solved on day 60: the rules see each when it was so."""
    rules = policy(
        rule("solved", ON_RELEASE, 'ticket_status = ["solved"]'),
        rule("often", EVERY_14_DAYS, 'frequency = ["frequent"]'),
        rule("rarely", ON_RELEASE),
    )
    happened = [stage(0, "open"), frequency(0, "infrequent"), frequency(20, "frequent"), status(60, "solved")]
    assert told_on(*happened, under=rules, until=100) == [20, 34, 48]
    assert told_on(*happened, frequency(50, "infrequent"), under=rules, until=100) == [20, 34, 48]
    assert told_on(*happened, frequency(40, "infrequent"), under=rules, until=100) == [20, 34]


def test_a_workaround_that_was_told_works_unless_they_complain() -> None:
    """As in the product: after two silent weeks it counts as confirmed; a mail, whatever it was for, says otherwise."""
    rules = policy(rule("works", ON_RELEASE, 'workaround = ["confirmed"]'), rule("else", EVERY_14_DAYS))
    happened = [stage(0, "open"), workaround(2), has_workaround(3, "told")]
    assert told_on(*happened, under=rules, until=60) == [14]
    assert told_on(*happened, asks(10), under=rules, until=60) == [14, 28, 42, 56]


def test_another_workaround_is_no_news_for_whoever_has_one_that_works() -> None:
    """Not telling them misses nothing; whose workaround failed, or who has none, is to hear of it."""
    happened = [stage(0, "open"), workaround(20)]
    assert course(*happened, has_workaround(10, "told"), under=NEWS, until=30).news == ()
    assert course(*happened, has_workaround(20, "told"), under=NEWS, until=30).news == ()
    for who_lacks_one in ([], [has_workaround(10, "failed")], [has_workaround(25, "told")]):
        replayed = course(*happened, *who_lacks_one, under=NEWS, until=30)
        assert (days_told(replayed), [event.at for event in replayed.news]) == ([20], [day(20)])


def test_a_status_that_was_only_assumed_isnt_known_before_it_was_read() -> None:
    """The first reading dates it back to the ticket's beginning; replay must not know the present state so early."""
    rules = policy(rule("solved", ON_RELEASE, 'ticket_status = ["solved"]'), rule("else", EVERY_14_DAYS))
    assumed = replace(status(0, "solved"), assumed=True)
    assert told_on(stage(0, "open"), replace(assumed, recorded_at=day(30)), under=rules, until=60) == [14, 28]
    assert told_on(stage(0, "open"), assumed, under=rules, until=30) == [14, 28]
    assert told_on(stage(0, "open"), status(0, "solved"), under=rules, until=60) == []


def test_a_rule_on_silence_sees_signs_of_life() -> None:
    """Who hears nothing of a bug that lies still hears of it again on the day on which it moves."""
    rules = policy(rule("still", ON_RELEASE, "silent_days = { min = 10 }"), rule("else", EVERY_14_DAYS))
    assert told_on(stage(0, "open"), activity(20), under=rules, until=29) == [20]


def test_labels_are_those_of_their_day() -> None:
    """Kept whenever the issue moves, they count from when they changed."""
    rules = policy(rule("loud", EVERY_14_DAYS, 'labels = ["loud"]'), rule("else", ON_RELEASE))
    quiet, loud = (fact(on, Entity.ISSUE, FactKind.LABELS, f'["{label}"]') for on, label in ((0, "soft"), (20, "loud")))
    again = [replace(quiet, occurred_at=day(5)), replace(loud, occurred_at=day(25))]
    assert told_on(stage(0, "open"), quiet, loud, *again, under=rules, until=40) == [20, 34]
    assert told_on(stage(0, "open"), quiet, loud, replace(quiet, occurred_at=day(30)), under=rules, until=60) == [20]


def reports(count: int, *, apart: float = 8, known: float = 0) -> list[Reported]:
    """So many accounts, each some days after the other."""
    return [Reported(number, day(number * apart), day(max(known, number * apart))) for number in range(count)]


OFTEN = policy(rule("often", ON_CHANGE, 'frequency = ["frequent"]'), rule("else", ON_RELEASE))
# In progress on every odd day, so that who hears of each news is written to every other day.
MOVES = [stage(on, "in_progress" if on % 2 else "open") for on in range(60)]


def test_frequency_is_made_up_for_the_time_before_it_was_judged() -> None:
    """The fifth account within eight weeks and as many different ones, on day 32, makes it frequent."""
    assert min(told_on(*MOVES, under=OFTEN, until=60, reports=reports(5))) == 33
    assert told_on(*MOVES, under=OFTEN, until=60, reports=reports(4)) == []


def test_a_policy_judges_by_its_own_frequency_rules() -> None:
    """Three accounts are enough for a team that says so."""
    fewer = replace(OFTEN, frequency=replace(OFTEN.frequency, minimum_accounts=3, rate_per_week=0.1))
    assert min(told_on(*MOVES, under=fewer, until=60, reports=reports(3))) == 17


def test_what_was_judged_is_taken_as_it_was() -> None:
    """From the first judgement that was kept, nothing is made up."""
    assert told_on(*MOVES, frequency(20, "infrequent"), under=OFTEN, until=60, reports=reports(5)) == []


def test_reports_of_a_bug_that_was_merged_later_count_from_then() -> None:
    """Nobody knew before that they were about this one."""
    assert min(told_on(*MOVES, under=OFTEN, until=60, reports=reports(5, known=50))) == 51


def test_quiet_weeks_end_a_frequent_bug() -> None:
    """After the policy's four low checks in a row, as the product does."""
    happened = [stage(on, "in_progress" if on % 2 else "open") for on in range(100, 300)]
    told_then = told_on(*happened, under=OFTEN, until=300, reports=reports(5))
    assert 101 in told_then
    assert max(told_then) < 160


CURVE = Curve((30.0,), (0.5,), LEAST_FOR_CONFIDENCE, Quantile(30, 20, 40))


def paced(*reports_known: Reported, in_force: float) -> list[float]:
    """Updates every 7 to 60 days by a curve that was drawn on a day: half of all bugs end when they are 30 days old."""
    curves = CurveBook({"all": Curves(((day(in_force), CURVE),))})
    pace = policy(rule("all", 'tell = "all"\nevery_days = [7, 60]\nbackoff = 1'))
    return days_told(replay_link(record(stage(0, "open"), reports=reports_known), pace, ALWAYS_OPEN, day(40), curves))


def test_an_interval_is_taken_from_the_curve_that_was_in_force_when_it_began() -> None:
    """Before a curve was drawn, intervals go by back-off; from then on news is likely on day 30, in whole weeks."""
    assert paced(in_force=0) == [35]
    assert paced(in_force=10) == [7, 14, 35]
    assert paced(in_force=41) == [7, 14, 21, 28, 35]


def test_a_bugs_age_counts_from_its_first_report_by_what_was_known() -> None:
    """A ticket of fourteen days before, linked on day 8, makes the bug that much older from then on."""
    earlier = Reported(1, day(-14), day(8))
    own = Reported(2, day(0), day(0))
    assert paced(own, in_force=0) == [35]
    assert paced(own, earlier, in_force=10) == [7, 14, 21, 28, 35]
    assert paced(own, replace(earlier, known_at=day(39)), in_force=10) == [7, 14, 35]


def merged(policy_then: Policy) -> list[float]:
    """A link whose bug is merged on day 30 into one that has news on day 10 and is released on day 40."""
    own = link_history(stage(0, "open"))
    later = link_history(stage(0, "open"), stage(10, "in_progress"), stage(40, "released"))
    into_survivor = replace(later, bug=replace(later.bug, bug_id=BUG + 1))
    one = replace(record(), eras=(Era(DAY_0, own), Era(day(30), into_survivor)))
    return days_told(replay_link(one, policy_then, ALWAYS_OPEN, day(100)))


def test_before_a_merge_a_link_follows_its_own_bug() -> None:
    """The survivor's news of day 10 reaches them with the merge, and its release when it comes."""
    assert merged(NEWS) == [30, 40]
    assert merged(EVERY) == [14, 28, 40]


def added_on(on: float) -> tuple[BugEvent, ...]:
    """The issue 99 became a part that day."""
    return (bug_event(on, BugEventKind.PART_ADDED, "99"),)


def news(history: LinkHistory, until: float) -> list[News]:
    """What there was to tell on the link."""
    replayed = replay_link(replace(record(), eras=(Era(DAY_0, history),)), NEWS, ALWAYS_OPEN, day(until))
    return [event.news for event in replayed.news]


def test_a_part_counts_from_when_it_was_added() -> None:
    """With a part in progress, a fix of the bug's own issue is none of the bug; before it was added, it was."""
    history = link_history(stage(0, "open"), stage(50, "fixed"), *added_on(30))
    part = replace(stage(10, "in_progress"), entity_id=99)
    with_part = replace(history, bug=replace(history.bug, part_facts=(part,)))
    assert news(with_part, until=60) == [News.IN_PROGRESS]
    assert news(replace(with_part, bug=replace(with_part.bug, bug_events=added_on(55))), until=52) == [News.FIXED]


def test_a_mark_that_a_version_is_out_ends_a_link() -> None:
    """By hand as by the tracker."""
    assert told_on(stage(0, "open"), stage(5, "fixed"), release_mark(8, "4.2"), under=RELEASE, until=50) == [8]
