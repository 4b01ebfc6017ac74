"""Import bugs: each line is an issue with its history, kept as one that was read from its tracker."""

from dataclasses import dataclass

from bugbridge.core.imported_bugs import bug_of_row
from bugbridge.core.imports import Problem, Reading
from bugbridge.core.records import FILE_KIND, BugHistory, IssueRow, KnownUpTo
from bugbridge.core.snapshots import IssueSnapshot
from bugbridge.core.stages import Timeline, issue_facts, timeline
from bugbridge.ports import Clock, Store
from bugbridge.services.importing import (
    NO_CONTRADICTIONS,
    Contradictions,
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
    """What an import of bugs made of a file; `unread_bugs` are the tracker's that tickets name and no file has.

    `contradictions` are lines of known bugs with other dates than stand.
    """

    new: int = 0
    known: int = 0
    links: int = 0
    suggestions: int = 0
    unread_bugs: int = 0
    contradictions: Contradictions = NO_CONTRADICTIONS


def import_bugs(
    store: Store, clock: Clock, file: HistoryFile, reading: Reading, register: Register, *, dry_run: bool
) -> BugsImported:
    """Keep every bug of a file, or none, and make the links that wait for them. Importing again changes nothing.

    A bug that was read from its tracker stays as it is. Raises DataError with every problem of the file, or if it
    changes meanwhile; UsageError for a name that is taken.
    """
    _check(file, reading, register)
    new, known, linked, contradictions = 0, 0, LinkingResult(), NO_CONTRADICTIONS
    with kept_at_once(store, dry_run=dry_run):
        source = file_source(store, reading.tracker.name, "tracker")
        for _, snapshot in rows_again(file, reading, bug_of_row):
            before = store.find_issue(snapshot.reference)
            was_read = before is not None and before.created_at is not None
            new, known = new + (not was_read), known + was_read
            if not was_read or source.kind == FILE_KIND:
                linked += keep_snapshot(store, clock, source, snapshot)
                if before is not None and was_read:
                    contradictions += _contradiction(store, before, snapshot)
        unread = len(store.unread_issues(source.id))
    return BugsImported(new, known, linked.links, linked.suggestions, unread, contradictions)


def _contradiction(store: Store, issue: IssueRow, snapshot: IssueSnapshot) -> Contradictions:
    """Compare what a line says of a bug with what stands now that it was kept; a duplicate's dates don't count."""
    standing = store.bug_course(issue.bug_id, KnownUpTo(store.head()))
    said = timeline(BugHistory(issue.bug_id, issue.reference, issue_facts=issue_facts(issue.id, snapshot)))
    if (
        standing.primary_reference != issue.reference
        or standing.part_facts
        or _dates(said) <= _dates(timeline(standing))
    ):
        return NO_CONTRADICTIONS
    return Contradictions(1, (snapshot.reference,))


def _dates(course: Timeline) -> set[tuple[str, object]]:
    return {("opened", course.opened_at), *((news.news.value, news.at) for news in course.news)}


def _check(file: HistoryFile, reading: Reading, register: Register) -> None:
    problems = Problems(file.name)
    for line, snapshot in good_rows(file, reading, bug_of_row, problems):
        first = register.first_line(f"bug {snapshot.reference}", line)
        if first != line:
            sentence = f"{snapshot.remote_id} stands in line {first} already; a bug has one line."
            problems.add([Problem(line, reading.columns["id"], sentence)])
    problems.refuse()
