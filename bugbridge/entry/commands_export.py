"""All that is kept, as JSON Lines."""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from bugbridge.core.errors import UsageError
from bugbridge.core.instants import instant_to_text
from bugbridge.entry.door import Door, pass_door
from bugbridge.entry.sentences import counted

if TYPE_CHECKING:
    from bugbridge.app import App

# Grows when a line's meaning changes; new columns and tables may come without that.
EXPORT_VERSION = 1
STANDARD_OUTPUT = "-"


@click.command(short_help="Put all that is kept out as JSON Lines.")
@click.argument("file", default=STANDARD_OUTPUT, type=click.Path(path_type=Path, dir_okay=False, allow_dash=True))
@click.option("--with-personal-data", "personal", is_flag=True, help="Names, addresses, subjects, and helpdesks' ids.")
@click.option("--force", is_flag=True, help="Replace a file that is there already.")
@pass_door
def export(door: Door, file: Path, *, personal: bool, force: bool) -> None:
    """Write every event, and what is needed to read them, to FILE or to standard output: one JSON object a line.

    Each line's `table` says what it is; its other keys are the columns as the database has them. Instants are in UTC;
    `seq` numbers the events of all tables in the order in which they were learned. The first line is of the table
    `export`: `version` is 1, and grows when a line comes to mean something else; `schema` names the database's last
    migration. The tables: source, party, ticket, issue, bug, link, update_item, delivery; then the events alias,
    fact_event, message, finding, bug_event, link_event, usage_day, ruleset, decision, delivery_event.

    Without --with-personal-data no private values are in it (names, addresses, subjects, workarounds, reasons), and a
    customer's, ticket's and message's id at its helpdesk is null. Agents' logins, who did what, are in it.

    \b
    Examples:
      bugbridge export | jq -c 'select(.table == "decision")'
      bugbridge export everything.jsonl --with-personal-data
    """
    app = door.app
    lines = _lines(app, personal=personal)
    if str(file) == STANDARD_OUTPUT:
        for _, line in lines:
            sys.stdout.write(line)
        sys.stdout.flush()
        return
    if file.exists() and not force:
        raise UsageError(f"{file} is there already: name another file, or replace it with --force.")
    rows: Counter[str] = Counter()
    with _whole(file) as opened:
        for table, line in lines:
            opened.write(line)
            rows[table] += 1
    click.echo(f"{file}: {counted(rows.total(), 'line')}.", err=True)


def _lines(app: "App", *, personal: bool) -> Iterator[tuple[str, str]]:
    head = {
        "version": EXPORT_VERSION,
        "schema": app.store.schema_version(),
        "exported_at": instant_to_text(app.clock.now()),
        "personal_data": personal,
    }
    yield "export", _line("export", head)
    for table, row in app.store.export(personal=personal):
        yield table, _line(table, dict(row))


def _line(table: str, values: dict[str, object]) -> str:
    """ASCII, so that nothing in it steers a terminal."""
    return json.dumps({"table": table, **values}) + "\n"


@contextmanager
def _whole(file: Path) -> Iterator[IO[str]]:
    from bugbridge.store.whole_files import beside

    with beside(file) as unfinished, unfinished.open("w", encoding="utf-8") as opened:
        yield opened
