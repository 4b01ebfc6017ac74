"""One database, a connection per thread, and transactions that hold the write lock from their start."""

import sqlite3
import threading
import weakref
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

from bugbridge.core.errors import DataError
from bugbridge.store.schema import prepare

BUSY_SECONDS = 30.0
MEMORY = ":memory:"

_OUTERMOST = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_NESTED = ("SAVEPOINT nested", "RELEASE nested", ("ROLLBACK TO nested", "RELEASE nested"))

Row = sqlite3.Row
Parameters = Mapping[str, object]


class _Connection(sqlite3.Connection):
    """A connection that can be remembered weakly, so that a thread's end still frees its own."""


class _Thread(threading.local):
    connection: _Connection | None = None
    depth: int = 0


class SqliteDatabase:
    """The base that the store's stories share; safe to use from several threads at once."""

    def __init__(self, path: str) -> None:
        """Open or create the database. Raises DataError if it can't be opened or isn't of this version."""
        self._path = path
        self._thread = _Thread()
        self._connections: weakref.WeakSet[_Connection] = weakref.WeakSet()
        self._shared: _Connection | None = None
        self._turn: AbstractContextManager[object] = nullcontext()
        if path == MEMORY:
            self._shared = self._open()
            self._turn = threading.RLock()
        self._connection()

    def close(self) -> None:
        """Close every thread's connection; the store can't be used afterwards."""
        for connection in tuple(self._connections):
            connection.close()

    @contextmanager
    def write(self) -> Iterator[None]:
        """Open a transaction that holds the write lock from the start; nested ones join the outer one.

        What raises inside is undone: the nested part alone if the outer one catches it. Raises DataError if the
        database stays locked for 30 seconds or can't be written.
        """
        with self._turn:
            begin, commit, undo = _NESTED if self._thread.depth else _OUTERMOST
            self._run(begin)
            self._thread.depth += 1
            try:
                yield
                self._run(commit)
            except BaseException:
                self._undo(undo)
                raise
            finally:
                self._thread.depth -= 1

    def _undo(self, statements: tuple[str, ...]) -> None:
        if self._connection().in_transaction:  # a full disk makes SQLite roll back by itself
            for statement in statements:
                self._run(statement)

    def snapshot(self) -> AbstractContextManager[None]:
        """Let several reads see one state of the database."""
        return self._snapshot()

    @contextmanager
    def _snapshot(self) -> Iterator[None]:
        """Let several reads see one state of the database."""
        with self._turn:
            if self._connection().in_transaction:
                yield
                return
            self._run("BEGIN")
            try:
                yield
            finally:
                self._run("COMMIT")

    def _run(self, statement: str, parameters: Parameters | None = None) -> int:
        """Run a statement and give the number of rows it changed."""
        with self._turn, self._explained():
            return self._connection().execute(statement, parameters or {}).rowcount

    def _rows(self, statement: str, parameters: Parameters | None = None) -> list[Row]:
        with self._turn, self._explained():
            return self._connection().execute(statement, parameters or {}).fetchall()

    def _each(self, statement: str, parameters: Parameters | None = None) -> Iterator[Row]:
        """Give rows one after another, for answers that don't fit into memory; to be read within a snapshot."""
        with self._turn, self._explained():
            yield from self._connection().execute(statement, parameters or {})

    def _row(self, statement: str, parameters: Parameters | None = None) -> Row | None:
        rows = self._rows(statement, parameters)
        return rows[0] if rows else None

    def _value(self, statement: str, parameters: Parameters | None = None) -> Any:  # noqa: ANN401 - SQL decides
        """Give the first column of the only row; the statement must always give one."""
        return self._rows(statement, parameters)[0][0]

    def _connection(self) -> _Connection:
        connection = self._shared or self._thread.connection
        if connection is None:
            connection = self._thread.connection = self._open()
        return connection

    def _open(self) -> _Connection:
        with self._explained():
            if self._path != MEMORY:
                _create(Path(self._path))
            connection = sqlite3.connect(
                self._path, BUSY_SECONDS, isolation_level=None, check_same_thread=False, factory=_Connection
            )
        try:
            with self._explained():
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA secure_delete = ON")
                prepare(connection, self._path)
        except BaseException:
            connection.close()
            raise
        connection.row_factory = sqlite3.Row
        self._connections.add(connection)
        return connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn what a broken, locked or unwritable file raises into one sentence; bugs of ours stay what they are."""
        try:
            yield
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
            raise
        except (sqlite3.DatabaseError, OSError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise DataError(
                f"The database {self._path} can't be used ({reason}): check the path, its permissions and the free "
                "space, or restore a backup."
            ) from error


def _create(path: Path) -> None:
    """Make the file readable by its owner alone before SQLite writes personal data into it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
