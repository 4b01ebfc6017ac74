"""Importing many tickets: reading and writing them page by page, and remembering what a file has said, on disk.

Ticket by ticket, through the ordinary methods, an import takes three times as long.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter

from bugbridge.core.events import Event, FactEvent, MessageEvent
from bugbridge.core.imported_tickets import NewTicket
from bugbridge.core.model import Actor
from bugbridge.core.records import TicketRow
from bugbridge.store.identities import IdentityStore
from bugbridge.store.rows import EVENT_TABLE_NAMES, event_columns, from_text, read_ticket, to_text

# A name of "" is SQLite's for a file that nobody else can open and that is gone with its connection.
PRIVATE_FILE = ""
_TABLE = """
    CREATE TABLE mention (
        name TEXT PRIMARY KEY, first_line INTEGER NOT NULL, line INTEGER NOT NULL, first_at TEXT, as_of TEXT
    ) STRICT, WITHOUT ROWID
"""
_FIRST_LINE = """
    INSERT INTO mention (name, first_line, line) VALUES (?, ?, ?)
    ON CONFLICT (name) DO UPDATE SET line = line RETURNING first_line
"""
_MENTION = """
    INSERT INTO mention (name, first_line, line, first_at, as_of) VALUES (:name, :line, :line, :first_at, :as_of)
    ON CONFLICT (name) DO UPDATE SET
        first_at = min(first_at, excluded.first_at),
        line = CASE WHEN excluded.as_of > as_of THEN excluded.line ELSE line END,
        as_of = max(as_of, excluded.as_of)
"""

_TICKETS = """
    SELECT ticket.*, source.name AS source_name
    FROM ticket JOIN source ON source.id = ticket.source_id
    WHERE ticket.source_id = :source AND ticket.remote_id IN (SELECT value FROM json_each(:remotes))
"""
_ADD_TICKETS = """
    INSERT INTO ticket (source_id, remote_id, created_at, requester_id, brand) VALUES (?, ?, ?, ?, ?)
"""
_ADD_PARTIES = """
    INSERT INTO party (source_id, kind, remote_id) SELECT :source, :kind, value FROM json_each(:remotes) WHERE TRUE
    ON CONFLICT DO NOTHING
"""
_PARTIES = """
    SELECT id, remote_id FROM party
    WHERE source_id = :source AND kind = :kind AND remote_id IN (SELECT value FROM json_each(:remotes))
"""


class BulkStore(IdentityStore):
    """Many tickets at once."""

    def tickets_of(self, source_id: int, remote_ids: Collection[str]) -> Mapping[str, TicketRow]:
        """Give those of these tickets that are kept, by their ids at the helpdesk."""
        rows = self._rows(_TICKETS, {"source": source_id, "remotes": json.dumps(list(remote_ids))})
        return {row["remote_id"]: read_ticket(row) for row in rows}

    def party_ids(self, source_id: int, kind: str, remote_ids: Collection[str]) -> Mapping[str, int]:
        """Get or create many customers, accounts or agents, by their ids at the helpdesk."""
        values = {"source": source_id, "kind": kind, "remotes": json.dumps(list(remote_ids))}
        with self.write():
            self._run(_ADD_PARTIES, values)
            return {row["remote_id"]: row["id"] for row in self._rows(_PARTIES, values)}

    def add_tickets(self, source_id: int, tickets: Sequence[NewTicket]) -> Mapping[str, TicketRow]:
        """Add tickets that aren't kept yet, and give them by their ids at the helpdesk."""
        with self.write():
            rows = [(source_id, new.remote_id, to_text(new.created_at), new.requester_id, new.brand) for new in tickets]
            self._run_many(_ADD_TICKETS, rows)
            return self.tickets_of(source_id, [new.remote_id for new in tickets])

    def append_to_new(self, events: Sequence[FactEvent | MessageEvent], *, actor: Actor, recorded_at: datetime) -> None:
        """Keep facts and messages of tickets that were just added, none of which is kept yet.

        Such a ticket has no link, so nothing that is projected depends on them: what `append` looks up for each event
        is left out.
        """
        by_kind: dict[type[Event], list[tuple[object, ...]]] = {FactEvent: [], MessageEvent: []}
        recorded, who = to_text(recorded_at), f"{actor.kind}:{actor.id}"
        with self.write():
            head = self.head()
            for seq, event in enumerate(events, start=head + 1):
                own = (to_text(event.occurred_at), seq, recorded, who, actor.via)
                by_kind[type(event)].append((*own, *_FIELDS[type(event)](event)))
            for kind, rows in by_kind.items():
                self._run_many(_INSERTS[kind], rows)
            self._run("UPDATE sequence SET seq = :seq", {"seq": head + len(events)})

    def _run_many(self, statement: str, rows: Iterable[tuple[object, ...]]) -> None:
        with self._turn, self._explained():
            self._connection().executemany(statement, rows)


_OWN = ("occurred_at", "seq", "recorded_at", "actor", "via")
_OTHERS = {kind: tuple(name for name in event_columns(kind) if name not in _OWN) for kind in (FactEvent, MessageEvent)}
_FIELDS = {kind: attrgetter(*names) for kind, names in _OTHERS.items()}


def _insert(kind: type[Event], others: Sequence[str]) -> str:
    columns = (*_OWN, *others)
    text = "INSERT INTO [TABLE] ([COLUMNS]) VALUES ([PLACES])".replace("[COLUMNS]", ", ".join(columns))
    return text.replace("[PLACES]", ", ".join("?" * len(columns))).replace("[TABLE]", EVENT_TABLE_NAMES[kind])


_INSERTS: Mapping[type[Event], str] = {kind: _insert(kind, others) for kind, others in _OTHERS.items()}


class FileRegister:
    """Remembers on which line a name stood first, and which line speaks of it as of the latest moment.

    A name carries its own kind, such as `ticket 4711`. Names may be a customer's, so nothing outlives `close`.
    """

    def __init__(self) -> None:
        """Open an empty one."""
        self._connection = sqlite3.connect(PRIVATE_FILE, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = OFF")
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.execute(_TABLE)
        self._connection.execute("BEGIN")

    def close(self) -> None:
        """Forget everything."""
        self._connection.close()

    def first_line(self, name: str, line: int) -> int:
        """Give the line on which a name stood first: this one if it is new."""
        return int(self._connection.execute(_FIRST_LINE, (name, line, line)).fetchone()[0])

    def mention(self, name: str, line: int, first_at: datetime, as_of: datetime) -> None:
        """Keep that a line, as of a moment, says something of a name that it has heard of since `first_at`."""
        values = {"name": name, "line": line, "first_at": to_text(first_at), "as_of": to_text(as_of)}
        self._connection.execute(_MENTION, values)

    def speaker(self, name: str) -> tuple[int, datetime]:
        """Give the line that speaks of a mentioned name as of the latest moment, and since when it is heard of."""
        line, first_at = self._connection.execute(
            "SELECT line, first_at FROM mention WHERE name = ?", (name,)
        ).fetchone()
        return int(line), from_text(first_at)
