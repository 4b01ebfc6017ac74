"""What is answered instead of a page or of facts, in one sentence: as a page to people, as JSON to programs."""

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from bugbridge.entry.web.answers import BEARER, WAY_IN, refusal
from bugbridge.entry.web.headers import page_headers

if TYPE_CHECKING:
    from bugbridge.entry.web.here import Web

MALFORMED, UNPROVED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_LARGE = 400, 401, 403, 404, 409, 413
TOO_MANY, UNAVAILABLE = 429, 503
SEE_OTHER = 303
READING = frozenset({"GET", "HEAD"})
API = "/api/"
SIGN_IN = "/sign-in"


class Refused(Exception):  # noqa: N818 - it is an answer, and no mistake of ours
    """The request isn't carried out; `sentence` says what, why, and what to do, and quotes no secret."""

    def __init__(self, status: int, sentence: str) -> None:
        """Keep the answer."""
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


class Unknown(Exception):  # noqa: N818 - the same
    """Nobody knows who asks: people are shown where to sign in, programs what is missing."""


def is_for_programs(request: Request) -> bool:
    """Whether an answer is read by a program."""
    return request.url.path.startswith(API)


async def on_refused(request: Request, error: Refused) -> Response:
    """Say it."""
    if is_for_programs(request):
        return refusal(error.status, error.sentence)
    web: Web = request.app.state.web
    return web.page(None, "refused.html", {"sentence": error.sentence}, error.status)


async def on_unknown(request: Request, _error: Unknown) -> Response:
    """Show the way in: whoever wanted to see a page is led there and back."""
    if is_for_programs(request):
        return refusal(UNPROVED, WAY_IN, {"WWW-Authenticate": BEARER})
    if request.method in READING:
        asked = urlencode({"next": _asked_path(request)})
        return RedirectResponse(f"{SIGN_IN}?{asked}", SEE_OTHER, page_headers())
    web: Web = request.app.state.web
    facts = {"sentence": "Sign in, and do it again: you are signed out by now.", "way_in": SIGN_IN}
    return web.page(None, "refused.html", facts, UNPROVED)


def _asked_path(request: Request) -> str:
    """Give path and query as they were asked for: a reference's / and # stay quoted in it."""
    path = bytes(request.scope["raw_path"]).decode("ascii", "replace")
    return f"{path}?{request.url.query}" if request.url.query else path
