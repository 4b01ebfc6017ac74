"""The daemon works until told to stop, alone on its database, and one source's failure is no other's."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bugbridge.app import App, build_app
from bugbridge.core.errors import DataError, RemoteError
from bugbridge.core.leases import Timing
from bugbridge.core.snapshots import Check, RemoteTicket
from bugbridge.entry import daemon as daemon_module
from bugbridge.entry.daemon import Daemon
from bugbridge.entry.schedule import Schedule
from bugbridge.entry.systemd import WATCHDOG
from bugbridge.ports import KeptIssues
from bugbridge.processes import process_name
from bugbridge.settings import load_settings
from tests.entry.scene import ANOTHER_CUSTOMER, BUG, Scene

ANOTHER_PLACE = "another-computer:4711"
PATIENCE = 20.0  # seconds until something that has to happen counts as not happening


def app_of(scene: Scene) -> App:
    """Wire the scene's configuration, with steps as often as can be."""
    text = scene.config.read_text(encoding="utf-8")
    every_second = "\n[daemon]\nlink_seconds = 1\nsync_seconds = 1\nplan_seconds = 1\nsend_seconds = 1\n"
    scene.config.write_text(text + every_second, encoding="utf-8")
    return build_app(load_settings(scene.config, {}), {})


def stop_at_first_note(scene: Scene, daemon: Daemon, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have SIGTERM's work done in the middle of a posting."""
    post = scene.helpdesk.add_note

    def stop_then_post(ticket: RemoteTicket, body: str, marker: str) -> str:
        daemon.stop()
        return post(ticket, body, marker)

    monkeypatch.setattr(scene.helpdesk, "add_note", stop_then_post)


@pytest.fixture(autouse=True)
def keep_signals() -> Iterator[None]:
    """Give the test runner its own signal handlers back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_stopping_finishes_the_step_under_way(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Told to stop while it posts, it posts and records that, and nothing else; the next run posts nothing twice."""
    tickets = [scene.reported_bug(ANOTHER_CUSTOMER), scene.released()]
    assert len(scene.facts("due")["updates"]) == len(tickets)
    daemon = Daemon(app_of(scene))
    stop_at_first_note(scene, daemon, monkeypatch)
    daemon.run()
    assert sorted(len(scene.helpdesk.notes(ticket.partition(":")[2])) for ticket in tickets) == [0, 1]
    assert sorted(item["state"] for item in scene.facts("due")["updates"]) == ["planned", "posted"]
    assert scene.facts("send")["posted"] == 1


def test_waiting_for_a_step_shows_life_and_holds_the_lease(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A note that takes long is waited for, turn by turn: no watchdog kills us, and no standby posts beside us."""
    scene.released()
    app = app_of(scene)
    daemon = Daemon(app, timing=Timing(renewal=timedelta(0), turn=timedelta(milliseconds=10)))
    waited, post = threading.Semaphore(0), scene.helpdesk.add_note
    ends: list[datetime] = []

    def look_then_post(ticket: RemoteTicket, body: str, marker: str) -> str:
        daemon.stop()
        schedule_stops.wait(PATIENCE)
        for _ in range(3):
            ends.extend(lease.until for lease in app.store.leases() if lease.name == "daemon")
            assert waited.acquire(timeout=PATIENCE)
        return post(ticket, body, marker)

    def told(state: str) -> None:
        if state == WATCHDOG and schedule_stops.is_set():
            waited.release()

    def stop(schedule: Schedule, turn: timedelta, meanwhile: Callable[[], None]) -> None:
        schedule_stops.set()
        stop_schedule(schedule, turn, meanwhile)

    schedule_stops, stop_schedule = threading.Event(), Schedule.stop
    monkeypatch.setattr(Schedule, "stop", stop)
    monkeypatch.setattr(daemon_module, "tell_systemd", told)
    monkeypatch.setattr(scene.helpdesk, "add_note", look_then_post)
    daemon.run()
    assert ends[0] < ends[-1]
    assert scene.facts("due")["updates"][0]["state"] == "posted"


def test_a_failing_source_stops_no_other(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The tracker's failure is logged in a sentence, and the helpdesk's reminder is posted all the same."""
    ticket = scene.released()
    scene.tracker.fail(RemoteError("github answered 500."))
    daemon = Daemon(app_of(scene))
    stop_at_first_note(scene, daemon, monkeypatch)
    daemon.run()
    assert len(scene.helpdesk.notes(ticket.partition(":")[2])) == 1
    assert "sync github: github answered 500." in caplog.messages


def test_a_mistake_of_ours_stops_no_other_step_and_quotes_nothing(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody foresaw is logged by its kind and place alone: its text may quote a ticket."""
    scene.released()

    def go_wrong(_cursor: str, _kept: object) -> None:
        raise ZeroDivisionError("Carla Customer's words")

    monkeypatch.setattr(scene.tracker, "changed_since", go_wrong)
    daemon = Daemon(app_of(scene))
    stop_at_first_note(scene, daemon, monkeypatch)
    daemon.run()
    ours = [record.getMessage() for record in caplog.records if record.name == "bugbridge.daemon"]
    assert any("sync github: failed by a mistake in BugBridge (ZeroDivisionError at" in message for message in ours)
    assert not any("Carla" in message for message in ours)


def test_doctor_says_when_each_job_last_succeeded(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A success is remembered by job."""
    scene.released()
    daemon = Daemon(app_of(scene))
    stop_at_first_note(scene, daemon, monkeypatch)
    daemon.run()
    assert "job.send: last succeeded 2026-06-15 09:" in scene.say("doctor")


def test_doctor_tells_a_tracker_what_is_kept_of_its_projects(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A tracker shows by these counts how it reads a project."""
    scene.released()

    def check(kept: KeptIssues) -> tuple[Check, ...]:
        return (Check("kept", well=True, sentence=", ".join(issue.reference for issue in kept("acme/app"))),)

    monkeypatch.setattr(scene.tracker, "check", check)
    assert f"github.kept: {BUG}\n" in scene.say("doctor")


def test_doctor_asks_a_tracker_even_without_a_database(scene: Scene) -> None:
    """What is kept isn't known then, but whether the token is good is."""
    scene.config.with_name("bugbridge.sqlite").write_text("not a database at all, but a text", encoding="utf-8")
    said = scene.run("doctor").stdout
    assert ("BAD database: " in said, "github.sign_in: github answers." in said) == (True, True)


def test_a_second_daemon_refuses_and_names_the_first(scene: Scene) -> None:
    """One database has one daemon."""
    now = scene.clock.now()
    app_of(scene).store.take_lease("daemon", ANOTHER_PLACE, now=now, until=now + timedelta(minutes=1))
    result = scene.run("daemon")
    assert (result.exit_code, ANOTHER_PLACE in result.stderr) == (3, True)


def test_a_daemon_that_stopped_makes_room(scene: Scene) -> None:
    """Its lease is given back, so that the next one starts at once."""
    app = app_of(scene)
    daemon = Daemon(app)
    daemon.stop()
    daemon.run()
    now = scene.clock.now()
    assert app.store.take_lease("daemon", ANOTHER_PLACE, now=now, until=now + timedelta(minutes=1)) is not None


def test_a_daemon_that_was_killed_makes_room(scene: Scene) -> None:
    """One of this computer whose process is gone can't give its lease back; the next one takes it."""
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    app, now = app_of(scene), scene.clock.now()
    killed = process_name().replace(f":{os.getpid()}/", f":{gone.pid}/")
    app.store.take_lease("daemon", killed, now=now, until=now + timedelta(hours=1))
    daemon = Daemon(app)
    daemon.stop()
    daemon.run()
    assert [lease.holder for lease in app.store.leases() if lease.name == "daemon"] == [""]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_success(tmp_path: Path, number: signal.Signals) -> None:
    """SIGTERM and Ctrl-C are how it is meant to end: exit code 0."""
    config = tmp_path / "bugbridge.toml"
    config.write_text('database = "bugbridge.sqlite"', encoding="utf-8")
    command = [sys.executable, "-m", "bugbridge", "--config", str(config), "daemon"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ}) as process:
        assert process.stderr is not None
        for line in process.stderr:
            if "working as" in line:
                process.send_signal(number)
                break
        process.stderr.read()
    assert process.returncode == 0


def test_doctor_says_who_works(scene: Scene) -> None:
    """Or that nobody does, which is no illness."""
    assert "daemon: none works now" in scene.say("doctor")
    now = scene.clock.now()
    name = f"{ANOTHER_PLACE}/where/chance"
    app_of(scene).store.take_lease("daemon", name, now=now, until=now + timedelta(minutes=1))
    assert f"daemon: {ANOTHER_PLACE} works (computer:process)." in scene.say("doctor")


def test_a_standby_outlives_a_database_that_cant_be_used_for_a_while(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It says so once, and takes over when it can."""
    app = app_of(scene)
    now, leases, asked = scene.clock.now(), app.store.leases, []
    lease = app.store.take_lease("daemon", ANOTHER_PLACE, now=now, until=now + timedelta(minutes=1))
    assert lease is not None
    daemon = Daemon(app, standby=True, timing=Timing(turn=timedelta(milliseconds=10)))

    def full_for_a_while() -> object:
        asked.append(1)
        if len(asked) in {2, 3}:
            raise DataError("The database can't be used (database or disk is full).")
        if len(asked) == 4:
            app.store.give_back_lease(lease)
            daemon.stop()
        return leases()

    monkeypatch.setattr(app.store, "leases", full_for_a_while)
    daemon.run()
    told = "the lease can't be looked after: The database can't be used (database or disk is full)."
    assert caplog.messages.count(told) == 1
    assert [one.fence for one in leases() if one.name == "daemon"] == [2]
