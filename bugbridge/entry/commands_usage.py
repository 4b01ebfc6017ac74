"""Usage of the product's flows: imported from a file, and joined to the bugs that sit in them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from bugbridge.core.errors import DataError, UsageError
from bugbridge.core.records import IssueRow, KnownUpTo, Source
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.naming import known_issue
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.services.usage import UsageImport

# No row is longer; what is isn't read into memory as one.
LONGEST_LINE = 10_000


@click.group(short_help="How much customers use the product.")
def usage() -> None:
    """Judge bugs by how much the product is used, which says more than tickets do."""


@usage.command("import", short_help="Read usage from a CSV file.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--helpdesk", help="Whose accounts the file names, where several helpdesks are configured.")
@click.option("--dry-run", is_flag=True, help="Check the file and say what it would change; keep nothing.")
@json_option
@pass_door
def usage_import(door: Door, file: Path, helpdesk: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Read a CSV file in UTF-8 with the columns account, flow, day and uses: how often an account used a flow on a day.

    An account is the helpdesk's id of it, or its name there; one that never wrote in counts too. Days are those of UTC.
    Bugs are judged by it where `bugbridge flow` or a label of the issue, such as `flow:export`, names their flow.
    Importing again changes nothing but what was corrected. A file with a problem isn't imported at all.

    \b
    Example of a file:
      account,flow,day,uses
      Acme,export,2026-06-12,3
    \b
    Examples:
      bugbridge usage import usage.csv --dry-run
      bugbridge usage import usage.csv --helpdesk support
    """
    from bugbridge.services.usage import import_usage

    app = door.app
    source = _helpdesk(app, helpdesk)
    with _lines(file) as lines:
        kept = import_usage(app.store, app.clock, source, lines, door.actor, where=str(file), dry_run=dry_run)
    facts = {"file": str(file), "helpdesk": source.name, "dry_run": dry_run, **asdict(kept)}
    say(facts, as_json=as_json, show=lambda: _show_import(kept, dry_run=dry_run))


def _helpdesk(app: "App", name: str | None) -> Source:
    names = list(app.settings.helpdesks)
    if name is None and len(names) != 1:
        raise UsageError(f"Say with --helpdesk whose accounts the file names: {', '.join(names) or 'none'}.")
    chosen = name or names[0]
    if chosen not in names:
        raise UsageError(f"There is no helpdesk named {chosen!r} in the configuration; it has: {', '.join(names)}.")
    return next(source for source in app.store.sources() if source.name == chosen)


@contextmanager
def _lines(file: Path) -> Iterator[Iterator[bytes]]:
    """Open a file and show on a terminal how far it was read. Raises DataError if it can't be."""
    try:
        with file.open("rb") as opened:
            length = file.stat().st_size
            with click.progressbar(
                length=length, label=f"Reading {file.name}", file=sys.stderr, hidden=not sys.stderr.isatty()
            ) as bar:
                yield _read(opened, bar)
    except OSError as error:
        raise DataError(f"{file} can't be read: {error.strerror}.") from None


def _read(opened: BinaryIO, bar: Any) -> Iterator[bytes]:  # noqa: ANN401 - click names no public type for it
    while line := opened.readline(LONGEST_LINE):
        yield line
        bar.update(len(line))


def _show_import(kept: "UsageImport", *, dry_run: bool) -> None:
    new = f", {kept.new_accounts} of them new here" if kept.new_accounts else ""
    verb = "Would import" if dry_run else "Imported"
    tell(
        f"{verb} {counted(kept.new, 'day')} of use and {counted(kept.corrected, 'correction')} by "
        f"{counted(kept.accounts, 'account')}{new}; {kept.known:,} known already."
    )
    if kept.new_accounts:
        tell("An account that is new here joins its customers once they write in under that id or name.")
    if kept.bugs:
        judged = "would be judged afresh" if dry_run else "will be judged afresh by `bugbridge plan`"
        tell(f"{counted(kept.bugs, 'bug')} with a flow {judged}.")
    else:
        tell("No bug has a flow yet: `bugbridge flow ISSUE FLOW`, or a label such as flow:export, names one.")


@click.command(short_help="Which flow of the product a bug sits in.")
@click.argument("issue")
@click.argument("name", required=False, metavar="[FLOW]")
@click.option("--none", "take_off", is_flag=True, help="Take the flow off that was named here.")
@json_option
@pass_door
def flow(door: Door, issue: str, name: str | None, *, take_off: bool, as_json: bool) -> None:
    """Name the flow that a bug sits in, as the usage file calls it; the bug is then judged by who uses it.

    A label of the issue in its tracker does the same without a command: `flow:export` names the flow `export`. A flow
    named here counts instead of the labels'. Capitals don't matter.

    \b
    Examples:
      bugbridge flow acme/app#12 export
      bugbridge flow acme/app#12             which one it is
      bugbridge flow acme/app#12 --none
    """
    from bugbridge.services.frequencies import set_flow

    if name is not None and take_off:
        raise UsageError("Either name a flow or take it off with --none, not both.")
    if name is not None and not name.strip():
        raise UsageError("A flow has a name, as in the usage file; --none takes it off.")
    app = door.app
    issue_row = known_issue(app, issue)
    asked = name is not None or take_off
    changed = asked and set_flow(app.store, app.clock, issue_row, (name or "").strip(), door.actor)
    facts = _flow_facts(app, issue_row) | {"changed": changed}
    say(facts, as_json=as_json, show=lambda: tell(_flow_sentence(facts, nothing_done=asked and not changed)))


def _flow_facts(app: "App", issue: IssueRow) -> dict[str, Any]:
    from bugbridge.core.usage import flow_by_hand, flows_of

    history = app.store.bug_history(issue.bug_id, KnownUpTo(app.store.head()))
    by = "hand" if flow_by_hand(history) else "label"
    flows = flows_of(history)
    return {"issue": history.primary_reference or issue.reference, "flows": flows, "by": by if flows else None}


def _flow_sentence(facts: dict[str, Any], *, nothing_done: bool) -> str:
    already = " already; nothing was done" if nothing_done else ""
    if not facts["flows"]:
        return f"{facts['issue']} sits in no flow{already}."
    how = ", as its labels say" if facts["by"] == "label" else ""
    return f"{facts['issue']} sits in {', '.join(facts['flows'])}{how}{already}."
