"""What engineers do at GitHub while it is served; hooks hear of it."""

from bugbridge.sandbox import github_json, hooks
from bugbridge.sandbox.commits import ENGINEER, add_commit, resolve
from bugbridge.sandbox.seed_commits import add_pull_request
from bugbridge.sandbox.world import GitHubEvent, GitHubIssue, Release, UnknownError, World

OWN_LOGIN = "bugbridge-bot"
GONE = 410
HIDDEN = 404


def _happen(world: World, issue: GitHubIssue, event: GitHubEvent) -> GitHubEvent:
    issue.events.append(event)
    hooks.tell_event(world, issue, event)
    return event


def _event(world: World, kind: str, actor: str) -> GitHubEvent:
    return GitHubEvent(world.new_id(), kind, world.moment(), actor)


def close_issue(world: World, reference: str, state_reason: str = "completed", actor: str = ENGINEER) -> GitHubIssue:
    """Close a GitHub issue by hand for `completed`, `not_planned` or `duplicate`."""
    issue = world.issue(reference)
    if issue.closed_at is None:
        event = _event(world, "closed", actor)
        event.state_reason = state_reason
        _happen(world, issue, event)
    return issue


def fix_issue(world: World, reference: str, by: str = "pull") -> GitHubIssue:
    """Close a GitHub issue as completed by what fixed it: a merged `pull` request, or a `commit` that names it."""
    issue = world.issue(reference)
    if issue.closed_at is not None:
        return issue
    event = _event(world, "closed", ENGINEER)
    event.state_reason = "completed"
    if by == "commit":
        message = f"{issue.title}\n\nFixes #{issue.number}"
        event.commit = add_commit(world, issue.repository, message, event.at).sha
    else:
        event.pull = add_pull_request(world, issue, event).reference
    _happen(world, issue, event)
    return issue


def reopen_issue(world: World, reference: str, actor: str = ENGINEER) -> GitHubIssue:
    """Open a closed GitHub issue again."""
    issue = world.issue(reference)
    if issue.closed_at is not None:
        _happen(world, issue, _event(world, "reopened", actor))
    return issue


def mark_duplicate(world: World, reference: str, survivor: str) -> GitHubIssue:
    """Mark an issue as a duplicate of another, which may lie in another repository, and close it for that."""
    issue, other = world.issue(reference), world.issue(survivor)
    mark = _event(world, "marked_as_duplicate", ENGINEER)
    mark.other = other.reference
    _happen(world, issue, mark)
    return close_issue(world, reference, "duplicate")


def comment_issue(world: World, reference: str, body: str, actor: str = ENGINEER) -> GitHubEvent:
    """Write a comment on a GitHub issue."""
    issue, event = world.issue(reference), _event(world, "commented", actor)
    event.body = body
    issue.events.append(event)
    hooks.tell_comment(world, issue, event, "created")
    return event


def find_comment(world: World, repository: str, number: int) -> tuple[GitHubIssue, GitHubEvent]:
    """A comment of a repository by its id, with its issue; UnknownError where there is none."""
    for issue in world.issues[repository].values():
        for event in issue.comments:
            if event.id == number:
                return issue, event
    raise UnknownError(str(number))


def edit_comment(world: World, repository: str, number: int, body: str) -> tuple[GitHubIssue, GitHubEvent]:
    """Put other words in the place of a comment's."""
    issue, event = find_comment(world, repository, number)
    event.body, event.edited_at = body, world.moment()
    hooks.tell_comment(world, issue, event, "edited")
    return issue, event


def delete_comment(world: World, repository: str, number: int) -> GitHubIssue:
    """Take a comment away."""
    issue, event = find_comment(world, repository, number)
    issue.events.remove(event)
    issue.comment_deleted_at = world.moment()
    hooks.tell_comment(world, issue, event, "deleted")
    return issue


def change_label(world: World, reference: str, label: str, *, add: bool, actor: str = ENGINEER) -> GitHubIssue:
    """Add a label to an issue, or take it off; nothing happens where that is so already."""
    issue = world.issue(reference)
    if (label in issue.labels) != add:
        event = _event(world, "labeled" if add else "unlabeled", actor)
        event.label = label
        _happen(world, issue, event)
    return issue


def assign(world: World, reference: str, login: str, *, add: bool) -> GitHubIssue:
    """Assign an issue to somebody, or to somebody no more."""
    issue = world.issue(reference)
    if (login in issue.assignees) != add:
        event = _event(world, "assigned" if add else "unassigned", ENGINEER)
        event.assignee = login
        _happen(world, issue, event)
    return issue


def release_repository(
    world: World, repository: str, version: str, *, draft: bool = False, prerelease: bool = False, at: str = "main"
) -> Release:
    """Release what `at` names (a branch, a tag, a sha). As at GitHub no issue is touched; a draft has no tag yet.

    A draft of that version is published instead of releasing again."""
    found = next((each for each in world.releases[repository] if each.version == version), None)
    if found is None:
        found = Release(world.new_id(), repository, version, world.now().date())
        world.releases[repository].append(found)
    found.draft, found.prerelease, found.commit = draft, prerelease, resolve(world, repository, at)
    found.published_at = None if draft else world.moment()
    hooks.tell_release(world, found, "created" if draft else "published", ENGINEER)
    return found


def rename_repository(world: World, old: str, new: str) -> None:
    """Give a repository another name or owner; its old names lead to it from now on."""
    if old not in world.issues or new in world.issues:
        raise UnknownError(f"{old} {new}")
    for former, present in world.renamed.items():
        if present == old:
            world.renamed[former] = new
    world.renamed[old] = new
    world.renamed.pop(new, None)
    world.issues[new], world.releases[new] = world.issues.pop(old), world.releases.pop(old)
    world.commits[new], world.heads[new] = world.commits.pop(old), world.heads.pop(old)
    for issue in world.issues[new].values():
        issue.repository = new
    for release in world.releases[new]:
        release.repository = new
    _follow(world, f"{old}#", f"{new}#")


def _follow(world: World, old: str, new: str) -> None:
    """Let everything that names an issue by what it was called go on to name it."""

    def present(reference: str | None) -> str | None:
        named = reference and (reference == old or (old.endswith("#") and reference.startswith(old)))
        return new + reference[len(old) :] if reference and named else reference

    events = [event for issues in world.issues.values() for issue in issues.values() for event in issue.events]
    for event in events:
        if event.kind != "transferred":
            event.pull, event.other = present(event.pull), present(event.other)
    world.moved.update({former: str(present(now)) for former, now in world.moved.items()})
    world.gone = {str(present(reference)): status for reference, status in world.gone.items()}


def transfer_issue(world: World, reference: str, repository: str) -> GitHubIssue:
    """Move an issue to another repository, where it has the next free number."""
    issue = world.issue(reference)
    before = github_json.issue(world.addresses.get("github", ""), issue)
    event = _event(world, "transferred", ENGINEER)
    event.other = issue.repository
    del world.issues[issue.repository][issue.number]
    issue.repository, issue.number = repository, max(world.issues[repository], default=0) + 1
    world.issues[repository][issue.number] = issue
    _follow(world, reference, issue.reference)
    world.moved[reference] = issue.reference
    issue.events.append(event)
    hooks.tell_transfer(world, issue, before, ENGINEER)
    return issue


def delete_issue(world: World, reference: str) -> None:
    """Delete an issue: it is answered 410 from now on."""
    hooks.tell_issue(world, world.issue(reference), "deleted", ENGINEER)
    world.gone[reference] = GONE


def hide_issue(world: World, reference: str, *, hidden: bool) -> None:
    """Take an issue out of the token's sight (404, as if there were none), or back into it."""
    if hidden:
        world.issue(reference)
        world.gone[reference] = HIDDEN
    elif world.gone.get(reference) == HIDDEN:
        del world.gone[reference]


def convert_to_discussion(world: World, reference: str, status: int | None = None) -> GitHubIssue:
    """Turn an issue into a discussion. GitHub goes on to serve it, closed and locked, and says so in its timeline;
    older servers answer `status` (404 or 410) instead."""
    issue = close_issue(world, reference, "not_planned")
    issue.locked = True
    _happen(world, issue, _event(world, "converted_to_discussion", ENGINEER))
    _happen(world, issue, _event(world, "locked", ENGINEER))
    if status is not None:
        world.gone[reference] = status
    return issue
