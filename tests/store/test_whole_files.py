"""Files that are there whole or not at all: what a killed writer left goes, and nothing that another one writes."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bugbridge.core.errors import DataError
from bugbridge.store import whole_files
from bugbridge.store.whole_files import beside

WRITE_AND_WAIT = """
import sys
from pathlib import Path
from bugbridge.store.whole_files import beside
with beside(Path(sys.argv[1])) as unfinished:
    unfinished.write_text("half of it")
    print("begun", flush=True)
    sys.stdin.read()
"""


def names(folder: Path) -> list[str]:
    """Give what is there."""
    return sorted(file.name for file in folder.iterdir())


@contextmanager
def another_writes(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process writes to this path, until its input ends."""
    command = [sys.executable, "-c", WRITE_AND_WAIT, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        try:
            yield process
        finally:
            process.kill()


def write(path: Path, text: str = "whole") -> None:
    """Write to a path."""
    with beside(path) as unfinished:
        unfinished.write_text(text)


def test_what_a_killed_one_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """Half a copy of customers' data doesn't lie there for ever."""
    path = tmp_path / "copy.sqlite"
    with another_writes(path) as process:
        process.kill()
        process.wait()
    assert len(names(tmp_path)) == 1
    write(path)
    assert names(tmp_path) == ["copy.sqlite"]


def test_what_another_one_writes_is_left_alone(tmp_path: Path) -> None:
    """Both end well, and the last one's is there."""
    path = tmp_path / "copy.sqlite"
    with another_writes(path) as process:
        write(path)
        assert len(names(tmp_path)) == 2
        process.communicate("")
        assert process.returncode == 0
    assert (names(tmp_path), path.read_text()) == (["copy.sqlite"], "half of it")


def test_files_that_only_look_alike_are_left_alone(tmp_path: Path) -> None:
    """Another path's leftovers are that one's, and a person's file is theirs."""
    alike = [f".other.{'a' * 16}.unfinished", ".copy.4711.unfinished", f".copy.{'a' * 16}.unfinished.txt"]
    for name in alike:
        (tmp_path / name).write_text("precious")
    write(tmp_path / "copy")
    assert names(tmp_path) == sorted(["copy", *alike])


def test_a_file_taken_for_a_leftover_as_it_was_made_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two that begin at once disturb each other in nothing."""
    lock, path = whole_files.fcntl.flock, tmp_path / "copy"
    first = [True]

    def slow_lock(opened: int, how: int) -> None:
        if first:
            first.clear()
            whole_files._remove_leftovers(path)
        lock(opened, how)

    monkeypatch.setattr(whole_files.fcntl, "flock", slow_lock)
    write(path)
    assert (names(tmp_path), path.read_text()) == (["copy"], "whole")


def test_a_name_that_isnt_on_the_disk_yet_is_told_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new file is there in the old one's place, so that nothing of it was kept would be untrue."""
    sync = whole_files._sync

    def broken(path: Path) -> None:
        if path == tmp_path:
            raise OSError(5, "Input/output error")
        sync(path)

    monkeypatch.setattr(whole_files, "_sync", broken)
    with pytest.raises(DataError, match=r"copy is there and whole, but .* \(Input/output error\)\. Write it once more"):
        write(tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "whole"


def fail(path: Path, error: Exception) -> None:
    """Write half of it."""
    with beside(path) as unfinished:
        unfinished.write_text("half")
        raise error


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    """Whatever it was that failed; what was there before stays."""
    path = tmp_path / "copy"
    write(path, "old")
    with pytest.raises(ZeroDivisionError):
        fail(path, ZeroDivisionError())
    with pytest.raises(DataError, match="nothing of it was kept"):
        fail(path, OSError(28, "No space left on device"))
    assert (names(tmp_path), path.read_text()) == (["copy"], "old")
