"""The audit trail: who did what on the web, and with tokens."""

from functools import partial

from fastapi import APIRouter, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.listings import Column, ColumnKind, Listing, Value
from bugbridge.core.tokens import TrailEntry
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import FORBIDDEN
from bugbridge.entry.web.visiting import Admin

router = APIRouter()
PATH = "/trail"
COLUMNS = (
    Column("at", "At", ColumnKind.MOMENT),
    Column("who", "Who"),
    Column("via", "By way of"),
    Column("did", "Did"),
    Column("subject", "To what"),
)
NOTHING = "Nothing was done on the web yet. Whatever somebody does here, or with a token, is listed with who and when."
NOT_WHOLE = "This is about the whole team: it is for an admin from whom no brand is hidden."


@router.get(PATH, include_in_schema=False)
def trail(web: WebHere, visitor: Admin, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show what was done."""
    return listing_page(web, visitor, request, after, partial(_trail, web, visitor), as_file)


@router.get(f"/api/v1{PATH}")
def trail_facts(web: WebHere, visitor: Admin, after: After = "") -> ListingFacts:
    """What was done on the web and with tokens, the latest first."""
    return listing_facts(_trail(web, visitor, after))


def _trail(web: Web, visitor: Visitor, after: str) -> Listing:
    if not visitor.sees_everything:
        raise Refused(FORBIDDEN, NOT_WHOLE)
    found = web.app.store.trail(after)
    return Listing("Trail", COLUMNS, [_row(one) for one in found.rows], NOTHING, found.next)


def _row(one: TrailEntry) -> dict[str, Value]:
    return {"at": one.at, "who": one.who, "via": one.via, "did": one.did.replace("_", " "), "subject": one.subject}
