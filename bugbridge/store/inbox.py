"""The inbox: which deliveries of webhooks came, what each was about, and which are still to be followed."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime

from bugbridge.store.database import SqliteDatabase
from bugbridge.store.rows import to_text

_RECEIVE = """
    INSERT INTO inbox (delivery_key, source_id, subject_ref, received_at) VALUES (:key, :source, :subject, :at)
    ON CONFLICT (delivery_key) DO NOTHING
"""

_OPEN = """
    SELECT delivery_key, subject_ref FROM inbox
    WHERE source_id = :source AND handled_at IS NULL ORDER BY received_at, delivery_key
"""

_HANDLE = """
    UPDATE inbox SET handled_at = :at
    WHERE handled_at IS NULL AND delivery_key IN (SELECT value FROM json_each(:keys))
"""


class InboxStore(SqliteDatabase):
    """Deliveries by their keys; of a payload nothing but its subject is kept."""

    def receive_hint(self, source_id: int, delivery_key: str, subject: str, at: datetime) -> bool:
        """Keep a delivery; False, and nothing changed, where one with this key was kept already."""
        values = {"key": delivery_key, "source": source_id, "subject": subject, "at": to_text(at)}
        with self.write():
            return self._run(_RECEIVE, values) == 1

    def open_hints(self, source_id: int) -> Mapping[str, str]:
        """Give the subject of each delivery that is still to be followed, by key, the oldest first."""
        return {row["delivery_key"]: row["subject_ref"] for row in self._rows(_OPEN, {"source": source_id})}

    def handle_hints(self, delivery_keys: Collection[str], at: datetime) -> None:
        """Keep that these were followed."""
        with self.write():
            self._run(_HANDLE, {"keys": json.dumps(list(delivery_keys)), "at": to_text(at)})

    def forget_hints(self, handled_before: datetime) -> None:
        """Drop deliveries that were followed before this instant."""
        with self.write():
            self._run("DELETE FROM inbox WHERE handled_at < :before", {"before": to_text(handled_before)})
