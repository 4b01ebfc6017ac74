"""A row of a plain file of bugs, read for an audit: a bug and how it stands, or why it can't be counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bugbridge.core.audit_model import LeftOut
from bugbridge.core.calendar import start_of_day, wall_exists
from bugbridge.core.import_cells import LONGEST_DAY, YEARS, instant_of
from bugbridge.core.imported_bugs import RESOLUTIONS
from bugbridge.core.imports import LONGEST_WORD, Column, plain_name, plain_word
from bugbridge.core.model import ClosedAs, Frequency

AUDIT_COLUMNS = (
    Column("id", "the bug's id", required=True),
    Column("reported_at", "when it was first reported", required=True),
    Column("fixed_at", "when it was fixed, empty while it is open", required=True),
    Column("released_at", "when its fix was released"),
    Column("resolution", "fixed, declined, duplicate or open"),
    Column("frequency", "how often customers meet it"),
    Column("status_updates", "how many updates its customers were sent"),
)
# Where `resolution` says one of these, the bug is open, whatever its dates are.
STILL_OPEN = frozenset({"unresolved", "open", "reopened"})
FREQUENCIES = frozenset(map(str, Frequency))
MOST_DIGITS = 6  # of a number of updates; more of them is no count
# Later than any date that can be read: what lies ahead is read, and then refused in words of its own.
NEVER = datetime(YEARS[-1] + 1, 1, 2, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file's rows are read: how many cells they have, where the known columns stand, and which rows are chosen.

    A row is chosen where each cell of `chosen`, by its place, holds one of its words as `plain_name` compares them.
    Dates without a zone are wall times in `zone`; what lies after `now` hasn't happened.
    """

    width: int
    columns: Mapping[str, int]
    zone: ZoneInfo
    now: datetime
    chosen: tuple[tuple[int, frozenset[str]], ...] = ()


@dataclass(frozen=True, slots=True)
class AuditRow:
    """One bug of a file, its instants in UTC.

    `ended_as` says how it ended at `ended_at`, none while it is open; `unknown` for a word that isn't known here.
    `updates` counts those sent, none where that isn't said. `unread` names columns whose cell wasn't understood.
    """

    id: str
    reported_at: datetime
    ended_at: datetime | None = None
    ended_as: ClosedAs | None = None
    released_at: datetime | None = None
    frequency: Frequency = Frequency.UNKNOWN
    updates: int | None = None
    unread: tuple[str, ...] = ()


class _LeftOutError(Exception):
    """This row can't be counted."""

    def __init__(self, reason: LeftOut) -> None:
        self.reason = reason
        super().__init__(reason)


def audit_row(cells: Sequence[str] | None, layout: Layout) -> AuditRow | LeftOut:
    """Read one row of a file, none for one that is too long, or say why it can't be counted."""
    if cells is None:
        return LeftOut.OVERLONG_CELL
    if len(cells) != layout.width:
        return LeftOut.WRONG_CELL_COUNT
    if any(plain_name(cells[place]) not in words for place, words in layout.chosen):
        return LeftOut.NOT_CHOSEN
    named = {column.name: "" for column in AUDIT_COLUMNS}
    named |= {name: cells[place].strip() for name, place in layout.columns.items()}
    try:
        return _row(named, layout)
    except _LeftOutError as error:
        return error.reason


def _row(cells: Mapping[str, str], layout: Layout) -> AuditRow:
    name = _id(cells["id"])
    said = plain_word(cells["resolution"])
    if RESOLUTIONS.get(said) == ClosedAs.DUPLICATE:
        raise _LeftOutError(LeftOut.DUPLICATE)
    reported_at, fixed_at, released_at = _dates(cells, layout)
    ended_as = _ended_as(said, fixed_at)
    ends = [at for at in (fixed_at, released_at) if ended_as and at is not None]
    if any(at < reported_at for at in ends):
        raise _LeftOutError(LeftOut.FIXED_BEFORE_REPORTED)
    return AuditRow(
        id=name,
        reported_at=reported_at,
        ended_at=fixed_at if ended_as else None,
        ended_as=ended_as,
        released_at=released_at if ended_as is ClosedAs.FIXED else None,
        frequency=_frequency(cells["frequency"]),
        updates=_count(cells["status_updates"]),
        unread=tuple(_unread(cells)),
    )


def _id(text: str) -> str:
    """Take an id as it stands; what could steer a terminal in it is spelled out."""
    if not text:
        raise _LeftOutError(LeftOut.NO_ID)
    if len(text) > LONGEST_WORD:
        raise _LeftOutError(LeftOut.OVERLONG_CELL)
    return text if text.isprintable() else ascii(text)[1:-1]


def _dates(cells: Mapping[str, str], layout: Layout) -> tuple[datetime, datetime | None, datetime | None]:
    """Give when it was reported, fixed and released; a day without a time isn't before what came before it."""
    if not cells["reported_at"]:
        raise _LeftOutError(LeftOut.NO_REPORT_DATE)
    dates = [_instant(cells["reported_at"], layout, [])]
    ends: list[datetime | None] = []
    for column in ("fixed_at", "released_at"):
        at = _instant(cells[column], layout, dates) if cells[column] else None
        dates += [at] if at is not None else []
        ends.append(at)
    return dates[0], ends[0], ends[1]


def _instant(text: str, layout: Layout, after: Sequence[datetime]) -> datetime:
    try:
        at = instant_of(text, layout.zone, NEVER, after)
    except ValueError:
        raise _LeftOutError(LeftOut.UNREADABLE_DATE) from None
    if not _was_shown(text, layout.zone):
        raise _LeftOutError(LeftOut.IMPOSSIBLE_LOCAL_TIME)
    if at > layout.now:
        raise _LeftOutError(LeftOut.NOT_YET)
    return at


def _was_shown(text: str, zone: ZoneInfo) -> bool:
    """Whether clocks in the zone ever showed this time, or, where there is none, had this day."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is not None or zone.key == "UTC":
        return True
    if len(text) > LONGEST_DAY:
        return wall_exists(moment, zone)
    try:
        start_of_day(moment.date(), zone)
    except ValueError:
        return False
    return True


def _ended_as(said: str, fixed_at: datetime | None) -> ClosedAs | None:
    """Say how it ended, none while it is open. A word that isn't known here never counts as fixed, nor as declined."""
    if said in STILL_OPEN:
        return None
    meaning = RESOLUTIONS.get(said, ClosedAs.UNKNOWN) if said else ""
    if fixed_at is None and meaning:
        raise _LeftOutError(LeftOut.UNKNOWN_RESOLUTION if meaning == ClosedAs.UNKNOWN else LeftOut.NO_END_DATE)
    return None if fixed_at is None else ClosedAs(meaning or ClosedAs.FIXED)


def _frequency(text: str) -> Frequency:
    return Frequency(text.casefold()) if text.casefold() in FREQUENCIES else Frequency.UNKNOWN


def _count(text: str) -> int | None:
    """Read a whole number, also as spreadsheets write one (`3.0`)."""
    digits = text.removesuffix(".0")
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS else None


def _unread(cells: Mapping[str, str]) -> Iterator[str]:
    if cells["frequency"] and cells["frequency"].casefold() not in FREQUENCIES:
        yield "frequency"
    if cells["status_updates"] and _count(cells["status_updates"]) is None:
        yield "status_updates"
