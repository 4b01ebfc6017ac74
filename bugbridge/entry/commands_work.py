"""The steps of the daemon, one at a time by hand."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.calendar import is_open
from bugbridge.core.errors import BugBridgeError, ConfigError, DataError, RemoteError, UsageError
from bugbridge.core.model import Channel, DeliveryState, TicketStatus
from bugbridge.core.noise import intended_at
from bugbridge.entry import jobs
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import tally

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bugbridge.app import App
    from bugbridge.services.previewing import Preview

# Trouble with our own database concerns every source; a missing secret, only its own.
WORST_FIRST = (DataError.exit_code, RemoteError.exit_code, ConfigError.exit_code)
UNFINISHED = (DeliveryState.CLAIMED, DeliveryState.POSTING, DeliveryState.UNKNOWN)
# What a pass got done: where it did any of these, its problems are not all there was.
DONE = ("posted", "replied", "found", "held", "withdrawn")
# Notes for people to read through; programs get all of them.
PREVIEWS_SHOWN = 100


@click.command(short_help="Read tickets and issues.")
@click.argument("names", nargs=-1)
@json_option
@pass_door
@click.pass_context
def sync(context: click.Context, door: Door, names: tuple[str, ...], *, as_json: bool) -> None:
    """Read what changed in every helpdesk and tracker, or in those named. Nothing is posted.

    A source that fails stops no other; then the exit code is 3, or 2 where only a secret is missing. Trouble with the
    database ends it, with 4.

    \b
    Examples:
      bugbridge sync
      bugbridge sync support github
    """
    app = door.app
    wanted = [job for job in jobs.reading_jobs(app) if not names or job.name.partition(" ")[2] in names]
    _refuse_unknown(names, {job.name.partition(" ")[2] for job in wanted})
    if not wanted:
        raise UsageError("Nothing to read: add a helpdesk and a tracker to the configuration.")
    read, failed = _read(app, wanted)
    facts = {"read": read, "failed": {name: str(error) for name, error in failed.items()}}
    say(facts, as_json=as_json, show=lambda: _show_read(read))
    _complain([str(error) for error in failed.values()])
    codes = {error.exit_code for error in failed.values()}
    context.exit(next((code for code in WORST_FIRST if code in codes), 0))


def _read(app: "App", wanted: list[jobs.Job]) -> tuple[dict[str, dict[str, Any]], dict[str, BugBridgeError]]:
    """Take the steps one after another; what the database can't do for one it can't do for the others."""
    read: dict[str, dict[str, Any]] = {}
    failed: dict[str, BugBridgeError] = {}
    for job in wanted:
        try:
            read[job.name] = asdict(jobs.run(app, job))
        except BugBridgeError as error:
            failed[job.name] = error
            if isinstance(error, DataError):
                break
    return read, failed


def _complain(sentences: "Iterable[str]") -> None:
    """Say on stderr what went wrong, each thing once."""
    from bugbridge.render.plain import clean

    for sentence in dict.fromkeys(sentences):
        click.echo(clean(sentence), err=True)


def _refuse_unknown(names: tuple[str, ...], known: set[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"There is no helpdesk or tracker named {', '.join(unknown)} in the configuration.")


def _show_read(read: dict[str, dict[str, Any]]) -> None:
    for name, counts in read.items():
        tell(f"{name}: {tally(counts) or 'nothing new'}.")
    if any(counts.get("suggestions") for counts in read.values()):
        tell("A suggestion waits for a person: `bugbridge show TICKET` shows it, `bugbridge link` makes it a link.")
    if read:
        tell("`bugbridge plan` decides what is due.")


@click.command(short_help="Decide what is due.")
@json_option
@pass_door
def plan(door: Door, *, as_json: bool) -> None:
    """Judge frequencies and decide every link that was touched or whose decision has expired. Nothing is posted."""
    app = door.app
    result = asdict(jobs.run(app, _job(app, "plan")))
    sentence = f"{tally(result) or 'Nothing was to be decided'}. `bugbridge due` shows what is due."
    notice = jobs.policy_notice(app)
    facts = {**result, "notice": notice} if notice else result
    say(facts, as_json=as_json, show=lambda: tell(f"{sentence} {notice}".rstrip()))


def _job(app: "App", name: str) -> jobs.Job:
    return next(job for job in jobs.all_jobs(app) if job.name == name)


@click.command(short_help="Post reminders that are due.")
@click.option("--dry-run", is_flag=True, help="Show what would be posted, and post nothing.")
@json_option
@pass_door
@click.pass_context
def send(context: click.Context, door: Door, *, dry_run: bool, as_json: bool) -> None:
    """Post the reminders that are due, as internal notes, on helpdesks that went live. A second run posts none again.

    Exits with 3 if there was something to post and none of it could be.

    \b
    Examples:
      bugbridge send --dry-run
      bugbridge send
    """
    app = door.app
    if dry_run:
        from bugbridge.services.previewing import preview_due

        previews = preview_due(app.sender)
        facts = {"would_post": [_preview_facts(preview) for preview in previews]}
        say(facts, as_json=as_json, show=lambda: _show_previews(app, previews))
        return
    result = asdict(jobs.run(app, _job(app, "send")))
    result["tags"] = {job.name.partition(" ")[2]: asdict(jobs.run(app, job)) for job in jobs.tag_jobs(app)}
    result["problems"] += tuple(problem for tagging in result["tags"].values() for problem in tagging["problems"])
    say(result, as_json=as_json, show=lambda: _show_sent(app, result))
    _complain(result["problems"])
    if result["problems"] and not any(result[name] for name in DONE):
        context.exit(RemoteError.exit_code)


def _preview_facts(preview: "Preview") -> dict[str, Any]:
    return {
        "ticket": preview.ticket,
        "issue": preview.issue,
        "reason": preview.item.reason,
        "updates": [{"reason": item.reason, "due_at": intended_at(item)} for item in preview.items],
        "due_at": preview.item.due_at,
        "ticket_status": preview.ticket_status,
        "channel": preview.channel,
        "text": preview.text,
    }


def _show_sent(app: "App", result: dict[str, Any]) -> None:
    told = tally(result)
    tell(f"{told[:1].upper()}{told[1:]}." if told else f"Nothing was posted. {_why_none(app)}")
    if result["retried"] or result["held"]:
        tell(_next_try(app))


def _next_try(app: "App") -> str:
    """Say when the first of those that were put off is tried again."""
    from bugbridge.render.times import stamp

    waiting = [delivery.not_before for state in UNFINISHED for delivery in app.store.deliveries(state)]
    at = min(waiting, default=app.clock.now())
    zone = app.settings.calendar.zone
    return f"The next try is from {stamp(at, zone)} on, by the daemon or `bugbridge send`."


def _show_previews(app: "App", previews: "tuple[Preview, ...]") -> None:
    for preview in previews[:PREVIEWS_SHOWN]:
        closed = preview.ticket_status == TicketStatus.CLOSED
        note = " (closed: helpdesks that lock closed tickets won't take this note)" if closed else ""
        reply = ", a reply to the customer" if preview.channel == Channel.REPLY else ""
        tell(f"--- {preview.ticket}, {preview.issue}{reply}{note}", bold=True)
        tell(f"{preview.text}\n")
    if len(previews) > PREVIEWS_SHOWN:
        tell(f"… and {len(previews) - PREVIEWS_SHOWN} more: `bugbridge send --dry-run --json` has them all.")
    if not previews:
        tell(f"Nothing would be posted. {_why_none(app)}")


def _why_none(app: "App") -> str:
    from bugbridge.services.sources import in_watch_mode

    helpdesks = [source for source in app.store.sources() if source.role == "helpdesk"]
    if all(in_watch_mode(app.store, source) for source in helpdesks):
        return "Watch mode: nothing is posted before `bugbridge go-live`."
    now = app.clock.now()
    live = [source for source in helpdesks if not in_watch_mode(app.store, source)]
    if all(source.paused_until is not None and source.paused_until > now for source in live):
        return "Posting is paused until `bugbridge resume`."
    if not is_open(now, app.calendar):
        return "Out of hours only what was promised is posted; `bugbridge due` shows when the rest goes out."
    return "`bugbridge due` shows what is to come."
