"""Where things have their pages; a reference that holds / or # is one part of a path nevertheless."""

from urllib.parse import quote

from bugbridge.core.listings import Linked, Value

ERASED = ":erased"


def ticket_path(ticket: str) -> str:
    """Give the page of a ticket, by its `HELPDESK:ID`."""
    return f"/tickets/{quote(ticket, safe=':')}"


def ticket_value(ticket: str) -> Value:
    """Give a ticket with its page; an erased one has none."""
    return ticket if ticket.endswith(ERASED) else Linked(ticket, ticket_path(ticket))


def bug_path(bug: str) -> str:
    """Give the page of a bug, by a reference to its issue, such as `github:acme/app#12`."""
    return f"/bugs/{quote(bug, safe=':')}"


def round_path(bug: str) -> str:
    """Give the page on which a bug's round is reviewed."""
    return f"/rounds/{quote(bug, safe=':')}"


def sidebar_path(ticket: str) -> str:
    """Give the sidebar of a ticket, by its `HELPDESK:ID`."""
    helpdesk, _, remote_id = ticket.partition(":")
    return f"/sidebar/{helpdesk}/{quote(remote_id, safe='')}"
