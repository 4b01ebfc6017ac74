"""A made-up Zendesk's side of our app: its key, the page that opens the app in a frame, and its script for apps."""

from typing import TYPE_CHECKING

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from bugbridge.entry.demonstration import HELPDESK

if TYPE_CHECKING:
    from playwright.sync_api import Frame

    from tests.web.company import Company
    from tests.web.window import Window

_PAIR = generate_private_key(65537, 2048)
PUBLIC_KEY = _PAIR.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
LASTS = 1_800  # seconds
# Zendesk knows 127.0.0.1 by its name alone, and signs https whatever the sandbox speaks.
HOST = "https://127.0.0.1"
SCRIPT = """
window.appended = [];
window.ZAFClient = { init: () => ({
  get: async () => ({ "ticket.id": %d }),
  invoke: async (what, text) => { if (what === "comment.appendText") window.appended.push(text); },
}) };
"""
AGENTS_PAGE = """<!doctype html><title>Ticket</title><form method=post action="%s" target=app>
<input type=hidden name=token value="%s"><button>Open the app</button></form>
<iframe name=app title=app width=340 height=700></iframe>"""


def token(company: "Company", user: int) -> str:
    """Give what Zendesk signs for an agent."""
    now = int(company.app.clock.now().timestamp())
    content = {
        "iss": "127.0.0.1",
        "aud": f"{HOST}/api/v2/apps/installations/42.json",
        "sub": f"{HOST}/api/v2/users/{user}.json",
        "nbf": now - LASTS,
        "exp": now + LASTS,
    }
    private = _PAIR.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return jwt.encode(content, private, "RS256")


def open_app(view: "Window", company: "Company", ticket: str, user: int, origin: str = "") -> "Frame":
    """Have an agent open the app on a ticket, in the helpdesk's page or another origin's; gives the app's frame."""
    at = origin or company.helpdesk_url
    content = AGENTS_PAGE % (company.url(f"/sidebar/{HELPDESK}"), token(company, user))
    script = SCRIPT % int(ticket.partition(":")[2])
    view.context.route(f"{at}/agent", lambda route: route.fulfill(body=content, content_type="text/html"))
    view.context.route(
        "https://static.zdassets.com/**", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    view.page.goto(f"{at}/agent")
    view.page.get_by_role("button", name="Open the app").click()
    frame = view.page.frame("app")
    assert frame is not None
    return frame
