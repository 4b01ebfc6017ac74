"""One installation of BugBridge on a sandbox of its own: its clock, its commands, and what became of it."""

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests

from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.entry.demonstration import SECRETS, UNLIMITED
from bugbridge.sandbox.world import SEED_NOW
from bugbridge.settings import shipped_folder
from scripts.crash import verdict
from scripts.crash.checks import unsound
from scripts.crash.desk import BUGS, REPOSITORY
from scripts.crash.evidence import Evidence, deliveries_of, notes_of, opened
from scripts.crash.killing import held_by
from scripts.crash.programs import Ended, Program, TestError, running, stop
from scripts.crash.story import LENGTH, Change, Phase

SECONDS = 20
LONGEST_DAEMON_SECONDS = 20.0
MADE_READY = timedelta(minutes=5)  # changes of a phase are older than what the helpdesk's export leaves out
# All that falls due is sent before the next phase: else its news and an update older than it would race.
SETTLING_FROM, SETTLED_AT = timedelta(hours=26), LENGTH - timedelta(minutes=20)
SETTLING_STEP = timedelta(minutes=75)  # longer than the longest delay before another try
SETTLING_ROUNDS = 24
NEVER = "Traceback (most recent call last)", "by a mistake in BugBridge"
POLICY = {
    **UNLIMITED,
    "merge_days = 7": "merge_days = 0",
    'news = ["workaround",': 'news = ["in_progress", "fixed", "workaround",',
    "every 2-8 weeks": "every 1-2 weeks",
}
CONFIG = """\
database = "{database}"
policy = "policy.toml"

[calendar]
always_open = true

[helpdesks.support]
kind = "zendesk"
url = "{zendesk}"
client_id = "bugbridge"
first_days = 400

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
UNFINISHED = "state IN ('claimed', 'posting', 'unknown')"


class Team:
    """A context: the sandbox is served, BugBridge is set up and live for all that happens from the first phase on."""

    def __init__(self, folder: Path, database: Path | None = None) -> None:
        """Choose where the configuration and the database lie."""
        self._folder = folder
        self.database = database or folder / "bugbridge.sqlite"
        self.now = SEED_NOW
        self.helpdesk_shift = timedelta()

    def __enter__(self) -> Self:
        """Serve the sandbox and have BugBridge read it."""
        self._sandbox = subprocess.Popen(
            [sys.executable, "-m", "scripts.crash.desk"], stdout=subprocess.PIPE, text=True
        )
        if self._sandbox.stdout is None:
            raise TestError("The sandbox said nothing.")
        self._addresses = json.loads(self._sandbox.stdout.readline())
        self.program = Program(self._configured(), SECRETS)
        self._set_up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._sandbox.send_signal(signal.SIGTERM)
        self._sandbox.wait(SECONDS)

    def _configured(self) -> Path:
        policy = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
        for shipped, changed in POLICY.items():
            if shipped not in policy:
                raise TestError(f"The shipped policy has no {shipped!r} any more: correct scripts/crash/team.py.")
            policy = policy.replace(shipped, changed)
        (self._folder / "policy.toml").write_text(policy, encoding="utf-8")
        config = self._folder / "bugbridge.toml"
        urls = {name: self._addresses[name] for name in ("zendesk", "github")}
        config.write_text(CONFIG.format(database=self.database, **urls), encoding="utf-8")
        return config

    def _set_up(self) -> None:
        self.at(SEED_NOW)
        overrides = [
            ("frequency", f"{REPOSITORY}#{bug}", "frequent", "--because", "a test", "--until", "2027-12-31")
            for bug in range(1, BUGS + 1)
        ]
        live = ("go-live", "support", "--from", instant_to_text(SEED_NOW), "--yes")
        self.commands([("sync",), *overrides, live, ("plan",)])

    def at(self, instant: datetime) -> None:
        """Move both clocks, BugBridge's next process' and the sandbox's, to an instant (UTC)."""
        self.now = instant
        missing = instant + self.helpdesk_shift - instant_from_text(self.shown("zendesk", "clock")["now"])
        self.control("zendesk", "clock/advance", seconds=missing.total_seconds())

    def later(self, minutes: float) -> None:
        """Move both clocks on, once what the dead or paused asked for is done: no request takes that long."""
        end = time.monotonic() + SECONDS
        while self.shown("zendesk", "under-way")["requests"]:
            if time.monotonic() > end:
                raise TestError("The sandbox doesn't come to the end of its requests.")
            time.sleep(0.01)
        self.at(self.now + timedelta(minutes=minutes))

    def shown(self, server: str, name: str) -> Any:  # noqa: ANN401 - whatever the endpoint shows
        """Look at the sandbox from outside."""
        return requests.get(f"{self._addresses[server]}/_sandbox/{name}", timeout=SECONDS).json()

    def control(self, server: str, name: str, **asked: object) -> Any:  # noqa: ANN401 - whatever the endpoint answers
        """Make something happen on the sandbox."""
        answer = requests.post(f"{self._addresses[server]}/_sandbox/{name}", json=asked, timeout=SECONDS)
        if not answer.ok:
            raise TestError(f"The sandbox refused {name}: {answer.text}")
        return answer.json()

    def change(self, change: Change) -> None:
        """Make one of the story's changes."""
        server, name, asked = change
        self.control(server, name, **asked)

    def commands(self, commands: list[tuple[str, ...]]) -> list[Ended]:
        """Run commands that succeed."""
        ended = self.program.run(commands, self.now)
        for words, one in zip(commands, ended, strict=True):
            if one.code:
                raise TestError(f"`bugbridge {' '.join(words)}` ended with {one.code}: {self.program.last_words()}")
        return ended

    def begin(self, phase: Phase) -> None:
        """Have a phase's changes happen, and time pass until every server shows them."""
        self.at(phase.start)
        for change in phase.changes:
            self.change(change)
        if phase.commands:
            self.commands(phase.commands)
        self.at(phase.start + MADE_READY)
        if phase.paused:
            *_, sent, _ = self.commands([("pause",), ("sync",), ("plan",), ("send", "--json"), ("resume",)])
            if sent.facts["posted"]:
                raise TestError(f"In a pause {sent.facts['posted']} notes were posted.")

    def work_undisturbed(self) -> None:
        """Let the daemon work until it has nothing to do, then end it."""
        process = self.program.start(["daemon"], self.now)
        end = time.monotonic() + LONGEST_DAEMON_SECONDS
        idle = 0
        while idle < 3 and time.monotonic() < end and running(process):
            time.sleep(0.3)
            idle = 0 if self.to_do() else idle + 1
        if code := stop(process):
            raise TestError(f"The daemon ended with {code}: {self.program.last_words()}")

    def settle(self, phase: Phase) -> None:
        """Without faults, take every step until nothing is left, and once more at the phase's last instant."""
        for server in ("zendesk", "github"):
            self.control(server, "faults/clear")
            self.control(server, "latency/clear")
        self.helpdesk_shift = timedelta()
        self.at(max(phase.start + SETTLING_FROM, self.now + SETTLING_STEP))
        self._until_quiet()
        self.at(phase.start + SETTLED_AT)
        self._until_quiet()

    def _until_quiet(self) -> None:
        for _ in range(SETTLING_ROUNDS):
            *_, sent = self.commands([("sync", "--json"), ("plan", "--json"), ("send", "--json")])
            done = [sent.facts[name] for name in ("posted", "found", "withdrawn", "retried", "dead")]
            if not any(done) and not self.to_do():
                return
            self.at(self.now + SETTLING_STEP)
        raise TestError(f"After {SETTLING_ROUNDS} rounds there is still something to send: {self.states()}.")

    def to_do(self) -> int:
        """Count updates that are due and deliveries that aren't finished."""
        due = "SELECT count(*) FROM update_item WHERE state = 'planned' AND due_at <= ?"
        with closing(opened(self.database)) as connection:
            (planned,) = connection.execute(due, (instant_to_text(self.now),)).fetchone()
            (unfinished,) = connection.execute(f"SELECT count(*) FROM delivery WHERE {UNFINISHED}").fetchone()  # noqa: S608
        return int(planned) + int(unfinished)

    def states(self) -> Counter[str]:
        """Count deliveries by state."""
        with closing(opened(self.database)) as connection:
            return Counter(dict(connection.execute("SELECT state, count(*) FROM delivery GROUP BY state").fetchall()))

    def held_by(self, process: int) -> str:
        """Say in which state a process has the delivery that it works on; "none" where it has none."""
        return held_by(self.database, process, self.now)

    def evidence(self) -> Evidence:
        """Read what the helpdesk holds and what the database says of it."""
        notes = notes_of(self.shown("zendesk", "seed"))
        return Evidence(tuple(notes), tuple(deliveries_of(self.database)))

    def told(self) -> Counter[verdict.Told]:
        """Count what was told where."""
        return verdict.told(self.evidence())

    def unsound(self) -> list[str]:
        """Say what is wrong with the database, and with what the programs logged."""
        log = self.program.log.read_text(encoding="utf-8", errors="replace") if self.program.log.exists() else ""
        mistakes = [line for line in log.splitlines() if any(words in line for words in NEVER)]
        return [*unsound(self.database, self.program, self.now), *(f"The log says: {line}" for line in mistakes)]
