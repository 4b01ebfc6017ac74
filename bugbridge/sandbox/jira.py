"""Stand-ins for Jira Cloud's REST API, version 2 and 3, and for Jira Data Center's: search, issues, versions."""

import base64
import binascii
import json
from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import jira_json, jira_writing, jql, sign_in
from bugbridge.sandbox.jira_places import asked_of, error, instance_url, number, texts
from bugbridge.sandbox.seed_issues import RESOLUTION_IDS, STATUS_IDS
from bugbridge.sandbox.wire import Handler, Json, Manners, Refusal, answer, base_url, body_of, digest, endpoint, whole
from bugbridge.sandbox.world import JiraIssue, UnknownError, World

LATEST_HISTORIES = 40
"""How much of a changelog a search with `expand=changelog` holds; the oldest entries are left out."""

MOST_ISSUES, MOST_BARE_ISSUES, MOST_OLD = 100, 5000, 1000
MOST_RECONCILED, MOST_CHANGES = 50, 1000
PERMISSIONS = ("BROWSE_PROJECTS", "ADD_COMMENTS", "EDIT_ALL_COMMENTS", "EDIT_ISSUES", "LINK_ISSUES")
GONE = "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. (CHANGE-2046)"


def _unknown() -> Refusal:
    return error(404, "Issue does not exist or you do not have permission to see it.")


def _checker(allows: Callable[[Request], bool]) -> Callable[[Request], None]:
    def check(request: Request) -> None:
        """Only what an instance says of itself is for everyone."""
        if not request.url.path.endswith(("/serverInfo", "/tenant_info")) and not allows(request):
            message = "You are not authenticated. Authentication required to perform this operation."
            headers = {"www-authenticate": 'OAuth realm="sandbox"', "x-seraph-loginreason": "AUTHENTICATED_FAILED"}
            raise Refusal(401, {"errorMessages": [message], "errors": {}}, headers)

    return check


def _finish(_: Request, world: World, response: Response) -> Response:
    response.headers["x-arequestid"] = digest(world.new_id())[:32]
    return response


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
        raise error(400, "The provided next page token is invalid or expired.")
    return int(place)


def _find(world: World, query: str) -> list[JiraIssue]:
    try:
        return jql.find(world, query)
    except jql.JqlError as refused:
        raise error(400, str(refused)) from None


def _indexed(world: World, query: str, reconciled: list[str]) -> list[JiraIssue]:
    """What the index has by now: an issue comes late into it, unless the client names its id."""
    if len(reconciled) > MOST_RECONCILED:
        raise error(400, f"At most {MOST_RECONCILED} issues can be reconciled.")
    oldest = world.now() - world.jira_index_lag
    return [each for each in _find(world, query) if each.updated_at <= oldest or str(each.id) in reconciled]


def _old_search(request: Request, world: World) -> Response:
    """Data Center's search: pages by number, with a total, and changelogs that are whole."""
    asked, base = asked_of(request), instance_url(request)
    query, start = str(asked.get("jql") or ""), number(asked, "startAt", 0)
    wanted, size = set(texts(asked.get("fields"))) or {"*navigable"}, min(number(asked, "maxResults", 50), MOST_OLD)
    found = _find(world, query)
    with_log = "changelog" in texts(asked.get("expand"))
    shown = [
        _shown(base, world, issue, wanted, "2", log=len(issue.changes) if with_log else None)
        for issue in found[start : start + size]
    ]
    about = {"expand": "schema,names", "startAt": start, "maxResults": size, "total": len(found)}
    return answer({**about, "issues": shown})


def _search(request: Request, world: World) -> Response:
    """One page; a next page token stands in the answer as long as there is more."""
    asked, base, api = asked_of(request), instance_url(request), request.path_params["api"]
    query, wanted = str(asked.get("jql") or ""), set(texts(asked.get("fields")))
    most = MOST_BARE_ISSUES if wanted <= {"id", "key"} else MOST_ISSUES
    size = min(number(asked, "maxResults", 50), most)
    found, place = (
        _indexed(world, query, texts(asked.get("reconcileIssues"))),
        _place(asked.get("nextPageToken"), query),
    )
    page = found[place : place + size]
    log = LATEST_HISTORIES if "changelog" in texts(asked.get("expand")) else None
    shown = [_shown(base, world, issue, wanted, api, log=log) for issue in page]
    last = place + size >= len(found)
    token = {} if last else {"nextPageToken": _token(query, place + size)}
    return answer({"issues": shown, "isLast": last, **token})


def _shown(base: str, world: World, issue: JiraIssue, wanted: set[str], api: str, *, log: int | None) -> Json:
    """An issue, with the latest `log` entries of its changelog unless that is None."""
    body = jira_json.issue(base, world, issue, wanted, api)
    if wanted <= {"id"}:
        del body["fields"], body["key"]
    if log is not None:
        newest_first = [jira_json.history(base, change) for change in reversed(issue.changes)][:log]
        body["changelog"] = {
            "startAt": 0,
            "maxResults": len(newest_first),
            "total": len(issue.changes),
            "histories": newest_first,
        }
    return body


def _gone(_: Request, __: World) -> Response:
    raise error(410, GONE)


def _issue(request: Request, world: World) -> Response:
    issue = world.jira_issue(request.path_params["key"])
    wanted = {name for text in request.query_params.getlist("fields") for name in text.split(",") if name} or {"*all"}
    log = len(issue.changes) if _is_data_center(request) else LATEST_HISTORIES
    shown = log if "changelog" in request.query_params.get("expand", "") else None
    return answer(_shown(instance_url(request), world, issue, wanted, request.path_params["api"], log=shown))


def _is_data_center(request: Request) -> bool:
    return bool(request.scope.get("sandbox.data_center"))


def _changelog(request: Request, world: World) -> Response:
    """A page of the whole changelog, oldest first."""
    issue, base = world.jira_issue(request.path_params["key"]), instance_url(request)
    start, size = number(dict(request.query_params), "startAt", 0), whole(request, "maxResults", 100, 100)
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
    """The changelogs of many issues at once, those of the wanted fields only; a page holds so many entries."""
    asked, base = body_of(request), instance_url(request)
    wanted, keys = texts(asked.get("fieldIds")), texts(asked.get("issueIdsOrKeys"))
    size, name = min(number(asked, "maxResults", MOST_CHANGES), MOST_CHANGES), digest(keys, wanted)
    place = _place(asked.get("nextPageToken"), name)
    issues = [world.jira_issue(key) for key in keys if _holds_issue(world, key)]
    entries = [
        (issue, change)
        for issue in issues
        for change in issue.changes
        if not wanted or jira_json.FIELD_IDS.get(change.field) in wanted
    ]
    logs: dict[int, list[Json]] = {} if asked.get("nextPageToken") else {issue.id: [] for issue in issues}
    for issue, change in entries[place : place + size]:
        shown = {**jira_json.history(base, change), "created": int(change.at.timestamp() * 1000)}
        logs.setdefault(issue.id, []).append(shown)
    token = {} if place + size >= len(entries) else {"nextPageToken": _token(name, place + size)}
    bodies = [{"issueId": str(identity), "changeHistories": histories} for identity, histories in logs.items()]
    return answer({"issueChangeLogs": bodies, **token})


def _holds_issue(world: World, key: str) -> bool:
    try:
        world.jira_issue(key)
    except UnknownError:
        return False
    return True


def _project_key(request: Request, world: World) -> str:
    key = str(request.path_params["key"]).upper()
    if key not in world.versions:
        raise error(404, f"No project could be found with key '{key}'.")
    return key


def _project(request: Request, world: World) -> Response:
    return answer(jira_json.project(instance_url(request), world, _project_key(request, world)))


def _versions(request: Request, world: World) -> Response:
    return answer(
        [jira_json.version(instance_url(request), found) for found in world.versions[_project_key(request, world)]]
    )


def _version_page(request: Request, world: World) -> Response:
    found, base = world.versions[_project_key(request, world)], instance_url(request)
    start, size = number(dict(request.query_params), "startAt", 0), whole(request, "maxResults", 50, 50)
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
            return answer(jira_json.version(instance_url(request), found))
    raise UnknownError(number)


def _server_info(request: Request, world: World) -> Response:
    numbers = [9, 12, 15] if _is_data_center(request) else [1001, 0, 0]
    return answer({
        "baseUrl": base_url(request),
        "version": "9.12.15" if _is_data_center(request) else "1001.0.0-SNAPSHOT",
        "versionNumbers": numbers,
        "deploymentType": "Server" if _is_data_center(request) else "Cloud",
        "buildNumber": 100_300,
        "buildDate": jira_json.jira_time(world.moment()),
        "serverTime": jira_json.jira_time(world.moment()),
        "scmInfo": "sandbox",
        "serverTitle": "Jira",
    })  # fmt: skip


def _myself(request: Request, _: World) -> Response:
    person = jira_json.user(instance_url(request), jira_writing.OWN_NAME)
    named = {"name": "bugbridge", "key": "JIRAUSER10100"} if _is_data_center(request) else {}
    kept = {name: value for name, value in person.items() if not named or name not in {"accountId", "accountType"}}
    return answer({**kept, **named, "emailAddress": sign_in.EMAIL, "locale": "en_GB"})


def _permissions(request: Request, _: World) -> Response:
    """What the account may do: everything that this company's clients need."""
    wanted = texts(request.query_params.get("permissions", ""))
    if any(name not in PERMISSIONS for name in wanted if name):
        raise error(400, f"Unrecognized permission in {', '.join(wanted)}")
    about = {"type": "PROJECT", "description": "", "havePermission": True}
    named = [name for name in PERMISSIONS if name in wanted] or PERMISSIONS
    shown = {name: {"id": str(10 + place), "key": name, "name": name, **about} for place, name in enumerate(named)}
    return answer({"permissions": shown})


def _tenant(_: Request, __: World) -> Response:
    return answer({"cloudId": sign_in.CLOUD_ID})


def _fields(request: Request, world: World) -> Response:
    """The system fields, which clients ask for to translate names."""
    issue = next(iter(world.jira_issues.values()))
    names = jira_json.fields(instance_url(request), world, issue, request.path_params["api"])
    switches = {"custom": False, "orderable": True, "navigable": True, "searchable": True}
    return answer([{"id": name, "key": name, "name": name, "clauseNames": [name], **switches} for name in names])


def _statuses(request: Request, _: World) -> Response:
    return answer([jira_json.status(instance_url(request), name) for name in STATUS_IDS])


def _resolutions(request: Request, _: World) -> Response:
    return answer([jira_json.resolution(instance_url(request), name) for name in RESOLUTION_IDS])


def _nothing(_: Request, __: World) -> Response:
    raise error(404, "dead link")


COMMON: list[tuple[list[str], str, Handler]] = [
    (["GET"], "serverInfo", _server_info),
    (["GET"], "myself", _myself),
    (["GET"], "mypermissions", _permissions),
    (["GET"], "field", _fields),
    (["GET"], "status", _statuses),
    (["GET"], "resolution", _resolutions),
    (["GET"], "issue/{key}", _issue),
    (["PUT"], "issue/{key}", jira_writing.edit_issue),
    (["GET"], "issue/{key}/comment", jira_writing.comments),
    (["POST"], "issue/{key}/comment", jira_writing.add_comment),
    (["GET"], "issue/{key}/comment/{comment:int}", jira_writing.comment),
    (["PUT"], "issue/{key}/comment/{comment:int}", jira_writing.edit_comment),
    (["GET"], "issue/{key}/remotelink", jira_writing.remote_links),
    (["POST"], "issue/{key}/remotelink", jira_writing.put_remote_link),
    (["DELETE"], "issue/{key}/remotelink", jira_writing.remove_remote_link),
    (["GET"], "project/{key}", _project),
    (["GET"], "project/{key}/versions", _versions),
    (["GET"], "project/{key}/version", _version_page),
    (["GET"], "version/{key}", _version),
]
CLOUD: list[tuple[list[str], str, Handler]] = [
    *COMMON,
    (["GET", "POST"], "search/jql", _search),
    (["GET", "POST"], "search", _gone),
    (["GET"], "issue/{key}/changelog", _changelog),
    (["POST"], "changelog/bulkfetch", _changelogs),
]
DATA_CENTER: list[tuple[list[str], str, Handler]] = [*COMMON, (["GET", "POST"], "search", _old_search)]
EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]


def cloud_routes(world: World) -> list[Route]:
    """Jira Cloud's paths below /rest/api/2 and /rest/api/3, at the site and at Atlassian's gateway."""
    manners = Manners(_checker(sign_in.jira_allows), _unknown, _finish)
    routes = [
        Route(before + "/rest/api/{api}/" + path, endpoint(world, manners, handler), methods=ways)
        for before in ("", sign_in.GATEWAY)
        for ways, path, handler in CLOUD
    ]
    tenant = Route("/_edge/tenant_info", endpoint(world, manners, _tenant))
    return [*routes, tenant, Route("/{rest:path}", endpoint(world, manners, _nothing), methods=EVERY)]


def _as_data_center(handler: Handler) -> Handler:
    def serve(request: Request, world: World) -> Response:
        request.scope["sandbox.data_center"] = True
        request.path_params["api"] = "2"
        return handler(request, world)

    return serve


def data_center_routes(world: World) -> list[Route]:
    """Jira Data Center's paths, below /rest/api/2 or its other name, /rest/api/latest."""
    manners = Manners(_checker(sign_in.data_center_allows), _unknown, _finish)
    routes = [
        Route(f"/rest/api/{api}/{path}", endpoint(world, manners, _as_data_center(handler)), methods=ways)
        for api in ("2", "latest")
        for ways, path, handler in DATA_CENTER
    ]
    return [*routes, Route("/{rest:path}", endpoint(world, manners, _nothing), methods=EVERY)]
