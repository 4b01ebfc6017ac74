"""Gather a ticket: what a helpdesk shows of it, and what its replies promise.

Finding promises takes time, so it is done here, before the transaction in which a ticket is kept: no other process
waits for it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bugbridge.core.promises import SaidPromise
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import RemoteMessage, RemoteTicket
from bugbridge.ports import Helpdesk
from bugbridge.services.promise_reading import said_promises


@dataclass(frozen=True, slots=True)
class GatheredTicket:
    """A ticket that was read, with its messages; `promises` are those of each public reply, by the message's id."""

    ticket: RemoteTicket
    messages: Sequence[RemoteMessage]
    promises: Mapping[str, Sequence[SaidPromise]]


def gather(helpdesk: Helpdesk, rules: ReferenceRules, ticket: RemoteTicket) -> GatheredTicket:
    """Read a ticket's messages; one that is gone shows none. Raises RemoteError. Not to be called in a transaction."""
    messages = () if ticket.gone else helpdesk.messages(ticket.remote_id)
    return gathered(helpdesk, rules, ticket, messages)


def gathered(
    helpdesk: Helpdesk, rules: ReferenceRules, ticket: RemoteTicket, messages: Sequence[RemoteMessage]
) -> GatheredTicket:
    """Find what was promised in messages that were read. Not to be called in a transaction."""
    return GatheredTicket(ticket, messages, said_promises(rules, helpdesk.name, ticket, messages))
