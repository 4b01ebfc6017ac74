"""Where Zendesk opens its app: its token is checked, and the ticket's sidebar shown in a frame of this page."""

import os
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from bugbridge.core.access import Visitor
from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.entry.web.frames import ZENDESK, framed, framing
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.passes import PASS_FIELD, PASS_HEADER
from bugbridge.entry.web.paths import sidebar_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.sidebar_tickets import ticket_in_sight
from bugbridge.entry.web.statuses import FORBIDDEN, NOT_FOUND, UNAVAILABLE, UNPROVED
from bugbridge.entry.web.visiting import GivenForm
from bugbridge.entry.web.zendesk_tokens import APP_KEY, agent_of
from bugbridge.settings import secret, secret_variable

router = APIRouter()
# Zendesk tells an app which ticket is open, and takes text into its editor, through Zendesk's own script alone, which
# is served from here; this page runs it and frames ours, and no other page of ours does either.
ZENDESK_SCRIPTS = "https://static.zdassets.com"
NO_APP = "There is no Zendesk of this name here."
NO_KEY = "The app isn't set up yet: {variable} must hold its public key."
NOT_THE_TEAMS = "You aren't in the team's list of people: ask whoever keeps it to add you."


class SidebarAddress(BaseModel):
    """Where a ticket's sidebar is, with its pass."""

    address: str


@router.post("/sidebar/{helpdesk}", include_in_schema=False)
def open_app(web: WebHere, helpdesk: str, form: GivenForm) -> Response:
    """Check Zendesk's token and answer with the page around the sidebar. Nothing of ours is known to the browser yet,
    so that the token alone says who asks."""
    web_url = _web_url(web, helpdesk)
    try:
        user = agent_of(form.get("token", ""), _public_key(helpdesk), web_url, web.app.clock.now())
    except UsageError as error:
        raise Refused(UNPROVED, str(error)) from None
    agent_in_team(web, helpdesk, user)
    facts = {"helpdesk": helpdesk, "app_pass": web.doorkeeper.passes.for_app(helpdesk, user)}
    response = framed(web.page(None, "zendesk.html", facts), framing(web, helpdesk))
    response.headers["Content-Security-Policy"] = (
        response.headers["Content-Security-Policy"].replace("script-src 'self'", f"script-src 'self' {ZENDESK_SCRIPTS}")
        + "; frame-src 'self'"
    )
    return response


@router.post("/sidebar/{helpdesk}/{ticket:path}/pass", include_in_schema=False)
def ticket_pass(web: WebHere, request: Request, helpdesk: str, ticket: str) -> SidebarAddress:
    """Exchange the app's pass for one of a ticket that its agent may see."""
    _web_url(web, helpdesk)
    user = web.doorkeeper.passes.agent_of_app(request.headers.get(PASS_HEADER, ""), helpdesk)
    agent = agent_in_team(web, helpdesk, user)
    row = ticket_in_sight(web, agent, helpdesk, ticket)
    given = web.doorkeeper.passes.for_ticket(row.reference, agent.key)
    return SidebarAddress(address=f"{sidebar_path(row.reference)}?{urlencode({PASS_FIELD: given})}")


def agent_in_team(web: Web, helpdesk: str, user: str) -> Visitor:
    """Give the agent whom the helpdesk knows by this id, with the role and the brands of their row. Raises Refused for
    one who is suspended there, who has left, or who isn't in the team's list of people where there is one."""
    found = web.doorkeeper.visitors.agent(f"{helpdesk}:{user}", helpdesk)
    if found is None:
        raise Refused(FORBIDDEN, NOT_THE_TEAMS)
    return found


def _web_url(web: Web, helpdesk: str) -> str:
    part = web.app.settings.helpdesks.get(helpdesk)
    if part is None or part.kind != ZENDESK:
        raise Refused(NOT_FOUND, NO_APP)
    return part.web_url


def _public_key(helpdesk: str) -> str:
    try:
        return secret(helpdesk, APP_KEY, os.environ)
    except ConfigError:
        raise Refused(UNAVAILABLE, NO_KEY.format(variable=secret_variable(helpdesk, APP_KEY))) from None
