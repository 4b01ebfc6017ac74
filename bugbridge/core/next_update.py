"""When the next update will be due, once the customer was told what there is to tell: the date that a draft may name.

Only a periodic update has such a date; of everything else nobody knows when it comes.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from bugbridge.core.cadence import CurveBook, Heard
from bugbridge.core.calendar import WorkCalendar, next_open
from bugbridge.core.facts import LinkState
from bugbridge.core.heard import run_since
from bugbridge.core.planning import NO_BOOK, pace_of
from bugbridge.core.policy import chain, decide
from bugbridge.core.policy_model import Intention, Policy, Ruling


def once_told(state: LinkState, policy: Policy) -> Ruling:
    """Give what will be decided, people's questions apart, once the customer was answered and told all there is."""
    facts = replace(
        state.facts,
        untold=frozenset(),
        unanswered=False,
        promise_due=False,
        promise_open=False,
        reopened_after_told=False,
        days_since_update=0.0,
        asked=state.asked_elsewhere,
    )
    return tuple(chain(decide(facts, policy)))[-1]


def next_after_telling(
    state: LinkState,
    intention: Intention,
    now: datetime,
    policy: Policy,
    calendar: WorkCalendar,
    curves: CurveBook = NO_BOOK,
) -> datetime | None:
    """Give when the next update falls due if this one is told now; none where none will be, also in watch mode.

    Raises ConfigError if the calendar is never open.
    """
    run = run_after(state, now, periodic=intention.ordinal is not None)
    return next_in_run(state, run, policy, calendar, curves)


def run_after(state: LinkState, now: datetime, *, periodic: bool) -> tuple[Heard, ...]:
    """Give what the customer will have heard since the last news, once they are told something now."""
    begins = max(at for at in (state.linked_at, state.live_from) if at is not None)
    last_news_at = max((event.at for event in state.timeline.news), default=begins)
    heard_periodic = {heard.at for heard in state.run if heard.periodic} | ({now} if periodic else set())
    return run_since([*(heard.at for heard in state.run), now], frozenset(heard_periodic), last_news_at)


def next_in_run(
    state: LinkState, run: Sequence[Heard], policy: Policy, calendar: WorkCalendar, curves: CurveBook = NO_BOOK
) -> datetime | None:
    """Give when the periodic update after this run falls due, in open hours; none where none will be."""
    ruling = once_told(state, policy)
    if ruling.every_days is None or state.live_from is None:
        return None
    return next_open(pace_of(state, policy, curves).due_at(ruling, run, state.reported_at), calendar)
