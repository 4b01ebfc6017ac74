"""What services ask about a helpdesk or tracker: its row, whether it may be asked now, when a job last succeeded."""

from datetime import datetime

from bugbridge.core.errors import RateLimitedError
from bugbridge.core.records import Source
from bugbridge.ports import Store


def source_named(store: Store, name: str) -> Source:
    """Give the row of a configured helpdesk or tracker, which the app has declared."""
    return next(source for source in store.sources() if source.name == name)


def refuse_while_paused(source: Source, now: datetime) -> None:
    """Keep away from a tracker that asked to be left alone. Raises RateLimitedError until its time has come."""
    if source.paused_until is not None and source.paused_until > now:
        sentence = f"{source.name} is left alone until {source.paused_until:%Y-%m-%d %H:%M} UTC, as it asked."
        raise RateLimitedError(sentence, source.paused_until - now)


def in_watch_mode(store: Store, source: Source) -> bool:
    """Say whether nothing is posted on a helpdesk, since neither it nor a group of it went live."""
    return source.live_from is None and not store.live_groups(source.id)


def last_success(store: Store, job: str) -> datetime | None:
    """Give when a job, named `job:NAME`, last succeeded; None before the first time."""
    return next((lease.last_ok_at for lease in store.leases() if lease.name == job), None)
