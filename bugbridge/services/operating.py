"""How the work goes, for whoever watches over it: in counts and names of jobs and sources, never of customers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bugbridge.core.job_runs import JobRun
from bugbridge.core.leases import is_held
from bugbridge.core.readiness import Unready, Watched, unready
from bugbridge.core.records import Source
from bugbridge.core.workload import Workload
from bugbridge.ports import Clock, Store

DAEMON_LEASE = "daemon"


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be said of the work at one instant. `held` says whether a daemon works, `ready` is empty where all is
    well; `sources` are those of the configuration."""

    at: datetime
    held: bool
    jobs: Sequence[JobRun]
    sources: Sequence[Source]
    workload: Workload
    unready: Sequence[Unready]


def observe(store: Store, clock: Clock, jobs: Mapping[str, timedelta], sources: Mapping[str, timedelta]) -> Operation:
    """Look at the work. `jobs` and `sources` say by name how often each has to be well."""
    now = clock.now()
    lease = next((lease for lease in store.leases() if lease.name == DAEMON_LEASE), None)
    known = {run.name: run for run in store.job_runs()}
    runs = [known.get(name, JobRun(name)) for name in jobs]
    rows = [source for source in store.sources() if source.name in sources]
    held = is_held(lease, now)
    late = unready(
        working=held,
        jobs=[Watched(run.name, jobs[run.name], run.last_ok_at) for run in runs],
        sources=[Watched(row.name, sources[row.name], row.last_ok_at) for row in rows],
        now=now,
    )
    return Operation(now, held, runs, rows, store.workload(now), late)
