"""Who may see the web, in sentences; light enough for commands that serve nothing."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from bugbridge.core.access import Role
from bugbridge.core.errors import ConfigError
from bugbridge.settings import WEB, WEB_SECRET, Settings, is_set, secret_variable, web_token_is_taken

if TYPE_CHECKING:
    from bugbridge.app import App

ADMINS_TOKEN = "bugbridge token create NAME --role admin --scope write"  # noqa: S105 - a command
ASKED_FROM_NOW_ON = "From now on every page asks for sign-in, also on this computer"
OPEN_TO_ALL = "/sign-in, /healthz, /readyz and /metrics"
ON_THIS_COMPUTER = (
    "whoever uses this computer may see and do everything there without sign-in, until the first token is made; nobody "
    "else is let in"
)
SHOWN_TO_NOBODY = (
    "nobody can sign in, and others may reach this: no page is shown until somebody has a token, which "
    f"`{ADMINS_TOKEN}` makes; webhooks are taken"
)


def can_anybody_sign_in(app: "App", environ: Mapping[str, str]) -> bool:
    """Whether there is a way to sign in, as far as this environment is that of `serve`: a token that was ever made, the
    environment's, or a provider. From then on no page is shown without."""
    return has_own_token(app.settings, environ) or bool(app.settings.web.oidc_issuer) or app.store.has_tokens()


def has_own_token(settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether the environment holds an admin's token; one that is of a helpdesk or tracker named web is none."""
    return is_set(secret_variable(WEB, WEB_SECRET), environ) and not web_token_is_taken(settings)


def is_admin_elsewhere(app: "App", *, has_own: bool, has_provider: bool) -> bool:
    """Whether somebody who sees everything can make tokens here without having one of them: by the environment's, or
    as an admin of the list of people who comes from the provider. A list that can't be read lets nobody in."""
    if has_own or not has_provider:
        return has_own
    try:
        persons, now = app.people.persons, app.clock.now()
    except ConfigError:
        return False
    return any(one.role is Role.ADMIN and one.brands is None and not one.has_left(now) for one in persons)


def after_the_last(name: str) -> str:
    """Say what it means that the last token is revoked by which others could be made, and what to do."""
    return f"By no other token than {name} could somebody make others like it on the web: `{ADMINS_TOKEN}` makes one."


def after_the_first(name: str) -> str:
    """Say what the first token of all means for the open pages if it makes no others, and what to do."""
    return (
        f"{ASKED_FROM_NOW_ON}, and nobody can make tokens there, since {name} isn't an admin's that may write and see "
        f"all: `{ADMINS_TOKEN}` makes one."
    )


def who_may_look(app: "App", environ: Mapping[str, str], *, is_shown_unsigned: bool) -> str:
    """Say who sees the pages, and how, and what is open to everybody else; the beginning and the end of a sentence are
    whoever's who says it."""
    ways = [*_by_token(app, environ), *_at_provider(app.settings)]
    if ways:
        return f"whoever signs in sees them, {' or '.join(ways)}; everybody else is shown {OPEN_TO_ALL} alone"
    return ON_THIS_COMPUTER if is_shown_unsigned else SHOWN_TO_NOBODY


def _by_token(app: "App", environ: Mapping[str, str]) -> Iterator[str]:
    if app.store.has_tokens():
        yield "by a token that `bugbridge token list` names"
    if has_own_token(app.settings, environ):
        yield f"by that of {secret_variable(WEB, WEB_SECRET)}, an admin's"


def _at_provider(settings: Settings) -> Iterator[str]:
    if settings.web.oidc_issuer:
        yield f"at {settings.web.oidc_issuer} with an e-mail address that {settings.people.file} knows"
