"""A kept promise is a turn: whether anybody reads what replies promise or not, customers hear equally often.

Agents answer every reminder with its draft, whose last sentence names the day of the next update.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.cadence import run_days
from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar, add_business_days
from bugbridge.core.events import Event
from bugbridge.core.facts import LinkState, fold_link
from bugbridge.core.first_reply import first_reply
from bugbridge.core.heard import code_of
from bugbridge.core.model import LinkEventKind
from bugbridge.core.next_update import next_after_telling
from bugbridge.core.planning import plan_link
from bugbridge.core.policy_model import Intention, Policy
from bugbridge.core.promise_rules import end_of_day
from tests.core.builders import (
    BUG,
    DAY_0,
    activity,
    day,
    frequency,
    link_event,
    link_history,
    promise,
    reminder,
    reply,
    says,
    stage,
    state_on,
    updates_on,
    workaround,
)
from tests.core.replay_scene import course, days_told, policy, rule

OFFICE = WorkCalendar(ZoneInfo("Europe/Berlin"), time(9), time(17), frozenset({5, 6}))
OPEN = (stage(0, "open"), frequency(0.01, "frequent"), activity(0.02))
ALL_NEWS = 'tell = "all"\n'


def every(least: int, most: int, backoff: float = 1.5, *, ahead: int = 1) -> Policy:
    """A policy by which a customer hears all news, and ever less often without any."""
    made = policy(rule("every", f"{ALL_NEWS}every_days = [{least}, {most}]\nbackoff = {backoff}"))
    return replace(made, facts=replace(made.facts, promise_ahead_business_days=ahead, stalled_after_days=100_000))


FORTNIGHTLY = every(14, 56)


@dataclass
class Correspondence:
    """What goes on between one customer and an agent who takes every draft as it is."""

    policy: Policy
    calendar: WorkCalendar = ALWAYS_OPEN
    reads_promises: bool = True
    events: list[Event] = field(default_factory=lambda: [*OPEN])
    now: datetime = DAY_0 + timedelta(hours=1)
    reminded: list[Intention] = field(default_factory=list)
    heard: list[datetime] = field(default_factory=list)
    promised: list[datetime] = field(default_factory=list)

    def state(self) -> LinkState:
        return fold_link(link_history(*self.events), self.now, self.policy, self.calendar)

    def called_for(self) -> list[Intention]:
        """What is due now."""
        planned = plan_link(self.state(), self.now, self.policy, self.calendar)
        return [one for one in planned.intentions if one.due_at <= self.now]

    def answers_first(self) -> None:
        """The first reply after the link."""
        self.writes(first_reply(self.state(), self.now, self.policy, self.calendar).next_at)
        self.heard.clear()

    def writes(self, next_at: datetime | None) -> None:
        """The agent replies, and names the day of the next update."""
        on = (self.now - DAY_0) / timedelta(days=1)
        self.events.append(reply(on))
        self.heard.append(self.now)
        if next_at is not None:
            self.promised.append(next_at)
            due = end_of_day(next_at.astimezone(self.calendar.zone).date(), self.calendar)
            if self.reads_promises:
                self.events.append(replace(says(on), due_at=due))

    def goes_on(self, until: datetime) -> None:
        """Time passes, and whatever falls due meanwhile is brought to the agent."""
        while True:
            planned = plan_link(self.state(), self.now, self.policy, self.calendar)
            instants = [planned.valid_until, *(one.due_at for one in planned.intentions)]
            later = min((at for at in instants if at is not None and at > self.now), default=until)
            for one in self.called_for():
                self.is_reminded(one)
            if later > until:
                break
            self.now = later
        self.now = until

    def is_reminded(self, one: Intention) -> None:
        """Once of each update, as its key has it."""
        if not any(
            (one.reason, one.news_seq, one.ordinal) == (each.reason, each.news_seq, each.ordinal)
            for each in self.reminded
        ):
            self.reminded.append(one)
            on = (self.now - DAY_0) / timedelta(days=1)
            self.events.append(reminder(on, code_of(one.reason, BUG, one.ordinal)))

    def meets(self, delay: timedelta) -> None:
        """The next reminder comes, and is met so much later."""
        before = len(self.reminded)
        while len(self.reminded) == before:
            planned = plan_link(self.state(), self.now, self.policy, self.calendar)
            later = [planned.valid_until, *(one.due_at for one in planned.intentions)]
            self.goes_on(min(at for at in later if at is not None and at > self.now))
        self.goes_on(self.now + delay)
        (one,) = self.called_for()
        state = self.state()
        self.writes(next_after_telling(state, one, self.now, self.policy, self.calendar))

    def intervals(self) -> tuple[int, ...]:
        """The days of each interval so far, as the cadence has them."""
        last = plan_link(self.state(), self.now, self.policy, self.calendar).decision.ruling
        assert last.every_days is not None
        cadence = replace(self.policy.cadence, backoff=last.backoff)
        return run_days(self.state().run, DAY_0, last.every_days, cadence)


def corresponded(under: Policy, calendar: WorkCalendar, delays: list[float], *, reads_promises: bool) -> Correspondence:
    """So many turns, each met so many days after its reminder."""
    told = Correspondence(under, calendar, reads_promises)
    told.answers_first()
    for delay in delays:
        told.meets(timedelta(days=delay))
    return told


POLICIES = st.builds(
    lambda least, more, backoff, ahead: every(least, least + more, backoff, ahead=ahead),
    st.integers(7, 30),
    st.integers(0, 60),
    st.sampled_from([1, 1.5, 2]),
    st.integers(0, 3),
)
DELAYS = st.lists(st.floats(0.01, 5), min_size=1, max_size=5)
CALENDARS = st.sampled_from([ALWAYS_OPEN, OFFICE])


@given(POLICIES, CALENDARS, DELAYS)
def test_intervals_grow_as_if_nobody_read_promises(under: Policy, calendar: WorkCalendar, delays: list[float]) -> None:
    """A promise that is kept without news is the periodic update of its turn."""
    read, unread = (corresponded(under, calendar, delays, reads_promises=reads) for reads in (True, False))
    assert read.intervals() == unread.intervals()
    assert read.state().periodic_told == unread.state().periodic_told == len(delays)


@given(POLICIES, CALENDARS, DELAYS)
def test_no_turn_is_reminded_of_twice(under: Policy, calendar: WorkCalendar, delays: list[float]) -> None:
    """However late the agent is: neither the periodic update on top of the promise, nor the other way around."""
    told = corresponded(under, calendar, delays, reads_promises=True)
    assert len(told.reminded) == len(told.heard) == len(delays)


@given(POLICIES, CALENDARS, st.lists(st.just(0.01), min_size=1, max_size=5))
def test_the_customer_hears_on_the_day_that_the_draft_named_or_a_promises_lead_before(
    under: Policy, calendar: WorkCalendar, delays: list[float]
) -> None:
    """Never later, and no earlier than the policy has promises called for."""
    told = corresponded(under, calendar, delays, reads_promises=True)
    for named, heard in zip(told.promised, told.heard, strict=False):
        ends = end_of_day(named.astimezone(calendar.zone).date(), calendar)
        lead = under.facts.promise_ahead_business_days
        assert add_business_days(ends, -lead, calendar) <= heard <= ends + timedelta(days=0.02)


def test_two_weeks_then_three_then_five() -> None:
    """The worked example: reminded a business day before the day that each draft names."""
    told = corresponded(FORTNIGHTLY, ALWAYS_OPEN, [0.01] * 3, reads_promises=True)
    assert [one.reason for one in told.reminded] == ["promised"] * 3
    assert told.intervals() == (14, 21, 32, 48)
    unread = corresponded(FORTNIGHTLY, ALWAYS_OPEN, [0.01] * 3, reads_promises=False)
    assert [one.reason for one in unread.reminded] == ["periodic"] * 3


def fortnightly(number: float, *events: Event) -> list[tuple[str, float]]:
    """What is called for as of a day, under the policy of these examples."""
    return updates_on(number, *OPEN, *events, policy=FORTNIGHTLY)


def run_on(number: float, *events: Event) -> list[tuple[float, bool]]:
    run = state_on(number, *OPEN, *events, policy=FORTNIGHTLY).run
    return [((one.at - DAY_0) / timedelta(days=1), one.periodic) for one in run]


def test_a_promise_for_an_earlier_day_is_no_turn() -> None:
    """What an agent promises between two updates begins the interval anew, as long as it was."""
    soon = (promise(2, 6), reminder(5, code_of("promised", BUG, None)), reply(5.5))
    assert fortnightly(5, *soon[:1]) == [("promised", 5)]
    assert run_on(6, *soon) == [(5.5, False)]
    assert fortnightly(6, *soon) == [("periodic", 19.5)]


def test_a_promise_that_carries_news_is_no_turn() -> None:
    """The news begins a run of its own."""
    (one,) = (
        each
        for each in plan_link(
            state_on(13, *OPEN, promise(1, 14), workaround(12), policy=FORTNIGHTLY), day(13), FORTNIGHTLY, ALWAYS_OPEN
        ).intentions
    )
    assert (one.reason, one.ordinal) == ("promised", None)


def test_a_periodic_update_waits_for_a_promise_of_the_next_business_day() -> None:
    """Its own day is nobody's reminder then; a promise for much later holds nothing up."""
    assert fortnightly(13, promise(1, 15.5)) == [("periodic", 14.5)]
    assert fortnightly(14.5, promise(1, 15.5)) == [("promised", 14.5)]
    assert fortnightly(14, promise(1, 30)) == [("periodic", 14)]


def test_an_agent_who_writes_before_the_reminder_keeps_the_promise_and_the_turn_is_still_to_come() -> None:
    """As without the promise: whoever writes of their own accord hasn't written for the policy."""
    assert fortnightly(10, says(0.5, due=14), reply(0.5), reply(9)) == [("periodic", 14)]


def test_a_promise_that_an_agent_says_is_not_needed_is_a_turn_let_be() -> None:
    """As a periodic reminder is."""
    turn = (says(0.5, due=14), reply(0.5), reminder(13, code_of("promised", BUG, 1)))
    needless = (link_event(13.5, LinkEventKind.NOT_NEEDED), link_event(13.6, LinkEventKind.PROMISE_DISMISSED))
    assert fortnightly(14, *turn, *needless) == [("periodic", 13.5 + 21)]


@pytest.mark.parametrize("reads", [True, False])
def test_a_replay_lengthens_the_intervals_through_promises(reads: bool) -> None:  # noqa: FBT001 - a parameter
    """What agents really promised counts in a replay as it does live."""
    read = [replace(says(on), due_at=day(due)) for on, due in ((0.5, 14.3), (13.4, 34.6), (33.7, 65.9))]
    replayed = course(*OPEN, *(read if reads else ()), under=FORTNIGHTLY, until=70)
    gaps = [
        round(later - earlier) for earlier, later in zip([0, *days_told(replayed)], days_told(replayed), strict=False)
    ]
    assert gaps == ([13, 20, 31] if reads else [14, 21, 32])
