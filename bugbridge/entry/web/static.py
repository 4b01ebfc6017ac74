"""Style and script of the pages: the only files that are served, by their names."""

from collections.abc import Mapping
from functools import cache

from fastapi import APIRouter, Response

from bugbridge.entry.web.refusals import NOT_FOUND, Refused
from bugbridge.render.pages import static_text

router = APIRouter()
TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript"}
HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


@router.get("/static/{name}", include_in_schema=False)
def static(name: str) -> Response:
    """Give a file; everybody may have it."""
    ending = name[name.rfind(".") :]
    text = _file(name) if ending in TYPES else None
    if text is None:
        raise Refused(NOT_FOUND, "There is no such file.")
    return Response(text, media_type=TYPES[ending], headers=HEADERS)


@cache
def _file(name: str) -> str | None:
    return static_text(name)
