"""A Help Scout account in the configuration."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from bugbridge.settings_base import HelpdeskSection, WebAddress, WebhookFormat

API = "https://api.helpscout.net"
PEOPLES_VIEW = "https://secure.helpscout.net"


class HelpScoutSettings(HelpdeskSection):
    """A Help Scout account. All accounts share one address; `url` is for a proxy that stands before it.

    `client_id` is what Help Scout calls the App ID, and the secret the App Secret. `tier_field` is the slug or the name
    of a property of companies, else of customers.
    """

    kind: Literal["help_scout"]
    client_id: Annotated[str, Field(min_length=1)]
    url: WebAddress = API
    tier_field: str = ""

    # The id, not the number behind it: developer.helpscout.com/webhooks/objects/conversation, "number"
    ticket_path: ClassVar[str] = r"/conversation/(?P<number>[1-9][0-9]{0,17})(?!\w)"
    # developer.helpscout.com/webhooks: base64 of the body's HMAC-SHA1; each of these events carries a conversation
    webhook: ClassVar[WebhookFormat] = WebhookFormat(
        ticket_paths=("id",),
        set_up_at="Manage > Apps > Webhooks",
        events=(
            "convo.created, convo.customer.reply.created, convo.agent.reply.created, convo.note.created",
            "convo.assigned, convo.status, convo.tags, convo.custom-fields, convo.moved, convo.merged, convo.deleted",
        ),
        signature_header="x-helpscout-signature",
        algorithm="sha1",
        encoding="base64",
    )

    @property
    def web_url(self) -> str:
        """Where people see the tickets; never where the API is."""
        return PEOPLES_VIEW

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("client_secret",)
