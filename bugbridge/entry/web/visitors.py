"""Who a token or a session stands for: read afresh at each request, so that what was taken back ends at once."""

import logging
import secrets
from typing import TYPE_CHECKING

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import ConfigError
from bugbridge.core.people import People, Person, Team
from bugbridge.core.tokens import SESSION_LASTS, Scope, Session, Token, TokenState, hash_of
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.signatures import names_secret
from bugbridge.entry.web.signing import Signer
from bugbridge.entry.web.statuses import UNAVAILABLE

if TYPE_CHECKING:
    from bugbridge.app import App

SESSION = "session"
ID_BYTES = 32
NO_LIST = "The list of people can't be read, so nobody of it can sign in: `bugbridge serve` logs what is wrong there."

log = logging.getLogger("bugbridge.serve")


class Visitors:
    """Tokens, sessions, and whom they let in."""

    def __init__(self, app: "App", token: str, signer: Signer) -> None:
        """`token` is the one of the environment, which is an admin's, "" for none."""
        self._app = app
        self._token = token
        self._signer = signer

    def by_token(self, given: str) -> Visitor | None:
        """Give whoever has this token, None for one that opens nothing."""
        if names_secret(self._token, given):
            return Visitor("web", "web", Role.ADMIN, via="token")
        return self._by_hash(hash_of(given), "token", "")

    def by_session(self, cookie: str) -> Visitor | None:
        """Give whoever signed in, None where the session is over, or what it rests on was taken back."""
        kept = self._session(cookie)
        if kept is None:
            return None
        if kept.agent:
            person = self.person(kept.agent)
            return _listed(person, kept.hash) if person else None
        if names_secret(self._environment_hash(), kept.token_hash):
            return Visitor("web", "web", Role.ADMIN, via=SESSION, session=kept.hash)
        return self._by_hash(kept.token_hash, SESSION, kept.hash)

    def person(self, agent: str) -> Person | None:
        """Give whoever of the list of people has not left. Raises Refused where it can't be read."""
        person = self.people().named_as(agent)
        return None if person is None or person.has_left(self._app.clock.now()) else person

    def agent(self, reference: str, helpdesk: str) -> Visitor | None:
        """Give whoever goes by this `HELPDESK:ID` or e-mail address, with the role and the brands of their row. None
        for one who has left, is suspended at the helpdesk, or isn't in the list where there is one."""
        people = self.people()
        one = Team(people, self._app.store.agents()).going_by(reference)
        here = one.at(helpdesk) if one else None
        if here is not None and here.suspended:
            return None
        if one is None or one.person is None:
            return None if people.persons else Visitor(reference, reference, Role.AGENT, via="app")
        person = one.person
        if person.has_left(self._app.clock.now()):
            return None
        return Visitor(person.agent, person.name, person.role, person.brands, via="app")

    def people(self) -> People:
        """Give the list of people. Raises Refused where it can't be read."""
        try:
            return self._app.people
        except ConfigError as error:
            log.warning("%s", error)
            raise Refused(UNAVAILABLE, NO_LIST) from None

    def start(self, *, token: str = "", agent: str = "") -> str:
        """Begin a session of whoever has this token or is this agent, and give the cookie for it."""
        session_id, now = secrets.token_urlsafe(ID_BYTES), self._app.clock.now()
        is_environments = names_secret(self._token, token)
        token_hash = self._environment_hash() if is_environments else hash_of(token) if token else ""
        self._app.store.start_session(Session(hash_of(session_id), token_hash, agent, now, now + SESSION_LASTS))
        return self._signer.sealed(SESSION, session_id)

    def end(self, cookie: str) -> None:
        """End a session."""
        session_id = self._signer.opened(SESSION, cookie)
        if session_id is not None:
            self._app.store.end_session(hash_of(session_id))

    def _session(self, cookie: str) -> Session | None:
        session_id = self._signer.opened(SESSION, cookie)
        return self._app.store.session(hash_of(session_id), self._app.clock.now()) if session_id else None

    def _environment_hash(self) -> str:
        """Give what stands for the environment's token: people chose it, so that a plain hash could be tried out."""
        return self._signer.signed(f"token {self._token}") if self._token else ""

    def _by_hash(self, token_hash: str, via: str, session: str) -> Visitor | None:
        token, now = self._app.store.token_by_hash(token_hash), self._app.clock.now()
        if token is None or token.state(now) is not TokenState.VALID:
            return None
        self._app.store.use_token(token, now)
        return _holder(token, via, session)


def _holder(token: Token, via: str, session: str) -> Visitor:
    writes = Scope.WRITE in token.scopes
    return Visitor(token.name, token.name, token.role, token.brands, via=via, session=session, writes=writes)


def _listed(person: Person, session: str) -> Visitor:
    return Visitor(person.agent, person.name, person.role, person.brands, via=SESSION, session=session)
