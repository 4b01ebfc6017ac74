"""The daemon: every step at its interval, each beside the others, until it is told to stop."""

import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from types import FrameType
from typing import TYPE_CHECKING

from bugbridge.app import process_name
from bugbridge.core.errors import BugBridgeError, RemoteError
from bugbridge.entry.jobs import Job, all_jobs, run
from bugbridge.entry.sentences import tally
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from apscheduler.events import JobExecutionEvent
    from apscheduler.schedulers.background import BackgroundScheduler

    from bugbridge.app import App
    from bugbridge.core.records import Lease

LEASE = "daemon"
LEASE_TIME = timedelta(seconds=60)
RENEWAL_SECONDS = 20

log = logging.getLogger("bugbridge.daemon")


class Daemon:
    """Runs one configuration's steps. A step that fails is logged in a sentence and stops no other."""

    def __init__(self, app: "App") -> None:
        """Keep the app; nothing runs yet."""
        self._app = app
        self._stopping = threading.Event()
        self._lost = ""

    def run(self) -> None:
        """Work until SIGTERM or SIGINT; then finish the steps under way.

        Raises RemoteError, naming the holder, where another daemon works on this database, also if it took over.
        """
        lease = self._take_lease()
        self._prepare()
        self._listen()
        scheduler = self._scheduler()
        scheduler.start()
        log.info("working as %s; stop with SIGTERM or Ctrl-C", lease.holder)
        try:
            self._hold(lease)
        finally:
            log.info("stopping once the steps under way are done")
            scheduler.shutdown(wait=True)
            self._app.store.give_back_lease(lease)
        if self._lost:
            raise RemoteError(self._lost)

    def stop(self) -> None:
        """Ask it to finish."""
        self._stopping.set()

    def _prepare(self) -> None:
        """Make the shared parts before threads use them; what is wrong with the configuration ends the daemon here."""
        for part in ("store", "policy", "calendar", "references", "renderer", "sender"):
            getattr(self._app, part)

    def _listen(self) -> None:
        def on_signal(_number: int, _frame: FrameType | None) -> None:
            self.stop()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, on_signal)

    def _scheduler(self) -> "BackgroundScheduler":
        from apscheduler.events import EVENT_JOB_ERROR
        from apscheduler.executors.pool import ThreadPoolExecutor
        from apscheduler.schedulers.background import BackgroundScheduler

        jobs = list(all_jobs(self._app, self._stopping.is_set))
        scheduler = BackgroundScheduler(
            timezone="UTC",
            executors={"default": ThreadPoolExecutor(max_workers=len(jobs))},
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
        )
        for job in jobs:
            at_once = datetime.now(UTC)
            scheduler.add_job(self._step(job), "interval", seconds=job.seconds, id=job.name, next_run_time=at_once)
        scheduler.add_listener(_say_mistake, EVENT_JOB_ERROR)
        return scheduler

    def _step(self, job: Job) -> Callable[[], None]:
        def step() -> None:
            if self._stopping.is_set():
                return
            try:
                done = tally(asdict(run(self._app, job)))
            except BugBridgeError as error:
                log.warning("%s: %s", job.name, clean(str(error)))
            else:
                log.log(logging.INFO if done else logging.DEBUG, "%s: %s", job.name, done or "nothing to do")

        return step

    def _take_lease(self) -> "Lease":
        store, now = self._app.store, self._app.clock.now()
        for lease in store.leases():
            if lease.name == LEASE and _is_dead(lease.holder):
                store.give_back_lease(lease)
        taken = store.take_lease(LEASE, process_name(), now=now, until=now + LEASE_TIME)
        if taken is None:
            raise RemoteError(self._taken())
        return taken

    def _taken(self) -> str:
        holder = next((lease.holder for lease in self._app.store.leases() if lease.name == LEASE), "somebody")
        return f"Another daemon works on {self._app.settings.database}: {holder} (computer:process); stop it first."

    def _hold(self, lease: "Lease") -> None:
        """Renew the lease until told to stop, or until another daemon has it."""
        while not self._stopping.wait(RENEWAL_SECONDS):
            now = self._app.clock.now()
            if self._app.store.take_lease(LEASE, lease.holder, now=now, until=now + LEASE_TIME) is None:
                self._lost = self._taken()
                self.stop()


def _say_mistake(event: "JobExecutionEvent") -> None:
    """A mistake of ours ends no other step; its text may quote a ticket, so only its kind and place are logged."""
    log.error("%s: failed by a mistake in BugBridge (%s); please report it", event.job_id, where(event.exception))


def _is_dead(holder: str) -> bool:
    """Whether it names a process of this computer that is no more: one that was killed gave nothing back."""
    host, _, process = holder.rpartition(":")
    if host != process_name().rpartition(":")[0]:
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def where(error: BaseException) -> str:
    """Name the kind and place of a mistake of ours; its text may quote a ticket."""
    place = error.__traceback__
    while place is not None and place.tb_next is not None:
        place = place.tb_next
    line = f" at {place.tb_frame.f_code.co_filename}:{place.tb_lineno}" if place else ""
    return f"{type(error).__name__}{line}"
