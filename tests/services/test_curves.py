"""The team's curve of how long bugs take: drawn weekly, kept, and learnt from once there are fixes enough."""

import json

from bugbridge.core.cadence import ALL_BUGS
from bugbridge.core.model import ClosedAs
from bugbridge.services.curves import curve_book, refresh_curves
from tests.services.scene import EVE, OTHER_ISSUE, Scene, customer, day


def with_fixed_bugs(count: int, took: float = 40) -> Scene:
    """A scene on day 100 in which so many bugs were reported one a day from day 1 on, and each fixed days later."""
    scene = Scene()
    for number in range(count):
        reference = f"github:acme/app#{100 + number}"
        scene.tracker.add(reference, day(0))
        scene.on(1 + number).reported(customer(f"customer {number}"), reference)
    for number in range(count):
        scene.tracker.close(f"github:acme/app#{100 + number}", day(1 + number + took))
    scene.on(100).read()
    return scene


def drawn(scene: Scene) -> list[str]:
    """The scopes of all curves that are kept."""
    return [json.loads(ruleset.body)["scope"] for ruleset in scene.store.rulesets("curve")]


def due_after(scene: Scene) -> float:
    """In how many days an enterprise customer who reports a new bug on day 100 hears of it, if nothing happens."""
    ticket = scene.reported(EVE)
    scene.plan()
    (item,) = [one for one in scene.store.updates_of(scene.key(ticket)) if one.reason == "periodic"]
    return (item.due_at - day(100)).total_seconds() / 86_400


def test_curves_are_drawn_of_all_bugs_and_of_each_group() -> None:
    """Whatever the policy learns from next, its curve is there."""
    scene = with_fixed_bugs(3)
    refresh_curves(scene.store, scene.clock)
    assert drawn(scene) == [ALL_BUGS, "frequency:unknown", "tracker:github"]


def test_they_are_drawn_once_a_week_and_kept_only_where_they_changed() -> None:
    """A curve that nothing was added to isn't kept again."""
    scene = with_fixed_bugs(3)
    assert refresh_curves(scene.store, scene.clock) == 3
    assert refresh_curves(scene.on(106).store, scene.clock) == 0
    scene.on(108)
    assert refresh_curves(scene.store, scene.clock) == 0
    scene.reported()
    scene.on(112).is_released()
    scene.read()
    assert refresh_curves(scene.on(116).store, scene.clock) > 0
    assert drawn(scene).count(ALL_BUGS) == 2


def test_with_twenty_fixes_the_curve_sets_the_interval() -> None:
    """All bugs took 40 days, so news is likely after 42, clamped to the enterprise's four weeks."""
    few, enough = with_fixed_bugs(19), with_fixed_bugs(20)
    assert (due_after(few), due_after(enough)) == (7, 28)


def test_a_decision_names_the_curve_that_it_rests_on() -> None:
    """So that it can be explained when another curve holds."""
    scene = with_fixed_bugs(20)
    ticket = scene.reported(EVE)
    scene.plan()
    (name,) = [one.hash for one in scene.store.rulesets("curve") if json.loads(one.body)["scope"] == ALL_BUGS]
    assert json.loads(scene.decisions(ticket)[-1].output)["curve"] == name
    few = with_fixed_bugs(3)
    ticket = few.reported(EVE)
    few.plan()
    assert json.loads(few.decisions(ticket)[-1].output)["curve"] == ""


def test_a_new_curve_moves_no_date_that_stands() -> None:
    """Whoever was told a date keeps it."""
    scene = with_fixed_bugs(20)
    before = due_after(scene)
    scene.reported(customer("new"), OTHER_ISSUE)
    scene.on(108).is_released(OTHER_ISSUE)
    scene.read()
    assert refresh_curves(scene.store, scene.clock) > 0
    scene.store.touch_all()
    scene.plan()
    dues = {item.due_at for item in scene.store.open_updates() if item.reason == "periodic"}
    assert day(100 + before) in dues


def test_a_declined_bug_ends_as_another_cause() -> None:
    """It is news all the same: the curve is of all ends."""
    scene = Scene().on(1)
    scene.reported()
    scene.on(11).tracker.close("github:acme/app#12", day(11), ClosedAs.DECLINED)
    scene.read()
    refresh_curves(scene.store, scene.clock)
    curve = curve_book(scene.store).scopes[ALL_BUGS].at(day(11))
    assert curve is not None
    assert (curve.days, curve.survival, curve.fixes) == ((10.0,), (0.0,), 0)
