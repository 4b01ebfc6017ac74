"""The scenarios: how each disturbs the daemon in a phase, and the same story undisturbed to compare with."""

import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from bugbridge.sandbox.chance import Chance
from scripts.crash import full_disk, overlapping
from scripts.crash.desk import is_racing
from scripts.crash.killing import let_live
from scripts.crash.programs import TestError, hasty_repeats, kill, stop
from scripts.crash.story import Phase, Story
from scripts.crash.tally import Tally, progress
from scripts.crash.team import Team
from scripts.crash.trouble import set_faults, set_latency
from scripts.crash.verdict import Told, judge, told

KILLS_PER_PHASE = 14
SURELY = 3  # kills in each phase, whether or not there is anything left to send
BESIDE_SHARE = 0.2
LONGEST_LIFE_SECONDS = 1.0
LONGEST_WORK_SECONDS = 0.5
MINUTES_UP = (1.0, 12.0, 25.0, 75.0)  # within the lease of the killed, after it, after the longest retry
HOUR = 60  # minutes
DOWN_HOURS = 24
KILLED_SHARE = 0.2
MOST_PHASES = 400

Disturb = Callable[[Team, Phase, Chance, Tally], None]


class Reference:
    """The same story played without any disturbance, as far as it is asked for."""

    def __init__(self, seed: int, folder: Path) -> None:
        """Begin when first asked."""
        self._team, self._phases = Team(folder), Story(seed).phases()
        self._told: list[Counter[Told]] = [Counter()]

    @property
    def team(self) -> Team:
        """The undisturbed installation."""
        return self._team

    def told(self, phases: int) -> Counter[Told]:
        """Give what was told by the end of so many phases."""
        while len(self._told) <= phases:
            phase = next(self._phases)
            self._team.begin(phase)
            for race in phase.races:
                self._team.change(race)
            self._team.work_undisturbed()
            self._team.settle(phase)
            self._told.append(self._team.told())
        return self._told[phases]


@contextmanager
def reference_of(seed: int) -> Iterator[Reference]:
    """Serve a reference for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="crash-reference-") as folder:
        reference = Reference(seed, Path(folder))
        with reference.team:
            yield reference


def play(scenario: str, seed: int, wanted: int, reference: Reference) -> Tally:
    """Play a scenario until it has disturbed so often, and judge what became of it."""
    tally = Tally(scenario, seed, wanted)
    folder = tempfile.mkdtemp(prefix=f"crash-{scenario}-")
    with SETTINGS[scenario](Path(folder)) as team:
        chance = Chance(seed + 1)
        for phase in Story(seed).phases():
            team.begin(phase)
            DISTURBERS[scenario](team, phase, chance, tally)
            team.settle(phase)
            tally.phases = phase.number
            progress(tally)
            if sum(tally.disturbances.values()) >= wanted or phase.number >= MOST_PHASES:
                break
        evidence = team.evidence()
        tally.conclude(judge(reference.told(tally.phases), evidence, is_racing), team.unsound())
        if told(evidence).total() == 0:
            tally.problems.append("Nothing was posted at all, so nothing was tried.")
    if scenario == "full-disk" and not tally.faults[full_disk.REFUSED]:
        tally.problems.append("The disk was never full when something was to be written, so nothing was tried.")
    if tally.problems:
        tally.problems.append(f"Configuration, database and log are kept in {folder}.")
    else:
        shutil.rmtree(folder)
    return tally


def kill_again_and_again(team: Team, phase: Phase, chance: Chance, tally: Tally) -> None:
    """Kill the daemon at random moments, in some lives with a `bugbridge send` beside it, as long as there is work."""
    races = iter(phase.races)
    for count in range(KILLS_PER_PHASE):
        if tally.kills >= tally.wanted or (count >= SURELY and not team.to_do()):
            break
        set_latency(team, chance)
        tally.faults.update(set_faults(team, chance))
        if race := next(races, None):
            team.change(race)
        live_and_die(team, chance, tally)
        progress(tally)
        team.later(chance.pick(MINUTES_UP))
    for race in races:
        team.change(race)


def live_and_die(team: Team, chance: Chance, tally: Tally) -> None:
    """One life of the daemon, ended by SIGKILL at a random moment; perhaps with a `send` beside it, killed too."""
    processes = [team.program.start(["daemon"], team.now)]
    if chance.happens(BESIDE_SHARE) and tally.kills + 1 < tally.wanted:
        processes.append(team.program.start(["send"], team.now))
    let_live(lambda: team.held_by(processes[0]), chance, LONGEST_LIFE_SECONDS, LONGEST_WORK_SECONDS)
    for place, process in enumerate(processes):
        code = kill(process)
        if place > 0 and code != -9:  # the one beside it was through before
            continue
        if code != -9:
            raise TestError(f"The daemon ended by itself with {code}: {team.program.last_words()}")
        tally.disturbances["kill"] += 1
        tally.held[team.held_by(process)] += 1


def set_the_clock_back(team: Team, phase: Phase, chance: Chance, tally: Tally) -> None:
    """Kill it, and now and then have the clock go back an hour before the next life; the helpdesk's own or not."""
    team.later(2 * HOUR)  # what changed lies in the past even when the clock is back
    for count in range(KILLS_PER_PHASE):
        if sum(tally.disturbances.values()) >= tally.wanted or (count >= SURELY and not team.to_do()):
            break
        set_latency(team, chance)
        tally.faults.update(set_faults(team, chance))
        live_and_die(team, chance, tally)
        progress(tally)
        if count % 3 == 0:
            team.helpdesk_shift = timedelta(hours=1 if chance.happens(0.5) else 0)
            team.later(-HOUR)
            tally.disturbances["clock set back an hour"] += 1
        else:
            team.later(max(chance.pick(MINUTES_UP), HOUR / 2 + 1))
    for race in phase.races:
        team.change(race)


def go_down_for_a_day(team: Team, phase: Phase, chance: Chance, tally: Tally) -> None:
    """Have the helpdesk answer nothing but 503 for a day, with a life of the daemon in every hour of it."""
    team.control("zendesk", "faults", path="", kind="status", status=503, times=10**9)
    with hasty_repeats():
        for _ in range(DOWN_HOURS):
            process = team.program.start(["daemon"], team.now)
            time.sleep(chance.between(0.8, 1.6))
            if chance.happens(KILLED_SHARE):
                kill(process)
                tally.disturbances["kill"] += 1
            elif code := stop(process):
                raise TestError(f"The daemon ended with {code}: {team.program.last_words()}")
            tally.disturbances["hour without a helpdesk"] += 1
            team.later(HOUR)
            progress(tally)
    for race in phase.races:
        team.change(race)


DISTURBERS: dict[str, Disturb] = {
    "kills": kill_again_and_again,
    "two-daemons": overlapping.overlap,
    "full-disk": full_disk.fill_again_and_again,
    "clock-back": set_the_clock_back,
    "helpdesk-down": go_down_for_a_day,
}
SETTINGS = {name: full_disk.TeamOnSmallDisk if name == "full-disk" else Team for name in DISTURBERS}
USUALLY = {"kills": 300, "two-daemons": 12, "full-disk": 30, "clock-back": 30, "helpdesk-down": DOWN_HOURS}
FEW = {"kills": 50, "two-daemons": 4, "full-disk": 12, "clock-back": 15, "helpdesk-down": DOWN_HOURS}
"""How many disturbances each scenario has unless it is told otherwise, and how many are enough for every change."""
