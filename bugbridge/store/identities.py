"""Sources, parties, tickets and issues, and the only place for personal data and free text."""

import json
from collections.abc import Collection
from datetime import datetime

from bugbridge.core.errors import DataError
from bugbridge.core.events import Alias, BugEvent
from bugbridge.core.model import Actor, BugEventKind, Entity, Stage
from bugbridge.core.records import IssueRow, Source, TicketRow
from bugbridge.core.references import project_of
from bugbridge.store.events import SqliteEventStore
from bugbridge.store.rows import optional_text, read_issue, read_source, read_ticket, to_text

_TICKET_BY_ID = """
    SELECT ticket.*, source.name AS source_name FROM ticket JOIN source ON source.id = ticket.source_id
    WHERE ticket.id = :ticket
"""

_TICKET_BY_REFERENCE = """
    SELECT ticket.*, source.name AS source_name FROM source JOIN ticket ON ticket.source_id = source.id
    WHERE source.name = :source AND ticket.remote_id = :remote
"""

_MERGED_TICKETS = """
    SELECT DISTINCT ticket.*, source.name AS source_name
    FROM fact_event JOIN ticket ON ticket.id = fact_event.entity_id JOIN source ON source.id = ticket.source_id
    WHERE fact_event.value = :remote AND fact_event.value <> ''
        AND fact_event.kind IN ('followup_of', 'merged') AND fact_event.kind = 'merged'
        AND fact_event.entity = 'ticket' AND ticket.source_id = :source
    ORDER BY ticket.id
"""

_TAGGED_TICKETS = """
    SELECT ticket.*, source.name AS source_name, last.value AS tag
    FROM (
        SELECT DISTINCT entity_id FROM fact_event INDEXED BY fact_of_due_tag
        WHERE kind = 'due_tag' AND entity = 'ticket'
    ) AS ever
    JOIN ticket ON ticket.id = ever.entity_id AND ticket.source_id = :source AND ticket.remote_id IS NOT NULL
    JOIN source ON source.id = ticket.source_id
    JOIN fact_event AS last ON last.seq = (
        SELECT seq FROM fact_event
        WHERE kind = 'due_tag' AND entity = 'ticket' AND entity_id = ever.entity_id
        ORDER BY occurred_at DESC, seq DESC LIMIT 1
    )
    WHERE last.value <> ''
    ORDER BY ticket.id
"""

_SAVE_TICKET = """
    INSERT INTO ticket (source_id, remote_id, created_at, requester_id, brand)
    VALUES (:source, :remote, :created_at, :requester, :brand)
    ON CONFLICT (source_id, remote_id) DO UPDATE SET
        requester_id = coalesce(excluded.requester_id, requester_id),
        brand = coalesce(nullif(excluded.brand, ''), brand)
    WHERE requester_id IS NOT coalesce(excluded.requester_id, requester_id)
        OR brand <> coalesce(nullif(excluded.brand, ''), brand)
"""

_NEW_BUG = """
    INSERT INTO bug (id, canonical_id) SELECT coalesce(max(id), 0) + 1, coalesce(max(id), 0) + 1 FROM bug
    RETURNING id
"""

_NEW_ISSUE = "INSERT INTO issue (source_id, reference, bug_id) VALUES (:source, :reference, :bug) RETURNING id"

_ISSUE_BY_ALIAS = """
    SELECT issue.*, source.name AS source_name
    FROM alias JOIN issue ON issue.id = alias.entity_id JOIN source ON source.id = issue.source_id
    WHERE alias.reference = :reference AND alias.entity = 'issue'
    ORDER BY alias.occurred_at DESC, alias.seq DESC LIMIT 1
"""

_UNREAD_ISSUES = """
    SELECT issue.*, source.name AS source_name FROM issue JOIN source ON source.id = issue.source_id
    WHERE issue.source_id = :source AND issue.created_at IS NULL AND NOT issue.gone
    ORDER BY issue.id
"""

_KNOWN_ISSUES = """
    SELECT DISTINCT issue.*, source.name AS source_name
    FROM json_each(:references) AS wanted
    JOIN alias ON alias.reference = wanted.value AND alias.entity = 'issue'
    JOIN issue ON issue.id = alias.entity_id AND issue.source_id = :source
    JOIN source ON source.id = issue.source_id
    ORDER BY issue.id
"""

_ISSUES_LIKE_PROJECT = """
    SELECT issue.*, source.name AS source_name, alias.reference AS known_as
    FROM source CROSS JOIN alias
        ON alias.reference >= source.name || ':' || :project
        AND alias.reference < source.name || ':' || :project || char(1114111) AND +alias.entity = 'issue'
    JOIN issue ON issue.id = alias.entity_id AND issue.source_id = source.id
    WHERE source.id = :source AND issue.created_at IS NOT NULL
"""

_ISSUES_IN_STAGE = """
    SELECT issue.*, source.name AS source_name
    FROM issue JOIN source ON source.id = issue.source_id
    JOIN bug ON bug.id = issue.bug_id JOIN bug AS survivor ON survivor.id = bug.canonical_id
    WHERE issue.source_id = :source AND survivor.stage = :stage AND NOT issue.gone
    ORDER BY issue.id
"""

_LATEST_NAME = """
    SELECT reference FROM alias WHERE entity = 'issue' AND entity_id = :issue
    ORDER BY occurred_at DESC, seq DESC LIMIT 1
"""

_GONE_ISSUES = """
    SELECT DISTINCT issue.*, source.name AS source_name
    FROM issue JOIN source ON source.id = issue.source_id JOIN link ON link.bug_id = issue.bug_id
    WHERE issue.gone AND link.state = 'linked'
    ORDER BY issue.reference
"""

_KEEP_PRIVATE = """
    INSERT INTO private_value (party_id, owner, owner_id, field, value)
    VALUES (:party, :owner, :owner_id, :field, :value)
    ON CONFLICT (owner, owner_id, field) DO UPDATE SET party_id = excluded.party_id, value = excluded.value
"""


class IdentityStore(SqliteEventStore):
    """Who and what the events are about."""

    def declare_source(self, name: str, kind: str, role: str) -> Source:
        """Get or create a source; role is helpdesk or tracker.

        Raises DataError if the name belongs to a source of another kind: its ids would mean other things.
        """
        values = {"name": name, "kind": kind, "role": role}
        with self.write():
            self._run(
                "INSERT INTO source (name, kind, role) VALUES (:name, :kind, :role) ON CONFLICT DO NOTHING", values
            )
            source = read_source(self._rows("SELECT * FROM source WHERE name = :name", values)[0])
        if (source.kind, source.role) != (kind, role):
            raise DataError(
                f"{name} is a {source.kind} {source.role} in the database and a {kind} {role} in the configuration: "
                "give the new one a name of its own."
            )
        return source

    def sources(self) -> tuple[Source, ...]:
        """Give all sources, in the order in which they were declared."""
        return tuple(read_source(row) for row in self._rows("SELECT * FROM source ORDER BY id"))

    def save_cursor(self, source_id: int, cursor: str, at: datetime) -> None:
        """Keep how far a source was read, and that it was well at this instant."""
        values = {"source": source_id, "cursor": cursor, "at": to_text(at)}
        with self.write():
            self._run("UPDATE source SET cursor = :cursor, last_ok_at = :at WHERE id = :source", values)

    def mark_well(self, source_id: int, at: datetime) -> None:
        """Keep that a source was read to its end at this instant."""
        with self.write():
            self._run("UPDATE source SET last_ok_at = :at WHERE id = :source", {"at": to_text(at), "source": source_id})

    def save_read_from(self, source_id: int, at: datetime) -> None:
        """Keep since when a helpdesk's changes are read."""
        with self.write():
            self._run("UPDATE source SET read_from = :at WHERE id = :source", {"source": source_id, "at": to_text(at)})

    def save_backfill(self, source_id: int, since: datetime | None, cursor: str) -> None:
        """Keep how far a backfill came; none once it is finished."""
        values = {"source": source_id, "since": optional_text(since), "cursor": cursor}
        with self.write():
            self._run("UPDATE source SET backfill_from = :since, backfill_cursor = :cursor WHERE id = :source", values)

    def save_release_cursor(self, source_id: int, cursor: str) -> None:
        """Keep how far a tracker's releases were read."""
        with self.write():
            self._run("UPDATE source SET etag = :cursor WHERE id = :source", {"source": source_id, "cursor": cursor})

    def pause(self, source_id: int, until: datetime | None) -> None:
        """Stop posting to a source until then, or let it go on."""
        values = {"source": source_id, "until": optional_text(until)}
        with self.write():
            self._run("UPDATE source SET paused_until = :until WHERE id = :source", values)

    def party_id(self, source_id: int, kind: str, remote_id: str) -> int:
        """Get or create a customer, account, agent, bot or self."""
        values = {"source": source_id, "kind": kind, "remote": remote_id}
        find = "SELECT id FROM party WHERE source_id = :source AND kind = :kind AND remote_id = :remote"
        row = self._row(find, values)
        if row is None:
            with self.write():
                self._run(
                    "INSERT INTO party (source_id, kind, remote_id) VALUES (:source, :kind, :remote)"
                    " ON CONFLICT DO NOTHING",
                    values,
                )
                return int(self._value(find, values))
        return int(row["id"])

    def keep_private(self, party_id: int | None, owner: Entity, owner_id: int, field: str, value: str) -> None:
        """Keep, replace or (with "") delete one piece of personal data or free text."""
        key = {"owner": owner, "owner_id": owner_id, "field": field}
        with self.write():
            if value:
                self._run(_KEEP_PRIVATE, {**key, "party": party_id, "value": value})
            else:
                self._run(
                    "DELETE FROM private_value WHERE owner = :owner AND owner_id = :owner_id AND field = :field", key
                )

    def private(self, owner: Entity, owner_id: int, field: str) -> str:
        """Give one piece, or ""."""
        row = self._row(
            "SELECT value FROM private_value WHERE owner = :owner AND owner_id = :owner_id AND field = :field",
            {"owner": owner, "owner_id": owner_id, "field": field},
        )
        return "" if row is None else str(row["value"])

    def save_ticket(
        self,
        source_id: int,
        remote_id: str,
        created_at: datetime,
        requester_id: int | None = None,
        brand: str = "",
    ) -> TicketRow:
        """Get or create a ticket; a requester or brand given replaces what was kept."""
        values = {
            "source": source_id,
            "remote": remote_id,
            "created_at": to_text(created_at),
            "requester": requester_id,
            "brand": brand,
        }
        with self.write():
            self._run(_SAVE_TICKET, values)
            find = "SELECT id FROM ticket WHERE source_id = :source AND remote_id = :remote"
            return self.ticket(self._value(find, values))

    def find_ticket(self, source_name: str, remote_id: str) -> TicketRow | None:
        """Give a ticket by its reference's halves."""
        row = self._row(_TICKET_BY_REFERENCE, {"source": source_name, "remote": remote_id})
        return None if row is None else read_ticket(row)

    def ticket(self, ticket_id: int) -> TicketRow:
        """Give a ticket by id. Raises DataError if there is none."""
        row = self._row(_TICKET_BY_ID, {"ticket": ticket_id})
        if row is None:
            raise DataError(f"There is no ticket {ticket_id} in this database: check the number.")
        return read_ticket(row)

    def tickets_merged_into(self, ticket: TicketRow) -> tuple[TicketRow, ...]:
        """Give the kept tickets that were merged into this one, directly, the oldest first."""
        values = {"source": ticket.source_id, "remote": ticket.remote_id}
        return tuple(read_ticket(row) for row in self._rows(_MERGED_TICKETS, values))

    def tagged_tickets(self, source_id: int) -> tuple[tuple[TicketRow, str], ...]:
        """Give the tickets that we tagged as due, and with which tag, by id."""
        rows = self._rows(_TAGGED_TICKETS, {"source": source_id})
        return tuple((read_ticket(row), row["tag"]) for row in rows)

    def issue_for(self, source_id: int, reference: str, *, actor: Actor, at: datetime) -> IssueRow:
        """Get or create an issue with its bug, alias and `issue_added` event; the event's value is the issue's id."""
        found = self.find_issue(reference)
        if found is None:
            with self.write():
                found = self.find_issue(reference) or self._new_issue(source_id, reference, actor, at)
        return found

    def _new_issue(self, source_id: int, reference: str, actor: Actor, at: datetime) -> IssueRow:
        bug_id = self._value(_NEW_BUG)
        issue_id = self._value(_NEW_ISSUE, {"source": source_id, "reference": reference, "bug": bug_id})
        key = f"issue:{issue_id}"
        alias = Alias(
            occurred_at=at,
            source_key=key,
            source_id=source_id,
            reference=reference,
            entity=Entity.ISSUE,
            entity_id=issue_id,
        )
        added = BugEvent(
            occurred_at=at, source_key=key, bug_id=bug_id, kind=BugEventKind.ISSUE_ADDED, value=str(issue_id)
        )
        self.append([alias, added], actor=actor, recorded_at=at)
        return read_issue(self._rows(_ISSUE_BY_ALIAS, {"reference": reference})[0])

    def find_issue(self, reference: str) -> IssueRow | None:
        """Give an issue by any alias; of two that had the same one, the later."""
        row = self._row(_ISSUE_BY_ALIAS, {"reference": reference})
        return None if row is None else read_issue(row)

    def save_issue(self, issue_id: int, remote_id: str, created_at: datetime) -> None:
        """Keep that an issue was read from its tracker."""
        values = {"issue": issue_id, "remote": remote_id, "created_at": to_text(created_at)}
        with self.write():
            self._run("UPDATE issue SET remote_id = :remote, created_at = :created_at WHERE id = :issue", values)

    def unread_issues(self, source_id: int) -> tuple[IssueRow, ...]:
        """Give issues that were never read and aren't gone."""
        return tuple(read_issue(row) for row in self._rows(_UNREAD_ISSUES, {"source": source_id}))

    def known_issues(self, source_id: int, references: Collection[str]) -> tuple[IssueRow, ...]:
        """Give those of the references that we keep."""
        values = {"source": source_id, "references": json.dumps(list(references))}
        return tuple(read_issue(row) for row in self._rows(_KNOWN_ISSUES, values))

    def issues_in_project(self, source_id: int, project: str) -> tuple[IssueRow, ...]:
        """Give the issues that were read and have or had a name in this project; gone ones are among them."""
        rows = self._rows(_ISSUES_LIKE_PROJECT, {"source": source_id, "project": project})
        named = (row for row in rows if project_of(row["known_as"]) == project)
        return tuple({row["id"]: read_issue(row) for row in named}.values())

    def latest_name(self, issue_id: int) -> str:
        """Give the reference by which an issue was last known."""
        return str(self._value(_LATEST_NAME, {"issue": issue_id}))

    def gone_issues(self) -> tuple[IssueRow, ...]:
        """Give the issues that can't be read any more and that a link stands on, by reference."""
        return tuple(read_issue(row) for row in self._rows(_GONE_ISSUES, {}))

    def issues_in_stage(self, source_id: int, stage: Stage) -> tuple[IssueRow, ...]:
        """Give the issues whose bug, merges followed, is in this stage; those that are gone are left out."""
        rows = self._rows(_ISSUES_IN_STAGE, {"source": source_id, "stage": stage})
        return tuple(read_issue(row) for row in rows)
