"""The command line over a real database in a folder of its own, with a helpdesk and a tracker in memory."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from bugbridge import app as wiring
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson
from bugbridge.entry.cli import cli
from bugbridge.helpdesks.memory import AGENT, CUSTOMER, MemoryHelpdesk
from bugbridge.trackers.memory import MemoryTracker

START = datetime(2026, 6, 15, 9, tzinfo=UTC)
ANOTHER_CUSTOMER = RemotePerson("customer-2", AuthorKind.CUSTOMER, name="Cem Customer")
BUG = "github:acme/app#12"
CONFIG = """
database = "bugbridge.sqlite"

[calendar]
always_open = true

[helpdesks.support]
kind = "request_tracker"
url = "https://rt.example.com"
confirm = "none"

[trackers.github]
kind = "github"
projects = ["acme/app"]
"""


class SteppingClock:
    """A clock that goes on by a second whenever it is asked, so that what follows is later."""

    def __init__(self) -> None:
        """Begin at the start."""
        self.at = START

    def now(self) -> datetime:
        """Give the next second."""
        self.at += timedelta(seconds=1)
        return self.at


class Scene:
    """One team's BugBridge, run by its commands."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write the configuration and put the memory parts in the vendors' places."""
        self.config = folder / "bugbridge.toml"
        self.config.write_text(CONFIG, encoding="utf-8")
        self.helpdesk = MemoryHelpdesk("support")
        self.tracker = MemoryTracker("github")
        self.clock = SteppingClock()
        monkeypatch.chdir(folder)
        monkeypatch.setattr(wiring.App, "helpdesk", lambda _app, _name: self.helpdesk)
        monkeypatch.setattr(wiring.App, "tracker", lambda _app, _name: self.tracker)
        monkeypatch.setattr(wiring, "_clock", lambda _environ: self.clock)

    def run(self, *arguments: str, typed: str | None = None) -> Result:
        """Run one command."""
        return CliRunner().invoke(cli, ["--config", str(self.config), *arguments], input=typed)

    def say(self, *arguments: str) -> str:
        """Run a command that succeeds, and give what it says."""
        result = self.run(*arguments)
        assert (result.exit_code, result.stderr) == (0, ""), result.output
        return result.stdout

    def facts(self, *arguments: str) -> Any:
        """Run a command with --json, and give its facts."""
        return json.loads(self.say(*arguments, "--json"))

    def reported_bug(self, customer: RemotePerson = CUSTOMER) -> str:
        """Have a customer report a bug, and an agent note its issue; give the ticket's reference."""
        if BUG not in self.tracker._issues:
            self.tracker.add(BUG, START - timedelta(days=30))
        number = self.helpdesk.add_ticket(START - timedelta(days=10), requester=customer)
        self.helpdesk.write(number, AGENT, "We look into it.", START - timedelta(days=9), public=True)
        self.helpdesk.write(number, AGENT, "That is acme/app#12.", START - timedelta(days=9), public=False)
        return f"support:{number}"

    def read(self) -> None:
        """Read and decide."""
        self.say("sync")
        self.say("plan")

    def released(self, *, live_days: int = 5) -> str:
        """Go live, and have the bug fixed and released since; give the ticket's reference."""
        ticket = self.reported_bug()
        self.read()
        self.say("go-live", "--from", f"{START - timedelta(days=live_days):%Y-%m-%d}", "--yes")
        self.tracker.close(BUG, START - timedelta(days=1))
        self.say("sync")
        self.say("release", "acme/app#12", "4.2")
        self.say("plan")
        return ticket
