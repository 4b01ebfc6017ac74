"""Bring a helpdesk's history along."""

from dataclasses import asdict, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import RemoteError, UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import instant, only_helpdesk
from bugbridge.entry.progress import paced, progress_bar
from bugbridge.entry.sentences import counted, tally

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.backfilling import BackfillPlan
    from bugbridge.services.settling import LinkingResult

MINUTE = 60.0
INTERRUPTED = 130


@click.command(short_help="Read old tickets, for links and for the audit.")
@click.argument("helpdesk", required=False)
@click.option("--since", required=True, help="From which day on, such as 2026-01-01.")
@click.option(
    "--share",
    type=click.IntRange(1, 100),
    default=50,
    show_default=True,
    help="How many percent of the requests that the helpdesk allows may be used.",
)
@click.option("--again", is_flag=True, help="Also read tickets that were read before, as after a change of accounts.")
@click.option("--dry-run", is_flag=True, help="Say what it would take, and read nothing.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@pass_door
@click.pass_context
def backfill(
    context: click.Context,
    door: Door,
    helpdesk: str | None,
    *,
    since: str,
    share: int,
    again: bool,
    dry_run: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Read the tickets that changed from a day on until daily reading began: old notes for references, old replies
    for the audit. First says what that takes, and asks.

    What happened before now is never told because of what is found; from now on those links are treated like any other.
    Stop it with Ctrl-C; the same command goes on where it was. `sync` then reads the issues that were found.

    \b
    Examples:
      bugbridge backfill --since 2026-01-01 --dry-run
      bugbridge backfill support --since 2026-01-01 --share 80
    """
    from bugbridge.services.backfilling import plan_backfill

    app = door.app
    name, start = helpdesk or only_helpdesk(app), instant(app, since)
    _refuse_the_future(app, since, start)
    if as_json and not (yes or dry_run):
        raise UsageError("With --json nothing is asked: say --yes, or --dry-run.")
    planned = plan_backfill(app.helpdesk(name), app.store, start, again=again)
    if not as_json:
        tell(_takes(app, name, planned, share))
    if dry_run or not planned.cost.tickets:
        say(_facts(name, planned, share), as_json=as_json, show=lambda: None)
        return
    if not yes:
        click.confirm("Read them?", abort=True, err=True)
    try:
        result = _read(app, name, planned, share)
    except KeyboardInterrupt:
        tell("Stopped; the same command goes on where it was.", err=True)
        context.exit(INTERRUPTED)
    say({**_facts(name, planned, share), "read": asdict(result)}, as_json=as_json, show=lambda: _show(result))


def _refuse_the_future(app: "App", typed: str, start: datetime) -> None:
    if start >= app.clock.now():
        raise UsageError(f"--since names a day that has been: {typed!r} is still to come.")


def _facts(name: str, planned: "BackfillPlan", share: int) -> dict[str, object]:
    return {
        "helpdesk": name,
        "since": planned.since,
        "tickets": planned.cost.tickets,
        "requests": planned.cost.requests,
        "requests_allowed_per_minute": planned.cost.per_minute,
        "share_percent": share,
        "minutes": planned.minutes(share),
        "resumes": planned.resumes,
    }


def _takes(app: "App", name: str, planned: "BackfillPlan", share: int) -> str:
    cost, minutes = planned.cost, planned.minutes(share)
    if not cost.tickets:
        return f"{name}: every ticket changed since then was read already; with --again they are read once more."
    found = (
        f"{name}: {counted(cost.tickets, 'ticket')} changed {_when(app, planned)}: {counted(cost.requests, 'request')}"
    )
    if minutes is None:
        return f"{found}; {name} sets no limit, so it takes as long as they take.{_resuming(planned)}"
    whole = max(1, round(minutes))
    limit = f"{share} % of the {cost.per_minute} requests a minute that {name} allows"
    return f"{found}, about {counted(whole, 'minute')} at {limit}.{_resuming(planned)}"


def _when(app: "App", planned: "BackfillPlan") -> str:
    from bugbridge.render.times import stamp

    return f"between then and {stamp(planned.until, app.settings.calendar.zone)}" if planned.until else "since then"


def _resuming(planned: "BackfillPlan") -> str:
    return " An earlier backfill since then was interrupted: it goes on where it was." if planned.resumes else ""


def _read(app: "App", name: str, planned: "BackfillPlan", share: int) -> "LinkingResult":
    from bugbridge.services.backfilling import backfill as read_history

    with progress_bar(f"Reading {name}", planned.cost.tickets) as show:
        step = paced(show, _seconds_apart(planned, share))
        try:
            return read_history(app.helpdesk(name), app.store, app.clock, app.references, planned, step)
        except RemoteError as error:
            error.args = (f"{error} What was read is kept: the same command goes on from there.",)
            raise


def _seconds_apart(planned: "BackfillPlan", share: int) -> float:
    minutes = planned.minutes(share)
    return minutes * MINUTE / planned.cost.tickets if minutes and planned.cost.tickets else 0.0


def _show(result: "LinkingResult") -> None:
    tell(f"Read {tally(asdict(result)) or 'no ticket'}. Nothing that happened before is told because of it.")
    if result != replace(result, links=0, suggestions=0):
        tell("`bugbridge sync` reads the issues that are new; `bugbridge audit` shows what came of old ones.")
