"""Notifications: who is told of what that happened, when, and in which message.

What happened is a *notice*: a reminder that was posted, a reply that is held or went out, an update that couldn't be
brought to its ticket, a question to the lead. Each stands in the events, whose `seq` grows, so a recipient's place in
them says what is new. A notice names tickets, issues and reasons and nothing that a customer wrote or is called:
notifications leave the house.

When: in the recipient's open hours. At once, or as a digest of what is new: at each full hour, or once a day at a
wall time. A digest whose time was missed goes out at the next open moment. What failed is tried again after a growing
delay, with what is new by then; after several failures the old is only counted.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from enum import StrEnum

from bugbridge.core.calendar import ALWAYS_OPEN, ONE_DAY, SEARCH_DAYS, WorkCalendar, is_open, next_open, resolve_wall
from bugbridge.core.records import Note

NOTIFICATION = "notification"
ONE_HOUR = timedelta(hours=1)
RETRY_DELAYS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), ONE_HOUR)
# After so many failures in a row a list would be of old news.
FAILURES_BEFORE_COUNTING = 5
# Lines that one reads on a telephone, and tickets in a line.
MOST_LISTED, MOST_TICKETS = 20, 5


class Audience(StrEnum):
    """Whom a notification is for."""

    AGENT = "agent"
    TEAM = "team"
    LEAD = "lead"


class When(StrEnum):
    """How soon somebody is told."""

    AT_ONCE = "at-once"
    HOURLY = "hourly"
    DAILY = "daily"


class NoticeKind(StrEnum):
    """What happened: a reminder stands on its ticket, a reply went out or waits to be cancelled, an update was given
    up, the lead is asked."""

    REMINDED = "reminded"
    REPLIED = "replied"
    HELD = "held"
    DEAD = "dead"
    QUESTION = "question"


ON_TICKETS = frozenset({NoticeKind.REMINDED, NoticeKind.REPLIED, NoticeKind.HELD, NoticeKind.DEAD})
REPLIES = frozenset({NoticeKind.REPLIED, NoticeKind.HELD})
FOR_THE_LEAD = frozenset({NoticeKind.QUESTION, NoticeKind.DEAD})


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that happened. `reason` is an update's, of a question its text in the policy; `code` says why an update
    was given up; `until` is when a held reply goes out. `agent_id` had the ticket then, at `at`, none where nobody had;
    `group` is the ticket's. `receivers`, where they are given, are told in that one's place; `channels` name the
    notifications of whoever is told, and with `to_lead` it fell to the lead."""

    seq: int
    kind: NoticeKind
    ticket: str
    issue: str = ""
    reason: str = ""
    code: str = ""
    until: datetime | None = None
    agent_id: int | None = None
    helpdesk: str = ""
    brand: str = ""
    at: datetime | None = None
    group: str = ""
    receivers: frozenset[int] | None = None
    channels: frozenset[str] = frozenset()
    to_lead: bool = False


@dataclass(frozen=True, slots=True)
class Timing:
    """How soon and in which hours; `at` is a daily digest's wall time in the calendar's zone."""

    when: When
    calendar: WorkCalendar
    at: time = time(9)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Somebody who is told, by name; `agent` is the agent it is for, as `HELPDESK:ID` or an e-mail address. Without
    `helpdesks` or `brands` a team hears of all of them."""

    name: str
    audience: Audience
    timing: Timing
    agent: str = ""
    helpdesks: frozenset[str] = frozenset()
    brands: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class NotificationState:
    """How far a recipient was told: of all up to `upto_seq`, and nothing between `looked_at` and a digest's next time.

    `failures` in a row put the next try off until `not_before`; what happened up to `counted_seq` failed too often to
    be listed. `sent_at` is when a message last went out, none before the first.
    """

    name: str
    upto_seq: int
    looked_at: datetime
    sent_at: datetime | None = None
    failures: int = 0
    not_before: datetime | None = None
    counted_seq: int = 0


def first_state(name: str, head: int, now: datetime) -> NotificationState:
    """Begin with what happens from now on: old news is no news."""
    return NotificationState(name, head, now)


def next_look(state: NotificationState, timing: Timing, now: datetime) -> datetime:
    """Give the first instant from `now` on at which a message may go out. Raises ConfigError if never open."""
    wanted = max(now, _slot_after(min(state.looked_at, now), timing))
    if state.not_before is not None:  # however far ahead a clock was when it failed
        wanted = max(wanted, min(state.not_before, now + RETRY_DELAYS[-1]))
    return next_open(wanted, timing.calendar)


def after_looking(state: NotificationState, head: int, now: datetime) -> NotificationState:
    """Go on from here, since all up to `head` was told or nothing was to be."""
    return NotificationState(state.name, head, now, state.sent_at)


def after_sending(state: NotificationState, head: int, now: datetime) -> NotificationState:
    """Go on from here, since a message told all up to `head`."""
    return NotificationState(state.name, head, now, sent_at=now)


def after_failure(state: NotificationState, head: int, now: datetime) -> NotificationState:
    """Try later; nothing counts as told. What failed too often is only counted from then on."""
    failures = state.failures + 1
    delay = RETRY_DELAYS[min(failures, len(RETRY_DELAYS)) - 1]
    counted = head if failures >= FAILURES_BEFORE_COUNTING else state.counted_seq
    return replace(state, failures=failures, not_before=now + delay, counted_seq=counted)


def concerns(notice: Notice, recipient: Recipient, agent_ids: Collection[int]) -> bool:
    """Whether a recipient is told of a notice; `agent_ids` are the recipient's own, at any helpdesk."""
    if recipient.name in notice.channels:
        return True
    if recipient.audience is Audience.LEAD:
        return notice.kind in FOR_THE_LEAD or notice.to_lead
    if notice.kind not in ON_TICKETS:
        return False
    if recipient.audience is Audience.AGENT:
        receivers = {notice.agent_id} if notice.receivers is None else notice.receivers
        return not receivers.isdisjoint(agent_ids)
    in_helpdesk = not recipient.helpdesks or notice.helpdesk in recipient.helpdesks
    return in_helpdesk and (not recipient.brands or notice.brand in recipient.brands)


def message_of(notices: Sequence[Notice], recipient: Recipient, state: NotificationState, overdue: int = 0) -> Note:
    """Give the message that tells these: how many of each kind, the latest of them line by line, and how many more.

    Replies about the same news are one line. `overdue` counts updates that reminding didn't bring to customers.
    """
    notices = _still_so(notices)
    listed = _alike(notice for notice in notices if notice.seq > state.counted_seq)[-MOST_LISTED:]
    counts = Counter(notice.kind.value for notice in notices)
    on_tickets = [notice for notice in notices if notice.kind in ON_TICKETS]
    parameters = {
        "counts": {kind.value: counts[kind.value] for kind in NoticeKind},
        "listed": [_line(alike) for alike in listed],
        "more": len(notices) - sum(len(alike) for alike in listed),
        "nobody": sum(notice.agent_id is None for notice in on_tickets),
        "overdue": overdue,
        "zone": recipient.timing.calendar.zone.key,
    }
    return Note(NOTIFICATION, parameters)


def sample_message(now: datetime) -> Note:
    """Give a message with something of everything, to try templates with."""
    notices = [
        Notice(1, kind, f"{kind}:{number}", f"github:acme/app#{number}", "released", "refused", until=now)
        for number in range(MOST_LISTED)
        for kind in NoticeKind
    ]
    several = [replace(notice, issue="github:acme/app#12") for notice in notices if notice.kind in REPLIES]
    recipient = Recipient("sample", Audience.TEAM, Timing(When.AT_ONCE, ALWAYS_OPEN))
    return message_of([*notices, *several], recipient, first_state("sample", 0, now), overdue=1)


def _still_so(notices: Sequence[Notice]) -> list[Notice]:
    """Leave out that a reply was held where it went out by now."""
    sent = {(notice.ticket, notice.issue, notice.reason) for notice in notices if notice.kind is NoticeKind.REPLIED}
    return [
        notice
        for notice in notices
        if notice.kind is not NoticeKind.HELD or (notice.ticket, notice.issue, notice.reason) not in sent
    ]


def _alike(notices: Iterable[Notice]) -> list[list[Notice]]:
    """Put replies about the same news together, and leave the rest one by one."""
    found: dict[object, list[Notice]] = {}
    for place, notice in enumerate(notices):
        same = (notice.kind, notice.issue, notice.reason) if notice.kind in REPLIES else place
        found.setdefault(same, []).append(notice)
    return list(found.values())


def _line(alike: Sequence[Notice]) -> dict[str, object]:
    notice, tickets = alike[0], sorted((one.ticket for one in alike), key=lambda name: (len(name), name))
    return {
        "kind": notice.kind.value,
        "ticket": notice.ticket,
        "tickets": tickets[:MOST_TICKETS],
        "others": len(tickets[MOST_TICKETS:]),
        "issue": notice.issue,
        "reason": notice.reason,
        "code": notice.code,
        "until": min((one.until for one in alike if one.until), default=None),
        "nobody": notice.kind in ON_TICKETS and notice.agent_id is None,
    }


def _slot_after(since: datetime, timing: Timing) -> datetime:
    """Give the first time after `since` at which a digest is made; what is told at once needs none."""
    if timing.when is When.HOURLY:
        wall = since.astimezone(timing.calendar.zone)
        past = timedelta(minutes=wall.minute, seconds=wall.second, microseconds=wall.microsecond)
        return since - past + ONE_HOUR
    if timing.when is When.DAILY:
        return _daily_slot_after(since, timing)
    return since


def _daily_slot_after(since: datetime, timing: Timing) -> datetime:
    """Give the wall time on the first day on which it lies in open hours; the next opening where it never does."""
    today = since.astimezone(timing.calendar.zone).date()
    for distance in range(SEARCH_DAYS):
        slot = resolve_wall(datetime.combine(today + distance * ONE_DAY, timing.at), timing.calendar.zone)
        if slot > since and is_open(slot, timing.calendar):
            return slot
    return next_open(since, timing.calendar)
