"""The steps of the daemon, one at a time by hand."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import BugBridgeError, RemoteError, UsageError
from bugbridge.entry import jobs
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.sentences import tally

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.sending import Preview


@click.command(short_help="Read tickets and issues.")
@click.argument("names", nargs=-1)
@json_option
@pass_door
@click.pass_context
def sync(context: click.Context, door: Door, names: tuple[str, ...], *, as_json: bool) -> None:
    """Read what changed in every helpdesk and tracker, or in those named. Nothing is posted.

    A source that fails stops no other; then the exit code is 3.

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
    read: dict[str, dict[str, Any]] = {}
    failed: dict[str, str] = {}
    for job in wanted:
        try:
            read[job.name] = asdict(jobs.run(app, job))
        except BugBridgeError as error:
            failed[job.name] = str(error)
    say({"read": read, "failed": failed}, as_json=as_json, show=lambda: _show_read(read))
    for sentence in failed.values():
        click.echo(_clean(sentence), err=True)
    if failed:
        context.exit(RemoteError.exit_code)


def _refuse_unknown(names: tuple[str, ...], known: set[str]) -> None:
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UsageError(f"There is no helpdesk or tracker named {', '.join(unknown)} in the configuration.")


def _show_read(read: dict[str, dict[str, Any]]) -> None:
    for name, counts in read.items():
        tell(f"{name}: {tally(counts) or 'nothing new'}.")
    if read:
        tell("`bugbridge plan` decides what is due.")


def _clean(text: str) -> str:
    from bugbridge.render.plain import clean

    return clean(text)


@click.command(short_help="Decide what is due.")
@json_option
@pass_door
def plan(door: Door, *, as_json: bool) -> None:
    """Judge frequencies and decide every link that was touched or whose decision has expired. Nothing is posted."""
    app = door.app
    result = asdict(jobs.run(app, _job(app, "plan")))
    sentence = (
        f"{result['decided']} links decided, {result['changed']} decisions changed, "
        f"{result['checked']} frequencies judged. `bugbridge due` shows what is due."
    )
    say(result, as_json=as_json, show=lambda: tell(sentence))


def _job(app: "App", name: str) -> jobs.Job:
    return next(job for job in jobs.all_jobs(app) if job.name == name)


@click.command(short_help="Post reminders that are due.")
@click.option("--dry-run", is_flag=True, help="Show what would be posted, and post nothing.")
@json_option
@pass_door
def send(door: Door, *, dry_run: bool, as_json: bool) -> None:
    """Post the reminders that are due, as internal notes, on helpdesks that went live. A second run posts none again.

    \b
    Examples:
      bugbridge send --dry-run
      bugbridge send
    """
    app = door.app
    if dry_run:
        from bugbridge.services.sending import preview_due

        previews = preview_due(app.sender)
        say({"would_post": previews}, as_json=as_json, show=lambda: _show_previews(app, previews))
        return
    result = asdict(jobs.run(app, _job(app, "send")))
    told = tally(result)
    say(result, as_json=as_json, show=lambda: tell(f"{told}." if told else f"Nothing was posted. {_why_none(app)}"))


def _show_previews(app: "App", previews: "tuple[Preview, ...]") -> None:
    for preview in previews:
        tell(f"--- {preview.ticket}", bold=True)
        tell(f"{preview.text}\n")
    if not previews:
        tell(f"Nothing would be posted. {_why_none(app)}")


def _why_none(app: "App") -> str:
    helpdesks = [source for source in app.store.sources() if source.role == "helpdesk"]
    if all(source.live_from is None for source in helpdesks):
        return "Watch mode: nothing is posted before `bugbridge go-live`."
    now = app.clock.now()
    if all(source.paused_until is not None and source.paused_until > now for source in helpdesks if source.live_from):
        return "Posting is paused until `bugbridge resume`."
    return "`bugbridge due` shows what is to come."
