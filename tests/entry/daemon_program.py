"""The daemon as a process of its own, with a lease of seconds: `daemon_program.py CONFIG [--standby]`."""

import os
import sys
from datetime import timedelta
from pathlib import Path

from bugbridge.app import build_app
from bugbridge.core.errors import BugBridgeError
from bugbridge.core.leases import Timing
from bugbridge.entry.daemon import Daemon
from bugbridge.entry.logs import complain, logging_to
from bugbridge.settings import load_settings

QUICK = Timing(timedelta(seconds=4), timedelta(seconds=0.5), timedelta(seconds=0.1))


def main() -> int:
    """Run until told to stop; give the exit code."""
    app = build_app(load_settings(Path(sys.argv[1]), os.environ), os.environ)
    with logging_to(sys.stderr, "json"):
        try:
            Daemon(app, standby="--standby" in sys.argv, timing=QUICK).run()
        except BugBridgeError as error:
            complain(error)
            return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
