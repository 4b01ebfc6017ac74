"""The commits of the seeded history: what fixed each bug, and what each release contains.

Nothing here is drawn by chance, so that the rest of the history stays what it was."""

from datetime import timedelta
from functools import partial

from bugbridge.sandbox.commits import add_commit
from bugbridge.sandbox.seed_bugs import HISTORY_START, midnight
from bugbridge.sandbox.seed_issues import published_at
from bugbridge.sandbox.world import GitHubEvent, GitHubIssue, Release, World

FIRST_COMMIT = HISTORY_START - timedelta(days=800)


def add_commits(world: World) -> None:
    """Write every repository's history: a commit or a merged pull request for each issue that was completed, and one
    commit a release, at the midnight (UTC) of its day. A release therefore contains just what was closed before."""
    for repository in world.issues:
        _write_history(world, repository)


def _write_history(world: World, repository: str) -> None:
    issues = [issue for issue in world.issues[repository].values() if not issue.pull_request]
    closings = [
        (event.at, event.id, partial(_fix, world, issue, event))
        for issue in issues
        for event in issue.events
        if event.kind == "closed" and event.state_reason == "completed"
    ]
    releases = [
        (midnight(release.on), release.id, partial(_tag, world, release)) for release in world.releases[repository]
    ]
    add_commit(world, repository, "Begin", FIRST_COMMIT)
    for _, _, write in sorted([*closings, *releases], key=lambda each: each[:2]):
        write()
    for found in world.issues[repository].values():
        if found.pull_request and found.closed_at and not found.merge_commit:
            found.merged_at = found.closed_at
            found.merge_commit = add_aside(world, found)


def add_aside(world: World, found: GitHubIssue) -> str:
    """The merge of a pull request that fixed no issue: it lies on no released line, as nobody asks for it."""
    first = next(iter(world.commits[found.repository]))
    at = found.closed_at or FIRST_COMMIT
    return add_commit(world, found.repository, f"{found.title} (#{found.number})", at, found.author, first).sha


def _tag(world: World, release: Release) -> None:
    commit = add_commit(world, release.repository, f"Release {release.version}", midnight(release.on))
    release.commit, release.published_at = commit.sha, published_at(release.on)


def _fix(world: World, issue: GitHubIssue, event: GitHubEvent) -> None:
    """Every other fix is a merged pull request, the rest are commits that name the issue."""
    if issue.number % 2:
        pull = add_pull_request(world, issue, event)
        event.pull = pull.reference
    else:
        commit = add_commit(world, issue.repository, f"{issue.title}\n\nFixes #{issue.number}", event.at, event.actor)
        event.commit = commit.sha


def add_pull_request(world: World, issue: GitHubIssue, closing: GitHubEvent) -> GitHubIssue:
    """A pull request that was merged at the instant of a closing, with the next free number of the repository."""
    number = max(world.issues[issue.repository]) + 1
    title = f"Fix: {issue.title}"
    opened = max(issue.created_at, closing.at - timedelta(hours=20))
    pull = GitHubIssue(
        world.new_id(),
        issue.repository,
        number,
        title,
        f"Fixes #{issue.number}",
        closing.actor,
        opened,
        pull_request=True,
    )
    commit = add_commit(world, issue.repository, f"{title} (#{number})", closing.at, closing.actor)
    pull.merge_commit, pull.merged_at = commit.sha, closing.at
    pull.events.append(GitHubEvent(world.new_id(), "closed", closing.at, closing.actor))
    world.issues[issue.repository][number] = pull
    return pull
