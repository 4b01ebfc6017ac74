"""A small world of two repositories for tests, in which engineers do one thing an hour."""

from datetime import UTC, datetime
from typing import Any

import requests

from bugbridge.sandbox import github_changes, sign_in
from bugbridge.sandbox.seed_commits import add_commits
from bugbridge.sandbox.server import Sandbox
from bugbridge.sandbox.world import GitHubIssue, Release, World
from bugbridge.trackers.github import GitHub, GitHubOptions

APP, API = "acme/app", "acme/api"


def small_world() -> World:
    """No issues yet, and a release of each repository."""
    world = World(seed=0, issues={APP: {}, API: {}}, releases={APP: [], API: []})
    add_commits(world)
    for repository in (APP, API):
        github_changes.release_repository(world, repository, "0.1")
    return world


def tracker_of(sandbox: Sandbox, *, has_graphql: bool = True, **options: Any) -> GitHub:
    """A tracker of both repositories, which sleeps no real time."""
    values = {"token": sign_in.GITHUB_KEY, "api_url": sandbox.github_url, **options}
    tracker = GitHub(GitHubOptions("github", (APP, API), **values), sleep=lambda _: None)
    tracker._has_graphql = has_graphql
    return tracker


def asked(sandbox: Sandbox) -> list[tuple[str, str, int]]:
    """What GitHub was asked, as method, path and status.

    The sandbox writes a request down once it is answered; one more round lets it catch up.
    """
    headers = {"Authorization": f"Bearer {sign_in.GITHUB_KEY}"}
    requests.get(f"{sandbox.github_url}/rate_limit", headers=headers, timeout=10)
    return [request for request in sandbox.traffic("github").requests if request[1] != "/rate_limit"]


class Engineers:
    """What they do, each thing an hour after the one before; every method gives when it happened (UTC)."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reference = ""
        """The present reference of the issue in question, as the servers write it."""
        self.asked = ""
        """The reference that it had first."""

    def later(self) -> datetime:
        self.world.advance(3600)
        return self.world.moment()

    def new_issue(self, repository: str = APP) -> datetime:
        at, numbers = self.later(), self.world.issues[repository]
        left = [int(moved.partition("#")[2]) for moved in self.world.moved]  # GitHub gives no number twice
        number = max([*numbers, *left], default=0) + 1
        numbers[number] = GitHubIssue(self.world.new_id(), repository, number, "It breaks", "", "octavia", at)
        self.reference = self.asked = f"{repository}#{number}"
        return at

    def happened(self) -> datetime:
        """When the latest event of the issue was."""
        return self.world.issue(self.reference).events[-1].at

    def close(self, reason: str) -> datetime:
        self.later()
        github_changes.close_issue(self.world, self.reference, reason)
        return self.happened()

    def fix(self, by: str) -> datetime:
        self.later()
        github_changes.fix_issue(self.world, self.reference, by)
        return self.happened()

    def duplicate(self, survivor: str) -> datetime:
        self.later()
        github_changes.comment_issue(self.world, self.reference, f"Duplicate of {survivor}")
        github_changes.mark_duplicate(self.world, self.reference, survivor)
        return self.happened()

    def reopen(self) -> datetime:
        self.later()
        github_changes.reopen_issue(self.world, self.reference)
        return self.happened()

    def transfer(self, repository: str) -> datetime:
        self.later()
        self.reference = github_changes.transfer_issue(self.world, self.reference, repository).reference
        return self.happened()

    def release(self, version: str, *, draft: bool = False, prerelease: bool = False, at: str = "main") -> datetime:
        self.later()
        repository = self.reference.partition("#")[0]
        made = github_changes.release_repository(
            self.world, repository, version, draft=draft, prerelease=prerelease, at=at
        )
        return published(made)


def published(release: Release) -> datetime:
    """When a release was published; a draft never."""
    return release.published_at or datetime.max.replace(tzinfo=UTC)
