"""Health at the port of `serve`: what the daemon answers, and nothing of anybody."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bugbridge.core.model import DeliveryState
from bugbridge.entry import health
from bugbridge.entry.jobs import all_jobs
from tests.entry.scene import CUSTOMER
from tests.entry.web.asking import Web, answer


def asked(web: Web, path: str) -> tuple[int, str]:
    """Give status and text of serve's answer."""
    start, body = answer(web.application, path, [b""], {}, "GET")
    return int(start["status"]), body["body"].decode()


def works(web: Web) -> None:
    """A daemon holds the lease, and all its jobs have just succeeded."""
    now = web.app.clock.now()
    web.app.store.take_lease("daemon", "here:1", now=now, until=now + timedelta(minutes=1))
    for job in all_jobs(web.app):
        web.app.store.record_run(job.name, now, 0.5)


def values(text: str) -> Mapping[tuple[str, str], float]:
    """Read the metrics as Prometheus does, by name and the value of the only label."""
    families = text_string_to_metric_families(text)
    samples = [sample for family in families for sample in family.samples]
    return {(sample.name, "".join(sample.labels.values())): sample.value for sample in samples}


def test_without_a_daemon_it_isnt_alive_nor_ready(web: Web) -> None:
    """Whoever watches is to start it."""
    assert asked(web, "/healthz") == (503, '{"alive": false, "lease": "free"}\n')
    status, text = asked(web, "/readyz")
    assert (status, '{"what": "daemon", "why": "nobody", "last_ok_at": null}' in text) == (503, True)


def test_with_a_daemon_that_works_it_is(web: Web) -> None:
    """All jobs and sources are well."""
    works(web)
    assert asked(web, "/healthz") == (200, '{"alive": true, "lease": "held"}\n')
    assert asked(web, "/readyz") == (200, '{"ready": true, "not_ready": []}\n')


def test_serve_and_the_daemon_answer_alike(web: Web) -> None:
    """Both tell what the database holds."""
    for setting in (lambda _web: None, works):
        setting(web)
        for path in ("/healthz", "/readyz"):
            daemons = health.answer(web.app, path)
            assert asked(web, path) == (daemons.status, daemons.body.decode())


def test_metrics_count_jobs_work_and_sources(web: Web) -> None:
    """What one alerts on: failures, the last success, what is overdue or dead, whether a daemon works."""
    works(web)
    now = web.app.clock.now()
    web.app.store.record_failure("send", now, problem="RemoteError", seconds=2.0, retry_at=now)
    found = values(asked(web, "/metrics")[1])
    assert found["bugbridge_job_runs_total", "send"] == 2
    assert found["bugbridge_job_failures_total", "send"] == 1
    assert found["bugbridge_job_failures_in_a_row", "send"] == 1
    assert found["bugbridge_job_last_run_seconds", "send"] == 2.0
    assert found["bugbridge_job_last_success_timestamp_seconds", "plan"] == pytest.approx(now.timestamp(), abs=60)
    assert found["bugbridge_updates_overdue", ""] == 0
    assert found["bugbridge_lease_held", ""] == 1
    assert found["bugbridge_watch_mode", "support"] == 1
    assert {state for name, state in found if name == "bugbridge_deliveries"} == set(DeliveryState)


def test_nobodys_data_is_in_any_answer(web: Web) -> None:
    """Labels are words of ours and names from the configuration, whatever is kept and due."""
    ticket = web.scene.released()
    works(web)
    texts = {path: asked(web, path)[1] for path in health.PATHS}
    assert all(CUSTOMER.name not in text and ticket not in text for text in texts.values())
    jobs = {job.name for job in all_jobs(web.app)}
    labels = {label for _, label in values(texts["/metrics"])}
    assert labels <= jobs | {"support", "github", "jira", ""} | set(DeliveryState)


def test_a_database_that_cant_be_read_is_unwell_and_not_explained_to_strangers(
    web: Web, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sentence names paths of this computer: it is for the log."""
    from bugbridge.core.errors import DataError

    def broken() -> None:
        raise DataError("The database /srv/bugbridge.sqlite can't be used.")

    monkeypatch.setattr(web.app.store, "job_runs", broken)
    status, text = asked(web, "/metrics")
    assert (status, "/srv" in text) == (503, False)
    assert "/metrics can't be told: The database /srv/bugbridge.sqlite can't be used." in caplog.messages
