"""A job that fails is counted, waited on and shown, and stops no other."""

import logging
from dataclasses import dataclass
from datetime import timedelta

import pytest

from bugbridge.app import App, build_app
from bugbridge.core.errors import DataError, RemoteError
from bugbridge.entry.jobs import Job
from bugbridge.entry.steps import Steps
from bugbridge.settings import load_settings
from tests.entry.scene import Scene

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@dataclass
class Nothing:
    """What a step did."""

    posted: int = 0


class Trial:
    """One job over a scene's database, and the waits that it was given."""

    def __init__(self, scene: Scene) -> None:
        """Nothing is wrong yet."""
        self.app: App = build_app(load_settings(scene.config, {}), {})
        self.error: Exception | None = None
        self.may_run = True
        self.waits: list[timedelta] = []
        self.ran = 0
        self.steps = Steps(lambda: self.app, lambda: self.may_run, lambda _name, wait: self.waits.append(wait))

    def run(self, error: Exception | None = None) -> None:
        """Take the job's turn once."""
        self.error = error
        self.steps.take(Job("send", 60, self._work))  # type: ignore[arg-type]

    def _work(self) -> Nothing:
        self.ran += 1
        if self.error is not None:
            raise self.error
        return Nothing()


@pytest.fixture
def trial(scene: Scene, caplog: pytest.LogCaptureFixture) -> Trial:
    """Give one whose log is kept from INFO on."""
    caplog.set_level(logging.INFO)
    return Trial(scene)


def test_failures_in_a_row_are_waited_on_ever_longer(trial: Trial) -> None:
    """One, two, four minutes and up to a quarter more; a success begins anew."""
    for _ in range(3):
        trial.run(RemoteError("support answered 500."))
    trial.run()
    trial.run(RemoteError("support answered 500."))
    bounds = [MINUTE, 2 * MINUTE, 4 * MINUTE, MINUTE]
    assert [bound <= wait <= 1.25 * bound for bound, wait in zip(bounds, trial.waits, strict=True)] == [True] * 4


def test_a_wait_that_the_helpdesk_asked_for_is_kept(trial: Trial) -> None:
    """Nobody is asked before the time that they named."""
    trial.run(RemoteError("support asks for patience.", retry_after=HOUR))
    assert trial.waits == [HOUR]


def test_failures_are_kept_for_doctor_and_said_in_the_log(
    trial: Trial, scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    """Three in a row and doctor calls the job unwell, with the kind of trouble and none of its words."""
    for _ in range(3):
        trial.run(RemoteError("support answered 500."))
    (run,) = trial.app.store.job_runs()
    assert (run.runs, run.failed_runs, run.failures, run.problem) == (3, 3, 3, "RemoteError")
    said = scene.run("doctor").stdout
    assert "BAD job.send: failed 3 times in a row, last 2026-06-15 09:" in said
    assert "answered 500" not in said
    assert [record.levelname for record in caplog.records if record.message == "send: support answered 500."] == [
        "WARNING",
        "WARNING",
        "ERROR",
    ]
    assert any(message.startswith("send: failed 3 times in a row; tried again in ") for message in caplog.messages)


def test_a_job_that_is_well_again_says_so(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """After how many failures."""
    trial.run(RemoteError("support answered 500."))
    trial.run()
    assert "send: well again after 1 failure" in caplog.messages


def test_a_mistake_of_ours_counts_and_is_never_quoted(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """Its kind and place alone are logged; what is kept says that it was one."""
    trial.run(ZeroDivisionError("Carla's words"))
    (run,) = trial.app.store.job_runs()
    assert (run.failures, run.problem, len(trial.waits)) == (1, "mistake", 1)
    assert any("send: failed by a mistake in BugBridge (ZeroDivisionError at" in line for line in caplog.messages)
    assert not any("Carla" in line for line in caplog.messages)


def test_a_failure_that_cant_be_kept_is_still_said_and_waited_on(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk is full: the daemon lives on."""

    def full(*_words: object, **_more: object) -> None:
        raise DataError("The database can't be used (database or disk is full).")

    monkeypatch.setattr(trial.app.store, "record_failure", full)
    trial.run(DataError("The database can't be used (database or disk is full)."))
    assert len(trial.waits) == 1
    assert any(line.startswith("send: that it failed couldn't be kept: The database") for line in caplog.messages)


def test_without_the_lease_no_step_is_begun(trial: Trial) -> None:
    """Nor counted: it isn't this daemon's any more."""
    trial.may_run = False
    trial.run()
    assert (trial.ran, list(trial.app.store.job_runs())) == (0, [])


def test_after_a_reload_a_failing_job_is_tried_as_if_it_had_never_failed(trial: Trial) -> None:
    """Somebody has just mended it."""
    for _ in range(4):
        trial.run(RemoteError("support answered 401."))
    trial.steps.forget_failures()
    trial.run(RemoteError("support answered 401."))
    assert trial.waits[-1] <= 1.25 * MINUTE


def test_all_lines_of_one_run_share_an_id_and_two_runs_dont(trial: Trial, caplog: pytest.LogCaptureFixture) -> None:
    """So one can follow a run through what others log meanwhile."""
    from bugbridge.entry import logs

    seen: list[tuple[str, str]] = []

    def note(_record: logging.LogRecord) -> bool:
        cycle = logs._cycle.get()
        if cycle:
            seen.append((cycle.job, cycle.id))
        return True

    caplog.handler.addFilter(note)
    for _ in range(2):
        trial.run(RemoteError("support answered 500."))
    caplog.handler.removeFilter(note)
    (first, second, third) = seen  # the second run also says how often it failed
    assert ({first[0], second[0]}, second == third, first == second) == ({"send"}, True, False)
