"""A stand-in for GitHub's REST API: issues and what hangs on them, with ETags, Link paging and rate-limit headers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import changes, github_json, sign_in
from bugbridge.sandbox.wire import (
    Handler,
    Json,
    Manners,
    Refusal,
    answer,
    base_url,
    body_of,
    digest,
    endpoint,
    read_instant,
    whole,
)
from bugbridge.sandbox.world import SEED_NOW, GitHubEvent, GitHubIssue, UnknownError, World

LIMIT_PER_HOUR = 5000
DOCUMENTATION = "https://docs.github.com/rest"
STATE_REASONS = {"completed", "not_planned", "duplicate", "reopened"}
Item = TypeVar("Item")


class Quota:
    """What is left of the hour's requests; those answered 304 cost nothing. It is shown, never enforced."""

    def __init__(self) -> None:
        """Begin with a full hour."""
        self.hour = SEED_NOW
        self.used = 0

    def spend(self, now: datetime, cost: int) -> None:
        """Count one answer, in the hour that `now` lies in."""
        while now >= self.hour + timedelta(hours=1):
            self.hour, self.used = self.hour + timedelta(hours=1), 0
        self.used += cost

    def shown(self) -> dict[str, int]:
        """Limit, remaining, used, and the end of the hour in epoch seconds."""
        end = int((self.hour + timedelta(hours=1)).timestamp())
        return {
            "limit": LIMIT_PER_HOUR,
            "remaining": max(LIMIT_PER_HOUR - self.used, 0),
            "reset": end,
            "used": self.used,
        }


def _error(status: int, message: str) -> Refusal:
    return Refusal(status, {"message": message, "documentation_url": DOCUMENTATION, "status": str(status)})


def _unknown() -> Refusal:
    return _error(404, "Not Found")


def _check(request: Request) -> None:
    """A wrong token is refused; without one, private repositories are not there at all."""
    if sign_in.github_allows(request):
        return
    if request.headers.get("authorization"):
        raise _error(401, "Bad credentials")
    if request.url.path == "/user":
        raise _error(401, "Requires authentication")
    raise _unknown()


def _finisher(quota: Quota) -> Callable[[Request, World, Response], Response]:
    def finish(request: Request, world: World, response: Response) -> Response:
        """Add the headers of every answer; a GET whose ETag the client has becomes 304."""
        final = response
        if request.method == "GET" and response.status_code == 200:
            etag = 'W/"' + digest(bytes(response.body), sign_in.bearer(request), response.headers.get("link")) + '"'
            if request.headers.get("if-none-match") == etag:
                final = Response(
                    status_code=304, headers={"link": response.headers["link"]} if "link" in response.headers else None
                )
            final.headers["etag"] = etag
            final.headers["cache-control"] = "private, max-age=60, s-maxage=60"
        quota.spend(world.now(), 0 if final.status_code == 304 else 1)
        for name, value in quota.shown().items():
            final.headers[f"x-ratelimit-{name}"] = str(value)
        final.headers["x-ratelimit-resource"] = "core"
        final.headers["x-github-request-id"] = f"SAND:{world.new_id():X}"
        final.headers["x-github-media-type"] = "github.v3; format=json"
        return final

    return finish


def _page(request: Request, items: list[Item], show: Callable[[Item], Json]) -> Response:
    """One page of a list, with the Link header that names its neighbours."""
    size, page = whole(request, "per_page", 30, 100), whole(request, "page", 1, 10_000)
    last = max(-(-len(items) // size), 1)
    places = {"prev": page - 1, "next": page + 1, "last": last, "first": 1}
    wanted = {name: place for name, place in places.items() if (page < last if name in {"next", "last"} else page > 1)}
    links = [
        f'<{base_url(request)}{request.url.path}?{_query(request, place)}>; rel="{name}"'
        for name, place in wanted.items()
    ]
    shown = [show(item) for item in items[(page - 1) * size : page * size]]
    return answer(shown, headers={"link": ", ".join(links)} if links else None)


def _query(request: Request, page: int) -> str:
    return urlencode({**request.query_params, "page": page})


def _repository(request: Request, world: World) -> str:
    name = f"{request.path_params['owner']}/{request.path_params['repository']}"
    if name not in world.issues:
        raise UnknownError(name)
    return name


def _reference(request: Request, world: World) -> str:
    return f"{_repository(request, world)}#{request.path_params['number']}"


def _repositories(request: Request, world: World) -> Response:
    name = _repository(request, world)
    still_open = sum(issue.closed_at is None for issue in world.issues[name].values())
    return answer(github_json.repository(base_url(request), name, still_open))


def _since(request: Request) -> datetime | None:
    text = request.query_params.get("since")
    try:
        return read_instant(text.replace(" ", "+")) if text else None
    except ValueError:
        raise _error(422, "Validation Failed") from None


def _issues(request: Request, world: World) -> Response:
    """Issues and pull requests; as at GitHub only open ones, newest first, unless asked otherwise."""
    asked, since = request.query_params, _since(request)
    state = asked.get("state", "open")
    found = [
        issue
        for issue in world.issues[_repository(request, world)].values()
        if since is None or issue.updated_at >= since
    ]
    kept = [issue for issue in found if state == "all" or (issue.closed_at is None) == (state == "open")]
    orders: dict[str, Callable[[GitHubIssue], tuple[object, int]]] = {
        "created": lambda issue: (issue.created_at, issue.number),
        "updated": lambda issue: (issue.updated_at, issue.number),
        "comments": lambda issue: (len(issue.comments), issue.number),
    }
    order = orders.get(asked.get("sort", "created"), orders["created"])
    kept.sort(key=order, reverse=asked.get("direction", "desc") == "desc")
    return _page(request, kept, lambda issue: github_json.issue(base_url(request), issue))


def _issue(request: Request, world: World) -> Response:
    return answer(github_json.issue(base_url(request), world.issue(_reference(request, world))))


def _edit_issue(request: Request, world: World) -> Response:
    reference, asked = _reference(request, world), body_of(request)
    reason = asked.get("state_reason")
    if asked.get("state") not in {None, "open", "closed"} or (reason is not None and reason not in STATE_REASONS):
        raise _error(422, "Validation Failed")
    if asked.get("state") == "closed":
        changes.close_issue(world, reference, reason or "completed", changes.OWN_LOGIN)
    elif asked.get("state") == "open":
        changes.reopen_issue(world, reference, changes.OWN_LOGIN)
    return _issue(request, world)


def _events_page(request: Request, world: World, wanted: Callable[[GitHubEvent], bool]) -> Response:
    issue = world.issue(_reference(request, world))
    kept = [event for event in issue.events if wanted(event)]
    return _page(request, kept, lambda event: github_json.event(base_url(request), issue, event))


def _timeline(request: Request, world: World) -> Response:
    return _events_page(request, world, lambda _: True)


def _events(request: Request, world: World) -> Response:
    return _events_page(request, world, lambda event: event.kind != "commented")


def _comments(request: Request, world: World) -> Response:
    issue = world.issue(_reference(request, world))
    return _page(request, issue.comments, lambda event: github_json.comment(base_url(request), issue, event))


def _add_comment(request: Request, world: World) -> Response:
    reference, body = _reference(request, world), body_of(request).get("body")
    if not isinstance(body, str) or not body:
        raise _error(422, "Validation Failed")
    event = changes.comment_issue(world, reference, body, changes.OWN_LOGIN)
    return answer(github_json.comment(base_url(request), world.issue(reference), event), 201)


def _pull_request(request: Request, world: World) -> Response:
    found = world.issue(_reference(request, world))
    if not found.pull_request:
        raise UnknownError(found.reference)
    return answer(github_json.pull_request(base_url(request), found))


def _releases(request: Request, world: World) -> Response:
    newest_first = list(reversed(world.releases[_repository(request, world)]))
    return _page(request, newest_first, lambda release: github_json.release(base_url(request), release))


def _user(request: Request, _: World) -> Response:
    return answer(github_json.own_user(base_url(request), changes.OWN_LOGIN))


def github_routes(world: World) -> list[Route]:
    """GitHub's paths, at the root as at api.github.com."""
    quota = Quota()
    manners = Manners(_check, _unknown, _finisher(quota))
    one = "/repos/{owner}/{repository}"
    issue = one + "/issues/{number:int}"

    def rate_limit(_: Request, __: World) -> Response:
        return answer({"resources": {"core": quota.shown(), "search": quota.shown()}, "rate": quota.shown()})

    def nothing(_: Request, __: World) -> Response:
        raise _unknown()

    table: list[tuple[str, str, Handler]] = [
        ("GET", "/user", _user),
        ("GET", "/rate_limit", rate_limit),
        ("GET", one, _repositories),
        ("GET", one + "/issues", _issues),
        ("GET", one + "/releases", _releases),
        ("GET", one + "/pulls/{number:int}", _pull_request),
        ("GET", issue, _issue),
        ("PATCH", issue, _edit_issue),
        ("GET", issue + "/timeline", _timeline),
        ("GET", issue + "/events", _events),
        ("GET", issue + "/comments", _comments),
        ("POST", issue + "/comments", _add_comment),
    ]
    routes = [Route(path, endpoint(world, manners, handler), methods=[method]) for method, path, handler in table]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*routes, Route("/{rest:path}", endpoint(world, manners, nothing), methods=every)]
