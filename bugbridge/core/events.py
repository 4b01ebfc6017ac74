"""What is kept, append-only. Instants are aware, in UTC: `occurred_at` in the world, `recorded_at` by us."""

from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.model import AuthorKind, BugEventKind, Entity, FactKind, FindingKind, LinkEventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened at `occurred_at` and is kept once by `source_key`; the store gives `seq`."""

    occurred_at: datetime
    source_key: str
    seq: int = 0
    recorded_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias(Event):
    """A reference by which an issue is known."""

    source_id: int
    reference: str
    entity: Entity
    entity_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FactEvent(Event):
    """From `occurred_at` on, the entity's fact has this value."""

    entity: Entity
    entity_id: int
    kind: FactKind
    value: str
    assumed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEvent(Event):
    """A message was written; its text is not kept."""

    ticket_id: int
    remote_id: str
    author_id: int
    author_kind: AuthorKind
    public: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding(Event):
    """What one reading of a message (or, without a message, of a ticket's fields) found."""

    ticket_id: int
    message_id: int | None
    extractor: str
    version: int
    kind: FindingKind
    bug_id: int | None = None
    due_at: datetime | None = None
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BugEvent(Event):
    """Something happened to a bug; value is an id, a number or a small JSON text, never free text."""

    bug_id: int
    kind: BugEventKind
    value: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkEvent(Event):
    """Something happened to the link of a ticket and a bug."""

    ticket_id: int
    bug_id: int
    kind: LinkEventKind
    how: str = ""
    value: str = ""
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset(Event):
    """A policy text in force from some moment on."""

    hash: str
    kind: str
    body: str
    in_force_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionEvent(Event):
    """What the policy said for a link on what was known up to `upto_seq`; output and facts are JSON objects."""

    ticket_id: int
    bug_id: int
    upto_seq: int
    ruleset_hash: str
    rule_id: str
    output: str
    facts: str
    valid_until: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryEvent(Event):
    """A step of a delivery: claimed, held, posting, posted, unknown, found, withdrawn or dead; or a
    person's: cancelled."""

    delivery_id: int
    ticket_id: int
    kind: str
    remote_id: str = ""
    detail_code: str = ""
