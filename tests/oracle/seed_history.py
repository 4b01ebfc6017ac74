"""The sandbox's seed document as tickets, issues, stages, news and frequencies: what `demo_oracle.py` judges.

It imports nothing from the product. All instants are UTC; a day without a time is its first instant."""

import json
import math
import re
import urllib.request
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Json = dict[str, Any]

WINDOW_DAYS, LEAST_AGE_DAYS, RATE_PER_WEEK, LEAST_ACCOUNTS, LEAST_WEEKS = 56, 14, 0.25, 5, 3
CLOSED_STAGES = {"fixed", "released", "declined"}
GITHUB_REASONS = {"completed": "fixed", "not_planned": "declined"}
JIRA_RESOLUTIONS = {
    "Fixed": "fixed",
    "Done": "fixed",
    "Won't Do": "declined",
    "Won't Fix": "declined",
    "Cannot Reproduce": "declined",
}
JIRA_LIVING = {"To Do": "open", "In Progress": "in_progress"}


@dataclass(frozen=True)
class Step:
    """From `at` on, a bug is in this stage; `version` names what released it."""

    at: datetime
    stage: str
    version: str | None = None


@dataclass(frozen=True)
class News:
    """Something that happened to a bug and is worth telling."""

    at: datetime
    kind: str
    version: str | None = None


@dataclass(frozen=True)
class Mark:
    """A version that holds a bug's fix, out from `at` on."""

    at: datetime
    version: str


@dataclass
class Issue:
    """One entry of a tracker. `tracker_steps` is what the tracker itself says; `steps` adds the release marks."""

    reference: str
    tracker_steps: list[Step]
    steps: list[Step]
    active_at: datetime
    survivor: str | None = None


@dataclass(frozen=True)
class Message:
    """One message of a ticket; `author` is customer, agent or other. `text` is without quotes and code."""

    at: datetime
    author: str
    public: bool
    text: str


@dataclass
class Ticket:
    """One conversation; `account` is the requester's organisation, or the requester where there is none."""

    number: int
    customer: int
    account: str
    enterprise: bool
    created_at: datetime
    status: str
    messages: list[Message]

    @property
    def replies(self) -> list[Message]:
        """Public messages of human agents."""
        return [message for message in self.messages if message.public and message.author == "agent"]

    @property
    def ended(self) -> bool:
        """Whether it is solved or closed."""
        return self.status in {"solved", "closed"}

    @property
    def unanswered(self) -> bool:
        """Whether the customer had the last public word on a ticket that goes on."""
        said = [message for message in self.messages if message.public and message.author != "other"]
        return bool(said) and said[-1].author == "customer" and not self.ended


@dataclass(frozen=True)
class Link:
    """An agent's note says that this ticket reports this issue; `bug` is the issue that survives."""

    ticket: Ticket
    issue: str
    bug: str
    linked_at: datetime


def load(source: str) -> Json:
    """The seed document from a URL or a file."""
    if source.startswith(("http://", "https://")):
        with urllib.request.urlopen(source, timeout=30) as answer:
            found: Json = json.load(answer)
        return found
    loaded: Json = json.loads(Path(source).read_text(encoding="utf-8"))
    return loaded


def instant(text: str) -> datetime:
    """An instant, or the first instant of a day, in UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def days(number: float) -> timedelta:
    """So many days of 24 hours."""
    return timedelta(days=number)


def without_quotes_and_code(text: str) -> str:
    """What the author says in their own words: fenced blocks, inline code and quoted lines are taken out."""
    text = re.sub(r"```.*?(```|\Z)", " ", text, flags=re.DOTALL)
    text = re.sub(r"`[^`\n]*`", " ", text)
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))


def references(text: str, sites: Json, projects: set[str]) -> set[str]:
    """Every issue that a text names: full addresses on our sites, OWNER/REPO#N, and KEY-N of our projects."""
    github = re.escape(sites["github"])
    found = {
        f"{repo}#{number}" for repo, number in re.findall(rf"{github}/([\w.-]+/[\w.-]+)/(?:issues|pull)/(\d+)", text)
    }
    found |= {f"{repo}#{number}" for repo, number in re.findall(r"(?<![\w/.-])([\w.-]+/[\w.-]+)#(\d+)\b", text)}
    keys = re.findall(r"(?<![\w-])([A-Z][A-Z0-9]+)-(\d+)(?![\w-])", text)
    return found | {f"{key}-{number}" for key, number in keys if key in projects}


def names_version(text: str, version: str) -> bool:
    """Whether a text names exactly this version: "4.2" and "v4.2" but neither "4.2.1" nor "14.2"."""
    return re.search(rf"(?<![\w.])v?{re.escape(version)}(?!\w|\.\d)", text, re.IGNORECASE) is not None


def read_tickets(document: Json) -> dict[int, Ticket]:
    """Every ticket by its number; deleted ones hold nothing."""
    users = {user["id"]: user for user in document["users"]}
    tiers = {each["id"]: each["tier"] for each in document["organizations"]}
    agents = set(document["who"]["agents"])
    found = {}
    for raw in document["tickets"]:
        organization = users[raw["requester_id"]]["organization_id"]
        found[raw["id"]] = Ticket(
            raw["id"],
            raw["requester_id"],
            f"organization {organization}" if organization else f"customer {raw['requester_id']}",
            tiers.get(organization) == "enterprise",
            instant(raw["created_at"]),
            raw["status"],
            [read_message(comment, users, agents) for comment in raw["comments"]],
        )
    return found


def read_message(comment: Json, users: dict[int, Json], agents: set[int]) -> Message:
    """One comment; robots, triggers and the product itself are `other`."""
    author = comment["author_id"]
    customer = users.get(author, {}).get("role") == "end-user"
    kind = "agent" if author in agents else "customer" if customer else "other"
    return Message(instant(comment["created_at"]), kind, comment["public"], without_quotes_and_code(comment["body"]))


def changes_only(steps: list[Step]) -> list[Step]:
    """The steps at which the stage differs from the one before."""
    return [step for place, step in enumerate(steps) if place == 0 or step.stage != steps[place - 1].stage]


def github_steps(raw: Json) -> list[Step]:
    """The stages of a GitHub issue; a closing whose reason is unknown or `duplicate` says nothing."""
    closed, labels, assignees = None, set(raw["first_labels"]), set()
    steps = [Step(instant(raw["created_at"]), "open")]
    for event in sorted(raw["events"], key=lambda event: event["at"]):
        if event["kind"] in {"closed", "reopened"}:
            closed = GITHUB_REASONS.get(event["state_reason"]) if event["kind"] == "closed" else None
        elif event["kind"] == "labeled":
            labels.add(event["label"])
        elif event["kind"] == "unlabeled":
            labels.discard(event["label"])
        elif event["kind"] == "assigned":
            assignees.add(event["assignee"])
        living = "in_progress" if assignees or "in progress" in labels else "open"
        steps.append(Step(instant(event["at"]), closed or living))
    return changes_only(steps)


def github_survivor(raw: Json) -> str | None:
    """Which issue of the same repository this one repeats, from its last "Duplicate of #N" comment."""
    if raw["state_reason"] != "duplicate":
        return None
    said = [re.match(r"Duplicate of #(\d+)", event["body"] or "") for event in raw["events"]]
    return next((f"{raw['repository']}#{match[1]}" for match in reversed(said) if match), None)


def jira_steps(raw: Json) -> list[Step]:
    """The stages of a Jira issue from its changelog; fields changed at one instant count together."""
    status, resolution, steps = "To Do", None, [Step(instant(raw["created_at"]), "open")]
    changes = sorted(raw["changes"], key=lambda change: change["at"])
    for place, change in enumerate(changes):
        if change["field"] == "status":
            status = change["after"][1]
        elif change["field"] == "resolution":
            resolution = change["after"][1]
        if place + 1 == len(changes) or changes[place + 1]["at"] != change["at"]:
            done = JIRA_RESOLUTIONS.get(resolution, steps[-1].stage) if resolution else steps[-1].stage
            steps.append(Step(instant(change["at"]), JIRA_LIVING.get(status, done)))
    return changes_only(steps)


def jira_marks(raw: Json, versions: dict[tuple[str, str], Json]) -> list[Mark]:
    """Released versions that the changelog names as holding the fix, also those taken away by a reopening."""
    names = [change["after"][1] for change in raw["changes"] if change["field"] == "Fix Version" and change["after"][1]]
    found = [versions[raw["project"], name] for name in names]
    return [
        Mark(instant(each["release_date"] or raw["updated_at"]), each["name"]) for each in found if each["released"]
    ]


def with_releases(steps: list[Step], marks: list[Mark], now: datetime) -> list[Step]:
    """Add the releases: each mark releases the first fix that it finds in force, or that comes after it."""
    released = list(steps)
    for mark in marks:
        for place, step in enumerate(steps):
            at = max(mark.at, step.at)
            ended = place + 1 < len(steps) and steps[place + 1].at <= at
            if step.stage == "fixed" and not ended and at <= now:
                released.append(Step(at, "released", mark.version))
                break
    return changes_only(sorted(released, key=lambda step: step.at))


def read_issues(document: Json, now: datetime) -> dict[str, Issue]:
    """Every issue of both trackers by its reference."""
    marks = defaultdict(list)
    for each in document["release_marks"]:
        marks[each["reference"]].append(Mark(instant(each["on"]), each["version"]))
    versions = {(each["project"], each["name"]): each for each in document["versions"]}
    found = {}
    for raw in document["issues"]:
        own = github_steps(raw)
        full = with_releases(own, marks[raw["reference"]], now)
        active_at = max(instant(raw["updated_at"]), full[-1].at)
        found[raw["reference"]] = Issue(raw["reference"], own, full, active_at, github_survivor(raw))
    for raw in document["jira_issues"]:
        full = with_releases(jira_steps(raw), jira_marks(raw, versions), now)
        active_at = max(instant(raw["updated_at"]), full[-1].at)
        found[raw["reference"]] = Issue(raw["reference"], full, full, active_at, raw["duplicate_of"])
    return found


def stage_at(steps: list[Step], moment: datetime) -> str:
    """The stage just before a moment; open before anything is known."""
    return next((step.stage for step in reversed(steps) if step.at < moment), "open")


def news_of(issue: Issue, workaround_at: datetime | None) -> list[News]:
    """All news of a bug, oldest first. A version that is only planned in the tracker is no promise, and so no news."""
    found = []
    for before, after in zip(issue.steps, issue.steps[1:], strict=False):
        if after.stage in CLOSED_STAGES:
            found.append(News(after.at, after.stage, after.version))
        elif before.stage in CLOSED_STAGES:
            found.append(News(after.at, "reopened"))
        elif after.stage == "in_progress":
            found.append(News(after.at, "in_progress"))
    if workaround_at:
        found.append(News(workaround_at, "workaround"))
    return sorted(found, key=lambda piece: piece.at)


def lower_bound(count: int, chance: float = 0.10) -> float:
    """The exact lower Poisson bound: the mean at which `count` or more has only this chance; 0 for none."""
    if count == 0:
        return 0.0
    low, high = 0.0, 10.0 * count
    for _ in range(200):
        middle = (low + high) / 2
        fewer = sum(math.exp(-middle) * middle**k / math.factorial(k) for k in range(count))
        low, high = (middle, high) if 1 - fewer < chance else (low, middle)
    return low


def classify(accounts: int, weeks: int, age_days: float) -> str:
    """A bug's frequency at its first check, from accounts and weeks with first reports in the window."""
    exposure = min(max(age_days, LEAST_AGE_DAYS), WINDOW_DAYS) / 7
    if accounts >= LEAST_ACCOUNTS and lower_bound(accounts) / exposure >= RATE_PER_WEEK:
        return "frequent" if weeks >= LEAST_WEEKS else "spiking"
    return "unknown" if age_days < LEAST_AGE_DAYS else "infrequent"


def judge_frequency(tickets: list[Ticket], now: datetime) -> tuple[str, Json]:
    """A bug's frequency and its facts, from the tickets that report it."""
    first: dict[str, datetime] = {}
    for ticket in sorted(tickets, key=lambda ticket: ticket.created_at):
        first.setdefault(ticket.account, ticket.created_at)
    ages = [(now - at) / days(1) for at in first.values()]
    recent = [age for age in ages if age < WINDOW_DAYS]
    weeks = len({int(age // 7) for age in recent})
    facts = {"accounts": len(recent), "weeks": weeks, "age_days": round(max(ages), 3)}
    return classify(len(recent), weeks, max(ages)), facts
