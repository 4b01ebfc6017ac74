"""A replay's figures as rows of words, the same for a terminal and a page."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from bugbridge.core.bootstrap import Difference
from bugbridge.core.replay_metrics import COMPARED, Metrics
from bugbridge.core.replay_report import Comparison, PolicyFigures, Replay

NONE = "-"
ROW = tuple[str, ...]


def measure_rows(replay: Replay) -> list[ROW]:
    """Give each measure with its value under every policy, the one in force first."""
    return [(label, *(value(policy) for policy in replay.policies)) for label, value in MEASURES.items()]


def difference_rows(replay: Replay) -> list[ROW]:
    """Give each compared measure with its difference from the policy in force, for every other policy.

    Where a bug can't be compared, as without any news told, it says how many can.
    """
    return [
        (label, *(_difference(comparison, name, len(replay.bugs)) for comparison in replay.comparisons))
        for name, label in COMPARED.items()
    ]


def days(instants: Iterable[datetime], zone: str) -> str:
    """Write when updates would have gone out, `2026-06-04, 2026-06-18`, in the reader's zone."""
    return ", ".join(f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d}" for at in instants) or NONE


def _difference(comparison: Comparison, name: str, bugs: int) -> str:
    found = comparison.differences.get(name, Difference(0))
    if found.mean is None:
        return NONE
    over = "" if found.n == bugs else f", {found.n} of {bugs} bugs"
    if found.low is None or found.high is None:
        return f"{found.mean:+z.1f}{over}"
    return f"{found.mean:+z.1f} ({found.low:+z.1f} to {found.high:+z.1f}){over}"


def _share(value: float | None) -> str:
    return NONE if value is None else f"{value:.0%}".replace("%", " %")


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.1f}"


def _promises(metrics: Metrics) -> str:
    found = metrics.promises
    return f"{found.kept}, {found.late}, {found.missed}, {found.pending}"


MEASURES: dict[str, Callable[[PolicyFigures], str]] = {
    "updates": lambda policy: str(policy.metrics.sent),
    "… with news": lambda policy: str(policy.metrics.newsful),
    "… without news": lambda policy: str(policy.metrics.waste),
    "share with news": lambda policy: _share(policy.metrics.yield_share),
    "days until news is told, median": lambda policy: _number(policy.metrics.delay_median_days),
    "… mean": lambda policy: _number(policy.metrics.delay_mean_days),
    "news missed": lambda policy: str(policy.metrics.missed),
    "… share": lambda policy: _share(policy.metrics.missed_share),
    "longest silence in days, median": lambda policy: _number(policy.metrics.silence_median_days),
    "… 90 % within": lambda policy: _number(policy.metrics.silence_p90_days),
    "… longest": lambda policy: _number(policy.metrics.silence_most_days),
    "promises kept, late, missed, not due": lambda policy: _promises(policy.metrics),
    "… share kept": lambda policy: _share(policy.metrics.promises_kept_share),
    "told how it ended within 2 business days": lambda policy: _share(policy.metrics.closed_loop),
    "messages per agent and week": lambda policy: _number(policy.load.messages_per_agent_week),
    "most to one contact in 7 days": lambda policy: str(policy.load.most_per_contact_week),
    "messages saved by batching": lambda policy: str(policy.load.batch_saving),
}


def headline(replay: Replay) -> str:
    """Say over what was replayed."""
    links, bugs = replay.policies[0].metrics.links, len(replay.bugs)
    return f"Replayed over {_counted(bugs, 'bug')} with {_counted(links, 'link')}, each from its link on."


def left_out(replay: Replay) -> Sequence[str]:
    """Say what wasn't followed, and why."""
    return [f"Left out: {count} {reason}." for reason, count in replay.left_out.items()]


def _counted(count: int, one: str) -> str:
    return f"{count} {one}" if count == 1 else f"{count} {one}s"
