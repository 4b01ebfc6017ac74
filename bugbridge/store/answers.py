"""Answers to agents, each claimed once and brought by a delivery as an update is."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.model import Actor, Channel, DeliveryState, UpdateState
from bugbridge.core.records import Delivery
from bugbridge.store.database import Row
from bugbridge.store.outbox import Outbox, TakenError
from bugbridge.store.rows import from_text, to_text
from bugbridge.store.work import MAY_BE_WRITTEN_TO

_REQUEST = """
    INSERT INTO answer (key, ticket_id, bug_id, kind, subject, due_at)
    VALUES (:key, :ticket, :bug, :kind, :subject, :due_at) ON CONFLICT (key) DO NOTHING
"""

_DUE = f"""
    SELECT answer.* FROM answer INDEXED BY answer_due
    CROSS JOIN ticket ON ticket.id = answer.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE answer.state = 'planned' AND answer.due_at <= :by AND {MAY_BE_WRITTEN_TO}
    ORDER BY answer.due_at, answer.id LIMIT :limit
"""  # noqa: S608 - our own text

_TAKE = """
    UPDATE answer SET state = 'claimed', delivery_id = :delivery WHERE key = :key AND state = 'planned'
"""

_PUT_OFF = """
    UPDATE answer SET due_at = :until WHERE state = 'planned' AND key IN (SELECT value FROM json_each(:keys))
"""

_WITHDRAW = """
    UPDATE answer SET state = 'withdrawn' WHERE state = 'planned' AND key IN (SELECT value FROM json_each(:keys))
"""


class AnswerStore(Outbox):
    """Notes that tell no update."""

    def request_answers(self, answers: Sequence[Answer]) -> int:
        """Plan those whose key is new, and give how many; one that is known stays as it is."""
        with self.write():
            return sum(self._run(_REQUEST, _values(answer)) for answer in answers)

    def due_answers(self, now: datetime, limit: int) -> tuple[Answer, ...]:
        """Give planned answers due by then on tickets that may be written to, the oldest first."""
        return tuple(_read(row) for row in self._rows(_DUE, {"by": to_text(now), "limit": limit}))

    def claim_answer(
        self, answer: Answer, *, owner: str, lease_until: datetime, now: datetime, actor: Actor
    ) -> Delivery | None:
        """Take a planned answer into a new delivery, with a random marker; None if it was taken."""
        try:
            with self.write():
                delivery_id = self._new_delivery(answer.ticket_id, Channel.ANSWER, owner, lease_until, now)
                self._take_answer(answer, delivery_id)
                self._record(delivery_id, answer.ticket_id, str(DeliveryState.CLAIMED), now, actor)
                return self._delivery(delivery_id)
        except TakenError:
            return None

    def _take_answer(self, answer: Answer, delivery_id: int) -> None:
        if not self._run(_TAKE, {"key": answer.key, "delivery": delivery_id}):
            raise TakenError

    def answer_of(self, delivery_id: int) -> Answer | None:
        """Give the answer that a delivery brings, none where it brings updates."""
        row = self._row("SELECT * FROM answer WHERE delivery_id = :delivery", {"delivery": delivery_id})
        return None if row is None else _read(row)

    def answers_to(self, ticket_id: int) -> tuple[Answer, ...]:
        """Give every answer of a ticket, the oldest first."""
        rows = self._rows("SELECT * FROM answer WHERE ticket_id = :ticket ORDER BY id", {"ticket": ticket_id})
        return tuple(_read(row) for row in rows)

    def put_off_answers(self, keys: Collection[str], until: datetime) -> None:
        """Have planned answers fall due then."""
        with self.write():
            self._run(_PUT_OFF, {"keys": json.dumps(list(keys)), "until": to_text(until)})

    def withdraw_answers(self, keys: Collection[str]) -> None:
        """Take planned answers back."""
        with self.write():
            self._run(_WITHDRAW, {"keys": json.dumps(list(keys))})


def _values(answer: Answer) -> dict[str, object]:
    return {
        "key": answer.key,
        "ticket": answer.ticket_id,
        "bug": answer.bug_id,
        "kind": answer.kind,
        "subject": json.dumps(dict(answer.subject), sort_keys=True),
        "due_at": to_text(answer.due_at),
    }


def _read(row: Row) -> Answer:
    return Answer(
        key=row["key"],
        ticket_id=row["ticket_id"],
        kind=AnswerKind(row["kind"]),
        due_at=from_text(row["due_at"]),
        bug_id=row["bug_id"],
        subject=json.loads(row["subject"]),
        state=UpdateState(row["state"]),
        delivery_id=row["delivery_id"],
        id=row["id"],
    )
