"""What clients write in Jira: comments, labels and remote links."""

from starlette.requests import Request
from starlette.responses import Response

from bugbridge.sandbox import jira_changes, jira_json
from bugbridge.sandbox.jira_places import error, instance_url
from bugbridge.sandbox.wire import Json, answer, body_of
from bugbridge.sandbox.world import JiraIssue, RemoteLink, UnknownError, World

OWN_NAME = "BugBridge"
LONGEST_GLOBAL_ID = 255


def _issue(request: Request, world: World) -> JiraIssue:
    return world.jira_issue(request.path_params["key"])


def _api(request: Request) -> str:
    return str(request.path_params["api"])


def comments(request: Request, world: World) -> Response:
    """All comments, oldest first."""
    return answer(jira_json.comments(instance_url(request), _issue(request, world), _api(request)))


def _body(request: Request) -> object:
    body, is_text = body_of(request).get("body"), _api(request) == "2"
    if not body or isinstance(body, str) != is_text:
        raise error(400, "Comment body is not valid!")
    return body


def add_comment(request: Request, world: World) -> Response:
    """Write one: a document in version 3, text in version 2."""
    issue = _issue(request, world)
    written = jira_changes.add_comment(world, issue.key, OWN_NAME, _body(request))
    return answer(jira_json.comment(instance_url(request), issue, written, _api(request)), 201)


def edit_comment(request: Request, world: World) -> Response:
    """Change the words of a comment in place."""
    issue = _issue(request, world)
    written = jira_changes.edit_comment(world, issue.key, request.path_params["comment"], _body(request))
    return answer(jira_json.comment(instance_url(request), issue, written, _api(request)))


def comment(request: Request, world: World) -> Response:
    """One comment."""
    issue = _issue(request, world)
    for written in issue.comments:
        if written.id == request.path_params["comment"]:
            return answer(jira_json.comment(instance_url(request), issue, written, _api(request)))
    raise UnknownError(str(request.path_params["comment"]))


def edit_issue(request: Request, world: World) -> Response:
    """Its labels, whole or one by one; nothing else of an issue is written by clients here."""
    issue, asked = _issue(request, world), body_of(request)
    labels = list(asked.get("fields", {}).get("labels", issue.labels))
    for step in asked.get("update", {}).get("labels", []):
        labels = list(step.get("set", labels))
        labels += [step["add"]] if "add" in step and step["add"] not in labels else []
        labels = [label for label in labels if label != step.get("remove")]
    if any(" " in str(label) for label in labels):
        raise error(400, "The label can't contain spaces.")
    jira_changes.set_labels(world, issue.key, labels)
    return Response(status_code=204)


def _shown(request: Request, issue: JiraIssue, link: RemoteLink) -> Json:
    return jira_json.remote_link(instance_url(request), issue, link, _api(request))


def remote_links(request: Request, world: World) -> Response:
    """All remote links, or the one of a `globalId`."""
    issue, wanted = _issue(request, world), request.query_params.get("globalId")
    if wanted is None:
        return answer([_shown(request, issue, link) for link in issue.remote_links])
    for link in issue.remote_links:
        if link.global_id == wanted:
            return answer(_shown(request, issue, link))
    raise error(404, f"No remote issue link with global id '{wanted}' exists.")


def put_remote_link(request: Request, world: World) -> Response:
    """Create a link, or replace the one of that globalId."""
    issue, asked = _issue(request, world), body_of(request)
    shown = asked.get("object")
    if not isinstance(shown, dict) or not shown.get("url") or not shown.get("title"):
        raise error(400, "Both 'title' and 'url' must be specified.")
    if len(str(asked.get("globalId") or "")) > LONGEST_GLOBAL_ID:
        raise error(400, "The global id must be at most 255 characters.")
    link, is_new = jira_changes.put_remote_link(world, issue.key, asked)
    body = _shown(request, issue, link)
    return answer({"id": body["id"], "self": body["self"]}, 201 if is_new else 200)


def remove_remote_link(request: Request, world: World) -> Response:
    """Take the link of a globalId away."""
    issue, wanted = _issue(request, world), request.query_params.get("globalId")
    kept = [link for link in issue.remote_links if link.global_id != wanted]
    if wanted is None or len(kept) == len(issue.remote_links):
        raise error(404, "There is no such remote issue link.")
    issue.remote_links = kept
    return Response(status_code=204)
