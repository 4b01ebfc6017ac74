"""The world's issues as GitHub's GraphQL schema has them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from bugbridge.sandbox.github_json import SITE, node, number_of
from bugbridge.sandbox.graphql_running import Fields, NotFound, QueryError, Running, connection
from bugbridge.sandbox.limits import Quota
from bugbridge.sandbox.wire import Json, zulu
from bugbridge.sandbox.world import GitHubEvent, GitHubIssue, UnknownError, World

EVENT_TYPES = {
    "assigned": "AssignedEvent",
    "closed": "ClosedEvent",
    "commented": "IssueComment",
    "converted_to_discussion": "ConvertedToDiscussionEvent",
    "labeled": "LabeledEvent",
    "locked": "LockedEvent",
    "marked_as_duplicate": "MarkedAsDuplicateEvent",
    "reopened": "ReopenedEvent",
    "transferred": "TransferredEvent",
    "unassigned": "UnassignedEvent",
    "unlabeled": "UnlabeledEvent",
    "unmarked_as_duplicate": "UnmarkedAsDuplicateEvent",
}
ITEM_TYPES = {re.sub(r"(?<!^)(?=[A-Z])", "_", name).upper() for name in EVENT_TYPES.values()} | {
    "ADDED_TO_PROJECT_EVENT", "CONNECTED_EVENT", "CROSS_REFERENCED_EVENT", "DEMILESTONED_EVENT", "DISCONNECTED_EVENT",
    "MENTIONED_EVENT", "MILESTONED_EVENT", "PINNED_EVENT", "REFERENCED_EVENT", "RENAMED_TITLE_EVENT",
    "SUBSCRIBED_EVENT", "UNLOCKED_EVENT", "UNPINNED_EVENT", "UNSUBSCRIBED_EVENT",
}  # fmt: skip


def user(login: str) -> Fields:
    """A user."""
    number = number_of(login)
    shown = {"login": login, "id": node("U", number), "databaseId": number, "url": f"{SITE}/{login}"}
    return {"__typename": "User", "__interfaces": ("Actor", "Node"), **shown}


def _label(name: str) -> Fields:
    return {"__typename": "Label", "id": node("LA", number_of(name)), "name": name, "color": "d73a4a"}


def _reason(reason: str | None) -> Callable[[Running, Json], str | None]:
    """GitHub says DUPLICATE only to those who ask for it; to all others it is NOT_PLANNED."""

    def said(_: Running, arguments: Json) -> str | None:
        known = reason == "duplicate" and not arguments.get("enableDuplicate")
        return "NOT_PLANNED" if known else reason.upper() if reason else None

    return said


def _commit(world: World, repository: str, sha: str) -> Fields:
    found = world.commits.get(repository, {}).get(sha)
    facts = {"oid": sha, "abbreviatedOid": sha[:7], "id": node("C", number_of(sha))}
    facts |= {"url": f"{SITE}/{repository}/commit/{sha}", "message": found.message if found else ""}
    here = {"repository": lambda *_: repository_of(world, repository)}
    committed = zulu(found.at) if found else None
    return {"__typename": "Commit", "__interfaces": ("Node",), **facts, **here, "committedDate": committed}


def pull_request(world: World, found: GitHubIssue) -> Fields:
    """A pull request and the commit it was merged as."""
    merged = found.merge_commit
    state = "MERGED" if merged else "CLOSED" if found.closed_at else "OPEN"
    here = repository_of(world, found.repository)
    return {
        "__typename": "PullRequest",
        "__interfaces": ("Node", "Closable"),
        "id": node("PR", found.id),
        "databaseId": found.id,
        "number": found.number,
        "title": found.title,
        "url": f"{SITE}/{found.repository}/pull/{found.number}",
        "state": state,
        "closed": found.closed_at is not None,
        "closedAt": zulu(found.closed_at),
        "createdAt": zulu(found.created_at),
        "merged": merged is not None,
        "mergedAt": zulu(found.merged_at),
        "mergeCommit": _commit(world, found.repository, merged) if merged else None,
        "baseRefName": "main",
        "baseRepository": here,
        "repository": here,
    }


def _either(world: World, reference: str) -> Fields:
    found = world.issue(reference)
    return pull_request(world, found) if found.pull_request else issue(world, found)


def _closer(world: World, found: GitHubIssue, happened: GitHubEvent) -> Fields | None:
    if happened.pull:
        return pull_request(world, world.issue(happened.pull))
    return _commit(world, found.repository, happened.commit) if happened.commit else None


def _details(world: World, found: GitHubIssue, happened: GitHubEvent) -> Fields:
    """What an event of its kind has beside its time and actor."""
    other = happened.other
    assignee = user(happened.assignee) if happened.assignee else None
    label = {"label": _label(happened.label or "")}
    details: dict[str, Fields] = {
        "closed": {
            "stateReason": happened.state_reason.upper() if happened.state_reason else None,
            "closer": lambda *_: _closer(world, found, happened),
            "closable": lambda *_: issue(world, found),
            "url": f"{SITE}/{found.repository}/issues/{found.number}#event-{happened.id}",
        },
        "reopened": {"stateReason": None, "closable": lambda *_: issue(world, found)},
        "assigned": {"assignee": assignee, "user": assignee},
        "unassigned": {"assignee": assignee, "user": assignee},
        "labeled": label,
        "unlabeled": label,
        "commented": {
            "body": happened.body,
            "databaseId": happened.id,
            "fullDatabaseId": str(happened.id),
            "author": user(happened.actor),
            "updatedAt": zulu(happened.edited_at or happened.at),
        },
        "marked_as_duplicate": {
            "canonical": lambda *_: _either(world, other) if other else None,
            "duplicate": lambda *_: issue(world, found),
            "isCrossRepository": bool(other) and not str(other).startswith(f"{found.repository}#"),
        },
        "transferred": {
            "fromRepository": lambda *_: repository_of(world, str(other)),
            "issue": lambda *_: issue(world, found),
        },
    }
    return details.get(happened.kind, {})  # fmt: skip


def _event(world: World, found: GitHubIssue, happened: GitHubEvent) -> Fields:
    common = {"id": node("E", happened.id), "createdAt": zulu(happened.at), "actor": user(happened.actor)}
    kind = EVENT_TYPES[happened.kind]
    return {"__typename": kind, "__interfaces": ("Node",), **common, **_details(world, found, happened)}


def _timeline(world: World, found: GitHubIssue) -> Callable[[Running, Json], Fields]:
    def page(running: Running, arguments: Json) -> Fields:
        wanted = arguments.get("itemTypes") or sorted(ITEM_TYPES)
        if unknown := set(wanted) - ITEM_TYPES:
            sentence = f"Argument 'itemTypes' on Field 'timelineItems' has an invalid value ({', '.join(unknown)})."
            raise QueryError(sentence, extensions={"code": "argumentLiteralsIncompatible"})
        kinds = {kind.replace("_", "").lower() for kind in wanted}
        kept = [event for event in found.events if EVENT_TYPES.get(event.kind, "").lower() in kinds]
        since = arguments.get("since")
        kept = [event for event in kept if not since or event.at >= datetime.fromisoformat(str(since))]
        items = connection(
            "timelineItems", "IssueTimelineItemsConnection", kept, lambda event: _event(world, found, event)
        )
        return {**items(running, arguments), "updatedAt": zulu(found.updated_at), "filteredCount": len(kept)}

    return page


def _closing_pulls(world: World, found: GitHubIssue) -> Callable[[Running, Json], Fields]:
    """Pull requests that would close or closed it: merged ones are shown only with `includeClosedPrs`."""

    def page(running: Running, arguments: Json) -> Fields:
        references = dict.fromkeys(event.pull for event in found.events if event.pull)
        pulls = [world.issue(reference) for reference in references if reference not in world.gone]
        kept = [each for each in pulls if arguments.get("includeClosedPrs") or each.closed_at is None]
        name = "closedByPullRequestsReferences"
        return connection(name, "PullRequestConnection", kept, lambda each: pull_request(world, each))(
            running, arguments
        )

    return page


def issue(world: World, found: GitHubIssue) -> Fields:
    """An issue."""
    labels = connection("labels", "LabelConnection", found.labels, _label)
    assignees = connection("assignees", "UserConnection", found.assignees, user)
    remarks = connection(
        "comments", "IssueCommentConnection", found.comments, lambda event: _event(world, found, event)
    )
    original = found.duplicate_of
    return {
        "__typename": "Issue",
        "__interfaces": ("Node", "Closable"),
        "id": node("I", found.id),
        "databaseId": found.id,
        "fullDatabaseId": str(found.id),
        "number": found.number,
        "title": found.title,
        "body": found.body,
        "url": f"{SITE}/{found.repository}/issues/{found.number}",
        "author": user(found.author),
        "state": "CLOSED" if found.closed_at else "OPEN",
        "stateReason": _reason(found.state_reason),
        "closed": found.closed_at is not None,
        "locked": found.locked,
        "createdAt": zulu(found.created_at),
        "updatedAt": zulu(found.updated_at),
        "closedAt": zulu(found.closed_at),
        "milestone": None,
        "labels": labels,
        "assignees": assignees,
        "comments": remarks,
        "duplicateOf": lambda *_: _either(world, original) if original else None,
        "repository": lambda *_: repository_of(world, found.repository),
        "closedByPullRequestsReferences": _closing_pulls(world, found),
        "timelineItems": _timeline(world, found),
    }


def _numbered(world: World, name: str, kind: str) -> Callable[[Running, Json], Fields]:
    def look_up(_: Running, arguments: Json) -> Fields:
        number = arguments.get("number")
        try:
            found = world.issue(f"{name}#{number}")
        except UnknownError:
            found = None
        if (
            found is None
            or (kind == "Issue" and found.pull_request)
            or (kind == "PullRequest" and not found.pull_request)
        ):
            article = "an" if kind.startswith("Issue") else "a"
            words = "issue or pull request" if kind == "IssueOrPullRequest" else kind
            raise NotFound(f"Could not resolve to {article} {words} with the number of {number}.")
        return _either(world, found.reference)

    return look_up


def repository_of(world: World, name: str) -> Fields:
    """A repository, under its present name."""
    present = world.renamed.get(name, name)
    owner, short = present.split("/")
    number = number_of(world.first_name(present))

    def issues(running: Running, arguments: Json) -> Fields:
        here = sorted(world.issues.get(present, {}).values(), key=lambda each: each.number)
        kept = [each for each in here if not each.pull_request and each.reference not in world.gone]
        return connection("issues", "IssueConnection", kept, lambda each: issue(world, each))(running, arguments)

    return {
        "__typename": "Repository",
        "__interfaces": ("Node",),
        "id": node("R", number),
        "databaseId": number,
        "name": short,
        "nameWithOwner": present,
        "owner": {**user(owner), "__typename": "Organization"},
        "url": f"{SITE}/{present}",
        "isPrivate": True,
        "isArchived": False,
        "hasIssuesEnabled": True,
        "issues": issues,
        "issue": _numbered(world, present, "Issue"),
        "pullRequest": _numbered(world, present, "PullRequest"),
        "issueOrPullRequest": _numbered(world, present, "IssueOrPullRequest"),
    }


def root(world: World, quota: Quota, viewer: str) -> Fields:
    """What a query begins at."""

    def repository(_: Running, arguments: Json) -> Fields:
        name = f"{arguments.get('owner')}/{arguments.get('name')}"
        if world.renamed.get(name, name) not in world.issues:
            raise NotFound(f"Could not resolve to a Repository with the name '{name}'.")
        return repository_of(world, name)

    def by_node(identity: object) -> Fields:
        for found in (each for issues in world.issues.values() for each in issues.values()):
            if identity in {node("I", found.id), node("PR", found.id)} and found.reference not in world.gone:
                return _either(world, found.reference)
        raise NotFound(f"Could not resolve to a node with the global id of '{identity}'")

    def rate_limit(running: Running, _: Json) -> Fields:
        shown = quota.shown()
        end = quota.hour + timedelta(hours=1)
        about = {name: shown[name] for name in ("limit", "remaining", "used")}
        about |= {"cost": running.cost, "nodeCount": running.connections}
        return {"__typename": "RateLimit", **about, "resetAt": zulu(end)}

    return {
        "__typename": "Query",
        "repository": repository,
        "node": lambda _, arguments: by_node(arguments.get("id")),
        "nodes": lambda _, arguments: [by_node(each) for each in arguments.get("ids", [])],
        "viewer": user(viewer),
        "rateLimit": rate_limit,
    }
