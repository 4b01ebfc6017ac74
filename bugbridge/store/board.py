"""The board's lists, a page at a time."""

from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board import BoardUpdate
from bugbridge.core.listings import PAGE_ROWS, Slice
from bugbridge.core.model import Review, UpdateState
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import from_text, to_text
from bugbridge.store.sight import IN_SIGHT, sight_of

_DUE = f"""
    SELECT update_item.id, update_item.reason, update_item.due_at, update_item.state, update_item.review,
        ticket.id AS ticket_id, source.name || ':' || ticket.remote_id AS ticket,
        (SELECT issue.reference FROM issue WHERE issue.bug_id = update_item.bug_id ORDER BY issue.id LIMIT 1) AS bug
    FROM update_item
    JOIN ticket ON ticket.id = update_item.ticket_id
    JOIN source ON source.id = ticket.source_id
    WHERE update_item.state IN ('planned', 'claimed', 'posted', 'dead') AND update_item.review <> 'dropped'
        AND update_item.due_at <= :until AND (update_item.due_at, update_item.id) > (:after_at, :after_id)
        AND {IN_SIGHT}
    ORDER BY update_item.due_at, update_item.id LIMIT :limit
"""  # noqa: S608 - our own text


class BoardStore(SqliteDatabase):
    """What is due, as far as somebody may see it."""

    def board_updates(self, visitor: Visitor, until: datetime, after: str) -> Slice[BoardUpdate]:
        """Give open updates due by then, the earliest first; `after` is the `next` of the page before, or ""."""
        after_at, _, after_id = after.partition("|")
        place = {"after_at": after_at, "after_id": int(after_id[:18]) if after_id.isdecimal() else 0}
        values = {**sight_of(visitor), **place, "until": to_text(until), "limit": PAGE_ROWS + 1}
        rows = self._rows(_DUE, values)
        last = rows[PAGE_ROWS - 1] if len(rows) > PAGE_ROWS else None
        return Slice(tuple(map(_update, rows[:PAGE_ROWS])), f"{last['due_at']}|{last['id']}" if last else "")


def _update(row: Row) -> BoardUpdate:
    state, review = UpdateState(row["state"]), Review(row["review"])
    at = from_text(row["due_at"])
    return BoardUpdate(row["id"], row["ticket"], row["ticket_id"], row["bug"] or "", row["reason"], at, state, review)
