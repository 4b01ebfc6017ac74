"""API tokens: made with the rights that somebody chooses, and taken back."""

from collections.abc import Collection

from bugbridge.core.access import BRAND_SEPARATOR, Visitor, within
from bugbridge.core.errors import RefusedError, UsageError
from bugbridge.core.tokens import NewToken, Token, hash_of, is_last_of, token_problem
from bugbridge.ports import Clock, Store


def make_token(
    store: Store, clock: Clock, token: NewToken, secret: str, helpdesks: Collection[str], visitor: Visitor
) -> None:
    """Keep a token by the hash of its secret, a random one that is shown once.

    Raises UsageError for one that can't be, whose name was ever used, or with more rights than whoever makes it has.
    """
    now = clock.now()
    problem = token_problem(token, helpdesks, now) or _too_much(token, visitor)
    if problem:
        raise UsageError(problem)
    with store.write():
        if not store.save_token(token, hash_of(secret), visitor.key, now):
            raise UsageError(f"There is, or was, a token named {token.name}: choose another name.")
        store.add_to_trail(visitor, "token.made", token.name, now)


def brands_without_tickets(store: Store, visitor: Visitor, token: NewToken) -> tuple[str, ...]:
    """Give the brands of a token that no ticket has yet: they may be mistyped, or still to come."""
    brands = [brand for brand in sorted(token.brands or ()) if BRAND_SEPARATOR in brand]
    return tuple(brand for brand in brands if not _has_ticket(store, visitor, brand))


def _has_ticket(store: Store, visitor: Visitor, brand: str) -> bool:
    helpdesk, _, name = brand.partition(BRAND_SEPARATOR)
    return name in store.brands_in_sight(visitor, helpdesk, name, 1)


def is_last_maker(store: Store, clock: Clock, token: Token) -> bool:
    """Whether by no other token somebody could make and revoke those that whoever has this one can."""
    return is_last_of(store.token_makers(clock.now()), token)


def revoke_token(store: Store, clock: Clock, name: str, visitor: Visitor, *, even_the_last: bool) -> bool:
    """Have a token open nothing any more; whoever signed in by it is signed out. Says whether it was the last by which
    others could be made.

    Raises UsageError for one that isn't there or was revoked before, or that has rights which this visitor hasn't, and
    RefusedError for the last by which others can be made, unless `even_the_last` may be.
    """
    token = store.token_named(name)
    if token is None:
        raise UsageError("There is no token of this name: `bugbridge token list` lists them.")
    if not visitor.may(token.role) or not within(token.brands, visitor.brands):
        raise UsageError(f"The token {token.name} has rights that you don't have: ask somebody who has them.")
    with store.write():
        is_last = is_last_maker(store, clock, token)
        if is_last and not even_the_last:
            raise RefusedError("last_token", last_maker(name))
        if not store.revoke_token(name, clock.now()):
            raise UsageError(f"The token {token.name} was revoked before.")
        store.add_to_trail(visitor, "token.revoked", token.name, clock.now())
    return is_last


def last_maker(name: str) -> str:
    """Say why the last token by which others can be made isn't revoked, and what to do first."""
    return (
        f"{name} is the last token by which somebody can make and revoke others here: make another one first, an "
        "admin's with read and write that shows all that this one shows."
    )


def _too_much(token: NewToken, visitor: Visitor) -> str:
    if not visitor.may(token.role):
        return f"Your role is {visitor.role.word}: a token of yours can't be {token.role.word}'s."
    if not within(token.brands, visitor.brands):
        return f"A token of yours shows at most what you see: {', '.join(sorted(visitor.brands or ()))}."
    return ""
