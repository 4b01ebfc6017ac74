"""Jobs run at their intervals, after a failure later, and when the clock is set, as if it hadn't been."""

import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from bugbridge.entry import schedule as schedule_module
from bugbridge.entry.jobs import Job
from bugbridge.entry.schedule import ClockWatch, Schedule

PATIENCE = 20.0  # seconds until something that has to happen counts as not happening
HOUR = timedelta(hours=1)
TURN = timedelta(milliseconds=10)


class Runs:
    """Jobs that only say that they ran."""

    def __init__(self) -> None:
        """None yet."""
        self.schedule = Schedule()
        self.ran: dict[str, threading.Semaphore] = {}

    def job(self, name: str, seconds: int = 86_400) -> Job:
        """Give a job, seldom unless said otherwise."""
        self.ran.setdefault(name, threading.Semaphore(0))
        return Job(name, seconds, lambda: None)  # type: ignore[arg-type,return-value]

    def step(self, job: Job) -> None:
        """Run."""
        self.ran[job.name].release()

    def has_run(self, name: str) -> bool:
        """Whether it runs once more."""
        return self.ran[name].acquire(timeout=PATIENCE)

    def next_runs(self) -> dict[str, timedelta]:
        """How far ahead the next runs lie, in hours."""
        now = datetime.now(UTC)
        jobs = self.schedule._scheduler.get_jobs()
        return {job.id: timedelta(hours=round((job.next_run_time - now) / HOUR)) for job in jobs}

    def stop(self) -> None:
        """Begin no more."""
        self.schedule.stop(TURN, lambda: None)


@pytest.fixture
def runs() -> Iterator[Runs]:
    """Give a schedule that is stopped at the end."""
    made = Runs()
    yield made
    made.stop()


def test_every_job_begins_at_once_and_comes_round_again(runs: Runs) -> None:
    """A restarted daemon makes up for what it missed."""
    runs.schedule.start([runs.job("often", 1), runs.job("daily")], runs.step)
    assert [runs.has_run(name) for name in ("often", "daily", "often")] == [True, True, True]
    assert runs.schedule.turns()


class SetClock(datetime):
    """The machine's clock as APScheduler and we read it, set by so much."""

    by = timedelta(0)

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Give the present."""
        return datetime.now(tz) + cls.by


def test_a_clock_set_back_an_hour_freezes_no_job(
    runs: Runs, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A job of each second stands still until its next run is moved along; then it goes on, and that is said once."""
    monkeypatch.setattr(SetClock, "by", timedelta(0))
    for module in (schedule_module, apscheduler.schedulers.base):
        monkeypatch.setattr(module, "datetime", SetClock)
    runs.schedule.start([runs.job("send", 1)], runs.step)
    assert runs.has_run("send")
    watch = ClockWatch(lambda: SetClock.now(UTC).timestamp())
    SetClock.by = -HOUR
    while runs.ran["send"].acquire(timeout=1.5):
        pass  # what had begun before
    with caplog.at_level(logging.WARNING):
        runs.schedule.follow_clock(watch.jump())
        runs.schedule.follow_clock(watch.jump())
    assert [runs.has_run("send") for _ in range(2)] == [True, True]
    told = "the clock was set back by 3600 s, or the computer slept; the jobs go on at their intervals"
    assert caplog.messages == [told]


def test_a_job_that_was_put_off_waits_and_then_keeps_its_interval(runs: Runs) -> None:
    """Longer than its interval or shorter, as its failure calls for; one that was taken out isn't put off."""
    runs.schedule.start([runs.job("send"), runs.job("plan")], runs.step)
    assert runs.has_run("send")
    assert runs.has_run("plan")
    runs.schedule.put_off("send", 2 * HOUR)
    runs.schedule.put_off("gone", HOUR)
    assert runs.next_runs() == {"send": 2 * HOUR, "plan": 24 * HOUR}


def test_replaced_jobs_begin_at_once_and_those_left_out_run_no_more(runs: Runs) -> None:
    """As the new configuration has them."""
    runs.schedule.start([runs.job("link old"), runs.job("send")], runs.step)
    assert runs.has_run("send")
    runs.schedule.replace([runs.job("link new"), runs.job("send", 3600)])
    assert [runs.has_run(name) for name in ("link new", "send")] == [True, True]
    assert runs.next_runs() == {"link new": 24 * HOUR, "send": HOUR}


def test_a_schedule_that_stands_still_is_seen() -> None:
    """Jobs that should have been begun half a minute ago weren't: the watchdog is fed no more."""
    runs = Runs()
    runs.schedule._scheduler.start(paused=True)
    runs.schedule.replace([runs.job("send")])
    assert runs.schedule.turns()
    runs.schedule.put_off("send", -timedelta(minutes=1))
    assert not runs.schedule.turns()
    runs.stop()


class SlowStep:
    """A job's turn that lasts until it is let go, and is put off then, as one that fails."""

    def __init__(self) -> None:
        """Not begun."""
        self.schedule = Schedule()
        self.begun, self.let_go, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.turns = 0

    def take(self, job: Job) -> None:
        """Last."""
        self.begun.set()
        self.let_go.wait(PATIENCE)
        self.schedule.put_off(job.name, HOUR)
        self.ended.set()

    def stop(self, turns: int) -> bool:
        """Stop the schedule, the step being let go after so many turns; says whether that came to an end."""

        def meanwhile() -> None:
            self.turns += 1
            if self.turns >= turns:
                self.let_go.set()

        stopping = threading.Thread(target=self.schedule.stop, args=(TURN, meanwhile), daemon=True)
        stopping.start()
        stopping.join(PATIENCE)
        return not stopping.is_alive()


def test_stopping_waits_for_a_step_that_fails_meanwhile() -> None:
    """It is put off while the schedule ends, and neither waits for the other; whoever stops it has turns meanwhile."""
    step = SlowStep()
    step.schedule.start([Job("send", 86_400, lambda: None)], step.take)  # type: ignore[arg-type,return-value]
    assert step.begun.wait(PATIENCE)
    assert step.stop(turns=3)
    assert (step.ended.is_set(), step.turns >= 3) == (True, True)


def test_nothing_is_begun_once_stopping_has_begun() -> None:
    """Not even what a thread was about to begin."""
    runs = Runs()
    runs.schedule.start([runs.job("send")], runs.step)
    assert runs.has_run("send")
    runs.stop()
    runs.schedule._run("send")
    assert not runs.ran["send"].acquire(blocking=False)


def test_a_clock_that_was_set_is_noticed_once() -> None:
    """By comparing it with one that nobody can set."""
    wall, steady = iter([100.0, 105.0, -3490.0, -3485.0]), iter([1.0, 6.0, 11.0, 16.0])
    watch = ClockWatch(lambda: next(wall), lambda: next(steady))
    assert [watch.jump() for _ in range(3)] == [timedelta(0), -HOUR, timedelta(0)]
