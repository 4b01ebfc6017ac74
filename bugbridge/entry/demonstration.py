"""The main job on the sandbox: its configuration, one whole cycle, and what it found as plain facts."""

import json
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bugbridge.app import CLOCK_VARIABLE, App, build_app
from bugbridge.core.errors import DataError, RemoteError
from bugbridge.core.facts import last_check
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.core.model import Actor, AuthorKind, FindingKind, Frequency, News, Stage, Workaround
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey
from bugbridge.core.stages import timeline
from bugbridge.entry import jobs
from bugbridge.sandbox import sign_in
from bugbridge.sandbox.changes import close_issue
from bugbridge.sandbox.export import seed_document
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import SEED_NOW, World
from bugbridge.services import bug_words, going_live, intake
from bugbridge.services.auditing import run_audit
from bugbridge.services.explaining import Explanation, explain
from bugbridge.settings import load_settings, shipped_folder

HELPDESK = "support"
PEOPLE = Actor(AuthorKind.AGENT, "demo", "demo")
LIVE_FOR = timedelta(days=14)
# The sandbox's promises name a day; recorded by hand they are until the end of its agents' own, 16:00 UTC.
PROMISED_HOUR = wall_time(16)
# The version that the demonstration releases; no seeded release is called so.
RELEASE = "9.9"
POLL_SECONDS = 0.2
ALL = 100_000
# What the policy of the demonstration's story changes: every update has a note of its own, without a round, so that
# they can be counted one by one.
UNLIMITED = {
    "per_contact_days = 7": "per_contact_days = 0",
    "batch_business_days = 3": "batch_business_days = 0",
    "reminders_per_agent_day = 8": "reminders_per_agent_day = 1000",
    "round_from_tickets = 3": "round_from_tickets = 0",
}
CONFIG = """\
database = "bugbridge.sqlite"
policy = "policy.toml"

[calendar]
always_open = true

[helpdesks.support]
kind = "zendesk"
url = "{zendesk}"
client_id = "bugbridge"
tier_field = "tier"
first_days = 400

[trackers.github]
kind = "github"
api_url = "{github}"
projects = ["acme/app", "acme/api", "acme/mobile"]
in_progress_labels = ["in progress"]

[trackers.jira]
kind = "jira"
url = "https://acme.atlassian.net"
api_url = "{jira}"
email = "bugbridge@acme.example"
projects = ["SHOP", "PAY"]

[daemon]
link_seconds = 2
sync_seconds = 2
plan_seconds = 1
send_seconds = 1
"""
SECRETS = {
    "BUGBRIDGE_SUPPORT_CLIENT_SECRET": sign_in.ZENDESK_CLIENT_KEY,
    "BUGBRIDGE_GITHUB_TOKEN": sign_in.GITHUB_KEY,
    "BUGBRIDGE_JIRA_TOKEN": sign_in.JIRA_KEY,
}


class WorldClock:
    """The sandbox's time, so that the seeded year always ends now."""

    def __init__(self, world: World) -> None:
        """Keep whose time it is."""
        self._world = world

    def now(self) -> datetime:
        """Give the sandbox's present instant in UTC."""
        return self._world.now()


@dataclass(frozen=True, slots=True)
class Counts:
    """What one cycle found and did; the keys of `--json`."""

    links: int
    bugs: int
    frequent: int
    infrequent: int
    updates_due: int
    updates_sent: int
    decisions_none: int
    second_send: int
    audit: Mapping[str, float | int | None]


class Demonstration:
    """A sandbox, a folder with a configuration of its own, and the app over both. A context manager."""

    def __init__(self, limits: Mapping[str, str] = UNLIMITED) -> None:
        """Prepare; nothing is served before it is entered. `limits` are what changes in the shipped policy, by what
        stands there."""
        self.sandbox = Sandbox()
        self._limits = limits
        self._folder = tempfile.TemporaryDirectory(prefix="bugbridge-demo-")
        self._silences = 0

    def __enter__(self) -> Self:
        """Serve the sandbox and wire the app to it."""
        self.sandbox.start()
        self.folder = Path(self._folder.name)
        (self.folder / "bugbridge.toml").write_text(self._config(), encoding="utf-8")
        policy = (shipped_folder() / "policy.toml").read_text(encoding="utf-8")
        for shipped, other in self._limits.items():
            policy = policy.replace(shipped, other)
        (self.folder / "policy.toml").write_text(policy, encoding="utf-8")
        self.app = self.another_app()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving and leave nothing behind."""
        self.sandbox.stop()
        self._folder.cleanup()

    def _config(self) -> str:
        return CONFIG.format(
            zendesk=self.sandbox.zendesk_url, github=self.sandbox.github_url, jira=self.sandbox.jira_url
        )

    def another_app(self) -> App:
        """Wire one more app to the same configuration; an app belongs to one thread."""
        settings = load_settings(self.folder / "bugbridge.toml", SECRETS)
        return build_app(settings, SECRETS, WorldClock(self.sandbox.world))

    def read(self) -> None:
        """Read tickets and issues, and say what people at the company would have said by command."""
        for job in jobs.reading_jobs(self.app):
            jobs.run(self.app, job)
        document = seed_document(self.sandbox.world)
        for mark in document["release_marks"]:
            self._release(mark)
        for workaround in document["workarounds"]:
            self._workaround(workaround)
        for promise in document["promises"]:
            self._promise(promise)

    def _release(self, mark: Mapping[str, str]) -> None:
        issue = self.issue(mark["reference"])
        on = datetime.combine(date.fromisoformat(mark["on"]), wall_time(0), UTC)
        intake.mark_release(self.app.store, self.app.clock, issue, mark["version"], on, PEOPLE)

    def _workaround(self, found: Mapping[str, Any]) -> None:
        store, clock, issue = self.app.store, self.app.clock, self.issue(found["reference"])
        at = instant_from_text(found["found_at"])
        bug_words.add_workaround(store, clock, issue, found["text"], "en", PEOPLE, at)
        for ticket, state in found["tickets"].items():
            if state != Workaround.KNOWN:
                since = instant_from_text(found["since"][ticket])
                intake.set_workaround(store, clock, self._link(ticket, issue), Workaround(state), PEOPLE, since)

    def _promise(self, promise: Mapping[str, Any]) -> None:
        """Record what a reply promised by hand, where it wasn't found there."""
        issue = self.issue(promise["reference"])
        due_at = datetime.combine(date.fromisoformat(promise["due"]), PROMISED_HOUR, UTC)
        made_at = instant_from_text(promise["made"])
        link = self._link(promise["ticket"], issue)
        if not self._was_read(link, made_at):
            intake.add_promise(self.app.store, self.app.clock, link, due_at, PEOPLE, made_at)

    def _was_read(self, link: LinkKey, made_at: datetime) -> bool:
        findings = self.app.store.link_history(link, KnownUpTo(self.app.store.head())).findings
        return any(one.kind is FindingKind.PROMISE and one.occurred_at == made_at for one in findings)

    def issue(self, reference: str) -> IssueRow:
        """Give an issue by the sandbox's own reference. Raises DataError where no ticket named it."""
        full = f"{'github' if '#' in reference else 'jira'}:{reference}"
        found = self.app.store.find_issue(full)
        if found is None:
            raise DataError(f"The sandbox's {full} wasn't read; please report this.")
        return found

    def _link(self, ticket: object, issue: IssueRow) -> LinkKey:
        row = self.app.store.find_ticket(HELPDESK, str(ticket))
        if row is None:
            raise DataError(f"The sandbox's ticket {ticket} wasn't read; please report this.")
        return intake.the_link(self.app.store, row, issue)

    def go_live(self) -> None:
        """Have the news of the last fourteen days told."""
        going_live.go_live(self.app.store, self.app.clock, HELPDESK, SEED_NOW - LIVE_FOR, PEOPLE)

    def plan(self) -> None:
        """Judge frequencies and decide every link."""
        jobs.plan(self.app)

    def count(self, due: int, sent: int, again: int) -> Counts:
        """Count what the store holds after a cycle."""
        store = self.app.store
        bugs = [bug for bug in store.bugs() if bug.links]
        audit = run_audit(store, self.app.clock)
        return Counts(
            links=len(store.links()),
            bugs=len(bugs),
            frequent=sum(bug.frequency is Frequency.FREQUENT for bug in bugs),
            infrequent=sum(bug.frequency is Frequency.INFREQUENT for bug in bugs),
            updates_due=due,
            updates_sent=sent,
            decisions_none=self._silences,
            second_send=again,
            audit={"n": audit.n, "median_days": audit.days_to_fix.median},
        )

    def one_cycle(self) -> Counts:
        """Read, go live, plan, send, and send again: the whole main job once."""
        self.read()
        self.go_live()
        self.plan()
        due = len(self.app.store.due_updates(self.app.clock.now(), ALL))
        self._silences = len(self.silences())
        sent = jobs.send(self.app).posted
        return self.count(due, sent, jobs.send(self.app).posted)

    def silences(self) -> tuple[Explanation, ...]:
        """Explain every link for which nothing is due now."""
        return tuple(one for one in self.explanations() if not one.due_by(self.app.clock.now()))

    def explanations(self) -> tuple[Explanation, ...]:
        """Explain every link."""
        return tuple(explain(self.app.store, link.key) for link in self.app.store.links())

    def reason(self, bug_id: int) -> str:
        """Say in a sentence why a bug counts as frequent or not."""
        history = self.app.store.bug_history(bug_id, KnownUpTo(self.app.store.head()))
        check = last_check(history)
        return str(json.loads(check.value)["sentence"]) if check else ""

    def choose_open_bug(self) -> tuple[str, str]:
        """Choose a ticket whose customer hears nothing now and would hear of a release, and its GitHub issue."""
        waiting = (
            one
            for one in self.silences()
            if one.facts["stage"] == "open"
            and one.issue.startswith("github:")
            and one.rule_id.startswith("grid")
            and News.RELEASED in one.output["listens_to"]
        )
        chosen = min(waiting, key=lambda one: (one.issue, one.ticket))
        return chosen.ticket, chosen.issue

    def environment(self) -> dict[str, str]:
        """Give what another process needs to work on this demonstration: made-up secrets and the sandbox's time."""
        return {**SECRETS, CLOCK_VARIABLE: instant_to_text(self.app.clock.now())}

    def close_and_release(self, reference: str, seconds: float) -> None:
        """Close an issue as completed; once the daemon has seen that, say that it is out in a version."""
        close_issue(self.sandbox.world, reference.partition(":")[2])
        issue = self.app.store.find_issue(reference)
        if issue is None:
            raise DataError(f"{reference} isn't known; please report this.")
        self._until(lambda: self._stage(issue) is Stage.FIXED, seconds)
        intake.mark_release(self.app.store, self.app.clock, issue, RELEASE, None, PEOPLE)

    def _stage(self, issue: IssueRow) -> Stage:
        return timeline(self.app.store.bug_history(issue.bug_id, KnownUpTo(self.app.store.head()))).stage

    def wait_for_reminder(self, ticket: str, seconds: float) -> str:
        """Wait until the sandbox's ticket holds a note about the release, and give its text."""
        number = int(ticket.partition(":")[2])
        comments = self.sandbox.world.tickets[number].comments
        self._until(lambda: RELEASE in comments[-1].body, seconds)
        return comments[-1].body

    def _until(self, seen: Callable[[], bool], seconds: float) -> None:
        end = time.monotonic() + seconds
        while not seen():
            if time.monotonic() > end:
                raise RemoteError(f"The daemon didn't get there within {seconds:.0f} seconds; please report this.")
            time.sleep(POLL_SECONDS)
