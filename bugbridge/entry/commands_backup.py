"""Copy the database while everything goes on."""

from pathlib import Path
from typing import Any

import click

from bugbridge.core.errors import UsageError
from bugbridge.entry.door import Door, json_option, pass_door, say, tell
from bugbridge.entry.progress import progress_bar
from bugbridge.entry.sentences import counted

MEGABYTE = 1_000_000


@click.command(short_help="Copy the database, also while the daemon runs.")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@json_option
@pass_door
def backup(door: Door, file: Path, *, force: bool, as_json: bool) -> None:
    """Write a copy of the database to FILE, as it is at this moment; the daemon may go on writing meanwhile.

    The copy is checked before it gets its name, so a file of that name is always whole. Only you may read it: it holds
    customers' names and addresses. A backup still holds whoever is forgotten after it was made: let old ones go. Before
    an upgrade make it with the old version, since each command of a new one brings the database to that version first.

    \b
    Restoring: stop the daemon and `bugbridge serve`, put the copy in the database's place, take away the files beside
    it that end in -wal and -shm, and start again:
      cp backup.sqlite bugbridge.sqlite; rm -f bugbridge.sqlite-wal bugbridge.sqlite-shm; bugbridge check
    What was posted after the backup was made isn't in it. Notes aren't looked for by what they say, so some may be
    posted once more: before starting the daemon, `bugbridge pause`, then see with `bugbridge due` what would be posted.

    \b
    Examples:
      bugbridge backup /var/backups/bugbridge-2026-06-15.sqlite
      bugbridge backup latest.sqlite --force
    """
    if file.exists() and not force:
        raise UsageError(f"{file} is there already: name another file, or replace it with --force.")
    store = door.app.store
    with progress_bar("Copying", store.pages()) as progress:
        rows = store.back_up(str(file), progress)
    facts = {"file": str(file), "bytes": file.stat().st_size, "rows": dict(rows)}
    say(facts, as_json=as_json, show=lambda: _show(facts))


def _show(facts: dict[str, Any]) -> None:
    size = f"{facts['bytes'] / MEGABYTE:,.1f} MB"
    tell(f"{facts['file']}: {size}, {counted(sum(facts['rows'].values()), 'row')}, checked.")
