"""Who and what the numbers on Freshdesk's tickets stand for."""

from collections.abc import Callable, Collection, Hashable, Iterator, Mapping
from typing import TypeVar

from bugbridge.core.errors import NotFoundError
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.helpdesks.freshdesk_api import SEE_AGENTS, SEE_CONTACTS, SEE_SET_UP, FreshdeskApi
from bugbridge.helpdesks.freshdesk_payloads import (
    PEOPLE,
    Account,
    Agent,
    Contact,
    Conversation,
    Named,
    Payload,
    Ticket,
    TicketField,
    field_text,
    value_text,
)
from bugbridge.helpdesks.freshdesk_zones import iana_zone

NOBODY = "0"  # the requester of a ticket whose contact was erased
MOST_KEPT = 5_000  # contacts, and companies: a first reading may meet every customer

Key = TypeVar("Key", bound=Hashable)
Model = TypeVar("Model", bound=Payload)


class Directory:
    """What seldom changes: our own agent, agents, and how groups, products and fields are called.

    It is kept as long as the daemon runs; a list of names is read again when a number is met that isn't in it.
    """

    def __init__(self, api: FreshdeskApi, bots: Collection[str]) -> None:
        """`bots` are the addresses of agents that are programs."""
        self._api = api
        self._bots = frozenset(address.casefold() for address in bots)
        self._own: Agent | None = None
        self._agents: dict[int, Agent] = {}
        self._groups: dict[int, str] = {}
        self._products: dict[int, str] = {}
        self._fields: dict[str, str] = {}

    def own(self) -> Agent:
        """Give the agent that we act as."""
        if self._own is None:
            self._own = self._api.read(Agent, "agents/me", right="to use the API")
        return self._own

    def agent(self, number: int) -> Agent | None:
        """Give an agent, or none for whoever is no agent now."""
        if number not in self._agents:
            try:
                self._agents[number] = self._api.read(Agent, f"agents/{number}", right=SEE_AGENTS)
            except NotFoundError:
                return None
        return self._agents[number]

    def kind(self, agent: Agent) -> AuthorKind:
        """Tell people from programs, and ourselves from both."""
        if agent.id == self.own().id:
            return AuthorKind.SELF
        is_program = agent.type not in PEOPLE or agent.contact.email.casefold() in self._bots
        return AuthorKind.BOT if is_program else AuthorKind.AGENT

    def group(self, ticket: Ticket) -> str:
        """Give the name of the ticket's group, or ""."""
        return self._name(self._groups, ticket.group_id, "groups")

    def brand(self, ticket: Ticket) -> str:
        """Give the name of the ticket's product, or ""."""
        return self._name(self._products, ticket.product_id, "products")

    def fields(self, ticket: Ticket) -> tuple[tuple[str, str], ...]:
        """Give the team's own fields that hold something, as agents see them called."""
        held = ((key, value_text(value)) for key, value in ticket.custom_fields.items())
        return tuple((_found(self._fields, key, self._field_names) or key, text) for key, text in held if text)

    def _name(self, known: dict[int, str], number: int | None, path: str) -> str:
        if number is None:
            return ""

        def load() -> dict[int, str]:
            return {named.id: named.name for named in self._api.pages(Named, path, right=SEE_SET_UP)}

        return _found(known, number, load) or str(number)

    def _field_names(self) -> dict[str, str]:
        return dict(self._labels())

    def _labels(self) -> Iterator[tuple[str, str]]:
        for field in self._api.pages(TicketField, "ticket_fields", right=SEE_SET_UP):
            yield field.name, field.label
            yield from ((nested.name, nested.label) for nested in field.nested)


class People:
    """The people of one reading: each contact and company is asked for once in it."""

    def __init__(self, api: FreshdeskApi, directory: Directory, tier_field: str) -> None:
        """`tier_field` is the key of a field of companies, or of contacts who have none."""
        self._api = api
        self._directory = directory
        self._tier_field = tier_field
        self._contacts: dict[int, Contact | None] = {}
        self._accounts: dict[int, Account | None] = {}
        self._agents: dict[int, Agent | None] = {}

    def requester(self, ticket: Ticket) -> RemotePerson:
        """Give who asks, with the company that the ticket was written for, else their own."""
        contact = self._contact(ticket.requester_id)
        if contact is None:
            return self.agent(ticket.requester_id) or _stranger(ticket.requester_id)
        return _customer(contact, self._account_of(contact, ticket.company_id or contact.company_id))

    def agent(self, number: int | None) -> RemotePerson | None:
        """Give an agent, or none for whoever is no agent now."""
        agent = self._agent(number)
        if agent is None:
            return None
        contact = agent.contact
        return RemotePerson(
            remote_id=str(agent.id),
            kind=self._directory.kind(agent),
            name=contact.name,
            address=contact.email,
            locale=contact.language,
            zone=iana_zone(contact.time_zone),
            suspended=agent.deactivated,
        )

    def author(self, conversation: Conversation) -> RemotePerson:
        """Give who wrote a reply or a note."""
        number = conversation.user_id
        agent = None if conversation.incoming else self._agent(number)
        kind = conversation.kind(self._directory.kind(agent) if agent else None)
        if agent is not None:
            return RemotePerson(str(number), kind, agent.contact.name, agent.contact.email)
        contact = self._contact(number)
        if contact is None:
            return RemotePerson(str(number or NOBODY), kind)
        return RemotePerson(str(number), kind, contact.name, contact.email)

    def _agent(self, number: int | None) -> Agent | None:
        if number is None:
            return None
        if number not in self._agents:
            self._agents[number] = self._directory.agent(number)
        return self._agents[number]

    def _contact(self, number: int | None) -> Contact | None:
        return self._once(self._contacts, Contact, "contacts", number)

    def _account_of(self, contact: Contact, number: int | None) -> RemoteAccount | None:
        """Give the company; somebody without one who has a plan of their own is an account of one."""
        account = self._once(self._accounts, Account, "companies", number)
        if account is not None:
            return RemoteAccount(str(account.id), account.name, account.tier(self._tier_field))
        tier = field_text(contact.custom_fields, self._tier_field)
        return RemoteAccount(f"contact-{contact.id}", tier=tier) if tier else None

    def _once(self, kept: dict[int, Model | None], model: type[Model], path: str, number: int | None) -> Model | None:
        if number is None:
            return None
        if number not in kept:
            if len(kept) >= MOST_KEPT:
                kept.clear()
            try:
                kept[number] = self._api.read(model, f"{path}/{number}", right=SEE_CONTACTS)
            except NotFoundError:
                kept[number] = None
        return kept[number]


def _customer(contact: Contact, account: RemoteAccount | None) -> RemotePerson:
    return RemotePerson(
        remote_id=str(contact.id),
        kind=AuthorKind.CUSTOMER,
        name=contact.name,
        address=contact.email,
        account=account,
        locale=contact.language,
        zone=iana_zone(contact.time_zone),
    )


def _stranger(number: int | None) -> RemotePerson:
    return RemotePerson(str(number or NOBODY), AuthorKind.CUSTOMER)


def _found(known: dict[Key, str], key: Key, load: Callable[[], Mapping[Key, str]]) -> str:
    """Look a name up, and in the list that is loaded where it isn't known yet; "" where it isn't there either."""
    if key not in known:
        known.update({key: "", **load()})
    return known[key]
