"""Answers to agents, each claimed once and brought by a delivery as an update is."""

import json
from collections.abc import Collection, Sequence
from datetime import datetime

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.events import Finding, LinkEvent
from bugbridge.core.model import Actor, Channel, DeliveryState, UpdateState
from bugbridge.core.records import Delivery, LinkKey, UpdateItem
from bugbridge.store.database import Row
from bugbridge.store.outbox import Outbox, TakenError
from bugbridge.store.rows import from_text, read_events, read_update, to_text
from bugbridge.store.work import LIVE_FROM, MAY_BE_WRITTEN_TO

_REQUEST = """
    INSERT INTO answer (key, ticket_id, bug_id, kind, subject, due_at)
    VALUES (:key, :ticket, :bug, :kind, :subject, :due_at) ON CONFLICT (key) DO NOTHING
"""

_DUE = f"""
    SELECT answer.* FROM answer INDEXED BY answer_due
    CROSS JOIN ticket ON ticket.id = answer.ticket_id
    CROSS JOIN source ON source.id = ticket.source_id
    WHERE answer.state = 'planned' AND answer.due_at <= :by AND {MAY_BE_WRITTEN_TO}
        AND answer.due_at >= {LIVE_FROM}
    ORDER BY answer.due_at, answer.id LIMIT :limit
"""  # noqa: S608 - our own text

_TAKE = """
    UPDATE answer SET state = 'claimed', delivery_id = :delivery WHERE key = :key AND state = 'planned'
"""

_UNCONFIRMED = f"""
    SELECT link_event.* FROM link_event INDEXED BY link_made_at_work
    JOIN link ON link.ticket_id = link_event.ticket_id AND link.bug_id = link_event.bug_id AND link.state = 'linked'
    JOIN ticket ON ticket.id = link_event.ticket_id
    JOIN source ON source.id = ticket.source_id
    WHERE link_event.kind = 'linked' AND how IN ('note', 'field', 'line') AND value = '' AND occurred_at >= :since
        AND NOT link.erased AND {MAY_BE_WRITTEN_TO} AND occurred_at >= {LIVE_FROM}
        AND NOT EXISTS (
            SELECT 1 FROM answer WHERE answer.ticket_id = link_event.ticket_id AND kind = 'linked'
                AND answer.key = 'linked:' || link_event.seq
        )
    ORDER BY occurred_at, link_event.seq
"""  # noqa: S608 - our own text

# Posted once or, since, reminded of again.
_LAST_REMINDED = """
    WITH reminded AS (
        SELECT update_item.*, (
            SELECT max(occurred_at) FROM delivery_event
            WHERE delivery_id = update_item.delivery_id AND kind IN ('posted', 'found')
        ) AS posted_at, (
            SELECT max(occurred_at) FROM answer
            JOIN delivery_event ON delivery_event.delivery_id = answer.delivery_id
                AND delivery_event.kind IN ('posted', 'found')
            WHERE answer.ticket_id = update_item.ticket_id AND answer.kind = 'again'
                AND json_extract(subject, '$.update') = update_item.key
        ) AS repeated_at
        FROM update_item INDEXED BY update_posted WHERE update_item.state = 'posted'
    )
"""

_UNMET = f"""
    {_LAST_REMINDED}
    SELECT reminded.* FROM reminded
    JOIN ticket ON ticket.id = reminded.ticket_id
    JOIN source ON source.id = ticket.source_id
    WHERE coalesce(repeated_at, posted_at) <= :before AND {MAY_BE_WRITTEN_TO}
        AND NOT EXISTS (
            SELECT 1 FROM answer WHERE answer.ticket_id = reminded.ticket_id AND answer.kind = 'again'
                AND json_extract(subject, '$.update') = reminded.key
                AND (answer.key = 'again:' || reminded.key OR answer.state IN ('planned', 'claimed'))
        )
    ORDER BY reminded.id
"""  # noqa: S608 - our own text

_ANSWERED = f"""
    {_LAST_REMINDED}
    SELECT reminded.* FROM reminded
    JOIN ticket ON ticket.id = reminded.ticket_id
    JOIN source ON source.id = ticket.source_id
    WHERE reason IN (SELECT value FROM json_each(:reasons)) AND {MAY_BE_WRITTEN_TO}
        AND EXISTS (
            SELECT 1 FROM message WHERE message.ticket_id = reminded.ticket_id AND message.public
                AND author_kind = 'agent' AND message.occurred_at > posted_at
        )
        AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.key = 'asks:' || reminded.key)
    ORDER BY reminded.id
"""  # noqa: S608 - our own text

_REPEATED = f"""
    {_LAST_REMINDED} SELECT * FROM reminded
    WHERE repeated_at <= :before AND EXISTS (SELECT 1 FROM answer WHERE answer.key = 'again:' || reminded.key)
    ORDER BY reminded.id
"""  # noqa: S608 - our own text

_NOTED_ON = """
    SELECT DISTINCT update_item.ticket_id, update_item.link_bug_id FROM delivery_event
    JOIN update_item ON update_item.delivery_id = delivery_event.delivery_id AND update_item.ticket_id <> :ticket
    WHERE delivery_event.ticket_id = :ticket AND kind IN ('posted', 'found') AND update_item.state = 'posted'
    ORDER BY update_item.ticket_id, update_item.link_bug_id
"""

_UNREADABLE = f"""
    SELECT finding.*, issue.reference FROM finding INDEXED BY finding_by_line
    JOIN issue ON issue.bug_id = finding.bug_id AND issue.gone AND issue.created_at IS NULL
    JOIN ticket ON ticket.id = finding.ticket_id
    JOIN source ON source.id = ticket.source_id
    WHERE finding.kind = 'reference' AND finding.value = 'line' AND finding.occurred_at >= :since
        AND {MAY_BE_WRITTEN_TO}
        AND NOT EXISTS (SELECT 1 FROM answer WHERE answer.key = 'unreadable:' || finding.seq)
    ORDER BY finding.occurred_at, finding.seq
"""  # noqa: S608 - our own text

_PUT_OFF = """
    UPDATE answer SET due_at = :until WHERE state = 'planned' AND key IN (SELECT value FROM json_each(:keys))
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

    def unconfirmed_links(self, since: datetime, now: datetime) -> tuple[LinkEvent, ...]:
        """Give the links that agents' notes and fields made since then, on tickets that may be written to, for which
        no answer was requested."""
        return read_events(LinkEvent, self._rows(_UNCONFIRMED, {"since": to_text(since), "by": to_text(now)}))

    def unmet_reminders(self, posted_before: datetime, now: datetime) -> tuple[UpdateItem, ...]:
        """Give the updates whose agent was last reminded before then, once, and that nobody told; none for which
        another reminder is planned."""
        rows = self._rows(_UNMET, {"before": to_text(posted_before), "by": to_text(now)})
        return tuple(read_update(row) for row in rows)

    def answered_reminders(self, reasons: Collection[str], now: datetime) -> tuple[UpdateItem, ...]:
        """Give the updates for these reasons that nobody told though an agent wrote publicly since the reminder, and
        of which nobody was asked."""
        rows = self._rows(_ANSWERED, {"reasons": json.dumps(sorted(reasons)), "by": to_text(now)})
        return tuple(read_update(row) for row in rows)

    def repeated_reminders(self, posted_before: datetime) -> tuple[UpdateItem, ...]:
        """Give the updates whose agent was reminded again before then, and that nobody told."""
        return tuple(read_update(row) for row in self._rows(_REPEATED, {"before": to_text(posted_before)}))

    def links_noted_on(self, ticket_id: int) -> tuple[LinkKey, ...]:
        """Give the links of the customer's other tickets whose reminders stand on this one and aren't met."""
        rows = self._rows(_NOTED_ON, {"ticket": ticket_id})
        return tuple(LinkKey(row["ticket_id"], row["link_bug_id"]) for row in rows)

    def unreadable_lines(self, since: datetime, now: datetime) -> tuple[tuple[Finding, str], ...]:
        """Give what agents' lines have named since then on tickets that may be written to, and nobody can read: each
        with the issue's reference; none for which an answer was requested."""
        rows = self._rows(_UNREADABLE, {"since": to_text(since), "by": to_text(now)})
        found = read_events(Finding, rows)
        return tuple((finding, row["reference"]) for finding, row in zip(found, rows, strict=True))

    def put_off_answers(self, keys: Collection[str], until: datetime) -> None:
        """Have planned answers fall due then."""
        with self.write():
            self._run(_PUT_OFF, {"keys": json.dumps(list(keys)), "until": to_text(until)})


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
