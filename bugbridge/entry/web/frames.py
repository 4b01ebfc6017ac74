"""Which pages other sites may show in a frame: the sidebar's alone, and only in the helpdesk that its ticket is of."""

from collections.abc import Sequence
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request, Response

from bugbridge.entry.web.headers import page_headers

if TYPE_CHECKING:
    from bugbridge.entry.web.here import Web

SIDEBAR = "sidebar"
ZENDESK = "zendesk"
OURSELVES = "'self'"


def framing(web: "Web", helpdesk: str) -> Sequence[str]:
    """Give the origins whose pages may frame the sidebar of a helpdesk's tickets; none for an unknown one.

    In Zendesk our own entry page frames it, and is itself framed by the agents' pages: all that frame it must be named.
    What Zendesk hosts of an app is framed from zdusercontent.com; ours lives at our own address, so that isn't.
    """
    part = web.app.settings.helpdesks.get(helpdesk)
    if part is None:
        return ()
    address = urlsplit(part.web_url)
    return [*([OURSELVES] if part.kind == ZENDESK else []), f"{address.scheme}://{address.netloc}"]


def in_frame(request: Request, web: "Web", response: Response) -> Response:
    """Let the frames of its helpdesk show what is answered at a sidebar's address, refusals too."""
    first, _, rest = request.scope["path"].lstrip("/").partition("/")
    return framed(response, framing(web, rest.partition("/")[0])) if first == SIDEBAR else response


def framed(response: Response, origins: Sequence[str]) -> Response:
    """Let pages of these origins show a page in a frame."""
    headers = page_headers(origins)
    if "X-Frame-Options" not in headers:
        del response.headers["X-Frame-Options"]
    response.headers.update(headers)
    return response
