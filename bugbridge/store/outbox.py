"""Deliveries: claimed by compare-and-swap, held by a lease, guarded by a fence."""

import json
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime

from bugbridge.core.events import DeliveryEvent
from bugbridge.core.heard import code_of
from bugbridge.core.model import Actor, Channel, DeliveryState
from bugbridge.core.records import Delivery, UpdateItem
from bugbridge.store.database import Row
from bugbridge.store.noise import NoiseWork
from bugbridge.store.rows import optional_text, read_delivery, read_update, to_text

MARKER_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # without 0 and O, 1, I and L, U and V: people read them aloud
MARKER_LENGTH = 10

_ITEMS = """
    SELECT * FROM update_item WHERE delivery_id IN (SELECT value FROM json_each(:deliveries)) ORDER BY due_at, id
"""

_DELIVERY = """
    SELECT delivery.*, (
        SELECT count(*) FROM delivery_event
        WHERE delivery_event.delivery_id = delivery.id AND delivery_event.detail_code = 'failed'
    ) AS failures
    FROM delivery
"""
_DELIVERY_BY_ID = _DELIVERY + " WHERE id = :delivery"
# Each state is in one of two partial indexes.
_UNFINISHED = "INDEXED BY delivery_unfinished WHERE state IN ('claimed', 'posting', 'unknown')"
_ENDED = "INDEXED BY delivery_finished WHERE state IN ('posted', 'withdrawn', 'dead')"
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
    UPDATE update_item SET state = :state, state_reason = :why WHERE delivery_id = :delivery AND state = 'claimed'
"""

_FINISH_ANSWER = "UPDATE answer SET state = :state WHERE delivery_id = :delivery AND state = 'claimed'"

# Not once it is being posted: then only its poster can say what became of it. The fence stops one on the way there.
_CANCEL = """
    UPDATE delivery SET state = 'withdrawn', fence = fence + 1
    WHERE id = :delivery AND state = 'claimed' AND channel = 'reply'
"""

_IS_HELD = """
    SELECT id FROM delivery WHERE id = :delivery AND fence = :fence AND state IN ('claimed', 'posting', 'unknown')
"""

_DROP_UPDATES = """
    UPDATE update_item SET state = :state, state_reason = :why, delivery_id = NULL
    WHERE delivery_id = :delivery AND state = 'claimed' AND key IN (SELECT value FROM json_each(:keys))
"""

# Details that say more than the state, and so name the event.
_OWN_KINDS = frozenset({"found", "held"})
_FINISHED = frozenset({DeliveryState.POSTED, DeliveryState.WITHDRAWN, DeliveryState.DEAD})


class TakenError(Exception):
    """An update was no longer as it was read; undoes the claim."""


class Outbox(NoiseWork):
    """Brings updates to tickets, each by one writer at a time."""

    def claim(
        self,
        items: Sequence[UpdateItem],
        *,
        owner: str,
        lease_until: datetime,
        now: datetime,
        actor: Actor,
        channel: Channel = Channel.NOTE,
    ) -> Delivery | None:
        """Take planned updates into a new delivery, with a random marker, to the ticket of the first of them.

        None, and nothing changed, if any was taken or planned for another time or ticket since it was read. Raises
        ValueError for no updates at all.
        """
        if not items:
            raise ValueError("A delivery needs at least one update.")
        try:
            with self.write():
                delivery_id = self._new_delivery(items[0].ticket_id, channel, owner, lease_until, now)
                for item in items:
                    self._take(item, delivery_id)
                self._record(delivery_id, items[0].ticket_id, str(DeliveryState.CLAIMED), now, actor)
                return self._delivery(delivery_id)
        except TakenError:
            return None

    def _new_delivery(self, ticket_id: int, channel: Channel, owner: str, lease_until: datetime, now: datetime) -> int:
        values = {"ticket": ticket_id, "channel": channel, "owner": owner}
        values |= {"lease_until": to_text(lease_until), "now": to_text(now)}
        row = None
        while row is None:
            row = self._row(_NEW_DELIVERY, {**values, "marker": _marker()})
        return int(row["id"])

    def _take(self, item: UpdateItem, delivery_id: int) -> None:
        values = {"key": item.key, "due_at": to_text(item.due_at), "ticket": item.ticket_id, "delivery": delivery_id}
        if not self._run(_TAKE_UPDATE, values):
            raise TakenError

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

        `posted` marks the updates posted, `withdrawn` withdrawn, `dead` dead, each with an event on its own ticket; a
        posted update's names its reason and bug. With not_before the lease ends at once and the delivery is reclaimable
        from then on. The event's kind is the state, or `found` or `held` where that is the detail.
        """
        values = {"delivery": delivery.id, "fence": delivery.fence, "state": state}
        values |= {"now": to_text(now), "not_before": optional_text(not_before)}
        with self.write():
            if not self._run(_ADVANCE, values):
                return None
            kind = detail_code if detail_code in _OWN_KINDS else str(state)
            for ticket_id, detail in self._steps(delivery, state, detail_code):
                own = ticket_id == delivery.ticket_id
                self._record(delivery.id, ticket_id, kind, now, actor, remote_id if own else "", detail)
            if state in _FINISHED:
                why = "" if state is DeliveryState.POSTED else detail_code
                self._run(_FINISH_UPDATES, {"delivery": delivery.id, "state": state, "why": why})
                self._run(_FINISH_ANSWER, {"delivery": delivery.id, "state": state})
            return self._delivery(delivery.id)

    def _steps(self, delivery: Delivery, state: DeliveryState, detail_code: str) -> Iterable[tuple[int, str]]:
        """Say on which tickets a step is an event, and with which detail."""
        if state not in _FINISHED:
            return [(delivery.ticket_id, detail_code)]
        items = self._items([delivery.id]).get(delivery.id, ())
        if state is DeliveryState.POSTED and delivery.channel is not Channel.ANSWER:
            codes = [
                (item.ticket_id, f"{code_of(item.reason, item.bug_id, item.ordinal)} {detail_code}".rstrip())
                for item in items
            ]
            return sorted(codes, key=lambda step: step[0] != delivery.ticket_id)
        return dict.fromkeys((ticket_id, detail_code) for ticket_id in (delivery.ticket_id, *_tickets(items)))

    def drop(
        self,
        delivery: Delivery,
        items: Collection[UpdateItem],
        state: DeliveryState,
        *,
        now: datetime,
        actor: Actor,
        detail_code: str,
    ) -> Delivery | None:
        """Take updates out of a delivery that goes on without them, withdrawn or dead, with an event on their tickets.

        None, and nothing written, if the fence is stale or the delivery was finished.
        """
        with self.write():
            if not self._rows(_IS_HELD, {"delivery": delivery.id, "fence": delivery.fence}):
                return None
            keys = json.dumps([item.key for item in items])
            self._run(_DROP_UPDATES, {"delivery": delivery.id, "state": state, "why": detail_code, "keys": keys})
            for ticket_id in _tickets(items):
                self._record(delivery.id, ticket_id, str(state), now, actor, detail_code=detail_code)
            return self._delivery(delivery.id)

    def cancel(self, delivery: Delivery, *, now: datetime, actor: Actor) -> bool:
        """Withdraw a reply that isn't being posted yet, with an event; False for any other."""
        with self.write():
            if not self._run(_CANCEL, {"delivery": delivery.id}):
                return False
            self._run(_FINISH_UPDATES, {"delivery": delivery.id, "state": DeliveryState.WITHDRAWN, "why": "cancelled"})
            self._record(delivery.id, delivery.ticket_id, "cancelled", now, actor)
            return True

    def deliveries(self, state: DeliveryState | None) -> tuple[Delivery, ...]:
        """Give deliveries in a state, or all, the oldest first."""
        if state is None:
            return self._deliveries(self._rows(f"{_DELIVERY} ORDER BY id"))
        asked = f"{_DELIVERY} {_ENDED if state in _FINISHED else _UNFINISHED} AND state = :state ORDER BY id"
        return self._deliveries(self._rows(asked, {"state": state}))

    def _record(
        self,
        delivery_id: int,
        ticket_id: int,
        kind: str,
        now: datetime,
        actor: Actor,
        remote_id: str = "",
        detail_code: str = "",
    ) -> None:
        counted = "SELECT count(*) FROM delivery_event WHERE delivery_id = :delivery"
        step = self._value(counted, {"delivery": delivery_id})
        event = DeliveryEvent(
            occurred_at=now,
            source_key=f"delivery:{delivery_id}:{step}",
            delivery_id=delivery_id,
            ticket_id=ticket_id,
            kind=kind,
            remote_id=remote_id,
            detail_code=detail_code,
        )
        self.append([event], actor=actor, recorded_at=now)

    def _delivery(self, delivery_id: int) -> Delivery:
        return self._deliveries(self._rows(_DELIVERY_BY_ID, {"delivery": delivery_id}))[0]

    def _deliveries(self, rows: Sequence[Row]) -> tuple[Delivery, ...]:
        items = self._items([row["id"] for row in rows])
        return tuple(read_delivery(row, tuple(items.get(row["id"], ()))) for row in rows)

    def _items(self, delivery_ids: Collection[int]) -> Mapping[int, Sequence[UpdateItem]]:
        """Give the updates of deliveries, each one's in order of due_at."""
        rows = self._rows(_ITEMS, {"deliveries": json.dumps(list(delivery_ids))}) if delivery_ids else []
        found: dict[int, list[UpdateItem]] = {}
        for row in rows:
            found.setdefault(row["delivery_id"], []).append(read_update(row))
        return found


def _tickets(items: Iterable[UpdateItem]) -> Iterable[int]:
    return dict.fromkeys(item.ticket_id for item in items)


def _marker() -> str:
    return "BB-" + "".join(secrets.choice(MARKER_ALPHABET) for _ in range(MARKER_LENGTH))
