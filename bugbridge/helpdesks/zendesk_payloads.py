"""What Zendesk's Support API answers, as far as we read it, and who in it is who.

Sources: developer.zendesk.com, api-reference/ticketing: tickets/tickets, tickets/ticket_comments,
tickets/ticket_audits, tickets/ticket_fields, users/users, groups/groups, organizations/organizations,
ticket-management/incremental_exports, ticket-management/search, ticket-management/tags, jira/links and
oauth/grant_type_tokens; documentation/ticketing: reference-guides/via-object-reference and
managing-tickets/creating-and-updating-tickets. A merge's comment is documented nowhere; its words are those that
Zendesk proposes to agents, as clients on GitHub recognise them: "This request was closed and merged into request #99".
"""

import re
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bugbridge.core.model import AuthorKind
from bugbridge.helpdesks.vendors import Instant, Text

STAFF = frozenset({"agent", "admin"})
MACHINE_CHANNELS = frozenset({"api", "rule", "system", "automatic_solution_suggestions", "answer_bot_for_agents"})
BOT_TAG = "bot"
MERGED_TAG = "closed_by_merge"
NUMBER = r"#([1-9][0-9]{0,17})(?![0-9])"
BY_ITS_MARK, BY_ITS_WORDS = re.compile(NUMBER), re.compile(rf"merged into request {NUMBER}")

Flag = Annotated[bool, BeforeValidator(bool)]
Tags = Annotated[tuple[str, ...], BeforeValidator(lambda value: () if value is None else value)]


class Payload(BaseModel):
    """A part of an answer; what isn't named here is ignored."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


class Origin(Payload):
    """The ticket that a follow-up continues."""

    ticket_id: int | None = None


class Relation(Payload):
    """How something came about: `follow_up`, `trigger`, `merge`, …"""

    rel: Text = ""
    origin: Origin | None = Field(None, alias="from")


class Via(Payload):
    """Through which channel something came."""

    channel: Text = ""
    source: Relation = Relation.model_validate({})


class User(Payload):
    """A customer, an agent or an admin."""

    id: int | None  # /users/me answers null to somebody who isn't signed in
    name: Text = ""
    email: Text = ""
    role: Text = ""
    locale: Text = ""
    iana_time_zone: Text = ""
    organization_id: int | None = None
    tags: Tags = ()
    suspended: Flag = False


class Organization(Payload):
    """A customer's organisation with its own fields."""

    id: int
    name: Text = ""
    tags: Tags = ()
    organization_fields: dict[str, object] = {}


class Group(Payload):
    """A team of agents."""

    id: int
    name: Text = ""


class FieldValue(Payload):
    """What a ticket holds in one of the account's own fields."""

    id: int
    value: object = None

    @property
    def text(self) -> str:
        """The value as text, "" where the field holds nothing; an unticked box is nothing."""
        if isinstance(self.value, list):
            return ", ".join(str(part) for part in self.value)
        if isinstance(self.value, bool):
            return "true" if self.value else ""
        return "" if self.value is None else str(self.value)


class Ticket(Payload):
    """A ticket; `stamp` is `updated_at` as Zendesk wrote it, which safe updates must give back unchanged."""

    id: int
    status: str
    subject: Text = ""
    created_at: Instant
    updated_at: Instant
    stamp: str = Field(alias="updated_at")
    requester_id: int
    assignee_id: int | None = None
    organization_id: int | None = None
    group_id: int | None = None
    brand_id: int | None = None
    type: Text = ""
    problem_id: int | None = None
    tags: Tags = ()
    custom_fields: tuple[FieldValue, ...] = ()
    via: Via = Via()

    @property
    def filled_fields(self) -> tuple[FieldValue, ...]:
        """The account's own fields that hold something."""
        return tuple(field for field in self.custom_fields if field.text)

    @property
    def incident_of(self) -> str:
        """The problem ticket that this one reports, or ""."""
        return str(self.problem_id) if self.type == "incident" and self.problem_id else ""

    @property
    def merged(self) -> bool:
        """Whether it was closed by a merge; a follow-up inherits the tag, but isn't closed."""
        return self.status == "closed" and MERGED_TAG in self.tags

    @property
    def followup_of(self) -> str:
        """The ticket that this one continues, or ""."""
        origin = self.via.source.origin if self.via.source.rel == "follow_up" else None
        return str(origin.ticket_id) if origin and origin.ticket_id else ""


class Comment(Payload):
    """A public reply or an internal note."""

    id: int
    author_id: int
    body: Text = ""
    public: bool
    created_at: Instant
    via: Via = Via()

    @property
    def survivor(self) -> str:
        """The ticket that a merge's comment names, or ""; the words are Zendesk's English ones unless it is marked."""
        found = (BY_ITS_MARK if self.via.source.rel == "merge" else BY_ITS_WORDS).search(self.body)
        return found[1] if found else ""


class Metadata(Payload):
    """What the writer of an update left in its audit."""

    custom: dict[str, object] = {}


class AuditEvent(Payload):
    """One thing that an update did."""

    id: int
    type: Text = ""
    public: bool | None = None


class Audit(Payload):
    """One update of a ticket."""

    id: int
    author_id: int
    metadata: Metadata = Metadata()
    events: tuple[AuditEvent, ...] = ()

    @property
    def note_id(self) -> str:
        """The comment that the update added, else the update itself."""
        return next((str(event.id) for event in self.events if event.type == "Comment"), str(self.id))

    @property
    def replies(self) -> bool:
        """Whether the update added a public reply."""
        return any(event.type == "Comment" and event.public for event in self.events)


class Meta(Payload):
    """Where a list goes on."""

    has_more: bool = False
    after_cursor: Text = ""


class Sideloads(Payload):
    """People, teams and organisations that come along with what was asked for."""

    users: tuple[User, ...] = ()
    groups: tuple[Group, ...] = ()
    organizations: tuple[Organization, ...] = ()


class Export(Sideloads):
    """A page of the incremental cursor export."""

    tickets: tuple[Ticket, ...]
    after_cursor: Text = ""
    end_of_stream: bool


class ShownTicket(Sideloads):
    """One ticket."""

    ticket: Ticket


class Listing(Sideloads):
    """A page of a list."""

    meta: Meta = Meta()


class Comments(Listing):
    """A page of a ticket's comments."""

    comments: tuple[Comment, ...]


class Audits(Listing):
    """A page of a ticket's audits."""

    audits: tuple[Audit, ...]


class TicketField(Payload):
    """A field of tickets; `title` is what agents call it."""

    id: int
    title: Text = ""


class TicketFields(Listing):
    """A page of the ticket fields."""

    ticket_fields: tuple[TicketField, ...]


class JiraLink(Payload):
    """A link that the app for Jira made; rows older than 2016 have no key, and a ticket's number is text or not."""

    ticket_id: int | None = None
    issue_key: Text = ""
    created_at: Instant | None = None


class JiraLinks(Listing):
    """A page of the app's links."""

    links: tuple[JiraLink, ...]


class Count(Payload):
    """How much a search finds."""

    count: int


class Updated(Payload):
    """The answer to an update."""

    audit: Audit


class Numbered(Payload):
    """A ticket that was just created."""

    id: int


class Created(Updated):
    """The answer to a new ticket."""

    ticket: Numbered


class Me(Payload):
    """Who we are signed in as."""

    user: User


def person_kind(user: User, own_id: int) -> AuthorKind:
    """Judge somebody by their account alone."""
    if user.id == own_id:
        return AuthorKind.SELF
    if BOT_TAG in user.tags:
        return AuthorKind.BOT
    return AuthorKind.AGENT if user.role in STAFF else AuthorKind.CUSTOMER


def author_kind(comment: Comment, author: User | None, own_id: int) -> AuthorKind:
    """Judge a comment's author: what an agent's account wrote through the API or a rule was written by a program.

    An author whom Zendesk doesn't show (-1 for its own rules, or erased) counts as a bot: nothing follows from them.
    """
    if author is None:
        return AuthorKind.BOT
    kind = person_kind(author, own_id)
    by_machine = comment.via.channel in MACHINE_CHANNELS or comment.via.source.rel == "trigger"
    return AuthorKind.BOT if kind is AuthorKind.AGENT and by_machine else kind
