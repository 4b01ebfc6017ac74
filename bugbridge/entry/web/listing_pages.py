"""Lists as they are asked for: as a page, as a file for spreadsheets, or as facts for programs."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Query, Request, Response
from pydantic import BaseModel

from bugbridge.core.access import Visitor
from bugbridge.core.listings import Listing
from bugbridge.entry.web.headers import page_headers
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.refusals import asked_path
from bugbridge.render.listings import csv_of, facts_of

After = Annotated[str, Query(max_length=200, description="`next` of the page before, to go on from there.")]
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
    listing: Listing,
    as_file: str,
    more: tuple[str, Mapping[str, object]] = ("listing.html", {}),
) -> Response:
    """Show a list, or give its rows as a file; both keep what the address asks for. `more` is another template, and
    what it needs beside the list."""
    if as_file:
        name = request.scope["path"].strip("/").replace("/", "-")
        headers = {**page_headers(), "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Response(csv_of(listing, web.pages.zone), media_type="text/csv", headers=headers)
    template, facts = more
    addresses = {
        "following": asked_path(request, after=listing.next) if listing.next else "",
        "file": asked_path(request, format="csv"),
    }
    return web.page(visitor, template, {**facts, **addresses, "listing": listing})
