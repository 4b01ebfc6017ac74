"""What customers heard while they waited for a bug's end, counted from what really happened.

The wait of a link begins with it and lasts until its customer was told how the bug ended: for certain if they ever
were, else probably. It ends before that where the customer wants to hear nothing or the ticket is gone, and with now
where nobody told them. An end that a reopening took back was none. A bug ends with its release or its decline. Where
its tracker is a file that names no release, the fix is the end, since a file can tell of nothing after it: the wait
lasts until the first reply from then on, which is certain or not, and where none came no silence grows after the fix.
Within the wait:

- A reply is an agent's public one, or one of our own; it was asked for where the customer wrote since the reply before,
  the ticket itself being their first word.
- Updates, news, delays and silences are those of a replay's `Course`, over the real updates.
- As long as a link isn't live, every reply that nobody had asked for is an update too, with or without news by the
  same rule: no reminder shows then which of them were written to say that there is no news. A link is live from going
  live or from when it was recorded here, whichever is later, so never in history that was imported or read back. This
  is an estimate: a reply about something else counts too. One that was asked for counts only where it brought news.

Promises are all that were made to them about this bug, then and later, by the rules of `promises_made`.

An update was required if the policy called for it long enough for somebody to tell it: its customer was told; or it is
due and still stands; or an agent was reminded of it, whatever became of it later. One that was withdrawn before any
reminder counts only if it was told before it fell due, and not where a promise stood for it. What was taken back before
anybody told it isn't required: with a link that was removed, an erased ticket or a dismissed promise, by a reopening,
as old news that was let be, or since an agent said that it needn't be told. It is late once two business days have
passed since it was due, and missed where it still isn't told then. Whether any was required is known of links alone
that were live while their customer waited.
"""

from bisect import bisect_right
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from bugbridge.core.audit_model import WAITING_COUNTS, WAITING_DAYS, Waiting
from bugbridge.core.calendar import WorkCalendar, add_business_days
from bugbridge.core.events import FactEvent
from bugbridge.core.heard import POSTED_KINDS, updates_heard
from bugbridge.core.instants import elapsed_days
from bugbridge.core.live import live_since
from bugbridge.core.model import (
    AuthorKind,
    Certainty,
    FactKind,
    LinkEventKind,
    LinkHow,
    News,
    OptOut,
    Review,
    Stage,
    UpdateState,
)
from bugbridge.core.planning import PERIODIC, PROMISED
from bugbridge.core.promise_counts import added_up
from bugbridge.core.promises_made import Promise, counted, promises_fared
from bugbridge.core.records import LinkHistory, UpdateItem
from bugbridge.core.replay import Course, linked_at
from bugbridge.core.replay_history import when_seen
from bugbridge.core.replay_metrics import (
    news_delays,
    newsful,
    silence_days,
)
from bugbridge.core.stages import NewsEvent, Timeline, in_order, timeline
from bugbridge.core.telling import (
    CLOSED_WITHIN_BUSINESS_DAYS,
    Telling,
    dismissals,
    own_replies,
    tellings,
    untold,
)
from bugbridge.core.workarounds import is_unheard

# Why updates were withdrawn that a person took back, with the link or with the whole ticket.
TAKEN_BACK = frozenset({"unlinked", "forgotten"})


@dataclass(frozen=True, slots=True)
class _Wait:
    """When a customer began to wait, when there was nothing left to wait for, and until when what they heard counts.

    `outcome` is how the bug ended while they waited, and `told` the telling of it.
    """

    begins: datetime
    ends: datetime
    until: datetime
    outcome: "_Outcome | None" = None
    told: Telling | None = None

    def holds(self, at: datetime) -> bool:
        """Whether what was said then was said while they waited."""
        return self.begins < at <= self.until


@dataclass(frozen=True, slots=True)
class _Outcome:
    """How a bug ended, and when."""

    stage: Stage
    at: datetime


def waiting_of(
    history: LinkHistory,
    updates: Sequence[UpdateItem],
    calendar: WorkCalendar,
    now: datetime,
    linked: Container[int] = (),
    bug: Timeline | None = None,
    *,
    ends_with_fix: bool = False,
) -> Waiting:
    """Count what the customer of a link heard; `updates` are those that were planned for it, ever.

    Replies on other tickets that are `linked` to the bug count there. Whoever has folded the bug hands it in. A bug of
    a file `ends_with_fix` as long as it has no release. Raises ValueError if the link doesn't stand.
    """
    bug = bug or timeline(history.bug)
    told = tellings(history, bug.news)
    wait = _wait(history, bug, told, now, ends_with_fix=ends_with_fix)
    replies = _replies(history, linked)
    asked_for = tuple(_asked_for(history, replies))
    live_at = _live_at(history)
    unasked = [at for at in {*replies}.difference(asked_for) if live_at is None or at < live_at]
    course = _course(history, bug, told, wait, unasked)
    delays = news_delays(course)
    promises = promises_fared(history, bug, calendar, now)
    calls = tuple(_calls(history, updates, bug, told, [promise for promise, _ in promises], now))
    telling = _telling_of_release(wait)
    return Waiting(
        links=1,
        replies=sum(map(wait.holds, replies)),
        asked_for=sum(map(wait.holds, asked_for)),
        under_policy=int(bool(calls) or (live_at is not None and live_at <= wait.until)),
        required=len(calls),
        late=sum(call.is_late(calendar) for call in calls),
        missed=sum(call.is_missed(calendar, now) for call in calls),
        updates=len(course.updates),
        newsful=newsful(course),
        news=len(delays),
        news_missed=delays.count(None),
        reminders=len(reminders_posted(history)),
        silences=(silence_days(course),),
        news_delays=tuple(delay for delay in delays if delay is not None),
        told_after=telling.told_after,
        told_certain=telling.told_certain,
        told_probable=telling.told_probable,
        not_told=telling.not_told,
        promises=counted(fared for _, fared in promises),
    )


def merged(waitings: Iterable[Waiting]) -> Waiting:
    """Add up what the customers of several links heard."""
    every = tuple(waitings)
    if len(every) == 1:
        return every[0]
    counts: dict[str, Any] = {name: sum(getattr(one, name) for one in every) for name in WAITING_COUNTS}
    days: dict[str, Any] = {
        name: tuple(chain.from_iterable(getattr(one, name) for one in every)) for name in WAITING_DAYS
    }
    return Waiting(promises=added_up(one.promises for one in every), **counts, **days)


def reminders_posted(history: LinkHistory) -> frozenset[int]:
    """Give the deliveries that reminded an agent of this bug; one may stand for several of its links."""
    bug_ids = {str(history.key.bug_id), str(history.bug.bug_id)}
    own = frozenset(own_replies(history))
    return frozenset(
        event.delivery_id
        for event in history.delivery_events
        if event.kind in POSTED_KINDS
        and event.occurred_at not in own
        and any(code.rpartition(":")[2] in bug_ids for code in event.detail_code.split())
    )


def _wait(history: LinkHistory, bug: Timeline, told: Sequence[Telling], now: datetime, *, ends_with_fix: bool) -> _Wait:
    begins, over = linked_at(history), _over_otherwise(history)
    ended = _outcome(bug, ends_with_fix=ends_with_fix)
    outcome = ended if ended is not None and (over is None or ended.at < over) else None
    telling = _first_telling(outcome, told) if outcome else None
    ends = min(at for at in (outcome.at if outcome else None, over, now) if at is not None)
    until = min(at for at in (telling.at if telling else None, over, now) if at is not None)
    return _Wait(begins, max(begins, ends), max(begins, until), outcome, telling)


def _outcome(bug: Timeline, *, ends_with_fix: bool) -> _Outcome | None:
    """Give how the bug ended, none while it hasn't or after it was reopened."""
    ends = {Stage.RELEASED: bug.released_at, Stage.DECLINED: bug.declined_at}
    if ends_with_fix:
        ends[Stage.FIXED] = bug.fixed_at
    at = ends.get(bug.stage)
    return None if at is None else _Outcome(bug.stage, at)


def _first_telling(outcome: _Outcome, told: Sequence[Telling]) -> Telling | None:
    """Give the first telling of an end, a certain one before any other; a fix is told by whichever comes first."""
    since = [telling for telling in told if telling.upto >= outcome.at]
    certain = [telling for telling in since if telling.certainty is Certainty.CERTAIN]
    return next(iter(since if outcome.stage is Stage.FIXED else [*certain, *since]), None)


def _over_otherwise(history: LinkHistory) -> datetime | None:
    """Give since when the customer wants to hear nothing, or the ticket is gone; none where neither holds."""
    seen = [fact for fact in map(when_seen, history.ticket_facts) if fact is not None]
    since = (
        _so_since(history.party_facts, FactKind.OPT_OUT, lambda value: value == OptOut.ALL),
        _so_since(seen, FactKind.GONE, bool),
        _so_since(seen, FactKind.MERGED, bool),
    )
    return min((at for at in since if at is not None), default=None)


def _so_since(facts: Iterable[FactEvent], kind: FactKind, is_so: Callable[[str], bool]) -> datetime | None:
    since = None
    for fact in in_order(fact for fact in facts if fact.kind is kind):
        since = (since or fact.occurred_at) if is_so(fact.value) else None
    return since


def _live_at(history: LinkHistory) -> datetime | None:
    """Give since when an agent could be reminded of this link, none in watch mode and where it is of a file."""
    live_from = live_since(history.source_facts, history.ticket_facts)
    if live_from is None:
        return None
    begins = linked_at(history)
    links = [event for event in history.link_events if event.kind is LinkEventKind.LINKED]
    recorded = [event.recorded_at or begins for event in links if event.occurred_at == begins]
    return max(live_from, begins, min(recorded, default=begins))


def _course(
    history: LinkHistory, bug: Timeline, told: Sequence[Telling], wait: _Wait, unasked: Iterable[datetime]
) -> Course:
    """Give what a replay would of this link; `unasked` replies count as updates whatever they said."""
    heard = {*updates_heard(history, told, bug, wait.begins), *_standing(unasked, told)}
    return Course(
        begins=wait.begins,
        ends=wait.ends,
        news=tuple(event for event in bug.news if wait.begins < event.at <= wait.ends and _concerns(history, event)),
        updates=tuple(sorted(filter(wait.holds, heard))),
    )


def _standing(replies: Iterable[datetime], told: Iterable[Telling]) -> Iterator[datetime]:
    """Leave out replies of which somebody said that they told nothing."""
    tells = {telling.at for telling in told}
    return (at for at in replies if at in tells)


def _concerns(history: LinkHistory, event: NewsEvent) -> bool:
    """Whoever has a workaround that works misses nothing by not hearing of another."""
    return event.news is not News.WORKAROUND or is_unheard(history, event.at)


def _replies(history: LinkHistory, linked: Container[int]) -> list[datetime]:
    """Give when the customer was written to publicly, each reply once, in order."""
    own = history.key.ticket_id
    written = {
        (message.occurred_at, message.seq)
        for message in (*history.messages, *history.replies_elsewhere)
        if message.public
        and message.author_kind is AuthorKind.AGENT
        and (message.ticket_id == own or message.ticket_id not in linked)
    }
    ours = {
        event.occurred_at
        for event in history.link_events
        if event.kind is LinkEventKind.TOLD and event.how == LinkHow.REPLY
    }
    return sorted([*(at for at, _ in written), *ours])


def _asked_for(history: LinkHistory, replies: Sequence[datetime]) -> Iterator[datetime]:
    """Give those replies before which the customer had written since the one before."""
    theirs = [one.occurred_at for one in history.messages if one.public and one.author_kind is AuthorKind.CUSTOMER]
    asked = sorted([history.ticket.created_at, *theirs])
    heard = 0
    for at in replies:
        written = bisect_right(asked, at)
        if written > heard:
            yield at
        heard = written


def _telling_of_release(wait: _Wait) -> Waiting:
    """Count a link whose bug was released while its customer waited; who reported it later waits since then."""
    if wait.outcome is None or wait.outcome.stage is not Stage.RELEASED:
        return Waiting()
    if wait.told is None:
        return Waiting(not_told=1)
    since = max(wait.outcome.at, wait.begins)
    certain = wait.told.certainty is Certainty.CERTAIN
    days = elapsed_days(since, max(since, wait.told.at))
    return Waiting(told_certain=int(certain), told_probable=int(not certain), told_after=(days,))


@dataclass(frozen=True, slots=True)
class _Call:
    """An update that was required: when it was due, and when its customer was told, if ever."""

    due_at: datetime
    told_at: datetime | None

    def is_late(self, calendar: WorkCalendar) -> bool:
        return self.told_at is not None and self.told_at > _in_time_until(self.due_at, calendar)

    def is_missed(self, calendar: WorkCalendar, now: datetime) -> bool:
        return self.told_at is None and _in_time_until(self.due_at, calendar) < now


def _in_time_until(due_at: datetime, calendar: WorkCalendar) -> datetime:
    return add_business_days(due_at, CLOSED_WITHIN_BUSINESS_DAYS, calendar)


def _calls(
    history: LinkHistory,
    updates: Iterable[UpdateItem],
    bug: Timeline,
    told: Sequence[Telling],
    promises: Iterable[Promise],
    now: datetime,
) -> Iterator[_Call]:
    """Give the updates that were required."""
    promised = {one.seq: one.event_at for one in promises if one.event_at is not None}
    reminded = _reminded_at(history)
    needless = dismissals(history)
    news = {event.seq: event for event in bug.news}
    for item in updates:
        since = _called_for_since(item, history, news, reminded, promised)
        told_at = _told_at(item, history, news.get(item.news_seq or 0), told, since)
        dismissed_at = min((at for at in needless if at >= since), default=None)
        needed = dismissed_at is None or (told_at is not None and told_at <= dismissed_at)
        if needed and _is_required(item, told_at, now, was_reminded=item.delivery_id in reminded):
            yield _Call(item.due_at, told_at)


def _is_required(item: UpdateItem, told_at: datetime | None, now: datetime, *, was_reminded: bool) -> bool:
    withdrawn = item.state is UpdateState.WITHDRAWN
    if told_at is not None:
        in_advance = told_at <= item.due_at and item.state_reason != PROMISED  # a promise stood for it
        return not withdrawn or was_reminded or in_advance
    if item.state is UpdateState.TOLD or item.review is Review.DROPPED or item.state_reason in TAKEN_BACK:
        return False
    return item.due_at <= now and (not withdrawn or was_reminded)


def _reminded_at(history: LinkHistory) -> Mapping[int | None, datetime]:
    """Give when each delivery was posted."""
    posted = [event for event in history.delivery_events if event.kind in POSTED_KINDS]
    return {event.delivery_id: event.occurred_at for event in reversed(in_order(posted))}


def _called_for_since(
    item: UpdateItem,
    history: LinkHistory,
    news: Mapping[int, NewsEvent],
    reminded: Mapping[int | None, datetime],
    promised: Mapping[int, datetime],
) -> datetime:
    """Give from when on whatever is said meets an update: its news, its promise or what that waited for, its reminder,
    or its due date."""
    if item.reason == PROMISED:
        made = [one.occurred_at for one in (*history.link_events, *history.findings) if one.seq == item.news_seq]
        return promised.get(item.news_seq or 0) or min(made, default=item.due_at)
    behind = news.get(item.news_seq or 0)
    return behind.at if behind else reminded.get(item.delivery_id, item.due_at)


def _told_at(
    item: UpdateItem, history: LinkHistory, behind: NewsEvent | None, told: Sequence[Telling], since: datetime
) -> datetime | None:
    """Give when the customer was told; terminal news for certain, everything else by whatever was said."""
    if behind is not None and item.reason != PROMISED:
        return next((telling.at for telling in told if not untold([behind], [telling])), None)
    said = [telling.at for telling in told]
    said += history.periodic_elsewhere if item.reason == PERIODIC else ()
    after = (at for at in said if at > since or (at == since and item.reason != PROMISED))
    return min(after, default=None)
