"""Send what is due: claim, read afresh, still called for?, post with a marker, record. Nothing is repeated blindly."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.errors import ConflictError, LockedError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.model import DeliveryState
from bugbridge.core.planning import plan_link
from bugbridge.core.policy_model import Intention, Policy
from bugbridge.core.records import Delivery, KnownUpTo, LinkHistory, LinkKey, TicketRow, UpdateItem
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.ports import Clock, Helpdesk, Renderer, Store
from bugbridge.services.drafting import draft_of, reminder
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.planning import decide_link, key_of
from bugbridge.services.settling import DAEMON

# What reading a ticket and rendering may take, on top of the write's own timeout.
LEASE_SLACK = timedelta(seconds=60)
RETRY_DELAYS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
# After so many tries, about half a day, a person has to look.
MAXIMUM_TRIES = 14
PREVIEWED_AT_MOST = 10_000
DEAD_CODES = (
    (LockedError, "ticket-locked"),
    (NotFoundError, "ticket-gone"),
    (UnknownOutcomeError, "outcome-unknown"),
)


@dataclass(frozen=True, slots=True)
class SendingResult:
    """What one pass did: notes posted, found to have been posted, withdrawn, put off, given up; and what went wrong."""

    posted: int = 0
    found: int = 0
    withdrawn: int = 0
    retried: int = 0
    dead: int = 0
    problems: tuple[str, ...] = field(default=(), compare=False)  # for people; results are equal by their counts

    def plus(self, outcome: "Outcome") -> "SendingResult":
        """Count one more of an outcome; what somebody else took over counts as nothing."""
        if not outcome.name:
            return self
        counted = replace(self, **{outcome.name: getattr(self, outcome.name) + 1})
        new = outcome.problem and outcome.problem not in self.problems
        return replace(counted, problems=(*self.problems, outcome.problem)) if new else counted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: the name of its count, "" where somebody else has it, and what went wrong."""

    name: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """What sending needs; `owner` names this process in its leases."""

    store: Store
    helpdesk: Callable[[str], Helpdesk]
    policy: Policy
    clock: Clock
    calendar: WorkCalendar
    renderer: Renderer
    references: ReferenceRules
    owner: str
    language: str = "en"
    ruleset_hash: str = ""


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A delivery with the parts that it goes through."""

    delivery: Delivery
    item: UpdateItem
    ticket: TicketRow
    helpdesk: Helpdesk


def send_due(sender: Sender, stop: Callable[[], bool] = lambda: False) -> SendingResult:
    """Finish what a crash or an unknown outcome left over, then send what is due. `stop` is asked before each one."""
    result = SendingResult()
    for delivery in sender.store.reclaimable(sender.clock.now()):
        if stop():
            return result
        result = result.plus(_take_over(sender, delivery))
    while not stop():
        due = sender.store.due_updates(sender.clock.now(), 1)
        if not due:
            break
        result = result.plus(_send(sender, due[0]))
    return result


def _send(sender: Sender, item: UpdateItem) -> Outcome:
    attempt = _claim(sender, item)
    return _guarded(sender, attempt, _deliver) if attempt else Outcome()


def _claim(sender: Sender, item: UpdateItem) -> _Attempt | None:
    ticket = sender.store.ticket(item.ticket_id)
    helpdesk = sender.helpdesk(ticket.source_name)
    now = sender.clock.now()
    delivery = sender.store.claim([item], owner=sender.owner, lease_until=now + _lease(helpdesk), now=now, actor=DAEMON)
    return _Attempt(delivery, item, ticket, helpdesk) if delivery else None


def _lease(helpdesk: Helpdesk) -> timedelta:
    return 2 * helpdesk.timeout + LEASE_SLACK


def _take_over(sender: Sender, delivery: Delivery) -> Outcome:
    """Go on with a delivery that nobody holds; one that may have been posted is looked up, late enough to be sure."""
    ticket = sender.store.ticket(delivery.ticket_id)
    helpdesk = sender.helpdesk(ticket.source_name)
    now = sender.clock.now()
    in_doubt = delivery.state in (DeliveryState.POSTING, DeliveryState.UNKNOWN)
    too_early = in_doubt and delivery.lease_until and now < delivery.lease_until + 2 * helpdesk.timeout
    if too_early or not _may_post(sender, ticket):
        return Outcome()
    taken = sender.store.reclaim(delivery, owner=sender.owner, lease_until=now + _lease(helpdesk), now=now)
    if taken is None:
        return Outcome()
    attempt = _Attempt(taken, taken.items[0], ticket, helpdesk)
    return _guarded(sender, attempt, _look_up if in_doubt else _deliver)


def _guarded(sender: Sender, attempt: _Attempt, step: Callable[[Sender, _Attempt], str]) -> Outcome:
    """Turn a remote error into a later try or, where trying again can't help, into a delivery that a person sees."""
    try:
        return Outcome(step(sender, attempt))
    except ConflictError as error:  # somebody wrote meanwhile: no problem, only a reason to decide afresh
        return Outcome(_after_error(sender, attempt, error))
    except RemoteError as error:
        return Outcome(_after_error(sender, attempt, error), str(error))


def _after_error(sender: Sender, attempt: _Attempt, error: RemoteError) -> str:
    tired = _tries(attempt) >= MAXIMUM_TRIES
    if isinstance(error, UnknownOutcomeError) and not tired:
        return _advance(sender, attempt, DeliveryState.UNKNOWN, "retried", not_before=_after_doubt(sender, attempt))
    if (error.permanent or tired) and not isinstance(error, ConflictError):
        return _advance(sender, attempt, DeliveryState.DEAD, "dead", detail=_code(error))
    return _advance(sender, attempt, attempt.delivery.state, "retried", not_before=_later(sender, attempt, error))


def _tries(attempt: _Attempt) -> int:
    """Count how often the delivery was taken up: each time its fence grew by one."""
    return attempt.delivery.fence


def _code(error: RemoteError) -> str:
    """Say in a word why a delivery was given up; the sentence may name people, so it isn't kept."""
    return next((code for kind, code in DEAD_CODES if isinstance(error, kind)), "refused")


def _after_doubt(sender: Sender, attempt: _Attempt) -> datetime:
    return sender.clock.now() + 2 * attempt.helpdesk.timeout


def _later(sender: Sender, attempt: _Attempt, error: RemoteError) -> datetime:
    step = min(_tries(attempt), len(RETRY_DELAYS)) - 1
    delay = timedelta(0) if isinstance(error, ConflictError) else RETRY_DELAYS[step]
    return sender.clock.now() + max(delay, error.retry_after or timedelta(0))


def _look_up(sender: Sender, attempt: _Attempt) -> str:
    remote_id = attempt.helpdesk.find_note(attempt.ticket.remote_id, attempt.delivery.marker)
    if remote_id:
        detail = f"{_posted_code(attempt.item)} found"
        return _advance(sender, attempt, DeliveryState.POSTED, "found", remote_id=remote_id, detail=detail)
    return _deliver(sender, attempt)


def _posted_code(item: UpdateItem) -> str:
    return f"{item.reason}:{item.bug_id}"


def _deliver(sender: Sender, attempt: _Attempt) -> str:
    _, remote = refresh_ticket(
        attempt.helpdesk, sender.store, sender.clock, sender.references, attempt.ticket.remote_id
    )
    if not _may_post(sender, attempt.ticket):
        later = sender.clock.now() + RETRY_DELAYS[0]
        return _advance(sender, attempt, attempt.delivery.state, "retried", not_before=later)
    called_for = _still_called_for(sender, attempt)
    if called_for is None:
        return _advance(sender, attempt, DeliveryState.WITHDRAWN, "withdrawn", detail="no-longer-called-for")
    return _post(sender, attempt, remote, called_for)


def _may_post(sender: Sender, ticket: TicketRow) -> bool:
    """Ask again just before posting whether the helpdesk is live and not paused."""
    source = next(source for source in sender.store.sources() if source.id == ticket.source_id)
    now = sender.clock.now()
    live = source.live_from is not None and source.live_from <= now
    return live and (source.paused_until is None or source.paused_until <= now)


def _still_called_for(sender: Sender, attempt: _Attempt) -> str | None:
    """Decide again on what was just read; give the note to post, or None if nothing is called for any more."""
    key = _link_key(sender, attempt.item)
    if key is None:
        return None
    with sender.store.write():
        decided = decide_link(sender.store, sender.policy, sender.clock, sender.calendar, key, sender.ruleset_hash)
    intention = decided.called_for.get(attempt.item.key)
    if intention is None:
        return None
    history = sender.store.link_history(key, KnownUpTo(sender.store.head()))
    return note_text(sender, history, decided.state, attempt.item, intention)


def _link_key(sender: Sender, item: UpdateItem) -> LinkKey | None:
    links = [link.key for link in sender.store.links_of(item.ticket_id) if link.state == "linked"]
    return next((key for key in links if sender.store.canonical_bug(key.bug_id) == item.bug_id), None)


def note_text(sender: Sender, history: LinkHistory, state: LinkState, item: UpdateItem, intention: Intention) -> str:
    """Render the reminder with its draft as the agent will read it."""
    question = _question(history, intention)
    draft = draft_of(sender.store, history, state, intention)
    text = sender.renderer.text(draft, sender.language) if draft else ""
    note = reminder(sender.store, history, state, item, intention, text, question)
    return sender.renderer.text(note, sender.language)


def _question(history: LinkHistory, intention: Intention) -> str:
    asked = [decision for decision in history.decisions if decision.rule_id == intention.reason]
    person = json.loads(asked[-1].output)["person"] if asked else ""
    return str(person).partition(":")[2].strip()


def _post(sender: Sender, attempt: _Attempt, remote: RemoteTicket, text: str) -> str:
    """Post between two commits: before it, that we are about to; after it, that we did."""
    posting = sender.store.advance(attempt.delivery, DeliveryState.POSTING, now=sender.clock.now(), actor=DAEMON)
    if posting is None:
        return ""
    remote_id = attempt.helpdesk.add_note(remote, text, posting.marker)
    detail = _posted_code(attempt.item)
    return _advance(sender, attempt, DeliveryState.POSTED, "posted", remote_id=remote_id, detail=detail)


def _advance(
    sender: Sender,
    attempt: _Attempt,
    state: DeliveryState,
    outcome: str,
    *,
    remote_id: str = "",
    detail: str = "",
    not_before: datetime | None = None,
) -> str:
    """Record a step; "" where the fence is stale and somebody else has the delivery."""
    moved = sender.store.advance(
        attempt.delivery,
        state,
        now=sender.clock.now(),
        actor=DAEMON,
        remote_id=remote_id,
        detail_code=detail,
        not_before=not_before,
    )
    return outcome if moved else ""


@dataclass(frozen=True, slots=True)
class Preview:
    """A note that would be posted, and where."""

    item: UpdateItem
    ticket: str
    issue: str
    text: str
    ticket_status: str


def preview_due(sender: Sender) -> tuple[Preview, ...]:
    """Show what a pass would post on what is known now; nothing is claimed, read afresh or written."""
    due = sender.store.due_updates(sender.clock.now(), PREVIEWED_AT_MOST)
    return tuple(preview for item in due if (preview := _preview(sender, item)) is not None)


def _preview(sender: Sender, item: UpdateItem) -> Preview | None:
    key = _link_key(sender, item)
    if key is None:
        return None
    history = sender.store.link_history(key, KnownUpTo(sender.store.head()))
    now = sender.clock.now()
    state = fold_link(history, now, sender.policy, sender.calendar)
    planned = plan_link(state, now, sender.policy, sender.calendar)
    intention = next((one for one in planned.intentions if key_of(history, one) == item.key), None)
    if intention is None:
        return None
    text = note_text(sender, history, state, item, intention)
    status = state.facts.ticket_status.value
    return Preview(item, history.ticket.reference, history.bug.primary_reference, text, status)
