"""How the daemon's jobs fare, how much work there is, and leases that only their holder renews."""

from datetime import datetime

from bugbridge.core.job_runs import JobRun
from bugbridge.core.model import DeliveryState
from bugbridge.core.records import Lease
from bugbridge.core.workload import OVERDUE_AFTER, Workload
from bugbridge.store.database import Row
from bugbridge.store.leases import JOB_PREFIX, LeaseStore
from bugbridge.store.rows import optional_instant, read_lease, to_text
from bugbridge.store.work import MAY_BE_WRITTEN_TO

_RECORD_RUN = """
    INSERT INTO job_run (name, runs, seconds) VALUES (:name, 1, :seconds)
    ON CONFLICT (name) DO UPDATE SET
        runs = runs + 1, failures = 0, retry_at = NULL, problem = '', seconds = excluded.seconds
"""

_RECORD_FAILURE = """
    INSERT INTO job_run (name, runs, failed_runs, failures, last_failed_at, retry_at, problem, seconds)
    VALUES (:name, 1, 1, 1, :at, :retry_at, :problem, :seconds)
    ON CONFLICT (name) DO UPDATE SET
        runs = runs + 1, failed_runs = failed_runs + 1, failures = failures + 1,
        last_failed_at = excluded.last_failed_at, retry_at = excluded.retry_at,
        problem = excluded.problem, seconds = excluded.seconds
"""

_JOB_RUNS = """
    SELECT job_run.*, lease.last_ok_at FROM job_run LEFT JOIN lease ON lease.name = :prefix || job_run.name
    ORDER BY job_run.name
"""

_DUE = "SELECT COUNT(*) FROM update_item INDEXED BY update_due WHERE state = 'planned' AND due_at <= :now"

_OVERDUE = f"""
    SELECT COUNT(*) FROM update_item INDEXED BY update_due
    CROSS JOIN ticket ON ticket.id = update_item.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE update_item.state = 'planned' AND update_item.due_at <= :overdue
        AND update_item.review NOT IN ('waiting', 'dropped') AND {MAY_BE_WRITTEN_TO}
"""  # noqa: S608 - our own text

_DEAD = "SELECT COUNT(*) FROM update_item WHERE state = 'dead'"

_DELIVERIES = """
    SELECT state, COUNT(*) AS deliveries FROM delivery INDEXED BY delivery_finished
    WHERE state IN ('posted', 'withdrawn', 'dead') GROUP BY state
    UNION ALL
    SELECT state, COUNT(*) FROM delivery INDEXED BY delivery_unfinished
    WHERE state IN ('claimed', 'posting', 'unknown') GROUP BY state
"""

_RENEW = """
    UPDATE lease SET until = :until WHERE name = :name AND holder = :holder AND fence = :fence RETURNING *
"""

_SEIZE = """
    UPDATE lease SET holder = :by, fence = fence + 1, until = :until
    WHERE name = :name AND holder = :holder AND fence = :fence AND until = :seen_until
    RETURNING *
"""


class JobStore(LeaseStore):
    """Jobs by name, as the daemon and `doctor` say it."""

    def record_run(self, name: str, at: datetime, seconds: float) -> None:
        """Keep that a job succeeded, and how long it took."""
        with self.write():
            self.record_success(name, at)
            self._run(_RECORD_RUN, {"name": name, "seconds": seconds})

    def record_failure(self, name: str, at: datetime, *, problem: str, seconds: float, retry_at: datetime) -> None:
        """Keep that a job failed by this kind of problem, one more time in a row, and when it is tried again."""
        values = {"name": name, "at": to_text(at), "problem": problem, "seconds": seconds}
        with self.write():
            self._run(_RECORD_FAILURE, {**values, "retry_at": to_text(retry_at)})

    def job_runs(self) -> tuple[JobRun, ...]:
        """Give what is kept of every job that ever ran, by name."""
        return tuple(_read_job_run(row) for row in self._rows(_JOB_RUNS, {"prefix": JOB_PREFIX}))

    def workload(self, now: datetime) -> Workload:
        """Count what is due, what waits and where deliveries are."""
        values = {"now": to_text(now), "by": to_text(now), "overdue": to_text(now - OVERDUE_AFTER)}
        with self._snapshot():
            due, overdue, dead = (self._value(statement, values) for statement in (_DUE, _OVERDUE, _DEAD))
            rows = self._rows(_DELIVERIES)
        deliveries = {DeliveryState(row["state"]): row["deliveries"] for row in rows}
        return Workload(due, overdue, dead, deliveries)

    def renew_lease(self, lease: Lease, until: datetime) -> Lease | None:
        """Hold a lease on until then; None if it isn't ours any more, even where nobody else took it."""
        values = {"name": lease.name, "holder": lease.holder, "fence": lease.fence, "until": to_text(until)}
        return self._changed(_RENEW, values)

    def seize_lease(self, seen: Lease, holder: str, until: datetime) -> Lease | None:
        """Take a lease from its holder, exactly as it was seen; None if it changed since."""
        values = {"name": seen.name, "holder": seen.holder, "fence": seen.fence, "seen_until": to_text(seen.until)}
        return self._changed(_SEIZE, {**values, "by": holder, "until": to_text(until)})

    def _changed(self, statement: str, values: dict[str, object]) -> Lease | None:
        with self.write():
            row = self._row(statement, values)
        return None if row is None else read_lease(row)


def _read_job_run(row: Row) -> JobRun:
    return JobRun(
        name=row["name"],
        runs=row["runs"],
        failed_runs=row["failed_runs"],
        failures=row["failures"],
        last_ok_at=optional_instant(row["last_ok_at"]),
        last_failed_at=optional_instant(row["last_failed_at"]),
        retry_at=optional_instant(row["retry_at"]),
        problem=row["problem"],
        seconds=row["seconds"],
    )
