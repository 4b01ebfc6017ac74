"""Opening, migrating, transactions, threads and processes."""

import fcntl
import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.errors import DataError
from bugbridge.core.model import Entity, FactKind
from bugbridge.ports import Store
from bugbridge.store.rows import from_text, to_text
from bugbridge.store.sqlite import SqliteStore, open_store
from tests.store.scene import START, Scene

OPEN_WHEN_TOLD = """
import sys
from bugbridge.store.sqlite import open_store
print("ready", flush=True)
sys.stdin.readline()
for path in sys.argv[1:]:
    open_store(path).close()
"""


def as_port(store: SqliteStore) -> Store:
    """Fail the type check, not the run, if the store falls short of its port."""
    return store


def test_the_store_is_a_store_of_the_port() -> None:
    """The SQLite store is what the services ask for, and an empty one has no events."""
    assert as_port(open_store(":memory:")).head() == 0


def test_data_outlives_the_store(tmp_path: Path) -> None:
    """What was written is there when the file is opened again."""
    first = open_store(tmp_path / "team.sqlite3")
    ticket_id = Scene(first).ticket("4711")
    first.close()
    assert open_store(tmp_path / "team.sqlite3").ticket(ticket_id).remote_id == "4711"


def test_files_use_wal_and_foreign_keys(tmp_path: Path) -> None:
    """Readers don't block the writer, and rows can't point at nothing."""
    store = open_store(tmp_path / "team.sqlite3")
    assert store._value("PRAGMA journal_mode") == "wal"
    assert store._value("PRAGMA foreign_keys") == 1


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    """The file holds names and addresses."""
    open_store(tmp_path / "team.sqlite3").close()
    assert (tmp_path / "team.sqlite3").stat().st_mode & 0o777 == 0o600


def test_every_table_is_strict() -> None:
    """A text never lands in a number's column unseen; only sqlite-utils' own table is looser."""
    rows = open_store(":memory:")._rows("SELECT name FROM pragma_table_list WHERE schema = 'main' AND NOT strict")
    assert {row["name"] for row in rows} == {"_sqlite_migrations", "sqlite_schema"}


def test_two_processes_may_start_at_once(tmp_path: Path) -> None:
    """Both succeed on a new database, whichever migrates it."""
    paths = [str(tmp_path / f"{number}.sqlite3") for number in range(8)]
    command = [sys.executable, "-c", OPEN_WHEN_TOLD, *paths]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    processes = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [(process.communicate()[1], process.returncode) for process in processes] == [("", 0), ("", 0)]


def test_migrating_waits_for_another_process(tmp_path: Path) -> None:
    """While another process migrates, a new one neither migrates nor fails: it waits for its turn."""
    path = tmp_path / "team.sqlite3"
    opening = threading.Thread(target=lambda: open_store(path).close())
    with (tmp_path / "team.sqlite3.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        opening.start()
        opening.join(timeout=0.2)
        assert opening.is_alive()
    opening.join()
    assert open_store(path).head() == 0


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    """An older program doesn't touch what a newer one wrote, and says what to do."""
    path = tmp_path / "team.sqlite3"
    store = open_store(path)
    store._run("INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('bugbridge', '999_later', '')")
    store.close()
    with pytest.raises(DataError, match="was written by a newer BugBridge: install"):
        open_store(path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """The file is left as it was, and the sentence names it."""
    path = tmp_path / "notes.txt"
    path.write_text("Dear diary, " * 100)
    with pytest.raises(DataError, match=r"notes\.txt can't be used \(file is not a database\)"):
        open_store(path)
    assert path.read_text() == "Dear diary, " * 100


def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    """No tables of ours are put beside those of another program."""
    path = tmp_path / "other.sqlite3"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE song (title TEXT)")
    connection.close()
    with pytest.raises(DataError, match="holds something other than BugBridge's data"):
        open_store(path)


def test_a_damaged_database_is_one_sentence(tmp_path: Path) -> None:
    """Damage met while reading is said as the product says things."""
    path = tmp_path / "team.sqlite3"
    Scene(open_store(path)).store.close()
    content = path.read_bytes()
    path.write_bytes(content[:8192] + b"\xff" * (len(content) - 8192))
    with pytest.raises(DataError, match=r"team\.sqlite3 can't be used .*: check the path"):
        Scene(open_store(path)).ticket("4711")


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    """A path that can't be opened is said in one sentence."""
    with pytest.raises(DataError, match=r"can't be used \(unable to open database file\)"):
        open_store(tmp_path)


def fail_after_writing(scene: Scene, remote_id: str) -> None:
    """Write a ticket and a fact of it, nested once more, then fail."""
    with scene.store.write():
        with scene.store.write():
            scene.keep(scene.fact(Entity.TICKET, scene.ticket(remote_id), FactKind.STATUS, "open"))
        raise RuntimeError


def test_what_raises_is_rolled_back() -> None:
    """A transaction that fails leaves nothing, not even used numbers, and takes its nested ones with it."""
    scene = Scene()
    with pytest.raises(RuntimeError):
        fail_after_writing(scene, "4711")
    assert scene.store.head() == 0
    assert scene.store.find_ticket("support", "4711") is None


def test_a_failed_nested_write_leaves_no_half_of_itself() -> None:
    """An outer transaction that goes on after a nested one failed keeps only its own part."""
    scene = Scene()
    with scene.store.write():
        scene.ticket("1")
        with pytest.raises(RuntimeError):
            fail_after_writing(scene, "2")
    found = [scene.store.find_ticket("support", number) is not None for number in ("1", "2")]
    assert found == [True, False]


@pytest.mark.parametrize("name", [":memory:", "team.sqlite3"])
def test_threads_share_one_store(tmp_path: Path, name: str) -> None:
    """Jobs in several threads write through one store object, and no number is given twice."""
    path = name if name == ":memory:" else str(tmp_path / name)
    scene = Scene(open_store(path))
    ticket_id, failures, gate = scene.ticket("4711"), list[BaseException](), threading.Barrier(4)

    def work() -> None:
        try:
            gate.wait()
            for _ in range(25):
                with scene.store.write():
                    head = scene.store.head()
                    assert scene.keep(scene.fact(Entity.TICKET, ticket_id, FactKind.STATUS, "open")) == (head + 1,)
                scene.store.facts(Entity.TICKET, ticket_id)
        except BaseException as error:  # noqa: BLE001 - handed to the main thread
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert scene.store.head() == 100


ZONES = st.integers(-840, 840).map(lambda minutes: timezone(timedelta(minutes=minutes)))
INSTANTS = st.datetimes(datetime(1000, 1, 3), datetime(9999, 12, 29), timezones=ZONES)  # noqa: DTZ001 - bounds are naive


@given(INSTANTS, INSTANTS)
def test_instants_sort_as_text_and_come_back(first: datetime, second: datetime) -> None:
    """Text of one form sorts as the instants do, whatever their zone, and reads back as the same instant."""
    assert from_text(to_text(first)) == first
    assert (to_text(first) < to_text(second)) == (first < second)


def test_instants_have_exactly_one_form() -> None:
    """Whole seconds keep their six zeros."""
    assert to_text(START) == "2024-01-01T00:00:00.000000Z"


def test_naive_datetimes_are_refused() -> None:
    """A clock reading without a zone is no instant."""
    with pytest.raises(ValueError, match="has no time zone"):
        to_text(START.replace(tzinfo=None))


@pytest.mark.parametrize(
    "text", ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000000+00:00", "2024-13-01T00:00:00.000000Z"]
)
def test_another_form_of_instant_is_damage(text: str) -> None:
    """What isn't in the one form wasn't written by the store."""
    with pytest.raises(DataError, match="where an instant belongs"):
        from_text(text)
