"""`python -m bugbridge.sandbox`: serve the stand-ins until SIGTERM or Ctrl-C."""

import argparse
import json
import signal
import sys
import threading

from bugbridge.sandbox.seed import build_world
from bugbridge.sandbox.server import Ports, Sandbox


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bugbridge.sandbox", description=__doc__)
    for name in ("github", "jira", "data-center", "zendesk"):
        parser.add_argument(f"--{name}-port", type=int, default=0, help="0, the usual, takes a free port")
    parser.add_argument("--seed", type=int, default=2026, help="another seed makes another history")
    return parser.parse_args()


def main() -> int:
    """Print the addresses as one line of JSON, then serve."""
    asked = _arguments()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    ports = Ports(asked.github_port, asked.jira_port, asked.data_center_port, asked.zendesk_port)
    with Sandbox(build_world(asked.seed), ports) as sandbox:
        sys.stdout.write(json.dumps(sandbox.world.addresses) + "\n")
        sys.stdout.flush()
        over.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
