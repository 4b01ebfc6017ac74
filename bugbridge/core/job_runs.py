"""How a job of the daemon's fares: what is kept of its runs, and how long to wait after it failed.

A job that fails is tried again after a wait that doubles with each failure in a row, up to ten minutes, and is up to a
quarter longer by chance, so that many jobs that failed together don't come back together. A wait that the other side
asked for is never cut short, unless it is longer than a day: nobody means that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=10)
LONGEST_PATIENCE = timedelta(days=1)
JITTER = 0.25
# Once or twice is a hiccup that the next try repairs; from here on a person should look.
FAILING_FROM = 3


@dataclass(frozen=True, slots=True)
class JobRun:
    """All that is kept of one job: counts since ever, `failures` in a row, and the last run's duration in seconds.

    `problem` is the kind of the last failure, such as RemoteError, and never its text; it and `retry_at` are empty
    again after a success.
    """

    name: str
    runs: int = 0
    failed_runs: int = 0
    failures: int = 0
    last_ok_at: datetime | None = None
    last_failed_at: datetime | None = None
    retry_at: datetime | None = None
    problem: str = ""
    seconds: float = 0.0

    @property
    def is_failing(self) -> bool:
        """Whether a person should look."""
        return self.failures >= FAILING_FROM


def wait_after(failures: int, interval: timedelta, *, chance: float = 0.0, asked: timedelta | None = None) -> timedelta:
    """Say how long to wait after this many failures in a row, of which there is at least one.

    `chance` is a number from 0 up to 1; `asked` is what the other side asked for, if it did.
    """
    first = min(interval, FIRST_WAIT)
    doublings = min(failures - 1, 20)  # by then any wait is the longest
    wait: timedelta = min(first * 2**doublings, LONGEST_WAIT) * (1 + JITTER * chance)
    return max(wait, min(asked or timedelta(0), LONGEST_PATIENCE))
