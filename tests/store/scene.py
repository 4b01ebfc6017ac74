"""A small team's data to test the store with: one helpdesk, one tracker, and short ways to make events."""

from datetime import UTC, datetime, timedelta
from itertools import count

from bugbridge.core.events import (
    BugEvent,
    DecisionEvent,
    Event,
    FactEvent,
    LinkEvent,
    MessageEvent,
)
from bugbridge.core.model import Actor, AuthorKind, BugEventKind, Entity, FactKind, LinkEventKind
from bugbridge.core.records import LinkKey, UpdateItem
from bugbridge.store.sqlite import SqliteStore, open_store

ACTOR = Actor(AuthorKind.AGENT, "ann", "cli")
START = datetime(2024, 1, 1, tzinfo=UTC)
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    """Give the instant so many days after the start."""
    return START + timedelta(days=number)


class Scene:
    """A store with a helpdesk and a tracker; every event gets a fresh source_key."""

    def __init__(self, store: SqliteStore | None = None) -> None:
        self.store = store or open_store(":memory:")
        self.helpdesk = self.store.declare_source("support", "zendesk", "helpdesk").id
        self.tracker = self.store.declare_source("github", "github", "tracker").id
        self._keys = count(1)

    def keep(self, *events: Event, at: datetime = START) -> tuple[int, ...]:
        return self.store.append(events, actor=ACTOR, recorded_at=at)

    def key(self) -> str:
        return f"test:{next(self._keys)}"

    def customer(self, name: str) -> int:
        return self.store.party_id(self.helpdesk, "customer", name)

    def account(self, name: str) -> int:
        return self.store.party_id(self.helpdesk, "account", name)

    def ticket(self, remote_id: str, requester_id: int | None = None, created_at: datetime = START) -> int:
        return self.store.save_ticket(self.helpdesk, remote_id, created_at, requester_id).id

    def bug(self, number: int) -> int:
        return self.store.issue_for(self.tracker, f"github:acme/app#{number}", actor=ACTOR, at=START).bug_id

    def link(
        self, ticket_id: int, bug_id: int, kind: LinkEventKind = LinkEventKind.LINKED, at: datetime = START
    ) -> LinkKey:
        self.keep(
            LinkEvent(occurred_at=at, source_key=self.key(), ticket_id=ticket_id, bug_id=bug_id, kind=kind, how="hand"),
            at=at,
        )
        return LinkKey(ticket_id, bug_id)

    def told(self, key: LinkKey, at: datetime) -> LinkEvent:
        kind = LinkEventKind.TOLD
        return LinkEvent(occurred_at=at, source_key=self.key(), ticket_id=key.ticket_id, bug_id=key.bug_id, kind=kind)

    def fact(self, entity: Entity, entity_id: int, kind: FactKind, value: str, at: datetime = START) -> FactEvent:
        return FactEvent(
            occurred_at=at, source_key=self.key(), entity=entity, entity_id=entity_id, kind=kind, value=value
        )

    def message(self, ticket_id: int, author_id: int, at: datetime = START) -> MessageEvent:
        key = self.key()
        return MessageEvent(
            occurred_at=at,
            source_key=key,
            ticket_id=ticket_id,
            remote_id=key,
            author_id=author_id,
            author_kind=AuthorKind.CUSTOMER,
            public=True,
        )

    def bug_event(self, bug_id: int, kind: BugEventKind, value: str = "", at: datetime = START) -> BugEvent:
        return BugEvent(occurred_at=at, source_key=self.key(), bug_id=bug_id, kind=kind, value=value)

    def merge(self, bug_id: int, survivor: int, at: datetime = START) -> BugEvent:
        return self.bug_event(bug_id, BugEventKind.MERGED, str(survivor), at)

    def decision(self, key: LinkKey, output: str = "{}", at: datetime = START) -> DecisionEvent:
        return DecisionEvent(
            occurred_at=at,
            source_key=self.key(),
            ticket_id=key.ticket_id,
            bug_id=key.bug_id,
            upto_seq=self.store.head(),
            ruleset_hash="h",
            rule_id="r",
            output=output,
            facts="{}",
        )

    def linked(self, remote_id: str = "4711", customer: str = "ada", number: int = 12) -> LinkKey:
        """Give a link of a customer's ticket and a bug, decided already."""
        key = self.link(self.ticket(remote_id, self.customer(customer)), self.bug(number))
        self.decided(key)
        return key

    def decided(self, *keys: LinkKey) -> None:
        for key in keys:
            self.store.mark_decided(key, self.store.head(), None)

    def to_decide(self, now: datetime = START) -> set[LinkKey]:
        return set(self.store.links_to_decide(now, 100))

    def update(self, key: LinkKey, name: str = "released", due: float = 0.0) -> UpdateItem:
        party_id = self.store.ticket(key.ticket_id).requester_id or 0
        return UpdateItem(
            key=f"{party_id}:{key.bug_id}:{name}",
            party_id=party_id,
            bug_id=key.bug_id,
            ticket_id=key.ticket_id,
            reason=name,
            due_at=day(due),
        )

    def go_live(self, at: datetime = START) -> None:
        self.keep(self.fact(Entity.SOURCE, self.helpdesk, FactKind.LIVE_FROM, at.isoformat(), at))
