"""Each repository's commits: one line of history, what was picked onto another, and what a tag contains."""

from datetime import datetime

from bugbridge.sandbox.wire import digest
from bugbridge.sandbox.world import Commit, Release, UnknownError, World

ENGINEER = "octavia"


def add_commit(
    world: World, repository: str, message: str, at: datetime, author: str = ENGINEER, parent: str | None = None
) -> Commit:
    """Commit onto `main`, or onto `parent` beside it."""
    known = world.commits.setdefault(repository, {})
    before = parent or world.heads.get(repository)
    commit = Commit(digest(repository, before, message, at), before, at, message, author)
    known[commit.sha] = commit
    if parent is None:
        world.heads[repository] = commit.sha
    return commit


def cherry_pick(world: World, repository: str, sha: str, onto: str) -> Commit:
    """The same change under another sha, on what `onto` (a tag, a sha or `main`) names; `main` itself stays."""
    original = world.commits[repository][resolve(world, repository, sha)]
    base = resolve(world, repository, onto)
    picked = add_commit(world, repository, original.message, world.moment(), original.author, parent=base)
    picked.picked_from = original.sha
    return picked


def resolve(world: World, repository: str, name: str) -> str:
    """The sha that a branch, a tag or the beginning of a sha names; UnknownError where there is none."""
    if name == "main" and repository in world.heads:
        return world.heads[repository]
    tagged = [release for release in world.releases.get(repository, []) if _has_tag(release)]
    found = [release.commit for release in tagged if name in {release.tag, f"refs/tags/{release.tag}"}]
    if len(name) >= 7:
        found += [sha for sha in world.commits.get(repository, {}) if sha.startswith(name)]
    if not found:
        raise UnknownError(name)
    return found[0]


def _has_tag(release: Release) -> bool:
    return bool(release.commit) and not release.draft


def history(world: World, repository: str, sha: str) -> list[str]:
    """A commit and all before it, newest first."""
    known, found = world.commits[repository], []
    following: str | None = sha
    while following:
        found.append(following)
        following = known[following].parent
    return found


def compare(world: World, repository: str, base: str, head: str) -> tuple[str, list[str], int]:
    """How `head` lies to `base`: GitHub's word for it, the commits that only `head` has (oldest first), and how many
    only `base` has."""
    ours = history(world, repository, resolve(world, repository, head))
    theirs = history(world, repository, resolve(world, repository, base))
    ahead = [sha for sha in reversed(ours) if sha not in set(theirs)]
    behind = len(set(theirs) - set(ours))
    status = "diverged" if ahead and behind else "ahead" if ahead else "behind" if behind else "identical"
    return status, ahead, behind
