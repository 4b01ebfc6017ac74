"""Files that are there whole or not at all.

One that is being written has a name of its own beside its path, and is locked by who writes it. The lock ends with the
process, however that ends: so what a killed one left, half a copy of customers' data, is told from what another writes.
"""

import fcntl
import os
import re
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bugbridge.core.errors import DataError

_CHANCE_BYTES = 8


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a new file beside a path, which takes the path's name if all goes well and is gone otherwise.

    Its owner alone may read it, and it is on the disk before it is named. What others left that were killed while they
    wrote to this path is removed first. Raises DataError where it can't be written.
    """
    _remove_leftovers(path)
    with _explained(path):
        unfinished, lock = _made(path)
    try:
        with _explained(path):
            yield unfinished
            _sync(unfinished)
            unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
        os.close(lock)
    _sync_name(path)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.DatabaseError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"{path} can't be written ({reason}); nothing of it was kept.") from error


def _made(path: Path) -> tuple[Path, int]:
    """Make an empty file that is locked for as long as the descriptor is open."""
    while True:
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(_CHANCE_BYTES)}.unfinished")
        opened = os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with suppress(OSError):  # where files can't be locked, no leftover is taken for one either
            fcntl.flock(opened, fcntl.LOCK_EX)
        if os.fstat(opened).st_nlink:
            return unfinished, opened
        os.close(opened)  # taken for a leftover before it was locked


def _remove_leftovers(path: Path) -> None:
    """Remove what nobody writes to any more; what can't be removed stays, as what another user left."""
    left = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{{2 * _CHANCE_BYTES}}}\.unfinished")
    with suppress(OSError):
        for file in path.absolute().parent.iterdir():
            if left.fullmatch(file.name):
                _remove_unless_locked(file)


def _remove_unless_locked(file: Path) -> None:
    with suppress(OSError):
        opened = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
            file.unlink()
        finally:
            os.close(opened)


def _sync_name(path: Path) -> None:
    """Put on the disk that the file has its name."""
    try:
        _sync(path.absolute().parent)
    except OSError as error:
        told = f"{path} is there and whole, but after a power cut it may not be: its folder can't be put on the disk"
        raise DataError(f"{told} ({error.strerror}). Write it once more.") from error


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
