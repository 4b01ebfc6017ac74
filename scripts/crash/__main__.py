"""Run the daemon on the sandbox with latency, faults and SIGKILL at random moments, and compare what it posted.

What the helpdesk's own record holds at the end must equal what the same story posts without any disturbance, each
update once; nothing that was withdrawn before; and the database sound. Everything but the operating system's own
timing follows from the seed, so a run that failed fails again with a like one, not always at the same kill.
"""

import argparse
import json
import secrets
import sys

from scripts.crash.programs import TestError
from scripts.crash.scenarios import FEW, USUALLY, play, reference_of
from scripts.crash.tally import Tally

EXAMPLES = """\
examples:
  scripts/crash-test                               300 kills, about five minutes
  scripts/crash-test --kills 50 --seed 7           50 kills, the story of seed 7
  scripts/crash-test --scenario all --few          every scenario, about five minutes
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/crash-test",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scenario", choices=[*USUALLY, "all"], default="kills")
    parser.add_argument("--kills", type=_count, help="how many kills, or what else the scenario disturbs with")
    parser.add_argument("--few", action="store_true", help="of each scenario as many as are enough for every change")
    parser.add_argument("--seed", type=int, help="of the story and of its faults; usually one by chance")
    parser.add_argument("--json", action="store_true", help="put out the counts as a JSON list")
    return parser.parse_args()


def _count(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def main() -> int:
    """Play what was asked for; 1 if anything was lost, repeated or otherwise wrong."""
    asked = _arguments()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    names = list(USUALLY) if asked.scenario == "all" else [asked.scenario]
    tallies: list[Tally] = []
    try:
        with reference_of(seed) as reference:
            for name in names:
                wanted = asked.kills or (FEW if asked.few else USUALLY)[name]
                tallies.append(play(name, seed, wanted, reference))
                _show(tallies[-1], quiet=asked.json)
    except TestError as error:
        sys.stderr.write(f"\nseed {seed}: {error}\n")
        return 1
    if asked.json:
        sys.stdout.write(json.dumps([tally.facts() for tally in tallies], indent=2) + "\n")
    return 1 if any(tally.problems for tally in tallies) else 0


def _show(tally: Tally, *, quiet: bool) -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    if not quiet:
        sys.stdout.write(f"{tally}\n")
        sys.stdout.flush()
    for problem in tally.problems:
        sys.stderr.write(f"  {problem}\n")


if __name__ == "__main__":
    sys.exit(main())
