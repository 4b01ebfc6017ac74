"""The date that a draft may name: when the next update falls due once this one was told."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar
from bugbridge.core.events import Event
from bugbridge.core.next_update import next_after_telling
from bugbridge.core.planning import plan_link
from bugbridge.core.policy_file import parse_policy
from tests.core.builders import (
    DAY_0,
    asks,
    day,
    frequency,
    has_workaround,
    opt_out,
    promise,
    question,
    release_mark,
    reminder,
    reply,
    stage,
    state_on,
    tier,
    told,
    watching,
    workaround,
)

SHIPPED = parse_policy((Path(__file__).parents[2] / "config" / "policy.toml").read_text(encoding="utf-8"))
OFTEN = (stage(0, "open"), frequency(0.5, "frequent"))
RARELY = (stage(0, "open"), frequency(0.5, "infrequent"))


def next_day(number: float, *events: Event) -> float | None:
    """The day on which the update after the one that is due as of a day falls due, if that one is told at once."""
    state = state_on(number, *events, policy=SHIPPED)
    intention = plan_link(state, day(number), SHIPPED, ALWAYS_OPEN).intentions[0]
    at = next_after_telling(state, intention, day(number), SHIPPED, ALWAYS_OPEN)
    return None if at is None else (at - DAY_0) / timedelta(days=1)


def test_after_an_update_without_news_the_interval_grows() -> None:
    """Two weeks, then three."""
    assert next_day(14, *OFTEN) == 14 + 21


def test_after_news_the_intervals_begin_anew() -> None:
    """However long they had grown."""
    grown = (*OFTEN, reminder(14), reply(14), reminder(35), reply(35))
    assert next_day(40, *grown, workaround(40)) == 40 + 14


def test_after_a_promise_was_kept_the_interval_is_as_long_as_before() -> None:
    """One that was promised for an earlier day is no periodic update, and its news, if any, begins anew."""
    assert next_day(9, *OFTEN, promise(1, 10)) == 9 + 14


@pytest.mark.parametrize(
    ("number", "events"),
    [
        (6, (*RARELY, stage(5, "released"), release_mark(5, "4.2"))),
        (6, (*OFTEN, stage(3, "fixed"), release_mark(5, "4.2"))),
        (6, (*OFTEN, stage(5, "declined"))),
        (6, (*RARELY, workaround(5))),
        (6, (*OFTEN, workaround(5), opt_out(1, "no_periodic"))),
    ],
    ids=["rarely", "released", "declined", "news-only", "no-periodic"],
)
def test_where_no_periodic_update_follows_there_is_no_date(number: float, events: tuple[Event, ...]) -> None:
    """Nothing is promised that nobody would be reminded of."""
    assert next_day(number, *events) is None


def test_what_a_question_is_about_is_told_by_then() -> None:
    """A correction, once made, is followed by updates as any open bug is."""
    back = (*OFTEN, stage(3, "fixed"), release_mark(5, "4.2"), told(6), stage(8, "open"))
    asked = question(8, "wrongly-told", "agent: own the error")
    assert next_day(9, *back) == next_day(9, *back, asked) == 9 + 14


def test_that_the_customer_waits_for_an_answer_holds_nothing_afterwards() -> None:
    """The very message answers them."""
    assert next_day(9, *OFTEN, promise(1, 10), asks(8)) == 9 + 14


def test_the_date_is_a_working_day() -> None:
    """What falls due on a closed day waits for the next open one."""
    calendar = WorkCalendar(ZoneInfo("UTC"), time(8), time(18), frozenset({5, 6}))
    state = state_on(12, tier("enterprise"), stage(0, "open"), policy=SHIPPED)
    intention = plan_link(state, day(12), SHIPPED, calendar).intentions[0]
    at = next_after_telling(state, intention, day(12), SHIPPED, calendar)
    assert (day(12 + 11).strftime("%A"), at) == ("Saturday", datetime(2026, 1, 26, 8, tzinfo=UTC))


def test_in_watch_mode_there_is_no_date() -> None:
    """Nobody would be reminded of it."""
    live, watched = (state_on(14, *OFTEN, *more, policy=SHIPPED) for more in ((), (watching(),)))
    intention = plan_link(live, day(14), SHIPPED, ALWAYS_OPEN).intentions[0]
    assert next_after_telling(watched, intention, day(14), SHIPPED, ALWAYS_OPEN) is None


@given(st.lists(st.floats(0.01, 30), min_size=1, max_size=4))
def test_the_date_is_the_one_that_is_due_once_it_was_told(gaps: list[float]) -> None:
    """What a draft says comes true: after the reply, planning gives that very date."""
    events: list[Event] = [*OFTEN]
    now = 0.5
    for gap in gaps:
        state = state_on(now, *events, policy=SHIPPED)
        (intention,) = plan_link(state, day(now), SHIPPED, ALWAYS_OPEN).intentions
        due = (intention.due_at - DAY_0) / timedelta(days=1)
        now = round(max(now, due) + gap, 3)
        state = state_on(now, *events, policy=SHIPPED)
        said = next_after_telling(state, intention, day(now), SHIPPED, ALWAYS_OPEN)
        events += [reminder(now - 0.001), reply(now)]
        (after,) = plan_link(state_on(now, *events, policy=SHIPPED), day(now), SHIPPED, ALWAYS_OPEN).intentions
        assert said == after.due_at


def test_a_workaround_that_works_is_as_it_was() -> None:
    """The interval is that of the customers for whom it works."""
    works = (workaround(1), has_workaround(2, "told"), has_workaround(2.5, "confirmed"))
    assert next_day(40, *OFTEN, *works, told(3)) == 40 + 42
