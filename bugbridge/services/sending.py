"""Send what is due: claim, read afresh, still called for?, post with a marker, record. Nothing is repeated blindly."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bugbridge.core.calendar import is_open, next_open
from bugbridge.core.errors import ConflictError, LockedError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import DeliveryState
from bugbridge.core.noise import Verdict, choose_ticket, urgency
from bugbridge.core.planning import PROMISED
from bugbridge.core.records import Delivery, TicketRow, UpdateItem
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.ports import Helpdesk
from bugbridge.services.claiming import Imagined, Sender, called_for_as_known, next_note, still_called_for
from bugbridge.services.drafting import Called, note_text
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.settling import DAEMON
from bugbridge.services.sources import may_be_written_to

__all__ = ["Outcome", "Preview", "Sender", "SendingResult", "preview_due", "send_due"]

# What reading a ticket and rendering may take, on top of the write's own timeout.
LEASE_SLACK = timedelta(seconds=60)
RETRY_DELAYS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
# After so many tries, about four days, a person has to look: a helpdesk that is down for a weekend loses nothing.
MAXIMUM_TRIES = 100
# Due updates read at once: enough that promises come first among all of them.
READ_AT_ONCE = 10_000
DEAD_CODES = (
    (LockedError, "ticket-locked"),
    (NotFoundError, "ticket-gone"),
    (UnknownOutcomeError, "outcome-unknown"),
)


@dataclass(frozen=True, slots=True)
class SendingResult:
    """What one pass did: notes posted, found to have been posted, withdrawn, put off, given up; and what went wrong.

    `updates` counts what the notes posted or found tell; one note may tell several.
    """

    posted: int = 0
    found: int = 0
    withdrawn: int = 0
    retried: int = 0
    dead: int = 0
    updates: int = 0
    problems: tuple[str, ...] = field(default=(), compare=False)  # for people; results are equal by their counts

    def plus(self, outcome: "Outcome") -> "SendingResult":
        """Count one more of an outcome; what somebody else took over counts as nothing."""
        if not outcome.name:
            return self
        counted = replace(self, **{outcome.name: getattr(self, outcome.name) + 1})
        counted = replace(counted, updates=counted.updates + outcome.updates)
        new = outcome.problem and outcome.problem not in self.problems
        return replace(counted, problems=(*self.problems, outcome.problem)) if new else counted


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: the name of its count, "" where somebody else has it, and what went wrong.

    `updates` is how many a note tells that now stands on its ticket.
    """

    name: str = ""
    problem: str = ""
    updates: int = 0


NOTHING = Outcome()


@dataclass(frozen=True, slots=True)
class _Attempt:
    """A delivery with the parts that it goes through; its items are those that still go with it."""

    delivery: Delivery
    ticket: TicketRow
    helpdesk: Helpdesk

    @property
    def items(self) -> tuple[UpdateItem, ...]:
        return self.delivery.items

    @property
    def promised(self) -> bool:
        return any(item.reason == PROMISED for item in self.items)

    @property
    def other_tickets(self) -> set[int]:
        return {item.ticket_id for item in self.items} - {self.ticket.id}


def send_due(sender: Sender, stop: Callable[[], bool] = lambda: False) -> SendingResult:
    """Finish what a crash or an unknown outcome left over, then send what is due. `stop` is asked before each one."""
    result = SendingResult()
    for delivery in sender.store.reclaimable(sender.clock.now()):
        if stop():
            return result
        result = result.plus(_take_over(sender, delivery))
    for item in _due_items(sender):
        if stop():
            return result
        result = result.plus(_send(sender, item))
    return result


def _due_items(sender: Sender) -> Iterator[UpdateItem]:
    """Give due updates until there are none: promises first, then the oldest. Each is to be taken or put off."""
    while due := sender.store.due_updates(sender.clock.now(), READ_AT_ONCE):
        yield from sorted(due, key=urgency)


def _send(sender: Sender, item: UpdateItem) -> Outcome:
    attempt = _claim(sender, item)
    return _guarded(sender, attempt, _deliver) if attempt else NOTHING


def _claim(sender: Sender, item: UpdateItem) -> _Attempt | None:
    """Take the next note for this update's customer, and put off what may not go now.

    All in one transaction, so that two processes can't both find room for one more note.
    """
    helpdesk = sender.helpdesk(sender.store.ticket(item.ticket_id).source_name)
    with sender.store.write():
        now = sender.clock.now()
        verdict = next_note(sender, item, now)
        sender.store.put_off(verdict.put_off)
        if not verdict.together:
            return None
        until = now + _lease(helpdesk, verdict.together)
        delivery = sender.store.claim(verdict.together, owner=sender.owner, lease_until=until, now=now, actor=DAEMON)
        return _Attempt(delivery, sender.store.ticket(delivery.ticket_id), helpdesk) if delivery else None


def _lease(helpdesk: Helpdesk, items: Collection[UpdateItem]) -> timedelta:
    """Every ticket that a note is about is read afresh before it is posted."""
    return 2 * helpdesk.timeout + LEASE_SLACK * len({item.ticket_id for item in items})


def _take_over(sender: Sender, delivery: Delivery) -> Outcome:
    """Go on with a delivery that nobody holds; one that may have been posted is looked up, late enough to be sure."""
    ticket = sender.store.ticket(delivery.ticket_id)
    helpdesk = sender.helpdesk(ticket.source_name)
    now = sender.clock.now()
    in_doubt = delivery.state in (DeliveryState.POSTING, DeliveryState.UNKNOWN)
    too_early = in_doubt and delivery.lease_until and now < delivery.lease_until + 2 * helpdesk.timeout
    if too_early or not _may_post(sender, ticket):
        return NOTHING
    until = now + _lease(helpdesk, delivery.items)
    taken = sender.store.reclaim(delivery, owner=sender.owner, lease_until=until, now=now)
    if taken is None:
        return NOTHING
    return _guarded(sender, _Attempt(taken, ticket, helpdesk), _look_up if in_doubt else _deliver)


def _guarded(sender: Sender, attempt: _Attempt, step: Callable[[Sender, _Attempt], Outcome]) -> Outcome:
    """Turn a remote error into a later try or, where trying again can't help, into a delivery that a person sees."""
    try:
        return step(sender, attempt)
    except ConflictError as error:  # somebody wrote meanwhile: no problem, only a reason to decide afresh
        return _after_error(sender, attempt, error)
    except RemoteError as error:
        return replace(_after_error(sender, attempt, error), problem=str(error))


def _after_error(sender: Sender, attempt: _Attempt, error: RemoteError) -> Outcome:
    tired = _tries(attempt) >= MAXIMUM_TRIES
    if isinstance(error, UnknownOutcomeError) and not tired:
        return _advance(sender, attempt, DeliveryState.UNKNOWN, "retried", not_before=_after_doubt(sender, attempt))
    if isinstance(error, LockedError | NotFoundError) and _another_will_do(sender, attempt):
        return _advance(sender, attempt, DeliveryState.WITHDRAWN, "withdrawn", detail=_code(error))
    if (error.permanent or tired) and not isinstance(error, ConflictError):
        return _advance(sender, attempt, DeliveryState.DEAD, "dead", detail=_code(error))
    return _advance(sender, attempt, attempt.delivery.state, "retried", not_before=_later(sender, attempt, error))


def _another_will_do(sender: Sender, attempt: _Attempt) -> bool:
    """Whether the note can go to another of its tickets; it is withdrawn then, planned again and claimed for that."""
    return any(ticket.takes_notes for ticket in sender.store.concerned_tickets(attempt.other_tickets))


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


def _look_up(sender: Sender, attempt: _Attempt) -> Outcome:
    remote_id = attempt.helpdesk.find_note(attempt.ticket.remote_id, attempt.delivery.marker)
    if remote_id:
        return _advance(sender, attempt, DeliveryState.POSTED, "found", remote_id=remote_id, detail="found")
    return _deliver(sender, attempt)


def _deliver(sender: Sender, attempt: _Attempt) -> Outcome:
    """Read all its tickets afresh, the one that it goes to last, and post what is still called for there."""
    fresh = _reread_others(sender, attempt)
    if fresh is None:
        return NOTHING
    _, remote = refresh_ticket(fresh.helpdesk, sender.store, sender.clock, sender.references, fresh.ticket.remote_id)
    now = sender.clock.now()
    if not _may_post(sender, fresh.ticket):
        return _advance(sender, fresh, fresh.delivery.state, "retried", not_before=now + RETRY_DELAYS[0])
    if not is_open(now, sender.calendar) and not fresh.promised:
        opens = next_open(now, sender.calendar)
        return _advance(sender, fresh, fresh.delivery.state, "retried", not_before=opens)
    called = still_called_for(sender, fresh.items, fresh.ticket.id)
    left = _without(sender, fresh, called)
    if left is None:
        return NOTHING
    if not called:
        return _advance(sender, left, DeliveryState.WITHDRAWN, "withdrawn", detail="no-longer-called-for")
    if not _goes_here(sender, left):
        return _advance(sender, left, DeliveryState.WITHDRAWN, "withdrawn", detail="another-ticket")
    return _post(sender, left, remote, note_text(sender.store, sender.renderer, sender.language, called))


def _reread_others(sender: Sender, attempt: _Attempt) -> _Attempt | None:
    """Read the other tickets that the note is about; what is due on one that is gone is given up, as by itself."""
    for ticket_id in sorted(attempt.other_tickets):
        row = sender.store.ticket(ticket_id)
        try:
            refresh_ticket(attempt.helpdesk, sender.store, sender.clock, sender.references, row.remote_id)
        except NotFoundError as error:
            lost = [item for item in attempt.items if item.ticket_id == ticket_id]
            dropped = _drop(sender, attempt, lost, DeliveryState.DEAD, _code(error))
            if dropped is None:
                return None
            attempt = dropped
    return attempt


def _may_post(sender: Sender, ticket: TicketRow) -> bool:
    """Ask again just before posting whether the helpdesk is live and not paused."""
    source = next(source for source in sender.store.sources() if source.id == ticket.source_id)
    return may_be_written_to(source, sender.clock.now())


def _without(sender: Sender, attempt: _Attempt, called: Sequence[Called]) -> _Attempt | None:
    """Let go of what isn't called for any more; where nothing is, the whole delivery is withdrawn after this."""
    keys = {one.item.key for one in called}
    gone = [item for item in attempt.items if item.key not in keys]
    if not gone or not called:
        return attempt
    return _drop(sender, attempt, gone, DeliveryState.WITHDRAWN, "no-longer-called-for")


def _drop(
    sender: Sender, attempt: _Attempt, items: Sequence[UpdateItem], state: DeliveryState, code: str
) -> _Attempt | None:
    """Go on without some updates; None where the fence is stale and somebody else has the delivery."""
    left = sender.store.drop(attempt.delivery, items, state, now=sender.clock.now(), actor=DAEMON, detail_code=code)
    return replace(attempt, delivery=left) if left else None


def _goes_here(sender: Sender, attempt: _Attempt) -> bool:
    """Whether the ticket is still one that the note is about, and takes it where any does."""
    tickets = sender.store.concerned_tickets({item.ticket_id for item in attempt.items})
    own = [ticket for ticket in tickets if ticket.id == attempt.ticket.id]
    return bool(own) and (own[0].takes_notes or not choose_ticket(tickets, attempt.items).takes_notes)


def _post(sender: Sender, attempt: _Attempt, remote: RemoteTicket, text: str) -> Outcome:
    """Post between two commits: before it, that we are about to; after it, that we did."""
    posting = sender.store.advance(attempt.delivery, DeliveryState.POSTING, now=sender.clock.now(), actor=DAEMON)
    if posting is None:
        return NOTHING
    remote_id = attempt.helpdesk.add_note(remote, text, posting.marker)
    return _advance(sender, attempt, DeliveryState.POSTED, "posted", remote_id=remote_id)


def _advance(
    sender: Sender,
    attempt: _Attempt,
    state: DeliveryState,
    outcome: str,
    *,
    remote_id: str = "",
    detail: str = "",
    not_before: datetime | None = None,
) -> Outcome:
    """Record a step; nothing came of it where the fence is stale and somebody else has the delivery."""
    moved = sender.store.advance(
        attempt.delivery,
        state,
        now=sender.clock.now(),
        actor=DAEMON,
        remote_id=remote_id,
        detail_code=detail,
        not_before=not_before,
    )
    if moved is None:
        return NOTHING
    return Outcome(outcome, updates=len(moved.items) if state is DeliveryState.POSTED else 0)


@dataclass(frozen=True, slots=True)
class Preview:
    """A note that would be posted, and where; `item` is the first of the updates in it, `issue` that one's."""

    items: tuple[UpdateItem, ...]
    ticket: str
    issue: str
    text: str
    ticket_status: str

    @property
    def item(self) -> UpdateItem:
        """The update that comes first."""
        return self.items[0]


def preview_due(sender: Sender) -> tuple[Preview, ...]:
    """Show what a pass would post on what is known now; nothing is claimed, read afresh or written."""
    imagined = Imagined()
    previews = []
    for item in sorted(sender.store.due_updates(sender.clock.now(), READ_AT_ONCE), key=urgency):
        verdict = next_note(sender, item, sender.clock.now(), imagined)
        imagined.verdicts.append(verdict)
        previews.append(_preview(sender, verdict))
    return tuple(preview for preview in previews if preview is not None)


def _preview(sender: Sender, verdict: Verdict) -> Preview | None:
    called = called_for_as_known(sender, verdict.together)
    if verdict.ticket is None or not called:
        return None
    return Preview(
        tuple(one.item for one in called),
        sender.store.ticket(verdict.ticket.id).reference,
        called[0].history.bug.primary_reference,
        note_text(sender.store, sender.renderer, sender.language, called),
        verdict.ticket.status.value,
    )
