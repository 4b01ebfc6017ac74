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
from bugbridge.services.sources import in_watch_mode

DAEMON_LEASE, HELPDESK = "daemon", "helpdesk"


@dataclass(frozen=True, slots=True)
class SourceSeen:
    """A configured source: when it was last read to the end, and whether it is a helpdesk in watch mode."""

    name: str
    read_at: datetime | None
    in_watch_mode: bool | None


@dataclass(frozen=True, slots=True)
class Operation:
    """What can be said of the work at one instant. `held` says whether a daemon works; `unready` is empty where all is
    well."""

    at: datetime
    held: bool
    jobs: Sequence[JobRun]
    sources: Sequence[SourceSeen]
    workload: Workload
    unready: Sequence[Unready]


def observe(store: Store, clock: Clock, jobs: Mapping[str, timedelta], readers: Mapping[str, str]) -> Operation:
    """Look at the work. `jobs` say by name how often each has to be well, `readers` by source which one reads it."""
    now = clock.now()
    lease = next((lease for lease in store.leases() if lease.name == DAEMON_LEASE), None)
    known = {run.name: run for run in store.job_runs()}
    runs = [known.get(name, JobRun(name)) for name in jobs]
    sources = [_seen(store, row, known.get(readers[row.name])) for row in store.sources() if row.name in readers]
    held = is_held(lease, now)
    late = unready(
        working=held,
        jobs=[Watched(run.name, jobs[run.name], run.last_ok_at) for run in runs],
        sources=[Watched(one.name, jobs[readers[one.name]], one.read_at) for one in sources],
        now=now,
    )
    return Operation(now, held, runs, sources, store.workload(now), late)


def _seen(store: Store, row: Source, reader: JobRun | None) -> SourceSeen:
    """Where nothing changed no cursor moves, but its job has read it all the same."""
    read = [at for at in (row.last_ok_at, reader.last_ok_at if reader else None) if at is not None]
    return SourceSeen(row.name, max(read, default=None), in_watch_mode(store, row) if row.role == HELPDESK else None)
