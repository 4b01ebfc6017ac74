"""Jira Cloud's issues over REST version 3."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from bugbridge.core.errors import DataError, NotFoundError, RemoteError
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.core.snapshots import Check, IssuePage, IssueSnapshot, MissingIssue
from bugbridge.trackers.client import Json, answer_all, as_object, as_objects, token_variable
from bugbridge.trackers.jira_client import JiraClient, QueryRefusedError
from bugbridge.trackers.jira_reading import JiraRules, read_snapshot

INDEX_LAG = timedelta(seconds=60)  # the search index follows what was written; it is asked again from so long before
PAGE = 100
BATCH = 50  # issues asked for by key in one query
TRUNCATED_FROM = 40  # a search holds about so many of the latest changes, and may not say that there are more
FIELDS = "summary,status,resolution,created,updated,labels,fixVersions,issuelinks"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class JiraOptions:
    """How to reach a Jira Cloud site. `projects` are keys; `resolutions` those that mean fixed.

    `api_url` differs from `url` for scoped tokens (https://api.atlassian.com/ex/jira/CLOUD-ID).
    """

    name: str
    url: str
    projects: tuple[str, ...]
    email: str
    token: str = field(repr=False)
    api_url: str = ""
    resolutions: tuple[str, ...] = ("Done", "Fixed")
    in_progress_labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Place:
    """How far the projects were read; `seen` are the changes that the next overlap will show again."""

    newest: datetime = EPOCH
    seen: Mapping[str, str] = field(default_factory=dict)

    @property
    def since(self) -> int:
        """From when to ask, in epoch milliseconds: JQL reads a written date in the account's own time zone."""
        return max(int((self.newest - INDEX_LAG).timestamp() * 1000), 0)

    def to_text(self) -> str:
        return json.dumps({"newest": instant_to_text(self.newest), "seen": dict(self.seen)}, sort_keys=True)


class Jira:
    """Reads issues with their changelogs. Releasing a version changes none of its issues."""

    releases_silently = True

    def __init__(self, options: JiraOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is asked yet. `sleep` waits some seconds between attempts at a read."""
        self.name = options.name
        self._options = options
        self._web_url = options.url.rstrip("/")
        address = (options.api_url or options.url).rstrip("/")
        self._client = JiraClient(options.name, address, options.email, options.token, sleep)
        self._rules = JiraRules(
            options.name,
            frozenset(resolution.lower() for resolution in options.resolutions),
            frozenset(label.lower() for label in options.in_progress_labels),
        )
        quoted = ", ".join(f'"{project}"' for project in options.projects)
        self._in_projects = f"project in ({quoted})"

    def changed_since(self, cursor: str) -> Iterator[IssuePage]:
        """Give references of issues changed since, oldest change first.

        Raises DataError for a cursor that isn't ours, RemoteError that names the projects which can't be read.
        """
        try:
            if cursor:
                yield from self._changes(self._place(cursor))
            else:
                yield IssuePage((), self._begin().to_text())
        except QueryRefusedError:
            self._raise_for_projects()
            raise

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Read issues by the fifty, with one request more for each long changelog and each that a search misses."""
        if not references:
            return
        categories = self._categories()
        readable: dict[str, NotFoundError | None] = {}
        found: dict[str, Json] = {}
        for start in range(0, len(references), BATCH):
            batch = references[start : start + BATCH]
            found |= self._found([self._key(reference) for reference in batch if self._project(reference)])
        yield from answer_all(references, lambda reference: self._issue(reference, found, categories, readable))

    def web_url(self, reference: str) -> str:
        """Give the issue's page."""
        return f"{self._web_url}/browse/{self._key(reference)}"

    def check(self) -> tuple[Check, ...]:
        """Try the account and reading each project."""
        identity = f"{self.name}.sign_in"
        try:
            self._client.read("myself")
        except RemoteError as error:
            return (Check(identity, well=False, sentence=str(error)),)
        signed_in = Check(identity, well=True, sentence=f"{self.name} accepts the e-mail address and token.")
        return (signed_in, *(self._check_project(project) for project in self._options.projects))

    def _key(self, reference: str) -> str:
        return reference.removeprefix(f"{self.name}:")

    def _project(self, reference: str) -> str:
        """Give the configured project that a reference lies in, or "": no other is asked for."""
        match = re.fullmatch(rf"{re.escape(self.name)}:([A-Z][A-Z0-9_]+)-[1-9][0-9]{{0,17}}", reference)
        return match[1] if match and match[1] in self._options.projects else ""

    def _place(self, cursor: str) -> _Place:
        try:
            kept = json.loads(cursor)
            return _Place(instant_from_text(kept["newest"]), as_object(kept["seen"]))
        except (ValueError, TypeError, KeyError):
            raise DataError(f"The cursor kept for {self.name} can't be read: it isn't one of Jira's.") from None

    def _begin(self) -> _Place:
        query: dict[str, str | int] = {
            "jql": f"{self._in_projects} ORDER BY updated DESC",
            "fields": "updated",
            "maxResults": 1,
        }
        answer = self._client.read("search/jql", query)
        with self._client.understood("its latest change"):
            newest = [_updated(issue) for issue in as_objects(answer["issues"])]
        return _Place(newest[0]) if newest else _Place()

    def _changes(self, place: _Place) -> Iterator[IssuePage]:
        query = f"{self._in_projects} AND updated >= {place.since} ORDER BY updated ASC"
        newest, seen = place.newest, dict(place.seen)
        for page in self._search(query, "updated"):
            with self._client.understood("changed issues"):
                shown = {str(issue["key"]): instant_to_text(_updated(issue)) for issue in page}
                newest = max([newest, *(instant_from_text(at) for at in shown.values())])
            changed = [key for key, at in shown.items() if place.seen.get(key) != at]
            overlap = instant_to_text(newest - INDEX_LAG)
            seen = {key: at for key, at in {**seen, **shown}.items() if at >= overlap}
            yield IssuePage(tuple(f"{self.name}:{key}" for key in changed), _Place(newest, seen).to_text())

    def _search(self, query: str, fields: str, **further: str) -> Iterator[list[Json]]:
        """Give a query's pages. Jira has repeated a page's token, which would go on for ever."""
        parameters: dict[str, str | int] = {"jql": query, "fields": fields, "maxResults": PAGE, **further}
        asked: set[str] = set()
        while True:
            answer = self._client.read("search/jql", parameters)
            with self._client.understood("a page of issues"):
                page, token = as_objects(answer["issues"]), str(answer.get("nextPageToken") or "")
            yield page
            if not token or answer.get("isLast"):
                return
            if token in asked:
                raise RemoteError(f"{self.name} leads in a circle while listing issues: try again later")
            asked.add(token)
            parameters["nextPageToken"] = token

    def _found(self, keys: Sequence[str]) -> dict[str, Json]:
        """Read issues by key, as many as Jira shows; it refuses the whole query for one key that it doesn't know."""
        if not keys:
            return {}
        query = f"key in ({', '.join(keys)})"
        try:
            pages = list(self._search(query, FIELDS, expand="changelog"))
        except QueryRefusedError:
            return {}
        with self._client.understood("issues"):
            return {str(issue["key"]): issue for page in pages for issue in page}

    def _issue(
        self,
        reference: str,
        found: Mapping[str, Json],
        categories: Mapping[str, str],
        readable: dict[str, NotFoundError | None],
    ) -> IssueSnapshot | MissingIssue:
        """Read one issue; one that moved keeps the reference that it was asked for by."""
        key, project = self._key(reference), self._project(reference)
        if not project:
            known = ", ".join(self._options.projects)
            return MissingIssue(reference, f"{reference} is in none of the projects of {self.name} ({known}).")
        try:
            issue = found.get(key) or self._client.read(f"issue/{key}", {"fields": FIELDS, "expand": "changelog"})
            changes = self._changelog(issue)
        except NotFoundError:
            self._ensure_readable(project, readable)
            return MissingIssue(reference, f"{reference} doesn't exist, or the token may not see it.")
        with self._client.understood(reference):
            return read_snapshot(reference, issue, changes, categories, self._rules)

    def _changelog(self, issue: Json) -> list[Json]:
        """Give an issue's whole changelog: what comes with a search leaves out the oldest changes."""
        with self._client.understood("a changelog"):
            embedded = as_object(issue.get("changelog") or {})
            changes = as_objects(embedded.get("histories") or [])
            total = int(embedded.get("total") or 0)
            path = f"issue/{issue['id']}/changelog"
        if len(changes) >= total and len(changes) < TRUNCATED_FROM:
            return changes
        changes = []
        while True:
            answer = self._client.read(path, {"startAt": len(changes), "maxResults": PAGE})
            with self._client.understood("a changelog"):
                page = as_objects(answer["values"])
                changes += page
                if not page or answer.get("isLast") or len(changes) >= int(answer["total"]):
                    return changes

    def _categories(self) -> dict[str, str]:
        """Give each status's category; read anew each time, because people change workflows."""
        response = self._client.get("rest/api/3/status")
        with self._client.understood("its statuses"):
            statuses = as_objects(self._client.parsed(response))
            return {str(status["id"]): str(status["statusCategory"]["key"]) for status in statuses}

    def _ensure_readable(self, project: str, readable: dict[str, NotFoundError | None]) -> None:
        """Keep a project that went out of sight from looking like the end of all its issues.

        Raises NotFoundError if it can't be read.
        """
        if project not in readable:
            readable[project] = self._project_problem(project)
        problem = readable[project]
        if problem:
            raise problem

    def _project_problem(self, project: str) -> NotFoundError | None:
        try:
            self._client.read(f"project/{project}")
        except NotFoundError:
            return NotFoundError(
                f"{self.name}: the project {project} can't be read; check its key under projects, and that the "
                f"account behind {token_variable(self.name)} has the permission Browse projects there."
            )
        return None

    def _raise_for_projects(self) -> None:
        """Say which projects made Jira refuse a query, if any did."""
        for project in self._options.projects:
            problem = self._project_problem(project)
            if problem:
                raise problem from None

    def _check_project(self, project: str) -> Check:
        identity = f"{self.name}.project.{project}"
        try:
            problem: RemoteError | None = self._project_problem(project)
        except RemoteError as error:
            problem = error
        sentence = str(problem) if problem else f"{self.name}: the project {project} can be read."
        return Check(identity, well=problem is None, sentence=sentence)


def _updated(issue: Json) -> datetime:
    return instant_from_text(issue["fields"]["updated"])
