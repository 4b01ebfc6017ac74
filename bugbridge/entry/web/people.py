"""The list of people as the web reads it: who may sign in, with which role, and which brands they see."""

from datetime import datetime
from functools import partial

from fastapi import APIRouter, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.core.listings import PAGE_ROWS, Column, ColumnKind, Listing, Value
from bugbridge.core.people import Person
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.visiting import Admin

router = APIRouter()
PATH = "/people"
ALL_BRANDS = "all"
COLUMNS = (
    Column("agent", "Agent"),
    Column("name", "Name"),
    Column("role", "Role"),
    Column("brands", "Brands"),
    Column("last_act_at", "Last sign-in or act", ColumnKind.MOMENT),
)


@router.get(PATH, include_in_schema=False)
def people(web: WebHere, visitor: Admin, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show who is in the list."""
    return listing_page(web, visitor, request, after, partial(_people, web, visitor), as_file)


@router.get(f"/api/v1{PATH}")
def people_facts(web: WebHere, visitor: Admin, after: After = "") -> ListingFacts:
    """The people of the list, in its order, with role and brands, and when each last did something on the web."""
    return listing_facts(_people(web, visitor, after))


def brand_words(brands: frozenset[str] | None) -> str:
    """Name the brands that somebody sees."""
    return ", ".join(sorted(brands)) if brands else ALL_BRANDS


def _people(web: Web, _visitor: Visitor, after: str) -> Listing:
    persons, file = web.doorkeeper.visitors.people().persons, web.app.settings.people.file
    first = int(after) if after.isascii() and after.isdigit() else 0
    shown = persons[first : first + PAGE_ROWS]
    last_acts = web.app.store.last_acts([person.agent for person in shown])
    rows = [_row(person, last_acts.get(person.agent)) for person in shown]
    following = str(first + PAGE_ROWS) if first + PAGE_ROWS < len(persons) else ""
    note = f"Who is here is written in {file}, beside the configuration: agents, leads and admins, with their brands."
    nobody = f"Nobody is listed. Write {file}, with the columns agent, name, role and brands, beside the configuration."
    return Listing("People", COLUMNS, rows, nobody, following, note=note if rows else "")


def _row(person: Person, last_act_at: datetime | None) -> dict[str, Value]:
    return {
        "agent": person.agent,
        "name": person.name,
        "role": person.role.word,
        "brands": brand_words(person.brands),
        "last_act_at": last_act_at,
    }
