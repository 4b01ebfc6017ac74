"""What is due, a page at a time, and how much of it there is."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from bugbridge.core.access import Visitor
from bugbridge.core.board import MOST_COUNTED, BoardUpdate, Counted, DueWanted, Show, counted_to
from bugbridge.core.model import Channel, DeliveryState
from bugbridge.core.places import Place
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.rows import from_text, optional_instant, optional_text, read_update, to_text
from bugbridge.store.sight import IN_SIGHT, sight_of

FIRST_ISSUE = "coalesce((SELECT reference FROM issue WHERE issue.bug_id = [BUG] ORDER BY issue.id LIMIT 1), '')"
TICKET = "source.name || ':' || coalesce(ticket.remote_id, 'erased')"

_ROUND_AT = """CASE WHEN update_item.review = 'waiting' THEN (
        SELECT CASE WHEN json_extract(event.value, '$.round') THEN event.occurred_at END
        FROM bug AS own CROSS JOIN bug AS member ON member.canonical_id = own.canonical_id
        CROSS JOIN bug_event AS event ON event.bug_id = member.id
        WHERE own.id = update_item.bug_id AND event.kind = 'round'
            AND json_extract(event.value, '$.news_seq') = update_item.news_seq
        ORDER BY event.occurred_at, event.seq LIMIT 1
    ) END"""

_REPEATED = """(
        update_item.state = 'posted' AND :repeated_before IS NOT NULL
        AND EXISTS (SELECT 1 FROM answer WHERE answer.key = 'again:' || update_item.key)
        AND (
            SELECT max(step.occurred_at) FROM answer
            JOIN delivery_event AS step ON step.delivery_id = answer.delivery_id AND step.kind IN ('posted', 'found')
            WHERE answer.ticket_id = update_item.ticket_id AND answer.kind = 'again'
                AND json_extract(answer.subject, '$.update') = update_item.key
        ) <= :repeated_before
    )"""

_REMINDED_AT = """CASE WHEN update_item.state = 'posted' THEN (
        SELECT max(step.occurred_at) FROM delivery_event AS step
        WHERE step.delivery_id = update_item.delivery_id AND step.kind IN ('posted', 'found')
    ) END"""

_DUE = "update_item.due_at <= :until"
# What may be overdue: of promises and of rounds the calendar decides. No zone is a day from UTC.
_MAYBE_OVERDUE = f"""(
        update_item.state = 'dead' OR {_REPEATED}
        OR (update_item.reason = 'promised' AND (update_item.due_at <= :now OR update_item.wall_time <= :wall))
        OR (:repeated_before IS NOT NULL AND update_item.review = 'waiting' AND update_item.state = 'planned'
            AND {_ROUND_AT} <= :now)
    )"""
_FOR_A_PERSON = """(
        update_item.state = 'dead' OR (update_item.state = 'planned' AND update_item.review = 'waiting')
        OR (update_item.state = 'claimed' AND EXISTS (
            SELECT 1 FROM delivery
            WHERE delivery.id = update_item.delivery_id AND delivery.state = 'unknown' AND delivery.channel = 'reply'
        ))
    )"""
_SHOWN: Mapping[Show, str] = {
    Show.TODAY: _DUE,
    Show.SOON: _DUE,
    Show.OVERDUE: _MAYBE_OVERDUE,
    Show.WAITING: _FOR_A_PERSON,
}

_OPEN = f"""
    FROM update_item INDEXED BY update_open
    CROSS JOIN ticket ON ticket.id = update_item.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    LEFT JOIN delivery ON delivery.id = update_item.delivery_id
    WHERE update_item.state IN ('planned', 'claimed', 'posted', 'dead') AND update_item.review <> 'dropped'
        AND {IN_SIGHT}
        AND (:helpdesk = '' OR source.name = :helpdesk) AND (:brand = '' OR ticket.brand = :brand)
        AND (:reason = '' OR update_item.reason = :reason)
        AND (:reminded IS NULL OR (update_item.state = 'posted') = :reminded)
"""

_UPDATES = f"""
    SELECT update_item.*, {TICKET} AS ticket, {FIRST_ISSUE.replace("[BUG]", "update_item.bug_id")} AS bug,
        delivery.state AS delivery_state, delivery.channel, delivery.not_before,
        {_ROUND_AT} AS round_at, {_REPEATED} AS repeated, {_REMINDED_AT} AS reminded_at
    {_OPEN} AND [SHOWN] AND (update_item.due_at, update_item.id) > (:after_at, :after_id)
    ORDER BY update_item.due_at, update_item.id LIMIT :limit
"""

_COUNT = f"SELECT count(*) FROM (SELECT 1 {_OPEN} AND [SHOWN] LIMIT :limit)"  # noqa: S608 - the same

_ON = f"FROM source CROSS JOIN ticket ON ticket.source_id = source.id WHERE {IN_SIGHT}"
_OF_BRAND = f"SELECT 1 {_ON} AND (:helpdesk = '' OR source.name = :helpdesk) AND ticket.brand = :brand LIMIT 1"
_BRANDS = f"""
    SELECT DISTINCT ticket.brand {_ON} AND (:helpdesk = '' OR source.name = :helpdesk) AND ticket.brand <> ''
    ORDER BY ticket.brand LIMIT :limit
"""


class BoardStore(SqliteDatabase):
    """What is due, as far as somebody may see it."""

    def board_updates(self, visitor: Visitor, wanted: DueWanted, after: Place, limit: int) -> tuple[BoardUpdate, ...]:
        """Give open updates behind a place, an instant's text and an id, by when they are due. Of what is overdue it
        gives what may be: the calendar decides."""
        at, row_id = after
        place = {"after_at": at, "after_id": row_id, "limit": limit}
        statement = _UPDATES.replace("[SHOWN]", _SHOWN[wanted.show])
        return tuple(map(_update, self._rows(statement, {**sight_of(visitor), **_asked(wanted), **place})))

    def count_updates(self, visitor: Visitor, wanted: DueWanted) -> Counted:
        """Count them, up to a thousand."""
        values = {**sight_of(visitor), **_asked(wanted), "limit": MOST_COUNTED + 1}
        return counted_to(self._value(_COUNT.replace("[SHOWN]", _SHOWN[wanted.show]), values))

    def brands_in_sight(self, visitor: Visitor, helpdesk: str, brand: str, limit: int) -> tuple[str, ...]:
        """Give this brand alone where a ticket in sight has it, on a helpdesk or on any for ""; else those that some
        have, in order."""
        values = {**sight_of(visitor), "helpdesk": helpdesk}
        if self._rows(_OF_BRAND, {**values, "brand": brand}):
            return (brand,)
        return tuple(row["brand"] for row in self._rows(_BRANDS, {**values, "limit": limit}))


def _asked(wanted: DueWanted) -> dict[str, object]:
    return {
        "now": to_text(wanted.now),
        "wall": _wall_beyond(wanted.now),
        "until": to_text(wanted.until),
        "repeated_before": optional_text(wanted.repeated_before),
        "helpdesk": wanted.helpdesk,
        "brand": wanted.brand,
        "reason": wanted.reason,
        "reminded": wanted.reminded,
    }


def _wall_beyond(now: datetime) -> str:
    """Give a wall time that no zone has reached yet, in the form in which intentions are kept."""
    return (now.replace(tzinfo=None, microsecond=0) + timedelta(days=1)).isoformat()


def _update(row: Row) -> BoardUpdate:
    is_reply = row["channel"] == Channel.REPLY
    held = is_reply and row["delivery_state"] == DeliveryState.CLAIMED
    return BoardUpdate(
        item=read_update(row),
        ticket=row["ticket"],
        bug=row["bug"],
        reply_at=from_text(row["not_before"]) if held else None,
        reply_unknown=is_reply and row["delivery_state"] == DeliveryState.UNKNOWN,
        round_at=optional_instant(row["round_at"]),
        repeated=bool(row["repeated"]),
        reminded_at=optional_instant(row["reminded_at"]),
    )
