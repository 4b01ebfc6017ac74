"""What is answered instead of a page or of facts, in one sentence: as a page to people, as JSON to programs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse

from bugbridge.core.access import Visitor
from bugbridge.core.errors import DataError
from bugbridge.entry.reply_requests import sentence_of
from bugbridge.entry.web.answers import BEARER, WAY_IN, refusal
from bugbridge.entry.web.frames import in_frame
from bugbridge.entry.web.headers import page_headers
from bugbridge.entry.web.statuses import MALFORMED, SEE_OTHER, UNPROVED

if TYPE_CHECKING:
    from bugbridge.entry.web.here import Web

READING = frozenset({"GET", "HEAD"})
API = "/api/"
SIGN_IN = "/sign-in"
SIDEBAR = "/sidebar/"
NO_TICKET = "There is no such ticket here, or it isn't yours to see."
CSRF = "csrf"


class Refused(Exception):  # noqa: N818 - it is an answer, and no mistake of ours
    """The request isn't carried out; `sentence` says what, why, and what to do, and quotes no secret. `more` are
    headers of the answer."""

    def __init__(self, status: int, sentence: str, more: Mapping[str, str] | None = None) -> None:
        """Keep the answer."""
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.more = more or {}


class Unknown(Exception):  # noqa: N818 - the same
    """Nobody knows who asks: people are shown where to sign in, programs what is missing."""


def is_for_programs(request: Request) -> bool:
    """Whether an answer is read by a program, or by a script of ours."""
    path: str = request.scope["path"]
    return path.startswith(API) or request.headers.get("accept") == "application/json"


def _is_told_as_facts(request: Request) -> bool:
    return is_for_programs(request) or "text/html" not in request.headers.get("accept", "")


def told(request: Request, status: int, sentence: str, more: Mapping[str, str] | None = None) -> Response:
    """Say a sentence: as a page to who asks for pages, as browsers do, also in a helpdesk's frame; else as JSON."""
    if _is_told_as_facts(request):
        return refusal(status, sentence, more)
    return _framed(request, sentence, status, more or {})


def _framed(request: Request, sentence: str, status: int, more: Mapping[str, str]) -> Response:
    page = _page(request, sentence, status)
    page.headers.update(more)
    return in_frame(request, request.app.state.web, page)


def _page(request: Request, sentence: str, status: int) -> Response:
    """Say it with the pages that one can go on to, for whoever is signed in; beside a ticket there are none."""
    web: Web = request.app.state.web
    visitor: Visitor | None = getattr(request.state, "visitor", None)
    is_beside = request.scope["path"].startswith(SIDEBAR) or (visitor is not None and visitor.via == "ticket")
    again = _again(request, getattr(request.state, "unproved", {}))
    facts = {"sentence": sentence, "is_act": request.method not in READING, "again": again}
    return web.page(None if is_beside else visitor, "refused.html", facts, status)


def recognise(request: Request) -> None:
    """Keep who asks for a page where no address did that, so that they keep the way on; whoever isn't known, can't be
    now, or is a program is nobody."""
    if not hasattr(request.state, "visitor") and not _is_told_as_facts(request):
        web: Web = request.app.state.web
        with suppress(Refused, DataError):
            request.state.visitor = web.doorkeeper.known(request)


async def on_refused(request: Request, error: Refused) -> Response:
    """Say it."""
    if is_for_programs(request):
        return refusal(error.status, error.sentence, error.more)
    return _framed(request, error.sentence, error.status, error.more)


async def on_invalid(request: Request, error: RequestValidationError) -> Response:
    """Say what of a request can't be read, all at once, quoting nothing of it."""
    sentences = [sentence_of(detail, _name_of(detail["loc"])) for detail in error.errors()]
    return told(request, MALFORMED, " ".join(dict.fromkeys(sentences)))


def _name_of(place: Sequence[Any]) -> str:
    """Name a field without saying whether it stood in the address or in the body: only one of them has it."""
    return ".".join(str(part)[:40] for part in place[1:]) or "The request"


async def on_unknown(request: Request, _error: Unknown) -> Response:
    """Show the way in: whoever wanted to see a page is led there and back."""
    if is_for_programs(request):
        return refusal(UNPROVED, WAY_IN, {"WWW-Authenticate": BEARER})
    if request.method in READING:
        asked = urlencode({"next": asked_path(request)})
        return RedirectResponse(f"{SIGN_IN}?{asked}", SEE_OTHER, page_headers())
    web: Web = request.app.state.web
    sentence = "Sign in, and do it again: you are signed out by now."
    again = _again(request, await _typed(request))
    facts = {"sentence": sentence, "way_in": SIGN_IN, "is_act": True, "again": again}
    return in_frame(request, web, web.page(None, "refused.html", facts, UNPROVED))


async def _typed(request: Request) -> Mapping[str, str]:
    """Give what a form of somebody holds who is signed out, nothing where it can't be read."""
    from bugbridge.entry.web.visiting import read_form

    try:
        return await read_form(request)
    except Refused:
        return {}


def _again(request: Request, fields: Mapping[str, str]) -> Mapping[str, object] | None:
    """Have a form sent once more, so that nobody types anew what they typed; only where a browser says that it came
    from a page of ours."""
    if not fields or request.headers.get("sec-fetch-site", "") != "same-origin":
        return None
    return {"path": asked_path(request), "fields": {name: value for name, value in fields.items() if name != CSRF}}


def asked_path(request: Request, **other: str) -> str:
    """Give path and query as they were asked for, with something else asked for where that is given; a reference's /
    and # stay quoted in it. The host isn't in it, which is another one behind a proxy."""
    path = bytes(request.scope["raw_path"]).decode("ascii", "replace")
    kept = [(name, value) for name, value in request.query_params.multi_items() if name not in other]
    query = urlencode([*kept, *other.items()])
    return f"{path}?{query}" if query else path
