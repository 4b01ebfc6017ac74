"""From a tracker's delivery to a planned update: at once, whatever the polling intervals are."""

from datetime import timedelta

import pytest

from bugbridge.app import App
from bugbridge.core.errors import RemoteError
from bugbridge.entry import jobs
from bugbridge.services.policies import PolicyFile
from tests.entry.scene import BUG, START
from tests.entry.web.asking import SECRET, Web, at_work, cursors, until


def is_released(web: Web) -> None:
    """The bug is fixed and released; only the tracker knows."""
    web.scene.say("go-live", "--from", f"{START - timedelta(days=5):%Y-%m-%d}", "--yes")
    web.scene.tracker.close(BUG, START - timedelta(days=1))
    web.scene.tracker.release(BUG, "4.2", START - timedelta(days=1))


def planned(web: Web) -> list[str]:
    """Why updates are due."""
    return [item["reason"] for item in web.scene.facts("due")["updates"]]


def test_a_signed_delivery_becomes_a_planned_update(web: Web) -> None:
    """No daemon runs, no interval elapses and nothing is polled: the delivery alone has the issue read and decided."""
    is_released(web)
    before = cursors(web)
    assert planned(web) == []
    with at_work(web, "github", SECRET):
        assert web.github() == 202
        until(lambda: web.kept() == {} and planned(web) == ["released"])
    assert cursors(web) == before


def test_deliveries_out_of_order_end_at_the_present(web: Web) -> None:
    """What each claims is older than what the tracker says."""
    is_released(web)
    closed = {"action": "closed", "issue": {"number": 12}, "repository": {"full_name": "acme/app"}}
    opened = closed | {"action": "reopened"}
    with at_work(web, "github", SECRET):
        assert [web.github(closed, delivery="2"), web.github(opened, delivery="1")] == [202, 202]
        until(lambda: web.kept() == {} and planned(web) == ["released"])


def test_what_was_left_over_is_followed_at_the_start(web: Web) -> None:
    """A delivery that was taken just before the end isn't lost."""
    is_released(web)
    web.github()
    with at_work(web, "github", SECRET):
        until(lambda: planned(web) == ["released"])


def test_a_failure_is_logged_and_the_daemon_follows_later(web: Web, caplog: pytest.LogCaptureFixture) -> None:
    """The worker goes on; the hint stays, and a job of the daemon's takes it up."""
    is_released(web)
    web.scene.tracker.fail(RemoteError("github answered 500."))
    with at_work(web, "github", SECRET):
        web.github()
        until(lambda: "hints github: github answered 500." in caplog.messages)
    assert len(web.kept()) == 1
    web.scene.tracker.fail(None)
    for job in jobs.all_jobs(web.app):
        if job.name.startswith(("hints", "plan")):
            jobs.run(web.app, job)
    assert (web.kept(), planned(web)) == ({}, ["released"])


def test_a_mistake_of_ours_ends_no_worker(
    web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It is logged without its text, which may quote an issue, and the next delivery is followed."""
    is_released(web)
    issues = web.scene.tracker.issues

    def mistaken(_references: object) -> None:
        monkeypatch.setattr(web.scene.tracker, "issues", issues)
        raise ZeroDivisionError("internal words")

    monkeypatch.setattr(web.scene.tracker, "issues", mistaken)
    with at_work(web, "github", SECRET):
        web.github()
        until(lambda: any("by a mistake in BugBridge (ZeroDivisionError at" in line for line in caplog.messages))
        web.github(delivery="another")
        until(lambda: web.kept() == {})
    assert not any("internal words" in line for line in caplog.messages)


def test_a_policy_that_another_process_put_in_force_stays(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two processes that see two files would put theirs in force in turn, so the daemon alone takes its own."""
    is_released(web)
    jobs.keep_policy(web.app)
    before = web.app.store.rulesets("policy")
    another = PolicyFile(f"{web.app.policy_file.text}# another\n", "another.toml")
    monkeypatch.setattr(App, "policy_file", another)
    with at_work(web, "github", SECRET):
        web.github()
        until(lambda: web.kept() == {} and planned(web) == ["released"])
    assert web.app.store.rulesets("policy") == before
