"""The audit over HTTP: as JSON for programs, as a page for people; for those from whom no brand is hidden."""

import base64
import binascii
import logging
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.audit_model import By
from bugbridge.core.audit_question import USUAL, read_question
from bugbridge.core.errors import BugBridgeError, UsageError
from bugbridge.entry.web.addresses import AUDIT_API, AUDIT_PAGE
from bugbridge.entry.web.answers import HEADERS, in_turn, refusal
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.refusals import Unknown
from bugbridge.entry.web.statuses import MALFORMED, UNAVAILABLE, UNPROVED
from bugbridge.entry.web.whole_team import WholeTeamLead, refuse_narrowed
from bugbridge.entry.whole_audit import whole_audit
from bugbridge.render.audits import Form, written_audit
from bugbridge.render.plain import clean

if TYPE_CHECKING:
    from bugbridge.core.audit_model import Question

ONCE, REPEATED = ("last", "since"), "by"
RETRY_SECONDS = 10
BUSY = "Another audit is being made: ask again in a few seconds."
UNREADABLE = "The audit can't be made now: `bugbridge serve` logs why."

MEDIA_TYPES = {Form.JSON: "application/json", Form.HTML: "text/html"}
CHALLENGE = 'Basic realm="BugBridge", charset="UTF-8"'

# The page is one file that can be passed on: its style stands in it.
WITH_ITS_STYLE = {
    **HEADERS,
    "Content-Security-Policy": HEADERS["Content-Security-Policy"].replace(
        "default-src 'none';", "default-src 'none'; style-src 'unsafe-inline';"
    ),
}

router = APIRouter()
log = logging.getLogger("bugbridge.serve")


def basic_password(authorization: str) -> str:
    """Give the password of `Basic BASE64`, whoever the user is; "" where there is none (RFC 7617)."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(encoded.strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return ""


def _may_audit(request: Request, web: WebHere) -> Visitor | None:
    """Give whoever may see the audit, None for somebody unknown. Raises Refused for others."""
    return _checked(web, request)


def _may_see_page(request: Request, web: WebHere) -> Visitor | None:
    """The same for browsers, which send a token as the password of whatever user (RFC 7617)."""
    authorization = request.headers.get("authorization", "")
    return _checked(web, _with_token(request, basic_password(authorization)) if authorization else request)


def _checked(web: Web, request: Request) -> Visitor | None:
    visitor = web.doorkeeper.visitor(request)
    if visitor is not None:
        refuse_narrowed(visitor)
    elif "authorization" in request.headers:
        log.warning("%s: a request without the right token was refused", request.scope["path"])
    return visitor


def _with_token(request: Request, token: str) -> Request:
    """Give the request as a program would send it; what no header can hold is no token."""
    try:
        bearer = f"Bearer {token}".encode("latin-1")
    except UnicodeEncodeError:
        bearer = b"Bearer"
    others = [(name, value) for name, value in request.scope["headers"] if name != b"authorization"]
    return Request({**request.scope, "headers": [*others, (b"authorization", bearer)]})


@router.get(AUDIT_API, include_in_schema=False)
async def audit_facts(
    request: Request, web: WebHere, visitor: Annotated[Visitor | None, Depends(_may_audit)]
) -> Response:
    """The audit over the bugs resolved last, as `bugbridge audit --json` puts it out."""
    if visitor is None:
        raise Unknown
    return await _answer(web, request, Form.JSON)


@router.get(AUDIT_PAGE, include_in_schema=False)
async def audit_page(
    request: Request, web: WebHere, visitor: Annotated[Visitor | None, Depends(_may_see_page)]
) -> Response:
    """The same as a page that stands by itself."""
    if visitor is None:
        return Response(status_code=UNPROVED, headers={"WWW-Authenticate": CHALLENGE})
    return await _answer(web, request, Form.HTML)


@router.get("/audits", include_in_schema=False)
def audits(web: WebHere, visitor: WholeTeamLead) -> Response:
    """Ask for an audit."""
    return web.page(visitor, "audits.html", {"usual": USUAL, "groups": list(By), "audit": AUDIT_PAGE})


async def _answer(web: Web, request: Request, form: Form) -> Response:
    """Make an audit; since it may take all of a processor, whoever asks meanwhile is asked to come back."""
    app = web.app
    try:
        question = _question(request, ZoneInfo(app.settings.calendar.zone), app.clock.now())
    except UsageError as error:
        return refusal(MALFORMED, str(error))
    busy = refusal(UNAVAILABLE, BUSY, {"Retry-After": str(RETRY_SECONDS)})
    return await in_turn(web.turn, partial(_audited, web, request.scope["path"], form, question), busy)


def _question(request: Request, zone: ZoneInfo, now: datetime) -> "Question":
    """Read the query. Raises UsageError for one that can't be read as a whole."""
    query = request.query_params
    if query.keys() - {*ONCE, REPEATED}:
        raise UsageError(f"The query can hold {', '.join(ONCE)} and {REPEATED}.")
    for name in ONCE:
        if len(query.getlist(name)) > 1:
            raise UsageError(f"{name} is given once.")
    since = query.get("since") or None  # a form sends an empty one
    return read_question(query.get("last"), since, query.getlist(REPEATED), zone, now)


def _audited(web: Web, path: str, form: Form, question: "Question") -> Response:
    zone = web.app.settings.calendar.zone
    try:
        text = written_audit(whole_audit(web.app, question), form, zone, on_web=True)
    except BugBridgeError as error:  # its sentence names paths of this computer
        log.warning("%s: the audit can't be made: %s", path, clean(str(error)))
        return refusal(UNAVAILABLE, UNREADABLE)
    headers = WITH_ITS_STYLE if form is Form.HTML else HEADERS
    return Response(text, media_type=MEDIA_TYPES[form], headers=headers)
