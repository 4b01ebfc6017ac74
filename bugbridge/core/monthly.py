"""What is sent once a month: when somebody is due what closes a calendar month.

A month ends where the team lives, and its reader hears of it in their own open hours. All that is remembered of a
reader is until when they are settled: what has ended by then was sent, or is none of theirs since they were added
later. So what an outage kept back is due once, however many months it lasted.
"""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bugbridge.core.calendar import WorkCalendar, next_open


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
