"""The ticket that a sidebar is beside, and what stands there, for those who may see it."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING

from bugbridge.core.access import Visitor
from bugbridge.core.errors import RemoteError, UsageError
from bugbridge.core.records import TicketRow
from bugbridge.core.round_view import LONGEST_REPLY
from bugbridge.core.sidebar import Acted, Sidebar, SidebarVerb
from bugbridge.entry.checking import reply_checker
from bugbridge.entry.jobs import keep_policy
from bugbridge.entry.reasons import due_sentence
from bugbridge.entry.ways import PAGES
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.payloads import TICKET_ID
from bugbridge.entry.web.refusals import NO_TICKET, Refused
from bugbridge.entry.web.statuses import NOT_FOUND, UNAVAILABLE
from bugbridge.entry.web.turns import asking_elsewhere, checking
from bugbridge.entry.web.visiting import actor_of
from bugbridge.render.plain import clean
from bugbridge.services.reply_checking import About, CheckedReply, about_link
from bugbridge.services.sidebar import kept_or_read, sidebar_of
from bugbridge.services.sidebar_acts import WHICH, Act, Desk, do

if TYPE_CHECKING:
    from bugbridge.services.explaining import Explanation, Reasons


def ticket_in_sight(web: Web, visitor: Visitor, helpdesk: str, remote_id: str) -> TicketRow:
    """Give a ticket, read from its helpdesk where it isn't known yet; a helpdesk of which this visitor sees nothing
    isn't asked. Raises Refused where there is none, where it is out of sight, and where its helpdesk can't be asked."""
    reference = f"{helpdesk}:{remote_id}"
    if not visitor.looks_into(helpdesk) or (visitor.ticket and visitor.ticket != reference):
        raise Refused(NOT_FOUND, NO_TICKET)
    ticket = _kept_or_read(web, helpdesk, remote_id)
    if ticket is None or not visitor.sees(helpdesk, ticket.brand, reference):
        raise Refused(NOT_FOUND, NO_TICKET)
    return ticket


def _kept_or_read(web: Web, helpdesk: str, remote_id: str) -> TicketRow | None:
    """Only what has the form of a ticket's number goes into a request to its helpdesk."""
    kept = web.app.store.find_ticket(helpdesk, remote_id)
    if kept is not None or helpdesk not in web.app.settings.helpdesks or not TICKET_ID.fullmatch(remote_id):
        return kept
    try:
        with asking_elsewhere(web):
            return kept_or_read(web.app.sender, helpdesk, remote_id)
    except RemoteError as error:
        raise Refused(UNAVAILABLE, clean(str(error))) from None


def seen(web: Web, ticket: TicketRow) -> Sidebar:
    """Gather what stands beside a ticket."""
    zone = web.pages.zone

    def wording(explanation: "Explanation", reasons: "Reasons") -> Sequence[str]:
        return tuple(_sentences(explanation, reasons, zone))

    return sidebar_of(web.app.sender, ticket, wording)


def _sentences(explanation: "Explanation", reasons: "Reasons", zone: str) -> Iterator[str]:
    if explanation.decided_at is None:
        yield "Nothing is decided yet: that comes with the daemon's next plan."
        return
    yield due_sentence(explanation, reasons, zone, PAGES)
    yield f"Why: {explanation.because}"
    if reasons.outdated:
        yield "Something has changed since: that is decided with the daemon's next plan."


def act(web: Web, visitor: Visitor, ticket: TicketRow, said: Act) -> Acted:
    """Do what an agent says, and keep who did. Raises as `do` does."""
    app = web.app
    configured = frozenset({*app.settings.helpdesks, *app.settings.trackers})

    def keep(acted: Acted) -> None:
        subject = f"{ticket.reference} {acted.issue}"
        app.store.add_to_trail(visitor, f"sidebar.{said.verb}", subject, app.clock.now())

    keep_policy(app)
    desk = Desk(app.sender, app.tracker, configured, actor_of(visitor), keep)
    with asking_elsewhere(web) if said.verb is SidebarVerb.LINK else nullcontext():
        return do(desk, ticket, said)


def checked(web: Web, ticket: TicketRow, text: str, issue: str) -> CheckedReply:
    """Check a reply by what is known of the ticket's bug, or of the one that `issue` names. Raises UsageError for one
    that is too long, or where it isn't known which bug is meant."""
    if len(text) > LONGEST_REPLY:
        raise UsageError(f"A reply has at most {LONGEST_REPLY:,} characters: this one has {len(text):,}.")
    store = web.app.store
    linked = [link.key for link in store.links_of(ticket.id) if link.state == "linked"]
    named = store.find_issue(issue) if issue else None
    if named is not None:
        canonical = store.canonical_bug(named.bug_id)
        linked = [key for key in linked if store.canonical_bug(key.bug_id) == canonical]
    if len(linked) > 1:
        raise UsageError(WHICH)
    about = about_link(web.app.sender, linked[0]) if linked else About()
    with checking(web):
        return reply_checker(web.app).check(text, about)
