"""Jira's issues: Cloud's over REST version 3, Data Center's over version 2."""

import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from bugbridge.core.errors import DataError, NotFoundError
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.core.model import Gone
from bugbridge.core.references import project_of, search_words
from bugbridge.core.snapshots import Check, FoundIssue, IssuePage, IssueSnapshot, MissingIssue
from bugbridge.ports import KeptIssues
from bugbridge.trackers.client import Json, answer_all, as_object, as_objects
from bugbridge.trackers.jira_checks import check_jira, project_problem
from bugbridge.trackers.jira_client import Flavour, ForbiddenError, JiraClient, QueryRefusedError
from bugbridge.trackers.jira_cloud import JiraCloud
from bugbridge.trackers.jira_data_center import JiraDataCenter
from bugbridge.trackers.jira_links import RemoteLinks
from bugbridge.trackers.jira_reading import FIXED_RESOLUTIONS, IssueJson, JiraRules, Resolutions, resolution_map
from bugbridge.trackers.jira_releases import projects_released

INDEX_LAG = timedelta(seconds=60)  # the search index follows what was written; it is asked again from so long before
BATCH = 50  # issues asked for by key in one query
MOST_WRITTEN = 50  # ids that Jira reconciles in one search
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CLOUD_HOSTS = (".atlassian.net", ".jira.com", "api.atlassian.com")


@dataclass(frozen=True, slots=True)
class JiraOptions:
    """How to reach a Jira. `projects` are keys; `resolutions` those that mean fixed, or a table of what each means.

    With an `email` it is a Cloud site and signs in by it and an API token; without one it is Data Center and the token
    a personal access token, unless the address is Atlassian's. `api_url` differs from `url` for scoped tokens, which
    Cloud takes only at https://api.atlassian.com/ex/jira/CLOUD-ID. Planned versions are given only if
    `dates_may_be_told`; the texts of `mirror_field`, a field's id, and with `mirror_links` of remote links as well.
    """

    name: str
    url: str
    projects: tuple[str, ...]
    token: str = field(repr=False)
    email: str = ""
    api_url: str = ""
    resolutions: Resolutions = FIXED_RESOLUTIONS
    in_progress_labels: tuple[str, ...] = ()
    dates_may_be_told: bool = False
    mirror_field: str = ""
    mirror_links: bool = False

    @property
    def flavour(self) -> Flavour:
        """Judge by how it signs in and where it is; `check` compares with what the site says."""
        host = urlsplit(self.api_url or self.url).hostname or ""
        return Flavour.CLOUD if self.email or host.endswith(CLOUD_HOSTS) else Flavour.DATA_CENTER


@dataclass(frozen=True, slots=True)
class _Place:
    """How far the projects were read; `seen` are the changes that the next overlap will show again.

    `elsewhere` are the ids of issues that moved to projects which aren't configured, and are followed there.
    """

    newest: datetime = EPOCH
    seen: Mapping[str, str] = field(default_factory=dict)
    elsewhere: frozenset[str] = frozenset()

    @property
    def since(self) -> int:
        """From when to ask, in epoch milliseconds: JQL reads a written date in the account's own time zone."""
        return max(int((self.newest - INDEX_LAG).timestamp() * 1000), 0)

    def to_text(self) -> str:
        kept: Json = {"newest": instant_to_text(self.newest), "seen": dict(self.seen)}
        return json.dumps(kept | ({"elsewhere": sorted(self.elsewhere)} if self.elsewhere else {}), sort_keys=True)

    def after(self, shown: Mapping[str, str], newest: datetime) -> "_Place":
        overlap = instant_to_text(newest - INDEX_LAG)
        seen = {key: at for key, at in {**self.seen, **shown}.items() if at >= overlap}
        return _Place(newest, seen, self.elsewhere)


@dataclass(slots=True)
class _Reading:
    """What one call of `issues` found so far, and what it needn't ask twice."""

    found: Mapping[str, Json]
    changelogs: Mapping[str, list[Json]]
    categories: Mapping[str, str]
    readable: dict[str, NotFoundError | None] = field(default_factory=dict)
    versions: dict[str, Json | None] = field(default_factory=dict)


class Jira:
    """Reads issues with their changelogs. May be used from several threads."""

    def __init__(self, options: JiraOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is asked yet. `sleep` waits some seconds between attempts at a read."""
        self.name = options.name
        self._options = options
        self._web_url = options.url.rstrip("/")
        address, flavour = (options.api_url or options.url).rstrip("/"), options.flavour
        self._client = JiraClient(options.name, address, options.email, options.token, flavour, sleep)
        self._rules = _rules(options)
        search = JiraCloud if flavour is Flavour.CLOUD else JiraDataCenter
        self._search: JiraCloud | JiraDataCenter = search(self._client, self._rules.fields)
        self._links = RemoteLinks(self._client)
        quoted = ", ".join(f'"{project}"' for project in options.projects)
        self._in_projects = f"project in ({quoted})"
        self._written: tuple[str, ...] = ()
        self._elsewhere: frozenset[str] = frozenset()

    def changed_since(self, cursor: str, _kept: KeptIssues | None = None) -> Iterator[IssuePage]:
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

    def projects_released(self, projects: Collection[str], cursor: str) -> tuple[frozenset[str], str]:
        """Say which projects' released versions aren't those of the cursor, by one request a project."""
        return projects_released(self._client, projects, cursor)

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Read issues by the fifty and long changelogs by the thousand; what a search misses takes a request more."""
        if not references:
            return
        found: dict[str, Json] = {}
        for start in range(0, len(references), BATCH):
            batch = references[start : start + BATCH]
            found |= self._found([self._key(reference) for reference in batch if self._project(reference)])
        reading = _Reading(found, self._search.changelogs(list(found.values())), self._categories())
        yield from answer_all(references, lambda reference: self._issue(reference, reading))

    def search(self, text: str, limit: int) -> tuple[FoundIssue, ...]:
        """Find issues that hold every word in a text of theirs, the latest change first."""
        words = " ".join(search_words(text))
        if not words:
            return ()
        found = self._search.found(f'{self._in_projects} AND text ~ "{words}" ORDER BY updated DESC', limit)
        with self._client.understood("found issues"):
            return tuple(FoundIssue(f"{self.name}:{one['key']}", str(one["fields"]["summary"])) for one in found)

    def web_url(self, reference: str) -> str:
        """Give the issue's page."""
        return f"{self._web_url}/browse/{self._key(reference)}"

    def check(self, _kept: KeptIssues | None = None) -> tuple[Check, ...]:
        """Try the account, its permission in each project, and what the resolutions mean."""
        return tuple(check_jira(self._client, self._options.projects, self._rules))

    def wrote_to(self, remote_id: str) -> None:
        """Remember an issue that we wrote to, so that searches show it as it is now: their index runs behind."""
        others = tuple(known for known in self._written if known != remote_id)
        self._written = (*others, remote_id)[-MOST_WRITTEN:]

    def _key(self, reference: str) -> str:
        return reference.removeprefix(f"{self.name}:")

    def _project(self, reference: str) -> str:
        """Give the configured project that a reference lies in, or "": no other is asked for."""
        match = re.fullmatch(rf"{re.escape(self.name)}:([A-Z][A-Z0-9_]+)-[1-9][0-9]{{0,17}}", reference)
        return match[1] if match and match[1] in self._options.projects else ""

    def _place(self, cursor: str) -> _Place:
        try:
            kept = as_object(json.loads(cursor))
            elsewhere = frozenset(str(int(id_)) for id_ in kept.get("elsewhere", ()))
            return _Place(instant_from_text(kept["newest"]), as_object(kept["seen"]), elsewhere)
        except (ValueError, TypeError, KeyError):
            raise DataError(f"The cursor kept for {self.name} can't be read: it isn't one of Jira's.") from None

    def _begin(self) -> _Place:
        newest = self._search.newest(self._in_projects)
        with self._client.understood("its latest change"):
            shown = {str(issue["key"]): _updated(issue) for issue in newest}
        at = max(shown.values(), default=EPOCH)
        return _Place(at, {key: instant_to_text(at) for key in shown})

    def _changes(self, place: _Place) -> Iterator[IssuePage]:
        """Give what changed elsewhere first, which moves no cursor: the projects' own changes do."""
        since, written = place.since, self._written
        place = _Place(place.newest, place.seen, place.elsewhere | self._elsewhere)
        if place.elsewhere:
            place, pages = self._changes_elsewhere(place)
            yield from pages
        for issues in self._search.changed(self._in_projects, since, written):
            page, place = self._page(place, issues, moves=True)
            yield page

    def _changes_elsewhere(self, place: _Place) -> tuple[_Place, list[IssuePage]]:
        """Jira refuses the whole query for one issue that is gone, and then only the others are followed."""
        try:
            found = self._changed_of(place)
        except QueryRefusedError:
            place = _Place(place.newest, place.seen, frozenset(filter(self._is_visible, place.elsewhere)))
            self._elsewhere = frozenset()
            found = self._changed_of(place)
        page, place = self._page(place, found, moves=False)
        return place, [page]

    def _changed_of(self, place: _Place) -> list[Json]:
        if not place.elsewhere:
            return []
        pages = self._search.changed(f"id in ({', '.join(sorted(place.elsewhere))})", place.since, ())
        return [issue for page in pages for issue in page]

    def _is_visible(self, id_: str) -> bool:
        try:
            self._client.read(f"issue/{id_}", {"fields": "updated"})
        except (NotFoundError, ForbiddenError):
            return False
        return True

    def _page(self, place: _Place, issues: Sequence[Json], *, moves: bool) -> tuple[IssuePage, _Place]:
        with self._client.understood("changed issues"):
            shown = {str(issue["key"]): _updated(issue) for issue in issues}
            ids = {str(issue["id"]) for issue in issues if "id" in issue}
        self._written = tuple(id_ for id_ in self._written if id_ not in ids)
        texts = {key: instant_to_text(at) for key, at in shown.items()}
        changed = [f"{self.name}:{key}" for key, at in texts.items() if place.seen.get(key) != at]
        place = place.after(texts, max([place.newest, *shown.values()]) if moves else place.newest)
        return IssuePage(tuple(changed), place.to_text()), place

    def _found(self, keys: Sequence[str]) -> dict[str, Json]:
        """Read issues by key, as many as Jira shows; it refuses the whole query for one key that it doesn't know."""
        if not keys:
            return {}
        try:
            issues = self._search.by_key(keys)
        except QueryRefusedError:
            return {}
        with self._client.understood("issues"):
            return {str(issue["key"]): issue for issue in issues}

    def _issue(self, reference: str, reading: _Reading) -> IssueSnapshot | MissingIssue:
        """Read one issue; one that moved keeps the reference that it was asked for by, and says its new one."""
        key, project = self._key(reference), self._project(reference)
        if not project:
            known = ", ".join(self._options.projects)
            return MissingIssue(reference, f"{reference} is in none of the projects of {self.name} ({known}).")
        try:
            issue = reading.found.get(key) or self._client.read(
                f"issue/{key}", {"fields": ",".join(self._rules.fields), "expand": "changelog"}
            )
            return self._snapshot(reference, issue, reading)
        except NotFoundError:
            self._ensure_readable(project, reading)
            sentence = f"{reference} was deleted, or is where the token may not see it: its project can be read."
            return MissingIssue(reference, sentence, Gone.INVISIBLE)  # Jira answers both alike
        except ForbiddenError:
            self._ensure_readable(project, reading)
            return MissingIssue(reference, f"{reference} is there, but the token may not see it.", Gone.INVISIBLE)

    def _snapshot(self, reference: str, issue: Json, reading: _Reading) -> IssueSnapshot:
        with self._client.understood(reference):
            id_ = str(issue["id"])
        changes = reading.changelogs.get(id_)
        if changes is None:
            changes = self._search.changelogs([issue])[id_]
        read = IssueJson(issue, changes, reading.categories)
        with self._client.understood(reference):
            taken_away = read.versions_taken_away(self._rules)
        versions = [version for id_ in sorted(taken_away) if (version := self._version(id_, reading))]
        with self._client.understood(reference):
            snapshot = read.snapshot(reference, self._rules, versions)
        if snapshot.now_called and project_of(snapshot.now_called) not in self._options.projects:
            self._elsewhere |= {snapshot.remote_id}
        if not self._options.mirror_links:
            return snapshot
        addresses = self._links.addresses(snapshot.remote_id, snapshot.updated_at)
        return replace(snapshot, mirror_texts=(*snapshot.mirror_texts, *addresses))

    def _version(self, id_: str, reading: _Reading) -> Json | None:
        """Read a version that an issue holds no more; one that was deleted was nobody's release."""
        if id_ not in reading.versions:
            try:
                reading.versions[id_] = self._client.read(f"version/{int(id_)}")
            except (NotFoundError, ForbiddenError, ValueError):
                reading.versions[id_] = None
        return reading.versions[id_]

    def _categories(self) -> dict[str, str]:
        """Give each status's category; read anew each time, because people change workflows."""
        response = self._client.get(self._client.path("status"))
        with self._client.understood("its statuses"):
            statuses = as_objects(self._client.parsed(response))
            return {str(status["id"]): str(status["statusCategory"]["key"]) for status in statuses}

    def _ensure_readable(self, project: str, reading: _Reading) -> None:
        """Keep a project that went out of sight from looking like the end of all its issues.

        Raises NotFoundError if it can't be read.
        """
        if project not in reading.readable:
            reading.readable[project] = project_problem(self._client, project)
        problem = reading.readable[project]
        if problem:
            raise problem

    def _raise_for_projects(self) -> None:
        """Say which projects made Jira refuse a query, if any did."""
        for project in self._options.projects:
            problem = project_problem(self._client, project)
            if problem:
                raise problem from None


def _rules(options: JiraOptions) -> JiraRules:
    labels = frozenset(label.lower() for label in options.in_progress_labels)
    resolutions = resolution_map(options.resolutions)
    return JiraRules(options.name, resolutions, labels, options.dates_may_be_told, options.mirror_field)


def _updated(issue: Json) -> datetime:
    return instant_from_text(issue["fields"]["updated"])
