"""Do what an agent says beside a ticket, through the same services as notes and commands, and decide at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.bug_lines import read_delay
from bugbridge.core.errors import UsageError
from bugbridge.core.model import Actor, LinkHow, Workaround
from bugbridge.core.records import IssueRow, KnownUpTo, LinkKey, TicketRow
from bugbridge.core.references import parse_issue_reference
from bugbridge.core.sidebar import Acted, Done, SidebarVerb
from bugbridge.ports import Tracker
from bugbridge.services import intake, reminding
from bugbridge.services.claiming import Sender
from bugbridge.services.frequencies import record_answer
from bugbridge.services.linking import link_by_hand, refresh_ticket, unlink_key
from bugbridge.services.planning import decide_link
from bugbridge.services.saying import Word
from bugbridge.services.syncing import read_issue

NO_DELAY = "Write 3d for days or 2w for weeks, at most 13w."
WHICH = "This ticket reports several bugs: say which in issue."
OPEN_STATES = ("linked", "suggested")


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody says: `issue` names the bug as they typed it, "" for the ticket's only one; `value` is how often
    the bug is met, or the delay."""

    verb: SidebarVerb
    issue: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """What acting needs beside what sending does: where issues are read, and by whom it is done.

    `configured` names the helpdesks and trackers that can be read; what files brought can't be. `keep` is told what was
    done, in one transaction with it.
    """

    sender: Sender
    tracker: Callable[[str], Tracker]
    configured: frozenset[str]
    actor: Actor
    keep: Callable[[Acted], None]

    @property
    def word(self) -> Word:
        """What is said now, by hand."""
        return Word(self.actor, self.sender.clock.now(), LinkHow.HAND)


def do(desk: Desk, ticket: TicketRow, act: Act) -> Acted:
    """Do it. Raises UsageError, as one of these RefusedError, for what can't be done, and RemoteError where an issue
    that isn't known can't be read."""
    read = _read_sides(desk, ticket, act) if act.verb is SidebarVerb.LINK else None
    with desk.sender.store.write():
        acted = _link(desk, ticket, read) if read else _done(desk, ticket, act)
        desk.keep(acted)
    return acted


def _done(desk: Desk, ticket: TicketRow, act: Act) -> Acted:
    if act.verb is SidebarVerb.NOT_THIS:
        return _unlink(desk, ticket, act)
    store, issue = desk.sender.store, _known_issue(desk, act.issue)
    if issue is None and sum(link.state == "linked" for link in store.links_of(ticket.id)) > 1:
        raise UsageError(WHICH)
    key = intake.the_link(store, ticket, issue)
    acted = ACTIONS[act.verb](desk, key, act)
    decide(desk.sender, key)
    return acted


def decide(sender: Sender, key: LinkKey) -> None:
    """Decide a link at once, so that whoever acted sees what came of it."""
    with sender.store.write():
        decide_link(sender.store, sender.policies, sender.clock, sender.calendar, key)


def _read_sides(desk: Desk, ticket: TicketRow, act: Act) -> IssueRow:
    """Read both sides afresh, the issue first: what it knows decides what the ticket's references mean."""
    sender = desk.sender
    issue = _read_issue(desk, act.issue)
    if ticket.source_name in desk.configured:
        helpdesk = sender.helpdesk(ticket.source_name)
        refresh_ticket(helpdesk, sender.store, sender.clock, sender.references, ticket.remote_id)
    return issue


def _link(desk: Desk, ticket: TicketRow, issue: IssueRow) -> Acted:
    sender = desk.sender
    made = link_by_hand(sender.store, sender.clock, ticket, issue, desk.actor)
    if made:
        decide(sender, LinkKey(ticket.id, issue.bug_id))
    return Acted(Done.LINKED if made else Done.ALREADY, issue.bug_id, issue.reference)


def _read_issue(desk: Desk, typed: str) -> IssueRow:
    sender = desk.sender
    kept = sender.store.find_issue(typed.strip())
    if kept is not None and kept.source_name not in desk.configured:
        return kept
    reference = parse_issue_reference(typed, sender.references)
    tracker = desk.tracker(reference.partition(":")[0])
    return read_issue(tracker, sender.store, sender.clock, reference, desk.actor, sender.references)


def _known_issue(desk: Desk, typed: str) -> IssueRow | None:
    if not typed.strip():
        return None
    store = desk.sender.store
    found = store.find_issue(typed.strip()) or store.find_issue(parse_issue_reference(typed, desk.sender.references))
    if found is None:
        raise UsageError("This issue isn't known here: no ticket is linked to it.")
    return found


def _unlink(desk: Desk, ticket: TicketRow, act: Act) -> Acted:
    """Unlink whatever names the same bug, so that it stays away."""
    store, issue = desk.sender.store, _known_issue(desk, act.issue)
    if issue is None:
        raise UsageError(WHICH)
    canonical = store.canonical_bug(issue.bug_id)
    keys = [link.key for link in store.links_of(ticket.id) if link.state in OPEN_STATES]
    same = [key for key in keys if store.canonical_bug(key.bug_id) == canonical]
    undone = [unlink_key(store, desk.sender.clock, key, desk.actor) for key in same]
    return Acted(Done.UNLINKED if any(undone) else Done.NOT_LINKED, issue.bug_id, issue.reference)


def _meets_it(desk: Desk, key: LinkKey, act: Act) -> Acted:
    record_answer(desk.sender.store, desk.sender.clock, key, act.value.strip().lower(), desk.actor)
    return _acted(desk, key, Done.MEETS_IT)


def _worked(desk: Desk, key: LinkKey, _act: Act) -> Acted:
    intake.set_workaround(desk.sender.store, desk.sender.clock, key, Workaround.CONFIRMED, desk.actor)
    return _acted(desk, key, Done.WORKED)


def _failed(desk: Desk, key: LinkKey, _act: Act) -> Acted:
    intake.set_workaround(desk.sender.store, desk.sender.clock, key, Workaround.FAILED, desk.actor)
    return _acted(desk, key, Done.FAILED)


def _told(desk: Desk, key: LinkKey, _act: Act) -> Acted:
    intake.say_told(desk.sender.store, desk.sender.clock, key, desk.actor)
    return _acted(desk, key, Done.TOLD)


def _later(desk: Desk, key: LinkKey, act: Act) -> Acted:
    delay = read_delay(act.value)
    if not delay:
        raise UsageError(NO_DELAY)
    until = reminding.put_off(desk.sender.store, desk.sender.clock, key, delay, desk.word)
    return _acted(desk, key, Done.PUT_OFF, until)


def _not_later(desk: Desk, key: LinkKey, _act: Act) -> Acted:
    reminding.take_back_delay(desk.sender.store, desk.sender.clock, key, desk.word)
    return _acted(desk, key, Done.NOT_PUT_OFF)


def _workaround_told(desk: Desk, key: LinkKey, _act: Act) -> Acted:
    intake.set_workaround(desk.sender.store, desk.sender.clock, key, Workaround.TOLD, desk.actor)
    return _acted(desk, key, Done.WORKAROUND_TOLD)


def _still_due(desk: Desk, key: LinkKey, _act: Act) -> Acted:
    reminding.still_due(desk.sender.store, desk.sender.clock, key, desk.word)
    return _acted(desk, key, Done.STILL_DUE)


def _acted(desk: Desk, key: LinkKey, done: Done, until: datetime | None = None) -> Acted:
    course = desk.sender.store.bug_course(key.bug_id, KnownUpTo(desk.sender.store.head()))
    return Acted(done, key.bug_id, course.primary_reference, until)


ACTIONS: Mapping[SidebarVerb, Callable[[Desk, LinkKey, Act], Acted]] = {
    SidebarVerb.MEETS_IT: _meets_it,
    SidebarVerb.WORKED: _worked,
    SidebarVerb.FAILED: _failed,
    SidebarVerb.TOLD: _told,
    SidebarVerb.LATER: _later,
    SidebarVerb.NOT_LATER: _not_later,
    SidebarVerb.WORKAROUND_TOLD: _workaround_told,
    SidebarVerb.STILL_DUE: _still_due,
}
