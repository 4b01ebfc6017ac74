"""When a delivery that failed is tried again, and when a person has to look."""

from datetime import timedelta

# The first tries come soon, since most trouble is short; then one an hour, so that nobody is hammered.
RETRY_DELAYS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10), timedelta(hours=1))
# After so many tries, about four days, a person has to look: a helpdesk that is down for a weekend loses nothing.
MAXIMUM_TRIES = 100
# By how much a delay is stretched at most, so that what failed together isn't tried again together.
JITTER = 0.25


def retry_delay(tries: int, marker: str) -> timedelta:
    """Give how long to wait after so many tries; the delivery's random marker says by how much it is stretched."""
    step = RETRY_DELAYS[min(tries, len(RETRY_DELAYS)) - 1]
    return step * (1 + JITTER * _fraction(marker))


def _fraction(marker: str) -> float:
    """Give a number from 0 up to 1 that is the same for the same marker."""
    return sum(ord(letter) * (place + 1) for place, letter in enumerate(marker)) % 100 / 100
