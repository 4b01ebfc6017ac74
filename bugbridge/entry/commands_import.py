"""History from files: tickets and bugs as CSV or JSON Lines, without an account anywhere."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import DataError, UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.progress import progress_bar
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.import_cells import FileSource
    from bugbridge.core.imports import Column, Meanings, Reading
    from bugbridge.entry.files import Format, RowFile
    from bugbridge.services.importing import Contradictions
    from bugbridge.services.importing_bugs import BugsImported
    from bugbridge.services.importing_tickets import TicketsImported
    from bugbridge.store.bulk import FileRegister

PASSES = 2
AUDIT = "`bugbridge audit --last 100`"
NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


@click.group("import", short_help="Bring history from files.")
def import_group() -> None:
    """Bring tickets and bugs from exports, to audit them. A file is imported whole or not at all; nothing is posted.

    \b
    Examples:
      bugbridge import tickets tickets.csv
      bugbridge import bugs bugs.csv
      bugbridge audit --last 100
    """


def _shared_options(command: Callable[..., Any]) -> Callable[..., Any]:
    options: tuple[Callable[..., Any], ...] = (
        click.argument("path", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False)),
        click.option("--column", "chosen", multiple=True, metavar="COLUMN=NAME", help=(
            "Read a column from one that the file calls otherwise, as in created_at='Created Date'; "
            "without a NAME it isn't read. Repeatable."
        )),
        click.option("--meaning", "meanings", multiple=True, metavar="COLUMN:WORD=MEANING", help=(
            "What a word of your own means in a column with a fixed set of them, as in resolution:Fertig=fixed. "
            "Repeatable."
        )),
        click.option("--zone", help="The zone of times without one, such as Europe/Berlin. Default: the calendar's."),
        click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="Default: by the file's ending."),
        click.option("--tracker", default="bugs", show_default=True, help="The tracker whose bugs these are."),
        click.option("--dry-run", is_flag=True, help="Say what would be imported, and import nothing."),
        json_option,
        pass_door,
    )  # fmt: skip
    return reduce(_decorate, reversed(options), command)


def _decorate(command: Any, option: Callable[..., Any]) -> Any:  # noqa: ANN401 - click's decorators take anything
    return option(command)


@import_group.command("tickets", short_help="Tickets, with the bugs that they report.")
@click.option("--helpdesk", default="history", show_default=True, help="The helpdesk whose tickets these are.")
@_shared_options
def import_tickets(door: Door, path: Path, helpdesk: str, *, dry_run: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Import tickets from a CSV or JSON Lines file: one line a ticket, the columns id and created_at at least.

    \b
    Other columns: updated_at status requester requester_name account tier language zone brand subject assignee
    bugs linked_at replies customer_messages.  The document importing.md says what each holds.

    \b
    Examples:
      bugbridge import tickets tickets.csv --dry-run
      bugbridge import tickets tickets.csv --zone Europe/Berlin --column created_at="Created Date" --column bugs=Issues
      bugbridge import tickets export.jsonl --helpdesk support --tracker jira
    """
    from bugbridge.core.imported_tickets import TICKET_COLUMNS, TICKET_MEANINGS
    from bugbridge.services import importing_tickets

    file, reading, ignored = _opened(door.app, path, TICKET_COLUMNS, TICKET_MEANINGS, helpdesk=helpdesk, **options)
    with _register() as register, _progress(file):
        made = importing_tickets.import_tickets(
            door.app.store, door.app.clock, door.actor, file, reading, register, dry_run=dry_run
        )
    facts = {"file": str(path), "dry_run": dry_run, "helpdesk": helpdesk, **asdict(made), "ignored_columns": ignored}
    say(facts, as_json=as_json, show=lambda: _tell_tickets(door.app, made, ignored, dry_run=dry_run))


@import_group.command("bugs", short_help="Bugs, with when each was fixed and released.")
@_shared_options
def import_bugs(door: Door, path: Path, *, dry_run: bool, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - click's
    """Import bugs from a CSV or JSON Lines file: one line a bug, the columns id and created_at at least.

    \b
    Other columns: updated_at in_progress_at fixed_at declined_at closed_at resolution reopened_at released_at
    version labels duplicate_of.  The document importing.md says what each holds.

    \b
    Examples:
      bugbridge import bugs bugs.csv --dry-run
      bugbridge import bugs jira.csv --column id="Issue key" --column created_at=Created --column closed_at=Resolved
    """
    from bugbridge.core.imported_bugs import BUG_COLUMNS, BUG_MEANINGS
    from bugbridge.services import importing_bugs

    file, reading, ignored = _opened(door.app, path, BUG_COLUMNS, BUG_MEANINGS, **options)
    with _register() as register, _progress(file):
        made = importing_bugs.import_bugs(door.app.store, door.app.clock, file, reading, register, dry_run=dry_run)
    tracker = options["tracker"]
    facts = {"file": str(path), "dry_run": dry_run, "tracker": tracker, **asdict(made), "ignored_columns": ignored}
    say(facts, as_json=as_json, show=lambda: _tell_bugs(door.app, made, reading, ignored, dry_run=dry_run))


def _opened(
    app: "App",
    path: Path,
    known: "Sequence[Column]",
    words: "Meanings",
    *,
    helpdesk: str = "",
    tracker: str,
    chosen: Sequence[str],
    meanings: Sequence[str],
    zone: str | None,
    form: "Format | None",
) -> "tuple[RowFile, Reading, tuple[str, ...]]":
    """Open a file, and settle how its lines are read and which of its columns aren't."""
    from bugbridge.core.imports import Reading, choose_meanings
    from bugbridge.entry.files import RowFile, as_meaning, as_zone, ignored

    if helpdesk == tracker:
        raise UsageError(f"{tracker} can't be both the helpdesk and the tracker: name one of them otherwise.")
    sources = {"helpdesk": _source(app, helpdesk, "helpdesk"), "tracker": _source(app, tracker, "tracker")}
    zone_info = as_zone(zone or app.settings.calendar.zone)
    file = RowFile(path, form)
    present = file.columns()
    columns = _columns(file, known, present, chosen)
    own = choose_meanings(words, [as_meaning(text) for text in meanings])
    now, rules = app.clock.now(), app.references
    reading = Reading(columns=columns, zone=zone_info, now=now, rules=rules, meanings=own, **sources)
    return file, reading, ignored(present, columns)


def _columns(
    file: "RowFile", known: "Sequence[Column]", present: Sequence[str], chosen: Sequence[str]
) -> "Mapping[str, str]":
    """Choose the columns. Where a line is none, that is why one is missing, and is said instead."""
    from bugbridge.core.imports import choose_columns
    from bugbridge.entry.files import as_pair

    try:
        return choose_columns(known, present, [as_pair(text) for text in chosen])
    except DataError:
        if file.unreadable is None:
            raise
        raise DataError(f"{file.name}, line {file.unreadable.number}: {file.unreadable.problem}") from None


def _source(app: "App", name: str, role: str) -> "FileSource":
    """Give what a name means in the configuration. Raises UsageError where it means something else, or nothing."""
    from bugbridge.core.import_cells import FileSource

    configured = {"helpdesk": set(app.settings.helpdesks), "tracker": set(app.settings.trackers)}
    other = next(one for one in configured if one != role)
    if name in configured[other]:
        raise UsageError(f"{name} is a {other} in the configuration: name another {role} with --{role}.")
    if name and not NAME.fullmatch(name):
        raise UsageError(f"--{role} {name}: a name is lower-case letters, digits and -.")
    return FileSource(name, is_configured=name in configured[role])


@contextmanager
def _register() -> "Iterator[FileRegister]":
    from bugbridge.store.bulk import FileRegister

    register = FileRegister()
    try:
        yield register
    finally:
        register.close()


@contextmanager
def _progress(file: "RowFile") -> Iterator[None]:
    """Show how much of the file was read."""
    with progress_bar(file.name, PASSES * file.size) as bar:
        file.on_bytes = bar
        yield


def _tell_tickets(app: "App", made: "TicketsImported", ignored: Sequence[str], *, dry_run: bool) -> None:
    """Say what became of a file of tickets, and what to do next."""
    _tell_counts("ticket", made, [counted(made.messages, "message")], ignored, dry_run=dry_run)
    if made.forgotten:
        tell(f"Left out: {counted(made.forgotten, 'ticket')} to be forgotten, or of a customer who is.")
    if made.unread_bugs:
        tell(f"Known by name alone so far: {counted(made.unread_bugs, 'bug')} that these tickets name.")
    _tell_next("`bugbridge import bugs FILE`" if made.unread_bugs else _audit(app), dry_run=dry_run)


def _tell_bugs(app: "App", made: "BugsImported", reading: "Reading", ignored: Sequence[str], *, dry_run: bool) -> None:
    """Say what became of a file of bugs, and what to do next."""
    _tell_counts("bug", made, [], ignored, dry_run=dry_run)
    if "version" in reading.columns and "released_at" not in reading.columns:
        tell("No bug counts as released: a version says which release it was, and only released_at that it was.")
    if made.unread_bugs:
        tell(f"Named by tickets, but in no file so far: {counted(made.unread_bugs, 'bug')}.")
    linked = made.links or app.store.resolved_bugs(1)
    _tell_next(_audit(app) if linked else "`bugbridge import tickets FILE`", dry_run=dry_run)


def _audit(app: "App") -> str:
    """Planning judges how often a bug is met; before that an audit can't group by it."""
    unjudged = app.store.bugs_to_check(app.clock.now())
    return f"`bugbridge plan`, which judges how often each bug is met, then {AUDIT}" if unjudged else AUDIT


def _tell_counts(
    what: str, made: "TicketsImported | BugsImported", more: Sequence[str], ignored: Sequence[str], *, dry_run: bool
) -> None:
    if not made.new + made.known:
        tell(f"The file holds no lines of {what}s: there is nothing to import.")
        return
    counts = [*more, counted(made.links, "link")]
    if made.suggestions:
        counts.append(f"{counted(made.suggestions, 'suggestion')} (that bug had ended before the ticket began)")
    known = f" ({made.known} known already)" if made.known else ""
    begin = "Would import" if dry_run else "Imported"
    tell(f"{begin} {counted(made.new, f'new {what}')}{known}; new with them: {', '.join(counts)}.")
    if made.contradictions.count:
        many = counted(made.contradictions.count, what)
        tell(f"Other dates than before: {many} ({_named(made.contradictions)}); the earlier ones stand.")
    if ignored:
        tell(f"Not read: {counted(len(ignored), 'column')} ({', '.join(ignored)}).")


def _named(contradictions: "Contradictions") -> str:
    more = ", …" if contradictions.count > len(contradictions.first) else ""
    return ", ".join(contradictions.first) + more


def _tell_next(command: str, *, dry_run: bool) -> None:
    tell("Nothing was imported: leave --dry-run out to do so." if dry_run else f"Next: {command}.")
