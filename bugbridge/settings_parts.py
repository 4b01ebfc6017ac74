"""The sections of the configuration, each with what it takes and its defaults."""

import re
from datetime import date, time
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from bugbridge.settings_base import Pattern, Section, WebAddress, WebAddressOrNone, shaped

Resolutions = tuple[str, ...] | dict[Literal["fixed", "declined", "duplicate"], tuple[str, ...]]


def _zone(value: str) -> str:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        raise ValueError("must be a time zone's IANA name, such as Europe/Berlin") from None
    return value


def _some(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError("must name at least one")
    return values


def _version_pattern(value: str) -> str:
    try:
        groups = re.compile(value).groupindex
    except re.error:
        raise ValueError("must be a regular expression") from None
    if value and "version" not in groups:
        raise ValueError(r"needs a group version, as in 'released in (?P<version>\S+)'")
    return value


def _naming_groups(values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not {"account", "tier"} & re.compile(value).groupindex.keys():
            raise ValueError(r"each needs a group account or tier, as in 'plan_(?P<tier>\w+)'")
    return values


def _each_once(value: Resolutions) -> Resolutions:
    names = [name.lower() for meaning in value.values() for name in meaning] if isinstance(value, dict) else []
    if len(names) != len(set(names)):
        raise ValueError("a resolution can mean one thing only")
    return value


ZoneName = Annotated[str, AfterValidator(_zone)]
PartName = Annotated[str, shaped(r"[a-z0-9][a-z0-9-]*", "a name is lower-case letters, digits and -")]
Repository = Annotated[str, shaped(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", "a project on GitHub is OWNER/REPOSITORY")]
ProjectKey = Annotated[str, shaped(r"[A-Z][A-Z0-9_]+", "a project on Jira is a key, such as APP")]
CustomField = Annotated[str, shaped(r"(customfield_[0-9]{1,10})?", "a field of Jira is customfield_ and its number")]
Label = Annotated[str, shaped(r"\S{0,50}", "a label has no spaces and at most 50 characters; empty adds none")]
LanguageTag = Annotated[str, shaped(r"[a-z]{2}(-[A-Z]{2})?", "must be a language, such as en or pt-BR")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class CalendarSettings(Section):
    """The team's working hours; `open_at` and `close_at` are wall times in `zone`."""

    zone: ZoneName = "UTC"
    country: str = ""
    subdivision: str = ""
    open_at: time = time(8)
    close_at: time = time(20)
    closures: tuple[date, ...] = ()
    always_open: bool = False

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "CalendarSettings":
        if time(0) != self.close_at <= self.open_at:
            raise ValueError("open_at must be before close_at")
        return self


class TrackerSection(Section):
    """Any tracker. Nothing is written to it unless `write_back` says so; `label_from` counts customers."""

    write_back: bool = False
    public: Literal["refuse", "allow"] = "refuse"
    label: Label = "customers-waiting"
    label_from: Annotated[int, Field(ge=1, le=1_000_000)] = 10

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("token",)


class GitHubSettings(TrackerSection):
    """GitHub or a GitHub Enterprise Server, with a token, or as an App with its private key.

    `released_label` is a pattern with a group `version`, for releases that no commit tells of.
    """

    kind: Literal["github"]
    url: WebAddress = "https://github.com"
    api_url: WebAddress = "https://api.github.com"
    projects: Annotated[tuple[Repository, ...], AfterValidator(_some)]
    in_progress_labels: tuple[str, ...] = ("in progress",)
    app_id: Annotated[int, Field(ge=0)] = 0
    installation_id: Annotated[int, Field(ge=0)] = 0
    prereleases: bool = False
    released_label: Annotated[str, AfterValidator(_version_pattern)] = ""
    reserve_percent: Annotated[int, Field(ge=0, le=90)] = 20

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("private_key",) if self.app_id else ("token",)

    @model_validator(mode="after")
    def _an_app_is_installed_somewhere(self) -> "GitHubSettings":
        if bool(self.app_id) != bool(self.installation_id):
            raise ValueError("app_id and installation_id belong together")
        return self


class JiraSettings(TrackerSection):
    """Jira Cloud with `email` and a token, or Data Center with a personal access token and no e-mail.

    `resolutions` say what counts as fixed, or as a table what counts as fixed, declined and duplicate. An issue mirrors
    the one of another tracker that its `mirror_field` names, or with `mirror_links` one of its remote links.
    """

    kind: Literal["jira"]
    url: WebAddress
    api_url: WebAddress | None = None
    email: str = ""
    projects: Annotated[tuple[ProjectKey, ...], AfterValidator(_some)]
    in_progress_labels: tuple[str, ...] = ()
    resolutions: Annotated[Resolutions, AfterValidator(_each_once)] = ("Done", "Fixed")
    dates_may_be_told: bool = False
    mirror_field: CustomField = ""
    mirror_links: bool = False


class DaemonSettings(Section):
    """Seconds between two runs of each of the daemon's jobs; the TCP port of its health, 0 for none."""

    link_seconds: Seconds = 60
    sync_seconds: Seconds = 60
    plan_seconds: Seconds = 30
    send_seconds: Seconds = 10
    health_port: Annotated[int, Field(ge=0, le=65_535)] = 0


class SendingSettings(Section):
    """`fresh_minutes` is how long ago a tracker may have been read for a message to rest on it."""

    fresh_minutes: Annotated[int, Field(ge=1, le=1_440)] = 30


class RetentionSettings(Section):
    """After how many months tickets that are over are erased; 0 keeps them."""

    months: Annotated[int, Field(ge=0, le=1200)] = 0


class NotificationSettings(Section):
    """Somebody who is told of what happened: an agent, the team or its lead, at once or in a digest, in their hours.

    `agent` is HELPDESK:ID or an e-mail address, none where the list of people names this as somebody's channel;
    `helpdesks` and `brands` narrow a team's. `at` is the wall time of a daily digest. Where zone or hours are none, the
    team's calendar has them. With `audit` they are sent the whole team's audit, too, once a month.
    """

    to: Literal["agent", "team", "lead"]
    agent: Annotated[str, shaped(r"([a-z0-9-]+:\S+|[^\s:]+@\S+)?", "an agent is HELPDESK:ID or an e-mail address")] = ""
    helpdesks: tuple[PartName, ...] = ()
    brands: tuple[str, ...] = ()
    when: Literal["at-once", "hourly", "daily"] = "at-once"
    at: time = time(9)
    zone: ZoneName | None = None
    open_at: time | None = None
    close_at: time | None = None
    audit: Literal["none", "monthly"] = "none"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("url",)

    @model_validator(mode="after")
    def _keys_belong_together(self) -> "NotificationSettings":
        if self.agent and self.to != "agent":
            raise ValueError('agent goes with to = "agent"')
        if self.to != "team" and (self.helpdesks or self.brands):
            raise ValueError('helpdesks and brands go with to = "team"')
        if self.when != "daily" and "at" in self.model_fields_set:
            raise ValueError('at goes with when = "daily"')
        if self.to == "agent" and self.audit != "none":
            raise ValueError('audit goes with to = "team" or to = "lead"')
        return self

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> "NotificationSettings":
        if (self.open_at is None) != (self.close_at is None):
            raise ValueError("open_at and close_at belong together")
        if self.open_at is not None and self.close_at is not None and time(0) != self.close_at <= self.open_at:
            raise ValueError("open_at must be before close_at")
        return self


class AccountsSettings(Section):
    """Where a customer's account and tier come from: of `order` the first that says something counts.

    `file`, which need not be there, has the columns address, domain, organization, account and tier; `tags` are
    patterns with a group `account`
    or `tier`, matched with the whole of a tag of the ticket or its organisation.
    """

    order: tuple[Literal["file", "field", "tags"], ...] = ("file", "field", "tags")
    file: str = "accounts.csv"
    tags: Annotated[tuple[Pattern, ...], AfterValidator(_naming_groups)] = ()


class PeopleSettings(Section):
    """Who receives what is due when an agent is away: `file`, which need not be there, says so person by person."""

    file: str = "people.csv"


class WebSettings(Section):
    """Where `bugbridge serve` listens: an address of this computer, 127.0.0.1 being itself alone, and a TCP port.

    `url` is where people reach it, empty where they don't. People sign in at `oidc_issuer`, an OpenID Connect provider
    that knows us by `oidc_client_id` and that they call `oidc_name`.
    """

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8420
    url: WebAddressOrNone = ""
    oidc_issuer: WebAddressOrNone = ""
    oidc_client_id: str = ""
    oidc_name: Annotated[str, Field(min_length=1, max_length=40)] = "your organisation"

    @model_validator(mode="after")
    def _can_sign_in(self) -> "WebSettings":
        if not self.oidc_issuer:
            return self
        if not self.url:
            raise ValueError("oidc_issuer needs url: the provider sends people back to it")
        if not self.oidc_client_id:
            raise ValueError("oidc_issuer needs oidc_client_id: the name by which the provider knows BugBridge")
        if not _is_private(self.oidc_issuer):
            raise ValueError("oidc_issuer must begin with https://")
        return self


def _is_private(address: str) -> bool:
    """Whether nobody in between can read what is sent there: it is encrypted, or stays on this computer."""
    parts = urlsplit(address)
    return parts.scheme == "https" or parts.hostname in {"localhost", "127.0.0.1", "::1"}


TrackerSettings = GitHubSettings | JiraSettings
