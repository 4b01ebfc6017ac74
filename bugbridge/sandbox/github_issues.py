"""GitHub's issues over REST, and what hangs on them."""

import re
from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from bugbridge.sandbox import github_changes, github_json
from bugbridge.sandbox.github_places import api_url, error, issue_reference, page_of, repository_name
from bugbridge.sandbox.wire import answer, body_of, read_instant, whole
from bugbridge.sandbox.world import GitHubEvent, GitHubIssue, UnknownError, World

STATE_REASONS = {"completed", "not_planned", "duplicate", "reopened"}
OWN = github_changes.OWN_LOGIN


def _since(request: Request) -> datetime | None:
    text = request.query_params.get("since")
    try:
        return read_instant(text.replace(" ", "+")) if text else None
    except ValueError:
        raise error(422, "Validation Failed") from None


def issues(request: Request, world: World) -> Response:
    """Issues and pull requests; as at GitHub only open ones, newest first, unless asked otherwise."""
    asked, since = request.query_params, _since(request)
    state = asked.get("state", "open")
    found = [
        issue
        for issue in world.issues[repository_name(request, world)].values()
        if (since is None or issue.updated_at >= since) and issue.reference not in world.gone
    ]
    kept = [issue for issue in found if state == "all" or (issue.closed_at is None) == (state == "open")]
    orders: dict[str, Callable[[GitHubIssue], tuple[object, int]]] = {
        "created": lambda issue: (issue.created_at, issue.number),
        "updated": lambda issue: (issue.updated_at, issue.number),
        "comments": lambda issue: (len(issue.comments), issue.number),
    }
    order = orders.get(asked.get("sort", "created"), orders["created"])
    kept.sort(key=order, reverse=asked.get("direction", "desc") == "desc")
    return page_of(request, kept, lambda issue: github_json.issue(api_url(request), issue))


def search(request: Request, world: World) -> Response:
    """Issues that hold each quoted word in their titles, in the repositories that are named, the latest first."""
    query = request.query_params.get("q", "")
    words, named = re.findall(r'"([^"]*)"', query), re.findall(r"repo:(\S+)", query)
    if not query.strip() or not set(named) <= world.issues.keys():
        raise error(422, "Validation Failed")
    found = [
        one
        for name in named or world.issues
        for one in world.issues[name].values()
        if one.reference not in world.gone and all(word.lower() in one.title.lower() for word in words)
    ]
    kept = [one for one in found if "is:issue" not in query or not one.pull_request]
    kept.sort(key=lambda one: (one.updated_at, one.number), reverse=True)
    shown = [github_json.issue(api_url(request), one) for one in kept[: whole(request, "per_page", 30, 100)]]
    return answer({"total_count": len(kept), "incomplete_results": False, "items": shown})


def issue(request: Request, world: World) -> Response:
    """One issue."""
    return answer(github_json.issue(api_url(request), world.issue(issue_reference(request, world))))


def edit_issue(request: Request, world: World) -> Response:
    """Its state and reason."""
    reference, asked = issue_reference(request, world), body_of(request)
    reason = asked.get("state_reason")
    if asked.get("state") not in {None, "open", "closed"} or (reason is not None and reason not in STATE_REASONS):
        raise error(422, "Validation Failed")
    if asked.get("state") == "closed":
        github_changes.close_issue(world, reference, reason or "completed", OWN)
    elif asked.get("state") == "open":
        github_changes.reopen_issue(world, reference, OWN)
    return issue(request, world)


def _events_page(request: Request, world: World, wanted: Callable[[GitHubEvent], bool]) -> Response:
    found = world.issue(issue_reference(request, world))
    kept = [event for event in found.events if wanted(event)]
    return page_of(request, kept, lambda event: github_json.event(api_url(request), found, event))


def timeline(request: Request, world: World) -> Response:
    """Everything that happened to an issue, comments included."""
    return _events_page(request, world, lambda _: True)


def events(request: Request, world: World) -> Response:
    """Everything but the comments."""
    return _events_page(request, world, lambda event: event.kind != "commented")


def comments(request: Request, world: World) -> Response:
    """An issue's comments, oldest first."""
    found = world.issue(issue_reference(request, world))
    return page_of(request, found.comments, lambda event: github_json.comment(api_url(request), found, event))


def _words(request: Request) -> str:
    body = body_of(request).get("body")
    if not isinstance(body, str) or not body:
        raise error(422, "Validation Failed")
    return body


def add_comment(request: Request, world: World) -> Response:
    """Write one."""
    reference = issue_reference(request, world)
    event = github_changes.comment_issue(world, reference, _words(request), OWN)
    return answer(github_json.comment(api_url(request), world.issue(reference), event), 201)


def comment(request: Request, world: World) -> Response:
    """One comment by its id."""
    found, event = github_changes.find_comment(world, repository_name(request, world), request.path_params["comment"])
    return answer(github_json.comment(api_url(request), found, event))


def edit_comment(request: Request, world: World) -> Response:
    """Change the words of a comment in place."""
    name, number = repository_name(request, world), request.path_params["comment"]
    found, event = github_changes.edit_comment(world, name, number, _words(request))
    return answer(github_json.comment(api_url(request), found, event))


def _labels(request: Request, found: GitHubIssue) -> Response:
    return page_of(request, found.labels, lambda name: github_json.label(api_url(request), found.repository, name))


def labels(request: Request, world: World) -> Response:
    """An issue's labels."""
    return _labels(request, world.issue(issue_reference(request, world)))


def add_labels(request: Request, world: World) -> Response:
    """Add labels to those that an issue has."""
    reference, names = issue_reference(request, world), body_of(request).get("labels")
    if not isinstance(names, list):
        raise error(422, "Validation Failed")
    for name in names:
        github_changes.change_label(world, reference, str(name), add=True, actor=OWN)
    return _labels(request, world.issue(reference))


def remove_label(request: Request, world: World) -> Response:
    """Take one label off; 404 where the issue doesn't have it."""
    reference, name = issue_reference(request, world), request.path_params["label"]
    if name not in world.issue(reference).labels:
        raise error(404, "Label does not exist")
    return _labels(request, github_changes.change_label(world, reference, name, add=False, actor=OWN))


def pull_requests(request: Request, world: World) -> Response:
    """Pull requests, open ones unless asked otherwise, newest first."""
    state, here = request.query_params.get("state", "open"), world.issues[repository_name(request, world)].values()
    pulls = [each for each in here if each.pull_request]
    kept = [each for each in pulls if state == "all" or (each.closed_at is None) == (state == "open")]
    kept.sort(key=lambda each: (each.created_at, each.number), reverse=True)
    return page_of(request, kept, lambda each: github_json.pull_request(api_url(request), each))


def pull_request(request: Request, world: World) -> Response:
    """A pull request, and how it was merged."""
    found = world.issue(issue_reference(request, world))
    if not found.pull_request:
        raise UnknownError(found.reference)
    return answer(github_json.pull_request(api_url(request), found))
