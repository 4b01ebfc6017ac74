"""How the work goes, told in counts and names of jobs and sources alone."""

from datetime import timedelta

from bugbridge.core.job_runs import JobRun
from bugbridge.services.operating import Operation, observe
from tests.services.scene import HELPDESK, Scene, with_a_release_due

MINUTE = timedelta(minutes=1)
JOBS = {"link support": MINUTE, "send": MINUTE}
READERS = {HELPDESK: "link support"}


def seen(scene: Scene) -> Operation:
    """Look at a scene's work."""
    return observe(scene.store, scene.clock, JOBS, READERS)


def works(scene: Scene) -> None:
    """A daemon holds the lease, and all its jobs have just succeeded."""
    now = scene.clock.now()
    scene.store.take_lease("daemon", "here:1", now=now, until=now + MINUTE)
    for name in JOBS:
        scene.store.record_run(name, now, 0.1)


def test_a_daemon_whose_jobs_and_sources_are_well_is_ready() -> None:
    """Nothing else has to hold: an update that is due is work, no illness."""
    scene, _ = with_a_release_due()
    works(scene)
    found = seen(scene)
    assert (found.held, found.unready, found.workload.due) == (True, (), 1)


def test_without_a_daemon_nothing_is_ready() -> None:
    """Nobody holds the lease, no job has run."""
    scene, _ = with_a_release_due()
    found = seen(scene)
    assert [(one.what, one.why) for one in found.unready] == [
        ("daemon", "nobody"),
        ("job link support", "never"),
        ("job send", "never"),
    ]


def test_what_was_well_long_ago_isnt_ready() -> None:
    """A day later neither the lease, nor a job, nor a source is what it was."""
    scene, _ = with_a_release_due()
    works(scene)
    scene.on(3)
    assert [one.what for one in seen(scene).unready] == ["daemon", "job link support", "job send", "source support"]


def test_jobs_of_the_configuration_are_told_and_no_others() -> None:
    """One that a helpdesk had that was taken out is late for nobody; one that never ran has run no time."""
    scene, _ = with_a_release_due()
    scene.store.record_run("link gone", scene.clock.now(), 0.1)
    assert seen(scene).jobs == [JobRun("link support"), JobRun("send")]


def test_a_source_without_changes_was_read_all_the_same() -> None:
    """Its job succeeded, though no cursor moved."""
    scene, _ = with_a_release_due()
    scene.on(30)
    scene.store.record_run("link support", scene.clock.now(), 0.1)
    (source,) = seen(scene).sources
    assert (source.read_at, source.in_watch_mode) == (scene.clock.now(), False)
