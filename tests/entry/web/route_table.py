"""Every address of the web: whom it lets in, what it is, and how it is asked. A new route needs a line in TABLE.

A path is made from what it names: `own` things are in sight of the visitor, `foreign` ones belong to a brand that isn't
theirs, `missing` ones don't exist. Where all three make the same path, it names nothing that a brand could hide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from bugbridge.core.access import Role
from tests.entry.web.asking import GITHUB_HOOK


class Door(Enum):
    """Who opens an address other than by a role."""

    EVERYBODY = "everybody"
    HOOK = "whoever signs as its tracker or helpdesk does"
    TOKEN = "whoever knows the team's token"


class Kind(Enum):
    """What an address is: a page for people, facts for programs, or something that is done."""

    PAGE = "page"
    API = "api"
    ACT = "act"


@dataclass(frozen=True)
class Named:
    """What a path can name: a ticket, a bug that one of its customers reported, and the bug of a round."""

    ticket: str
    bug: str
    round: str


Path = Callable[[Named], str]
Fields = Callable[[Named], Mapping[str, object]]


@dataclass(frozen=True)
class Entry:
    """One route. `sent` are the fields of a page's form, or of the JSON of an address of the API; what is
    `of_whole_team` is for those from whom no brand is hidden."""

    least: Role | Door
    kind: Kind
    path: Path
    sent: Fields = field(default=lambda _named: {})
    of_whole_team: bool = False


def at(path: str) -> Path:
    """An address that names nothing."""
    return lambda _named: path


def whole_team(kind: Kind, path: str) -> Entry:
    """An address for leads who see everything."""
    return Entry(Role.LEAD, kind, at(path), of_whole_team=True)


# By method and path as the application has them.
TABLE: Mapping[tuple[str, str], Entry] = {
    ("GET", "/"): Entry(Role.AGENT, Kind.PAGE, at("/")),
    ("GET", "/due"): Entry(Role.AGENT, Kind.PAGE, at("/due")),
    ("GET", "/api/v1/due"): Entry(Role.AGENT, Kind.API, at("/api/v1/due")),
    ("GET", "/api/openapi.json"): Entry(Role.AGENT, Kind.API, at("/api/openapi.json")),
    ("GET", "/static/{name}"): Entry(Door.EVERYBODY, Kind.PAGE, at("/static/style.css")),
    ("GET", "/healthz"): Entry(Door.EVERYBODY, Kind.API, at("/healthz")),
    ("GET", "/readyz"): Entry(Door.EVERYBODY, Kind.API, at("/readyz")),
    ("GET", "/metrics"): Entry(Door.EVERYBODY, Kind.API, at("/metrics")),
    ("GET", "/audit"): Entry(Door.TOKEN, Kind.PAGE, at("/audit")),
    ("GET", "/api/v1/audit"): Entry(Door.TOKEN, Kind.API, at("/api/v1/audit")),
    ("POST", "/api/v1/check-reply"): Entry(
        Role.AGENT, Kind.API, at("/api/v1/check-reply"), lambda _named: {"text": "It is not fixed."}
    ),
    ("GET", "/policy"): Entry(Role.LEAD, Kind.PAGE, at("/policy")),
    ("GET", "/policy/versions"): Entry(Role.LEAD, Kind.PAGE, at("/policy/versions")),
    ("GET", "/api/v1/policy"): Entry(Role.LEAD, Kind.API, at("/api/v1/policy")),
    ("GET", "/api/v1/policy/versions"): Entry(Role.LEAD, Kind.API, at("/api/v1/policy/versions")),
    ("GET", "/policy/edit"): whole_team(Kind.PAGE, "/policy/edit"),
    ("GET", "/audits"): whole_team(Kind.PAGE, "/audits"),
    ("POST", "/policy/edit"): whole_team(Kind.ACT, "/policy/edit"),
    ("POST", "/policy/try"): whole_team(Kind.ACT, "/policy/try"),
    ("POST", "/policy/apply"): whole_team(Kind.ACT, "/policy/apply"),
    ("POST", "/policy/roll-back"): whole_team(Kind.ACT, "/policy/roll-back"),
    ("POST", "/api/v1/policy/try"): whole_team(Kind.ACT, "/api/v1/policy/try"),
    ("POST", "/api/v1/policy/apply"): whole_team(Kind.ACT, "/api/v1/policy/apply"),
    ("POST", "/api/v1/policy/roll-back"): whole_team(Kind.ACT, "/api/v1/policy/roll-back"),
    ("POST", GITHUB_HOOK): Entry(Door.HOOK, Kind.ACT, at(GITHUB_HOOK)),
    ("ANY", "/hooks/request_tracker/support/{secret:path}"): Entry(
        Door.HOOK, Kind.ACT, at("/hooks/request_tracker/support/not-its-secret")
    ),
}
