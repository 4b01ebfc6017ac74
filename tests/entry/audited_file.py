"""A plain file of bugs in the present folder, and its audit."""

from datetime import UTC, datetime
from pathlib import Path

from click.testing import CliRunner, Result

from bugbridge.core.audit_model import Audit, LeftOut, Question
from bugbridge.entry.audit_file import FileAudit, Typed, audit_file, file_choice
from bugbridge.entry.cli import cli

NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
HEADER = "id,reported_at,fixed_at"
# Fixed after 1, 2, 4, 8 and 30 days, the last of them at the same instant.
FIVE = (
    HEADER,
    "9,2026-03-01,2026-03-02",
    "10,2026-02-28,2026-03-02",
    "11,2026-03-01,2026-03-05",
    "12,2026-03-01,2026-03-09",
    "13,2026-03-01,2026-03-31",
    "14,2026-03-01,",
)


def write(*lines: str, name: str = "bugs.csv") -> Path:
    """Write a file beside."""
    path = Path(name)
    path.write_bytes("".join(f"{line}\n" for line in lines).encode())
    return path


def read(
    path: Path,
    *columns: str,
    where: tuple[str, ...] = (),
    zone: str | None = None,
    meanings: tuple[str, ...] = (),
    dates: str | None = None,
    last: int | None = None,
    since: datetime | None = None,
) -> FileAudit:
    """Audit a file as the command does."""
    typed = Typed(columns, where, meanings, zone, dates)
    return audit_file(file_choice(path, typed), Question(last, since), NOW, lambda _bug: None)


def run(*arguments: str, typed: bytes | None = None) -> Result:
    """Run the command."""
    return CliRunner().invoke(cli, ["audit", *arguments], input=typed)


def left_out(audit: Audit) -> dict[LeftOut, int]:
    """Count what isn't measured."""
    return {exclusion.reason: exclusion.count for exclusion in audit.excluded}
