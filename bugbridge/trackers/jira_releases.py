"""Which of Jira's projects had a release: it changes no issue, so their versions are looked at."""

import hashlib
import json
from collections.abc import Collection
from http import HTTPStatus

from bugbridge.core.errors import NotFoundError
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.jira_client import ForbiddenError, JiraClient

Kept = dict[str, dict[str, str]]
"""By project: `digest` of its released versions, and `etag` where Jira gave one."""


def projects_released(client: JiraClient, projects: Collection[str], cursor: str) -> tuple[frozenset[str], str]:
    """Name the projects whose released versions aren't those of the cursor, with one request a project.

    A cursor that can't be read counts as none, which costs reading again and loses nothing. So does a project that
    can't be read: reading its issues says what is wrong with it, and doesn't keep the others waiting.
    """
    kept = _read(cursor)
    released = {project for project in sorted(projects) if _has_released(client, project, kept)}
    return frozenset(released), json.dumps(kept, sort_keys=True)


def _read(cursor: str) -> Kept:
    try:
        return {
            str(project): {str(name): str(value) for name, value in as_object(entry).items()}
            for project, entry in as_object(json.loads(cursor or "{}")).items()
        }
    except (ValueError, TypeError):
        return {}


def _has_released(client: JiraClient, project: str, kept: Kept) -> bool:
    before = kept.get(project, {})
    try:
        response = client.get_changed(client.path(f"project/{project}/versions"), before.get("etag", ""))
    except (NotFoundError, ForbiddenError):
        kept.pop(project, None)
        return True
    if response.status_code == HTTPStatus.NOT_MODIFIED:
        return False
    with client.understood(f"the versions of {project}"):
        digest = _digest(as_objects(client.parsed(response)))
    etag = response.headers.get("ETag", "")
    kept[project] = {"digest": digest} | ({"etag": etag} if etag else {})
    return digest != before.get("digest")


def _digest(versions: list[Json]) -> str:
    """Plans don't count: only what is released, under which name, and when."""
    released = sorted(
        [str(version["id"]), str(version["name"]), str(version.get("releaseDate") or "")]
        for version in versions
        if version.get("released")
    )
    return hashlib.sha256(json.dumps(released).encode()).hexdigest()[:16]
