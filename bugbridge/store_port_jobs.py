"""What the daemon and whoever watches it need to remember."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bugbridge.core.job_runs import JobRun
from bugbridge.core.records import Lease
from bugbridge.core.workload import Workload


class JobStore(Protocol):
    """How jobs fare, how much work there is, and a lease that only its holder can renew."""

    def record_run(self, name: str, at: datetime, seconds: float) -> None:
        """Keep that a job succeeded, and how long it took."""
        ...

    def record_failure(self, name: str, at: datetime, *, problem: str, seconds: float, retry_at: datetime) -> None:
        """Keep that a job failed by this kind of problem, one more time in a row, and when it is tried again."""
        ...

    def job_runs(self) -> Sequence[JobRun]:
        """Give what is kept of every job that ever ran, by name."""
        ...

    def workload(self, now: datetime) -> Workload:
        """Count what is due, what waits and where deliveries are."""
        ...

    def renew_lease(self, lease: Lease, until: datetime) -> Lease | None:
        """Hold a lease on until then; None if it isn't ours any more, even where nobody else took it."""
        ...

    def seize_lease(self, seen: Lease, holder: str, until: datetime) -> Lease | None:
        """Take a lease from its holder, exactly as it was seen; None if it changed since."""
        ...
