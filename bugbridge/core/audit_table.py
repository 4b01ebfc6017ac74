"""The bugs of a plain file, kept in columns: a million take some 200 MB, and the file's order doesn't matter."""

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import groupby, islice

from bugbridge.core.audit_model import Exclusion, LeftOut, Question, ResolvedBug
from bugbridge.core.audit_rows import AuditRow, UnreadableDate
from bugbridge.core.first_few import FirstFew
from bugbridge.core.model import ClosedAs, Frequency
from bugbridge.core.survival import FIXED, BugLife

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
NONE = -(2**63)
ENDS = (None, *ClosedAs)
FIXED_END = ENDS.index(ClosedAs.FIXED)
FREQUENCIES = tuple(Frequency)
# How an end counts in the period estimate: one that nobody can name has no cause.
CAUSES = {ClosedAs.FIXED: FIXED, ClosedAs.DECLINED: str(ClosedAs.DECLINED)}
# Why a bug that isn't measured stands in the table all the same.
UNMEASURED = {
    None: LeftOut.NOT_FIXED,
    ClosedAs.DECLINED: LeftOut.DECLINED,
    ClosedAs.UNKNOWN: LeftOut.UNKNOWN_RESOLUTION,
}


class AuditTable:
    """What the rows of a file say for one question: every row is a bug to measure, or is counted with its reason."""

    def __init__(self, question: Question) -> None:
        """Begin without rows."""
        self.rows = 0
        self.as_of: datetime | None = None
        self.first_unreadable: tuple[int, UnreadableDate] | None = None
        self._question = question
        self._left_out: dict[LeftOut, FirstFew] = {}
        self._unread: dict[str, FirstFew] = {}
        self._ids: dict[str, None] = {}
        self._reported, self._ended, self._released, self._updates = (array("q") for _ in range(4))
        self._ended_as, self._frequency = array("b"), array("b")

    @property
    def has_fixes(self) -> bool:
        """Whether any bug was fixed, whenever."""
        return FIXED_END in self._ended_as

    def take(self, line: int, row: AuditRow | LeftOut | UnreadableDate) -> None:
        """Take the row that begins on this line of the file. Of rows with one id the first counts."""
        self.rows += 1
        if isinstance(row, UnreadableDate):
            self.first_unreadable = self.first_unreadable or (line, row)
            row = LeftOut.UNREADABLE_DATE
        if isinstance(row, AuditRow) and row.id in self._ids:
            row = LeftOut.REPEATED_ID
        reason = row if isinstance(row, LeftOut) else self._unmeasured(row)
        if isinstance(row, AuditRow):
            self._keep(row)
            for column in row.unread:
                self._unread.setdefault(column, FirstFew()).add(f"line {line}")
        if reason is not None:
            self._left_out.setdefault(reason, FirstFew()).add(f"line {line}")

    def _unmeasured(self, row: AuditRow) -> LeftOut | None:
        since = self._question.since
        if row.ended_as is ClosedAs.FIXED and row.ended_at is not None:
            return LeftOut.BEFORE_SINCE if since is not None and row.ended_at < since else None
        return UNMEASURED[row.ended_as]

    def _keep(self, row: AuditRow) -> None:
        dates = (row.reported_at, row.ended_at, row.released_at)
        self.as_of = max(at for at in (self.as_of, *dates) if at is not None)
        self._ids[row.id] = None
        self._reported.append(_number(row.reported_at))
        self._ended.append(_number(row.ended_at))
        self._released.append(_number(row.released_at))
        self._updates.append(NONE if row.updates is None else row.updates)
        self._ended_as.append(ENDS.index(row.ended_as))
        self._frequency.append(FREQUENCIES.index(row.frequency))

    def excluded(self) -> tuple[Exclusion, ...]:
        """Count the rows that are not to be measured, by reason, with the first lines of each."""
        return tuple(
            Exclusion(reason, self._left_out[reason].count, self._left_out[reason].first)
            for reason in LeftOut
            if reason in self._left_out
        )

    def unread(self) -> dict[str, tuple[int, tuple[str, ...]]]:
        """Count, by column, cells that weren't understood in rows that count, with the first lines of each."""
        return {column: (lines.count, lines.first) for column, lines in self._unread.items()}

    def bugs(self) -> Iterator[ResolvedBug]:
        """Give the bugs to measure, the latest fix first, and of those fixed at one instant the greater id first."""
        ids = list(self._ids)
        since = NONE if self._question.since is None else _number(self._question.since)
        ends = enumerate(self._ended_as)
        places = (place for place, how in ends if how == FIXED_END and self._ended[place] >= since)
        ordered = sorted(places, key=self._ended.__getitem__, reverse=True)
        ties = groupby(ordered, key=self._ended.__getitem__)
        every = (place for _, tied in ties for place in sorted(tied, key=lambda one: _rank(ids[one]), reverse=True))
        for place in islice(every, self._question.last):
            yield self._bug(ids[place], place)

    def _bug(self, name: str, place: int) -> ResolvedBug:
        return ResolvedBug(
            reference=name,
            reported_at=EPOCH + self._reported[place] * MICROSECOND,
            fixed_at=EPOCH + self._ended[place] * MICROSECOND,
            released_at=_instant(self._released[place]),
            frequency=FREQUENCIES[self._frequency[place]],
            updates=None if self._updates[place] == NONE else self._updates[place],
        )

    def lives(self, since: datetime | None) -> Iterator[BugLife]:
        """Give the life of every bug that was open at some time since an instant, of all for None.

        Of a file with fixed bugs alone there is none: who knows only what was fixed doesn't know how long bugs live,
        and those fixed within a short period would be the quick ones.
        """
        if self._ended_as.count(FIXED_END) == len(self._ended_as):
            return
        begin = NONE if since is None else _number(since)
        for reported, ended, how in zip(self._reported, self._ended, self._ended_as, strict=True):
            if ended in (NONE, max(ended, begin)):
                ended_as = ENDS[how]
                cause = None if ended_as is None else CAUSES.get(ended_as)
                yield BugLife(EPOCH + reported * MICROSECOND, _instant(ended), cause)


def _number(at: datetime | None) -> int:
    return NONE if at is None else (at - EPOCH) // MICROSECOND


def _instant(number: int) -> datetime | None:
    return None if number == NONE else EPOCH + number * MICROSECOND


def _rank(name: str) -> tuple[str, int, str]:
    """Order ids by the number that they end in, so that 10 comes after 9, and APP-10 after APP-9."""
    head = name.rstrip("0123456789")
    return head, int(name[len(head) :] or 0), name
