"""A made-up company with a year of history, and the real `bugbridge serve` over it on a free port of this computer."""

import os
import socket
import subprocess
import sys
import time
from datetime import timedelta
from types import TracebackType
from typing import Self

from bugbridge.entry import jobs
from bugbridge.entry.demonstration import HELPDESK, Demonstration
from bugbridge.sandbox.world import Comment, Ticket
from bugbridge.settings import shipped_folder

WEB = """
[web]
port = {port}
"""
SECRETS = {"BUGBRIDGE_WEB_KEY": "k" * 64}
PATIENCE = 60  # seconds until something that has to happen counts as not happening
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
        self.hostile = f"{HELPDESK}:{self._write_hostile_ticket()}"
        team.read()
        team.go_live()
        team.plan()
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

    def work(self) -> None:
        """Read what changed and decide, as the daemon does."""
        for job in jobs.reading_jobs(self.app):
            jobs.run(self.app, job)
        jobs.plan(self.app)

    def _write_hostile_ticket(self) -> int:
        """Have a customer and an agent write what is out to do harm, about an issue whose title is no better."""
        issue = next(one for one in self.world.issues["acme/app"].values() if one.closed_at is None)
        issue.title = HOSTILE
        like = next(one for one in self.world.tickets.values() if one.status == "open")
        self.world.users[like.requester_id].name = HOSTILE[:3_000]
        number, at = max(self.world.tickets) + 1, self.world.now() - timedelta(days=3)
        ticket = Ticket(number, HOSTILE, like.requester_id, like.organization_id, like.assignee_id, "open", at, at)
        for author, body, is_public in (
            (like.requester_id, HOSTILE, True),
            (like.assignee_id, "We look into it.", True),
            (like.assignee_id, f"This is acme/app#{issue.number}.", False),
        ):
            ticket.comments.append(
                Comment(self.world.new_id(), author, body, public=is_public, created_at=at, channel="web")
            )
        self.world.tickets[number] = ticket
        return number

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
