"""Bugs by how many customers they affect, by age and by stage; those that are over are there where they are asked for.

Whoever sees some brands alone sees those bugs that a ticket of theirs is or was linked to: here, in the file and to
programs. Their pages, what the search box and the sidebar find go by the same tickets, suggested links included. An
issue that is out of sight can be linked to a ticket of one's own by its address, and its bug is in sight then.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from markupsafe import Markup
from pydantic import BaseModel

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import AgedBugs, BoardBug, BugOrder, BugsWanted
from bugbridge.core.errors import UsageError
from bugbridge.core.listings import Column, ColumnKind, Linked, Listing, Value
from bugbridge.core.model import TERMINAL_STAGES, Frequency, Stage
from bugbridge.entry.web.bug_names import ABOUT, abouts
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.paths import bug_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import MALFORMED
from bugbridge.entry.web.visiting import Agent
from bugbridge.render.bug_board_words import FREQUENCY_WORDS, NEWS_SAID, STAGE_WORDS
from bugbridge.render.bug_pictures import AGE_BORDERS, AGES, OPEN_STAGES, ages_picture

router = APIRouter()
COLUMNS = (
    Column("bug", "Bug"),
    ABOUT,
    Column("stage", "Stage"),
    Column("frequency", "Frequency"),
    Column("customers", "Customers affected", ColumnKind.NUMBER),
    Column("tickets", "Tickets", ColumnKind.NUMBER),
    Column("reported_at", "First reported", ColumnKind.MOMENT),
    Column("age_days", "Age in days", ColumnKind.NUMBER),
    Column("news", "Last news"),
    Column("news_at", "Since", ColumnKind.MOMENT),
)
NOTHING = "No bug is like this. Link a ticket to an issue, or ask for less above, and bugs stand here."
EVERY_STAGE = "all"
OVER_LEFT_OUT = "Released and declined bugs aren't listed: choose them, or all, under Stage above."
ORDERS = {
    BugOrder.CUSTOMERS: "most customers first",
    BugOrder.AGE: "longest known first",
    BugOrder.NEWS: "latest news first",
}
STAGES_ASKED = "Those that are wanted, or `all`; without any, bugs that are neither released nor declined."
Narrowing = Annotated[str, Query(max_length=200)]


@contextmanager
def refusing(status: int = MALFORMED) -> Iterator[None]:
    """Answer with the sentence of whatever was asked wrongly, and this status."""
    try:
        yield
    except UsageError as error:
        raise Refused(status, str(error)) from None


def bugs_wanted(
    stage: Annotated[list[str] | None, Query(max_length=20, description=STAGES_ASKED)] = None,
    tracker: Narrowing = "",
    project: Narrowing = "",
    frequency: Narrowing = "",
    words: Narrowing = "",
    sort: Narrowing = "",
) -> BugsWanted:
    """Read which bugs are asked for; empty fields of a form ask for nothing. Raises Refused for unknown words."""
    _check("frequency", [frequency] if frequency else [], tuple(Frequency))
    _check("sort", [sort] if sort else [], tuple(BugOrder))
    order = BugOrder(sort or BugOrder.CUSTOMERS)
    return BugsWanted(order, _stages(stage or ()), tracker.strip(), project.strip(), frequency, words.strip())


def _stages(given: Sequence[str]) -> tuple[Stage, ...]:
    """Read by which stages the list is narrowed: by none for all of them, and without any by those of open bugs."""
    asked = [one for one in given if one]
    _check("stage", asked, (*Stage, EVERY_STAGE))
    return () if EVERY_STAGE in asked else tuple(map(Stage, asked)) or OPEN_STAGES


def _check(name: str, given: Sequence[str], known: Sequence[str]) -> None:
    if not set(given) <= set(known):
        raise Refused(MALFORMED, f"{name} is one of {', '.join(known)}.")


Wanted = Annotated[BugsWanted, Depends(bugs_wanted)]


@router.get("/bugs", include_in_schema=False)
def bugs(
    web: WebHere, visitor: Agent, request: Request, wanted: Wanted, after: After = "", as_file: AsFile = ""
) -> Response:
    """Show the bugs, with a picture of how old the open ones are."""
    read = partial(_bugs, web, visitor, wanted)
    if as_file:
        return listing_page(web, visitor, request, after, read, as_file)
    facts = {
        "picture": Markup(ages_picture(_aged(web, visitor, wanted))),  # noqa: S704 - the picture escapes what it holds
        "wanted": asdict(wanted),
        "stages": STAGE_WORDS,
        "frequencies": FREQUENCY_WORDS,
        "orders": ORDERS,
        "trackers": list(web.app.settings.trackers),
    }
    return listing_page(web, visitor, request, after, read, as_file, ("bugs.html", facts))


@router.get("/api/v1/bugs")
def bug_list_facts(web: WebHere, visitor: Agent, wanted: Wanted, after: After = "") -> ListingFacts:
    """Bugs that have or had a link to a ticket that you may see, without released and declined ones unless `stage` asks
    for them; customers and tickets are counted as far as you may see them. `words` are looked for in what customers
    call the bug and in subjects; `about` is that name, or e.g. “…” with the subject of a ticket that reports it."""
    return listing_facts(_bugs(web, visitor, wanted, after))


class AgedFacts(BaseModel):
    """So many open bugs of a stage that customers have known for so long."""

    stage: Stage
    age: str
    bugs: int


class AgesFacts(BaseModel):
    """Open bugs by stage and age, the youngest first; what isn't named is none. An age counts from the first ticket
    that you may see, and is one of those in `ages`."""

    ages: list[str]
    counts: list[AgedFacts]


@router.get("/api/v1/bugs/ages")
def bug_ages_facts(web: WebHere, visitor: Agent, wanted: Wanted) -> AgesFacts:
    """How old the open bugs are, as the picture above the list shows it; narrowed as the list is."""
    counted = sorted(_aged(web, visitor, wanted), key=lambda one: (OPEN_STAGES.index(one.stage), one.place))
    counts = [AgedFacts(stage=one.stage, age=AGES[one.place], bugs=one.count) for one in counted]
    return AgesFacts(ages=list(AGES), counts=counts)


def _aged(web: Web, visitor: Visitor, wanted: BugsWanted) -> Sequence[AgedBugs]:
    now = web.app.clock.now()
    return web.app.store.board_bug_ages(visitor, wanted, [now - border for border in AGE_BORDERS])


def _bugs(web: Web, visitor: Visitor, wanted: BugsWanted, after: str) -> Listing:
    with refusing():
        found = web.app.store.board_bugs(visitor, wanted, after)
    now = web.app.clock.now()
    said = abouts(web, visitor, (one.reference for one in found.rows))
    rows = [_row(one, said[one.reference], now) for one in found.rows]
    leaves_out = wanted.stages and TERMINAL_STAGES.isdisjoint(wanted.stages)
    return Listing("Bugs", COLUMNS, rows, NOTHING, found.next, note=OVER_LEFT_OUT if leaves_out else "")


def _row(one: BoardBug, about: str, now: datetime) -> dict[str, Value]:
    return {
        "bug": Linked(one.reference, bug_path(one.reference)),
        "about": about,
        "stage": STAGE_WORDS[one.stage],
        "frequency": FREQUENCY_WORDS[one.frequency],
        "customers": one.customers,
        "tickets": one.tickets,
        "reported_at": one.reported_at,
        "age_days": (now - one.reported_at).days if one.reported_at else None,
        "news": NEWS_SAID[one.news] if one.news else "",
        "news_at": one.news_at,
    }
