"""What is the lead's to settle: agents were told twice, or a promise is broken, or nothing could be posted."""

from collections.abc import Iterator
from datetime import datetime

from bugbridge.core.board import is_broken
from bugbridge.core.calendar import WorkCalendar, add_business_days
from bugbridge.core.model import UpdateState
from bugbridge.core.policy_model import Policy
from bugbridge.core.records import UpdateItem
from bugbridge.ports import Store
from bugbridge.services.round_opening import rounds_overdue


def overdue_updates(store: Store, now: datetime, policy: Policy, calendar: WorkCalendar) -> tuple[UpdateItem, ...]:
    """Give the updates that reminding didn't bring to their customers, each once."""
    found = {item.key: item for item in _overdue(store, now, policy, calendar)}
    return tuple(found.values())


def _overdue(store: Store, now: datetime, policy: Policy, calendar: WorkCalendar) -> Iterator[UpdateItem]:
    days = policy.limits.repeat_after_business_days
    if days:
        yield from store.repeated_reminders(add_business_days(now, -days, calendar))
    for one in rounds_overdue(store, now, calendar, policy.limits):
        yield from one.items
    for item in store.open_updates():
        if item.state is UpdateState.DEAD or is_broken(item, now, policy, calendar):
            yield item
