"""What is sent once a month: when somebody is due what closes a calendar month.

A month ends where the team lives, and its reader hears of it in their own open hours. All that is remembered of a
reader is until when they are settled: what has ended by then was sent, or is none of theirs since they were added
later. So what an outage kept back is due once, however many months it lasted.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import WorkCalendar, next_open

# Nobody waits for it, and a service that answers too late may well have taken it: at most one a day in the long run.
RETRY_DELAYS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1))


def month_end(at: datetime, zone: ZoneInfo) -> datetime:
    """Give the instant at which the calendar month that clocks in `zone` show ends for good.

    Where clocks skip midnight it ends when they do, where they show it twice it ends the second time.
    """
    local = at.astimezone(zone)
    year, month = divmod(local.year * 12 + local.month, 12)
    midnight = datetime(year, month + 1, 1, tzinfo=zone)
    return max(midnight.replace(fold=fold).astimezone(UTC) for fold in (0, 1))


def next_monthly(settled_at: datetime, now: datetime, zone: ZoneInfo, hours: WorkCalendar) -> datetime:
    """Give the first moment from `now` on that is open in `hours` and after the end of the month of `settled_at`.

    Raises ConfigError if never open.
    """
    return next_open(max(now, month_end(settled_at, zone)), hours)


def delay_after(failures: int) -> timedelta:
    """Say how long to wait after this many failures in a row, of which there is at least one."""
    return RETRY_DELAYS[min(failures, len(RETRY_DELAYS)) - 1]


def next_try(retry_at: datetime | None, now: datetime) -> datetime:
    """Give when to try again at the earliest, however far ahead a clock was when it failed."""
    return now if retry_at is None else max(now, min(retry_at, now + RETRY_DELAYS[-1]))
