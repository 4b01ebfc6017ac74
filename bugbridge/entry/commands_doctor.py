"""Whether everything is well: configuration, policy, database, helpdesks, trackers, jobs."""

import os
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import ConfigError, DataError
from bugbridge.core.job_runs import JobRun
from bugbridge.core.leases import is_held
from bugbridge.core.records import FILE_KIND
from bugbridge.core.snapshots import Check
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import all_jobs, sends_audits
from bugbridge.entry.posting import posting
from bugbridge.entry.sentences import counted
from bugbridge.entry.web.loopback import is_shown_unsigned
from bugbridge.entry.web.ways_in import who_may_look
from bugbridge.entry.well import Found, database, once, policy_file, tried, worst, written
from bugbridge.ports import KeptIssues
from bugbridge.processes import shown
from bugbridge.settings import web_token, webhook_secret

if TYPE_CHECKING:
    from bugbridge.app import App


@click.command(short_help="See whether everything is well.")
@json_option
@pass_door
@click.pass_context
def doctor(context: click.Context, door: Door, *, as_json: bool) -> None:
    """Check configuration, policy and database, sign in everywhere with harmless reads, and show when each job last
    succeeded.

    Exits with 3 if a helpdesk or tracker isn't well, else with 4 for the database or a file, else with 2 for the
    configuration.
    """
    found = list(once(_checks(door.app)))
    checks = [check for check, _ in found]
    say({"checks": checks}, as_json=as_json, show=lambda: _show(checks))
    context.exit(worst({code for check, code in found if not check.well}))


def _checks(app: "App") -> Iterator[Found]:
    yield Check("config", well=True, sentence=f"{app.settings.path} is well."), 0
    yield from policy_file(app)
    yield from written(app)
    yield from database(app)
    yield from _parts(app)
    for name in app.settings.notifications:
        yield from tried(f"notifications.{name}", lambda name=name: tuple(_notification(app, name)))  # type: ignore[misc]
    yield from tried("audit", lambda: tuple(_audits(app)))
    yield from tried("web", lambda: (_web(app),))
    yield from tried("daemon", lambda: (_daemon(app),))
    yield from tried("jobs", lambda: tuple(_jobs(app)))
    yield from tried("posting", lambda: tuple(posting(app)))
    yield from tried("links", lambda: tuple(_links(app)))


def _parts(app: "App") -> Iterator[Found]:
    helpdesks, trackers = app.settings.helpdesks, app.settings.trackers
    if not helpdesks:
        yield _missing(app, "helpdesk"), ConfigError.exit_code
    if not trackers:
        yield _missing(app, "tracker"), ConfigError.exit_code
    for name in helpdesks:
        yield from tried(name, lambda name=name: _named(name, app.helpdesk(name).check()))  # type: ignore[misc]
    for name in trackers:
        yield from tried(name, lambda name=name: _named(name, app.tracker(name).check(_kept(app, name))))  # type: ignore[misc]


def _missing(app: "App", role: str) -> Check:
    """A team that only audits its exports needs neither."""
    try:
        files = [source.name for source in app.store.sources() if (source.kind, source.role) == (FILE_KIND, role)]
    except DataError:
        files = []
    if files:
        sentence = f"None is configured; {', '.join(files)} was imported from files."
        return Check(f"{role}s", well=True, sentence=sentence)
    return Check(f"{role}s", well=False, sentence=f"No {role} is configured: add one to the configuration.")


def _kept(app: "App", name: str) -> KeptIssues | None:
    """Give what is kept of a tracker's projects; without a usable database, which has a line of its own, nothing."""
    try:
        source = next(source for source in app.store.sources() if source.name == name)
    except DataError:
        return None
    return partial(app.store.issues_in_project, source.id)


def _named(name: str, checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(replace(check, id=f"{name}.{check.id.removeprefix(f'{name}.')}") for check in checks)


def _notification(app: "App", name: str) -> Iterator[Check]:
    """Say how somebody is told, and whether that works; only `bugbridge notify --test` sends anything."""
    from bugbridge.render.times import stamp

    part, zone = app.settings.notifications[name], app.settings.calendar.zone
    app.notifier(name)
    if part.agent and not app.store.agents_named(part.agent):
        sentence = f"no ticket of {part.agent} was read yet; check `agent` if they have one."
        yield Check(f"notifications.{name}", well=True, sentence=sentence)
    if part.to == "agent" and not part.agent and name not in {person.channel for person in app.people.persons}:
        sentence = f"tells nobody: set `agent`, or write {name} as somebody's channel in {app.settings.people.file}."
        yield Check(f"notifications.{name}", well=False, sentence=sentence)
        return
    state = app.store.notification_states().get(name)
    if state is not None and state.failures:
        tries = counted(state.failures, "try", "tries")
        sentence = f"{tries} failed since {stamp(state.looked_at, zone)}; `bugbridge notify --test {name}` says why."
        yield Check(f"notifications.{name}", well=False, sentence=sentence)
        return
    last = f"last told {stamp(state.sent_at, zone)}" if state and state.sent_at else "not told anything yet"
    yield Check(f"notifications.{name}", well=True, sentence=f"the {part.to}, {part.when}: {last}.")


def _audits(app: "App") -> Iterator[Check]:
    """Say of everybody who is sent the audit once a month when it comes next, or that it couldn't be sent."""
    from bugbridge.entry.monthly_audit import audit_sending
    from bugbridge.render.times import stamp
    from bugbridge.services.audit_sending import job_of, next_audits

    if not sends_audits(app):
        return
    zone, runs = app.settings.calendar.zone, {run.name: run for run in app.store.job_runs()}
    for name, at in next_audits(audit_sending(app)).items():
        failures = runs.get(job_of(name), JobRun(name)).failures
        tried_so_far = f"{counted(failures, 'try', 'tries')} failed; " if failures else ""
        sentence = f"{tried_so_far}the audit is sent to them by the daemon, not before {stamp(at, zone)}."
        yield Check(f"audit.{name}", well=not failures, sentence=sentence)


def _web(app: "App") -> Check:
    """Say who may see the pages of `serve`, as far as this environment is that of `serve`."""
    web_token(app.settings, os.environ)
    secrets = {name: webhook_secret(name, os.environ) for name in (*app.settings.trackers, *app.settings.helpdesks)}
    is_open = is_shown_unsigned(app.settings.web, secrets)
    who = who_may_look(app, os.environ, is_shown_unsigned=is_open)
    return Check("web", well=True, sentence=f"`bugbridge serve` shows the pages: {who}.")


def _daemon(app: "App") -> Check:
    """Say who works; that nobody does is no illness, since one may go by the commands alone."""
    from bugbridge.entry.holding import LEASE

    lease = next((lease for lease in app.store.leases() if lease.name == LEASE), None)
    if lease is None or not is_held(lease, app.clock.now()):
        return Check("daemon", well=True, sentence="none works now; `bugbridge daemon` does all of this by itself.")
    return Check("daemon", well=True, sentence=f"{shown(lease.holder)} works (computer:process).")


def _jobs(app: "App") -> Iterator[Check]:
    """Say how each job fares; one that never ran is no illness, since the daemon may be yet to start."""
    runs = {run.name: run for run in app.store.job_runs()}
    for job in all_jobs(app):
        run = runs.get(job.name, JobRun(job.name))
        yield Check(f"job.{job.name}", well=not run.is_failing, sentence=_fares(run, app.settings.calendar.zone))


def _fares(run: JobRun, zone: str) -> str:
    from bugbridge.render.times import stamp

    succeeded = f"last succeeded {stamp(run.last_ok_at, zone)}" if run.last_ok_at else "hasn't run yet"
    if not run.failures or run.last_failed_at is None or run.retry_at is None:
        return f"{succeeded}."
    failed = f"failed {counted(run.failures, 'time')} in a row, last {stamp(run.last_failed_at, zone)} ({run.problem})"
    before = f" {succeeded[:1].upper()}{succeeded[1:]}." if run.last_ok_at else ""
    return f"{failed}; the daemon's log says why, and it tries again from {stamp(run.retry_at, zone)} on.{before}"


def _links(app: "App") -> Iterator[Check]:
    """Name issues that can't be read any more, mirrors that disagree, trackers that asked for patience, and since when
    tickets were read."""
    from bugbridge.render.times import stamp
    from bugbridge.services.health import link_health

    zone, now = app.settings.calendar.zone, app.clock.now()
    for source in app.store.sources():
        if source.role == "tracker" and source.paused_until is not None and source.paused_until > now:
            sentence = f"asked for patience; it is left alone until {stamp(source.paused_until, zone)}."
            yield Check(f"{source.name}.pause", well=False, sentence=sentence)
    for source in app.store.sources():
        if source.read_from is not None and source.last_ok_at is not None:
            unfinished = "; a backfill is unfinished" if source.backfill_from else ""
            sentence = f"tickets changed since {stamp(source.read_from, zone)} were read{unfinished}."
            yield Check(f"{source.name}.history", well=True, sentence=sentence)
    for ailment in link_health(app.store, app.clock):
        sentence = f"{ailment.reference} {ailment.sentence} (since {stamp(ailment.since, zone)})."
        yield Check("links", well=False, sentence=sentence)


def _show(checks: list[Check]) -> None:
    for check in checks:
        mark = click.style("ok ", fg="green") if check.well else click.style("BAD", fg="red", bold=True)
        click.echo(f"{mark} ", nl=False)
        tell(f"{check.id}: {check.sentence}")
