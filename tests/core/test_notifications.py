"""Who is told of what, when: by examples, and by laws over any course of events."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar, is_open
from bugbridge.core.notifications import (
    FAILURES_BEFORE_COUNTING,
    MOST_LISTED,
    RETRY_DELAYS,
    Audience,
    Notice,
    NoticeKind,
    NotificationState,
    Recipient,
    Timing,
    When,
    after_failure,
    after_looking,
    after_sending,
    concerns,
    first_state,
    message_of,
    next_look,
)

BERLIN = ZoneInfo("Europe/Berlin")
OFFICE = WorkCalendar(BERLIN, time(8), time(18), frozenset({5, 6}))
ADA, BEN = 7, 8


def berlin(text: str) -> datetime:
    """An instant by what clocks in Berlin show."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def timing(when: When, at: time = time(9), calendar: WorkCalendar = OFFICE) -> Timing:
    """How soon, in the office's hours unless said otherwise."""
    return Timing(when, calendar, at)


def looked(text: str) -> NotificationState:
    """Somebody who was last told then."""
    return first_state("ada", 0, berlin(text))


def notice(seq: int = 1, kind: NoticeKind = NoticeKind.REMINDED, agent_id: int | None = ADA) -> Notice:
    """Something that happened."""
    return Notice(seq, kind, "support:1", "github:acme/app#12", agent_id=agent_id, helpdesk="support", brand="acme")


def recipient(audience: Audience, **narrowed: frozenset[str]) -> Recipient:
    """Somebody of this kind."""
    return Recipient("somebody", audience, timing(When.AT_ONCE), **narrowed)  # type: ignore[arg-type]  # its fields


@pytest.mark.parametrize(
    ("when", "last", "now", "expected"),
    [
        (When.AT_ONCE, "2026-06-15T09:00", "2026-06-15T09:01", "2026-06-15T09:01"),
        (When.AT_ONCE, "2026-06-15T09:00", "2026-06-15T22:00", "2026-06-16T08:00"),
        (When.AT_ONCE, "2026-06-12T09:00", "2026-06-13T12:00", "2026-06-15T08:00"),  # a weekend
        (When.HOURLY, "2026-06-15T09:10", "2026-06-15T09:20", "2026-06-15T10:00"),
        (When.HOURLY, "2026-06-15T09:10", "2026-06-15T11:30", "2026-06-15T11:30"),  # its time was missed
        (When.HOURLY, "2026-06-15T17:10", "2026-06-15T18:30", "2026-06-16T08:00"),
        (When.DAILY, "2026-06-15T09:00", "2026-06-15T09:01", "2026-06-16T09:00"),
        (When.DAILY, "2026-06-15T08:59", "2026-06-15T08:59", "2026-06-15T09:00"),
        (When.DAILY, "2026-06-12T09:00", "2026-06-12T09:01", "2026-06-15T09:00"),  # a weekend
        (When.DAILY, "2026-06-11T09:00", "2026-06-12T20:00", "2026-06-15T08:00"),  # its time was missed
        (When.DAILY, "2026-03-27T09:00", "2026-03-28T09:00", "2026-03-30T09:00"),  # clocks went forward
        (When.DAILY, "2026-10-23T09:00", "2026-10-24T09:00", "2026-10-26T09:00"),  # and back
    ],
)
def test_people_are_told_in_their_hours_at_the_time_they_chose(when: When, last: str, now: str, expected: str) -> None:
    """At once, at the next full hour, or at a wall time, whatever clocks do meanwhile; what was missed comes next."""
    assert next_look(looked(last), timing(when), berlin(now)) == berlin(expected)


def test_a_daily_digest_whose_wall_time_clocks_skip_comes_when_they_have_moved_on() -> None:
    """02:30 doesn't exist on the day on which clocks go from two to three."""
    always = replace(ALWAYS_OPEN, zone=BERLIN)
    daily = timing(When.DAILY, time(2, 30), always)
    assert next_look(looked("2026-03-28T03:00"), daily, berlin("2026-03-28T03:00")) == berlin("2026-03-29T03:30")


def test_a_clock_that_was_ahead_silences_nobody() -> None:
    """What was kept by a clock a year ahead holds nobody up for longer than a failed try and a day."""
    now = berlin("2026-06-15T10:00")
    ahead = after_failure(looked("2027-06-15T10:00"), 1, now + timedelta(days=365))
    assert next_look(ahead, timing(When.AT_ONCE), now) == now + RETRY_DELAYS[-1]
    assert next_look(ahead, timing(When.DAILY), now) == berlin("2026-06-16T09:00")


@pytest.mark.parametrize(
    ("who", "kind", "agent_id", "expected"),
    [
        (Audience.AGENT, NoticeKind.REMINDED, ADA, True),
        (Audience.AGENT, NoticeKind.HELD, ADA, True),
        (Audience.AGENT, NoticeKind.DEAD, ADA, True),
        (Audience.AGENT, NoticeKind.DEAD, BEN, False),
        (Audience.AGENT, NoticeKind.REMINDED, None, False),
        (Audience.AGENT, NoticeKind.QUESTION, ADA, False),
        (Audience.TEAM, NoticeKind.REMINDED, BEN, True),
        (Audience.TEAM, NoticeKind.REMINDED, None, True),
        (Audience.TEAM, NoticeKind.QUESTION, None, False),
        (Audience.LEAD, NoticeKind.QUESTION, None, True),
        (Audience.LEAD, NoticeKind.DEAD, BEN, True),
        (Audience.LEAD, NoticeKind.REMINDED, BEN, False),
    ],
)
def test_everybody_hears_what_is_theirs(
    who: Audience, kind: NoticeKind, agent_id: int | None, *, expected: bool
) -> None:
    """An agent of their own tickets, the team of all tickets, nobody's too, the lead of questions and of failures."""
    assert concerns(notice(1, kind, agent_id), recipient(who), {ADA}) is expected


@pytest.mark.parametrize(
    ("receivers", "who", "expected"),
    [(None, {ADA}, True), ({BEN}, {ADA}, False), ({BEN}, {BEN}, True), (set(), {ADA}, False)],
)
def test_who_stands_in_for_an_agent_is_told_in_their_place(
    receivers: set[int] | None,
    who: set[int],
    expected: bool,  # noqa: FBT001 - a case
) -> None:
    """Whoever is away hears nothing."""
    told = replace(notice(), receivers=None if receivers is None else frozenset(receivers))
    assert concerns(told, recipient(Audience.AGENT), who) is expected


def test_the_lead_hears_of_what_fell_to_the_lead_and_anybody_through_their_channel() -> None:
    """A channel is a notification's name, whomever it is for."""
    assert concerns(replace(notice(), to_lead=True), recipient(Audience.LEAD), ())
    for audience in Audience:
        assert concerns(replace(notice(agent_id=BEN), channels=frozenset({"somebody"})), recipient(audience), ())


def test_a_team_can_be_that_of_some_helpdesks_and_brands() -> None:
    """Both have to fit where both are named."""
    own, other = frozenset({"support", "acme"}), frozenset({"desk"})
    assert concerns(notice(), recipient(Audience.TEAM, helpdesks=own, brands=own), ())
    assert not concerns(notice(), recipient(Audience.TEAM, helpdesks=other), ())
    assert not concerns(notice(), recipient(Audience.TEAM, helpdesks=own, brands=other), ())


def test_a_message_lists_the_latest_and_counts_the_rest() -> None:
    """However many there are, a message stays short and says how many."""
    many = [notice(seq) for seq in range(1, MOST_LISTED + 4)]
    parameters = message_of(many, recipient(Audience.TEAM), looked("2026-06-15T09:00")).parameters
    assert (len(parameters["listed"]), parameters["more"]) == (MOST_LISTED, 3)  # type: ignore[arg-type]  # a list
    assert parameters["counts"] == {"reminded": MOST_LISTED + 3, "replied": 0, "held": 0, "dead": 0, "question": 0}


def test_replies_about_the_same_news_are_one_line() -> None:
    """With the first of their tickets and how many more; reminders stay one by one."""
    sent = [
        replace(notice(seq, NoticeKind.REPLIED), ticket=f"support:{seq}", reason="released") for seq in range(12, 2, -1)
    ]
    parameters = message_of(
        [*sent, notice(20), notice(21)], recipient(Audience.TEAM), looked("2026-06-15T09:00")
    ).parameters
    replies, *reminders = parameters["listed"]  # type: ignore[misc]  # a list
    assert (replies["tickets"], replies["others"]) == ([f"support:{seq}" for seq in range(3, 8)], 5)
    assert (len(reminders), parameters["more"]) == (2, 0)


def test_a_reply_that_went_out_is_not_told_as_held() -> None:
    """A digest says how things stand; another ticket's is held still."""
    held = replace(notice(1, NoticeKind.HELD), until=berlin("2026-06-15T09:10"))
    other = replace(held, seq=2, ticket="support:2")
    parameters = message_of(
        [held, other, notice(3, NoticeKind.REPLIED)], recipient(Audience.TEAM), looked("2026-06-15T09:00")
    ).parameters
    assert parameters["counts"] == {"reminded": 0, "replied": 1, "held": 1, "dead": 0, "question": 0}


def test_what_failed_often_is_only_counted() -> None:
    """After several failures the old is a number, the new is listed."""
    state = looked("2026-06-15T09:00")
    for _ in range(FAILURES_BEFORE_COUNTING):
        state = after_failure(state, 2, state.looked_at)
    listed = message_of([notice(1), notice(2), notice(3)], recipient(Audience.TEAM), state).parameters
    assert (len(listed["listed"]), listed["more"]) == (1, 2)  # type: ignore[arg-type]  # a list


def test_delays_grow_up_to_an_hour_and_success_forgets_them() -> None:
    """A service that is down is asked ever less often, and at once again after it is back."""
    state, now = looked("2026-06-15T09:00"), berlin("2026-06-15T09:00")
    delays = []
    for _ in range(len(RETRY_DELAYS) + 1):
        state = after_failure(state, 1, now)
        delays.append(next_look(state, timing(When.AT_ONCE), now) - now)
    assert delays == [*RETRY_DELAYS, RETRY_DELAYS[-1]]
    assert after_sending(state, 1, now) == NotificationState("ada", 1, now, sent_at=now)


@given(
    when=st.sampled_from(When),
    steps=st.lists(
        st.tuples(
            st.integers(0, 4000), st.integers(0, 3), st.booleans()
        ),  # minutes that pass, notices, whether it works
        max_size=40,
    ),
)
def test_nothing_is_told_twice_or_lost_or_out_of_hours(when: When, steps: list[tuple[int, int, bool]]) -> None:
    """Whatever happens when, and however often sending fails: each notice is in one message that was taken, all are
    once it works again, no message goes out in closed hours, and a digest no more than once for each of its times."""
    now, head = berlin("2026-10-19T09:00"), 0  # clocks go back within the week
    state, how = first_state("ada", head, now), timing(when)
    told: list[int] = []
    sent_at: list[datetime] = []
    for minutes, happened, works in [*steps, (7 * 24 * 60, 1, True), (7 * 24 * 60, 0, True)]:
        now, head = now + timedelta(minutes=minutes), head + happened
        now = max(now, next_look(state, how, now)) if minutes > 2000 else now
        if next_look(state, how, now) > now:
            continue
        new = list(range(state.upto_seq + 1, head + 1))
        if not new:
            state = after_looking(state, head, now)
        elif works:
            told, sent_at, state = told + new, [*sent_at, now], after_sending(state, head, now)
        else:
            state = after_failure(state, head, now)
    assert told == list(range(1, head + 1))
    assert all(is_open(at, OFFICE) for at in sent_at)
    if when is not When.AT_ONCE:
        slots = [_slot(when, at) for at in sent_at]
        assert len(slots) == len(set(slots))


def _slot(when: When, at: datetime) -> tuple[object, ...]:
    """The hour, or the day from nine to nine, that a message belongs to."""
    wall = at.astimezone(BERLIN)
    return (wall.date(), wall.hour) if when is When.HOURLY else ((wall - timedelta(hours=9)).date(),)
