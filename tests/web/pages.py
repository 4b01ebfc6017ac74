"""Every page of the web, as it is shown to browsers. A new page needs a line in PAGES."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from bugbridge.core.access import Role
from bugbridge.core.policy_file import text_hash
from bugbridge.entry.web.paths import bug_path, round_path, sidebar_path, ticket_path
from bugbridge.settings import shipped_folder

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.web.company import Company
    from tests.web.window import Window

ADMIN, AGENT, NOBODY = "anna", "arno", ""


@dataclass(frozen=True)
class Shown:
    """One page: its name, the least role that sees it, its route, and where it is found at a company.

    `status` is what it answers, `who` is shown it, and `after` is what they press there first. A page without a
    `picture` looks as another one does.
    """

    name: str
    role: Role
    route: str
    path: Callable[["Company"], str]
    status: int = 200
    who: str = ADMIN
    after: Callable[["Page"], None] | None = None
    picture: bool = True

    def open(self, view: "Window", company: "Company") -> "Page":
        """Show it in a window."""
        if self.who:
            view.context.add_cookies([company.cookie(self.who)])
        page = view.show(company.url(self.path(company)), self.status)
        if self.after:
            self.after(page)
        return page


def at(path: str) -> Callable[["Company"], str]:
    """A page that is the same at every company."""
    return lambda _company: path


def press(name: str, heading: str) -> Callable[["Page"], None]:
    """Press a button, and wait for a heading of the page that follows."""

    def pressed(page: "Page") -> None:
        page.get_by_role("button", name=name).first.click()
        page.get_by_role("heading", name=heading).wait_for()

    return pressed


def try_policy(page: "Page") -> None:
    """Replay the policy in force on a few bugs."""
    page.get_by_label("Bugs to try it on").select_option("10")
    press("Try on our history", "Tried on our history")(page)


def change_policy(page: "Page") -> None:
    """Change a cell, and be asked whether to put it in force."""
    page.locator("input[name='grid/frequent']").fill("every 3-9 weeks")
    press("Apply…", "Put the policy")(page)


BACK = f"/policy/roll-back?version={text_hash((shipped_folder() / 'policy.toml').read_text('utf-8'))}"
BUG, TICKET, ROUND = "/bugs/{reference:path}", "/tickets/{reference:path}", "/rounds/{reference:path}"
SIDEBAR = "/sidebar/{helpdesk}/{ticket:path}"
PAGES = (
    Shown("due", Role.AGENT, "/due", at("/due")),
    Shown("due-today", Role.AGENT, "/due", at("/due?show=today"), picture=False),
    Shown("due-overdue", Role.AGENT, "/due", at("/due?show=overdue"), picture=False),
    Shown("due-waiting", Role.AGENT, "/due", at("/due?show=waiting"), picture=False),
    Shown("questions", Role.AGENT, "/questions", at("/questions")),
    Shown("promises", Role.AGENT, "/promises", at("/promises")),
    Shown("promises-open", Role.AGENT, "/promises", at("/promises?show=open"), picture=False),
    Shown("rounds", Role.AGENT, "/rounds", at("/rounds")),
    Shown("round", Role.LEAD, ROUND, lambda here: round_path(here.round())),
    Shown("round-hostile", Role.LEAD, ROUND, lambda here: round_path(here.hostile_round), picture=False),
    Shown("round-confirm", Role.LEAD, ROUND, lambda here: round_path(here.round()), after=press("Send", "Round of")),
    Shown("links", Role.AGENT, "/links", at("/links")),
    Shown("links-issues", Role.AGENT, "/links", at("/links?show=issues"), picture=False),
    Shown("links-words", Role.AGENT, "/links", at("/links?show=words"), picture=False),
    Shown("links-unlinked", Role.AGENT, "/links", at("/links?show=unlinked"), picture=False),
    Shown("sources", Role.AGENT, "/sources", at("/sources")),
    Shown("bugs", Role.AGENT, "/bugs", at("/bugs")),
    Shown("bug", Role.AGENT, BUG, lambda here: bug_path(here.round())),
    Shown("bug-hostile", Role.AGENT, BUG, lambda here: bug_path(here.hostile_bug), picture=False),
    Shown("ticket", Role.AGENT, TICKET, lambda here: ticket_path(here.linked_ticket(here.round()))),
    Shown("ticket-hostile", Role.AGENT, TICKET, lambda here: ticket_path(here.hostile), picture=False),
    Shown("sidebar", Role.AGENT, SIDEBAR, lambda here: sidebar_path(here.linked_ticket(here.round()))),
    Shown("sidebar-hostile", Role.AGENT, SIDEBAR, lambda here: sidebar_path(here.hostile), picture=False),
    Shown("sidebar-unlinked", Role.AGENT, SIDEBAR, lambda here: sidebar_path(here.unlinked_ticket()), picture=False),
    Shown(
        "sidebar-search",
        Role.AGENT,
        SIDEBAR,
        lambda here: f"{sidebar_path(here.unlinked_ticket())}?q=script&tracker=github",
        picture=False,
    ),
    Shown("found-nothing", Role.AGENT, "/find", at(f"/find?q={quote('<script>{{ 7 * 7 }}' * 20)}"), status=404),
    Shown("policy", Role.LEAD, "/policy", at("/policy")),
    Shown("policy-edit", Role.LEAD, "/policy/edit", at("/policy/edit")),
    Shown("policy-trial", Role.LEAD, "/policy/edit", at("/policy/edit"), after=try_policy),
    Shown("policy-confirm", Role.LEAD, "/policy/edit", at("/policy/edit"), after=change_policy),
    Shown("policy-roll-back", Role.LEAD, "/policy/roll-back", at(BACK)),
    Shown("policy-versions", Role.LEAD, "/policy/versions", at("/policy/versions")),
    Shown("audits", Role.LEAD, "/audits", at("/audits")),
    Shown("people", Role.ADMIN, "/people", at("/people")),
    Shown("tokens", Role.ADMIN, "/tokens", at("/tokens")),
    Shown("token-revoke", Role.ADMIN, "/tokens/revoke", at(f"/tokens/revoke?name={AGENT}")),
    Shown("trail", Role.ADMIN, "/trail", at("/trail")),
    Shown("sign-in", Role.AGENT, "/sign-in", at("/sign-in"), who=NOBODY),
    Shown("refused", Role.AGENT, "", at("/people"), status=403, who=AGENT, picture=False),
    Shown("missing", Role.AGENT, "", at("/nowhere"), status=404, picture=False),
)
# Pages without a look of their own: they lead to another one, are files, or have tests of their own.
NOT_SHOWN = {"/", "/static/{name}", "/audit"}
