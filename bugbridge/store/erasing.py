"""Erasing people and tickets: what names them goes, what is counted stays, a keyed hash keeps them from coming back.

The key lies in the database: whoever has all of it can try whether somebody they know was erased, as they must be able
to for the next reading to leave them out; whoever has an export, which has no hashes, can't.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime

from bugbridge.core.erasing import Erased, ErasedKind, Person
from bugbridge.core.errors import DataError
from bugbridge.core.model import Actor, DeliveryState, TicketStatus
from bugbridge.store.database import MEMORY, Row
from bugbridge.store.outbox import Outbox
from bugbridge.store.rows import to_text

WITHDRAWN, WITHDRAWN_AS = str(DeliveryState.WITHDRAWN), "forgotten"

_PERSON = """
    SELECT party.id, source.name AS source_name, party.remote_id, name.value AS name, address.value AS address
    FROM party JOIN source ON source.id = party.source_id
    LEFT JOIN private_value AS name ON name.owner = 'party' AND name.owner_id = party.id AND name.field = 'name'
    LEFT JOIN private_value AS address
        ON address.owner = 'party' AND address.owner_id = party.id AND address.field = 'address'
    WHERE party.kind = 'customer' AND party.remote_id IS NOT NULL AND [WHO] ORDER BY party.id
"""
_CUSTOMER = _PERSON.replace("[WHO]", "party.source_id = :source AND party.remote_id = :remote")
_CUSTOMER_OF = _PERSON.replace("[WHO]", "party.id = (SELECT requester_id FROM ticket WHERE id = :ticket)")
_CUSTOMERS_AT = _PERSON.replace("[WHO]", "lower(:address) IN (lower(address.value), lower(party.remote_id))")

_ERASED_TICKETS = """
    SELECT erased_key FROM ticket WHERE erased_key IS NOT NULL AND erased_key IN (SELECT value FROM json_each(:keys))
"""
_ERASED_PARTIES = _ERASED_TICKETS.replace("ticket", "party")

_ERASED_KEYS = "SELECT erased_key FROM [TABLE] WHERE erased_key IS NOT NULL"
_KEPT_CUSTOMERS = "SELECT id, source_id, remote_id FROM party WHERE kind = 'customer' AND remote_id IS NOT NULL"
_KEPT_TICKETS = "SELECT id, source_id, remote_id FROM ticket WHERE remote_id IS NOT NULL"

_TICKETS_BY = """
    SELECT id FROM ticket WHERE requester_id IN (SELECT value FROM json_each(:parties)) AND remote_id IS NOT NULL
    ORDER BY id
"""

_LATEST_FACT = """(
        SELECT [COLUMN] FROM fact_event WHERE entity = 'ticket' AND entity_id = ticket.id AND kind = '[KIND]'
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    )"""

# Closed and silent since; each link taken back, or to a bug that is over; nothing planned, posted or given up.
_EXPIRED = """
    SELECT ticket.id FROM ticket
    WHERE remote_id IS NOT NULL AND created_at < :before
        AND ([STATUS] IN (SELECT value FROM json_each(:closed)) OR coalesce([GONE], '') <> '')
        AND NOT EXISTS (
            SELECT 1 FROM fact_event WHERE entity = 'ticket' AND entity_id = ticket.id AND occurred_at >= :before
        )
        AND NOT EXISTS (SELECT 1 FROM message WHERE ticket_id = ticket.id AND occurred_at >= :before)
        AND NOT EXISTS (SELECT 1 FROM link_event WHERE ticket_id = ticket.id AND occurred_at >= :before)
        AND NOT EXISTS (
            SELECT 1 FROM update_item
            WHERE ticket_id = ticket.id AND state IN ('planned', 'claimed', 'posted', 'dead')
        )
        AND NOT EXISTS (
            SELECT 1 FROM link JOIN bug ON bug.id = link.bug_id JOIN bug AS survivor ON survivor.id = bug.canonical_id
            WHERE link.ticket_id = ticket.id AND link.state = 'linked' AND (
                survivor.stage NOT IN ('released', 'declined') OR EXISTS (
                    SELECT 1 FROM issue JOIN fact_event ON entity = 'issue' AND entity_id = issue.id
                    WHERE issue.bug_id = survivor.id AND kind = 'stage' AND occurred_at >= :before
                ) OR EXISTS (
                    SELECT 1 FROM bug_event
                    WHERE bug_id = survivor.id AND kind = 'release_mark' AND occurred_at >= :before
                )
            )
        )
    ORDER BY ticket.id
""".replace("[STATUS]", _LATEST_FACT.replace("[COLUMN]", "value").replace("[KIND]", "status")).replace(
    "[GONE]", _LATEST_FACT.replace("[COLUMN]", "value").replace("[KIND]", "gone")
)

_LEFT_WITHOUT = """
    SELECT DISTINCT requester_id AS id FROM ticket
    WHERE id IN (SELECT value FROM json_each(:tickets)) AND requester_id IS NOT NULL
        AND NOT EXISTS (
            SELECT 1 FROM ticket AS other
            WHERE other.requester_id = ticket.requester_id AND other.remote_id IS NOT NULL
                AND other.id NOT IN (SELECT value FROM json_each(:tickets))
        )
        AND NOT EXISTS (
            SELECT 1 FROM message JOIN ticket AS other ON other.id = message.ticket_id
            WHERE message.author_id = ticket.requester_id AND other.remote_id IS NOT NULL
                AND other.id NOT IN (SELECT value FROM json_each(:tickets))
        )
    ORDER BY id
"""

# An organisation of which nobody else is known, and no usage is kept, is as good as the customer's name.
_ALONE = """
    SELECT DISTINCT CAST(fact.value AS INTEGER) AS id FROM fact_event AS fact
    JOIN party AS account ON account.id = CAST(fact.value AS INTEGER) AND account.remote_id IS NOT NULL
    WHERE fact.entity = 'party' AND fact.kind = 'account' AND fact.value <> ''
        AND fact.entity_id IN (SELECT value FROM json_each(:parties))
        AND account.id NOT IN (SELECT account_id FROM usage_day)
        AND NOT EXISTS (
            SELECT 1 FROM fact_event AS other JOIN party ON party.id = other.entity_id
            WHERE other.kind IN ('account', 'requester') AND other.kind = 'account' AND other.value = fact.value
                AND other.entity = 'party' AND party.remote_id IS NOT NULL
                AND other.entity_id NOT IN (SELECT value FROM json_each(:parties))
        )
"""

_NAMED_TICKETS = """
    SELECT ticket.id, ticket.source_id, ticket.remote_id, source.name AS source_name
    FROM ticket JOIN source ON source.id = ticket.source_id
    WHERE ticket.id IN (SELECT value FROM json_each(:tickets)) AND ticket.remote_id IS NOT NULL
"""
_NAMED_PARTIES = """
    SELECT id, source_id, remote_id FROM party
    WHERE id IN (SELECT value FROM json_each(:parties)) AND remote_id IS NOT NULL
"""

_FORGET_HINTS = "DELETE FROM inbox WHERE source_id = :source AND subject_ref = 'ticket ' || :name || ':' || :remote"
# What was done on the web names tickets as people do, alone or before something else.
_NAMELESS_TRAIL = """
    UPDATE web_trail SET subject = 'erased:' || :id WHERE subject = :name || ':' || :remote
        OR (subject > :name || ':' || :remote || ' ' AND subject < :name || ':' || :remote || '!')
"""
_NAMELESS_TICKET = "UPDATE ticket SET remote_id = NULL, erased_key = :key, erased_at = :at WHERE id = :id"
_NAMELESS_PARTY = "UPDATE party SET remote_id = NULL, erased_key = :key, erased_at = :at WHERE id = :id"
_POINT_INWARDS = """
    UPDATE fact_event SET value = 'erased:' || :id, source_key = 'erased:' || seq
    WHERE kind IN ('followup_of', 'merged') AND value <> '' AND value = :remote AND +entity = 'ticket'
        AND :source = (SELECT source_id FROM ticket WHERE id = entity_id)
"""
_NAMELESS_MESSAGES = """
    UPDATE message SET remote_id = NULL, source_key = 'erased:' || seq
    WHERE source_key <> 'erased:' || seq AND (
        ticket_id IN (SELECT value FROM json_each(:tickets)) OR author_id IN (SELECT value FROM json_each(:parties))
    )
"""
_NAMELESS_NOTES = """
    UPDATE delivery_event SET remote_id = NULL
    WHERE remote_id IS NOT NULL AND ticket_id IN (SELECT value FROM json_each(:tickets))
"""
_NO_PRIVATE_VALUES = """
    DELETE FROM private_value WHERE party_id IN (SELECT value FROM json_each(:parties))
        OR (owner = 'party' AND owner_id IN (SELECT value FROM json_each(:parties)))
        OR (owner = 'ticket' AND owner_id IN (SELECT value FROM json_each(:tickets)))
"""
_LEAVE_LINKS = "UPDATE link SET erased = 1 WHERE ticket_id IN (SELECT value FROM json_each(:tickets))"

_UNDER_WAY = """
    SELECT DISTINCT delivery.* FROM delivery LEFT JOIN update_item ON update_item.delivery_id = delivery.id
    WHERE delivery.state IN ('claimed', 'posting', 'unknown') AND (
        delivery.ticket_id IN (SELECT value FROM json_each(:tickets))
        OR (update_item.state = 'claimed' AND update_item.ticket_id IN (SELECT value FROM json_each(:tickets)))
    )
    ORDER BY delivery.id
"""
_END_UPDATES = """
    UPDATE update_item SET state = 'withdrawn', state_reason = :why,
        delivery_id = (
            SELECT id FROM delivery WHERE id = delivery_id AND state NOT IN ('claimed', 'posting', 'unknown')
        )
    WHERE ticket_id IN (SELECT value FROM json_each(:tickets)) AND state IN ('planned', 'claimed', 'posted', 'dead')
"""
_END_ANSWERS = """
    UPDATE answer SET state = 'withdrawn'
    WHERE ticket_id IN (SELECT value FROM json_each(:tickets)) AND state IN ('planned', 'claimed')
"""
_END_DELIVERY = "UPDATE delivery SET state = :state, fence = fence + 1 WHERE id = :delivery"
_PLAN_AGAIN = """
    UPDATE update_item SET state = 'planned', delivery_id = NULL WHERE delivery_id = :delivery AND state = 'claimed'
"""
_GIVE_UP = "UPDATE update_item SET state = 'dead' WHERE delivery_id = :delivery AND state = 'claimed'"
_LOST = """
    SELECT DISTINCT ticket_id AS id FROM update_item
    WHERE delivery_id = :delivery AND state = 'claimed' AND ticket_id IN (SELECT value FROM json_each(:tickets))
"""


class ErasingStore(Outbox):
    """What must be forgotten, and what was."""

    def denied(self, source_id: int, kind: ErasedKind, remote_ids: Collection[str]) -> frozenset[str]:
        """Give those of these ids at a helpdesk that were erased as of this kind."""
        hashed = self._hashed()
        keys = {hashed(source_id, kind, remote_id): remote_id for remote_id in remote_ids}
        query = _ERASED_PARTIES if kind is ErasedKind.CUSTOMER else _ERASED_TICKETS
        rows = self._rows(query, {"keys": json.dumps(list(keys))})
        return frozenset(keys[row["erased_key"]] for row in rows)

    def _hashed(self) -> Callable[[int, ErasedKind, str], str]:
        """Give what makes of an id at a helpdesk the hash by which it is remembered."""
        key = self._value("SELECT key FROM erasing_key WHERE id = 1")

        def hashed(source_id: int, kind: ErasedKind, remote_id: str) -> str:
            return hmac.new(key, f"{kind}:{source_id}:{remote_id}".encode(), hashlib.sha256).hexdigest()

        return hashed

    def came_back(self) -> Iterator[str]:
        """Give forgotten customers and tickets of whom something is kept all the same, by our ids."""
        hashed = self._hashed()
        for table, kind, query in (
            ("party", ErasedKind.CUSTOMER, _KEPT_CUSTOMERS),
            ("ticket", ErasedKind.TICKET, _KEPT_TICKETS),
        ):
            erased = {row["erased_key"] for row in self._rows(_ERASED_KEYS.replace("[TABLE]", table))}
            for row in self._each(query) if erased else ():
                if hashed(row["source_id"], kind, row["remote_id"]) in erased:
                    yield f"{table} {row['id']}"

    def customer(self, source_id: int, remote_id: str) -> Person | None:
        """Give a customer by their id at the helpdesk."""
        return _person(self._row(_CUSTOMER, {"source": source_id, "remote": remote_id}))

    def customer_of(self, ticket_id: int) -> Person | None:
        """Give a ticket's customer."""
        return _person(self._row(_CUSTOMER_OF, {"ticket": ticket_id}))

    def customers_at(self, address: str) -> tuple[Person, ...]:
        """Give the customers that write from an address, capitals aside."""
        return tuple(_read_person(row) for row in self._rows(_CUSTOMERS_AT, {"address": address}))

    def tickets_by(self, party_ids: Collection[int]) -> tuple[int, ...]:
        """Give the kept tickets of these customers."""
        return tuple(row["id"] for row in self._rows(_TICKETS_BY, {"parties": json.dumps(list(party_ids))}))

    def expired_tickets(self, before: datetime) -> tuple[int, ...]:
        """Give the tickets on which nothing has happened since, and nothing is to happen."""
        closed = json.dumps([TicketStatus.SOLVED, TicketStatus.CLOSED])
        return tuple(row["id"] for row in self._rows(_EXPIRED, {"before": to_text(before), "closed": closed}))

    def left_without(self, ticket_ids: Collection[int]) -> tuple[int, ...]:
        """Give the customers of these tickets who have no other, nor wrote on one."""
        return tuple(row["id"] for row in self._rows(_LEFT_WITHOUT, {"tickets": json.dumps(list(ticket_ids))}))

    def erase(
        self, party_ids: Collection[int], ticket_ids: Collection[int], kind: ErasedKind, *, at: datetime, actor: Actor
    ) -> Erased:
        """Erase what names these customers and tickets, end what is planned for them, and say how much it was.

        Customers who asked for it are remembered as such by a hash, and their tickets; those who are merely left
        without tickets (kind EXPIRED) come back when they write again. A note that is just being posted may still be.
        """
        with self.write():
            alone = [row["id"] for row in self._rows(_ALONE, {"parties": json.dumps(list(party_ids))})]
            updates = self._end_work(ticket_ids, at, actor)
            tickets = self._nameless_tickets(ticket_ids, kind, at)
            people = self._nameless_parties(party_ids, kind, at)
            organisations = self._nameless_parties(alone, ErasedKind.EXPIRED, at)
            values = {"tickets": json.dumps(list(ticket_ids)), "parties": json.dumps([*party_ids, *alone])}
            messages = self._run(_NAMELESS_MESSAGES, values)
            self._run(_NAMELESS_NOTES, values)
            private_values = self._run(_NO_PRIVATE_VALUES, values)
            self._run(_LEAVE_LINKS, values)
        return Erased(people, organisations, tickets, messages, private_values, updates)

    def _nameless_tickets(self, ticket_ids: Collection[int], kind: ErasedKind, at: datetime) -> int:
        kind = ErasedKind.TICKET if kind is ErasedKind.CUSTOMER else kind
        rows, hashed = self._rows(_NAMED_TICKETS, {"tickets": json.dumps(list(ticket_ids))}), self._hashed()
        for row in rows:
            names = {
                "id": row["id"],
                "source": row["source_id"],
                "remote": row["remote_id"],
                "name": row["source_name"],
            }
            self._run(_FORGET_HINTS, names)
            self._run(_NAMELESS_TRAIL, names)
            key = hashed(row["source_id"], kind, row["remote_id"])
            self._run(_NAMELESS_TICKET, {"id": row["id"], "key": key, "at": to_text(at)})
            self._run(_POINT_INWARDS, names)
        return len(rows)

    def _nameless_parties(self, party_ids: Iterable[int], kind: ErasedKind, at: datetime) -> int:
        rows, hashed = self._rows(_NAMED_PARTIES, {"parties": json.dumps(list(party_ids))}), self._hashed()
        for row in rows:
            stays_away = kind is ErasedKind.CUSTOMER
            key = hashed(row["source_id"], kind, row["remote_id"]) if stays_away else ""
            self._run(_NAMELESS_PARTY, {"id": row["id"], "key": key, "at": to_text(at)})
        return len(rows)

    def _end_work(self, ticket_ids: Collection[int], at: datetime, actor: Actor) -> int:
        """Withdraw what is planned or reminded of for these tickets, and take from its holder what is being posted."""
        values = {"tickets": json.dumps(list(ticket_ids)), "why": WITHDRAWN_AS}
        under_way = self._rows(_UNDER_WAY, values)
        lost = {row["id"]: self._rows(_LOST, {**values, "delivery": row["id"]}) for row in under_way}
        ended = self._run(_END_UPDATES, values)
        self._run(_END_ANSWERS, values)
        for row in under_way:
            if row["ticket_id"] in ticket_ids or not self._left(row["id"]):
                self._end_delivery(row, at, actor)
                continue
            for ticket in lost[row["id"]]:
                self._record(row["id"], ticket["id"], WITHDRAWN, at, actor, detail_code=WITHDRAWN_AS)
        return ended

    def _left(self, delivery_id: int) -> int:
        query = "SELECT count(*) FROM update_item WHERE delivery_id = :delivery AND state = 'claimed'"
        return int(self._value(query, {"delivery": delivery_id}))

    def _end_delivery(self, row: Row, at: datetime, actor: Actor) -> None:
        """End a delivery to an erased ticket, or one that has lost its last update.

        What others have in it is planned again where nothing can have been posted; else a person has to look, since
        the ticket that it may stand on can't be asked any more.
        """
        if row["state"] == DeliveryState.CLAIMED or not self._left(row["id"]):
            state, code, others = WITHDRAWN, WITHDRAWN_AS, _PLAN_AGAIN
        else:
            state, code, others = str(DeliveryState.DEAD), "outcome-unknown", _GIVE_UP
        self._run(others, {"delivery": row["id"]})
        self._run(_END_DELIVERY, {"state": state, "delivery": row["id"]})
        self._record(row["id"], row["ticket_id"], state, at, actor, detail_code=code)

    def scrub(self) -> bool:
        """Leave nothing of what was erased in the database's files; False where others or a full disk are in the way.

        Deleting overwrites with zeros, but what SQLite moved between pages before may lie on in their gaps: only a file
        written anew is sure to hold nothing else. That needs as much room on the disk again, and others wait meanwhile.
        """
        if self._path == MEMORY:
            return True
        try:
            self._run("VACUUM")
            row = self._row("PRAGMA wal_checkpoint(TRUNCATE)")
        except DataError:
            return False
        return row is not None and row["busy"] == 0


def _person(row: Row | None) -> Person | None:
    return None if row is None else _read_person(row)


def _read_person(row: Row) -> Person:
    return Person(row["id"], row["source_name"], row["remote_id"], row["name"] or "", row["address"] or "")
