"""Who may use the web, and what they did there."""

import json
from collections.abc import Callable, Collection, Mapping
from datetime import datetime, timedelta
from typing import TypeVar

from bugbridge.core.access import Role, Visitor, narrowed
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.tokens import NewToken, Scope, Session, Token, TrailEntry
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import from_text, optional_instant, optional_text, to_text

_LAST = 2**63 - 1
USE_KNOWN_FOR = timedelta(minutes=1)
Item = TypeVar("Item", Token, TrailEntry)

_ADD_TO_TRAIL = "INSERT INTO web_trail (at, who, via, did, subject) VALUES (:at, :who, :via, :did, :subject)"
_TRAIL = "SELECT * FROM web_trail WHERE id < :after ORDER BY id DESC LIMIT :limit"

_LAST_ACTS = """
    SELECT wanted.value AS who, (SELECT at FROM web_trail WHERE who = wanted.value ORDER BY id DESC LIMIT 1) AS at
    FROM json_each(:whos) AS wanted
"""

_SAVE = """
    INSERT INTO web_token (name, hash, role, brands, scopes, created_at, created_by, expires_at)
    VALUES (:name, :hash, :role, :brands, :scopes, :at, :by, :expires_at) ON CONFLICT (name) DO NOTHING
"""
_TOKENS = "SELECT * FROM web_token WHERE id > :after ORDER BY id LIMIT :limit"
_BY_HASH = "SELECT * FROM web_token WHERE hash = :hash"
_BY_NAME = "SELECT * FROM web_token WHERE name = :name"
_HAS_TOKENS = "SELECT EXISTS (SELECT 1 FROM web_token)"
_MAKERS = """
    SELECT * FROM web_token
    WHERE role = 'admin' AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > :at)
        AND EXISTS (SELECT 1 FROM json_each(scopes) WHERE value = 'write')
    ORDER BY id
"""
_REVOKE = "UPDATE web_token SET revoked_at = :at WHERE name = :name AND revoked_at IS NULL"
_END_SESSIONS_OF = "DELETE FROM web_session WHERE token_hash = (SELECT hash FROM web_token WHERE name = :name)"
_USED = "UPDATE web_token SET last_used_at = :at WHERE id = :id AND (last_used_at IS NULL OR last_used_at < :before)"

_START_SESSION = """
    INSERT INTO web_session (hash, token_hash, agent, created_at, expires_at)
    VALUES (:hash, :token_hash, :agent, :at, :expires_at)
"""
_SESSION = "SELECT * FROM web_session WHERE hash = :hash AND expires_at > :at"
_END_SESSION = "DELETE FROM web_session WHERE hash = :hash"
_END_EXPIRED = "DELETE FROM web_session WHERE expires_at <= :at"


class AccessStore(SqliteDatabase):
    """Tokens, sessions and the audit trail."""

    def add_to_trail(self, visitor: Visitor, did: str, subject: str, at: datetime) -> None:
        """Keep that somebody did something to something: ids and codes, never free text."""
        values = {"at": to_text(at), "who": visitor.key, "via": visitor.via, "did": did, "subject": subject}
        with self.write():
            self._run(_ADD_TO_TRAIL, values)

    def trail(self, after: str) -> Slice[TrailEntry]:
        """Give what was done, the latest first; `after` is the `next` of the page before, or ""."""
        return _slice(self._rows(_TRAIL, _place(after, _LAST)), _entry)

    def last_acts(self, whos: Collection[str]) -> Mapping[str, datetime]:
        """Give when each of these, by a visitor's `key`, last signed in or did something; who never did isn't there."""
        rows = self._rows(_LAST_ACTS, {"whos": json.dumps(list(whos))})
        return {row["who"]: from_text(row["at"]) for row in rows if row["at"]}

    def save_token(self, token: NewToken, token_hash: str, by: str, at: datetime) -> bool:
        """Keep a token by the hash of its secret; False where there is, or was, one of this name."""
        values = {
            "name": token.name,
            "hash": token_hash,
            "role": token.role.word,
            "brands": json.dumps(sorted(token.brands or ())),
            "scopes": json.dumps(sorted(token.scopes)),
            "at": to_text(at),
            "by": by,
            "expires_at": optional_text(token.expires_at),
        }
        with self.write():
            return self._run(_SAVE, values) > 0

    def tokens(self, after: str) -> Slice[Token]:
        """Give tokens, the oldest first, revoked ones too; `after` is the `next` of the page before, or ""."""
        return _slice(self._rows(_TOKENS, _place(after, 0)), _token)

    def has_tokens(self) -> bool:
        """Whether a token was ever made."""
        return bool(self._value(_HAS_TOKENS))

    def token_by_hash(self, token_hash: str) -> Token | None:
        """Give the token whose secret has this hash."""
        row = self._row(_BY_HASH, {"hash": token_hash})
        return _token(row) if row else None

    def token_named(self, name: str) -> Token | None:
        """Give a token by its name."""
        row = self._row(_BY_NAME, {"name": name})
        return _token(row) if row else None

    def token_makers(self, at: datetime) -> tuple[Token, ...]:
        """Give the tokens that are valid at an instant and by which others can be made: admins' that may write."""
        return tuple(map(_token, self._rows(_MAKERS, {"at": to_text(at)})))

    def revoke_token(self, name: str, at: datetime) -> bool:
        """Have a token open nothing any more, and end its sessions; False where it was revoked, or isn't there."""
        with self.write():
            self._run(_END_SESSIONS_OF, {"name": name})
            return self._run(_REVOKE, {"name": name, "at": to_text(at)}) > 0

    def use_token(self, token: Token, at: datetime) -> None:
        """Keep that a token was used, unless that is known of the minute before: looking is no writing."""
        if token.last_used_at is not None and at - token.last_used_at < USE_KNOWN_FOR:
            return
        with self.write():
            self._run(_USED, {"id": token.id, "at": to_text(at), "before": to_text(at - USE_KNOWN_FOR)})

    def start_session(self, session: Session) -> None:
        """Keep that somebody signed in, and let go of sessions that are over."""
        at = to_text(session.created_at)
        values = {"hash": session.hash, "token_hash": session.token_hash, "agent": session.agent, "at": at}
        with self.write():
            self._run(_END_EXPIRED, {"at": at})
            self._run(_START_SESSION, {**values, "expires_at": to_text(session.expires_at)})

    def session(self, session_hash: str, at: datetime) -> Session | None:
        """Give a session that isn't over at an instant, by the hash of its id."""
        row = self._row(_SESSION, {"hash": session_hash, "at": to_text(at)})
        if row is None:
            return None
        created_at, expires_at = from_text(row["created_at"]), from_text(row["expires_at"])
        return Session(row["hash"], row["token_hash"], row["agent"], created_at, expires_at)

    def end_session(self, session_hash: str) -> None:
        """Let go of a session."""
        with self.write():
            self._run(_END_SESSION, {"hash": session_hash})


def _place(after: str, first: int) -> dict[str, object]:
    """Say after which id to go on; what is no id begins anew."""
    known = after.isascii() and after.isdigit()
    return {"after": min(int(after), _LAST) if known else first, "limit": PAGE_ROWS + 1}


def _slice(rows: list[Row], read: Callable[[Row], Item]) -> Slice[Item]:
    last = rows[PAGE_ROWS - 1]["id"] if len(rows) > PAGE_ROWS else ""
    return Slice(tuple(map(read, rows[:PAGE_ROWS])), str(last))


def _token(row: Row) -> Token:
    return Token(
        id=row["id"],
        name=row["name"],
        role=Role[row["role"].upper()],
        brands=narrowed(json.loads(row["brands"])),
        scopes=frozenset(map(Scope, json.loads(row["scopes"]))),
        created_at=from_text(row["created_at"]),
        created_by=row["created_by"],
        expires_at=optional_instant(row["expires_at"]),
        revoked_at=optional_instant(row["revoked_at"]),
        last_used_at=optional_instant(row["last_used_at"]),
    )


def _entry(row: Row) -> TrailEntry:
    return TrailEntry(row["id"], from_text(row["at"]), row["who"], row["via"], row["did"], row["subject"])
