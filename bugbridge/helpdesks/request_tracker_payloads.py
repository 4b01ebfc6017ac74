"""What Request Tracker 5 answers, as far as we read it, and the texts in it."""

from collections.abc import Iterable
from datetime import UTC
from html.parser import HTMLParser
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

KEPT_TAGS = frozenset({"pre", "code", "blockquote"})  # who looks for references must see what is code or quoted
HIDDEN_TAGS = frozenset({"head", "script", "style"})
LINE_TAGS = frozenset(
    {"address", "blockquote", "br", "div", "h1", "h2", "h3", "h4", "hr", "li", "p", "pre", "table", "tr"}
)

Text = Annotated[str, BeforeValidator(lambda value: "" if value is None else value)]
Instant = Annotated[AwareDatetime, AfterValidator(lambda instant: instant.astimezone(UTC))]
Rows = BeforeValidator(lambda value: value or ())  # RT writes "" for an empty list


class Payload(BaseModel):
    """RT writes numbers now as numbers, now as text."""

    model_config = ConfigDict(coerce_numbers_to_str=True, frozen=True)


class CustomField(Payload):
    """A custom field with its values, which are text but for files."""

    name: Text = ""
    values: Annotated[tuple[object, ...], Rows] = ()


class Queue(Payload):
    """A queue; RT gives the name only where it is asked for."""

    id: str
    name: Text = Field("", alias="Name")


class Person(Payload):
    """A user inside another answer, where `id` is the login name."""

    id: str
    real_name: Text = Field("", alias="RealName")
    address: Text = Field("", alias="EmailAddress")
    organization: Text = Field("", alias="Organization")
    language: Text = Field("", alias="Lang")
    zone: Text = Field("", alias="Timezone")
    custom_fields: Annotated[tuple[CustomField, ...], Rows] = Field((), alias="CustomFields")


class Account(Payload):
    """A user asked for by name or number; RT tells us the zone of none but our own."""

    name: str = Field(alias="Name")
    zone: Text = Field("", alias="Timezone")
    privileged: bool = Field(alias="Privileged")


class Hyperlink(Payload):
    """What may be done with a ticket, and what it is linked to."""

    ref: str
    type: Text = ""
    url: Text = Field("", alias="_url")


class Ticket(Payload):
    """A ticket; people are named in full only in a search's answer."""

    id: str
    status: str = Field(alias="Status")
    created: Instant = Field(alias="Created")
    updated: Instant = Field(alias="LastUpdated")
    queue: Queue = Field(alias="Queue")
    owner: Person = Field(alias="Owner")
    creator: Person = Field(alias="Creator")
    subject: Text = Field("", alias="Subject")
    requestors: Annotated[tuple[Person, ...], Rows] = Field((), alias="Requestor")
    custom_fields: Annotated[tuple[CustomField, ...], Rows] = Field((), alias="CustomFields")
    hyperlinks: Annotated[tuple[Hyperlink, ...], Rows] = Field((), alias="_hyperlinks")

    def references(self) -> tuple[str, ...]:
        """Give what agents link a ticket to besides notes: other systems' pages, and the text of custom fields."""
        links = [link.url for link in self.hyperlinks if link.ref == "refers-to" and link.type == "external"]
        values = [value for field in self.custom_fields for value in field.values if isinstance(value, str)]
        return (*links, *values)


class FoundTicket(Ticket):
    """A ticket in a search's answer, where a merged one names its survivor."""

    survivor: str = Field(alias="EffectiveId")


class Transaction(Payload):
    """Something that happened to a ticket; its texts are attachments."""

    id: str
    type: str = Field(alias="Type")
    created: Instant = Field(alias="Created")
    creator: Person = Field(alias="Creator")


class Attachment(Payload):
    """A text of a transaction, decoded; one with a file name is a file that came along."""

    id: str
    transaction: str = Field(alias="TransactionId")
    content_type: Text = Field("", alias="ContentType")
    file_name: Text = Field("", alias="Filename")
    content: Text = Field("", alias="Content")


class Page(Payload):
    """One page of any list."""

    items: tuple[dict[str, object], ...]


def bodies_of(attachments: Iterable[Attachment]) -> dict[str, str]:
    """Give the text of each transaction: what is plain, else what is HTML without its tags; files are left out."""
    plain: dict[str, str] = {}
    formatted: dict[str, str] = {}
    for attachment in attachments:
        if attachment.file_name:
            continue
        is_html = attachment.content_type == "text/html"
        kept, text = (formatted, text_of(attachment.content)) if is_html else (plain, attachment.content)
        kept[attachment.transaction] = "\n".join(filter(None, (kept.get(attachment.transaction), text)))
    return formatted | plain


def text_of(html: str) -> str:
    """Give the text of HTML, and the addresses of its links; tags of code and quotations stay."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines = (" ".join(line.split()) for line in "".join(reader.parts).splitlines())
    return "\n".join(line for line in lines if line)


class _Reader(HTMLParser):
    """Collects text as it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in HIDDEN_TAGS
        self._tag(tag, f"<{tag}>")
        target = dict(attrs).get("href") if tag == "a" else None
        if target:
            self.parts.append(f" {target} ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in HIDDEN_TAGS and self._hidden > 0
        self._tag(tag, f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)

    def _tag(self, tag: str, written: str) -> None:
        if tag in LINE_TAGS:
            self.parts.append("\n")
        if tag in KEPT_TAGS:
            self.parts.append(written)
