"""A stand-in for Jira Cloud's REST API, version 2 and 3: search, issues, changelogs, versions."""

import base64
import binascii
import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import jira_json, jql, sign_in
from bugbridge.sandbox.seed_issues import STATUS_IDS
from bugbridge.sandbox.wire import Handler, Json, Manners, Refusal, answer, base_url, body_of, digest, endpoint, whole
from bugbridge.sandbox.world import JiraIssue, UnknownError, World

LATEST_HISTORIES = 40
"""How much of a changelog a search with `expand=changelog` holds; the oldest entries are left out."""

MOST_ISSUES, MOST_BARE_ISSUES = 100, 5000
GONE = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. (CHANGE-2046)"


def _error(status: int, message: str) -> Refusal:
    return Refusal(status, {"errorMessages": [message], "errors": {}})


def _unknown() -> Refusal:
    return _error(404, "Issue does not exist or you do not have permission to see it.")


def _check(request: Request) -> None:
    """Only serverInfo is for everyone."""
    if not request.url.path.endswith("/serverInfo") and not sign_in.jira_allows(request):
        message = "You are not authenticated. Authentication required to perform this operation."
        headers = {"www-authenticate": 'OAuth realm="sandbox"', "x-seraph-loginreason": "AUTHENTICATED_FAILED"}
        raise Refusal(401, {"errorMessages": [message], "errors": {}}, headers)


def _finish(_: Request, world: World, response: Response) -> Response:
    response.headers["x-arequestid"] = digest(world.new_id())[:32]
    return response


def _asked(request: Request) -> Json:
    """Parameters of a search: the body of a POST, or the query with its lists."""
    if request.method == "POST":
        return body_of(request)
    asked: Json = dict(request.query_params)
    asked["fields"] = [name for text in request.query_params.getlist("fields") for name in text.split(",")]
    return asked


def _list(found: object) -> list[str]:
    if isinstance(found, str):
        return found.split(",")
    return [str(each) for each in found] if isinstance(found, list) else []


def _number(asked: Json, name: str, default: int) -> int:
    found = str(asked.get(name, default))
    if not found.isdigit():
        raise _error(400, f"{name} must be a number.")
    return int(found)


def _token(query: str, place: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([digest(query)[:8], place]).encode()).decode()


def _place(token: object, query: str) -> int:
    """Where the page of a token begins; a token belongs to one query."""
    if token is None:
        return 0
    try:
        name, place = json.loads(base64.urlsafe_b64decode(str(token)))
    except (binascii.Error, ValueError):
        name, place = "", 0
    if name != digest(query)[:8]:
        raise _error(400, "The provided next page token is invalid or expired.")
    return int(place)


def _find(world: World, query: str) -> list[JiraIssue]:
    try:
        return jql.find(world, query)
    except jql.JqlError as refused:
        raise _error(400, str(refused)) from None


def _search(request: Request, world: World) -> Response:
    """One page; a next page token stands in the answer as long as there is more."""
    asked, base, api = _asked(request), base_url(request), request.path_params["api"]
    query, wanted = str(asked.get("jql") or ""), set(_list(asked.get("fields")))
    most = MOST_BARE_ISSUES if wanted <= {"id", "key"} else MOST_ISSUES
    size = min(_number(asked, "maxResults", 50), most)
    found, place = _find(world, query), _place(asked.get("nextPageToken"), query)
    page = found[place : place + size]
    shown = [
        _shown(base, world, issue, wanted, api, with_log="changelog" in _list(asked.get("expand"))) for issue in page
    ]
    last = place + size >= len(found)
    token = {} if last else {"nextPageToken": _token(query, place + size)}
    return answer({"issues": shown, "isLast": last, **token})


def _shown(base: str, world: World, issue: JiraIssue, wanted: set[str], api: str, *, with_log: bool) -> Json:
    body = jira_json.issue(base, world, issue, wanted, api)
    if wanted <= {"id"}:
        del body["fields"], body["key"]
    if with_log:
        newest_first = [jira_json.history(base, change) for change in reversed(issue.changes)][:LATEST_HISTORIES]
        body["changelog"] = {
            "startAt": 0,
            "maxResults": len(newest_first),
            "total": len(issue.changes),
            "histories": newest_first,
        }
    return body


def _gone(_: Request, __: World) -> Response:
    raise _error(410, GONE)


def _issue(request: Request, world: World) -> Response:
    issue = world.jira_issue(request.path_params["key"])
    wanted = {name for text in request.query_params.getlist("fields") for name in text.split(",") if name} or {"*all"}
    with_log = "changelog" in request.query_params.get("expand", "")
    return answer(_shown(base_url(request), world, issue, wanted, request.path_params["api"], with_log=with_log))


def _changelog(request: Request, world: World) -> Response:
    """A page of the whole changelog, oldest first."""
    issue, base = world.jira_issue(request.path_params["key"]), base_url(request)
    start, size = _number(dict(request.query_params), "startAt", 0), whole(request, "maxResults", 100, 100)
    values = [jira_json.history(base, change) for change in issue.changes[start : start + size]]
    address = f"{base}{request.url.path}?maxResults={size}&startAt="
    last = start + size >= len(issue.changes)
    body: Json = {
        "self": f"{address}{start}",
        "maxResults": size,
        "startAt": start,
        "total": len(issue.changes),
        "isLast": last,
    }
    following = {} if last else {"nextPage": f"{address}{start + size}"}
    return answer({**body, **following, "values": values})


def _changelogs(request: Request, world: World) -> Response:
    """The changelogs of many issues at once, those of the wanted fields only."""
    asked, base = body_of(request), base_url(request)
    wanted = _list(asked.get("fieldIds"))
    logs = []
    for key in _list(asked.get("issueIdsOrKeys")):
        issue = world.jira_issue(key)
        kept = [change for change in issue.changes if not wanted or jira_json.FIELD_IDS[change.field] in wanted]
        entries: list[Json] = [
            {**jira_json.history(base, change), "created": int(change.at.timestamp() * 1000)} for change in kept
        ]
        logs.append({"issueId": str(issue.id), "changeHistories": entries})
    return answer({"issueChangeLogs": logs})


def _project_key(request: Request, world: World) -> str:
    key = str(request.path_params["key"]).upper()
    if key not in world.versions:
        raise _error(404, f"No project could be found with key '{key}'.")
    return key


def _project(request: Request, world: World) -> Response:
    return answer(jira_json.project(base_url(request), world, _project_key(request, world)))


def _versions(request: Request, world: World) -> Response:
    return answer(
        [jira_json.version(base_url(request), found) for found in world.versions[_project_key(request, world)]]
    )


def _version_page(request: Request, world: World) -> Response:
    found, base = world.versions[_project_key(request, world)], base_url(request)
    start, size = _number(dict(request.query_params), "startAt", 0), whole(request, "maxResults", 50, 50)
    values = [jira_json.version(base, each) for each in found[start : start + size]]
    return answer(
        {
            "startAt": start,
            "maxResults": size,
            "total": len(found),
            "isLast": start + size >= len(found),
            "values": values,
        }
    )


def _version(request: Request, world: World) -> Response:
    number = request.path_params["key"]
    for found in (version for versions in world.versions.values() for version in versions):
        if str(found.id) == number:
            return answer(jira_json.version(base_url(request), found))
    raise UnknownError(number)


def _server_info(request: Request, world: World) -> Response:
    return answer({
        "baseUrl": base_url(request),
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100_300,
        "buildDate": jira_json.jira_time(world.moment()),
        "serverTime": jira_json.jira_time(world.moment()),
        "scmInfo": "sandbox",
        "serverTitle": "Jira",
    })  # fmt: skip


def _myself(request: Request, _: World) -> Response:
    return answer({**jira_json.user(base_url(request), "BugBridge"), "emailAddress": sign_in.EMAIL, "locale": "en_GB"})


def _fields(request: Request, world: World) -> Response:
    """The system fields, which clients ask for to translate names."""
    issue = next(iter(world.jira_issues.values()))
    names = jira_json.fields(base_url(request), world, issue, request.path_params["api"])
    switches = {"custom": False, "orderable": True, "navigable": True, "searchable": True}
    return answer([{"id": name, "key": name, "name": name, "clauseNames": [name], **switches} for name in names])


def _statuses(request: Request, _: World) -> Response:
    return answer([jira_json.status(base_url(request), name) for name in STATUS_IDS])


def _nothing(_: Request, __: World) -> Response:
    raise _error(404, "dead link")


def jira_routes(world: World) -> list[Route]:
    """Jira's paths below /rest/api/2 and /rest/api/3."""
    manners = Manners(_check, _unknown, _finish)
    table: list[tuple[list[str], str, Handler]] = [
        (["GET"], "serverInfo", _server_info),
        (["GET"], "myself", _myself),
        (["GET"], "field", _fields),
        (["GET"], "status", _statuses),
        (["GET", "POST"], "search/jql", _search),
        (["GET", "POST"], "search", _gone),
        (["GET"], "issue/{key}", _issue),
        (["GET"], "issue/{key}/changelog", _changelog),
        (["POST"], "changelog/bulkfetch", _changelogs),
        (["GET"], "project/{key}", _project),
        (["GET"], "project/{key}/versions", _versions),
        (["GET"], "project/{key}/version", _version_page),
        (["GET"], "version/{key}", _version),
    ]
    routes = [
        Route("/rest/api/{api}/" + path, endpoint(world, manners, handler), methods=ways)
        for ways, path, handler in table
    ]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*routes, Route("/{rest:path}", endpoint(world, manners, _nothing), methods=every)]
