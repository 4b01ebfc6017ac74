"""The stage: the sandbox with this team and its issues, BugBridge over it, and one clock that only the play moves."""

import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from bugbridge.app import App
from bugbridge.core.model import Actor, AuthorKind
from bugbridge.entry import jobs
from bugbridge.entry.demonstration import SECRETS, WorldClock
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW
from bugbridge.services.checking import check
from bugbridge.services.going_live import go_live
from bugbridge.settings import load_settings
from scripts.week.acting import make
from scripts.week.people import AGENTS, LEAD, MONDAY, STAFF, Agent, people_file
from scripts.week.reports import at
from scripts.week.script import Move
from scripts.week.world import build_world

BEGINS = at(MONDAY, "08:00")
HELPDESK = "support"
CONFIG = """\
database = "bugbridge.sqlite"

[calendar]
zone = "Europe/Berlin"
country = "DE"
open_at = 08:00:00
close_at = 18:00:00

[helpdesks.support]
kind = "zendesk"
url = "{zendesk}"
client_id = "bugbridge"
tier_field = "tier"

[trackers.github]
kind = "github"
api_url = "{github}"
projects = ["acme/app"]
"""
AGENT_NOTIFIED = """
[notifications.{login}]
to = "agent"
agent = "{email}"
when = "hourly"
zone = "{zone}"
open_at = 08:00:00
close_at = 18:00:00
"""
LEAD_NOTIFIED = """
[notifications.{login}]
to = "lead"
when = "hourly"
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """One notification to a person."""

    at: datetime
    agent: Agent
    text: str


class Listening(MemoryNotifier):
    """Somebody's telephone, which remembers when it rang."""

    def __init__(self, agent: Agent, clock: WorldClock) -> None:
        """Begin with nothing heard."""
        super().__init__(agent.login)
        self._agent, self._clock = agent, clock
        self.heard: list[Heard] = []

    def send(self, title: str, body: str) -> None:
        """Keep a message and its time."""
        self.heard.append(Heard(self._clock.now(), self._agent, f"{title}\n{body}".strip()))


class StageApp(App):
    """BugBridge as it is wired anywhere, but for the telephones."""

    telephones: dict[str, Listening]

    def notifier(self, name: str) -> Listening:
        """Give the telephone of whoever is notified."""
        return self.telephones[name]


class Desk:
    """A context: the sandbox is served, and BugBridge is live from the Monday on."""

    def __enter__(self) -> Self:
        """Serve, configure and go live."""
        self._folder = tempfile.TemporaryDirectory(prefix="bugbridge-week-")
        self.world = build_world()
        self._sandbox = Sandbox(self.world)
        self._sandbox.start()
        self.turn_to(BEGINS)
        self._app = self._wired(Path(self._folder.name))
        self.work()
        lead = Actor(AuthorKind.AGENT, LEAD.email, "play")
        go_live(self._app.store, self._app.clock, HELPDESK, BEGINS, lead)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and leave nothing behind."""
        self._sandbox.stop()
        self._folder.cleanup()

    def _wired(self, folder: Path) -> StageApp:
        people = [AGENT_NOTIFIED.format(login=one.login, email=one.email, zone=one.zone) for one in AGENTS]
        parts = [CONFIG, *people, LEAD_NOTIFIED.format(login=LEAD.login)]
        config = "".join(parts).format(zendesk=self._sandbox.zendesk_url, github=self._sandbox.github_url)
        (folder / "bugbridge.toml").write_text(config, encoding="utf-8")
        (folder / "people.csv").write_text(people_file(), encoding="utf-8")
        clock = WorldClock(self.world)
        app = StageApp(load_settings(folder / "bugbridge.toml", SECRETS), SECRETS, clock)
        app.telephones = {one.login: Listening(one, clock) for one in STAFF}
        return app

    def turn_to(self, instant: datetime) -> None:
        """Set the one clock that the sandbox and BugBridge go by."""
        self.world.advanced = instant - SEED_NOW

    def work(self) -> None:
        """Take each of the daemon's steps once, in its order."""
        for job in jobs.all_jobs(self._app):
            jobs.run(self._app, job)

    def unsound(self) -> list[str]:
        """Say what `bugbridge check` would find in the database."""
        return [f"The database is unsound: {one}." for one in check(self._app.store).all]

    def heard(self) -> list[Heard]:
        """Every notification so far."""
        return [one for telephone in self._app.telephones.values() for one in telephone.heard]

    def make(self, move: Move) -> None:
        """Have somebody do something, at its own instant."""
        self.turn_to(move.at)
        make(self.world, move)
