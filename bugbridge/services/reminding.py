"""What an agent says of a reminder: later, for somebody else, not needed, still due after all."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from bugbridge.core.answers import Answer, AnswerKind
from bugbridge.core.errors import RefusedError
from bugbridge.core.instants import instant_to_text
from bugbridge.core.live import live_since
from bugbridge.core.model import Entity, LinkEventKind, Review, UpdateState
from bugbridge.core.planning import PROMISED
from bugbridge.core.promises_made import Promise, standing_promises
from bugbridge.core.records import KnownUpTo, LinkHistory, LinkKey, UpdateItem
from bugbridge.core.reminders import MOST_DELAYS, delays_since, ended_since, ended_with, happened_at, last_delay
from bugbridge.core.stages import timeline
from bugbridge.ports import Clock, Store
from bugbridge.services.reviewing import say_reviewed
from bugbridge.services.round_opening import ALONE, ping_of_one
from bugbridge.services.saying import Word, say_of_link

OPEN_STATES = frozenset({UpdateState.PLANNED, UpdateState.CLAIMED, UpdateState.POSTED, UpdateState.DEAD})


def put_off(store: Store, clock: Clock, key: LinkKey, delay: timedelta, word: Word) -> datetime:
    """Have the agent reminded of what is due in so much time, not before; gives when.

    Raises RefusedError where nothing is due, where it was put off twice, and past a promise.
    """
    until = word.at + delay
    with store.write():
        history = _history(store, key)
        items = [item for item in _open_updates(store, key) if item.reason != PROMISED]
        if not items:
            raise RefusedError("nothing-due", _nothing_due(history))
        _refuse_past_promise(history, until)
        if min(delays_since(history, happened_at(history, item)) for item in items) >= MOST_DELAYS:
            raise RefusedError("later-twice", f"{_names(history)} was put off twice already: tell the customer now.")
        say_of_link(store, clock, key, LinkEventKind.PUT_OFF, instant_to_text(until), word)
        unasked = _without_waiting(store, key, items, until)
        _remind_again(store, unasked, until, f"until:{instant_to_text(until)}")
    return until


def take_back_delay(store: Store, clock: Clock, key: LinkKey, word: Word) -> None:
    """Take back that a reminder was put off last: what was said before that holds again.

    Raises RefusedError where nothing is put off.
    """
    with store.write():
        history = _history(store, key)
        delay = last_delay(history)
        if delay is None or delay.until <= word.at:
            raise RefusedError("nothing-put-off", f"{_names(history)}: nothing is put off there.")
        say_of_link(store, clock, key, LinkEventKind.PUT_OFF, instant_to_text(word.at), word)


def _without_waiting(store: Store, key: LinkKey, items: Sequence[UpdateItem], until: datetime) -> Sequence[UpdateItem]:
    """Have reminders of these that are to be repeated already wait until then too; gives the other updates."""
    planned = [one for one in store.answers_to(key.ticket_id) if one.state is UpdateState.PLANNED]
    again_of = {item.key: [one for one in planned if _reminds_of(one, item)] for item in items}
    store.put_off_answers([one.key for answers in again_of.values() for one in answers], until)
    return [item for item in items if not again_of[item.key]]


def _reminds_of(answer: Answer, item: UpdateItem) -> bool:
    if answer.kind is AnswerKind.AGAIN:
        return answer.subject["update"] == item.key
    return ALONE in answer.subject and answer.subject["news_seq"] == item.news_seq


def _refuse_past_promise(history: LinkHistory, until: datetime) -> None:
    due = reply_owed_by(history)
    if due is not None and due < until:
        by = instant_to_text(due)
        sentence = f"{_names(history)}: the customer was promised a message by {by}, before that."
        raise RefusedError("promise-first", sentence, {"by": by})


def owed_promises(history: LinkHistory) -> tuple[Promise, ...]:
    """Give the promises of a link that somebody is or will be reminded of."""
    begins = live_since(history.source_facts, history.ticket_facts) or history.ticket.created_at
    return standing_promises(history, timeline(history.bug), begins)


def awaits_reply_by(store: Store, key: LinkKey) -> datetime | None:
    """Give by when a message was promised that nobody has sent: only a public reply keeps that, nobody's word does.

    The earliest; none where no promise for a day is open.
    """
    return reply_owed_by(_history(store, key))


def reply_owed_by(history: LinkHistory) -> datetime | None:
    """Say the same of a history."""
    return min((one.due_at for one in owed_promises(history) if one.event is None and one.due_at), default=None)


def give(store: Store, clock: Clock, key: LinkKey, agent_id: int, word: Word) -> None:
    """Have an agent get what is due for this ticket and bug from now on, whoever has the ticket."""
    with store.write():
        say_of_link(store, clock, key, LinkEventKind.GIVEN, str(agent_id), word)
        _remind_again(store, _open_updates(store, key), word.at, f"given:{agent_id}:{instant_to_text(word.at)}")


def not_needed(store: Store, clock: Clock, key: LinkKey, why: str, word: Word) -> None:
    """Keep that what is due now needn't be told, and why; what happens from now on is told as ever.

    Raises RefusedError where nothing is due.
    """
    with store.write():
        history = _history(store, key)
        if not _open_updates(store, key):
            raise RefusedError("nothing-due", _nothing_due(history))
        seq = say_of_link(store, clock, key, LinkEventKind.NOT_NEEDED, "", word)
        if owed_promises(history):
            say_of_link(store, clock, key, LinkEventKind.PROMISE_DISMISSED, "", word)
        store.keep_private(history.ticket.requester_id, Entity.TICKET, key.ticket_id, f"not_needed:{seq}", why)


def still_due(store: Store, clock: Clock, key: LinkKey, word: Word) -> None:
    """Undo the end of the reminder that ended last, and of those that ended with it: what seemed to tell the
    customer didn't. What was let be in a round waits there again.

    Raises RefusedError where no reminder has ended.
    """
    with store.write():
        history = _history(store, key)
        updates = store.updates_of(key)
        if any(is_let_be(item) for item in updates):
            say_reviewed(store, clock, [key], Review.WAITING, word.actor)
            return
        ended = ended_since(history, updates)
        if ended is None:
            raise RefusedError("nothing-ended", f"{_names(history)}: no reminder has ended that could go on.")
        last, since = ended
        say_of_link(store, clock, key, LinkEventKind.STILL_DUE, instant_to_text(since), word)
        store.reopen_updates([last.key, *(item.key for item in ended_with(history, updates, since))])


def is_let_be(item: UpdateItem) -> bool:
    """Whether somebody said in a round that nobody is to be told of this."""
    return item.state is UpdateState.PLANNED and item.review is Review.DROPPED


def _remind_again(store: Store, items: Iterable[UpdateItem], at: datetime, occasion: str) -> None:
    """Remind again of what an agent was reminded of already, also of a ticket in a round; what wasn't posted yet waits
    by itself."""
    answers = []
    for item in items:
        if item.state is UpdateState.POSTED:
            answers.append(again(item, at, occasion))
        elif item.review is Review.WAITING and item.news_seq is not None:
            answers.append(ping_of_one(item, item.news_seq, at, occasion))
    store.request_answers(answers)


def again(item: UpdateItem, at: datetime, occasion: str = "") -> Answer:
    """Give the note that reminds of an update once more."""
    key = f"again:{item.key}:{occasion}" if occasion else f"again:{item.key}"
    return Answer(key, item.ticket_id, AnswerKind.AGAIN, at, item.bug_id, {"update": item.key, "occasion": occasion})


def _open_updates(store: Store, key: LinkKey) -> Sequence[UpdateItem]:
    return [item for item in store.updates_of(key) if item.state in OPEN_STATES]


def _history(store: Store, key: LinkKey) -> LinkHistory:
    return store.link_history(key, KnownUpTo(store.head()))


def _names(history: LinkHistory) -> str:
    return f"{history.ticket.reference}, {history.bug.primary_reference}"


def _nothing_due(history: LinkHistory) -> str:
    return f"{_names(history)}: nothing is due there, `bugbridge explain {history.ticket.reference}` says why."
