"""A line of a bugs' export, read as an issue with its history."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.imports import Column, Row
from bugbridge.core.model import ClosedAs
from bugbridge.core.snapshots import IssueSnapshot, TrackerChange, TrackerState

BUG_COLUMNS = (
    Column("id", "the bug's id in its tracker", required=True),
    Column("created_at", "when it was opened", required=True),
    Column("updated_at", "when anything last happened to it"),
    Column("in_progress_at", "when work on it began"),
    Column("fixed_at", "when it was fixed"),
    Column("declined_at", "when it was decided not to fix it"),
    Column("closed_at", "when it was closed; `resolution` says what for"),
    Column("resolution", "fixed, declined or duplicate"),
    Column("reopened_at", "when it was last opened again"),
    Column("released_at", "when its fix was released"),
    Column("version", "the version that it was released in"),
    Column("labels", "its labels"),
    Column("duplicate_of", "the bug that it is a duplicate of"),
)

# The names that trackers give to how an issue ended, in lower case; the last group says that it hasn't.
RESOLUTIONS: Mapping[str, str] = {
    **dict.fromkeys(
        ("fixed", "done", "completed", "complete", "resolved", "solved", "implemented", "released", "delivered"),
        ClosedAs.FIXED.value,
    ),
    **dict.fromkeys(
        (
            "declined", "won't fix", "wontfix", "wont fix", "won't do", "not planned", "invalid", "rejected",
            "cannot reproduce", "can't reproduce", "not reproducible", "works for me", "worksforme", "incomplete",
            "not a bug", "works as designed", "by design", "known error", "abandoned", "obsolete", "cancelled",
            "canceled", "out of scope",
        ),
        ClosedAs.DECLINED.value,
    ),
    **dict.fromkeys(("duplicate", "duplicated"), ClosedAs.DUPLICATE.value),
    **dict.fromkeys(("unresolved", "none", "open", "reopened"), ""),
}  # fmt: skip

BUG_MEANINGS = {"resolution": RESOLUTIONS}

# Where several things happened at one instant, this is their order.
IN_ORDER = ("in_progress_at", "fixed_at", "declined_at", "closed_at", "released_at", "reopened_at")
STATES = {
    "in_progress_at": TrackerState(in_progress=True),
    "fixed_at": TrackerState(closed_as=ClosedAs.FIXED),
    "declined_at": TrackerState(closed_as=ClosedAs.DECLINED),
    "reopened_at": TrackerState(),
}
# What may stand beside each resolution instead of `closed_at`, and what is missed where neither does.
DATED_BY = {
    ClosedAs.FIXED: ("fixed_at", "released_at"),
    ClosedAs.DECLINED: ("declined_at",),
    ClosedAs.DUPLICATE: ("duplicate_of",),
}
MISSING = {ClosedAs.FIXED: "since when", ClosedAs.DECLINED: "since when", ClosedAs.DUPLICATE: "of what or since when"}


@dataclass(frozen=True, slots=True)
class _Step:
    column: str
    at: datetime


def bug_of_row(row: Row) -> IssueSnapshot:
    """Read one bug; what is wrong with it is added to the row's problems."""
    reference, created_at = row.bug_id(), row.required_instant("created_at")
    steps = list(_steps(row, created_at))
    closed_as = _closed_as(row)
    _check_order(row, steps, closed_as)
    history = [TrackerChange(step.at, _state(row, step, closed_as)) for step in steps]
    dates = [created_at, *(step.at for step in steps)]
    duplicate_of = row.bug("duplicate_of")
    if duplicate_of and duplicate_of == reference:
        row.problem("duplicate_of", "is the bug itself.")
    return IssueSnapshot(
        reference=reference,
        remote_id=reference.partition(":")[2],
        created_at=created_at,
        updated_at=row.instant("updated_at", dates) or max(dates),
        labels=row.words("labels", "[,;]"),
        duplicate_of=duplicate_of,
        history=(TrackerChange(created_at, TrackerState()), *history),
    )


def _steps(row: Row, created_at: datetime) -> Iterator[_Step]:
    """Give what the columns date, the oldest first."""
    dates = [created_at]
    steps: list[_Step] = []
    for column in IN_ORDER:
        at = row.instant(column, dates)
        if at is not None and at < created_at:
            row.problem(column, f"{row.text(column)} is before created_at, {row.text('created_at')}.")
        if at is not None:
            dates.append(at)
            steps.append(_Step(column, at))
    yield from sorted(steps, key=lambda step: step.at)


def _closed_as(row: Row) -> ClosedAs | None:
    """Say what `closed_at` closed it for; nobody fixes a duplicate of who knows what, so that is declined."""
    before = len(row.problems)
    said = row.meaning("resolution")
    if not said:
        if row.has("closed_at") and len(row.problems) == before:
            row.problem("resolution", "doesn't say what closed_at closed it for: write fixed, declined or duplicate.")
        return None
    closed_as = ClosedAs(said)
    others = DATED_BY[closed_as]
    if not any(row.has(column) for column in ("closed_at", *others)):
        row.problem("resolution", f"says {said}, but not {MISSING[closed_as]}: fill closed_at or {others[0]}.")
    is_lost = closed_as is ClosedAs.DUPLICATE and not row.has("duplicate_of")
    return ClosedAs.DECLINED if is_lost else closed_as


def _check_order(row: Row, steps: list[_Step], closed_as: ClosedAs | None) -> None:
    """Refuse what can't follow the bug's end, or its release, unless it was reopened in between."""
    unfixed = {"declined_at", *(["closed_at"] if closed_as in (ClosedAs.DECLINED, ClosedAs.DUPLICATE) else [])}
    ended = ""
    for step in steps:
        if step.column == "reopened_at":
            ended = ""
        elif ended and (step.column == "in_progress_at" or ended == "released_at"):
            row.problem(step.column, f"{row.text(step.column)} is after {ended}, {row.text(ended)}.")
        elif step.column == "released_at" and ended in unfixed:
            row.problem(step.column, f"{row.text(step.column)} can't be: by {ended} it ended without a fix.")
        elif step.column != "in_progress_at":
            ended = step.column


def _state(row: Row, step: _Step, closed_as: ClosedAs | None) -> TrackerState:
    if step.column == "closed_at":
        return TrackerState(closed_as=closed_as)
    if step.column == "released_at":
        day = f"{step.at.astimezone(row.reading.zone):%Y-%m-%d}"
        return TrackerState(closed_as=ClosedAs.FIXED, released_in=row.last_word("version") or day)
    return STATES[step.column]
