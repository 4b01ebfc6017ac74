"""Running it for years: backups, checks and exports, by their commands on a database file."""

import json
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path

import pytest

from bugbridge.core.events import FactEvent
from bugbridge.core.model import Entity, FactKind
from bugbridge.services.settling import DAEMON
from bugbridge.store import whole_files
from bugbridge.store.sqlite import open_store
from tests.entry.scene import START, Scene
from tests.entry.test_forget import ADDRESS, COMPANY, NAME, SUBJECT, database, wilhelmina


@contextmanager
def always_writing(scene: Scene) -> Iterator[None]:
    """Have somebody else add tickets, two in each transaction, while something goes on."""
    writer, stop = open_store(database(scene)), threading.Event()

    def write() -> None:
        for number in count():
            if stop.is_set():
                return
            with writer.write():
                for half in "ab":
                    ticket = writer.save_ticket(1, f"{number}{half}", START)
                    status = FactEvent(
                        entity=Entity.TICKET,
                        entity_id=ticket.id,
                        kind=FactKind.STATUS,
                        value="open",
                        occurred_at=START,
                        source_key=f"{number}{half}",
                    )
                    writer.append([status], actor=DAEMON, recorded_at=START)

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


# Backups.


def test_a_backup_is_the_database_as_it_was(scene: Scene) -> None:
    """It opens as a database of its own, holds all of it, and only its owner may read it."""
    scene.released()
    facts = scene.facts("backup", "copy.sqlite")
    copy = scene.config.parent / "copy.sqlite"
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert facts["bytes"] == copy.stat().st_size
    restored, ours = open_store(copy), open_store(database(scene))
    assert list(restored.export(personal=True)) == list(ours.export(personal=True))
    assert facts["rows"]["decision"] == sum(table == "decision" for table, _ in ours.export(personal=True))
    assert [one.name for one in copy.parent.iterdir() if "unfinished" in one.name] == []


def test_a_restored_backup_is_a_working_database(scene: Scene) -> None:
    """Put in the database's place as the help says, everything goes on from where it was."""
    scene.released()
    scene.say("backup", "copy.sqlite")
    assert scene.facts("send")["posted"] == 1
    for name in ("bugbridge.sqlite", "bugbridge.sqlite-wal", "bugbridge.sqlite-shm"):
        (scene.config.parent / name).unlink(missing_ok=True)
    (scene.config.parent / "copy.sqlite").rename(database(scene))
    assert scene.facts("check")["clean"]
    assert [update["state"] for update in scene.facts("due")["updates"]] == ["planned"]


def test_a_backup_is_one_moment_while_others_write(scene: Scene) -> None:
    """A daemon that writes all the time neither stops it nor gets half of a change into it."""
    scene.released()
    with always_writing(scene):
        scene.say("backup", "copy.sqlite")
    with closing(sqlite3.connect("copy.sqlite")) as copy:
        halves = dict(copy.execute("SELECT substr(remote_id, -1), count(*) FROM ticket GROUP BY 1").fetchall())
    assert halves.get("a") == halves.get("b")


def test_a_backup_replaces_nothing_unless_told_so(scene: Scene) -> None:
    """An earlier backup is safe from a slip of the keyboard, and the database from --force."""
    scene.reported_bug()
    scene.read()
    (scene.config.parent / "copy.sqlite").write_text("precious")
    refused = scene.run("backup", "copy.sqlite")
    assert (refused.exit_code, "is there already" in refused.stderr) == (2, True)
    assert (scene.config.parent / "copy.sqlite").read_text() == "precious"
    scene.say("backup", "copy.sqlite", "--force")
    itself = scene.run("backup", "bugbridge.sqlite", "--force")
    assert (itself.exit_code, "is the database itself" in itself.stderr) == (4, True)


@pytest.mark.parametrize("command", ["backup", "export"])
def test_a_file_that_can_not_be_written_leaves_nothing(
    command: str, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is one sentence, and what was there before stays whole."""
    scene.reported_bug()
    scene.read()
    (scene.config.parent / "out").write_text("precious")

    def full(_path: Path) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(whole_files, "_sync", full)
    failed = scene.run(command, "out", "--force")
    assert (failed.exit_code, failed.stderr) == (
        4,
        "out can't be written (No space left on device); nothing of it was kept.\n",
    )
    assert (scene.config.parent / "out").read_text() == "precious"
    assert [one.name for one in scene.config.parent.iterdir() if "unfinished" in one.name] == []


BACK_UP_WITH_LITTLE_ROOM = """
import resource, sys
from bugbridge.entry.cli import main
resource.setrlimit(resource.RLIMIT_FSIZE, (9_000_000, 9_000_000))
sys.argv = ["bugbridge", "backup", "copy.sqlite"]
main()
"""


def test_a_backup_without_room_leaves_no_file_at_all(scene: Scene) -> None:
    """Neither the half of a copy nor what SQLite would put beside it."""
    scene.released()
    store = open_store(database(scene))
    for number in range(12):  # more than SQLite keeps in memory before it writes
        store.keep_private(None, Entity.BUG, 1, f"field {number}", "x" * 1_000_000)
    store.close()
    scene.say("backup", "whole.sqlite")
    before = sorted(one.name for one in scene.config.parent.iterdir())
    command = [sys.executable, "-c", BACK_UP_WITH_LITTLE_ROOM]
    failed = subprocess.run(command, capture_output=True, text=True, check=False)
    assert failed.returncode == 4, failed.stderr
    assert failed.stderr.startswith("copy.sqlite can't be written (")
    assert sorted(one.name for one in scene.config.parent.iterdir()) == before


def test_a_backup_into_a_folder_that_is_not_there_says_so(scene: Scene) -> None:
    """One sentence, and exit code 4."""
    failed = scene.run("backup", "nowhere/copy.sqlite")
    assert failed.exit_code == 4
    assert (
        failed.stderr == "nowhere/copy.sqlite can't be written (No such file or directory); nothing of it was kept.\n"
    )


# Checks.


def test_a_sound_database_is_said_to_be_so(scene: Scene) -> None:
    """With how much was looked at."""
    scene.released()
    scene.say("send")
    facts = scene.facts("check")
    assert (facts["clean"], facts["violations"]) == (True, [])
    assert f"All is well: {facts['checked']} checks over {facts['events']} events." in scene.say("check")


def test_a_check_sees_one_moment_while_others_write(scene: Scene) -> None:
    """The daemon's next change isn't half there when the events are counted."""
    scene.released()
    with always_writing(scene):
        for _ in range(5):
            assert scene.facts("check")["clean"]


def test_what_is_wrong_is_named_and_mended(scene: Scene) -> None:
    """Exit code 4 with the id of what is broken and its place; --repair makes again what can be."""
    scene.released()
    with closing(sqlite3.connect(database(scene))) as past_us, past_us:
        past_us.execute("UPDATE bug SET stage = 'declined'")
    found = scene.run("check")
    assert found.exit_code == 4
    assert "bug-stage: not so: " in found.stdout
    assert "bug 1: stage is declined, its events say released" in found.stdout
    assert "`bugbridge check --repair`" in found.stdout
    assert "1 derived value made again from the events:" in scene.say("check", "--repair")
    assert scene.facts("check")["clean"]


def test_what_can_not_be_mended_stays_a_complaint(scene: Scene) -> None:
    """A repair doesn't hide it: the exit code is still 4, and the way out is a backup."""
    scene.released()
    scene.say("send")
    with closing(sqlite3.connect(database(scene))) as past_us, past_us:
        past_us.execute("UPDATE delivery SET state = 'dead'")
    mended = scene.run("check", "--repair")
    assert mended.exit_code == 4
    assert "delivery-state" in mended.stdout
    assert "restore a backup" in mended.stdout


def test_a_damaged_file_is_one_violation(scene: Scene) -> None:
    """Nothing else in it can be believed, so nothing else is listed."""
    scene.released()
    with closing(sqlite3.connect(database(scene))) as past_us, past_us:
        past_us.execute("PRAGMA writable_schema = ON")
        index = "CREATE INDEX update_of_link ON update_item (key, ticket_id)"
        past_us.execute("UPDATE sqlite_schema SET sql = ? WHERE name = 'update_of_link'", (index,))
        past_us.execute("UPDATE bug SET stage = 'declined'")
    found = scene.run("check", "--json")
    assert found.exit_code == 4
    assert {one["id"] for one in json.loads(found.stdout)["violations"]} == {"database-intact"}


# Exports.


def lines(text: str) -> list[dict[str, object]]:
    """Read JSON Lines."""
    return [json.loads(line) for line in text.splitlines()]


def test_an_export_has_every_event(scene: Scene) -> None:
    """Numbered from 1 up to the last, with a first line that says what it is."""
    scene.released()
    scene.say("send")
    first, *rows = lines(scene.say("export"))
    assert (first["table"], first["version"], first["personal_data"]) == ("export", 1, False)
    numbers = sorted(row["seq"] for row in rows if "source_key" in row)  # type: ignore[type-var]
    assert numbers == list(range(1, open_store(database(scene)).head() + 1))


def test_an_export_names_nobody_unless_asked_to(scene: Scene) -> None:
    """Names, addresses, subjects and helpdesks' ids are in it only with --with-personal-data."""
    wilhelmina(scene)
    without, everything = scene.say("export"), scene.say("export", "--with-personal-data")
    assert [word for word in (NAME, ADDRESS, SUBJECT, COMPANY) if word in without] == []
    assert [word for word in (NAME, ADDRESS, SUBJECT, COMPANY) if word not in everything] == []
    assert {row["remote_id"] for row in lines(without) if row["table"] in ("party", "ticket", "message")} == {None}


def test_an_export_to_a_file_is_whole_and_private(scene: Scene) -> None:
    """Like a backup: its owner's alone, and never half of it."""
    scene.released()
    result = scene.run("export", "all.jsonl")
    assert result.stderr.startswith("all.jsonl: ")
    assert lines(Path("all.jsonl").read_text())[0]["table"] == "export"
    assert stat.S_IMODE(Path("all.jsonl").stat().st_mode) == 0o600
    assert scene.run("export", "all.jsonl").exit_code == 2
