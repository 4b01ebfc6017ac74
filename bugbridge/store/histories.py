"""Both as-of reads: what was known up to a seq, and what had happened by an instant."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bugbridge.core.errors import DataError
from bugbridge.core.events import (
    BugEvent,
    DecisionEvent,
    DeliveryEvent,
    FactEvent,
    Finding,
    LinkEvent,
    MessageEvent,
)
from bugbridge.core.model import BugEventKind, Entity, FactKind, FindingKind
from bugbridge.core.records import BugHistory, LinkHistory, LinkKey, Moment, Report, TicketRow
from bugbridge.store import folds
from bugbridge.store.events import SqliteEventStore
from bugbridge.store.rows import E, bounds, from_text, optional_instant, read_events, read_ticket

_FACTS = """
    SELECT * FROM fact_event
    WHERE entity = :entity AND entity_id IN (SELECT value FROM json_each(:ids)) AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

# What helps with a duplicate, or with a mirror, helps with the bug, and news of it is a round if it was one; of all
# else the bug's own events decide.
_BUG_EVENTS = """
    SELECT * FROM bug_event
    WHERE bug_id IN (SELECT value FROM json_each(:bugs)) AND seq <= :seq AND occurred_at <= :at
        AND (bug_id = :bug OR kind IN ('workaround', 'workaround_suggested', 'round'))
    ORDER BY occurred_at, seq
"""

_ISSUES = """
    SELECT id, bug_id, reference FROM issue WHERE bug_id IN (SELECT value FROM json_each(:bugs))
    ORDER BY bug_id <> :bug, id
"""

_LINK_STATES = """
    SELECT ticket_id, bug_id, kind FROM link_event
    WHERE bug_id IN (SELECT value FROM json_each(:bugs)) AND kind IN ('linked', 'unlinked')
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_FIRST_REPORT = """
    SELECT min(created_at) AS at FROM ticket WHERE id IN (SELECT value FROM json_each(:tickets))
"""

_LINK_EVENTS = """
    SELECT * FROM link_event
    WHERE ticket_id IN (SELECT value FROM json_each(:tickets)) AND bug_id IN (SELECT value FROM json_each(:bugs))
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

# A conversation goes on in the follow-ups of a ticket, and holds what was written on tickets merged into it. An erased
# ticket is named by our own id.
_CONVERSATION = """
    WITH RECURSIVE conversation (id) AS (
        SELECT :ticket
        UNION
        SELECT part.id
        FROM conversation
        JOIN ticket AS whole ON whole.id = conversation.id
        JOIN fact_event AS fact ON fact.value = coalesce(whole.remote_id, 'erased:' || whole.id) AND fact.value <> ''
            AND fact.kind IN ('followup_of', 'merged') AND fact.entity = 'ticket'
        JOIN ticket AS part ON part.id = fact.entity_id AND part.source_id = whole.source_id
        WHERE fact.seq <= :seq AND fact.occurred_at <= :at
    )
    SELECT id FROM conversation
"""

_MESSAGES = """
    SELECT * FROM message WHERE ticket_id IN (SELECT value FROM json_each(:tickets))
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_FINDINGS = """
    SELECT * FROM finding WHERE ticket_id IN (SELECT value FROM json_each(:tickets))
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

# Where a note about this link stood that went to another ticket of its customer, and since when.
_NOTES_ELSEWHERE = """
    SELECT delivery.ticket_id AS ticket_id, min(delivery_event.occurred_at) AS since
    FROM delivery_event JOIN delivery ON delivery.id = delivery_event.delivery_id
    WHERE delivery_event.ticket_id = :ticket AND delivery.ticket_id <> :ticket AND kind IN ('posted', 'found')
        AND EXISTS (SELECT 1 FROM json_each(:bugs) WHERE detail_code || ' ' LIKE '%:' || value || ' %')
        AND seq <= :seq AND occurred_at <= :at
    GROUP BY delivery.ticket_id ORDER BY delivery.ticket_id
"""

_REPLIES_SINCE = """
    SELECT * FROM message WHERE ticket_id = :ticket AND public AND author_kind = 'agent' AND occurred_at > :since
        AND seq <= :seq AND occurred_at <= :at ORDER BY occurred_at, seq
"""

_TOLD_SINCE = """
    SELECT * FROM finding WHERE ticket_id = :ticket AND kind = 'told' AND occurred_at > :since
        AND seq <= :seq AND occurred_at <= :at ORDER BY occurred_at, seq
"""

# When periodic updates, or promises that stood for them, that were due on these other tickets were told: by being
# replies, or by the first answer since.
_PERIODIC_ELSEWHERE = """
    SELECT told_at FROM (
        SELECT CASE delivery.channel WHEN 'reply' THEN step.occurred_at ELSE (
            SELECT min(occurred_at) FROM message
            WHERE ticket_id = delivery.ticket_id AND public AND author_kind = 'agent'
                AND occurred_at > step.occurred_at AND seq <= :seq AND occurred_at <= :at
        ) END AS told_at
        FROM delivery_event AS step JOIN delivery ON delivery.id = step.delivery_id
        WHERE step.ticket_id IN (SELECT value FROM json_each(:tickets)) AND step.kind IN ('posted', 'found')
            AND EXISTS (
                SELECT 1 FROM json_each(:bugs) WHERE ' ' || step.detail_code || ' ' LIKE '% periodic:' || value || ' %'
                    OR ' ' || step.detail_code || ' ' LIKE '%:' || value || ' turn %'
            )
            AND step.seq <= :seq AND step.occurred_at <= :at
    )
    WHERE told_at IS NOT NULL ORDER BY told_at
"""

# What the tickets of a conversation were linked to, and whose promises were dismissed there, whichever the bugs.
_TICKET_LINKS = """
    SELECT * FROM link_event WHERE ticket_id IN (SELECT value FROM json_each(:tickets))
        AND kind IN ('linked', 'unlinked', 'promise_dismissed') AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_DELIVERY_EVENTS = """
    SELECT * FROM delivery_event WHERE ticket_id IN (SELECT value FROM json_each(:tickets))
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_DECISIONS = """
    SELECT * FROM decision WHERE ticket_id = :ticket AND bug_id = :bug AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_ASKING_DECISIONS = """
    SELECT * FROM decision
    WHERE bug_id IN (SELECT value FROM json_each(:bugs)) AND json_extract(output, '$.person') <> ''
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

# A ticket's row is a cache of what is known now: it stands in only where no event was ever kept.
_TICKETS = """
    SELECT ticket.*, source.name AS source_name,
        EXISTS (SELECT 1 FROM fact_event WHERE entity = 'ticket' AND entity_id = ticket.id AND kind = 'requester')
            AS has_requester,
        EXISTS (SELECT 1 FROM fact_event WHERE entity = 'ticket' AND entity_id = ticket.id AND kind = 'brand')
            AS has_brand
    FROM ticket JOIN source ON source.id = ticket.source_id
    WHERE ticket.id IN (SELECT value FROM json_each(:tickets))
    ORDER BY ticket.id
"""

_TELLS_OF_REPLIES = """
    SELECT EXISTS (
        SELECT 1 FROM party JOIN message ON message.author_id = party.id
        WHERE party.source_id = :source AND party.kind = 'agent'
    )
"""

_TICKETS_EVER_OF = """
    SELECT id FROM ticket WHERE requester_id = :party
    UNION
    SELECT entity_id FROM fact_event
    WHERE kind IN ('account', 'requester') AND kind = 'requester' AND value = CAST(:party AS TEXT)
        AND entity = 'ticket'
"""


@dataclass(frozen=True, slots=True)
class _Cluster:
    """A canonical bug and all that were merged into it, as of a moment."""

    bug_id: int
    members: tuple[int, ...]

    @property
    def parameters(self) -> dict[str, object]:
        return {"bug": self.bug_id, "bugs": json.dumps(self.members)}


class HistoryStore(SqliteEventStore):
    """Reads all that facts are folded from."""

    def bug_history(self, bug_id: int, moment: Moment) -> BugHistory:
        """Read the canonical bug behind this one, merges followed as of the moment.

        Only the survivor's own issue and events are folded; merged bugs bring their references and their links.
        Raises DataError if there is no such bug.
        """
        with self._snapshot():
            cluster = self._cluster_at(bug_id, moment)
            links = self._standing_links(cluster, moment)
            return replace(self._bug_course(cluster, moment), links=links, reported_at=self._first_report(links))

    def bug_course(self, bug_id: int, moment: Moment) -> BugHistory:
        """Read a bug as `bug_history` does but for its links, which can be thousands and say nothing of its stage."""
        with self._snapshot():
            return self._bug_course(self._cluster_at(bug_id, moment), moment)

    def link_history(self, key: LinkKey, moment: Moment, bug: BugHistory | None = None) -> LinkHistory:
        """Read all that the facts of a link are folded from. Raises DataError if ticket or bug don't exist.

        Whoever reads many links of one bug hands in its history as of the same moment, which is then not read again.
        """
        with self._snapshot():
            cluster = self._cluster_at(key.bug_id, moment)
            ticket_facts = self._facts_at(Entity.TICKET, [key.ticket_id], moment)
            ticket = self._ticket_at(key.ticket_id, ticket_facts)
            own = {**bounds(moment), "ticket": key.ticket_id, "bug": key.bug_id}
            conversation = self._conversation(key.ticket_id, moment)
            said = {**bounds(moment), "tickets": json.dumps(conversation)}
            asking = {**bounds(moment), **cluster.parameters}
            elsewhere = self._notes_elsewhere({**asking, "ticket": key.ticket_id})
            theirs = self._tickets_of_customer(ticket, moment)
            link_events = self._link_events([ticket.id], cluster, moment)
            findings = read_events(Finding, self._rows(_FINDINGS, said))
            promised = any(one.kind is FindingKind.PROMISE for one in findings)
            return LinkHistory(
                key=key,
                ticket=ticket,
                bug=bug or self.bug_history(key.bug_id, moment),
                source_facts=self._facts_at(Entity.SOURCE, [ticket.source_id], moment),
                ticket_facts=ticket_facts,
                party_facts=self._party_facts(ticket.requester_id, moment),
                link_events=link_events,
                party_link_events=link_events if theirs == [ticket.id] else self._link_events(theirs, cluster, moment),
                messages=read_events(MessageEvent, self._rows(_MESSAGES, said)),
                replies_elsewhere=self._since(MessageEvent, _REPLIES_SINCE, elsewhere),
                findings=(*findings, *self._since(Finding, _TOLD_SINCE, elsewhere)),
                ticket_links=read_events(LinkEvent, self._rows(_TICKET_LINKS, said)) if promised else (),
                merged_tickets=self._merged(conversation, moment) if promised else frozenset(),
                periodic_elsewhere=self._periodic_elsewhere(asking, set(theirs).difference(conversation)),
                delivery_events=read_events(DeliveryEvent, self._rows(_DELIVERY_EVENTS, said)),
                decisions=read_events(DecisionEvent, self._rows(_DECISIONS, own)),
                bug_decisions=read_events(DecisionEvent, self._rows(_ASKING_DECISIONS, asking)),
            )

    def _periodic_elsewhere(self, asking: Mapping[str, object], others: Collection[int]) -> tuple[datetime, ...]:
        if not others:
            return ()
        rows = self._rows(_PERIODIC_ELSEWHERE, {**asking, "tickets": json.dumps(sorted(others))})
        return tuple(from_text(row["told_at"]) for row in rows)

    def _notes_elsewhere(self, parameters: Mapping[str, object]) -> list[Mapping[str, object]]:
        rows = self._rows(_NOTES_ELSEWHERE, parameters)
        return [{**parameters, "ticket": row["ticket_id"], "since": row["since"]} for row in rows]

    def _since(self, kind: type[E], statement: str, notes: Iterable[Mapping[str, object]]) -> tuple[E, ...]:
        return read_events(kind, [row for note in notes for row in self._rows(statement, note)])

    def reports(self, bug_id: int, moment: Moment) -> tuple[Report, ...]:
        """Give the tickets linked (not unlinked) to the canonical bug as of the moment, the oldest first.

        A ticket reports from its creation on, however late it was linked. An unknown customer can't be told from
        others, so they count by themselves, as the negative of their ticket's id.
        """
        with self._snapshot():
            cluster = self._cluster_at(bug_id, moment)
            ticket_ids = {key.ticket_id for key in self._standing_links(cluster, moment)}
            tickets = sorted(self._tickets_at(ticket_ids, moment), key=lambda ticket: (ticket.created_at, ticket.id))
            return tuple(self._report(ticket, moment) for ticket in tickets)

    def _report(self, ticket: TicketRow, moment: Moment) -> Report:
        party_id = ticket.requester_id or -ticket.id
        latest = _latest(self._party_facts(ticket.requester_id, moment))
        account_id = _account_of(latest, party_id) or party_id
        tier = latest.get((party_id, FactKind.TIER)) or latest.get((account_id, FactKind.TIER), "")
        return Report(ticket.id, party_id, account_id, tier, ticket.created_at)

    def tells_of_replies(self, source_id: int) -> bool:
        """Say whether any agent's message on this helpdesk is kept, as of files that may have brought none."""
        return bool(self._value(_TELLS_OF_REPLIES, {"source": source_id}))

    def _cluster_at(self, bug_id: int, moment: Moment) -> _Cluster:
        self.canonical_bug(bug_id)
        everyone = self._cluster(bug_id)
        pointers = self._pointers(everyone, moment)
        canonical = folds.canonical(pointers, bug_id)
        return _Cluster(canonical, tuple(bug for bug in everyone if folds.canonical(pointers, bug) == canonical))

    def _bug_course(self, cluster: _Cluster, moment: Moment) -> BugHistory:
        parameters = {**bounds(moment), **cluster.parameters}
        issues = self._rows(_ISSUES, parameters)
        primary = [issue for issue in issues if issue["bug_id"] == cluster.bug_id][:1]
        bug_events = read_events(BugEvent, self._rows(_BUG_EVENTS, parameters))
        parts = [int(event.value) for event in bug_events if event.kind is BugEventKind.PART_ADDED]
        return BugHistory(
            bug_id=cluster.bug_id,
            primary_reference=primary[0]["reference"] if primary else "",
            references=tuple(issue["reference"] for issue in issues),
            issue_facts=self._facts_at(Entity.ISSUE, [issue["id"] for issue in primary], moment),
            part_facts=self._facts_at(Entity.ISSUE, parts, moment) if parts else (),
            bug_events=bug_events,
        )

    def _first_report(self, links: tuple[LinkKey, ...]) -> datetime | None:
        tickets = json.dumps([key.ticket_id for key in links])
        return optional_instant(self._rows(_FIRST_REPORT, {"tickets": tickets})[0]["at"])

    def _standing_links(self, cluster: _Cluster, moment: Moment) -> tuple[LinkKey, ...]:
        """Give the links that stood at the moment, in the order in which they were first made."""
        rows = self._rows(_LINK_STATES, {**bounds(moment), **cluster.parameters})
        states = {(row["ticket_id"], row["bug_id"]): row["kind"] for row in rows}
        return tuple(LinkKey(*pair) for pair, state in states.items() if state == folds.LINKED)

    def _facts_at(self, entity: Entity, ids: Iterable[int], moment: Moment) -> tuple[FactEvent, ...]:
        parameters = {**bounds(moment), "entity": entity, "ids": json.dumps(list(ids))}
        return read_events(FactEvent, self._rows(_FACTS, parameters))

    def _party_facts(self, party_id: int | None, moment: Moment) -> tuple[FactEvent, ...]:
        """Give the customer's facts and those of the account that they belonged to at the moment."""
        if party_id is None:
            return ()
        facts = self._facts_at(Entity.PARTY, [party_id], moment)
        account_id = _account_of(_latest(facts), party_id)
        return self._facts_at(Entity.PARTY, [party_id, account_id], moment) if account_id else facts

    def _link_events(self, ticket_ids: Iterable[int], cluster: _Cluster, moment: Moment) -> tuple[LinkEvent, ...]:
        parameters = {**bounds(moment), **cluster.parameters, "tickets": json.dumps(list(ticket_ids))}
        return read_events(LinkEvent, self._rows(_LINK_EVENTS, parameters))

    def _tickets_of_customer(self, ticket: TicketRow, moment: Moment) -> list[int]:
        if ticket.requester_id is None:
            return [ticket.id]
        ever = [row["id"] for row in self._rows(_TICKETS_EVER_OF, {"party": ticket.requester_id})]
        if ever == [ticket.id]:
            return ever
        return [other.id for other in self._tickets_at(ever, moment) if other.requester_id == ticket.requester_id]

    def _conversation(self, ticket_id: int, moment: Moment) -> list[int]:
        return [row["id"] for row in self._rows(_CONVERSATION, {**bounds(moment), "ticket": ticket_id})]

    def _merged(self, tickets: Sequence[int], moment: Moment) -> frozenset[int]:
        latest = _latest(self._facts_at(Entity.TICKET, tickets, moment))
        return frozenset(ticket for ticket in tickets if latest.get((ticket, FactKind.MERGED)))

    def _ticket_at(self, ticket_id: int, facts: Iterable[FactEvent]) -> TicketRow:
        tickets = self._read_tickets([ticket_id], facts)
        if not tickets:
            raise DataError(f"There is no ticket {ticket_id} in this database: check the number.")
        return tickets[0]

    def _tickets_at(self, ticket_ids: Iterable[int], moment: Moment) -> list[TicketRow]:
        """Give tickets with the requester and brand that they had at the moment."""
        ids = sorted(ticket_ids)
        return self._read_tickets(ids, self._facts_at(Entity.TICKET, ids, moment))

    def _read_tickets(self, ids: Sequence[int], facts: Iterable[FactEvent]) -> list[TicketRow]:
        latest, found = _latest(facts), []
        for row in self._rows(_TICKETS, {"tickets": json.dumps(ids)}):
            ticket = read_ticket(row)
            if row["has_requester"]:
                ticket = replace(ticket, requester_id=_id(latest.get((ticket.id, FactKind.REQUESTER), "")))
            if row["has_brand"]:
                ticket = replace(ticket, brand=latest.get((ticket.id, FactKind.BRAND), ""))
            found.append(ticket)
        return found


def _latest(facts: Iterable[FactEvent]) -> Mapping[tuple[int, FactKind], str]:
    """Fold facts, oldest first, into the last value of each kind for each entity."""
    return {(fact.entity_id, fact.kind): fact.value for fact in facts}


def _account_of(latest: Mapping[tuple[int, FactKind], str], party_id: int) -> int | None:
    return _id(latest.get((party_id, FactKind.ACCOUNT), ""))


def _id(value: str) -> int | None:
    """Read a fact that names a party; "" and 0 name nobody."""
    return int(value) or None if value.isdecimal() else None
