"""What answering needs to remember: notes to agents that tell no update, each posted once."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bugbridge.core.answers import Answer
from bugbridge.core.events import Finding, LinkEvent
from bugbridge.core.model import Actor
from bugbridge.core.records import Delivery, LinkKey, UpdateItem


class AnswerStore(Protocol):
    """Answers, by key."""

    def request_answers(self, answers: Sequence[Answer]) -> int:
        """Plan those whose key is new, and give how many; one that is known stays as it is."""
        ...

    def due_answers(self, now: datetime, limit: int) -> tuple[Answer, ...]:
        """Give planned answers due by then on tickets that may be written to, the oldest first."""
        ...

    def claim_answer(
        self, answer: Answer, *, owner: str, lease_until: datetime, now: datetime, actor: Actor
    ) -> Delivery | None:
        """Take a planned answer into a new delivery, with a random marker; None if it was taken."""
        ...

    def answer_of(self, delivery_id: int) -> Answer | None:
        """Give the answer that a delivery brings, none where it brings updates."""
        ...

    def answers_to(self, ticket_id: int) -> tuple[Answer, ...]:
        """Give every answer of a ticket, the oldest first."""
        ...

    def unconfirmed_links(self, since: datetime, now: datetime) -> tuple[LinkEvent, ...]:
        """Give the links that agents' notes and fields made since then, on tickets that may be written to, for which
        no answer was requested."""
        ...

    def unmet_reminders(self, posted_before: datetime, now: datetime) -> tuple[UpdateItem, ...]:
        """Give the updates whose agent was last reminded before then, once, and that nobody told; none for which
        another reminder is planned."""
        ...

    def answered_reminders(self, reasons: Collection[str], now: datetime) -> tuple[UpdateItem, ...]:
        """Give the updates for these reasons that nobody told though an agent wrote publicly since the reminder, and
        of which nobody was asked."""
        ...

    def repeated_reminders(self, posted_before: datetime) -> tuple[UpdateItem, ...]:
        """Give the updates whose agent was reminded again before then, and that nobody told."""
        ...

    def links_noted_on(self, ticket_id: int) -> tuple[LinkKey, ...]:
        """Give the links of the customer's other tickets whose reminders stand on this one and aren't met."""
        ...

    def unreadable_lines(self, since: datetime, now: datetime) -> tuple[tuple[Finding, str], ...]:
        """Give what agents' lines have named since then on tickets that may be written to, and nobody can read: each
        with the issue's reference; none for which an answer was requested."""
        ...

    def put_off_answers(self, keys: Collection[str], until: datetime) -> None:
        """Have planned answers fall due then."""
        ...
