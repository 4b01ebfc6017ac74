"""Whether a database is sound: SQLite's own checks, read past the product, and `bugbridge check`."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from scripts.crash.evidence import opened
from scripts.crash.programs import Program


def unsound(database: Path, program: Program, at: datetime) -> list[str]:
    """Give a sentence for each thing that is wrong with the database."""
    (ended,) = program.run([("check",)], at)
    found = [f"bugbridge check says: {ended.said or program.last_words()}"] if ended.code else []
    return damages(database) + found


def damages(database: Path) -> list[str]:
    """Ask SQLite itself."""
    with closing(opened(database)) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    problems = [f"PRAGMA integrity_check says: {line}." for line in said if line != "ok"]
    return problems + [f"PRAGMA foreign_key_check says: {tuple(row)}." for row in broken]
