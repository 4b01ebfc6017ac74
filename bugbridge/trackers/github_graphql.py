"""Reads many issues of several repositories with one query, and gives them in the shape that REST gives one in."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bugbridge.core.errors import RemoteError
from bugbridge.core.instants import instant_from_text
from bugbridge.trackers.client import Json, as_object, as_objects
from bugbridge.trackers.github_client import GitHubClient
from bugbridge.trackers.github_reading import Fix

BATCH = 50
COMMENTS = 50  # the latest of an issue; more of fifty issues at once would be too large an answer
KINDS = {
    "ClosedEvent": "closed",
    "ReopenedEvent": "reopened",
    "LabeledEvent": "labeled",
    "UnlabeledEvent": "unlabeled",
    "AssignedEvent": "assigned",
    "UnassignedEvent": "unassigned",
    "MarkedAsDuplicateEvent": "marked_as_duplicate",
    "UnmarkedAsDuplicateEvent": "unmarked_as_duplicate",
    "ConvertedToDiscussionEvent": "converted_to_discussion",
}
ITEM_TYPES = """CLOSED_EVENT REOPENED_EVENT LABELED_EVENT UNLABELED_EVENT ASSIGNED_EVENT UNASSIGNED_EVENT
 MARKED_AS_DUPLICATE_EVENT UNMARKED_AS_DUPLICATE_EVENT CONVERTED_TO_DISCUSSION_EVENT"""
PULL_REQUEST = "mergedAt mergeCommit { oid } baseRepository { nameWithOwner }"
PLACE = "number repository { nameWithOwner }"
LOGIN = "... on User { login } ... on Bot { login } ... on Mannequin { login } ... on Organization { login }"
EVENTS = f"""__typename
 ... on ClosedEvent {{ createdAt stateReason closer {{ __typename
  ... on Commit {{ oid committedDate repository {{ nameWithOwner }} }}
  ... on PullRequest {{ {PULL_REQUEST} }} }} }}
 ... on ReopenedEvent {{ createdAt }}
 ... on LabeledEvent {{ createdAt label {{ name }} }}
 ... on UnlabeledEvent {{ createdAt label {{ name }} }}
 ... on AssignedEvent {{ createdAt assignee {{ {LOGIN} }} }}
 ... on UnassignedEvent {{ createdAt assignee {{ {LOGIN} }} }}
 ... on MarkedAsDuplicateEvent {{ createdAt canonical {{ ... on Issue {{ {PLACE} }} }} }}
 ... on UnmarkedAsDuplicateEvent {{ createdAt }}
 ... on ConvertedToDiscussionEvent {{ createdAt }}"""
# Without enableDuplicate a duplicate is shown as not planned.
REMARKS = f"comments(last: {COMMENTS}) {{ pageInfo {{ hasPreviousPage }} nodes {{ fullDatabaseId createdAt body }} }}"
ISSUE = f"""fullDatabaseId title state stateReason(enableDuplicate: true) createdAt updatedAt closedAt {PLACE}
 labels(first: 100) {{ nodes {{ name }} }} assignees(first: 100) {{ nodes {{ login }} }}
 closedByPullRequestsReferences(first: 50, includeClosedPrs: true) {{ nodes {{ {PULL_REQUEST} }} }}
 {REMARKS}"""


@dataclass(slots=True)
class FoundIssue:
    """An issue in REST's shape with its timeline; None where there is a pull request instead."""

    issue: Json | None = None
    timeline: list[Json] = field(default_factory=list)
    after: str = ""


@dataclass(slots=True)
class Found:
    """What a query found: issues by repository and number, and the present name of each repository."""

    issues: dict[tuple[str, int], FoundIssue] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)


def read_batch(client: GitHubClient, wanted: Sequence[tuple[str, int]]) -> Found:
    """Read issues, each a repository and a number; long timelines are asked for until they are whole.

    What can't be read is left out. Raises NoGraphQLError where the server has none.
    """
    found = Found()
    missing = _ask(client, wanted, found)
    asked: set[tuple[str, int, str]] = set()
    while unfinished := [place for place in wanted if place in found.issues and found.issues[place].after]:
        marks = {(*place, found.issues[place].after) for place in unfinished}
        if marks & asked:
            raise RemoteError(f"{client.name} leads in a circle while listing timelines: try again later")
        asked |= marks
        missing |= _ask(client, unfinished, found)
    for place in missing:
        found.issues.pop(place, None)
    return found


def _ask(client: GitHubClient, wanted: Sequence[tuple[str, int]], found: Found) -> set[tuple[str, int]]:
    """Ask one query, add what it found, and give what it couldn't read."""
    projects = list(dict.fromkeys(project for project, _ in wanted))
    after = {place: found.issues[place].after for place in wanted if place in found.issues}
    data, errors = client.graphql(_document(projects, wanted, after))
    damaged = _damaged(client, errors)
    missing: set[tuple[str, int]] = set()
    with client.understood("issues"):
        for index, project in enumerate(projects):
            repository = data.get(f"p{index}")
            if repository is not None:
                found.names[project] = str(repository["nameWithOwner"])
        for project, number in wanted:
            alias = f"p{projects.index(project)}"
            node = (data.get(alias) or {}).get(f"i{number}")
            if node is None or (alias, f"i{number}") in damaged:
                missing.add((project, number))
            else:
                _add_issue(found, (project, number), as_object(node))
    return missing


def _document(projects: Sequence[str], wanted: Iterable[tuple[str, int]], after: Mapping[tuple[str, int], str]) -> str:
    parts = {project: ["nameWithOwner"] for project in projects}
    for project, number in wanted:
        content = _issue(after[project, number]) if after else "...issue"
        parts[project].append(f"i{number}: issueOrPullRequest(number: {number}) {{ __typename {content} }}")
    repositories = []
    for index, project in enumerate(projects):
        owner, _, name = project.partition("/")
        arguments = f"owner: {json.dumps(owner)}, name: {json.dumps(name)}"
        repositories.append(f"p{index}: repository({arguments}) {{ {' '.join(parts[project])} }}")
    fragment = "" if after else f"\nfragment issue on Issue {{ {ISSUE} {_timeline()} }}"
    return f"query {{ {' '.join(repositories)} }}{fragment}"


def _issue(after: str) -> str:
    return f"... on Issue {{ {_timeline(after)} }}"


def _timeline(after: str = "") -> str:
    place = f", after: {json.dumps(after)}" if after else ""
    page = "pageInfo { hasNextPage endCursor }"
    return f"timelineItems(first: 100{place}, itemTypes: [{ITEM_TYPES}]) {{ {page} nodes {{ {EVENTS} }} }}"


def _damaged(client: GitHubClient, errors: Iterable[Json]) -> set[tuple[str, str]]:
    """Give the places of issues read in part for a passing reason; what isn't there or not allowed is null."""
    damaged = set()
    for error in errors:
        path = list(error.get("path") or [])
        if error.get("type") in ("NOT_FOUND", "FORBIDDEN"):
            continue
        if len(path) < 2:
            raise RemoteError(f"{client.name} didn't answer a query in full: try again later")
        damaged.add((str(path[0]), str(path[1])))
    return damaged


def _add_issue(found: Found, place: tuple[str, int], node: Json) -> None:
    entry = found.issues.setdefault(place, FoundIssue())
    if node["__typename"] != "Issue":
        return
    if entry.issue is None:
        entry.issue = _rest_issue(node)
    items = node["timelineItems"]
    entry.timeline += [_event(item) for item in as_objects(items["nodes"]) if item.get("__typename") in KINDS]
    entry.after = str(items["pageInfo"]["endCursor"]) if items["pageInfo"]["hasNextPage"] else ""


def _rest_issue(node: Json) -> Json:
    pull_requests = (node.get("closedByPullRequestsReferences") or {}).get("nodes") or ()
    remarks = node.get("comments") or {"nodes": [], "pageInfo": {"hasPreviousPage": True}}
    return {
        "id": node["fullDatabaseId"],
        "number": node["number"],
        "repository": node["repository"]["nameWithOwner"],
        "title": node["title"],
        "state": node["state"].lower(),
        "state_reason": (node["stateReason"] or "").lower(),
        "created_at": node["createdAt"],
        "updated_at": node["updatedAt"],
        "closed_at": node["closedAt"],
        "labels": node["labels"]["nodes"],
        "assignees": node["assignees"]["nodes"],
        "fixes": list(_merged(pull_requests)),
        "remarks": [_remark(remark) for remark in as_objects(remarks["nodes"])],
        "remarks_whole": not remarks["pageInfo"]["hasPreviousPage"],
    }


def _remark(node: Json) -> Json:
    return {"id": node["fullDatabaseId"], "created_at": node["createdAt"], "body": node["body"]}


def _event(node: Json) -> Json:
    kind = KINDS[node["__typename"]]
    event: Json = {"event": kind, "created_at": node["createdAt"]}
    if kind == "closed":
        event["state_reason"] = (node.get("stateReason") or "").lower()
        event["fixes"] = list(_closers(node.get("closer") or {}, node["createdAt"]))
    elif kind.endswith("labeled"):
        event["label"] = node["label"]
    elif kind.endswith("assigned"):
        event["assignee"] = node.get("assignee")
    elif node.get("canonical"):
        canonical = node["canonical"]
        event["canonical"] = (canonical["repository"]["nameWithOwner"], canonical["number"])
    return event


def _closers(closer: Json, closed_at: str) -> Iterator[Fix]:
    if closer.get("__typename") == "Commit":
        at = min(instant_from_text(closer["committedDate"] or closed_at), instant_from_text(closed_at))
        yield Fix(closer["repository"]["nameWithOwner"], closer["oid"], at)
    elif closer.get("__typename") == "PullRequest":
        yield from _merged([closer])


def _merged(pull_requests: Iterable[Json | None]) -> Iterator[Fix]:
    """Give the merge commits; one that isn't shown can be in no release that we know of."""
    for node in pull_requests:
        if node and node["mergedAt"]:
            repository = (node.get("baseRepository") or {}).get("nameWithOwner", "")
            sha = (node.get("mergeCommit") or {}).get("oid", "")
            yield Fix(repository, sha, instant_from_text(node["mergedAt"]))
