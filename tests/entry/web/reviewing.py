"""Somebody who reviews a round in a browser: reads its page, edits its drafts and presses its buttons."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser

from bugbridge.core.access import Role, Visitor
from bugbridge.core.model import AuthorKind, Entity
from bugbridge.core.replies import REPLY_HOLD
from bugbridge.core.snapshots import RemoteAccount, RemotePerson
from tests.entry.scene import BUG, Scene
from tests.entry.web.browsing import CSRF, Browser, Page

ROUND, ROUND_API = f"/rounds/{BUG}", f"/api/v1/rounds/{BUG}"


@dataclass
class Form:
    """What a form sends: its fields as they stand, and what its buttons say by their values."""

    fields: dict[str, str] = field(default_factory=dict)
    buttons: dict[str, str] = field(default_factory=dict)


class Reader(HTMLParser):
    """Reads the forms of a page as a browser does."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._is_content = False
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a form, a field or a button."""
        given = {name: value or "" for name, value in attrs}
        self._is_content = self._is_content or tag == "main"
        if not self._is_content:  # the frame has forms of its own
            return
        if tag == "form":
            self.forms.append(Form())
        elif tag == "input" and (given.get("type") != "checkbox" or "checked" in given):
            self.forms[-1].fields[given["name"]] = given["value"]
        elif tag == "textarea":
            self._inside = given["name"]
            self.forms[-1].fields[self._inside] = ""
        elif tag == "button":
            self._inside = given.get("value", "")
            self.forms[-1].buttons[self._inside] = ""

    def handle_endtag(self, tag: str) -> None:
        """Leave a field or a button."""
        if self._is_content and tag in ("textarea", "button"):
            fields = self.forms[-1].fields
            if tag == "textarea":
                fields[self._inside] = fields[self._inside].removeprefix("\n")
            self._inside = ""

    def handle_data(self, data: str) -> None:
        """Take what stands in a field or on a button."""
        if self._inside in self.forms[-1].fields if self.forms else False:
            self.forms[-1].fields[self._inside] += data
        elif self._inside:
            self.forms[-1].buttons[self._inside] += data


class Reviewer(Browser):
    """A lead who reviews the round of the scene's bug."""

    def form(self, act: str, page: Page | None = None) -> Form:
        """Give the form of a page whose button does this."""
        forms = Reader((page or self.get(ROUND)).text).forms
        return next(one for one in forms if act in one.buttons)

    def press(self, act: str, page: Page | None = None, changed: Mapping[str, str | None] | None = None) -> Page:
        """Press a button of a page, the round's as it is now for none; `changed` are fields written anew, or unticked
        for None."""
        fields = {**self.form(act, page).fields, **(changed or {})}
        return self.post(ROUND, {**{name: text for name, text in fields.items() if text is not None}, "act": act})

    def id_of(self, ticket: str) -> int:
        """Give the number by which fields name a ticket."""
        found = self.app.store.find_ticket("support", ticket.partition(":")[2])
        assert found is not None
        return found.id

    def comes_as(self, role: Role, *brands: str) -> None:
        """Be somebody else from now on."""
        known = Visitor("dana", "Dana", role, frozenset(brands) or None, via="session", session="1")
        self.application.state.web.doorkeeper.visitor = lambda _request: known

    def trail(self) -> list[tuple[str, str, str]]:
        """Give who did what to what."""
        rows = self.app.store._rows("SELECT who, did, subject FROM web_trail ORDER BY id")  # type: ignore[attr-defined]
        return [(row["who"], row["did"], row["subject"]) for row in rows]


def person(name: str, tier: str = "", locale: str = "") -> RemotePerson:
    """A customer with an organisation of a tier."""
    account = RemoteAccount(f"account of {name}", tier=tier)
    return RemotePerson(name, AuthorKind.CUSTOMER, name=f"{name.title()} Customer", account=account, locale=locale)


PEOPLE = (person("one"), person("two"), person("three", "business"), person("four", "enterprise"))


def replies(scene: Scene) -> dict[str, list[str]]:
    """What customers got, by ticket, written by nobody's hand."""
    return {
        f"support:{number}": [
            one.body
            for one in ticket.messages
            if one.public and one.author.kind is AuthorKind.AGENT and one.body != "We look into it."
        ]
        for number, ticket in scene.helpdesk._tickets.items()
    }


def sends(scene: Scene) -> None:
    """A pass, ten minutes, and another."""
    scene.say("send")
    scene.clock.at += 2 * REPLY_HOLD
    scene.read()
    scene.say("send")


def counts(lead: Reviewer) -> dict[str, int]:
    """Where the tickets stand, without what is none."""
    return {name: count for name, count in lead.get(ROUND_API).facts["counts"].items() if count}


def send_all(lead: Reviewer) -> Page:
    """Press Send, and say yes."""
    return lead.press("approve", lead.press("send"))


def approves(lead: Reviewer, number: int, words: str) -> Page:
    """Approve one ticket in words of one's own, and say yes."""
    return lead.press(f"approve {number}", lead.press(f"one {number}", changed={f"text {number}": words}))


def calls_it(lead: Reviewer, words: str) -> None:
    """Have the bug called by these words to customers."""
    issue = lead.app.store.find_issue(BUG)
    assert issue is not None
    lead.app.store.keep_private(None, Entity.BUG, issue.bug_id, "words", words)


def calls(lead: Reviewer, body: object, csrf: str = "") -> Page:
    """Post to the API as a page's script would."""
    found = CSRF.search(lead.get(ROUND).text)
    own = csrf or (found[1] if found else "")
    headers = {**lead.headers, "Content-Type": "application/json", "X-CSRF-Token": own}
    return lead._ask("POST", ROUND_API, json.dumps(body).encode(), headers, "")


def four_tickets(scene: Scene) -> list[str]:
    """Four customers report a bug that is released: two alike, one with a plan, one an enterprise's."""
    found = [scene.reported_bug(who) for who in PEOPLE]
    scene.released()
    return found
