"""Bring along the links that exist already: a helpdesk's own lists, fields and tags, and problems with incidents."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bugbridge.core.errors import NotFoundError
from bugbridge.core.links import RecordedReference
from bugbridge.core.model import LinkMark
from bugbridge.core.records import LinkKey, TicketRow
from bugbridge.core.references import ReferenceRules, find_issue_references
from bugbridge.core.snapshots import RecordedLink, RemoteTicket
from bugbridge.ports import Clock, Helpdesk, Store
from bugbridge.services.gathering import gathered
from bugbridge.services.keeping import keep_recorded, keep_ticket
from bugbridge.services.settling import LinkingResult, link_state
from bugbridge.services.sources import source_named

Progress = Callable[[int], None]
NEW = "new"


@dataclass(frozen=True, slots=True, order=True)
class FoundLink:
    """A link that exists at a helpdesk: the ticket's id there, the issue's reference, and through what it was found.

    `at` is none where nobody wrote down when it was made.
    """

    ticket_id: str
    reference: str
    through: str
    at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class FoundLinks:
    """What was found, each pair once, in order of the tickets; `unread` name no issue that can be reached."""

    tickets: int
    links: tuple[FoundLink, ...]
    unread: tuple[RecordedLink, ...]


def find_links(
    helpdesk: Helpdesk, rules: ReferenceRules, since: datetime | None, read: Progress = lambda _: None
) -> FoundLinks:
    """Look through the tickets changed since an instant, or all of them, and the helpdesk's own lists.

    Only lists are read, no messages. `read` is called after each page with the number of its tickets. Raises
    RemoteError.
    """
    found: dict[tuple[str, str], FoundLink] = {}
    incidents: dict[str, str] = {}
    unread: list[RecordedLink] = []
    tickets: set[str] = set()
    for page in helpdesk.changed_since(helpdesk.cursor_at(since) if since else ""):
        for ticket in page.tickets:
            tickets.add(ticket.remote_id)
            _keep_first(found, _in_fields(ticket, rules))
            if ticket.incident_of:
                incidents[ticket.remote_id] = ticket.incident_of
        read(len(page.tickets))
    for link in helpdesk.recorded_links():
        named = find_issue_references(link.text, rules)
        _keep_first(found, (FoundLink(link.ticket_id, reference, "list", link.at) for reference in named))
        unread += [] if named else [link]
    _keep_first(found, list(_of_problems(found.values(), incidents)))
    return FoundLinks(len(tickets), tuple(sorted(found.values())), tuple(unread))


def _in_fields(ticket: RemoteTicket, rules: ReferenceRules) -> Iterator[FoundLink]:
    if ticket.gone:
        return
    for text in ticket.reference_fields:
        for reference in find_issue_references(text, rules):
            yield FoundLink(ticket.remote_id, reference, "field")


def _of_problems(found: Iterable[FoundLink], incidents: dict[str, str]) -> Iterator[FoundLink]:
    """An incident reports the bug that its problem ticket is linked to."""
    of_problem: dict[str, list[FoundLink]] = {}
    for link in found:
        of_problem.setdefault(link.ticket_id, []).append(link)
    for incident, problem in incidents.items():
        for link in of_problem.get(problem, ()):
            yield FoundLink(incident, link.reference, f"problem {problem}")


def _keep_first(found: dict[tuple[str, str], FoundLink], links: Iterable[FoundLink]) -> None:
    for link in links:
        found.setdefault((link.ticket_id, link.reference), link)


def state_of(store: Store, helpdesk_name: str, link: FoundLink) -> str:
    """Say what is kept of a found link: linked, suggested, unlinked (a person took it back), or new."""
    ticket = store.find_ticket(helpdesk_name, link.ticket_id)
    issue = store.find_issue(link.reference)
    if ticket is None or issue is None:
        return NEW
    return link_state(store, LinkKey(ticket.id, issue.bug_id)) or NEW


def import_links(
    helpdesk: Helpdesk,
    store: Store,
    clock: Clock,
    rules: ReferenceRules,
    links: Sequence[FoundLink],
    read: Progress = lambda _: None,
) -> LinkingResult:
    """Keep found links, each ticket in a commit of its own; a ticket that isn't kept yet is read with its messages.

    Nothing that happened before is told because of them, and what is known stays as it is, also a person's unlink. A
    link waits for its issue to be read. `read` is called after each ticket. Raises RemoteError; what was kept stays.
    """
    by_ticket: dict[str, list[FoundLink]] = {}
    for link in links:
        by_ticket.setdefault(link.ticket_id, []).append(link)
    result = LinkingResult()
    for ticket_id, own in by_ticket.items():
        result += _import_ticket(helpdesk, store, clock, rules, ticket_id, own)
        read(1)
    return result


def _import_ticket(
    helpdesk: Helpdesk, store: Store, clock: Clock, rules: ReferenceRules, ticket_id: str, links: Sequence[FoundLink]
) -> LinkingResult:
    kept = store.find_ticket(helpdesk.name, ticket_id)
    if kept is not None:
        with store.write():
            return _keep(store, clock, kept, links)
    try:
        seen, messages = helpdesk.ticket(ticket_id), helpdesk.messages(ticket_id)
    except NotFoundError:  # deleted since it was linked
        return LinkingResult()
    unread = replace(seen, reference_fields=())  # found already, as links that are as old as the ticket
    one = gathered(helpdesk, rules, unread, messages)
    with store.write():
        source_id = source_named(store, helpdesk.name).id
        result = keep_ticket(store, clock, rules, source_id, one, LinkMark.BACKGROUND)
        ticket = store.find_ticket(helpdesk.name, ticket_id)
        return result + _keep(store, clock, ticket, links) if ticket is not None else result


def _keep(store: Store, clock: Clock, ticket: TicketRow, links: Sequence[FoundLink]) -> LinkingResult:
    return keep_recorded(store, clock, ticket, [RecordedReference(link.reference, link.at) for link in links])
