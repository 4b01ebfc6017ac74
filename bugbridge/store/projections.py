"""What events change beside their own row: states of links and bugs, and which links must be decided again."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from bugbridge.core.errors import DataError
from bugbridge.core.events import BugEvent, DeliveryEvent, Event, FactEvent, Finding, LinkEvent, MessageEvent
from bugbridge.core.live import read_group_start
from bugbridge.core.model import BugEventKind, Entity, FactKind, LinkEventKind
from bugbridge.core.records import KnownUpTo, LinkKey
from bugbridge.store import folds
from bugbridge.store.bugs import BugStore
from bugbridge.store.rows import to_text

_STATE_KINDS = frozenset({LinkEventKind.SUGGESTED, LinkEventKind.LINKED, LinkEventKind.UNLINKED})
# What may change which of a ticket's links carries its promises, or end those that another one carries.
_OF_ALL_LINKS = frozenset({LinkEventKind.LINKED, LinkEventKind.UNLINKED, LinkEventKind.PROMISE_DISMISSED})
_FALSE_WORDS = frozenset({"", "0", "false", "no"})

_STATE_EVENTS = """
    SELECT kind FROM link_event
    WHERE ticket_id = :ticket AND bug_id = :bug AND kind IN ('suggested', 'linked', 'unlinked')
    ORDER BY occurred_at, seq
"""

_SAVE_STATE = """
    INSERT INTO link (ticket_id, bug_id, state) VALUES (:ticket, :bug, :state)
    ON CONFLICT (ticket_id, bug_id) DO UPDATE SET state = excluded.state WHERE state <> excluded.state
"""

_LATEST_FACT = """
    SELECT value FROM fact_event WHERE entity = :entity AND entity_id = :id AND kind = :kind
    ORDER BY occurred_at DESC, seq DESC LIMIT 1
"""

# An instant takes 27 letters, and a space stands between it and the group's name.
_SAVE_LIVE_GROUP = """
    INSERT INTO live_group (source_id, name, live_from)
    SELECT :source, :name, substr(value, 1, 27) FROM fact_event
    WHERE entity = 'source' AND entity_id = :source AND kind = 'live_group' AND substr(value, 29) = :name
    ORDER BY occurred_at DESC, seq DESC LIMIT 1
    ON CONFLICT (source_id, name) DO UPDATE SET live_from = excluded.live_from
"""

# What one customer was told of a bug counts for all of their tickets about it, hence the step to their neighbours.
_TOUCH_TICKET = """
    UPDATE link SET touched_seq = :seq WHERE (ticket_id, bug_id) IN (
        SELECT neighbour.ticket_id, neighbour.bug_id
        FROM link AS hit
        JOIN bug AS hit_bug ON hit_bug.id = hit.bug_id
        JOIN ticket AS hit_ticket ON hit_ticket.id = hit.ticket_id
        JOIN ticket AS same ON same.id = hit_ticket.id OR same.requester_id = hit_ticket.requester_id
        JOIN link AS neighbour ON neighbour.ticket_id = same.id
        JOIN bug ON bug.id = neighbour.bug_id AND bug.canonical_id = hit_bug.canonical_id
        WHERE hit.ticket_id = :ticket AND (:bug IS NULL OR hit.bug_id = :bug)
    )
"""

# Whose notes stood on this ticket: what is written here may have told of theirs.
_NOTES_HERE = """
    SELECT DISTINCT other.ticket_id FROM delivery_event AS here
    JOIN delivery_event AS other ON other.delivery_id = here.delivery_id
    WHERE here.ticket_id = :ticket AND other.ticket_id <> :ticket
"""

# What is said on a follow-up or a merged ticket is said in the conversation that it belongs to.
_WHOLES = """
    WITH RECURSIVE whole (id) AS (
        SELECT :ticket
        UNION
        SELECT other.id
        FROM whole
        JOIN ticket ON ticket.id = whole.id
        JOIN fact_event AS fact ON fact.entity = 'ticket' AND fact.entity_id = whole.id
            AND fact.kind IN ('followup_of', 'merged')
        JOIN ticket AS other ON other.source_id = ticket.source_id AND other.remote_id = fact.value
    )
    SELECT id FROM whole
"""

_REQUESTERS = """
    SELECT DISTINCT value FROM fact_event WHERE entity = 'ticket' AND entity_id = :ticket AND kind = 'requester'
"""

_TOUCH_PARTY = """
    UPDATE link SET touched_seq = :seq WHERE ticket_id IN (
        SELECT id FROM ticket WHERE requester_id = :party
        UNION
        SELECT ticket.id FROM fact_event JOIN ticket ON ticket.requester_id = fact_event.entity_id
        WHERE fact_event.kind IN ('account', 'requester') AND fact_event.kind = 'account'
            AND fact_event.value = CAST(:party AS TEXT) AND fact_event.entity = 'party'
    )
"""

_TOUCH_BUG = """
    UPDATE link SET touched_seq = :seq WHERE bug_id IN (
        SELECT id FROM bug WHERE canonical_id = (SELECT canonical_id FROM bug WHERE id = :bug)
    )
"""

_TOUCH_SOURCE = """
    UPDATE link SET touched_seq = :seq WHERE ticket_id IN (SELECT id FROM ticket WHERE source_id = :source)
"""


@dataclass(slots=True)
class Touched:
    """What a batch of events was about; the links concerned are found once, at its end."""

    tickets: set[int] = field(default_factory=set)
    links: set[LinkKey] = field(default_factory=set)
    parties: set[int] = field(default_factory=set)
    bugs: set[int] = field(default_factory=set)
    sources: set[int] = field(default_factory=set)


class ProjectionStore(BugStore):
    """Keeps projections in step with the events, inside the same transaction."""

    def _project(self, event: Event, touched: Touched, recorded_at: datetime) -> None:
        match event:
            case MessageEvent() | Finding() | DeliveryEvent():
                touched.tickets.add(event.ticket_id)
            case FactEvent():
                self._project_fact(event, touched)
            case LinkEvent():
                touched.links.add(LinkKey(event.ticket_id, event.bug_id))
                if event.kind in _OF_ALL_LINKS:
                    touched.tickets.add(event.ticket_id)
                self._project_link(event, recorded_at)
            case BugEvent():
                self._project_bug(event, touched, recorded_at)
            case _:
                pass

    def _project_fact(self, fact: FactEvent, touched: Touched) -> None:
        match fact.entity:
            case Entity.TICKET:
                touched.tickets.add(fact.entity_id)
                self._project_group(fact)
                touched.parties |= self._former_requesters(fact)
            case Entity.PARTY:
                touched.parties.add(fact.entity_id)
            case Entity.BUG:
                touched.bugs.add(fact.entity_id)
            case Entity.ISSUE:
                touched.bugs.add(self._bug_of_issue(fact.entity_id))
                self._project_gone(fact)
            case Entity.SOURCE:
                self._project_live_from(fact, touched)
                self._project_live_group(fact, touched)

    def _former_requesters(self, fact: FactEvent) -> set[int]:
        """Whose ticket it no longer is: what they were told on it doesn't count for their other tickets any more."""
        if fact.kind is not FactKind.REQUESTER:
            return set()
        rows = self._rows(_REQUESTERS, {"ticket": fact.entity_id})
        return {int(row["value"]) for row in rows if row["value"].isdecimal() and row["value"] != fact.value}

    def _bug_of_issue(self, issue_id: int) -> int:
        row = self._row("SELECT bug_id FROM issue WHERE id = :issue", {"issue": issue_id})
        if row is None:
            raise DataError(f"There is no issue {issue_id} in this database: link it before keeping facts of it.")
        return int(row["bug_id"])

    def _project_gone(self, fact: FactEvent) -> None:
        if fact.kind is FactKind.GONE:
            gone = is_gone(self._latest(fact))
            self._run("UPDATE issue SET gone = :gone WHERE id = :issue", {"gone": gone, "issue": fact.entity_id})

    def _project_live_from(self, fact: FactEvent, touched: Touched) -> None:
        if fact.kind is FactKind.LIVE_FROM:
            touched.sources.add(fact.entity_id)
            values = {"live_from": live_from_text(self._latest(fact)), "source": fact.entity_id}
            self._run("UPDATE source SET live_from = :live_from WHERE id = :source", values)

    def _project_live_group(self, fact: FactEvent, touched: Touched) -> None:
        if fact.kind is FactKind.LIVE_GROUP:
            touched.sources.add(fact.entity_id)
            group, _ = read_group_start(fact.value)
            self._run(_SAVE_LIVE_GROUP, {"source": fact.entity_id, "name": group})

    def _project_group(self, fact: FactEvent) -> None:
        if fact.kind is FactKind.GROUP:
            values = {"group": self._latest(fact), "ticket": fact.entity_id}
            self._run("UPDATE ticket SET support_group = :group WHERE id = :ticket", values)

    def _latest(self, fact: FactEvent) -> str:
        values = {"entity": fact.entity, "id": fact.entity_id, "kind": fact.kind}
        return str(self._value(_LATEST_FACT, values))

    def _project_link(self, event: LinkEvent, recorded_at: datetime) -> None:
        if event.kind not in _STATE_KINDS:
            return
        link = {"ticket": event.ticket_id, "bug": event.bug_id}
        state = folds.link_state(row["kind"] for row in self._rows(_STATE_EVENTS, link))
        changed = self._run(_SAVE_STATE, {**link, "state": state})
        if changed and state == folds.LINKED:
            self._check_bug_at(event.bug_id, recorded_at)

    def _project_bug(self, event: BugEvent, touched: Touched, recorded_at: datetime) -> None:
        if event.kind is BugEventKind.WORKAROUND_SUGGESTED:
            return  # a suggestion decides nothing
        touched.bugs.add(event.bug_id)
        if event.kind is BugEventKind.MERGED:
            touched.bugs.update(self._project_merge(event))
            self._check_bug_at(event.bug_id, recorded_at)
        elif event.kind is BugEventKind.FREQUENCY_CHECK:
            values = {"bug": event.bug_id, "frequency": frequency_of(event.value)}
            self._run("UPDATE bug SET frequency = :frequency WHERE id = :bug", values)

    def _project_merge(self, event: BugEvent) -> tuple[int, ...]:
        """Refold the whole cluster, and give it: a merge that came late may have been overtaken by a later one."""
        survivor = _bug_id(event.value)
        self.canonical_bug(survivor)  # refuses one that doesn't exist
        cluster = self._cluster(event.bug_id)
        before = self._pointers(cluster, KnownUpTo(event.seq - 1))
        if folds.leads_to(before, survivor, event.bug_id):
            raise DataError(f"Bug {event.bug_id} can't be merged into bug {event.value}, which was merged into it.")
        pointers = self._pointers(cluster, KnownUpTo(event.seq))
        for member in cluster:
            values = {"bug": member, "canonical": folds.canonical(pointers, member)}
            self._run("UPDATE bug SET canonical_id = :canonical WHERE id = :bug", values)
        return cluster

    def _touch(self, touched: Touched, seq: int) -> None:
        for ticket_id in self._with_wholes(touched.tickets | self._with_notes_on(touched.tickets)):
            self._run(_TOUCH_TICKET, {"seq": seq, "ticket": ticket_id, "bug": None})
        for key in touched.links:
            self._run(_TOUCH_TICKET, {"seq": seq, "ticket": key.ticket_id, "bug": key.bug_id})
        for party_id in touched.parties:
            self._run(_TOUCH_PARTY, {"seq": seq, "party": party_id})
        for bug_id in touched.bugs:
            self._run(_TOUCH_BUG, {"seq": seq, "bug": bug_id})
        for source_id in touched.sources:
            self._run(_TOUCH_SOURCE, {"seq": seq, "source": source_id})

    def _with_notes_on(self, ticket_ids: Iterable[int]) -> set[int]:
        rows = [row for ticket_id in ticket_ids for row in self._rows(_NOTES_HERE, {"ticket": ticket_id})]
        return {row["ticket_id"] for row in rows}

    def _with_wholes(self, ticket_ids: set[int]) -> set[int]:
        return {row["id"] for ticket_id in ticket_ids for row in self._rows(_WHOLES, {"ticket": ticket_id})}


def is_gone(value: str) -> bool:
    """Read the fact that an issue can't be read any more."""
    return value not in _FALSE_WORDS


def live_from_text(value: str) -> str | None:
    """Read a fact's instant, which any writer of ISO 8601 may have written; "" goes back to watch mode."""
    try:
        return to_text(datetime.fromisoformat(value)) if value else None
    except ValueError as error:
        raise DataError(f"{value!r} is no instant to go live from: write it as 2024-06-01T00:00:00Z.") from error


def _bug_id(value: str) -> int:
    if not value.isdecimal():
        raise DataError(f"A merge must name the surviving bug's number, not {value!r}.")
    return int(value)


def frequency_of(value: str) -> str:
    """Read what a check of a bug's frequency found. Raises DataError for one that says nothing."""
    try:
        return str(json.loads(value)["frequency"])
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"A frequency check must be a JSON object with the key frequency, not {value!r}.") from error
