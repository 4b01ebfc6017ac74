"""Gather what an agent sees beside a ticket, with as many questions to the database as it has links."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bugbridge.core.errors import ForgottenError, NotFoundError
from bugbridge.core.facts import given_answer, given_answers
from bugbridge.core.first_reply import FIRST_REPLY
from bugbridge.core.model import Entity, LinkEventKind, Workaround
from bugbridge.core.records import IssueRow, KnownUpTo, LinkHistory, LinkKey, TicketRow
from bugbridge.core.reminders import ended_since
from bugbridge.core.sidebar import KnownBug, Sidebar, SidebarDraft, SidebarLink, SidebarPromise
from bugbridge.core.stages import Timeline, timeline
from bugbridge.core.workarounds import for_customer
from bugbridge.ports import Store
from bugbridge.services.claiming import Sender, called_for_as_known
from bugbridge.services.confirming import Confirmation, confirmation
from bugbridge.services.drafting import draft_for
from bugbridge.services.explaining import Explanation, Reasons, Rules, explain_with_reasons
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.promising import open_promises
from bugbridge.services.reminding import OPEN_STATES, is_let_be, reply_owed_by

MOST_LINKS = 10
LANGUAGES = ("customer_language", "workaround_language")

Wording = Callable[[Explanation, Reasons], Sequence[str]]


def kept_or_read(sender: Sender, helpdesk: str, remote_id: str) -> TicketRow | None:
    """Give a ticket, read from its helpdesk where it isn't known yet; None where there is none.

    Raises RemoteError where its helpdesk can't be asked, and UsageError for one that isn't configured.
    """
    kept = sender.store.find_ticket(helpdesk, remote_id)
    if kept is not None:
        return kept
    try:
        return refresh_ticket(sender.helpdesk(helpdesk), sender.store, sender.clock, sender.references, remote_id)[0]
    except (NotFoundError, ForgottenError):
        return None


def sidebar_of(sender: Sender, ticket: TicketRow, wording: Wording) -> Sidebar:
    """Gather it; `wording` says a decision in sentences."""
    now, links = sender.clock.now(), sender.store.links_of(ticket.id)
    keys = [link.key for link in links if link.state == "linked"]
    suggested = [link.key.bug_id for link in links if link.state == "suggested"]
    rules = Rules(sender.policies, sender.calendar, now)
    promises = open_promises(sender.store, ticket, sender.calendar, now)
    return Sidebar(
        ticket=ticket.reference,
        links=tuple(_link(sender, key, rules, wording) for key in keys[:MOST_LINKS]),
        more=max(0, len(keys) - MOST_LINKS),
        suggested=tuple(known_bug(sender.store, bug_id) for bug_id in suggested[:MOST_LINKS]),
        promises=tuple(SidebarPromise(one.made_at, one.due_at, one.event) for one in promises),
    )


def known_bug(store: Store, bug_id: int) -> KnownBug:
    """Say what is known of a bug."""
    bug, course = _course(store, bug_id)
    return KnownBug(bug_id, bug, _words(store, bug_id), course.stage)


def primary_issue(store: Store, bug_id: int) -> IssueRow | None:
    """Give the issue that a bug goes by."""
    return store.find_issue(_course(store, bug_id)[0])


@dataclass(frozen=True, slots=True)
class SaidBefore:
    """What held before the last word: how often the customer meets it, "" where nobody had said, and what the
    workaround was for them."""

    meets_it: str
    workaround: Workaround


def said_before(store: Store, key: LinkKey) -> SaidBefore:
    """Give what one goes back to by saying it again."""
    history = store.link_history(key, KnownUpTo(store.head()))
    words = [one.seq for one in history.party_link_events if one.kind is LinkEventKind.WORKAROUND]
    earlier = tuple(one for one in history.party_link_events if one.seq != max(words, default=0))
    before = for_customer(replace(history, party_link_events=earlier), timeline(history.bug))
    return SaidBefore(["", *given_answers(history)[:-1]][-1], before.state)


def _course(store: Store, bug_id: int) -> tuple[str, Timeline]:
    bug = store.bug_course(bug_id, KnownUpTo(store.head()))
    return bug.primary_reference, timeline(bug)


def _words(store: Store, bug_id: int) -> str:
    return store.private(Entity.BUG, store.canonical_bug(bug_id), "words")


def _link(sender: Sender, key: LinkKey, rules: Rules, wording: Wording) -> SidebarLink:
    store = sender.store
    found, (explanation, reasons) = confirmation(sender, key), explain_with_reasons(store, key, rules)
    history = store.link_history(key, KnownUpTo(store.head()))
    course, told = timeline(history.bug), found.note.parameters
    return SidebarLink(
        bug_id=key.bug_id,
        issue=history.bug.primary_reference,
        name=str(told["issue"]),
        words=_words(store, key.bug_id),
        stage=course.stage,
        version=course.version,
        planned_version=course.planned_version,
        planned_on=course.planned_on,
        workaround=found.workaround,
        workaround_state=found.workaround_state,
        applies_to=str(told["applies_to"]),
        meets_it=given_answer(history) or "",
        rule_id=explanation.rule_id,
        because=explanation.because,
        says=tuple(wording(explanation, reasons)),
        waits_in_round=explanation.waits_in_round,
        next_at=explanation.next_at,
        promise=found.promise,
        promise_at=found.next_at,
        put_off_until=_ahead(explanation.said.put_off_until, rules.now),
        reply_owed_by=reply_owed_by(history),
        can_undo_told=_can_be_due_again(history, explanation),
        draft=_draft(sender, found, explanation),
    )


def _can_be_due_again(history: LinkHistory, explanation: Explanation) -> bool:
    return any(map(is_let_be, explanation.updates)) or ended_since(history, explanation.updates) is not None


def _ahead(at: datetime | None, now: datetime) -> datetime | None:
    return at if at is not None and at > now else None


def _draft(sender: Sender, found: Confirmation, explanation: Explanation) -> SidebarDraft:
    """Give the first reply's, else that of the update that is called for first."""
    if found.draft:
        flags = {name: str(found.note.parameters[name]) for name in LANGUAGES}
        return SidebarDraft(FIRST_REPLY, found.draft, str(found.note.parameters["draft_language"]), **flags)
    items = [item for item in explanation.updates if item.state in OPEN_STATES]
    called = called_for_as_known(sender, items[:1])
    if not called:
        return SidebarDraft()
    draft = draft_for(sender.store, sender.renderer, sender.language, called[0])
    reason = called[0].intention.reason
    return SidebarDraft(reason, draft.text, draft.language, draft.customer_language, draft.workaround_language)
