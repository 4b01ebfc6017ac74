"""A ticket as its helpdesk shows it, compared with what is known: the facts that are new."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_to_text
from bugbridge.core.model import Entity, FactKind
from bugbridge.core.snapshots import RemotePerson, RemoteTicket

Known = Mapping[FactKind, FactEvent]


@dataclass(frozen=True, slots=True)
class TicketParties:
    """Our ids of the people on a ticket; `account_id` is none where the requester has no organisation."""

    requester_id: int
    account_id: int | None
    assignee_id: int | None


def ticket_facts(
    ticket_id: int, seen: RemoteTicket, parties: TicketParties, known: Known, tag_words: Collection[str] = ()
) -> tuple[FactEvent, ...]:
    """Give the ticket's facts that changed. At first sight they are dated back to the ticket's beginning.

    Of its tags, which are free text and may be personal, none is kept that isn't one of `tag_words`.
    """
    values = {
        FactKind.STATUS: seen.status.value,
        FactKind.REQUESTER: str(parties.requester_id),
        FactKind.ASSIGNEE: str(parties.assignee_id or ""),
        FactKind.BRAND: seen.brand,
        FactKind.GROUP: seen.group,
        FactKind.MERGED: seen.merged_into,
        FactKind.FOLLOWUP_OF: seen.followup_of,
        FactKind.GONE: "gone" if seen.gone else "",
        FactKind.TAGS: _tags(seen, known.get(FactKind.TAGS), frozenset(tag_words)),
    }
    return tuple(_changed(Entity.TICKET, ticket_id, values, known, seen))


def _tags(seen: RemoteTicket, before: FactEvent | None, words: frozenset[str]) -> str:
    """Nothing has changed where the words alone have, so that naming a tag no more and then again loses nothing."""
    kept, now = before.value if before else "", words & frozenset(seen.tags)
    if frozenset(json.loads(kept or "[]")) & words == now:
        return kept
    return json.dumps(sorted(now)) if now else ""


def person_facts(
    party_id: int, person: RemotePerson, account_id: int | None, seen: RemoteTicket, known: Known
) -> tuple[FactEvent, ...]:
    """Give the requester's facts that changed."""
    values = {
        FactKind.ACCOUNT: str(account_id or ""),
        FactKind.LOCALE: person.locale,
        FactKind.ZONE: person.zone,
        **({} if person.tier is None else {FactKind.TIER: person.tier}),
    }
    return tuple(_changed(Entity.PARTY, party_id, values, known, seen))


def agent_facts(party_id: int, person: RemotePerson, seen: RemoteTicket, known: Known) -> tuple[FactEvent, ...]:
    """Give whether the assignee is suspended, if that changed."""
    return tuple(_changed(Entity.PARTY, party_id, {FactKind.SUSPENDED: "yes" if person.suspended else ""}, known, seen))


def account_facts(account_id: int, tier: str, seen: RemoteTicket, known: Known) -> tuple[FactEvent, ...]:
    """Give the account's tier if it changed."""
    return tuple(_changed(Entity.PARTY, account_id, {FactKind.TIER: tier}, known, seen))


def _changed(
    entity: Entity, entity_id: int, values: Mapping[FactKind, str], known: Known, seen: RemoteTicket
) -> Iterator[FactEvent]:
    for kind, value in values.items():
        before = known.get(kind)
        if value == (before.value if before else ""):
            continue
        at = max(seen.updated_at, before.occurred_at) if before else seen.updated_at if known else seen.created_at
        yield _fact(entity, entity_id, kind, value, at, assumed=not known)


def _fact(entity: Entity, entity_id: int, kind: FactKind, value: str, at: datetime, *, assumed: bool) -> FactEvent:
    key = f"{entity}:{entity_id}:{kind}:{value}:{instant_to_text(at)}"
    return FactEvent(
        entity=entity, entity_id=entity_id, kind=kind, value=value, assumed=assumed, occurred_at=at, source_key=key
    )
