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
    """An account's name and tier as one source gives them, either of which may be empty; `own_tier` is one that was
    said of the customer alone, by their address or a tag of their ticket, and not of all their account."""

    account: str = ""
    tier: str = ""
    own_tier: str = ""


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
    return replace(ticket, requester=with_belonging(ticket.requester, ticket.tags, rules))


def with_belonging(person: RemotePerson, tags: Sequence[str], rules: AccountRules) -> RemotePerson:
    """Give a customer with the account and tiers that they have.

    The first source that says something counts: of the account, and of the tier. A tier that was said of the person
    alone never becomes their colleagues'.
    """
    said = tuple(_said(person, tags, rules))
    first = next((one for one in said if one.own_tier or one.tier), Belonging())
    account = _account(person, said, rules, next((one.tier for one in said if one.tier), ""))
    return replace(person, account=account, tier=first.own_tier or _cleared(rules))


def _cleared(rules: AccountRules) -> str | None:
    """Without patterns of tags nothing said means that nothing holds; a ticket without a tag says nothing of others."""
    return None if rules.tags else ""


def _account(person: RemotePerson, said: Sequence[Belonging], rules: AccountRules, tier: str) -> RemoteAccount | None:
    for source, one in zip(rules.order, said, strict=True):
        if one.account:
            if source is AccountSource.FIELD and person.account is not None:
                return replace(person.account, tier=tier)
            return RemoteAccount(one.account, one.account, tier)
    return None


def _said(person: RemotePerson, tags: Sequence[str], rules: AccountRules) -> Iterator[Belonging]:
    """Give what each source says, in the rules' order."""
    own = person.account
    for source in rules.order:
        if source is AccountSource.FIELD:
            yield Belonging(own.remote_id, own.tier) if own else Belonging()
        elif source is AccountSource.FILE:
            yield _listed(person, rules.listed)
        else:
            of_ticket, of_account = _tagged(tags, rules.tags), _tagged(own.tags if own else (), rules.tags)
            yield Belonging(of_ticket.account or of_account.account, of_account.tier, of_ticket.tier)


def _listed(person: RemotePerson, listed: AccountList) -> Belonging:
    """Look somebody up by the most particular of what is known of them; what a row leaves open, the next may say."""
    address = person.address.lower()
    own = person.account
    names = (own.remote_id.casefold(), own.name.casefold()) if own else ()
    of_person = listed.addresses.get(address, Belonging())
    rows = [
        *(listed.organizations.get(name) for name in names if name),
        listed.domains.get(address.rpartition("@")[2]) if "@" in address else None,
    ]
    found = [row for row in rows if row is not None]
    account = next((row.account for row in (of_person, *found) if row.account), "")
    return Belonging(account, next((row.tier for row in found if row.tier), ""), of_person.tier)


def _tagged(tags: Iterable[str], patterns: Sequence[str]) -> Belonging:
    groups: dict[str, str] = {}
    for pattern in patterns:
        for tag in tags:
            match = re.fullmatch(pattern, tag[:LONGEST_TAG])
            found = match.groupdict() if match else {}
            groups |= {name: value for name, value in found.items() if value and name not in groups}
    return Belonging(groups.get("account", ""), groups.get("tier", ""))
