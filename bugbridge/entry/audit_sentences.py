"""What people are told about the audit of a plain file, beside the report."""

from collections.abc import Iterator, Mapping

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.import_cells import WAYS_TO_WRITE
from bugbridge.entry.audit_file import FileAudit
from bugbridge.entry.sentences import counted

MEANT = {
    "frequency": "frequent, infrequent, spiking or unknown",
    "status_updates": "a whole number",
}
"""What a column that isn't a date may hold."""

NOTHING: Mapping[LeftOut, str] = {
    LeftOut.NOT_CHOSEN: "--where chose others: a value is the whole of a cell, in any case.",
    LeftOut.NOT_FIXED: "fixed_at is empty, or the bug is said to be open: does --column name the right one?",
    LeftOut.UNREADABLE_DATE: f"a date can't be read: {WAYS_TO_WRITE}.",
    LeftOut.WRONG_CELL_COUNT: "they have more or fewer cells than the first line: one with a separator needs quotes.",
    LeftOut.BEFORE_SINCE: "they were fixed earlier: ask for an earlier --since.",
    LeftOut.UNKNOWN_RESOLUTION: "their resolution isn't known here: choose those that mean fixed with --where, and add "
    "--column resolution= so that it isn't read.",
}
"""Why nothing was measured, where most rows were left out for that reason, and what to do."""


def notes_on(made: FileAudit) -> Iterator[str]:
    """Say what wasn't understood in rows that count all the same."""
    for column, (count, lines) in made.unread.items():
        named = ", ".join([*lines, *(["…"] if count > len(lines) else [])])
        yield f"Counted as unknown: {counted(count, 'cell')} in {column} ({named}); write {MEANT[column]}."


def why_nothing(made: FileAudit) -> str:
    """Say why there is nothing to measure, and what to do."""
    name = made.audit.origin
    if not made.rows:
        return f"{name} has no rows below its first line: there is nothing to audit."
    most = max(made.audit.excluded, key=lambda exclusion: exclusion.count)
    because = NOTHING.get(most.reason, "of what is said above.")
    return f"No row of {name} is a bug with a fix to measure ({made.rows:,} read), mostly because {because}"
