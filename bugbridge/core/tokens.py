"""API tokens and sessions: what is kept of them, who they stand for, and until when."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256

from bugbridge.core.access import Role, unknown_brands, within

TOKEN_START = "bb_"  # noqa: S105 - how each begins
LONGEST_NAME = 60  # characters
NAME = re.compile(rf"[a-z0-9][a-z0-9._-]{{0,{LONGEST_NAME - 1}}}")
TAKEN_NAMES = frozenset({"web", "loopback"})  # what the environment's token and this computer do is recorded by these
MOST_DAYS = 3_650
SESSION_LASTS = timedelta(hours=12)


class Scope(StrEnum):
    """What a token lets one do: look, or change something, too."""

    READ = "read"
    WRITE = "write"


class TokenState(StrEnum):
    """Whether a token opens anything."""

    VALID = "valid"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token to be made; without `expires_at` it lasts until it is revoked. `brands` are as a visitor's."""

    name: str
    role: Role
    brands: frozenset[str] | None = None
    scopes: frozenset[Scope] = frozenset({Scope.READ})
    expires_at: datetime | None = None

    @property
    def makes_any(self) -> bool:
        """Whether whoever has it can make further ones, with whatever rights."""
        return self.role is Role.ADMIN and Scope.WRITE in self.scopes and self.brands is None


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept: the secret itself isn't. Instants are aware, in UTC; last use is known to a minute."""

    id: int
    name: str
    role: Role
    brands: frozenset[str] | None
    scopes: frozenset[Scope]
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None

    def state(self, now: datetime) -> TokenState:
        """Say whether it opens anything at an instant."""
        if self.revoked_at is not None:
            return TokenState.REVOKED
        return TokenState.EXPIRED if self.expires_at is not None and self.expires_at <= now else TokenState.VALID


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who signed in: by the token with this hash, or as this `agent` of the list of people."""

    hash: str
    token_hash: str
    agent: str
    created_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TrailEntry:
    """Something that somebody did: codes and ids."""

    id: int
    at: datetime
    who: str
    via: str
    did: str
    subject: str


def hash_of(secret: str) -> str:
    """Give what is kept of a token or a session's id. Both are random and long, so that nobody can try them out."""
    return sha256(secret.encode()).hexdigest()


def scopes_of(named: Collection[str]) -> frozenset[Scope]:
    """Give the scopes of a token for which these are named: whoever changes something must see it, too."""
    return frozenset({Scope.READ, *map(Scope, named)})


def is_last_of(makers: Collection[Token], token: Token) -> bool:
    """Whether of those by which others can be made this one alone sees its brands: without it nobody can do what
    whoever has it does."""
    if token.id not in {one.id for one in makers}:
        return False
    return not any(one.id != token.id and within(token.brands, one.brands) for one in makers)


def token_problem(token: NewToken, helpdesks: Collection[str], now: datetime) -> str:
    """Say what is wrong with a token that somebody wants, "" for nothing."""
    if not NAME.fullmatch(token.name) or token.name in TAKEN_NAMES:
        return (
            f"A token's name is made of a-z, 0-9, dots, - and _, begins with a letter or a digit, and has at most "
            f"{LONGEST_NAME} characters; {' and '.join(sorted(TAKEN_NAMES))} are taken."
        )
    unknown = unknown_brands(sorted(token.brands or ()), helpdesks)
    if unknown:
        known = ", ".join(helpdesks) or "none"
        return f"{unknown[0][:LONGEST_NAME]!r} is neither a helpdesk nor HELPDESK:BRAND; there is: {known}."
    if token.expires_at is not None and not now < token.expires_at <= now + timedelta(days=MOST_DAYS):
        return f"A token lasts from 1 to {MOST_DAYS:,} days."
    return ""
