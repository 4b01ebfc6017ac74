"""A team of two brands with a ticket each, a round in each, and visitors of each role who see one of the brands."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlencode

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from bugbridge.core.access import Role, Visitor
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson
from bugbridge.entry.web.application import web_application
from bugbridge.entry.web.doorkeeping import CSRF_HEADER, Doorkeeper
from bugbridge.helpdesks.memory import AGENT
from tests.entry.scene import START, Scene
from tests.entry.web.asking import SECRET, Web, answer
from tests.entry.web.browsing import FORM, HERE, Page
from tests.entry.web.guests import made_token
from tests.entry.web.route_table import A_TOKEN, Entry, Kind, Named

TOKEN = "a-token-of-the-team-alone"
JSON = "application/json"
OWN_BRAND, FOREIGN_BRAND = "acme", "other"
OWN_BUG, FOREIGN_BUG = "github:acme/app#12", "github:acme/app#13"
LIVE_FOR = timedelta(days=5)
SECRETS = {"github": SECRET, "support": SECRET}
ANY = "ANY"


def visitor(role: Role) -> Visitor:
    """Somebody with a role, who sees one brand of the two."""
    return Visitor(role.word, f"Somebody, {role.word}", role, frozenset({f"support:{OWN_BRAND}"}), "session", "s")


def who_may(entry: Entry, role: Role) -> Visitor:
    """The same, who sees both where that is asked for."""
    return replace(visitor(role), brands=None) if entry.of_whole_team else visitor(role)


def routes_of(application: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and path that the application takes; HEAD goes with GET."""
    for context in iter_route_contexts(application.routes):
        route = context.original_route
        methods = set(getattr(route, "methods", None) or {ANY}) - {"HEAD"}
        yield from ((method, str(getattr(route, "path"))) for method in methods)  # noqa: B009 - routes of two libraries


class Team(Web):
    """The web of both brands."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self._monkeypatch = monkeypatch
        own, foreign = _reported(scene, OWN_BUG, OWN_BRAND), _reported(scene, FOREIGN_BUG, FOREIGN_BRAND)
        scene.read()
        scene.say("go-live", "--from", f"{START - LIVE_FOR:%Y-%m-%d}", "--yes")
        for bug in (OWN_BUG, FOREIGN_BUG):
            scene.tracker.close(bug, START)
        scene.say("sync")
        for bug in (OWN_BUG, FOREIGN_BUG):
            scene.say("release", bug, "4.2")
        scene.say("plan")
        made_token(scene, A_TOKEN, "--brand", f"support:{OWN_BRAND}")
        super().__init__(scene, {"github": SECRET})
        self.application = web_application(self.app, SECRETS, self.woken.append, TOKEN)
        self.own = Named(own, OWN_BUG, OWN_BUG, self._id_of(OWN_BUG))
        self.foreign = Named(foreign, FOREIGN_BUG, FOREIGN_BUG, self._id_of(FOREIGN_BUG))
        self.missing = Named("support:999999", "github:acme/app#999999", "github:acme/app#999999")

    def ask(self, method: str, entry: Entry, named: Named, who: Visitor | None, **more: str) -> Page:
        """Ask as a visitor, None for somebody whom nobody knows, and send what belongs there; `more` are headers."""
        verb, sent = ("POST" if method == ANY else method), entry.sent(named)
        is_form = entry.kind is Kind.ACT and not entry.path(named).startswith("/api/")
        body = urlencode(sent) if is_form else json.dumps(sent)
        return self.send(verb, entry.path(named), body.encode(), FORM if is_form else JSON, who, **more)

    def send(self, method: str, path: str, body: bytes, kind: str, who: Visitor | None, **more: str) -> Page:
        """Send anything as a visitor, with the mark of our own forms; `more` are headers."""
        with self._seen_as(who):
            csrf = self.application.state.web.doorkeeper.csrf(who) if who else ""
            headers = {**HERE, "Content-Type": kind, CSRF_HEADER: csrf, **more}
            where, _, query = path.partition("?")
            # A server gives the path decoded, with the / that stands as %2F in a reference.
            return page_of(answer(self.application, unquote(where), [body], headers, method, query))

    def _id_of(self, bug: str) -> str:
        issue = self.app.store.find_issue(bug)
        return str(issue.bug_id) if issue else ""

    @contextmanager
    def _seen_as(self, who: Visitor | None) -> Iterator[None]:
        def visitor_of(_door: Any, _request: Any) -> Visitor | None:
            return who

        with self._monkeypatch.context() as patch:
            patch.setattr(Doorkeeper, "visitor", visitor_of)
            yield


def page_of(sent: Sequence[Mapping[str, Any]]) -> Page:
    """Put an answer's pieces together."""
    told = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
    return Page(int(sent[0]["status"]), told, b"".join(part.get("body", b"") for part in sent[1:]).decode())


def _reported(scene: Scene, bug: str, brand: str) -> str:
    """Have as many customers of a brand report a bug as make a round; gives the first one's ticket."""
    scene.tracker.add(bug, START - LIVE_FOR)
    customers = [RemotePerson(f"{brand}-{one}", AuthorKind.CUSTOMER, name=f"{one} of {brand}") for one in "abcd"]
    tickets = [scene.helpdesk.add_ticket(START - LIVE_FOR, requester=one, brand=brand) for one in customers]
    for ticket in tickets:
        scene.helpdesk.write(ticket, AGENT, "We look into it.", START - LIVE_FOR, public=True)
        scene.helpdesk.write(ticket, AGENT, f"That is {bug.partition(':')[2]}.", START - LIVE_FOR, public=False)
    return f"support:{tickets[0]}"
