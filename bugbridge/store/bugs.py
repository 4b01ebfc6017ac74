"""Which bugs are one: the cluster that merges made, as of any moment, and the rows that lists read."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from bugbridge.core.errors import DataError
from bugbridge.core.model import Frequency, Stage
from bugbridge.core.records import BugRow, Moment, ResolvedRow
from bugbridge.core.survival import FIXED, BugLife
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import bounds, from_text, id_list, optional_instant, optional_text, to_text

_CLUSTER = """
    WITH RECURSIVE cluster (id) AS (
        SELECT id FROM bug WHERE id IN (SELECT value FROM json_each(:bugs))
        UNION
        SELECT CAST(event.value AS INTEGER) FROM cluster JOIN bug_event AS event ON event.bug_id = cluster.id
        WHERE event.kind = 'merged'
        UNION
        SELECT event.bug_id FROM cluster JOIN bug_event AS event ON event.value = CAST(cluster.id AS TEXT)
        WHERE event.kind = 'merged'
    )
    SELECT id FROM cluster ORDER BY id
"""

_MERGES = """
    SELECT bug_id, CAST(value AS INTEGER) AS survivor FROM bug_event
    WHERE kind = 'merged' AND bug_id IN (SELECT value FROM json_each(:bugs)) AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_LISTED = """
    SELECT bug.*,
        (SELECT reference FROM issue WHERE issue.bug_id = bug.id ORDER BY issue.id LIMIT 1) AS reference,
        count(link.ticket_id) FILTER (WHERE link.state = 'linked') AS links
    FROM bug
    JOIN bug AS member ON member.canonical_id = bug.id
    JOIN link ON link.bug_id = member.id
    WHERE link.state IN ('linked', 'unlinked')
    GROUP BY bug.id
    ORDER BY bug.id
"""

# A bug is as its tickets met it, and those of its duplicates and mirrors count as its own.
_HAS_LINK = """EXISTS (
        SELECT 1 FROM bug AS member JOIN link ON link.bug_id = member.id
        WHERE member.canonical_id = bug.id AND link.state = 'linked'
    )"""

# Two questions, since SQLite would find the place in one by its instant alone, and thousands can be closed at once.
_RESOLVED_AT = f"""
    SELECT id, resolved_at FROM bug INDEXED BY bug_resolved
    WHERE resolved_at IS NOT NULL AND canonical_id = id AND resolved_at = :at AND id < :id AND {_HAS_LINK}
    ORDER BY id DESC LIMIT :limit
"""  # noqa: S608 - our own text
_RESOLVED_BEFORE = f"""
    SELECT id, resolved_at FROM bug INDEXED BY bug_resolved
    WHERE resolved_at IS NOT NULL AND canonical_id = id AND resolved_at < :at AND {_HAS_LINK}
    ORDER BY resolved_at DESC, id DESC LIMIT :limit
"""  # noqa: S608 - the same

_WITHOUT_TICKET = f"""
    FROM bug INDEXED BY bug_resolved
    WHERE resolved_at IS NOT NULL AND canonical_id = id AND resolved_at >= :since AND NOT {_HAS_LINK}
"""
_COUNT_WITHOUT_TICKET = f"SELECT count(*) {_WITHOUT_TICKET}"
_NAME_WITHOUT_TICKET = f"""
    SELECT coalesce((SELECT reference FROM issue WHERE issue.bug_id = bug.id ORDER BY issue.id LIMIT 1), '')
    {_WITHOUT_TICKET} ORDER BY resolved_at DESC, id DESC LIMIT :examples
"""  # noqa: S608 - the same

_FIRST_REPORT = """(
        SELECT min(ticket.created_at) FROM bug AS member JOIN link ON link.bug_id = member.id
        JOIN ticket ON ticket.id = link.ticket_id
        WHERE member.canonical_id = bug.id AND link.state = 'linked'
    )"""

# Open bugs, and those that ended later than an instant: each part has an index that holds no others.
_LIVES = f"""
    SELECT {_FIRST_REPORT} AS reported_at, resolved_at AS ended_at, '{FIXED}' AS cause
    FROM bug INDEXED BY bug_resolved
    WHERE resolved_at IS NOT NULL AND canonical_id = id AND resolved_at > :since
    UNION ALL
    SELECT {_FIRST_REPORT}, declined_at, '{Stage.DECLINED}' FROM bug INDEXED BY bug_declined
    WHERE declined_at IS NOT NULL AND canonical_id = id AND declined_at > :since
    UNION ALL
    SELECT {_FIRST_REPORT}, NULL, NULL FROM bug INDEXED BY bug_unended
    WHERE resolved_at IS NULL AND declined_at IS NULL AND canonical_id = id
"""  # noqa: S608 - the same


_REPORTED = f"""
    SELECT id, {_FIRST_REPORT} AS reported_at FROM bug
    WHERE canonical_id = id AND reported_at >= :since
    ORDER BY reported_at DESC, id DESC LIMIT :last
"""  # noqa: S608 - the same

_AFTER_ALL = "~"  # sorts after every instant


class BugStore(SqliteDatabase):
    """Bugs, their merges and what lists show of them."""

    def canonical_bug(self, bug_id: int) -> int:
        """Follow merges to the surviving bug. Raises DataError if there is no such bug."""
        row = self._row("SELECT canonical_id FROM bug WHERE id = :bug", {"bug": bug_id})
        if row is None:
            raise _no_bug(bug_id)
        return int(row["canonical_id"])

    def save_bug_state(
        self, bug_id: int, stage: Stage, resolved_at: datetime | None, declined_at: datetime | None = None
    ) -> None:
        """Refresh the projection that lists and the audit's choice read."""
        values = {"bug": bug_id, "stage": stage}
        values |= {"resolved": optional_text(resolved_at), "declined": optional_text(declined_at)}
        with self.write():
            self._run(
                "UPDATE bug SET stage = :stage, resolved_at = :resolved, declined_at = :declined WHERE id = :bug",
                values,
            )

    def bugs(self) -> tuple[BugRow, ...]:
        """Give every canonical bug that has or had a link; `links` counts those that still stand."""
        return tuple(_read_bug(row) for row in self._rows(_LISTED))

    def resolved_bugs(self, limit: int, after: ResolvedRow | None = None) -> tuple[ResolvedRow, ...]:
        """Give a page of the canonical bugs that were fixed, the latest first, after the place of a row. Bugs without a
        link are no customer's, and are left out."""
        place = {"at": to_text(after.resolved_at), "id": after.id} if after else {"at": _AFTER_ALL, "id": 0}
        with self._snapshot():
            rows = self._rows(_RESOLVED_AT, {**place, "limit": limit})
            rows += self._rows(_RESOLVED_BEFORE, {**place, "limit": limit - len(rows)})
        return tuple(ResolvedRow(row["id"], from_text(row["resolved_at"])) for row in rows)

    def fixes_without_ticket(self, since: datetime | None, examples: int) -> tuple[int, tuple[str, ...]]:
        """Count the canonical bugs without a link that were fixed at or after an instant (ever for None), and name the
        latest few."""
        values = {"since": optional_text(since) or "", "examples": examples}
        with self._snapshot():
            names = tuple(name for (name,) in self._rows(_NAME_WITHOUT_TICKET, values))
            return int(self._value(_COUNT_WITHOUT_TICKET, values)), names

    def lives(self, since: datetime | None) -> Iterator[BugLife]:
        """Give every canonical bug that has a link and was open at some time since an instant, or ever for None, one
        after another; to be read within a snapshot."""
        for row in self._each(_LIVES, {"since": optional_text(since) or ""}):
            if row["reported_at"] is not None:
                ended_at = optional_instant(row["ended_at"])
                yield BugLife(from_text(row["reported_at"]), ended_at, row["cause"])

    def reported_bugs(self, last: int | None, since: datetime | None) -> tuple[int, ...]:
        """Give the canonical bugs reported last, or since an instant, the earliest of them first; all for neither."""
        rows = self._rows(_REPORTED, {"since": optional_text(since) or "", "last": -1 if last is None else last})
        return tuple(row["id"] for row in reversed(rows))

    def bugs_to_check(self, now: datetime) -> tuple[int, ...]:
        """Give canonical bugs whose frequency is to be judged, the longest due first."""
        rows = self._rows(
            "SELECT id FROM bug WHERE check_at IS NOT NULL AND canonical_id = id AND check_at <= :now"
            " ORDER BY check_at, id",
            {"now": to_text(now)},
        )
        return tuple(row["id"] for row in rows)

    def mark_checked(self, bug_id: int, next_at: datetime) -> None:
        """Keep when to judge a bug's frequency again."""
        with self.write():
            self._check_bug_at(bug_id, next_at)

    def _check_bug_at(self, bug_id: int, at: datetime) -> None:
        self._run(
            "UPDATE bug SET check_at = :at WHERE id = (SELECT canonical_id FROM bug WHERE id = :bug)",
            {"bug": bug_id, "at": to_text(at)},
        )

    def _cluster(self, *bug_ids: int) -> tuple[int, ...]:
        """Give every bug that any merge at any time tied to one of these, themselves included. Raises DataError if
        there is no such bug."""
        found = tuple(row["id"] for row in self._rows(_CLUSTER, {"bugs": id_list(bug_ids)}))
        for bug_id in bug_ids:
            if bug_id not in found:
                raise _no_bug(bug_id)
        return found

    def _pointers(self, bug_ids: tuple[int, ...], moment: Moment) -> Mapping[int, int]:
        """Give the bug that each merged one was last merged into, as of the moment."""
        if len(bug_ids) == 1:
            return {}
        rows = self._rows(_MERGES, {"bugs": id_list(bug_ids), **bounds(moment)})
        return {row["bug_id"]: row["survivor"] for row in rows}


def _no_bug(bug_id: int) -> DataError:
    return DataError(f"There is no bug {bug_id} in this database: check the number.")


def _read_bug(row: Row) -> BugRow:
    return BugRow(
        id=row["id"],
        reference=row["reference"] or "",
        stage=Stage(row["stage"]),
        frequency=Frequency(row["frequency"]),
        resolved_at=optional_instant(row["resolved_at"]),
        links=row["links"],
    )
