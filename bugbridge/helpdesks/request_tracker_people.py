"""Who is who in Request Tracker: ourselves, agents, programs, customers."""

from collections.abc import Collection
from json import dumps
from urllib.parse import quote

from bugbridge.core.errors import NotFoundError, RemoteError
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from bugbridge.helpdesks.request_tracker_payloads import NOBODY, Account, Person
from bugbridge.helpdesks.request_tracker_queries import PERSON_FIELDS
from bugbridge.helpdesks.request_tracker_rest import Rest

OWN_ACCOUNTS_OF_RT = frozenset({"RT_System", NOBODY})
ZONES_THAT_ARE_UTC = frozenset({"UTC", "Etc/UTC", "GMT", "Etc/GMT"})
PRIVILEGED = "to be granted rights (privileged)"


class People:
    """Judges authors by what RT tells of them; each account is asked for once."""

    def __init__(self, rest: Rest, tier_field: str, bots: Collection[str]) -> None:
        """`tier_field` is a custom field of users, `bots` are login names of programs: RT marks none."""
        self._rest = rest
        self._tier_field = tier_field
        self._programs = OWN_ACCOUNTS_OF_RT | set(bots)
        self._accounts: dict[str, Account | None] = {}

    def own(self) -> Account:
        """Give the user that the token belongs to."""
        account = self._account(self._rest.own_number())
        if account is None:
            raise NotFoundError(f"{self._rest.name} doesn't know the user that {self._rest.token_name} belongs to.")
        return account

    def require_utc(self) -> None:
        """Refuse to search in another zone: RT would leave out, or repeat, hours of changes."""
        problem = self.zone_problem(self.own())
        if problem:
            raise RemoteError(problem, permanent=True)

    def zone_problem(self, own: Account) -> str:
        """Say what to do about our user's zone, "" where it is UTC."""
        if own.zone in ZONES_THAT_ARE_UTC:
            return ""
        name = self._rest.name
        return f"Set the time zone of the user {own.name} in {name} to UTC: RT reads the dates of a search in it."

    def author(self, person: Person) -> RemotePerson:
        """Put whoever wrote something into our words."""
        return self.person(person, self._kind(person.id))

    def person(self, person: Person, kind: AuthorKind) -> RemotePerson:
        """Put a user into our words; RT has no organisations of its own, only a name of one at each user.

        Whether a user is disabled it shows to admins alone, and not with a ticket.
        """
        tiers = (text for field in person.custom_fields if field.name == self._tier_field for text in field.texts)
        name = person.organization
        return RemotePerson(
            remote_id=person.id,
            kind=kind,
            name=person.real_name,
            address=person.address,
            account=RemoteAccount(remote_id=name, name=name, tier=next(tiers, "")) if name else None,
            locale=person.language.replace("_", "-"),
            zone=person.zone,
        )

    def in_full(self, person: Person) -> Person:
        """Read all of a user whom an answer only named; whoever is gone stays a name."""
        query = dumps([{"field": "Name", "value": person.id}])
        found = self._rest.page(Person, "users", {"query": query, "fields": PERSON_FIELDS}, right=PRIVILEGED)
        return next((one for one in found if one.id == person.id), person)

    def _kind(self, login: str) -> AuthorKind:
        """Judge an author: only a privileged user is an agent, whose words make links."""
        if login in self._programs:
            return AuthorKind.BOT
        if login == self.own().name:
            return AuthorKind.SELF
        account = self._account(login)
        return AuthorKind.AGENT if account is not None and account.privileged else AuthorKind.CUSTOMER

    def _account(self, login: str) -> Account | None:
        """Ask for a user once; None for one that can't be asked for by its name."""
        if login not in self._accounts:
            try:
                self._accounts[login] = self._rest.one(Account, f"user/{quote(login, safe='')}", right=PRIVILEGED)
            except NotFoundError:
                self._accounts[login] = None
        return self._accounts[login]
