"""Whether BugBridge does its work: every job and every source was well within three of its intervals.

At least five minutes are allowed, since a job that runs every ten seconds may well take a minute once. Jobs count from
their last success, so a restart changes nothing; one that never succeeded isn't ready.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

INTERVALS = 3
LEAST_ALLOWED = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Watched:
    """A job or a source that has to be well every `interval`."""

    name: str
    interval: timedelta
    last_ok_at: datetime | None


@dataclass(frozen=True, slots=True)
class Unready:
    """What isn't ready, and why: `never` was it well, `late` since too long, `nobody` works; `since` when."""

    what: str
    why: str
    since: datetime | None = None


def unready(
    *, working: bool, jobs: Sequence[Watched], sources: Sequence[Watched], now: datetime
) -> tuple[Unready, ...]:
    """Give all that isn't ready; nothing where all is. `working` says whether a daemon holds the lease."""
    nobody = () if working else (Unready("daemon", "nobody"),)
    late_jobs = _late((Watched(f"job {job.name}", job.interval, job.last_ok_at) for job in jobs), now)
    late_sources = _late((Watched(f"source {one.name}", one.interval, one.last_ok_at) for one in sources), now)
    return (*nobody, *late_jobs, *late_sources)


def allowed_age(interval: timedelta) -> timedelta:
    """Say how long ago the last success of something may be that is done every `interval`."""
    return max(INTERVALS * interval, LEAST_ALLOWED)


def _late(watched: Iterator[Watched], now: datetime) -> Iterator[Unready]:
    for one in watched:
        if one.last_ok_at is None:
            yield Unready(one.name, "never")
        elif now - one.last_ok_at > allowed_age(one.interval):
            yield Unready(one.name, "late", one.last_ok_at)
