"""Rounds: which bugs' news waits for somebody's review."""

from functools import partial

from fastapi import APIRouter, Request, Response

from bugbridge.core.access import Role, Visitor
from bugbridge.core.board import BoardRound
from bugbridge.core.listings import Column, ColumnKind, Linked, Listing, Value
from bugbridge.core.places import Place
from bugbridge.entry.web.asked import place_asked
from bugbridge.entry.web.board_words import reason_words
from bugbridge.entry.web.bug_names import ABOUT, abouts
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path, round_path
from bugbridge.entry.web.visiting import Agent

router = APIRouter()
FIRST: Place = (0, "")
COLUMNS = (
    Column("bug", "Bug"),
    ABOUT,
    Column("news", "News"),
    Column("tickets", "Tickets", ColumnKind.NUMBER),
    Column("since", "Waiting since", ColumnKind.MOMENT),
)
REVIEWED = "A bug here leads to the review of its round."
REVIEWED_BY_LEADS = "Leads review rounds: a bug here leads to its own page."
NOTHING = (
    "No round waits. News for several tickets is one; an admin's `bugbridge go-live --old round` keeps old news for "
    "one."
)


@router.get("/rounds", include_in_schema=False)
def rounds(web: WebHere, visitor: Agent, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show the rounds that wait."""
    return listing_page(web, visitor, request, after, partial(_rounds, web, visitor), as_file)


@router.get("/api/v1/rounds")
def round_facts(web: WebHere, visitor: Agent, after: After = "") -> ListingFacts:
    """News that waits for its review, by bug, with how many tickets the visitor sees of it; waiting since the earliest
    of them was due."""
    return listing_facts(_rounds(web, visitor, after))


def _rounds(web: Web, visitor: Visitor, after: str) -> Listing:
    found = web.app.store.board_rounds(visitor, place_asked(after, FIRST))
    said = abouts(web, visitor, (one.bug for one in found.rows))
    reviews = visitor.may(Role.LEAD)
    rows = [_row(one, said[one.bug], reviews=reviews) for one in found.rows]
    note = "" if not rows else REVIEWED if reviews else REVIEWED_BY_LEADS
    return Listing("Rounds", COLUMNS, rows, NOTHING, found.next, note=note)


def _row(one: BoardRound, about: str, *, reviews: bool) -> dict[str, Value]:
    return {
        "bug": Linked(one.bug, round_path(one.bug) if reviews else bug_path(one.bug)),
        "about": about,
        "news": reason_words(one.reason),
        "tickets": one.tickets,
        "since": one.since,
    }
