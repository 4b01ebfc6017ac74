"""What engineers do in Jira while it is served, and what clients write there; hooks hear of it."""

from datetime import date

from bugbridge.sandbox import hooks, jira_json
from bugbridge.sandbox.commits import ENGINEER
from bugbridge.sandbox.github_json import number_of
from bugbridge.sandbox.seed_issues import RESOLUTION_IDS, STATUS_IDS
from bugbridge.sandbox.wire import Json
from bugbridge.sandbox.world import JiraChange, JiraComment, JiraIssue, JiraVersion, RemoteLink, UnknownError, World

HIDDEN = 404
Side = tuple[str | None, str | None]


def release_version(world: World, project: str, version: str, on: date | None = None) -> JiraVersion:
    """Publish a Jira version, today by the servers' clock unless told otherwise.

    As in Jira itself, the issues of that version are not touched: their `updated` stays what it was."""
    found = world.version(project, version)
    found.released = True
    found.release_date = on or world.now().date()
    shown = jira_json.version(world.addresses.get("jira", ""), found)
    hooks.tell_jira_of(world, "jira:version_released", {"version": shown})
    return found


def add_version(world: World, project: str, name: str, release_date: date | None = None) -> JiraVersion:
    """Plan another version of a project."""
    version = JiraVersion(world.new_id(), project, name, released=False, release_date=release_date)
    world.versions[project].append(version)
    return version


def transition_issue(
    world: World, key: str, status: str, resolution: str | None = None, fix_versions: list[str] | None = None
) -> JiraIssue:
    """Move a Jira issue to `To Do`, `In Progress` or `Done`; leaving `Done` clears its resolution."""
    if status not in STATUS_IDS or (resolution is not None and resolution not in RESOLUTION_IDS):
        raise UnknownError(f"{status} {resolution}")
    issue, now, known = world.jira_issue(key), world.moment(), len(world.jira_issue(key).changes)
    if status != issue.status:
        _log(world, issue, "status", (STATUS_IDS[issue.status], issue.status), (STATUS_IDS[status], status))
    if resolution != issue.resolution:
        _log(world, issue, "resolution", _resolution(issue.resolution), _resolution(resolution))
        issue.resolved_at = now if resolution else None
    for name in fix_versions or []:
        _log(world, issue, "Fix Version", (None, None), (str(world.version(issue.project, name).id), name))
        issue.fix_versions.append(name)
    issue.status, issue.resolution = status, resolution
    return _updated(world, issue, known)


def _resolution(name: str | None) -> Side:
    return RESOLUTION_IDS.get(name or ""), name


def _log(world: World, issue: JiraIssue, field_name: str, before: Side, after: Side) -> None:
    issue.changes.append(JiraChange(world.new_id(), world.moment(), ENGINEER, field_name, before, after))


def _updated(world: World, issue: JiraIssue, known: int) -> JiraIssue:
    """Note that an issue changed, and tell of the changes that were not `known` before."""
    issue.updated_at = world.moment()
    hooks.tell_jira(world, issue, "jira:issue_updated", issue.changes[known:])
    return issue


def set_fix_versions(world: World, key: str, names: list[str]) -> JiraIssue:
    """Let an issue have just these versions."""
    issue, known = world.jira_issue(key), len(world.jira_issue(key).changes)
    ids = {version.name: str(version.id) for version in world.versions[issue.project]}
    for name in [name for name in issue.fix_versions if name not in names]:
        _log(world, issue, "Fix Version", (ids[name], name), (None, None))
    for name in [name for name in names if name not in issue.fix_versions]:
        _log(world, issue, "Fix Version", (None, None), (str(world.version(issue.project, name).id), name))
    issue.fix_versions = list(names)
    return _updated(world, issue, known)


def set_labels(world: World, key: str, labels: list[str]) -> JiraIssue:
    """Let an issue have just these labels."""
    issue, known = world.jira_issue(key), len(world.jira_issue(key).changes)
    if list(issue.labels) == labels:
        return issue
    _log(world, issue, "labels", (None, " ".join(issue.labels)), (None, " ".join(labels)))
    issue.labels = tuple(labels)
    return _updated(world, issue, known)


def set_duplicate(world: World, key: str, survivor: str | None) -> JiraIssue:
    """Link an issue as a duplicate of another, or as one no more; the link alone resolves nothing."""
    issue, known = world.jira_issue(key), len(world.jira_issue(key).changes)
    before, after = issue.duplicate_of, world.jira_issue(survivor).key if survivor else None
    texts = [(other, f"This issue duplicates {other}") if other else (None, None) for other in (before, after)]
    _log(world, issue, "Link", texts[0], texts[1])
    issue.duplicate_of = after
    return _updated(world, issue, known)


def move_issue(world: World, key: str, project: str) -> JiraIssue:
    """Move an issue to another project, where it has the next number; it loses its versions, and keeps its id."""
    if project not in world.versions:
        raise UnknownError(project)
    issue, known = world.jira_issue(key), len(world.jira_issue(key).changes)
    old, taken = issue.key, [each.number for each in world.jira_issues.values() if each.project == project]
    before = (str(number_of(issue.project)), issue.project)
    del world.jira_issues[old]
    issue.project, issue.number, issue.fix_versions = project, max(taken, default=0) + 1, []
    world.jira_issues[issue.key] = issue
    for former, present in world.moved.items():
        world.moved[former] = issue.key if present == old else present
    world.moved[old] = issue.key
    for other in world.jira_issues.values():
        other.duplicate_of = issue.key if other.duplicate_of == old else other.duplicate_of
    _log(world, issue, "project", before, (str(number_of(project)), project))
    _log(world, issue, "Key", (None, old), (None, issue.key))
    return _updated(world, issue, known)


def delete_issue(world: World, key: str) -> None:
    """Delete an issue: from now on nobody can tell it from one that never was."""
    issue = world.jira_issue(key)
    hooks.tell_jira(world, issue, "jira:issue_deleted", [])
    world.gone[issue.key] = HIDDEN


def hide_issue(world: World, key: str, *, hidden: bool) -> None:
    """Take an issue out of the account's sight, or back into it."""
    if hidden:
        world.gone[world.jira_issue(key).key] = HIDDEN
    else:
        world.gone.pop(key, None)


def add_comment(world: World, key: str, author: str, body: object) -> JiraComment:
    """Write a comment on a Jira issue; `body` is a document in version 3, text in version 2."""
    issue, now = world.jira_issue(key), world.moment()
    comment = JiraComment(world.new_id(), author, body, now, now)
    issue.comments.append(comment)
    issue.updated_at = now
    hooks.tell_jira(world, issue, "comment_created", [], {"comment": {"id": str(comment.id)}})
    return comment


def edit_comment(world: World, key: str, number: int, body: object) -> JiraComment:
    """Put other words in the place of a comment's; UnknownError where there is none."""
    issue = world.jira_issue(key)
    for comment in issue.comments:
        if comment.id == number:
            comment.body, comment.updated_at, issue.updated_at = body, world.moment(), world.moment()
            hooks.tell_jira(world, issue, "comment_updated", [], {"comment": {"id": str(number)}})
            return comment
    raise UnknownError(str(number))


def delete_comment(world: World, key: str, number: int) -> JiraIssue:
    """Take a comment away; UnknownError where there is none."""
    issue = world.jira_issue(key)
    kept = [comment for comment in issue.comments if comment.id != number]
    if len(kept) == len(issue.comments):
        raise UnknownError(str(number))
    issue.comments, issue.updated_at = kept, world.moment()
    hooks.tell_jira(world, issue, "comment_deleted", [], {"comment": {"id": str(number)}})
    return issue


def put_remote_link(world: World, key: str, asked: Json) -> tuple[RemoteLink, bool]:
    """Write a remote link; one of the same globalId is replaced whole, so that what is left out becomes null.

    Tells whether it is new."""
    issue, known = world.jira_issue(key), len(world.jira_issue(key).changes)
    identity, shown = asked.get("globalId"), asked["object"]
    link = next((each for each in issue.remote_links if identity and each.global_id == identity), None)
    is_new = link is None
    if link is None:
        link = RemoteLink(world.new_id(), identity, None, None, {})
        issue.remote_links.append(link)
        _log(world, issue, "RemoteIssueLink", (None, None), (str(link.id), f"This issue links to {shown['title']!r}"))
    link.application, link.relationship, link.object = asked.get("application"), asked.get("relationship"), shown
    _updated(world, issue, known)
    return link, is_new
