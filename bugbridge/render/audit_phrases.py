"""How an audit writes counts, shares, durations, dates and names."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bugbridge.core.audit_model import Bucket, By
from bugbridge.core.spread import Spread
from bugbridge.core.survival import Quantile

NONE = "-"
A_DAY = {"minute": 1_440, "hour": 24, "day": 1}
# Durations of fewer days than these are clearer in minutes, in hours, and with one decimal.
LEAST_IN_HOURS, LEAST_IN_DAYS, LEAST_WHOLE = 1 / 24, 2, 10
# Names longer than this are cut, visibly; CSV and JSON have them whole.
LONGEST_NAME = 120
NAMED = 3
# Fewer days than these would show as none.
LEAST_SHOWN = 0.01


def counted(count: int, one: str, several: str = "") -> str:
    """Write `1 bug`, `5,856 bugs`."""
    return f"{count:,} {one if count == 1 else several or f'{one}s'}"


def duration(days: float) -> str:
    """Write `40 minutes`, `5 hours`, `4.2 days`, `41 days`: a length of time within a sentence."""
    amount, unit = _in_unit(days)
    return _amount(amount, unit) if amount else "less than a minute"


def as_written(days: float) -> float:
    """Give the days that the words of a duration stand for, since rounding moves them."""
    amount, unit = _in_unit(days)
    return amount / A_DAY[unit]


def _amount(amount: float, unit: str) -> str:
    """Write `1 hour`, `4.2 days`."""
    return f"{_plain(amount)} {unit if amount == 1 else f'{unit}s'}"


def _in_unit(days: float) -> tuple[float, str]:
    if days < LEAST_IN_HOURS:
        return round(days * A_DAY["minute"]), "minute"
    if days < LEAST_IN_DAYS:
        return round(days * A_DAY["hour"]), "hour"
    return round(days, 1) if days < LEAST_WHOLE else round(days), "day"


def _plain(amount: float) -> str:
    return f"{amount:,.1f}".removesuffix(".0")


def figure(days: float | None) -> str:
    """Write days for a table: `0.21`, `4.2`, `41`, `1,053`, or that there is no such figure."""
    if days is None:
        return NONE
    if 0 < days < LEAST_SHOWN:
        return f"<{LEAST_SHOWN}"
    if round(days, 2) < 1:
        return f"{days:.2f}" if days else "0"
    return f"{days:.1f}" if round(days, 1) < LEAST_WHOLE else f"{days:,.0f}"


def between(lower: float | None, upper: float | None) -> str:
    """Write the limits of an interval: `32 to 53`, `32 to not reached`."""
    return f"{_limit(lower)} to {_limit(upper)}"


def _limit(days: float | None) -> str:
    return "not reached" if days is None else figure(days)


def median_of(spread: Spread) -> str:
    """Write a median with its 95 % interval: `41 (32 to 53)`."""
    if spread.median is None or (spread.median_lower is None and spread.median_upper is None):
        return figure(spread.median)
    return f"{figure(spread.median)} ({between(spread.median_lower, spread.median_upper)})"


def quantile_of(quantile: Quantile) -> str:
    """Write an age with its 95 % interval: `49 (41 to 64)`, `not reached (41 to not reached)`."""
    if quantile.lower is None and quantile.upper is None:
        return _limit(quantile.days)
    return f"{_limit(quantile.days)} ({between(quantile.lower, quantile.upper)})"


def percent(share: float) -> str:
    """Write a share: `18 %`; one that only rounding makes all or nothing keeps its distance: `under 1 %`."""
    whole = round(share * 100)
    if whole == 0 and share > 0:
        return "under 1 %"
    if whole == 100 and share < 1:
        return "over 99 %"
    return f"{whole} %"


def local_date(at: datetime, zone: str) -> str:
    """Write `2026-03-01` in a zone; a date at the very edge of the calendar, which no zone can shift, in UTC."""
    return _in_zone(at, zone).date().isoformat()


def local_moment(at: datetime, zone: str) -> str:
    """Write `2026-03-01 09:00 Europe/Berlin`."""
    return f"{_in_zone(at, zone):%Y-%m-%d %H:%M} {zone}"


def _in_zone(at: datetime, zone: str) -> datetime:
    try:
        return at.astimezone(ZoneInfo(zone))
    except OverflowError:
        return at


def short(name: str) -> str:
    """Give a name that came from elsewhere, cut where it is overlong."""
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}…"


def group_name(by: By, name: str) -> str:
    """Name a group, also that of the bugs that have no such thing."""
    return short(name) or f"no {by}"


def some_of(names: Sequence[str], count: int) -> str:
    """Name the first few of so many: `a, b, c and 17 more`."""
    shown = [short(name) for name in names[:NAMED]]
    more = count - len(shown)
    listed = ", ".join(shown)
    if not shown or more < 1:
        return listed
    return f"{listed} and {more:,} more"


def ages(bucket: Bucket) -> str:
    """Name a bucket: `under 1 hour`, `1 to 6 hours`, `6 hours to 1 day`, `30 to 91 days`, `365 days or more`."""
    if bucket.most is None:
        return f"{_edge(bucket.least)} or more"
    if not bucket.least:
        return f"under {_edge(bucket.most)}"
    least = _edge(bucket.least)
    in_one_unit = (bucket.least < 1) == (bucket.most < 1)
    return f"{least.partition(' ')[0] if in_one_unit else least} to {_edge(bucket.most)}"


def _edge(days: float) -> str:
    """Name the edge of a bucket, which is a round number of hours or of days."""
    return _amount(days, "day") if days >= 1 else _amount(days * A_DAY["hour"], "hour")
