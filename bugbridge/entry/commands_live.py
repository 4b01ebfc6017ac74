"""From watch mode to posting, and back: nothing is posted until someone says so."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import instant
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import Source
    from bugbridge.ports import Store
    from bugbridge.services.planning import Backlog

NO_HELPDESK = "No helpdesk is configured: add one to the configuration first."


@click.command("go-live", short_help="Begin to post reminders.")
@click.argument("helpdesk", required=False)
@click.option("--from", "start", help="The first day whose news is told; asked for if not given.")
@click.option("--yes", is_flag=True, help="Don't ask.")
@json_option
@pass_door
def go_live(door: Door, helpdesk: str | None, start: str | None, *, yes: bool, as_json: bool) -> None:
    """Show what would be due, ask from which day on news is told, and leave watch mode.

    News older than that day is background: shown and audited, never an update.

    \b
    Examples:
      bugbridge go-live                             asks
      bugbridge go-live support --from 2026-06-01 --yes
    """
    app = door.app
    source = _helpdesk_source(app, helpdesk)
    if as_json and not start:
        raise UsageError("With --json nothing is asked: name the first day with --from.")
    live_from = instant(app, start) if start else _asked_start(app, source)
    coming = _backlog(app, source, live_from)
    if not as_json:
        _show_backlog(source, coming, live_from, app)
    if not yes:
        click.confirm("Go live?", abort=True, err=as_json)
    from bugbridge.services import going_live

    going_live.go_live(app.store, app.clock, source.name, live_from, door.actor)
    facts = {"helpdesk": source.name, "live_from": live_from, "backlog": asdict(coming)}
    say(
        facts,
        as_json=as_json,
        show=lambda: tell(f"{source.name} is live. `bugbridge pause` stops all posting at once."),
    )


def _helpdesk_source(app: "App", name: str | None) -> "Source":
    from bugbridge.services.going_live import helpdesk_source

    return helpdesk_source(app.store, name or _only_helpdesk(app))


def _only_helpdesk(app: "App") -> str:
    names = list(app.settings.helpdesks)
    if len(names) != 1:
        raise UsageError(f"Name a helpdesk: {', '.join(names)}." if names else NO_HELPDESK)
    return names[0]


def _asked_start(app: "App", source: "Source") -> datetime:
    now = app.clock.now()
    coming = _backlog(app, source, now)
    mode = "Watch mode: nothing has been posted." if source.live_from is None else f"{source.name} is live already."
    due = f"{counted(coming.due, 'update')} would be due at once"
    tell(f"{mode} {counted(coming.links, 'link')}; with news from now on, {due}.")
    return instant(app, click.prompt("Tell news from which day on", default=f"{now:%Y-%m-%d}", err=True))


def _backlog(app: "App", source: "Source", live_from: datetime) -> "Backlog":
    from bugbridge.services.planning import backlog

    return backlog(app.store, app.policy, app.clock, app.calendar, source.name, live_from)


def _show_backlog(source: "Source", coming: "Backlog", live_from: datetime, app: "App") -> None:
    from bugbridge.render.times import stamp

    reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(coming.by_reason.items()))
    start = stamp(live_from, app.settings.calendar.zone)
    tell(
        f"{source.name}, with news from {start} on: {counted(coming.due, 'update')} would be "
        f"due at once{f' ({reasons})' if reasons else ''}, then {coming.reminders_per_agent_day:g} reminders "
        f"a day for each of {counted(coming.agents, 'agent')}."
    )


@click.command(short_help="Stop all posting at once.")
@click.argument("helpdesk", required=False)
@json_option
@pass_door
def pause(door: Door, helpdesk: str | None, *, as_json: bool) -> None:
    """Stop posting to a helpdesk, or to all; reading and planning go on."""
    from bugbridge.services import going_live

    names = _for_each(door.app, helpdesk, going_live.pause)
    sentence = f"Nothing is posted to {', '.join(names)} until `bugbridge resume`."
    say({"paused": names}, as_json=as_json, show=lambda: tell(sentence))


@click.command(short_help="Post again after a pause.")
@click.argument("helpdesk", required=False)
@json_option
@pass_door
def resume(door: Door, helpdesk: str | None, *, as_json: bool) -> None:
    """Let posting to a helpdesk, or to all, go on. One in watch mode stays in watch mode."""
    from bugbridge.services import going_live

    names = _for_each(door.app, helpdesk, going_live.resume)
    sentence = f"Posting goes on: {', '.join(names)}. What fell due meanwhile is checked again before it is posted."
    say({"resumed": names}, as_json=as_json, show=lambda: tell(sentence))


def _for_each(app: "App", helpdesk: str | None, change: "Callable[[Store, str], None]") -> list[str]:
    names = [helpdesk] if helpdesk else list(app.settings.helpdesks)
    if not names:
        raise UsageError(NO_HELPDESK)
    for name in names:
        change(app.store, name)
    return names
