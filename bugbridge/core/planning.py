"""Rulings to updates: what is to be told or asked, when, and until when that stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bugbridge.core.cadence import CurveBook, Curves, Heard, next_due_at
from bugbridge.core.calendar import WorkCalendar, add_business_days, next_open
from bugbridge.core.facts import LinkState
from bugbridge.core.model import News
from bugbridge.core.open_promises import OpenPromise
from bugbridge.core.policy import chain, decide
from bugbridge.core.policy_model import CadenceRules, Intention, Policy, Ruling
from bugbridge.core.reminders import Delay
from bugbridge.core.stages import NewsEvent

AGENT = "agent"
PERIODIC = "periodic"
PROMISED = "promised"
# What takes back that a bug was fixed.
CORRECTIONS = frozenset({News.REOPENED.value, "wrongly-told"})
# The piece that an update is named after, where it tells several: how it ended first, then what changes plans.
WEIGHT = (
    News.RELEASED,
    News.DECLINED,
    News.REOPENED,
    News.RELEASE_MOVED,
    News.RELEASE_PLANNED,
    News.WORKAROUND,
    News.FIXED,
    News.IN_PROGRESS,
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A ruling with the updates that it calls for, and the name of the curve that set the next interval, if one did."""

    ruling: Ruling
    intentions: tuple[Intention, ...] = ()
    curve: str = ""


@dataclass(frozen=True, slots=True)
class LinkPlan:
    """What is to be kept for one link.

    `questions` are those put to a person now for the first time; `standing` the updates of all questions to the agent
    that aren't answered yet; `decision` is what holds besides. Nothing changes before `valid_until` by time alone.
    """

    questions: tuple[Planned, ...]
    standing: tuple[Intention, ...]
    decision: Planned
    valid_until: datetime | None

    @property
    def intentions(self) -> tuple[Intention, ...]:
        """All updates that are called for."""
        return (*self.standing, *self.decision.intentions)


@dataclass(frozen=True, slots=True)
class Pace:
    """By what the intervals of one bug's periodic updates are found."""

    rules: CadenceRules
    curves: Curves

    def due_at(self, ruling: Ruling, run: Sequence[Heard], reported_at: datetime) -> datetime:
        """Give when the next periodic update falls due, before the calendar moves it."""
        rules = replace(self.rules, backoff=ruling.backoff)
        return next_due_at(run, reported_at, ruling.every_days or (0, 0), rules, self.curves)

    def curve_name(self, run: Sequence[Heard]) -> str:
        """Name the curve that the interval under way is taken from, "" where it grows by back-off."""
        curve = self.curves.at(run[-1].at)
        return curve.name if curve is not None and curve.teaches else ""


def pace_of(state: LinkState, policy: Policy, curves: CurveBook) -> Pace:
    """Choose the curves of the group that the policy has this bug learn from."""
    rules = policy.cadence
    return Pace(rules, curves.of(rules.curve_by, state.facts.tracker, state.facts.frequency))


NO_BOOK = CurveBook()


def plan_link(
    state: LinkState, now: datetime, policy: Policy, calendar: WorkCalendar, curves: CurveBook = NO_BOOK
) -> LinkPlan:
    """Decide for one link; `state` was folded as of `now`. Questions asked before still stand until they are met.

    Without curves the intervals grow by back-off.
    """
    rulings = tuple(chain(decide(replace(state.facts, asked=state.asked_elsewhere), policy)))
    questions = tuple(
        Planned(ruling, _put_off(_question(ruling, state, calendar), state, calendar)) for ruling in rulings[:-1]
    )
    pace = pace_of(state, policy, curves)
    called_for = _put_off(_called_for(rulings[-1], state, now, calendar, pace), state, calendar)
    is_periodic = any(intention.reason == PERIODIC for intention in called_for)
    decision = Planned(rulings[-1], called_for, pace.curve_name(state.run) if is_periodic else "")
    return LinkPlan(
        questions=tuple(planned for planned in questions if planned.ruling.rule_id not in state.facts.asked),
        standing=tuple(intention for planned in questions for intention in planned.intentions),
        decision=decision,
        valid_until=_valid_until(rulings[-1], state, now),
    )


def _question(ruling: Ruling, state: LinkState, calendar: WorkCalendar) -> tuple[Intention, ...]:
    """Turn a question to the agent into an update; the lead's questions stay decisions on a list."""
    if not ruling.person.startswith(AGENT) or state.live_from is None:
        return ()
    behind = state.wrongly_told if state.wrongly_told and ruling.rule_id == "wrongly-told" else _heaviest(ruling, state)
    anchor = _anchor(behind, state)
    if behind is None and state.dismissed_at is not None and anchor <= state.dismissed_at:
        return ()
    due_at = add_business_days(anchor, ruling.within_business_days or 0, calendar)
    return (Intention(ruling.rule_id, due_at, ruling.tell, behind.seq if behind else None),)


def _put_off(intentions: tuple[Intention, ...], state: LinkState, calendar: WorkCalendar) -> tuple[Intention, ...]:
    """Move what was called for when an agent put it off; promises stay where they are."""
    delay = state.delay
    if delay is None:
        return intentions
    until = next_open(delay.until, calendar)
    return tuple(
        replace(one, due_at=max(one.due_at, until)) if one.reason != PROMISED and _was_due(one, state, delay) else one
        for one in intentions
    )


def _was_due(intention: Intention, state: LinkState, delay: Delay) -> bool:
    """News that wasn't known yet when an agent put off what was due isn't put off with it."""
    since = state.happened_at(intention.news_seq) or state.last_update_at
    return since <= delay.said_at and (intention.news_seq or 0) <= delay.seq


def _called_for(
    ruling: Ruling, state: LinkState, now: datetime, calendar: WorkCalendar, pace: Pace
) -> tuple[Intention, ...]:
    """Find the one update that a ruling calls for; none under hold, in watch mode or where nothing is due."""
    if ruling.hold or state.live_from is None:
        return ()
    if ruling.now and state.promise is not None:
        return (_promised(ruling, state.promise, state, calendar, pace),)
    telling = replace(ruling, tell=ruling.tell - _waiting(ruling, state, now))
    if telling.tell:
        return (_telling(telling, state, calendar),)
    return (_periodic(ruling, state, calendar, pace),) if ruling.every_days else ()


def _promised(ruling: Ruling, promise: OpenPromise, state: LinkState, calendar: WorkCalendar, pace: Pace) -> Intention:
    """What was promised by the day of a periodic update, and has no news to carry, stands for that update, and is sent
    as it would be."""
    besides = _besides(ruling)
    periodic = _periodic(besides, state, calendar, pace) if besides.every_days and not ruling.tell else None
    in_turn = periodic if periodic and _by_then(periodic.due_at, promise.due_at, calendar) else None
    return Intention(
        PROMISED,
        promise.notice_at,
        ruling.tell,
        promise.seq,
        ordinal=in_turn.ordinal if in_turn else None,
        deliver=in_turn.deliver if in_turn else ruling.deliver,
    )


def _besides(ruling: Ruling) -> Ruling:
    """Give what holds once the promise was kept, the customer answered and all questions met."""
    while ruling.also is not None:
        ruling = ruling.also
    return ruling


def _by_then(one: datetime, other: datetime | None, calendar: WorkCalendar) -> bool:
    """Whether the one falls due by the business day after the other: nobody wants two messages on following days."""
    return other is not None and one <= add_business_days(other, 1, calendar)


def _waiting(ruling: Ruling, state: LinkState, now: datetime) -> frozenset[News]:
    """Hold `fixed` back while `released` may still take its place."""
    until = _fixed_waits_until(ruling, state)
    return frozenset({News.FIXED}) if until is not None and until > now else frozenset()


def _fixed_waits_until(ruling: Ruling, state: LinkState) -> datetime | None:
    if not ruling.wait_days:
        return None
    fixed = [event.at for event in state.untold if event.news is News.FIXED]
    return max(fixed) + timedelta(days=ruling.wait_days) if fixed else None


def _telling(ruling: Ruling, state: LinkState, calendar: WorkCalendar) -> Intention:
    behind = _heaviest(ruling, state)
    due_at = next_open(_anchor(behind, state), calendar)
    reason = behind.news if behind else PERIODIC
    return Intention(reason, due_at, ruling.tell, behind.seq if behind else None, deliver=ruling.deliver)


def _periodic(ruling: Ruling, state: LinkState, calendar: WorkCalendar, pace: Pace) -> Intention:
    due_at = next_open(pace.due_at(ruling, state.run, state.reported_at), calendar)
    if state.promise is not None and _by_then(state.promise.notice_at, due_at, calendar):
        due_at = max(due_at, state.promise.notice_at)  # then the promise stands for it
    return Intention(PERIODIC, due_at, ordinal=state.periodic_told + 1, deliver=ruling.deliver)


def periodic_count(ruling: Ruling, state: LinkState, now: datetime, until: datetime, pace: Pace) -> int:
    """Count the periodic updates from now to an instant, if nothing happens and each is met at once."""
    if not ruling.every_days or ruling.hold or state.live_from is None:
        return 0
    run, count = list(state.run), 0
    while (at := max(now, pace.due_at(ruling, run, state.reported_at))) <= until:
        run, count = [*run, Heard(at)], count + 1
    return count


def _heaviest(ruling: Ruling, state: LinkState) -> NewsEvent | None:
    told = [event for event in state.untold if event.news in ruling.tell]
    return heaviest(told) if told else None


def heaviest(news: Sequence[NewsEvent]) -> NewsEvent:
    """Give the piece that an update is named after; of equal ones the latest."""
    return min(news, key=lambda event: (WEIGHT.index(event.news), -event.seq))


def _anchor(behind: NewsEvent | None, state: LinkState) -> datetime:
    """News is due from when it happened, but never from before the link or before going live."""
    begins = max(at for at in (state.linked_at, state.live_from) if at is not None)
    return max(behind.at, begins) if behind else state.last_update_at


def _valid_until(ruling: Ruling, state: LinkState, now: datetime) -> datetime | None:
    recheck = now + timedelta(days=ruling.recheck_days) if ruling.recheck_days else None
    return _earliest([*state.changes_at, recheck, _fixed_waits_until(ruling, state)], now)


def _earliest(instants: Iterable[datetime | None], now: datetime) -> datetime | None:
    return min((at for at in instants if at is not None and at > now), default=None)


def update_key(party_id: int, bug_id: int, intention: Intention) -> str:
    """Name an update so that it is planned once: by its customer, canonical bug, and news or ordinal."""
    if intention.reason == PROMISED:
        return f"{party_id}:{bug_id}:promise:{intention.news_seq}"
    if intention.news_seq is not None:
        return f"{party_id}:{bug_id}:{intention.news_seq}"
    if intention.ordinal is not None:
        return f"{party_id}:{bug_id}:{PERIODIC}:{intention.ordinal}"
    return f"{party_id}:{bug_id}:question:{intention.reason}"
