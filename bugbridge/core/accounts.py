"""To which account a customer belongs, and on which plan it is: by the team's list, the helpdesk's fields, or tags."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bugbridge.core.snapshots import RemoteAccount, RemotePerson, RemoteTicket

LONGEST_TAG = 200  # characters; no team's pattern is tried on more


class AccountSource(StrEnum):
    """Who may say what a customer's account and tier are."""

    FILE = "file"
    FIELD = "field"
    TAGS = "tags"


@dataclass(frozen=True, slots=True)
class Belonging:
    """An account's name and tier as one source gives them; either may be empty."""

    account: str = ""
    tier: str = ""


@dataclass(frozen=True, slots=True)
class AccountList:
    """The team's own list. Addresses and domains are in lower case, organizations by name or id, case folded."""

    addresses: Mapping[str, Belonging] = field(default_factory=dict)
    domains: Mapping[str, Belonging] = field(default_factory=dict)
    organizations: Mapping[str, Belonging] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AccountRules:
    """Of `order` the first source that says something counts, for account and tier each; `tags` are patterns."""

    order: tuple[AccountSource, ...] = (AccountSource.FILE, AccountSource.FIELD, AccountSource.TAGS)
    listed: AccountList = AccountList()
    tags: tuple[str, ...] = ()


def with_account(ticket: RemoteTicket, rules: AccountRules) -> RemoteTicket:
    """Give the ticket with its requester's account and tier as the rules say."""
    account = account_of(ticket.requester, ticket.tags, rules)
    return replace(ticket, requester=replace(ticket.requester, account=account))


def account_of(person: RemotePerson, tags: Sequence[str], rules: AccountRules) -> RemoteAccount | None:
    """Give a customer's account with its tier.

    A tier that belongs to no account makes the customer one of their own, so that it isn't lost.
    """
    own = person.account
    tier = next((said.tier for said in _said(person, tags, rules) if said.tier), "")
    for source, said in zip(rules.order, _said(person, tags, rules), strict=True):
        if said.account:
            if source is AccountSource.FIELD and own is not None:
                return replace(own, tier=tier)
            return RemoteAccount(said.account, said.account, tier)
    return RemoteAccount(person.address or person.remote_id, person.name, tier) if tier else None


def _said(person: RemotePerson, tags: Sequence[str], rules: AccountRules) -> Iterator[Belonging]:
    """Give what each source says, in the rules' order."""
    own = person.account
    for source in rules.order:
        if source is AccountSource.FIELD:
            yield Belonging(own.remote_id, own.tier) if own else Belonging()
        elif source is AccountSource.FILE:
            yield _listed(person, rules.listed)
        else:
            yield _tagged((*tags, *(own.tags if own else ())), rules.tags)


def _listed(person: RemotePerson, listed: AccountList) -> Belonging:
    """Look somebody up by the most particular of what is known of them; what a row leaves open, the next may say."""
    address = person.address.lower()
    own = person.account
    names = (own.remote_id.casefold(), own.name.casefold()) if own else ()
    rows = [
        listed.addresses.get(address),
        *(listed.organizations.get(name) for name in names if name),
        listed.domains.get(address.rpartition("@")[2]) if "@" in address else None,
    ]
    found = [row for row in rows if row is not None]
    return Belonging(
        next((row.account for row in found if row.account), ""), next((row.tier for row in found if row.tier), "")
    )


def _tagged(tags: Iterable[str], patterns: Sequence[str]) -> Belonging:
    groups: dict[str, str] = {}
    for pattern in patterns:
        for tag in tags:
            match = re.fullmatch(pattern, tag[:LONGEST_TAG])
            found = match.groupdict() if match else {}
            groups |= {name: value for name, value in found.items() if value and name not in groups}
    return Belonging(groups.get("account", ""), groups.get("tier", ""))
