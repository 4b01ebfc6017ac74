"""A stand-in for GitHub's REST and GraphQL APIs, at the root as at api.github.com and below /api as on own servers."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import github_code, github_issues, github_json, sign_in
from bugbridge.sandbox.gate import Traffic
from bugbridge.sandbox.github_app import APP_ID, INSTALLATION_ID
from bugbridge.sandbox.github_changes import OWN_LOGIN
from bugbridge.sandbox.github_graph import root
from bugbridge.sandbox.github_places import ENTERPRISE, api_url, error, page_of, repository_name
from bugbridge.sandbox.graphql_language import GraphQLSyntaxError, read_document
from bugbridge.sandbox.graphql_running import run
from bugbridge.sandbox.limits import Quota
from bugbridge.sandbox.wire import Handler, Json, Manners, Refusal, answer, body_of, digest, endpoint, zulu
from bugbridge.sandbox.world import World

EVERY = ["GET", "POST", "PUT", "PATCH", "DELETE"]
PERMISSIONS = {"issues": "write", "metadata": "read", "contents": "read", "pull_requests": "read"}


def _unknown() -> Refusal:
    return error(404, "Not Found")


def _is_graphql(request: Request) -> bool:
    return request.url.path.endswith("/graphql")


class _Manners:
    """What all answers have in common: who may ask, how much, and what the headers say of that."""

    def __init__(self, world: World, traffic: Traffic) -> None:
        self._world = world
        self._traffic = traffic

    def quota(self, request: Request) -> Quota:
        return self._traffic.quotas["graphql" if _is_graphql(request) else "core"]

    def check(self, request: Request) -> None:
        """A wrong token is refused; without one, private repositories are not there at all."""
        if not request.url.path.startswith(("/app", f"{ENTERPRISE}/app")):
            self._check_token(request)
        quota = self.quota(request)
        if (
            quota.status is not None
            and quota.is_out(self._world.now())
            and not request.url.path.endswith("/rate_limit")
        ):
            message = "API rate limit exceeded for user ID 4711."
            if _is_graphql(request) and quota.status == 200:
                raise Refusal(200, {"errors": [{"type": "RATE_LIMITED", "message": message}]})
            raise error(quota.status, message)

    def _check_token(self, request: Request) -> None:
        if sign_in.github_allows(request, self._world):
            return
        if request.headers.get("authorization"):
            raise error(401, "Bad credentials")
        if request.url.path.endswith("/user") or _is_graphql(request):
            raise error(401, "Requires authentication")
        raise _unknown()

    def finish(self, request: Request, world: World, response: Response) -> Response:
        """Add the headers of every answer; a GET whose ETag the client has becomes 304."""
        final = response
        if request.method == "GET" and response.status_code == 200:
            etag = 'W/"' + digest(bytes(response.body), sign_in.bearer(request), response.headers.get("link")) + '"'
            if request.headers.get("if-none-match") == etag:
                kept = {"link": response.headers["link"]} if "link" in response.headers else None
                final = Response(status_code=304, headers=kept)
            final.headers["etag"] = etag
            final.headers["cache-control"] = "private, max-age=60, s-maxage=60"
        quota = self.quota(request)
        free = final.status_code == 304 or request.url.path.endswith("/rate_limit")
        quota.spend(world.now(), 0 if free else int(request.scope.get("sandbox.cost", 1)))
        for name, value in quota.shown().items():
            final.headers[f"x-ratelimit-{name}"] = str(value)
        final.headers["x-ratelimit-resource"] = quota.resource
        final.headers["x-github-request-id"] = f"SAND:{world.new_id():X}"
        final.headers["x-github-media-type"] = "github.v3; format=json"
        return final


def _repository(request: Request, world: World) -> Response:
    name = repository_name(request, world)
    still_open = sum(issue.closed_at is None for issue in world.issues[name].values())
    number = github_json.number_of(world.first_name(name))
    return answer(github_json.repository(api_url(request), name, number, still_open))


def _user(request: Request, _: World) -> Response:
    return answer(github_json.own_user(api_url(request), OWN_LOGIN))


def _installation(request: Request) -> Json:
    base = api_url(request)
    return {
        "id": INSTALLATION_ID,
        "app_id": APP_ID,
        "app_slug": "bugbridge",
        "account": {**github_json.user(base, "acme"), "type": "Organization"},
        "repository_selection": "all",
        "access_tokens_url": f"{base}/app/installations/{INSTALLATION_ID}/access_tokens",
        "repositories_url": f"{base}/installation/repositories",
        "permissions": PERMISSIONS,
        "target_type": "Organization",
        "events": [],
        "suspended_at": None,
    }


def _check_jwt(request: Request, world: World) -> None:
    if not world.app.knows(sign_in.bearer(request)):
        raise error(401, "A JSON web token could not be decoded")


def _installations(request: Request, world: World) -> Response:
    _check_jwt(request, world)
    return page_of(request, [_installation(request)], lambda shown: shown)


def _one_installation(request: Request, world: World) -> Response:
    _check_jwt(request, world)
    if request.path_params["installation"] != INSTALLATION_ID:
        raise _unknown()
    return answer(_installation(request))


def _access_token(request: Request, world: World) -> Response:
    _one_installation(request, world)
    token, end = world.app.new_token(world.moment())
    return answer(
        {"token": token, "expires_at": zulu(end), "permissions": PERMISSIONS, "repository_selection": "all"}, 201
    )


def _installation_repositories(request: Request, world: World) -> Response:
    base = api_url(request)
    numbers = {name: github_json.number_of(world.first_name(name)) for name in world.issues}
    shown = [github_json.repository(base, name, number, 0) for name, number in numbers.items()]
    return answer({"total_count": len(shown), "repository_selection": "all", "repositories": shown})


def _graphql(quota: Quota) -> Handler:
    def serve(request: Request, world: World) -> Response:
        """One query; whatever is wrong with it is told in a 200. Anything may be read, nothing be written."""
        asked = body_of(request)
        try:
            document = read_document(str(asked.get("query") or ""))
        except GraphQLSyntaxError as refused:
            return answer({"errors": [{"message": str(refused)}]})
        if document.kind != "query":
            return answer({"errors": [{"message": f"The sandbox knows no {document.kind}s."}]})
        body, request.scope["sandbox.cost"] = run(document, asked.get("variables") or {}, root(world, quota, OWN_LOGIN))
        return answer(body)

    return serve


def _table(traffic: Traffic) -> list[tuple[str, str, Handler]]:
    """Method, path and handler; a path that begins with a star is one of a repository."""

    def rate_limit(_: Request, world: World) -> Response:
        shown = {}
        for name, quota in traffic.quotas.items():
            quota.spend(world.now(), 0)
            shown[name] = quota.shown()
        return answer({"resources": {**shown, "search": shown["core"]}, "rate": shown["core"]})

    issue = "*/issues/{number:int}"
    return [
        ("GET", "/user", _user),
        ("GET", "/rate_limit", rate_limit),
        ("GET", "/search/issues", github_issues.search),
        ("GET", "/app/installations", _installations),
        ("GET", "/app/installations/{installation:int}", _one_installation),
        ("POST", "/app/installations/{installation:int}/access_tokens", _access_token),
        ("GET", "/installation/repositories", _installation_repositories),
        ("GET", "*", _repository),
        ("GET", "*/issues", github_issues.issues),
        ("GET", "*/releases", github_code.releases),
        ("GET", "*/commits", github_code.commits),
        ("GET", "*/commits/{sha:path}", github_code.commit),
        ("GET", "*/compare/{pair:path}", github_code.comparison),
        ("GET", "*/pulls", github_issues.pull_requests),
        ("GET", "*/pulls/{number:int}", github_issues.pull_request),
        ("GET", "*/issues/comments/{comment:int}", github_issues.comment),
        ("PATCH", "*/issues/comments/{comment:int}", github_issues.edit_comment),
        ("GET", issue, github_issues.issue),
        ("PATCH", issue, github_issues.edit_issue),
        ("GET", issue + "/timeline", github_issues.timeline),
        ("GET", issue + "/events", github_issues.events),
        ("GET", issue + "/comments", github_issues.comments),
        ("POST", issue + "/comments", github_issues.add_comment),
        ("GET", issue + "/labels", github_issues.labels),
        ("POST", issue + "/labels", github_issues.add_labels),
        ("DELETE", issue + "/labels/{label:path}", github_issues.remove_label),
    ]


def _places(path: str) -> list[str]:
    """Every address of a path: a repository's by name and by id, and all of them below /api/v3 too."""
    named = ["/repos/{owner}/{repository}", "/repositories/{identity:int}"] if path.startswith("*") else [""]
    return [before + name + path.removeprefix("*") for before in ("", ENTERPRISE) for name in named]


def github_routes(world: World, traffic: Traffic) -> list[Route]:
    """GitHub's paths."""
    common = _Manners(world, traffic)
    manners = Manners(common.check, _unknown, common.finish)

    def nothing(_: Request, __: World) -> Response:
        raise _unknown()

    routes = [
        Route(place, endpoint(world, manners, handler), methods=[method])
        for method, path, handler in _table(traffic)
        for place in _places(path)
    ]
    graphql = endpoint(world, manners, _graphql(traffic.quotas["graphql"]))
    routes += [Route(path, graphql, methods=["POST"]) for path in ("/graphql", "/api/graphql")]
    return [*routes, Route("/{rest:path}", endpoint(world, manners, nothing), methods=EVERY)]
