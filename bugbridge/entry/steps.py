"""One run of one job: only while the lease is ours, with an id of its own, and with its failure kept and waited on."""

import logging
import secrets
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import TYPE_CHECKING

from bugbridge.core.errors import BugBridgeError, RemoteError
from bugbridge.core.job_runs import FAILING_FROM, wait_after
from bugbridge.entry.jobs import Job, run
from bugbridge.entry.logs import Cycle, in_cycle, where
from bugbridge.entry.sentences import counted, tally
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.entry.jobs import Result

MISTAKE = "mistake"

log = logging.getLogger("bugbridge.daemon")


class Steps:
    """Runs jobs one turn at a time; a job that fails stops no other.

    `app` gives the present configuration, `may_run` says whether anything may be done at all, and `put_off` has a job
    wait.
    """

    def __init__(
        self, app: "Callable[[], App]", may_run: Callable[[], bool], put_off: Callable[[str, timedelta], None]
    ) -> None:
        """Begin with no failures: whoever started us anew wants everything tried."""
        self._app, self._may_run, self._put_off = app, may_run, put_off
        self._failures: dict[str, int] = {}

    def forget_failures(self) -> None:
        """Try everything as if it had never failed."""
        self._failures.clear()

    def take(self, job: Job) -> None:
        """Run a job once; it never raises."""
        with in_cycle(Cycle(job.name, secrets.token_hex(4))):
            began = time.monotonic()
            try:
                if not self._may_run():
                    return
                result = run(self._app(), job)
            except BugBridgeError as error:
                self._failed(job, error, clean(str(error)), time.monotonic() - began)
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the daemon
                sentence = f"failed by a mistake in BugBridge ({where(error)}); please report it"
                self._failed(job, error, sentence, time.monotonic() - began)
            else:
                self._succeeded(job, result)

    def _succeeded(self, job: Job, result: "Result") -> None:
        """Say what was done, and what went wrong with single tickets or people, which is tried again by itself."""
        failures, done = self._failures.pop(job.name, 0), tally(asdict(result))
        for problem in getattr(result, "problems", ()):
            log.warning("%s: %s", job.name, clean(problem))
        log.log(logging.INFO if done else logging.DEBUG, "%s: %s", job.name, done or "nothing to do")
        if failures:
            log.info("%s: well again after %s", job.name, counted(failures, "failure"))

    def _failed(self, job: Job, error: Exception, sentence: str, seconds: float) -> None:
        """Say it, wait, and keep both; where even that can't be kept, the failure that was said is why."""
        failures = self._failures[job.name] = self._failures.get(job.name, 0) + 1
        asked = error.retry_after if isinstance(error, RemoteError) else None
        chance = secrets.SystemRandom().random()
        wait = wait_after(failures, timedelta(seconds=job.seconds), chance=chance, asked=asked)
        is_mistake = not isinstance(error, BugBridgeError)
        level = logging.ERROR if is_mistake or failures >= FAILING_FROM else logging.WARNING
        log.log(level, "%s: %s", job.name, sentence)
        if failures > 1:
            told = "%s: failed %s in a row; tried again in %d s"
            log.warning(told, job.name, counted(failures, "time"), wait.total_seconds())
        self._put_off(job.name, wait)
        self._keep(job, MISTAKE if is_mistake else type(error).__name__, wait, seconds)

    def _keep(self, job: Job, problem: str, wait: timedelta, seconds: float) -> None:
        app = self._app()
        now = app.clock.now()
        try:
            app.store.record_failure(job.name, now, problem=problem, seconds=seconds, retry_at=now + wait)
        except BugBridgeError as error:
            log.warning("%s: that it failed couldn't be kept: %s", job.name, clean(str(error)))
