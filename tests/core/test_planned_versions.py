"""What becomes of a version that a tracker plans, where its dates may be told."""

from dataclasses import replace

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN
from bugbridge.core.events import Event, FactEvent
from bugbridge.core.facts import fold_link
from bugbridge.core.model import ClosedAs, FactKind, News
from bugbridge.core.snapshots import IssueSnapshot, TrackerChange, TrackerState
from bugbridge.core.stages import NewsEvent, planned_facts, release_mark_value, timeline
from tests.core.builders import (
    ISSUE,
    POLICY,
    REFERENCE,
    bug_history,
    day,
    link_history,
    news_of,
    planned,
    release,
    release_mark,
    stage,
    text,
    timeline_of,
)

FIXED = (stage(0, "open"), stage(3, "fixed"))
PART = 77


def plan_of(*events: Event) -> tuple[str, str]:
    """The plan that holds in the end."""
    folded = timeline_of(*events)
    return folded.planned_version, folded.planned_on


def test_a_version_planned_for_a_fixed_bug_is_news_once() -> None:
    """With its day, of which a draft may tell."""
    events = (*FIXED, planned(4, "4.2", out=10), planned(6, "4.2", out=10))
    assert news_of(*events) == [(3, News.FIXED), (4, News.RELEASE_PLANNED)]
    assert plan_of(*events) == ("4.2", text(10))


@pytest.mark.parametrize(("version", "out"), [("4.3", 10), ("4.2", 12), ("4.3", 12)])
def test_another_version_or_another_day_has_moved_the_release(version: str, out: float) -> None:
    """Whoever was told the old one is to hear of it."""
    events = (*FIXED, planned(4, "4.2", out=10), planned(6, version, out=out))
    assert news_of(*events)[2:] == [(6, News.RELEASE_MOVED)]
    assert plan_of(*events) == (version, text(out))


def test_a_plan_that_is_gone_is_forgotten_without_news() -> None:
    """A new one afterwards is planned, not moved."""
    events = (*FIXED, planned(4, "4.2", out=10), planned(6))
    assert (news_of(*events)[2:], plan_of(*events)) == ([], ("", ""))
    assert news_of(*events, planned(7, "4.3", out=20))[2:] == [(7, News.RELEASE_PLANNED)]


def test_news_of_a_plan_that_is_gone_is_told_no_more() -> None:
    """What nobody heard of needn't be taken back; the fix itself is still to be told."""
    gone = fold_link(link_history(*FIXED, planned(4, "4.2", out=10), planned(6)), day(7), POLICY, ALWAYS_OPEN)
    there = fold_link(link_history(*FIXED, planned(4, "4.2", out=10)), day(7), POLICY, ALWAYS_OPEN)
    assert [item.news for item in gone.untold] == [News.FIXED]
    assert [item.news for item in there.untold] == [News.FIXED, News.RELEASE_PLANNED]


def test_a_plan_known_before_the_fix_is_news_at_the_fix() -> None:
    """Until then there is nothing that it could bring."""
    before = (stage(0, "open"), planned(1, "4.2", out=10))
    folded = timeline_of(*before, stage(3, "fixed"))
    fixed = stage(3, "fixed")
    assert (news_of(*before), plan_of(*before)) == ([], ("", ""))
    assert folded.news == (
        NewsEvent(day(3), fixed.seq, News.FIXED),
        NewsEvent(day(3), fixed.seq, News.RELEASE_PLANNED, "4.2"),
    )


@pytest.mark.parametrize("events", [(planned(1, "4.2", out=1), *FIXED), (*FIXED, planned(5, "4.2", out=3))])
def test_a_plan_whose_day_is_over_is_none(events: tuple[Event, ...]) -> None:
    """Versions stay unreleased in a tracker long after their day, and such a date would be untrue when told."""
    assert (News.RELEASE_PLANNED in dict(news_of(*events)).values(), plan_of(*events)) == (False, ("", ""))


def test_the_day_of_the_plan_itself_still_counts() -> None:
    """It may well come out today."""
    assert plan_of(*FIXED, planned(10.5, "4.2", out=10)) == ("4.2", text(10))


def test_a_reopening_forgets_the_plan_until_it_is_seen_again() -> None:
    """The next fix may go elsewhere."""
    again = (*FIXED, planned(4, "4.2", out=20), stage(5, "open"), stage(6, "fixed"))
    assert (news_of(*again)[-1], plan_of(*again)) == ((6, News.FIXED), ("", ""))
    assert news_of(*again, planned(7, "4.2", out=20))[-1] == (7, News.RELEASE_PLANNED)


def test_a_persons_date_holds_until_the_tracker_says_something_new() -> None:
    """The later word counts, but the tracker takes back only its own."""
    by_hand = (*FIXED, planned(4, "4.2", out=10), release_mark(5, "4.2", out=15))
    assert plan_of(*by_hand, planned(6)) == ("4.2", text(15))
    assert plan_of(*by_hand, planned(6, "4.3", out=18)) == ("4.3", text(18))


def test_a_release_ends_the_plan() -> None:
    """It is out, and no date lies ahead."""
    events = (*FIXED, planned(4, "4.2", out=10), release(9, "4.2"), stage(9.1, "released"), planned(9.2))
    assert [news for _, news in news_of(*events)] == [News.FIXED, News.RELEASE_PLANNED, News.RELEASED]
    assert plan_of(*events) == ("", "")


def part(event: FactEvent) -> FactEvent:
    """The same of the bug's other part."""
    return replace(event, entity_id=PART, source_key=f"part:{event.source_key}", seq=event.seq + 1)


def test_a_bug_with_parts_is_planned_for_when_the_last_of_them_is() -> None:
    """Half of it on the first day would be no fix; a part without a date leaves all of it without one."""
    whole = bug_history(*FIXED, planned(4, "4.2", out=10))
    undated = replace(whole, part_facts=tuple(part(fact) for fact in FIXED))
    dated = replace(undated, part_facts=(*undated.part_facts, part(planned(5, "7.0", out=12))))
    assert [timeline(bug).planned_version for bug in (whole, undated, dated)] == ["4.2", "", "7.0"]


def seen(version: str = "", *, reopened_on: float | None = None) -> IssueSnapshot:
    """An issue fixed on day 3, and planned for day 10 in this version."""
    history = [TrackerChange(day(0), TrackerState()), TrackerChange(day(3), TrackerState(ClosedAs.FIXED))]
    if reopened_on is not None:
        history.append(TrackerChange(day(reopened_on), TrackerState()))
    planned_on = day(10) if version else None
    return IssueSnapshot(
        REFERENCE, "12", day(0), day(5), history=tuple(history), planned_version=version, planned_on=planned_on
    )


@pytest.mark.parametrize(
    ("shown", "known", "expected"),
    [
        (seen(), None, []),
        (seen("4.2"), None, ["4.2"]),
        (seen("4.2"), planned(4, "4.2", out=10), []),
        (seen("4.3"), planned(4, "4.2", out=10), ["4.3"]),
        (seen(), planned(4, "4.2", out=10), [""]),
        (seen("4.2", reopened_on=5), planned(4, "4.2", out=10), ["4.2"]),
        (seen("4.2", reopened_on=5), planned(6, "4.2", out=10), []),
        (seen(reopened_on=5), planned(4), []),
    ],
)
def test_a_plan_is_stated_when_it_changed_or_was_seen_since_a_reopening(
    shown: IssueSnapshot, known: FactEvent | None, expected: list[str]
) -> None:
    """From the moment that we saw it on: no tracker says when it was made."""
    facts = list(planned_facts(ISSUE, shown, known, day(8)))
    values = [release_mark_value(version, day(10)) if version else "" for version in expected]
    assert [(fact.kind, fact.value, fact.occurred_at) for fact in facts] == [
        (FactKind.VERSION, value, day(8)) for value in values
    ]
