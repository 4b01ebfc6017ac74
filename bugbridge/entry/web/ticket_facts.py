"""One ticket as its page shows it: its bugs, what was decided there and why, what is due, was sent, promised, said."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import SentNote
from bugbridge.core.errors import BugBridgeError
from bugbridge.core.listings import Column, ColumnKind, Listing, Value
from bugbridge.core.model import Channel, Entity
from bugbridge.core.noise import intended_at
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, LinkRow, TicketRow, UpdateItem
from bugbridge.entry.explained import explained_sentences
from bugbridge.entry.sentences import AWAITED, STATES, why_undelivered
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.bug_facts import FARED, safe_address
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.paths import bug_path, round_path, sidebar_path
from bugbridge.entry.web.refusals import NO_TICKET, Refused
from bugbridge.entry.web.statuses import NOT_FOUND
from bugbridge.render.plain import clean_line
from bugbridge.render.times import until_stamp
from bugbridge.services.explaining import Rules, explain_with_reasons
from bugbridge.services.promising import ListedPromise, promises_of_link

NOT_READ = f"{NO_TICKET} Its sidebar, /sidebar/HELPDESK/ID, reads it from its helpdesk."
MOST_LINKS = 20
UPDATES = (
    Column("due_at", "Due", ColumnKind.MOMENT),
    Column("reason", "Reason"),
    Column("state", "State"),
)
PROMISES = (
    Column("made_at", "Promised", ColumnKind.MOMENT),
    Column("due", "For when"),
    Column("said_by", "By"),
    Column("state", "State"),
)

NOTES = (
    Column("at", "When", ColumnKind.MOMENT),
    Column("what", "What"),
    Column("state", "State"),
)
CHANNELS = {
    Channel.NOTE: "reminder to the agent",
    Channel.REPLY: "reply to the customer",
    Channel.ANSWER: "answer to the agent",
}


@dataclass(frozen=True)
class NamedBug:
    """A bug of a ticket, by the number that the ticket's link has, its primary issue, and customers' words."""

    id: int
    reference: str
    path: str
    words: str


@dataclass(frozen=True)
class ExplainedLink(NamedBug):
    """A bug that the ticket reports, and what was decided there and why, in sentences; `round_path` is where the round
    is reviewed in which an update waits, "" where none does."""

    sentences: Sequence[str]
    round_path: str
    updates: Listing
    promises: Listing


@dataclass(frozen=True)
class ShownTicket:
    """What a ticket's page shows, and programs are told; `left_out` counts the links that aren't among them."""

    ticket: TicketRow
    subject: str
    customer: str
    address: str
    sidebar: str
    notes: Listing
    linked: Sequence[ExplainedLink]
    suggested: Sequence[NamedBug]
    unlinked: Sequence[NamedBug]
    left_out: int


def known_ticket_of(web: Web, visitor: Visitor, reference: str) -> TicketRow:
    """Give a ticket by its HELPDESK:ID. Raises Refused for one that isn't known, or not for this visitor's eyes."""
    name, _, remote_id = reference.partition(":")
    ticket = web.app.store.board_ticket(visitor, name, remote_id)
    if ticket is None:
        raise Refused(NOT_FOUND, NOT_READ)
    return ticket


def shown_ticket(web: Web, visitor: Visitor, ticket: TicketRow) -> ShownTicket:
    """Gather what is known of a ticket; of its links at most MOST_LINKS."""
    links = web.app.store.links_of(ticket.id)
    linked = [one for one in links if one.state == "linked"]
    shown = [*linked, *(one for one in links if one.state != "linked")][:MOST_LINKS]
    return ShownTicket(
        ticket=ticket,
        subject=web.app.store.private(Entity.TICKET, ticket.id, "subject"),
        customer=_customer(web, ticket),
        address=_address(web, ticket),
        sidebar=sidebar_path(ticket.reference),
        notes=_notes(web, ticket),
        linked=_explained(web, visitor, [one for one in shown if one.state == "linked"]),
        suggested=[_bug(web, one.key) for one in shown if one.state == "suggested"],
        unlinked=[_bug(web, one.key) for one in shown if one.state == "unlinked"],
        left_out=len(links) - len(shown),
    )


def _notes(web: Web, ticket: TicketRow) -> Listing:
    rows = [_note(one) for one in web.app.store.board_ticket_notes(ticket.id)]
    return Listing("What was sent", NOTES, rows, "Nothing was posted here by BugBridge.")


def _note(one: SentNote) -> dict[str, Value]:
    state = "posted" if one.is_posted else why_undelivered(one.code, PAGES)
    return {"at": one.at, "what": CHANNELS[one.channel], "state": state}


def _customer(web: Web, ticket: TicketRow) -> str:
    return web.app.store.private(Entity.PARTY, ticket.requester_id, "name") if ticket.requester_id else ""


def _address(web: Web, ticket: TicketRow) -> str:
    """Give the ticket's page in its helpdesk, "" where there is none that may be followed."""
    if ticket.source_name not in web.app.settings.helpdesks:
        return ""
    try:
        return safe_address(web.app.helpdesk(ticket.source_name).web_url(ticket.remote_id))
    except BugBridgeError:  # its secret is missing, which the page can do without
        return ""


def primary_of(web: Web, key: LinkKey) -> IssueRow | None:
    """Give the primary issue of a link's bug."""
    store = web.app.store
    bug = store.bug_course(store.canonical_bug(key.bug_id), KnownUpTo(store.head()))
    return store.find_issue(bug.primary_reference)


def _bug(web: Web, key: LinkKey) -> NamedBug:
    issue = primary_of(web, key)
    reference = issue.reference if issue else ""
    words = web.app.store.private(Entity.BUG, web.app.store.canonical_bug(key.bug_id), "words")
    return NamedBug(key.bug_id, reference, bug_path(reference), words)


def _explained(web: Web, visitor: Visitor, linked: Sequence[LinkRow]) -> Sequence[ExplainedLink]:
    if not linked:
        return ()
    rules = Rules(web.app.policies, web.app.calendar, web.app.clock.now())
    return [_link(web, visitor, one.key, rules, several=len(linked) > 1) for one in linked]


def _link(web: Web, visitor: Visitor, key: LinkKey, rules: Rules, *, several: bool) -> ExplainedLink:
    explanation, reasons = explain_with_reasons(web.app.store, key, rules)
    if not visitor.sees_everything:  # the evidence counts the whole team's customers
        reasons = replace(reasons, evidence="")
    sentences = explained_sentences(rules, explanation, reasons, web.pages.zone, several=several, ways=PAGES)
    bug = _bug(web, key)
    promises = promises_of_link(web.app.store, key, rules.calendar, rules.now)
    return ExplainedLink(
        **vars(bug),
        sentences=[one for one in sentences if one],
        round_path=round_path(bug.reference) if explanation.waits_in_round else "",
        updates=_updates(explanation.updates, bug.reference),
        promises=_promises(list(promises), bug.reference, web.pages.zone),
    )


def _updates(items: Sequence[UpdateItem], bug: str) -> Listing:
    rows = [_update(one) for one in reversed(items)]
    return Listing(f"Updates about {clean_line(bug)}", UPDATES, rows, "No update was ever due here.")


def _update(one: UpdateItem) -> dict[str, Value]:
    return {"due_at": intended_at(one), "reason": one.reason.replace("_", " "), "state": STATES[one.state]}


def _promises(made: Sequence[ListedPromise], bug: str, zone: str) -> Listing:
    rows = [_promise(one, zone) for one in made]
    return Listing(f"Promises about {clean_line(bug)}", PROMISES, rows, "Nothing is promised here.")


def _promise(one: ListedPromise, zone: str) -> dict[str, Value]:
    promise = one.promise
    waits = AWAITED[promise.event] if promise.event else ""
    due = f"by {until_stamp(promise.due_at, zone)}" if promise.due_at else waits
    return {"made_at": promise.made_at, "due": due, "said_by": one.said_by, "state": FARED[one.fared]}
