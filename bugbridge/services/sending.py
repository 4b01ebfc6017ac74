"""Send what is due: claim, read afresh, still called for?, post with a marker, record. Nothing is repeated blindly."""

from collections.abc import Callable, Iterator
from datetime import timedelta

from bugbridge.core.errors import ConfigError, UsageError
from bugbridge.core.model import Channel, DeliveryState
from bugbridge.core.noise import Verdict, urgency
from bugbridge.core.records import Delivery, UpdateItem
from bugbridge.ports import Helpdesk
from bugbridge.services.answering import answer_due, deliver_answer, look_up_answer
from bugbridge.services.attempts import NOTHING, Attempt, Outcome, SendingResult, Step, guarded, lease_time
from bugbridge.services.claiming import Sender, next_note
from bugbridge.services.delivering import deliver, hold_reply, look_up
from bugbridge.services.freshness import stale_sentence, stale_sources
from bugbridge.services.quiet_helpdesks import QuietHelpdesks
from bugbridge.services.replying import channel_of
from bugbridge.services.settling import DAEMON

__all__ = ["Outcome", "Sender", "SendingResult", "send_due"]

# Due updates read at once: enough that promises come first among all of them.
READ_AT_ONCE = 10_000
# What rests on a source that wasn't read lately is looked at again so soon.
STALE_DELAY = timedelta(minutes=1)
# What is due on a helpdesk that was taken out of the configuration, or whose secret is missing.
UNREACHABLE_DELAY = timedelta(minutes=10)


def send_due(sender: Sender, stop: Callable[[], bool] = lambda: False) -> SendingResult:
    """Finish what a crash or an unknown outcome left over, then send what is due. `stop` is asked before each one."""
    result, quiet = SendingResult(), QuietHelpdesks(sender)
    for delivery in sender.store.reclaimable(sender.clock.now()):
        if stop():
            return result
        if quiet.until(delivery.ticket_id) is None:
            result = result.plus(quiet.heed(delivery.ticket_id, _take_over(sender, delivery)))
    for item in _due_items(sender):
        if stop():
            return result
        until = quiet.until(item.ticket_id)
        if until is None:
            result = result.plus(quiet.heed(item.ticket_id, _send(sender, item)))
        else:
            sender.store.put_off([(item, until)])
    return result.and_also(answer_due(sender, stop, quiet))


def _due_items(sender: Sender) -> Iterator[UpdateItem]:
    """Give due updates until there are none, the most urgent first. Each is to be taken or put off."""
    begun = sender.clock.now()  # what falls due meanwhile is the next pass's, or a slow pass would never end
    while due := sender.store.due_updates(begun, READ_AT_ONCE):
        yield from sorted(due, key=urgency)


def _send(sender: Sender, item: UpdateItem) -> Outcome:
    claimed = _claim(sender, item)
    return guarded(sender, claimed, deliver) if isinstance(claimed, Attempt) else claimed


def _claim(sender: Sender, item: UpdateItem) -> Attempt | Outcome:
    """Take the next message for this update's customer, and put off what may not go now.

    All in one transaction, so that two processes can't both find room for one more note.
    """
    try:
        helpdesk = sender.helpdesk(sender.store.ticket(item.ticket_id).source_name)
    except (UsageError, ConfigError) as error:
        sender.store.put_off([(item, sender.clock.now() + UNREACHABLE_DELAY)])
        return Outcome("retried", problem=str(error))
    with sender.store.write():
        now = sender.clock.now()
        verdict = next_note(sender, item, now)
        sender.store.put_off(verdict.put_off)
        if not verdict.together:
            return NOTHING
        if stale := stale_sources(sender.store, verdict.together, now, sender.fresh_for):
            sender.store.put_off([(one, now + STALE_DELAY) for one in verdict.together])
            return Outcome("stale", problem=stale_sentence(stale[0]))
        return _taken(sender, helpdesk, verdict)


def _taken(sender: Sender, helpdesk: Helpdesk, verdict: Verdict) -> Attempt | Outcome:
    """Claim a message; a reply is held from the very moment of its claim, also if we die right after."""
    now = sender.clock.now()
    delivery = sender.store.claim(
        verdict.together,
        owner=sender.owner,
        lease_until=now + lease_time(helpdesk, verdict.together),
        now=now,
        actor=DAEMON,
        channel=channel_of(sender, verdict.together),
    )
    if delivery is None:
        return NOTHING
    attempt = Attempt(delivery, sender.store.ticket(delivery.ticket_id), helpdesk)
    return hold_reply(sender, attempt) if attempt.is_reply else attempt


def _take_over(sender: Sender, delivery: Delivery) -> Outcome:
    """Go on with a delivery that nobody holds; one that may have been posted is looked up, late enough to be sure."""
    ticket = sender.store.ticket(delivery.ticket_id)
    try:
        helpdesk = sender.helpdesk(ticket.source_name)
    except (UsageError, ConfigError):  # it waits; what is due there says so
        return NOTHING
    now = sender.clock.now()
    in_doubt = delivery.state in (DeliveryState.POSTING, DeliveryState.UNKNOWN)
    too_early = in_doubt and delivery.lease_until and now < delivery.lease_until + 2 * helpdesk.timeout
    if too_early or not sender.store.may_be_written_to(ticket.id, now):
        return NOTHING
    until = now + lease_time(helpdesk, delivery.items)
    taken = sender.store.reclaim(delivery, owner=sender.owner, lease_until=until, now=now)
    if taken is None:
        return NOTHING
    return guarded(sender, Attempt(taken, ticket, helpdesk), _step(taken, in_doubt=in_doubt))


def _step(delivery: Delivery, *, in_doubt: bool) -> Step:
    if delivery.channel is Channel.ANSWER:
        return look_up_answer if in_doubt else deliver_answer
    return look_up if in_doubt else deliver
