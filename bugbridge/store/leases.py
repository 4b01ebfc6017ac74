"""Leases: who may do a thing until when, and when each job last succeeded."""

from datetime import datetime

from bugbridge.core.records import Lease
from bugbridge.store.database import SqliteDatabase
from bugbridge.store.rows import read_lease, to_text

JOB_PREFIX = "job:"

# The fence grows with each new holder, so that what the last one still writes can be refused.
_TAKE = """
    INSERT INTO lease (name, holder, fence, until) VALUES (:name, :holder, 1, :until)
    ON CONFLICT (name) DO UPDATE SET
        fence = fence + (holder <> excluded.holder), holder = excluded.holder, until = excluded.until
    WHERE holder IN ('', excluded.holder) OR until <= :now
    RETURNING *
"""

_RECORD_SUCCESS = """
    INSERT INTO lease (name, holder, fence, until, last_ok_at) VALUES (:name, '', 0, :at, :at)
    ON CONFLICT (name) DO UPDATE SET last_ok_at = excluded.last_ok_at
"""


class LeaseStore(SqliteDatabase):
    """Leases by name; a free one has no holder."""

    def take_lease(self, name: str, holder: str, *, now: datetime, until: datetime) -> Lease | None:
        """Take a lease that is free, expired or already ours; None if another holds it."""
        values = {"name": name, "holder": holder, "now": to_text(now), "until": to_text(until)}
        with self.write():
            row = self._row(_TAKE, values)
        return None if row is None else read_lease(row)

    def give_back_lease(self, lease: Lease) -> None:
        """Free a lease that is still ours."""
        values = {"name": lease.name, "holder": lease.holder, "fence": lease.fence}
        with self.write():
            self._run("UPDATE lease SET holder = '' WHERE name = :name AND holder = :holder AND fence = :fence", values)

    def leases(self) -> tuple[Lease, ...]:
        """Give all leases; jobs record their last success under `job:NAME`."""
        return tuple(read_lease(row) for row in self._rows("SELECT * FROM lease ORDER BY name"))

    def record_success(self, name: str, at: datetime) -> None:
        """Keep when a job last succeeded, under `job:NAME` whether or not the name says so."""
        values = {"name": JOB_PREFIX + name.removeprefix(JOB_PREFIX), "at": to_text(at)}
        with self.write():
            self._run(_RECORD_SUCCESS, values)
