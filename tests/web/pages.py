"""Every page of the web, as it is shown to browsers. A new page needs a line in PAGES."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bugbridge.core.access import Role

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


PAGES = (
    Shown("due", Role.AGENT, "/due", at("/due")),
    Shown("policy", Role.LEAD, "/policy", at("/policy")),
    Shown("policy-edit", Role.LEAD, "/policy/edit", at("/policy/edit")),
    Shown("policy-versions", Role.LEAD, "/policy/versions", at("/policy/versions")),
    Shown("audits", Role.LEAD, "/audits", at("/audits")),
    Shown("missing", Role.AGENT, "", at("/nowhere"), status=404),
)
# Pages without a look of their own: they lead to another one, are files, or have tests of their own.
NOT_SHOWN = {"/", "/static/{name}", "/audit"}
