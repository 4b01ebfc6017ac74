"""The first page: where each one begins."""

from fastapi import APIRouter, Response
from fastapi.responses import RedirectResponse

from bugbridge.entry.web.visiting import Agent

router = APIRouter()
SEE_OTHER = 303


@router.get("/", include_in_schema=False)
def home(_visitor: Agent) -> Response:
    """Go to what is due."""
    return RedirectResponse("/due", SEE_OTHER)
