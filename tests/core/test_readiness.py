"""Ready is who works and was well within three intervals."""

from datetime import UTC, datetime, timedelta

from bugbridge.core.readiness import LEAST_ALLOWED, Unready, Watched, unready

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
DAY = timedelta(days=1)


def late(interval: timedelta, ago: timedelta | None) -> tuple[Unready, ...]:
    """Judge one job, well so long ago."""
    job = Watched("plan", interval, None if ago is None else NOW - ago)
    return unready(working=True, jobs=[job], sources=[], now=NOW)


def test_a_job_may_be_three_intervals_late() -> None:
    """A moment longer, and a person should look."""
    assert late(DAY, 3 * DAY) == ()
    too_long = 3 * DAY + timedelta(seconds=1)
    assert late(DAY, too_long) == (Unready("job plan", "late", NOW - too_long),)


def test_a_quick_job_may_take_minutes() -> None:
    """Three intervals of ten seconds are over before a busy helpdesk has answered once."""
    second = timedelta(seconds=1)
    assert late(10 * second, LEAST_ALLOWED) == ()
    assert late(10 * second, LEAST_ALLOWED + second) != ()


def test_what_never_succeeded_isnt_ready() -> None:
    """Nobody knows yet whether it works."""
    assert late(DAY, None) == (Unready("job plan", "never"),)


def test_a_clock_set_back_makes_nothing_late() -> None:
    """A success in the future is a recent one."""
    assert late(DAY, -timedelta(hours=1)) == ()


def test_a_source_is_late_as_a_job_is_and_nobody_working_is_said_first() -> None:
    """All that isn't ready is listed."""
    source = Watched("github", timedelta(minutes=1), NOW - DAY)
    found = unready(working=False, jobs=[], sources=[source], now=NOW)
    assert found == (Unready("daemon", "nobody"), Unready("source github", "late", NOW - DAY))
