"""What `/healthz`, `/readyz` and `/metrics` answer, whoever asks and whichever process is asked.

`/healthz`: a daemon lives; restart it otherwise. `/readyz`: all jobs and sources are well; wake a person otherwise.
`/metrics`: counts for Prometheus. All three come from the database, so the daemon and `serve` answer alike.
"""

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bugbridge.core.errors import BugBridgeError
from bugbridge.core.instants import instant_to_text
from bugbridge.entry.jobs import all_jobs, reading_jobs
from bugbridge.entry.metrics import CONTENT_TYPE, metrics_of
from bugbridge.render.plain import clean
from bugbridge.services.operating import Operation, observe

if TYPE_CHECKING:
    from bugbridge.app import App

JSON = "application/json"
WELL, UNWELL = 200, 503
log = logging.getLogger("bugbridge.health")
PATHS = ("/healthz", "/readyz", "/metrics")


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    content_type: str
    body: bytes


def answer(app: "App", path: str, alive: Callable[[Operation], bool] | None = None) -> Answer:
    """Answer one of PATHS. `alive` judges whether the daemon lives where it knows that better than its lease does."""
    try:
        operation = look(app)
    except BugBridgeError as error:  # its sentence names paths of this computer
        log.warning("%s can't be told: %s", path, clean(str(error)))
        return _json(UNWELL, {"problem": "The database can't be read; the log says why."})
    if path == "/metrics":
        return Answer(WELL, CONTENT_TYPE, metrics_of(operation))
    if path == "/readyz":
        return _readiness(operation)
    lives = alive(operation) if alive else operation.held
    return _json(WELL if lives else UNWELL, {"alive": lives, "lease": "held" if operation.held else "free"})


def look(app: "App") -> Operation:
    """Observe the work of a configuration. Raises DataError."""
    return observe(app.store, app.clock, *expected(app))


def expected(app: "App") -> tuple[Mapping[str, timedelta], Mapping[str, str]]:
    """Give how often each job has to be well, and by source the job that reads it."""
    jobs = {job.name: timedelta(seconds=job.seconds) for job in all_jobs(app)}
    return jobs, {job.name.partition(" ")[2]: job.name for job in reading_jobs(app)}


def _readiness(operation: Operation) -> Answer:
    late = [
        {"what": one.what, "why": one.why, "last_ok_at": instant_to_text(one.since) if one.since else None}
        for one in operation.unready
    ]
    return _json(UNWELL if late else WELL, {"ready": not late, "not_ready": late})


def _json(status: int, facts: Mapping[str, object]) -> Answer:
    return Answer(status, JSON, json.dumps(facts).encode() + b"\n")
