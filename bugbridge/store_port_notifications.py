"""What the services need to remember of notifications: what happened, and how far each recipient was told."""

from collections.abc import Collection, Mapping
from typing import Protocol

from bugbridge.core.notifications import Notice, NotificationState


class NotificationStore(Protocol):
    """Notices in the order in which they were recorded, and a place in them for every recipient."""

    def notices(self, after: int, upto: int) -> tuple[Notice, ...]:
        """Give what happened on tickets, and what the lead was asked, with `after` < seq <= `upto`."""
        ...

    def agents_named(self, agent: str) -> frozenset[int]:
        """Give the agents of this `HELPDESK:ID` or e-mail address."""
        ...

    def notification_states(self) -> Mapping[str, NotificationState]:
        """Give how far each recipient was told, by name."""
        ...

    def save_notification_state(self, state: NotificationState) -> None:
        """Keep how far a recipient was told."""
        ...

    def forget_notification_states(self, names: Collection[str]) -> None:
        """Drop these recipients' places, since they are told no more."""
        ...
