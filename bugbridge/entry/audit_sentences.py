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
    LeftOut.NOT_CHOSEN: "--where chose none of them: a value is the whole of a cell, in any case.",
    LeftOut.NOT_FIXED: "most of them have no fixed_at, or are said to be open: does --column name the right one?",
    LeftOut.UNREADABLE_DATE: f"most of them have a date that can't be read: {WAYS_TO_WRITE}.",
    LeftOut.WRONG_CELL_COUNT: "most of them have another number of cells than the first line: cells with a separator "
    "in them need quotes.",
    LeftOut.BEFORE_SINCE: "most of them were fixed earlier: ask for an earlier --since.",
    LeftOut.UNKNOWN_RESOLUTION: "most of them have a resolution that isn't known here: choose those that mean fixed "
    "with --where, and leave the column out with --column resolution=.",
}
"""Why nothing was measured, where most rows were left out for that reason."""


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
    hint = NOTHING.get(most.reason, "the report says why each was left out.")
    return f"None of the {counted(made.rows, 'row')} of {name} is a bug with a fix to measure; {hint}"
