"""`bugbridge` as processes of their own that start quickly: forked from one that has imported everything already."""

import faulthandler
import io
import json
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from bugbridge import http
from bugbridge.app import CLOCK_VARIABLE
from bugbridge.core.instants import instant_to_text
from bugbridge.entry import cli

PATIENCE_SECONDS = 60.0


class TestError(Exception):
    """The test can't go on, or a program did what it must never do."""


@dataclass(frozen=True)
class Ended:
    """One command's exit code and its standard output."""

    code: int
    said: str

    @property
    def facts(self) -> Any:  # noqa: ANN401 - whatever the command's --json holds
        """What it put out as JSON."""
        return json.loads(self.said)


class Program:
    """One configuration and its secrets. The process that forks must have one thread; the forked run the real entry."""

    def __init__(self, config: Path, environment: Mapping[str, str]) -> None:
        """Keep what to run with; all that they log goes beside the configuration."""
        self._config = config
        self._environment = dict(environment)
        self.log = config.with_name("bugbridge.log")

    def start(self, words: Sequence[str], at: datetime) -> int:
        """Start one command, its clock beginning at an instant, and give the process's id."""
        return self._fork(lambda: self._enter(words, at))

    def run(self, commands: Sequence[Sequence[str]], at: datetime) -> list[Ended]:
        """Run commands one after another in one process to their end. Raises TestError where it dies."""
        with tempfile.TemporaryDirectory() as folder:
            answers = Path(folder, "answers.json")
            process = self._fork(lambda: self._enter_each(commands, at, answers))
            code = wait(process)
            if code != 0:
                raise TestError(f"The process that ran {commands[0]} and others ended with {code}: {self.last_words()}")
            told = json.loads(answers.read_text(encoding="utf-8"))
        preload(told["modules"])
        return [Ended(*each) for each in told["ended"]]

    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-1500:] if self.log.exists() else ""

    def _fork(self, work: Callable[[], int]) -> int:
        sys.stdout.flush()
        process = os.fork()
        if process == 0:
            self._be(work)
        return process

    def _be(self, work: Callable[[], int]) -> NoReturn:
        code = 70
        try:
            log = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(log, 1)
            os.dup2(log, 2)
            faulthandler.register(signal.SIGUSR1)  # where it hangs, if it does
            os.environ.update(self._environment)
            code = work()
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001 - a child must never go on in its parent's place
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(code)

    def _enter(self, words: Sequence[str], at: datetime) -> int:
        os.environ[CLOCK_VARIABLE] = instant_to_text(at)
        sys.argv = ["bugbridge", "--config", str(self._config), *words]
        try:
            cli.main()
        except SystemExit as end:
            return end.code if isinstance(end.code, int) else 1
        return 0

    def _enter_each(self, commands: Sequence[Sequence[str]], at: datetime, answers: Path) -> int:
        begun, ended = time.monotonic(), []
        for words in commands:
            passed = timedelta(seconds=time.monotonic() - begun)
            with redirect_stdout(io.StringIO()) as said:
                code = self._enter(words, at + passed)
            ended.append((code, said.getvalue()))
        answers.write_text(json.dumps({"ended": ended, "modules": sorted(sys.modules)}), encoding="utf-8")
        return 0


@contextmanager
def hasty_repeats() -> Iterator[None]:
    """Have failed reads repeated at once by what is started meanwhile: simulated days have no time for real pauses."""
    pauses = http.PAUSES
    http.PAUSES = (0.0, 0.0)
    try:
        yield
    finally:
        http.PAUSES = pauses


def preload(modules: Sequence[str]) -> None:
    """Import what a command needed, so that the next process starts with it."""
    for name in modules:
        if name not in sys.modules and name != "__main__":
            try:
                import_module(name)
            except ImportError:  # a library's own attempt at something optional, or a module it made by hand
                continue


def wait(process: int, seconds: float = PATIENCE_SECONDS) -> int:
    """Wait for a child's end and give its exit code, negative for a signal. Raises TestError for one that hangs."""
    end = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() > end:
            os.kill(process, signal.SIGUSR1)
            time.sleep(1)
            kill(process)
            told = f"A process of bugbridge didn't end within {seconds:.0f} seconds; its log says where it was."
            raise TestError(told)
        time.sleep(0.005)


def running(process: int) -> bool:
    """Whether a child still runs; one that ended is left for `wait`."""
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def kill(process: int) -> int:
    """SIGKILL a child, and give its exit code: another one where it was faster."""
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    return os.waitstatus_to_exitcode(status)


def stop(process: int) -> int:
    """SIGTERM a child and give its exit code."""
    os.kill(process, signal.SIGTERM)
    return wait(process)
