"""Saying on issues how many customers wait, by hand or as a rehearsal."""

import time
from typing import TYPE_CHECKING

import click

from bugbridge.core.errors import RemoteError, UsageError
from bugbridge.entry import jobs
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.writing_back import Written

TROUBLE = frozenset({"unknown", "failed"})
ACTIONS = {"comment": "a comment", "edit": "an edit of our comment", "label": "a label", "ticket_link": "a ticket link"}
OUTCOMES = {
    "would_write": "would be written",
    "written": "written",
    "found": "there already",
    "refused": "refused",
    "unknown": "may have been written, and will be looked up",
    "failed": "failed",
}


@click.command("write-back", short_help="Say on issues how many customers wait.")
@click.argument("tracker", required=False)
@click.option("--dry-run", is_flag=True, help="Show what would be written where, and write nothing.")
@json_option
@pass_door
@click.pass_context
def write_back(context: click.Context, door: Door, tracker: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Keep one comment on each issue of a linked bug, with the number of customers who report it, add a label from a
    number of them on, and on Jira a link to each ticket. Never a name, an address, a subject or a customer's words.

    Only for trackers that have it switched on; a rehearsal of one that hasn't is allowed. Exits with 3 if something
    failed.

    \b
    Examples:
      bugbridge write-back github --dry-run
      bugbridge write-back
    """
    app = door.app
    names = _chosen(app, tracker, dry_run=dry_run)
    lines: dict[str, tuple[Written, ...]] = {}
    failed: dict[str, str] = {}
    for name in names:
        try:
            lines[name] = _lines(app, name, dry_run=dry_run)
        except RemoteError as error:
            failed[name] = str(error)
    facts = {"dry_run": dry_run, "trackers": lines, "failed": failed}
    say(facts, as_json=as_json, show=lambda: _show(app, lines, names))
    for sentence in failed.values():
        click.echo(clean(sentence), err=True)
    if failed or any(line.outcome in TROUBLE for written in lines.values() for line in written):
        context.exit(RemoteError.exit_code)


def _chosen(app: "App", tracker: str | None, *, dry_run: bool) -> list[str]:
    switched_on = [name for name, part in app.settings.trackers.items() if part.write_back]
    if tracker is None:
        return switched_on
    if tracker not in app.settings.trackers:
        known = ", ".join(app.settings.trackers) or "none"
        raise UsageError(f"There is no tracker named {tracker!r} in the configuration; it has: {known}.")
    if not dry_run and tracker not in switched_on:
        raise UsageError(f"Writing back to {tracker} is switched off. {_how(tracker)}")
    return [tracker]


def _how(name: str) -> str:
    return f"Switch it on with write_back = true under [trackers.{name}]; --dry-run shows beforehand what that writes."


def _lines(app: "App", name: str, *, dry_run: bool) -> "tuple[Written, ...]":
    from bugbridge.services.writing_back import write_back as write

    began = time.monotonic()
    lines = write(app.back_writer(name), dry_run=dry_run)
    if not dry_run:
        jobs.remember(app, jobs.write_back_job(app, name), time.monotonic() - began)
    return lines


def _show(app: "App", lines: "dict[str, tuple[Written, ...]]", names: list[str]) -> None:
    if not names:
        example = next(iter(app.settings.trackers), "NAME")
        tell(f"Writing back is switched off for every tracker. {_how(example)}")
    for name, written in lines.items():
        for line in written:
            _show_line(line)
        if not written:
            tell(f"{name}: nothing is to be written; comments are edited at most weekly, and when their text changed.")


def _show_line(line: "Written") -> None:
    happened = f"{ACTIONS.get(line.action, '')} {OUTCOMES[line.outcome]}".strip()
    tell(f"--- {line.issue}: {happened}", bold=True)
    for text in (line.text, line.sentence):
        if text:
            tell(text)
