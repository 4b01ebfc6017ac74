"""What Freshdesk's API v2 answers, as far as we read it, and who in it is who.

Sources: developers.freshdesk.com/api, sections Tickets (List All Tickets, View a Ticket, Filter Tickets, Archive
Tickets), Conversations, Contacts, Agents, Companies, Groups, Products, Email Configs and Ticket Fields. What a list
gives of a ticket, and which keys come only when it is read alone (`associated_tickets_list`): recorded answers in
rapid7/insightconnect-plugins, plugins/freshdesk/unit_test/responses. `auto_response` and `automation_id` of a
conversation, and `deactivated` of an agent, are not documented: where they come, they are believed.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.helpdesks.vendors import Instant, Text

OPEN, PENDING, RESOLVED, CLOSED = 2, 3, 4, 5
WAITING_ON_CUSTOMER, WAITING_ON_THIRD_PARTY = 6, 7  # custom, and there in every new account
STATUSES = {
    PENDING: TicketStatus.PENDING,
    RESOLVED: TicketStatus.SOLVED,
    CLOSED: TicketStatus.CLOSED,
    WAITING_ON_CUSTOMER: TicketStatus.PENDING,
    WAITING_ON_THIRD_PARTY: TicketStatus.PENDING,
}
RELATED = 4  # association_type: 1 parent, 2 child, 3 tracker, 4 related to a tracker
OUTBOUND_EMAIL = 10  # source of a ticket that an agent began
FOLLOWUP = "followup-of-"  # how the tag begins by which a ticket that we began names the one it continues
REPLY = 0  # source of a conversation: 2 note, 5 tweet, 6 survey feedback, 7 Facebook, 8 forwarded, 9 phone, 11 shop
GLOBAL_ACCESS = 1  # ticket_scope: 2 groups, 3 restricted
PEOPLE = frozenset({"", "support_agent", "field_agent", "collaborator"})  # types of agents; any other is a program


def _number(value: object) -> object:
    """Freshdesk writes some numbers as text."""
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


Flag = Annotated[bool, BeforeValidator(bool)]
Number = Annotated[int, BeforeValidator(_number)]
Fields = Annotated[Mapping[str, object], BeforeValidator(lambda value: value or {})]
Rows = BeforeValidator(lambda value: value or ())


class Payload(BaseModel):
    """A part of an answer; what isn't named here is ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Named(Payload):
    """A group or a product."""

    id: int
    name: Text = ""


class EmailConfig(Payload):
    """A mailbox of the helpdesk."""

    id: int
    product_id: int | None = None
    primary_role: Flag = False
    active: Flag = False

    @property
    def usable(self) -> bool:
        """Whether it is the one that answers are sent from."""
        return self.active and self.primary_role


class NestedField(Payload):
    """A field whose choices hang on another's."""

    name: str
    label: Text = ""


class TicketField(NestedField):
    """A field of tickets: `name` is its key, `label` what agents see."""

    nested: Annotated[tuple[NestedField, ...], Rows] = Field((), alias="nested_ticket_fields")


class Account(Payload):
    """A company; its own fields and those that Freshdesk gives each."""

    model_config = ConfigDict(extra="allow")

    id: int
    name: Text = ""
    custom_fields: Fields = {}

    def tier(self, field: str) -> str:
        """Give what a field holds, one of the team's own before one of Freshdesk's."""
        return field_text(self.custom_fields, field) or field_text(self.model_extra or {}, field)


class Contact(Payload):
    """A customer."""

    id: int
    name: Text = ""
    email: Text = ""
    language: Text = ""
    time_zone: Text = ""
    company_id: int | None = None
    custom_fields: Fields = {}


class AgentContact(Payload):
    """How an agent is called."""

    name: Text = ""
    email: Text = ""
    language: Text = ""
    time_zone: Text = ""


class Agent(Payload):
    """An agent."""

    id: int
    type: Text = ""
    ticket_scope: int | None = None
    deactivated: Flag = False
    contact: AgentContact = AgentContact()


class Ticket(Payload):
    """A ticket; a list gives neither its description nor what it is related to."""

    id: int
    subject: Text = ""
    status: Number
    source: Number | None = None
    created_at: Instant
    updated_at: Instant
    stamp: str = Field(alias="updated_at")
    requester_id: int | None = None
    responder_id: int | None = None
    group_id: int | None = None
    product_id: int | None = None
    company_id: int | None = None
    email_config_id: int | None = None
    tags: Annotated[tuple[str, ...], Rows] = ()
    custom_fields: Fields = {}
    association_type: Number | None = None
    related: Annotated[tuple[int, ...], Rows] = Field((), alias="associated_tickets_list")
    description: Text = ""
    deleted: Flag = False
    spam: Flag = False
    archived: Flag = False

    @property
    def is_related(self) -> bool:
        """Whether it reports the problem of a tracker ticket."""
        return self.association_type == RELATED

    @property
    def followup_of(self) -> str:
        """The archived ticket that this one, which we began, continues, or ""."""
        if self.source != OUTBOUND_EMAIL:
            return ""
        numbers = (tag.removeprefix(FOLLOWUP) for tag in self.tags if tag.startswith(FOLLOWUP))
        return next((number for number in numbers if number.isascii() and number.isdigit()), "")

    @property
    def gone(self) -> bool:
        """Whether agents don't see it among their tickets any more."""
        return self.deleted or self.spam


class Conversation(Payload):
    """A reply or a note; the ticket's first message is none."""

    id: int
    body: Text = ""
    body_text: Text = ""
    incoming: Flag = False
    private: bool
    user_id: int | None = None
    source: Number | None = None
    created_at: Instant
    auto_response: Flag = False
    automation_id: int | None = None

    @property
    def automatic(self) -> bool:
        """Whether a rule wrote it."""
        return self.auto_response or self.automation_id is not None or (self.user_id is None and not self.incoming)

    @property
    def answers(self) -> bool:
        """Whether it is a reply that went to the customer, by a person or through one's account."""
        return self.source == REPLY and not self.private and not self.incoming and not self.automatic

    def kind(self, author: AuthorKind | None) -> AuthorKind:
        """Judge its author by `author`, what an agent's account is, or none for whoever is no agent now.

        A customer writes nothing private and no reply that goes out: whoever did so was an agent once.
        """
        if self.automatic:
            return AuthorKind.BOT
        if author is not None and not self.incoming:
            return author
        as_agent = not self.incoming and (self.private or self.source == REPLY)
        return AuthorKind.AGENT if as_agent else AuthorKind.CUSTOMER


class Written(Payload):
    """The answer to a new note or reply."""

    id: int


class Found(Payload):
    """What a search answers; we read how many there are."""

    total: int


def field_text(fields: Mapping[str, object], name: str) -> str:
    """Give the text of a field by its key, which Freshdesk shows with or without `cf_`; "" where it holds nothing."""
    return value_text(fields.get(name, fields.get(f"cf_{name}")))


def value_text(value: object) -> str:
    """Write what a field holds; an unticked box holds nothing."""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, list):
        return ", ".join(filter(None, map(value_text, value)))
    return str(value).strip() if isinstance(value, str | int | float) else ""
