"""Which issues changed since a cursor: one conditional request a repository, and further pages only as they changed.

Where those would cost more than reading all that is kept of the repository, they aren't listed to the end.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode

import requests

from bugbridge.core.errors import DataError, NotFoundError, RemoteError
from bugbridge.core.instants import instant_from_text
from bugbridge.core.snapshots import IssuePage
from bugbridge.trackers.client import Json, as_objects
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_costs import LIST_PAGE, Costs, pages_left
from bugbridge.trackers.github_issues import unreadable
from bugbridge.trackers.github_pages import pages
from bugbridge.trackers.github_reading import GitHubRules

SMALL_PAGE = 50  # up to so many issues are asked for again under one URL, so that its ETag holds
BEGINNING = "1970-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Place:
    """How far a repository was read: what `since` is asked with, what was seen, and the ETag of the last answer."""

    since: str = BEGINNING
    seen: str = BEGINNING
    etag: str = ""


@dataclass(slots=True)
class ChangeReader:
    """One reading of what changed. The last pages of all repositories are given as one, so that a cycle reads the
    issues on them together."""

    client: GitHubClient
    rules: GitHubRules
    costs: Costs
    places: dict[str, Place] = field(default_factory=dict)
    _changed: list[tuple[str, str]] = field(default_factory=list)

    def read(self, cursor: str) -> Iterator[IssuePage]:
        """Give pages as the port has it: a repository that is new to the cursor begins at its newest issue, and one
        that can't be read is raised after the others were. Raises DataError for a cursor that isn't ours."""
        self._keep(cursor)
        before = self._cursor()
        lost: RemoteError | None = None
        for project in self.rules.projects:
            try:
                yield from self._of_project(project)
            except NotFoundError:
                lost = lost or unreadable(self.rules.name, project, self.client.secret_hint)
            except RemoteError as error:
                lost = error
                break
        if self._changed or self._cursor() != before:
            yield self._page(())
        if lost:
            raise lost

    def _keep(self, cursor: str) -> None:
        try:
            kept = {project: Place(**place) for project, place in json.loads(cursor or "{}").items()}
        except (ValueError, TypeError, AttributeError):
            raise DataError(f"The cursor kept for {self.rules.name} can't be read: it isn't one of GitHub's.") from None
        self.places = {project: place for project, place in kept.items() if project in self.rules.projects}

    def _cursor(self) -> str:
        return json.dumps({project: asdict(place) for project, place in self.places.items()}, sort_keys=True)

    def _page(self, more: Sequence[tuple[str, str]]) -> IssuePage:
        """Give all that isn't given yet, oldest change first, with the cursor that is safe once it is stored."""
        changed, self._changed = sorted([*self._changed, *more], key=lambda change: change[0]), []
        return IssuePage(tuple(reference for _, reference in changed), self._cursor())

    def _of_project(self, project: str) -> Iterator[IssuePage]:
        if project in self.places:
            yield from self._changes(project)
        else:
            self.places[project] = self._begin(project)

    def _begin(self, project: str) -> Place:
        path = list_path(project, sort="updated", direction="desc", state="all", per_page=1)
        response = self.client.get(path)
        with self.client.understood(f"the issues of {project}"):
            newest = [_updated(item) for item in as_objects(self.client.parsed(response))]
        return Place(since=newest[0], seen=newest[0]) if newest else Place()

    def _changes(self, project: str) -> Iterator[IssuePage]:
        """Read on from a repository's place, and move it with every page.

        While one small page is enough, `since` stays as it is, so that the URL keeps its ETag and costs nothing
        when nothing changed; what was seen before is left out by its time.
        """
        before = self.places[project]
        path = list_path(project, state="all", sort="updated", direction="asc", since=before.since, per_page=LIST_PAGE)
        response = self.client.get_changed(path, before.etag)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return
        newest = before.seen
        following = pages(self.client, response, f"the issues of {project}")
        for read, (page, is_last) in enumerate(following, start=1):
            with self.client.understood(f"the issues of {project}"):
                newest = max([newest, *(_updated(item) for item in page)])
                changed = [self._change(project, item) for item in page if _is_news(item, before.seen)]
            if not is_last and self._takes_all(project, pages_left(response, read)):
                return
            small = read == 1 and is_last and len(page) <= SMALL_PAGE
            self.places[project] = _small(before, newest, response) if small else Place(newest, newest)
            if is_last:
                self._changed += changed
            else:
                yield self._page(changed)

    def _takes_all(self, project: str, left: int) -> bool:
        """Where that is cheaper, have all that is kept of a repository read instead of the pages left.

        The newest change is asked for first: what changes while the issues are read is listed in the next cycle.
        """
        kept = self.costs.cheaper(project, left)
        if kept is None:
            return False
        self.places[project] = place = self._begin(project)
        self._changed += [(place.seen, issue.reference) for issue in kept]
        return True

    def _change(self, project: str, item: Json) -> tuple[str, str]:
        return _updated(item), self.rules.canonical(project, int(item["number"]))


def list_path(project: str, **parameters: str | int) -> str:
    """Give the address of a repository's issues."""
    return f"/repos/{project}/issues?{urlencode(parameters)}"


def _small(before: Place, newest: str, response: requests.Response) -> Place:
    return Place(before.since, newest, response.headers.get("ETag", ""))


def _updated(item: Json) -> str:
    """Give when an item changed, as GitHub writes it: to the second, in UTC, so that texts sort."""
    return instant_from_text(item["updated_at"]).strftime("%Y-%m-%dT%H:%M:%SZ")


def _is_news(item: Json, seen: str) -> bool:
    return "pull_request" not in item and _updated(item) >= seen
