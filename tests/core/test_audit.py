"""The report over the last resolved bugs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.audit import Figures, ResolvedBug, measure, percentile
from bugbridge.core.model import Frequency
from tests.core.builders import day


def bug(
    days: float, *, reported: float = 0, frequency: Frequency = Frequency.INFREQUENT, updates_sent: int = 0
) -> ResolvedBug:
    """A bug that took so many days from report to fix."""
    return ResolvedBug(
        "github:acme/app#12", frequency, day(reported), day(reported + days), None, links=1, updates_sent=updates_sent
    )


def bugs(*days: float) -> list[ResolvedBug]:
    """Bugs that took so many days each."""
    return [bug(each) for each in days]


def test_the_figures_are_median_mean_ninetieth_percentile_and_worst() -> None:
    """Of 0 to 9 days and of 65: the worst moves the mean and not the median."""
    assert measure(bugs(65, *range(10)), {}).all == Figures(11, 0, 0, 5, 10, 9, 65)


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([1, 2, 3, 4, 5], 0.5, 3), ([1, 2, 3, 4], 0.5, 2.5), ([0, 10], 0.9, 9), ([7], 0.9, 7), ([1, 2, 3], 1, 3)],
)
def test_a_percentile_lies_on_the_line_between_its_neighbours(
    values: list[float], share: float, expected: float
) -> None:
    """Hyndman and Fan's type 7, as spreadsheets and numpy have it."""
    assert percentile(values, share) == pytest.approx(expected)


@given(st.lists(st.floats(0, 3000), min_size=1).map(sorted), st.floats(0, 1))
def test_a_percentile_never_leaves_the_values(values: list[float], share: float) -> None:
    """It is at least the least and at most the most, but for rounding."""
    found = percentile(values, share)
    assert found == pytest.approx(min(max(found, values[0]), values[-1]))


@given(st.lists(st.floats(0, 3000), min_size=5).map(sorted))
def test_the_half_percentile_is_the_median(days: list[float]) -> None:
    """Two ways to the same number."""
    assert percentile(days, 0.5) == pytest.approx(measure(bugs(*days), {}).all.median_days, abs=1e-6)


def test_days_are_elapsed_days_with_their_fractions() -> None:
    """Business hours are for reply times."""
    assert [one.days for one in measure(bugs(1.5), {}).bugs] == [1.5]


def test_under_five_bugs_there_is_a_list_and_no_figure() -> None:
    """A median of four says less than the four."""
    audit = measure(bugs(1, 2, 3, 4), {})
    assert (audit.all, len(audit.bugs)) == (Figures(4, 0), 4)
    assert audit.warning == "Too few resolved bugs for statistics: 4; here they are one by one."


@pytest.mark.parametrize(("count", "warned"), [(5, True), (19, True), (20, False), (100, False)])
def test_under_twenty_bugs_the_figures_come_with_a_warning(count: int, warned: bool) -> None:  # noqa: FBT001 (a test's parameter)
    """One more bug could move them a lot."""
    audit = measure(bugs(*range(count)), {})
    assert (audit.all.median_days is not None, bool(audit.warning)) == (True, warned)


def test_a_bug_fixed_before_it_was_reported_is_counted_and_not_measured() -> None:
    """Its days would be negative; silence about it would be a lie."""
    audit = measure([bug(-1), *bugs(1, 2, 3, 4, 5)], {"never linked to a ticket": 7})
    assert (audit.all.n, audit.all.median_days) == (5, 3)
    assert audit.excluded == {"never linked to a ticket": 7, "fixed before the first report": 1}


def test_where_nothing_is_excluded_nothing_is_said_of_it() -> None:
    """No line that counts zero."""
    assert measure(bugs(0), {}).excluded == {}


def test_each_frequency_has_its_figures_and_those_without_bugs_have_none() -> None:
    """Frequent bugs are fixed sooner, or should be."""
    often = [bug(each, frequency=Frequency.FREQUENT, updates_sent=2) for each in range(11)]
    audit = measure([*often, bug(90)], {})
    assert audit.by_frequency == {
        "frequent": Figures(11, 22, 0, 5, 5, 9, 10),
        "infrequent": Figures(1, 0),
    }


def test_updates_sent_are_added_up_even_where_there_are_too_few_bugs() -> None:
    """Counting needs no statistics."""
    assert measure([bug(1, updates_sent=3), bug(2, updates_sent=4)], {}).all == Figures(2, 7)


def test_no_resolved_bug_at_all_is_an_audit_too() -> None:
    """On the first day there is nothing to report, and that is said."""
    audit = measure([], {})
    assert (audit.all, audit.by_frequency, audit.bugs) == (Figures(0, 0), {}, ())
    assert audit.warning.startswith("Too few resolved bugs")


def test_bugs_stay_in_the_order_in_which_they_came() -> None:
    """The latest fix first, as they were gathered."""
    given_bugs = [bug(5, reported=9), bug(1, reported=3), bug(2)]
    assert measure(given_bugs, {}).bugs == tuple(given_bugs)
