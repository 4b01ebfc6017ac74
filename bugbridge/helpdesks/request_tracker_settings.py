"""A Request Tracker in the configuration."""

from typing import ClassVar, Literal

from bugbridge.settings_base import HelpdeskSection, WebAddress, WebhookFormat


class RequestTrackerSettings(HelpdeskSection):
    """A Request Tracker 5 or 6; without `queues` every queue that the token may see is read.

    `tier_field` is a custom field of users. `tag_field` is one of tickets that takes several values and stands for the
    tags that RT hasn't got; empty, nothing is tagged. `bots` are login names of programs: RT marks none itself.
    """

    kind: Literal["request_tracker"]
    url: WebAddress
    queues: tuple[str, ...] = ()
    tier_field: str = ""
    tag_field: str = ""
    bots: tuple[str, ...] = ()

    ticket_path: ClassVar[str] = r"/[A-Za-z/]*\.html\?(?:[^#\s]*[&;])?id=(?P<number>[1-9][0-9]{0,17})(?!\w)"
    webhook: ClassVar[WebhookFormat] = WebhookFormat(
        ticket_paths=("ticket", "ticket.id"),
        set_up_at="Admin > Global > Scrips: condition On Transaction, a user-defined action that posts to the address",
        events=("On Create, On Correspond, On Comment, On Status Change",),
        body='{"ticket": "ID"}',
    )

    @property
    def web_url(self) -> str:
        """Where people see the tickets."""
        return self.url
