"""A process's name is no other's, and who is dead is only said where that can be known."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bugbridge import processes
from bugbridge.processes import is_dead, process_name, shown


class System:
    """What the system tells of a boot and a namespace of processes."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The one where we are."""
        self._boot, self._namespace = folder / "boot_id", folder / "pid"
        self._namespace.symlink_to("pid:[1]")
        self._boot.write_text("boot 1", encoding="ascii")
        monkeypatch.setattr(processes, "_BOOT", self._boot)
        monkeypatch.setattr(processes, "_NAMESPACE", self._namespace)
        processes._name.cache_clear()

    def becomes(self, boot: str, namespace: str) -> None:
        """We are elsewhere."""
        self._boot.write_text(boot, encoding="ascii")
        self._namespace.unlink()
        self._namespace.symlink_to(namespace)

    def says_nothing(self) -> None:
        """As macOS."""
        self._boot.unlink()


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    """Give the one where we are; what was named there is forgotten at the end."""
    yield System(tmp_path, monkeypatch)
    processes._name.cache_clear()


def gone() -> str:
    """Give the name of a process like us that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process_name().replace(f":{os.getpid()}/", f":{process.pid}/")


def test_a_process_keeps_its_name() -> None:
    """What it claims at one time is its own at another."""
    assert process_name() == process_name()


@pytest.mark.usefixtures("system")
def test_a_process_of_the_same_number_has_another_name() -> None:
    """After a new start, or in another container with the same host's name."""
    first = process_name()
    processes._name.cache_clear()
    assert (process_name() != first, shown(process_name())) == (True, shown(first))


def test_a_forked_process_has_a_name_of_its_own() -> None:
    """Its number is another, and so is what it drew by chance."""
    mine = process_name()
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writer, process_name().encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as said:
        name = said.read()
    os.waitpid(child, 0)
    assert shown(name).endswith(f":{child}")
    assert name.rpartition("/")[2] != mine.rpartition("/")[2]


def test_people_are_shown_host_and_process() -> None:
    """And a name from before there was more in it, as it is."""
    assert shown(process_name()).endswith(f":{os.getpid()}")
    assert (shown("desk:7/1f/2e"), shown("desk:7"), shown("")) == ("desk:7", "desk:7", "")


@pytest.mark.usefixtures("system")
def test_one_that_ended_here_is_dead_and_one_that_runs_is_not() -> None:
    """Of this boot and this namespace."""
    assert (is_dead(gone()), is_dead(process_name())) == (True, False)


@pytest.mark.parametrize(("boot", "namespace"), [("boot 2", "pid:[1]"), ("boot 1", "pid:[2]")])
def test_nobody_elsewhere_counts_as_dead(system: System, boot: str, namespace: str) -> None:
    """In a container that shares the host's name no such process is seen, however well it lives."""
    name = gone()
    system.becomes(boot, namespace)
    assert not is_dead(name)


def test_nobody_counts_as_dead_where_the_system_does_not_tell(system: System) -> None:
    """Neither one that was named here nor one that was named elsewhere; its lease runs out instead."""
    name = gone()
    system.says_nothing()
    processes._name.cache_clear()
    assert (is_dead(name), is_dead(gone())) == (False, False)


@pytest.mark.parametrize("name", ["", "desk:7", "desk:99999999", "desk"])
def test_a_name_that_says_too_little_is_not_of_the_dead(name: str) -> None:
    """As those of earlier versions were."""
    assert not is_dead(name)
