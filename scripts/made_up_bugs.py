"""Fill a database with very many bugs, straight into its tables: event by event it would take hours.

Each bug has one ticket, of a customer of its own, linked an hour after it was written. Its messages are three: the
customer's, an agent's first answer, and for those that were resolved the agent's word that it is released. Deliveries
and planned updates there are none, and events are numbered with gaps: it is enough for an audit, and for nothing else.
"""

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bugbridge.store.sqlite import open_store

BEGIN, NOW = datetime(2016, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bugs:
    """How many bugs there are to be. Those that were declined were reported in the first half of the ten years."""

    resolved: int
    open: int = 0
    declined: int = 0


# One row a bug, with the instants that its events are made of. It takes from an hour to 200 days, half of them over 50.
_BUGS = """
    CREATE TEMP TABLE made AS
    WITH RECURSIVE number (id) AS (
        SELECT 1 UNION ALL SELECT id + 1 FROM number WHERE id < :resolved + :open + :declined
    ),
    stage (id, stage, share) AS (
        SELECT id, 'released', 1.0 * id / :resolved FROM number WHERE id <= :resolved
        UNION ALL
        SELECT id, 'open', 1.0 * (id - :resolved) / :open FROM number
        WHERE id > :resolved AND id <= :resolved + :open
        UNION ALL
        SELECT id, 'declined', 0.5 * (id - :resolved - :open) / :declined FROM number WHERE id > :resolved + :open
    ),
    dated (id, stage, at, took) AS (
        SELECT id, stage, :begin + share * (:now - :begin - 210 * 86400.0),
            3600 + 17280 * ((id * 7919) % 1000) * ((id * 7919) % 1000) / 1000.0
        FROM stage
    )
    SELECT id, stage, at, [AT] AS created_at, [AT + 3600] AS linked_at, [AT + 7200] AS answered_at,
        [AT + took] AS ended_at, [AT + took + 86400] AS released_at, [AT + took + 172800] AS told_at
    FROM dated ORDER BY id
"""
_INSTANT = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', {}, 'unixepoch')"

_ROWS = (
    "INSERT INTO source (id, name, kind, role) VALUES (1, 'support', 'zendesk', 'helpdesk')",
    "INSERT INTO source (id, name, kind, role) VALUES (2, 'github', 'github', 'tracker')",
    "INSERT INTO party (id, kind, source_id, remote_id) VALUES (1, 'agent', 1, 'ann')",
    "INSERT INTO party (id, kind, source_id, remote_id) SELECT id + 1, 'customer', 1, 'customer ' || id FROM made",
    """INSERT INTO ticket (id, source_id, remote_id, brand, created_at, requester_id)
        SELECT id, 1, CAST(id AS TEXT), 'acme', created_at, id + 1 FROM made""",
    """INSERT INTO bug (id, canonical_id, stage, frequency, resolved_at, declined_at)
        SELECT id, id, stage, 'infrequent', CASE stage WHEN 'released' THEN ended_at END,
            CASE stage WHEN 'declined' THEN ended_at END
        FROM made""",
    """INSERT INTO issue (id, source_id, remote_id, created_at, reference, bug_id)
        SELECT id, 2, CAST(id AS TEXT), created_at, 'github:acme/app#' || id, id FROM made""",
    "INSERT INTO link (ticket_id, bug_id, state) SELECT id, id, 'linked' FROM made",
)

_MESSAGE = "ticket_id, remote_id, author_id, author_kind, public"
_FACT = "entity, entity_id, kind, value, assumed"
_JUDGED = """id, 'frequency_check', '{"frequency": "infrequent"}'"""
_TIER = "'party', id + 1, 'tier', CASE id % 4 WHEN 0 THEN 'enterprise' ELSE 'business' END, 0"
_EVERY, _RELEASED, _DECLINED = "TRUE", "stage = 'released'", "stage = 'declined'"

# Each event's table, when it happened, its own columns, their values, and for which bugs.
_EVENTS = (
    ("bug_event", "created_at", "bug_id, kind, value", "id, 'issue_added', CAST(id AS TEXT)", _EVERY),
    ("bug_event", "linked_at", "bug_id, kind, value", _JUDGED, _EVERY),
    ("link_event", "linked_at", "ticket_id, bug_id, kind, how, value", "id, id, 'linked', 'note', ''", _EVERY),
    ("message", "created_at", _MESSAGE, "id, 'a', id + 1, 'customer', 1", _EVERY),
    ("message", "answered_at", _MESSAGE, "id, 'b', 1, 'agent', 1", _EVERY),
    ("message", "told_at", _MESSAGE, "id, 'c', 1, 'agent', 1", _RELEASED),
    ("finding", "told_at", "ticket_id, extractor, version, kind, value", "id, 'text', 1, 'told', '4.2'", _RELEASED),
    ("fact_event", "created_at", _FACT, "'issue', id, 'stage', 'open', 0", _EVERY),
    ("fact_event", "created_at", _FACT, """'issue', id, 'labels', '["bug"]', 0""", _EVERY),
    ("fact_event", "created_at", _FACT, "'ticket', id, 'requester', CAST(id + 1 AS TEXT), 0", _EVERY),
    ("fact_event", "created_at", _FACT, _TIER, _EVERY),
    ("fact_event", "ended_at", _FACT, "'issue', id, 'stage', 'declined', 0", _DECLINED),
    ("fact_event", "ended_at", _FACT, "'issue', id, 'stage', 'fixed', 0", _RELEASED),
    ("fact_event", "released_at", _FACT, "'issue', id, 'release', '4.2', 0", _RELEASED),
    ("fact_event", "released_at", _FACT, "'issue', id, 'stage', 'released', 0", _RELEASED),
)


def fill(path: Path, bugs: Bugs) -> None:
    """Make a database at a path that holds so many bugs."""
    open_store(path).close()
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("synchronous = OFF", "temp_store = MEMORY", "cache_size = -200000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        _fill(connection, bugs)
        connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _fill(connection: sqlite3.Connection, bugs: Bugs) -> None:
    values = {"begin": BEGIN.timestamp(), "now": NOW.timestamp()}
    statement = _BUGS
    for part in ("AT", "AT + 3600", "AT + 7200", "AT + took", "AT + took + 86400", "AT + took + 172800"):
        statement = statement.replace(f"[{part}]", _INSTANT.format(part.lower()))
    connection.execute(statement, {**values, "resolved": bugs.resolved, "open": bugs.open, "declined": bugs.declined})
    for text in _ROWS:
        connection.execute(text)
    every = bugs.resolved + bugs.open + bugs.declined
    for number, event in enumerate(_EVENTS):
        connection.execute(_event(number * every, *event))
    connection.execute("UPDATE sequence SET seq = ?", (len(_EVENTS) * every,))


def _event(before: int, table: str, at: str, columns: str, values: str, where: str) -> str:
    """Give the statement that keeps one event of each bug, numbered by the bugs after so many."""
    own = f"{before} + id, {at}, {at}, 'self:bench', 'bench', printf('%012d', {before} + id)"
    return f"""
        INSERT INTO {table} (seq, occurred_at, recorded_at, actor, via, source_key, {columns})
        SELECT {own}, {values} FROM made WHERE {where} ORDER BY id
    """  # noqa: S608 - our own text
