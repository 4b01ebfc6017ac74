"""API tokens: for programs, and for people who sign in without a provider."""

import os
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import click

from bugbridge.entry.door import Door, json_option, pass_door, say, tell

if TYPE_CHECKING:
    from bugbridge.core.access import Visitor
    from bugbridge.core.tokens import Token

ROLES, SCOPES = ("agent", "lead", "admin"), ("read", "write")
NONE_YET = "There is no token yet: `bugbridge token create NAME --role admin --scope write` makes one for an admin."


@click.group(short_help="Who may use the web and its API.")
def token() -> None:
    """Make, list and revoke API tokens: for programs, and for people who sign in to the pages by one.

    A program sends its token with each request, as `Authorization: Bearer TOKEN`.
    """


@token.command("create", short_help="Make a token; it is shown once.")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="agent", show_default=True, help="What it may do.")
@click.option(
    "--brand",
    "typed",
    multiple=True,
    metavar="BRAND",
    help="A helpdesk or HELPDESK:BRAND that it sees; else all. May repeat, or several with | between: support:eu|rt.",
)
@click.option("--scope", "scopes", type=click.Choice(SCOPES), multiple=True, help="read (the default), or write: both.")
@click.option("--days", type=click.IntRange(1, 3_650), help="Days until it expires; without them never.")
@json_option
@pass_door
def token_create(
    door: Door,
    name: str,
    role: str,
    typed: Sequence[str],
    scopes: Sequence[str],
    days: int | None,
    *,
    as_json: bool,
) -> None:
    """Make a token. It is put out once, and only a hash of it is kept: copy it now.

    An agent's token sees and does what an agent does; a lead's also reviews rounds and calibrates the policy; an
    admin's makes tokens as well. With the scope read, which is the default, it changes nothing. The name of a token
    that was revoked can't be used again.

    Make the first one for an admin: from then on every page asks for sign-in, also on this computer.

    \b
    Examples:
      bugbridge token create ada --role admin --scope write
      bugbridge token create ben --role lead --scope write
      bugbridge token create wallboard --brand "support:eu|rt" --days 90
    """
    from bugbridge.core.access import Role, brands_in, narrowed
    from bugbridge.core.tokens import NewToken, scopes_of
    from bugbridge.entry.new_secrets import new_secret
    from bugbridge.entry.web.ways_in import after_the_first, can_anybody_sign_in
    from bugbridge.services.tokens import make_token

    app, secret = door.app, new_secret()
    is_first = not can_anybody_sign_in(app, os.environ)
    expires_at = app.clock.now() + timedelta(days=days) if days else None
    brands = [brand for text in typed for brand in brands_in(text)]
    wish = NewToken(name, Role[role.upper()], narrowed(brands), scopes_of(scopes), expires_at)
    make_token(app.store, app.clock, wish, secret, tuple(app.settings.helpdesks), _visitor(door))
    facts = {
        "name": name,
        "token": secret,
        "role": role,
        "brands": sorted(wish.brands or ()),
        "scopes": sorted(wish.scopes),
        "expires_at": expires_at,
    }
    say(facts, as_json=as_json, show=lambda: _show_made(door, name, secret, expires_at))
    if is_first and not wish.makes_any:
        tell(after_the_first(name), err=True)


@token.command("list", short_help="Which tokens there are, and when each was last used.")
@json_option
@pass_door
def token_list(door: Door, *, as_json: bool) -> None:
    """List tokens, revoked ones too. The tokens themselves are kept nowhere."""
    kept, now = list(_every(door)), door.app.clock.now()
    facts = [_facts(one, now) for one in kept]
    say(facts, as_json=as_json, show=lambda: _show(door, kept, now))


@token.command("revoke", short_help="Have a token open nothing any more.")
@click.argument("name")
@json_option
@pass_door
def token_revoke(door: Door, name: str, *, as_json: bool) -> None:
    """Revoke a token at once, also where it is in use; whoever signed in by it is signed out.

    The web refuses to revoke the last token by which others can be made; this command does, and says what follows.

    \b
    Example:
      bugbridge token revoke wallboard
    """
    from bugbridge.entry.web.ways_in import after_the_last, has_own_token, is_admin_elsewhere
    from bugbridge.services.tokens import revoke_token

    app = door.app
    was_last = revoke_token(app.store, app.clock, name, _visitor(door), even_the_last=True)
    sentence = f"The token {name} opens nothing any more."
    say({"name": name, "revoked": True}, as_json=as_json, show=lambda: tell(sentence))
    has_own, has_provider = has_own_token(app.settings, os.environ), bool(app.settings.web.oidc_issuer)
    if was_last and not is_admin_elsewhere(app, has_own=has_own, has_provider=has_provider):
        tell(after_the_last(name), err=True)


def _visitor(door: Door) -> "Visitor":
    """Whoever can read the database may do everything."""
    from bugbridge.core.access import Role, Visitor

    return Visitor(door.actor.id, door.actor.id, Role.ADMIN, via=door.actor.via)


def _every(door: Door) -> "Sequence[Token]":
    found = door.app.store.tokens("")
    every = list(found.rows)
    while found.next:
        found = door.app.store.tokens(found.next)
        every += found.rows
    return every


def _facts(one: "Token", now: datetime) -> dict[str, object]:
    return {
        "name": one.name,
        "role": one.role.word,
        "brands": sorted(one.brands or ()),
        "scopes": sorted(one.scopes),
        "state": one.state(now),
        "created_at": one.created_at,
        "created_by": one.created_by,
        "expires_at": one.expires_at,
        "last_used_at": one.last_used_at,
    }


def _show_made(door: Door, name: str, secret: str, expires_at: datetime | None) -> None:
    from bugbridge.render.times import stamp

    until = f"until {stamp(expires_at, door.app.settings.calendar.zone)}" if expires_at else "until it is revoked"
    tell(f"The token {name} opens the web {until}. Copy it now; it won't be shown again:")
    tell(secret)


def _show(door: Door, kept: "Sequence[Token]", now: datetime) -> None:
    from bugbridge.render.tables import print_table

    if not kept:
        tell(NONE_YET)
        return
    zone = door.app.settings.calendar.zone
    head = ("name", "role", "brands", "scopes", "state", f"expires ({zone})", f"last used ({zone})")
    print_table("Tokens", head, [_row(one, now, zone) for one in kept])


def _row(one: "Token", now: datetime, zone: str) -> tuple[str, ...]:
    from bugbridge.render.times import wall

    brands = ", ".join(sorted(one.brands)) if one.brands else "all"
    expires = wall(one.expires_at, zone) if one.expires_at else "never"
    used = wall(one.last_used_at, zone) if one.last_used_at else "never"
    return one.name, one.role.word, brands, ", ".join(sorted(one.scopes)), one.state(now), expires, used
