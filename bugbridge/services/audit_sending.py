"""Send the audit to whoever asked for it, once after each calendar month: nothing here touches an update or a ticket.

A reader begins with the end of the month in which they are first looked at, and the store remembers until when they
are settled. A try counts as failed from before it is made until it is known to have worked: so neither a process that
dies in between nor a database that can't be written sends it again and again.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from bugbridge.core.audit_model import Audit
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import ConfigError, RemoteError
from bugbridge.core.job_runs import JobRun
from bugbridge.core.monthly import delay_after, next_monthly, next_try
from bugbridge.ports import Clock, Notifier, Store
from bugbridge.services.notifying import NotifyingResult

UNSENT = "unsent"


@dataclass(frozen=True, slots=True)
class AuditReader:
    """Somebody who is sent the audit, by the notification's name, in their hours."""

    name: str
    hours: WorkCalendar


@dataclass(frozen=True, slots=True)
class AuditSending:
    """What sending needs. Months are those of `zone`; `audit` makes the audit, and `words` gives its title and text."""

    store: Store
    clock: Clock
    readers: tuple[AuditReader, ...]
    zone: ZoneInfo
    notifier: Callable[[str], Notifier]
    audit: Callable[[], Audit]
    words: Callable[[Audit], tuple[str, str]]


def job_of(name: str) -> str:
    """Give the name under which it is kept how the audit reaches a reader."""
    return f"audit:{name}"


def send_audits(parts: AuditSending, stop: Callable[[], bool] = lambda: False) -> NotifyingResult:
    """Send the audit to every reader whose time has come; it is made once, and only if there is one.

    One whose notifier fails is sent it later, and keeps no other waiting; `stop` is asked before each. Raises what
    making the audit raises.
    """
    problems: list[str] = []
    due = list(_due(parts, problems))
    sent = 0
    if due and not stop():
        title, body = parts.words(parts.audit())
        for reader, failures in due:
            if stop():
                break
            try:
                _send(parts, reader, failures, title, body)
                sent += 1
            except (RemoteError, ConfigError) as error:
                problems.append(str(error))
    return NotifyingResult(sent, len(problems), tuple(problems))


def next_audits(parts: AuditSending) -> Mapping[str, datetime]:
    """Give when each reader is sent the next audit at the earliest, by name; one whose hours never come is left out."""
    runs, now, found = _runs(parts.store), parts.clock.now(), {}
    for reader in parts.readers:
        try:
            found[reader.name] = _due_at(parts, reader, runs.get(job_of(reader.name)), now)
        except ConfigError:
            continue
    return found


def _due(parts: AuditSending, problems: list[str]) -> Iterator[tuple[AuditReader, int]]:
    """Give whose time has come, each with their failures in a row, and begin with those who are new."""
    runs, now = _runs(parts.store), parts.clock.now()
    for reader in parts.readers:
        run = runs.get(job_of(reader.name))
        if run is None or not _is_settled(run, now):
            parts.store.record_run(job_of(reader.name), now, 0.0)
            continue
        try:
            if _due_at(parts, reader, run, now) <= now:
                yield reader, run.failures
        except ConfigError as error:
            problems.append(str(error))


def _is_settled(run: JobRun, now: datetime) -> bool:
    """Whether it is known from when on a reader waits; what a clock that was ahead has kept would hold for ever."""
    return run.last_ok_at is not None and run.last_ok_at <= now


def _due_at(parts: AuditSending, reader: AuditReader, run: JobRun | None, now: datetime) -> datetime:
    """Give the first moment from now on at which a reader may be sent it. Raises ConfigError if never open."""
    settled_at = run.last_ok_at if run and run.last_ok_at else now
    wanted = next_try(run.retry_at if run else None, now)
    return next_monthly(min(settled_at, now), wanted, parts.zone, reader.hours)


def _send(parts: AuditSending, reader: AuditReader, failures: int, title: str, body: str) -> None:
    """Try once. Raises what the notifier raises, and DataError before anything is sent that couldn't be kept."""
    job, now = job_of(reader.name), parts.clock.now()
    parts.store.record_failure(job, now, problem=UNSENT, seconds=0.0, retry_at=now + delay_after(failures + 1))
    parts.notifier(reader.name).send(title, body)
    parts.store.record_run(job, parts.clock.now(), 0.0)


def _runs(store: Store) -> Mapping[str, JobRun]:
    runs: Sequence[JobRun] = store.job_runs()
    return {run.name: run for run in runs}
