"""Import bugs: each line is an issue with its history, kept as one that was read from its tracker."""

from dataclasses import dataclass

from bugbridge.core.imported_bugs import bug_of_row
from bugbridge.core.imports import Reading
from bugbridge.core.records import FILE_KIND
from bugbridge.ports import Clock, Store
from bugbridge.services.importing import (
    HistoryFile,
    Problems,
    Register,
    file_source,
    good_rows,
    kept_at_once,
    rows_again,
)
from bugbridge.services.settling import LinkingResult
from bugbridge.services.syncing import keep_snapshot


@dataclass(frozen=True, slots=True)
class BugsImported:
    """What an import of bugs made of a file; `unread_bugs` are the tracker's that tickets name and no file has."""

    new: int = 0
    known: int = 0
    links: int = 0
    suggestions: int = 0
    unread_bugs: int = 0


def import_bugs(
    store: Store, clock: Clock, file: HistoryFile, reading: Reading, register: Register, *, dry_run: bool
) -> BugsImported:
    """Keep every bug of a file, or none, and make the links that wait for them. Importing again changes nothing.

    A bug that was read from its tracker stays as it is. Raises DataError with every problem of the file, or if it
    changes meanwhile; UsageError for a name that is taken.
    """
    _check(file, reading, register)
    new, known, linked = 0, 0, LinkingResult()
    with kept_at_once(store, dry_run=dry_run):
        source = file_source(store, reading.tracker.name, "tracker")
        for _, snapshot in rows_again(file, reading, bug_of_row):
            before = store.find_issue(snapshot.reference)
            was_read = before is not None and before.created_at is not None
            new, known = new + (not was_read), known + was_read
            if not was_read or source.kind == FILE_KIND:
                linked += keep_snapshot(store, clock, source, snapshot)
        unread = len(store.unread_issues(source.id))
    return BugsImported(new, known, linked.links, linked.suggestions, unread)


def _check(file: HistoryFile, reading: Reading, register: Register) -> None:
    problems = Problems(file.name)
    for line, snapshot in good_rows(file, reading, bug_of_row, problems):
        first = register.first_line(f"bug {snapshot.reference}", line)
        if first != line:
            place = f"Line {line}, column {reading.columns['id']}"
            problems.add([f"{place}: {snapshot.remote_id} stands in line {first} already; a bug has one line."])
    problems.refuse()
