"""What BugBridge writes in Freshdesk: notes, replies, and where a ticket is archived an e-mail that begins another.

Source of the e-mail: developers.freshdesk.com/api, "Create an Outbound Email" and "List All Email Configs". It is
closed from the start, until the customer answers. Nothing in it names an earlier ticket but what we put there: a tag.
"""

from collections.abc import Mapping

from pydantic import ValidationError

from bugbridge.core.errors import RemoteError, UnknownOutcomeError
from bugbridge.helpdesks.freshdesk_api import SEE_SET_UP, FreshdeskApi
from bugbridge.helpdesks.freshdesk_payloads import FOLLOWUP, EmailConfig, Ticket, Written

SEND_EMAILS = "to send outbound e-mails: give it a role that has it in Admin > Team > Roles"


def write(api: FreshdeskApi, path: str, payload: Mapping[str, object], *, right: str) -> str:
    """Write once, and give the number of what was written. Raises UnknownOutcomeError where no number came."""
    document, _ = api.client.write_json("POST", path, payload, right=right)
    try:
        return str(Written.model_validate(document).id)
    except ValidationError:
        raise UnknownOutcomeError(f"{api.name} answered POST {path} without a number: it may have been done.") from None


def follow_up(api: FreshdeskApi, ticket: Ticket, address: str, body: str) -> str:
    """Send an e-mail to the requester of a ticket that nobody can answer on any more; give the new ticket's number."""
    if not address:
        sentence = (
            f"{api.name}:{ticket.id} is closed and archived, and its requester has no e-mail address to write to."
        )
        raise RemoteError(sentence, permanent=True)
    email = {
        "email": address,
        "subject": ticket.subject or f"#{ticket.id}",
        "description": body,
        "email_config_id": ticket.email_config_id or _mailbox(api, ticket.product_id),
        "tags": [f"{FOLLOWUP}{ticket.id}"],
    }
    return write(api, "tickets/outbound_email", email, right=SEND_EMAILS)


def _mailbox(api: FreshdeskApi, product_id: int | None) -> int:
    """Give the mailbox to write from where the ticket came in by none: its product's main one, else any main one."""
    configs = [config for config in api.pages(EmailConfig, "email_configs", right=SEE_SET_UP) if config.usable]
    of_product = [config.id for config in configs if config.product_id == product_id]
    found = next(iter(of_product or [config.id for config in configs]), None)
    if found is None:
        raise RemoteError(
            f"{api.name} has no active mailbox to write from: see Admin > Channels > Email.", permanent=True
        )
    return found
