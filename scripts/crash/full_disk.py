"""A small disk that is filled to its last byte at random moments and emptied later. Needs root and mount."""

import os
import shutil
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from bugbridge.core.errors import DataError
from bugbridge.sandbox.chance import Chance
from scripts.crash.programs import TestError, kill, running, wait
from scripts.crash.story import Phase
from scripts.crash.tally import Tally, progress
from scripts.crash.team import Team
from scripts.crash.trouble import set_latency

DISK = "24m"
ROUNDS_PER_PHASE = 8
LONGEST_START_SECONDS = 20.0
STEP_MINUTES = 25
FILLER = "filler"
AT_START, AT_WORK = "full disk at the start", "full disk at work"
REFUSED = "write refused by the full disk"
BLOCK = bytes(4096)


class TeamOnSmallDisk(Team):
    """A team whose database lies on a small disk of its own."""

    def __init__(self, folder: Path) -> None:
        """Choose where the disk is mounted."""
        self.disk = folder / "disk"
        super().__init__(folder, self.disk / "bugbridge.sqlite")

    def __enter__(self) -> Self:
        """Mount it, then as any team. Raises TestError where that isn't possible."""
        self.disk.mkdir()
        asked = ["/bin/mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.disk)]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)  # noqa: S603 - words of our own
        if done.returncode:
            raise TestError(f"A small disk can't be mounted here, which needs root: {done.stderr.strip()}")
        try:
            return super().__enter__()
        except BaseException:
            self._unmount()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """As any team, then unmount."""
        super().__exit__(kind, error, trace)
        shutil.copytree(self.disk, self.disk.with_name("disk-as-it-was"), ignore=lambda *_: [FILLER])
        self._unmount()

    def _unmount(self) -> None:
        subprocess.run(["/bin/umount", str(self.disk)], check=True)  # noqa: S603 - words of our own

    def fill(self) -> None:
        """Take every byte that is left."""
        with (self.disk / FILLER).open("ab", buffering=0) as filler:
            try:
                while filler.write(BLOCK):
                    pass
            except OSError:
                return

    def empty_log(self) -> None:
        """Leave no room in the write-ahead log of a killed process, which would take writes that the disk refuses."""
        with closing(sqlite3.connect(self.database)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def free(self) -> None:
        """Give them back."""
        (self.disk / FILLER).unlink(missing_ok=True)


def fill_again_and_again(team: Team, phase: Phase, chance: Chance, tally: Tally) -> None:
    """Fill the disk before the daemon starts or while it works, and free it before it ends or after it."""
    if not isinstance(team, TeamOnSmallDisk):
        raise TestError("This team has no small disk.")
    for count in range(ROUNDS_PER_PHASE):
        if sum(tally.disturbances.values()) >= tally.wanted or (count and not team.to_do()):
            break
        set_latency(team, chance)
        _live(team, chance, tally)
        progress(tally)
        team.later(STEP_MINUTES)
    for race in phase.races:
        team.change(race)
    tally.faults[REFUSED] = _refused(team)


def _refused(team: Team) -> int:
    """Count the writes that the full disk refused so far, by what the programs logged."""
    log = team.program.log
    return log.read_text(encoding="utf-8", errors="replace").count("database or disk is full") if log.exists() else 0


def _live(team: TeamOnSmallDisk, chance: Chance, tally: Tally) -> None:
    """One life: it works through the full disk, ends by itself with one sentence, or is ended or killed.

    The first one meets it from its start, where its first write is sure to be refused, and lives until then.
    """
    if full_at_once := not tally.disturbances[AT_START] or chance.happens(0.25):
        team.empty_log()
        team.fill()
    is_first = not tally.disturbances[AT_START]
    process = team.program.start(["daemon"], team.now)
    if is_first:
        _until_refused(team, process)
    time.sleep(chance.between(0.1, 0.9))
    team.fill()
    tally.disturbances[AT_START if full_at_once else AT_WORK] += 1
    time.sleep(chance.between(0.2, 0.8))
    if chance.happens(0.5):
        team.free()
        time.sleep(chance.between(0.2, 0.8))
    try:
        _end(team, process, chance, tally)
    finally:
        team.free()


def _until_refused(team: Team, process: int) -> None:
    """Wait until the disk has refused a write, however slowly the machine starts it, or the daemon has ended."""
    end = time.monotonic() + LONGEST_START_SECONDS
    while running(process) and not _refused(team) and time.monotonic() < end:
        time.sleep(0.02)


def _end(team: Team, process: int, chance: Chance, tally: Tally) -> None:
    if running(process) and chance.happens(0.5):
        kill(process)
        tally.disturbances["kill"] += 1
        tally.held["unread: the disk is full"] += 1
        return
    if running(process):
        os.kill(process, 15)
    code = wait(process)
    if code not in (0, DataError.exit_code):
        raise TestError(f"The daemon ended with {code} on a full disk: {team.program.last_words()}")
