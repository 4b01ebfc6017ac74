"""Durations counted in the spans of time that people think in, each some times as long as the one before."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable

from bugbridge.core.audit_model import Bucket

# An hour, six hours, one and three days, one and two weeks, a month, a quarter, half a year, a year and its doubles.
EDGES = (0, 1 / 24, 1 / 4, 1, 3, 7, 14, 30, 91, 182, 365, 730, 1461, 2922, 5844)


def buckets_of(durations: Iterable[float]) -> tuple[Bucket, ...]:
    """Count durations in days by bucket, from the first bucket with any to the last; those between may be empty."""
    counts = Counter(bisect_right(EDGES, days) - 1 for days in durations)
    if not counts:
        return ()
    spans = list(zip(EDGES, (*EDGES[1:], None), strict=True))
    return tuple(Bucket(*spans[number], counts[number]) for number in range(min(counts), max(counts) + 1))
