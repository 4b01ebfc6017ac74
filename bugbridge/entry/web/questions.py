"""The lead's questions: what the policy asks of a person about a bug."""

from functools import partial

from fastapi import APIRouter, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.board import BoardQuestion
from bugbridge.core.listings import Column, ColumnKind, Linked, Listing, Value
from bugbridge.core.places import Place
from bugbridge.entry.web.asked import place_asked
from bugbridge.entry.web.bug_names import ABOUT, abouts
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path, ticket_value
from bugbridge.entry.web.visiting import Agent

router = APIRouter()
FIRST: Place = (0, "")
COLUMNS = (
    Column("bug", "Bug"),
    ABOUT,
    Column("ticket", "For example"),
    Column("question", "Question"),
    Column("because", "Because"),
    Column("asked_at", "Asked", ColumnKind.MOMENT),
)
NOTHING = "The policy asks the lead nothing about any bug that is still open."


@router.get("/questions", include_in_schema=False)
def questions(web: WebHere, visitor: Agent, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show the lead's questions."""
    return listing_page(web, visitor, request, after, partial(_questions, web, visitor), as_file)


@router.get("/api/v1/questions")
def question_facts(web: WebHere, visitor: Agent, after: After = "") -> ListingFacts:
    """What the policy asks the team lead about bugs that haven't ended, by bug, each once."""
    return listing_facts(_questions(web, visitor, after))


def _questions(web: Web, visitor: Visitor, after: str) -> Listing:
    found = web.app.store.board_questions(visitor, place_asked(after, FIRST))
    said = abouts(web, visitor, (one.bug for one in found.rows))
    return Listing(
        "Questions to the lead", COLUMNS, [_row(one, said[one.bug]) for one in found.rows], NOTHING, found.next
    )


def _row(one: BoardQuestion, about: str) -> dict[str, Value]:
    return {
        "bug": Linked(one.bug, bug_path(one.bug)),
        "about": about,
        "ticket": ticket_value(one.ticket),
        "question": one.question,
        "because": one.because,
        "asked_at": one.asked_at,
    }
