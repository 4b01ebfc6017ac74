"""How much customers use the product's flows: read from a file, and what it says of a bug that sits in one.

A day is a calendar day in UTC. It counts once it is over, so that a day still running doesn't look like a quiet one.
"""

import csv
import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from statistics import median

from bugbridge.core.frequency import DAYS_PER_WEEK, UsageEvidence
from bugbridge.core.model import BugEventKind, FactKind
from bugbridge.core.records import BugHistory
from bugbridge.core.stages import in_order

WINDOW_DAYS = 28
COLUMNS = ("account", "flow", "day", "uses")
# An issue's label that names the flow its bug sits in.
FLOW_LABEL = "flow:"
LONGEST_NAME = 200
MOST_USES = 10**9
FIRST_DAY = date(1970, 1, 1)
# It is already tomorrow on the islands of UTC+14.
FARTHEST_AHEAD = timedelta(hours=14)
DAY = timedelta(days=1)
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Account:
    """A helpdesk's account; `seen` there, or known by its usage alone."""

    id: int
    remote_id: str
    name: str
    seen: bool


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One row of a file: the account as the file calls it, how often it used a flow on a day, and the row's line."""

    line: int
    account: str
    flow: str
    day: date
    uses: int


@dataclass(frozen=True, slots=True)
class UsageDay:
    """A row whose account is known by our id, or by a negative number while it is still to be kept."""

    line: int
    account_id: int
    flow: str
    day: date
    uses: int


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two lines of one file that give different numbers for the same account, flow and day."""

    line: int
    uses: int
    other_line: int
    other_uses: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class UsageCounts:
    """Of the days in a file: new ones, those whose number was another before, and those known already."""

    new: int
    corrected: int
    known: int


@dataclass(frozen=True, slots=True)
class Window:
    """The days whose usage counts, both included."""

    first: date
    last: date


def window_at(now: datetime) -> Window:
    """Give the 28 days that were over at an instant."""
    last = now.astimezone(UTC).date() - DAY
    return Window(last - timedelta(days=WINDOW_DAYS - 1), last)


def end_of_day(day: date) -> datetime:
    """Give when a day's usage has happened: the first instant after it."""
    return datetime.combine(day + DAY, time(0), UTC)


def days_per_week(days: float) -> float:
    """Turn days of the window on which something was used into days a week."""
    return days / (WINDOW_DAYS / DAYS_PER_WEEK)


def usage_evidence(active: Collection[int], days_in_flow: Mapping[int, int]) -> UsageEvidence | None:
    """Count what usage says: the active accounts, and for those that used the bug's flow on how many days.

    None where nobody used it: a flow that goes by another name in the usage than on the bug must not look unused.
    """
    if not days_in_flow:
        return None
    return UsageEvidence(len(days_in_flow), len(active), days_per_week(median(days_in_flow.values())))


def own_days(
    accounts: Iterable[int], active: Collection[int], days_in_flow: Mapping[int, int]
) -> dict[int, int] | None:
    """Give on how many days each of these accounts used the flow, for those with any usage; None as for all."""
    if not days_in_flow:
        return None
    return {account: days_in_flow.get(account, 0) for account in sorted(set(accounts)) if account in active}


def flow_by_hand(history: BugHistory) -> str:
    """Give the flow that a person named for a bug last, "" where there is none."""
    said = [event.value for event in in_order(history.bug_events) if event.kind is BugEventKind.FLOW]
    return said[-1] if said else ""


def flows_by_label(history: BugHistory) -> tuple[str, ...]:
    """Give the flows that the issue's labels name."""
    labels = [fact.value for fact in in_order(history.issue_facts) if fact.kind is FactKind.LABELS]
    named = [str(label).strip().casefold() for label in json.loads(labels[-1])] if labels else []
    flows = {label.removeprefix(FLOW_LABEL).strip() for label in named if label.startswith(FLOW_LABEL)}
    return tuple(sorted(flows - {""}))


def flows_of(history: BugHistory) -> tuple[str, ...]:
    """Give the flows that a bug sits in: the one that a person named, or else those of its issue's labels."""
    by_hand = flow_by_hand(history)
    return (by_hand,) if by_hand else flows_by_label(history)


def flow_name(text: str) -> str:
    """Read a flow's name, for which capitals don't matter: trackers differ in whether labels keep them.

    Raises ValueError, with what is wrong.
    """
    return _name(text).casefold()


def read_usage(lines: Iterable[bytes], now: datetime) -> Iterator[UsageRow | Problem]:
    """Read a CSV file in UTF-8 whose first line names its columns, in any order; further columns are passed over.

    Every problem of a row is given; without the four columns nothing but that is.
    """
    columns: Mapping[str, int] | None = None
    for line, fields in _records(lines):
        if isinstance(fields, str):
            yield Problem(line, fields)
        elif columns is None:
            columns = {name.strip().casefold(): place for place, name in reversed(list(enumerate(fields)))}
            if not columns.keys() >= set(COLUMNS):
                break
        else:
            yield from _read_row(line, fields, columns, now)
    if columns is None or not columns.keys() >= set(COLUMNS):
        wanted = f"{', '.join(COLUMNS[:-1])} and {COLUMNS[-1]}"
        yield Problem(1, f"the first line must name the columns {wanted}, separated by commas, in UTF-8.")


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    """Decode line by line; what isn't UTF-8 becomes characters that no column takes."""
    for number, line in enumerate(lines):
        read = line if number else line.removeprefix(BYTE_ORDER_MARK)
        yield read.decode("utf-8", errors="surrogateescape")


def _records(lines: Iterable[bytes]) -> Iterator[tuple[int, list[str] | str]]:
    """Give each record that isn't blank with its line, or why there is none."""
    reader = csv.reader(_texts(lines))
    while True:
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield reader.line_num, f"this is no CSV: {error}."
            continue
        if any(field.strip() for field in fields):
            yield reader.line_num, fields


def _read_row(line: int, fields: list[str], columns: Mapping[str, int], now: datetime) -> Iterator[UsageRow | Problem]:
    if len(fields) <= max(columns[name] for name in COLUMNS):
        yield Problem(line, f"it has {len(fields)} columns, fewer than the first line names.")
        return
    read: dict[str, object] = {}
    for name in COLUMNS:
        try:
            read[name] = _READERS[name](fields[columns[name]], now)
        except ValueError as problem:
            yield Problem(line, f"column {name}: {problem}.")
    if len(read) == len(COLUMNS):
        yield UsageRow(line, **read)  # type: ignore[arg-type]  # each column's reader gives its field's type


def _name(text: str) -> str:
    name = text.strip()
    if not name:
        raise ValueError("it is empty")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"it is longer than {LONGEST_NAME} characters")
    if not name.isprintable():
        raise ValueError("it holds what can't be read: it must be one line, in UTF-8")
    return name


def _day(text: str, now: datetime) -> date:
    typed = text.strip()
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        day = None
    if day is None or day.isoformat() != typed:
        raise ValueError(f"{typed[:LONGEST_NAME]!r} is no day: write 2026-06-12")
    if not FIRST_DAY <= day <= (now.astimezone(UTC) + FARTHEST_AHEAD).date():
        raise ValueError(f"{typed} {'is too long ago' if day < FIRST_DAY else 'lies ahead'}")
    return day


def _uses(text: str) -> int:
    typed = text.strip()
    if typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_USES)) and int(typed) <= MOST_USES:
        return int(typed)
    raise ValueError(f"{typed[:LONGEST_NAME]!r} is no whole number from 0 to {MOST_USES:,}")


_READERS: Mapping[str, Callable[[str, datetime], object]] = {
    "account": lambda text, _: _name(text),
    "flow": lambda text, _: flow_name(text),
    "day": _day,
    "uses": lambda text, _: _uses(text),
}


class AccountBook:
    """Finds the account that a file means by an id or a name; one that nobody knows gets a negative number.

    An id of the helpdesk's comes first, then a name. What is neither is kept as the id of an account of its own: if it
    is one, that account joins by itself when it writes in, since the helpdesk will call it the same.
    """

    def __init__(self, accounts: Iterable[Account]) -> None:
        """Take all accounts of one helpdesk."""
        self._by_id: dict[str, Account] = {}
        self._by_name: dict[str, list[int]] = {}
        self.new: dict[str, int] = {}
        for account in accounts:
            self._by_id[account.remote_id] = account
            if account.name:
                self._by_name.setdefault(account.name.strip(), []).append(account.id)

    def find(self, text: str) -> int:
        """Give an account's number. Raises ValueError for a name that several have."""
        by_id, named = self._by_id.get(text), self._by_name.get(text, [])
        if by_id is not None and (by_id.seen or not named):
            return by_id.id
        if len(named) > 1:
            raise ValueError(f"{len(named)} accounts are called {text!r}: write the id of the one that is meant")
        return named[0] if named else self.new.setdefault(text, -1 - len(self.new))
