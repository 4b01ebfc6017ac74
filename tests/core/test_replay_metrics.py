"""The measures of a replay, worked out by hand, and policies side by side."""

from dataclasses import replace
from datetime import time
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.bootstrap import Difference, paired_differences
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.model import News
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.promises_made import Promise
from bugbridge.core.replay import Course
from bugbridge.core.replay_metrics import closed_loop, load, measure, most_per_contact, promises_fared
from bugbridge.core.replay_report import Replayed, compare
from bugbridge.core.stages import NewsEvent
from tests.core.builders import day
from tests.core.replay_scene import in_turn

OFFICE = WorkCalendar(ZoneInfo("UTC"), time(9), time(17), frozenset({5, 6}))


def went(
    *updates: float,
    news: dict[float, str] | None = None,
    begins: float = 0,
    ends: float = 100,
    promises: tuple[Promise, ...] = (),
) -> Course:
    """A course with updates on these days, and news by the day."""
    events = [NewsEvent(day(on), 0, News(value)) for on, value in (news or {}).items()]
    return Course(day(begins), day(ends), tuple(events), promises, tuple(map(day, updates)))


def made(on: float, due: float) -> Promise:
    """A promise."""
    return Promise(day(on), day(due))


def test_an_update_is_newsful_by_what_came_since_the_one_before() -> None:
    """Of four updates the first carries two pieces, the third one; news of the link's own instant is none."""
    course = went(10, 20, 30, 40, news={0: "in_progress", 5: "in_progress", 10: "workaround", 21: "fixed"})
    found = measure([course], ALWAYS_OPEN, day(100))
    assert (found.sent, found.newsful, found.waste, found.yield_share) == (4, 2, 2, 0.5)


def test_delay_is_counted_to_the_first_update_from_the_news_on() -> None:
    """0, 5 and 15 days; what no update followed is missed, not long."""
    course = went(10, 30, news={10: "workaround", 15: "fixed", 25: "release_planned", 31: "released"})
    found = measure([course], ALWAYS_OPEN, day(100))
    assert (found.delay_median_days, found.delay_mean_days) == (5, pytest.approx(20 / 3))
    assert (found.missed, found.missed_share) == (1, 0.25)


def test_silence_is_the_longest_gap_of_a_link_with_its_beginning_and_its_end() -> None:
    """20, 70 and 100 days: the 90th percentile lies between the longest two (type 7)."""
    courses = [went(10, 30, ends=40), went(30), went()]
    found = measure(courses, ALWAYS_OPEN, day(100))
    assert (found.silence_median_days, found.silence_p90_days, found.silence_most_days) == (70, 94, 100)


def test_promises_are_kept_late_missed_or_pending() -> None:
    """Kept by an update after they were made and up to their date; late by a first one after it."""
    promises = (made(1, 5), made(5, 6), made(7, 9), made(21, 30), made(21, 101))
    fared = promises_fared([went(5, 8, 20, promises=promises)], day(100))
    assert fared == PromiseCounts(kept=2, late=1, missed=1, pending=1)
    assert fared.kept_share == 0.5
    assert PromiseCounts(pending=1).kept_share is None


def test_an_end_is_told_in_time_within_two_business_days() -> None:
    """Released on Friday the second of January: until Tuesday; of links that didn't end nothing is asked."""
    told_on_tuesday, told_on_wednesday = (went(on, news={1: "released"}) for on in (5, 6))
    assert closed_loop([told_on_tuesday, told_on_wednesday, went(3, news={1: "fixed"})], OFFICE) == 0.5
    assert closed_loop([went(news={1: "declined"})], OFFICE) == 0
    assert closed_loop([went(3)], OFFICE) is None


def test_the_load_is_per_agent_and_week() -> None:
    """Five messages in five weeks for two agents; who isn't named is one."""
    courses = [went(1, 2, ends=14), went(3, 4, 20, begins=1, ends=35)]
    assert load(courses, [1, 2], agents=2).messages_per_agent_week == 0.5
    assert load(courses, [1, 2], agents=0).messages_per_agent_week == 1
    assert load([went(ends=0)], [1], agents=1).messages_per_agent_week is None


def test_every_update_is_a_message_while_nothing_is_batched() -> None:
    """So nothing is saved."""
    found = load([went(1, 2), went(2)], [1, 1], agents=1)
    assert (found.messages, found.batch_saving) == (3, 0)


def test_the_busiest_week_is_that_of_one_contact_over_all_their_tickets() -> None:
    """Seven days later is another week."""
    courses = [went(1, 8), went(2, 7.9), went(1, 2, 3, 4)]
    assert most_per_contact(courses[:2], [1, 1]) == 3
    assert most_per_contact(courses, [1, 1, 2]) == 4
    assert most_per_contact([went(1, 8)], [1]) == 1


def test_nothing_to_measure_is_none_and_not_nought() -> None:
    """Without links, without updates, without news."""
    empty, silent = measure([], ALWAYS_OPEN, day(100)), measure([went()], ALWAYS_OPEN, day(100))
    assert (empty.yield_share, empty.delay_mean_days, empty.silence_most_days, empty.missed_share) == (None,) * 4
    assert (silent.yield_share, silent.delay_mean_days, silent.missed_share) == (None, None, None)
    assert load([], [], agents=0).most_per_contact_week == 0


def test_an_interval_is_the_middle_of_the_draws_means() -> None:
    """Of 0, 10 and 20, with each left out once and its neighbour drawn twice: means 13.3, 13.3, 3.3."""
    found = paired_differences({"sent": [0, 10, 20]}, in_turn(3))["sent"]
    assert (found.n, found.mean) == (3, 10)
    assert found.low == pytest.approx(10 / 3 + 0.05 * 10)
    assert found.high == pytest.approx(40 / 3)


def test_a_bug_that_cant_be_compared_is_left_out_of_each_draw() -> None:
    """Its neighbours stay; a draw of nothing else says nothing."""
    found = paired_differences({"delay": [None, 4, 6]}, [[0, 0, 0], [0, 1, 1], [2, 2, 0]])["delay"]
    assert (found.n, found.mean) == (2, 5)
    assert (found.low, found.high) == (pytest.approx(4.05), pytest.approx(5.95))


def test_one_bug_has_no_interval_and_none_no_mean() -> None:
    """There is nothing to draw from."""
    assert paired_differences({"sent": [3]}, in_turn(1)) == {"sent": Difference(1, 3)}
    assert paired_differences({"delay": [None, None]}, in_turn(2)) == {"delay": Difference(0)}


def link(bug: str, ticket: str, in_force: Course, new: Course) -> Replayed:
    """A link under two policies."""
    return Replayed(ticket, bug, 1, "ann", {"in force": in_force, "new": new})


LINKS = [
    link("B1", "support:1", went(10, 20), went(20, 30, 40)),
    link("B1", "support:2", went(10), went(10)),
    link("B2", "support:3", went(5, news={5: "fixed"}), went(news={5: "fixed"})),
    *(link("B3", f"support:{number}", went(1, 2), went(1)) for number in range(10, 30)),
]


def test_policies_are_compared_bug_by_bug() -> None:
    """One update more, one less, twenty less: the mean over bugs, not over links; B2's delay can't be compared."""
    found = compare(LINKS, ["in force", "new"], ALWAYS_OPEN, day(100), in_turn)
    assert [policy.metrics.sent for policy in found.policies] == [44, 24]
    assert [(bug.bug, bug.metrics["new"].sent) for bug in found.bugs] == [("B1", 4), ("B2", 0), ("B3", 20)]
    [comparison] = found.comparisons
    assert (comparison.differences["sent"].n, comparison.differences["sent"].mean) == (3, pytest.approx(-20 / 3))
    assert (comparison.differences["missed"].mean, comparison.differences["delay_mean_days"].n) == (1 / 3, 0)


def test_the_ten_links_that_differ_most_are_shown_with_both_lists() -> None:
    """By how many updates only one of the two has; links that are the same are none."""
    [comparison] = compare(LINKS, ["in force", "new"], ALWAYS_OPEN, day(100), in_turn).comparisons
    first = comparison.links[0]
    assert (len(comparison.links), first.ticket, first.differing) == (10, "support:1", 3)
    assert (first.in_force, first.instead) == ((day(10), day(20)), (day(20), day(30), day(40)))
    [alone] = compare(LINKS[1:3], ["in force", "new"], ALWAYS_OPEN, day(100), in_turn).comparisons
    assert [one.ticket for one in alone.links] == ["support:3"]


def test_a_comparison_doesnt_depend_on_the_order_of_links() -> None:
    """However they were gathered."""
    names = ["in force", "new"]
    forwards = compare(LINKS, names, ALWAYS_OPEN, day(100), in_turn)
    assert compare(LINKS[::-1], names, ALWAYS_OPEN, day(100), in_turn) == forwards


def test_a_replay_of_nothing_says_what_it_cant_know_all_the_same() -> None:
    """And measures nothing."""
    empty = compare([], ["in force", "new"], ALWAYS_OPEN, day(100), in_turn, {"left": 2})
    assert (empty.bugs, empty.comparisons[0].links, empty.left_out) == ((), (), {"left": 2})
    assert len(empty.cannot_know) == len(set(empty.cannot_know)) > 3


def test_agents_are_counted_once_and_nobody_is_nobody() -> None:
    """Two agents share the load of three links."""
    links = [replace(one, agent=agent) for one, agent in zip(LINKS, ["ann", "ben", ""], strict=False)]
    in_force = compare(links, ["in force", "new"], ALWAYS_OPEN, day(100), in_turn).policies[0]
    assert in_force.load.messages_per_agent_week == pytest.approx(4 / (100 / 7) / 2)
