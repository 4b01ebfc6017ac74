"""GitHub's share of the world: issues with what happened to them, commits, releases."""

from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass
class GitHubEvent:
    """One entry of an issue's timeline; `kind` is GitHub's name of the event.

    What closed an issue is a `commit` (its sha) or a `pull` (its reference), or neither; `other` is the issue that a
    duplicate repeats, or the repository that a transferred one came from."""

    id: int
    kind: str
    at: datetime
    actor: str
    state_reason: str | None = None
    label: str | None = None
    assignee: str | None = None
    body: str | None = None
    commit: str | None = None
    pull: str | None = None
    other: str | None = None
    edited_at: datetime | None = None


@dataclass
class GitHubIssue:
    """An issue or pull request; everything that changes is a fold of its events."""

    id: int
    repository: str
    number: int
    title: str
    body: str
    author: str
    created_at: datetime
    first_labels: tuple[str, ...] = ()
    pull_request: bool = False
    locked: bool = False
    merge_commit: str | None = None
    merged_at: datetime | None = None
    events: list[GitHubEvent] = field(default_factory=list)
    comment_deleted_at: datetime | None = None

    @property
    def reference(self) -> str:
        """The issue as people write it: OWNER/REPO#NUMBER."""
        return f"{self.repository}#{self.number}"

    @property
    def last_state_change(self) -> GitHubEvent | None:
        """The latest closing or reopening, or None for one that was never closed."""
        changes = [event for event in self.events if event.kind in {"closed", "reopened"}]
        return changes[-1] if changes else None

    @property
    def closed_at(self) -> datetime | None:
        """When it was last closed (UTC); None while it is open."""
        change = self.last_state_change
        return change.at if change and change.kind == "closed" else None

    @property
    def state_reason(self) -> str | None:
        """GitHub's reason for the present state."""
        change = self.last_state_change
        if change is None:
            return None
        return "reopened" if change.kind == "reopened" else change.state_reason

    @property
    def updated_at(self) -> datetime:
        """The latest event's, edit's or deletion's instant (UTC)."""
        happened = [event.edited_at or event.at for event in self.events]
        return max([self.created_at, self.comment_deleted_at or self.created_at, *happened])

    @property
    def comments(self) -> list[GitHubEvent]:
        """Its comments, oldest first."""
        return [event for event in self.events if event.kind == "commented"]

    @property
    def labels(self) -> list[str]:
        """Names of the labels it carries now."""
        names = list(self.first_labels)
        for event in self.events:
            if event.kind == "labeled" and event.label:
                names.append(event.label)
            elif event.kind == "unlabeled" and event.label in names:
                names.remove(event.label)
        return names

    @property
    def assignees(self) -> list[str]:
        """Logins of the people it is assigned to."""
        names: list[str] = []
        for event in self.events:
            if event.kind == "assigned" and event.assignee:
                names.append(event.assignee)
            elif event.kind == "unassigned" and event.assignee in names:
                names.remove(event.assignee)
        return names

    @property
    def duplicate_of(self) -> str | None:
        """The reference of the issue that this one was last marked a duplicate of."""
        marks = [event for event in self.events if event.kind in {"marked_as_duplicate", "unmarked_as_duplicate"}]
        return marks[-1].other if marks and marks[-1].kind == "marked_as_duplicate" else None


@dataclass
class Commit:
    """One commit; `parent` is the sha before it, None for the first. A cherry-picked one names its original."""

    sha: str
    parent: str | None
    at: datetime
    message: str
    author: str
    picked_from: str | None = None


@dataclass
class Release:
    """A release of a repository: a draft has no publication, and its tag may not exist. `commit` is the tag's sha."""

    id: int
    repository: str
    version: str
    on: date
    commit: str = ""
    draft: bool = False
    prerelease: bool = False
    published_at: datetime | None = None

    @property
    def tag(self) -> str:
        """The tag's name."""
        return f"v{self.version}"
