"""A reply checked over HTTP: what agents write is neither kept nor logged."""

import logging
from functools import partial
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import ConfigDict, Field

from bugbridge.core.access import Visitor
from bugbridge.core.errors import BugBridgeError, RefusedError, UsageError
from bugbridge.entry.checking import about_ticket, reply_checker
from bugbridge.entry.naming import known_ticket, refuse_unknown_of_file, unknown_ticket
from bugbridge.entry.reply_requests import ReplyToCheck, read_request, reply_facts
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.addresses import CHECK_REPLY_API
from bugbridge.entry.web.answers import HEADERS, in_turn, read_body, refusal
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.limits import REPLY_BODY_LIMIT
from bugbridge.entry.web.payloads import read_payload
from bugbridge.entry.web.refusals import Unknown
from bugbridge.entry.web.statuses import MALFORMED, TOO_LARGE, UNAVAILABLE
from bugbridge.entry.web.turns import CHECKED_SECONDS, CHECKED_SOON
from bugbridge.entry.web.visiting import OwnCall
from bugbridge.render.json import to_json
from bugbridge.render.plain import clean
from bugbridge.services.reply_checking import About

if TYPE_CHECKING:
    from bugbridge.app import App

REFUSED = {
    MALFORMED: "The request broke off.",
    TOO_LARGE: f"A request has at most {REPLY_BODY_LIMIT:,} bytes: is it one reply?",
}
UNREADABLE = "The reply can't be checked now: `bugbridge serve` logs why."
KNOWN = ("stage", "state", "release_planned", "first_reply", "workaround_unsent", "next_date_due")

router = APIRouter()
log = logging.getLogger("bugbridge.serve")


class ReplyRequest(ReplyToCheck):
    """A reply, and the ticket that it goes to, if what is known of that one counts; else its situation is said."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    ticket: Annotated[str, Field(max_length=200)] = ""
    issue: Annotated[str, Field(max_length=400)] = ""


def _may_check(request: Request, web: WebHere) -> Visitor:
    visitor = web.doorkeeper.visitor(request)
    if visitor is None:
        if "authorization" in request.headers:
            log.warning("%s: a request without the right token was refused", CHECK_REPLY_API)
        raise Unknown
    return visitor


@router.post(CHECK_REPLY_API, include_in_schema=False)
async def check_reply(
    request: Request, web: WebHere, visitor: Annotated[Visitor, Depends(_may_check)], _own: OwnCall
) -> Response:
    """Check a reply, as `bugbridge check-reply --json` does."""
    body = await read_body(request, REPLY_BODY_LIMIT)
    if isinstance(body, int):
        return refusal(body, REFUSED[body])
    busy = refusal(UNAVAILABLE, CHECKED_SOON, {"Retry-After": str(CHECKED_SECONDS)})
    return await in_turn(web.checks, partial(_checked, web.app, visitor, body), busy)


def _checked(app: "App", visitor: Visitor, body: bytes) -> Response:
    try:
        asked = _read(body)
        found = reply_checker(app).check(asked.text, _about(app, visitor, asked))
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


def _about(app: "App", visitor: Visitor, asked: ReplyRequest) -> About:
    if not asked.ticket:
        return asked.about
    _refuse_out_of_sight(app, visitor, asked.ticket)
    try:
        known = about_ticket(app, asked.ticket, asked.issue or None)
    except RefusedError as error:  # its sentence names an option of the command line
        raise UsageError(f"{error.details['linked_to']}: say which in issue.") from None
    return About(known.situation, asked.language, known.likely_language)


def _refuse_out_of_sight(app: "App", visitor: Visitor, typed: str) -> None:
    """Raise the UsageError of a ticket that isn't known for one that is hidden from this visitor."""
    ticket = known_ticket(app, typed, PAGES)
    if not visitor.sees(ticket.source_name, ticket.brand, ticket.reference):
        refuse_unknown_of_file(app, typed)
        raise unknown_ticket(ticket.reference, PAGES)
