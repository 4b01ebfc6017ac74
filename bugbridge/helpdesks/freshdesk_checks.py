"""What `doctor` says of a Freshdesk account: one line for each permission, from harmless reads."""

from collections.abc import Callable, Iterator

from bugbridge.core.snapshots import Check
from bugbridge.helpdesks.freshdesk_api import (
    ALL_HISTORY,
    DELETED,
    PRESENT,
    SEE_AGENTS,
    SEE_CONTACTS,
    SEE_SET_UP,
    SPAM,
    FreshdeskApi,
)
from bugbridge.helpdesks.freshdesk_payloads import GLOBAL_ACCESS, Account, Agent, Contact, Named, Ticket, TicketField
from bugbridge.helpdesks.vendors import tried


def checks_of_reading(api: FreshdeskApi, own: Agent, read_messages: Callable[[Ticket], object]) -> Iterator[Check]:
    """Try every list, and with the ticket that changed last its messages."""
    newest: list[Ticket] = []

    def tickets() -> None:
        newest.extend(filter(None, [api.newest(PRESENT)]))

    def away() -> None:
        for which in (DELETED, SPAM):
            api.newest(which)

    yield _scope(api.name, own)
    yield tried("tickets", tickets, "Tickets can be read.")
    yield tried("deleted", away, "Deleted tickets and spam can be read.")
    yield tried("search", lambda: api.count(ALL_HISTORY), "Tickets can be counted.")
    if newest:
        yield tried("messages", lambda: read_messages(newest[0]), "Messages can be read.")
    lists = (
        ("contacts", Contact, SEE_CONTACTS),
        ("companies", Account, SEE_CONTACTS),
        ("agents", Agent, SEE_AGENTS),
        ("groups", Named, SEE_SET_UP),
        ("ticket_fields", TicketField, SEE_SET_UP),
    )
    for path, model, right in lists:
        yield tried(path, _reading(api, model, path, right), f"{path.replace('_', ' ').capitalize()} can be read.")


def _reading(
    api: FreshdeskApi,
    model: type[Account | Agent | Contact | Named | TicketField],
    path: str,
    right: str,
) -> Callable[[], object]:
    return lambda: api.first_page(model, path, right=right)


def _scope(name: str, own: Agent) -> Check:
    """Without global access Freshdesk leaves tickets out and says nothing."""
    well = own.ticket_scope == GLOBAL_ACCESS
    problem = (
        f"The agent of BugBridge in {name} sees some tickets only: set its scope to Global Access in Admin > Team."
    )
    return Check("scope", well=well, sentence="All tickets can be seen." if well else problem)
