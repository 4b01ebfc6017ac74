"""The sections of the configuration, each with what it takes and its defaults."""

import re
from datetime import date, time
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Resolutions = tuple[str, ...] | dict[Literal["fixed", "declined", "duplicate"], tuple[str, ...]]


def _web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that begins with https:// or http://")
    if parts.username or parts.password:
        raise ValueError("must not hold a user name or password; secrets come from the environment")
    return value.rstrip("/")


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


def _shaped(pattern: str, sentence: str) -> AfterValidator:
    def check(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(sentence)
        return value

    return AfterValidator(check)


def _version_pattern(value: str) -> str:
    try:
        groups = re.compile(value).groupindex
    except re.error:
        raise ValueError("must be a regular expression") from None
    if value and "version" not in groups:
        raise ValueError(r"needs a group version, as in 'released in (?P<version>\S+)'")
    return value


def _each_once(value: Resolutions) -> Resolutions:
    names = [name.lower() for meaning in value.values() for name in meaning] if isinstance(value, dict) else []
    if len(names) != len(set(names)):
        raise ValueError("a resolution can mean one thing only")
    return value


WebAddress = Annotated[str, AfterValidator(_web_address)]
ZoneName = Annotated[str, AfterValidator(_zone)]
PartName = Annotated[str, _shaped(r"[a-z0-9][a-z0-9-]*", "a name is lower-case letters, digits and -")]
Repository = Annotated[str, _shaped(r"[A-Za-z0-9-]+/[A-Za-z0-9._-]+", "a project on GitHub is OWNER/REPOSITORY")]
ProjectKey = Annotated[str, _shaped(r"[A-Z][A-Z0-9_]+", "a project on Jira is a key, such as APP")]
CustomField = Annotated[str, _shaped(r"(customfield_[0-9]{1,10})?", "a field of Jira is customfield_ and its number")]
Label = Annotated[str, _shaped(r"\S{0,50}", "a label has no spaces and at most 50 characters; empty adds none")]
LanguageTag = Annotated[str, _shaped(r"[a-z]{2}(-[A-Z]{2})?", "must be a language, such as en or pt-BR")]
Seconds = Annotated[int, Field(ge=1, le=86_400)]


class Section(BaseModel):
    """A part of the file: unknown keys are mistakes, and nothing changes after it was read."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


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


class ZendeskSettings(Section):
    """A Zendesk account: OAuth by `client_id`, or the older API token by `email`."""

    kind: Literal["zendesk"]
    url: WebAddress
    client_id: str = ""
    email: str = ""
    tier_field: str = ""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("client_secret",) if self.client_id else ("token",)

    @model_validator(mode="after")
    def _one_way_to_sign_in(self) -> "ZendeskSettings":
        if bool(self.client_id) == bool(self.email):
            raise ValueError("needs either client_id (OAuth) or email (API token), and not both")
        return self


class TokenSection(Section):
    """A part that signs in with one token."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """Which secrets the environment has to hold."""
        return ("token",)


class RequestTrackerSettings(TokenSection):
    """A Request Tracker 5; without `queues` every queue that the token may see is read."""

    kind: Literal["request_tracker"]
    url: WebAddress
    queues: tuple[str, ...] = ()
    tier_field: str = ""


class TrackerSection(TokenSection):
    """Any tracker. Nothing is written to it unless `write_back` says so; `label_from` counts customers."""

    write_back: bool = False
    public: Literal["refuse", "allow"] = "refuse"
    label: Label = "customers-waiting"
    label_from: Annotated[int, Field(ge=1, le=1_000_000)] = 10


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
    """Seconds between two runs of each of the daemon's jobs."""

    link_seconds: Seconds = 60
    sync_seconds: Seconds = 60
    plan_seconds: Seconds = 30
    send_seconds: Seconds = 10


class WebSettings(Section):
    """Where `bugbridge serve` listens: an address of this computer, 127.0.0.1 being itself alone, and a TCP port."""

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65_535)] = 8420


HelpdeskSettings = ZendeskSettings | RequestTrackerSettings
TrackerSettings = GitHubSettings | JiraSettings
