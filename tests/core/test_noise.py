"""The noise rules: what goes out together, how many a customer and an agent get, and at what hour."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar, next_open_day, start_of_today
from bugbridge.core.model import TicketStatus
from bugbridge.core.noise import SentNote, choose_ticket, held_until, intended_at, reply_moment, urgency
from tests.core.noise_scene import (
    DAY,
    LIMITS,
    NO_BATCHES,
    TEAM,
    berlin,
    judged,
    note,
    sent,
    ticket,
    update,
    waits,
)

MONDAY = "2026-03-02T10:00"
DUE = berlin(MONDAY)


def test_what_falls_due_within_three_business_days_goes_along() -> None:
    """From Monday at ten that is until Thursday at ten; what comes later has a note of its own."""
    items = [
        update("workaround", DUE),
        update("periodic", berlin("2026-03-05T10:00"), key="thursday"),
        update("reopened", berlin("2026-03-05T10:01"), key="later"),
    ]
    assert sent(judged(items, MONDAY)) == ["workaround", "thursday"]


def test_business_days_of_a_batch_leave_out_holidays() -> None:
    """Three open days after Thursday before Easter end on the Thursday after it."""
    before_easter = "2026-04-02T10:00"
    items = [update("workaround", berlin(before_easter)), update("periodic", berlin("2026-04-09T10:00"))]
    assert sent(judged(items, before_easter)) == ["workaround", "periodic"]


def test_without_batching_each_update_has_its_own_note() -> None:
    """The most urgent first: what was promised, then the oldest."""
    items = [update("declined", DUE), update("released", DUE - DAY), update("promised", DUE)]
    assert sent(judged(items, MONDAY, limits=NO_BATCHES)) == ["promised"]
    assert sent(judged(items[:2], MONDAY, limits=NO_BATCHES)) == ["released"]


def test_nothing_goes_out_before_something_is_due() -> None:
    """To ride along there must be a note."""
    verdict = judged([update("workaround", DUE + timedelta(minutes=1))], MONDAY)
    assert (sent(verdict), waits(verdict)) == ([], {})


@pytest.mark.parametrize(
    ("tickets", "chosen"),
    [
        ((ticket(1, active="2026-02-01T10:00"), ticket(2, active="2026-02-02T10:00")), 2),
        ((ticket(1), ticket(2, active="2026-03-02T09:00", status=TicketStatus.SOLVED)), 1),
        ((ticket(1), ticket(2, active="2026-03-02T09:00", status=TicketStatus.PENDING)), 2),
        ((ticket(1, status=TicketStatus.SOLVED), ticket(2, status=TicketStatus.SOLVED)), 1),
        ((ticket(1, status=TicketStatus.CLOSED), ticket(2, active="2025-01-01T10:00", status=TicketStatus.SOLVED)), 2),
        ((ticket(1, refused=True), ticket(2, active="2025-01-01T10:00", status=TicketStatus.SOLVED)), 2),
        ((ticket(1, gone=True), ticket(2, active="2025-01-01T10:00", status=TicketStatus.CLOSED)), 2),
        ((ticket(1, active="2026-02-01T10:00"), ticket(2, gone=True), ticket(3, active="2026-03-02T09:00")), 1),
    ],
)
def test_a_note_goes_to_the_most_recently_active_open_ticket(tickets: tuple, chosen: int) -> None:  # type: ignore[type-arg]
    """Of those concerned; else to the last that was active. A locked one never while another will do."""
    items = [update("workaround", DUE, ticket=1), update("periodic", DUE, ticket=2)]
    verdict = judged(items, MONDAY, tickets=tickets)
    assert verdict.ticket is not None
    assert (verdict.ticket.id, verdict.together[0].ticket_id) == (chosen, chosen)


def test_a_ticket_that_nothing_is_due_on_is_not_chosen() -> None:
    """There is no note about it."""
    with pytest.raises(ValueError, match="empty"):
        choose_ticket([ticket(3)], [update("workaround", DUE)])


@pytest.mark.parametrize("reason", ["workaround", "fixed", "release_planned", "reopened", "periodic"])
def test_a_second_unasked_message_waits_until_seven_days_have_passed(reason: str) -> None:
    """Counted from when the customer saw the first: an agent's public reply after our note."""
    first = note("workaround", posted="2026-02-24T09:00", met="2026-02-26T15:00")
    verdict = judged([update(reason, DUE)], MONDAY, first)
    assert (sent(verdict), waits(verdict)) == ([], {reason: berlin("2026-03-05T15:00")})
    assert sent(judged([update(reason, DUE)], "2026-03-05T15:00", first)) == [reason]


def test_an_open_note_counts_on_the_day_it_was_posted() -> None:
    """It will become a message; but an agent who leaves it for weeks silences nothing else."""
    still_open = note("periodic", posted="2026-02-24T09:00")
    assert waits(judged([update("workaround", DUE)], MONDAY, still_open)) == {"workaround": berlin("2026-03-03T09:00")}


def test_a_note_under_way_counts_now() -> None:
    """It may be posted at this very moment."""
    verdict = judged([update("workaround", DUE)], MONDAY, note("periodic"))
    assert waits(verdict) == {"workaround": berlin("2026-03-09T10:00")}


@pytest.mark.parametrize("reason", ["promised", "released", "declined", "clear-no", "a-rule-of-the-teams"])
def test_promises_ends_and_questions_are_never_held_by_the_cap(reason: str) -> None:
    """And such a message counts for nothing: it goes out in any case."""
    recent = note("workaround", posted="2026-03-02T09:00", met="2026-03-02T09:30")
    assert sent(judged([update(reason, DUE)], MONDAY, recent)) == [reason]
    exempt = note(reason, "periodic", posted="2026-03-02T09:00", met="2026-03-02T09:30")
    assert sent(judged([update("workaround", DUE)], MONDAY, exempt)) == ["workaround"]


def test_what_the_cap_holds_rides_with_a_message_that_goes_out_anyway() -> None:
    """It adds no message."""
    recent = note("workaround", posted="2026-03-02T09:00", met="2026-03-02T09:30")
    items = [update("periodic", DUE - DAY), update("released", DUE)]
    verdict = judged(items, MONDAY, recent)
    assert (sent(verdict), waits(verdict)) == (["periodic", "released"], {})


def test_an_enterprise_customer_sees_two() -> None:
    """The third waits until the first is seven days old."""
    seen = [note("periodic", posted=f"2026-02-{day}T09:00", met=f"2026-02-{day}T12:00") for day in (25, 26)]
    verdicts = [judged([update("workaround", DUE)], MONDAY, *seen[:count], enterprise=True) for count in (1, 2)]
    assert [sent(verdict) for verdict in verdicts] == [["workaround"], []]
    assert waits(verdicts[1]) == {"workaround": berlin("2026-03-04T12:00")}


def test_a_held_update_is_put_off_to_an_open_hour() -> None:
    """The first instant at which it fits lies in the team's hours."""
    recent = note("periodic", posted="2026-02-27T19:00", met="2026-02-27T22:00")
    assert waits(judged([update("workaround", DUE)], MONDAY, recent)) == {"workaround": berlin("2026-03-09T08:00")}


def test_an_agent_gets_no_more_than_eight_notes_a_day() -> None:
    """The ninth waits for the next open day, whatever it is about, and its riders stay planned."""
    items = [update("released", DUE), update("periodic", DUE + DAY)]
    friday = "2026-03-06T10:00"
    assert sent(judged(items, friday, today={"ann": 7})) == ["released", "periodic"]
    verdict = judged(items, friday, today={"ann": 8})
    assert (sent(verdict), waits(verdict)) == ([], dict.fromkeys(["released", "periodic"], berlin("2026-03-09T08:00")))
    assert waits(judged(items, MONDAY, today={"ann": 8})) == {"released": berlin("2026-03-03T08:00")}


def test_promises_come_first_then_corrections_then_the_oldest() -> None:
    """Whoever was wrongly told hears of it before what has waited since yesterday."""
    old, new = berlin("2026-03-02T10:00"), berlin("2026-03-03T10:00")
    items = [
        update("released", old),
        update("declined", new),
        update("reopened", new),
        update("wrongly-told", old),
        update("promised", new),
    ]
    assert [item.reason for item in sorted(items, key=urgency)] == [
        "promised",
        "wrongly-told",
        "reopened",
        "released",
        "declined",
    ]


def test_an_agents_day_is_theirs_alone() -> None:
    """Tickets without an agent are one agent's of their own."""
    items = [update("released", DUE)]
    full = {"ann": 8, "": 3}
    assert sent(judged(items, MONDAY, tickets=(ticket(agent="ben"),), today=full)) == ["released"]
    assert sent(judged(items, MONDAY, tickets=(ticket(agent=""),), today=full)) == ["released"]
    assert sent(judged(items, MONDAY, tickets=(ticket(agent=""),), today={"": 8})) == []


def test_a_promise_goes_out_whatever_the_agent_has() -> None:
    """With all that rides along."""
    items = [update("promised", DUE), update("periodic", DUE + DAY)]
    assert sent(judged(items, MONDAY, today={"ann": 80})) == ["promised", "periodic"]


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-03-02T07:59", "2026-03-02T08:00"),
        ("2026-03-02T20:01", "2026-03-03T08:00"),
        ("2026-03-07T12:00", "2026-03-09T08:00"),
        ("2026-04-03T12:00", "2026-04-07T08:00"),
    ],
)
def test_in_quiet_hours_and_on_closed_days_only_promises_go_out(at: str, opens: str) -> None:
    """The rest waits for the next open hour, also what fell due long before; riders wait with it."""
    items = [update("released", berlin("2026-03-01T12:00")), update("promised", berlin("2026-03-01T12:00"))]
    verdict = judged([*items, update("periodic", berlin("2026-04-09T10:00"))], at)
    assert (sent(verdict), waits(verdict)) == (["promised"], {"released": berlin(opens)})


def test_a_time_on_the_wall_is_resolved_on_the_day_of_sending() -> None:
    """The zone's rules changed since it was planned: ten o'clock is an hour later than was thought."""
    planned = replace(update("released", DUE), due_at=DUE - timedelta(hours=1))
    assert intended_at(planned) == DUE
    verdict = judged([planned], "2026-03-02T09:30")
    assert (sent(verdict), waits(verdict)) == ([], {"released": DUE})


def test_what_is_put_off_says_until_when() -> None:
    """An update that goes out as intended is held until nothing."""
    planned = update("released", DUE + timedelta(microseconds=7))
    assert held_until(planned) is None
    assert held_until(replace(planned, due_at=DUE + DAY)) == DUE + DAY
    assert held_until(replace(planned, wall_time="", zone="")) is None


def test_unknown_reasons_of_old_notes_are_no_excuse() -> None:
    """A note whose reasons nobody kept counts."""
    old = SentNote(frozenset(), berlin("2026-03-01T09:00"))
    assert sent(judged([update("workaround", DUE)], MONDAY, old)) == []


@pytest.mark.parametrize(
    ("due", "zone", "promised", "expected"),
    [
        ("2026-03-02T10:00", "Europe/Berlin", False, "2026-03-02T10:00"),
        ("2026-03-02T10:00", "America/New_York", False, "2026-03-02T14:00"),
        ("2026-03-06T19:00", "Asia/Tokyo", False, "2026-03-09T08:00"),
        ("2026-03-02T12:30", "Asia/Tokyo", False, "2026-03-03T08:00"),
        ("2026-03-02T12:30", "Asia/Tokyo", True, "2026-03-02T12:00"),
        ("2026-03-02T10:00", "America/New_York", True, "2026-02-27T20:00"),
    ],
)
def test_a_reply_goes_out_in_both_their_hours(due: str, zone: str, promised: bool, expected: str) -> None:  # noqa: FBT001 - a table
    """In the team's open hours and from 8 to 20 where the customer is: later, or earlier where it was promised."""
    assert reply_moment(berlin(due), TEAM, ZoneInfo(zone), promised=promised) == berlin(expected)


def test_where_hours_never_meet_the_customers_stand_alone() -> None:
    """In January Auckland sleeps while a team in Berlin works from 9 to 12."""
    mornings = replace(TEAM, open_at=TEAM.open_at.replace(hour=9), close_at=TEAM.open_at.replace(hour=12))
    at = reply_moment(berlin("2026-01-13T10:00"), mornings, ZoneInfo("Pacific/Auckland"))
    assert at.astimezone(ZoneInfo("Pacific/Auckland")).replace(tzinfo=None) == datetime(2026, 1, 14, 8)  # noqa: DTZ001 - a wall time


@pytest.mark.parametrize(
    ("calendar", "at", "begins", "next_day"),
    [
        (TEAM, "2026-03-06T23:30", "2026-03-06T00:00", "2026-03-09T08:00"),
        (TEAM, "2026-03-07T00:30", "2026-03-07T00:00", "2026-03-09T08:00"),
        (TEAM, "2026-04-02T10:00", "2026-04-02T00:00", "2026-04-07T08:00"),
        (ALWAYS_OPEN, "2026-03-06T10:00", "2026-03-06T01:00", "2026-03-07T01:00"),
    ],
)
def test_a_day_is_the_teams_date(calendar: WorkCalendar, at: str, begins: str, next_day: str) -> None:
    """From its midnight; the next open one begins when it opens."""
    moment = berlin(at)
    assert (start_of_today(moment, calendar), next_open_day(moment, calendar)) == (berlin(begins), berlin(next_day))


def test_the_shipped_limits() -> None:
    """One message a week, two for an enterprise customer; three business days; eight reminders."""
    assert (LIMITS.per_contact_days, LIMITS.per_enterprise_contact) == (7, 2)
    assert (LIMITS.batch_business_days, LIMITS.reminders_per_agent_day) == (3, 8)
