#!/usr/bin/env python3
"""The bug audit as a script: `scripts/bug_audit.py --last 100` is `bugbridge audit --last 100`, options and all."""

import os
import subprocess
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Run the command in the checkout's environment, which is made first where it is missing."""
    arguments = sys.argv[1:]
    config = arguments[:2] if arguments[:1] == ["--config"] else []
    environment = 'folder=$PWD; cd "$0"; source scripts/environment; cd "$folder"; exec bugbridge "$@"'
    command = ["bash", "-c", environment, str(CHECKOUT), *config, "audit", *arguments[len(config) :]]
    return subprocess.run(command, env=os.environ, check=False).returncode  # noqa: S603 - our own program


if __name__ == "__main__":
    sys.exit(main())
