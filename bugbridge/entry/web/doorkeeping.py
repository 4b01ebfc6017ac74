"""Who is asking: by a session, by a token, or from this very computer where nobody can sign in."""

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from fastapi import Request

from bugbridge.core.access import Role, Visitor
from bugbridge.entry.web.answers import bearer_token
from bugbridge.entry.web.failed_tries import SignInLimits, address_key
from bugbridge.entry.web.limits import TRIES_WITHIN
from bugbridge.entry.web.loopback import is_loopback
from bugbridge.entry.web.passes import RUN_OUT, Passes
from bugbridge.entry.web.refusals import READING, Refused
from bugbridge.entry.web.signatures import names_secret
from bugbridge.entry.web.signing import Signer
from bugbridge.entry.web.statuses import FORBIDDEN, TOO_MANY, UNPROVED
from bugbridge.entry.web.visitors import Visitors
from bugbridge.entry.web.ways_in import is_admin_elsewhere

if TYPE_CHECKING:
    from bugbridge.app import App

SESSION_COOKIE = "bugbridge_session"
CSRF_FIELD, CSRF_HEADER = "csrf", "x-csrf-token"
FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
NOT_FROM_HERE = (
    "Nobody can sign in here yet: make a token with `bugbridge token create NAME --role admin --scope write`, then "
    "sign in with it. Without one the pages are shown on this computer alone, at http://127.0.0.1, and nowhere once "
    "[web] host or url names another computer or a webhook's secret is set."
)
ONLY_READS = "Your token lets you look, and change nothing: its scope is read."
TOO_OFTEN = "Too many wrong tokens came from your address: wait five minutes, then send the right one."
STALE = "This page was open for too long, or came from elsewhere: reload it and try again."


class Doorkeeper:
    """Knows visitors, and whether a form that comes back was one of ours."""

    def __init__(self, app: "App", token: str, key: str, *, is_shown_unsigned: bool) -> None:
        """`token` is the one of the environment, "" for none; `key` signs, and is made anew for "" at each start.
        Whoever is on this computer needs no sign-in where that `is_shown_unsigned`, and there is none."""
        self._app = app
        self._token = token
        self._is_shown_unsigned = is_shown_unsigned
        self.signer = Signer(key)
        self.visitors = Visitors(app, token, self.signer)
        self.limits = SignInLimits(app.clock)
        self.passes = Passes(self.signer, app.clock.now)

    def visitor(self, request: Request) -> Visitor | None:
        """Say who asks; None for somebody who has to sign in. The request keeps it for what they are answered.

        Raises Refused where nobody can, and for a change by whoever may only look, or that another site's page sends.
        """
        found = request.state.visitor = self.known(request)
        if found is None or request.method in READING:
            return found
        if not found.writes:
            raise Refused(FORBIDDEN, ONLY_READS)
        if found.via != "token" and self._comes_from_another_site(request):
            raise Refused(FORBIDDEN, STALE)
        return found

    def known(self, request: Request) -> Visitor | None:
        """Say who asks, whatever they want; None and Refused as for `visitor`, and Refused where too many wrong tokens
        came from their address."""
        holder = self.passes.visitor(request)
        if holder is not None:
            return self._by_pass(holder)
        given = bearer_token(request.headers.get("authorization", ""))
        if given:
            return self._by_token(request, given)
        cookie = request.cookies.get(SESSION_COOKIE, "")
        found = self.visitors.by_session(cookie) if cookie else None
        if found is not None or self.can_sign_in():
            return found
        if not self._is_shown_unsigned or not _is_from_here(request):
            raise Refused(FORBIDDEN, NOT_FROM_HERE)
        if _is_embedded_elsewhere(request):
            raise Refused(FORBIDDEN, STALE)
        return Visitor("loopback", "this computer", Role.ADMIN)

    def _by_pass(self, holder: Visitor) -> Visitor:
        """A pass lives for hours, so that its agent is looked up afresh at each use, with their role and brands."""
        found = self.visitors.agent(holder.key, holder.ticket.partition(":")[0])
        if found is None:
            raise Refused(UNPROVED, RUN_OUT)
        return replace(found, via=holder.via, session=holder.session, ticket=holder.ticket)

    def _by_token(self, request: Request, given: str) -> Visitor | None:
        key = f"bearer {address_key(request)}"  # apart from those who sign in by hand
        if self.limits.is_reached(key):
            raise Refused(TOO_MANY, TOO_OFTEN, {"Retry-After": f"{TRIES_WITHIN.total_seconds():.0f}"})
        found = self.visitors.by_token(given)
        if found is None:
            self.limits.failed(key)
        return found

    def csrf(self, visitor: Visitor) -> str:
        """Give what a form of this visitor's carries, which no other site can know."""
        return self.signer.signed(f"csrf {visitor.via} {visitor.session} {visitor.key}")

    def check_form(self, visitor: Visitor, given: str) -> None:
        """Raise Refused for a form that isn't one of ours. Whoever has a token sends no cookie, and needs none."""
        if visitor.via != "token" and not names_secret(self.csrf(visitor), given):
            raise Refused(FORBIDDEN, STALE)

    def can_sign_in(self) -> bool:
        """Whether there is a way to sign in: a token that was ever made, also one that is revoked by now, or a
        provider. From then on no page is shown without."""
        return bool(self._token or self._app.settings.web.oidc_issuer) or self._app.store.has_tokens()

    def has_admin_elsewhere(self) -> bool:
        """Whether somebody can make tokens here without having one of them."""
        has_provider = bool(self._app.settings.web.oidc_issuer)
        return is_admin_elsewhere(self._app, has_own=bool(self._token), has_provider=has_provider)

    def is_private(self, request: Request) -> bool:
        """Whether nobody between this visitor and us can read along, so that a cookie may go encrypted alone."""
        return request.scope["scheme"] == "https" or self._app.settings.web.url.startswith("https://")

    def _comes_from_another_site(self, request: Request) -> bool:
        """Whether a browser says so, besides what forms carry: it also tells of what scripts elsewhere send."""
        site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
        if site:
            return site not in ("same-origin", "none")
        own = {request.headers.get("host", ""), urlsplit(self._app.settings.web.url).netloc}
        try:
            return bool(origin) and urlsplit(origin).netloc not in own - {""}
        except ValueError:
            return True


def _is_from_here(request: Request) -> bool:
    """Whether client and address are this computer's, with nothing in between: no proxy, and no name that somebody else
    had point here."""
    asked = request.headers.get("host", "")
    try:
        parts = urlsplit(f"//{asked}")
        host = parts.hostname or "" if parts.netloc == asked else ""
    except ValueError:
        return False
    client = request.client.host if request.client else ""
    is_direct = not any(name in request.headers for name in FORWARDED)
    return is_direct and is_loopback(client) and is_loopback(host)


def _is_embedded_elsewhere(request: Request) -> bool:
    """Whether another site's page has this loaded into itself, by a browser that needs no cookie to be let in; to
    follow a link from there is as good as typing the address."""
    is_elsewhere = request.headers.get("sec-fetch-site", "") == "cross-site"
    return is_elsewhere and request.headers.get("sec-fetch-mode", "") != "navigate"
