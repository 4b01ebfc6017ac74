"""Bring history along: read the tickets that changed before reading began, for links and for the audit.

Nothing is ever called for by what a backfill finds: its links are marked, and all that happened before they were
recorded is background.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import LinkMark
from bugbridge.core.records import Source
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import HistoryCost, RemoteMessage, RemoteTicket, TicketPage
from bugbridge.ports import Clock, Helpdesk, Store
from bugbridge.services.keeping import keep_ticket
from bugbridge.services.settling import LinkingResult
from bugbridge.services.sources import source_named

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """What a backfill would read, and whether it goes on with one that was interrupted."""

    since: datetime
    cost: HistoryCost
    resumes: bool

    def minutes(self, share: int) -> float | None:
        """Give how long it takes if it may use so many percent of what the helpdesk allows; None where it sets no
        limit."""
        if self.cost.per_minute is None:
            return None
        return self.cost.requests / (self.cost.per_minute * share / 100)


def plan_backfill(helpdesk: Helpdesk, store: Store, since: datetime) -> BackfillPlan:
    """Count what reading every ticket changed from an instant on takes. Nothing is read yet. Raises RemoteError."""
    source = source_named(store, helpdesk.name)
    return BackfillPlan(since, helpdesk.cost_since(since), resumes=_resumes(source, since))


def backfill(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, since: datetime, read: Progress
) -> LinkingResult:
    """Read the tickets changed from `since` until daily reading began, each page in one commit with its place.

    `read` is called after each ticket, with 1, and may wait. An interrupted backfill goes on where it was. Raises
    RemoteError; what was committed stays.
    """
    source = source_named(store, helpdesk.name)
    cursor = source.backfill_cursor if _resumes(source, since) else helpdesk.cursor_at(since)
    store.save_backfill(source.id, since, cursor)
    result = LinkingResult()
    for page in _pages(helpdesk, source, cursor):
        gathered = list(_gathered(helpdesk, page, read))
        with store.write():
            for ticket, messages in gathered:
                result += keep_ticket(store, clock, rules, source.id, ticket, messages, LinkMark.BACKGROUND)
            store.save_backfill(source.id, since, page.cursor)
    _finish(store, source, since)
    return result


def _resumes(source: Source, since: datetime) -> bool:
    return source.backfill_from == since and bool(source.backfill_cursor)


def _pages(helpdesk: Helpdesk, source: Source, cursor: str) -> Iterator[TicketPage]:
    """Stop where daily reading began: what changed since then is read by it."""
    until = source.read_from
    for page in helpdesk.changed_since(cursor):
        older = tuple(ticket for ticket in page.tickets if until is None or ticket.updated_at < until)
        yield TicketPage(older, page.cursor)
        if page.tickets and not older:
            return


def _gathered(
    helpdesk: Helpdesk, page: TicketPage, read: Progress
) -> Iterator[tuple[RemoteTicket, tuple[RemoteMessage, ...]]]:
    for ticket in page.tickets:
        yield ticket, () if ticket.gone else helpdesk.messages(ticket.remote_id)
        read(1)


def _finish(store: Store, source: Source, since: datetime) -> None:
    with store.write():
        store.save_backfill(source.id, None, "")
        if source.read_from is not None and since < source.read_from:
            store.save_read_from(source.id, since)
