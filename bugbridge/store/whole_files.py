"""Files that are there whole or not at all."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bugbridge.core.errors import DataError


@contextmanager
def beside(path: Path) -> Iterator[Path]:
    """Give a new file beside a path, which takes the path's name if all goes well and is gone otherwise.

    Its owner alone may read it, and it is on the disk before it is named. Raises DataError where it can't be written.
    """
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        os.close(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        yield unfinished
        _sync(unfinished)
        unfinished.replace(path)
        _sync(path.absolute().parent)
    except (OSError, sqlite3.DatabaseError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise DataError(f"{path} can't be written ({reason}); nothing of it was kept.") from error
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
