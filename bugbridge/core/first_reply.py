"""The first reply after linking: what it can promise, and which draft words it."""

from dataclasses import dataclass, replace
from datetime import datetime

from bugbridge.core.cadence import CurveBook
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.facts import LinkState
from bugbridge.core.model import TERMINAL_STAGES, News
from bugbridge.core.next_update import next_in_run, once_told, run_after
from bugbridge.core.planning import NO_BOOK, heaviest
from bugbridge.core.policy import chain, decide
from bugbridge.core.policy_model import LinkFacts, Policy

FIRST_REPLY = "first_reply"
# What a reply may promise: another one by a date, one when there is news, none.
DATE, IF_NEWS, NOTHING = "date", "news", "nothing"


@dataclass(frozen=True, slots=True)
class FirstReply:
    """What the first reply is about (`draft` names its template) and what it can promise.

    `next_at` is the date of the next update, where one is promised; `hears` the news that the customer will be told of
    when it comes; `due` the news that they are to be told at once, "" where there is none.
    """

    draft: str
    promise: str
    next_at: datetime | None
    hears: frozenset[News]
    due: str = ""


def first_reply(
    state: LinkState, now: datetime, policy: Policy, calendar: WorkCalendar, curves: CurveBook = NO_BOOK
) -> FirstReply:
    """Say what the first reply to a customer can hold. Nothing is promised in watch mode: nobody would be reminded.

    Raises ConfigError if the calendar is never open.
    """
    due = _due_news(state, policy)
    next_at = _next_at(state, due, now, policy, calendar, curves)
    hears = once_told(state, policy).listens_to if state.live_from is not None else frozenset[News]()
    return FirstReply(_draft(state, due), _promise(next_at, hears), next_at, hears, due)


def _due_news(state: LinkState, policy: Policy) -> str:
    """Name the heaviest piece of news that is to be told, also after an answer or by a person; "" for none.

    A workaround is in every first reply, so it isn't what that is about.
    """
    tell = frozenset[News]().union(*(ruling.tell for ruling in chain(decide(_answered(state), policy))))
    told = [event for event in state.untold if event.news in tell - {News.WORKAROUND}]
    if state.wrongly_told is not None:
        return News.REOPENED
    return heaviest(told).news if told else ""


def _answered(state: LinkState) -> LinkFacts:
    return replace(state.facts, unanswered=False, promise_due=False, asked=state.asked_elsewhere)


def _draft(state: LinkState, due: str) -> str:
    """A bug that has ended, or whose release is planned, is never spoken of as open, however old that news is."""
    if due:
        return due
    if state.facts.stage in TERMINAL_STAGES:
        return state.facts.stage
    return News.RELEASE_PLANNED if state.facts.release_planned else FIRST_REPLY


def _next_at(
    state: LinkState, due: str, now: datetime, policy: Policy, calendar: WorkCalendar, curves: CurveBook
) -> datetime | None:
    """A reply without news leaves the interval as it is, unless that has run out."""
    planned = None if due else next_in_run(state, state.run, policy, calendar, curves)
    if planned is not None and planned > now:
        return planned
    return next_in_run(state, run_after(state, now, periodic=not due), policy, calendar, curves)


def _promise(next_at: datetime | None, hears: frozenset[News]) -> str:
    if next_at is not None:
        return DATE
    return IF_NEWS if hears else NOTHING
