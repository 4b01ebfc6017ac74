"""Deliveries: claimed by compare-and-swap, held by a lease, guarded by a fence."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from bugbridge.core.events import DeliveryEvent
from bugbridge.core.model import Actor, DeliveryState
from bugbridge.core.records import Delivery, UpdateItem
from bugbridge.store.database import Row
from bugbridge.store.rows import optional_text, read_delivery, read_update, to_text
from bugbridge.store.work import UpdateWork

MARKER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 and O, 1, I and L, U and V: people read them aloud
MARKER_LENGTH = 10
CHANNEL = "note"

_DELIVERY = """
    SELECT delivery.*, (
        SELECT count(*) FROM delivery_event
        WHERE delivery_event.delivery_id = delivery.id AND delivery_event.kind = 'posting'
    ) AS attempts
    FROM delivery
"""
_DELIVERY_BY_ID = _DELIVERY + " WHERE id = :delivery"
_DELIVERIES = _DELIVERY + " WHERE :state IS NULL OR state = :state ORDER BY id"
_RECLAIMABLE = (
    _DELIVERY
    + """
    WHERE state IN ('claimed', 'posting', 'unknown') AND lease_until <= :now AND not_before <= :now
    ORDER BY lease_until, id
"""
)

_NEW_DELIVERY = """
    INSERT INTO delivery (ticket_id, channel, marker, state, not_before, owner, lease_until, fence)
    VALUES (:ticket, :channel, :marker, 'claimed', :now, :owner, :lease_until, 1)
    ON CONFLICT (marker) DO NOTHING RETURNING id
"""

_TAKE_UPDATE = """
    UPDATE update_item SET state = 'claimed', delivery_id = :delivery
    WHERE key = :key AND state = 'planned' AND due_at = :due_at AND ticket_id = :ticket
"""

_RECLAIM = """
    UPDATE delivery SET owner = :owner, lease_until = :lease_until, fence = fence + 1
    WHERE id = :delivery AND fence = :fence AND state IN ('claimed', 'posting', 'unknown')
        AND lease_until <= :now AND not_before <= :now
"""

_ADVANCE = """
    UPDATE delivery SET state = :state, not_before = coalesce(:not_before, not_before),
        lease_until = CASE WHEN :not_before IS NULL THEN lease_until ELSE :now END
    WHERE id = :delivery AND fence = :fence AND state IN ('claimed', 'posting', 'unknown')
"""

_FINISH_UPDATES = """
    UPDATE update_item SET state = :state WHERE delivery_id = :delivery AND state = 'claimed'
"""

_FINISHED = frozenset({DeliveryState.POSTED, DeliveryState.WITHDRAWN, DeliveryState.DEAD})


class _TakenError(Exception):
    """An update was no longer as it was read; undoes the claim."""


class Outbox(UpdateWork):
    """Brings updates to tickets, each by one writer at a time."""

    def claim(
        self, items: Sequence[UpdateItem], *, owner: str, lease_until: datetime, now: datetime, actor: Actor
    ) -> Delivery | None:
        """Take planned updates of one ticket into a new delivery with a random marker.

        None, and nothing changed, if any was taken or planned for another time since it was read. Raises ValueError
        for no updates at all.
        """
        if not items:
            raise ValueError("A delivery needs at least one update.")
        try:
            with self.write():
                delivery_id = self._new_delivery(items[0].ticket_id, owner, lease_until, now)
                for item in items:
                    self._take(item, items[0].ticket_id, delivery_id)
                self._record(delivery_id, str(DeliveryState.CLAIMED), now, actor)
                return self._delivery(delivery_id)
        except _TakenError:
            return None

    def _new_delivery(self, ticket_id: int, owner: str, lease_until: datetime, now: datetime) -> int:
        values = {"ticket": ticket_id, "channel": CHANNEL, "owner": owner}
        values |= {"lease_until": to_text(lease_until), "now": to_text(now)}
        row = None
        while row is None:
            row = self._row(_NEW_DELIVERY, {**values, "marker": _marker()})
        return int(row["id"])

    def _take(self, item: UpdateItem, ticket_id: int, delivery_id: int) -> None:
        values = {"key": item.key, "due_at": to_text(item.due_at), "ticket": ticket_id, "delivery": delivery_id}
        if not self._run(_TAKE_UPDATE, values):
            raise _TakenError

    def reclaim(self, delivery: Delivery, *, owner: str, lease_until: datetime, now: datetime) -> Delivery | None:
        """Take over a delivery whose lease ran out, with a higher fence; None if somebody was faster."""
        values = {"delivery": delivery.id, "fence": delivery.fence, "owner": owner, "now": to_text(now)}
        with self.write():
            taken = self._run(_RECLAIM, {**values, "lease_until": to_text(lease_until)})
            return self._delivery(delivery.id) if taken else None

    def reclaimable(self, now: datetime) -> tuple[Delivery, ...]:
        """Give unfinished deliveries whose lease ran out and whose not_before has come."""
        return self._deliveries(self._rows(_RECLAIMABLE, {"now": to_text(now)}))

    def advance(
        self,
        delivery: Delivery,
        state: DeliveryState,
        *,
        now: datetime,
        actor: Actor,
        remote_id: str = "",
        detail_code: str = "",
        not_before: datetime | None = None,
    ) -> Delivery | None:
        """Move a delivery and its updates on, with an event; None, and nothing written, if the fence is stale or the
        delivery was finished.

        `posted` marks the updates posted, `withdrawn` withdrawn, `dead` dead. With not_before the lease ends at once
        and the delivery is reclaimable from then on. The event's kind is the state, or `found` where that is the
        detail.
        """
        values = {"delivery": delivery.id, "fence": delivery.fence, "state": state}
        values |= {"now": to_text(now), "not_before": optional_text(not_before)}
        with self.write():
            if not self._run(_ADVANCE, values):
                return None
            kind = "found" if detail_code == "found" else str(state)
            self._record(delivery.id, kind, now, actor, remote_id, detail_code)
            if state in _FINISHED:
                self._run(_FINISH_UPDATES, {"delivery": delivery.id, "state": state})
            return self._delivery(delivery.id)

    def deliveries(self, state: DeliveryState | None) -> tuple[Delivery, ...]:
        """Give deliveries in a state, or all, the oldest first."""
        return self._deliveries(self._rows(_DELIVERIES, {"state": state}))

    def _record(
        self, delivery_id: int, kind: str, now: datetime, actor: Actor, remote_id: str = "", detail_code: str = ""
    ) -> None:
        counted = "SELECT count(*) FROM delivery_event WHERE delivery_id = :delivery"
        step = self._value(counted, {"delivery": delivery_id})
        event = DeliveryEvent(
            occurred_at=now,
            source_key=f"delivery:{delivery_id}:{step}",
            delivery_id=delivery_id,
            ticket_id=self._value("SELECT ticket_id FROM delivery WHERE id = :delivery", {"delivery": delivery_id}),
            kind=kind,
            remote_id=remote_id,
            detail_code=detail_code,
        )
        self.append([event], actor=actor, recorded_at=now)

    def _delivery(self, delivery_id: int) -> Delivery:
        return self._deliveries(self._rows(_DELIVERY_BY_ID, {"delivery": delivery_id}))[0]

    def _deliveries(self, rows: Sequence[Row]) -> tuple[Delivery, ...]:
        return tuple(read_delivery(row, self._items(row["id"])) for row in rows)

    def _items(self, delivery_id: int) -> tuple[UpdateItem, ...]:
        items = "SELECT * FROM update_item WHERE delivery_id = :delivery ORDER BY due_at, id"
        return tuple(read_update(row) for row in self._rows(items, {"delivery": delivery_id}))


def _marker() -> str:
    return "BB-" + "".join(secrets.choice(MARKER_ALPHABET) for _ in range(MARKER_LENGTH))
