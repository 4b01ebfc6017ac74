"""API tokens: made, listed and revoked by admins; a new one is shown once."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, ConfigDict, Field

from bugbridge.core.access import Role, Visitor, brands_in, narrowed
from bugbridge.core.errors import RefusedError, UsageError
from bugbridge.core.listings import Column, ColumnKind, Listing, Value
from bugbridge.core.tokens import LONGEST_NAME, MOST_DAYS, NewToken, Scope, Token, TokenState, scopes_of
from bugbridge.entry.new_secrets import new_secret
from bugbridge.entry.web.here import Web, WebHere
from bugbridge.entry.web.listing_pages import After, AsFile, ListingFacts, listing_facts, listing_page
from bugbridge.entry.web.people import brand_words
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.statuses import CONFLICT, CREATED, MALFORMED, NOT_FOUND, SEE_OTHER
from bugbridge.entry.web.visiting import Admin, Form, OwnCall, OwnForm
from bugbridge.entry.web.ways_in import ASKED_FROM_NOW_ON
from bugbridge.people import ROLES
from bugbridge.services.tokens import brands_without_tickets, is_last_maker, last_maker, make_token, revoke_token

router = APIRouter()
PATH, API = "/tokens", "/api/v1/tokens"
COLUMNS = (
    Column("name", "Name"),
    Column("role", "Role"),
    Column("brands", "Brands"),
    Column("scopes", "Scopes"),
    Column("state", "State"),
    Column("created_at", "Made", ColumnKind.MOMENT),
    Column("created_by", "By"),
    Column("expires_at", "Expires", ColumnKind.MOMENT),
    Column("last_used_at", "Last used", ColumnKind.MOMENT),
)
NONE_YET = "There is no token yet. Make one below for each program, and for whoever signs in without a provider."
NO_SUCH_TOKEN = "There is no token of this name."  # noqa: S105 - a sentence
DAYS = f"Days until it expires is a whole number from 1 to {MOST_DAYS:,}, or empty."
FIRST_IS_AN_ADMINS = (
    "Make an admin's token first, for all brands and with read and write: once there is any, every page asks for "
    "sign-in, and nobody could make others here."
)
REVOKED_BEFORE = "This token was revoked before: it opens nothing."
CHOICES = "A token has a role and a scope of those that the form offers."

Name = Annotated[str, Query(max_length=LONGEST_NAME)]


class TokenWish(BaseModel):
    """A token to be made. `brands` are helpdesks or HELPDESK:BRAND, none for all; `write` includes `read`."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(max_length=LONGEST_NAME)]
    role: Literal["agent", "lead", "admin"] = "agent"
    brands: Annotated[list[str], Field(max_length=100)] = []
    scopes: list[Literal["read", "write"]] = ["read"]
    days: Annotated[int, Field(ge=1, le=MOST_DAYS)] | None = None


class MadeToken(BaseModel):
    """A token that was just made; `token` is the secret, which is shown this once."""

    name: str
    token: str


class RevokedToken(BaseModel):
    """A token that opens nothing any more."""

    name: str


@router.get(PATH, include_in_schema=False)
def tokens(web: WebHere, visitor: Admin, request: Request, after: After = "", as_file: AsFile = "") -> Response:
    """Show the tokens, and the forms."""
    return _shown(web, visitor, request, {}, after, as_file)


@router.post(PATH, include_in_schema=False)
def make(web: WebHere, visitor: Admin, request: Request, form: OwnForm) -> Response:
    """Make a token and show it: here the page itself is the answer, since the secret is kept nowhere. What can't be
    made is shown as it was typed."""
    try:
        wish = _wished(web, form)
        secret = _made(web, visitor, wish)
    except Refused as refused:
        page = _shown(web, visitor, request, {"problem": refused.sentence, "typed": _typed(visitor, form)})
        page.status_code = refused.status
        return page
    unmet = brands_without_tickets(web.app.store, visitor, wish)
    after = f"{ASKED_FROM_NOW_ON}." if _is_first(visitor) else ""
    return _shown(web, visitor, request, {"made": wish.name, "secret": secret, "after": after, "unmet": unmet})


@router.get(f"{PATH}/revoke", include_in_schema=False)
def confirm_revoking(web: WebHere, visitor: Admin, name: Name = "") -> Response:
    """Say what follows if a token is revoked, and ask; where it can't be, what to do first."""
    token = _named(web, name)
    if token.revoked_at is not None:
        raise Refused(CONFLICT, REVOKED_BEFORE)
    is_last = is_last_maker(web.app.store, web.app.clock, token) and not web.doorkeeper.has_admin_elsewhere()
    facts = {
        "token": _row(token, token.state(web.app.clock.now())),
        "problem": last_maker(token.name) if is_last else "",
        "is_own": visitor.key == token.name,
    }
    return web.page(visitor, "token_revoke.html", facts)


@router.post(f"{PATH}/revoke", include_in_schema=False)
def revoke(web: WebHere, visitor: Admin, form: OwnForm) -> Response:
    """Have a token open nothing any more."""
    _revoked(web, visitor, form.get("name", ""))
    return RedirectResponse(PATH, SEE_OTHER)


@router.get(API)
def tokens_facts(web: WebHere, visitor: Admin, after: After = "") -> ListingFacts:
    """Tokens, revoked ones too, without their secrets."""
    return listing_facts(_tokens(web, visitor, after))


@router.post(API, status_code=CREATED)
def make_facts(web: WebHere, visitor: Admin, _own: OwnCall, wish: TokenWish, response: Response) -> MadeToken:
    """Make a token. Its secret is in this answer alone."""
    response.headers["Cache-Control"] = "no-store"
    expires_at = web.app.clock.now() + timedelta(days=wish.days) if wish.days else None
    token = NewToken(wish.name, ROLES[wish.role], narrowed(wish.brands), scopes_of(wish.scopes), expires_at)
    return MadeToken(name=token.name, token=_made(web, visitor, token))


@router.post(f"{API}/{{name}}/revoke")
def revoke_facts(
    web: WebHere, visitor: Admin, _own: OwnCall, name: Annotated[str, Path(max_length=LONGEST_NAME)]
) -> RevokedToken:
    """Have a token open nothing any more; whoever signed in by it is signed out."""
    _revoked(web, visitor, name)
    return RevokedToken(name=name)


def _tokens(web: Web, _visitor: Visitor, after: str) -> Listing:
    found, now = web.app.store.tokens(after), web.app.clock.now()
    return Listing("Tokens", COLUMNS, [_row(one, one.state(now)) for one in found.rows], NONE_YET, found.next)


def _row(one: Token, state: TokenState) -> dict[str, Value]:
    return {
        "name": one.name,
        "role": one.role.word,
        "brands": brand_words(one.brands),
        "scopes": ", ".join(sorted(one.scopes)),
        "state": str(state),
        "created_at": one.created_at,
        "created_by": one.created_by,
        "expires_at": one.expires_at,
        "last_used_at": one.last_used_at,
    }


def _shown(
    web: Web, visitor: Visitor, request: Request, more: Mapping[str, object], after: str = "", as_file: str = ""
) -> Response:
    listing = _tokens(web, visitor, after)
    facts = {
        "problem": "",
        "secret": "",
        "after": "",
        "unmet": (),
        "is_first": _is_first(visitor),
        "typed": _typed(visitor, {}),
        "valid": [row["name"] for row in listing.rows if row["state"] == TokenState.VALID],
        "roles": [role.word for role in Role if visitor.may(role)],
        "most_days": MOST_DAYS,
        **more,
    }
    return listing_page(web, visitor, request, after, partial(_tokens, web, visitor), as_file, ("tokens.html", facts))


def _is_first(visitor: Visitor) -> bool:
    """Whoever needn't sign in is here because nobody can: there is no token yet."""
    return visitor.via == "loopback"


def _typed(visitor: Visitor, form: Form) -> dict[str, str]:
    """Give what stands in the form: what was typed, else what is usual; the first token is best an admin's."""
    role = Role.ADMIN if _is_first(visitor) else Role.AGENT
    fields = {"name": "", "role": role.word, "scope": Scope.WRITE, "brands": "", "days": ""}
    return {name: form.get(name, value) for name, value in fields.items()}


def _wished(web: Web, form: Form) -> NewToken:
    role, scope, days = form.get("role", ""), form.get("scope", ""), form.get("days", "").strip()
    if role not in ROLES or scope not in list(Scope):
        raise Refused(MALFORMED, CHOICES)
    if days and not (days.isascii() and days.isdigit() and 1 <= int(days[:9]) <= MOST_DAYS):
        raise Refused(MALFORMED, DAYS)
    expires_at = web.app.clock.now() + timedelta(days=int(days)) if days else None
    brands = brands_in(form["brands"]) if form.get("brands", "").strip() else ()
    return NewToken(form.get("name", "").strip(), ROLES[role], narrowed(brands), scopes_of([scope]), expires_at)


def _made(web: Web, visitor: Visitor, wish: NewToken) -> str:
    """Make it, and give its secret."""
    if _is_first(visitor) and not wish.makes_any:
        raise Refused(CONFLICT, FIRST_IS_AN_ADMINS)
    secret = new_secret()
    try:
        make_token(web.app.store, web.app.clock, wish, secret, tuple(web.app.settings.helpdesks), visitor)
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None
    return secret


def _revoked(web: Web, visitor: Visitor, name: str) -> None:
    even_the_last = web.doorkeeper.has_admin_elsewhere()
    try:
        revoke_token(web.app.store, web.app.clock, _named(web, name).name, visitor, even_the_last=even_the_last)
    except RefusedError as error:
        raise Refused(CONFLICT, str(error)) from None
    except UsageError as error:
        raise Refused(MALFORMED, str(error)) from None


def _named(web: Web, name: str) -> Token:
    token = web.app.store.token_named(name)
    if token is None:
        raise Refused(NOT_FOUND, NO_SUCH_TOKEN)
    return token
