"""A bug's time line, gathered."""

from datetime import timedelta

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board_bugs import Entry, Lane
from bugbridge.core.errors import UsageError
from bugbridge.core.model import Stage
from bugbridge.core.records import KnownUpTo
from bugbridge.core.stages import Timeline, timeline
from bugbridge.services.bug_timelines import MOST_MARKS, SILENCES_SHOWN, timeline_marks, timeline_page
from tests.services.scene import Scene, customer

ANN = Visitor("ann", "Ann", Role.AGENT)


def course_of(scene: Scene) -> tuple[int, Timeline]:
    """The bug, and what became of it."""
    bug_id = scene.issue().bug_id
    return bug_id, timeline(scene.store.bug_course(bug_id, KnownUpTo(scene.store.head())))


def whole(scene: Scene) -> list[Entry]:
    """Every page of the time line."""
    bug_id, course = course_of(scene)
    seen, after = [], ""
    while True:
        page = timeline_page(scene.store, ANN, bug_id, course, scene.clock.now(), after)
        seen, after = [*seen, *page.rows], page.next
        if not after:
            return seen


def test_news_links_updates_and_silences_stand_in_one_order() -> None:
    """The latest first, each once."""
    scene = Scene()
    scene.reported()
    scene.sync()
    entries = whole(scene)
    assert [one.lane for one in entries if one.lane is Lane.LINK] == [Lane.LINK]
    assert [one.at for one in entries] == sorted((one.at for one in entries), reverse=True)
    assert len({(one.at, one.key) for one in entries}) == len(entries)


def test_a_picture_shows_the_latest_and_counts_what_it_leaves_out() -> None:
    """At most so many marks; the table has them all."""
    scene = Scene()
    for number in range(MOST_MARKS + 5):
        scene.reported(customer(f"c{number}"))
    scene.sync()
    scene.clock.at += timedelta(days=30)
    bug_id, course = course_of(scene)
    marks = timeline_marks(scene.store, ANN, bug_id, course, scene.clock.now())
    assert len(marks.entries) == MOST_MARKS
    assert len([one for one in marks.entries if one.lane is Lane.SILENCE]) == SILENCES_SHOWN
    assert len(whole(scene)) == MOST_MARKS + marks.left_out


def test_nobody_waits_for_a_bug_that_ended() -> None:
    """A silence ends with it at the latest."""
    scene = Scene()
    scene.reported()
    scene.sync()
    bug_id, _ = course_of(scene)
    ended = scene.clock.now() + timedelta(days=2)
    course = Timeline(stage=Stage.DECLINED, declined_at=ended)
    page = timeline_page(scene.store, ANN, bug_id, course, ended + timedelta(days=9), "")
    assert {one.until for one in page.rows if one.lane is Lane.SILENCE} <= {ended}
    assert [one for one in page.rows if one.lane is Lane.SILENCE]


def test_a_place_that_is_none_is_refused() -> None:
    """In one sentence."""
    scene = Scene()
    scene.reported()
    bug_id, course = course_of(scene)
    with pytest.raises(UsageError, match="begin it anew"):
        timeline_page(scene.store, ANN, bug_id, course, scene.clock.now(), "here")
