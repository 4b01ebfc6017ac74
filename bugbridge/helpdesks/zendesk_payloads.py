"""What Zendesk's Support API answers, as far as we read it, and who in it is who.

Sources: developer.zendesk.com, api-reference/ticketing: tickets/tickets, tickets/ticket_comments,
tickets/ticket_audits, users/users, organizations/organizations, ticket-management/incremental_exports and
oauth/grant_type_tokens; documentation/ticketing/reference-guides/via-object-reference.
"""

from datetime import UTC
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

from bugbridge.core.model import AuthorKind

STAFF = frozenset({"agent", "admin"})
MACHINE_CHANNELS = frozenset({"api", "rule", "system", "automatic_solution_suggestions", "answer_bot_for_agents"})
BOT_TAG = "bot"

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Instant = Annotated[AwareDatetime, AfterValidator(lambda instant: instant.astimezone(UTC))]


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
    tags: tuple[str, ...] = ()


class Organization(Payload):
    """A customer's organisation with its own fields."""

    id: int
    name: Text = ""
    organization_fields: dict[str, object] = {}


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
    brand_id: int | None = None
    via: Via = Via()

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


class Metadata(Payload):
    """What the writer of an update left in its audit."""

    custom: dict[str, object] = {}


class AuditEvent(Payload):
    """One thing that an update did."""

    id: int
    type: Text = ""


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


class Meta(Payload):
    """Where a list goes on."""

    has_more: bool = False
    after_cursor: Text = ""


class Sideloads(Payload):
    """People and organisations that come along with what was asked for."""

    users: tuple[User, ...] = ()
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


class Updated(Payload):
    """The answer to an update."""

    audit: Audit


class Me(Payload):
    """Who we are signed in as."""

    user: User


class Grant(Payload):
    """An access token; `expires_in` in seconds."""

    access_token: str
    expires_in: int


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
