"""Leave watch mode, stop posting, and go on: each at once, and each an event or a row that can be undone."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bugbridge.core.errors import UsageError
from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.live import group_start
from bugbridge.core.model import Actor, Entity, FactKind
from bugbridge.core.records import FILE_KIND, Source
from bugbridge.ports import Clock, Store

UNTIL_RESUMED = datetime(9999, 1, 1, tzinfo=UTC)


def helpdesk_source(store: Store, name: str) -> Source:
    """Give a helpdesk's row. Raises UsageError if there is none of this name."""
    helpdesks = [source for source in store.sources() if source.role == "helpdesk" and source.kind != FILE_KIND]
    found = next((source for source in helpdesks if source.name == name), None)
    if found is None:
        known = ", ".join(source.name for source in helpdesks) or "none"
        raise UsageError(f"There is no helpdesk named {name!r}; configured: {known}.")
    return found


def begun(clock: Clock, live_from: datetime) -> datetime:
    """Give a start that has come. Raises UsageError for one that hasn't."""
    if live_from > clock.now():
        raise UsageError("Going live starts now or in the past: give a moment that has come.")
    return live_from


def go_live(
    store: Store, clock: Clock, name: str, live_from: datetime, actor: Actor, groups: Sequence[str] = ()
) -> Source:
    """Have news from an instant on (aware, UTC) told on this helpdesk, or on the tickets of these groups alone.

    Raises UsageError for an instant to come.
    """
    begun(clock, live_from)
    source = helpdesk_source(store, name)
    at = clock.now()
    starts = [(FactKind.LIVE_GROUP, group_start(live_from, group)) for group in groups]
    whole = [(FactKind.LIVE_FROM, instant_to_text(live_from))]
    store.append([_live_fact(source, *start, at) for start in starts or whole], actor=actor, recorded_at=at)
    return helpdesk_source(store, name)


def _live_fact(source: Source, kind: FactKind, value: str, at: datetime) -> FactEvent:
    return FactEvent(
        entity=Entity.SOURCE,
        entity_id=source.id,
        kind=kind,
        value=value,
        occurred_at=at,
        source_key=f"source:{source.id}:{kind}:{value}:{instant_to_text(at)}",
    )


def pause(store: Store, name: str) -> None:
    """Stop all posting to a helpdesk at once, until it is resumed."""
    store.pause(helpdesk_source(store, name).id, UNTIL_RESUMED)


def resume(store: Store, name: str) -> None:
    """Let posting to a helpdesk go on."""
    store.pause(helpdesk_source(store, name).id, None)
