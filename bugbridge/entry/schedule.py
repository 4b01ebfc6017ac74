"""When each job runs: at its interval, later after a failure, and unmoved by a clock that is set."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from bugbridge.core.leases import clock_jump, moved_with_the_clock

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

    from bugbridge.entry.jobs import Job

# Each job has one thread at most; threads are only made as they are needed.
THREADS = 100
LATE = timedelta(seconds=30)

log = logging.getLogger("bugbridge.daemon")


class ClockWatch:
    """Notices that the machine's clock was set, by comparing it with one that nobody can set."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        """Begin now; both give seconds."""
        self._wall, self._steady = wall, steady
        self._last = (wall(), steady())

    def jump(self) -> timedelta:
        """Give by how much the clock was set since last asked; zero most of the time."""
        before, self._last = self._last, (self._wall(), self._steady())
        return clock_jump(self._last[0] - before[0], self._last[1] - before[1])


class Schedule:
    """Runs jobs beside each other, each at most once at a time."""

    def __init__(self) -> None:
        """Nothing runs yet."""
        self._jobs: dict[str, Job] = {}
        self._scheduler = _scheduler()
        self._ends = threading.Condition()
        self._under_way = 0
        self._is_stopping = False

    def start(self, jobs: "Sequence[Job]", step: "Callable[[Job], None]") -> None:
        """Begin, with every job at once; `step` is a job's turn."""
        self._step = step
        self.replace(jobs)
        self._scheduler.start()

    def replace(self, jobs: "Sequence[Job]") -> None:
        """Run these from now on, each once at once; those under way end as they were begun."""
        self._jobs = {job.name: job for job in jobs}
        for old in self._scheduler.get_jobs():
            if old.id not in self._jobs:
                self._scheduler.remove_job(old.id)
        for job in jobs:
            self._scheduler.add_job(
                self._run,
                "interval",
                (job.name,),
                seconds=job.seconds,
                id=job.name,
                next_run_time=datetime.now(UTC),
                replace_existing=True,
            )

    def put_off(self, name: str, wait: timedelta) -> None:
        """Run a job not before this wait is over, and then at its interval again."""
        from apscheduler.jobstores.base import JobLookupError

        with suppress(JobLookupError):  # it may have been taken out by a reload
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC) + wait)

    def follow_clock(self, jump: timedelta) -> None:
        """Move every job along with a clock that was set by this much; nothing to do for zero."""
        if not jump:
            return
        told = "the clock was set %s by %d s, or the computer slept; the jobs go on at their intervals"
        log.warning(told, "back" if jump < timedelta(0) else "forward", abs(jump).total_seconds())
        now = datetime.now(UTC)
        for job in self._scheduler.get_jobs():
            self._scheduler.modify_job(job.id, next_run_time=moved_with_the_clock(job.next_run_time, jump, now))

    def turns(self) -> bool:
        """Say whether jobs are still begun as they fall due; one that runs long is begun, and not late."""
        late_from = datetime.now(UTC) - LATE
        return all(job.next_run_time > late_from for job in self._scheduler.get_jobs())

    def stop(self, turn: timedelta, meanwhile: Callable[[], None]) -> None:
        """Begin no more, and wait for the steps under way; `meanwhile` is called after each turn that this takes.

        APScheduler would wait with a lock held that a step needs which fails meanwhile and is put off: for ever.
        """
        with self._ends:
            self._is_stopping = True
        self._scheduler.shutdown(wait=False)
        while not self._is_idle_within(turn):
            meanwhile()

    def _is_idle_within(self, turn: timedelta) -> bool:
        with self._ends:
            return self._ends.wait_for(lambda: not self._under_way, turn.total_seconds())

    def _run(self, name: str) -> None:
        job = self._begun(name)
        if job is None:
            return
        try:
            self._step(job)
        finally:
            with self._ends:
                self._under_way -= 1
                self._ends.notify_all()

    def _begun(self, name: str) -> "Job | None":
        """Give a job that is to run now: not one that a reload took out, and none once stopping has begun."""
        with self._ends:
            job = None if self._is_stopping else self._jobs.get(name)
            self._under_way += job is not None
        return job


def _scheduler() -> "BackgroundScheduler":
    from apscheduler.executors.pool import ThreadPoolExecutor
    from apscheduler.schedulers.background import BackgroundScheduler

    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # it warns of every step that outlasts its interval
    return BackgroundScheduler(
        timezone="UTC",
        executors={"default": ThreadPoolExecutor(max_workers=THREADS)},
        job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
    )
