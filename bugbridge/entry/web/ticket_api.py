"""One ticket for programs: what its page shows, with why what is due there is due."""

from collections.abc import Sequence
from datetime import datetime

from fastapi import APIRouter
from pydantic import BaseModel

from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.listing_pages import ListingFacts, listing_facts
from bugbridge.entry.web.ticket_facts import ExplainedLink, NamedBug, known_ticket_of, shown_ticket
from bugbridge.entry.web.visiting import Agent

router = APIRouter()


class TicketBug(BaseModel):
    """A bug that a ticket may report, by its primary issue, and what customers call it."""

    issue: str
    words: str


class TicketLink(TicketBug):
    """A bug that the ticket reports: what was decided and why, in sentences with the team's local times; its updates,
    the latest first, and its promises."""

    because: list[str]
    updates: ListingFacts
    promises: ListingFacts


class TicketFacts(BaseModel):
    """A ticket; `sent` is what was posted there, `more` counts the links that aren't listed."""

    ticket: str
    subject: str
    customer: str
    created_at: datetime
    address: str
    linked: list[TicketLink]
    suggested: list[TicketBug]
    unlinked: list[TicketBug]
    sent: ListingFacts
    more: int


@router.get("/api/v1/tickets/{helpdesk}/{ticket:path}/explained")
def explained(web: WebHere, visitor: Agent, helpdesk: str, ticket: str) -> TicketFacts:
    """Why what is due on a ticket is due, what was sent and promised there, and the bugs that it may report."""
    row = known_ticket_of(web, visitor, f"{helpdesk}:{ticket}")
    shown = shown_ticket(web, visitor, row)
    return TicketFacts(
        ticket=row.reference,
        subject=shown.subject,
        customer=shown.customer,
        created_at=row.created_at,
        address=shown.address,
        linked=[_link(one) for one in shown.linked],
        suggested=_bugs(shown.suggested),
        unlinked=_bugs(shown.unlinked),
        sent=listing_facts(shown.notes),
        more=shown.left_out,
    )


def _bugs(named: Sequence[NamedBug]) -> list[TicketBug]:
    return [TicketBug(issue=one.reference, words=one.words) for one in named]


def _link(one: ExplainedLink) -> TicketLink:
    return TicketLink(
        issue=one.reference,
        words=one.words,
        because=list(one.sentences),
        updates=listing_facts(one.updates),
        promises=listing_facts(one.promises),
    )
