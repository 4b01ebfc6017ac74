"""Helpdesks that asked to be left alone for a while: one pass doesn't knock there with each message."""

from datetime import datetime

from bugbridge.services.attempts import Outcome
from bugbridge.services.claiming import Sender


class QuietHelpdesks:
    """The helpdesks that asked to be left alone: the rest of a pass doesn't knock there with each message."""

    def __init__(self, sender: Sender) -> None:
        """Begin with none."""
        self._sender = sender
        self._until: dict[str, datetime] = {}

    def until(self, ticket_id: int) -> datetime | None:
        """Give until when a ticket's helpdesk is to be left alone, none where it isn't."""
        until = self._until.get(self._name(ticket_id)) if self._until else None
        return until if until is not None and until > self._sender.clock.now() else None

    def heed(self, ticket_id: int, outcome: Outcome) -> Outcome:
        """Remember what a helpdesk asked for."""
        if outcome.leave_alone_until is not None:
            self._until[self._name(ticket_id)] = outcome.leave_alone_until
        return outcome

    def _name(self, ticket_id: int) -> str:
        return self._sender.store.ticket(ticket_id).source_name
