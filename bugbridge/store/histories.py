"""Both as-of reads: what was known up to a seq, and what had happened by an instant."""

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import TypeVar

from bugbridge.core.events import (
    BugEvent,
    FactEvent,
)
from bugbridge.core.model import BugEventKind, Entity, FactKind
from bugbridge.core.records import BugHistory, LinkKey, Moment, Report, TicketRow
from bugbridge.store import folds
from bugbridge.store.database import Row
from bugbridge.store.events import SqliteEventStore
from bugbridge.store.rows import E, bounds, id_list, optional_instant, read_events, read_ticket

T = TypeVar("T")
N = TypeVar("N")
_ORDER = attrgetter("occurred_at", "seq")

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
        AND (bug_id IN (SELECT value FROM json_each(:survivors))
            OR kind IN ('workaround', 'workaround_suggested', 'round'))
    ORDER BY occurred_at, seq
"""

_ISSUES = """
    SELECT id, bug_id, reference FROM issue WHERE bug_id IN (SELECT value FROM json_each(:bugs)) ORDER BY id
"""

_LINK_STATES = """
    SELECT ticket_id, bug_id, kind FROM link_event
    WHERE bug_id IN (SELECT value FROM json_each(:bugs)) AND kind IN ('linked', 'unlinked')
        AND seq <= :seq AND occurred_at <= :at
    ORDER BY occurred_at, seq
"""

_FIRST_REPORTS = """
    SELECT key, (SELECT min(created_at) FROM ticket WHERE id IN (SELECT value FROM json_each(linked.value))) AS at
    FROM json_each(:linked) AS linked
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


@dataclass(frozen=True, slots=True)
class Cluster:
    """A canonical bug and all that were merged into it, as of a moment."""

    bug_id: int
    members: tuple[int, ...]


class HistoryStore(SqliteEventStore):
    """Reads all that facts are folded from."""

    def bug_history(self, bug_id: int, moment: Moment) -> BugHistory:
        """Read the canonical bug behind this one, merges followed as of the moment.

        Only the survivor's own issue and events are folded; merged bugs bring their references and their links.
        Raises DataError if there is no such bug.
        """
        with self._snapshot():
            cluster = self._cluster_at(bug_id, moment)
            return self._bug_histories([cluster], moment)[cluster.bug_id]

    def bug_course(self, bug_id: int, moment: Moment) -> BugHistory:
        """Read a bug as `bug_history` does but for its links, which can be thousands and say nothing of its stage."""
        with self._snapshot():
            cluster = self._cluster_at(bug_id, moment)
            return self._bug_courses([cluster], moment)[cluster.bug_id]

    def reports(self, bug_id: int, moment: Moment) -> tuple[Report, ...]:
        """Give the tickets linked (not unlinked) to the canonical bug as of the moment, the oldest first.

        A ticket reports from its creation on, however late it was linked. An unknown customer can't be told from
        others, so they count by themselves, as the negative of their ticket's id.
        """
        with self._snapshot():
            cluster = self._cluster_at(bug_id, moment)
            ticket_ids = {key.ticket_id for key in self._standing_links([cluster], moment)[cluster.bug_id]}
            tickets = sorted(self._tickets_at(ticket_ids, moment), key=lambda ticket: (ticket.created_at, ticket.id))
            facts = self._party_facts({one.requester_id for one in tickets if one.requester_id}, moment)
            return tuple(_report(ticket, facts.get(ticket.requester_id or 0, ())) for ticket in tickets)

    def tells_of_replies(self, source_id: int) -> bool:
        """Say whether any agent's message on this helpdesk is kept, as of files that may have brought none."""
        return bool(self._value(_TELLS_OF_REPLIES, {"source": source_id}))

    def _cluster_at(self, bug_id: int, moment: Moment) -> Cluster:
        return self._clusters_at([bug_id], moment)[bug_id]

    def _clusters_at(self, bug_ids: Collection[int], moment: Moment) -> Mapping[int, Cluster]:
        """Give the cluster of each of these bugs, and of all that were ever tied to them."""
        everyone = self._cluster(*bug_ids)
        pointers = self._pointers(everyone, moment)
        members: dict[int, list[int]] = {}
        for bug_id in everyone:
            members.setdefault(folds.canonical(pointers, bug_id), []).append(bug_id)
        clusters = (Cluster(canonical, tuple(own)) for canonical, own in members.items())
        return {bug_id: cluster for cluster in clusters for bug_id in cluster.members}

    def _bug_histories(self, clusters: Collection[Cluster], moment: Moment) -> Mapping[int, BugHistory]:
        """Read whole bugs, by their survivors."""
        links = self._standing_links(clusters, moment)
        first = self._first_reports(links)
        courses = self._bug_courses(clusters, moment)
        return {
            bug_id: replace(course, links=links[bug_id], reported_at=first[bug_id])
            for bug_id, course in courses.items()
        }

    def _bug_courses(self, clusters: Collection[Cluster], moment: Moment) -> Mapping[int, BugHistory]:
        parameters = {**bounds(moment), **asked_of(clusters)}
        issues = grouped(self._rows(_ISSUES, parameters), lambda row: row["bug_id"])
        events = grouped(read_events(BugEvent, self._rows(_BUG_EVENTS, parameters)), lambda event: event.bug_id)
        bare = [_bare_course(cluster, issues, chosen(events, cluster.members)) for cluster in clusters]
        asked = {issue_id for _, primary, parts in bare for issue_id in (*primary, *parts)}
        facts = self._facts_of(Entity.ISSUE, asked, moment)
        return {
            course.bug_id: replace(course, issue_facts=chosen(facts, primary), part_facts=chosen(facts, parts))
            for course, primary, parts in bare
        }

    def _first_reports(self, links: Mapping[int, Sequence[LinkKey]]) -> Mapping[int, datetime | None]:
        tickets = {bug_id: [key.ticket_id for key in own] for bug_id, own in links.items()}
        rows = self._rows(_FIRST_REPORTS, {"linked": json.dumps(tickets)})
        return {int(row["key"]): optional_instant(row["at"]) for row in rows}

    def _standing_links(self, clusters: Collection[Cluster], moment: Moment) -> Mapping[int, tuple[LinkKey, ...]]:
        """Give the links that stood at the moment, by their bugs' survivors, in the order in which they were first
        made."""
        rows = self._rows(_LINK_STATES, {**bounds(moment), **asked_of(clusters)})
        states = {(row["ticket_id"], row["bug_id"]): row["kind"] for row in rows}
        survivors = {bug_id: cluster.bug_id for cluster in clusters for bug_id in cluster.members}
        found: dict[int, list[LinkKey]] = {cluster.bug_id: [] for cluster in clusters}
        for (ticket_id, bug_id), state in states.items():
            if state == folds.LINKED:
                found[survivors[bug_id]].append(LinkKey(ticket_id, bug_id))
        return {bug_id: tuple(keys) for bug_id, keys in found.items()}

    def _facts_at(self, entity: Entity, ids: Iterable[int], moment: Moment) -> tuple[FactEvent, ...]:
        parameters = {**bounds(moment), "entity": entity, "ids": id_list(ids)}
        return read_events(FactEvent, self._rows(_FACTS, parameters))

    def _facts_of(self, entity: Entity, ids: Collection[int], moment: Moment) -> dict[int, list[FactEvent]]:
        return grouped(self._facts_at(entity, ids, moment), lambda fact: fact.entity_id)

    def _party_facts(self, party_ids: Collection[int], moment: Moment) -> Mapping[int, tuple[FactEvent, ...]]:
        """Give customers' facts, each with those of the account that they belonged to at the moment."""
        facts = self._facts_at(Entity.PARTY, party_ids, moment)
        latest = latest_of(facts)
        accounts = {party_id: _account_of(latest, party_id) for party_id in party_ids}
        missing = {account for account in accounts.values() if account}.difference(party_ids)
        if missing:
            facts = (*facts, *self._facts_at(Entity.PARTY, missing, moment))
        own = grouped(facts, lambda fact: fact.entity_id)
        return {party_id: chosen(own, {party_id, account or party_id}) for party_id, account in accounts.items()}

    def _tickets_at(self, ticket_ids: Iterable[int], moment: Moment) -> list[TicketRow]:
        """Give tickets with the requester and brand that they had at the moment."""
        ids = sorted(ticket_ids)
        return self._read_tickets(ids, self._facts_at(Entity.TICKET, ids, moment))

    def _read_tickets(self, ids: Sequence[int], facts: Iterable[FactEvent]) -> list[TicketRow]:
        latest, found = latest_of(facts), []
        for row in self._rows(_TICKETS, {"tickets": id_list(ids)}):
            ticket = read_ticket(row)
            if row["has_requester"]:
                ticket = replace(ticket, requester_id=_id(latest.get((ticket.id, FactKind.REQUESTER), "")))
            if row["has_brand"]:
                ticket = replace(ticket, brand=latest.get((ticket.id, FactKind.BRAND), ""))
            found.append(ticket)
        return found


def asked_of(clusters: Collection[Cluster]) -> dict[str, object]:
    """Give what queries about clusters ask by: all their bugs, and those that survived."""
    bugs = [bug_id for cluster in clusters for bug_id in cluster.members]
    return {"bugs": id_list(bugs), "survivors": id_list(cluster.bug_id for cluster in clusters)}


def grouped(rows: Iterable[T], name: Callable[[T], N]) -> dict[N, list[T]]:
    """Put what was read for many in one go under what it is of, each in the order in which it came."""
    found: dict[N, list[T]] = {}
    for row in rows:
        found.setdefault(name(row), []).append(row)
    return found


def chosen(events: Mapping[N, Sequence[E]], names: Collection[N]) -> tuple[E, ...]:
    """Give the events of some, in order of (occurred_at, seq)."""
    found = [event for name in names for event in events.get(name, ())]
    return tuple(sorted(found, key=_ORDER) if len(names) > 1 else found)


def _bare_course(
    cluster: Cluster, issues: Mapping[int, Sequence[Row]], events: tuple[BugEvent, ...]
) -> tuple[BugHistory, list[int], set[int]]:
    """Give a bug without facts, and the issues of which it needs them: the primary one, and its parts."""
    own = issues.get(cluster.bug_id, [])
    others = [issue for bug_id in cluster.members if bug_id != cluster.bug_id for issue in issues.get(bug_id, ())]
    course = BugHistory(
        bug_id=cluster.bug_id,
        primary_reference=own[0]["reference"] if own else "",
        references=tuple(issue["reference"] for issue in (*own, *sorted(others, key=lambda issue: issue["id"]))),
        bug_events=events,
    )
    parts = {int(event.value) for event in events if event.kind is BugEventKind.PART_ADDED}
    return course, [issue["id"] for issue in own[:1]], parts


def _report(ticket: TicketRow, facts: Iterable[FactEvent]) -> Report:
    party_id = ticket.requester_id or -ticket.id
    latest = latest_of(facts)
    account_id = _account_of(latest, party_id) or party_id
    tier = latest.get((party_id, FactKind.TIER)) or latest.get((account_id, FactKind.TIER), "")
    return Report(ticket.id, party_id, account_id, tier, ticket.created_at)


def latest_of(facts: Iterable[FactEvent]) -> Mapping[tuple[int, FactKind], str]:
    """Fold facts, oldest first, into the last value of each kind for each entity."""
    return {(fact.entity_id, fact.kind): fact.value for fact in facts}


def _account_of(latest: Mapping[tuple[int, FactKind], str], party_id: int) -> int | None:
    return _id(latest.get((party_id, FactKind.ACCOUNT), ""))


def _id(value: str) -> int | None:
    """Read a fact that names a party; "" and 0 name nobody."""
    return int(value) or None if value.isdecimal() else None
