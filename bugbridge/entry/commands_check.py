"""Whether what is kept is sound."""

from typing import TYPE_CHECKING, Any

import click

from bugbridge.core.errors import DataError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.progress import progress_bar
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.services.checking import Findings

# Of one kind, for people to read; programs get all of them.
SHOWN = 20


@click.command(short_help="See whether what is kept is sound.")
@click.option("--repair", "mend", is_flag=True, help="Make again what is derived from the events and is off.")
@json_option
@pass_door
@click.pass_context
def check(context: click.Context, door: Door, *, mend: bool, as_json: bool) -> None:
    """Look at the database file, at all that must always be true of what is kept, and at all that is derived.

    The daemon may go on meanwhile: everything is read as it was at one moment. What is wrong is listed, each with the
    id of what it breaks, and the exit code is 4. What is derived from the events (a link's state, a bug's stage, …) can
    be made again from them with --repair; for anything else, restore a backup (`bugbridge backup --help`).

    \b
    Examples:
      bugbridge check
      bugbridge check --repair
      bugbridge check --json
    """
    from bugbridge.services import checking

    path = door.app.settings.database
    if not path.exists():
        raise DataError(
            f"There is no database at {path}: correct `database` in the configuration, or copy a backup there."
        )
    store = door.app.store
    with progress_bar("Checking", checking.steps(store)) as progress:
        found = (checking.repair if mend else checking.check)(store, progress)
    mended = mend and bool(found.misfolds)
    left = found.violations if mended else found.all
    facts = {
        "clean": not left,
        "checked": found.checked,
        "events": found.events,
        "violations": list(left),
        "repaired": list(found.misfolds) if mended else [],
    }
    say(facts, as_json=as_json, show=lambda: _show(found, facts))
    context.exit(DataError.exit_code if left else 0)


def _show(found: "Findings", facts: dict[str, Any]) -> None:
    if facts["repaired"]:
        tell(f"{counted(len(found.misfolds), 'derived value')} made again from the events:")
        _list([(one.id, one.what) for one in found.misfolds])
    if facts["clean"]:
        tell(f"All is well: {counted(found.checked, 'check')} over {counted(found.events, 'event')}.")
        return
    sentences = {one.id: one.sentence for one in facts["violations"]}
    for name, sentence in sentences.items():
        tell(f"{name}: not so: {sentence}")
        _list([("", one.what) for one in facts["violations"] if one.id == name])
    derived = bool(found.misfolds) and not facts["repaired"]
    if derived:
        tell("What is derived from the events is made again by `bugbridge check --repair`.")
    if found.violations:
        tell("What can't be made again: restore a backup, as `bugbridge backup --help` says, and please report this.")


def _list(places: list[tuple[str, str]]) -> None:
    for name, what in places[:SHOWN]:
        tell(f"  {name + ': ' if name else ''}{what}")
    if len(places) > SHOWN:
        tell(f"  and {len(places) - SHOWN:,} more (--json lists all).")
