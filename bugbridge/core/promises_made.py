"""The promises of a link, folded: what agents' replies promised and what people recorded; kept, late, missed or open.

A promise is dated ("I'll write by Friday") or conditional ("once it's released"). A dated one is met by the first
public reply after it, by an agent or of our own. A conditional one is met by the first from its event on, or by an
agent's word that the customer knows, and it is late once two business days have passed since the event, as any news is.
Its event is also what ends the wait for it: a release for a promised fix, a decline for any; a fix or a release that
was taken back before anybody told it was none, and one that nobody knew of yet when it was promised came when we
learned of it. The same event promised twice is promised once.

What was read in a reply belongs to the ticket, not to one of its links, but one message alone is owed. So one link
carries it: that to which the ticket was linked last by then, or first of all, of those that still stand. A follow-up
that has links of its own keeps its own promises; a ticket that was merged owes nothing, its survivor does. A promise
from before the link counts if it was still owed then. An agent who dismisses promises means all of the ticket's.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from itertools import groupby

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar, add_business_days
from bugbridge.core.events import Finding, LinkEvent
from bugbridge.core.heard import linked_event, linked_since, tells_from
from bugbridge.core.instants import instant_from_text
from bugbridge.core.model import TERMINAL_NEWS, FactKind, FindingKind, LinkEventKind, News
from bugbridge.core.promise_counts import PromiseCounts
from bugbridge.core.promises import PromiseEvent
from bugbridge.core.records import LinkHistory
from bugbridge.core.stages import NewsEvent, Timeline, in_order, latest
from bugbridge.core.telling import CLOSED_WITHIN_BUSINESS_DAYS, CLOSING_NEWS, agent_replies, stands

# What ends the wait for an event: the event itself, what includes it, or what says that it won't come. News as such
# ("if that changes") is at the least how the bug ended; what comes before it the policy tells or not.
ENDS: Mapping[PromiseEvent, frozenset[News]] = {
    PromiseEvent.RELEASED: frozenset({News.RELEASED, News.DECLINED}),
    PromiseEvent.FIXED: frozenset({News.FIXED, News.RELEASED, News.DECLINED}),
    PromiseEvent.WORKAROUND: frozenset({News.WORKAROUND, News.RELEASED, News.DECLINED}),
    PromiseEvent.NEWS: TERMINAL_NEWS,
}


class Fared(StrEnum):
    """What became of a promise; `open`: nobody has met it, and it isn't past due."""

    OPEN = "open"
    KEPT = "kept"
    LATE = "late"
    MISSED = "missed"


@dataclass(frozen=True, slots=True)
class Promise:
    """A promise that was really made to the customer.

    `due_at` is until when a message is in time, none as long as the `event` of a conditional one hasn't happened, which
    it did at `event_at`. `seq` is that of the event behind it. `recorded_at` and `message_id` are those of what was
    read in a reply, none where a person recorded it.
    """

    made_at: datetime
    due_at: datetime | None
    event: PromiseEvent | None = None
    event_at: datetime | None = None
    seq: int = 0
    recorded_at: datetime | None = None
    message_id: int | None = None

    @property
    def owed_at(self) -> datetime | None:
        """When the message was promised for: by its date, or once its event came; none as long as that hasn't."""
        return self.due_at if self.event is None else self.event_at

    def was_over(self, begins: datetime) -> bool:
        """Whether it was past due already when its reply was read, or before an instant: then nobody is reminded of it.

        What a person recorded is always meant to be kept.
        """
        owed_at = self.owed_at
        return self.recorded_at is not None and owed_at is not None and owed_at <= max(self.recorded_at, begins)

    def met_at(self, replies: Iterable[datetime], words: Iterable[datetime] = ()) -> datetime | None:
        """Give the first of the replies, or of agents' words where they count, that meets it; none where none does."""
        if self.event is None:
            return min((at for at in replies if at > self.made_at), default=None)
        said = (at for at in (*replies, *words) if at > self.made_at)
        return min((at for at in said if self.event_at is not None and at >= self.event_at), default=None)

    def fared(self, met_at: datetime | None, now: datetime) -> Fared:
        """Judge it by when it was met."""
        if met_at is not None and self.due_at is not None:
            return Fared.KEPT if met_at <= self.due_at else Fared.LATE
        return Fared.MISSED if self.due_at is not None and self.due_at <= now else Fared.OPEN


def counted(fared: Iterable[Fared]) -> PromiseCounts:
    """Count what became of promises; those that are open are pending."""
    judged = list(fared)
    return PromiseCounts(
        kept=judged.count(Fared.KEPT),
        late=judged.count(Fared.LATE),
        missed=judged.count(Fared.MISSED),
        pending=judged.count(Fared.OPEN),
    )


@dataclass(frozen=True, slots=True)
class Said:
    """When the customer was written to publicly, and when an agent gave their word that they know."""

    replies: tuple[datetime, ...]
    words: tuple[datetime, ...]

    def meets(self, promise: Promise) -> datetime | None:
        """Give when a promise was met, none where it wasn't."""
        return promise.met_at(self.replies, self.words)


def said_of(history: LinkHistory) -> Said:
    """Give what meets the promises of a link."""
    told = [event.occurred_at for event in history.party_link_events if event.kind is LinkEventKind.TOLD]
    return Said(tuple(agent_replies(history)), tuple(at for at in told if stands(history, at)))


def promises_of(
    history: LinkHistory, bug: Timeline, calendar: WorkCalendar, until: datetime | None = None
) -> tuple[Promise, ...]:
    """Give the promises that a link carries, in the order in which they were made, but for those dismissed.

    `until` an instant only what was made and dismissed by then; `calendar` is the team's. None where no link stands.
    """
    begins = linked_since(history)
    if begins is None:
        return ()
    said, watched = said_of(history), tells_from(linked_event(history))
    made = sorted([*_recorded(history, until), *_read(history, until)], key=lambda one: (one.made_at, one.seq))
    tied = (_tied(one, _awaited(one, bug.news, watched), said, calendar) for one in made)
    return tuple(one for one in _each_event_once(tied) if _still_owed(one, said, begins))


def standing_promises(history: LinkHistory, bug: Timeline, begins: datetime) -> tuple[Promise, ...]:
    """Give the promises that a message is owed for and that nobody has met: dated ones, and those whose event came.

    Those that were over when they were read, or before an instant, are left out.
    """
    said = said_of(history)
    owed = (one for one in promises_of(history, bug, ALWAYS_OPEN) if one.owed_at is not None)
    return tuple(one for one in owed if said.meets(one) is None and not one.was_over(begins))


def promises_fared(
    history: LinkHistory, bug: Timeline, calendar: WorkCalendar, now: datetime
) -> tuple[tuple[Promise, Fared], ...]:
    """Judge the promises that a link carries, as of now."""
    said = said_of(history)
    made = promises_of(history, bug, calendar, now)
    return tuple((one, one.fared(said.meets(one), now)) for one in made)


def _recorded(history: LinkHistory, until: datetime | None) -> Iterator[Promise]:
    events = in_order(event for event in history.link_events if until is None or event.occurred_at <= until)
    dismissed = [event for event in events if event.kind is LinkEventKind.PROMISE_DISMISSED]
    for event in events:
        if event.kind is LinkEventKind.PROMISE_MADE and not any(_comes_after(one, event) for one in dismissed):
            yield Promise(event.occurred_at, instant_from_text(event.value), seq=event.seq)


def _comes_after(one: LinkEvent, other: LinkEvent) -> bool:
    return (one.occurred_at, one.seq) > (other.occurred_at, other.seq)


def _read(history: LinkHistory, until: datetime | None) -> Iterator[Promise]:
    found = [one for one in history.findings if one.kind is FindingKind.PROMISE]
    if not found or latest(history.ticket_facts, FactKind.MERGED):
        return
    for one in _as_read_last(_carried(history, found)):
        at, by_then = one.occurred_at, (one.occurred_at if until is None else until)
        if at <= by_then and not _dismissed(one, history, until):
            event = PromiseEvent(one.value) if one.due_at is None else None
            yield Promise(at, one.due_at, event, None, one.seq, one.recorded_at or at, one.message_id)


def _dismissed(one: Finding, history: LinkHistory, until: datetime | None) -> bool:
    """Whether an agent took it back on any link of its ticket, or of the one that the conversation is about."""
    tickets = (one.ticket_id, history.key.ticket_id)
    return any(
        event.kind is LinkEventKind.PROMISE_DISMISSED
        and event.ticket_id in tickets
        and event.occurred_at >= one.occurred_at
        and (until is None or event.occurred_at <= until)
        for event in (*history.ticket_links, *history.link_events)
    )


def _as_read_last(found: Sequence[Finding]) -> Iterator[Finding]:
    """Of each message take what the last version found, by the name under which it was first known."""
    by_message = sorted(found, key=lambda one: (one.message_id or 0, one.seq))
    for _, group in groupby(by_message, key=lambda one: one.message_id):
        readings = list(group)
        version = max(one.version for one in readings)
        same = {_what(one): one for one in readings if one.version == version}
        for what, one in same.items():
            first = next(each for each in readings if _what(each) == what)
            yield replace(one, seq=first.seq, recorded_at=first.recorded_at)


def _what(one: Finding) -> tuple[datetime | None, str]:
    return one.due_at, one.value


def _carried(history: LinkHistory, found: Sequence[Finding]) -> list[Finding]:
    """Choose those that this link carries among all that stand on the tickets of its conversation."""
    links = _standing(history.ticket_links)
    return [one for one in found if _carrier(one, links, history) == (history.key.ticket_id, history.key.bug_id)]


def _standing(events: Iterable[LinkEvent]) -> dict[int, dict[int, datetime]]:
    """Give, ticket by ticket, the bugs that it is linked to and since when."""
    links: dict[int, dict[int, datetime]] = {}
    for event in in_order(events):
        bugs = links.setdefault(event.ticket_id, {})
        if event.kind is LinkEventKind.LINKED:
            bugs.setdefault(event.bug_id, event.occurred_at)
        elif event.kind is LinkEventKind.UNLINKED:
            bugs.pop(event.bug_id, None)
    return links


def _carrier(one: Finding, links: Mapping[int, Mapping[int, datetime]], history: LinkHistory) -> tuple[int, int]:
    own = history.key.ticket_id
    keeps_its_own = bool(links.get(one.ticket_id)) and one.ticket_id not in history.merged_tickets
    ticket_id = one.ticket_id if keeps_its_own else own
    bugs = links.get(ticket_id) or {history.key.bug_id: one.occurred_at}
    by_then = [(at, -bug_id) for bug_id, at in bugs.items() if at <= one.occurred_at]
    first = min((at, bug_id) for bug_id, at in bugs.items())
    return ticket_id, -max(by_then)[1] if by_then else first[1]


def _awaited(promise: Promise, news: Sequence[NewsEvent], watched: datetime) -> Sequence[NewsEvent]:
    """Give what a promise can have waited for. What had happened by then but nobody knew yet, on a link that was
    watched, counts from when it was known, if it still held then."""
    late = (_once_known(one, promise, news) for one in news if one.at <= promise.made_at and promise.made_at >= watched)
    return sorted(
        [*(one for one in late if one is not None), *(one for one in news if one.at > promise.made_at)],
        key=lambda one: (one.at, one.seq),
    )


def _once_known(event: NewsEvent, promise: Promise, news: Sequence[NewsEvent]) -> NewsEvent | None:
    known_at = event.known_at
    if known_at is None or known_at <= promise.made_at:
        return None
    back = any(one.news is News.REOPENED and event.at < one.at <= known_at for one in news)
    return None if back and event.news in CLOSING_NEWS else replace(event, at=known_at)


def _tied(promise: Promise, news: Sequence[NewsEvent], said: Said, calendar: WorkCalendar) -> Promise:
    """Find the event of a conditional promise."""
    awaited = promise.event
    if awaited is None:
        return promise
    heard = [at for at in (*said.replies, *said.words) if at > promise.made_at]
    happened = (one for one in news if one.news in ENDS[awaited])
    at = next((one.at for one in happened if not _taken_back(one, awaited, news, heard)), None)
    if at is None:
        return promise
    return replace(promise, event_at=at, due_at=add_business_days(at, CLOSED_WITHIN_BUSINESS_DAYS, calendar))


def _taken_back(
    event: NewsEvent, awaited: PromiseEvent, news: Sequence[NewsEvent], heard: Collection[datetime]
) -> bool:
    """Whether it was reopened before the customer heard that it was closed; any news stays news."""
    if awaited is PromiseEvent.NEWS or event.news not in CLOSING_NEWS:
        return False
    back_at = next((one.at for one in news if one.news is News.REOPENED and one.at > event.at), None)
    return back_at is not None and not any(event.at <= at < back_at for at in heard)


def _each_event_once(promises: Iterable[Promise]) -> Iterator[Promise]:
    seen = set()
    for one in promises:
        if one.event is None:
            yield one
        elif (one.event, one.event_at) not in seen:
            seen.add((one.event, one.event_at))
            yield one


def _still_owed(promise: Promise, said: Said, begins: datetime) -> bool:
    """Leave out what was over before the link: met, or due."""
    if promise.made_at >= begins:
        return True
    if promise.event is not None:
        return promise.event_at is None or promise.event_at >= begins
    met_at = said.meets(promise)
    return (promise.due_at or begins) >= begins and (met_at is None or met_at > begins)
