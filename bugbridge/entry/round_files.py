"""A round as a file that people edit in a spreadsheet: written, and read again with all its problems at once.

No cell is ever taken for a formula, and every text comes back as it was.
"""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from bugbridge.core.errors import DataError
from bugbridge.core.round_view import WAITING, Decision, RoundRow, RoundView, Standing, Wish
from bugbridge.entry.files import RowFile
from bugbridge.entry.round_words import CONTROL_CHARACTERS
from bugbridge.render.cells import from_cell, to_cell
from bugbridge.render.plain import clean
from bugbridge.store.whole_files import beside

COLUMNS = ("ticket", "customer tier", "language", "workaround", "group", "decision", "text", "round")
NEEDED = ("ticket", "decision", "text", "round")
DECISIONS = {decision.value: decision for decision in Decision}


def write_round(view: RoundView, path: Path) -> int:
    """Write what waits or is approved, a line for each ticket; gives how many. Nobody else may read the file.

    Raises DataError where it can't be written.
    """
    rows = [row for row in view.rows if row.standing in WAITING or row.standing is Standing.APPROVED]
    with beside(path) as unfinished, unfinished.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows([to_cell(cell) for cell in _cells(view, row)] for row in rows)
    return len(rows)


def _cells(view: RoundView, row: RoundRow) -> tuple[str, ...]:
    approved = row.standing is Standing.APPROVED
    group = Standing.EYE if row.standing is Standing.EYE else Standing.READY
    decision = Decision.APPROVE.value if approved else ""
    return (row.ticket, row.tier, row.language, row.workaround, group, decision, row.text, _name(view))


def _name(view: RoundView) -> str:
    """Name a round, so that a file of another one isn't taken for it."""
    return f"{view.bug_id}:{view.news.seq}"


def read_round(view: RoundView, path: Path) -> tuple[Wish, ...]:
    """Read what people decided, line by line. Raises DataError with every problem of the file."""
    wishes, problems = [], []
    for line, found in _found(view, path):
        if isinstance(found, str):
            problems.append(f"{path.name}, line {line}: {found}")
        elif found is not None:
            wishes.append(found)
    if problems:
        raise DataError("\n".join(problems))
    return tuple(wishes)


def lines_of(view: RoundView, path: Path) -> Mapping[int, int]:
    """Say on which line each ticket stands, for the problems that only judging finds."""
    return {found.ticket_id: line for line, found in _found(view, path) if isinstance(found, Wish)}


def _found(view: RoundView, path: Path) -> Iterator[tuple[int, Wish | str | None]]:
    """Give each line's wish, none where it asks for nothing, or what is wrong with it."""
    file = RowFile(path, "csv")
    lacking = [name for name in NEEDED if name not in file.columns()]
    if lacking:
        raise DataError(f"{path.name} lacks {', '.join(lacking)}: `--review` with another file writes it anew.")
    seen: dict[str, int] = {}
    for line in file.lines():
        cells = {name: from_cell(str(cell)) for name, cell in line.cells.items()}
        ticket = cells.get("ticket", "").strip()
        if line.problem:
            yield line.number, line.problem
        elif ticket in seen:
            yield line.number, f"{clean(ticket)} is on line {seen[ticket]} already."
        else:
            seen[ticket] = line.number
            yield line.number, _wish(view, ticket, cells)


def _wish(view: RoundView, ticket: str, cells: Mapping[str, str]) -> Wish | str | None:
    row = next((row for row in view.rows if row.ticket == ticket), None)
    if cells["round"].strip() != _name(view):
        return "is of another round: `--review` with another file writes this one."
    if row is None:
        return f"{clean(ticket) or 'a ticket without a name'} isn't in this round."
    typed = " ".join(cells["decision"].lower().split())
    if not typed:
        return None
    if typed not in DECISIONS:
        return f"{clean(cells['decision'])!r} is no decision: write approve, take back, or nothing."
    text = cells["text"].replace("\r\n", "\n")
    if DECISIONS[typed] is Decision.APPROVE and clean(text) != text:
        return CONTROL_CHARACTERS
    return Wish(row.key.ticket_id, DECISIONS[typed], text)
