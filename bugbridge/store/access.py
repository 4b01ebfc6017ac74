"""Who may use the web, and what they did there."""

from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.store.database import SqliteDatabase
from bugbridge.store.rows import to_text

_ADD_TO_TRAIL = "INSERT INTO web_trail (at, who, via, did, subject) VALUES (:at, :who, :via, :did, :subject)"


class AccessStore(SqliteDatabase):
    """Tokens, sessions and the audit trail."""

    def add_to_trail(self, visitor: Visitor, did: str, subject: str, at: datetime) -> None:
        """Keep that somebody did something to something: ids and codes, never free text."""
        values = {"at": to_text(at), "who": visitor.key, "via": visitor.via, "did": did, "subject": subject}
        with self.write():
            self._run(_ADD_TO_TRAIL, values)
