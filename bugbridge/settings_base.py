"""What every section of the configuration is made of, and what each kind of helpdesk says of itself.

A kind's own section stands beside its adapter, as `helpdesks/KIND_settings.py`: reading a configuration must not load
the adapter.
"""

import re
from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictBool, model_validator

FIRST_DAYS = 30


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password; secrets come from the environment")
    return value.rstrip("/")


def _web_address_or_none(value: str) -> str:
    return _web_address(value) if value else ""


def shaped(pattern: str, sentence: str) -> AfterValidator:
    """Give a check that a whole value matches a pattern; the sentence says what it must be."""

    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


def regular_expression(value: str) -> str:
    """Give a value that is a regular expression. Raises ValueError for any other."""
    try:
        re.compile(value)
    except re.error:
        raise ValueError("must be a regular expression") from None
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
WebAddressOrNone = Annotated[str, AfterValidator(_web_address_or_none)]
Pattern = Annotated[str, AfterValidator(regular_expression)]
Tag = Annotated[str, shaped(r"[\w-]{0,50}", "a tag is letters, digits, _ and -, at most 50; empty sets none")]


class Section(BaseModel):
    """A part of the file: unknown keys are mistakes, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookFormat:
    """How a helpdesk's webhooks show who sent them and which ticket they are about. Headers are in lower case.

    `ticket_paths` are the places of the ticket's id in the JSON document, keys joined by dots; the first that holds
    something counts. With a `signature_header` the body (after the timestamp, where there is one) is signed by HMAC;
    without one the secret is the last part of the address. `set_up_at` and `events` are for people. With
    `makes_secret` the vendor makes up the secret, and people copy it from there.
    """

    ticket_paths: tuple[str, ...]
    set_up_at: str
    events: tuple[str, ...]
    body: str = ""
    signature_header: str = ""
    algorithm: Literal["sha1", "sha256"] = "sha256"
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    timestamp_header: str = ""
    delivery_header: str = ""
    makes_secret: bool = False


class LinkFrom(Section):
    """Tags (`field = "tags"`) or a field of the tickets that name issues.

    What matches the whole `pattern` becomes `issue`, with \\1 for its first group; without a pattern the value is read
    as a note would be.
    """

    field: Annotated[str, Field(min_length=1)]
    pattern: Pattern = ""
    issue: str = ""

    @model_validator(mode="after")
    def _the_issue_fits_the_pattern(self) -> "LinkFrom":
        if self.issue and not self.pattern:
            raise ValueError("issue needs a pattern that it is made from")
        try:
            re.fullmatch(f"(?:{self.pattern})|", "").expand(self.issue)  # type: ignore[union-attr] # "" always matches
        except (re.error, IndexError):
            raise ValueError("issue names a group that the pattern doesn't have") from None
        return self


class HelpdeskSection(Section):
    """Any helpdesk. `first_days` is how far back the first reading goes, in days; `due_tag` is set on tickets of which
    an agent was reminded, until the customer was told; `confirm` says how an
    agent learns of a new link; `allow_replies` lets rules that say so write to customers.

    Each kind says how its webhooks look, and as `ticket_path` how a ticket's address goes on after `web_url`: a pattern
    with a group `number`.
    """

    kind: str
    first_days: Annotated[int, Field(ge=1, le=36_500)] = FIRST_DAYS
    due_tag: Tag = "bugbridge_due"
    link_from: tuple[LinkFrom, ...] = ()
    confirm: Literal["note", "tag", "none"] = "note"
    allow_replies: StrictBool = False  # "yes" in quotes is no leave to write to customers

    ticket_path: ClassVar[str]
    webhook: ClassVar[WebhookFormat]

    @property
    def web_url(self) -> str:
        """Where people see the tickets."""
        raise NotImplementedError

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("token",)
