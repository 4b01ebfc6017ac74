"""What the stand-in for Zendesk lets a client change: tickets on condition, follow-ups once, tags."""

from collections.abc import Callable
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from bugbridge.sandbox import changes, zendesk_json
from bugbridge.sandbox.seed_people import SELF_ID
from bugbridge.sandbox.wire import Json, Refusal, answer, base_url, body_of, zulu
from bugbridge.sandbox.world import Comment, StatusChange, Ticket, World

STATUSES = {"new", "open", "pending", "hold", "solved", "closed"}
Change = Callable[[set[str], set[str]], set[str]]
"""Makes the tags that a ticket is to have of those it has and those that were given."""


def number_of(request: Request) -> int:
    """The number in the path; 400 for anything else."""
    text = str(request.path_params["number"]).removesuffix(".json")
    if not text.isdigit():
        raise Refusal(
            400,
            {"error": {"title": "Invalid attribute", "message": "You passed an invalid value for the id attribute."}},
        )
    return int(text)


def update(request: Request, world: World) -> Response:
    """PUT a ticket: a comment, a status, metadata."""
    ticket, asked = world.ticket(number_of(request)), _asked_ticket(request)
    _check_changeable(ticket)
    _check_stamp(asked, ticket.updated_at)
    comment = changes.update_ticket(world, ticket.id, _writing(world, asked))
    change = comment or (ticket.status_changes[-1] if ticket.status_changes else None)
    return _shown(request, ticket, change)


def create(request: Request, world: World) -> Response:
    """POST a follow-up of a closed ticket; the same idempotency key again gives the ticket that there is."""
    asked, key = _asked_ticket(request), request.headers.get("idempotency-key", "")
    if key in world.created_once:
        ticket = world.ticket(world.created_once[key])
        return _shown(request, ticket, ticket.comments[0], {"x-idempotency-lookup": "hit"})
    source = world.tickets.get(int(asked.get("via_followup_source_id") or 0))
    if source is None or source.status != "closed":
        raise _invalid("Via followup source: is not a closed ticket")  # the sandbox creates nothing else
    writing = _writing(world, asked)
    if writing.body is None:
        raise _invalid("Description: cannot be blank")
    ticket = changes.follow_up(world, source, asked.get("tags"), asked.get("assignee_id"))
    ticket.subject = asked.get("subject") or ticket.subject
    ticket.requester_id = int(asked.get("requester_id") or ticket.requester_id)
    comment = changes.update_ticket(world, ticket.id, writing)
    if key:
        world.created_once[key] = ticket.id
    return _shown(request, ticket, comment, {"x-idempotency-lookup": "miss"} if key else {}, status=201)


def add_tags(request: Request, world: World) -> Response:
    """PUT adds tags to those there are."""
    return _set_tags(request, world, lambda there, given: there | given)


def replace_tags(request: Request, world: World) -> Response:
    """POST replaces all tags."""
    return _set_tags(request, world, lambda _, given: given, status=201)


def remove_tags(request: Request, world: World) -> Response:
    """DELETE takes tags off, named in its body."""
    return _set_tags(request, world, lambda there, given: there - given)


def show_tags(request: Request, world: World) -> Response:
    """GET the tags."""
    return answer({"tags": sorted(world.ticket(number_of(request)).tags)})


def _set_tags(request: Request, world: World, change: Change, status: int = 200) -> Response:
    ticket, asked = world.ticket(number_of(request)), body_of(request)
    _check_changeable(ticket)
    _check_stamp(asked, ticket.updated_at)
    changes.set_tags(world, ticket.id, change(set(ticket.tags), set(map(str, asked.get("tags", ())))))
    return answer({"tags": ticket.tags}, status)


def _shown(
    request: Request,
    ticket: Ticket,
    change: Comment | StatusChange | None,
    headers: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    shown = zendesk_json.ticket(base_url(request), ticket)
    return answer({"ticket": shown, "audit": change and zendesk_json.audit(ticket, change)}, status, headers)


def _asked_ticket(request: Request) -> Json:
    asked = body_of(request).get("ticket")
    if not isinstance(asked, dict):
        raise Refusal(400, {"error": "Parameter ticket is required"})
    return asked


def _writing(world: World, asked: Json) -> changes.Writing:
    comment, status, custom = asked.get("comment"), asked.get("status"), asked.get("metadata") or {}
    if status is not None and status not in STATUSES:
        raise _invalid("Status: is not valid")
    if comment is None:
        return changes.own_writing(None, public=False, status=status, custom=custom)
    body, author = comment.get("body") or comment.get("html_body"), int(comment.get("author_id") or SELF_ID)
    if not body:
        raise _invalid("Comment: cannot be blank")
    if author != SELF_ID and world.users[SELF_ID].role != "admin":
        raise Refusal(403, {"error": "Forbidden", "description": "You do not have access to this page."})
    if author not in world.users:
        raise _invalid("Author: is not valid")
    public = bool(comment.get("public", True))
    return changes.own_writing(str(body), public=public, status=status, custom=custom, author_id=author)


def _check_changeable(ticket: Ticket) -> None:
    if ticket.status == "closed":
        raise _invalid("Status: closed prevents ticket update")


def _check_stamp(asked: Json, updated_at: datetime) -> None:
    """Refuse a safe update of a ticket that has changed since the client read it; `"true"` asks for one too."""
    if asked.get("safe_update") in {True, "true"} and asked.get("updated_stamp") != zulu(updated_at):
        description = (
            "Safe Update prevented the update due to outdated ticket data. Please fetch the latest and try again."
        )
        raise Refusal(409, {"error": "UpdateConflict", "description": description})


def _invalid(message: str) -> Refusal:
    details = {"base": [{"description": message}]}
    return Refusal(422, {"error": "RecordInvalid", "description": "Record validation errors", "details": details})
