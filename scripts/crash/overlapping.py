"""Two daemons on one database: one is stopped in the middle of its work, past its lease, and wakes beside the other."""

import os
import signal
import time

from bugbridge.entry.cli import cli
from bugbridge.sandbox.chance import Chance
from scripts.crash.programs import TestError, running, wait
from scripts.crash.story import Phase
from scripts.crash.tally import Tally, progress
from scripts.crash.team import Team
from scripts.crash.trouble import set_latency

LONGEST_WAIT_SECONDS = 3.0
TAKING_OVER_SECONDS = 2.0
BESIDE_SECONDS = 1.5
PAUSED_MINUTES = 25  # every lease has run out, and what is in doubt may be looked up
ROUNDS_PER_PHASE = 3


def overlap(team: Team, phase: Phase, chance: Chance, tally: Tally) -> None:
    """Stop one holding a delivery, let the other take over with a clock past every lease, and wake the first one."""
    for count in range(ROUNDS_PER_PHASE):
        if sum(tally.disturbances.values()) >= tally.wanted or (count and not team.to_do()):
            break
        set_latency(team, chance)
        sleeper = team.program.start(["daemon"], team.now)
        tally.held[_stop_at_work(team, sleeper)] += 1
        tally.disturbances["pause past its lease"] += 1
        team.later(PAUSED_MINUTES)
        other = team.program.start(_second(), team.now)
        time.sleep(TAKING_OVER_SECONDS)
        os.kill(sleeper, signal.SIGCONT)
        time.sleep(BESIDE_SECONDS)
        _end(team, sleeper, other)
        progress(tally)
        team.later(PAUSED_MINUTES)
    for race in phase.races:
        team.change(race)


def _second() -> list[str]:
    """Say how one starts a daemon that takes over."""
    command = cli.get_command(None, "daemon")  # type: ignore[arg-type]
    standby = command is not None and any(parameter.name == "standby" for parameter in command.params)
    return ["daemon", "--standby"] if standby else ["daemon"]


def _stop_at_work(team: Team, process: int) -> str:
    """SIGSTOP a daemon while it holds a delivery, as far as one can see that; give the delivery's state."""
    end = time.monotonic() + LONGEST_WAIT_SECONDS
    while team.held_by(process) != "posting" and time.monotonic() < end and running(process):
        time.sleep(0.01)
    os.kill(process, signal.SIGSTOP)
    return team.held_by(process)


def _end(team: Team, *processes: int) -> None:
    """End both; the one that lost its lease may have ended by itself, with 3 and a sentence."""
    for process in processes:
        if running(process):
            os.kill(process, signal.SIGTERM)
        code = wait(process)
        if code not in (0, 3):
            raise TestError(f"A daemon ended with {code}: {team.program.last_words()}")
