"""Rows to dataclasses and instants to text, both ways."""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from bugbridge.core.errors import DataError
from bugbridge.core.events import (
    Alias,
    BugEvent,
    DecisionEvent,
    DeliveryEvent,
    Event,
    FactEvent,
    Finding,
    LinkEvent,
    MessageEvent,
    Ruleset,
)
from bugbridge.core.model import (
    AuthorKind,
    BugEventKind,
    Channel,
    DeliveryState,
    Entity,
    FactKind,
    FindingKind,
    LinkEventKind,
    Review,
    UpdateState,
)
from bugbridge.core.records import (
    Delivery,
    HappenedBy,
    IssueRow,
    Lease,
    LinkKey,
    LinkRow,
    Moment,
    Source,
    TicketRow,
    UpdateItem,
)

E = TypeVar("E", bound=Event)

EVENT_TABLE_NAMES: Mapping[type[Event], str] = {
    Alias: "alias",
    FactEvent: "fact_event",
    MessageEvent: "message",
    Finding: "finding",
    BugEvent: "bug_event",
    LinkEvent: "link_event",
    Ruleset: "ruleset",
    DecisionEvent: "decision",
    DeliveryEvent: "delivery_event",
}

_TEXT_LENGTH = len("2024-01-01T00:00:00.000000Z")
_LAST_TEXT = "9999-12-31T23:59:59.999999Z"
_LAST_SEQ = 2**63 - 1

_INSTANTS = frozenset({"occurred_at", "recorded_at", "due_at", "expires_at", "in_force_from", "valid_until"})
_FLAGS = frozenset({"assumed", "public"})
_ENUMS: Mapping[tuple[type[Event], str], type[StrEnum]] = {
    (Alias, "entity"): Entity,
    (FactEvent, "entity"): Entity,
    (FactEvent, "kind"): FactKind,
    (MessageEvent, "author_kind"): AuthorKind,
    (Finding, "kind"): FindingKind,
    (BugEvent, "kind"): BugEventKind,
    (LinkEvent, "kind"): LinkEventKind,
}


def to_text(at: datetime) -> str:
    """Write an instant as `YYYY-MM-DDTHH:MM:SS.ffffffZ`, the one form that sorts. Raises ValueError if it's naive."""
    if at.tzinfo is None:
        raise ValueError(f"{at.isoformat()} has no time zone, so it is no instant.")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def from_text(text: str) -> datetime:
    """Read an instant in exactly the form of `to_text`. Raises DataError for any other."""
    try:
        if len(text) == _TEXT_LENGTH and text.endswith("Z"):
            return datetime.fromisoformat(text)
    except ValueError:
        pass
    raise DataError(f"The database holds {text!r} where an instant belongs: restore a backup.")


def optional_text(at: datetime | None) -> str | None:
    """Write an instant, or null."""
    return None if at is None else to_text(at)


def optional_instant(text: str | None) -> datetime | None:
    """Read an instant, or none."""
    return None if text is None else from_text(text)


def event_values(event: Event) -> dict[str, object]:
    """Give an event's fields as its table's columns hold them."""
    values = ((name, getattr(event, name)) for name in event_columns(type(event)))
    return {name: to_text(value) if isinstance(value, datetime) else value for name, value in values}


def event_columns(kind: type[Event]) -> tuple[str, ...]:
    """Give the columns that a kind of event fills; they are named as its fields."""
    return tuple(name for name, _ in _READERS[kind])


def read_events(kind: type[E], rows: list[sqlite3.Row]) -> tuple[E, ...]:
    """Build events of one kind from its table's rows."""
    readers = _READERS[kind]
    return tuple(kind(**{name: reader(row[name]) for name, reader in readers}) for row in rows)


def _reader(kind: type[Event], name: str) -> Callable[[Any], Any]:
    if name in _INSTANTS:
        return optional_instant
    if name == "remote_id":
        return _text_or_none
    return bool if name in _FLAGS else _ENUMS.get((kind, name), _as_it_is)


def _text_or_none(value: str | None) -> str:
    """What was erased has no id at its helpdesk."""
    return value or ""


def _as_it_is(value: object) -> object:
    return value


_READERS: Mapping[type[Event], tuple[tuple[str, Callable[[Any], Any]], ...]] = {
    kind: tuple((field.name, _reader(kind, field.name)) for field in fields(kind)) for kind in EVENT_TABLE_NAMES
}


def read_source(row: sqlite3.Row) -> Source:
    """Build a source from its row."""
    return Source(
        id=row["id"],
        name=row["name"],
        kind=row["kind"],
        role=row["role"],
        cursor=row["cursor"],
        live_from=optional_instant(row["live_from"]),
        last_ok_at=optional_instant(row["last_ok_at"]),
        paused_until=optional_instant(row["paused_until"]),
        release_cursor=row["etag"],
        read_from=optional_instant(row["read_from"]),
        backfill_from=optional_instant(row["backfill_from"]),
        backfill_cursor=row["backfill_cursor"],
    )


def read_ticket(row: sqlite3.Row) -> TicketRow:
    """Build a ticket from its row joined with its source's name."""
    return TicketRow(
        row["id"],
        row["source_id"],
        row["source_name"],
        row["remote_id"] or "",
        from_text(row["created_at"]),
        row["requester_id"],
        row["brand"],
    )


def read_issue(row: sqlite3.Row) -> IssueRow:
    """Build an issue from its row joined with its source's name."""
    return IssueRow(
        row["id"],
        row["source_id"],
        row["source_name"],
        row["reference"],
        row["bug_id"],
        optional_instant(row["created_at"]),
        bool(row["gone"]),
    )


def read_link(row: sqlite3.Row) -> LinkRow:
    """Build a link from its row."""
    key = LinkKey(row["ticket_id"], row["bug_id"])
    return LinkRow(key, row["state"], row["decided_seq"], optional_instant(row["valid_until"]))


def read_update(row: sqlite3.Row) -> UpdateItem:
    """Build an update from its row; a customer who isn't known is party 0."""
    return UpdateItem(
        key=row["key"],
        party_id=row["party_id"] or 0,
        bug_id=row["bug_id"],
        ticket_id=row["ticket_id"],
        reason=row["reason"],
        due_at=from_text(row["due_at"]),
        wall_time=row["wall_time"],
        zone=row["zone"],
        news_seq=row["news_seq"],
        ordinal=row["ordinal"],
        decision_seq=row["decision_seq"],
        state=UpdateState(row["state"]),
        delivery_id=row["delivery_id"],
        state_reason=row["state_reason"],
        review=Review(row["review"]),
        id=row["id"],
    )


def read_delivery(row: sqlite3.Row, items: tuple[UpdateItem, ...]) -> Delivery:
    """Build a delivery from its row joined with its number of failures, and its updates."""
    return Delivery(
        id=row["id"],
        ticket_id=row["ticket_id"],
        channel=Channel(row["channel"]),
        marker=row["marker"],
        state=DeliveryState(row["state"]),
        not_before=from_text(row["not_before"]),
        owner=row["owner"],
        lease_until=from_text(row["lease_until"]),
        fence=row["fence"],
        failures=row["failures"],
        items=items,
    )


def read_lease(row: sqlite3.Row) -> Lease:
    """Build a lease from its row."""
    ok_at = optional_instant(row["last_ok_at"])
    return Lease(row["name"], row["holder"], row["fence"], from_text(row["until"]), ok_at)


def id_list(ids: Iterable[int]) -> str:
    """Give ids as a query's JSON parameter; histories take a dozen each, which `json` would take longer over."""
    return f"[{','.join(map(str, ids))}]"


@lru_cache(maxsize=1)  # an audit reads millions of rows as of one moment
def _moment_text(at: datetime) -> str:
    return to_text(at)


def bounds(moment: Moment) -> dict[str, object]:
    """Give `:seq` and `:at` for a query that reads either axis of time."""
    if isinstance(moment, HappenedBy):
        return {"seq": _LAST_SEQ, "at": _moment_text(moment.at)}
    return {"seq": moment.seq, "at": _LAST_TEXT}
