"""Promises to customers: those that are open, and those that nobody kept."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.listings import Column, ColumnKind, Linked, Listing, Value
from bugbridge.core.promises import PromiseEvent
from bugbridge.core.promises_made import Fared
from bugbridge.entry.receivers import whose
from bugbridge.entry.sentences import AWAITED
from bugbridge.entry.web.asked import MORE_BEHIND, choices, place_asked
from bugbridge.entry.web.bug_names import ABOUT, abouts
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path, ticket_value
from bugbridge.entry.web.visiting import Agent
from bugbridge.services.board import FIRST_PROMISE, PROMISED_LINKS, Judging, PromiseRow, promise_page

router = APIRouter()


class PromiseShow(StrEnum):
    """Which promises: both kinds, those still to be kept, or those that were due and that nobody has kept."""

    BOTH = "both"
    OPEN = "open"
    MISSED = "missed"


FARED = {
    PromiseShow.BOTH: frozenset({Fared.OPEN, Fared.MISSED}),
    PromiseShow.OPEN: frozenset({Fared.OPEN}),
    PromiseShow.MISSED: frozenset({Fared.MISSED}),
}
SHOWN = {PromiseShow.BOTH: "Open and missed", PromiseShow.OPEN: "Open", PromiseShow.MISSED: "Missed"}
COLUMNS = (
    Column("due_at", "Due by", ColumnKind.UNTIL),
    Column("waits_for", "Waits for"),
    Column("ticket", "Ticket"),
    Column("bug", "Bug"),
    ABOUT,
    Column("for", "Agent"),
    Column("said_by", "Said by"),
    Column("said_at", "Said", ColumnKind.MOMENT),
    Column("state", "State"),
)
NOTHING = (
    "No such promise. Promises are read in agents' public replies on tickets that are linked to a bug; "
    "an admin records one that was made elsewhere with `bugbridge promise add TICKET DATE`."
)
IN_ORDER = (
    "By when they are due, so that missed ones come first; those that wait for something come last. Of more than "
    f"{PROMISED_LINKS} links with promises the latest {PROMISED_LINKS} come first, and the others behind them in the "
    "same order. Promises by when a message is owed for them stand under Due, with the reason promised."
)


@dataclass(frozen=True, slots=True)
class PromisesAsked:
    """Which promises an address asks for."""

    show: Annotated[PromiseShow, Query(description="Which list.")] = PromiseShow.BOTH


Asked = Annotated[PromisesAsked, Depends()]


@router.get("/promises", include_in_schema=False)
def promises(
    web: WebHere, visitor: Agent, request: Request, asked: Asked, after: After = "", as_file: AsFile = ""
) -> Response:
    """Show promises."""
    shown = choices("/promises", asked.show, SHOWN, {})
    read = partial(_promises, web, visitor, asked)
    return listing_page(web, visitor, request, after, read, as_file, ("chosen.html", {"shown": shown}))


@router.get("/api/v1/promises")
def promise_facts(web: WebHere, visitor: Agent, asked: Asked, after: After = "") -> ListingFacts:
    """Promises that are open or missed, by when they are due; those that wait for something come last. Of more than
    200 links with promises the latest 200 come first. A page may hold fewer than 50, or none, and have a next one."""
    return listing_facts(_promises(web, visitor, asked, after))


def _promises(web: Web, visitor: Visitor, asked: PromisesAsked, after: str) -> Listing:
    app, place = web.app, place_asked(after, FIRST_PROMISE)
    judging = Judging(app.policy, app.calendar, app.people)
    found = promise_page(app.store, visitor, judging, app.clock.now(), FARED[asked.show], place)
    said = abouts(web, visitor, (one.listed.bug for one in found.rows))
    rows = [_row(one, said[one.listed.bug]) for one in found.rows]
    return Listing("Promises", COLUMNS, rows, MORE_BEHIND if found.next else NOTHING, found.next, note=IN_ORDER)


def _row(one: PromiseRow, about: str) -> dict[str, Value]:
    listed, promise = one.listed, one.listed.promise
    return {
        "due_at": promise.due_at,
        "waits_for": "" if promise.due_at else AWAITED[promise.event or PromiseEvent.NEWS],
        "ticket": ticket_value(listed.ticket),
        "bug": Linked(listed.bug, bug_path(listed.bug)),
        "about": about,
        "for": whose(one.receiver),
        "said_by": listed.said_by,
        "said_at": promise.made_at,
        "state": str(listed.fared),
    }
