"""The real `bugbridge`, run as its own processes, each beginning anew from the database."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bugbridge.app import CLOCK_VARIABLE
from bugbridge.core.instants import instant_to_text
from bugbridge.sandbox import sign_in

PATIENCE = 120  # seconds until something that has to happen counts as not happening
CONFIG = """\
database = "bugbridge.sqlite"

[calendar]
always_open = true

[helpdesks.desk]
kind = "request_tracker"
url = "{desk}"
queues = ["Support"]
tier_field = "Tier"

[trackers.github]
kind = "github"
api_url = "{github}"
projects = ["acme/app"]

[daemon]
link_seconds = 1
sync_seconds = 1
plan_seconds = 1
send_seconds = 1
"""


class Program:
    """One installation: a folder with its configuration and database, and the secrets in the environment."""

    def __init__(self, folder: Path, desk_url: str, github_url: str, desk_token: str) -> None:
        """Write the configuration."""
        self._config = folder / "bugbridge.toml"
        self._config.write_text(CONFIG.format(desk=desk_url, github=github_url), encoding="utf-8")
        self._log = folder / "daemon.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("BUGBRIDGE_")},
            "BUGBRIDGE_DESK_TOKEN": desk_token,
            "BUGBRIDGE_GITHUB_TOKEN": sign_in.GITHUB_KEY,
        }

    def use_token(self, token: str) -> None:
        """Sign in to Request Tracker with another token from now on."""
        self._environment["BUGBRIDGE_DESK_TOKEN"] = token

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command to its end."""
        return subprocess.run(
            [*self._command(), *words],
            env=self._environment,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=PATIENCE,
            check=False,
        )

    def facts(self, *words: str) -> Any:
        """Run one command that has to go well, and give its facts."""
        done = self.run(*words, "--json")
        assert (words, done.returncode, done.stderr) == (words, 0, "")
        return json.loads(done.stdout)

    def explanation(self, ticket: str) -> dict[str, Any]:
        """Give what `explain` says of a ticket's only bug; nothing where it isn't linked."""
        done = self.run("explain", f"desk:{ticket}", "--json")
        explanations = json.loads(done.stdout)["explanations"] if done.returncode == 0 else [{}]
        assert len(explanations) == 1
        return dict(explanations[0])

    def states(self, ticket: str) -> list[tuple[str, str]]:
        """Give reason and state of each of a ticket's updates that weren't withdrawn."""
        updates = self.explanation(ticket).get("updates", [])
        return [(update["reason"], update["state"]) for update in updates if update["state"] != "withdrawn"]

    def go_live(self, start: datetime) -> None:
        """Have news from an instant on told."""
        self.facts("go-live", "desk", "--from", instant_to_text(start), "--yes")

    @contextmanager
    def daemon(self, start: datetime | None = None) -> Iterator[subprocess.Popen[str]]:
        """Run the daemon, its clock begun at an instant if one is given, until SIGTERM at the end of the context."""
        clock = {CLOCK_VARIABLE: instant_to_text(start)} if start else {}
        with self._log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*self._command(), "daemon"], env={**self._environment, **clock}, stderr=log, text=True
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def until(self, seen: Callable[[], bool]) -> None:
        """Wait until something is to be seen; the daemon's log tells why it wasn't."""
        end = time.monotonic() + PATIENCE
        while not seen():
            log = self._log.read_text(encoding="utf-8") if self._log.exists() else ""
            assert time.monotonic() < end, log[-3000:]
            time.sleep(0.1)

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "bugbridge", "--config", str(self._config)]


def now() -> datetime:
    """Give the present, which Request Tracker and the sandbox's GitHub share."""
    return datetime.now(UTC)
