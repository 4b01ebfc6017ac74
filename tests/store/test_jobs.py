"""How jobs fare is kept; a lease is renewed by its holder alone and seized only as it was seen; work is counted."""

from datetime import timedelta

from bugbridge.core.job_runs import JobRun
from bugbridge.core.model import DeliveryState
from bugbridge.core.records import Lease
from tests.store.scene import ACTOR, START, Scene, day


def test_failures_are_counted_in_a_row_and_for_ever() -> None:
    """A success ends the row, and with it what was said of the failure."""
    store = Scene().store
    store.record_run("send", START, 0.5)
    for _ in range(2):
        store.record_failure("send", day(1), problem="RemoteError", seconds=2.0, retry_at=day(1.1))
    failing = JobRun("send", 3, 2, 2, START, day(1), day(1.1), "RemoteError", 2.0)
    assert store.job_runs() == (failing,)
    store.record_run("send", day(2), 0.25)
    assert store.job_runs() == (JobRun("send", 4, 2, 0, day(2), day(1), None, "", 0.25),)


def test_a_success_is_kept_where_services_look_for_it() -> None:
    """The last success of a job stands with the leases, as before jobs were counted."""
    store = Scene().store
    store.record_run("send", day(1), 0.5)
    assert store.leases() == (Lease("job:send", "", 0, day(1), day(1)),)


def test_only_its_holder_renews_a_lease() -> None:
    """Not who had it before, nor who gave it back, even where nobody else has it."""
    store = Scene().store
    old = store.take_lease("daemon", "a", now=START, until=day(1))
    assert old is not None
    assert store.renew_lease(old, day(2)) == Lease("daemon", "a", 1, day(2))
    new = store.take_lease("daemon", "b", now=day(2), until=day(3))
    assert new is not None
    assert store.renew_lease(old, day(4)) is None
    store.give_back_lease(new)
    assert store.renew_lease(new, day(4)) is None


def test_a_lease_that_changed_since_it_was_seen_isnt_seized() -> None:
    """Its holder renewed it after all, or another was faster."""
    store = Scene().store
    seen = store.take_lease("daemon", "a", now=START, until=day(1))
    assert seen is not None
    renewed = store.renew_lease(seen, day(2))
    assert store.seize_lease(seen, "b", day(3)) is None
    assert renewed is not None
    assert store.seize_lease(renewed, "b", day(3)) == Lease("daemon", "b", 2, day(3))
    assert store.seize_lease(renewed, "c", day(3)) is None


def test_an_empty_database_has_no_work() -> None:
    """Nothing is due, nothing overdue, nothing dead, and there are no deliveries."""
    work = Scene().store.workload(START + timedelta(days=1))
    assert (work.due, work.overdue, work.dead, dict(work.deliveries)) == (0, 0, 0, {})


def test_work_is_counted_by_what_is_in_its_way() -> None:
    """What is due counts anywhere; overdue is only what waited an hour on a helpdesk that is live and not paused."""
    scene = Scene()
    keys = [scene.linked(name, name) for name in ("1", "2")]
    for key, due in zip(keys, (0.0, 0.95), strict=True):
        scene.store.save_updates(key, [scene.update(key, due=due), scene.update(key, "fixed", 9)], "")
    in_watch_mode = scene.store.workload(day(1))
    scene.go_live()
    live = scene.store.workload(day(1))
    assert [(work.due, work.overdue) for work in (in_watch_mode, live)] == [(2, 0), (2, 2)]
    soon = scene.store.workload(day(0.96))
    assert (soon.due, soon.overdue) == (2, 1)
    source = scene.store.sources()[0]
    scene.store.pause(source.id, day(30))
    assert scene.store.workload(day(1)).overdue == 0


def test_deliveries_are_counted_by_state() -> None:
    """What couldn't be posted counts as an update and as a delivery."""
    scene = Scene()
    delivered = {}
    for name, state in (("1", DeliveryState.POSTED), ("2", DeliveryState.DEAD), ("3", DeliveryState.CLAIMED)):
        key = scene.linked(name, name)
        scene.store.save_updates(key, [scene.update(key)], "")
        items = scene.store.updates_of(key)
        delivery = scene.store.claim(items, owner="me", lease_until=day(1), now=START, actor=ACTOR)
        assert delivery is not None
        delivered[state] = 1
        if state is not DeliveryState.CLAIMED:
            scene.store.advance(delivery, state, now=START, actor=ACTOR)
    work = scene.store.workload(day(1))
    assert (work.due, work.dead, work.deliveries) == (0, 1, delivered)
