"""Opening a database: is it ours, is it of our version, and what has to be migrated.

Only one process may migrate at a time. SQLite's own locks don't cover the change to WAL, and sqlite-utils looks at
its table of migrations outside the transaction, so a file beside the database is locked first.
"""

import fcntl
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bugbridge.core.errors import DataError
from bugbridge.store.access_tables import ACCESS
from bugbridge.store.board_tables import BOARD_INDEXES
from bugbridge.store.promise_tables import PROMISES
from bugbridge.store.tables import (
    ANSWERS,
    BUG_ENDS,
    CONVERSATIONS_AND_BACKFILL,
    ERASING,
    JOBS,
    LIVE_GROUPS,
    NOTIFICATIONS,
    USAGE,
    first_tables,
)

if TYPE_CHECKING:
    from sqlite_utils import Database

MIGRATION_SET = "bugbridge"


def _running(statements: Callable[[], Sequence[str]]) -> Callable[["Database"], None]:
    """Make a migration of its statements, which are put together only where it is applied."""

    def migrate(database: "Database") -> None:
        for statement in statements():
            database.conn.execute(statement)

    return migrate


_MIGRATIONS = {
    "001_first_tables": _running(first_tables),
    "002_conversations_and_backfill": _running(lambda: CONVERSATIONS_AND_BACKFILL),
    "003_usage": _running(lambda: USAGE),
    "004_live_groups": _running(lambda: LIVE_GROUPS),
    "005_notifications": _running(lambda: NOTIFICATIONS),
    "006_erasing": _running(lambda: ERASING),
    "007_jobs": _running(lambda: JOBS),
    "008_answers": _running(lambda: ANSWERS),
    "009_bug_ends": _running(lambda: BUG_ENDS),
    "010_promises": _running(lambda: PROMISES),
    "011_access": _running(lambda: ACCESS),
    "012_board": _running(lambda: BOARD_INDEXES),
}


def prepare(connection: sqlite3.Connection, path: str) -> None:
    """Bring an open database to this version.

    Raises DataError if the file is no database, holds something else, or comes from a newer version.
    """
    if _pending(connection, path):
        with _only_process(path):
            _migrate(connection, path)


def _migrate(connection: sqlite3.Connection, path: str) -> None:
    if path != ":memory:":
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        if _pending(connection, path):
            _apply(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _apply(connection: sqlite3.Connection) -> None:
    from sqlite_utils import Database, Migrations  # only a database that is behind pays for this import

    migrations = Migrations(MIGRATION_SET)
    for name, change in _MIGRATIONS.items():
        migrations(name=name)(change)
    migrations.apply(Database(connection, recursive_triggers=False, execute_plugins=False))


def _pending(connection: sqlite3.Connection, path: str) -> bool:
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    applied = _applied(connection) if "_sqlite_migrations" in tables else set()
    if tables and not applied:
        raise DataError(f"{path} holds something other than BugBridge's data: name another file as the database.")
    if applied - _MIGRATIONS.keys():
        raise DataError(f"The database {path} was written by a newer BugBridge: install that version or a later one.")
    return applied != _MIGRATIONS.keys()


def _applied(connection: sqlite3.Connection) -> set[str]:
    rows = connection.execute("SELECT name FROM _sqlite_migrations WHERE migration_set = ?", (MIGRATION_SET,))
    return {name for (name,) in rows}


@contextmanager
def _only_process(path: str) -> Iterator[None]:
    if path == ":memory:":
        yield
        return
    with Path(f"{path}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
