"""What Help Scout's Inbox API 2.0 answers, as far as we read it, and who in it is who.

Sources: developer.helpscout.com/mailbox-api/endpoints, conversations/list, conversations/get,
conversations/threads/list, customers/get, organizations/get, organizations/properties/list, customer-properties/list,
mailboxes/list and users/me. That a list without items has no `_embedded`, and that Help Scout writes as user 1,
none@nowhere.com: tests/Payloads of helpscout/helpscout-api-php, and conversations that people published.
"""

from datetime import datetime
from typing import Annotated

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field

from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.helpdesks.texts import text_of_html
from bugbridge.helpdesks.vendors import Instant, Text

USER, TEAM, CUSTOMER = "user", "team", "customer"
HELP_SCOUT_ITSELF = "1"
NOBODYS_ADDRESS = "none@nowhere.com"
PUBLISHED, DRAFT, DELETED = "published", "draft", "deleted"
SPAM = "spam"
BY_API = "api"
# Of `source.type`: what a user's account wrote through these was written by a program.
PROGRAMS = frozenset({BY_API, "coreapi", "jira", "notification", "orchestration", "workflows"})
PUBLIC_TYPES = frozenset({"customer", "message", "reply", "chat", "beaconchat"})
INTERNAL_TYPES = frozenset({"note", "phone", "forwardparent", "forwardchild"})
STATUSES = {
    "active": TicketStatus.OPEN,
    "open": TicketStatus.OPEN,
    "pending": TicketStatus.PENDING,
    "closed": TicketStatus.SOLVED,  # it takes messages still, and a customer's opens it again
    SPAM: TicketStatus.CLOSED,
}

PerhapsInstant = Annotated[Instant | None, BeforeValidator(lambda value: value or None)]
Id = Annotated[str, Field(pattern=r"^[0-9]{1,18}$")]
Rows = BeforeValidator(lambda value: value or ())


class Payload(BaseModel):
    """A part of an answer; what isn't named here is ignored. Ids are numbers there, and text with us."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True, hide_input_in_errors=True)


class Person(Payload):
    """A user, a team or a customer inside another answer."""

    id: Id
    type: Text = ""
    first: Text = ""
    last: Text = ""
    email: Text = ""

    @property
    def name(self) -> str:
        """The whole name."""
        return f"{self.first} {self.last}".strip()

    @property
    def is_help_scout(self) -> bool:
        """Whether this is no person but Help Scout, which stands in for nobody and for its workflows."""
        return self.type != CUSTOMER and (self.id == HELP_SCOUT_ITSELF or self.email == NOBODYS_ADDRESS)


class Waiting(Payload):
    """Since when the customer has been waiting."""

    time: PerhapsInstant = None


class Tag(Payload):
    """A tag on a conversation."""

    tag: Text = ""


class CustomField(Payload):
    """A field of the inbox; of a dropdown `value` is the number of the choice and `text` what people see."""

    name: Text = ""
    value: Text = ""
    text: Text = ""


class Conversation(Payload):
    """A conversation. When it was last modified is sorted and filtered by, but not shown."""

    id: Id
    status: str
    created_at: Instant = Field(alias="createdAt")
    threads: int = 0
    type: Text = "email"
    state: Text = PUBLISHED
    subject: Text = ""
    mailbox_id: Id = Field("0", alias="mailboxId")
    assignee: Person | None = None
    created_by: Person | None = Field(None, alias="createdBy")
    customer: Person | None = Field(None, alias="primaryCustomer")
    closed_at: PerhapsInstant = Field(None, alias="closedAt")
    user_updated_at: PerhapsInstant = Field(None, alias="userUpdatedAt")
    waiting: Waiting | None = Field(None, alias="customerWaitingSince")
    tags: Annotated[tuple[Tag, ...], Rows] = ()
    custom_fields: Annotated[tuple[CustomField, ...], Rows] = Field((), alias="customFields")

    @property
    def updated_at(self) -> datetime:
        """The latest instant that is shown; the conversation may have been modified later."""
        waiting = self.waiting.time if self.waiting else None
        shown = (self.created_at, self.closed_at, self.user_updated_at, waiting)
        return max(instant for instant in shown if instant is not None)

    @property
    def version(self) -> str:
        """What is another after anybody wrote, or a user changed something."""
        return f"{self.updated_at:%Y-%m-%dT%H:%M:%SZ} {self.threads} {self.status}"

    @property
    def requester(self) -> Person:
        """Who asks: the customer, else whoever began the conversation."""
        return self.customer or self.created_by or Person(id="0")

    @property
    def agent(self) -> Person | None:
        """The user it is assigned to, if it is one and a person."""
        assignee = self.assignee
        return assignee if assignee and assignee.type != TEAM and not assignee.is_help_scout else None

    @property
    def tag_names(self) -> tuple[str, ...]:
        """What the tags are called."""
        return tuple(tag.tag for tag in self.tags if tag.tag)

    @property
    def fields(self) -> tuple[tuple[str, str], ...]:
        """The custom fields that hold something."""
        shown = ((field.name, field.text or field.value) for field in self.custom_fields)
        return tuple((name, value) for name, value in shown if name and value)


class Source(Payload):
    """Through what something was written."""

    type: Text = ""


class Thread(Payload):
    """One part of a conversation; `body` is HTML."""

    id: Id
    type: Text = ""
    state: Text = PUBLISHED
    body: Text = ""
    source: Source | None = None
    created_by: Person | None = Field(None, alias="createdBy")
    created_at: Instant = Field(alias="createdAt")

    @property
    def text(self) -> str:
        """The body as plain text."""
        return text_of_html(self.body)

    @property
    def is_message(self) -> bool:
        """Whether somebody wrote it and let it go: no line item, no draft, nothing held back or hidden."""
        return self.type in PUBLIC_TYPES | INTERNAL_TYPES and self.state == PUBLISHED

    @property
    def is_public(self) -> bool:
        """Whether the customer sees it."""
        return self.type in PUBLIC_TYPES

    @property
    def is_by_program(self) -> bool:
        """Whether a program wrote it with a user's account."""
        return self.source is not None and self.source.type in PROGRAMS


class PlaceInList(Payload):
    """Where a page stands in its list."""

    total: int = Field(0, alias="totalElements")
    pages: int = Field(0, alias="totalPages")


class Listing(Payload):
    """A page of a list."""

    page: PlaceInList = PlaceInList.model_validate({})


class Conversations(Listing):
    """A page of conversations."""

    conversations: tuple[Conversation, ...] = Field((), validation_alias=AliasPath("_embedded", "conversations"))


class Threads(Listing):
    """A page of a conversation's threads, newest first."""

    threads: tuple[Thread, ...] = Field((), validation_alias=AliasPath("_embedded", "threads"))


class Mailbox(Payload):
    """An inbox."""

    id: Id
    name: Text = ""


class Mailboxes(Listing):
    """A page of the inboxes that our user may see."""

    mailboxes: tuple[Mailbox, ...] = Field((), validation_alias=AliasPath("_embedded", "mailboxes"))


class Property(Payload):
    """A property that the team gave customers or companies, with its value where it is somebody's."""

    slug: Text = ""
    name: Text = ""
    value: Text = ""
    text: Text = ""


class CompanyProperties(Payload):
    """All properties that companies may have."""

    properties: tuple[Property, ...] = Field((), validation_alias=AliasPath("_embedded", "organization-properties"))


class CustomerProperties(Payload):
    """All properties that customers may have."""

    properties: tuple[Property, ...] = Field((), validation_alias=AliasPath("_embedded", "customer-properties"))


class Address(Payload):
    """An e-mail address."""

    value: Text = ""


class Customer(Payload):
    """A customer; `company` is the older way to name an organisation, by text alone."""

    id: Id
    first: Text = Field("", alias="firstName")
    last: Text = Field("", alias="lastName")
    company: Text = Field("", alias="organization")
    company_id: Text = Field("", alias="organizationId")
    addresses: tuple[Address, ...] = Field((), validation_alias=AliasPath("_embedded", "emails"))
    properties: tuple[Property, ...] = Field((), validation_alias=AliasPath("_embedded", "properties"))


class Company(Payload):
    """A customer's organisation."""

    id: Id
    name: Text = ""
    properties: Annotated[tuple[Property, ...], Rows] = ()


class User(Payload):
    """Somebody who works in Help Scout."""

    id: Id
    first: Text = Field("", alias="firstName")
    last: Text = Field("", alias="lastName")
    email: Text = ""
    role: Text = ""


def value_of(properties: tuple[Property, ...], wanted: str) -> str:
    """Give what people see of the property with this slug or name, "" where it isn't there."""
    named = (each for each in properties if wanted and wanted in (each.slug, each.name))
    return next((each.text or each.value for each in named), "")


def author_kind(thread: Thread, own_id: str) -> AuthorKind:
    """Judge a thread's author, but for replies that we wrote under another's name: those look like a program's.

    An author whom Help Scout doesn't show counts as a bot: nothing follows from them.
    """
    author = thread.created_by
    if author is None or author.is_help_scout:
        return AuthorKind.BOT
    if author.type == CUSTOMER:
        return AuthorKind.CUSTOMER
    if author.type == USER and author.id == own_id:
        return AuthorKind.SELF
    return AuthorKind.AGENT if author.type == USER and not thread.is_by_program else AuthorKind.BOT
