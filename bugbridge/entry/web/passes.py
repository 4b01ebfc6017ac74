"""Passes: signed texts in an address that open the sidebar where browsers send no cookies, in a helpdesk's frame.

A ticket's pass opens the sidebar of one ticket for one agent. An app's pass, which lives for minutes, says that a
helpdesk vouched for an agent, and is exchanged for a ticket's once it is known which ticket they look at. Without
BUGBRIDGE_WEB_KEY the key is made anew with each process, and passes end with it.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from bugbridge.core.access import Role, Visitor
from bugbridge.core.instants import instant_from_text, instant_to_text
from bugbridge.entry.web.limits import LONGEST_PASS
from bugbridge.entry.web.refusals import Refused
from bugbridge.entry.web.signing import Signer
from bugbridge.entry.web.statuses import FORBIDDEN, UNPROVED

PASS_FIELD, PASS_HEADER = "pass", "x-bugbridge-pass"
LONGEST, SHORTLY = timedelta(hours=12), timedelta(minutes=10)
TICKET, APP = "ticket", "app"
PURPOSE = "pass"
SIDEBAR, TICKET_API = "/sidebar/", "/api/v1/tickets/"
RUN_OUT = "This address has run out, or isn't one of ours: open the ticket anew in your helpdesk."
ONE_TICKET = "This address opens the sidebar of one ticket, and nothing else: sign in to see more."


@dataclass(frozen=True, slots=True)
class Pass:
    """What a pass says: for what it is (`HELPDESK:ID`, or a helpdesk's name), and who holds it."""

    kind: str
    subject: str
    agent: str
    until: datetime


class Passes:
    """Makes passes and knows its own."""

    def __init__(self, signer: Signer, now: Callable[[], datetime]) -> None:
        """Keep what signs."""
        self._signer = signer
        self._now = now

    def for_ticket(self, ticket: str, agent: str, lasting: timedelta = LONGEST) -> str:
        """Make one for a ticket (`HELPDESK:ID`), for as long as that is given, at most LONGEST."""
        return self._made(Pass(TICKET, ticket, agent, self._now() + min(lasting, LONGEST)))

    def for_app(self, helpdesk: str, user: str) -> str:
        """Make one for a user whom a helpdesk vouched for by its own id, on whichever ticket of it."""
        return self._made(Pass(APP, helpdesk, user, self._now() + SHORTLY))

    def agent_of_app(self, given: str, helpdesk: str) -> str:
        """Give the id of the user who holds this pass of a helpdesk's app. Raises Refused for any other text."""
        found = self._read(given)
        if found is None or (found.kind, found.subject) != (APP, helpdesk):
            raise Refused(UNPROVED, RUN_OUT)
        return found.agent

    def visitor(self, request: Request) -> Visitor | None:
        """Say whom the pass of a request was made for; None where it carries none. Raises Refused for one that doesn't
        open what it is used for. Whether they are still of the team isn't known here."""
        given = request.query_params.get(PASS_FIELD) or request.headers.get(PASS_HEADER, "")
        if not given:
            return None
        found = self._read(given)
        if found is None or found.kind != TICKET:
            raise Refused(UNPROVED, RUN_OUT)
        if not request.scope["path"].startswith((SIDEBAR, TICKET_API)):
            raise Refused(FORBIDDEN, ONE_TICKET)
        return Visitor(found.agent, found.agent, Role.AGENT, via="ticket", session=given, ticket=found.subject)

    def _made(self, one: Pass) -> str:
        content = json.dumps([one.kind, one.subject, one.agent, instant_to_text(one.until)])
        return self._signer.sealed(PURPOSE, content)

    def _read(self, given: str) -> Pass | None:
        """Give what one of ours that still holds says; nothing is read of a text that isn't signed by us."""
        content = self._signer.opened(PURPOSE, given) if len(given) <= LONGEST_PASS else None
        if content is None:
            return None
        kind, subject, agent, until = json.loads(content)
        found = Pass(kind, subject, agent, instant_from_text(until))
        return found if self._now() < found.until else None
