"""Whether everything is well: configuration, policy, database, helpdesks, trackers, jobs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import BugBridgeError, ConfigError, DataError, RemoteError
from bugbridge.core.records import FILE_KIND
from bugbridge.core.snapshots import Check
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import JOB, all_jobs, policy_notice
from bugbridge.entry.sentences import counted
from bugbridge.ports import KeptIssues

if TYPE_CHECKING:
    from bugbridge.app import App

# A line, and the exit code that it calls for if it isn't well.
Found = tuple[Check, int]
WORST_FIRST = (RemoteError.exit_code, DataError.exit_code, ConfigError.exit_code)


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
    found = list(_once(_checks(door.app)))
    checks = [check for check, _ in found]
    say({"checks": checks}, as_json=as_json, show=lambda: _show(checks))
    codes = {code for check, code in found if not check.well}
    context.exit(next((code for code in WORST_FIRST if code in codes), 0))


def _checks(app: "App") -> Iterator[Found]:
    yield Check("config", well=True, sentence=f"{app.settings.path} is well."), 0
    yield from _tried("policy", lambda: (_policy(app),))
    yield from _tried("calendar", lambda: (_calendar(app),))
    yield from _tried("templates", lambda: (_templates(app),))
    yield from _tried("accounts", lambda: (_accounts(app),))
    yield from _tried("database", lambda: (_database(app),))
    yield from _tried("policy", lambda: tuple(_policies(app)))
    yield from _parts(app)
    for name in app.settings.notifications:
        yield from _tried(f"notifications.{name}", lambda name=name: tuple(_notification(app, name)))  # type: ignore[misc]
    yield from _tried("jobs", lambda: tuple(_jobs(app)))
    yield from _tried("links", lambda: tuple(_links(app)))


def _once(checks: Iterator[Found]) -> Iterator[Found]:
    """What is wrong with a list that every helpdesk needs is said once."""
    said: set[str] = set()
    for check, code in checks:
        if check.well or check.sentence not in said:
            said.add(check.sentence)
            yield check, code


def _tried(check_id: str, check: Callable[[], tuple[Check, ...]]) -> Iterator[Found]:
    """Give the lines of a check, with the exit code of one that isn't well; what a remote side says is remote."""
    try:
        yield from ((line, RemoteError.exit_code) for line in check())
    except BugBridgeError as error:
        for sentence in str(error).splitlines():
            yield Check(check_id, well=False, sentence=sentence), error.exit_code


def _policy(app: "App") -> Check:
    name = app.policy_file.read().policy.name
    return Check("policy", well=True, sentence=f"{app.settings.policy} is well: {name!r}.")


def _policies(app: "App") -> Iterator[Check]:
    """Say whether the configured file is what decides; what is wrong with it, or the database, has its own line."""
    try:
        notice = policy_notice(app)
    except (ConfigError, DataError):
        return
    if notice:
        yield Check("policy.in-force", well=True, sentence=notice)


def _calendar(app: "App") -> Check:
    hours = app.settings.calendar
    if hours.always_open:
        return Check("calendar", well=True, sentence="Always open.")
    holidays = f"holidays of {hours.country} {hours.subdivision}".strip() if hours.country else "no public holidays"
    zone = app.calendar.zone.key
    return Check(
        "calendar", well=True, sentence=f"{hours.open_at:%H:%M} to {hours.close_at:%H:%M} in {zone}, {holidays}."
    )


def _templates(app: "App") -> Check:
    app.renderer.try_all(app.settings.language)
    own = f"yours in {app.settings.templates}, and " if app.settings.templates else ""
    sentence = f"{own}those that come with BugBridge are well."
    return Check("templates", well=True, sentence=sentence[:1].upper() + sentence[1:])


def _accounts(app: "App") -> Check:
    rules = app.accounts
    listed = sum(len(rows) for rows in (rules.listed.addresses, rules.listed.domains, rules.listed.organizations))
    told = {
        "file": f"your list ({counted(listed, 'row')})" if listed else "",
        "field": "the helpdesk's fields",
        "tags": f"tags ({counted(len(rules.tags), 'pattern')})" if rules.tags else "",
    }
    sources = ", then ".join(told[source] for source in rules.order if told[source])
    return Check("accounts", well=True, sentence=f"Accounts and tiers come from {sources or 'nowhere'}.")


def _database(app: "App") -> Check:
    head = app.store.head()
    return Check("database", well=True, sentence=f"{app.settings.database} is well, with {head} events.")


def _parts(app: "App") -> Iterator[Found]:
    helpdesks, trackers = app.settings.helpdesks, app.settings.trackers
    if not helpdesks:
        yield _missing(app, "helpdesk"), ConfigError.exit_code
    if not trackers:
        yield _missing(app, "tracker"), ConfigError.exit_code
    for name in helpdesks:
        yield from _tried(name, lambda name=name: _named(name, app.helpdesk(name).check()))  # type: ignore[misc]
    for name in trackers:
        yield from _tried(name, lambda name=name: _named(name, app.tracker(name).check(_kept(app, name))))  # type: ignore[misc]


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
    state = app.store.notification_states().get(name)
    if state is not None and state.failures:
        tries = counted(state.failures, "try", "tries")
        sentence = f"{tries} failed since {stamp(state.looked_at, zone)}; `bugbridge notify --test {name}` says why."
        yield Check(f"notifications.{name}", well=False, sentence=sentence)
        return
    last = f"last told {stamp(state.sent_at, zone)}" if state and state.sent_at else "not told anything yet"
    yield Check(f"notifications.{name}", well=True, sentence=f"the {part.to}, {part.when}: {last}.")


def _jobs(app: "App") -> Iterator[Check]:
    """Say when each job last succeeded; one that never ran is no illness, since the daemon may be yet to start."""
    from bugbridge.render.times import stamp

    succeeded = {lease.name: lease.last_ok_at for lease in app.store.leases() if lease.last_ok_at}
    for job in all_jobs(app):
        at = succeeded.get(f"{JOB}{job.name}")
        when = f"last succeeded {stamp(at, app.settings.calendar.zone)}." if at else "hasn't run yet."
        yield Check(f"job.{job.name}", well=True, sentence=when)


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
        if source.read_from is not None:
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
