"""Play a week of a support team on the sandbox, with a clock of its own and through notes alone.

Three agents, sixty tickets on one bug and thirty on others; a workaround on Wednesday, a release on Thursday. What each
agent saw is printed, and what the week must hold is checked in the helpdesk's own record.
"""

import argparse
import difflib
import sys
from pathlib import Path

from scripts.week.checks import problems_of
from scripts.week.desk import Desk
from scripts.week.play import play
from scripts.week.script import script
from scripts.week.transcript import transcript

EXAMPLES = """\
examples:
  scripts/play-week                                        print what each agent saw
  scripts/play-week --check scripts/week/transcript.txt    say what has changed since that was kept
  scripts/play-week > scripts/week/transcript.txt          keep it
"""


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/play-week",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--check", type=Path, metavar="FILE", help="print how the transcript differs from this one")
    return parser.parse_args()


def played() -> tuple[str, list[str]]:
    """Play the week: the transcript, and a sentence for each thing that it must hold and doesn't."""
    with Desk() as desk:
        play(desk)
        return transcript(desk.world, desk.heard(), script()), [*problems_of(desk.world), *desk.unsound()]


def difference(text: str, kept: Path) -> str:
    """A unified diff from a kept transcript to this one."""
    lines = kept.read_text(encoding="utf-8").splitlines(keepends=True)
    return "".join(difflib.unified_diff(lines, text.splitlines(keepends=True), str(kept), "this week"))


def main() -> int:
    """Play; 1 if the week wasn't as it must be, or differs from the kept one."""
    asked = _arguments()
    if asked.check and not asked.check.is_file():
        sys.stderr.write(f"There is no file {asked.check} to compare with: keep a transcript there first.\n")
        return 2
    text, problems = played()
    shown = difference(text, asked.check) if asked.check else text
    sys.stdout.write(shown)
    for problem in problems:
        sys.stderr.write(f"{problem}\n")
    return 1 if problems or (asked.check and shown) else 0


if __name__ == "__main__":
    sys.exit(main())
