"""What there is to notify of, read from the events, and how far each recipient was told."""

import json
from collections.abc import Collection, Iterator, Mapping

from bugbridge.core.heard import POSTED_KINDS
from bugbridge.core.model import Channel
from bugbridge.core.notifications import Notice, NoticeKind, NotificationState
from bugbridge.store.database import Row, SqliteDatabase
from bugbridge.store.holders import holder
from bugbridge.store.rows import from_text, optional_instant, optional_text, to_text

KINDS = {
    "posted": NoticeKind.REMINDED,
    "found": NoticeKind.REMINDED,
    "held": NoticeKind.HELD,
    "dead": NoticeKind.DEAD,
}

# Whoever had the ticket when it happened is told, so that each thing is told to one agent, whoever has it later. An
# event that says no reason and bug of its own has those of its delivery. What was forgotten is told to nobody.
_ON_TICKETS = f"""
    SELECT event.seq, event.kind, event.detail_code, source.name AS helpdesk, ticket.brand,
        source.name || ':' || ticket.remote_id AS ticket, delivery.not_before, delivery.channel,
        {holder("ticket.id", "event.seq")} AS agent, event.recorded_at, ticket.support_group,
        (
            SELECT group_concat(reason || ':' || bug_id, ' ') FROM update_item
            WHERE update_item.delivery_id = delivery.id AND update_item.ticket_id = ticket.id
        ) AS codes,
        (SELECT kind || ':' || coalesce(bug_id, 0) FROM answer WHERE delivery_id = delivery.id) AS answer
    FROM delivery_event AS event
    JOIN ticket ON ticket.id = event.ticket_id
    JOIN source ON source.id = ticket.source_id
    JOIN delivery ON delivery.id = event.delivery_id
    WHERE event.seq > :after AND event.seq <= :upto AND event.kind IN ('posted', 'found', 'held', 'dead')
        AND ticket.remote_id IS NOT NULL
        AND (channel <> 'answer' OR EXISTS (
            SELECT 1 FROM answer WHERE delivery_id = delivery.id
                AND answer.kind IN ('again', 'asks', 'round') AND json_extract(answer.subject, '$.send_for') IS NULL
        ))
    ORDER BY event.seq
"""  # noqa: S608 - our own text

_QUESTIONS = """
    SELECT decision.seq, decision.bug_id, json_extract(output, '$.person') AS person,
        source.name AS helpdesk, ticket.brand, source.name || ':' || ticket.remote_id AS ticket
    FROM decision
    JOIN ticket ON ticket.id = decision.ticket_id
    JOIN source ON source.id = ticket.source_id
    WHERE decision.seq > :after AND decision.seq <= :upto AND json_extract(output, '$.person') LIKE 'lead:%'
        AND ticket.remote_id IS NOT NULL
    ORDER BY decision.seq
"""

_NAMES_OF_BUGS = """
    SELECT bug.id, (
        SELECT reference FROM issue WHERE issue.bug_id = bug.canonical_id ORDER BY issue.id LIMIT 1
    ) AS reference
    FROM json_each(:bugs) CROSS JOIN bug ON bug.id = json_each.value
"""

_AGENTS = """
    SELECT party.id FROM source CROSS JOIN party ON party.source_id = source.id AND party.kind = 'agent'
    LEFT JOIN private_value AS address
        ON address.owner = 'party' AND address.owner_id = party.id AND address.field = 'address'
    WHERE source.name || ':' || party.remote_id = :agent OR lower(address.value) = lower(:agent)
"""

_SAVE = """
    INSERT INTO notification (name, upto_seq, looked_at, sent_at, failures, not_before, counted_seq)
    VALUES (:name, :upto_seq, :looked_at, :sent_at, :failures, :not_before, :counted_seq)
    ON CONFLICT (name) DO UPDATE SET
        upto_seq = excluded.upto_seq, looked_at = excluded.looked_at, sent_at = excluded.sent_at,
        failures = excluded.failures, not_before = excluded.not_before, counted_seq = excluded.counted_seq
"""


class NotificationStore(SqliteDatabase):
    """Notices are read anew each time; only a recipient's place in the events is kept."""

    def notices(self, after: int, upto: int) -> tuple[Notice, ...]:
        """Give what happened on tickets, and what the lead was asked, with `after` < seq <= `upto`, in that order."""
        span = {"after": after, "upto": upto}
        with self._snapshot():
            happened = [(row, _codes(row)) for row in self._rows(_ON_TICKETS, span)]
            asked = self._rows(_QUESTIONS, span)
            bug_ids = {bug_id for _, codes in happened for _, bug_id in codes} | {row["bug_id"] for row in asked}
            names = self._names_of_bugs(bug_ids - {0})
        found = [notice for row, codes in happened for notice in _on_ticket(row, codes, names)]
        found += [_question(row, names) for row in asked]
        return tuple(sorted(found, key=lambda notice: notice.seq))

    def _names_of_bugs(self, bug_ids: Collection[int]) -> Mapping[int, str]:
        rows = self._rows(_NAMES_OF_BUGS, {"bugs": json.dumps(sorted(bug_ids))})
        return {row["id"]: row["reference"] or "" for row in rows}

    def agents_named(self, agent: str) -> frozenset[int]:
        """Give the agents of this `HELPDESK:ID` or e-mail address."""
        return frozenset(row["id"] for row in self._rows(_AGENTS, {"agent": agent}))

    def notification_states(self) -> Mapping[str, NotificationState]:
        """Give how far each recipient was told, by name."""
        rows = self._rows("SELECT * FROM notification ORDER BY name")
        return {row["name"]: _read_state(row) for row in rows}

    def save_notification_state(self, state: NotificationState) -> None:
        """Keep how far a recipient was told."""
        values = {
            "name": state.name,
            "upto_seq": state.upto_seq,
            "looked_at": to_text(state.looked_at),
            "sent_at": optional_text(state.sent_at),
            "failures": state.failures,
            "not_before": optional_text(state.not_before),
            "counted_seq": state.counted_seq,
        }
        with self.write():
            self._run(_SAVE, values)

    def forget_notification_states(self, names: Collection[str]) -> None:
        """Drop these recipients' places, since they are told no more."""
        with self.write():
            drop = "DELETE FROM notification WHERE name IN (SELECT value FROM json_each(:names))"
            self._run(drop, {"names": json.dumps(sorted(names))})


def _codes(row: Row) -> list[tuple[str, int]]:
    """Give the reasons and bugs that an event is about; none is a reason and bug of nobody's."""
    named = row["answer"] or (row["detail_code"] if row["kind"] in POSTED_KINDS else row["codes"] or "")
    pairs = (code.rpartition(":") for code in named.split())
    return [(reason, int(bug)) for reason, _, bug in pairs if reason and bug.isdecimal()] or [("", 0)]


def _is_sent_reply(row: Row) -> bool:
    return row["kind"] in POSTED_KINDS and row["channel"] == Channel.REPLY


def _on_ticket(row: Row, codes: list[tuple[str, int]], names: Mapping[int, str]) -> Iterator[Notice]:
    kind = NoticeKind.REPLIED if _is_sent_reply(row) else KINDS[row["kind"]]
    for reason, bug_id in codes:
        yield Notice(
            seq=row["seq"],
            kind=kind,
            ticket=row["ticket"],
            issue=names.get(bug_id, ""),
            reason=reason,
            code=row["detail_code"] if kind is NoticeKind.DEAD else "",
            until=from_text(row["not_before"]) if kind is NoticeKind.HELD else None,
            agent_id=int(row["agent"]) if row["agent"] else None,
            helpdesk=row["helpdesk"],
            brand=row["brand"],
            at=from_text(row["recorded_at"]),
            group=row["support_group"],
        )


def _question(row: Row, names: Mapping[int, str]) -> Notice:
    return Notice(
        seq=row["seq"],
        kind=NoticeKind.QUESTION,
        ticket=row["ticket"],
        issue=names.get(row["bug_id"], ""),
        reason=row["person"].partition(":")[2].strip(),
        helpdesk=row["helpdesk"],
        brand=row["brand"],
    )


def _read_state(row: Row) -> NotificationState:
    return NotificationState(
        row["name"],
        row["upto_seq"],
        from_text(row["looked_at"]),
        optional_instant(row["sent_at"]),
        row["failures"],
        optional_instant(row["not_before"]),
        row["counted_seq"],
    )
