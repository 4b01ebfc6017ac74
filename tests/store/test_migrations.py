"""A database of any earlier version becomes one of this version, with every row as it was."""

import hashlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bugbridge.services.checking import check
from bugbridge.store import schema
from bugbridge.store.sqlite import open_store
from tests.store.test_database import OPEN_WHEN_TOLD

NAMES = tuple(schema._MIGRATIONS)
EARLIER = NAMES[:-1]

# What each released migration does, by a hash of its statements: databases out there have run exactly these. A new
# migration is added here with its hash; an old one that differs must not have been edited, but followed by another.
FROZEN = {
    "001_first_tables": "65d6e208ddfa7282",
    "002_conversations_and_backfill": "ba4fa35b9c27134d",
    "003_usage": "2f0ae40229a4086a",
    "004_live_groups": "2096006dc0daefbb",
    "005_notifications": "24412cef2241f986",
    "006_erasing": "48da2837ea66bc1c",
    "007_jobs": "138813888874bd31",
    "008_answers": "f871804ef6f88e4a",
    "009_bug_ends": "7652d698694bafd4",
    "010_promises": "70395389331498ef",
    "011_access": "a7b83b6900bea6a7",
    "012_board": "fd2b03ecec0066b2",
}

# A little of everything as the first version wrote it, written down so that it stays so.
ROWS = """
    INSERT INTO source (id, name, kind, role, cursor, live_from) VALUES
        (1, 'support', 'zendesk', 'helpdesk', 'c', '2026-01-02T09:00:00.000000Z'),
        (2, 'github', 'github', 'tracker', '', NULL);
    INSERT INTO party (id, kind, source_id, remote_id) VALUES
        (1, 'customer', 1, 'carla'), (2, 'agent', 1, 'ada'), (3, 'account', 1, 'acme');
    INSERT INTO private_value VALUES (1, 'party', 1, 'name', 'Carla'), (1, 'ticket', 1, 'subject', 'Broken');
    INSERT INTO ticket (id, source_id, remote_id, brand, created_at, requester_id) VALUES
        (1, 1, '4711', '', '2026-01-02T10:00:00.000000Z', 1);
    INSERT INTO bug (id, canonical_id, stage, frequency, resolved_at, check_at) VALUES
        (1, 1, 'open', 'unknown', NULL, '2026-01-09T10:00:00.000000Z');
    INSERT INTO issue (id, source_id, remote_id, created_at, reference, bug_id) VALUES
        (1, 2, 'I_1', '2026-01-01T10:00:00.000000Z', 'github:acme/app#12', 1);
    INSERT INTO fact_event VALUES
        (1, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'agent:ann', 'cli', 'f1',
            'source', 1, 'live_from', '2026-01-02T09:00:00.000000Z', 0),
        (2, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'self:bugbridge', 'daemon', 'f2',
            'ticket', 1, 'requester', '1', 1);
    INSERT INTO message VALUES
        (3, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'self:bugbridge', 'daemon',
            'ticket:1:message:77', 1, '77', 1, 'customer', 1);
    INSERT INTO alias VALUES
        (4, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'self:bugbridge', 'daemon', 'issue:1',
            2, 'github:acme/app#12', 'issue', 1);
    INSERT INTO bug_event VALUES
        (5, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'self:bugbridge', 'daemon', 'issue:1',
            1, 'issue_added', '1', NULL);
    INSERT INTO finding VALUES
        (6, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'self:bugbridge', 'daemon', 'm3',
            1, 3, 'notes', 1, 'reference', 1, NULL, 'note');
    INSERT INTO link_event VALUES
        (7, '2026-01-02T10:00:00.000000Z', '2026-01-02T10:01:00.000000Z', 'self:bugbridge', 'daemon', 'l1',
            1, 1, 'linked', 'note', '', NULL);
    INSERT INTO decision VALUES
        (8, '2026-01-02T11:00:00.000000Z', '2026-01-02T11:00:00.000000Z', 'self:bugbridge', 'daemon', 'd1',
            1, 1, 7, 'h', 'grid', '{"person": "", "updates": [{"key": "1:1:5"}]}', '{}', NULL);
    INSERT INTO delivery VALUES
        (1, 1, 'note', 'BB-23456789AB', 'posted', '2026-01-02T11:00:00.000000Z', 'host:1',
            '2026-01-02T11:02:00.000000Z', 1);
    INSERT INTO link VALUES (1, 1, 'linked', 11, 11, NULL);
    INSERT INTO update_item VALUES
        (1, 1, 1, 1, 1, 5, NULL, 'released', '2026-01-02T11:00:00.000000Z', '2026-01-02T12:00:00', 'Europe/Berlin',
            'posted', '', 8, 1, '1:1:5');
    INSERT INTO delivery_event VALUES
        (9, '2026-01-02T11:00:00.000000Z', '2026-01-02T11:00:00.000000Z', 'self:bugbridge', 'daemon', 'delivery:1:0',
            1, 1, 'claimed', NULL, ''),
        (10, '2026-01-02T11:00:01.000000Z', '2026-01-02T11:00:01.000000Z', 'self:bugbridge', 'daemon', 'delivery:1:1',
            1, 1, 'posting', NULL, ''),
        (11, '2026-01-02T11:00:02.000000Z', '2026-01-02T11:00:02.000000Z', 'self:bugbridge', 'daemon', 'delivery:1:2',
            1, 1, 'posted', '78', 'released:1');
    INSERT INTO usage_day VALUES
        (12, '2026-01-02T00:00:00.000000Z', '2026-01-03T11:00:00.000000Z', 'agent:ann', 'cli', 'u1',
            3, 'export', '2026-01-01', 4);
    INSERT INTO ruleset VALUES
        (13, '2026-01-02T00:00:00.000000Z', '2026-01-03T11:00:00.000000Z', 'agent:ann', 'cli', 'r1',
            'h', 'policy', 'version = 1', '2026-01-02T00:00:00.000000Z');
    INSERT INTO inbox VALUES ('github:1', 2, 'github:acme/app#12', '2026-01-02T11:00:00.000000Z', NULL);
    INSERT INTO lease VALUES ('job:plan', '', 0, '2026-01-02T11:00:00.000000Z', '2026-01-02T11:00:00.000000Z');
    UPDATE sequence SET seq = 13;
"""
Rows = dict[str, list[dict[str, object]]]


def statements(name: str) -> list[str]:
    """Give what a migration runs, as SQLite is told."""
    said: list[str] = []

    class Connection:
        def execute(self, statement: str, parameters: object = None) -> None:  # noqa: ARG002 - sqlite3's own
            said.append(" ".join(statement.split()))

    class Database:
        conn = Connection()

    change: Callable[[Any], None] = schema._MIGRATIONS[name]
    change(Database())
    return said


def made_by(version: str, path: Path) -> None:
    """Make a database as an earlier version left it, with its rows."""
    from sqlite_utils import Database, Migrations

    migrations = Migrations(schema.MIGRATION_SET)
    for name in NAMES[: NAMES.index(version) + 1]:
        migrations(name=name)(schema._MIGRATIONS[name])
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        migrations.apply(Database(connection))
        connection.executescript(f"BEGIN; {_with_columns()} COMMIT;")


def _with_columns() -> str:
    """Name the first version's columns: later ones keep their defaults."""
    with closing(sqlite3.connect(":memory:")) as first:
        for statement in statements(NAMES[0]):
            first.execute(statement)
        text = ROWS
        for (table,) in first.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
            columns = ", ".join(row[1] for row in first.execute(f"PRAGMA table_info({table})"))
            text = text.replace(f"INSERT INTO {table} VALUES", f"INSERT INTO {table} ({columns}) VALUES")
    return text


def rows_of(path: Path) -> Rows:
    """Read every row of every table of ours."""
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        tables = connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE '_sqlite%'")
        return {name: [dict(row) for row in connection.execute(f"SELECT * FROM {name}")] for (name,) in tables}  # noqa: S608 - our tables


def schema_of(path: Path) -> list[tuple[str, str, str]]:
    """Give what the database consists of, however its statements were laid out."""
    with closing(sqlite3.connect(path)) as connection:
        parts = connection.execute("SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL").fetchall()
    return sorted((kind, name, " ".join(sql.split())) for kind, name, sql in parts)


def is_within(before: Rows, after: Rows) -> bool:
    """Whether each row is still there with all its values; there may be more columns and tables."""
    return all(
        len(after[table]) >= len(rows)
        and all(any(row.items() <= other.items() for other in after[table]) for row in rows)
        for table, rows in before.items()
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_migration_that_was_run_is_never_edited(name: str) -> None:
    """Databases out there have run it as it was: what it lacks belongs in a new one."""
    digest = hashlib.sha256("\n".join(statements(name)).encode()).hexdigest()[:16]
    assert FROZEN.get(name) == digest, f"{name} has the hash {digest}: is it a new one?"


@pytest.mark.parametrize("version", EARLIER)
def test_an_earlier_database_becomes_one_of_this_version(version: str, tmp_path: Path) -> None:
    """Every row is as it was, the check finds nothing, and the schema is that of a new database."""
    path = tmp_path / "old.sqlite"
    made_by(version, path)
    before = rows_of(path)
    store = open_store(path)
    assert check(store).all == ()
    store.close()
    open_store(tmp_path / "new.sqlite").close()
    assert is_within(before, rows_of(path))
    assert schema_of(path) == schema_of(tmp_path / "new.sqlite")
    assert sum(map(len, before.values())) > 25


DECLINED = """
    INSERT INTO bug (id, canonical_id, stage, frequency) VALUES
        (2, 2, 'declined', 'unknown'), (3, 3, 'declined', 'unknown'), (4, 3, 'declined', 'unknown');
    INSERT INTO issue (id, source_id, reference, bug_id) VALUES
        (2, 2, 'github:acme/app#2', 2), (3, 2, 'github:acme/app#3', 3);
    INSERT INTO bug_event (seq, occurred_at, recorded_at, actor, via, source_key, bug_id, kind, value) VALUES
        (20, '2026-01-04T10:00:00.000000Z', '2026-01-09T10:00:00.000000Z', '', '', 'm', 4, 'merged', '3');
    INSERT INTO fact_event (
        seq, occurred_at, recorded_at, actor, via, source_key, entity, entity_id, kind, value, assumed
    )
        SELECT 20 + seq, '2026-01-0' || day || 'T10:00:00.000000Z', '2026-01-09T10:00:00.000000Z', '', '', 's' || seq,
            'issue', issue, 'stage', stage, 0
        FROM (
            SELECT 1 AS seq, 2 AS issue, 1 AS day, 'open' AS stage UNION ALL SELECT 2, 2, 2, 'declined'
            UNION ALL SELECT 3, 2, 3, 'open' UNION ALL SELECT 4, 2, 5, 'declined'
            UNION ALL SELECT 5, 2, 6, 'declined' UNION ALL SELECT 6, 3, 7, 'declined'
        );
    UPDATE sequence SET seq = 26;
"""


def test_bugs_that_were_declined_before_are_dated(tmp_path: Path) -> None:
    """Since they were last declined, as the fold of their stages says; a duplicate has its survivor's date."""
    path = tmp_path / "old.sqlite"
    made_by("008_answers", path)
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(DECLINED)
    store = open_store(path)
    dates = {row["id"]: row["declined_at"] for row in rows_of(path)["bug"]}
    assert dates == {1: None, 2: "2026-01-05T10:00:00.000000Z", 3: "2026-01-07T10:00:00.000000Z", 4: None}
    assert [one for one in check(store).misfolds if one.table == "bug"] == []


@pytest.mark.parametrize("version", EARLIER)
@pytest.mark.parametrize("last", [False, True])
def test_an_interrupted_migration_leaves_nothing_half_done(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, last: bool
) -> None:
    """It is one transaction: the database is what it was before, and the next start migrates it."""
    path = tmp_path / "old.sqlite"
    made_by(version, path)
    before, was = rows_of(path), schema_of(path)
    broken = NAMES[-1] if last else NAMES[NAMES.index(version) + 1]
    change = schema._MIGRATIONS[broken]

    def interrupted(database: Any) -> None:
        change(database)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setitem(schema._MIGRATIONS, broken, interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_store(path)
    assert (rows_of(path), schema_of(path)) == (before, was)
    assert check(open_store(path)).all == ()


@pytest.mark.parametrize("version", EARLIER)
def test_two_processes_that_migrate_at_once_both_end_well(version: str, tmp_path: Path) -> None:
    """The daemon and a command start together after an upgrade: one migrates, the other waits, both go on."""
    paths = [tmp_path / f"{number}.sqlite" for number in range(4)]
    for path in paths:
        made_by(version, path)
    command = [sys.executable, "-c", OPEN_WHEN_TOLD, *map(str, paths)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    both = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in both:
        assert process.stdout.readline() == "ready\n"
    for process in both:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate()[1], process.returncode) for process in both] == [("", 0), ("", 0)]
    assert [check(open_store(path)).all for path in paths] == [()] * 4
