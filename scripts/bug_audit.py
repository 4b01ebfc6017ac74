#!/usr/bin/env python3
"""The bug audit as a script: `scripts/bug_audit.py --last 100` is `bugbridge audit --last 100`, options and all."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the command in the checkout's environment, which is made first where it is missing."""
    config, others = _parted(sys.argv[1:])
    environment = 'folder=$PWD; cd "$0"; source scripts/environment; cd "$folder"; exec bugbridge "$@"'
    command = ["bash", "-c", environment, str(CHECKOUT), *config, "audit", *others]
    return subprocess.run(command, env=os.environ, check=False).returncode  # noqa: S603 - our own program


def _parted(arguments: list[str]) -> tuple[list[str], list[str]]:
    """Give --config with its file, wherever it stands, and the other options: `bugbridge` wants it before `audit`."""
    for index, argument in enumerate(arguments):
        length = {"--config": 2}.get(argument, 1 if argument.startswith("--config=") else 0)
        if length:
            return arguments[index : index + length], arguments[:index] + arguments[index + length :]
    return [], arguments


if __name__ == "__main__":
    sys.exit(main())
