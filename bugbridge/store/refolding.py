"""Projections made again from the events, by the folds that made them, and compared with what is kept."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from bugbridge.core.upkeep import Misfold
from bugbridge.store import folds
from bugbridge.store.database import Row
from bugbridge.store.projections import ProjectionStore, frequency_of, is_gone, live_from_text

_LINK_EVENTS = """
    SELECT ticket_id, bug_id, kind, (
        SELECT state FROM link WHERE link.ticket_id = event.ticket_id AND link.bug_id = event.bug_id
    ) AS kept
    FROM link_event AS event WHERE kind IN ('suggested', 'linked', 'unlinked')
    ORDER BY ticket_id, bug_id, occurred_at, seq
"""

_LINKS_OF_NOTHING = """
    SELECT ticket_id, bug_id, state FROM link WHERE NOT EXISTS (
        SELECT 1 FROM link_event AS event
        WHERE event.ticket_id = link.ticket_id AND event.bug_id = link.bug_id
            AND kind IN ('suggested', 'linked', 'unlinked')
    )
"""

_BUGS = """
    SELECT id, canonical_id, frequency, (
        SELECT value FROM bug_event WHERE bug_id = bug.id AND kind = 'frequency_check' ORDER BY seq DESC LIMIT 1
    ) AS judged
    FROM bug ORDER BY id
"""

_MERGES = """
    SELECT bug_id, CAST(value AS INTEGER) AS survivor FROM bug_event WHERE kind = 'merged' ORDER BY occurred_at, seq
"""

_LATEST = """(
        SELECT value FROM fact_event WHERE entity = '[ENTITY]' AND entity_id = [ENTITY].id AND kind = '[KIND]'
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    )"""
_GONE = _LATEST.replace("[ENTITY]", "issue").replace("[KIND]", "gone")
_ISSUES = f"SELECT id, gone, {_GONE} AS said FROM issue ORDER BY id"  # noqa: S608 - texts of this file
_LIVE = _LATEST.replace("[ENTITY]", "source").replace("[KIND]", "live_from")
_SOURCES = f"SELECT id, live_from, {_LIVE} AS said FROM source ORDER BY id"  # noqa: S608 - the same
_REQUESTER = _LATEST.replace("[ENTITY]", "ticket").replace("[KIND]", "requester")
_BRAND = _LATEST.replace("[ENTITY]", "ticket").replace("[KIND]", "brand")

# Nobody's ticket and no brand are no news: the row keeps what was last said.
_TICKETS = f"""
    SELECT * FROM (
        SELECT id, requester_id, CAST({_REQUESTER} AS INTEGER) AS requester, brand, {_BRAND} AS said_brand FROM ticket
    )
    WHERE (requester <> 0 AND requester_id IS NOT requester) OR (said_brand <> '' AND brand IS NOT said_brand)
    ORDER BY id
"""  # noqa: S608 - the same

_GROUP = _LATEST.replace("[ENTITY]", "ticket").replace("[KIND]", "group")
_GROUPS = f"""
    SELECT * FROM (SELECT id, support_group, coalesce({_GROUP}, '') AS said FROM ticket)
    WHERE support_group <> said ORDER BY id
"""  # noqa: S608 - the same

# What came before a link is older than the event that made it, which touched it.
_UNTOUCHED = """
    SELECT ticket_id, bug_id, touched_seq FROM link
    WHERE touched_seq < max(
        coalesce((SELECT max(seq) FROM link_event WHERE ticket_id = link.ticket_id AND bug_id = link.bug_id), 0),
        coalesce((SELECT max(seq) FROM message WHERE ticket_id = link.ticket_id), 0),
        coalesce((SELECT max(seq) FROM finding WHERE ticket_id = link.ticket_id), 0),
        coalesce((SELECT max(seq) FROM delivery_event WHERE ticket_id = link.ticket_id), 0),
        coalesce((SELECT max(seq) FROM fact_event WHERE entity = 'ticket' AND entity_id = link.ticket_id), 0),
        coalesce((SELECT max(seq) FROM bug_event WHERE bug_id = link.bug_id AND kind <> 'workaround_suggested'), 0)
    )
    ORDER BY ticket_id, bug_id
"""

_UNCHECKED = """
    SELECT DISTINCT survivor.id FROM link JOIN bug ON bug.id = link.bug_id
    JOIN bug AS survivor ON survivor.id = bug.canonical_id
    WHERE link.state = 'linked' AND survivor.check_at IS NULL ORDER BY survivor.id
"""


class RefoldingStore(ProjectionStore):
    """What the events make of the projections."""

    def misfolds(self) -> Iterator[Misfold]:
        """Give the projections that aren't what the events say, but for a bug's stage, which the rules fold."""
        yield from self._link_states()
        yield from self._bugs()
        yield from self._facts()
        yield from self._tickets()
        yield from self._untouched()

    def canonical_bugs(self) -> Iterator[tuple[int, Mapping[str, str | None]]]:
        """Give every canonical bug with what its row says of its stage, by column, as text."""
        for row in self._rows(
            "SELECT id, stage, resolved_at, declined_at FROM bug WHERE canonical_id = id ORDER BY id"
        ):
            yield row["id"], {column: row[column] for column in row.keys()[1:]}

    def _link_states(self) -> Iterator[Misfold]:
        for key, rows in groupby(self._each(_LINK_EVENTS), _link):
            events = list(rows)
            folded, kept = folds.link_state(row["kind"] for row in events), events[0]["kept"]
            if folded != kept:
                yield Misfold(id="link-state", table="link", key=key, column="state", kept=kept, folded=folded)
        for row in self._rows(_LINKS_OF_NOTHING):
            key = _link(row)
            yield Misfold(id="link-state", table="link", key=key, column="state", kept=row["state"], folded=None)

    def _bugs(self) -> Iterator[Misfold]:
        pointers = {row["bug_id"]: row["survivor"] for row in self._rows(_MERGES)}
        for row in self._rows(_BUGS):
            canonical = folds.canonical(pointers, row["id"])
            if canonical != row["canonical_id"]:
                yield _bug("bug-canonical", row, "canonical_id", canonical)
            judged = frequency_of(row["judged"]) if row["judged"] else "unknown"
            if judged != row["frequency"]:
                yield _bug("bug-frequency", row, "frequency", judged)

    def _facts(self) -> Iterator[Misfold]:
        for row in self._rows(_ISSUES):
            gone = int(is_gone(row["said"] or ""))
            if gone != row["gone"]:
                key = str(row["id"])
                yield Misfold(id="issue-gone", table="issue", key=key, column="gone", kept=row["gone"], folded=gone)
        for row in self._rows(_SOURCES):
            live = live_from_text(row["said"] or "")
            if live != row["live_from"]:
                yield _of(row, "source-live-from", "source", "live_from", live)

    def _tickets(self) -> Iterator[Misfold]:
        for row in self._rows(_TICKETS):
            if row["requester"] and row["requester"] != row["requester_id"]:
                yield _of(row, "ticket-requester", "ticket", "requester_id", row["requester"])
            if row["said_brand"] and row["said_brand"] != row["brand"]:
                yield _of(row, "ticket-brand", "ticket", "brand", row["said_brand"])
        for row in self._rows(_GROUPS):
            yield _of(row, "ticket-group", "ticket", "support_group", row["said"])

    def _untouched(self) -> Iterator[Misfold]:
        """Links that something happened to since they were last noted as touched: they wouldn't be decided again."""
        head = int(self._value("SELECT seq FROM sequence"))
        for row in self._rows(_UNTOUCHED):
            kept = row["touched_seq"]
            key = _link(row)
            yield Misfold(id="link-touched", table="link", key=key, column="touched_seq", kept=kept, folded=head)
        at = "1970-01-01T00:00:00.000000Z"  # long due: it is judged by the next pass
        for row in self._rows(_UNCHECKED):
            yield Misfold(id="bug-check", table="bug", key=str(row["id"]), column="check_at", kept=None, folded=at)


def _link(row: Row) -> str:
    return f"{row['ticket_id']}-{row['bug_id']}"


def _bug(name: str, row: Row, column: str, folded: str | int) -> Misfold:
    return _of(row, name, "bug", column, folded)


def _of(row: Row, name: str, table: str, column: str, folded: str | int | None) -> Misfold:
    return Misfold(id=name, table=table, key=str(row["id"]), column=column, kept=row[column], folded=folded)
