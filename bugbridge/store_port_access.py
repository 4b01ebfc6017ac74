"""What is kept of who may use the web, and of what they did there."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol

from bugbridge.core.access import Visitor
from bugbridge.core.listings import Slice
from bugbridge.core.tokens import NewToken, Session, Token, TrailEntry


class AccessStore(Protocol):
    """Tokens, sessions and the audit trail."""

    def add_to_trail(self, visitor: Visitor, did: str, subject: str, at: datetime) -> None:
        """Keep that somebody did something to something: ids and codes, never free text."""
        ...

    def trail(self, after: str) -> Slice[TrailEntry]:
        """Give what was done, the latest first; `after` is the `next` of the page before, or ""."""
        ...

    def last_acts(self, whos: Collection[str]) -> Mapping[str, datetime]:
        """Give when each of these, by a visitor's `key`, last signed in or did something; who never did isn't there."""
        ...

    def save_token(self, token: NewToken, token_hash: str, by: str, at: datetime) -> bool:
        """Keep a token by the hash of its secret; False where there is, or was, one of this name."""
        ...

    def tokens(self, after: str) -> Slice[Token]:
        """Give tokens, the oldest first, revoked ones too; `after` is the `next` of the page before, or ""."""
        ...

    def has_tokens(self) -> bool:
        """Whether a token was ever made."""
        ...

    def token_by_hash(self, token_hash: str) -> Token | None:
        """Give the token whose secret has this hash."""
        ...

    def token_named(self, name: str) -> Token | None:
        """Give a token by its name."""
        ...

    def token_makers(self, at: datetime) -> tuple[Token, ...]:
        """Give the tokens that are valid at an instant and by which others can be made: admins' that may write."""
        ...

    def revoke_token(self, name: str, at: datetime) -> bool:
        """Have a token open nothing any more, and end its sessions; False where it was revoked, or isn't there."""
        ...

    def use_token(self, token: Token, at: datetime) -> None:
        """Keep that a token was used, unless that is known of the minute before: looking is no writing."""
        ...

    def start_session(self, session: Session) -> None:
        """Keep that somebody signed in, and let go of sessions that are over."""
        ...

    def session(self, session_hash: str, at: datetime) -> Session | None:
        """Give a session that isn't over at an instant, by the hash of its id."""
        ...

    def end_session(self, session_hash: str) -> None:
        """Let go of a session."""
        ...
