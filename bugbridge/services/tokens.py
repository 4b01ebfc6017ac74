"""API tokens: made with the rights that somebody chooses, and taken back."""

from collections.abc import Collection

from bugbridge.core.access import Visitor, within
from bugbridge.core.errors import UsageError
from bugbridge.core.tokens import NewToken, hash_of, token_problem
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


def revoke_token(store: Store, clock: Clock, name: str, visitor: Visitor) -> None:
    """Have a token open nothing any more; whoever signed in by it is signed out.

    Raises UsageError for one that isn't there or was revoked before, or that has rights which this visitor hasn't.
    """
    token = store.token_named(name)
    if token is None:
        raise UsageError("There is no token of this name: `bugbridge token list` lists them.")
    if not visitor.may(token.role) or not within(token.brands, visitor.brands):
        raise UsageError(f"The token {token.name} has rights that you don't have: ask somebody who has them.")
    with store.write():
        if not store.revoke_token(name, clock.now()):
            raise UsageError(f"The token {token.name} was revoked before.")
        store.add_to_trail(visitor, "token.revoked", token.name, clock.now())


def _too_much(token: NewToken, visitor: Visitor) -> str:
    if not visitor.may(token.role):
        return f"Your role is {visitor.role.word}: a token of yours can't be {token.role.word}'s."
    if not within(token.brands, visitor.brands):
        return f"A token of yours shows at most what you see: {', '.join(sorted(visitor.brands or ()))}."
    return ""
