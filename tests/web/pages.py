"""Every page of the web, as it is shown to browsers. A new page needs a line in PAGES."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bugbridge.core.access import Role, Visitor
from bugbridge.entry.web.paths import bug_path, round_path, sidebar_path, ticket_path

if TYPE_CHECKING:
    from tests.web.company import Company


@dataclass(frozen=True)
class Shown:
    """One page: its name, whose it is, its route, and where it is found at a company."""

    name: str
    role: Role
    route: str
    path: Callable[["Company"], str]
    status: int = 200


def at(path: str) -> Callable[["Company"], str]:
    """A page that is the same at every company."""
    return lambda _company: path


def waiting_round(company: "Company") -> str:
    """The bug whose round waits first."""
    return company.app.store.board_rounds(Visitor("admin", "Admin", Role.ADMIN), (0, "")).rows[0].bug


PAGES = (
    Shown("due", Role.AGENT, "/due", at("/due")),
    Shown("questions", Role.AGENT, "/questions", at("/questions")),
    Shown("promises", Role.AGENT, "/promises", at("/promises")),
    Shown("rounds", Role.AGENT, "/rounds", at("/rounds")),
    Shown("round", Role.LEAD, "/rounds/{reference:path}", lambda here: round_path(waiting_round(here))),
    Shown("links", Role.AGENT, "/links", at("/links")),
    Shown("sources", Role.AGENT, "/sources", at("/sources")),
    Shown("bugs", Role.AGENT, "/bugs", at("/bugs")),
    Shown("bug", Role.AGENT, "/bugs/{reference:path}", lambda here: bug_path(waiting_round(here))),
    Shown("ticket", Role.AGENT, "/tickets/{reference:path}", lambda here: ticket_path(here.hostile)),
    Shown("sidebar", Role.AGENT, "/sidebar/{helpdesk}/{ticket:path}", lambda here: sidebar_path(here.hostile)),
    Shown("found-nothing", Role.AGENT, "/find", at("/find?q=nothing"), status=404),
    Shown("people", Role.ADMIN, "/people", at("/people")),
    Shown("tokens", Role.ADMIN, "/tokens", at("/tokens")),
    Shown("trail", Role.ADMIN, "/trail", at("/trail")),
    Shown("policy", Role.LEAD, "/policy", at("/policy")),
    Shown("policy-edit", Role.LEAD, "/policy/edit", at("/policy/edit")),
    Shown("policy-versions", Role.LEAD, "/policy/versions", at("/policy/versions")),
    Shown("audits", Role.LEAD, "/audits", at("/audits")),
    Shown("missing", Role.AGENT, "", at("/nowhere"), status=404),
)
# Pages without a look of their own: they lead to another one, are files, or have tests of their own.
NOT_SHOWN = {"/", "/static/{name}", "/audit", "/sign-in"}
