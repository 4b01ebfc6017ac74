"""What the noise rules look at: what else is planned for a customer, and which notes were posted already."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from bugbridge.core.model import TicketStatus
from bugbridge.core.noise import ConcernedTicket, SentNote
from bugbridge.core.records import UpdateItem
from bugbridge.store.database import Row
from bugbridge.store.holders import holder
from bugbridge.store.rows import from_text, optional_instant, read_update, to_text
from bugbridge.store.work import UpdateWork

# A ticket's customer, helpdesk and brand; one whose customer isn't known stands for itself.
_PLANNED_BESIDE = """
    WITH theirs (id) AS (SELECT :ticket UNION SELECT id FROM ticket WHERE requester_id = :party)
    SELECT update_item.* FROM theirs
    JOIN ticket AS own ON own.id = :ticket
    JOIN ticket ON ticket.id = theirs.id AND ticket.source_id = own.source_id AND ticket.brand = own.brand
    JOIN update_item ON update_item.ticket_id = ticket.id
    WHERE update_item.party_id IS :party AND update_item.state = 'planned'
        AND update_item.review NOT IN ('waiting', 'dropped')
    ORDER BY update_item.id
"""

_PUT_OFF = """
    UPDATE update_item SET due_at = :until WHERE key = :key AND state = 'planned' AND due_at = :due_at
"""

_LATEST = """coalesce((
        SELECT value FROM fact_event WHERE entity = 'ticket' AND entity_id = [TICKET] AND kind = '[KIND]'
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    ), '')"""


def _latest(kind: str, ticket: str = "ticket.id") -> str:
    return _LATEST.replace("[TICKET]", ticket).replace("[KIND]", kind)


# Whether it took our last note is said by the events of the deliveries that were to go there.
_CONCERNED = f"""
    SELECT ticket.id, {holder("ticket.id")} AS agent, {_latest("status")} AS status,
        {_latest("gone")} <> '' OR {_latest("merged")} <> '' AS gone,
        coalesce((
            SELECT max(occurred_at) FROM message
            WHERE message.ticket_id = ticket.id AND author_kind IN ('customer', 'agent')
        ), ticket.created_at) AS active_at,
        coalesce((
            SELECT detail_code IN ('ticket-locked', 'ticket-gone') FROM delivery_event
            JOIN delivery ON delivery.id = delivery_event.delivery_id AND delivery.ticket_id = ticket.id
            WHERE delivery_event.ticket_id = ticket.id AND kind IN ('posted', 'found', 'withdrawn', 'dead')
            ORDER BY seq DESC LIMIT 1
        ), 0) AS refused
    FROM ticket WHERE ticket.id IN (SELECT value FROM json_each(:tickets))
    ORDER BY ticket.id
"""  # noqa: S608 - our own text

_POSTED_NOTES = """
    SELECT delivery_event.delivery_id, group_concat(delivery_event.detail_code, ' ') AS codes,
        min(delivery_event.occurred_at) AS posted_at,
        min((
            SELECT min(message.occurred_at) FROM message
            WHERE message.ticket_id = delivery_event.ticket_id AND message.public AND message.author_kind = 'agent'
                AND message.occurred_at > delivery_event.occurred_at
        )) AS met_at
    FROM ticket JOIN delivery_event ON delivery_event.ticket_id = ticket.id
    WHERE (ticket.id = :ticket OR ticket.requester_id = :party) AND delivery_event.kind IN ('posted', 'found')
    GROUP BY delivery_event.delivery_id
    HAVING coalesce(met_at, posted_at) > :since
    ORDER BY delivery_event.delivery_id
"""

_NOTES_UNDER_WAY = """
    SELECT update_item.delivery_id, group_concat(update_item.reason || ':' || update_item.bug_id, ' ') AS codes,
        NULL AS posted_at, NULL AS met_at
    FROM ticket JOIN update_item ON update_item.ticket_id = ticket.id
    WHERE (ticket.id = :ticket OR ticket.requester_id = :party) AND update_item.state = 'claimed'
    GROUP BY update_item.delivery_id ORDER BY update_item.delivery_id
"""

# Events are numbered as they are recorded, so those of today are read backwards from the last.
_NOTES_SINCE = """
    FROM delivery WHERE id IN (
        SELECT delivery_id FROM delivery_event WHERE kind IN ('posted', 'found') AND seq > coalesce((
            SELECT seq FROM delivery_event WHERE recorded_at < :since ORDER BY seq DESC LIMIT 1
        ), 0)
        UNION SELECT id FROM delivery WHERE state IN ('claimed', 'posting', 'unknown')
    ) AND (channel = 'note' OR EXISTS (
        SELECT 1 FROM answer WHERE delivery_id = delivery.id AND kind IN ('again', 'asks')
    ))
"""

_NOTES_BY_AGENT = f"""
    SELECT {holder("delivery.ticket_id")} AS agent, count(*) AS notes {_NOTES_SINCE} GROUP BY agent ORDER BY agent
"""

_NOTES_BY_TICKET = f"SELECT ticket_id, count(*) AS notes {_NOTES_SINCE} GROUP BY ticket_id"

_REPLIES_HELD = """
    SELECT delivery.not_before AS at FROM delivery JOIN ticket ON ticket.id = delivery.ticket_id
    WHERE delivery.state = 'claimed' AND delivery.channel = 'reply' AND ticket.source_id = :source
    ORDER BY delivery.not_before
"""

_REPLIES_SENT = """
    SELECT delivery_event.occurred_at AS at FROM delivery_event
    JOIN delivery ON delivery.id = delivery_event.delivery_id AND delivery.channel = 'reply'
    JOIN ticket ON ticket.id = delivery.ticket_id AND ticket.source_id = :source
    WHERE delivery_event.kind IN ('posted', 'found') AND delivery_event.seq > coalesce((
        SELECT seq FROM delivery_event WHERE recorded_at < :since ORDER BY seq DESC LIMIT 1
    ), 0)
    ORDER BY delivery_event.occurred_at
"""


class NoiseWork(UpdateWork):
    """What limits how much is said, and when."""

    def planned_beside(self, item: UpdateItem) -> tuple[UpdateItem, ...]:
        """Give what is planned for the update's customer on its helpdesk and brand, the update itself included."""
        return tuple(read_update(row) for row in self._rows(_PLANNED_BESIDE, _contact(item)))

    def put_off(self, items: Collection[tuple[UpdateItem, datetime]]) -> None:
        """Have planned updates fall due at these instants, unless they were taken or planned anew since they were
        read. Planning them again undoes it, so that they are judged again."""
        with self.write():
            for item, until in items:
                values = {"key": item.key, "due_at": to_text(item.due_at), "until": to_text(until)}
                self._run(_PUT_OFF, values)

    def concerned_tickets(self, ticket_ids: Collection[int]) -> tuple[ConcernedTicket, ...]:
        """Give tickets as one chooses between them."""
        rows = self._rows(_CONCERNED, {"tickets": json.dumps(sorted(ticket_ids))})
        return tuple(_read_ticket(row) for row in rows)

    def notes_about(self, item: UpdateItem, since: datetime) -> tuple[SentNote, ...]:
        """Give the notes about the update's customer that were met, or are open and were posted, after an instant;
        and those that are being posted."""
        values = {**_contact(item), "since": to_text(since)}
        with self._snapshot():
            rows: Sequence[Row] = [*self._rows(_POSTED_NOTES, values), *self._rows(_NOTES_UNDER_WAY, values)]
        return tuple(_read_note(row) for row in rows)

    def notes_by_agent(self, since: datetime) -> Mapping[str, int]:
        """Count the notes to agents posted since an instant or being posted, by whose ticket they went to."""
        return {row["agent"]: row["notes"] for row in self._rows(_NOTES_BY_AGENT, {"since": to_text(since)})}

    def replies_held(self, source_id: int) -> tuple[datetime, ...]:
        """Give when the replies that are held on a helpdesk go out."""
        return tuple(from_text(row["at"]) for row in self._rows(_REPLIES_HELD, {"source": source_id}))

    def replies_sent(self, source_id: int, since: datetime) -> tuple[datetime, ...]:
        """Give when replies were sent on a helpdesk since an instant."""
        values = {"source": source_id, "since": to_text(since)}
        return tuple(from_text(row["at"]) for row in self._rows(_REPLIES_SENT, values))

    def notes_by_ticket(self, since: datetime) -> Mapping[int, int]:
        """Count the same notes by the ticket that they went to."""
        return {row["ticket_id"]: row["notes"] for row in self._rows(_NOTES_BY_TICKET, {"since": to_text(since)})}


def _contact(item: UpdateItem) -> dict[str, object]:
    return {"ticket": item.ticket_id, "party": item.party_id or None}


def _read_ticket(row: Row) -> ConcernedTicket:
    status = TicketStatus(row["status"] or TicketStatus.OPEN)
    active_at = from_text(row["active_at"])
    return ConcernedTicket(row["id"], row["agent"], status, active_at, bool(row["gone"]), bool(row["refused"]))


def _read_note(row: Row) -> SentNote:
    reasons = (code.rpartition(":")[0] for code in row["codes"].split())
    return SentNote(
        frozenset(reason for reason in reasons if reason),
        optional_instant(row["posted_at"]),
        optional_instant(row["met_at"]),
    )
