"""A stand-in for Zendesk's Support API: OAuth, the cursor export, tickets, users, organisations, what is counted.

What a client may change is in zendesk_writing.
"""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bugbridge.sandbox import sign_in, zendesk_json, zendesk_writing
from bugbridge.sandbox.seed_people import SELF_ID
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
from bugbridge.sandbox.world import Comment, StatusChange, Ticket, UnknownError, World

EXPORT_LAG = timedelta(minutes=1)
"""The incremental export leaves out what changed in the last minute."""

LIMIT_PER_MINUTE = 700
SHORTEST_TOKEN, LONGEST_TOKEN = 300, 172_800
Item = TypeVar("Item")


@dataclass
class Grant:
    """What an issued access token may do, and until when (servers' clock, UTC)."""

    scopes: set[str]
    ends: datetime


class Door:
    """Issued tokens, and who may come in."""

    def __init__(self, world: World) -> None:
        """Nobody has a token yet."""
        self._world = world
        self._grants: dict[str, Grant] = {}

    def issue(self, request: Request, _: World) -> Response:
        """POST /oauth/tokens with the client's own credentials."""
        asked = body_of(request)
        if asked.get("grant_type") != "client_credentials":
            raise Refusal(
                400, {"error": "unsupported_grant_type", "error_description": "The grant type is not supported."}
            )
        if (asked.get("client_id"), asked.get("client_secret")) != (sign_in.ZENDESK_CLIENT, sign_in.ZENDESK_CLIENT_KEY):
            raise Refusal(401, {"error": "invalid_client", "error_description": "Client authentication failed."})
        seconds = min(max(int(asked.get("expires_in", LONGEST_TOKEN)), SHORTEST_TOKEN), LONGEST_TOKEN)
        scope = str(asked.get("scope") or "read write")
        access = digest("access", self._world.new_id())
        self._grants[access] = Grant(set(scope.split()), self._world.now() + timedelta(seconds=seconds))
        return answer({"access_token": access, "token_type": "bearer", "scope": scope, "expires_in": seconds})

    def check(self, request: Request) -> None:
        """Let a token or `email/token` in; writing takes a scope."""
        if request.url.path == "/oauth/tokens":
            return
        access = sign_in.bearer(request)
        if access is None:
            if sign_in.basic(request) != (f"{sign_in.EMAIL}/token", sign_in.ZENDESK_KEY):
                raise Refusal(401, {"error": "Couldn't authenticate you"})
            return
        grant = self._grants.get(access)
        if grant is None or grant.ends <= self._world.now():
            description = "The access token provided is expired, revoked, malformed or invalid for other reasons."
            raise Refusal(401, {"error": "invalid_token", "error_description": description})
        needed = "read" if request.method == "GET" else "write"
        if grant.scopes.isdisjoint({needed, f"tickets:{needed}"}):
            raise Refusal(
                403, {"error": "forbidden", "description": f"Missing the following required scopes: {needed}"}
            )


def _unknown() -> Refusal:
    return Refusal(404, {"error": "RecordNotFound", "description": "Not found"})


def _finish(request: Request, world: World, response: Response) -> Response:
    left = str(LIMIT_PER_MINUTE - 1)
    limits = {
        "x-rate-limit": str(LIMIT_PER_MINUTE),
        "x-rate-limit-remaining": left,
        "ratelimit-limit": str(LIMIT_PER_MINUTE),
    }
    reset = str(60 - world.now().second)
    response.headers.update(
        {**limits, "ratelimit-remaining": left, "ratelimit-reset": reset, "x-zendesk-api-version": "v2"}
    )
    response.headers["x-request-id"] = digest(request.url.path, world.new_id())[:32]
    return response


def _included(request: Request) -> set[str]:
    return set(filter(None, request.query_params.get("include", "").split(",")))


def _sideload(request: Request, world: World, people: set[int], organizations: set[int]) -> Json:
    """The users and organisations that `include=` asks for."""
    base, asked, found = base_url(request), _included(request), {}
    if "users" in asked:
        found["users"] = [
            zendesk_json.user(base, world.users[number]) for number in sorted(people) if number in world.users
        ]
    if "organizations" in asked:
        found["organizations"] = [
            zendesk_json.organization(base, world.organizations[number]) for number in sorted(organizations)
        ]
    return found


def _sideload_of(request: Request, world: World, tickets: list[Ticket]) -> Json:
    """The users, organisations and groups of tickets that `include=` asks for."""
    organizations = {ticket.organization_id for ticket in tickets}
    found = _sideload(request, world, zendesk_json.people_of(tickets), organizations)
    if "groups" in _included(request):
        numbers = {ticket.group_id for ticket in tickets}
        found["groups"] = [
            zendesk_json.group(base_url(request), number, name)
            for number, name in world.groups.items()
            if number in numbers
        ]
    return found


def _cursor(place: tuple[int, int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


def _export_start(request: Request, world: World) -> tuple[int, int]:
    """After which (epoch second of update, ticket) the page begins."""
    cursor, start = request.query_params.get("cursor"), request.query_params.get("start_time", "")
    if cursor is not None:
        try:
            second, number = json.loads(base64.urlsafe_b64decode(cursor))
        except (binascii.Error, ValueError):
            raise Refusal(400, {"error": "InvalidPaginationParameter", "description": "cursor is not valid"}) from None
        return int(second), int(number)
    if not start.isdigit():
        raise Refusal(400, {"error": "InvalidValue", "description": "start_time is missing or no epoch time"})
    if datetime.fromtimestamp(int(start), UTC) > world.now() - EXPORT_LAG:
        raise Refusal(
            422,
            {
                "error": "StartTimeTooRecent",
                "description": "Too recent start_time. Use a start_time older than 60 seconds",
            },
        )
    return int(start), 0


def _export(request: Request, world: World) -> Response:
    """Tickets by their last update, deleted ones too; the last minute's are left for the next time."""
    start, size = _export_start(request, world), whole(request, "per_page", 1000, 1000)
    latest = world.now() - EXPORT_LAG
    placed = sorted(
        (int(ticket.updated_at.timestamp()), ticket.id)
        for ticket in world.tickets.values()
        if ticket.updated_at <= latest
    )
    waiting = [place for place in placed if place > start]
    page = [world.tickets[number] for _, number in waiting[:size]]
    after = waiting[:size][-1] if page else start
    base = base_url(request)
    include = request.query_params.get("include")
    address = f"{base}{request.url.path}?cursor={_cursor(after)}" + (f"&include={include}" if include else "")
    return answer({
        "tickets": [zendesk_json.ticket(base, ticket) for ticket in page],
        **_sideload_of(request, world, page),
        "after_cursor": _cursor(after),
        "after_url": address,
        "before_cursor": None,
        "before_url": None,
        "end_of_stream": len(waiting) <= size,
    })  # fmt: skip


def _list(
    request: Request, name: str, items: list[Item], show: Callable[[Item], Json], extra: Callable[[list[Item]], Json]
) -> Response:
    """A page of a list: by cursor where `page[size]` is asked for, else by number, 100 a page."""
    address = f"{base_url(request)}{request.url.path}"
    asked = request.query_params
    descending = asked.get("sort_order") == "desc" or asked.get("sort", "").startswith("-")
    ordered = items[::-1] if descending else items
    if "page[size]" in asked:
        size, text = whole(request, "page[size]", 100, 100), asked.get("page[after]", "0")
        start = int(text) if text.isdigit() else 0
        page, more = ordered[start : start + size], start + size < len(ordered)
        following = f"{address}?page[size]={size}&page[after]={start + size}" if more else None
        meta = {"has_more": more, "after_cursor": str(start + size) if more else None, "before_cursor": None}
        paging: Json = {"meta": meta, "links": {"next": following, "prev": None}}
    else:
        size, number = whole(request, "per_page", 100, 100), whole(request, "page", 1, 100)
        page, more = ordered[(number - 1) * size : number * size], number * size < len(ordered)
        following = f"{address}?page={number + 1}&per_page={size}" if more else None
        paging = {"next_page": following, "previous_page": None, "count": len(ordered)}
    return answer({**extra(page), **paging, name: [show(item) for item in page]})  # one list is itself called links


def _ticket(request: Request, world: World) -> Response:
    ticket = world.ticket(zendesk_writing.number_of(request))
    sides = _sideload_of(request, world, [ticket])
    return answer({"ticket": zendesk_json.ticket(base_url(request), ticket), **sides})


def _comments(request: Request, world: World) -> Response:
    ticket = world.ticket(zendesk_writing.number_of(request))
    return _list(
        request,
        "comments",
        ticket.comments,
        zendesk_json.comment,
        lambda page: _sideload(request, world, zendesk_json.authors_of(page), set()),
    )


def _audits(request: Request, world: World) -> Response:
    ticket = world.ticket(zendesk_writing.number_of(request))
    every: list[Comment | StatusChange] = [*ticket.comments, *ticket.status_changes]
    found = sorted(every, key=lambda change: (change.created_at, change.id))
    return _list(request, "audits", found, lambda change: zendesk_json.audit(ticket, change), lambda _: {})


def _ids(request: Request) -> list[int]:
    return [int(text) for text in request.query_params.get("ids", "").split(",") if text.isdigit()]


def _user(request: Request, world: World) -> Response:
    found = world.users.get(zendesk_writing.number_of(request))
    if found is None:
        raise UnknownError("user")
    return answer({"user": zendesk_json.user(base_url(request), found)})


def _me(request: Request, world: World) -> Response:
    return answer({"user": zendesk_json.user(base_url(request), world.users[SELF_ID])})


def _users(request: Request, world: World) -> Response:
    found = [world.users[number] for number in _ids(request) if number in world.users]
    return _list(request, "users", found, lambda user: zendesk_json.user(base_url(request), user), lambda _: {})


def _organization(request: Request, world: World) -> Response:
    found = world.organizations.get(zendesk_writing.number_of(request))
    if found is None:
        raise UnknownError("organization")
    return answer({"organization": zendesk_json.organization(base_url(request), found)})


def _organizations(request: Request, world: World) -> Response:
    found = [world.organizations[number] for number in _ids(request) if number in world.organizations]
    return _list(
        request, "organizations", found, lambda each: zendesk_json.organization(base_url(request), each), lambda _: {}
    )


def _count(request: Request, world: World) -> Response:
    """How many tickets a search finds; `type:ticket` and `updated>=` are all that this one knows."""
    words = request.query_params.get("query", "").split()
    since = next((word.removeprefix("updated>=") for word in words if word.startswith("updated>=")), "1970-01-01")
    if "type:ticket" not in words:
        raise Refusal(422, {"error": "unavailable", "description": "The sandbox counts tickets alone"})
    start = read_instant(since)
    there = [each for each in world.tickets.values() if each.status != "deleted" and each.updated_at >= start]
    return answer({"count": len(there)})


def _groups(request: Request, world: World) -> Response:
    base = base_url(request)
    return _list(
        request, "groups", list(world.groups.items()), lambda each: zendesk_json.group(base, *each), lambda _: {}
    )


def _ticket_fields(request: Request, world: World) -> Response:
    base, found = base_url(request), list(world.ticket_fields.items())
    return _list(request, "ticket_fields", found, lambda each: zendesk_json.ticket_field(base, *each), lambda _: {})


def _jira_links(request: Request, world: World) -> Response:
    base = base_url(request)
    return _list(request, "links", world.jira_app_links, lambda each: zendesk_json.jira_link(base, each), lambda _: {})


def _nothing(_: Request, __: World) -> Response:
    raise Refusal(404, {"error": "InvalidEndpoint", "description": "Not found"})


def zendesk_routes(world: World) -> list[Route]:
    """Zendesk's paths, each with and without `.json`."""
    door = Door(world)
    manners = Manners(door.check, _unknown, _finish)
    table: list[tuple[str, str, Handler]] = [
        ("GET", "incremental/tickets/cursor", _export),
        ("GET", "tickets/{number}/comments", _comments),
        ("GET", "tickets/{number}/audits", _audits),
        ("GET", "tickets/{number}", _ticket),
        ("PUT", "tickets/{number}", zendesk_writing.update),
        ("POST", "tickets", zendesk_writing.create),
        ("GET", "tickets/{number}/tags", zendesk_writing.show_tags),
        ("PUT", "tickets/{number}/tags", zendesk_writing.add_tags),
        ("POST", "tickets/{number}/tags", zendesk_writing.replace_tags),
        ("DELETE", "tickets/{number}/tags", zendesk_writing.remove_tags),
        ("GET", "ticket_fields", _ticket_fields),
        ("GET", "groups", _groups),
        ("GET", "search/count", _count),
        ("GET", "jira/links", _jira_links),
        ("GET", "users/me", _me),
        ("GET", "users/show_many", _users),
        ("GET", "users/{number}", _user),
        ("GET", "organizations/show_many", _organizations),
        ("GET", "organizations/{number}", _organization),
    ]
    routes = [Route("/oauth/tokens", endpoint(world, manners, door.issue), methods=["POST"])]
    for method, path, handler in table:
        served = endpoint(world, manners, handler)
        routes += [Route(f"/api/v2/{path}{suffix}", served, methods=[method]) for suffix in (".json", "")]
    every = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    return [*routes, Route("/{rest:path}", endpoint(world, manners, _nothing), methods=every)]
