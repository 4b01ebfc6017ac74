"""What sending needs to remember: deliveries, each held by one writer at a time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bugbridge.core.model import Actor, Channel, DeliveryState
from bugbridge.core.records import Delivery, UpdateItem


class OutboxStore(Protocol):
    """Deliveries: claimed by compare-and-swap, held by a lease, guarded by a fence."""

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
        """Take planned updates into a new delivery, with a random marker, to the first one's ticket; None if any was
        taken."""
        ...

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
        """Take updates out of a delivery that goes on without them, withdrawn or dead, with an event on their tickets;
        None, and nothing written, if the fence is stale."""
        ...

    def reclaim(self, delivery: Delivery, *, owner: str, lease_until: datetime, now: datetime) -> Delivery | None:
        """Take over a delivery whose lease ran out, with a higher fence; None if somebody was faster."""
        ...

    def reclaimable(self, now: datetime) -> tuple[Delivery, ...]:
        """Give unfinished deliveries whose lease ran out and whose not_before has come."""
        ...

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
        """Move a delivery and its updates on, with an event; None, and nothing written, if the fence is stale.

        `posted` marks the updates posted, `withdrawn` withdrawn, `dead` dead, each with an event on its own ticket; a
        posted update's names its reason and bug. With not_before the lease ends at once and the delivery is reclaimable
        from then on.
        """
        ...

    def cancel(self, delivery: Delivery, *, now: datetime, actor: Actor) -> bool:
        """Withdraw a reply that isn't being posted yet, with an event; False for any other."""
        ...

    def deliveries(self, state: DeliveryState | None) -> tuple[Delivery, ...]:
        """Give deliveries in a state, or all."""
        ...
