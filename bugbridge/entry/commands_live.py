"""From watch mode to posting, and back: nothing is posted until someone says so."""

from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.model import UpdateState
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import plan
from bugbridge.entry.naming import NO_HELPDESK, instant, only_helpdesk
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import Source
    from bugbridge.ports import Store
    from bugbridge.services.planning import Backlog


@click.command("go-live", short_help="Begin to post reminders.")
@click.argument("helpdesk", required=False)
@click.option("--from", "start", help="The first day whose news is told; asked for if not given.")
@click.option("--yes", is_flag=True, help="Don't ask; without --from, only news from now on is told.")
@json_option
@pass_door
def go_live(door: Door, helpdesk: str | None, start: str | None, *, yes: bool, as_json: bool) -> None:
    """Show what would be due, ask from which day on news is told, leave watch mode and decide what is due.

    News older than that day is background: shown and audited, never an update. --json asks nothing: it needs --from
    or --yes.

    \b
    Examples:
      bugbridge go-live                             asks
      bugbridge go-live support --from 2026-06-01 --yes
    """
    app = door.app
    source = _helpdesk_source(app, helpdesk)
    if as_json and start is None and not yes:
        raise UsageError("With --json nothing is asked: name the first day with --from, or say --yes for now.")
    live_from = _start(app, source, start, yes=yes)
    coming = _backlog(app, source, live_from)
    if not as_json:
        _show_backlog(source, coming, live_from, app)
    if not yes and not as_json:
        click.confirm("Go live?", abort=True)
    from bugbridge.services import going_live

    going_live.go_live(app.store, app.clock, source.name, live_from, door.actor)
    plan(app)
    due = _due(app, source)
    facts = {"helpdesk": source.name, "live_from": live_from, "backlog": asdict(coming), "due": due}
    say(facts, as_json=as_json, show=lambda: _show_live(source, due))


def _start(app: "App", source: "Source", typed: str | None, *, yes: bool) -> datetime:
    """Give the first moment whose news is told: as typed, else now where nothing is to be asked, else as asked."""
    if typed is not None:
        return instant(app, typed)
    return app.clock.now() if yes else _asked_start(app, source)


def _due(app: "App", source: "Source") -> int:
    now = app.clock.now()
    planned = [item for item in app.store.open_updates() if item.state is UpdateState.PLANNED and item.due_at <= now]
    return sum(app.store.ticket(item.ticket_id).source_id == source.id for item in planned)


def _show_live(source: "Source", due: int) -> None:
    who = f"`bugbridge send` or the daemon posts {'it' if due == 1 else 'them'}" if due else "nothing is to be posted"
    tell(f"{source.name} is live. {counted(due, 'update')} {'is' if due == 1 else 'are'} due: {who}.")
    tell("`bugbridge pause` stops all posting at once.")


def _helpdesk_source(app: "App", name: str | None) -> "Source":
    from bugbridge.services.going_live import helpdesk_source

    return helpdesk_source(app.store, name or only_helpdesk(app))


def _asked_start(app: "App", source: "Source") -> datetime:
    now = app.clock.now()
    coming = _backlog(app, source, now)
    mode = _mode(app, source)
    due = f"{counted(coming.due, 'update')} would be due at once"
    tell(f"{mode} {counted(coming.links, 'link')}; with news from now on, {due}.")
    return instant(app, click.prompt("Tell news from which day on", default=f"{now:%Y-%m-%d}", err=True))


def _mode(app: "App", source: "Source") -> str:
    """Say whether it is live, and what going live once more would change."""
    if source.live_from is None:
        return "Watch mode: nothing has been posted."
    from bugbridge.render.times import stamp

    since = stamp(source.live_from, app.settings.calendar.zone)
    return (
        f"{source.name} is live already, with news from {since} on. Another start changes that: "
        "with a later one, older news that wasn't told becomes background; with an earlier one, background is told."
    )


def _backlog(app: "App", source: "Source", live_from: datetime) -> "Backlog":
    from bugbridge.services.planning import backlog

    return backlog(app.store, app.policies, app.clock, app.calendar, source.name, live_from)


def _show_backlog(source: "Source", coming: "Backlog", live_from: datetime, app: "App") -> None:
    from bugbridge.render.times import stamp

    reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(coming.by_reason.items()))
    start = stamp(live_from, app.settings.calendar.zone)
    if source.live_from is not None:
        tell(_mode(app, source))
    tell(
        f"{source.name}, with news from {start} on: {counted(coming.due, 'update')} would be "
        f"due at once{f' ({reasons})' if reasons else ''}, then {_pace(coming)}."
    )


def _pace(coming: "Backlog") -> str:
    """Say how many reminders a day are to come, by whole numbers: it is an estimate."""
    a_day = round(coming.reminders_per_agent_day * coming.agents)
    how_many = f"about {a_day} a day" if a_day else "fewer than one a day"
    return f"{how_many}, between {coming.agents} agents" if coming.agents > 1 else f"{how_many}, for one agent"


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
