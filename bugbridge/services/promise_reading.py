"""Read what agents promise their customers in public replies. When, and for what, is kept, never the words."""

from collections.abc import Iterator, Sequence
from zoneinfo import ZoneInfo

from bugbridge.core.events import Finding
from bugbridge.core.model import AuthorKind, FindingKind
from bugbridge.core.readings import PROMISE_EXTRACTOR, PROMISE_VERSION
from bugbridge.core.records import TicketRow
from bugbridge.core.references import ReferenceRules
from bugbridge.core.snapshots import RemoteMessage, RemotePerson, RemoteTicket


def read_promises(
    rules: ReferenceRules,
    ticket: TicketRow,
    seen: RemoteTicket,
    messages: Sequence[RemoteMessage],
    seqs: Sequence[int],
) -> Iterator[Finding]:
    """Find the promises of agents' public replies; `seqs` are the messages' own.

    Each is named by its place in its reply, so that whatever changes there, or in anybody's zone, repeats none.
    """
    language = seen.requester.locale or rules.language
    for message, seq in zip(messages, seqs, strict=True):
        if message.public and message.author.kind is AuthorKind.AGENT:
            yield from _promises(rules, ticket, message, seq, language)


def _promises(
    rules: ReferenceRules, ticket: TicketRow, message: RemoteMessage, seq: int, language: str
) -> Iterator[Finding]:
    calendar = rules.promises.calendar_in(zone_of_agent(rules, ticket.source_name, message.author))
    found = rules.promises.find(message.body, message.created_at, calendar, language)
    for place, said in enumerate(found, start=1):
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
