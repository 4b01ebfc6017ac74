"""One attempt to bring a delivery to its ticket: what came of it, its steps in the store, and what its errors mean."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta

from bugbridge.core.attempts import MAXIMUM_TRIES, retry_delay
from bugbridge.core.errors import ConflictError, LockedError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import Channel, DeliveryState
from bugbridge.core.planning import PROMISED
from bugbridge.core.records import Delivery, TicketRow, UpdateItem
from bugbridge.ports import Helpdesk
from bugbridge.services.claiming import Sender
from bugbridge.services.replying import hand_to_agent
from bugbridge.services.settling import DAEMON

# What reading a ticket and rendering may take, on top of the write's own timeout.
LEASE_SLACK = timedelta(seconds=60)
# The detail of a step after which a delivery is tried again.
FAILED = "failed"
# Nobody can say whether the customer has it, so nothing but a person goes on from there.
REPLY_UNKNOWN = "reply-unknown"
DEAD_CODES = (
    (LockedError, "ticket-locked"),
    (NotFoundError, "ticket-gone"),
    (UnknownOutcomeError, "outcome-unknown"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one delivery: the name of its count, "" where somebody else has it, and what went wrong.

    `updates` is how many a message tells that now stands on its ticket. Until `leave_alone_until` the helpdesk asked
    not to be asked.
    """

    name: str = ""
    problem: str = ""
    updates: int = 0
    leave_alone_until: datetime | None = None


NOTHING = Outcome()


@dataclass(frozen=True, slots=True)
class SendingResult:
    """What one pass did: notes posted, replies sent, found to have been posted, held for their ten minutes, withdrawn,
    put off, kept back since a source is stale, given up; answers given; and what went wrong.

    `updates` counts what the messages posted or found tell; one note may tell several.
    """

    posted: int = 0
    replied: int = 0
    found: int = 0
    held: int = 0
    withdrawn: int = 0
    retried: int = 0
    stale: int = 0
    dead: int = 0
    answered: int = 0
    updates: int = 0
    problems: tuple[str, ...] = field(default=(), compare=False)  # for people; results are equal by their counts

    def plus(self, outcome: Outcome) -> "SendingResult":
        """Count one more of an outcome; what somebody else took over counts as nothing."""
        if not outcome.name:
            return self
        counted = replace(self, **{outcome.name: getattr(self, outcome.name) + 1})
        counted = replace(counted, updates=counted.updates + outcome.updates)
        new = outcome.problem and outcome.problem not in self.problems
        return replace(counted, problems=(*self.problems, outcome.problem)) if new else counted

    def and_also(self, other: "SendingResult") -> "SendingResult":
        """Add what another pass did."""
        counts = {one.name: getattr(self, one.name) + getattr(other, one.name) for one in fields(self)}
        return replace(self, **{**counts, "problems": tuple(dict.fromkeys(counts["problems"]))})


@dataclass(frozen=True, slots=True)
class Attempt:
    """A delivery with the parts that it goes through; its items are those that still go with it."""

    delivery: Delivery
    ticket: TicketRow
    helpdesk: Helpdesk

    @property
    def items(self) -> tuple[UpdateItem, ...]:
        """What it tells."""
        return self.delivery.items

    @property
    def is_reply(self) -> bool:
        """Whether it goes to the customer directly."""
        return self.delivery.channel is Channel.REPLY

    @property
    def promised(self) -> bool:
        """Whether it carries a promise."""
        return any(item.reason == PROMISED for item in self.items)

    @property
    def other_tickets(self) -> set[int]:
        """The tickets that it is about beside its own."""
        return {item.ticket_id for item in self.items} - {self.ticket.id}

    @property
    def tries(self) -> int:
        """How often it was tried, this time included; waiting for a pause to end is no try."""
        return self.delivery.failures + 1


Step = Callable[[Sender, Attempt], Outcome]


def guarded(sender: Sender, attempt: Attempt, step: Step) -> Outcome:
    """Turn a remote error into a later try or, where trying again can't help, into a delivery that a person sees."""
    try:
        return step(sender, attempt)
    except ConflictError as error:  # somebody wrote meanwhile: no problem, only a reason to decide afresh
        return _after_error(sender, attempt, error)
    except RemoteError as error:
        until = sender.clock.now() + error.retry_after if error.retry_after else None
        return replace(_after_error(sender, attempt, error), problem=str(error), leave_alone_until=until)


def _after_error(sender: Sender, attempt: Attempt, error: RemoteError) -> Outcome:
    tired = attempt.tries >= MAXIMUM_TRIES
    if isinstance(error, UnknownOutcomeError) and not tired:
        doubt = _after_doubt(sender, attempt)
        return advance(sender, attempt, DeliveryState.UNKNOWN, "retried", detail=FAILED, not_before=doubt)
    if tired and attempt.is_reply and _in_doubt(attempt, error):
        return give_up_reply(sender, attempt)
    if isinstance(error, LockedError | NotFoundError) and _another_will_do(sender, attempt):
        return advance(sender, attempt, DeliveryState.WITHDRAWN, "withdrawn", detail=code_of(error))
    if (error.permanent or tired) and not isinstance(error, ConflictError):
        return advance(sender, attempt, DeliveryState.DEAD, "dead", detail=code_of(error))
    detail = "" if isinstance(error, ConflictError) else FAILED
    later = _later(sender, attempt, error)
    return advance(sender, attempt, attempt.delivery.state, "retried", detail=detail, not_before=later)


def _in_doubt(attempt: Attempt, error: RemoteError) -> bool:
    """Whether the message may stand there, for all we know."""
    begun = attempt.delivery.state in (DeliveryState.POSTING, DeliveryState.UNKNOWN)
    return begun or isinstance(error, UnknownOutcomeError)


def give_up_reply(sender: Sender, attempt: Attempt) -> Outcome:
    """Nobody knows whether the customer has it: from now on it is the agent's, whatever is planned anew."""
    with sender.store.write():
        given_up = advance(sender, attempt, DeliveryState.DEAD, "dead", detail=REPLY_UNKNOWN)
        if given_up.name:
            hand_to_agent(sender.store, sender.clock, attempt.items, REPLY_UNKNOWN, DAEMON)
    return given_up


def _another_will_do(sender: Sender, attempt: Attempt) -> bool:
    """Whether the note can go to another of its tickets; it is withdrawn then, planned again and claimed for that."""
    return any(ticket.takes_notes for ticket in sender.store.concerned_tickets(attempt.other_tickets))


def code_of(error: RemoteError) -> str:
    """Say in a word why a delivery was given up; the sentence may name people, so it isn't kept."""
    return next((code for kind, code in DEAD_CODES if isinstance(error, kind)), "refused")


def _after_doubt(sender: Sender, attempt: Attempt) -> datetime:
    return sender.clock.now() + 2 * attempt.helpdesk.timeout


def _later(sender: Sender, attempt: Attempt, error: RemoteError) -> datetime:
    conflict = isinstance(error, ConflictError)
    delay = timedelta(0) if conflict else retry_delay(attempt.tries, attempt.delivery.marker)
    return sender.clock.now() + max(delay, error.retry_after or timedelta(0))


def lease_time(helpdesk: Helpdesk, items: Collection[UpdateItem] = ()) -> timedelta:
    """Give how long a message may take: every ticket that it is about is read afresh before it is posted."""
    return 2 * helpdesk.timeout + LEASE_SLACK * max(1, len({item.ticket_id for item in items}))


def postponed(sender: Sender, attempt: Attempt, delay: timedelta) -> Outcome:
    """Look at it again after so long."""
    return advance(sender, attempt, attempt.delivery.state, "retried", not_before=sender.clock.now() + delay)


def begin_posting(sender: Sender, attempt: Attempt, recheck: timedelta) -> Delivery | Outcome:
    """Commit that we are about to post. Where that may not be by now, it is looked at again after `recheck`."""
    with sender.store.write():  # who pauses meanwhile comes before it or after it
        if not sender.store.may_be_written_to(attempt.ticket.id, sender.clock.now()):
            return postponed(sender, attempt, recheck)
        posting = sender.store.advance(attempt.delivery, DeliveryState.POSTING, now=sender.clock.now(), actor=DAEMON)
    return posting or NOTHING


def drop(
    sender: Sender, attempt: Attempt, items: Sequence[UpdateItem], state: DeliveryState, code: str
) -> Attempt | None:
    """Go on without some updates; None where the fence is stale and somebody else has the delivery."""
    left = sender.store.drop(attempt.delivery, items, state, now=sender.clock.now(), actor=DAEMON, detail_code=code)
    return replace(attempt, delivery=left) if left else None


def advance(
    sender: Sender,
    attempt: Attempt,
    state: DeliveryState,
    outcome: str,
    *,
    remote_id: str = "",
    detail: str = "",
    not_before: datetime | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Record a step, now or at this instant; nothing came of it where the fence is stale: somebody else has it."""
    moved = sender.store.advance(
        attempt.delivery,
        state,
        now=now or sender.clock.now(),
        actor=DAEMON,
        remote_id=remote_id,
        detail_code=detail,
        not_before=not_before,
    )
    if moved is None:
        return NOTHING
    return Outcome(outcome, updates=len(moved.items) if state is DeliveryState.POSTED else 0)
