"""The stage: the sandbox with this team and its issues, BugBridge over it, and one clock that only the play moves."""

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from bugbridge.app import App
from bugbridge.core.model import Actor, AuthorKind
from bugbridge.entry import jobs
from bugbridge.entry.demonstration import SECRETS, WorldClock
from bugbridge.notifiers.memory import MemoryNotifier
from bugbridge.sandbox import changes
from bugbridge.sandbox.commits import add_commit
from bugbridge.sandbox.seed_people import SELF_EMAIL, SELF_ID
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW, Comment, GitHubIssue, Organization, Release, Ticket, User, World
from bugbridge.services.going_live import go_live
from bugbridge.settings import load_settings
from scripts.week.people import AGENTS, LEAD, MONDAY, STAFF, TEAM_ZONE, Agent, people_file
from scripts.week.reports import ISSUES, REPOSITORY, Report, at
from scripts.week.script import REPORTS, Act, Move

BEGINS = at(MONDAY, "08:00")
LONG_AGO = BEGINS - timedelta(days=60)
HELPDESK = "support"
FIRST_ORGANIZATION = 7_000
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


class StandingWorld(World):
    """A world whose clock stands until it is moved, so that every run shows the same times."""

    def start_clock(self) -> None:
        """Serve without letting time pass."""


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

    def heard(self) -> list[Heard]:
        """Every notification so far."""
        return [one for telephone in self._app.telephones.values() for one in telephone.heard]

    def make(self, move: Move) -> None:
        """Have somebody do something, at its own instant."""
        self.turn_to(move.at)
        {
            Act.OPENS: self._opens,
            Act.WRITES: lambda move: changes.customer_comment(self.world, int(move.on), move.text),
            Act.NOTES: lambda move: self.says(move, public=False),
            Act.REPLIES: lambda move: self.says(move, public=True),
            Act.FIXES: lambda move: changes.fix_issue(self.world, move.on),
            Act.DECLINES: lambda move: changes.close_issue(self.world, move.on, "not_planned"),
            Act.REOPENS: lambda move: changes.reopen_issue(self.world, move.on),
            Act.RELEASES: lambda move: changes.release_repository(self.world, move.on, move.text),
        }[move.act](move)

    def _opens(self, move: Move) -> None:
        report = next(one for one in REPORTS if one.number == int(move.on))
        self.world.tickets[report.number] = _ticket(self.world, report)

    def says(self, move: Move, *, public: bool) -> None:
        """Have an agent write on a ticket, whoever has it."""
        author = move.agent.id if move.agent else SELF_ID
        writing = changes.Writing(author, move.text, public=public, status="pending" if public else None)
        changes.update_ticket(self.world, int(move.on), writing)


def build_world() -> World:
    """A helpdesk with this team and no ticket, and a repository with its open issues."""
    world = StandingWorld(0)
    _add_user(world, SELF_ID, "BugBridge", SELF_EMAIL, "admin")
    for agent in STAFF:
        _add_user(world, agent.id, agent.name, agent.email, "agent")
    commit = add_commit(world, REPOSITORY, "Release 4.1", LONG_AGO)
    first = Release(world.new_id(), REPOSITORY, "4.1", LONG_AGO.date(), commit.sha, published_at=LONG_AGO)
    world.releases[REPOSITORY] = [first]
    world.issues[REPOSITORY] = {}
    for reference, title in ISSUES.items():
        number = int(reference.partition("#")[2])
        issue = GitHubIssue(world.new_id(), REPOSITORY, number, title, "", "octavia", LONG_AGO, ("bug",))
        world.issues[REPOSITORY][number] = issue
    return world


def _add_user(world: World, number: int, name: str, email: str, role: str) -> None:
    world.users[number] = User(
        number, name, email, role, None, "en-GB", "Berlin", TEAM_ZONE.key, LONG_AGO
    )


def _ticket(world: World, report: Report) -> Ticket:
    """A ticket as it is when its customer has just written."""
    customer, now = report.customer, world.moment()
    organization = FIRST_ORGANIZATION + customer.place
    company = f"Company {organization}"
    world.organizations[organization] = Organization(organization, company, customer.tier, LONG_AGO)
    email = f"user{customer.id}@customer{organization}.example"
    world.users[customer.id] = User(
        customer.id, customer.name, email, "end-user", organization, customer.locale, "Berlin", TEAM_ZONE.key, LONG_AGO
    )
    subject = report.says.partition(".")[0]
    ticket = Ticket(report.number, subject, customer.id, organization, report.agent.id, "open", now, now)
    ticket.comments.append(Comment(world.new_id(), customer.id, report.says, public=True, created_at=now, channel="email"))
    return ticket
