"""What every page and every address of the API works with."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, Request, Response

from bugbridge.core.access import Visitor
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.entry.web.headers import page_headers
from bugbridge.entry.web.oidc import Provider
from bugbridge.render.pages import PageRenderer

if TYPE_CHECKING:
    from bugbridge.app import App


@dataclass(frozen=True, slots=True)
class Web:
    """One team's web: its parts, its pages, and who keeps the door."""

    app: "App"
    pages: PageRenderer
    doorkeeper: Doorkeeper
    provider: Provider | None = None

    def page(self, visitor: Visitor | None, template: str, facts: Mapping[str, object], status: int = 200) -> Response:
        """Give a page to a visitor, None for one whom nobody knows; `facts` are the template's."""
        csrf = self.doorkeeper.csrf(visitor) if visitor else ""
        text = self.pages.page(template, {**facts, "visitor": visitor, "csrf": csrf})
        return Response(text, status, media_type="text/html", headers=page_headers())


def web_of(request: Request) -> Web:
    """Give the web that a request came to."""
    web: Web = request.app.state.web
    return web


WebHere = Annotated[Web, Depends(web_of)]
