"""The sidebar's facts and acts for programs, and its check of replies as one types."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from bugbridge.core.errors import RemoteError, UsageError
from bugbridge.core.sidebar import Acted, Sidebar, SidebarVerb
from bugbridge.entry.reply_requests import read_request, reply_facts
from bugbridge.entry.reply_showing import conclusion
from bugbridge.entry.web.answers import HEADERS, read_body, refusal
from bugbridge.entry.web.check_reply import REFUSED as BROKEN
from bugbridge.entry.web.check_reply import ReplyRequest
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.limits import LONGEST_DELAY, LONGEST_REFERENCE, REPLY_BODY_LIMIT
from bugbridge.entry.web.payloads import read_payload
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.sidebar import refusal_status, refusal_words
from bugbridge.entry.web.sidebar_tickets import act, checked, seen, ticket_in_sight
from bugbridge.entry.web.statuses import MALFORMED
from bugbridge.entry.web.visiting import Agent, OwnCall
from bugbridge.render.json import to_json
from bugbridge.services.sidebar_acts import Act

router = APIRouter()
NO_OBJECT = 'The request must be a JSON object, such as {"text": "We have no timeline."}.'


class ActBody(BaseModel):
    """What an agent says: `issue` names the bug, and isn't needed for a ticket's only one; `value` is daily, sometimes
    or once for meets_it, and a delay such as 3d or 2w for later."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    verb: SidebarVerb
    issue: Annotated[str, Field(max_length=LONGEST_REFERENCE)] = ""
    value: Annotated[str, Field(max_length=LONGEST_DELAY)] = ""


@router.get("/api/v1/tickets/{helpdesk}/{ticket:path}")
def ticket_facts(web: WebHere, visitor: Agent, helpdesk: str, ticket: str) -> Sidebar:
    """A ticket's bugs, what the policy says of them, drafts and open promises; instants are UTC."""
    return seen(web, ticket_in_sight(web, visitor, helpdesk, ticket))


@router.post("/api/v1/tickets/{helpdesk}/{ticket:path}/acts")
def ticket_act(web: WebHere, visitor: Agent, _own: OwnCall, helpdesk: str, ticket: str, said: ActBody) -> Acted:
    """Link a bug, or say something of one that is linked, as a `bug:` line in an internal note does."""
    row = ticket_in_sight(web, visitor, helpdesk, ticket)
    try:
        return act(web, visitor, row, Act(said.verb, said.issue, said.value))
    except (UsageError, RemoteError) as error:
        raise Refused(refusal_status(error), refusal_words(error, web.pages.zone)) from None


async def _body(request: Request) -> bytes:
    body = await read_body(request, REPLY_BODY_LIMIT)
    if isinstance(body, int):
        raise Refused(body, BROKEN[body])
    return body


@router.post("/sidebar/{helpdesk}/{ticket:path}/check", include_in_schema=False)
def check(
    web: WebHere,
    visitor: Agent,
    _own: OwnCall,
    helpdesk: str,
    ticket: str,
    body: Annotated[bytes, Depends(_body)],
) -> Response:
    """Check a reply as /api/v1/check-reply does; what agents write is neither kept nor logged."""
    row = ticket_in_sight(web, visitor, helpdesk, ticket)
    try:
        asked = _read(body)
        found = checked(web, row, asked.text, asked.issue)
    except UsageError as error:
        return refusal(MALFORMED, refusal_words(error, web.pages.zone))
    facts: dict[str, Any] = {**reply_facts(found), "conclusion": conclusion(found)}
    return Response(to_json(facts), media_type="application/json", headers=HEADERS)


def _read(body: bytes) -> ReplyRequest:
    try:
        payload = read_payload(body)
    except ValueError:
        raise UsageError(NO_OBJECT) from None
    return read_request({key: payload[key] for key in payload.keys() & {"text", "issue"}}, ReplyRequest)
