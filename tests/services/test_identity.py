"""Which issues are one bug, and what is wrong with the ones that can't be compared or read any more."""

from datetime import timedelta

from bugbridge.core.model import BugEventKind, ClosedAs, Stage
from bugbridge.services.health import link_health
from bugbridge.services.identity import MIRROR, PART, same_bug
from bugbridge.services.syncing import read_issue
from tests.services.scene import ANN, ISSUE, OTHER_ISSUE, Scene, day


def _two(role: BugEventKind) -> Scene:
    """Two issues, each reported by a ticket, made one bug on day 2."""
    scene = Scene().on(1)
    scene.reported(reference=ISSUE)
    scene.reported(reference=OTHER_ISSUE)
    scene.on(2)
    first, second = (read_issue(scene.tracker, scene.store, scene.clock, ref, ANN) for ref in (ISSUE, OTHER_ISSUE))
    assert same_bug(scene.store, scene.clock, first, second, role, ANN)
    assert not same_bug(scene.store, scene.clock, first, second, role, ANN)
    return scene


def _stage(scene: Scene) -> Stage:
    (bug,) = (row for row in scene.store.bugs() if row.links)
    assert bug.links == 2
    return bug.stage


def _fix_and_release(scene: Scene, reference: str, on: int) -> None:
    scene.tracker.close(reference, day(on), ClosedAs.FIXED)
    scene.tracker.release(reference, "4.2", day(on) + timedelta(hours=1))
    scene.on(on + 1).sync()


def test_a_bug_with_a_part_is_released_only_when_both_are() -> None:
    """One half of a fix helps nobody; the tickets of both hear of the whole."""
    scene = _two(PART)
    _fix_and_release(scene, ISSUE, 3)
    half = _stage(scene)
    _fix_and_release(scene, OTHER_ISSUE, 5)
    assert (half, _stage(scene)) == (Stage.OPEN, Stage.RELEASED)


def test_a_part_that_is_declined_holds_nothing_up() -> None:
    """What won't be done isn't waited for."""
    scene = _two(PART)
    scene.tracker.close(OTHER_ISSUE, day(3), ClosedAs.DECLINED)
    _fix_and_release(scene, ISSUE, 3)
    assert _stage(scene) is Stage.RELEASED


def test_a_mirror_never_decides() -> None:
    """It may be closed early or never; the first issue's stage is the bug's."""
    scene = _two(MIRROR)
    _fix_and_release(scene, OTHER_ISSUE, 3)
    early = _stage(scene)
    _fix_and_release(scene, ISSUE, 5)
    assert (early, _stage(scene)) == (Stage.OPEN, Stage.RELEASED)


def test_a_mirror_that_disagrees_for_a_day_is_shown_to_a_person() -> None:
    """Two trackers are seldom changed in the same hour, so an hour is no ailment."""
    scene = _two(MIRROR)
    scene.tracker.close(OTHER_ISSUE, day(3), ClosedAs.FIXED)
    scene.on(3).sync()
    soon = link_health(scene.store, scene.clock)
    (later,) = link_health(scene.store, scene.on(5).clock)
    assert (soon, later.reference, later.since) == ((), ISSUE, day(3))
    assert "is open, but its mirror is fixed" in later.sentence


def test_an_issue_that_vanished_is_shown_and_keeps_its_stage() -> None:
    """Nothing is closed or released by it; when it is seen again it is well again."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.start(ISSUE, day(2))
    scene.on(2).sync()
    scene.tracker.remove(ISSUE)
    scene.on(3).sync()
    (ailment,) = link_health(scene.store, scene.clock)
    stages = [row.stage for row in scene.store.bugs()]
    scene.tracker.restore(ISSUE)
    scene.on(4)
    read_issue(scene.tracker, scene.store, scene.clock, ISSUE, ANN)
    assert (ailment.reference, ailment.since, stages) == (ISSUE, day(3), [Stage.IN_PROGRESS])
    assert link_health(scene.store, scene.clock) == ()
