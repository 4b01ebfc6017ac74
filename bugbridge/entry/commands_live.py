"""From watch mode to posting, and back: nothing is posted until someone says so."""

from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.jobs import plan as decide_due
from bugbridge.entry.naming import NO_HELPDESK, instant, only_helpdesk
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.records import Source
    from bugbridge.ports import Store
    from bugbridge.services.backlog import Backlog, Start


# As many due updates as are counted.
MOST_DUE = 1_000_000
OLD_NEWS = ("told", "listed", "round")
# Old news for people to look through; programs get all of it.
LISTED = 50


@dataclass(frozen=True, slots=True)
class _Plan:
    """What was asked for: where, since when, for which groups, and what becomes of what is due at once."""

    source: "Source"
    live_from: datetime
    groups: tuple[str, ...]
    old: str

    @property
    def starts_at(self) -> "Start":
        from bugbridge.services.backlog import Start

        return Start(self.source.name, self.live_from, self.groups)


@click.command("go-live", short_help="Begin to post reminders.")
@click.argument("helpdesk", required=False)
@click.option("--group", "groups", multiple=True, help="Only for this group, brand, queue or inbox: a pilot.")
@click.option("--from", "start", help="The first day whose news is told; asked for if not given.")
@click.option(
    "--old",
    type=click.Choice(OLD_NEWS),
    default="told",
    show_default=True,
    help="What becomes of what would be due at once: told like any other, only listed, or kept for a round.",
)
@click.option("--yes", is_flag=True, help="Don't ask; without --from, only news from now on is told.")
@json_option
@pass_door
def go_live(
    door: Door,
    helpdesk: str | None,
    groups: tuple[str, ...],
    start: str | None,
    old: str,
    *,
    yes: bool,
    as_json: bool,
) -> None:
    """Show what would be due, ask from which day on news is told, leave watch mode and decide what is due.

    News older than that day is background: shown and audited, never an update. What would be due at once is told
    within the policy's limits, or with --old listed shown here and told by nobody, or with --old round kept until
    somebody has looked (`bugbridge round`). --json asks nothing: it needs --from or --yes.

    \b
    Examples:
      bugbridge go-live                             asks
      bugbridge go-live support --from 2026-06-01 --yes
      bugbridge go-live --group "Support DE" --from 2026-06-01 --old round
    """
    app = door.app
    source = _helpdesk_source(app, helpdesk)
    if as_json and start is None and not yes:
        raise UsageError("With --json nothing is asked: name the first day with --from, or say --yes for now.")
    plan = _Plan(source, _start(app, source, start, groups, yes=yes), groups, old)
    coming = _backlog(app, plan)
    _refuse_unknown_groups(plan, coming)
    if not as_json:
        _show_backlog(plan, coming, app)
    if not yes and not as_json:
        click.confirm("Go live?", abort=True)
    live_from = _go_live(door, plan, coming)
    due = _due(app, plan.source)
    facts = {"helpdesk": source.name, "live_from": live_from, "groups": groups, "old": old}
    backlog = {**asdict(coming), "links": len(coming.links), "due": coming.due, "by_reason": coming.by_reason}
    say({**facts, "backlog": backlog, "due": due}, as_json=as_json, show=lambda: _show_live(plan, coming, due))


def _go_live(door: Door, plan: _Plan, coming: "Backlog") -> datetime:
    """Leave watch mode and decide; gives since when news is told.

    That old news waits for a round is kept in the same transaction, so that nothing of it can go out in between.
    """
    from bugbridge.services import going_live, rounds

    app = door.app
    with app.store.write():
        live_from = app.clock.now() if plan.old == "listed" else plan.live_from
        going_live.go_live(app.store, app.clock, plan.source.name, live_from, door.actor, plan.groups)
        if plan.old == "round":
            rounds.hold(app.store, app.clock, coming.links, door.actor)
    decide_due(app)
    return live_from


def _start(app: "App", source: "Source", typed: str | None, groups: tuple[str, ...], *, yes: bool) -> datetime:
    """Give the first moment whose news is told: as typed, else now where nothing is to be asked, else as asked."""
    from bugbridge.services.going_live import begun

    if typed is not None:
        return begun(app.clock, instant(app, typed))
    return app.clock.now() if yes else _asked_start(app, source, groups)


def _refuse_unknown_groups(plan: _Plan, coming: "Backlog") -> None:
    unknown = [group for group in plan.groups if group not in coming.groups]
    if unknown:
        known = ", ".join(f"{group!r} ({counted(count, 'link')})" for group, count in sorted(coming.groups.items()))
        raise UsageError(f"No linked ticket is in {', '.join(unknown)}. Groups with links: {known or 'none'}.")


def _due(app: "App", source: "Source") -> int:
    due = app.store.due_updates(app.clock.now(), MOST_DUE)
    return sum(app.store.ticket(item.ticket_id).source_id == source.id for item in due)


def _show_live(plan: _Plan, coming: "Backlog", due: int) -> None:
    who = f"`bugbridge send` or the daemon posts {'it' if due == 1 else 'them'}" if due else "nothing is to be posted"
    what = f"{plan.source.name} ({', '.join(plan.groups)})" if plan.groups else plan.source.name
    tell(f"{what} is live. {counted(due, 'update')} {'is' if due == 1 else 'are'} due: {who}.")
    if plan.old == "round" and coming.due:
        tell(f"{counted(coming.due, 'old update')} wait for you: `bugbridge round list`.")
    tell("`bugbridge pause` stops all posting at once.")


def _helpdesk_source(app: "App", name: str | None) -> "Source":
    from bugbridge.services.going_live import helpdesk_source

    return helpdesk_source(app.store, name or only_helpdesk(app))


def _asked_start(app: "App", source: "Source", groups: tuple[str, ...]) -> datetime:
    now = app.clock.now()
    coming = _backlog(app, _Plan(source, now, groups, "told"))
    mode = _mode(app, source)
    due = f"{counted(coming.due, 'update')} would be due at once"
    tell(f"{mode} {counted(len(coming.links), 'link')}; with news from now on, {due}.")
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


def _backlog(app: "App", plan: _Plan) -> "Backlog":
    """Give what would be due at once; of what is only to be listed, what nobody will be told if the start is now."""
    from bugbridge.services.backlog import backlog

    coming = backlog(app.store, app.policies, app.clock, app.calendar, plan.starts_at)
    if plan.old != "listed":
        return coming
    told = backlog(app.store, app.policies, app.clock, app.calendar, replace(plan.starts_at, live_from=app.clock.now()))
    keys = {update.key for update in told.updates}
    return replace(coming, updates=tuple(update for update in coming.updates if update.key not in keys))


def _show_backlog(plan: _Plan, coming: "Backlog", app: "App") -> None:
    from bugbridge.render.times import stamp

    source = plan.source
    reasons = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(coming.by_reason.items()))
    if source.live_from is not None and not plan.groups:
        tell(_mode(app, source))
    where = f"{source.name} ({', '.join(plan.groups)})" if plan.groups else source.name
    tell(
        f"{where}, with news from {stamp(plan.live_from, app.settings.calendar.zone)} on: "
        f"{counted(coming.due, 'update')} would be due at once{f' ({reasons})' if reasons else ''}, "
        f"then {_pace(coming)}."
    )
    if not sum(coming.groups.values()) and not coming.links:
        tell("No ticket is linked yet: `bugbridge sync` reads tickets, and agents' notes link them.")
    if coming.due and plan.old == "listed":
        _list_old(coming)
    if coming.due and plan.old == "told":
        tell(
            "They are told within the policy's limits. Instead, `--old listed` only shows them, and `--old round` keeps"
        )
        tell("them until somebody has looked at each bug.")


def _list_old(coming: "Backlog") -> None:
    from bugbridge.render.tables import print_table

    rows = [(update.ticket, update.issue, update.reason.replace("_", " ")) for update in coming.updates[:LISTED]]
    print_table("Old news that nobody will be reminded of", ("ticket", "bug", "news"), rows)
    if coming.due > LISTED:
        tell(f"… and {coming.due - LISTED} more: with --json they are all there.")


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
