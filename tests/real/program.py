"""The real `bugbridge`, run as its own processes, each beginning anew from the database."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bugbridge.app import CLOCK_VARIABLE
from bugbridge.core.instants import instant_to_text

PATIENCE = 300  # seconds until something that has to happen counts as not happening
LISTENING = "taking webhooks at"  # what `serve` logs once it can be reached


class Program:
    """One installation: a folder with its configuration and database, and the secrets in the environment."""

    def __init__(self, folder: Path, config: str, secrets: Mapping[str, str]) -> None:
        """Write the configuration, whose database is bugbridge.sqlite, and keep the secrets by variable."""
        self._config = folder / "bugbridge.toml"
        self._config.write_text(config, encoding="utf-8")
        self._database = folder / "bugbridge.sqlite"
        self._log = folder / "bugbridge.log"
        others = {name: value for name, value in os.environ.items() if not name.startswith("BUGBRIDGE_")}
        self._environment = {**others, **secrets}

    def change_config(self, old: str, new: str) -> None:
        """Replace a text of the configuration from now on."""
        config = self._config.read_text(encoding="utf-8")
        assert old in config
        self._config.write_text(config.replace(old, new), encoding="utf-8")

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

    def facts(self, *words: str, code: int = 0) -> Any:
        """Run one command, which says nothing on stderr where it goes well, and give its facts."""
        done = self.run(*words, "--json")
        assert (words, done.returncode, bool(done.stderr)) == (words, code, bool(code)), done.stderr
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
        """Run the daemon, its clock set to begin at an instant; it stops by SIGTERM at the end, unless killed."""
        clock = {CLOCK_VARIABLE: instant_to_text(start)} if start else {}
        with self._running("daemon", clock) as process:
            yield process

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Run `serve` from when it takes webhooks on; at the end it stops by SIGTERM."""
        with self._running("serve", {}):
            self.until(lambda: LISTENING in self._said())
            yield

    def hints(self) -> dict[str, tuple[str, bool]]:
        """Give what webhooks hinted at, by delivery, and whether it was followed, as the database holds it."""
        with closing(sqlite3.connect(self._database)) as database:
            rows = database.execute("SELECT delivery_key, subject_ref, handled_at IS NOT NULL FROM inbox")
            return {delivery: (subject, bool(followed)) for delivery, subject, followed in rows}

    def until(self, seen: Callable[[], bool]) -> None:
        """Wait until something is to be seen; the log of what runs tells why it wasn't."""
        end = time.monotonic() + PATIENCE
        while not seen():
            assert time.monotonic() < end, self._said()[-3000:]
            time.sleep(0.1)

    @contextmanager
    def _running(self, command: str, further: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
        with self._log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                [*self._command(), command], env={**self._environment, **further}, stderr=log, text=True
            )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(PATIENCE)

    def _said(self) -> str:
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "bugbridge", "--config", str(self._config)]


def now() -> datetime:
    """Give the present, which Request Tracker and the sandbox's GitHub share."""
    return datetime.now(UTC)
