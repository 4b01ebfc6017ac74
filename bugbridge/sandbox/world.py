"""What the three stand-ins serve: one made-up company's issues, tickets and people, and its own clock."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from queue import Queue

from bugbridge.sandbox.github_app import GitHubApp
from bugbridge.sandbox.github_world import Commit, GitHubEvent, GitHubIssue, Release

__all__ = [
    "FIELD_ID",
    "GROUP_ID",
    "HISTORY_DAYS",
    "ROBOT_AUTHOR",
    "SEED_NOW",
    "Comment",
    "Commit",
    "Delivery",
    "GitHubEvent",
    "GitHubIssue",
    "Hook",
    "JiraAppLink",
    "JiraChange",
    "JiraComment",
    "JiraIssue",
    "JiraVersion",
    "Organization",
    "Promise",
    "Release",
    "ReleaseMark",
    "RemoteLink",
    "StatusChange",
    "Ticket",
    "Truth",
    "UnknownError",
    "User",
    "Workaround",
    "World",
]

SEED_NOW = datetime(2026, 6, 15, 9, tzinfo=UTC)
"""The instant (UTC, a Monday) at which the seeded history ends and the servers' clock starts."""

HISTORY_DAYS = 365
ROBOT_AUTHOR = -1
"""Zendesk's author id for comments that a trigger wrote."""

GROUP_ID, FIELD_ID = 501, 601
"""The helpdesk's one group of agents, and its one ticket field that the team made."""


class UnknownError(Exception):
    """Something was asked for that this world does not hold."""


@dataclass
class RemoteLink:
    """A link from a Jira issue to something elsewhere; `object` is as the client gave it."""

    id: int
    global_id: str | None
    application: dict[str, object] | None
    relationship: str | None
    object: dict[str, object]


@dataclass
class JiraComment:
    """A comment of a Jira issue; its body as the client gave it."""

    id: int
    author: str
    body: object
    created_at: datetime
    updated_at: datetime


@dataclass
class Hook:
    """Who wants to hear of changes: `server` is `github` or `jira`."""

    id: int
    server: str
    url: str
    secret: str


@dataclass
class Delivery:
    """One message to a hook, as it was signed; `statuses` holds what each attempt was answered, 0 for silence."""

    identifier: str
    hook: Hook
    event: str
    body: bytes
    headers: dict[str, str]
    statuses: list[int] = field(default_factory=list)


@dataclass
class JiraVersion:
    """A version of a project; `release_date` is planned while `released` is false."""

    id: int
    project: str
    name: str
    released: bool
    release_date: date | None


@dataclass
class JiraChange:
    """One changed field in an issue's changelog, as Jira's ids and shown strings."""

    id: int
    at: datetime
    author: str
    field: str
    before: tuple[str | None, str | None]
    after: tuple[str | None, str | None]


@dataclass
class JiraIssue:
    """A Jira issue as it stands, with the changes that led there."""

    id: int
    project: str
    number: int
    summary: str
    reporter: str
    created_at: datetime
    updated_at: datetime
    status: str = "To Do"
    resolution: str | None = None
    resolved_at: datetime | None = None
    assignee: str | None = None
    labels: tuple[str, ...] = ("customer",)
    issue_type: str = "Bug"
    fix_versions: list[str] = field(default_factory=list)
    duplicate_of: str | None = None
    changes: list[JiraChange] = field(default_factory=list)
    comments: list[JiraComment] = field(default_factory=list)
    remote_links: list[RemoteLink] = field(default_factory=list)

    @property
    def key(self) -> str:
        """The issue as people write it: PROJECT-NUMBER."""
        return f"{self.project}-{self.number}"


@dataclass
class Organization:
    """A customer's company; `tier` is what the organisation field of that name holds."""

    id: int
    name: str
    tier: str | None
    created_at: datetime


@dataclass
class User:
    """A customer (`end-user`), an agent or an admin of the helpdesk."""

    id: int
    name: str
    email: str
    role: str
    organization_id: int | None
    locale: str
    time_zone: str
    iana_time_zone: str
    created_at: datetime
    suspended: bool = False


@dataclass
class Comment:
    """One comment of a ticket, with the custom metadata of the audit that made it, and `merge` where a merge did."""

    id: int
    author_id: int
    body: str
    public: bool
    created_at: datetime
    channel: str
    custom: dict[str, object] = field(default_factory=dict)
    relation: str | None = None


@dataclass
class StatusChange:
    """A ticket's status moved."""

    id: int
    author_id: int
    before: str
    after: str
    created_at: datetime


@dataclass
class Ticket:
    """One conversation in the helpdesk; `fields` are by the field's number."""

    id: int
    subject: str
    requester_id: int
    organization_id: int
    assignee_id: int | None
    status: str
    created_at: datetime
    updated_at: datetime
    comments: list[Comment] = field(default_factory=list)
    status_changes: list[StatusChange] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    fields: dict[int, object] = field(default_factory=dict)
    group_id: int | None = None
    problem_id: int | None = None
    followup_of: int | None = None


@dataclass
class JiraAppLink:
    """A link that Zendesk's app for Jira made."""

    id: int
    ticket_id: int
    issue_key: str
    created_at: datetime


@dataclass
class Truth:
    """What a careful reader would make of a ticket's references (as OWNER/REPO#N and KEY-N)."""

    links: list[str] = field(default_factory=list)
    suggestions: dict[str, str] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)


@dataclass
class ReleaseMark:
    """What `bugbridge release` would be told of a GitHub bug."""

    reference: str
    version: str
    on: date


@dataclass
class Workaround:
    """A workaround of a bug, when it was found, and how far each ticket's customer is with it since when."""

    reference: str
    text: str
    found_at: datetime
    tickets: dict[int, str]
    since: dict[int, datetime]


@dataclass
class Promise:
    """What an agent promised on a ticket: to write again by 16:00 UTC on `due`."""

    ticket: int
    reference: str
    made: datetime
    due: date


@dataclass
class World:
    """Everything that the servers hold. Take `lock` around anything that reads or changes it.

    `renamed` leads from a repository's old name to its present one, `moved` from an issue's old reference or key to
    its present one, and `gone` from the reference of an issue that is no longer served to the status instead.
    `created_once` leads from an idempotency key to the ticket that was created with it."""

    seed: int
    issues: dict[str, dict[int, GitHubIssue]] = field(default_factory=dict)
    releases: dict[str, list[Release]] = field(default_factory=dict)
    jira_issues: dict[str, JiraIssue] = field(default_factory=dict)
    versions: dict[str, list[JiraVersion]] = field(default_factory=dict)
    organizations: dict[int, Organization] = field(default_factory=dict)
    users: dict[int, User] = field(default_factory=dict)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    groups: dict[int, str] = field(default_factory=lambda: {GROUP_ID: "Support"})
    ticket_fields: dict[int, str] = field(default_factory=lambda: {FIELD_ID: "Severity"})
    jira_app_links: list[JiraAppLink] = field(default_factory=list)
    created_once: dict[str, int] = field(default_factory=dict)
    truth: dict[int, Truth] = field(default_factory=dict)
    release_marks: list[ReleaseMark] = field(default_factory=list)
    workarounds: list[Workaround] = field(default_factory=list)
    promises: list[Promise] = field(default_factory=list)
    commits: dict[str, dict[str, Commit]] = field(default_factory=dict)
    heads: dict[str, str] = field(default_factory=dict)
    renamed: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    gone: dict[str, int] = field(default_factory=dict)
    hooks: list[Hook] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)
    outbox: Queue[Delivery] = field(default_factory=Queue, repr=False, compare=False)
    app: GitHubApp = field(default_factory=GitHubApp, repr=False, compare=False)
    jira_index_lag: timedelta = timedelta()
    addresses: dict[str, str] = field(default_factory=dict, compare=False)
    last_id: int = 900_000
    advanced: timedelta = timedelta()
    started: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock, repr=False, compare=False)

    def now(self) -> datetime:
        """The servers' time (UTC): SEED_NOW, plus what passed since they started, plus what was advanced."""
        passed = time.monotonic() - self.started if self.started is not None else 0.0
        return SEED_NOW + timedelta(seconds=passed) + self.advanced

    def moment(self) -> datetime:
        """The servers' time to the whole second, as the wire formats hold it."""
        return self.now().replace(microsecond=0)

    def start_clock(self) -> None:
        """Let time pass from here on."""
        self.started = time.monotonic()

    def advance(self, seconds: float) -> None:
        """Move the servers' clock forward by so many seconds."""
        self.advanced += timedelta(seconds=seconds)

    def new_id(self) -> int:
        """A number no other thing in this world has."""
        self.last_id += 1
        return self.last_id

    def issue(self, reference: str) -> GitHubIssue:
        """The GitHub issue written OWNER/REPO#N; UnknownError where there is none."""
        repository, _, number = reference.partition("#")
        found = self.issues.get(repository, {}).get(int(number)) if number.isdigit() else None
        if found is None or reference in self.gone:
            raise UnknownError(reference)
        return found

    def first_name(self, repository: str) -> str:
        """The name that a repository had at first, which its id is made of."""
        older = [old for old, new in self.renamed.items() if new == repository]
        return self.first_name(older[0]) if older else repository

    def jira_issue(self, key: str) -> JiraIssue:
        """The Jira issue of that key or id; UnknownError where there is none."""
        if key.isdigit():
            found = next((issue for issue in self.jira_issues.values() if issue.id == int(key)), None)
        else:
            found = self.jira_issues.get(self.moved.get(key.upper(), key.upper()))
        if found is None or found.key in self.gone:
            raise UnknownError(key)
        return found

    def ticket(self, ticket_id: int) -> Ticket:
        """The ticket of that number; UnknownError where there is none or it was deleted."""
        found = self.tickets.get(ticket_id)
        if found is None or found.status == "deleted":
            raise UnknownError(str(ticket_id))
        return found

    def version(self, project: str, name: str) -> JiraVersion:
        """A Jira version by project and name; UnknownError where there is none."""
        for version in self.versions.get(project, []):
            if version.name == name:
                return version
        raise UnknownError(f"{project} {name}")
