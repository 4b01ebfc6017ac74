"""Replay one link under a policy: open-loop, from the link on, on nothing but what had happened by each instant.

The rules are the product's own: `fold_link` and `plan_link` see histories in which simulated updates stand where the
real tellings stood. Time goes in steps, from event to event and to the dates that the plan itself names.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.events import BugEvent, Event, FactEvent
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.heard import linked_since
from bugbridge.core.model import TERMINAL_STAGES, BugEventKind, FactKind, LinkEventKind, News, OptOut
from bugbridge.core.planning import NO_BOOK, PERIODIC, LinkPlan, plan_link
from bugbridge.core.policy_model import Intention, LinkFacts, Policy, Within
from bugbridge.core.promises_made import Promise, promises_of
from bugbridge.core.records import LinkHistory
from bugbridge.core.replay_frequency import Reported, made_up_checks
from bugbridge.core.replay_history import Sent, happened_by, with_updates, without_tellings
from bugbridge.core.stages import NewsEvent

# Signs of life of an issue change no fact but how long it has been silent.
SIGNS_OF_LIFE = frozenset({FactKind.ACTIVITY, FactKind.ASSIGNEE})


@dataclass(frozen=True, slots=True)
class Era:
    """A link's history from an instant on, read as of the era's end, and the reports of its bug.

    A new era begins where the ticket's customer, account or brand changes, or its bug is merged into another.
    """

    begins: datetime
    history: LinkHistory
    reports: tuple[Reported, ...] = ()


@dataclass(frozen=True, slots=True)
class LinkRecord:
    """All that happened to one link, era by era; `contact` and `agent` say whose load its updates are."""

    ticket: str
    bug: str
    contact: int
    agent: str
    eras: tuple[Era, ...]


@dataclass(frozen=True, slots=True)
class Course:
    """What became of a link under one policy.

    The link lives from `begins` to `ends`: when its bug was released or declined, the customer opted out, the ticket
    went, or now. `news` are those within (begins, ends], without workarounds that this customer had no need to hear of.
    No update is later than `ends`, but the one that tells the end where the calendar was closed then.
    """

    begins: datetime
    ends: datetime
    news: tuple[NewsEvent, ...] = ()
    promises: tuple[Promise, ...] = ()
    updates: tuple[datetime, ...] = ()


def linked_at(history: LinkHistory) -> datetime:
    """Give when the link that stands was made. Raises ValueError where none stands."""
    begins = linked_since(history)
    if begins is None:
        raise ValueError(f"{history.ticket.reference} is not linked to {history.bug.primary_reference}")
    return begins


def replay_link(
    record: LinkRecord, policy: Policy, calendar: WorkCalendar, until: datetime, curves: CurveBook = NO_BOOK
) -> Course:
    """Follow a link under a policy up to `until`. Raises ValueError if it was never linked.

    Each interval is taken from the curve that was in force when it began; without curves it grows by back-off.
    """
    begins = linked_at(record.eras[-1].history)
    walk = _Walk(_imagined(record, begins, policy, until), begins, policy, calendar, until, curves)
    at: datetime | None = begins
    while at is not None:
        at = walk.step(at)
    return walk.course()


def _imagined(record: LinkRecord, begins: datetime, policy: Policy, until: datetime) -> tuple[Era, ...]:
    return tuple(
        replace(era, history=without_tellings(era.history, begins, _checks(era, policy, until))) for era in record.eras
    )


def _checks(era: Era, policy: Policy, until: datetime) -> tuple[BugEvent, ...]:
    events = era.history.bug.bug_events
    kept = [event.occurred_at for event in events if event.kind is BugEventKind.FREQUENCY_CHECK]
    return made_up_checks(era.reports, policy.frequency, era.history.bug.bug_id, min([until, *kept]))


class _Walk:
    """One link on its way through time."""

    def __init__(
        self,
        eras: Sequence[Era],
        begins: datetime,
        policy: Policy,
        calendar: WorkCalendar,
        until: datetime,
        curves: CurveBook,
    ) -> None:
        self._eras = eras
        self._begins, self._until = begins, until
        self._policy, self._calendar, self._curves = policy, calendar, curves
        self._instants = sorted(set(_instants(eras, policy)))
        self._sent: list[Sent] = []
        self._helpful: set[int] = set()  # workarounds that the customer was to hear of
        self._ended_at: datetime | None = None
        self._at = begins
        self._state: LinkState  # both as of the last step
        self._plan: LinkPlan

    def step(self, at: datetime) -> datetime | None:
        """Tell what is due by an instant, and give the next one at which anything can change; None at the end."""
        self._at = at
        self._state, self._plan = self._look()
        over = _is_over(self._state.facts)
        if over and self._ended_at is None:
            self._ended_at = at
        due = [intention for intention in self._called_for() if intention.due_at <= at]
        if due:
            self._sent.append(Sent(at, due[0].reason, due[0].ordinal))
            self._state, self._plan = self._look()
        return self._next(over=over)

    def _look(self) -> tuple[LinkState, LinkPlan]:
        era = _era(self._eras, self._at)
        known = happened_by(era.history, self._at, _first_report(era.reports, self._at))
        imagined = with_updates(known, self._sent)
        state = fold_link(imagined, self._at, self._policy, self._calendar)
        self._helpful |= {event.seq for event in state.untold if event.news is News.WORKAROUND}
        return state, plan_link(state, self._at, self._policy, self._calendar, self._curves)

    def _called_for(self) -> list[Intention]:
        """Give what the customer is to hear; a question without news is the agent's, who may or may not write."""
        questions = [intention for intention in self._plan.standing if intention.news]
        besides = [
            intention
            for intention in self._plan.decision.intentions
            if intention.reason != PERIODIC or max(intention.due_at, self._at) < self._until
        ]
        return [*questions, *besides]

    def _next(self, *, over: bool) -> datetime | None:
        """Past the end, go on only to tell it when the calendar opens, and only while it still is the end."""
        later = [intention.due_at for intention in self._called_for() if intention.due_at > self._at]
        if self._ended_at is not None and (not over or not later):
            return None
        index = bisect_right(self._instants, self._at)
        valid_until = [self._plan.valid_until] if self._plan.valid_until else []
        return min(
            (at for at in (*later, *valid_until, *self._instants[index : index + 1]) if at <= self._until), default=None
        )

    def course(self) -> Course:
        """Give what was told, and what there was to tell."""
        ends = self._until if self._ended_at is None else self._ended_at
        return Course(
            begins=self._begins,
            ends=ends,
            news=tuple(event for event in self._state.timeline.news if self._is_theirs(event, ends)),
            promises=promises_of(_era(self._eras, ends).history, self._state.timeline, self._calendar, ends),
            updates=tuple(one.at for one in self._sent),
        )

    def _is_theirs(self, event: NewsEvent, ends: datetime) -> bool:
        """Whoever has a workaround that works misses nothing by not hearing of another."""
        return self._begins < event.at <= ends and (event.news is not News.WORKAROUND or event.seq in self._helpful)


def _era(eras: Sequence[Era], at: datetime) -> Era:
    """Give the era of an instant; of one before the first, the first."""
    begun = [era for era in eras if era.begins <= at]
    return begun[-1] if begun else eras[0]


def _first_report(reports: Iterable[Reported], at: datetime) -> datetime | None:
    """Give when the bug was first reported, by what was known at an instant."""
    return min((report.reported_at for report in reports if report.known_at <= at), default=None)


def _is_over(facts: LinkFacts) -> bool:
    return facts.stage in TERMINAL_STAGES or facts.opt_out is OptOut.ALL or facts.ticket_gone


def _instants(eras: Sequence[Era], policy: Policy) -> Iterator[datetime]:
    """Give when something happened that can change a fact."""
    every_one = _looks_at_silence(policy)
    for era in eras:
        yield era.begins
        yield from (event.occurred_at for event in _events(era.history) if every_one or not _is_sign_of_life(event))


def _events(history: LinkHistory) -> Iterator[Event]:
    bug = history.bug
    yield from (*bug.issue_facts, *bug.part_facts, *bug.bug_events)
    yield from (*history.ticket_facts, *history.party_facts, *history.link_events)
    yield from (*history.party_link_events, *history.findings)
    if any(event.kind is LinkEventKind.WORKAROUND for event in history.party_link_events):
        yield from history.messages  # complaints about it


def _looks_at_silence(policy: Policy) -> bool:
    conditions = (condition for rule in policy.rules for condition in rule.when)
    return any(isinstance(condition, Within) and condition.fact == "silent_days" for condition in conditions)


def _is_sign_of_life(event: Event) -> bool:
    return isinstance(event, FactEvent) and event.kind in SIGNS_OF_LIFE
