"""GitHub issues over REST, for github.com and GitHub Enterprise Server."""

import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

import requests

from bugbridge.core.errors import DataError, NotFoundError, RemoteError
from bugbridge.core.instants import instant_from_text
from bugbridge.core.snapshots import Check, IssuePage, IssueSnapshot, MissingIssue
from bugbridge.trackers.client import Json, answer_all, as_object, as_objects, token_variable
from bugbridge.trackers.github_client import GitHubClient, MovedError
from bugbridge.trackers.github_reading import GitHubRules, read_snapshot

PAGE = 100
SMALL_PAGE = 50  # up to so many issues are asked for again under one URL, so that its ETag holds
FEW_REQUESTS = 100
BEGINNING = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class GitHubOptions:
    """How to reach GitHub. `projects` are OWNER/REPO; labels match in any case."""

    name: str
    projects: tuple[str, ...]
    token: str = field(repr=False)
    url: str = "https://github.com"
    api_url: str = "https://api.github.com"
    in_progress_labels: tuple[str, ...] = ("in progress",)


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a repository was read: what `since` is asked with, what was seen, and the ETag of the last answer."""

    since: str = BEGINNING
    seen: str = BEGINNING
    etag: str = ""


class GitHub:
    """Reads issues with their timelines. A release changes no issue here, but is told to us by hand for now."""

    releases_silently = False

    def __init__(self, options: GitHubOptions, sleep: Callable[[float], None] = time.sleep) -> None:
        """Prepare; nothing is asked yet. `sleep` waits some seconds between attempts at a read."""
        self.name = options.name
        self._options = options
        self._client = GitHubClient(options.name, options.api_url.rstrip("/"), options.token, sleep)
        labels = frozenset(label.lower() for label in options.in_progress_labels)
        self._rules = GitHubRules(options.name, options.url.rstrip("/"), options.projects, labels)

    def changed_since(self, cursor: str) -> Iterator[IssuePage]:
        """Give references of issues changed since, repository by repository, each oldest change first.

        A repository that is new to the cursor begins at its newest issue. One that can't be read is raised after the
        others were. Raises DataError for a cursor that isn't ours.
        """
        places = self._places(cursor)
        began, lost = False, None
        for project in self._options.projects:
            try:
                if project in places:
                    yield from self._changes(project, places)
                else:
                    places[project] = self._begin(project)
                    began = True
            except NotFoundError as error:
                lost = lost or self._unreadable(project, error)
        if began:
            yield IssuePage((), _cursor(places))
        if lost:
            raise lost

    def issues(self, references: Sequence[str]) -> Iterator[IssueSnapshot | MissingIssue]:
        """Read each issue and its whole timeline, two requests and more an issue."""
        readable: dict[str, NotFoundError | None] = {}
        return answer_all(references, lambda reference: self._issue(reference, readable))

    def web_url(self, reference: str) -> str:
        """Give the issue's page."""
        repository, _, number = reference.removeprefix(f"{self.name}:").partition("#")
        return f"{self._rules.web_url}/{repository}/issues/{number}"

    def check(self) -> tuple[Check, ...]:
        """Try the token, the requests left, and reading each repository's issues."""
        sign_in = self._check_sign_in()
        if not sign_in.well:
            return (sign_in,)
        return (sign_in, *(self._check_project(project) for project in self._options.projects))

    def _places(self, cursor: str) -> dict[str, _Place]:
        try:
            kept = {project: _Place(**place) for project, place in json.loads(cursor or "{}").items()}
        except (ValueError, TypeError, AttributeError):
            raise DataError(f"The cursor kept for {self.name} can't be read: it isn't one of GitHub's.") from None
        return {project: place for project, place in kept.items() if project in self._options.projects}

    def _begin(self, project: str) -> _Place:
        path = _list_path(project, sort="updated", direction="desc", state="all", per_page=1)
        response = self._client.get(path)
        with self._client.understood(f"the issues of {project}"):
            newest = [_updated(item) for item in as_objects(self._client.parsed(response))]
        return _Place(since=newest[0], seen=newest[0]) if newest else _Place()

    def _changes(self, project: str, places: dict[str, _Place]) -> Iterator[IssuePage]:
        """Read on from a repository's place, and move it with every page.

        While one small page is enough, `since` stays as it is, so that the URL keeps its ETag and costs nothing
        when nothing changed; what was seen before is left out by its time.
        """
        before = places[project]
        path = _list_path(project, state="all", sort="updated", direction="asc", since=before.since, per_page=PAGE)
        response = self._client.get_changed(path, before.etag)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return
        newest, alone = before.seen, True
        for page, is_last in self._pages(response, f"the issues of {project}"):
            with self._client.understood(f"the issues of {project}"):
                newest = max([newest, *(_updated(item) for item in page)])
                references = tuple(self._reference(project, item) for item in page if _is_news(item, before.seen))
            if alone and is_last and len(page) <= SMALL_PAGE:
                places[project] = _Place(before.since, newest, response.headers.get("ETag", ""))
            else:
                places[project] = _Place(newest, newest)
            alone = False
            yield IssuePage(references, _cursor(places))

    def _pages(self, response: requests.Response, what: str) -> Iterator[tuple[list[Json], bool]]:
        """Follow the Link header; `page=` ends with 422 from 10,000 issues on. Says of each page if it is the last."""
        asked: set[str] = set()
        while True:
            with self._client.understood(what):
                page = as_objects(self._client.parsed(response))
            following = response.links.get("next", {}).get("url", "")
            yield page, not following
            if not following:
                return
            if following in asked:
                raise RemoteError(f"{self.name} leads in a circle while listing {what}: try again later")
            asked.add(following)
            response = self._client.get(following)

    def _reference(self, project: str, item: Json) -> str:
        return self._rules.canonical(project, int(item["number"]))

    def _issue(self, reference: str, readable: dict[str, NotFoundError | None]) -> IssueSnapshot | MissingIssue:
        repository, number = _parts(reference, self.name)
        project = self._rules.configured(repository)
        if not project:
            known = ", ".join(self._options.projects)
            return MissingIssue(reference, f"{reference} is in none of the projects of {self.name} ({known}).")
        try:
            issue = self._read_issue(f"/repos/{project}/issues/{number}")
        except NotFoundError:
            self._ensure_readable(project, readable)
            return MissingIssue(reference, f"{reference} doesn't exist, or the token may not see it.")
        with self._client.understood(reference):
            landed = "/".join(str(issue["repository_url"]).split("/")[-2:])
            is_pull_request = "pull_request" in issue
            present = int(issue["number"])
        if is_pull_request:
            return MissingIssue(reference, f"{reference} is a pull request, not an issue.")
        if not self._rules.configured(landed):
            self._ensure_readable(project, readable)
            return MissingIssue(
                reference, f"{reference} was moved to {landed}#{present}, in none of the projects of {self.name}."
            )
        timeline = self._timeline(landed, present)
        with self._client.understood(reference):
            return read_snapshot(reference, landed, issue, timeline, self._rules)

    def _read_issue(self, path: str) -> Json:
        """Read an issue, or where it was transferred to."""
        try:
            response = self._client.get(path)
        except MovedError as moved:
            response = self._client.get(moved.location)
        with self._client.understood(path):
            return as_object(self._client.parsed(response))

    def _timeline(self, repository: str, number: int) -> list[Json]:
        response = self._client.get(f"/repos/{repository}/issues/{number}/timeline?per_page={PAGE}")
        what = f"the timeline of {repository}#{number}"
        return [event for page, _ in self._pages(response, what) for event in page]

    def _ensure_readable(self, project: str, readable: dict[str, NotFoundError | None]) -> None:
        """Keep a repository that went out of sight from looking like the end of all its issues.

        Raises NotFoundError if its issues can't be read.
        """
        if project not in readable:
            try:
                self._client.get(_list_path(project, per_page=1))
                readable[project] = None
            except NotFoundError as error:
                readable[project] = self._unreadable(project, error)
        problem = readable[project]
        if problem:
            raise problem

    def _unreadable(self, project: str, error: NotFoundError) -> NotFoundError:
        if isinstance(error, MovedError):
            return NotFoundError(f"{self.name}: {project} has another name or owner now; correct it under projects.")
        return NotFoundError(
            f"{self.name}: the issues of {project} can't be read; check the name under projects, and that "
            f"{token_variable(self.name)} may read issues there."
        )

    def _check_sign_in(self) -> Check:
        """Ask for the limit: every kind of token may, an expired one is refused, and it costs nothing."""
        identity = f"{self.name}.sign_in"
        try:
            response = self._client.get("/rate_limit")
            with self._client.understood("the limit of requests"):
                core = as_object(self._client.parsed(response))["resources"]["core"]
                left, reset = int(core["remaining"]), datetime.fromtimestamp(int(core["reset"]), UTC)
        except NotFoundError:
            return Check(identity, well=True, sentence=f"{self.name} accepts the token and counts no requests.")
        except RemoteError as error:
            return Check(identity, well=False, sentence=str(error))
        sentence = f"{self.name} accepts the token; {left} requests are left until {reset:%H:%M} UTC."
        return Check(identity, well=left >= FEW_REQUESTS, sentence=sentence)

    def _check_project(self, project: str) -> Check:
        identity = f"{self.name}.project.{project}"
        try:
            self._client.get(_list_path(project, per_page=1))
        except NotFoundError as error:
            return Check(identity, well=False, sentence=str(self._unreadable(project, error)))
        except RemoteError as error:
            return Check(identity, well=False, sentence=str(error))
        return Check(identity, well=True, sentence=f"{self.name}: the issues of {project} can be read.")


def _list_path(project: str, **parameters: str | int) -> str:
    return f"/repos/{project}/issues?{urlencode(parameters)}"


def _parts(reference: str, name: str) -> tuple[str, int]:
    match = re.fullmatch(rf"{re.escape(name)}:([^#\s]+)#([1-9][0-9]{{0,17}})", reference)
    return (match[1], int(match[2])) if match else ("", 0)


def _updated(item: Json) -> str:
    """Give when an item changed, as GitHub writes it: to the second, in UTC, so that texts sort."""
    return instant_from_text(item["updated_at"]).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_news(item: Json, seen: str) -> bool:
    return "pull_request" not in item and _updated(item) >= seen


def _cursor(places: dict[str, _Place]) -> str:
    return json.dumps({project: asdict(place) for project, place in places.items()}, sort_keys=True)
