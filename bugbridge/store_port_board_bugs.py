"""What the web needs to know of bugs, a page at a time and as far as a visitor may see their tickets."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import (
    AgedBugs,
    BoardBug,
    BugIssue,
    BugPromise,
    BugSight,
    BugsWanted,
    BugTicket,
    Entry,
    SentNote,
)
from bugbridge.core.listings import Slice
from bugbridge.core.records import TicketRow


class BoardBugStore(Protocol):
    """The list of bugs, and what stands on one bug's page."""

    def board_bugs(self, visitor: Visitor, wanted: BugsWanted, after: str) -> Slice[BoardBug]:
        """Give bugs that have or had a link. Raises UsageError where `after` is no `next` of this list."""
        ...

    def board_bug_ages(self, visitor: Visitor, wanted: BugsWanted, borders: Sequence[datetime]) -> tuple[AgedBugs, ...]:
        """Count the bugs that haven't ended by stage, and by how many of the borders they were reported before."""
        ...

    def board_bug_sight(self, visitor: Visitor, bug_id: int) -> BugSight:
        """Give what a visitor sees of a bug at once."""
        ...

    def board_bug_issues(self, bug_id: int) -> tuple[BugIssue, ...]:
        """Give the issues behind a bug, the primary one first; at most a page of them."""
        ...

    def board_bug_tickets(self, visitor: Visitor, bug_id: int, after: str) -> Slice[BugTicket]:
        """Give the tickets that report a bug, or may, the latest first. Raises UsageError as `board_bugs` does."""
        ...

    def board_bug_promises(self, visitor: Visitor, bug_id: int) -> tuple[BugPromise, ...]:
        """Give the latest promises on tickets that report a bug; at most a page of them."""
        ...

    def board_bug_entries(
        self, visitor: Visitor, bug_id: int, before: tuple[str, str], limit: int
    ) -> tuple[Entry, ...]:
        """Give links and updates of a bug's time line before a place, the latest first; ("", "") begins at the end."""
        ...

    def board_bug_entry_count(self, visitor: Visitor, bug_id: int) -> int:
        """Count the links and updates of a bug's time line."""
        ...

    def board_bug_silences(self, visitor: Visitor, bug_id: int, until: datetime, limit: int) -> tuple[Entry, ...]:
        """Give the longest stretches, up to an instant, in which a bug's customers waited without a word."""
        ...

    def board_ticket(self, visitor: Visitor, source_name: str, remote_id: str) -> TicketRow | None:
        """Give a ticket that a visitor may see, by its reference's halves."""
        ...

    def board_ticket_notes(self, ticket_id: int) -> tuple[SentNote, ...]:
        """Give what was posted on a ticket, or couldn't be, the latest first; at most a page of it."""
        ...
