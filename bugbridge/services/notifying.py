"""Notify agents, the team and the lead of what happened: nothing here touches an update, a delivery or a ticket.

A message counts as told once the notifier took it and that was kept. Where the process dies between the two it goes out
again: a ping that comes twice is harmless, one that never comes isn't.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bugbridge.core.errors import ConfigError, RemoteError
from bugbridge.core.notifications import (
    Audience,
    Notice,
    NoticeKind,
    NotificationState,
    Recipient,
    When,
    after_failure,
    after_looking,
    after_sending,
    concerns,
    first_state,
    message_of,
    next_look,
)
from bugbridge.core.people import NO_PEOPLE, People
from bugbridge.ports import Clock, Notifier, Renderer, Store
from bugbridge.services.explaining import lead_questions
from bugbridge.services.receiving import told_to_receivers

LEASE = "notify"
# More than telling one recipient takes, the notifier's own timeout included.
LEASE_TIME = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Notifying:
    """What notifying needs; `notifier` is by a recipient's name, `renderer` by a time zone's; `people` say who hears of
    the tickets of an agent who isn't there, and through which recipient; `overdue` counts what reminding didn't bring
    about."""

    store: Store
    clock: Clock
    recipients: tuple[Recipient, ...]
    notifier: Callable[[str], Notifier]
    renderer: Callable[[str], Renderer]
    owner: str
    language: str = "en"
    people: People = NO_PEOPLE
    overdue: Callable[[], int] = int


@dataclass(frozen=True, slots=True)
class NotifyingResult:
    """How many recipients were told, how many couldn't be, and why."""

    notified: int = 0
    unsent: int = 0
    problems: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Message:
    """What one recipient is told, in how many notices, and the earliest moment for it. No title: there is nothing new,
    or they are `new` and are told from now on."""

    name: str
    at: datetime
    title: str = ""
    body: str = ""
    notices: int = 0
    new: bool = False


def notify_due(parts: Notifying, stop: Callable[[], bool] = lambda: False) -> NotifyingResult:
    """Tell every recipient whose time has come what is new; `stop` is asked before each.

    One whose notifier fails is told later, and keeps no other from being told.
    """
    states = parts.store.notification_states()
    gone = states.keys() - {recipient.name for recipient in parts.recipients}
    if gone:
        parts.store.forget_notification_states(gone)
    notified, problems = 0, []
    for recipient in parts.recipients:
        if stop():
            break
        try:
            notified += _notify(parts, recipient, states.get(recipient.name))
        except (RemoteError, ConfigError) as error:
            problems.append(str(error))
    return NotifyingResult(notified, len(problems), tuple(problems))


def _notify(parts: Notifying, recipient: Recipient, state: NotificationState | None) -> bool:
    """Tell one recipient, and say whether there was something to tell. Raises what the notifier raises."""
    now, head = parts.clock.now(), parts.store.head()
    if state is None:
        parts.store.save_notification_state(first_state(recipient.name, head, now))
        return False
    if next_look(state, recipient.timing, now) > now:
        return False
    notices = _new_notices(parts, recipient, state, head)
    if notices:
        return _send_alone(parts, recipient, state, notices, head)
    if head != state.upto_seq or recipient.timing.when is not When.AT_ONCE:
        parts.store.save_notification_state(after_looking(state, head, now))
    return False


def _send_alone(
    parts: Notifying, recipient: Recipient, state: NotificationState, notices: Sequence[Notice], head: int
) -> bool:
    """Send, unless another process sends, or has sent since the state was read; it tells the same."""
    now = parts.clock.now()
    lease = parts.store.take_lease(LEASE, parts.owner, now=now, until=now + LEASE_TIME)
    if lease is None:
        return False
    try:
        if parts.store.notification_states().get(recipient.name) != state:
            return False
        _send(parts, recipient, state, notices, head)
    finally:
        parts.store.give_back_lease(lease)
    return True


def _send(
    parts: Notifying, recipient: Recipient, state: NotificationState, notices: Sequence[Notice], head: int
) -> None:
    message = _message(parts, recipient, state, notices, parts.clock.now())
    try:
        parts.notifier(recipient.name).send(message.title, message.body)
    except (RemoteError, ConfigError):
        parts.store.save_notification_state(after_failure(state, head, parts.clock.now()))
        raise
    parts.store.save_notification_state(after_sending(state, head, parts.clock.now()))


def _new_notices(parts: Notifying, recipient: Recipient, state: NotificationState, head: int) -> tuple[Notice, ...]:
    store = parts.store
    if head == state.upto_seq:
        return ()
    agent_ids = store.agents_named(recipient.agent) if recipient.audience is Audience.AGENT else frozenset()
    notices = told_to_receivers(store, parts.people, store.notices(state.upto_seq, head))
    found = [notice for notice in notices if concerns(notice, recipient, agent_ids)]
    if all(notice.kind is not NoticeKind.QUESTION for notice in found):
        return tuple(found)
    # A question is put once for a bug, however many of its links raise it, and not after the bug has ended.
    asked = {question.seq for question in lead_questions(store)}
    return tuple(notice for notice in found if notice.kind is not NoticeKind.QUESTION or notice.seq in asked)


def _message(
    parts: Notifying, recipient: Recipient, state: NotificationState, notices: Sequence[Notice], at: datetime
) -> Message:
    is_lead = recipient.audience is Audience.LEAD
    overdue = parts.overdue() if is_lead else 0
    note = message_of(notices, recipient, state, overdue)
    text = parts.renderer(recipient.timing.calendar.zone.key).text(note, parts.language)
    title, _, body = text.partition("\n")
    return Message(recipient.name, at, title.strip(), body.strip(), len(notices))


def preview_notifications(parts: Notifying) -> tuple[Message, ...]:
    """Show what every recipient would be told of what happened so far, and when; nothing is sent or written."""
    states = parts.store.notification_states()
    return tuple(_preview(parts, recipient, states.get(recipient.name)) for recipient in parts.recipients)


def _preview(parts: Notifying, recipient: Recipient, state: NotificationState | None) -> Message:
    now, head = parts.clock.now(), parts.store.head()
    if state is None:
        begun = first_state(recipient.name, head, now)
        return Message(recipient.name, next_look(begun, recipient.timing, now), new=True)
    at = next_look(state, recipient.timing, now)
    notices = _new_notices(parts, recipient, state, head)
    return _message(parts, recipient, state, notices, at) if notices else Message(recipient.name, at)
