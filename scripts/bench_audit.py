"""Time an audit of the last 100 resolved bugs and of all of them, with the most memory that each takes.

Both are run on one made-up store on disk: so many resolved bugs over ten years, each with a ticket of three messages,
and a twentieth as many bugs that are open, and that were declined. Each run is a process of its own. Times are those of
this machine, and nothing is asserted of them.
"""

import argparse
import resource
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import TypeVar

from bugbridge.core.audit_model import Question
from bugbridge.services.auditing import run_audit
from bugbridge.store.sqlite import open_store
from scripts.benchmark import StandingClock, machine, say
from scripts.made_up_bugs import NOW, Bugs, fill

BUGS, LAST, RUNS = 1_000_000, 100, 5
OTHERS = 20  # one open and one declined bug to so many resolved ones
PEAK_UNIT = 1024 if sys.platform != "darwin" else 1  # how many bytes a unit of the peak memory is


Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Run:
    """What one audit took: bugs measured, replies counted, seconds, and the most bytes that its process held."""

    bugs: int
    replies: int
    seconds: float
    peak: int


def one_run(path: Path, last: int | None) -> Run:
    """Audit once, in this process."""
    store = open_store(path)
    begins = perf_counter()
    audit = run_audit(store, StandingClock(NOW), Question(last))
    seconds = perf_counter() - begins
    store.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * PEAK_UNIT
    return Run(audit.n, audit.replies.replies, seconds, peak)


def in_own_process(work: Callable[..., Result], *arguments: object) -> Result:
    """Do something in a process of its own: what this one ever held would count as the other's peak on Linux."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def check(run: Run, bugs: int) -> None:
    """Make sure that an audit measured what was made up: two replies to each bug's customer after the link."""
    if (run.bugs, run.replies) != (bugs, 2 * bugs):
        raise SystemExit(f"An audit of {bugs:,} bugs measured {run.bugs:,} with {run.replies:,} replies.")


def measure(bugs: int) -> None:
    """Fill a store with so many resolved bugs, audit it both ways, and say what that took."""
    with tempfile.TemporaryDirectory(prefix="bugbridge-bench-") as folder:
        path = Path(folder, "bugs.sqlite")
        begins = perf_counter()
        in_own_process(fill, path, Bugs(bugs, bugs // OTHERS, bugs // OTHERS))
        say(f"  filled in {perf_counter() - begins:.0f} s: {path.stat().st_size / 1e6:,.0f} MB")
        show(f"--last {LAST}", [in_own_process(one_run, path, LAST) for _ in range(RUNS)], min(LAST, bugs))
        show("--last all", [in_own_process(one_run, path, None)], bugs)


def show(name: str, runs: Sequence[Run], bugs: int) -> None:
    """Put out what the runs took, in the middle, and the most memory of any."""
    for run in runs:
        check(run, bugs)
    seconds, peak = median(run.seconds for run in runs), max(run.peak for run in runs)
    counted = f"{len(runs)} runs" if len(runs) > 1 else "1 run"
    say(f"  {name:10}  {seconds:10.3f} s  {1e3 * seconds / bugs:6.3f} ms a bug  {peak / 1e6:7.1f} MB  ({counted})")


def at_least_one(typed: str) -> int:
    """Read how many bugs. Raises ArgumentTypeError for anything but a whole number, and for none."""
    if not typed.isdecimal() or int(typed) == 0:
        raise argparse.ArgumentTypeError(f"a store holds a whole number of bugs, at least 1, not {typed!r}")
    return int(typed)


def main() -> None:
    """Run the size that was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench-audit", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--bugs", type=at_least_one, default=BUGS, help=f"resolved bugs; {BUGS:,} if not given")
    bugs = parser.parse_args().bugs
    say(machine())
    say(f"{bugs:,} resolved bugs with {3 * bugs:,} messages")
    measure(bugs)


if __name__ == "__main__":
    main()
