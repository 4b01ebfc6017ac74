"""Whether a database is sound: SQLite's own checks, and `bugbridge check` where there is that command."""

from contextlib import closing
from datetime import datetime
from pathlib import Path

from bugbridge.entry.cli import COMMANDS
from scripts.crash.evidence import opened
from scripts.crash.programs import Program


def unsound(database: Path, program: Program, at: datetime) -> list[str]:
    """Give a sentence for each thing that is wrong with the database."""
    problems = damages(database)
    if "check" in COMMANDS:
        (ended,) = program.run([("check",)], at)
        problems += [f"bugbridge check says: {ended.said or program.last_words()}"] if ended.code else []
    return problems


def damages(database: Path) -> list[str]:
    """Ask SQLite itself."""
    with closing(opened(database)) as connection:
        said = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        broken = connection.execute("PRAGMA foreign_key_check").fetchall()
    problems = [f"PRAGMA integrity_check says: {line}." for line in said if line != "ok"]
    return problems + [f"PRAGMA foreign_key_check says: {tuple(row)}." for row in broken]
