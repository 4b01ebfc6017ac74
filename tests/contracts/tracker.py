"""What every tracker must do, whatever its vendor: run over a scene, in which people change issues."""

from typing import Protocol

import pytest

from bugbridge.core.errors import RemoteError
from bugbridge.core.model import ClosedAs
from bugbridge.core.records import IssueRow
from bugbridge.core.references import project_of
from bugbridge.core.snapshots import IssueSnapshot, MissingIssue, TrackerState
from bugbridge.ports import Tracker


class TrackerScene(Protocol):
    """A tracker with open issues in it, and the people who work there. Each change takes place after the one before."""

    tracker: Tracker
    missing: str
    """A reference in a readable project, of an issue that there isn't."""

    def open_issue(self) -> str:
        """An issue that is open, not worked on, and not used before."""
        ...

    def close(self, reference: str, closed_as: ClosedAs) -> None:
        """Close it."""
        ...

    def reopen(self, reference: str) -> None:
        """Open it again."""
        ...

    def close_as_duplicate(self, reference: str, survivor: str) -> None:
        """Close it as a duplicate."""
        ...

    def release(self, reference: str, version: str) -> None:
        """Release the version that it is fixed in."""
        ...

    def break_down(self) -> None:
        """Have the tracker fail from now on."""
        ...

    def recover(self) -> None:
        """Have it answer again."""
        ...


def snapshot_of(scene: TrackerScene, reference: str) -> IssueSnapshot:
    """Read one issue that exists."""
    (answer,) = scene.tracker.issues([reference])
    assert isinstance(answer, IssueSnapshot)
    return answer


def changed(scene: TrackerScene, cursor: str) -> tuple[list[str], str]:
    """Give the changed references and the cursor after the last page."""
    references: list[str] = []
    for page in scene.tracker.changed_since(cursor):
        references += page.references
        cursor = page.cursor
    return references, cursor


class TrackerContract:
    """Rules of the port Tracker."""

    def test_no_cursor_gives_no_issues_but_where_to_begin(self, scene: TrackerScene) -> None:
        """A first sync reads no history: issues are read when they are linked."""
        (page,) = scene.tracker.changed_since("")
        assert (page.references, bool(page.cursor)) == ((), True)

    def test_the_words_of_a_title_find_an_issue(self, scene: TrackerScene) -> None:
        """In any case and order, at most as many as are asked for."""
        reference = scene.open_issue()
        title = snapshot_of(scene, reference).title
        words = " ".join(reversed(title.upper().split()))
        found = scene.tracker.search(words, 50)
        assert (reference, title) in [(one.reference, one.title) for one in found]
        assert len(scene.tracker.search(words, 1)) == 1

    @pytest.mark.parametrize(
        "text",
        ["", " ", '"', '") OR project = X ORDER BY (', "nowhere-to-be-found repo:evil/x is:pr", "%~*?[]{}^", "AND"],
    )
    def test_what_is_looked_for_is_never_a_query(self, scene: TrackerScene, text: str) -> None:
        """Whatever somebody types finds nothing, and breaks nothing."""
        assert scene.tracker.search(text, 5) == ()

    def test_a_search_that_fails_says_so(self, scene: TrackerScene) -> None:
        """As any other read does."""
        scene.break_down()
        with pytest.raises(RemoteError):
            scene.tracker.search("export", 5)

    def test_a_change_is_among_those_since_the_cursor(self, scene: TrackerScene) -> None:
        """What changed after the cursor was taken is given, under the reference that links use."""
        reference = scene.open_issue()
        _, cursor = changed(scene, "")
        scene.close(reference, ClosedAs.FIXED)
        references, _ = changed(scene, cursor)
        assert reference in references

    def test_two_changes_come_oldest_first(self, scene: TrackerScene) -> None:
        """The order is that of the changes, so that a cursor in the middle loses none."""
        first, second = scene.open_issue(), scene.open_issue()
        _, cursor = changed(scene, "")
        scene.close(first, ClosedAs.FIXED)
        scene.close(second, ClosedAs.FIXED)
        references, _ = changed(scene, cursor)
        assert [reference for reference in references if reference in (first, second)] == [first, second]

    def test_a_cursor_used_again_gives_the_same_again(self, scene: TrackerScene) -> None:
        """A sync that died before it stored its cursor loses nothing."""
        reference = scene.open_issue()
        _, cursor = changed(scene, "")
        scene.close(reference, ClosedAs.DECLINED)
        changed(scene, cursor)
        again, _ = changed(scene, cursor)
        assert reference in again

    def test_no_change_is_lost_for_what_is_kept(self, scene: TrackerScene) -> None:
        """However a tracker finds the changes, a kept issue that changed is among them, and then it is quiet."""
        reference = scene.open_issue()
        issue = IssueRow(1, 1, scene.tracker.name, reference, 1, snapshot_of(scene, reference).created_at)

        def kept(project: str) -> tuple[IssueRow, ...]:
            return (issue,) if project == project_of(reference) else ()

        _, cursor = changed(scene, "")
        scene.close(reference, ClosedAs.FIXED)
        pages = list(scene.tracker.changed_since(cursor, kept))
        assert reference in [each for page in pages for each in page.references]
        _, cursor = changed(scene, pages[-1].cursor)
        assert list(scene.tracker.changed_since(cursor, kept)) == list(scene.tracker.changed_since(cursor))

    def test_quiet_trackers_end_up_giving_nothing(self, scene: TrackerScene) -> None:
        """Without changes the overlap shrinks to at most the newest issue of each project, not to whole pages."""
        _, cursor = changed(scene, "")
        _, cursor = changed(scene, cursor)
        references, _ = changed(scene, cursor)
        assert references == []

    def test_a_history_begins_open_when_the_issue_was_made(self, scene: TrackerScene) -> None:
        """The audit counts from there."""
        snapshot = snapshot_of(scene, scene.open_issue())
        assert (snapshot.history[0].at, snapshot.history[0].state) == (snapshot.created_at, TrackerState())

    @pytest.mark.parametrize("closed_as", [ClosedAs.FIXED, ClosedAs.DECLINED])
    def test_a_closed_issue_says_as_what(self, scene: TrackerScene, closed_as: ClosedAs) -> None:
        """Closed for a reason is not closed for another."""
        reference = scene.open_issue()
        scene.close(reference, closed_as)
        assert snapshot_of(scene, reference).history[-1].state == TrackerState(closed_as=closed_as)

    def test_reopening_keeps_the_closing_in_the_history(self, scene: TrackerScene) -> None:
        """Customers may have been told, so that it was fixed once is not forgotten."""
        reference = scene.open_issue()
        scene.close(reference, ClosedAs.FIXED)
        scene.reopen(reference)
        states = [change.state for change in snapshot_of(scene, reference).history]
        assert states == [TrackerState(), TrackerState(closed_as=ClosedAs.FIXED), TrackerState()]

    def test_changes_follow_one_another(self, scene: TrackerScene) -> None:
        """The history is in order of time and repeats no state."""
        reference = scene.open_issue()
        scene.close(reference, ClosedAs.FIXED)
        scene.reopen(reference)
        scene.close(reference, ClosedAs.DECLINED)
        history = snapshot_of(scene, reference).history
        instants = [change.at for change in history]
        assert (len(history), instants) == (4, sorted(set(instants)))

    def test_a_duplicate_names_its_survivor(self, scene: TrackerScene) -> None:
        """It then has its survivor's stage."""
        reference, survivor = scene.open_issue(), scene.open_issue()
        scene.close_as_duplicate(reference, survivor)
        snapshot = snapshot_of(scene, reference)
        state = TrackerState(closed_as=ClosedAs.DUPLICATE)
        assert (snapshot.duplicate_of, snapshot.history[-1].state) == (survivor, state)

    def test_every_reference_is_answered_once(self, scene: TrackerScene) -> None:
        """An issue that isn't there is an answer, and holds up no other."""
        reference = scene.open_issue()
        answers = {answer.reference: type(answer) for answer in scene.tracker.issues([scene.missing, reference])}
        assert answers == {scene.missing: MissingIssue, reference: IssueSnapshot}

    def test_a_missing_issue_is_named_in_its_sentence(self, scene: TrackerScene) -> None:
        """The sentence goes to people as it is."""
        (answer,) = scene.tracker.issues([scene.missing])
        assert isinstance(answer, MissingIssue)
        assert scene.missing in answer.sentence

    def test_a_failing_tracker_loses_nothing(self, scene: TrackerScene) -> None:
        """It raises one error that names it, and afterwards the same cursor still gives the change."""
        reference = scene.open_issue()
        _, cursor = changed(scene, "")
        scene.close(reference, ClosedAs.FIXED)
        scene.break_down()
        with pytest.raises(RemoteError, match=scene.tracker.name):
            changed(scene, cursor)
        with pytest.raises(RemoteError, match=scene.tracker.name):
            list(scene.tracker.issues([reference]))
        scene.recover()
        references, _ = changed(scene, cursor)
        assert reference in references

    def test_the_doctor_is_told_of_a_failure_in_a_line(self, scene: TrackerScene) -> None:
        """Checks don't raise."""
        well = all(check.well for check in scene.tracker.check())
        scene.break_down()
        still_well = all(check.well for check in scene.tracker.check())
        assert (well, still_well) == (True, False)

    def test_people_get_an_address_with_the_number(self, scene: TrackerScene) -> None:
        """It opens the issue in a browser."""
        reference = scene.open_issue()
        address = scene.tracker.web_url(reference)
        assert address.startswith("http")
        assert address.endswith(reference.replace("#", "/").replace("-", "/").rpartition("/")[2])


class ReleasingTrackerContract(TrackerContract):
    """Further rules for trackers that know of releases."""

    def test_fixed_is_not_released(self, scene: TrackerScene) -> None:
        """Only the release itself makes it so, and it follows the fix."""
        reference = scene.open_issue()
        scene.close(reference, ClosedAs.FIXED)
        before = snapshot_of(scene, reference).history[-1].state
        scene.release(reference, "9.1")
        after = snapshot_of(scene, reference).history[-1].state
        assert (before, after) == (
            TrackerState(closed_as=ClosedAs.FIXED),
            TrackerState(closed_as=ClosedAs.FIXED, released_in="9.1"),
        )

    def test_a_project_with_a_new_release_is_named_once(self, scene: TrackerScene) -> None:
        """A release changes no issue: its project is named until the cursor that came with it is kept."""
        reference = scene.open_issue()
        scene.close(reference, ClosedAs.FIXED)
        project = project_of(reference)
        _, before = scene.tracker.projects_released({project}, "")
        assert scene.tracker.projects_released({project}, before)[0] == frozenset()
        scene.release(reference, "9.2")
        released, after = scene.tracker.projects_released({project}, before)
        assert (released, scene.tracker.projects_released({project}, after)[0]) == ({project}, frozenset())
