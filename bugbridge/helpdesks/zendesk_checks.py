"""What `doctor` says of a Zendesk account: one line for each permission, from harmless reads and from our role."""

from collections.abc import Callable, Iterator

from bugbridge.core.errors import RemoteError
from bugbridge.core.snapshots import Check
from bugbridge.helpdesks.vendors import tried
from bugbridge.helpdesks.zendesk_api import ALL_HISTORY, EXPORTING, PAGE_SIZE, ZendeskApi
from bugbridge.helpdesks.zendesk_payloads import STAFF, Export, JiraLinks, Ticket, User
from bugbridge.helpdesks.zendesk_tickets import DELETED, TicketReading
from bugbridge.http import Parameters

LINKS_A_PAGE = 1000  # what Zendesk gives of them without being asked
WHERE = "give the role in Admin Center > People > Team members"


def checks_of_role(me: User) -> Iterator[Check]:
    """Say what our role lets us write; to try it would be to write."""
    staff, admin = me.role in STAFF, me.role == "admin"
    yield _by_role("notes", me, staff, "write internal notes", "an agent or admin")
    yield _by_role("replies", me, admin, "reply under an assignee's name", "an admin")
    yield _by_role("tags", me, staff, "set tags", "an agent or admin")


def checks_of_reading(api: ZendeskApi, reading: TicketReading, find_note: Callable[[str, str], str]) -> Iterator[Check]:
    """Try the export, and with a ticket from it whatever is read ticket by ticket."""
    tickets: list[Ticket] = []
    asked: Parameters = {"start_time": ALL_HISTORY, "per_page": PAGE_SIZE}

    def export() -> None:
        page = api.read(Export, "/api/v2/incremental/tickets/cursor.json", asked, EXPORTING)
        tickets.extend(ticket for ticket in page.tickets if ticket.status != DELETED)

    yield tried("export", export, "Changed tickets can be read.")
    yield tried("fields", reading.field_names, "Names of ticket fields can be read.")
    yield tried("search", lambda: api.count("type:ticket"), "Tickets can be counted.")
    yield _jira_links(api)
    if not tickets:
        return
    last = str(tickets[-1].id)
    yield tried("comments", lambda: reading.messages(last), "Comments can be read.")
    yield tried("audits", lambda: find_note(last, "none"), "Audits, where notes are found again, can be read.")
    accounts = {ticket.organization_id for ticket in tickets if ticket.organization_id}
    yield tried("organizations", lambda: reading.missing_organizations(accounts, {}), "Organisations can be read.")


def jira_pages(api: ZendeskApi) -> Iterator[JiraLinks]:
    """Give the pages of links that the app for Jira keeps."""
    return api.pages(JiraLinks, "/api/v2/jira/links", "the links to Jira", size=LINKS_A_PAGE)


def _jira_links(api: ZendeskApi) -> Check:
    """Not every account has the app: then there is nothing to import, which is well too."""
    try:
        next(jira_pages(api))
    except RemoteError as error:
        return Check("jira_links", error.permanent, f"There are no links of the app for Jira to import: {error}")
    return Check("jira_links", well=True, sentence="Links that the app for Jira made can be imported.")


def _by_role(check: str, me: User, well: bool, what: str, needed: str) -> Check:  # noqa: FBT001 -- what was judged
    praise = f"can {what}" if well else f"must be {needed} to {what}: {WHERE}"
    return Check(check, well=well, sentence=f"{me.name} ({me.role}) {praise}.")
