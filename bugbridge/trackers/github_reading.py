"""Reads GitHub's JSON of an issue and its timeline into a history; asks nothing."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from bugbridge.core.bug_words import suggested_workaround
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import ClosedAs
from bugbridge.core.snapshots import IssueSnapshot, TrackerChange, TrackerState, WorkaroundComment
from bugbridge.trackers.client import Json

Value = TypeVar("Value")
Marks = list[tuple[datetime, Value]]

REASONS = {"completed": ClosedAs.FIXED, "not_planned": ClosedAs.DECLINED, "duplicate": ClosedAs.DUPLICATE}
OUR_MARK = "<!-- bugbridge:"
STRANGERS = frozenset({"NONE", "FIRST_TIMER", "FIRST_TIME_CONTRIBUTOR", "MANNEQUIN"})
DUPLICATE_COMMENT = re.compile(
    r"^[ \t]*duplicate of:?[ \t]+"
    r"(?:(?P<repository>[\w.-]{1,100}/[\w.-]{1,100})?#(?P<number>[1-9][0-9]{0,9})\b|(?P<address>https?://\S{1,300}))",
    re.IGNORECASE | re.MULTILINE,
)
COMMIT_PATH = re.compile(r"/repos/(?P<repository>[^/]+/[^/]+)/commits/")
ISSUE_PATH = re.compile(r"/(?P<repository>[\w.-]{1,100}/[\w.-]{1,100})/issues/(?P<number>[1-9][0-9]{0,9})(?!\w)")


@dataclass(frozen=True, slots=True)
class GitHubRules:
    """What of the configuration the reading depends on; labels are lower case."""

    name: str
    web_url: str
    projects: tuple[str, ...]
    in_progress_labels: frozenset[str]
    released_label: re.Pattern[str] | None = None

    def canonical(self, repository: str, number: str | int) -> str:
        """Write a reference, with the repository as the configuration spells it."""
        return f"{self.name}:{self.configured(repository) or repository.lower()}#{number}"

    def configured(self, repository: str) -> str:
        """Give the configuration's spelling of a repository, or "" where it isn't configured."""
        return next((known for known in self.projects if known.lower() == repository.lower()), "")


@dataclass(frozen=True, slots=True)
class Fix:
    """A commit that closed an issue, and since when it was there; without `sha` it isn't known which."""

    repository: str
    sha: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Reading:
    """An issue as far as it tells by itself; for a fixed one, its fix and what a label says of its release."""

    snapshot: IssueSnapshot
    repository: str
    fixes: tuple[Fix, ...] = ()
    labelled: tuple[str, datetime] | None = None

    @property
    def is_fixed(self) -> bool:
        """Whether it is closed as fixed now."""
        return self.snapshot.history[-1].state.closed_as is ClosedAs.FIXED

    @property
    def lacks_survivor(self) -> bool:
        """Whether it is closed as a duplicate of nobody knows what."""
        return self.snapshot.history[-1].state.closed_as is ClosedAs.DUPLICATE and not self.snapshot.duplicate_of


def read_issue(reference: str, repository: str, issue: Json, timeline: Sequence[Json], rules: GitHubRules) -> Reading:
    """Read an issue of a repository, by the repository's present name, with its timeline.

    Raises KeyError, TypeError, ValueError or AttributeError where the JSON isn't GitHub's.
    """
    events = sorted((event for event in timeline if event.get("created_at")), key=_at)
    is_duplicate = issue.get("state_reason") == "duplicate" or _is_marked_duplicate(events)
    present = rules.canonical(repository, issue["number"])
    snapshot = IssueSnapshot(
        reference=reference,
        remote_id=str(issue["id"]),
        created_at=_at(issue),
        updated_at=instant_from_text(issue["updated_at"]),
        title=str(issue["title"]),
        labels=tuple(_label(label) for label in issue["labels"]),
        duplicate_of=_survivor(events, repository, int(issue["number"]), rules) if is_duplicate else "",
        history=_history(issue, events, rules, is_duplicate=is_duplicate),
        now_called="" if present == reference else present,
        workaround_comments=tuple(_suggestions(issue.get("remarks", _comments(events)))),
        comments_whole=issue.get("remarks_whole", True),
    )
    since = _since_reopened(events)
    fixes = tuple(dict.fromkeys(_fixes(issue, since, repository, _reopened_at(events))))
    return Reading(snapshot, repository, fixes, _labelled(snapshot, events, rules))


def released(snapshot: IssueSnapshot, version: str, at: datetime) -> IssueSnapshot:
    """Add to a fixed issue's history that the fix came out, not before it was called fixed."""
    last = snapshot.history[-1]
    change = TrackerChange(max(at, last.at), replace(last.state, released_in=version))
    before = snapshot.history[:-1] if change.at == last.at else snapshot.history
    return replace(snapshot, history=(*before, change))


def is_converted(timeline: Iterable[Json]) -> bool:
    """Tell whether an issue became a discussion; what is left of it is closed and locked."""
    return any(event.get("event") == "converted_to_discussion" for event in timeline)


def _reopened_at(events: Iterable[Json]) -> datetime | None:
    return max((_at(event) for event in events if event["event"] == "reopened"), default=None)


def _since_reopened(events: Sequence[Json]) -> Sequence[Json]:
    last = max((place for place, event in enumerate(events) if event["event"] == "reopened"), default=-1)
    return events[last + 1 :]


def _fixes(issue: Json, events: Iterable[Json], repository: str, reopened_at: datetime | None) -> Iterator[Fix]:
    """Give the commits that fixed it for good: those before it was opened again didn't."""
    for event in events:
        if event["event"] == "closed":
            yield from event.get("fixes") or _closing_commit(event, repository)
    for fix in issue.get("fixes", ()):
        if reopened_at is None or fix.at > reopened_at:
            yield fix


def _closing_commit(event: Json, repository: str) -> Iterator[Fix]:
    sha = event.get("commit_id")
    if sha:
        named = COMMIT_PATH.search(event.get("commit_url") or "")
        yield Fix(named["repository"] if named else repository, str(sha), _at(event))


def _labelled(snapshot: IssueSnapshot, events: Sequence[Json], rules: GitHubRules) -> tuple[str, datetime] | None:
    """Give the version that a label says it is released in, and since when; one from before it was reopened is old."""
    if rules.released_label is None:
        return None
    reopened_at = _reopened_at(events)
    found: list[tuple[datetime, str]] = []
    for label in snapshot.labels:
        match = rules.released_label.fullmatch(label)
        at = max((_at(event) for event in events if _adds(event, label)), default=snapshot.created_at)
        if match and match["version"] and (reopened_at is None or at > reopened_at):
            found.append((at, match["version"]))
    return min(found)[::-1] if found else None


def _adds(event: Json, label: str) -> bool:
    return event["event"] == "labeled" and _label(event["label"]).lower() == label.lower()


def _history(
    issue: Json, events: Sequence[Json], rules: GitHubRules, *, is_duplicate: bool
) -> tuple[TrackerChange, ...]:
    closings = _closings(issue, events, is_duplicate=is_duplicate)
    work = _work(issue, events, rules.in_progress_labels)
    changes: list[TrackerChange] = []
    for at in sorted({at for at, _ in closings} | {at for at, _ in work}):
        closed_as = _value_at(closings, at)
        state = TrackerState(closed_as=closed_as, in_progress=closed_as is None and _value_at(work, at))
        if not changes or changes[-1].state != state:
            changes.append(TrackerChange(at, state))
    return tuple(changes)


def _closings(issue: Json, events: Iterable[Json], *, is_duplicate: bool) -> Marks[ClosedAs | None]:
    """Tell when it was closed, and as what, and opened again.

    A closing event may come without its reason. The issue itself gives that of the last closing; for earlier ones it is
    unknown, and unknown is never taken for fixed.
    """
    created = _at(issue)
    marks: Marks[ClosedAs | None] = [(created, None)]
    for event in events:
        if event["event"] == "closed":
            marks.append((max(_at(event), created), REASONS.get(event.get("state_reason") or "", ClosedAs.UNKNOWN)))
        elif event["event"] == "reopened":
            marks.append((max(_at(event), created), None))
    if issue["state"] != "closed":
        return marks if marks[-1][1] is None else [*marks, (instant_from_text(issue["updated_at"]), None)]
    reason = ClosedAs.DUPLICATE if is_duplicate else REASONS.get(issue.get("state_reason") or "", ClosedAs.UNKNOWN)
    if marks[-1][1] is None:
        return [*marks, (max(instant_from_text(issue["closed_at"]), marks[-1][0]), reason)]
    return [*marks[:-1], (marks[-1][0], reason)]


def _work(issue: Json, events: Sequence[Json], progress_labels: Collection[str]) -> Marks[bool]:
    """Tell when somebody had it or it carried a label of work under way.

    Walks back from the present, because labels that an issue was created with may have no event.
    """
    labels = {_label(label).lower() for label in issue["labels"]}
    assignees = {str(person["login"]) for person in issue.get("assignees") or ()}
    created = _at(issue)
    marks: Marks[bool] = []
    for event in reversed(events):
        kind = event["event"]
        if kind not in ("labeled", "unlabeled", "assigned", "unassigned"):
            continue
        marks.append((max(_at(event), created), bool(assignees) or not labels.isdisjoint(progress_labels)))
        held = labels if kind.endswith("labeled") else assignees
        word = _label(event["label"]).lower() if held is labels else str((event.get("assignee") or {}).get("login"))
        (held.add if kind.startswith("un") else held.discard)(word)
    marks.append((created, bool(assignees) or not labels.isdisjoint(progress_labels)))
    return marks[::-1]


def _value_at(marks: Marks[Value], at: datetime) -> Value:
    """Give the value of the last mark that isn't later; the first mark is at the beginning."""
    return [value for moment, value in marks if moment <= at][-1]


def _is_marked_duplicate(events: Iterable[Json]) -> bool:
    """Tell whether a mark stands: not taken back, and not overtaken by opening the issue again."""
    marked = False
    for event in events:
        if event["event"] == "marked_as_duplicate":
            marked = True
        elif event["event"] in ("unmarked_as_duplicate", "reopened"):
            marked = False
    return marked


def _survivor(events: Iterable[Json], repository: str, number: int, rules: GitHubRules) -> str:
    """Give the issue that the latest mark or "Duplicate of" comment names, or "". Strangers' comments mark nothing."""
    own = rules.canonical(repository, number)
    survivor = ""
    for event in events:
        if event.get("canonical"):
            named = rules.canonical(*event["canonical"])
            survivor = named if named != own else survivor
        if event["event"] != "commented" or event.get("author_association") in STRANGERS:
            continue
        for match in DUPLICATE_COMMENT.finditer(event.get("body") or ""):
            named = _named(match, repository, rules)
            survivor = named if named and named != own else survivor
    return survivor


def _comments(events: Iterable[Json]) -> list[Json]:
    return [event for event in events if event["event"] == "commented"]


def _suggestions(comments: Iterable[Json]) -> Iterator[WorkaroundComment]:
    """Give the comments that suggest a workaround; those of our own hold our mark, and are read for nothing."""
    for comment in comments:
        body = str(comment.get("body") or "")
        text = suggested_workaround(body)
        if text and OUR_MARK not in body:
            yield WorkaroundComment(str(int(comment["id"])), text, _at(comment))


def _named(match: re.Match[str], repository: str, rules: GitHubRules) -> str:
    address = match["address"]
    if not address:
        return rules.canonical(match["repository"] or repository, match["number"])
    if not address.lower().startswith(rules.web_url.lower() + "/"):
        return ""
    path = ISSUE_PATH.match(address[len(rules.web_url) :])
    return rules.canonical(path["repository"], path["number"]) if path else ""


def _at(entry: Json) -> datetime:
    return instant_from_text(entry["created_at"])


def _label(label: object) -> str:
    """Give a label's name; GitHub shows labels as objects, and in old answers as plain names."""
    return str(label["name"]) if isinstance(label, dict) else str(label)
