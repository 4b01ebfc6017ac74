"""Link tickets to bugs: gather changed tickets, decide what their references mean, keep it with the cursor."""

from datetime import datetime

from bugbridge.core.errors import ForgottenError
from bugbridge.core.instants import JUST_AFTER
from bugbridge.core.links import LinkIntent
from bugbridge.core.model import Actor, LinkEventKind, LinkHow
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, Source, TicketRow
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.ports import Clock, Helpdesk, Store
from bugbridge.services.gathering import gather
from bugbridge.services.keeping import keep_ticket
from bugbridge.services.settling import LinkingResult, link_event, link_state, unlink
from bugbridge.services.sources import source_named


def link_tickets(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, first_from: datetime | None = None
) -> LinkingResult:
    """Read the tickets changed since the cursor, each page in one commit with its cursor.

    The first reading begins with what changed from `first_from` on, with all history for none. Raises RemoteError; what
    was committed before it stays, and the next pass goes on from there.
    """
    source = source_named(store, helpdesk.name)
    result = LinkingResult()
    for page in helpdesk.changed_since(source.cursor or _first_cursor(helpdesk, store, source, first_from)):
        gathered = [gather(helpdesk, rules, ticket) for ticket in page.tickets]
        with store.write():
            for one in gathered:
                result += keep_ticket(store, clock, rules, source.id, one)
            store.save_cursor(source.id, page.cursor, clock.now())
    store.mark_well(source.id, clock.now())
    return result


def _first_cursor(helpdesk: Helpdesk, store: Store, source: Source, first_from: datetime | None) -> str:
    """Begin, and keep since when: what is older is for a backfill."""
    if first_from is None:
        return ""
    begins = source.read_from or first_from
    store.save_read_from(source.id, begins)
    return helpdesk.cursor_at(begins)


def refresh_ticket(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, remote_id: str
) -> tuple[TicketRow, RemoteTicket]:
    """Read one ticket afresh and keep it, so that what follows is decided on its present state.

    Raises RemoteError; as one of these ForgottenError for a ticket that is left out.
    """
    gathered = gather(helpdesk, rules, helpdesk.ticket(remote_id))
    with store.write():
        source_id = source_named(store, helpdesk.name).id
        keep_ticket(store, clock, rules, source_id, gathered)
    ticket = store.find_ticket(helpdesk.name, remote_id)
    if ticket is None:
        raise ForgottenError(f"This ticket of {helpdesk.name}, or its customer, was forgotten: nothing is kept of it.")
    return ticket, gathered.ticket


def link_by_hand(store: Store, clock: Clock, ticket: TicketRow, issue: IssueRow, actor: Actor) -> bool:
    """Link, also over an earlier unlink; False, and nothing written, where the link stands already."""
    key = LinkKey(ticket.id, issue.bug_id)
    with store.write():
        if link_state(store, key) == "linked":
            return False
        intent = LinkIntent(LinkEventKind.LINKED, LinkHow.HAND, _after_all(store, clock, key))
        store.append([link_event(key, intent)], actor=actor, recorded_at=clock.now())
    return True


def unlink_by_hand(store: Store, clock: Clock, ticket: TicketRow, issue: IssueRow, actor: Actor) -> bool:
    """Take a link back and remember it, with its planned updates; False where there is nothing to take back."""
    return unlink_key(store, clock, LinkKey(ticket.id, issue.bug_id), actor)


def unlink_key(store: Store, clock: Clock, key: LinkKey, actor: Actor) -> bool:
    """Take a link back, whichever issue it goes by, as `unlink_by_hand` does."""
    with store.write():
        if link_state(store, key) in ("", "unlinked"):
            return False
        intent = LinkIntent(LinkEventKind.UNLINKED, LinkHow.HAND, _after_all(store, clock, key))
        unlink(store, clock, key, intent, actor)
    return True


def _after_all(store: Store, clock: Clock, key: LinkKey) -> datetime:
    """What a person says now comes after all that was said before, also where another clock runs ahead of ours."""
    said = store.link_history(key, KnownUpTo(store.head())).link_events
    return max([clock.now(), *(event.occurred_at + JUST_AFTER for event in said)])
