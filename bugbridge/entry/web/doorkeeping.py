"""Who is asking: by a session, by a token, or from this very computer where nobody can sign in."""

import hmac
import secrets
from hashlib import sha256
from ipaddress import ip_address
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request

from bugbridge.core.access import Role, Visitor
from bugbridge.entry.web.answers import bearer_token
from bugbridge.entry.web.passes import Passes
from bugbridge.entry.web.refusals import FORBIDDEN, Refused
from bugbridge.entry.web.signatures import names_secret

if TYPE_CHECKING:
    from bugbridge.app import App

CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
NOT_FROM_HERE = (
    "Nobody can sign in here yet, so the pages are shown on this computer alone, at http://127.0.0.1: set up sign-in, "
    "as the README says under “The web”, to reach them from elsewhere."
)
STALE = "This page was open for too long, or came from elsewhere: reload it and try again."


class Doorkeeper:
    """Knows visitors, and whether a form that comes back was one of ours."""

    def __init__(self, app: "App", token: str, key: str) -> None:
        """`token` is the one of the environment, "" for none; `key` signs, and is made anew for "" at each start."""
        self._app = app
        self._token = token
        self._key = key.encode() or secrets.token_bytes(32)
        self.passes = Passes(self._key, app.clock.now)

    def visitor(self, request: Request) -> Visitor | None:
        """Say who asks; None for somebody who has to sign in. Raises Refused where nobody can."""
        holder = self.passes.visitor(request)
        if holder is not None:
            return holder
        given = bearer_token(request.headers.get("authorization", ""))
        if given:
            return Visitor("web", "web", Role.ADMIN, via="token") if names_secret(self._token, given) else None
        if self._can_sign_in():
            return None
        if not _is_from_here(request):
            raise Refused(FORBIDDEN, NOT_FROM_HERE)
        return Visitor("loopback", "this computer", Role.ADMIN)

    def csrf(self, visitor: Visitor) -> str:
        """Give what a form of this visitor's carries, which no other site can know."""
        return self._signed(f"csrf {visitor.via} {visitor.session} {visitor.key}")

    def check_form(self, visitor: Visitor, given: str) -> None:
        """Raise Refused for a form that isn't one of ours. Whoever has a token sends no cookie, and needs none."""
        if visitor.via != "token" and not names_secret(self.csrf(visitor), given):
            raise Refused(FORBIDDEN, STALE)

    def _signed(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), sha256).hexdigest()

    def _can_sign_in(self) -> bool:
        return bool(self._token)


def _is_from_here(request: Request) -> bool:
    """Whether client and address are this computer's, with nothing in between: no proxy, and no name that somebody else
    had point here."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    client = request.client.host if request.client else ""
    is_direct = not any(name in request.headers for name in FORWARDED)
    return is_direct and _is_loopback(client) and (host == "localhost" or _is_loopback(host))


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
