"""Deliver what was claimed: read all of it afresh, post what is still called for between two commits, record."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bugbridge.core.attempts import RETRY_DELAYS
from bugbridge.core.calendar import is_open, next_open
from bugbridge.core.errors import NotFoundError
from bugbridge.core.events import LinkEvent
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.core.model import DeliveryState, LinkEventKind, LinkHow, News
from bugbridge.core.noise import choose_ticket
from bugbridge.core.records import Delivery, KnownUpTo, LinkHistory, UpdateItem
from bugbridge.core.replies import MINUTE, held_reply_at, language_of, next_reply_at, reply_opens, spaced, zone_of
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.services.attempts import (
    NOTHING,
    Attempt,
    Outcome,
    advance,
    begin_posting,
    code_of,
    drop,
    give_up_reply,
    postponed,
)
from bugbridge.services.bug_words import told_workaround
from bugbridge.services.claiming import Judged, Sender, link_of, planned_for, still_called_for
from bugbridge.services.doubtful_replies import arrived_after_all
from bugbridge.services.drafting import Called, note_text
from bugbridge.services.freshness import stale_sentence, stale_sources
from bugbridge.services.linking import refresh_ticket
from bugbridge.services.replying import replies, reply_text
from bugbridge.services.reviewing import forget_words
from bugbridge.services.settling import DAEMON

# What may not go out this moment is looked at again so soon.
RECHECK = RETRY_DELAYS[0]


def hold_reply(sender: Sender, attempt: Attempt) -> Outcome:
    """Keep a reply that was just claimed for its ten minutes, in which a person may stop it."""
    history = _history(sender, attempt)
    zone = zone_of(history, sender.calendar.zone) if history else sender.calendar.zone
    earliest = held_reply_at(sender.clock.now(), sender.calendar, zone, _promised_by(history, attempt))
    until = spaced(earliest, sender.store.replies_held(attempt.ticket.source_id))
    return advance(sender, attempt, DeliveryState.CLAIMED, "held", detail="held", not_before=until)


def _history(sender: Sender, attempt: Attempt) -> LinkHistory | None:
    key = link_of(sender.store, attempt.items[0])
    return sender.store.link_history(key, KnownUpTo(sender.store.head())) if key else None


def _promised_by(history: LinkHistory | None, attempt: Attempt) -> datetime | None:
    """Give by when what a reply tells was promised, none where it wasn't."""
    promise_seq = attempt.items[0].news_seq
    if history is None or not attempt.promised:
        return None
    made = [instant_from_text(event.value) for event in history.link_events if event.seq == promise_seq]
    read = [one.due_at for one in history.findings if one.seq == promise_seq and one.due_at is not None]
    return min([*made, *read], default=None)


def look_up(sender: Sender, attempt: Attempt) -> Outcome:
    """Find out what became of a post; only a note that isn't there is posted again. A reply is for a person."""
    remote_id = attempt.helpdesk.find_note(attempt.ticket.remote_id, attempt.delivery.marker)
    if remote_id:
        return _posted(sender, attempt, "found", remote_id, detail="found")
    return give_up_reply(sender, attempt) if attempt.is_reply else deliver(sender, attempt)


def deliver(sender: Sender, attempt: Attempt) -> Outcome:
    """Read all its tickets afresh, the one that it goes to last, and post what is still called for there."""
    fresh = _reread_others(sender, attempt)
    if fresh is None:
        return NOTHING
    _, remote = refresh_ticket(fresh.helpdesk, sender.store, sender.clock, sender.references, fresh.ticket.remote_id)
    waits = _waits(sender, fresh)
    if waits is not None:
        return waits
    judged = still_called_for(sender, fresh.items, fresh.ticket.id)
    if _arrived_after_all(sender, fresh, judged.called):
        judged = still_called_for(sender, fresh.items, fresh.ticket.id)
    left = _without(sender, fresh, judged)
    if left is None:
        return NOTHING
    if not judged.called:
        return advance(sender, left, DeliveryState.WITHDRAWN, "withdrawn", detail=" ".join(judged.reasons))
    if not _goes_here(sender, left):
        return advance(sender, left, DeliveryState.WITHDRAWN, "withdrawn", detail="another-ticket")
    if left.is_reply and not replies(sender, judged.called):
        return advance(sender, left, DeliveryState.WITHDRAWN, "withdrawn", detail="not-by-reply")
    return _post(sender, left, remote, judged.called)


def _arrived_after_all(sender: Sender, attempt: Attempt, called: Sequence[Called]) -> bool:
    """Record replies that were given up in doubt and stand there after all: nobody tells, or is reminded to tell, news
    that the customer read. Says whether there are any."""
    found = [(one, reply) for one in called for reply in arrived_after_all(sender.store, attempt.helpdesk, one)]
    if not found:  # as nearly always: nobody waits for the write lock then
        return False
    with sender.store.write():
        for one, reply in found:
            said = _tellings(sender, reply.delivery, [one.item], reply.begun_at)
            sender.store.append(said, actor=DAEMON, recorded_at=sender.clock.now())
    return True


def _waits(sender: Sender, attempt: Attempt) -> Outcome | None:
    """Put a delivery off where nothing may be posted now: in watch mode, paused, out of hours, or on stale facts."""
    store, now = sender.store, sender.clock.now()
    if not store.may_be_written_to(attempt.ticket.id, now):
        return postponed(sender, attempt, RECHECK)
    opens = max(_opens(sender, attempt, now), _paced(sender, attempt, now))
    if opens > now:
        return advance(sender, attempt, attempt.delivery.state, "retried", not_before=opens)
    if stale := stale_sources(store, attempt.items, now, sender.fresh_for):
        waiting = advance(sender, attempt, attempt.delivery.state, "stale", not_before=now + RECHECK)
        return Outcome(waiting.name, problem=stale_sentence(stale[0]))
    return None


def _opens(sender: Sender, attempt: Attempt, now: datetime) -> datetime:
    """Give from when on it may go out: in the team's hours, a reply also in the customer's; a promise at any hour, but
    as a reply only where it couldn't be kept otherwise."""
    history = _history(sender, attempt) if attempt.is_reply else None
    if history is not None:
        zone = zone_of(history, sender.calendar.zone)
        return reply_opens(now, sender.calendar, zone, _promised_by(history, attempt))
    if attempt.promised:
        return now
    return now if is_open(now, sender.calendar) else next_open(now, sender.calendar)


def _paced(sender: Sender, attempt: Attempt, now: datetime) -> datetime:
    """A reply leaves the helpdesk's limits to the people there, also after an hour in which none could be sent."""
    if not attempt.is_reply:
        return now
    return next_reply_at(now, sender.store.replies_sent(attempt.ticket.source_id, now - MINUTE))


def _reread_others(sender: Sender, attempt: Attempt) -> Attempt | None:
    """Read the other tickets that the note is about; what is due on one that is gone is given up, as by itself."""
    for ticket_id in sorted(attempt.other_tickets):
        row = sender.store.ticket(ticket_id)
        try:
            refresh_ticket(attempt.helpdesk, sender.store, sender.clock, sender.references, row.remote_id)
        except NotFoundError as error:
            lost = [item for item in attempt.items if item.ticket_id == ticket_id]
            dropped = drop(sender, attempt, lost, DeliveryState.DEAD, code_of(error))
            if dropped is None:
                return None
            attempt = dropped
    return attempt


def _without(sender: Sender, attempt: Attempt, judged: Judged) -> Attempt | None:
    """Let go of what isn't called for any more; where nothing is, the whole delivery is withdrawn after this."""
    left: Attempt | None = attempt
    for reason in judged.reasons if judged.called else ():
        gone = [item for item, why in judged.gone if why == reason]
        left = drop(sender, left, gone, DeliveryState.WITHDRAWN, reason) if left else None
    return left


def _goes_here(sender: Sender, attempt: Attempt) -> bool:
    """Whether the ticket is still one that the note is about, and takes it where any does."""
    tickets = sender.store.concerned_tickets({item.ticket_id for item in attempt.items})
    own = [ticket for ticket in tickets if ticket.id == attempt.ticket.id]
    return bool(own) and (own[0].takes_notes or not choose_ticket(tickets, attempt.items).takes_notes)


def _post(sender: Sender, attempt: Attempt, remote: RemoteTicket, called: Sequence[Called]) -> Outcome:
    """Post between two commits: before it, that we are about to; after it, that we did."""
    text = reply_text(sender, called[0]) if attempt.is_reply else _note(sender, called)
    posting = begin_posting(sender, attempt, RECHECK)
    if isinstance(posting, Outcome):
        return posting
    if attempt.is_reply:
        reply = attempt.helpdesk.add_reply(remote, text, posting.marker)
        return _posted(sender, attempt, "replied", reply.message_id, text=text)
    return _posted(sender, attempt, "posted", attempt.helpdesk.add_note(remote, text, posting.marker))


def _note(sender: Sender, called: Sequence[Called]) -> str:
    return note_text(sender.store, sender.renderer, sender.language, called)


def _posted(
    sender: Sender, attempt: Attempt, outcome: str, remote_id: str, detail: str = "", text: str = ""
) -> Outcome:
    """Record that a message stands there. Of a reply the customer now knows what it says, and counts on what its text,
    where we have it, promises."""
    now = sender.clock.now()
    with sender.store.write():
        recorded = advance(sender, attempt, DeliveryState.POSTED, outcome, remote_id=remote_id, detail=detail, now=now)
        if recorded.name and attempt.is_reply:
            said = [*_tellings(sender, attempt.delivery, attempt.items, now), *_promises(sender, attempt, text, now)]
            sender.store.append(said, actor=DAEMON, recorded_at=now)
            sender.store.settle_updates([item.key for item in attempt.items])
            forget_words(sender.store, attempt.items)
    return recorded


def _tellings(sender: Sender, delivery: Delivery, items: Sequence[UpdateItem], at: datetime) -> list[LinkEvent]:
    """Say that this reply told the customer these updates at that instant, and of a workaround too."""
    keys = {key: item for item in items if (key := planned_for(sender.store, item))}
    source_key = f"delivery:{delivery.id}:workaround"
    helped = [key for key, item in keys.items() if item.reason == News.WORKAROUND]
    workarounds = [
        event for key in helped for event in told_workaround(sender.store, key, at, f"{source_key}:{key.bug_id}")
    ]
    return workarounds + [
        LinkEvent(
            ticket_id=key.ticket_id,
            bug_id=key.bug_id,
            kind=LinkEventKind.TOLD,
            how=LinkHow.REPLY,
            value=str(items[0].news_seq or ""),
            occurred_at=at,
            source_key=f"delivery:{delivery.id}:told:{key.bug_id}",
        )
        for key in sorted(keys)
    ]


def _promises(sender: Sender, attempt: Attempt, text: str, now: datetime) -> Iterator[LinkEvent]:
    """Keep by when a reply of our own promises another, as a person would record it: it is held over all limits."""
    history = _history(sender, attempt) if text else None
    key = link_of(sender.store, attempt.items[0])
    if history is None or key is None:
        return
    rules = sender.references.promises
    found = rules.find(text, now, rules.calendar(), language_of(history, sender.language))
    for due_at in sorted({said.due_at for said in found if said.due_at is not None}):
        yield LinkEvent(
            ticket_id=key.ticket_id,
            bug_id=key.bug_id,
            kind=LinkEventKind.PROMISE_MADE,
            value=instant_to_text(due_at),
            occurred_at=now,
            source_key=f"delivery:{attempt.delivery.id}:promised:{instant_to_text(due_at)}",
        )
