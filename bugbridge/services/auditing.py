"""Audit the bugs resolved last: gather each one's history, measure, hand the figures over."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bugbridge.core.audit import measure
from bugbridge.core.audit_model import Audit, Exclusion, LeftOut, Question, ResolvedBug, Waiting
from bugbridge.core.audit_waiting import merged, reminders_posted, waiting_of
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.facts import judged_frequency, tier_of
from bugbridge.core.first_few import MOST_NAMED, FirstFew
from bugbridge.core.model import FactKind
from bugbridge.core.records import (
    FILE_KIND,
    BugHistory,
    HappenedBy,
    LinkHistory,
    LinkKey,
    ResolvedRow,
)
from bugbridge.core.stages import Timeline, latest, timeline
from bugbridge.ports import Clock, Store

USUAL = Question()
# Bugs whose places are read at once.
PAGE = 100


def run_audit(
    store: Store,
    clock: Clock,
    question: Question = USUAL,
    calendar: WorkCalendar = ALWAYS_OPEN,
    *,
    sink: Callable[[ResolvedBug], None] = lambda _bug: None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Audit:
    """Audit the last resolved bugs that tickets report; `calendar` is the team's.

    `sink` takes each bug that is measured, the latest fix first, and `progress` hears how many bugs were read. All is
    read within one snapshot, bug by bug, as of now in the world's time: a fix dated ahead isn't one yet. A bug that was
    fixed before it was reported isn't measured, and another takes its place among the last.
    """
    now = clock.now()
    with store.snapshot():
        gathering = _Gathering(store, question, calendar, now, sink, progress)
        audit = measure(question, now, gathering.bugs(), store.lives)
        return replace(audit, excluded=(*gathering.left_out(), *audit.excluded))


@dataclass(slots=True)
class _Gathering:
    """One audit under way: which bugs were read so far, and which of them are no fixes yet."""

    store: Store
    question: Question
    calendar: WorkCalendar
    now: datetime
    sink: Callable[[ResolvedBug], None]
    progress: Callable[[int], None]
    reached: ResolvedRow | None = None
    measured: int = 0
    not_yet: FirstFew = field(default_factory=FirstFew)
    _reader: "_BugReader" = field(init=False)

    def __post_init__(self) -> None:
        self._reader = _BugReader(self.store, self.calendar, self.now)

    def bugs(self) -> Iterator[ResolvedBug]:
        """Give the bugs that were asked for, the latest fix first."""
        for done, row in enumerate(self._rows(), start=1):
            if self._is_full:
                return
            self.reached = row
            bug = self._read(row)
            self.progress(done)
            if bug is not None and bug.days >= 0:
                self.measured += 1
                self.sink(bug)
            if bug is not None:
                yield bug

    @property
    def _is_full(self) -> bool:
        return self.measured == self.question.last

    def _rows(self) -> Iterator[ResolvedRow]:
        row = None
        while page := self.store.resolved_bugs(PAGE, row):
            for row in page:
                if self.question.since is not None and row.resolved_at < self.question.since:
                    return
                yield row

    def _read(self, row: ResolvedRow) -> ResolvedBug | None:
        history = self.store.bug_history(row.id, HappenedBy(self.now))
        bug = self._reader.read(history)
        if bug is None:
            self.not_yet.add(history.primary_reference)
        return bug

    def left_out(self) -> Iterator[Exclusion]:
        """Count what is no figure: fixes that aren't yet, and among as late ones those that no ticket reports."""
        if self.not_yet.count:
            yield Exclusion(LeftOut.NOT_YET, self.not_yet.count, self.not_yet.first)
        since = self.reached.resolved_at if self.reached and self._is_full else self.question.since
        count, named = self.store.fixes_without_ticket(since, MOST_NAMED)
        if count:
            yield Exclusion(LeftOut.NO_TICKET, count, named)


class _BugReader:
    """Makes of each bug's history what is measured."""

    def __init__(self, store: Store, calendar: WorkCalendar, now: datetime) -> None:
        self._store, self._calendar, self._now = store, calendar, now
        files = [source for source in store.sources() if source.kind == FILE_KIND]
        self._files = frozenset(source.name for source in files)
        self._telling = frozenset(source.id for source in files if store.tells_of_replies(source.id))

    def read(self, history: BugHistory) -> ResolvedBug | None:
        """Read a bug; none where it isn't fixed yet, or no ticket reports it yet."""
        folded = timeline(history)
        if history.reported_at is None or folded.fixed_at is None:
            return None
        tracker = history.primary_reference.partition(":")[0]
        is_told_once = tracker in self._files  # a file has one date of a kind, whatever was before it
        said = self._said(history, folded, ends_with_fix=is_told_once)
        return ResolvedBug(
            reference=history.primary_reference,
            reported_at=history.reported_at,
            fixed_at=folded.fixed_at,
            first_fixed_at=None if is_told_once else folded.first_fixed_at,
            released_at=folded.released_at,
            closes=None if is_told_once else folded.closes,
            frequency=judged_frequency(history),
            tiers=_each(said.tiers),
            tracker=tracker,
            brands=_each(said.brands),
            labels=_each(json.loads(latest(history.issue_facts, FactKind.LABELS) or "[]")),
            links=said.links,
            waiting=said.waiting,
        )

    def _said(self, history: BugHistory, folded: Timeline, *, ends_with_fix: bool) -> "_Said":
        """Read the bug's tickets one after another, each by its first link: one that names a duplicate waits once."""
        keys: dict[int, list[LinkKey]] = {}
        for key in history.links:
            keys.setdefault(key.ticket_id, []).append(key)
        said = _Said(links=len(keys))
        for own in keys.values():
            link = self._store.link_history(own[0], HappenedBy(self._now), history)
            said.tiers.add(tier_of(link))
            said.brands.add(link.ticket.brand)
            if self._is_known(link):
                updates = [item for key in own for item in self._store.updates_of(key)]
                now, tickets = self._now, keys.keys()
                waiting = waiting_of(link, updates, self._calendar, now, tickets, folded, ends_with_fix=ends_with_fix)
                said.waits.append(waiting)
                said.reminders |= reminders_posted(link)
        return said

    def _is_known(self, link: LinkHistory) -> bool:
        """Whether a ticket's conversation was kept. A file that has replies of some tickets has those of all; what was
        imported for a helpdesk that is read has its messages once it was read there."""
        if link.ticket.source_name in self._files:
            return link.ticket.source_id in self._telling
        was_imported = any(fact.kind is FactKind.ACTIVITY for fact in link.ticket_facts)
        return not was_imported or bool(link.messages)


@dataclass(slots=True)
class _Said:
    """What a bug's tickets say of it. A note that stands for several of them is one reminder."""

    links: int
    tiers: set[str] = field(default_factory=set)
    brands: set[str] = field(default_factory=set)
    waits: list[Waiting] = field(default_factory=list)
    reminders: set[int] = field(default_factory=set)

    @property
    def waiting(self) -> Waiting | None:
        """What the customers heard whose conversations are known, none where none is."""
        return replace(merged(self.waits), reminders=len(self.reminders)) if self.waits else None


def _each(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}))
