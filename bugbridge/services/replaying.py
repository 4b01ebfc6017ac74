"""Replay policies over the team's own history: choose bugs, read each link once, run every policy, compare."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, takewhile

from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.model import FactKind
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import BugHistory, HappenedBy, LinkHistory, LinkKey, Report
from bugbridge.core.replay import Era, LinkRecord, linked_at
from bugbridge.core.replay_frequency import Reported
from bugbridge.core.replay_report import Draws, Replay, compare, replayed
from bugbridge.core.stages import latest
from bugbridge.ports import Clock, Store
from bugbridge.services.curves import curve_book

Progress = Callable[[int, int], None]
"""Hears how many bugs are done, of how many."""

SECOND_TICKET = "links of customers who report the bug on an earlier ticket, which speaks for both"
A_MOMENT = timedelta(microseconds=1)
BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)
# Facts whose change has the store read another customer, account or brand.
CHANGES_HANDS = frozenset({FactKind.REQUESTER, FactKind.BRAND, FactKind.ACCOUNT})


@dataclass(frozen=True, slots=True)
class _Chosen:
    """A bug with its reports, the earliest first."""

    bug_id: int
    reports: tuple[Report, ...]


def replay(
    store: Store,
    policies: Mapping[str, Policy],
    clock: Clock,
    calendar: WorkCalendar,
    draws: Draws,
    *,
    last: int | None = None,
    since: datetime | None = None,
    most_links: int | None = None,
    progress: Progress = lambda _done, _of: None,
) -> Replay:
    """Run policies over the bugs reported last, or since an instant, the open ones too; the first is the one in force.

    A bug is reported when its earliest linked ticket was created. All bugs for neither. With `most_links` it is fewer
    bugs, those reported last, where their links would be more than that.
    """
    now = clock.now()
    chosen = _within(most_links, _chosen(store, now, last, since))
    history, curves = _History(store, now), curve_book(store)
    links, left_out = [], Counter[str]()
    for done, bug in enumerate(chosen, start=1):
        records = list(history.records(bug))
        speaking = _speaking(records)
        left_out[SECOND_TICKET] += len(records) - len(speaking)
        links += [replayed(record, policies, calendar, now, curves) for record in speaking]
        progress(done, len(chosen))
    return compare(links, list(policies), calendar, now, draws, +left_out)


def _chosen(store: Store, now: datetime, last: int | None, since: datetime | None) -> Sequence[_Chosen]:
    """Choose by report, not by resolution: over bugs resolved last, none would be open."""
    bugs = [_Chosen(bug_id, store.reports(bug_id, HappenedBy(now))) for bug_id in store.reported_bugs(last, since)]
    return [bug for bug in bugs if bug.reports]


def _within(most_links: int | None, bugs: Sequence[_Chosen]) -> Sequence[_Chosen]:
    """Leave out the earliest bugs until few enough links remain; the last one stays."""
    if most_links is None:
        return bugs
    totals = accumulate(len(bug.reports) for bug in reversed(bugs))
    fitting = sum(1 for _ in takewhile(lambda total: total <= most_links, totals))
    return bugs[-max(1, fitting) :]


def _speaking(records: Sequence[LinkRecord]) -> list[LinkRecord]:
    """Keep each customer's first link: what is told on one ticket isn't told again on another."""
    first: dict[int, LinkRecord] = {}
    for record in sorted(records, key=lambda one: (linked_at(one.eras[-1].history), one.ticket)):
        first.setdefault(record.contact, record)
    return list(first.values())


class _History:
    """Reads what had happened by now; for the few links that changed hands or bugs, by each such moment too."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._now = now
        self._merges: dict[int, tuple[datetime, ...]] = {}
        self._linked_at: dict[LinkKey, datetime] = {}

    def records(self, bug: _Chosen) -> Iterator[LinkRecord]:
        """Give the links of a bug that stand, each with its eras."""
        whole = self._store.bug_history(bug.bug_id, HappenedBy(self._now))
        histories = [self._store.link_history(key, HappenedBy(self._now)) for key in whole.links]
        self._linked_at = {history.key: linked_at(history) for history in histories}
        reports = self._reported(bug.reports, whole, self._now)
        for history in histories:
            yield self._record(history, reports)

    def _record(self, history: LinkHistory, reports: tuple[Reported, ...]) -> LinkRecord:
        ticket = history.ticket
        return LinkRecord(
            ticket=ticket.reference,
            bug=history.bug.primary_reference,
            contact=ticket.requester_id or -ticket.id,
            agent=latest(history.ticket_facts, FactKind.ASSIGNEE),
            eras=tuple(self._eras(history, reports)),
        )

    def _eras(self, history: LinkHistory, reports: tuple[Reported, ...]) -> Iterator[Era]:
        begins = linked_at(history)
        for boundary in sorted(set(self._boundaries(history))):
            if boundary > begins:
                yield self._era(history.key, begins, boundary - A_MOMENT)
                begins = boundary
        yield Era(begins, history, reports)

    def _boundaries(self, history: LinkHistory) -> Iterator[datetime]:
        facts = (*history.ticket_facts, *history.party_facts)
        yield from (fact.occurred_at for fact in facts if fact.kind in CHANGES_HANDS)
        if history.key.bug_id != history.bug.bug_id:
            yield from self._merged_at(history.key.bug_id)

    def _era(self, key: LinkKey, begins: datetime, ends: datetime) -> Era:
        history = self._store.link_history(key, HappenedBy(ends))
        reports = self._store.reports(key.bug_id, HappenedBy(ends))
        return Era(begins, history, self._reported(reports, history.bug, ends))

    def _reported(self, reports: Sequence[Report], bug: BugHistory, by: datetime) -> tuple[Reported, ...]:
        """Say of each report from when on it was known to be of this very bug."""
        known: dict[int, datetime] = {}
        for key in bug.links:
            at = self._joined_at(key, bug.bug_id, by)
            known[key.ticket_id] = min(at, known.get(key.ticket_id, at))
        return tuple(
            Reported(report.account_id, report.reported_at, max(report.reported_at, known[report.ticket_id]))
            for report in reports
        )

    def _joined_at(self, key: LinkKey, bug_id: int, by: datetime) -> datetime:
        """Give when a link came to this bug; one that no longer stands wasn't read, and counts from its report."""
        merges = [at for at in self._merged_at(key.bug_id) if at <= by] if key.bug_id != bug_id else []
        return max([self._linked_at.get(key, BEFORE_ALL), *merges[-1:]])

    def _merged_at(self, bug_id: int) -> tuple[datetime, ...]:
        """Give when this bug became another one: merges have no read of their own, so they are looked for."""
        if bug_id not in self._merges:
            self._merges[bug_id] = tuple(self._changes(bug_id, BEFORE_ALL, self._now))
        return self._merges[bug_id]

    def _changes(self, bug_id: int, start: datetime, end: datetime) -> Iterator[datetime]:
        """Find by halving the instants in (start, end] at which the bug's survivor is another than just before."""
        if self._survivor(bug_id, start) == self._survivor(bug_id, end):
            return
        if end - start <= A_MOMENT:
            yield end
            return
        middle = start + (end - start) // 2
        yield from self._changes(bug_id, start, middle)
        yield from self._changes(bug_id, middle, end)

    def _survivor(self, bug_id: int, at: datetime) -> int:
        return self._store.bug_history(bug_id, HappenedBy(at)).bug_id
