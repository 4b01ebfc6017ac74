"""What people are told about the audit of a plain file, beside the report."""

import shlex
from collections.abc import Iterator, Mapping

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.audit_notices import Values
from bugbridge.core.date_forms import LIKE, DateForm, forms_of
from bugbridge.core.errors import DataError
from bugbridge.core.import_cells import LONGEST_SHOWN, YEARS, shown
from bugbridge.entry.audit_file import FileAudit, UnreadableCell
from bugbridge.entry.sentences import counted

MEANT = {
    "frequency": "frequent, infrequent, spiking or unknown",
    "status_updates": "a whole number",
}
"""What a column that isn't a date may hold."""

OWN_WORDS = "say what your words mean, as in --meaning resolution:Fertig=fixed"

NOTHING: Mapping[LeftOut, str] = {
    LeftOut.NOT_CHOSEN: "--where chose others: a value is the whole of a cell, in any case.",
    LeftOut.NOT_FIXED: "fixed_at is empty, or the bug is said to be open: does --column name the right one?",
    LeftOut.NO_ID: "they have no id: does --column name the right one?",
    LeftOut.NO_REPORT_DATE: "reported_at is empty: does --column name the right one?",
    LeftOut.UNREADABLE_DATE: "a date can't be read: --dates says how the file writes them.",
    LeftOut.IMPOSSIBLE_LOCAL_TIME: "clocks skipped their local times: does --zone name the right one?",
    LeftOut.OVERLONG_CELL: "they are too long: is a quote opened there and closed much later?",
    LeftOut.WRONG_CELL_COUNT: "they have more or fewer cells than the first line: one with a separator needs quotes.",
    LeftOut.BEFORE_SINCE: "they were fixed earlier: ask for an earlier --since.",
    LeftOut.UNKNOWN_RESOLUTION: f"their resolution isn't known here: {OWN_WORDS}.",
}
"""Why nothing was measured, where most rows were left out for that reason, and what to do."""

UNUSABLE = frozenset(
    {
        LeftOut.NO_ID,
        LeftOut.UNREADABLE_DATE,
        LeftOut.NO_REPORT_DATE,
        LeftOut.IMPOSSIBLE_LOCAL_TIME,
        LeftOut.OVERLONG_CELL,
        LeftOut.WRONG_CELL_COUNT,
    }
)
"""What is wrong with a row itself, whichever bugs are asked for."""

UNCHOSEN = frozenset({LeftOut.NOT_CHOSEN, LeftOut.OVERLONG_CELL, LeftOut.WRONG_CELL_COUNT})
"""Why a row isn't among those that `--where` chose."""


def refuse_unusable(made: FileAudit) -> None:
    """Raise DataError, with the reason first, for a file of which no row could be used."""
    reasons = {exclusion.reason for exclusion in made.audit.excluded}
    count = sum(exclusion.count for exclusion in made.audit.excluded)
    if not made.rows:
        raise DataError(f"{made.audit.origin} holds no row below its first line: there is nothing to audit.")
    if count == made.rows and LeftOut.NOT_CHOSEN in reasons and reasons <= UNCHOSEN:
        raise DataError(_nothing_chosen(made))
    if made.first_unreadable is not None and not made.has_fixes:
        why = f"{_unreadable(made, made.first_unreadable)} No row counts as fixed"
        raise DataError(f"{made.audit.origin}, {why}; left out for such dates: {_share(made)}.")
    if count == made.rows and reasons <= UNUSABLE | UNCHOSEN:
        raise DataError(why_nothing(made))


def _nothing_chosen(made: FileAudit) -> str:
    """Say which values there are; where each that was wanted is in some row, no row holds them all."""
    begin = f"--where chooses no row of {made.audit.origin}"
    if not made.unmet:
        return f"{begin}: each value is there, but in no row all that is asked for."
    held = "; ".join(f"{_plain(header)} has {_listed(values)}" for header, values in made.unmet.items())
    return f"{begin}: {held}."


def _listed(values: Values) -> str:
    return ", ".join([*map(shown, values.first), *([] if values.are_all else ["…"])])


def notes_on(made: FileAudit) -> Iterator[str]:
    """Say what wasn't understood in rows that count all the same, and which words and columns may have been meant."""
    for column, (count, lines) in made.unread.items():
        named = ", ".join([*lines, *(["…"] if count > len(lines) else [])])
        yield f"Counted as unknown: {counted(count, 'cell')} in {column} ({named}); write {MEANT[column]}."
    if made.unknown_words.first:
        yield f"Resolutions that aren't known here: {_listed(made.unknown_words)}; {OWN_WORDS}."
    if made.outcomes:
        yield _unread_outcomes(made.outcomes)


def _unread_outcomes(headers: tuple[str, ...]) -> str:
    were = "wasn't" if len(headers) == 1 else "weren't"
    which = "it" if len(headers) == 1 else "one"
    return (
        f"{' and '.join(map(_plain, headers))} {were} read; if {which} says how a bug ended, add "
        f"--column {_argument(headers[0])}."
    )


def _plain(header: str) -> str:
    is_plain = header.replace("_", "").replace(" ", "").isalnum() and len(header) <= LONGEST_SHOWN
    return header if is_plain else shown(header)


def _argument(header: str) -> str:
    """Write the column as it is typed, unless it can't be."""
    is_short = header.isprintable() and len(header) <= LONGEST_SHOWN
    return shlex.quote(f"resolution={header}") if is_short else "resolution=HEADER"


def unreadable_note(made: FileAudit) -> str:
    """Say how many rows have a date that can't be read, with the first of them; "" for none."""
    if made.first_unreadable is None:
        return ""
    return f"Left out for dates that can't be read: {_share(made)}; {_unreadable(made, made.first_unreadable)}"


def _share(made: FileAudit) -> str:
    count = next(one.count for one in made.audit.excluded if one.reason is LeftOut.UNREADABLE_DATE)
    return f"{count:,} of {counted(made.rows, 'row')}"


def _unreadable(made: FileAudit, first: UnreadableCell) -> str:
    return f"line {first.line}, {_plain(first.header)}: {shown(first.cell)} {_why_unreadable(first.cell, made.dates)}."


def _why_unreadable(cell: str, dates: DateForm) -> str:
    forms = forms_of(cell)
    if dates in forms:
        return f"is out of reach: a date lies in the years {YEARS[0]} to {YEARS[-1]}"
    advice = f"; --dates {' or '.join(forms)} reads such" if forms else ""
    return f"is no date like {LIKE[dates]}{advice}"


def why_nothing(made: FileAudit) -> str:
    """Say why there is nothing to measure, and what to do."""
    name = made.audit.origin
    most = max(made.audit.excluded, key=lambda exclusion: exclusion.count)
    because = NOTHING.get(most.reason, "of what is said above.")
    return f"No row of {name} is a bug with a fix to measure ({made.rows:,} read), mostly because {because}"
