"""A copy of the whole database as it was at one moment, made while others go on writing."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

from bugbridge.core.errors import DataError
from bugbridge.store.database import SqliteDatabase
from bugbridge.store.whole_files import beside

# Copied between two looks at how far it is: four megabytes.
PAGES_AT_ONCE = 1024

Progress = Callable[[int], None]


class BackupStore(SqliteDatabase):
    """Backups; one that is there is whole."""

    def back_up(self, path: str, progress: Progress = lambda _: None) -> Mapping[str, int]:
        """Copy the database to a file, in place of one that is there, and give how many rows each table has.

        The copy is made beside it, checked and put on the disk before it gets its name; only its owner may read it.
        `progress` is told of pages copied. Raises DataError where it can't be made; then nothing has changed.
        """
        if _is_same(Path(path), Path(self._path)):
            raise DataError(f"{path} is the database itself: name another file for its backup.")
        with beside(Path(path)) as unfinished:
            counts = self._copied(unfinished, progress)
            _check(unfinished, counts, path)
        return counts

    def pages(self) -> int:
        """Count the database's pages, as `back_up` tells its progress."""
        return int(self._value("PRAGMA page_count"))

    def _copied(self, target: Path, progress: Progress) -> Mapping[str, int]:
        """Copy within one snapshot: a step of its own each would begin anew whenever somebody writes in between."""
        done = 0

        def copied(_status: int, remaining: int, total: int) -> None:
            nonlocal done
            progress(total - remaining - done)
            done = total - remaining

        with self._snapshot(), closing(_opened(target, "nolock=1")) as copy:
            copy.execute("PRAGMA journal_mode = OFF")  # what fails is thrown away, and must leave no file beside it
            counts = row_counts(self._connection())
            self._connection().backup(copy, pages=PAGES_AT_ONCE, progress=copied)
        return counts


def _opened(copy: Path, how: str) -> sqlite3.Connection:
    """Open a copy that is nobody else's, so that it isn't locked: `beside` does that already."""
    return sqlite3.connect(f"{copy.absolute().as_uri()}?{how}", uri=True, isolation_level=None)


def row_counts(connection: sqlite3.Connection) -> Mapping[str, int]:
    """Count the rows of every table, by its name."""
    names = [
        name for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
    ]
    count = "SELECT count(*) FROM [TABLE]"
    return {name: connection.execute(count.replace("[TABLE]", f'"{name}"')).fetchone()[0] for name in names}


def _is_same(path: Path, database: Path) -> bool:
    return path.exists() and database.exists() and path.samefile(database)


def _check(copy: Path, counts: Mapping[str, int], path: str) -> None:
    """Read the copy as it lies there, without a file beside it."""
    with closing(_opened(copy, "mode=ro&immutable=1")) as opened:
        sound = opened.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        if not sound or row_counts(opened) != counts:
            raise DataError(f"The backup {path} doesn't hold what the database does; it wasn't kept. Check the disk.")
