"""What the three servers share of HTTP: JSON answers with the servers' own clock, times, and reading requests."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from bugbridge.sandbox.world import UnknownError, World

Json = dict[str, Any]
Handler = Callable[[Request, World], Response]
"""Answers a request whose body was read before; called with the world's lock held."""

Endpoint = Callable[[Request], Awaitable[Response]]


class Refusal(Exception):  # noqa: N818 -- it is an answer of the server, not a fault of this program
    """A handler's way to answer with an error status and its vendor's body."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        """Answer `status` with this JSON body and these further headers."""
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers


def answer(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A JSON answer."""
    content = json.dumps(body, ensure_ascii=False).encode()
    return Response(content, status, headers, media_type="application/json; charset=utf-8")


def zulu(moment: datetime | None) -> str | None:
    """An instant as GitHub and Zendesk write it, `YYYY-MM-DDTHH:MM:SSZ`; None stays None."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def read_instant(text: str) -> datetime:
    """The UTC instant of an ISO 8601 text; ValueError where it is none."""
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def digest(*parts: object) -> str:
    """A short name for a content: the same content, the same name."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:40]


def base_url(request: Request) -> str:
    """The address under which the client reached this server, without a slash at its end."""
    return str(request.base_url).rstrip("/")


def whole(request: Request, name: str, default: int, most: int) -> int:
    """A whole number from the query, at least 1 and at most `most`."""
    text = request.query_params.get(name, "")
    return min(max(int(text), 1), most) if text.isdigit() else default


def body_of(request: Request) -> Json:
    """The request's JSON object; empty where it has none."""
    found = request.scope.get("sandbox.body")
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Manners:
    """What every answer of one vendor has in common."""

    check: Callable[[Request], None]
    unknown: Callable[[], Refusal]
    finish: Callable[[Request, World, Response], Response]


async def _read(request: Request) -> object:
    raw = await request.body()
    if request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return dict(parse_qsl(raw.decode()))
    return json.loads(raw or b"{}")


def _handle(manners: Manners, handler: Handler, request: Request, world: World) -> Response:
    try:
        manners.check(request)
        return handler(request, world)
    except UnknownError:
        refusal = manners.unknown()
    except Refusal as refused:
        refusal = refused
    return answer(refusal.body, refusal.status, refusal.headers)


def endpoint(world: World, manners: Manners, handler: Handler) -> Endpoint:
    """Serve a handler: read the body, check who asks, hold the lock, turn refusals into answers."""

    async def serve(request: Request) -> Response:
        try:
            request.scope["sandbox.body"] = await _read(request)
        except ValueError:
            return answer({"message": "Problems parsing JSON"}, 400)
        with world.lock:
            return manners.finish(request, world, _handle(manners, handler, request, world))

    return serve


def http_date(moment: datetime) -> str:
    """An instant as the Date header has it."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)
