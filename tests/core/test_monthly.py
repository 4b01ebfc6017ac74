"""Once a month: after the team's month has ended, in the reader's hours, and never twice for a month."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bugbridge.core.calendar import ALWAYS_OPEN, WorkCalendar, is_open
from bugbridge.core.errors import ConfigError
from bugbridge.core.monthly import RETRY_DELAYS, delay_after, month_end, next_monthly, next_try

WEEKEND = frozenset({5, 6})
BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
OFFICE = WorkCalendar(BERLIN, time(8), time(17), WEEKEND, {date(2026, 1, 1), date(2026, 5, 1)})
# St John's set its clocks back a minute after midnight, Asunción skipped one, Havana showed one twice.
ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Pacific/Kiritimati",
    "Pacific/Niue",
    "America/St_Johns",
    "America/Asuncion",
    "America/Havana",
]


def wall(text: str, zone: ZoneInfo = BERLIN, fold: int = 0) -> datetime:
    """An instant by what clocks in a zone show."""
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("settled", "expected"),
    [
        ("2026-06-15T09:00", "2026-07-01T00:00"),
        ("2026-06-01T00:00", "2026-07-01T00:00"),
        ("2026-06-30T23:59:59.999999", "2026-07-01T00:00"),
        ("2026-12-31T23:00", "2027-01-01T00:00"),
        ("2028-02-29T12:00", "2028-03-01T00:00"),
        ("2026-03-15T12:00", "2026-04-01T00:00"),  # clocks went forward meanwhile
        ("2026-10-02T12:00", "2026-11-01T00:00"),  # and back
    ],
)
def test_a_month_ends_when_the_teams_clocks_say_so(settled: str, expected: str) -> None:
    """At midnight of the first, whatever UTC says."""
    assert month_end(wall(settled), BERLIN) == wall(expected)


def test_two_zones_end_a_month_at_two_instants() -> None:
    """It is the team's that counts: at the same instant it is June still in New York and July in Berlin."""
    at = wall("2026-07-01T01:00")
    assert month_end(at, BERLIN) == wall("2026-08-01T00:00")
    assert month_end(at, NEW_YORK) == wall("2026-07-01T00:00", NEW_YORK)


@pytest.mark.parametrize(
    ("zone", "settled", "ends"),
    [
        ("America/Asuncion", "2017-09-15T12:00", datetime(2017, 10, 1, 4, tzinfo=UTC)),  # midnight was skipped
        ("America/Havana", "2020-10-15T12:00", datetime(2020, 11, 1, 5, tzinfo=UTC)),  # it was shown twice
        ("America/St_Johns", "2009-10-15T12:00", datetime(2009, 11, 1, 3, 30, tzinfo=UTC)),  # October came back
    ],
)
def test_a_midnight_that_is_skipped_or_shown_twice_ends_a_month_once(zone: str, settled: str, ends: datetime) -> None:
    """The second time where there are two, so that no month comes back after its end."""
    assert month_end(wall(settled, ZoneInfo(zone)), ZoneInfo(zone)) == ends


@pytest.mark.parametrize(
    ("settled", "now", "expected"),
    [
        ("2026-06-15T09:00", "2026-06-20T09:00", "2026-07-01T08:00"),
        ("2026-06-15T09:00", "2026-07-01T07:00", "2026-07-01T08:00"),
        ("2026-06-15T09:00", "2026-07-03T12:00", "2026-07-03T12:00"),
        ("2026-04-10T09:00", "2026-04-30T18:00", "2026-05-04T08:00"),  # a holiday and a weekend
        ("2025-12-10T09:00", "2025-12-31T23:59", "2026-01-02T08:00"),
        ("2026-01-10T09:00", "2026-06-06T12:00", "2026-06-08T08:00"),  # an outage of months, ending on a Saturday
        ("2026-07-01T08:00", "2026-07-01T08:00", "2026-08-03T08:00"),  # just sent
    ],
)
def test_a_reader_hears_in_the_first_open_moment_after_the_months_end(settled: str, now: str, expected: str) -> None:
    """Closed days and nights put it off; what was missed is due at the next open moment, once."""
    assert next_monthly(wall(settled), wall(now), BERLIN, OFFICE) == wall(expected)


def test_the_readers_hours_and_the_teams_month_can_lie_in_two_zones() -> None:
    """Somebody at work in New York hears of Berlin's June before their own has ended."""
    early = WorkCalendar(NEW_YORK, time(19), time(23), frozenset())
    due = next_monthly(wall("2026-06-15T09:00"), wall("2026-06-20T09:00"), BERLIN, early)
    assert due == wall("2026-06-30T19:00", NEW_YORK)


def test_hours_that_never_come_are_said() -> None:
    """In the calendar's own sentence."""
    never = WorkCalendar(BERLIN, time(8), time(17), frozenset(range(7)))
    with pytest.raises(ConfigError, match="no open day"):
        next_monthly(wall("2026-06-15T09:00"), wall("2026-07-15T09:00"), BERLIN, never)


instants = st.datetimes(datetime(1975, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  # hypothesis adds it
zones = st.sampled_from(ZONES).map(ZoneInfo)


@given(instants, zones)
def test_a_month_ends_after_each_of_its_instants_and_within_31_days(at: datetime, zone: ZoneInfo) -> None:
    """And a moment later clocks show the next one, with another end."""
    end = month_end(at, zone)
    assert timedelta(0) < end - at <= timedelta(days=31, hours=2)
    assert end.astimezone(zone).month != (end - timedelta(hours=3)).astimezone(zone).month
    assert month_end(end, zone) > end


@given(zones, instants, st.lists(st.floats(min_value=0.001, max_value=40), min_size=1, max_size=60))
def test_whenever_one_looks_each_month_is_sent_once_at_most(
    zone: ZoneInfo, begun: datetime, steps: list[float]
) -> None:
    """And once exactly where somebody looked in it in open hours, but for the month in which it was switched on."""
    now = settled = begun
    sent: list[datetime] = []
    looked = {}
    for step in steps:
        now += timedelta(days=step)
        if next_monthly(settled, now, zone, OFFICE) <= now:
            sent.append(now)
            settled = now
        if is_open(now, OFFICE):
            looked[month_end(now, zone)] = now
    months = [month_end(at, zone) for at in sent]
    assert len(months) == len(set(months))
    assert set(months) == looked.keys() - {month_end(begun, zone)}


@given(instants, st.timedeltas(timedelta(0), timedelta(days=400)), zones)
def test_nothing_is_due_before_its_month_has_ended_nor_out_of_hours(
    settled: datetime, later: timedelta, zone: ZoneInfo
) -> None:
    """Nor before now; and around the clock it is due at once."""
    now = settled + later
    due = next_monthly(settled, now, zone, OFFICE)
    assert due >= max(now, month_end(settled, zone))
    assert is_open(due, OFFICE)
    assert next_monthly(settled, now, zone, ALWAYS_OPEN) == max(now, month_end(settled, zone))


def test_failures_are_tried_again_ever_later_and_once_a_day_in_the_end() -> None:
    """A service that takes each message and answers too late doesn't flood anybody."""
    delays = [delay_after(failures) for failures in range(1, 8)]
    assert delays == sorted(delays)
    assert (delays[0], delays[-1]) == (timedelta(minutes=10), timedelta(days=1))


def test_a_clock_that_was_ahead_puts_nothing_off_for_long() -> None:
    """And what lies in the past, or never failed, is tried now."""
    now = wall("2026-06-15T09:00")
    assert next_try(None, now) == next_try(now - timedelta(days=3), now) == now
    assert next_try(now + timedelta(days=900), now) == now + RETRY_DELAYS[-1]
