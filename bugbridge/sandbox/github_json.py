"""The world's issues as GitHub's REST API writes them."""

from bugbridge.sandbox.seed_bugs import midnight
from bugbridge.sandbox.wire import Json, digest, zulu
from bugbridge.sandbox.world import SEED_NOW, Commit, GitHubEvent, GitHubIssue, Release

SITE = "https://github.com"
REPOSITORY_ADDRESSES = (
    "archive",
    "assignees",
    "blobs",
    "branches",
    "collaborators",
    "comments",
    "commits",
    "compare",
    "contents",
    "contributors",
    "deployments",
    "downloads",
    "events",
    "forks",
    "git_commits",
    "git_refs",
    "git_tags",
    "hooks",
    "issue_comment",
    "issue_events",
    "issues",
    "keys",
    "labels",
    "languages",
    "merges",
    "milestones",
    "notifications",
    "pulls",
    "releases",
    "stargazers",
    "statuses",
    "subscribers",
    "subscription",
    "tags",
    "teams",
    "trees",
)
USER_ADDRESSES = (
    "events",
    "followers",
    "following",
    "gists",
    "organizations",
    "received_events",
    "repos",
    "starred",
    "subscriptions",
)


def number_of(text: str) -> int:
    """A stable number for a name, for ids that this world does not keep."""
    return int(digest(text)[:7], 16)


def node(kind: str, number: int) -> str:
    """A GraphQL node id."""
    return f"{kind}_{digest(kind, number)[:12]}"


def user(base: str, login: str) -> Json:
    """A simple user."""
    number = number_of(login)
    address = f"{base}/users/{login}"
    return {
        "login": login,
        "id": number,
        "node_id": node("U", number),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{number}",
        "gravatar_id": "",
        "url": address,
        "html_url": f"{SITE}/{login}",
        "type": "User",
        "site_admin": False,
        **{f"{name}_url": f"{address}/{name}" for name in USER_ADDRESSES},
    }


def own_user(base: str, login: str) -> Json:
    """The signed-in user, as GET /user shows it."""
    created = zulu(SEED_NOW)
    nothing = dict.fromkeys(("bio", "blog", "company", "email", "hireable", "location"))
    counts = dict.fromkeys(("followers", "following", "public_gists", "public_repos"), 0)
    return {**user(base, login), "name": login, **nothing, **counts, "created_at": created, "updated_at": created}


def label(base: str, repository: str, name: str) -> Json:
    """A label."""
    number = number_of(f"{repository}/{name}")
    address = f"{base}/repos/{repository}/labels/{name.replace(' ', '%20')}"
    return {
        "id": number,
        "node_id": node("LA", number),
        "url": address,
        "name": name,
        "description": None,
        "color": "d73a4a",
        "default": name == "bug",
    }


def issue(base: str, found: GitHubIssue) -> Json:
    """An issue or pull request, as lists and single look-ups show it."""
    address = f"{base}/repos/{found.repository}/issues/{found.number}"
    kind = "pull" if found.pull_request else "issues"
    page = f"{SITE}/{found.repository}/{kind}/{found.number}"
    assignees = [user(base, login) for login in found.assignees]
    change = found.last_state_change
    body: Json = {
        "id": found.id,
        "node_id": node("I", found.id),
        "url": address,
        "repository_url": f"{base}/repos/{found.repository}",
        "labels_url": f"{address}/labels{{/name}}",
        "comments_url": f"{address}/comments",
        "events_url": f"{address}/events",
        "timeline_url": f"{address}/timeline",
        "html_url": page,
        "number": found.number,
        "title": found.title,
        "body": found.body or None,
        "user": user(base, found.author),
        "labels": [label(base, found.repository, name) for name in found.labels],
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "milestone": None,
        "locked": found.locked,
        "active_lock_reason": None,
        "comments": len(found.comments),
        "state": "closed" if found.closed_at else "open",
        "state_reason": found.state_reason,
        "created_at": zulu(found.created_at),
        "updated_at": zulu(found.updated_at),
        "closed_at": zulu(found.closed_at),
        "closed_by": user(base, change.actor) if change and found.closed_at else None,
        "author_association": "MEMBER",
        "performed_via_github_app": None,
    }
    if found.pull_request:
        pull = {"url": f"{base}/repos/{found.repository}/pulls/{found.number}", "html_url": page}
        body["pull_request"] = {
            **pull,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "merged_at": zulu(found.merged_at),
        }
    return body


def comment(base: str, found: GitHubIssue, event: GitHubEvent) -> Json:
    """A comment of an issue."""
    return {
        "id": event.id,
        "node_id": node("IC", event.id),
        "url": f"{base}/repos/{found.repository}/issues/comments/{event.id}",
        "html_url": f"{SITE}/{found.repository}/issues/{found.number}#issuecomment-{event.id}",
        "issue_url": f"{base}/repos/{found.repository}/issues/{found.number}",
        "user": user(base, event.actor),
        "author_association": "MEMBER",
        "performed_via_github_app": None,
        "body": event.body,
        "created_at": zulu(event.at),
        "updated_at": zulu(event.edited_at or event.at),
    }


def event(base: str, found: GitHubIssue, happened: GitHubEvent) -> Json:
    """One entry of the timeline; comments are entries too."""
    if happened.kind == "commented":
        return {**comment(base, found, happened), "event": "commented", "actor": user(base, happened.actor)}
    body: Json = {
        "id": happened.id,
        "node_id": node("E", happened.id),
        "url": f"{base}/repos/{found.repository}/issues/events/{happened.id}",
        "actor": user(base, happened.actor),
        "event": happened.kind,
        "commit_id": happened.commit,
        "commit_url": f"{base}/repos/{found.repository}/commits/{happened.commit}" if happened.commit else None,
        "created_at": zulu(happened.at),
        "performed_via_github_app": None,
    }
    if happened.kind in {"closed", "reopened"}:
        body["state_reason"] = happened.state_reason
    if happened.label:
        body["label"] = {"name": happened.label, "color": "d73a4a"}
    if happened.assignee:
        body["assignee"] = user(base, happened.assignee)
    return body


def pull_request(base: str, found: GitHubIssue) -> Json:
    """A pull request, with what a client asks of it: whether and as what it was merged."""
    body = issue(base, found)
    shown = (
        "id",
        "node_id",
        "number",
        "title",
        "body",
        "user",
        "state",
        "created_at",
        "updated_at",
        "closed_at",
        "html_url",
        "locked",
    )
    return {
        **{name: body[name] for name in shown},
        "url": f"{base}/repos/{found.repository}/pulls/{found.number}",
        "issue_url": body["url"],
        "merged": found.merge_commit is not None,
        "merged_at": zulu(found.merged_at),
        "merge_commit_sha": found.merge_commit,
        "draft": False,
    }


def repository(base: str, name: str, number: int, open_issues: int) -> Json:
    """A repository in full; its id outlives its name."""
    owner, short = name.split("/")
    page, address = f"{SITE}/{name}", f"{base}/repos/{name}"
    counts = (
        "forks",
        "forks_count",
        "size",
        "stargazers_count",
        "watchers",
        "watchers_count",
        "network_count",
        "subscribers_count",
    )
    switches = ("has_projects", "has_wiki", "has_pages", "has_discussions", "fork", "archived", "disabled")
    nothing = ("description", "homepage", "language", "mirror_url", "license")
    return {
        "id": number,
        "node_id": node("R", number),
        "name": short,
        "full_name": name,
        "owner": {**user(base, owner), "type": "Organization"},
        "private": True,
        "html_url": page,
        "url": address,
        **{f"{part}_url": f"{address}/{part}" for part in REPOSITORY_ADDRESSES},
        "clone_url": f"{page}.git",
        "git_url": f"git://github.com/{name}.git",
        "ssh_url": f"git@github.com:{name}.git",
        "svn_url": page,
        "default_branch": "main",
        "has_issues": True,
        **dict.fromkeys(switches, False),
        **dict.fromkeys(counts, 0),
        **dict.fromkeys(nothing),
        "open_issues": open_issues,
        "open_issues_count": open_issues,
        **dict.fromkeys(("pushed_at", "created_at", "updated_at"), zulu(SEED_NOW)),
    }


def commit(base: str, repository: str, found: Commit) -> Json:
    """A commit."""
    address = f"{base}/repos/{repository}/commits"
    person = {"name": found.author, "email": f"{found.author}@acme.example", "date": zulu(found.at)}
    parents = [found.parent] if found.parent else []
    return {
        "sha": found.sha,
        "node_id": node("C", number_of(found.sha)),
        "url": f"{address}/{found.sha}",
        "html_url": f"{SITE}/{repository}/commit/{found.sha}",
        "comments_url": f"{address}/{found.sha}/comments",
        "commit": {"message": found.message, "author": person, "committer": person, "comment_count": 0},
        "author": user(base, found.author),
        "committer": user(base, found.author),
        "parents": [{"sha": sha, "url": f"{address}/{sha}"} for sha in parents],
    }


def release(base: str, found: Release) -> Json:
    """A release; a draft has no publication."""
    at = zulu(found.published_at)
    address = f"{base}/repos/{found.repository}/releases"
    return {
        "id": found.id,
        "node_id": node("RE", found.id),
        "url": f"{address}/{found.id}",
        "assets_url": f"{address}/{found.id}/assets",
        "upload_url": f"{address}/{found.id}/assets{{?name,label}}",
        "html_url": f"{SITE}/{found.repository}/releases/tag/{found.tag}",
        "tag_name": found.tag,
        "target_commitish": "main",
        "name": found.version,
        "body": "",
        "draft": found.draft,
        "prerelease": found.prerelease,
        "created_at": at or zulu(midnight(found.on)),
        "published_at": at,
        "author": user(base, "octavia"),
        "assets": [],
        "tarball_url": None,
        "zipball_url": None,
    }
