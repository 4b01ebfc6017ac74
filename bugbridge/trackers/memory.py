"""A tracker in memory, for the services' tests: its issues change, and it fails, when it is told so."""

import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bugbridge.core.errors import BugBridgeError
from bugbridge.core.model import ClosedAs
from bugbridge.core.references import project_of, search_words
from bugbridge.core.snapshots import (
    Check,
    FoundIssue,
    IssuePage,
    IssueSnapshot,
    MissingIssue,
    TrackerChange,
    TrackerState,
)
from bugbridge.ports import KeptIssues

PAGE = 2  # small, so that tests meet borders of pages


@dataclass
class _Issue:
    created_at: datetime
    title: str
    remote_id: str
    labels: tuple[str, ...] = ()
    duplicate_of: str = ""
    history: list[TrackerChange] = field(default_factory=list)

    @property
    def state(self) -> TrackerState:
        return self.history[-1].state


class MemoryTracker:
    """Issues by reference. Instants are given by the caller, each not before the one given before.

    A release isn't among the changes of its issue, as in Jira.
    """

    def __init__(self, name: str = "memory") -> None:
        """Begin empty."""
        self.name = name
        self._releases: dict[str, int] = {}
        self._issues: dict[str, _Issue] = {}
        self._hidden: dict[str, _Issue] = {}
        self._log: list[str] = []
        self._fault: BugBridgeError | None = None

    def add(self, reference: str, at: datetime, title: str = "", labels: tuple[str, ...] = ()) -> str:
        """Open an issue, and give its reference back."""
        issue = _Issue(at, title, str(len(self._issues) + 1), labels)
        issue.history.append(TrackerChange(at, TrackerState()))
        self._issues[reference] = issue
        self._log.append(reference)
        return reference

    def start(self, reference: str, at: datetime) -> None:
        """Begin to work on it."""
        self._change(reference, at, TrackerState(in_progress=True))

    def close(self, reference: str, at: datetime, closed_as: ClosedAs = ClosedAs.FIXED) -> None:
        """Close it."""
        self._change(reference, at, TrackerState(closed_as=closed_as))

    def reopen(self, reference: str, at: datetime) -> None:
        """Open it again."""
        self._issues[reference].duplicate_of = ""
        self._change(reference, at, TrackerState())

    def release(self, reference: str, version: str, at: datetime) -> None:
        """Release the version that it is fixed in."""
        project = project_of(reference)
        self._releases[project] = self._releases.get(project, 0) + 1
        state = replace(self._issues[reference].state, released_in=version)
        self._issues[reference].history.append(TrackerChange(at, state))

    def mark_duplicate(self, reference: str, survivor: str, at: datetime) -> None:
        """Close it as a duplicate of another."""
        self._issues[reference].duplicate_of = survivor
        self._change(reference, at, TrackerState(closed_as=ClosedAs.DUPLICATE))

    def remove(self, reference: str) -> None:
        """Delete it, or take it out of sight."""
        self._hidden[reference] = self._issues.pop(reference)

    def restore(self, reference: str) -> None:
        """Bring one that was removed back into sight."""
        self._issues[reference] = self._hidden.pop(reference)

    def fail(self, error: BugBridgeError | None) -> None:
        """Raise this from now on instead of answering, or answer again."""
        self._fault = error

    def changed_since(self, cursor: str, _kept: KeptIssues | None = None) -> Iterator[IssuePage]:
        """Give changed references by their place in the log."""
        self._raise()
        if not cursor:
            yield IssuePage((), str(len(self._log)))
            return
        for start in range(int(cursor), len(self._log), PAGE):
            self._raise()
            page = self._log[start : start + PAGE]
            yield IssuePage(tuple(dict.fromkeys(page)), str(start + len(page)))

    def projects_released(self, projects: Collection[str], cursor: str) -> tuple[frozenset[str], str]:
        """Count each project's releases."""
        self._raise()
        before: dict[str, int] = json.loads(cursor or "{}")
        counts = {project: self._releases.get(project, 0) for project in sorted(projects)}
        changed = frozenset(project for project, count in counts.items() if before.get(project) != count)
        return changed, json.dumps(before | counts, sort_keys=True)

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Read issues as they are now."""
        for reference in references:
            self._raise()
            issue = self._issues.get(reference)
            yield self._snapshot(reference, issue) if issue else _missing(reference)

    def search(self, text: str, limit: int) -> tuple[FoundIssue, ...]:
        """Look for each word in the titles, the latest first."""
        self._raise()
        words = search_words(text)
        found = [
            FoundIssue(reference, issue.title)
            for reference, issue in reversed(self._issues.items())
            if words and all(word in issue.title.lower() for word in words)
        ]
        return tuple(found[:limit])

    def web_url(self, reference: str) -> str:
        """Give an address that leads nowhere."""
        return f"https://{self.name}.example/{reference.partition(':')[2].replace('#', '/issues/')}"

    def check(self, _kept: KeptIssues | None = None) -> tuple[Check, ...]:
        """Be well unless told to fail."""
        sentence = str(self._fault or f"{self.name} answers.")
        return (Check(f"{self.name}.sign_in", well=self._fault is None, sentence=sentence),)

    def _change(self, reference: str, at: datetime, state: TrackerState) -> None:
        self._issues[reference].history.append(TrackerChange(at, state))
        self._log.append(reference)

    def _raise(self) -> None:
        if self._fault:
            raise self._fault

    def _snapshot(self, reference: str, issue: _Issue) -> IssueSnapshot:
        return IssueSnapshot(
            reference=reference,
            remote_id=issue.remote_id,
            created_at=issue.created_at,
            updated_at=issue.history[-1].at,
            title=issue.title,
            labels=issue.labels,
            duplicate_of=issue.duplicate_of,
            history=tuple(issue.history),
        )


def _missing(reference: str) -> MissingIssue:
    return MissingIssue(reference, f"{reference} doesn't exist, or the token may not see it.")
