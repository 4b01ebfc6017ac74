"""The work as Prometheus reads it. Labels are names from the configuration and words of ours; nobody's data."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bugbridge.core.model import DeliveryState
from bugbridge.services.operating import Operation

if TYPE_CHECKING:
    from prometheus_client import Metric

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def metrics_of(operation: Operation) -> bytes:
    """Write all metrics in the text format of Prometheus."""
    from prometheus_client import CollectorRegistry, generate_latest

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Facts(operation))
    return generate_latest(registry)


class _Facts:
    """What the registry collects: made anew for each answer, since the database remembers and no process does."""

    def __init__(self, operation: Operation) -> None:
        self._operation = operation

    def collect(self) -> "Iterator[Metric]":
        yield from _of_jobs(self._operation)
        yield from _of_work(self._operation)
        yield from _of_sources(self._operation)
        yield from _of_daemon(self._operation)


def _of_jobs(operation: Operation) -> "Iterator[Metric]":
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    runs = CounterMetricFamily("bugbridge_job_runs", "Runs of a job, failed ones included.", labels=["job"])
    failed = CounterMetricFamily("bugbridge_job_failures", "Failed runs of a job.", labels=["job"])
    in_a_row = GaugeMetricFamily("bugbridge_job_failures_in_a_row", "Failures since it last succeeded.", labels=["job"])
    lasted = GaugeMetricFamily("bugbridge_job_last_run_seconds", "How long the last run took.", labels=["job"])
    succeeded = GaugeMetricFamily(
        "bugbridge_job_last_success_timestamp_seconds", "When a job last succeeded; absent before that.", labels=["job"]
    )
    for job in operation.jobs:
        runs.add_metric([job.name], job.runs)
        failed.add_metric([job.name], job.failed_runs)
        in_a_row.add_metric([job.name], job.failures)
        lasted.add_metric([job.name], job.seconds)
        if job.last_ok_at:
            succeeded.add_metric([job.name], job.last_ok_at.timestamp())
    yield from (runs, failed, in_a_row, lasted, succeeded)


def _of_work(operation: Operation) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    work = operation.workload
    yield GaugeMetricFamily("bugbridge_updates_due", "Updates due by now, in watch mode too.", work.due)
    yield GaugeMetricFamily(
        "bugbridge_updates_overdue", "Updates due for over an hour where notes are posted.", work.overdue
    )
    yield GaugeMetricFamily("bugbridge_updates_dead", "Updates that couldn't be posted.", work.dead)
    deliveries = GaugeMetricFamily("bugbridge_deliveries", "Deliveries by state.", labels=["state"])
    for state in DeliveryState:
        deliveries.add_metric([state], work.deliveries.get(state, 0))
    yield deliveries


def _of_sources(operation: Operation) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    age = GaugeMetricFamily(
        "bugbridge_source_age_seconds", "Since when a source was last read; absent before.", labels=["source"]
    )
    watching = GaugeMetricFamily(
        "bugbridge_watch_mode", "1 where a helpdesk hasn't gone live: nothing is posted.", labels=["source"]
    )
    for source in operation.sources:
        if source.read_at:
            age.add_metric([source.name], max((operation.at - source.read_at).total_seconds(), 0.0))
        if source.in_watch_mode is not None:
            watching.add_metric([source.name], source.in_watch_mode)
    yield from (age, watching)


def _of_daemon(operation: Operation) -> "Iterator[Metric]":
    from prometheus_client.core import GaugeMetricFamily

    yield GaugeMetricFamily("bugbridge_lease_held", "1 while a daemon works.", operation.held)
    yield GaugeMetricFamily("bugbridge_ready", "1 while every job and source is well.", not operation.unready)
