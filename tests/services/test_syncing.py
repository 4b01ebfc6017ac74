"""Syncing: what trackers say of linked issues is kept once, and a tracker that fails changes nothing."""

from datetime import timedelta

import pytest

from bugbridge.core.errors import NotFoundError, RateLimitedError, RemoteError
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import News, Stage
from bugbridge.core.stages import Timeline, timeline
from bugbridge.services.intake import mark_release
from bugbridge.services.syncing import RELEASES_INTERVAL, read_issue
from tests.services.scene import ANN, EVE, ISSUE, OTHER_ISSUE, TRACKER, Scene, day, raises


def bug(scene: Scene, reference: str = ISSUE) -> Timeline:
    """What became of a bug, as far as is known."""
    ticket = next(iter(scene.helpdesk._tickets))
    return timeline(scene.history(scene.key(ticket, reference)).bug)


def resolved(scene: Scene) -> list[str]:
    """The issues that count as fixed."""
    return [row.reference for row in scene.store.bugs() if row.resolved_at is not None]


def cursor(scene: Scene) -> str:
    """How far the tracker was read."""
    return next(source.cursor for source in scene.store.sources() if source.name == TRACKER)


def test_a_change_of_a_linked_issue_is_news() -> None:
    """Closing as completed is `fixed`, and no more than that."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    assert [(event.news, event.at) for event in bug(scene).news] == [(News.FIXED, day(2))]


def test_an_issue_that_no_ticket_names_is_not_kept() -> None:
    """Trackers hold thousands of issues; customers' bugs are few."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(OTHER_ISSUE, day(2))
    scene.on(2).sync()
    assert scene.knows(OTHER_ISSUE) is False


def test_a_reopened_bug_is_open_again() -> None:
    """Its fix no longer counts."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.tracker.reopen(ISSUE, day(3))
    scene.on(3).sync()
    folded = bug(scene)
    assert (folded.stage, folded.fixed_at, folded.news[-1].news) == (Stage.OPEN, None, News.REOPENED)


def test_a_repeated_sync_adds_no_event() -> None:
    """Nothing new was said, so nothing new is kept; also where the cursor was lost."""
    scene = Scene().on(1)
    scene.reported()
    scene.on(2).is_released()
    scene.sync()
    head = scene.store.head()
    scene.on(3).sync()
    source = next(source for source in scene.store.sources() if source.name == TRACKER)
    scene.store.save_cursor(source.id, "0", day(3))
    scene.sync()
    assert scene.store.head() == head


def test_a_tracker_that_fails_changes_nothing() -> None:
    """The cursor stays where it was, and the change is read once the tracker answers again."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.tracker.fail(RemoteError("github answers 500."))
    head, before = scene.store.head(), cursor(scene)
    with pytest.raises(RemoteError):
        scene.on(2).sync()
    assert (scene.store.head(), cursor(scene)) == (head, before)
    scene.tracker.fail(None)
    scene.sync()
    assert bug(scene).stage is Stage.FIXED


def test_one_issue_that_cant_be_read_doesnt_keep_the_others_from_being_kept() -> None:
    """What was read before the error stays; the cursor doesn't move, so the rest is read by the next pass."""
    scene = Scene().on(1)
    scene.reported()
    scene.reported(EVE, OTHER_ISSUE)
    for reference in (ISSUE, OTHER_ISSUE):
        scene.tracker.close(reference, day(2))
    before = cursor(scene)
    scene.tracker.just_before(OTHER_ISSUE, raises(RemoteError("github answers 500.")))
    with pytest.raises(RemoteError):
        scene.on(2).sync()
    assert (resolved(scene), cursor(scene)) == ([ISSUE], before)
    scene.sync()
    assert resolved(scene) == [ISSUE, OTHER_ISSUE]


def test_a_missing_issue_is_gone_and_its_references_wait() -> None:
    """It was deleted, or the token may not see it: neither makes a link, and it isn't asked for again and again."""
    scene = Scene().on(1)
    scene.tracker.remove(OTHER_ISSUE)
    ticket = scene.writes_in()
    scene.notes(ticket, "acme/app#34")
    scene.link()
    first, again = scene.sync(), scene.sync()
    state = (scene.issue(OTHER_ISSUE).gone, scene.states(ticket))
    assert (first.missing, again.missing, state) == (1, 0, (True, {}))


def test_an_issue_that_vanishes_keeps_its_links() -> None:
    """What was known stays known."""
    scene = Scene().on(1)
    ticket = scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.tracker.remove(ISSUE)
    result = scene.on(2).sync()
    assert (result.missing, scene.issue().gone, scene.states(ticket)) == (1, True, {ISSUE: "linked"})


def test_an_issue_that_comes_back_is_not_gone() -> None:
    """A token was given the right to see it, and a person names it again: what waited for it links."""
    scene = Scene().on(1)
    scene.tracker.remove(OTHER_ISSUE)
    ticket = scene.writes_in()
    scene.notes(ticket, "acme/app#34")
    scene.read()
    scene.tracker.add(OTHER_ISSUE, day(2))
    read_issue(scene.tracker, scene.store, scene.on(3).clock, OTHER_ISSUE, ANN)
    assert (scene.issue(OTHER_ISSUE).gone, scene.states(ticket)) == (False, {OTHER_ISSUE: "linked"})


def test_a_person_who_names_a_missing_issue_is_told_so() -> None:
    """And nothing is kept of a typing error."""
    scene = Scene().on(1)
    head = scene.store.head()
    with pytest.raises(NotFoundError):
        read_issue(scene.tracker, scene.store, scene.clock, "github:acme/app#404", ANN)
    assert scene.store.head() == head


def test_a_silent_release_is_noticed() -> None:
    """A release changes no issue, so the projects of fixed ones are asked for releases."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    scene.tracker.release(ISSUE, "4.2", day(3))
    scene.on(3).sync()
    assert (bug(scene).stage, bug(scene).version) == (Stage.RELEASED, "4.2")


def test_a_release_dated_to_the_start_of_its_day_is_news_to_a_link_of_that_morning() -> None:
    """Jira names the day alone; the customer who wrote at noon hears of the release of the afternoon."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    ticket = scene.on(3.2).reported(EVE)
    scene.tracker.release(ISSUE, "4.2", day(3))
    scene.on(3.4).decide()
    assert (scene.states(ticket), scene.updates(ticket)) == ({ISSUE: "linked"}, [("released", "planned")])


def test_fixed_issues_are_read_again_at_most_every_five_minutes() -> None:
    """A daemon that syncs every few seconds doesn't use up the tracker's patience."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    scene.tracker.release(ISSUE, "4.2", day(2))
    stages = []
    for wait in (RELEASES_INTERVAL - timedelta(seconds=1), timedelta(seconds=1)):
        scene.clock.forward(wait)
        scene.sync()
        stages.append(bug(scene).stage)
    assert stages == [Stage.FIXED, Stage.RELEASED]


def test_without_a_release_no_fixed_issue_is_read_again() -> None:
    """Asking a project for releases is cheap; its issues are read again only where there was one."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    scene.clock.forward(RELEASES_INTERVAL)
    assert scene.sync().issues == 0


def test_a_tracker_that_asks_for_patience_is_left_alone_until_then() -> None:
    """Within the pause it isn't asked at all; after it nothing was lost."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.tracker.fail(RateLimitedError("github asks for patience", timedelta(hours=1)))
    with pytest.raises(RateLimitedError, match="asks for patience"):
        scene.on(2).sync()
    scene.tracker.fail(None)
    with pytest.raises(RateLimitedError, match="left alone until"):
        scene.sync()
    scene.clock.forward(timedelta(hours=1))
    scene.sync()
    assert bug(scene).stage is Stage.FIXED


def test_a_duplicate_has_its_survivors_stage() -> None:
    """Its customers wait for the survivor's release, which is read although no ticket names it."""
    scene = Scene().on(1)
    scene.reported(EVE, OTHER_ISSUE)
    scene.tracker.start(ISSUE, day(1))
    scene.tracker.mark_duplicate(OTHER_ISSUE, ISSUE, day(2))
    scene.on(2).sync()
    assert bug(scene, OTHER_ISSUE).stage is Stage.IN_PROGRESS


def test_a_release_by_hand_survives_the_next_sync() -> None:
    """GitHub knows closed issues only; that a version is out is a person's word."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.on(2).sync()
    mark_release(scene.store, scene.on(3).clock, scene.issue(), "4.2", None, ANN)
    scene.sync()
    assert (bug(scene).stage, bug(scene).released_at) == (Stage.RELEASED, day(3))


def test_a_planned_version_is_kept_from_when_it_was_first_seen_until_it_is_gone() -> None:
    """It is news once, however often the issue is read, and forgotten when the tracker shows it no more."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.tracker.show(ISSUE, planned_version="4.2", planned_on=day(9))
    scene.on(3).sync()
    scene.tracker.show(ISSUE, planned_version="4.2", planned_on=day(9))
    scene.on(4).sync()
    there = bug(scene)
    scene.tracker.show(ISSUE)
    scene.on(5).sync()
    assert [(event.news, event.at) for event in there.news] == [(News.FIXED, day(2)), (News.RELEASE_PLANNED, day(3))]
    assert (there.planned_version, there.planned_on) == ("4.2", instant_to_text(day(9)))
    assert (bug(scene).planned_version, len(bug(scene).news)) == ("", 2)


def test_a_plan_seen_again_after_a_reopening_counts_for_the_next_fix() -> None:
    """Its version may stand on the issue all the while."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2))
    scene.tracker.show(ISSUE, planned_version="4.2", planned_on=day(9))
    scene.on(2).sync()
    scene.tracker.reopen(ISSUE, day(3))
    scene.on(4).sync()
    scene.tracker.close(ISSUE, day(5))
    scene.on(6).sync()
    assert [(event.news, event.at) for event in bug(scene).news][-3:] == [
        (News.REOPENED, day(3)),
        (News.FIXED, day(5)),
        (News.RELEASE_PLANNED, day(5)),
    ]


def test_a_release_is_never_older_than_its_fix_also_where_our_clock_lags() -> None:
    """The tracker's clock is a minute ahead: fixed and released within that minute is released all the same."""
    scene = Scene().on(1)
    scene.reported()
    scene.tracker.close(ISSUE, day(2) + timedelta(seconds=30))
    scene.tracker.release(ISSUE, "4.2", day(2) + timedelta(seconds=50))
    scene.on(2).sync()
    assert (bug(scene).stage, [event.news for event in bug(scene).news]) == (
        Stage.RELEASED,
        [News.FIXED, News.RELEASED],
    )


def test_the_daily_look_leaves_new_issues_to_what_links_their_tickets() -> None:
    """An issue named for the first time on such a day is read, and its ticket linked, as on any other."""
    scene = Scene().on(1)
    scene.reported()
    ticket = scene.on(2).writes_in()
    scene.notes(ticket, OTHER_ISSUE)
    scene.read()
    assert scene.states(ticket) == {OTHER_ISSUE: "linked"}
