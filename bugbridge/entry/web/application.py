"""The web application: pages and API, hooks whose secret is set, the daemon's health, the check of replies."""

import logging
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from bugbridge.core.errors import ConfigError, DataError
from bugbridge.entry.logs import where
from bugbridge.entry.web import (
    audit,
    board,
    bug_acts,
    bug_list,
    bug_page,
    check_reply,
    description,
    finding,
    home,
    issue_search,
    link_health,
    people,
    policy_api,
    policy_editing,
    policy_pages,
    policy_roll_back,
    promise_list,
    questions,
    round_api,
    round_list,
    rounds,
    sidebar,
    sidebar_api,
    sign_in,
    sources,
    static,
    ticket_api,
    ticket_page,
    tokens,
    trail,
    zendesk,
)
from bugbridge.entry.web.addresses import hook_path
from bugbridge.entry.web.description import REFUSALS
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.entry.web.guard import Guard
from bugbridge.entry.web.health import health_routes
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.hooks import Hook, hook_routes
from bugbridge.entry.web.loopback import is_shown_unsigned
from bugbridge.entry.web.oidc import Provider
from bugbridge.entry.web.payloads import github_subjects, jira_subjects, named_ticket, read_payload
from bugbridge.entry.web.refusals import Refused, Unknown, on_invalid, on_refused, on_unknown, recognise, told
from bugbridge.entry.web.signatures import GITHUB, JIRA, Signature
from bugbridge.entry.web.statuses import MISTAKEN, NO_METHOD, NOT_FOUND, UNAVAILABLE
from bugbridge.render.pages import PageRenderer
from bugbridge.render.plain import clean
from bugbridge.services.hints import receive_hint, receive_ticket_hint
from bugbridge.settings_base import WebhookFormat
from bugbridge.settings_parts import GitHubSettings

if TYPE_CHECKING:
    from bugbridge.app import App

NOT_HERE = {
    NOT_FOUND: "There is nothing at this address.",
    NO_METHOD: "This address isn't asked by this method; the header Allow names those that it takes.",
}
NOT_NOW = "This can't be answered now: `bugbridge serve` logs why."
UNUSABLE = "What the team configured can't be used now: `bugbridge doctor` says why."
NOT_AT_ALL = "BugBridge made a mistake: `bugbridge serve` logs where. Please report it."

Answer = Callable[[Request, Any], Coroutine[Any, Any, Response]]
Reader = Callable[[Request, bytes], Sequence[str]]

log = logging.getLogger("bugbridge.serve")


PAGES = (
    home,
    board,
    static,
    description,
    questions,
    promise_list,
    round_list,
    link_health,
    sources,
    rounds,
    round_api,
    sidebar,
    ticket_api,
    sidebar_api,
    zendesk,
    bug_list,
    bug_acts,
    bug_page,
    ticket_page,
    finding,
    issue_search,
    people,
    sign_in,
    tokens,
    trail,
    policy_pages,
    policy_roll_back,
    policy_editing,
    policy_api,
    audit,
    check_reply,
)
"""Modules of pages and of addresses of the API: each has a `router`."""


def web_application(
    app: "App",
    secrets: Mapping[str, str],
    wake: Callable[[str], None],
    token: str = "",
    key: str = "",
    client_secret: str = "",
) -> FastAPI:
    """Make the application. `secrets` holds each tracker's and helpdesk's, by name; `wake` is called with the name.

    `token` is the environment's, and `key` signs what comes back from browsers; by the `client_secret` the provider at
    which people sign in knows us.
    """
    answers: dict[int | type[Exception], Answer] = {
        Refused: on_refused,
        Unknown: on_unknown,
        RequestValidationError: on_invalid,
        HTTPException: _not_here,
        DataError: _unavailable,
        ConfigError: _unusable,
        Exception: _mistaken,
    }
    application = FastAPI(openapi_url=None, redirect_slashes=False, exception_handlers=answers, responses=REFUSALS)
    application.add_middleware(Guard)
    provider = Provider(app.settings.web, client_secret, app.clock) if client_secret else None
    pages = PageRenderer(app.settings.calendar.zone, app.clock)
    is_open = is_shown_unsigned(app.settings.web, secrets)
    doorkeeper = Doorkeeper(app, token, key, is_shown_unsigned=is_open)
    application.state.web = Web(app, pages, doorkeeper, provider)
    for module in PAGES:
        application.include_router(module.router)
    application.router.routes.extend(health_routes(app))
    for name, secret in secrets.items():
        if secret:
            make = _helpdesk_hook if name in app.settings.helpdesks else _tracker_hook
            application.router.routes.extend(hook_routes([make(app, name, secret, partial(wake, name))]))
    return application


def _tracker_hook(app: "App", name: str, secret: str, wake: Callable[[], None]) -> Hook:
    settings = app.settings.trackers[name]
    read, signature, delivery = _jira(name), JIRA, "x-atlassian-webhook-identifier"
    if isinstance(settings, GitHubSettings):
        read, signature, delivery = _github(name, settings), GITHUB, "x-github-delivery"
    receive = partial(receive_hint, app.store, app.clock, name)
    path = hook_path(settings.kind, name)
    return Hook(path, secret, signature, delivery, read, receive, wake, app.clock.now)


def _helpdesk_hook(app: "App", name: str, secret: str, wake: Callable[[], None]) -> Hook:
    settings = app.settings.helpdesks[name]
    webhook = settings.webhook
    path = hook_path(settings.kind, name)
    read, receive = _ticket(webhook), _receiver(app, name)
    return Hook(path, secret, _signature(webhook), webhook.delivery_header, read, receive, wake, app.clock.now)


def _signature(webhook: WebhookFormat) -> Signature | None:
    """Give how a helpdesk signs; None where it can't, and the secret is in the address."""
    if not webhook.signature_header:
        return None
    return Signature(
        webhook.signature_header, webhook.algorithm, webhook.encoding, webhook.prefix, webhook.timestamp_header
    )


def _receiver(app: "App", name: str) -> Callable[[str, Sequence[str]], bool]:
    def receive(delivery: str, tickets: Sequence[str]) -> bool:
        return receive_ticket_hint(app.store, app.clock, name, delivery, tickets[0])

    return receive


def _ticket(webhook: WebhookFormat) -> Reader:
    def read(_request: Request, body: bytes) -> Sequence[str]:
        ticket_id = named_ticket(webhook.ticket_paths, read_payload(body))
        return (ticket_id,) if ticket_id else ()

    return read


def _github(name: str, settings: GitHubSettings) -> Reader:
    def read(request: Request, body: bytes) -> Sequence[str]:
        event = request.headers.get("x-github-event", "")
        return github_subjects(name, settings.projects, event, read_payload(body))

    return read


def _jira(name: str) -> Reader:
    def read(_request: Request, body: bytes) -> Sequence[str]:
        return jira_subjects(name, read_payload(body))

    return read


async def _not_here(request: Request, error: HTTPException) -> Response:
    """There is no such address, or it isn't asked by that method. Who asks is looked up aside: it may take a while."""
    await run_in_threadpool(recognise, request)
    return told(request, error.status_code, NOT_HERE.get(error.status_code, error.detail), error.headers)


async def _unavailable(request: Request, error: Exception) -> Response:
    """The database can't be written: some try again later; what the others sent, the daemon finds by itself."""
    log.warning("a request was refused: %s", clean(str(error)))
    return told(request, UNAVAILABLE, NOT_NOW)


async def _unusable(request: Request, error: Exception) -> Response:
    """A file of the team's was changed, and is wrong since; its sentences name paths of this computer."""
    log.warning("a request was refused: %s", clean(str(error)))
    return told(request, UNAVAILABLE, UNUSABLE)


async def _mistaken(request: Request, error: Exception) -> Response:
    log.error("a request failed by a mistake in BugBridge (%s); please report it", where(error))
    return told(request, MISTAKEN, NOT_AT_ALL)
