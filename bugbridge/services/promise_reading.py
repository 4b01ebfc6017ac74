"""Read what agents promise their customers in public replies. When, and for what, is kept, never the words."""

from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from bugbridge.core.events import Finding
from bugbridge.core.model import AuthorKind, FindingKind
from bugbridge.core.promises import SaidPromise
from bugbridge.core.readings import PROMISE_EXTRACTOR, PROMISE_VERSION
from bugbridge.core.records import TicketRow
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import RemoteMessage, RemotePerson, RemoteTicket


def said_promises(
    rules: ReferenceRules, helpdesk: str, ticket: RemoteTicket, messages: Sequence[RemoteMessage]
) -> Mapping[str, Sequence[SaidPromise]]:
    """Give the promises of agents' public replies, by the messages' ids; it takes milliseconds a reply."""
    language = ticket.requester.locale or rules.language
    return {
        message.remote_id: _said(rules, helpdesk, message, language)
        for message in messages
        if message.public and message.author.kind is AuthorKind.AGENT
    }


def _said(rules: ReferenceRules, helpdesk: str, message: RemoteMessage, language: str) -> Sequence[SaidPromise]:
    calendar = rules.promises.calendar_in(zone_of_agent(rules, helpdesk, message.author))
    return rules.promises.find(message.body, message.created_at, calendar, language)


def promise_findings(
    ticket: TicketRow, message: RemoteMessage, seq: int, promises: Sequence[SaidPromise]
) -> Iterator[Finding]:
    """Give a reply's promises as they are kept; `seq` is the message's own.

    Each is named by its place in its reply, so that whatever changes there, or in anybody's zone, repeats none.
    """
    for place, said in enumerate(promises, start=1):
        yield Finding(
            ticket_id=ticket.id,
            message_id=seq,
            extractor=PROMISE_EXTRACTOR,
            version=PROMISE_VERSION,
            kind=FindingKind.PROMISE,
            due_at=said.due_at,
            value=said.event or "",
            occurred_at=message.created_at,
            source_key=f"message:{seq}:promise:{place}:{PROMISE_VERSION}",
        )


def zone_of_agent(rules: ReferenceRules, helpdesk: str, author: RemotePerson) -> ZoneInfo | None:
    """Give an agent's own zone, by the list of people; none where nobody knows it."""
    person = rules.people.named_as(f"{helpdesk}:{author.remote_id}", author.address)
    return person.zone if person else None
