"""Every address of the web: whom it lets in, what it is, and how it is asked. A new route needs a line in TABLE.

A path is made from what it names: `own` things are in sight of the visitor, `foreign` ones belong to a brand that isn't
theirs, `missing` ones don't exist. Where all three make the same path, it names nothing that a brand could hide.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from urllib.parse import quote

from bugbridge.core.access import Role
from bugbridge.entry.web.paths import bug_path, round_path, sidebar_path, ticket_path
from tests.entry.web.asking import GITHUB_HOOK

A_TOKEN = "a-program"


class Door(Enum):
    """Who opens an address other than by a role."""

    EVERYBODY = "everybody"
    HOOK = "whoever signs as its tracker or helpdesk does"
    TOKEN = "whoever knows the team's token"
    SIGN_IN = "whoever proves who they are"


class Kind(Enum):
    """What an address is: a page for people, facts for programs, or something that is done."""

    PAGE = "page"
    API = "api"
    ACT = "act"


@dataclass(frozen=True)
class Named:
    """What a path can name: a ticket, a bug that one of its customers reported, and the bug of a round; `bug_id` is by
    what the ticket's page names its bug."""

    ticket: str
    bug: str
    round: str
    bug_id: str = "1"


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


def whole_team(kind: Kind, path: str, least: Role = Role.LEAD) -> Entry:
    """An address for leads, or admins, who see everything."""
    return Entry(least, kind, at(path), of_whole_team=True)


def of_ticket(after: str = "") -> Path:
    """A ticket's page, or what is done there."""
    return lambda named: ticket_path(named.ticket) + after


def beside_ticket(after: str = "") -> Path:
    """A ticket's sidebar, or what is done there."""
    return lambda named: sidebar_path(named.ticket) + after


def ticket_for_programs(after: str = "") -> Path:
    """The same as facts."""
    return lambda named: f"/api/v1/tickets/{named.ticket.replace(':', '/')}{after}"


def of_bug(before: str = "", after: str = "") -> Path:
    """A bug's page, or what is done there; `before` it the API's path."""
    return lambda named: before + bug_path(named.bug) + after


def of_round(before: str = "") -> Path:
    """A round's page, or its facts."""
    return lambda named: before + round_path(named.round)


def sent(**fields: object) -> Fields:
    """What is sent wherever it goes."""
    return lambda _named: fields


def a_list(path: str) -> Mapping[tuple[str, str], Entry]:
    """A list that agents see, as a page and as facts."""
    return {
        ("GET", path): Entry(Role.AGENT, Kind.PAGE, at(path)),
        ("GET", f"/api/v1{path}"): Entry(Role.AGENT, Kind.API, at(f"/api/v1{path}")),
    }


# By method and path as the application has them.
TABLE: Mapping[tuple[str, str], Entry] = {
    ("GET", "/"): Entry(Role.AGENT, Kind.PAGE, at("/")),
    **a_list("/due"),
    **a_list("/questions"),
    **a_list("/promises"),
    **a_list("/rounds"),
    **a_list("/links"),
    **a_list("/sources"),
    **a_list("/bugs"),
    ("GET", "/api/v1/bugs/ages"): Entry(Role.AGENT, Kind.API, at("/api/v1/bugs/ages")),
    ("GET", "/api/v1/due/counts"): Entry(Role.AGENT, Kind.API, at("/api/v1/due/counts")),
    ("GET", "/find"): Entry(Role.AGENT, Kind.PAGE, lambda named: f"/find?q={quote(named.ticket)}"),
    ("GET", "/api/v1/find"): Entry(Role.AGENT, Kind.API, lambda named: f"/api/v1/find?q={quote(named.ticket)}"),
    ("GET", "/api/v1/issues"): Entry(Role.AGENT, Kind.API, at("/api/v1/issues?q=export")),
    ("GET", "/tickets/{reference:path}"): Entry(Role.AGENT, Kind.PAGE, of_ticket()),
    ("POST", "/tickets/{reference:path}/link"): Entry(
        Role.AGENT, Kind.ACT, of_ticket("/link"), lambda named: {"bug": named.bug_id}
    ),
    ("POST", "/tickets/{reference:path}/unlink"): Entry(
        Role.AGENT, Kind.ACT, of_ticket("/unlink"), lambda named: {"bug": named.bug_id}
    ),
    ("GET", "/bugs/{reference:path}"): Entry(Role.AGENT, Kind.PAGE, of_bug()),
    ("GET", "/api/v1/bugs/{reference:path}"): Entry(Role.AGENT, Kind.API, of_bug("/api/v1")),
    ("POST", "/bugs/{reference:path}/words"): Entry(Role.AGENT, Kind.ACT, of_bug(after="/words"), sent(words="export")),
    ("POST", "/bugs/{reference:path}/workarounds"): Entry(
        Role.AGENT, Kind.ACT, of_bug(after="/workarounds"), sent(text="Use the old menu.")
    ),
    ("POST", "/bugs/{reference:path}/release"): Entry(
        Role.LEAD, Kind.ACT, of_bug(after="/release"), sent(version="4.3")
    ),
    ("POST", "/api/v1/bugs/{reference:path}/words"): Entry(
        Role.AGENT, Kind.ACT, of_bug("/api/v1", "/words"), sent(words="export")
    ),
    ("POST", "/api/v1/bugs/{reference:path}/workarounds"): Entry(
        Role.AGENT, Kind.ACT, of_bug("/api/v1", "/workarounds"), sent(text="Use the old menu.")
    ),
    ("POST", "/api/v1/bugs/{reference:path}/release"): Entry(
        Role.LEAD, Kind.ACT, of_bug("/api/v1", "/release"), sent(version="4.3")
    ),
    ("GET", "/rounds/{reference:path}"): Entry(Role.LEAD, Kind.PAGE, of_round()),
    ("POST", "/rounds/{reference:path}"): Entry(Role.LEAD, Kind.ACT, of_round(), sent(act="stop", round=1)),
    ("GET", "/api/v1/rounds/{reference:path}"): Entry(Role.LEAD, Kind.API, of_round("/api/v1")),
    ("POST", "/api/v1/rounds/{reference:path}"): Entry(Role.LEAD, Kind.ACT, of_round("/api/v1"), sent(stop=True)),
    ("GET", "/sidebar/{helpdesk}/{ticket:path}"): Entry(Role.AGENT, Kind.PAGE, beside_ticket()),
    ("POST", "/sidebar/{helpdesk}/{ticket:path}/acts"): Entry(
        Role.AGENT, Kind.ACT, beside_ticket("/acts"), sent(verb="told")
    ),
    ("POST", "/sidebar/{helpdesk}/{ticket:path}/checked"): Entry(
        Role.AGENT, Kind.ACT, beside_ticket("/checked"), sent(text="It is not fixed.")
    ),
    ("POST", "/sidebar/{helpdesk}/{ticket:path}/check"): Entry(
        Role.AGENT, Kind.API, beside_ticket("/check"), sent(text="It is not fixed.")
    ),
    ("POST", "/sidebar/{helpdesk}"): Entry(Door.HOOK, Kind.ACT, at("/sidebar/support")),
    ("POST", "/sidebar/{helpdesk}/{ticket:path}/pass"): Entry(Door.HOOK, Kind.ACT, beside_ticket("/pass")),
    ("GET", "/api/v1/tickets/{helpdesk}/{ticket:path}"): Entry(Role.AGENT, Kind.API, ticket_for_programs()),
    ("GET", "/api/v1/tickets/{helpdesk}/{ticket:path}/explained"): Entry(
        Role.AGENT, Kind.API, ticket_for_programs("/explained")
    ),
    ("POST", "/api/v1/tickets/{helpdesk}/{ticket:path}/acts"): Entry(
        Role.AGENT, Kind.ACT, ticket_for_programs("/acts"), sent(verb="told")
    ),
    ("GET", "/people"): Entry(Role.ADMIN, Kind.PAGE, at("/people")),
    ("GET", "/api/v1/people"): Entry(Role.ADMIN, Kind.API, at("/api/v1/people")),
    ("GET", "/tokens"): Entry(Role.ADMIN, Kind.PAGE, at("/tokens")),
    ("GET", "/api/v1/tokens"): Entry(Role.ADMIN, Kind.API, at("/api/v1/tokens")),
    ("POST", "/tokens"): Entry(
        Role.ADMIN, Kind.ACT, at("/tokens"), sent(name="new", role="agent", scope="read", brands="support:acme")
    ),
    ("GET", "/tokens/revoke"): Entry(Role.ADMIN, Kind.PAGE, at(f"/tokens/revoke?name={A_TOKEN}")),
    ("POST", "/tokens/revoke"): Entry(Role.ADMIN, Kind.ACT, at("/tokens/revoke"), sent(name=A_TOKEN)),
    ("POST", "/api/v1/tokens"): Entry(
        Role.ADMIN, Kind.ACT, at("/api/v1/tokens"), sent(name="new", brands=["support:acme"])
    ),
    ("POST", "/api/v1/tokens/{name}/revoke"): Entry(Role.ADMIN, Kind.ACT, at(f"/api/v1/tokens/{A_TOKEN}/revoke")),
    ("GET", "/trail"): whole_team(Kind.PAGE, "/trail", Role.ADMIN),
    ("GET", "/api/v1/trail"): whole_team(Kind.API, "/api/v1/trail", Role.ADMIN),
    ("GET", "/sign-in"): Entry(Door.EVERYBODY, Kind.PAGE, at("/sign-in")),
    ("POST", "/sign-in"): Entry(Door.SIGN_IN, Kind.ACT, at("/sign-in")),
    ("GET", "/sign-in/begin"): Entry(Door.SIGN_IN, Kind.ACT, at("/sign-in/begin")),
    ("GET", "/sign-in/callback"): Entry(Door.SIGN_IN, Kind.ACT, at("/sign-in/callback")),
    ("POST", "/sign-out"): Entry(Door.SIGN_IN, Kind.ACT, at("/sign-out")),
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
    ("POST", "/policy/confirm"): whole_team(Kind.ACT, "/policy/confirm"),
    ("POST", "/policy/apply"): whole_team(Kind.ACT, "/policy/apply"),
    ("GET", "/policy/roll-back"): whole_team(Kind.PAGE, "/policy/roll-back"),
    ("POST", "/policy/roll-back"): whole_team(Kind.ACT, "/policy/roll-back"),
    ("POST", "/api/v1/policy/check"): whole_team(Kind.ACT, "/api/v1/policy/check"),
    ("POST", "/api/v1/policy/try"): whole_team(Kind.ACT, "/api/v1/policy/try"),
    ("POST", "/api/v1/policy/apply"): whole_team(Kind.ACT, "/api/v1/policy/apply"),
    ("POST", "/api/v1/policy/roll-back"): whole_team(Kind.ACT, "/api/v1/policy/roll-back"),
    ("POST", GITHUB_HOOK): Entry(Door.HOOK, Kind.ACT, at(GITHUB_HOOK)),
    ("ANY", "/hooks/request_tracker/support/{secret:path}"): Entry(
        Door.HOOK, Kind.ACT, at("/hooks/request_tracker/support/not-its-secret")
    ),
}
