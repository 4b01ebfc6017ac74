"""The threads that follow hints as soon as they come, so that answering a webhook waits for nothing."""

import logging
import threading
from dataclasses import asdict
from typing import TYPE_CHECKING

from bugbridge.core.errors import BugBridgeError
from bugbridge.entry import jobs
from bugbridge.entry.logs import where
from bugbridge.entry.sentences import tally
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App

STOP_SECONDS = 10.0

log = logging.getLogger("bugbridge.serve")


class HintWorker:
    """Follows the hints of a tracker or helpdesk and plans, whenever it is woken; the daemon does what it can't."""

    def __init__(self, app: "App", name: str) -> None:
        """Keep what to work on; the first thing to do is what was left over."""
        self._app = app
        self._name = name
        self._awake = threading.Event()
        self._awake.set()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name=f"hints {name}", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def wake(self) -> None:
        """Say that a hint came; while one is being followed, it starts again afterwards."""
        self._awake.set()

    def stop(self) -> None:
        """Finish the hints under way; one that takes longer than ten seconds is left to the daemon."""
        self._stopping = True
        self.wake()
        self._thread.join(STOP_SECONDS)

    def _run(self) -> None:
        while self._awake.wait() and not self._stopping:
            self._awake.clear()
            try:
                self._work()
            except BugBridgeError as error:
                log.warning("hints %s: %s", self._name, clean(str(error)))
            except Exception as error:  # noqa: BLE001 - a mistake of ours must not end the thread
                sentence = "hints %s: failed by a mistake in BugBridge (%s); please report it"
                log.error(sentence, self._name, where(error))  # noqa: TRY400 - a traceback may quote an issue or ticket

    def _work(self) -> None:
        followed = asdict(jobs.run(self._app, jobs.hints_job(self._app, self._name)))
        log.info("hints %s: %s", self._name, tally(followed) or "nothing to follow")
        if any(followed.values()):
            jobs.run(self._app, self._planning())

    def _planning(self) -> jobs.Job:
        """Two processes that see two files would put theirs in force in turn, so the daemon alone takes its own."""
        taken = self._app.store.rulesets("policy")
        return jobs.decide_job(self._app) if taken else jobs.plan_job(self._app)
