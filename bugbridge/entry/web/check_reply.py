"""A reply checked over HTTP, for whoever knows the token: what agents write is neither kept nor logged."""

import logging
import threading
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import Request, Response
from pydantic import ConfigDict, Field
from starlette.routing import BaseRoute, Route

from bugbridge.core.errors import BugBridgeError, RefusedError, UsageError
from bugbridge.entry.checking import about_ticket, reply_checker
from bugbridge.entry.reply_requests import ReplyToCheck, read_request, reply_facts
from bugbridge.entry.web.addresses import CHECK_REPLY_API
from bugbridge.entry.web.answers import BEARER, HEADERS, Turn, bearer_token, in_turn, read_body, refusal, unproved
from bugbridge.entry.web.payloads import read_payload
from bugbridge.entry.web.signatures import names_secret
from bugbridge.render.json import to_json
from bugbridge.render.plain import clean
from bugbridge.services.reply_checking import About

if TYPE_CHECKING:
    from bugbridge.app import App

MALFORMED, TOO_LARGE, UNAVAILABLE = 400, 413, 503
BODY_LIMIT = 256 * 1024  # bytes; several times the longest reply, which has 20,000 characters
AT_ONCE = 4  # checks under way: more would only be slower, since they share a processor with the hooks
RETRY_SECONDS = 1
REFUSED = {
    MALFORMED: "The request broke off.",
    TOO_LARGE: f"A request has at most {BODY_LIMIT:,} bytes: is it one reply?",
}
BUSY = "Too many replies are being checked: ask again in a second."
UNREADABLE = "The reply can't be checked now: `bugbridge serve` logs why."
KNOWN = ("stage", "state", "release_planned", "first_reply", "workaround_unsent", "next_date_due")

log = logging.getLogger("bugbridge.serve")


class ReplyRequest(ReplyToCheck):
    """A reply, and the ticket that it goes to, if what is known of that one counts; else its situation is said."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    ticket: Annotated[str, Field(max_length=200)] = ""
    issue: Annotated[str, Field(max_length=400)] = ""


def check_reply_routes(app: "App", token: str) -> Sequence[BaseRoute]:
    """Give the route; without a token there is none."""
    turns = threading.BoundedSemaphore(AT_ONCE)
    answer = partial(_answer, app, token, turns)
    return [Route(CHECK_REPLY_API, answer, methods=["POST"])] if token else []


async def _answer(app: "App", token: str, turns: Turn, request: Request) -> Response:
    authorization = request.headers.get("authorization", "")
    if not names_secret(token, bearer_token(authorization)):
        if authorization:
            log.warning("%s: a request without the right token was refused", CHECK_REPLY_API)
        return unproved(BEARER)
    body = await read_body(request, BODY_LIMIT)
    if isinstance(body, int):
        return refusal(body, REFUSED[body])
    busy = refusal(UNAVAILABLE, BUSY, {"Retry-After": str(RETRY_SECONDS)})
    return await in_turn(turns, partial(_checked, app, body), busy)


def _checked(app: "App", body: bytes) -> Response:
    try:
        asked = _read(body)
        found = reply_checker(app).check(asked.text, _about(app, asked))
        return Response(to_json(reply_facts(found)), media_type="application/json", headers=HEADERS)
    except UsageError as error:
        return refusal(MALFORMED, str(error))
    except BugBridgeError as error:  # its sentence names paths of this computer
        log.warning("%s: a reply can't be checked: %s", CHECK_REPLY_API, clean(str(error)))
        return refusal(UNAVAILABLE, UNREADABLE)


def _read(body: bytes) -> ReplyRequest:
    """Read a request. Raises UsageError, which quotes nothing of the text."""
    try:
        payload = read_payload(body)
    except ValueError:
        raise UsageError('The request must be a JSON object, such as {"text": "We have no timeline."}.') from None
    asked = read_request(payload, ReplyRequest)
    said = [key for key in KNOWN if payload.get(key) is not None]
    if asked.ticket and said:
        raise UsageError(f"What is known of the ticket counts: leave {' and '.join(said)} out, or ticket.")
    if asked.issue and not asked.ticket:
        raise UsageError("issue says which of a ticket's bugs is meant: it goes with ticket.")
    return asked


def _about(app: "App", asked: ReplyRequest) -> About:
    if not asked.ticket:
        return asked.about
    try:
        known = about_ticket(app, asked.ticket, asked.issue or None)
    except RefusedError as error:  # its sentence names an option of the command line
        raise UsageError(f"{error.details['linked_to']}: say which in issue.") from None
    return About(known.situation, asked.language, known.likely_language)
