"""Tracker facts to stages, and stages to news."""

from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.events import Event
from bugbridge.core.model import ClosedAs, FactKind, News, Stage
from bugbridge.core.snapshots import IssueSnapshot, TrackerChange, TrackerState
from bugbridge.core.stages import Timeline, issue_facts, stage_of, timeline
from tests.core.builders import (
    REFERENCE,
    activity,
    bug_history,
    day,
    news_of,
    planned,
    release,
    release_mark,
    stage,
    text,
    timeline_of,
    with_seqs,
    workaround,
)

OPEN, WORKING = TrackerState(), TrackerState(in_progress=True)
FIXED, DECLINED = TrackerState(ClosedAs.FIXED), TrackerState(ClosedAs.DECLINED)
DUPLICATE, UNKNOWN = TrackerState(ClosedAs.DUPLICATE), TrackerState(ClosedAs.UNKNOWN)
RELEASED = TrackerState(ClosedAs.FIXED, released_in="4.2")

EVENTS: st.SearchStrategy[Event] = st.builds(
    lambda on, make: make(on),
    st.integers(0, 9),
    st.sampled_from(
        [
            *(lambda on, value=value: stage(on, value) for value in Stage),
            lambda on: release(on, "4.2"),
            lambda on: release(on, ""),
            lambda on: release_mark(on, "4.3"),
            lambda on: release_mark(on, "4.3", out=on + 5),
            lambda on: planned(on, "4.4", out=on + 5),
            planned,
            workaround,
            activity,
        ]
    ),
)
HISTORIES = st.lists(EVENTS, max_size=12).flatmap(
    lambda events: st.permutations(range(1, len(events) + 1)).map(lambda seqs: with_seqs(events, seqs))
)


def snapshot(*changes: tuple[float, TrackerState]) -> IssueSnapshot:
    """An issue with this history."""
    history = tuple(TrackerChange(day(on), state) for on, state in changes)
    return IssueSnapshot(REFERENCE, "12", day(0), day(50), labels=("ui", "bug"), history=history)


def stages_of(*changes: tuple[float, TrackerState]) -> list[str]:
    """The stages that an issue's history gives."""
    return [fact.value for fact in issue_facts(12, snapshot(*changes)) if fact.kind is FactKind.STAGE]


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (OPEN, Stage.OPEN),
        (WORKING, Stage.IN_PROGRESS),
        (FIXED, Stage.FIXED),
        (RELEASED, Stage.RELEASED),
        (DECLINED, Stage.DECLINED),
        (TrackerState(released_in="4.2"), Stage.OPEN),
        (TrackerState(ClosedAs.DECLINED, released_in="4.2"), Stage.DECLINED),
    ],
)
def test_a_tracker_state_is_one_stage(state: TrackerState, expected: Stage) -> None:
    """Only a fix that is in a release is released; an open issue in one isn't."""
    assert stage_of(state) is expected


@pytest.mark.parametrize("state", [DUPLICATE, UNKNOWN, TrackerState(ClosedAs.UNKNOWN, released_in="4.2")])
def test_closed_as_a_duplicate_or_for_an_unknown_reason_is_no_stage(state: TrackerState) -> None:
    """A duplicate has its survivor's stage, and closed for a reason unknown is never fixed."""
    assert stage_of(state) is None


@pytest.mark.parametrize("closed", [DUPLICATE, UNKNOWN])
def test_a_close_that_says_nothing_leaves_the_stage_as_it_was(closed: TrackerState) -> None:
    """The bug stays open, so that nobody is told of a fix that may not be one."""
    assert stages_of((0, OPEN), (3, closed)) == ["open"]


def test_reopening_what_was_closed_as_a_duplicate_is_no_news() -> None:
    """It never counted as closed."""
    facts = issue_facts(12, snapshot((0, OPEN), (3, DUPLICATE), (5, OPEN)))
    assert news_of(*facts) == []


def test_a_stage_is_written_once_while_it_lasts() -> None:
    """Label changes and the like make no second stage."""
    assert stages_of((0, OPEN), (1, OPEN), (2, FIXED), (3, FIXED)) == ["open", "fixed"]


def test_an_issues_release_comes_before_its_stage_so_that_the_news_names_the_version() -> None:
    """Else the draft would say released, but not in which version."""
    facts = issue_facts(12, snapshot((0, OPEN), (3, FIXED), (8, RELEASED)))
    folded = timeline_of(*with_seqs(facts, range(1, len(facts) + 1)))
    assert [(item.news, item.version) for item in folded.news] == [(News.FIXED, ""), (News.RELEASED, "4.2")]


def test_a_reopened_issue_loses_its_release() -> None:
    """The next close must name its own."""
    kinds = [(fact.kind, fact.value) for fact in issue_facts(12, snapshot((0, RELEASED), (3, OPEN)))][:4]
    release_kind, stage_kind = FactKind.RELEASE, FactKind.STAGE
    assert kinds == [(release_kind, "4.2"), (stage_kind, "released"), (release_kind, ""), (stage_kind, "open")]


def test_the_same_issue_read_twice_gives_the_same_facts() -> None:
    """Each has its source key, by which it is kept once."""
    seen = snapshot((0, OPEN), (3, FIXED))
    facts = issue_facts(12, seen)
    assert (facts, len({fact.source_key for fact in facts})) == (issue_facts(12, seen), len(facts))


def test_an_issue_read_again_after_it_grew_gives_its_old_facts_again() -> None:
    """So nothing is kept twice when only the end is new."""
    before = {fact.source_key for fact in issue_facts(12, snapshot((0, OPEN), (3, FIXED)))}
    after = {fact.source_key for fact in issue_facts(12, snapshot((0, OPEN), (3, FIXED), (6, OPEN)))}
    assert before <= after


def test_labels_are_kept_in_one_order() -> None:
    """Two orders of the same labels are the same fact."""
    labels = [fact.value for fact in issue_facts(12, snapshot((0, OPEN))) if fact.kind is FactKind.LABELS]
    assert labels == ['["bug", "ui"]']


def test_a_bug_without_events_is_open() -> None:
    """Nothing known is the beginning of everything."""
    assert timeline_of() == Timeline()


def test_each_stage_reached_is_news_but_being_open_is_not() -> None:
    """From the first day to the release."""
    told = news_of(stage(0, "open"), stage(2, "in_progress"), stage(4, "open"), stage(5, "fixed"), stage(9, "released"))
    assert told == [(2, News.IN_PROGRESS), (5, News.FIXED), (9, News.RELEASED)]


@pytest.mark.parametrize("again", ["open", "in_progress"])
@pytest.mark.parametrize("closed", ["fixed", "released", "declined"])
def test_reopening_clears_the_fix(closed: str, again: str) -> None:
    """No fix, no release and no refusal holds any more; that it was closed once is remembered."""
    folded = timeline_of(stage(0, "open"), release(3, "4.2"), stage(3, closed), stage(6, again))
    assert [item.news for item in folded.news][-1] is News.REOPENED
    assert (folded.stage, folded.fixed_at, folded.released_at, folded.declined_at) == (again, None, None, None)
    assert (folded.version, folded.planned_version, folded.planned_on) == ("", "", "")


def test_reopening_clears_the_plan() -> None:
    """The next fix is planned anew, not moved."""
    planned = [stage(0, "open"), stage(3, "fixed"), release_mark(4, "4.2", out=10)]
    again = [stage(5, "open"), stage(6, "fixed"), release_mark(7, "4.3", out=20)]
    assert news_of(*planned, *again)[-1] == (7, News.RELEASE_PLANNED)


def test_the_fix_that_counts_is_the_last_one_and_the_first_close_is_kept_beside_it() -> None:
    """First close is not last close: bugs closed too early come back."""
    folded = timeline_of(stage(0, "open"), stage(3, "fixed"), stage(5, "open"), stage(9, "fixed"))
    assert (folded.first_fixed_at, folded.fixed_at, folded.closes) == (day(3), day(9), 2)


def test_a_release_keeps_the_date_of_the_fix() -> None:
    """Fixed and released are two instants of one close."""
    folded = timeline_of(stage(0, "open"), stage(3, "fixed"), stage(9, "released"))
    assert (folded.fixed_at, folded.released_at, folded.closes) == (day(3), day(9), 1)


def test_closed_straight_into_a_release_is_fixed_at_that_instant() -> None:
    """Where a tracker shows both at once, there is one date for both, and one piece of news."""
    folded = timeline_of(stage(0, "open"), stage(4, "released"))
    assert (folded.fixed_at, folded.released_at, [item.news for item in folded.news]) == (
        day(4),
        day(4),
        [News.RELEASED],
    )


def test_a_release_taken_back_is_fixed_and_no_longer_released() -> None:
    """It says nothing new to customers, but no audit may count its release."""
    folded = timeline_of(stage(0, "open"), stage(3, "fixed"), stage(9, "released"), stage(10, "fixed"))
    assert (folded.stage, folded.fixed_at, folded.released_at) == (Stage.FIXED, day(3), None)
    assert [item.news for item in folded.news] == [News.FIXED, News.RELEASED]


def test_declining_a_fixed_bug_takes_the_fix_back() -> None:
    """A bug that is declined after all isn't resolved by a fix."""
    folded = timeline_of(stage(0, "open"), stage(3, "fixed"), stage(5, "declined"))
    assert (folded.fixed_at, folded.declined_at, folded.stage) == (None, day(5), Stage.DECLINED)


@pytest.mark.parametrize("before", ["open", "in_progress", "declined"])
def test_a_release_mark_on_a_bug_that_is_not_fixed_does_nothing(before: str) -> None:
    """Whoever marks it, a fix that isn't done is neither released nor planned."""
    events = [stage(0, "open"), stage(1, before)]
    marked = timeline_of(*events, release_mark(3, "4.2"), release_mark(4, "4.2", out=9))
    assert marked == timeline_of(*events)


def test_a_release_mark_releases_a_fixed_bug() -> None:
    """On trackers that don't know releases, a person says so."""
    folded = timeline_of(stage(0, "open"), stage(3, "fixed"), release_mark(5, "4.2"))
    assert (folded.stage, folded.released_at, folded.version) == (Stage.RELEASED, day(5), "4.2")
    assert (folded.news[-1].news, folded.news[-1].version) == (News.RELEASED, "4.2")


def test_a_release_is_planned_then_moved_then_out() -> None:
    """Each is news of its own, and names the version as it was planned then."""
    folded = timeline_of(
        stage(0, "open"),
        stage(3, "fixed"),
        release_mark(4, "4.2", out=10),
        release_mark(6, "4.3", out=20),
        release_mark(21, "4.3"),
    )
    assert [(item.news, item.version) for item in folded.news[1:]] == [
        (News.RELEASE_PLANNED, "4.2"),
        (News.RELEASE_MOVED, "4.3"),
        (News.RELEASED, "4.3"),
    ]


def test_a_plan_said_twice_has_not_moved() -> None:
    """The same version on the same day is no news."""
    events = [stage(0, "open"), stage(3, "fixed"), release_mark(4, "4.2", out=10), release_mark(6, "4.2", out=10)]
    assert news_of(*events) == [(3, News.FIXED), (4, News.RELEASE_PLANNED)]


def test_a_plan_alone_never_releases() -> None:
    """The day passes, and the bug stays fixed until somebody says that it is out."""
    folded = timeline_of(stage(0, "open"), stage(3, "fixed"), release_mark(4, "4.2", out=10), activity(90))
    assert (folded.stage, folded.planned_version, folded.planned_on) == (Stage.FIXED, "4.2", text(10))


def test_a_second_mark_of_a_released_bug_changes_nothing() -> None:
    """It is out since the first."""
    events = [stage(0, "open"), stage(3, "fixed"), release_mark(5, "4.2")]
    assert timeline_of(*events, release_mark(8, "4.3")) == timeline_of(*events)


def test_a_workaround_is_news_at_any_stage() -> None:
    """It helps whoever still meets the bug."""
    assert news_of(stage(0, "released"), workaround(4))[-1] == (4, News.WORKAROUND)


def test_what_happened_at_once_follows_the_order_in_which_it_was_learned() -> None:
    """Reopened and fixed again in one second ends fixed."""
    again = [replace(stage(3, "open"), seq=20), replace(stage(3, "fixed"), seq=10)]
    assert timeline_of(stage(0, "open"), *again).stage is Stage.OPEN


@given(HISTORIES, st.randoms(use_true_random=False))
def test_a_timeline_does_not_depend_on_the_order_of_its_input(events: list[Event], chance: Random) -> None:
    """Only on when things happened and, at once, on when we learned of them."""
    ordered = bug_history(*events)
    shuffled = replace(
        ordered,
        issue_facts=tuple(chance.sample(ordered.issue_facts, len(ordered.issue_facts))),
        bug_events=tuple(chance.sample(ordered.bug_events, len(ordered.bug_events))),
    )
    assert timeline(shuffled) == timeline(ordered)


@given(HISTORIES)
def test_a_bug_is_fixed_released_or_declined_since_an_instant_exactly_while_it_is(events: list[Event]) -> None:
    """The audit's instants and the stage never disagree."""
    folded = timeline_of(*events)
    assert (folded.fixed_at is not None, folded.released_at is not None, folded.declined_at is not None) == (
        folded.stage in {Stage.FIXED, Stage.RELEASED},
        folded.stage is Stage.RELEASED,
        folded.stage is Stage.DECLINED,
    )
