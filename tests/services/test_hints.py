"""Hints: a delivery has an issue or ticket looked at, and what it claims about it counts for nothing."""

from datetime import timedelta

import pytest

from bugbridge.core.errors import RateLimitedError, RemoteError
from bugbridge.core.model import Stage
from bugbridge.core.records import KnownUpTo
from bugbridge.core.stages import timeline
from bugbridge.services.hints import KEPT_FOR, follow_hints, receive_hint, releases_of
from tests.services.scene import ISSUE, OTHER_ISSUE, TRACKER, VERSION, Scene


def reported() -> Scene:
    """A scene on day 2, in which a customer's bug was linked on day 1."""
    scene = Scene().on(1)
    scene.reported()
    return scene.on(2)


def receive(scene: Scene, delivery: str = "1", *subjects: str) -> bool:
    """Have a delivery come, about the reported issue unless a test says otherwise."""
    return receive_hint(scene.store, scene.clock, TRACKER, delivery, subjects or (ISSUE,))


def follow(scene: Scene) -> int:
    """Follow what came, and give how many issues were read."""
    return follow_hints(scene.tracker, scene.store, scene.clock).issues


def open_hints(scene: Scene) -> list[str]:
    """The deliveries still to be followed."""
    source = next(source for source in scene.store.sources() if source.name == TRACKER)
    return list(scene.store.open_hints(source.id))


def stage(scene: Scene) -> Stage:
    """What is known of the reported bug."""
    history = scene.store.bug_history(scene.issue().bug_id, KnownUpTo(scene.store.head()))
    return timeline(history).stage


def test_a_hint_has_the_issue_read_as_it_is_now() -> None:
    """No cursor moves and no interval elapses."""
    scene = reported()
    scene.tracker.close(ISSUE, scene.clock.at)
    assert receive(scene) is True
    assert (follow(scene), stage(scene), open_hints(scene)) == (1, Stage.FIXED, [])


def test_a_hint_without_a_change_changes_nothing() -> None:
    """Whatever the payload may have claimed, the tracker is believed."""
    scene = reported()
    head = scene.store.head()
    receive(scene)
    assert (follow(scene), scene.store.head()) == (1, head)


def test_a_repeated_delivery_is_followed_once() -> None:
    """Also after it was followed."""
    scene = reported()
    assert [receive(scene), receive(scene)] == [True, False]
    assert follow(scene) == 1
    assert (receive(scene), follow(scene)) == (False, 0)


def test_many_hints_at_one_issue_are_one_look() -> None:
    """And their order doesn't matter, since each shows the present."""
    scene = reported()
    for delivery in ("3", "1", "2"):
        receive(scene, delivery)
    assert (follow(scene), open_hints(scene)) == (1, [])


def test_an_issue_that_nobody_reported_is_not_kept() -> None:
    """Trackers tell of thousands of issues; neither the delivery nor the issue is kept."""
    scene = reported()
    assert receive(scene, "1", OTHER_ISSUE) is False
    assert (open_hints(scene), follow(scene), scene.knows(OTHER_ISSUE)) == ([], 0, False)


def test_the_name_that_is_known_counts() -> None:
    """A moved issue comes under its new key and its old one."""
    scene = reported()
    assert receive(scene, "1", "github:acme/new#7", ISSUE) is True
    assert follow(scene) == 1


def test_a_failing_tracker_leaves_hints_to_be_followed() -> None:
    """Nothing is lost, and once it answers the change is known."""
    scene = reported()
    scene.tracker.close(ISSUE, scene.clock.at)
    receive(scene)
    scene.tracker.fail(RemoteError("github answers 500."))
    with pytest.raises(RemoteError):
        follow(scene)
    assert open_hints(scene) == ["github:1"]
    scene.tracker.fail(None)
    assert (follow(scene), stage(scene), open_hints(scene)) == (1, Stage.FIXED, [])


def test_a_tracker_that_asks_for_patience_is_left_alone() -> None:
    """Webhooks don't get round a rate limit; the hints wait until it is over."""
    scene = reported()
    receive(scene)
    scene.tracker.fail(RateLimitedError("github asks to wait.", timedelta(minutes=10)))
    with pytest.raises(RateLimitedError):
        follow(scene)
    scene.tracker.fail(None)
    with pytest.raises(RateLimitedError):
        follow(scene)
    scene.clock.forward(timedelta(minutes=10))
    assert follow(scene) == 1


def test_a_release_has_the_project_s_fixed_issues_read() -> None:
    """A release changes no issue; only bugs that wait for one are looked at."""
    scene = reported()
    scene.tracker.close(ISSUE, scene.clock.at)
    scene.sync()
    scene.tracker.release(ISSUE, VERSION, scene.clock.at)
    assert receive(scene, "1", releases_of(TRACKER, "acme/other")) is True
    assert (follow(scene), stage(scene)) == (0, Stage.FIXED)
    receive(scene, "2", releases_of(TRACKER, "acme/app"))
    assert (follow(scene), stage(scene)) == (1, Stage.RELEASED)


def test_a_release_of_an_unnamed_project_concerns_every_fixed_issue() -> None:
    """Jira names a version's project by a number that isn't kept."""
    scene = reported()
    scene.tracker.close(ISSUE, scene.clock.at)
    scene.sync()
    scene.tracker.release(ISSUE, VERSION, scene.clock.at)
    receive(scene, "1", releases_of(TRACKER))
    assert (follow(scene), stage(scene)) == (1, Stage.RELEASED)


def test_an_issue_that_became_a_duplicate_has_its_survivor_read() -> None:
    """As in syncing."""
    scene = reported()
    scene.tracker.mark_duplicate(ISSUE, OTHER_ISSUE, scene.clock.at)
    receive(scene)
    assert (follow(scene), scene.knows(OTHER_ISSUE)) == (2, True)


def test_followed_deliveries_are_forgotten_after_thirty_days() -> None:
    """One repeated later is looked at once more, which changes nothing."""
    scene = reported()
    receive(scene, "1")
    follow(scene)
    scene.clock.forward(KEPT_FOR + timedelta(seconds=1))
    receive(scene, "2")
    follow(scene)
    assert [receive(scene, "1"), receive(scene, "2")] == [True, False]


def test_what_a_hint_shows_is_planned() -> None:
    """Following a hint touches the link, so that planning decides it anew."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.plan()
    scene.on(2).is_released()
    receive(scene)
    follow(scene)
    scene.plan()
    assert ("released", "planned") in scene.updates(ticket)
