"""Lists as they are asked for: as a page, as a file for spreadsheets, or as facts for programs."""

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from bugbridge.core.access import Visitor
from bugbridge.core.listings import Listing
from bugbridge.entry.web.headers import page_headers
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.limits import LONGEST_TYPED, MOST_FILE_ROWS
from bugbridge.entry.web.refusals import asked_path
from bugbridge.render.listings import csv_of, csv_rows, facts_of

CUT_SHORT = f'"There are more than {MOST_FILE_ROWS:,} rows: narrow the list by its filters."\n'
After = Annotated[str, Query(max_length=LONGEST_TYPED, description="`next` of the page before, to go on from there.")]
AsFile = Annotated[str, Query(alias="format", pattern="^(|csv)$", description="csv for a file for spreadsheets.")]


class ListingFacts(BaseModel):
    """At most 50 rows of a list; `next` goes into `after` for those that follow, and is empty at the end."""

    rows: list[dict[str, Any]]
    next: str


def listing_facts(listing: Listing) -> ListingFacts:
    """Give a list to a program; instants are UTC."""
    return ListingFacts(rows=facts_of(listing), next=listing.next)


def listing_page(
    web: Web,
    visitor: Visitor,
    request: Request,
    after: str,
    read: Callable[[str], Listing],
    as_file: str,
    more: tuple[str, Mapping[str, object]] = ("listing.html", {}),
) -> Response:
    """Show a page of a list, or give all its rows as a file; both keep what the address asks for. `read` gives the page
    that goes on `after` a place; `more` is another template, and what it needs beside the list."""
    listing = read(after)
    if as_file:
        name = request.scope["path"].strip("/").replace("/", "-")
        headers = {**page_headers(), "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return StreamingResponse(_file(listing, read, web.pages.zone), media_type="text/csv", headers=headers)
    template, facts = more
    addresses = {
        "following": asked_path(request, after=listing.next) if listing.next else "",
        "file": asked_path(request, format="csv", after=""),
    }
    return web.page(visitor, template, {**facts, **addresses, "listing": listing})


def _file(listing: Listing, read: Callable[[str], Listing], zone: str) -> Iterator[str]:
    """Write page after page, of which only one is in memory at a time."""
    yield csv_of(listing, zone)
    count = len(listing.rows)
    while listing.next and count < MOST_FILE_ROWS:
        listing = read(listing.next)
        count += len(listing.rows)
        yield csv_rows(listing, zone)
    if listing.next:
        yield CUT_SHORT
