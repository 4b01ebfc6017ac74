"""What Request Tracker 5 and 6 answer, as far as we read it, and the texts in it.

Shapes: lib/RT/REST2/Util.pm (serialize_record, expand_uid), Resource/Collection.pm and Record/Hypermedia.pm of RT's
source, looked at on a running RT 5.0.3.
"""

from collections.abc import Iterable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from bugbridge.helpdesks.texts import text_of_html
from bugbridge.helpdesks.vendors import Instant, Text

POINTING = frozenset({"refers-to", "depends-on", "parent"})  # what a ticket points at, not what points at it
NOBODY = "Nobody"

Rows = BeforeValidator(lambda value: value or ())  # RT writes "" for an empty list


class Payload(BaseModel):
    """RT writes numbers now as numbers, now as text."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)


class CustomField(Payload):
    """A custom field with its values, which are text but for files."""

    id: str
    name: Text = ""
    values: Annotated[tuple[object, ...], Rows] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """Give what is text, in the order of the field."""
        return tuple(value for value in self.values if isinstance(value, str) and value)


class Queue(Payload):
    """A queue; RT gives the name only where it is asked for."""

    id: str
    name: Text = Field("", alias="Name")


class Person(Payload):
    """A user inside another answer, where `id` is the login name; among requestors there may be groups."""

    id: str
    type: Text = ""
    real_name: Text = Field("", alias="RealName")
    address: Text = Field("", alias="EmailAddress")
    organization: Text = Field("", alias="Organization")
    language: Text = Field("", alias="Lang")
    zone: Text = Field("", alias="Timezone")
    custom_fields: Annotated[tuple[CustomField, ...], Rows] = Field((), alias="CustomFields")


# RT gives a bare name or number where it can't put a user into its form, and nothing where there is none any more.
Somebody = Annotated[
    Person, BeforeValidator(lambda value: value if isinstance(value, dict | Person) else {"id": value or NOBODY})
]


class Hyperlink(Payload):
    """What may be done with a ticket, what it is linked to, and which custom fields we may see on it."""

    ref: str
    type: Text = ""
    name: Text = ""
    url: Text = Field("", alias="_url")


class Linked(Payload):
    """Anything that carries hyperlinks."""

    hyperlinks: Annotated[tuple[Hyperlink, ...], Rows] = Field((), alias="_hyperlinks")

    def allows(self, action: str) -> bool:
        """Tell whether RT offers us an action, such as `comment`."""
        return any(link.ref == action for link in self.hyperlinks)

    def shows_field(self, name: str) -> bool:
        """Tell whether we may see the custom field of this name here."""
        return any((link.ref, link.name) == ("customfield", name) for link in self.hyperlinks)


class Account(Linked):
    """A user asked for by name or number; RT tells us the zone of none but our own."""

    name: Text = Field("", alias="Name")
    zone: Text = Field("", alias="Timezone")
    privileged: bool = Field(alias="Privileged")


class Ticket(Linked):
    """A ticket; requestors are named in full only in a search's answer."""

    id: str
    status: str = Field(alias="Status")
    created: Instant = Field(alias="Created")
    updated: Instant = Field(alias="LastUpdated")
    queue: Queue = Field(alias="Queue")
    owner: Somebody = Field(alias="Owner")
    creator: Somebody = Field(alias="Creator")
    subject: Text = Field("", alias="Subject")
    requestors: Annotated[tuple[Person, ...], Rows] = Field((), alias="Requestor")
    custom_fields: Annotated[tuple[CustomField, ...], Rows] = Field((), alias="CustomFields")

    @property
    def survivor(self) -> str:
        """The ticket's own number, or that of the one it was merged into: asked for one, RT shows the other."""
        return self.id

    def field(self, name: str) -> CustomField | None:
        """Give the custom field of this name where the ticket's queue has it and we may see it."""
        return next((field for field in self.custom_fields if name and field.name == name), None)

    def values(self) -> tuple[tuple[str, str], ...]:
        """Give what custom fields hold, a pair for each text, by name: the order of RT's fields changes."""
        return tuple(sorted((field.name, text) for field in self.custom_fields for text in field.texts))

    def links(self) -> tuple[str, ...]:
        """Give the pages of other systems that this ticket points at."""
        pages = (link.url for link in self.hyperlinks if link.ref in POINTING and link.type == "external")
        return tuple(sorted(set(pages)))


class FoundTicket(Ticket):
    """A ticket in a search's answer, where a merged one is shown as itself."""

    effective: str = Field(alias="EffectiveId")

    @property
    def survivor(self) -> str:
        """As in the answer."""
        return self.effective


class Transaction(Payload):
    """Something that happened to a ticket; its texts are attachments."""

    id: str
    type: str = Field(alias="Type")
    created: Instant = Field(alias="Created")
    creator: Somebody = Field(alias="Creator")


class Vanishing(Payload):
    """A transaction by which a ticket left the lists: it was deleted, or took another one in."""

    id: str
    type: str = Field(alias="Type")
    created: Instant = Field(alias="Created")
    ticket: str = Field(alias="ObjectId")


class Attachment(Payload):
    """A text of a transaction, decoded; one with a file name is a file that came along."""

    id: str
    transaction: str = Field(alias="TransactionId")
    content_type: Text = Field("", alias="ContentType")
    file_name: Text = Field("", alias="Filename")
    content: Text = Field("", alias="Content")


class Page(Payload):
    """One page of any list; `total` is none where RT checks rights row by row, and leaves what is hidden out."""

    total: int | None = None
    items: tuple[dict[str, object] | None, ...]


def bodies_of(attachments: Iterable[Attachment]) -> dict[str, str]:
    """Give the text of each transaction: what is plain, else what is HTML without its tags; files are left out."""
    plain: dict[str, str] = {}
    formatted: dict[str, str] = {}
    for attachment in attachments:
        if attachment.file_name:
            continue
        is_html = attachment.content_type.startswith("text/html")
        kept, text = (formatted, text_of_html(attachment.content)) if is_html else (plain, attachment.content)
        kept[attachment.transaction] = "\n".join(filter(None, (kept.get(attachment.transaction), text)))
    return formatted | plain
