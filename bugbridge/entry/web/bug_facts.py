"""One bug as its page and the API show it: where it stands, what helps meanwhile, what avoids it, and its time line."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.access import Visitor
from bugbridge.core.board_bugs import BugPromise, BugSight, BugTicket, Entry
from bugbridge.core.errors import BugBridgeError, UsageError
from bugbridge.core.instants import instant_from_text
from bugbridge.core.listings import Column, ColumnKind, Listing, Value
from bugbridge.core.model import Stage
from bugbridge.core.promises_made import Fared, Promise
from bugbridge.core.records import BugHistory, IssueRow, KnownUpTo
from bugbridge.core.stages import Timeline, timeline
from bugbridge.core.usage import flows_of
from bugbridge.entry.naming import known_issue, not_known
from bugbridge.entry.sentences import AWAITED, counted
from bugbridge.entry.web.bug_list import refusing
from bugbridge.entry.web.here import Web
from bugbridge.entry.web.paths import ticket_value
from bugbridge.entry.web.statuses import NOT_FOUND
from bugbridge.render.bug_board_words import LANE_NAMES, STAGE_WORDS, days_waited, entry_words
from bugbridge.render.times import until_stamp, wall
from bugbridge.services.bug_timelines import timeline_page
from bugbridge.services.bug_words import KeptWorkaround, kept_workarounds

TIMELINE = (
    Column("at", "When", ColumnKind.MOMENT),
    Column("kind", "Kind"),
    Column("what", "What happened"),
    Column("ticket", "Ticket"),
    Column("days", "Days waited", ColumnKind.NUMBER),
)
TICKETS = (
    Column("ticket", "Ticket"),
    Column("state", "Link"),
    Column("created_at", "Created", ColumnKind.MOMENT),
    Column("workaround", "Workaround for its customer"),
)
PROMISES = (
    Column("ticket", "Ticket"),
    Column("made_at", "Promised", ColumnKind.MOMENT),
    Column("due", "For when"),
    Column("state", "State"),
)
WORKAROUNDS = (
    Column("text", "Text"),
    Column("language", "Language"),
    Column("applies_to", "Applies to"),
    Column("author", "Author"),
    Column("at", "Since", ColumnKind.MOMENT),
)
FARED = {Fared.OPEN: "open", Fared.KEPT: "kept", Fared.LATE: "kept late", Fared.MISSED: "missed"}


@dataclass(frozen=True, slots=True)
class KnownBug:
    """A bug by an issue that was named; `id` is that of the bug that it is one with."""

    issue: IssueRow
    id: int
    history: BugHistory
    course: Timeline

    @property
    def reference(self) -> str:
        """The reference of its primary issue."""
        return self.history.primary_reference


def known_bug(web: Web, visitor: Visitor, reference: str) -> KnownBug:
    """Give the bug behind any of its issues. Raises Refused where none such is known, or none in sight."""
    store = web.app.store
    with refusing(NOT_FOUND):
        issue = known_issue(web.app, reference)
        bug_id = store.canonical_bug(issue.bug_id)
        if not store.sees_bug(visitor, bug_id):
            raise UsageError(not_known(web.app, reference))
    history = store.bug_course(bug_id, KnownUpTo(store.head()))
    return KnownBug(issue, bug_id, history, timeline(history))


def stage_sentence(bug: KnownBug) -> str:
    """Say how far it is, with the version that has it."""
    version = f" in {bug.course.version}" if bug.course.version and bug.course.stage is Stage.RELEASED else ""
    unknown = " Its issue was closed for a reason that the tracker doesn't tell, which never counts as fixed."
    return f"It is {STAGE_WORDS[bug.course.stage]}{version}.{unknown if bug.course.closed_unknown else ''}"


def sight_sentence(sight: BugSight) -> str:
    """Say how many customers it affects, of those in sight."""
    customers, tickets = counted(sight.customers, "customer"), counted(sight.tickets, "ticket")
    return f"{customers} in {tickets} that you can see {'reports' if sight.customers == 1 else 'report'} it."


def remedy_sentence(sight: BugSight, *, has_one: bool) -> str:
    """Say how often the workaround helped, or what to do without one."""
    if not has_one:
        return "No workaround is known: record one below, and the customers who wait are told of it."
    if not (sight.told or sight.confirmed or sight.failed):
        return "No customer whose ticket you can see was told it yet."
    more = f"; {sight.told:,} more {'was' if sight.told == 1 else 'were'} told it and didn't say" if sight.told else ""
    helped = f"it worked for {sight.confirmed:,} and failed for {sight.failed:,}{more}"
    return f"Of {counted(sight.customers, 'customer')}, {helped}."


def prevention_sentences(bug: KnownBug, zone: str) -> list[str]:
    """Say what keeps customers from meeting it, as far as tracker and team said; else what to add."""
    flow = f"`bugbridge flow {bug.reference} FLOW`"
    nothing = (
        f"Nothing is known yet that keeps customers from meeting it: an admin names the flow it sits in with {flow}."
    )
    return [*_versions(bug.course, zone), *_flows(bug)] or [nothing]


def _versions(course: Timeline, zone: str) -> Iterator[str]:
    if course.stage is Stage.RELEASED:
        yield f"Upgrade to {course.version or 'the latest version'}: it is fixed there. Avoid versions before that."
    elif course.planned_version and course.planned_on:
        day = wall(instant_from_text(course.planned_on), zone).partition(" ")[0]
        yield f"Version {course.planned_version} is to have the fix; it is planned for {day}."
    elif course.stage is Stage.FIXED:
        yield "It is fixed in no version that is out yet, so no upgrade avoids it."
    elif course.stage is Stage.DECLINED:
        yield "It was declined, so no version will be without it."


def _flows(bug: KnownBug) -> Iterator[str]:
    flows = flows_of(bug.history)
    if flows:
        yield f"It sits in {' and '.join(flows)}: customers who can do without that don't meet it."


def tracker_address(web: Web, tracker: str, reference: str) -> str:
    """Give an issue's address for people, "" where there is none that may be followed."""
    if tracker not in web.app.settings.trackers:
        return ""
    try:
        return safe_address(web.app.tracker(tracker).web_url(reference))
    except BugBridgeError:  # its secret is missing, which the page can do without
        return ""


def safe_address(address: str) -> str:
    """Give a foreign address that a page may lead to, "" for any other."""
    return address if address.startswith(("https://", "http://")) else ""


def timeline_listing(web: Web, visitor: Visitor, bug: KnownBug, now: datetime, after: str) -> Listing:
    """Give a page of the time line, the latest first. Raises Refused where `after` is no `next` of it."""
    with refusing():
        found = timeline_page(web.app.store, visitor, bug.id, bug.course, now, after)
    rows = [_entry_row(one) for one in found.rows]
    return Listing("Time line", TIMELINE, rows, "Nothing has happened yet: link a ticket to it.", found.next)


def _entry_row(one: Entry) -> dict[str, Value]:
    return {
        "at": one.at,
        "kind": LANE_NAMES[one.lane],
        "what": entry_words(one),
        "ticket": ticket_value(one.ticket) if one.ticket else "",
        "days": days_waited(one),
    }


def ticket_listing(web: Web, visitor: Visitor, bug: KnownBug, after: str) -> Listing:
    """Give a page of the tickets, the latest first. Raises Refused where `after` is no `next` of it."""
    with refusing():
        found = web.app.store.board_bug_tickets(visitor, bug.id, after)
    empty = "No ticket that you can see reports it: link one in the ticket's sidebar."
    return Listing("Tickets", TICKETS, [_ticket_row(one) for one in found.rows], empty, found.next)


def _ticket_row(one: BugTicket) -> dict[str, Value]:
    return {
        "ticket": ticket_value(one.ticket),
        "state": one.state,
        "created_at": one.created_at,
        "workaround": one.workaround,
    }


def promise_listing(web: Web, visitor: Visitor, bug: KnownBug, now: datetime) -> Listing:
    """Give the latest promises on its tickets."""
    zone = web.pages.zone
    rows = [_promise_row(one, now, zone) for one in web.app.store.board_bug_promises(visitor, bug.id)]
    return Listing("Promises", PROMISES, rows, "Nothing is promised on a ticket of it that you can see.")


def _promise_row(one: BugPromise, now: datetime, zone: str) -> dict[str, Value]:
    due = f"by {until_stamp(one.due_at, zone)}" if one.due_at else AWAITED[one.event] if one.event else ""
    fared = FARED[Promise(one.made_at, one.due_at).fared(one.answered_at, now)] if one.due_at else "waits"
    return {"ticket": ticket_value(one.ticket), "made_at": one.made_at, "due": due, "state": fared}


def workaround_listing(web: Web, bug: KnownBug) -> Listing:
    """Give the texts of the workaround in force."""
    rows = [_workaround_row(one) for one in kept_workarounds(web.app.store, bug.id)]
    return Listing("Workarounds", WORKAROUNDS, rows, "None is known yet: say below what helps meanwhile.")


def _workaround_row(one: KeptWorkaround) -> dict[str, Value]:
    words = one.words
    applies_to = words.applies_to or "everybody"
    return {
        "text": words.text,
        "language": words.language,
        "applies_to": applies_to,
        "author": one.author,
        "at": one.at,
    }
