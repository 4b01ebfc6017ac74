"""Style and script of the pages: the only files that are served, by their names."""

from collections.abc import Mapping
from functools import cache

from fastapi import APIRouter, Response

from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import NOT_FOUND
from bugbridge.render.pages import static_files

router = APIRouter()
TYPES: Mapping[str, str] = {".css": "text/css", ".js": "text/javascript"}
HEADERS = {"Cache-Control": "public, max-age=300", "X-Content-Type-Options": "nosniff"}


@router.get("/static/{name}", include_in_schema=False)
def static(name: str) -> Response:
    """Give a file; everybody may have it."""
    text, ending = _files().get(name), name[name.rfind(".") :]
    if text is None or ending not in TYPES:
        raise Refused(NOT_FOUND, "There is no such file.")
    return Response(text, media_type=TYPES[ending], headers=HEADERS)


_files = cache(static_files)
