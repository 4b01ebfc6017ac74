"""What a scenario did and found: counted while it runs, put out at the end."""

import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from scripts.crash.verdict import Verdict


@dataclass
class Tally:
    """One scenario's counts. `held` says in which state the killed or paused left a delivery."""

    scenario: str
    seed: int
    wanted: int
    disturbances: Counter[str] = field(default_factory=Counter)
    held: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    phases: int = 0
    updates: int = 0
    lost: int = 0
    repeated: int = 0
    problems: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    @property
    def kills(self) -> int:
        """How many processes were killed."""
        return self.disturbances["kill"]

    def conclude(self, verdict: Verdict, further: list[str]) -> None:
        """Take over what the comparison and the checks of the database say."""
        self.updates, self.lost, self.repeated = verdict.updates, verdict.lost, verdict.repeated
        self.problems += [*verdict.problems, *further]

    def facts(self) -> dict[str, Any]:
        """Give all of it for JSON."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "kills": self.kills,
            "updates": self.updates,
            "lost": self.lost,
            "repeated": self.repeated,
            "disturbances": dict(self.disturbances),
            "delivery_at_that_moment": dict(self.held),
            "faults": dict(self.faults),
            "phases": self.phases,
            "seconds": round(time.monotonic() - self.begun, 1),
            "problems": self.problems,
        }

    def __str__(self) -> str:
        """Say it in a line or two."""
        counts = f"{self.kills} kills, {self.updates} updates, {self.lost} lost, {self.repeated} repeated"
        more = [f"{count} {name}" for name, count in self.disturbances.items() if name != "kill"]
        took = f"{self.phases} phases in {time.monotonic() - self.begun:.0f} s"
        lines = [f"{self.scenario}, seed {self.seed}: {'; '.join([counts, *more, took])}."]
        if self.held:
            lines.append(f"  At that moment its delivery was: {_listed(self.held)}.")
        if self.faults:
            lines.append(f"  Faults that struck: {_listed(self.faults)}.")
        return "\n".join(lines)


def _listed(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.most_common())


def progress(tally: Tally) -> None:
    """Show on a terminal how far it is."""
    if sys.stderr.isatty():
        done = sum(tally.disturbances.values())
        sys.stderr.write(f"\r{tally.scenario}: {done} of {tally.wanted}, phase {tally.phases} \x1b[K")
        sys.stderr.flush()
