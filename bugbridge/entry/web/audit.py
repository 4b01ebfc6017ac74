"""The audit over HTTP: as JSON for programs, as a page for people, each for whoever knows the token."""

import base64
import binascii
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import Request, Response
from starlette.routing import BaseRoute, Route

from bugbridge.core.audit_question import read_question
from bugbridge.core.errors import BugBridgeError, UsageError
from bugbridge.entry.web.addresses import AUDIT_API, AUDIT_PAGE
from bugbridge.entry.web.answers import BEARER, HEADERS, Turn, bearer_token, in_turn, refusal, unproved
from bugbridge.entry.web.signatures import names_secret
from bugbridge.entry.whole_audit import whole_audit
from bugbridge.render.audits import Form, written_audit
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.app import App
    from bugbridge.core.audit_model import Question

MALFORMED, UNAVAILABLE = 400, 503
ONCE, REPEATED = ("last", "since"), "by"
RETRY_SECONDS = 10
BUSY = "Another audit is being made: ask again in a few seconds."
UNREADABLE = "The audit can't be made now: `bugbridge serve` logs why."

# The page is one file that can be passed on: its style stands in it.
WITH_ITS_STYLE = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "default-src 'none';", "default-src 'none'; style-src 'unsafe-inline';"
    ),
}

log = logging.getLogger("bugbridge.serve")


@dataclass(frozen=True, slots=True)
class _Door:
    """One address: the form it gives, how a request proves that it knows the token, and what is asked of others."""

    path: str
    form: Form
    media_type: str
    token_of: Callable[[str], str]
    challenge: str


def basic_password(authorization: str) -> str:
    """Give the password of `Basic BASE64`, whoever the user is; "" where there is none (RFC 7617)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


DOORS = (
    _Door(AUDIT_API, Form.JSON, "application/json", bearer_token, BEARER),
    _Door(AUDIT_PAGE, Form.HTML, "text/html", basic_password, 'Basic realm="BugBridge", charset="UTF-8"'),
)


def audit_routes(app: "App", token: str) -> Sequence[BaseRoute]:
    """Give the routes of the audit; without a token there are none.

    One audit is made at a time, since it may take all of a processor; whoever asks meanwhile is asked to come back.
    """
    turn = threading.Lock()
    doors = DOORS if token else ()
    return [Route(door.path, partial(_answer, app, door, token, turn), methods=["GET"]) for door in doors]


async def _answer(app: "App", door: _Door, token: str, turn: Turn, request: Request) -> Response:
    authorization = request.headers.get("authorization", "")
    if not names_secret(token, door.token_of(authorization)):
        if authorization:
            log.warning("%s: a request without the right token was refused", door.path)
        return unproved(door.challenge)
    try:
        question = _question(request, ZoneInfo(app.settings.calendar.zone), app.clock.now())
    except UsageError as error:
        return refusal(MALFORMED, str(error))
    busy = refusal(UNAVAILABLE, BUSY, {"Retry-After": str(RETRY_SECONDS)})
    return await in_turn(turn, partial(_audited, app, door, question), busy)


def _question(request: Request, zone: ZoneInfo, now: datetime) -> "Question":
    """Read the query. Raises UsageError for one that can't be read as a whole."""
    query = request.query_params
    if query.keys() - {*ONCE, REPEATED}:
        raise UsageError(f"The query can hold {', '.join(ONCE)} and {REPEATED}.")
    for name in ONCE:
        if len(query.getlist(name)) > 1:
            raise UsageError(f"{name} is given once.")
    return read_question(query.get("last"), query.get("since"), query.getlist(REPEATED), zone, now)


def _audited(app: "App", door: _Door, question: "Question") -> Response:
    try:
        text = written_audit(whole_audit(app, question), door.form, app.settings.calendar.zone)
    except BugBridgeError as error:  # its sentence names paths of this computer
        log.warning("%s: the audit can't be made: %s", door.path, clean(str(error)))
        return refusal(UNAVAILABLE, UNREADABLE)
    headers = WITH_ITS_STYLE if door.form is Form.HTML else HEADERS
    return Response(text, media_type=door.media_type, headers=headers)
