"""The board: what is due."""

from datetime import timedelta

from fastapi import APIRouter, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.board import BoardUpdate
from bugbridge.core.listings import Column, ColumnKind, Linked, Listing, Value
from bugbridge.entry.sentences import STATES
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path, ticket_path
from bugbridge.entry.web.visiting import Agent

router = APIRouter()
AHEAD = timedelta(days=14)
COLUMNS = (
    Column("due_at", "Due", ColumnKind.MOMENT),
    Column("ticket", "Ticket"),
    Column("bug", "Bug"),
    Column("reason", "Reason"),
    Column("state", "State"),
)
NOTHING = "Nothing is due within two weeks. Link a ticket to a bug, and what is due for its customer stands here."


@router.get("/due", include_in_schema=False)
def due(web: WebHere, visitor: Agent, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show what is due."""
    return listing_page(web, visitor, request, _due(web, visitor, after), as_file)


@router.get("/api/v1/due")
def due_facts(web: WebHere, visitor: Agent, after: After = "") -> ListingFacts:
    """Updates that are open and due within two weeks, the earliest first."""
    return listing_facts(_due(web, visitor, after))


def _due(web: Web, visitor: Visitor, after: str) -> Listing:
    found = web.app.store.board_updates(visitor, web.app.clock.now() + AHEAD, after)
    return Listing("Due", COLUMNS, [_row(one) for one in found.rows], NOTHING, found.next)


def _row(one: BoardUpdate) -> dict[str, Value]:
    return {
        "due_at": one.due_at,
        "ticket": Linked(one.ticket, ticket_path(one.ticket)),
        "bug": Linked(one.bug, bug_path(one.bug)),
        "reason": one.reason.replace("_", " "),
        "state": STATES.get(one.state, str(one.state)),
    }
