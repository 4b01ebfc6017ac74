"""The search box: from a ticket's or an issue's reference to its page, and the same for programs."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel

from bugbridge.core.access import Visitor
from bugbridge.core.errors import UsageError
from bugbridge.core.references import parse_ticket_reference
from bugbridge.entry.naming import known_issue, names_issue
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_ADDRESS
from bugbridge.entry.web.paths import bug_path, ticket_path
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import NOT_FOUND, OK, SEE_OTHER
from bugbridge.entry.web.visiting import Agent

router = APIRouter()
NOTHING = "Nothing that is known here is named so: a ticket is written HELPDESK:ID, an issue as its tracker names it."


class Found(BaseModel):
    """What is named, and where its page is."""

    kind: Literal["ticket", "bug"]
    reference: str
    path: str


@router.get("/find", include_in_schema=False)
def find(web: WebHere, visitor: Agent, q: str = "") -> Response:
    """Go to what is named; or say that nothing known here is, or nothing was typed, and how things are named."""
    typed = q.strip()[:LONGEST_ADDRESS]
    found = _found(web, visitor, typed) if typed else None
    if found:
        return RedirectResponse(found.path, SEE_OTHER)
    facts = {"asked": typed, "helpdesks": list(web.app.settings.helpdesks)[:1], "projects": _projects(web)}
    return web.page(visitor, "not_found.html", facts, NOT_FOUND if typed else OK)


@router.get("/api/v1/find")
def find_facts(
    web: WebHere,
    visitor: Agent,
    q: Annotated[str, Query(max_length=LONGEST_ADDRESS, description="A ticket's or an issue's reference or address.")],
) -> Found:
    """The ticket or the bug that a reference or an address names."""
    found = _found(web, visitor, q.strip())
    if found is None:
        raise Refused(NOT_FOUND, NOTHING)
    return found


def _found(web: Web, visitor: Visitor, typed: str) -> Found | None:
    """Give what is named, None for nothing that this visitor may see."""
    try:
        if names_issue(web.app, typed):
            return _found_bug(web, visitor, typed)
    except UsageError:
        return None
    return _found_ticket(web, visitor, typed)


def _found_bug(web: Web, visitor: Visitor, typed: str) -> Found | None:
    """Give a bug, None for one out of sight. Raises UsageError for one that isn't known."""
    store, issue = web.app.store, known_issue(web.app, typed)
    if not store.sees_bug(visitor, store.canonical_bug(issue.bug_id)):
        return None
    return Found(kind="bug", reference=issue.reference, path=bug_path(issue.reference))


def _found_ticket(web: Web, visitor: Visitor, typed: str) -> Found | None:
    for reference in _ticket_references(web, typed):
        name, _, remote_id = reference.partition(":")
        if web.app.store.board_ticket(visitor, name, remote_id):
            return Found(kind="ticket", reference=reference, path=ticket_path(reference))
    return None


def _ticket_references(web: Web, typed: str) -> list[str]:
    """Give what is typed as it is, since files name tickets in their own way, and as it is understood."""
    try:
        return [typed, parse_ticket_reference(typed, web.app.references)]
    except UsageError:
        return [typed]


def _projects(web: Web) -> list[str]:
    """Give an issue's reference as an example, of the first tracker that has a project."""
    for name, part in web.app.settings.trackers.items():
        if part.projects:
            mark = "#" if part.kind == "github" else "-"
            return [f"{name}:{min(part.projects)}{mark}12"]
    return []
