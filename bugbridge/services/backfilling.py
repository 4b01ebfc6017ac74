"""Bring history along: read the tickets that changed before reading began, for links and for the audit.

Nothing that happened before is ever told because of what a backfill finds: its links are marked, and are treated like
any other link from when they were recorded on.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.errors import UsageError
from bugbridge.core.model import LinkMark
from bugbridge.core.records import Source
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import HistoryCost, RemoteTicket
from bugbridge.ports import Clock, Helpdesk, Store
from bugbridge.services.gathering import GatheredTicket, gather
from bugbridge.services.keeping import keep_ticket
from bugbridge.services.settling import LinkingResult
from bugbridge.services.sources import source_named

Progress = Callable[[int], None]
# How many tickets are kept in one commit: an interruption loses no more than these.
BATCH = 50


@dataclass(frozen=True, slots=True)
class BackfillPlan:
    """What a backfill would read: up to `until`, where daily reading began, or with none up to now."""

    since: datetime
    until: datetime | None
    cost: HistoryCost
    resumes: bool = False

    def minutes(self, share: int) -> float | None:
        """Give how long it takes if it may use so many percent of what the helpdesk allows; None where it sets no
        limit."""
        if self.cost.per_minute is None:
            return None
        return self.cost.requests / (self.cost.per_minute * share / 100)


def plan_backfill(helpdesk: Helpdesk, store: Store, since: datetime, *, again: bool = False) -> BackfillPlan:
    """Count what reading takes; with `again` also of tickets that were read before. Nothing is read yet.

    Raises UsageError before the first ordinary reading, which would find all that is recent marked as history, and
    RemoteError.
    """
    source = source_named(store, helpdesk.name)
    if not source.cursor and source.read_from is None:
        raise UsageError(
            f"{helpdesk.name} wasn't read yet: run `bugbridge sync` first, then bring older tickets along."
        )
    until = None if again else source.read_from
    if until is not None and since >= until:
        return BackfillPlan(since, until, HistoryCost(0, 0))
    whole = helpdesk.cost_since(since)
    read = helpdesk.cost_since(until) if until is not None else HistoryCost(0, 0)
    cost = HistoryCost(max(0, whole.tickets - read.tickets), max(0, whole.requests - read.requests), whole.per_minute)
    return BackfillPlan(since, until, cost, resumes=_resumes(source, since))


def backfill(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, plan: BackfillPlan, read: Progress
) -> LinkingResult:
    """Read what was planned, some fifty tickets in one commit with their place.

    `read` is called after each ticket, with 1, and may wait. An interrupted backfill goes on where it was. Raises
    RemoteError; what was committed stays.
    """
    source = source_named(store, helpdesk.name)
    result = LinkingResult()
    if plan.until is not None and plan.since >= plan.until:
        return result
    cursor = source.backfill_cursor if _resumes(source, plan.since) else helpdesk.cursor_at(plan.since)
    store.save_backfill(source.id, plan.since, cursor)
    for batch, place in _batches(helpdesk, plan.until, cursor):
        gathered = [_gather(helpdesk, rules, ticket, read) for ticket in batch]
        with store.write():
            for one in gathered:
                result += keep_ticket(store, clock, rules, source.id, one, _mark(source, one.ticket))
            store.save_backfill(source.id, plan.since, place)
    _finish(store, source, plan.since)
    return result


def _resumes(source: Source, since: datetime) -> bool:
    return source.backfill_from == since and bool(source.backfill_cursor)


def _batches(helpdesk: Helpdesk, until: datetime | None, cursor: str) -> Iterator[tuple[Sequence[RemoteTicket], str]]:
    """Give tickets with the place to go on from after them; within a page that is the last one's own instant.

    What changed since daily reading began is left to it; pages come oldest change first, so reading stops there.
    """
    for page in helpdesk.changed_since(cursor):
        older = [ticket for ticket in page.tickets if until is None or ticket.updated_at < until]
        for start in range(0, len(older), BATCH):
            batch = older[start : start + BATCH]
            is_last = start + BATCH >= len(older)
            yield batch, page.cursor if is_last else helpdesk.cursor_at(batch[-1].updated_at)
        if page.tickets and not older:
            return


def _gather(helpdesk: Helpdesk, rules: ReferenceRules, ticket: RemoteTicket, read: Progress) -> GatheredTicket:
    one = gather(helpdesk, rules, ticket)
    read(1)
    return one


def _mark(source: Source, ticket: RemoteTicket) -> LinkMark:
    """What daily reading has in hand anyway isn't history, also where it is read again."""
    is_recent = source.read_from is not None and ticket.updated_at >= source.read_from
    return LinkMark.NONE if is_recent else LinkMark.BACKGROUND


def _finish(store: Store, source: Source, since: datetime) -> None:
    with store.write():
        store.save_backfill(source.id, None, "")
        if source.read_from is not None and since < source.read_from:
            store.save_read_from(source.id, since)
