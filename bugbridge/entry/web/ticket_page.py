"""One ticket's page: its bugs and why what is due there is due; links are made there, and taken back."""

from dataclasses import replace

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Role, Visitor
from bugbridge.core.records import IssueRow, LinkKey, TicketRow
from bugbridge.entry.jobs import keep_policy
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.paths import ticket_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import NOT_FOUND, SEE_OTHER
from bugbridge.entry.web.ticket_facts import known_ticket_of, primary_of, shown_ticket
from bugbridge.entry.web.visiting import Agent, Form, OwnForm, actor_of
from bugbridge.services.linking import link_by_hand, unlink_by_hand
from bugbridge.services.planning import decide_link

router = APIRouter()
NO_LINK = "The ticket has no such link: reload its page."


@router.get("/tickets/{reference:path}", include_in_schema=False)
def ticket_page(web: WebHere, visitor: Agent, reference: str) -> Response:
    """Show a ticket to whoever may see it."""
    ticket = known_ticket_of(web, visitor, reference)
    facts = {**vars(shown_ticket(web, visitor, ticket)), "path": ticket_path(ticket.reference)}
    facts["is_lead"] = visitor.may(Role.LEAD)
    return web.page(visitor, "ticket.html", facts)


@router.post("/tickets/{reference:path}/link", include_in_schema=False)
def link(web: WebHere, visitor: Agent, form: OwnForm, reference: str) -> Response:
    """Make a link of a suggestion, or of a link that was taken back, and decide at once what is due."""
    app, (ticket, issue) = web.app, _both(web, visitor, reference, form)
    policies, calendar = app.policies, app.calendar  # a link that can't be decided isn't made
    keep_policy(app)
    with app.store.write():
        if link_by_hand(app.store, app.clock, ticket, issue, actor_of(visitor)):
            _trail(web, visitor, "link.made", ticket, issue)
            decide_link(app.store, policies, app.clock, calendar, LinkKey(ticket.id, issue.bug_id))
    return RedirectResponse(ticket_path(ticket.reference), SEE_OTHER)


@router.post("/tickets/{reference:path}/unlink", include_in_schema=False)
def unlink(web: WebHere, visitor: Agent, form: OwnForm, reference: str) -> Response:
    """Take a link back, or say that a suggested one is none."""
    app, (ticket, issue) = web.app, _both(web, visitor, reference, form)
    with app.store.write():
        if unlink_by_hand(app.store, app.clock, ticket, issue, actor_of(visitor)):
            _trail(web, visitor, "link.taken_back", ticket, issue)
    return RedirectResponse(ticket_path(ticket.reference), SEE_OTHER)


def _both(web: Web, visitor: Visitor, reference: str, form: Form) -> tuple[TicketRow, IssueRow]:
    """Give the ticket, and the issue of the very bug that was linked, which may have been merged since."""
    ticket = known_ticket_of(web, visitor, reference)
    keys = {str(one.key.bug_id): one.key for one in web.app.store.links_of(ticket.id)}
    key = keys.get(form.get("bug", ""))
    issue = primary_of(web, key) if key else None
    if key is None or issue is None:
        raise Refused(NOT_FOUND, NO_LINK)
    return ticket, replace(issue, bug_id=key.bug_id)


def _trail(web: Web, visitor: Visitor, did: str, ticket: TicketRow, issue: IssueRow) -> None:
    web.app.store.add_to_trail(visitor, did, f"{ticket.reference} {issue.reference}", web.app.clock.now())
