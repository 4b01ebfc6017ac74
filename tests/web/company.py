"""A made-up company with a year of history, and the real `bugbridge serve` over it on a free port of this computer."""

import os
import socket
import subprocess
import sys
import time
from collections import Counter
from datetime import timedelta
from types import TracebackType
from typing import Self

from bugbridge.core.access import Role, Visitor
from bugbridge.core.tokens import NewToken, Scope
from bugbridge.entry import jobs
from bugbridge.entry.demonstration import HELPDESK, PEOPLE, Demonstration
from bugbridge.entry.new_secrets import new_secret
from bugbridge.entry.web.doorkeeping import SESSION_COOKIE
from bugbridge.entry.web.passes import Passes
from bugbridge.entry.web.signing import Signer
from bugbridge.entry.web.visitors import Visitors
from bugbridge.sandbox.world import Comment, GitHubIssue, Ticket
from bugbridge.services import bug_words
from bugbridge.services.explaining import explain
from bugbridge.services.tokens import make_token
from bugbridge.settings import shipped_folder
from tests.web.pages import ADMIN, AGENT
from tests.web.zendesk_app import PUBLIC_KEY

WEB = """
[people]
file = "people.csv"

[web]
port = {port}
"""
PEOPLE_FILE = """agent,name,zone,languages,away_from,away_to,deputy,lead,role,brands
ada@acme.example,Ada Ahlers,Europe/Berlin,de; en,2026-06-12,2026-06-19,ben@acme.example,,,
ben@acme.example,Ben Brandt,Europe/Berlin,en,,,,yes,,
cho@acme.example,Cho Castellanos <script>alert(1)</script> {{ 7 * 7 }},America/New_York,es; en,,,,,agent,support
"""
KEY = "k" * 64
# `serve` wants something to trust; nobody sends hooks here.
SECRETS = {
    "BUGBRIDGE_GITHUB_WEBHOOK_SECRET": "nobody-sends-hooks-here",
    "BUGBRIDGE_WEB_KEY": KEY,
    "BUGBRIDGE_SUPPORT_APP_KEY": PUBLIC_KEY,
}
# Who can sign in, each by a token of that name; with that role.
LEAD = "lena"
ROLES = {ADMIN: Role.ADMIN, LEAD: Role.LEAD, AGENT: Role.AGENT}
PATIENCE = 60  # seconds until something that has to happen counts as not happening
# A bug whose news waits as a round for several customers.
ROUND = "acme/app#85"
EVERYBODY = Visitor("tests", "tests", Role.ADMIN)
HOSTILE = (
    "<script>document.title='run'</script><img src=x onerror=alert(1)> {{ 7 * 7 }} {% raise %} "
    "javascript:alert(1) \u202egnorw\u202c \u2066end " + "longwordwithoutablank" * 100 + " many words" * 800
)


class Company:
    """A context: tickets and issues were read, news of two weeks is live, what is due is decided, and it is served."""

    def __init__(self) -> None:
        self._demonstration = Demonstration()

    def __enter__(self) -> Self:
        """Read, decide and serve: about twenty seconds."""
        team = self._demonstration.__enter__()
        (team.folder / "policy.toml").write_text((shipped_folder() / "policy.toml").read_text("utf-8"), "utf-8")
        self.world, self.app, self.helpdesk_url = team.sandbox.world, team.app, team.sandbox.zendesk_url
        self._hostile_issue = next(one for one in self.world.issues["acme/app"].values() if one.closed_at is None)
        self.hostile = f"{HELPDESK}:{self._write_hostile_ticket(self._hostile_issue)}"
        self.hostile_bug, self.hostile_round = f"github:acme/app#{self._hostile_issue.number}", f"github:{ROUND}"
        self._rename_customers()
        team.read()
        self._keep_hostile_words(f"acme/app#{self._hostile_issue.number}", ROUND)
        team.go_live()
        team.plan()
        self.tokens = {name: self._make_token(name, role) for name, role in ROLES.items()}
        self.agent = next(one.assignee_id for one in self.world.tickets.values() if one.assignee_id)
        people = f"{PEOPLE_FILE}{HELPDESK}:{self.agent},Zoe Zimmer,Europe/Berlin,en,,,,,,\n"
        (team.folder / "people.csv").write_text(people, "utf-8")
        self._serve(free_port())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and leave nothing behind."""
        self._process.terminate()
        self._process.wait(PATIENCE)
        self._demonstration.__exit__(kind, error, trace)

    def url(self, path: str) -> str:
        """Give the whole address of a path."""
        return f"http://127.0.0.1:{self.port}{path}"

    def cookie(self, name: str) -> dict[str, str]:
        """Give what a browser keeps once somebody has signed in."""
        value = Visitors(self.app, "", Signer(KEY)).start(token=self.tokens[name])
        return {"name": SESSION_COOKIE, "value": value, "url": self.url("/")}

    def ticket_pass(self, ticket: str) -> str:
        """Give what opens the sidebar of a ticket in a helpdesk's frame, for one of the team."""
        return Passes(Signer(KEY), self.app.clock.now).for_ticket(ticket, "ada@acme.example")

    def round(self) -> str:
        """Give the issue of a bug whose news waits as a round, with names and words that do no harm."""
        rounds = self.app.store.board_rounds(EVERYBODY, (0, "")).rows
        return next(one.bug for one in rounds if not one.bug.endswith(ROUND) and one.tickets > 1)

    def ticket_with_workaround(self) -> str:
        """Give a ticket of one bug, whose customer was told of a workaround while it is open and hasn't said whether it
        works."""
        links = [link.key for link in self.app.store.links()]
        bugs_of = Counter(key.ticket_id for key in links)
        found = (explain(self.app.store, key) for key in links if bugs_of[key.ticket_id] == 1)
        return next(
            one.ticket
            for one in found
            if one.rule_id == "grid-3" and (one.facts["stage"], one.facts["workaround"]) == ("open", "told")
        )

    def linked_ticket(self, issue: str) -> str:
        """Give a ticket that is linked to a bug, by its issue."""
        row = self.app.store.find_issue(issue)
        assert row is not None
        return self.app.store.board_bug_tickets(EVERYBODY, row.bug_id, "").rows[0].ticket

    def unlinked_ticket(self) -> str:
        """Give an open ticket that no bug is known of."""
        opened = (str(one.id) for one in self.world.tickets.values() if one.status == "open")
        known = filter(None, (self.app.store.find_ticket(HELPDESK, number) for number in opened))
        return next(one.reference for one in known if not self.app.store.links_of(one.id))

    def work(self) -> None:
        """Read what changed and decide, as the daemon does."""
        for job in jobs.reading_jobs(self.app):
            jobs.run(self.app, job)
        jobs.plan(self.app)

    def _write_hostile_ticket(self, issue: GitHubIssue) -> int:
        """Have a customer and an agent write what is out to do harm, about an issue whose title is no better."""
        issue.title = HOSTILE
        like = next(one for one in self.world.tickets.values() if one.status == "open")
        self.world.users[like.requester_id].name = HOSTILE[:3_000]
        number, at = max(self.world.tickets) + 1, self.world.now() - timedelta(days=3)
        ticket = Ticket(number, HOSTILE, like.requester_id, like.organization_id, like.assignee_id, "open", at, at)
        for author, body, is_public in (
            (like.requester_id, HOSTILE, True),
            (like.assignee_id, "We look into it. I'll write again by Friday.", True),
            (like.assignee_id, f"This is acme/app#{issue.number}.", False),
        ):
            ticket.comments.append(
                Comment(self.world.new_id(), author, body, public=is_public, created_at=at, channel="web")
            )
        self.world.tickets[number] = ticket
        return number

    def _rename_customers(self) -> None:
        """Give the customers of a round names that are out to do harm."""
        for ticket in self.world.tickets.values():
            if any(ROUND in comment.body for comment in ticket.comments):
                self.world.users[ticket.requester_id].name = HOSTILE[:3_000]

    def _keep_hostile_words(self, *references: str) -> None:
        for reference in references:
            issue = self._demonstration.issue(reference)
            bug_words.keep_words(self.app.store, issue, HOSTILE)
            bug_words.add_workaround(self.app.store, self.app.clock, issue, HOSTILE, "en", PEOPLE)

    def _make_token(self, name: str, role: Role) -> str:
        secret = new_secret()
        wish = NewToken(name, role, scopes=frozenset(Scope))
        make_token(self.app.store, self.app.clock, wish, secret, (HELPDESK,), EVERYBODY)
        return secret

    def _serve(self, port: int) -> None:
        config = self._demonstration.folder / "bugbridge.toml"
        config.write_text(config.read_text("utf-8") + WEB.format(port=port), "utf-8")
        command = [sys.executable, "-m", "bugbridge", "--config", str(config), "serve"]
        environment = {**os.environ, **self._demonstration.environment(), **SECRETS}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.port = port
        end = time.monotonic() + PATIENCE
        while not _listens(port):
            assert self._process.poll() is None, "`bugbridge serve` ended"
            assert time.monotonic() < end, "`bugbridge serve` doesn't listen"
            time.sleep(0.05)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
