"""A Zendesk account in the configuration."""

from typing import ClassVar, Literal

from pydantic import model_validator

from bugbridge.settings_base import HelpdeskSection, WebAddress, WebhookFormat


class ZendeskSettings(HelpdeskSection):
    """A Zendesk account: OAuth by `client_id`, or the older API token by `email`."""

    kind: Literal["zendesk"]
    url: WebAddress
    client_id: str = ""
    email: str = ""
    tier_field: str = ""

    ticket_path: ClassVar[str] = r"/(?:[a-z0-9-]+/){0,3}(?:tickets|requests)/(?P<number>[1-9][0-9]{0,17})(?!\w)"
    # developer.zendesk.com/documentation/webhooks/verifying: base64 of the HMAC over timestamp and body
    webhook: ClassVar[WebhookFormat] = WebhookFormat(
        ticket_paths=("detail.id", "ticket_id", "ticket.id"),
        set_up_at="Admin Center > Apps and integrations > Webhooks, subscribed to Zendesk events",
        events=("Ticket events: comment added, status changed, tags changed, merged, deleted",),
        signature_header="x-zendesk-webhook-signature",
        encoding="base64",
        timestamp_header="x-zendesk-webhook-signature-timestamp",
        delivery_header="x-zendesk-webhook-invocation-id",
        makes_secret=True,
    )

    @property
    def web_url(self) -> str:
        """Where people see the tickets."""
        return self.url

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("client_secret",) if self.client_id else ("token",)

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> "ZendeskSettings":
        if bool(self.client_id) == bool(self.email):
            raise ValueError("needs either client_id (OAuth) or email (API token), and not both")
        return self
