"""Who asks in Help Scout and for whom: customers, their companies, and the inboxes by name.

Conversations name a customer, and customers a company, so each costs a request; in one reading each is asked for once.
"""

from collections.abc import Iterator

from bugbridge.core.errors import NotFoundError
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import Check, RemoteAccount, RemotePerson
from bugbridge.helpdesks.help_scout_client import HelpScoutClient
from bugbridge.helpdesks.help_scout_payloads import (
    CUSTOMER,
    Company,
    CompanyProperties,
    Customer,
    CustomerProperties,
    Mailboxes,
    Person,
    value_of,
)

RIGHT = "to see customers and companies (Manage > Users > Permissions)"


class Directory:
    """What is known of people for one reading; errors as HelpScoutClient's."""

    def __init__(self, client: HelpScoutClient, tier_field: str) -> None:
        """Ask nothing yet. `tier_field` is the slug or the name of a property that holds the plan."""
        self._client = client
        self._tier_field = tier_field
        self._requesters: dict[str, RemotePerson] = {}
        self._companies: dict[str, Company | None] = {}
        self._inboxes: dict[str, str] | None = None

    def requester(self, person: Person) -> RemotePerson:
        """Give who asks, with their account."""
        if person.id not in self._requesters:
            self._requesters[person.id] = self._requester(person)
        return self._requesters[person.id]

    def inbox(self, mailbox_id: str) -> str:
        """Give an inbox's name, else its id."""
        if self._inboxes is None:
            self._inboxes = {
                mailbox.id: mailbox.name
                for page in self._client.pages(Mailboxes, "/v2/mailboxes", {}, right="to see the inboxes")
                for mailbox in page.mailboxes
            }
        return self._inboxes.get(mailbox_id) or mailbox_id

    def _requester(self, person: Person) -> RemotePerson:
        kind = AuthorKind.CUSTOMER if person.type in ("", CUSTOMER) else AuthorKind.AGENT
        customer = self._customer(person) if kind is AuthorKind.CUSTOMER else None
        if customer is None:
            return RemotePerson(person.id, kind, person.name, person.email)
        address = person.email or next((each.value for each in customer.addresses), "")
        name = f"{customer.first} {customer.last}".strip() or person.name
        return RemotePerson(person.id, kind, name, address, self._account(customer))

    def _customer(self, person: Person) -> Customer | None:
        """Give a customer, None for one who was erased."""
        try:
            return self._client.read(Customer, f"/v2/customers/{person.id}", right=RIGHT)
        except NotFoundError:
            return None

    def _account(self, customer: Customer) -> RemoteAccount | None:
        """Give a customer's company; somebody who has a plan and no company is an account of their own."""
        own_tier = value_of(customer.properties, self._tier_field)
        company = self._company(customer.company_id)
        if company is not None:
            return RemoteAccount(company.id, company.name, value_of(company.properties, self._tier_field) or own_tier)
        if customer.company:
            return RemoteAccount(customer.company, customer.company, own_tier)
        return RemoteAccount(f"customer-{customer.id}", tier=own_tier) if own_tier else None

    def _company(self, company_id: str) -> Company | None:
        if not (company_id.isascii() and company_id.isdigit()):
            return None
        if company_id not in self._companies:
            asked = {"includeProperties": "true"}
            try:
                self._companies[company_id] = self._client.read(
                    Company, f"/v2/organizations/{company_id}", asked, right=RIGHT
                )
            except NotFoundError:
                self._companies[company_id] = None
        return self._companies[company_id]


def inbox_names(client: HelpScoutClient) -> Iterator[str]:
    """Give the names of the inboxes that our user may see."""
    for page in client.pages(Mailboxes, "/v2/mailboxes", {}, right="to see the inboxes"):
        yield from (mailbox.name for mailbox in page.mailboxes)


def tier_check(client: HelpScoutClient, tier_field: str) -> Check:
    """Tell whether there is a property from which the plan can be read."""
    companies = client.read(CompanyProperties, "/v2/organizations/properties", right=RIGHT)
    customers = client.read(CustomerProperties, "/v2/customer-properties", right=RIGHT)
    known = [name for each in (*companies.properties, *customers.properties) for name in (each.slug, each.name)]
    if tier_field in known:
        return Check("tier_field", well=True, sentence=f"The plan is read from the property {tier_field}.")
    sentence = (
        f"Neither companies nor customers in {client.name} have a property {tier_field!r}: correct tier_field, "
        "or add the property there."
    )
    return Check("tier_field", well=False, sentence=sentence)
