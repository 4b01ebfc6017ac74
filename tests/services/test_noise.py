"""Noise: caps for customers and agents, nothing at night but promises, and nothing lost by waiting."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import WorkCalendar
from bugbridge.services import intake
from bugbridge.services.previewing import preview_due
from bugbridge.services.sending import SendingResult
from tests.services.noise_team import BOTH, ONE_NOTE, Team, released_for
from tests.services.scene import ANN, CARLA, EVE, ISSUE, OTHER_ISSUE, customer, day

# Day 0 is Thursday the first of January 2026, nine o'clock: an hour after opening. Nothing is closed but weekends.
OFFICE = WorkCalendar(ZoneInfo("UTC"), time(8), time(20), frozenset({5, 6}))
HOUR = timedelta(hours=1)


def january(number: int) -> datetime:
    """When the office opens on a day of the month."""
    return datetime(2026, 1, number, 8, tzinfo=UTC)


def with_a_second_message_due() -> tuple[Team, str]:
    """On day 4 a customer who was told of a workaround on day 3 is to hear of another one."""
    team = Team()
    ticket = team.on(1).reported(CARLA)
    other = team.reported(CARLA, OTHER_ISSUE)
    team.on(2).has_a_workaround()
    team.plan()
    team.send()
    team.on(3).replies(ticket, "Export as CSV.")
    team.decide()
    team.on(4).has_a_workaround(OTHER_ISSUE)
    team.plan()
    return team, other


def test_a_second_unasked_message_waits_until_the_week_is_over() -> None:
    """Seven days after the customer saw the first; it is put off and shown, and never lost."""
    team, other = with_a_second_message_due()
    assert (team.send(), team.held(other, OTHER_ISSUE)) == (SendingResult(), [day(10)])
    team.on(10).clock.forward(-timedelta(seconds=1))
    assert (team.send(), team.on(10).send()) == (SendingResult(), ONE_NOTE)


def test_what_is_held_stays_held_when_it_is_decided_again() -> None:
    """Deciding plans it for its own time, so that it is judged again; nothing is posted by that."""
    team, other = with_a_second_message_due()
    team.send()
    team.store.touch_all()
    team.on(5).decide()
    assert (team.held(other, OTHER_ISSUE), team.send()) == ([None], SendingResult())
    assert team.held(other, OTHER_ISSUE) == [day(10)]


def test_how_a_bug_ended_is_told_at_once_and_takes_what_is_held_along() -> None:
    """The held workaround adds no message."""
    team, other = with_a_second_message_due()
    team.send()
    team.on(5).is_released(ISSUE, "4.2")
    team.decide()
    assert team.send() == BOTH
    assert team.updates(other, OTHER_ISSUE) == [("workaround", "posted")]


def test_an_enterprise_customer_may_see_two() -> None:
    """Their third unasked message in a week waits."""
    team = Team().limits(batch_business_days=0)
    ticket = team.on(1).reported(EVE)
    team.reported(EVE, OTHER_ISSUE)
    posted = []
    for number, reference in ((2, ISSUE), (3, OTHER_ISSUE), (4, ISSUE)):
        team.on(number).has_a_workaround(reference)
        team.plan()
        posted.append(team.send().posted)
        team.replies(ticket, "Export as CSV.")
        team.read()
        team.clock.forward(HOUR)
        team.plan()
    assert posted == [1, 1, 0]


def test_an_agent_gets_eight_notes_a_day() -> None:
    """The ninth and tenth come on the next."""
    team = Team()
    released_for(team, 10)
    posted = [team.send().posted, team.send().posted]
    team.clock.at = day(2).replace(hour=23)
    posted.append(team.send().posted)
    team.clock.at = day(3).replace(hour=0)
    assert [*posted, team.send().posted] == [8, 0, 0, 2]


def test_promises_come_first() -> None:
    """Somebody who was promised a word is among the first eight, however late the promise fell due."""
    team = Team().limits(reminders_per_agent_day=1)
    tickets = [team.on(1).reported(customer(name)) for name in ("ada", "ben")]
    team.on(2).is_released()
    team.decide()
    team.on(3)
    intake.add_promise(team.store, team.clock, team.key(tickets[1]), day(3.5), ANN)
    team.plan()
    assert (team.send().posted, [team.reminders(ticket) for ticket in tickets]) == (1, [0, 1])


@pytest.mark.parametrize(("due_on", "opens"), [(2.6, january(5)), (1.6, january(5)), (0.6, january(2))])
def test_nothing_is_posted_at_night_or_at_the_weekend(due_on: float, opens: datetime) -> None:
    """Whenever it fell due: also what did while nothing ran waits for the next open hour."""
    team = Team(OFFICE)
    ticket = team.on(0).reported()
    team.on(due_on).is_released()
    team.decide()
    at_night = team.send()
    team.clock.at = opens - timedelta(seconds=1)
    too_early = team.send()
    team.clock.at = opens
    assert (at_night, too_early, team.send(), team.reminders(ticket)) == (SendingResult(), SendingResult(), ONE_NOTE, 1)


def test_what_was_overdue_when_the_daemon_began_waits_for_the_morning() -> None:
    """It fell due in open hours, but nobody was there to post it."""
    team = Team(OFFICE)
    ticket = team.on(0).reported()
    team.on(0.1).is_released()
    team.decide()
    night = [team.on(0.6).send(), team.send()]
    assert (night, team.held(ticket)) == ([SendingResult()] * 2, [january(2)])


def test_a_promise_is_kept_at_any_hour() -> None:
    """It alone: the release waits for the morning, and for its own note."""
    team = Team(OFFICE)
    promised, other = team.on(0).reported(), team.reported(CARLA, OTHER_ISSUE)
    team.on(0.1).is_released(OTHER_ISSUE, "5.0")
    intake.add_promise(team.store, team.clock, team.key(promised), day(0.3), ANN)
    team.decide()
    assert team.on(0.6).send() == ONE_NOTE
    assert (team.updates(promised), team.updates(other, OTHER_ISSUE)) == (
        [("promised", "posted")],
        [("released", "planned")],
    )


def test_a_note_that_isnt_posted_before_closing_waits_for_the_morning() -> None:
    """The helpdesk was slow, or down until the evening."""
    team = Team(OFFICE)
    ticket = team.on(0).reported()
    team.on(0.4).is_released()
    team.decide()
    team.helpdesk.just_before("messages", lambda: team.on(0.5))
    assert (team.send(), team.on(0.9).send(), team.reminders(ticket)) == (SendingResult(retried=1), SendingResult(), 0)
    assert team.on(1).send() == ONE_NOTE


def test_a_time_on_the_wall_is_resolved_when_it_is_sent() -> None:
    """Its zone's rules changed since it was planned, so that it comes an hour later."""
    team = Team()
    ticket = team.on(1).reported()
    team.on(2).is_released()
    team.decide()
    (item,) = team.store.updates_of(team.key(ticket))
    team.store.save_updates(
        team.key(ticket), [replace(item, wall_time="2026-01-03T11:00:00", zone="Europe/Berlin")], ""
    )
    sent = [team.send(), team.on(2).clock.forward(HOUR), team.send()]
    assert sent == [SendingResult(), None, ONE_NOTE]


def test_a_preview_without_batches_counts_the_notes_before() -> None:
    """Two unasked messages of one customer: the second would wait."""
    team = Team().limits(batch_business_days=0)
    team.on(1).reported(CARLA)
    team.reported(CARLA, OTHER_ISSUE)
    for reference in (ISSUE, OTHER_ISSUE):
        team.on(2).has_a_workaround(reference)
    team.plan()
    previews = preview_due(team.sender())
    assert (len(previews), team.send().posted) == (1, 1)


def test_a_pass_that_finds_nothing_due_reads_six_times() -> None:
    """What a crash left over, what is due, links to confirm, lines that name nothing, replies to ask about, and answers
    that are due; however much is planned for later or is held back."""
    team, _ = with_a_second_message_due()
    team.send()
    asked: list[str] = []
    connection = team.store._connection()
    connection.set_trace_callback(asked.append)
    team.send()
    connection.set_trace_callback(None)
    assert len(asked) == 6


def test_two_workers_never_find_room_for_one_note_each() -> None:
    """While the first posts a customer's only message of the week, the second finds the week full."""
    team = Team().limits(batch_business_days=0)
    team.on(1).reported(CARLA)
    team.reported(CARLA, OTHER_ISSUE)
    for reference in (ISSUE, OTHER_ISSUE):
        team.on(2).has_a_workaround(reference)
    team.plan()
    second: list[SendingResult] = []
    team.helpdesk.just_before("add_note", lambda: second.append(team.send("worker-2")))
    assert (team.send("worker-1"), second) == (ONE_NOTE, [SendingResult()])
    assert team.store.due_updates(day(2), 9) == ()
