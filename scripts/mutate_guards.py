"""Take each guard away in turn, and see that a test fails: a guard that nobody tests is one that gets lost."""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from guards import GUARDS, Guard

CHECKOUT = Path(__file__).resolve().parents[1]
COPIED = ("bugbridge", "config", "tests", "pyproject.toml", "README.md", "scripts")
FAILED_TESTS = 1


def main() -> int:
    """Give 0 where every guard was missed by a test, else 1."""
    asked = _arguments()
    guards = [guard for guard in GUARDS if asked.only in guard.name]
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name)
        _copy(copy)
        tests = sorted({test for guard in guards for test in guard.tests})
        if _run(copy, tests) != 0:
            _say("The tests fail with all guards in place: mend that first.")
            return 1
        missed = [guard.name for guard in guards if not _is_noticed(copy, guard)]
    _say(f"{len(guards) - len(missed)} of {len(guards)} guards are held by a test.")
    for guard_name in missed:
        _say(f"No test notices that this is gone: {guard_name}.")
    return 1 if missed else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/mutate-guards", description=__doc__)
    parser.add_argument("--only", default="", help="only guards with this in their name")
    return parser.parse_args()


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _copy(folder: Path) -> None:
    for name in COPIED:
        source, ignored = CHECKOUT / name, shutil.ignore_patterns("__pycache__")
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=ignored)
        else:
            shutil.copy2(source, folder / name)


def _is_noticed(copy: Path, guard: Guard) -> bool:
    """Whether tests fail, rather than nothing running at all. The copy is put right again afterwards."""
    path = copy / guard.path
    whole = path.read_text(encoding="utf-8")
    if whole.count(guard.text) != 1:
        sys.exit(f"{guard.path} holds the text of {guard.name!r} {whole.count(guard.text)} times, not once.")
    path.write_text(whole.replace(guard.text, guard.without), encoding="utf-8")
    try:
        noticed = _run(copy, guard.tests) == FAILED_TESTS
    finally:
        path.write_text(whole, encoding="utf-8")
    _say(f"{'noticed' if noticed else 'MISSED '}  {guard.name}")
    return noticed


def _run(copy: Path, tests: Sequence[str]) -> int:
    command = [sys.executable, "-m", "pytest", "-x", "-q", *tests]
    environment = {**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, check=False).returncode  # noqa: S603 - our own program


if __name__ == "__main__":
    sys.exit(main())
