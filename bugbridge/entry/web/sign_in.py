"""The way in and out: by an API token, or at the provider that knows the team's people."""

import logging
import secrets
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import RedirectResponse

from bugbridge.core.people import Person, Team
from bugbridge.core.tokens import SESSION_LASTS, hash_of
from bugbridge.entry.web.doorkeeping import CSRF_FIELD, NOT_FROM_HERE, SESSION_COOKIE, STALE
from bugbridge.entry.web.failed_tries import address_key
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.limits import LONGEST_NEXT
from bugbridge.entry.web.oidc import BEGUN_FOR, CALLBACK, Begun, NothingTriedError, NotSignedInError, Provider
from bugbridge.entry.web.refusals import SIGN_IN, Refused
from bugbridge.entry.web.signatures import names_secret
from bugbridge.entry.web.statuses import FORBIDDEN, NOT_FOUND, OK, SEE_OTHER, TOO_MANY, UNPROVED
from bugbridge.entry.web.visiting import GivenForm

router = APIRouter()
BEGIN, SIGN_OUT = f"{SIGN_IN}/begin", "/sign-out"
FORM_COOKIE, BEGUN_COOKIE = "bugbridge_form", "bugbridge_begun"
BEGUN = "begun"
RANDOM_BYTES = 16
FIRST_PAGE = "/"
WRONG = "This token is unknown, expired or revoked: ask an admin for another one."
TOO_OFTEN = "Signing in failed too often: wait five minutes, then try again."
NO_PROVIDER = "Nobody can sign in here but by a token."

Next = Annotated[str, Query(alias="next")]

log = logging.getLogger("bugbridge.serve")


@router.get(SIGN_IN, include_in_schema=False)
def sign_in(web: WebHere, request: Request, following: Next = "") -> Response:
    """Show the ways in."""
    return _ways_in(web, request, own_path(following))


@router.post(SIGN_IN, include_in_schema=False)
def sign_in_by_token(web: WebHere, request: Request, form: GivenForm) -> Response:
    """Begin a session of whoever has this token, and go on to where they wanted to be."""
    following, token = own_path(form.get("next", "")), form.get("token", "").strip()
    proof = request.cookies.get(FORM_COOKIE, "")
    if not proof or not names_secret(web.doorkeeper.signer.signed(f"form {proof}"), form.get(CSRF_FIELD, "")):
        raise Refused(FORBIDDEN, STALE)
    keys = _counted_by(web, request, token)
    if web.doorkeeper.limits.is_reached(*keys):
        return _ways_in(web, request, following, TOO_OFTEN, TOO_MANY)
    if web.doorkeeper.visitors.by_token(token) is None:
        web.doorkeeper.limits.failed(*keys)
        log.warning("%s: a token that opens nothing was refused", SIGN_IN)
        return _ways_in(web, request, following, WRONG, UNPROVED)
    return _signed_in(web, request, web.doorkeeper.visitors.start(token=token), following)


@router.get(BEGIN, include_in_schema=False)
def sign_in_elsewhere(web: WebHere, request: Request, following: Next = "") -> Response:
    """Send somebody to the provider."""
    provider, path = _provider(web), own_path(following)
    if web.doorkeeper.limits.is_reached(address_key(request)):
        return _ways_in(web, request, path, TOO_OFTEN, TOO_MANY)
    try:
        address, begun = provider.begin(path)
    except NotSignedInError as error:
        return _failed(web, request, path, error)
    answer = RedirectResponse(address, SEE_OTHER, {"Cache-Control": "no-store"})
    kept = web.doorkeeper.signer.sealed(BEGUN, begun.to_text())
    _keep(web, request, answer, BEGUN_COOKIE, kept, int(BEGUN_FOR.total_seconds()))
    return answer


@router.get(CALLBACK, include_in_schema=False)
def came_back(web: WebHere, request: Request) -> Response:
    """Begin a session of whoever the provider says that it is, if they are in the list of people."""
    provider, begun = _provider(web), _begun(web, request)
    following = begun.following if begun else FIRST_PAGE
    if web.doorkeeper.limits.is_reached(address_key(request)):
        return _ways_in(web, request, following, TOO_OFTEN, TOO_MANY)
    try:
        person = _listed(web, provider.address_of(begun, dict(request.query_params)))
    except NotSignedInError as error:
        return _failed(web, request, following, error)
    answer = _signed_in(web, request, web.doorkeeper.visitors.start(agent=person.agent), following)
    answer.delete_cookie(BEGUN_COOKIE)
    return answer


@router.post(SIGN_OUT, include_in_schema=False)
def sign_out(web: WebHere, request: Request, form: GivenForm) -> Response:
    """End the session; also that of a token that may only look."""
    visitor = web.doorkeeper.known(request)
    if visitor is not None and visitor.session:
        web.doorkeeper.check_form(visitor, form.get(CSRF_FIELD, ""))
        web.doorkeeper.visitors.end(request.cookies.get(SESSION_COOKIE, ""))
        web.app.store.add_to_trail(visitor, "session.ended", "", web.app.clock.now())
    answer = RedirectResponse(SIGN_IN, SEE_OTHER)
    answer.delete_cookie(SESSION_COOKIE)
    return answer


def own_path(following: str) -> str:
    """Give a path of ours to go on to, the first page's for anything that a browser may read as another site's."""
    is_path = following.startswith("/") and following[1:2] not in ("/", "\\")
    is_plain = following.isascii() and following.isprintable() and len(following) <= LONGEST_NEXT
    return following if is_path and is_plain else FIRST_PAGE


def _ways_in(web: Web, request: Request, following: str, problem: str = "", status: int = OK) -> Response:
    """Show the form, bound to this browser, so that no other site can sign somebody in as somebody else."""
    if not web.doorkeeper.can_sign_in():
        raise Refused(FORBIDDEN, NOT_FROM_HERE)
    proof = request.cookies.get(FORM_COOKIE) or secrets.token_urlsafe(RANDOM_BYTES)  # of all tabs one
    facts = {
        "problem": problem,
        "following": following,
        "proof": web.doorkeeper.signer.signed(f"form {proof}"),
        "provider": web.provider.name if web.provider else "",
        "begin": f"{BEGIN}?{urlencode({'next': following})}",
    }
    answer = web.page(None, "sign_in.html", facts, status)
    _keep(web, request, answer, FORM_COOKIE, proof, None)
    return answer


def _signed_in(web: Web, request: Request, cookie: str, following: str) -> Response:
    visitor = web.doorkeeper.visitors.by_session(cookie)
    if visitor is not None:
        web.app.store.add_to_trail(visitor, "session.started", "", web.app.clock.now())
    answer = RedirectResponse(following, SEE_OTHER, {"Cache-Control": "no-store"})
    _keep(web, request, answer, SESSION_COOKIE, cookie, int(SESSION_LASTS.total_seconds()))
    answer.delete_cookie(FORM_COOKIE)
    return answer


def _failed(web: Web, request: Request, following: str, error: NotSignedInError) -> Response:
    if not isinstance(error, NothingTriedError):
        web.doorkeeper.limits.failed(address_key(request))
    return _ways_in(web, request, following, str(error), FORBIDDEN)


def _keep(web: Web, request: Request, answer: Response, name: str, value: str, seconds: int | None) -> None:
    """Have the browser keep something that no script reads; without `seconds` until it is closed."""
    secure = web.doorkeeper.is_private(request)
    answer.set_cookie(name, value, max_age=seconds, path="/", secure=secure, httponly=True, samesite="lax")


def _counted_by(web: Web, request: Request, token: str) -> tuple[str, ...]:
    """Say by what failed tries count: where they come from, and the name of a token that was taken back or expired."""
    kept = web.app.store.token_by_hash(hash_of(token))
    return (address_key(request), f"token {kept.name}") if kept else (address_key(request),)


def _provider(web: Web) -> Provider:
    if web.provider is None:
        raise Refused(NOT_FOUND, NO_PROVIDER)
    return web.provider


def _begun(web: Web, request: Request) -> Begun | None:
    text = web.doorkeeper.signer.opened(BEGUN, request.cookies.get(BEGUN_COOKIE, ""))
    return Begun.from_text(text) if text else None


def _listed(web: Web, address: str) -> Person:
    """Give whoever of the list of people has this e-mail address. Raises NotSignedInError for anybody else."""
    file, store = web.app.settings.people.file, web.app.store
    rows = Team(web.doorkeeper.visitors.people(), store.agents()).at_address(address)
    if len(rows) > 1:
        raise NotSignedInError(f"Several rows of {file} have your e-mail address: ask an admin to leave one of them.")
    person = web.doorkeeper.visitors.person(rows[0].agent) if rows else None
    if person is None:
        raise NotSignedInError(f"Nobody of {file} who is there has your e-mail address: ask an admin to add you.")
    return person
