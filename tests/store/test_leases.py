"""Leases: one holder at a time, and a fence that tells old holders from new."""

from bugbridge.core.records import Lease
from tests.store.scene import START, Scene, day


def test_a_free_lease_is_taken_and_a_held_one_is_not() -> None:
    """The second daemon stands by."""
    store = Scene().store
    assert store.take_lease("daemon", "a", now=START, until=day(1)) == Lease("daemon", "a", 1, day(1))
    assert store.take_lease("daemon", "b", now=day(0.5), until=day(2)) is None


def test_a_holder_renews_with_the_same_fence() -> None:
    """Renewing isn't a take-over."""
    store = Scene().store
    store.take_lease("daemon", "a", now=START, until=day(1))
    assert store.take_lease("daemon", "a", now=day(0.5), until=day(2)) == Lease("daemon", "a", 1, day(2))


def test_an_expired_lease_is_taken_over_with_a_higher_fence() -> None:
    """A holder that died is replaced, and can be told from its successor."""
    store = Scene().store
    store.take_lease("daemon", "a", now=START, until=day(1))
    assert store.take_lease("daemon", "b", now=day(1), until=day(2)) == Lease("daemon", "b", 2, day(2))
    assert store.take_lease("daemon", "a", now=day(1), until=day(2)) is None


def test_a_lease_given_back_is_free_at_once() -> None:
    """A daemon that stops in order makes room; the fence still grows."""
    store = Scene().store
    lease = store.take_lease("daemon", "a", now=START, until=day(1))
    assert lease is not None
    store.give_back_lease(lease)
    taken = store.take_lease("daemon", "b", now=START, until=day(1))
    assert taken == Lease("daemon", "b", 2, day(1))


def test_only_its_holder_gives_a_lease_back() -> None:
    """A late give-back doesn't free what another holds by now."""
    store = Scene().store
    old = store.take_lease("daemon", "a", now=START, until=day(1))
    new = store.take_lease("daemon", "b", now=day(1), until=day(2))
    assert old is not None
    store.give_back_lease(old)
    assert store.leases() == (new,)


def test_jobs_record_when_they_last_succeeded() -> None:
    """The name is kept under job:, once, and neither holder nor fence change."""
    store = Scene().store
    store.record_success("sync", day(1))
    store.record_success("job:sync", day(2))
    assert store.leases() == (Lease("job:sync", "", 0, day(1), day(2)),)
