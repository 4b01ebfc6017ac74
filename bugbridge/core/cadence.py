"""How long until the next periodic update."""

from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil


def interval_days(ordinal: int, every_days: tuple[int, int], backoff: float) -> int:
    """Whole elapsed days to wait after the `ordinal`-th periodic update since the last news; 0 is the news itself.

    Each interval is the one before times `backoff`, rounded up to whole days, and never over the most of `every_days`.
    Fractions keep 10 times 1.1 from being rounded up to 12. Raises ValueError for a negative ordinal.
    """
    if ordinal < 0:
        raise ValueError(f"No periodic update comes before the first one: ordinal {ordinal}.")
    interval, most = every_days
    factor = Fraction(str(backoff))
    for _ in range(ordinal):
        longer = min(ceil(interval * factor), most)
        if longer <= interval:
            break
        interval = longer
    return interval


def next_update_at(last: datetime, ordinal: int, every_days: tuple[int, int], backoff: float) -> datetime:
    """The instant (aware UTC) at which the next periodic update falls due, before the calendar moves it.

    `last` is when the customer was last told: intervals run from there, not from the reminder.
    """
    return last + timedelta(days=interval_days(ordinal, every_days, backoff))
