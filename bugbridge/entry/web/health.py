"""The daemon's health, at the port of `serve`: told from the database, as the daemon itself tells it."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from fastapi import Request, Response
from starlette.routing import BaseRoute, Route

from bugbridge.entry.health import PATHS, answer

if TYPE_CHECKING:
    from bugbridge.app import App


def health_routes(app: "App") -> Sequence[BaseRoute]:
    """Give a route for each path; reading the database, they run beside the hooks."""
    return [Route(path, partial(_answer, app, path), methods=["GET"]) for path in PATHS]


def _answer(app: "App", path: str, _request: Request) -> Response:
    found = answer(app, path)
    return Response(found.body, found.status, media_type=found.content_type)
