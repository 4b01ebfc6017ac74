"""Since when a ticket's customer is told of news: a helpdesk goes live as a whole, or group by group for a pilot.

A group is the helpdesk's group of the ticket, or its brand, queue or inbox. A group that went live by itself keeps its
own start when the rest of the helpdesk follows.
"""

from collections.abc import Sequence
from datetime import datetime

from bugbridge.core.events import FactEvent
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.core.model import FactKind
from bugbridge.core.stages import in_order, latest


def group_start(live_from: datetime, group: str) -> str:
    """Write that a group is live from an instant on."""
    return f"{instant_to_text(live_from)} {group}"


def read_group_start(value: str) -> tuple[str, datetime]:
    """Read a group and its start."""
    at, _, group = value.partition(" ")
    return group, instant_from_text(at)


def groups_of(ticket_facts: Sequence[FactEvent]) -> frozenset[str]:
    """Give the names of the groups that a ticket is in."""
    return frozenset({latest(ticket_facts, FactKind.GROUP), latest(ticket_facts, FactKind.BRAND)} - {""})


def live_since(source_facts: Sequence[FactEvent], ticket_facts: Sequence[FactEvent]) -> datetime | None:
    """Give since when news is told on a ticket, none in watch mode."""
    groups = groups_of(ticket_facts)
    starts = [read_group_start(fact.value) for fact in in_order(source_facts) if fact.kind is FactKind.LIVE_GROUP]
    own = [at for group, at in dict(starts).items() if group in groups]
    whole = latest(source_facts, FactKind.LIVE_FROM)
    return min(own) if own else instant_from_text(whole) if whole else None
