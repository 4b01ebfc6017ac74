"""Which release of a repository was the first with a fix, and which repositories had a release."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from urllib.parse import quote

from bugbridge.core.errors import DataError, NotFoundError
from bugbridge.core.instants import instant_from_text
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_pages import pages
from bugbridge.trackers.github_reading import Fix

PAGE = 100
NEWEST = 10  # releases of a repository that are looked at to see whether there is a new one
MOST_COMPARED = 20_000
CONTAINED = frozenset({"ahead", "identical"})
VERSION_PREFIX = re.compile(r"^v(?=[0-9])")


@dataclass(frozen=True, slots=True)
class Release:
    """A published release; it was made from its tag's commit, of which GitHub tells the date as `made_at`."""

    tag: str
    published_at: datetime
    made_at: datetime

    @property
    def version(self) -> str:
        """The tag as people call the version: v4.2 is 4.2."""
        return VERSION_PREFIX.sub("", self.tag)


class Releases:
    """Asks for releases and compares them with fixes. Threads may share it: at worst something is asked twice."""

    def __init__(self, name: str, *, prereleases: bool) -> None:
        """`prereleases` count only where a team wants them to."""
        self._name = name
        self._prereleases = prereleases
        self._compared: dict[tuple[str, str, Release], bool] = {}
        self._listed: dict[str, tuple[str, str, list[Json]]] = {}

    def first_with(self, client: GitHubClient, repository: str, fixes: Sequence[Fix]) -> Release | None:
        """Give the release published first that contains every fix, None where there is none or it can't be told.

        A fix that was picked into another branch has another commit there, and a fix in another repository is none of
        this one's: neither is found.
        """
        if not fixes or any(fix.repository.lower() != repository.lower() or not fix.sha for fix in fixes):
            return None
        began = max(fix.at for fix in fixes)
        for release in sorted(self._since(client, repository, began), key=lambda each: (each.published_at, each.tag)):
            if all(self._contains(client, repository, fix, release) for fix in fixes):
                return release
        return None

    def changed(self, client: GitHubClient, projects: Collection[str], cursor: str) -> tuple[frozenset[str], str]:
        """Say which projects may have had a release since the cursor, as the port has it.

        Answers change with every download, so what counts is the releases themselves. A project that can't be read
        has none; that it can't be read is said where its issues are. Raises DataError for a cursor that isn't ours.
        """
        seen = self._seen(cursor)
        released = set()
        for project in sorted(projects):
            before = seen.get(project)
            try:
                after = self._newest(client, project, before or ("", ""))
            except NotFoundError:
                continue
            seen[project] = after
            if before is None or before[1] != after[1]:
                released.add(project)
        return frozenset(released), json.dumps(seen, sort_keys=True)

    def _seen(self, cursor: str) -> dict[str, tuple[str, str]]:
        try:
            return {project: (str(etag), str(digest)) for project, (etag, digest) in json.loads(cursor or "{}").items()}
        except (ValueError, TypeError, AttributeError):
            raise DataError(f"The cursor kept for {self._name}'s releases can't be read: it isn't ours.") from None

    def _newest(self, client: GitHubClient, project: str, before: tuple[str, str]) -> tuple[str, str]:
        etag, digest = before
        response = client.get_changed(f"/repos/{project}/releases?per_page={NEWEST}", etag)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return before
        with client.understood(f"the releases of {project}"):
            shown = [
                (release.tag, release.published_at.isoformat())
                for release in self._read(as_objects(client.parsed(response)))
            ]
        digest = hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]
        return response.headers.get("ETag", ""), digest

    def _since(self, client: GitHubClient, repository: str, began: datetime) -> list[Release]:
        """Give the releases published since; they are listed by when they were made, the latest first."""
        what = f"the releases of {repository}"
        following, items = self._first_page(client, repository, what)
        found = self._published(client, items, what)
        if following and not _reaches(found, began):
            for page, _ in pages(client, client.get(following), what):
                found += self._published(client, page, what)
                if _reaches(found, began):
                    break
        return [release for release in found if release.published_at >= began]

    def _first_page(self, client: GitHubClient, repository: str, what: str) -> tuple[str, list[Json]]:
        """Give where the list goes on, and the items of its first page, which is asked for conditionally."""
        etag, following, items = self._listed.get(repository, ("", "", []))
        response = client.get_changed(f"/repos/{repository}/releases?per_page={PAGE}", etag)
        if response.status_code == HTTPStatus.NOT_MODIFIED:
            return following, items
        with client.understood(what):
            items = as_objects(client.parsed(response))
        following = response.links.get("next", {}).get("url", "")
        self._listed[repository] = (response.headers.get("ETag", ""), following, items)
        return following, items

    def _published(self, client: GitHubClient, items: Iterable[Json], what: str) -> list[Release]:
        with client.understood(what):
            return self._read(items)

    def _read(self, items: Iterable[Json]) -> list[Release]:
        return [
            Release(
                str(item["tag_name"]), instant_from_text(item["published_at"]), instant_from_text(item["created_at"])
            )
            for item in items
            if not item["draft"] and item["published_at"] and (self._prereleases or not item["prerelease"])
        ]

    def _contains(self, client: GitHubClient, repository: str, fix: Fix, release: Release) -> bool:
        """Compare with the fix as the base (apis.md, trap 13: the other way round passes what isn't in it)."""
        key = (repository, fix.sha, release)
        if key not in self._compared:
            ends = f"{quote(fix.sha, safe='')}...{quote(release.tag, safe='')}"
            try:
                response = client.get(f"/repos/{repository}/compare/{ends}?per_page=1")
            except NotFoundError:
                return False
            if len(self._compared) >= MOST_COMPARED:
                self._compared.clear()
            with client.understood(f"the commits of {repository}"):
                self._compared[key] = as_object(client.parsed(response))["status"] in CONTAINED
        return self._compared[key]


def _reaches(releases: Sequence[Release], began: datetime) -> bool:
    return bool(releases) and min(release.made_at for release in releases) < began
