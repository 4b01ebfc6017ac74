"""A Freshdesk account in the configuration."""

import re
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator

from bugbridge.settings_base import HelpdeskSection, Pattern, WebAddress, WebhookFormat

# what Freshdesk's own merge leaves on the closed ticket in an English account; agents may reword it
MERGE_NOTE = r"closed and merged into ticket\s+#?(\d+)"


def _with_number(pattern: str) -> str:
    if re.compile(pattern).groups != 1:
        raise ValueError("needs exactly one group: the number of the ticket that the others were merged into")
    return pattern


class FreshdeskSettings(HelpdeskSection):
    """A Freshdesk account, at its own address below freshdesk.com: the API answers at no other.

    `tier_field` is a field of companies, `account_tier` or one of the team's own, or else of contacts; `bots` are the
    addresses of agents that are programs; `merge_note` is how the note on a merged ticket names the one that survives.
    """

    kind: Literal["freshdesk"]
    url: WebAddress
    tier_field: str = ""
    bots: tuple[str, ...] = ()
    merge_note: Annotated[Pattern, AfterValidator(_with_number)] = MERGE_NOTE

    ticket_path: ClassVar[str] = (
        r"/(?:[A-Za-z-]{2,7}/)?(?:a|helpdesk|support)/tickets/(?:archived/)?(?P<number>[1-9][0-9]{0,17})(?!\w)"
    )
    # support.freshdesk.com, "Using webhooks in automation rules": a rule's request carries no signature, only what the
    # rule writes; its simple content is one object "freshdesk_webhook"
    webhook: ClassVar[WebhookFormat] = WebhookFormat(
        ticket_paths=("ticket_id", "freshdesk_webhook.ticket_id"),
        set_up_at="Admin > Workflows > Automations, a rule under Ticket Creation and one under Ticket Updates: action "
        "Trigger Webhook, POST, JSON, Advanced",
        events=(
            "Ticket is created",
            "Reply is sent, Note is added, Status is changed, Agent is changed, Tags are changed",
        ),
        body='{"ticket_id": "{{ticket.id}}"}',
    )

    @property
    def web_url(self) -> str:
        """Where people see the tickets."""
        return self.url
