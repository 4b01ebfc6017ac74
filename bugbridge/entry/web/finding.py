"""The search box: from a ticket's or an issue's reference to its page."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Visitor
from bugbridge.core.errors import UsageError
from bugbridge.core.references import parse_ticket_reference
from bugbridge.entry.naming import known_issue, names_issue
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.home import SEE_OTHER
from bugbridge.entry.web.paths import bug_path, ticket_path
from bugbridge.entry.web.refusals import NOT_FOUND
from bugbridge.entry.web.visiting import Agent

router = APIRouter()
LONGEST_TYPED = 2_000  # characters, as long as addresses are


@router.get("/find", include_in_schema=False)
def find(web: WebHere, visitor: Agent, q: str = "") -> Response:
    """Go to what is named; or say that nothing known here is, and how things are named."""
    typed = q.strip()[:LONGEST_TYPED]
    path = _path(web, visitor, typed)
    if path:
        return RedirectResponse(path, SEE_OTHER)
    facts = {"asked": typed, "helpdesks": list(web.app.settings.helpdesks)[:1], "projects": _projects(web)}
    return web.page(visitor, "not_found.html", facts, NOT_FOUND)


def _path(web: Web, visitor: Visitor, typed: str) -> str:
    """Give the page of what is named, "" for nothing that this visitor may see."""
    try:
        if names_issue(web.app, typed):
            return _bug_path(web, visitor, typed)
    except UsageError:
        return ""
    return _ticket_path(web, visitor, typed)


def _bug_path(web: Web, visitor: Visitor, typed: str) -> str:
    """Give the page of a bug. Raises UsageError for one that isn't known."""
    store, issue = web.app.store, known_issue(web.app, typed)
    return bug_path(issue.reference) if store.sees_bug(visitor, store.canonical_bug(issue.bug_id)) else ""


def _ticket_path(web: Web, visitor: Visitor, typed: str) -> str:
    for reference in _ticket_references(web, typed):
        name, _, remote_id = reference.partition(":")
        if web.app.store.board_ticket(visitor, name, remote_id):
            return ticket_path(reference)
    return ""


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
