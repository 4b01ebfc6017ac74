"""Rounds: old news waits for a person, bug by bug, and nothing of it goes out before."""

import pytest

from bugbridge.core.errors import UsageError
from bugbridge.services.checking import check
from bugbridge.services.identity import MIRROR, same_bug
from bugbridge.services.intake import add_promise
from bugbridge.services.rounds import hold, let_be, release, rounds_of, rounds_waiting
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, Scene, customer, day


def with_a_round() -> tuple[Scene, list[str]]:
    """Two customers are to hear of one release, one of another; all three updates wait."""
    scene = Scene().on(1)
    tickets = [scene.reported(CARLA), scene.reported(EVE), scene.reported(customer("ben"), OTHER_ISSUE)]
    scene.on(2).is_released()
    scene.is_released(OTHER_ISSUE, "5.0")
    scene.decide()
    hold(scene.store, scene.clock, [link.key for link in scene.store.links()], ANN)
    scene.plan()
    return scene, tickets


def test_what_waits_is_shown_bug_by_bug_the_largest_first() -> None:
    """With the tickets that it goes to."""
    scene, tickets = with_a_round()
    first, second = rounds_waiting(scene.store)
    assert (first.issue, first.reason, len(first.items), second.issue) == (ISSUE, "released", 2, OTHER_ISSUE)
    assert set(first.tickets) == {f"support:{number}" for number in tickets[:2]}


def test_nothing_of_a_round_goes_out_before_somebody_says_so() -> None:
    """Not when everything is decided again either, nor along with another note for the same customer."""
    scene, tickets = with_a_round()
    scene.store.touch_all()
    scene.on(3).decide()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (0, [0, 0, 0])


def test_a_released_round_goes_out_once_and_the_others_wait_on() -> None:
    """Within the policy's limits, as anything else."""
    scene, tickets = with_a_round()
    (mine,) = rounds_of(scene.store, ISSUE)
    assert release(scene.store, scene.clock, mine.items, ANN) == 2
    scene.plan()
    sent = (scene.send().posted, scene.send().posted)
    assert (sent, [scene.reminders(ticket) for ticket in tickets]) == ((2, 0), [1, 1, 0])
    assert [one.issue for one in rounds_waiting(scene.store)] == [OTHER_ISSUE]
    assert check(scene.store).all == ()


def test_a_dropped_round_reminds_nobody_and_later_news_is_told_as_ever() -> None:
    """Only that piece of news is let be."""
    scene, tickets = with_a_round()
    (mine,) = rounds_of(scene.store, OTHER_ISSUE)
    let_be(scene.store, scene.clock, mine.items, ANN)
    scene.plan()
    silent = scene.send().posted
    scene.on(10).tracker.reopen(OTHER_ISSUE, day(10))
    scene.decide()
    scene.on(20).is_released(OTHER_ISSUE, "5.1")
    scene.decide()
    assert (silent, scene.send().posted, scene.reminders(tickets[2])) == (0, 1, 1)


def test_a_bug_without_a_round_is_said_to_have_none() -> None:
    """And where those are that do."""
    with pytest.raises(UsageError, match="round list"):
        rounds_of(Scene().store, ISSUE)


def test_a_customer_told_meanwhile_leaves_the_round() -> None:
    """An agent answered by themselves; nobody is reminded of it when the round goes out."""
    scene, tickets = with_a_round()
    scene.on(3).replies(tickets[0], "It's fixed in 4.2.")
    scene.decide()
    (mine,) = rounds_of(scene.store, ISSUE)
    release(scene.store, scene.clock, mine.items, ANN)
    scene.plan()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (1, [0, 1, 0])


def test_a_round_outlives_that_two_bugs_become_one() -> None:
    """What waits is the old news of these tickets, by whatever name."""
    scene, tickets = with_a_round()
    same_bug(scene.store, scene.clock, scene.issue(OTHER_ISSUE), scene.issue(ISSUE), MIRROR, ANN)
    scene.plan()
    assert (scene.send().posted, [scene.reminders(ticket) for ticket in tickets]) == (0, [0, 0, 0])
    assert sum(len(one.items) for one in rounds_waiting(scene.store)) == 3


def test_a_promise_never_waits_for_a_round() -> None:
    """It was given to somebody, and isn't old."""
    scene, tickets = with_a_round()
    add_promise(scene.store, scene.clock, scene.key(tickets[0]), day(3), ANN)
    hold(scene.store, scene.clock, [link.key for link in scene.store.links()], ANN)
    scene.on(3).plan()
    assert (scene.send().posted, scene.reminders(tickets[0])) == (1, 1)
