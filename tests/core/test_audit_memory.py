"""An audit of a million bugs fits: they stream by, and some numbers of each are kept."""

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta

from bugbridge.core.audit import measure
from bugbridge.core.audit_model import Question, ResolvedBug, Waiting
from bugbridge.core.audit_tally import BugTally
from bugbridge.core.survival import BugLife
from tests.core.test_audit import NOW


def resolved(count: int) -> Iterator[ResolvedBug]:
    """Bugs as they stream by, one at a time, each with its conversations."""
    waiting = Waiting(1, 3, 1, silences=(5,), news_delays=(1,), told_after=(2,))
    for number in range(count):
        fixed_at = NOW - timedelta(minutes=number)
        reported_at = fixed_at - timedelta(days=1, seconds=number % 977)
        yield ResolvedBug(f"github:acme/app#{number}", reported_at, fixed_at, fixed_at, fixed_at, 1, waiting=waiting)


def bytes_kept(count: int) -> int:
    """What is in use once so many bugs have gone by."""
    gc.collect()
    tracemalloc.start()
    try:
        tally = BugTally(Question(), NOW)
        for one in resolved(count):
            tally.add(one)
        return tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()


def most_bytes(count: int) -> int:
    """The most that is in use while so many bugs and their lives are measured."""
    gc.collect()
    tracemalloc.start()
    try:
        lives = (BugLife(one.reported_at, one.fixed_at, "fixed") for one in resolved(count))
        measure(Question(last=None), NOW, resolved(count), lambda _since: lives)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_a_bug_costs_some_dozens_of_bytes() -> None:
    """Some numbers are kept of each, beyond the thousand that are listed: a million take a hundred megabytes."""
    assert (bytes_kept(9_000) - bytes_kept(2_000)) / 7_000 < 100


def test_measuring_takes_little_more_than_what_is_kept() -> None:
    """Sorting one column at a time."""
    assert (most_bytes(9_000) - most_bytes(2_000)) / 7_000 < 200
