"""What Zammad answers, as far as we read it, and what it says of tickets, people and authors.

Shapes are from docs.zammad.org (api/ticket, api/ticket/articles, api/user, api/organization) and from Zammad's source:
renders_models.rb and can_search.rb (a search and its assets), ticket/assets.rb, links_controller.rb, adds_metadata_*.rb
and perform_changes/action/*.rb (who is the author of what), auto_response_check.rb.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.helpdesks.texts import text_of_html
from bugbridge.helpdesks.vendors import Instant, Text

NOBODY = 1  # the user "-": who owns what nobody owns, and the author of what Zammad writes by itself
MARKER_KEY = "bugbridge_marker"  # among an article's preferences, which neither agents nor customers are shown
AUTO_RESPONSE = "is-auto-response"
MERGED = "merged"
STATUSES = {
    "pending reminder": TicketStatus.PENDING,
    "pending action": TicketStatus.PENDING,
    "closed": TicketStatus.SOLVED,
    MERGED: TicketStatus.CLOSED,
    "removed": TicketStatus.CLOSED,
}
TRACKERS = ("github", "gitlab")  # integrations that keep issues' addresses in a ticket's preferences
OWN_ATTRIBUTES_OF_ZAMMAD = frozenset(
    {
        "number",
        "priority_id",
        "note",
        "first_response_at",
        "first_response_escalation_at",
        "first_response_in_min",
        "first_response_diff_in_min",
        "close_at",
        "close_escalation_at",
        "close_in_min",
        "close_diff_in_min",
        "update_escalation_at",
        "update_in_min",
        "update_diff_in_min",
        "last_close_at",
        "last_contact_at",
        "last_contact_agent_at",
        "last_contact_customer_at",
        "last_owner_update_at",
        "article_count",
        "escalation_at",
        "pending_time",
        "time_unit",
        "time_units_per_type",
        "checklist",
        "referencing_checklist_tickets",
        "ai_agent_running",
        "ai_summary_enabled",
    }
)
REFERENCE_ENDINGS = ("_id", "_ids")  # no attribute of a team's own may end so
SCRIPT_LENGTH, REGION_LENGTH = 4, 2  # BCP 47: a script's subtag is `Latn`, a region's `DE`

Preferences = Annotated[dict[str, object], BeforeValidator(lambda value: value or {})]


class Payload(BaseModel):
    """Anything that Zammad answers."""

    model_config = ConfigDict(frozen=True)


class Record(Payload):
    """Something to which a team may add attributes of its own: they are keys beside Zammad's."""

    model_config = ConfigDict(frozen=True, extra="allow")

    id: int

    def attribute(self, name: str) -> str:
        """Give an attribute as text, "" where there is none or it holds nothing."""
        return _shown((self.model_extra or {}).get(name))


class Ticket(Record):
    """A ticket, with ids in the place of names."""

    title: Text = ""
    state_id: int
    group_id: int
    owner_id: int | None = None
    customer_id: int
    organization_id: int | None = None
    preferences: Preferences = Field(default_factory=dict)
    created_at: Instant
    updated_at: Instant

    def fields(self) -> tuple[tuple[str, str], ...]:
        """Give the team's own attributes that hold something, by key: names are for those with admin.object alone."""
        names = [
            name
            for name in self.model_extra or {}
            if name not in OWN_ATTRIBUTES_OF_ZAMMAD and not name.endswith(REFERENCE_ENDINGS)
        ]
        return tuple((name, self.attribute(name)) for name in sorted(names) if self.attribute(name))

    def issue_links(self) -> Iterator[str]:
        """Give the addresses of issues that agents added in the sidebars of GitHub and GitLab."""
        for tracker in TRACKERS:
            kept = self.preferences.get(tracker)
            links = kept.get("issue_links") if isinstance(kept, dict) else None
            yield from (link for link in (links if isinstance(links, list) else ()) if isinstance(link, str))


class User(Record):
    """Anybody."""

    firstname: Text = ""
    lastname: Text = ""
    email: Text = ""
    organization_id: int | None = None
    active: bool = True
    preferences: Preferences = Field(default_factory=dict)

    @property
    def name(self) -> str:
        """The name as people write it."""
        return f"{self.firstname} {self.lastname}".strip()


class Own(User):
    """Our own user, with the groups that it was given itself and not by a role."""

    login: Text = ""
    groups: Annotated[dict[str, list[str]], BeforeValidator(lambda value: value or {})] = Field(default_factory=dict)


class Organization(Record):
    """A customer's organisation."""

    name: Text = ""


class Assets(Payload):
    """What an answer names by ids."""

    tickets: dict[str, Ticket] = Field(default_factory=dict, alias="Ticket")
    users: dict[str, User] = Field(default_factory=dict, alias="User")
    organizations: dict[str, Organization] = Field(default_factory=dict, alias="Organization")


class Found(Payload):
    """One page of a search."""

    record_ids: tuple[int, ...]
    assets: Assets
    total_count: int

    def tickets(self) -> tuple[Ticket, ...]:
        """Give the tickets in the order of the search."""
        listed = (self.assets.tickets.get(str(number)) for number in self.record_ids)
        return tuple(ticket for ticket in listed if ticket is not None)


class Read(Payload):
    """One ticket with all that it names."""

    id: int
    assets: Assets


class Total(Payload):
    """How much a search finds."""

    total_count: int


class Named(Payload):
    """The part of an expanded ticket that assets don't have."""

    group: Text = ""


class State(Payload):
    """A state; teams rename and add them, its type is one of Zammad's own."""

    id: int
    state_type: Text = ""


class Tags(Payload):
    """A ticket's tags."""

    tags: tuple[str, ...]


class Link(Payload):
    """Something that a ticket is linked to, and what that is to it."""

    link_type: str
    link_object: str
    link_object_value: int


class Links(Payload):
    """All links of a ticket."""

    links: tuple[Link, ...]

    def survivor(self) -> str:
        """Give the ticket into which this one was merged: merging moves its links away and then makes it a child."""
        parents = [link for link in self.links if (link.link_type, link.link_object) == ("parent", "Ticket")]
        return str(parents[-1].link_object_value) if parents else ""


class Posted(Payload):
    """An article that was just written."""

    id: int


class Article(Payload):
    """One part of a ticket."""

    id: int
    sender: str
    internal: bool
    body: Text = ""
    content_type: Text = ""
    created_by_id: int
    origin_by_id: int | None = None
    preferences: Preferences = Field(default_factory=dict)
    created_at: Instant

    @property
    def author(self) -> int:
        """Whose words these are: of a call, the caller's and not those of whoever typed them in."""
        return self.origin_by_id or self.created_by_id

    def text(self) -> str:
        """Give the body as plain text."""
        return text_of_html(self.body) if "html" in self.content_type.lower() else self.body

    def kind(self, own: int) -> AuthorKind:
        """Judge the author: rules write as the sender System, out-of-office replies come in the customer's name."""
        if self.created_by_id == own:
            return AuthorKind.SELF
        if self.sender == "System" or self.author == NOBODY or self.preferences.get(AUTO_RESPONSE) is True:
            return AuthorKind.BOT
        return AuthorKind.CUSTOMER if self.sender == "Customer" else AuthorKind.AGENT

    def is_ours(self, marker: str, own: int) -> bool:
        """Tell whether we wrote it with this marker: as ourselves or, a public reply alone, in an agent's name."""
        by_agent = self.sender == "Agent" and not self.internal
        return self.preferences.get(MARKER_KEY) == marker and (self.created_by_id == own or by_agent)


def person_of(number: int, user: User | None, kind: AuthorKind, account: RemoteAccount | None = None) -> RemotePerson:
    """Put somebody into our words; Zammad keeps no time zone of people."""
    if user is None:
        return RemotePerson(str(number), kind, account=account)
    locale = locale_tag(user.preferences.get("locale"))
    return RemotePerson(str(number), kind, user.name, user.email, account, locale, suspended=not user.active)


def account_of(organization: Organization | None, customer: User | None, tier_field: str) -> RemoteAccount | None:
    """Give the organisation with its tier, else the customer's own; who has neither has no account."""
    own_tier = customer.attribute(tier_field) if customer else ""
    if organization:
        return RemoteAccount(str(organization.id), organization.name, organization.attribute(tier_field) or own_tier)
    return RemoteAccount(f"user-{customer.id}", customer.name, own_tier) if customer and own_tier else None


def locale_tag(locale: object) -> str:
    """Write Zammad's `pt-br` or `sr-latn-rs` as BCP 47 does: `pt-BR`, `sr-Latn-RS`; "" for what is no locale."""
    if not isinstance(locale, str):
        return ""
    language, *others = locale.split("-")
    shaped = {SCRIPT_LENGTH: str.title, REGION_LENGTH: str.upper}
    return "-".join([language.lower(), *(shaped.get(len(part), str)(part) for part in others)])


def timestamp(at: datetime) -> str:
    """Write an instant as Zammad's own conditions do, in thousandths of a second."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(value: object) -> str:
    """Put an attribute's value into text; what comes from elsewhere has a label beside its value."""
    if isinstance(value, dict):
        return _shown(value.get("label") or value.get("value"))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_shown, value)))
    if isinstance(value, bool):
        return "true" if value else ""
    return "" if value is None else str(value)
