"""A job that fails is tried again: later each time, never all at once, and never before the other side allows."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.job_runs import FAILING_FROM, LONGEST_PATIENCE, JobRun, wait_after

MINUTE = timedelta(minutes=1)
CHANCES = st.floats(0, 1, exclude_max=True)
FAILURES = st.integers(1, 10_000)
INTERVALS = st.integers(1, 86_400).map(lambda seconds: timedelta(seconds=seconds))


def test_waits_double_up_to_ten_minutes() -> None:
    """A job of each minute waits 1, 2, 4, 8, 10, 10 … minutes."""
    waits = [wait_after(failures, MINUTE) / MINUTE for failures in range(1, 8)]
    assert waits == [1, 2, 4, 8, 10, 10, 10]


def test_a_quick_job_is_tried_again_at_its_interval_and_a_daily_one_within_minutes() -> None:
    """The first wait is the interval, but no longer than a minute."""
    assert wait_after(1, timedelta(seconds=10)) == timedelta(seconds=10)
    assert wait_after(1, timedelta(days=1)) == MINUTE


def test_chance_makes_a_wait_up_to_a_quarter_longer() -> None:
    """Jobs that failed together don't come back together."""
    assert [wait_after(2, MINUTE, chance=chance) / MINUTE for chance in (0.0, 0.4, 1.0)] == [2.0, 2.2, 2.5]


def test_what_the_other_side_asks_for_is_honoured() -> None:
    """Even beyond our own longest wait; but a day is the most that anybody means."""
    assert wait_after(1, MINUTE, asked=timedelta(hours=1)) == timedelta(hours=1)
    assert wait_after(3, MINUTE, asked=timedelta(seconds=1)) == 4 * MINUTE
    assert wait_after(1, MINUTE, asked=timedelta(days=4000)) == LONGEST_PATIENCE


@given(FAILURES, INTERVALS, CHANCES)
def test_a_wait_grows_with_failures_and_is_bounded(failures: int, interval: timedelta, chance: float) -> None:
    """However often it failed, it is tried again within twelve and a half minutes, and never sooner than before."""
    wait = wait_after(failures, interval, chance=chance)
    assert timedelta(0) < wait <= timedelta(minutes=12.5)
    assert wait <= wait_after(failures + 1, interval, chance=chance)


def test_three_failures_in_a_row_are_for_a_person() -> None:
    """Fewer are repaired by the next try."""
    assert [JobRun("send", failures=count).is_failing for count in (0, FAILING_FROM - 1, FAILING_FROM)] == [
        False,
        False,
        True,
    ]
