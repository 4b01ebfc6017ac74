"""A bug with parts, and an issue that was closed without a word why."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.events import FactEvent
from bugbridge.core.model import ClosedAs, Entity, FactKind, News, Stage
from bugbridge.core.policy import decide
from bugbridge.core.policy_model import LinkFacts, Policy
from bugbridge.core.snapshots import IssueSnapshot, TrackerChange, TrackerState
from bugbridge.core.stages import RANK, Timeline, issue_facts, timeline
from tests.core.builders import REFERENCE, bug_history, day, fact, stage

PART = 77


def part_stage(on: float, value: Stage) -> FactEvent:
    """A part's stage from a day on."""
    event = stage(on, value)
    return replace(event, entity_id=PART, source_key=f"part:{event.source_key}")


def whole(primary: list[FactEvent], part: list[FactEvent]) -> Timeline:
    """The bug's timeline from its primary issue's and one part's facts."""
    return timeline(replace(bug_history(*primary), part_facts=tuple(part)))


@pytest.mark.parametrize(
    ("primary", "part", "expected"),
    [
        (Stage.RELEASED, Stage.RELEASED, Stage.RELEASED),
        (Stage.RELEASED, Stage.FIXED, Stage.FIXED),
        (Stage.FIXED, Stage.RELEASED, Stage.FIXED),
        (Stage.FIXED, Stage.OPEN, Stage.OPEN),
        (Stage.OPEN, Stage.RELEASED, Stage.OPEN),
        (Stage.RELEASED, Stage.DECLINED, Stage.RELEASED),
        (Stage.DECLINED, Stage.RELEASED, Stage.DECLINED),
        (Stage.IN_PROGRESS, Stage.FIXED, Stage.IN_PROGRESS),
    ],
)
def test_a_bug_is_as_far_as_its_least_far_part(primary: Stage, part: Stage, expected: Stage) -> None:
    """A part that was declined doesn't count; a primary issue that was declined decides."""
    facts = ([stage(0, Stage.OPEN), stage(2, primary)], [part_stage(0, Stage.OPEN), part_stage(3, part)])
    assert whole(*facts).stage is expected


def test_the_last_part_makes_the_news() -> None:
    """Customers hear of a release once, when all of it is out."""
    news = whole(
        [stage(0, Stage.OPEN), stage(2, Stage.RELEASED)], [part_stage(0, Stage.OPEN), part_stage(5, Stage.RELEASED)]
    ).news
    assert [(event.at, event.news) for event in news] == [(day(5), News.RELEASED)]


def test_a_part_that_comes_back_reopens_the_bug() -> None:
    """Half a fix is no fix."""
    primary = [stage(0, Stage.OPEN), stage(2, Stage.RELEASED)]
    part = [part_stage(0, Stage.OPEN), part_stage(2, Stage.RELEASED), part_stage(6, Stage.OPEN)]
    folded = whole(primary, part)
    assert (folded.stage, folded.news[-1].news, folded.fixed_at) == (Stage.OPEN, News.REOPENED, None)


@given(st.lists(st.sampled_from(list(RANK)), min_size=1, max_size=5), st.sampled_from(list(RANK)))
def test_no_part_takes_a_bug_further_than_its_primary_issue(stages: list[Stage], primary: Stage) -> None:
    """Whatever a part does, the bug is never further than its primary issue."""
    part = [part_stage(number + 1, value) for number, value in enumerate(stages)]
    folded = whole([stage(0, primary)], part)
    assert RANK[folded.stage] == min(RANK[primary], RANK[stages[-1]])


def test_an_issue_closed_for_a_reason_unknown_keeps_its_stage_and_says_so() -> None:
    """It is neither fixed nor declined; once a reason is given, that is over."""
    unknown = TrackerChange(day(2), TrackerState(ClosedAs.UNKNOWN))
    fixed = TrackerChange(day(4), TrackerState(ClosedAs.FIXED))
    changes = (TrackerChange(day(0), TrackerState()), unknown, fixed)
    folded = [
        timeline(bug_history(*issue_facts(12, IssueSnapshot(REFERENCE, "12", day(0), day(9), history=changes[:end]))))
        for end in (2, 3)
    ]
    assert [(one.stage, one.closed_unknown) for one in folded] == [(Stage.OPEN, True), (Stage.FIXED, False)]


def test_a_reason_unknown_is_asked_of_the_lead_once_for_the_bug() -> None:
    """Closed never counts as fixed by itself, so a person finds out; meanwhile matching goes on."""
    facts = LinkFacts(closed_unknown=True)
    asked = decide(facts, Policy())
    assert (asked.rule_id, asked.person.partition(":")[0], asked.once_per) == ("closed-unknown", "lead", "bug")
    assert decide(replace(facts, asked=frozenset({"closed-unknown"})), Policy()) == asked.also


def test_an_issue_without_a_status_was_not_closed_without_a_reason() -> None:
    """An empty status says nothing."""
    assert not timeline(bug_history(stage(0, Stage.OPEN), fact(1, Entity.ISSUE, FactKind.STATUS, ""))).closed_unknown


def test_an_issue_read_as_fixed_and_later_as_closed_for_a_reason_unknown_is_seen_to_be_reopened() -> None:
    """A tracker may tell the reason of the present closing alone; once that is over, the reopening is still news."""
    opened, reopened = TrackerChange(day(0), TrackerState()), TrackerChange(day(4), TrackerState())
    fixed, unknown = (TrackerChange(day(2), TrackerState(reason)) for reason in (ClosedAs.FIXED, ClosedAs.UNKNOWN))
    readings = [(opened, fixed), (opened, unknown, reopened)]
    facts = {
        each.source_key: each
        for history in readings
        for each in issue_facts(12, IssueSnapshot(REFERENCE, "12", day(0), day(9), history=history))
    }
    folded = timeline(bug_history(*facts.values()))
    assert (folded.stage, [event.news for event in folded.news]) == (Stage.OPEN, [News.FIXED, News.REOPENED])
