"""What every page and every address of the API works with."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.entry.web.headers import page_headers
from bugbridge.entry.web.limits import CHECKS_AT_ONCE, REMOTE_AT_ONCE
from bugbridge.entry.web.oidc import Provider
from bugbridge.entry.web.statuses import OK
from bugbridge.render.pages import PageRenderer

if TYPE_CHECKING:
    from bugbridge.app import App


@dataclass(frozen=True, slots=True)
class Web:
    """One team's web: its parts, its pages, and who keeps the door.

    What may take all of a processor, as an audit or a replay, is done by one visitor at a time, whose `turn` it is;
    a few replies are under `checks` at a time, and a few look-ups at helpdesks and trackers are `remote` at a time.
    """

    app: "App"
    pages: PageRenderer
    doorkeeper: Doorkeeper
    provider: Provider | None = None
    turn: threading.Lock = field(default_factory=threading.Lock)
    checks: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(CHECKS_AT_ONCE))
    remote: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(REMOTE_AT_ONCE))

    def page(self, visitor: Visitor | None, template: str, facts: Mapping[str, object], status: int = OK) -> Response:
        """Give a page to a visitor, None for one whom nobody knows; `facts` are the template's."""
        csrf = self.doorkeeper.csrf(visitor) if visitor else ""
        text = self.pages.page(template, {**facts, "visitor": visitor, "csrf": csrf})
        return Response(text, status, media_type="text/html", headers=page_headers())


def web_of(request: Request) -> Web:
    """Give the web that a request came to."""
    web: Web = request.app.state.web
    return web


WebHere = Annotated[Web, Depends(web_of)]
