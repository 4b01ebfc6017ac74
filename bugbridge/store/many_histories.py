"""All that the facts of links are folded from: of one link, or of many at the cost of one.

Whatever is read is asked for all links of a block at once and told apart here, so that the number of queries doesn't
grow with the number of links.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, TypeVar

from bugbridge.core.errors import DataError
from bugbridge.core.events import DecisionEvent, DeliveryEvent, FactEvent, Finding, LinkEvent, MessageEvent
from bugbridge.core.model import Entity, FactKind, FindingKind
from bugbridge.core.records import BugHistory, LinkHistory, LinkKey, Moment, TicketRow
from bugbridge.store.histories import Cluster, HistoryStore, asked_of, chosen, grouped, latest_of
from bugbridge.store.rows import E, bounds, from_text, id_list, read_events, to_text

BLOCK = 500

_LINK_EVENTS = """
    SELECT * FROM link_event
    WHERE ticket_id IN (SELECT value FROM json_each(:tickets)) AND bug_id IN (SELECT value FROM json_each(:bugs))
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

# A conversation goes on in the follow-ups of a ticket, and holds what was written on tickets merged into it. An erased
# ticket is named by our own id.
_CONVERSATIONS = """
    WITH RECURSIVE conversation (began, id) AS (
        SELECT value, value FROM json_each(:tickets)
        UNION
        SELECT conversation.began, part.id
        FROM conversation
        JOIN ticket AS whole ON whole.id = conversation.id
        JOIN fact_event AS fact ON fact.value = coalesce(whole.remote_id, 'erased:' || whole.id) AND fact.value <> ''
            AND fact.kind IN ('followup_of', 'merged') AND fact.entity = 'ticket'
        JOIN ticket AS part ON part.id = fact.entity_id AND part.source_id = whole.source_id
        WHERE fact.seq <= :seq AND fact.occurred_at <= :at
    )
    SELECT began, id FROM conversation
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

_WENT_TO = "SELECT id, ticket_id FROM delivery WHERE id IN (SELECT value FROM json_each(:deliveries))"

_SINCE = """
    SELECT note.key AS note, event.* FROM json_each(:notes) AS note
    CROSS JOIN [TABLE] AS event ON event.ticket_id = json_extract(note.value, '$[0]')
    WHERE [SUCH] AND event.occurred_at > json_extract(note.value, '$[1]')
        AND event.seq <= :seq AND event.occurred_at <= :at
    ORDER BY event.occurred_at, event.seq
"""
_REPLIES_SINCE = _SINCE.replace("[TABLE]", "message").replace("[SUCH]", "event.public AND event.author_kind = 'agent'")
_TOLD_SINCE = _SINCE.replace("[TABLE]", "finding").replace("[SUCH]", "event.kind = 'told'")

# When periodic updates about a bug, or promises that stood for them, that were due on these tickets were told: by being
# replies, or by the first answer since.
_PERIODIC = """
    WITH asked AS MATERIALIZED (
        SELECT json_extract(value, '$.bug') AS bug, json_extract(value, '$.bugs') AS bugs,
            json_extract(value, '$.tickets') AS tickets
        FROM json_each(:asked)
    )
    SELECT bug, due_on, told_at FROM (
        SELECT asked.bug, step.ticket_id AS due_on, CASE delivery.channel WHEN 'reply' THEN step.occurred_at ELSE (
            SELECT min(occurred_at) FROM message
            WHERE ticket_id = delivery.ticket_id AND public AND author_kind = 'agent'
                AND occurred_at > step.occurred_at AND seq <= :seq AND occurred_at <= :at
        ) END AS told_at
        FROM asked CROSS JOIN json_each(asked.tickets) AS other
        CROSS JOIN delivery_event AS step ON step.ticket_id = other.value
        CROSS JOIN delivery ON delivery.id = step.delivery_id
        WHERE step.kind IN ('posted', 'found')
            AND EXISTS (
                SELECT 1 FROM json_each(asked.bugs)
                WHERE ' ' || step.detail_code || ' ' LIKE '% periodic:' || value || ' %'
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
    SELECT * FROM decision
    WHERE ticket_id IN (SELECT value FROM json_each(:tickets)) AND bug_id IN (SELECT value FROM json_each(:bugs))
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_ASKING_DECISIONS = """
    SELECT * FROM decision
    WHERE bug_id IN (SELECT value FROM json_each(:bugs)) AND json_extract(output, '$.person') <> ''
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_TICKETS_EVER_OF = """
    SELECT requester_id AS party, id FROM ticket WHERE requester_id IN (SELECT value FROM json_each(:parties))
    UNION
    SELECT CAST(value AS INTEGER), entity_id FROM fact_event
    WHERE kind IN ('account', 'requester') AND kind = 'requester' AND entity = 'ticket'
        AND value IN (SELECT CAST(value AS TEXT) FROM json_each(:parties))
"""

_STANDS = ("posted", "found")
K = TypeVar("K", MessageEvent, Finding, LinkEvent, DeliveryEvent)
Tickets: TypeAlias = tuple[int, ...]
Place: TypeAlias = tuple[int, int]  # of a canonical bug and a ticket


@dataclass(frozen=True, slots=True)
class _Links:
    """Links of a block, and which tickets tell of each: those of its conversation, and all of its customer's."""

    keys: Sequence[LinkKey]
    clusters: Mapping[int, Cluster]
    tickets: Mapping[int, TicketRow]
    ticket_facts: Mapping[int, Sequence[FactEvent]]
    conversations: Mapping[int, Tickets]
    theirs: Mapping[int, Tickets]

    def place(self, key: LinkKey) -> Place:
        """Name what a link is about, under whichever name its bug was linked."""
        return self.clusters[key.bug_id].bug_id, key.ticket_id

    def distinct_clusters(self) -> Collection[Cluster]:
        """Give the clusters of all links, each once."""
        return {cluster.bug_id: cluster for cluster in (self.clusters[key.bug_id] for key in self.keys)}.values()

    def others(self, ticket_id: int) -> Tickets:
        """Give what else the customer wrote, outside the conversation."""
        conversation = self.conversations[ticket_id]
        return tuple(other for other in self.theirs[ticket_id] if other not in conversation)


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a block of links, by what it is of."""

    source_facts: Mapping[int, Sequence[FactEvent]]
    party_facts: Mapping[int, tuple[FactEvent, ...]]
    link_events: Mapping[Place, Sequence[LinkEvent]]
    messages: Mapping[int, Sequence[MessageEvent]]
    findings: Mapping[int, Sequence[Finding]]
    replies_elsewhere: Mapping[Place, Sequence[MessageEvent]]
    told_elsewhere: Mapping[Place, Sequence[Finding]]
    periodic: Mapping[Place, Sequence[datetime]]
    ticket_links: Mapping[int, Sequence[LinkEvent]]
    merged: frozenset[int]
    delivery_events: Mapping[int, Sequence[DeliveryEvent]]
    decisions: Mapping[LinkKey, Sequence[DecisionEvent]]
    asking: Mapping[int, Sequence[DecisionEvent]]


class ManyHistoriesStore(HistoryStore):
    """Reads links, one or many, as of a moment."""

    def link_history(self, key: LinkKey, moment: Moment, bug: BugHistory | None = None) -> LinkHistory:
        """Read all that the facts of a link are folded from. Raises DataError if ticket or bug don't exist.

        Whoever reads many links of one bug hands in its history as of the same moment, which is then not read again.
        """
        with self._snapshot():
            clusters = self._clusters_at([key.bug_id], moment)
            cluster = clusters[key.bug_id]
            bugs = {cluster.bug_id: bug} if bug else self._bug_histories([cluster], moment)
            return self._block([key], clusters, bugs, moment)[key]

    def link_histories(
        self, keys: Collection[LinkKey], moment: Moment, bug: BugHistory | None = None
    ) -> Mapping[LinkKey, LinkHistory]:
        """Read the same of many links, in as many queries for each 500 of them as for one, in the order of the keys.

        Where all are of one bug its history as of the same moment may be handed in, which is then not read again.
        Raises DataError if a ticket or a bug doesn't exist.
        """
        asked, found = tuple(dict.fromkeys(keys)), dict[LinkKey, LinkHistory]()
        if not asked:
            return found
        with self._snapshot():
            clusters = self._clusters_at({key.bug_id for key in asked}, moment)
            wanted = {clusters[key.bug_id].bug_id: clusters[key.bug_id] for key in asked}
            known = {bug.bug_id: bug} if bug else {}
            unread = [cluster for bug_id, cluster in wanted.items() if bug_id not in known]
            bugs = {**known, **(self._bug_histories(unread, moment) if unread else {})}
            for start in range(0, len(asked), BLOCK):
                found |= self._block(asked[start : start + BLOCK], clusters, bugs, moment)
        return found

    def _block(
        self,
        keys: Sequence[LinkKey],
        clusters: Mapping[int, Cluster],
        bugs: Mapping[int, BugHistory],
        moment: Moment,
    ) -> dict[LinkKey, LinkHistory]:
        links = self._links(keys, clusters, moment)
        read = self._read(links, moment)
        return {key: _history(key, links, bugs[clusters[key.bug_id].bug_id], read) for key in keys}

    def _links(self, keys: Sequence[LinkKey], clusters: Mapping[int, Cluster], moment: Moment) -> _Links:
        ids = list({key.ticket_id: None for key in keys})
        facts = self._facts_at(Entity.TICKET, ids, moment)
        tickets = {ticket.id: ticket for ticket in self._read_tickets(ids, facts)}
        for ticket_id in ids:
            if ticket_id not in tickets:
                raise DataError(f"There is no ticket {ticket_id} in this database: check the number.")
        return _Links(
            keys=keys,
            clusters=clusters,
            tickets=tickets,
            ticket_facts=grouped(facts, lambda fact: fact.entity_id),
            conversations=self._conversations(ids, moment),
            theirs=self._tickets_of_customers(tickets, moment),
        )

    def _conversations(self, ids: Sequence[int], moment: Moment) -> Mapping[int, Tickets]:
        rows = self._rows(_CONVERSATIONS, {**bounds(moment), "tickets": id_list(ids)})
        return {
            began: tuple(row["id"] for row in own) for began, own in grouped(rows, lambda row: row["began"]).items()
        }

    def _tickets_of_customers(self, tickets: Mapping[int, TicketRow], moment: Moment) -> Mapping[int, Tickets]:
        """Give the tickets that were at the moment their customers', as far as customers are known."""
        parties = {ticket.requester_id for ticket in tickets.values() if ticket.requester_id is not None}
        ever = self._rows(_TICKETS_EVER_OF, {"parties": id_list(parties)}) if parties else []
        unread = {row["id"] for row in ever}.difference(tickets)
        known = {**tickets, **{other.id: other for other in self._tickets_at(unread, moment)}} if unread else tickets
        now_theirs = [row for row in ever if known[row["id"]].requester_id == row["party"]]
        of_party = grouped(now_theirs, lambda row: row["party"])
        return {
            ticket.id: tuple(sorted(row["id"] for row in of_party.get(ticket.requester_id, ())))
            if ticket.requester_id is not None
            else (ticket.id,)
            for ticket in tickets.values()
        }

    def _read(self, links: _Links, moment: Moment) -> _Read:
        tickets = links.tickets.values()
        spoken = {ticket for own in links.conversations.values() for ticket in own}
        said = {**bounds(moment), "tickets": id_list(spoken)}
        about = {**bounds(moment), **asked_of(links.distinct_clusters())}
        findings = self._on_tickets(Finding, _FINDINGS, said)
        promised = {one for own in links.conversations.values() if _promised(own, findings) for one in own}
        deliveries = self._on_tickets(DeliveryEvent, _DELIVERY_EVENTS, said)
        notes = self._notes_elsewhere(links, deliveries)
        parties = {ticket.requester_id for ticket in tickets if ticket.requester_id is not None}
        asking = read_events(DecisionEvent, self._rows(_ASKING_DECISIONS, about))
        return _Read(
            source_facts=self._facts_of(Entity.SOURCE, {ticket.source_id for ticket in tickets}, moment),
            party_facts=self._party_facts(parties, moment) if parties else {},
            link_events=self._link_events(links, about),
            messages=self._on_tickets(MessageEvent, _MESSAGES, said),
            findings=findings,
            replies_elsewhere=self._since(MessageEvent, _REPLIES_SINCE, notes, moment),
            told_elsewhere=self._since(Finding, _TOLD_SINCE, notes, moment),
            periodic=self._periodic(links, moment),
            ticket_links=self._on_tickets(LinkEvent, _TICKET_LINKS, said) if promised else {},
            merged=self._merged(promised, moment) if promised else frozenset(),
            delivery_events=deliveries,
            decisions=self._decisions(links.keys, moment),
            asking=grouped(asking, lambda decision: links.clusters[decision.bug_id].bug_id),
        )

    def _on_tickets(self, kind: type[K], statement: str, said: Mapping[str, object]) -> dict[int, list[K]]:
        return grouped(read_events(kind, self._rows(statement, said)), lambda event: event.ticket_id)

    def _link_events(self, links: _Links, about: Mapping[str, object]) -> Mapping[Place, Sequence[LinkEvent]]:
        """Give what was kept of links of these bugs, under whichever names, on all tickets of their customers."""
        tickets = {ticket for own in links.theirs.values() for ticket in own}.union(links.tickets)
        events = read_events(LinkEvent, self._rows(_LINK_EVENTS, {**about, "tickets": id_list(tickets)}))
        return grouped(events, lambda event: (links.clusters[event.bug_id].bug_id, event.ticket_id))

    def _notes_elsewhere(
        self, links: _Links, deliveries: Mapping[int, Sequence[DeliveryEvent]]
    ) -> Mapping[Place, Sequence[tuple[int, str]]]:
        """Give the other tickets of their customers on which notes about links stood, and since when."""
        steps = [
            (links.place(key), step)
            for key in links.keys
            for step in deliveries.get(key.ticket_id, ())
            if step.kind in _STANDS and _names(step, links.clusters[key.bug_id])
        ]
        if not steps:
            return {}
        rows = self._rows(_WENT_TO, {"deliveries": id_list(step.delivery_id for _, step in steps)})
        went_to = {row["id"]: row["ticket_id"] for row in rows}
        since: dict[Place, dict[int, str]] = {}
        for place, step in steps:
            if went_to[step.delivery_id] != step.ticket_id:
                since.setdefault(place, {}).setdefault(went_to[step.delivery_id], to_text(step.occurred_at))
        return {place: sorted(notes.items()) for place, notes in since.items()}

    def _since(
        self, kind: type[E], statement: str, notes: Mapping[Place, Sequence[tuple[int, str]]], moment: Moment
    ) -> Mapping[Place, Sequence[E]]:
        """Give what was kept on a note's ticket since it stood there, note by note."""
        if not notes:
            return {}
        asked = [(place, note) for place, own in notes.items() for note in own]
        rows = self._rows(statement, {**bounds(moment), "notes": json.dumps([note for _, note in asked])})
        found = zip((row["note"] for row in rows), read_events(kind, rows), strict=True)
        by_note = sorted(found, key=lambda one: one[0])
        return {
            place: [event for _, event in own] for place, own in grouped(by_note, lambda one: asked[one[0]][0]).items()
        }

    def _periodic(self, links: _Links, moment: Moment) -> Mapping[Place, Sequence[datetime]]:
        """Give when periodic updates were told that were due on other tickets of the links' customers."""
        if not any(map(links.others, links.tickets)):
            return {}
        rows = self._rows(_PERIODIC, {**bounds(moment), **_others(links)})
        places = grouped(rows, lambda row: (row["bug"], row["due_on"]))
        return {place: [from_text(row["told_at"]) for row in own] for place, own in places.items()}

    def _merged(self, tickets: Collection[int], moment: Moment) -> frozenset[int]:
        latest = latest_of(self._facts_at(Entity.TICKET, tickets, moment))
        return frozenset(ticket for ticket in tickets if latest.get((ticket, FactKind.MERGED)))

    def _decisions(self, keys: Sequence[LinkKey], moment: Moment) -> Mapping[LinkKey, Sequence[DecisionEvent]]:
        pairs = {"tickets": id_list(key.ticket_id for key in keys), "bugs": id_list(key.bug_id for key in keys)}
        decisions = read_events(DecisionEvent, self._rows(_DECISIONS, {**bounds(moment), **pairs}))
        return grouped(decisions, lambda decision: LinkKey(decision.ticket_id, decision.bug_id))


def _names(step: DeliveryEvent, cluster: Cluster) -> bool:
    """Say whether a note was about a bug, under whichever name."""
    return any(f":{bug_id} " in f"{step.detail_code} " for bug_id in cluster.members)


def _others(links: _Links) -> dict[str, object]:
    """Name each bug with the other tickets of its links' customers."""
    tickets: dict[int, set[int]] = {}
    for key in links.keys:
        tickets.setdefault(links.place(key)[0], set()).update(links.others(key.ticket_id))
    asked = [
        {"bug": one.bug_id, "bugs": one.members, "tickets": list(tickets[one.bug_id])}
        for one in links.distinct_clusters()
    ]
    return {"asked": json.dumps(asked)}


def _promised(conversation: Tickets, findings: Mapping[int, Sequence[Finding]]) -> bool:
    return any(one.kind is FindingKind.PROMISE for ticket in conversation for one in findings.get(ticket, ()))


def _history(key: LinkKey, links: _Links, bug: BugHistory, read: _Read) -> LinkHistory:
    place, ticket = links.place(key), links.tickets[key.ticket_id]
    conversation = links.conversations[key.ticket_id]
    promised = _promised(conversation, read.findings)
    theirs = [(place[0], one) for one in links.theirs[key.ticket_id]]
    others = [(place[0], one) for one in links.others(key.ticket_id)]
    return LinkHistory(
        key=key,
        ticket=ticket,
        bug=bug,
        source_facts=chosen(read.source_facts, [ticket.source_id]),
        ticket_facts=chosen(links.ticket_facts, [key.ticket_id]),
        party_facts=read.party_facts.get(ticket.requester_id or 0, ()),
        link_events=chosen(read.link_events, [place]),
        party_link_events=chosen(read.link_events, theirs),
        messages=chosen(read.messages, conversation),
        replies_elsewhere=tuple(read.replies_elsewhere.get(place, ())),
        findings=(*chosen(read.findings, conversation), *read.told_elsewhere.get(place, ())),
        ticket_links=chosen(read.ticket_links, conversation) if promised else (),
        merged_tickets=read.merged.intersection(conversation) if promised else frozenset(),
        periodic_elsewhere=tuple(sorted(at for other in others for at in read.periodic.get(other, ()))),
        delivery_events=chosen(read.delivery_events, conversation),
        decisions=chosen(read.decisions, [key]),
        bug_decisions=chosen(read.asking, [place[0]]),
    )
