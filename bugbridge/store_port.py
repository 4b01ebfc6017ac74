"""What the services need to remember: the port that the database is behind, by story."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from bugbridge.core.events import DecisionEvent, Event, FactEvent, Finding, Ruleset
from bugbridge.core.model import Actor, Entity, FactKind, Stage
from bugbridge.core.noise import ConcernedTicket, SentNote
from bugbridge.core.records import (
    BugRow,
    IssueRow,
    Lease,
    LinkKey,
    LinkRow,
    ResolvedRow,
    Source,
    TicketRow,
    UpdateItem,
)
from bugbridge.core.survival import BugLife
from bugbridge.store_port_access import AccessStore
from bugbridge.store_port_answers import AnswerStore
from bugbridge.store_port_board import BoardStore
from bugbridge.store_port_board_bugs import BoardBugStore
from bugbridge.store_port_board_review import ReviewStore
from bugbridge.store_port_board_search import SearchStore
from bugbridge.store_port_histories import HistoryStore
from bugbridge.store_port_holders import HolderStore
from bugbridge.store_port_incoming import BulkStore, InboxStore, UsageStore
from bugbridge.store_port_jobs import JobStore
from bugbridge.store_port_notifications import NotificationStore
from bugbridge.store_port_operations import ErasingStore, ExportStore, UpkeepStore
from bugbridge.store_port_outbox import OutboxStore


class EventStore(Protocol):
    """The append-only half of the store."""

    def write(self) -> AbstractContextManager[None]:
        """Open a transaction that holds the write lock from the start; nested ones join the outer one."""
        ...

    def head(self) -> int:
        """Give the highest `seq` so far, 0 in an empty store."""
        ...

    def seq_at(self, at: datetime) -> int:
        """Give the highest `seq` recorded by this instant."""
        ...

    def append(self, events: Sequence[Event], *, actor: Actor, recorded_at: datetime) -> tuple[int, ...]:
        """Keep events and give each one's seq, in order; one whose source_key is known keeps its first seq.

        Also keeps the projections: links touched, canonical bugs, live_from, first frequency check due.
        """
        ...

    def facts(self, entity: Entity, entity_id: int) -> Mapping[FactKind, FactEvent]:
        """Give the latest fact of each kind, by (occurred_at, seq)."""
        ...

    def ruleset_authors(self, kind: str) -> Mapping[int, Actor]:
        """Give the author of every ruleset of a kind, by its seq."""
        ...

    def rulesets(self, kind: str) -> tuple[Ruleset, ...]:
        """Give every ruleset of a kind, in the order in which they came into force."""
        ...

    def questions(self) -> tuple[DecisionEvent, ...]:
        """Give the decisions that ask a person, the oldest first."""
        ...

    def references_to(self, bug_id: int, ticket_id: int | None = None) -> tuple[Finding, ...]:
        """Give all findings of kind reference that name this bug, on one ticket or on all."""
        ...


class IdentityStore(Protocol):
    """Sources, parties, tickets, issues and bugs, and the only place for personal data and free text."""

    def declare_source(self, name: str, kind: str, role: str) -> Source:
        """Get or create a source; role is helpdesk or tracker."""
        ...

    def sources(self) -> tuple[Source, ...]:
        """Give all sources."""
        ...

    def save_cursor(self, source_id: int, cursor: str, at: datetime) -> None:
        """Keep how far a source was read, and that it was well at this instant."""
        ...

    def mark_well(self, source_id: int, at: datetime) -> None:
        """Keep that a source was read to its end at this instant."""
        ...

    def save_read_from(self, source_id: int, at: datetime) -> None:
        """Keep since when a helpdesk's changes are read."""
        ...

    def save_backfill(self, source_id: int, since: datetime | None, cursor: str) -> None:
        """Keep how far a backfill came; none once it is finished."""
        ...

    def save_release_cursor(self, source_id: int, cursor: str) -> None:
        """Keep how far a tracker's releases were read."""
        ...

    def pause(self, source_id: int, until: datetime | None) -> None:
        """Leave a source alone until then (no posting to a helpdesk, no reading of a tracker), or let it go on."""
        ...

    def party_id(self, source_id: int, kind: str, remote_id: str) -> int:
        """Get or create a customer, account, agent, bot or self."""
        ...

    def keep_private(self, party_id: int | None, owner: Entity, owner_id: int, field: str, value: str) -> None:
        """Keep, replace or (with "") delete one piece of personal data or free text."""
        ...

    def private(self, owner: Entity, owner_id: int, field: str) -> str:
        """Give one piece, or ""."""
        ...

    def save_ticket(
        self,
        source_id: int,
        remote_id: str,
        created_at: datetime,
        requester_id: int | None = None,
        brand: str = "",
    ) -> TicketRow:
        """Get or create a ticket; a requester or brand given replaces what was kept."""
        ...

    def find_ticket(self, source_name: str, remote_id: str) -> TicketRow | None:
        """Give a ticket by its reference's halves."""
        ...

    def ticket(self, ticket_id: int) -> TicketRow:
        """Give a ticket by id. Raises DataError if there is none."""
        ...

    def tickets_merged_into(self, ticket: TicketRow) -> tuple[TicketRow, ...]:
        """Give the kept tickets that were merged into this one, directly."""
        ...

    def tagged_tickets(self, source_id: int) -> tuple[tuple[TicketRow, str], ...]:
        """Give the tickets that we tagged as due, and with which tag."""
        ...

    def issue_for(self, source_id: int, reference: str, *, actor: Actor, at: datetime) -> IssueRow:
        """Get or create an issue with its bug, alias and `issue_added` event."""
        ...

    def find_issue(self, reference: str) -> IssueRow | None:
        """Give an issue by any alias."""
        ...

    def save_issue(self, issue_id: int, remote_id: str, created_at: datetime) -> None:
        """Keep that an issue was read from its tracker."""
        ...

    def unread_issues(self, source_id: int) -> tuple[IssueRow, ...]:
        """Give issues that were never read and aren't gone."""
        ...

    def known_issues(self, source_id: int, references: Collection[str]) -> tuple[IssueRow, ...]:
        """Give those of the references that we keep."""
        ...

    def issues_in_project(self, source_id: int, project: str) -> tuple[IssueRow, ...]:
        """Give the issues that were read and have or had a name in this project."""
        ...

    def issues_in_stage(self, source_id: int, stage: Stage) -> tuple[IssueRow, ...]:
        """Give the issues whose bug is in this stage."""
        ...

    def latest_name(self, issue_id: int) -> str:
        """Give the reference by which an issue was last known."""
        ...

    def gone_issues(self) -> tuple[IssueRow, ...]:
        """Give the issues that can't be read any more and that a link stands on, by reference."""
        ...

    def canonical_bug(self, bug_id: int) -> int:
        """Follow merges to the surviving bug."""
        ...

    def save_bug_state(
        self, bug_id: int, stage: Stage, resolved_at: datetime | None, declined_at: datetime | None = None
    ) -> None:
        """Refresh the projection that lists and the audit's choice read."""
        ...

    def bugs(self) -> tuple[BugRow, ...]:
        """Give every canonical bug that has or had a link."""
        ...

    def resolved_bugs(self, limit: int, after: ResolvedRow | None = None) -> tuple[ResolvedRow, ...]:
        """Give a page of the canonical bugs that have links and were fixed, the latest first, after a row's place."""
        ...

    def reported_bugs(self, last: int | None, since: datetime | None) -> tuple[int, ...]:
        """Give the canonical bugs reported last, or since an instant, the earliest of them first; all for neither."""
        ...

    def fixes_without_ticket(self, since: datetime | None, examples: int) -> tuple[int, tuple[str, ...]]:
        """Count the canonical bugs without a link that were fixed since an instant, and name the first few."""
        ...

    def lives(self, since: datetime | None) -> Iterator[BugLife]:
        """Give every canonical bug that has a link and was open at some time since an instant, or ever for None; to be
        read within a snapshot."""
        ...

    def tells_of_replies(self, source_id: int) -> bool:
        """Say whether any agent's message on this helpdesk is kept."""
        ...


class WorkStore(Protocol):
    """What is to be done: links to decide, updates due, deliveries under way, leases."""

    def links_of(self, ticket_id: int) -> tuple[LinkRow, ...]:
        """Give a ticket's links, suggestions and tombstones."""
        ...

    def links(self) -> tuple[LinkRow, ...]:
        """Give all links that are linked; those of erased tickets are left out."""
        ...

    def promised_links(self) -> tuple[LinkKey, ...]:
        """Give the links that stand on tickets on which anything was ever promised; erased tickets have none."""
        ...

    def links_to_decide(self, now: datetime, limit: int) -> tuple[LinkKey, ...]:
        """Give links touched since their decision, or whose decision has expired."""
        ...

    def mark_decided(self, key: LinkKey, upto_seq: int, valid_until: datetime | None) -> None:
        """Keep up to where a link was decided."""
        ...

    def touch_all(self) -> None:
        """Have every link decided again, because the policy changed."""
        ...

    def bugs_to_check(self, now: datetime) -> tuple[int, ...]:
        """Give canonical bugs whose frequency is to be judged."""
        ...

    def mark_checked(self, bug_id: int, next_at: datetime) -> None:
        """Keep when to judge a bug's frequency again."""
        ...

    def save_updates(self, key: LinkKey, items: Sequence[UpdateItem], reason: str) -> None:
        """Insert or re-plan these by their key, unless already claimed, posted or told; withdraw the link's other
        planned ones. An update of another link of the same party and bug with the same key stands."""
        ...

    def settle_updates(self, keys: Collection[str]) -> None:
        """Mark updates told that were posted, or that no reminder could be posted for."""
        ...

    def retire_updates(self, keys: Collection[str], reason: str) -> None:
        """Withdraw updates that were posted, or couldn't be, though nobody told them: they aren't called for any more.
        Called for again, one that was posted is posted, and not planned."""
        ...

    def reopen_updates(self, keys: Collection[str]) -> None:
        """Have updates that were told or withdrawn stand as they did before: posted, where a reminder was."""
        ...

    def updates_of(self, key: LinkKey) -> tuple[UpdateItem, ...]:
        """Give every update of a link, in order of due_at."""
        ...

    def due_updates(self, by: datetime, limit: int) -> tuple[UpdateItem, ...]:
        """Give planned updates due by then on sources that are live and not paused, in order of due_at."""
        ...

    def live_groups(self, source_id: int) -> Mapping[str, datetime]:
        """Give the groups of a helpdesk that went live by themselves, with their starts."""
        ...

    def may_be_written_to(self, ticket_id: int, now: datetime) -> bool:
        """Say whether a ticket is live, by its group or its whole helpdesk, and the helpdesk not paused."""
        ...

    def revive_updates(self, keys: Collection[str], at: datetime) -> None:
        """Have updates that couldn't be posted fall due again."""
        ...

    def updates_in_review(self) -> tuple[UpdateItem, ...]:
        """Give planned updates that wait for a person's word, in order of due_at."""
        ...

    def open_updates(self) -> tuple[UpdateItem, ...]:
        """Give updates planned, claimed, posted (not yet told) or dead, in order of due_at."""
        ...

    def planned_beside(self, item: UpdateItem) -> tuple[UpdateItem, ...]:
        """Give what is planned for the update's customer on its helpdesk and brand, the update itself included."""
        ...

    def put_off(self, items: Collection[tuple[UpdateItem, datetime]]) -> None:
        """Have planned updates fall due at these instants, unless they were taken or planned anew since they were
        read. Planning them again undoes it, so that they are judged again."""
        ...

    def concerned_tickets(self, ticket_ids: Collection[int]) -> tuple[ConcernedTicket, ...]:
        """Give tickets as one chooses between them."""
        ...

    def notes_about(self, item: UpdateItem, since: datetime) -> tuple[SentNote, ...]:
        """Give the notes about the update's customer that were met, or are open and were posted, after an instant;
        and those that are being posted."""
        ...

    def notes_by_agent(self, since: datetime) -> Mapping[str, int]:
        """Count the notes that were posted since an instant or are being posted, by whose ticket they went to."""
        ...

    def replies_held(self, source_id: int) -> tuple[datetime, ...]:
        """Give when the replies that are held on a helpdesk go out."""
        ...

    def replies_sent(self, source_id: int, since: datetime) -> tuple[datetime, ...]:
        """Give when replies were sent on a helpdesk since an instant."""
        ...

    def notes_by_ticket(self, since: datetime) -> Mapping[int, int]:
        """Count the same notes by the ticket that they went to."""
        ...

    def take_lease(self, name: str, holder: str, *, now: datetime, until: datetime) -> Lease | None:
        """Take a lease that is free, expired or already ours; None if another holds it."""
        ...

    def give_back_lease(self, lease: Lease) -> None:
        """Free a lease that is still ours."""
        ...

    def leases(self) -> tuple[Lease, ...]:
        """Give all leases; jobs record their last success under `job:NAME`."""
        ...

    def record_success(self, name: str, at: datetime) -> None:
        """Keep when a job last succeeded."""
        ...


class Store(
    EventStore,
    HistoryStore,
    IdentityStore,
    WorkStore,
    OutboxStore,
    AnswerStore,
    UsageStore,
    InboxStore,
    BulkStore,
    JobStore,
    NotificationStore,
    HolderStore,
    UpkeepStore,
    ErasingStore,
    ExportStore,
    BoardStore,
    ReviewStore,
    SearchStore,
    BoardBugStore,
    AccessStore,
    Protocol,
):
    """Everything that BugBridge remembers."""
