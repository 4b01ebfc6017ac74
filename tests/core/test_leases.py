"""Who may take a lease, whatever happened to the clocks."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.leases import Claim, claim_on, clock_jump, is_held, moved_with_the_clock
from bugbridge.core.records import Lease

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
LASTS = timedelta(seconds=60)
HOUR = timedelta(hours=1)
AT_FIRST_SIGHT = timedelta(0)


def lease(until: timedelta, holder: str = "elsewhere:1") -> Lease:
    """Give a lease that ends so long from now."""
    return Lease("daemon", holder, 3, NOW + until)


def claim(until: timedelta, watched: timedelta = AT_FIRST_SIGHT, *, died: bool = False) -> Claim:
    """Judge a lease that somebody holds."""
    return claim_on(lease(until), NOW, LASTS, watched=watched, holder_died=died)


def test_nobodys_lease_is_taken() -> None:
    """There was never one, or it was given back."""
    assert claim_on(None, NOW, LASTS, watched=AT_FIRST_SIGHT, holder_died=False) is Claim.TAKE
    assert claim_on(lease(LASTS, ""), NOW, LASTS, watched=AT_FIRST_SIGHT, holder_died=False) is Claim.TAKE


def test_a_lease_that_runs_is_left_alone_and_one_that_ran_out_is_taken() -> None:
    """At first sight the clock is all there is."""
    assert [claim(timedelta(seconds=1)), claim(LASTS), claim(timedelta(0)), claim(-HOUR)] == [
        Claim.LEAVE,
        Claim.LEAVE,
        Claim.TAKE,
        Claim.TAKE,
    ]


def test_a_dead_holders_lease_is_taken_at_once() -> None:
    """Also where its end lies an hour ahead, since the clock was set back."""
    assert [claim(LASTS, died=True), claim(HOUR, died=True)] == [Claim.TAKE, Claim.TAKE]


def test_a_lease_of_another_clock_is_watched_and_never_waited_for() -> None:
    """No holder writes an end further ahead than a lease lasts; one that doesn't renew it is gone within that time."""
    assert [claim(HOUR), claim(HOUR, LASTS / 2), claim(HOUR, LASTS)] == [Claim.WATCH, Claim.WATCH, Claim.TAKE]


def test_a_clock_set_forward_takes_no_lease_from_a_holder_that_was_watched() -> None:
    """Seen to change a moment ago, it is renewed; its end in the past only says that a clock was set."""
    assert claim(-HOUR, timedelta(seconds=5)) is Claim.LEAVE


@given(st.integers(-100_000, 100_000), st.integers(0, 59))
def test_a_holder_that_renews_keeps_its_lease_from_a_standby(until: int, watched: int) -> None:
    """Whatever the clock says: what was seen to change within the time that a lease lasts is never taken."""
    seen = timedelta(seconds=watched, microseconds=1)
    assert claim(timedelta(seconds=until), seen) is not Claim.TAKE


@given(st.integers(-100_000, 100_000), st.integers(60, 100_000))
def test_a_holder_that_renews_no_more_loses_its_lease(until: int, watched: int) -> None:
    """Whatever the clock says."""
    assert claim(timedelta(seconds=until), timedelta(seconds=watched)) is Claim.TAKE


def test_a_lease_says_whether_somebody_works() -> None:
    """One that was given back or ran out doesn't."""
    leases = [None, lease(LASTS), lease(LASTS, ""), lease(timedelta(0))]
    assert [is_held(one, NOW) for one in leases] == [False, True, False, False]


def test_a_clock_that_was_set_is_told_from_one_that_is_corrected() -> None:
    """Two clocks that part by two seconds or more between two looks were parted by somebody."""
    jumps = [clock_jump(wall, 5.0) for wall in (5.0, 6.9, 3.1, 3605.0, -3595.0)]
    assert jumps == [timedelta(0), timedelta(0), timedelta(0), HOUR, -HOUR]


def test_after_a_clock_set_back_jobs_run_as_soon_as_they_would_have() -> None:
    """What was to run in a minute runs in a minute, not in an hour and a minute."""
    before = NOW + HOUR  # the present, by the clock as it was
    minute = timedelta(minutes=1)
    assert moved_with_the_clock(before + minute, -HOUR, NOW) == NOW + minute
    assert moved_with_the_clock(NOW + minute, -HOUR, NOW) == NOW


def test_after_a_sleep_what_fell_due_meanwhile_is_due() -> None:
    """A clock that jumped forward moves nothing away."""
    assert moved_with_the_clock(NOW - timedelta(minutes=59), HOUR, NOW) == NOW - timedelta(minutes=59)
