"""The report over the bugs fixed last."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit import measure
from bugbridge.core.audit_buckets import EDGES, buckets_of
from bugbridge.core.audit_model import (
    Audit,
    Bucket,
    By,
    Exclusion,
    Group,
    LeftOut,
    Question,
    ResolvedBug,
    Trust,
    Waiting,
)
from bugbridge.core.audit_tally import MOST_LISTED
from bugbridge.core.model import Frequency
from bugbridge.core.spread import Spread, spread_of
from bugbridge.core.survival import BugLife
from tests.core.builders import day

NOW = day(1000)
EVERYTHING = Question(by=tuple(By))
DAYS = st.lists(st.integers(0, 3000), max_size=40)
WAITS = st.builds(
    Waiting,
    links=st.integers(0, 3),
    replies=st.integers(5, 9),
    asked_for=st.integers(0, 5),
    updates=st.integers(3, 60),
    newsful=st.integers(0, 3),
    news=st.integers(0, 60),
)
BUGS = st.lists(
    st.builds(
        lambda days, fixed, tiers, labels, waiting, updates: bug(
            days, fixed=fixed, tiers=tiers, labels=labels, waiting=waiting, updates=updates
        ),
        st.integers(-2, 400),
        st.integers(400, 1000),
        st.sets(st.sampled_from("abc")).map(tuple),
        st.lists(st.sampled_from("xyz"), max_size=3).map(tuple),
        st.none() | WAITS,
        st.none() | st.integers(0, 9),
    ),
    max_size=30,
)


def bug(days: float, *, fixed: float = 900, **facts: Any) -> ResolvedBug:
    """A bug that took so many days from report to fix."""
    return ResolvedBug("github:acme/app#12", day(fixed - days), day(fixed), **facts)


def bugs(*days: float) -> list[ResolvedBug]:
    """Bugs that took so many days each."""
    return [bug(each) for each in days]


def no_lives(_since: datetime | None) -> Iterable[BugLife]:
    """Nothing is known of other bugs."""
    return ()


def audit(
    given_bugs: Iterable[ResolvedBug],
    question: Question = EVERYTHING,
    lives: Callable[[datetime | None], Iterable[BugLife]] = no_lives,
    excluded: Sequence[Exclusion] = (),
) -> Audit:
    """The audit of these bugs as of day 1000."""
    return measure(question, NOW, given_bugs, lives, excluded)


def groups(found: Audit, by: By) -> dict[str, int]:
    """How many bugs are in each group of one kind, in the order of the report."""
    return {group.name: group.days_to_fix.n for group in found.groups if group.by is by}


def test_days_are_elapsed_days_with_their_fractions() -> None:
    """Business hours are for reply times."""
    assert audit(bugs(1.5, 2, 3, 4, 5)).days_to_fix.p25 == 2
    assert [one.days for one in audit(bugs(1.5)).bugs] == [1.5]


def test_under_five_bugs_there_is_a_list_and_no_figure() -> None:
    """A median of four says less than the four."""
    found = audit(bugs(1, 2, 3, 4))
    assert (found.n, found.days_to_fix, len(found.bugs), found.trust) == (4, Spread(4), 4, Trust.NEITHER)


def test_no_resolved_bug_at_all_is_an_audit_too() -> None:
    """On the first day there is nothing to report, and that is said."""
    assert audit([]) == Audit(made_at=NOW, question=EVERYTHING)


def test_a_bug_fixed_before_it_was_reported_is_counted_and_not_measured() -> None:
    """Its days would be negative; silence about it would be a lie."""
    early = [replace(bug(-number), reference=f"github:acme/app#{number}") for number in range(1, 6)]
    known = Exclusion(LeftOut.NO_TICKET, 7)
    found = audit([*early, *bugs(1, 2, 3, 4, 5)], excluded=[known])
    examples = ("github:acme/app#1", "github:acme/app#2", "github:acme/app#3")
    assert (found.n, found.days_to_fix.median, len(found.bugs)) == (5, 3, 5)
    assert found.excluded == (known, Exclusion(LeftOut.FIXED_BEFORE_REPORTED, 5, examples))


def test_where_nothing_is_excluded_nothing_is_said_of_it() -> None:
    """No line that counts zero; a fix at the moment of the report took no time, and is one."""
    found = audit(bugs(0))
    assert (found.excluded, found.n) == ((), 1)


def test_bugs_stay_in_the_order_in_which_they_came() -> None:
    """The latest fix first, as they were gathered."""
    given_bugs = [bug(5, fixed=9), bug(1, fixed=3), bug(2, fixed=1)]
    assert audit(given_bugs).bugs == tuple(given_bugs)


def test_the_first_thousand_bugs_are_listed_and_all_are_measured() -> None:
    """A list is for reading."""
    found = audit(bug(number % 7) for number in range(MOST_LISTED + 5))
    assert (found.n, len(found.bugs)) == (1005, 1000)


def test_the_ten_slowest_are_named_the_slowest_first() -> None:
    """Of equally slow ones those that were fixed last."""
    given_bugs = [replace(bug(number % 20), reference=str(number)) for number in range(40)]
    expected = ["19", "39", "18", "38", "17", "37", "16", "36", "15", "35"]
    assert [one.reference for one in audit(given_bugs).slowest] == expected


def test_the_first_close_is_measured_where_it_is_known() -> None:
    """What was reopened closed sooner at first; a first close before the report says nothing of a wait."""
    again = [replace(one, first_fixed_at=day(900 - 5)) for one in bugs(10, 20, 30, 40, 50)]
    found = audit([*again, bug(99), replace(bug(3), first_fixed_at=day(890))])
    assert (found.days_to_first_close.n, found.days_to_first_close.median) == (5, 25)


def test_the_share_reopened_is_of_those_whose_closes_are_known() -> None:
    """Closed as fixed twice or more often."""
    closes = (1, 2, 3, 1, None, None)
    assert audit(bug(5, closes=each) for each in closes).reopened_share == 0.5
    assert audit(bugs(5)).reopened_share is None


def test_bugs_that_are_not_released_still_wait() -> None:
    """They count in the median for what is known: fixed 100 days ago, reported 10 days before that."""
    released = [bug(10, released_at=day(890 + wait)) for wait in (11, 12, 13, 14, 15)]
    found = audit([*released, *bugs(*[10] * 4)])
    assert (found.days_to_release.n, found.days_to_release.median, found.unreleased) == (5, 13, 4)
    assert found.release_median.days == 15


def test_a_release_as_the_bug_was_reported_was_no_wait() -> None:
    """It is among the times, and not in the median of those that waited; one at this moment is out."""
    released = [bug(10, released_at=day(890)), bug(110, fixed=1000, released_at=NOW)]
    found = audit(released)
    assert (found.days_to_release.n, found.unreleased, found.release_median.days) == (2, 0, 110)


def test_nobody_knows_half_where_most_are_not_released() -> None:
    """Two of six are: the median is not reached."""
    found = audit([*(bug(10, released_at=day(895)) for _ in range(2)), *bugs(10, 10, 10, 10)])
    assert (found.release_median.days, found.release_median.upper, found.unreleased) == (None, None, 4)


@pytest.mark.parametrize("released", [880, 1001])
def test_a_release_before_the_report_or_after_now_is_none(released: float) -> None:
    """The first can't hold a fix that came after it, and the second isn't out."""
    found = audit([bug(10, released_at=day(released))])
    assert (found.unreleased, found.days_to_release.n) == (1, 0)


def test_each_frequency_has_its_figures_and_those_without_bugs_have_none() -> None:
    """In their own order; updates are counted where there are too few bugs for figures."""
    often = [bug(each, frequency=Frequency.FREQUENT, updates=2) for each in range(11)]
    found = audit([bug(90, frequency=Frequency.INFREQUENT), *often], Question(by=(By.FREQUENCY,)))
    assert found.groups == (
        Group(By.FREQUENCY, "frequent", spread_of(range(11)), 22),
        Group(By.FREQUENCY, "infrequent", Spread(1)),
    )


def test_a_bug_counts_in_the_group_of_each_of_its_tiers_brands_and_labels() -> None:
    """Once in each, and where it has none, in the group without a name."""
    found = audit([bug(5, tiers=("pro", "free", "pro"), labels=("ui",), tracker="github"), bug(5, tiers=("pro",))])
    assert groups(found, By.TIER) == {"pro": 2, "free": 1}
    assert groups(found, By.LABEL) == {"": 1, "ui": 1}
    assert groups(found, By.TRACKER) == {"": 1, "github": 1}
    assert groups(found, By.BRAND) == {"": 2}


def test_quarters_are_those_of_the_fix_in_utc_in_order_of_time() -> None:
    """A fix at one in the morning of 1 April in Berlin was still in March."""
    fixes = ["2026-04-01T01:00:00+02:00", "2026-04-01T00:00:00+00:00", "2025-12-31T23:59:59+00:00"]
    found = audit(ResolvedBug("a", day(-999), datetime.fromisoformat(each)) for each in fixes)
    assert list(groups(found, By.QUARTER)) == ["2025-Q4", "2026-Q1", "2026-Q2"]


def test_only_what_was_asked_for_is_grouped() -> None:
    """In the order of the question."""
    found = audit(bugs(1), Question(by=(By.LABEL, By.FREQUENCY)))
    assert [group.by for group in found.groups] == [By.LABEL, By.FREQUENCY]


def test_the_twenty_largest_groups_are_listed_and_the_others_counted() -> None:
    """The largest first; of quarters the latest, so that none is missing between."""
    labelled = [bug(1, labels=(f"label {number:02}",)) for number in range(23) for _ in range(number + 1)]
    found = audit(labelled)
    listed = list(groups(found, By.LABEL))
    assert (listed[0], listed[-1], len(listed), found.groups_left_out) == ("label 22", "label 03", 20, {By.LABEL: 3})
    found = audit(bug(1, fixed=number * 92) for number in range(25))
    assert (list(groups(found, By.QUARTER))[-1], found.groups_left_out) == ("2032-Q1", {By.QUARTER: 5})


def test_times_are_counted_in_spans_that_people_think_in() -> None:
    """From the first span with a bug to the last; a time on an edge belongs to the longer span."""
    assert buckets_of([0.5, 0.99, 7, 20]) == (
        Bucket(0.25, 1, 2),
        Bucket(1, 3, 0),
        Bucket(3, 7, 0),
        Bucket(7, 14, 1),
        Bucket(14, 30, 1),
    )


def test_times_beyond_all_spans_are_in_one_without_an_end() -> None:
    """Sixteen years and more; no time at all is in the first."""
    assert (buckets_of([6000]), buckets_of([0]), buckets_of([])) == (
        (Bucket(5844, None, 1),),
        (Bucket(0, 1 / 24, 1),),
        (),
    )


@given(st.lists(st.floats(0, 9000)))
def test_each_time_is_in_one_span(durations: list[float]) -> None:
    """They add up, follow each other, and begin and end where there are some."""
    buckets = buckets_of(durations)
    assert sum(bucket.count for bucket in buckets) == len(durations)
    assert [bucket.least for bucket in buckets[1:]] == [bucket.most for bucket in buckets[:-1]]
    assert all(bucket.count for bucket in (*buckets[:1], *buckets[-1:]))
    assert {bucket.least for bucket in buckets} <= set(EDGES)


def test_bugs_open_now_are_counted_by_age() -> None:
    """From the lives that the period asks for, once."""
    lives = [BugLife(day(1000 - age)) for age in (0.5, 2, 40, 41, 500)]
    found = audit([], lives=lambda _since: lives)
    assert [bucket.count for bucket in found.open_ages if bucket.count] == [1, 1, 2, 1]
    assert found.open_days.median == 40
    assert found.period is not None
    assert found.period.open == 5


@pytest.mark.parametrize(
    ("last", "since", "opens_at"),
    [
        (3, None, day(700)),
        (4, None, day(600)),
        (5, None, None),
        (None, None, None),
        (None, day(550), day(550)),
        (100, day(550), day(550)),
        (4, day(550), day(600)),
    ],
)
def test_the_period_opens_with_the_nth_latest_fix(
    last: int | None, since: datetime | None, opens_at: datetime | None
) -> None:
    """Where there are fewer, or all are asked for, when the question says, or with the first bug."""
    asked: list[datetime | None] = []

    def lives(moment: datetime | None) -> Iterator[BugLife]:
        asked.append(moment)
        yield BugLife(day(100))

    given_bugs = [bug(5, fixed=900), bug(5, fixed=800), bug(5, fixed=700), bug(-5, fixed=600)]
    found = audit(given_bugs[:last], Question(last=last, since=since), lives)
    assert asked == [opens_at]
    assert found.period is not None
    assert found.period.opens_at == opens_at


def test_bugs_from_the_first_to_the_last_year_are_measured() -> None:
    """Dates that only a broken export has are dates nevertheless."""
    ends = datetime(9999, 12, 31, 23, 59, tzinfo=UTC)
    old = ResolvedBug("a", datetime(1, 1, 1, tzinfo=UTC), ends)
    found = measure(EVERYTHING, ends, [old] * 5, lambda _since: [BugLife(old.reported_at, ends, "fixed")])
    assert (found.days_to_fix.median, found.fix_times) == (old.days, (Bucket(5844, None, 5),))
    assert groups(found, By.QUARTER) == {"9999-Q4": 5}


@given(BUGS)
def test_every_bug_is_measured_or_excluded(given_bugs: list[ResolvedBug]) -> None:
    """Nothing is dropped silently: the counts add up in every part of the report."""
    found = audit(given_bugs)
    assert found.n + sum(each.count for each in found.excluded) == len(given_bugs)
    assert found.days_to_fix == spread_of(one.days for one in given_bugs if one.days >= 0)
    assert sum(bucket.count for bucket in found.fix_times) == found.n
    assert found.days_to_release.n + found.unreleased == found.n
    assert found.replies.bugs + found.replies.unknown == found.n
    for by in (By.FREQUENCY, By.TRACKER, By.QUARTER):
        assert sum(groups(found, by).values()) == found.n


@given(BUGS)
def test_updates_are_the_same_by_group_and_in_all(given_bugs: list[ResolvedBug]) -> None:
    """Each bug is in one group of frequency, with what was sent and wasted."""
    found = audit(given_bugs, Question(by=(By.FREQUENCY,)))
    assert sum(group.updates for group in found.groups) == found.replies.updates
    assert sum(group.wasted for group in found.groups) == found.replies.wasted
    assert sum(group.known for group in found.groups) == found.replies.bugs
    assert found.replies.asked_for + found.replies.proactive == found.replies.replies


@given(BUGS)
def test_bugs_that_stream_by_make_the_same_report(given_bugs: list[ResolvedBug]) -> None:
    """They are read once, and none is asked for again."""
    assert audit(iter(given_bugs)) == audit(given_bugs)
