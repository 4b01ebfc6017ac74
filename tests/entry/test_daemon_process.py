"""The daemon as the process that it is: stopped, resumed, reloaded, watched."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bugbridge.processes import shown
from bugbridge.settings import shipped_folder
from bugbridge.store.sqlite import open_store

PATIENCE = 60.0  # seconds until something that has to happen counts as not happening
CONFIG = """
database = "bugbridge.sqlite"
policy = "policy.toml"

[daemon]
plan_seconds = 1
send_seconds = 1
"""


class Process:
    """One daemon, and what it has logged so far."""

    def __init__(self, config: Path, *words: str, **environment: str) -> None:
        """Start it."""
        program = Path(__file__).with_name("daemon_program.py")
        others = {name: value for name, value in os.environ.items() if not name.startswith("BUGBRIDGE_")}
        self.process = subprocess.Popen(
            [sys.executable, str(program), str(config), *words],
            env={**others, **environment},
            stderr=subprocess.PIPE,
            text=True,
        )
        self._said: list[str] = []
        self._news = threading.Condition()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._news:
                self._said.append(json.loads(line)["message"])
                self._news.notify_all()

    def says(self, words: str, times: int = 1) -> bool:
        """Whether it logs these words, that often at least."""

        def said() -> bool:
            return sum(words in line for line in self._said) >= times

        with self._news:
            return self._news.wait_for(said, PATIENCE)

    def receives(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self.process.send_signal(number)

    def ends(self) -> int:
        """Give the code with which it ends."""
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        assert self.process.stderr is not None
        self.process.stderr.close()


class Place:
    """A folder with a configuration and a database, and the daemons there."""

    def __init__(self, folder: Path) -> None:
        """Write the configuration."""
        self.config, self.policy = folder / "bugbridge.toml", folder / "policy.toml"
        self.config.write_text(CONFIG, encoding="utf-8")
        shutil.copy(shipped_folder() / "policy.toml", self.policy)
        self.started: list[Process] = []

    def daemon(self, *words: str, **environment: str) -> Process:
        """Start one."""
        self.started.append(Process(self.config, *words, **environment))
        return self.started[-1]

    def lease(self) -> tuple[str, int]:
        """Give holder and fence."""
        store = open_store(self.config.with_name("bugbridge.sqlite"))
        (lease,) = (lease for lease in store.leases() if lease.name == "daemon")
        store.close()
        return lease.holder, lease.fence


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    """Give one whose daemons are gone at the end."""
    made = Place(tmp_path)
    yield made
    for process in made.started:
        process.close()


def free_port() -> int:
    """Give a port that nobody listens at."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def asked(port: int, path: str) -> tuple[int, str]:
    """Ask the daemon, until it answers; give status and text."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError:
            assert time.monotonic() < until
            time.sleep(0.05)


def test_a_standby_takes_over_from_a_stopped_holder_which_ends_when_resumed(place: Place) -> None:
    """Two never work: the one that was suspended past its lease notices that before it does anything more."""
    first = place.daemon()
    assert first.says("working as")
    second = place.daemon("--standby")
    assert second.says("standing by: Another daemon works on")
    first.receives(signal.SIGSTOP)
    assert second.says("working as")
    holder, fence = place.lease()
    assert (shown(holder), fence) == (f"{socket.gethostname()}:{second.process.pid}", 2)
    assert second.says(f"working as {shown(holder)}; stop")
    first.receives(signal.SIGCONT)
    assert (first.says("It took over, since we didn't renew our lease in time."), first.ends()) == (True, 3)
    second.receives(signal.SIGTERM)
    assert second.ends() == 0
    assert place.lease() == ("", 2)


def test_two_standbys_take_turns(place: Place) -> None:
    """One that was replaced stands by again, and takes over as soon as the other is killed."""
    first = place.daemon("--standby")
    assert first.says("working as")
    second = place.daemon("--standby")
    assert second.says("standing by")
    first.receives(signal.SIGSTOP)
    assert second.says("working as")
    first.receives(signal.SIGCONT)
    assert first.says("Standing by from now on.")
    second.receives(signal.SIGKILL)
    second.ends()
    assert first.says("working as", times=2)
    first.receives(signal.SIGTERM)
    assert first.ends() == 0


def test_a_bad_policy_is_refused_and_a_good_configuration_applied_without_losing_the_lease(place: Place) -> None:
    """SIGHUP: every problem is logged with its id and the old one kept; then the new port answers."""
    daemon = place.daemon()
    assert daemon.says("working as")
    held = place.lease()
    good = place.policy.read_text(encoding="utf-8")
    place.policy.write_text(good.replace("version = 1", 'version = 1\nnonsense = "x"'), encoding="utf-8")
    place.config.write_text(CONFIG + 'calendar = "x"', encoding="utf-8")
    daemon.receives(signal.SIGHUP)
    assert daemon.says("daemon.config: bugbridge.toml: ")
    place.config.write_text(CONFIG, encoding="utf-8")
    daemon.receives(signal.SIGHUP)
    assert daemon.says("daemon.policy: ")
    assert daemon.says("the policy before it stays in force until")
    assert daemon.says("the new configuration isn't taken on: the daemon goes on with the old one", times=2)
    port = free_port()
    place.policy.write_text(good, encoding="utf-8")
    place.config.write_text(f"{CONFIG}health_port = {port}\n", encoding="utf-8")
    daemon.receives(signal.SIGHUP)
    assert daemon.says("the configuration was read again")
    assert asked(port, "/healthz") == (200, '{"alive": true, "lease": "held"}\n')
    assert place.lease() == held
    daemon.receives(signal.SIGTERM)
    assert daemon.ends() == 0


def test_health_is_answered_while_it_works_and_systemd_is_told(place: Place, tmp_path: Path) -> None:
    """Ready once every job has succeeded; ready, turning, reloading and stopping as systemd knows it."""
    port = free_port()
    place.config.write_text(f"{CONFIG}health_port = {port}\n", encoding="utf-8")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(PATIENCE)
        daemon = place.daemon(NOTIFY_SOCKET=str(tmp_path / "notify"))
        assert daemon.says("working as")
        until = time.monotonic() + PATIENCE
        while asked(port, "/readyz")[0] != 200:
            assert time.monotonic() < until
        assert asked(port, "/readyz") == (200, '{"ready": true, "not_ready": []}\n')
        assert "bugbridge_lease_held 1.0\n" in asked(port, "/metrics")[1]
        assert asked(port, "/hooks/")[0] == 404
        told = [systemd.recv(200) for _ in range(3)]
        daemon.receives(signal.SIGTERM)
        assert daemon.ends() == 0
        while told[-1] != b"STOPPING=1":
            told.append(systemd.recv(200))
    assert (told[0], b"WATCHDOG=1" in told) == (b"READY=1", True)
