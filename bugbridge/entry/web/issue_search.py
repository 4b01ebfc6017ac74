"""Issues searched by programs, as beside a ticket: those that are known at once, and a tracker's when it is named."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel

from bugbridge.core.sidebar import KnownBug
from bugbridge.core.snapshots import FoundIssue
from bugbridge.entry.web.here import WebHere
from bugbridge.entry.web.limits import LONGEST_TYPED
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.sidebar_search import searched
from bugbridge.entry.web.statuses import MALFORMED, UNAVAILABLE
from bugbridge.entry.web.visiting import Agent

router = APIRouter()
NO_TRACKER = "No tracker of this name is configured: /api/v1/sources lists those that are."


class FoundIssues(BaseModel):
    """At most 10 bugs that are `known` here, and 10 issues that the tracker `found`, whose titles are for the team."""

    known: list[KnownBug]
    found: list[FoundIssue]


@router.get("/api/v1/issues")
def found_issues(
    web: WebHere,
    visitor: Agent,
    q: Annotated[str, Query(min_length=1, max_length=LONGEST_TYPED, description="Words to look for.")],
    tracker: Annotated[str, Query(max_length=100, description="A tracker to ask, too; none is asked without.")] = "",
) -> FoundIssues:
    """Issues that match a text: those that are known here, and those of a tracker where one is named."""
    if tracker and tracker not in web.app.settings.trackers:
        raise Refused(MALFORMED, NO_TRACKER)
    search = searched(web, visitor, q, tracker)
    if search.problem:
        raise Refused(UNAVAILABLE, search.problem)
    return FoundIssues(known=list(search.known), found=list(search.found))
