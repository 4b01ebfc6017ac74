"""The web application: hooks of the trackers whose secret is set, and nothing else."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response

from bugbridge.core.errors import DataError
from bugbridge.entry.daemon import where
from bugbridge.entry.web.hooks import Hook, hook_routes
from bugbridge.entry.web.payloads import github_subjects, jira_subjects, read_payload
from bugbridge.render.plain import clean
from bugbridge.services.hints import receive_hint
from bugbridge.settings_parts import GitHubSettings

if TYPE_CHECKING:
    from bugbridge.app import App

MISTAKEN, UNAVAILABLE = 500, 503

Answer = Callable[[Request, Any], Coroutine[Any, Any, Response]]

log = logging.getLogger("bugbridge.serve")


def hook_path(kind: str, name: str) -> str:
    """Give the path at which a tracker's webhooks are taken."""
    return f"/hooks/{kind}/{name}"


def web_application(app: "App", secrets: Mapping[str, str], wake: Callable[[str], None]) -> FastAPI:
    """Make the application. `secrets` holds each tracker's, by name; `wake` is called with a tracker's name."""
    answers: dict[int | type[Exception], Answer] = {DataError: _unavailable, Exception: _mistaken}
    application = FastAPI(openapi_url=None, redirect_slashes=False, exception_handlers=answers)
    hooks = [_hook(app, name, secret, partial(wake, name)) for name, secret in secrets.items() if secret]
    application.include_router(hook_routes(hooks))
    return application


def _hook(app: "App", name: str, secret: str, wake: Callable[[], None]) -> Hook:
    settings = app.settings.trackers[name]
    read, signature, delivery = _jira(name), "x-hub-signature", "x-atlassian-webhook-identifier"
    if isinstance(settings, GitHubSettings):
        read, signature, delivery = _github(name, settings), "x-hub-signature-256", "x-github-delivery"
    receive = partial(receive_hint, app.store, app.clock, name)
    return Hook(hook_path(settings.kind, name), secret, signature, delivery, read, receive, wake)


def _github(name: str, settings: GitHubSettings) -> Callable[[Request, bytes], Sequence[str]]:
    def read(request: Request, body: bytes) -> Sequence[str]:
        event = request.headers.get("x-github-event", "")
        return github_subjects(name, settings.projects, event, read_payload(body))

    return read


def _jira(name: str) -> Callable[[Request, bytes], Sequence[str]]:
    def read(_request: Request, body: bytes) -> Sequence[str]:
        return jira_subjects(name, read_payload(body))

    return read


async def _unavailable(_request: Request, error: Exception) -> Response:
    """The database can't be written: Jira tries again later; what GitHub sent, the daemon finds by itself."""
    log.warning("a webhook was refused: %s", clean(str(error)))
    return Response(status_code=UNAVAILABLE)


async def _mistaken(_request: Request, error: Exception) -> Response:
    log.error("a webhook failed by a mistake in BugBridge (%s); please report it", where(error))
    return Response(status_code=MISTAKEN)
