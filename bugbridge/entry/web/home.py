"""The first page: where each one begins."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from bugbridge.entry.web.paths import sidebar_path
from bugbridge.entry.web.statuses import SEE_OTHER
from bugbridge.entry.web.visiting import Agent

router = APIRouter()


@router.get("/", include_in_schema=False)
def home(visitor: Agent) -> Response:
    """Go to what is due, or to the sidebar for whoever may see one ticket alone."""
    return RedirectResponse(sidebar_path(visitor.ticket) if visitor.ticket else "/due", SEE_OTHER)
