"""A Zammad in the configuration."""

from typing import ClassVar, Literal

from bugbridge.settings_base import HelpdeskSection, WebAddress, WebhookFormat


class ZammadSettings(HelpdeskSection):
    """A Zammad 6.5 or newer. `tier_field` is the key of an attribute of organisations or, where there is none, users.

    With `reply_as_assignee` replies bear the assignee's name, for which Zammad wants the permission admin.user.
    """

    kind: Literal["zammad"]
    url: WebAddress
    tier_field: str = ""
    reply_as_assignee: bool = False

    ticket_path: ClassVar[str] = r"/(?:\#ticket/zoom|(?:desktop|mobile)/tickets)/(?P<number>[1-9][0-9]{0,17})(?!\w)"
    webhook: ClassVar[WebhookFormat] = WebhookFormat(
        ticket_paths=("ticket.id", "article.ticket_id"),
        set_up_at="Admin > Manage > Webhook (HMAC SHA1 Signature Token), then Admin > Manage > Trigger: action Webhook",
        events=("Activated by Action, executed Always, where State is any of all states",),
        signature_header="x-hub-signature",
        algorithm="sha1",
        prefix="sha1=",
        delivery_header="x-zammad-delivery",
    )

    @property
    def web_url(self) -> str:
        """Where people see the tickets."""
        return self.url
