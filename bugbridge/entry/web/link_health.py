"""The health of links: what somebody should look at, and what to do about it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.board_links import BoardIssue, BoardLink, LinkShow, WordlessBug
from bugbridge.core.listings import Column, ColumnKind, Linked, Listing, Slice, Value
from bugbridge.core.model import Gone, LinkHow
from bugbridge.core.places import LARGEST, LATEST_TEXT, Place
from bugbridge.entry.web.asked import choices, place_asked
from bugbridge.entry.web.bug_names import ABOUT, abouts
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path, ticket_value
from bugbridge.entry.web.visiting import Agent
from bugbridge.services.health import GONE_SENTENCES

router = APIRouter()
REMEMBERED = timedelta(days=30)
SHOWN = {
    LinkShow.SUGGESTED: "Suggestions",
    LinkShow.ISSUES: "Issues that can't be read",
    LinkShow.WORDS: "Bugs without customers' words",
    LinkShow.UNLINKED: "Taken away in 30 days",
}
BEGIN: dict[LinkShow, Place] = {
    LinkShow.SUGGESTED: (LARGEST, LARGEST),
    LinkShow.ISSUES: (0,),
    LinkShow.WORDS: (0,),
    LinkShow.UNLINKED: (LATEST_TEXT, LARGEST),
}
OF_A_LINK = (
    Column("ticket", "Ticket"),
    Column("bug", "Bug"),
    ABOUT,
    Column("what", "What"),
    Column("to_do", "What to do"),
)
OF_A_BUG = (
    Column("bug", "Bug"),
    ABOUT,
    Column("tickets", "Tickets", ColumnKind.NUMBER),
    Column("what", "What"),
    Column("to_do", "What to do"),
)
SINCE = Column("since", "Since", ColumnKind.MOMENT)
COLUMNS = {
    LinkShow.SUGGESTED: (*OF_A_LINK, SINCE),
    LinkShow.ISSUES: (*OF_A_BUG, SINCE),
    LinkShow.WORDS: OF_A_BUG,
    LinkShow.UNLINKED: (*OF_A_LINK, SINCE),
}
NOTHING = {
    LinkShow.SUGGESTED: "No suggestion waits: what agents note links by itself.",
    LinkShow.ISSUES: "Every issue that a ticket is linked to can be read.",
    LinkShow.WORDS: "Every open bug that a ticket is linked to has customers' words.",
    LinkShow.UNLINKED: "No link was taken away in 30 days.",
}
# Who or what named the bug.
NAMED_BY = {
    LinkHow.PUBLIC_REPLY: "named in a public reply",
    LinkHow.CUSTOMER: "named by the customer",
    LinkHow.BOT: "named by a bot",
    LinkHow.BEFORE_TICKET: "had ended before the ticket began",
}
TAKEN_BY = {LinkHow.HAND: "taken away by hand", LinkHow.LINE: "taken away by a line in a note"}
CONFIRM = "Link it if this ticket reports this bug, else unlink it: then it isn't suggested again."
LINK_AGAIN = "Nothing, if that was right. Only a person can link it again."
WORDS = "Say what customers call it, so that drafts do: its page keeps it, under Customers' words."
GONE_TO_DO = {
    Gone.DELETED: "Link its tickets to the issue that took its place, or unlink them.",
    Gone.CONVERTED: "Link its tickets to an issue: a discussion has no stage.",
    Gone.INVISIBLE: "Give the token its right back, or link its tickets to an issue that it may read.",
    Gone.NOT_AN_ISSUE: "Link its tickets to the issue that the pull request is for.",
}


@dataclass(frozen=True, slots=True)
class LinksAsked:
    """Which links an address asks for."""

    show: Annotated[LinkShow, Query(description="Which list.")] = LinkShow.SUGGESTED


Asked = Annotated[LinksAsked, Depends()]


@router.get("/links", include_in_schema=False)
def links(
    web: WebHere, visitor: Agent, request: Request, asked: Asked, after: After = "", as_file: AsFile = ""
) -> Response:
    """Show links that somebody should look at."""
    shown = choices("/links", asked.show, SHOWN, {})
    read = partial(_links, web, visitor, asked)
    return listing_page(web, visitor, request, after, read, as_file, ("chosen.html", {"shown": shown}))


@router.get("/api/v1/links")
def link_facts(web: WebHere, visitor: Agent, asked: Asked, after: After = "") -> ListingFacts:
    """Suggestions (suggested), issues that can't be read (issues), bugs without customers' words (words), and links
    that were taken away in the last 30 days (unlinked), each with what to do."""
    return listing_facts(_links(web, visitor, asked, after))


def _links(web: Web, visitor: Visitor, asked: LinksAsked, after: str) -> Listing:
    found = _FOUND[asked.show](web, visitor, place_asked(after, BEGIN[asked.show]))
    said = abouts(web, visitor, map(_bug_of, found.rows))
    rows = [{**row, ABOUT.key: said[_bug_of(row)]} for row in found.rows]
    return Listing(SHOWN[asked.show], COLUMNS[asked.show], rows, NOTHING[asked.show], found.next)


Row = dict[str, Value]


def _bug_of(row: Row) -> str:
    bug = row["bug"]
    return bug.text if isinstance(bug, Linked) else ""


def _suggested(web: Web, visitor: Visitor, after: Place) -> Slice[Row]:
    found = web.app.store.board_suggestions(visitor, after)
    return Slice(tuple(_link(one, NAMED_BY.get(one.how, "named elsewhere"), CONFIRM) for one in found.rows), found.next)


def _unlinked(web: Web, visitor: Visitor, after: Place) -> Slice[Row]:
    found = web.app.store.board_unlinked(visitor, web.app.clock.now() - REMEMBERED, after)
    return Slice(tuple(_link(one, TAKEN_BY.get(one.how, "taken away"), LINK_AGAIN) for one in found.rows), found.next)


def _issues(web: Web, visitor: Visitor, after: Place) -> Slice[Row]:
    found = web.app.store.board_gone_issues(visitor, after)
    return Slice(tuple(_gone(one) for one in found.rows), found.next)


def _words(web: Web, visitor: Visitor, after: Place) -> Slice[Row]:
    found = web.app.store.board_wordless(visitor, after)
    return Slice(tuple(_wordless(one) for one in found.rows), found.next)


_FOUND: dict[LinkShow, Callable[[Web, Visitor, Place], Slice[Row]]] = {
    LinkShow.SUGGESTED: _suggested,
    LinkShow.ISSUES: _issues,
    LinkShow.WORDS: _words,
    LinkShow.UNLINKED: _unlinked,
}


def _link(one: BoardLink, what: str, to_do: str) -> Row:
    ticket, bug = ticket_value(one.ticket), Linked(one.bug, bug_path(one.bug))
    return {"ticket": ticket, "bug": bug, "what": what, "since": one.at, "to_do": to_do}


def _gone(one: BoardIssue) -> Row:
    return {
        "bug": Linked(one.reference, bug_path(one.reference)),
        "tickets": one.tickets,
        "what": GONE_SENTENCES[one.gone],
        "since": one.since,
        "to_do": GONE_TO_DO[one.gone],
    }


def _wordless(one: WordlessBug) -> Row:
    bug = Linked(one.bug, bug_path(one.bug))
    return {"bug": bug, "tickets": one.tickets, "what": "has no customers' words", "to_do": WORDS}
