"""What customers, agents and engineers write is text on every page, in every file and in every answer for programs.

The addresses are those of the table of routes, so that no new page is forgotten.
"""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from html.parser import HTMLParser
from urllib.parse import urlencode

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.model import Actor, AuthorKind, Entity
from bugbridge.render.cells import FORMULA_STARTS
from bugbridge.services import bug_words
from tests.entry.scene import START, Scene
from tests.entry.web.browsing import FORM, Page
from tests.entry.web.route_table import TABLE, Kind
from tests.entry.web.team import JSON, OWN_BUG, Team

EVERYTHING = Visitor("admin", "Admin", Role.ADMIN)
BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f"
CALCULATED = str(7 * 191)
SUBJECT, TITLE, NAME, WORKAROUND, WORDS = "subject", "title", "name", "workaround", "words"
SEARCHED = "export"
ADDRESSES = {key: entry for key, entry in TABLE.items() if key[0] == "GET" and isinstance(entry.least, Role)}
FORMS = [
    key
    for key, entry in TABLE.items()
    if key[0] == "POST" and entry.kind is Kind.ACT and isinstance(entry.least, Role) and not key[1].startswith("/api/")
]
# What an address shows besides what it shows at first.
MORE = {
    "/due": ("show=soon", "show=waiting", "show=overdue"),
    "/promises": ("show=missed",),
    "/links": ("show=issues", "show=words", "show=unlinked"),
    "/bugs/{reference:path}": ("file=timeline", "file=tickets"),
    "/sidebar/{helpdesk}/{ticket:path}": (f"q={SEARCHED}&tracker=github", "q=evil-words"),
    "/api/v1/issues": (f"q={SEARCHED}&tracker=github", "q=evil-words"),
}


def hostile(what: str) -> str:
    """Give 10,000 characters that are out to do harm wherever they are taken for more than text."""
    harm = (
        f'=HYPERLINK("javascript:alert(1)") <evil-{what} onload=alert(1)> \'"><evil-{what}> <script>alert(1)</script> '
        f"{{{{ 7*191 }}}} {{% raise %}} javascript:alert(1) {BIDI} </textarea></title><evil-{what}> {SEARCHED} "
    )
    return harm + "longword" * ((10_000 - len(harm)) // 8 + 1)


def with_hostile_words(team: Team, scene: Scene) -> Team:
    """Have everybody who could write something write what does harm."""
    store = team.app.store
    for row in store._rows("SELECT id FROM party"):  # type: ignore[attr-defined]
        store.keep_private(row["id"], Entity.PARTY, row["id"], "name", hostile(NAME))
    for row in store._rows("SELECT id FROM ticket"):  # type: ignore[attr-defined]
        store.keep_private(None, Entity.TICKET, row["id"], "subject", hostile(SUBJECT))
    issue = store.find_issue(OWN_BUG)
    assert issue is not None
    bug_words.keep_words(store, issue, hostile(WORDS))
    bug_words.add_workaround(
        store, team.app.clock, issue, hostile(WORKAROUND), "en", Actor(AuthorKind.AGENT, hostile(NAME), "web")
    )
    scene.tracker.add("github:acme/app#99", START, title=hostile(TITLE))
    (scene.config.parent / "people.csv").write_text("agent,name\nada@acme.example,=<evil-name>\n", encoding="utf-8")
    return team


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """A team that is only looked at."""
    with pytest.MonkeyPatch.context() as patch:
        scene = Scene(tmp_path_factory.mktemp("team"), patch)
        yield with_hostile_words(Team(scene, patch), scene)


class Harm(HTMLParser):
    """What of a page isn't ours, and would do something."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(page.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Judge an element."""
        known = dict(attrs)
        if tag.startswith("evil") or (tag == "script" and not (known.get("src") or "").startswith("/static/")):
            self.found.append(f"<{tag}>")
        for name, value in attrs:
            is_address = name in ("href", "src", "action", "formaction")
            if name.startswith("on") or name == "style" or (is_address and _runs(value or "")):
                self.found.append(f"<{tag} {name}={(value or '')[:40]}>")


def _runs(address: str) -> bool:
    """Whether it is no address of ours or of a site; the icon's is empty."""
    return address not in ("", "data:,") and not address.startswith(("/", "?", "#", "https://", "http://"))


def harm_of(page: Page) -> Sequence[str]:
    """Give all of an answer that isn't taken for text."""
    kind = page.headers.get("content-type", "").partition(";")[0]
    if kind == "text/html":
        marks = [f"U+{ord(mark):04X}" for mark in BIDI if mark in page.text]
        return [*Harm(page).found, *marks, *([CALCULATED] if CALCULATED in page.text else [])]
    if kind == "text/csv":
        cells = [cell for row in csv.reader(io.StringIO(page.text)) for cell in row]
        return [cell[:40] for cell in cells if cell[:1] in FORMULA_STARTS or set(BIDI) & set(cell)]
    assert kind == JSON or not page.text
    return [CALCULATED] if CALCULATED in json.dumps(page.facts if page.text else "") else []


def shown(team: Team, key: tuple[str, str]) -> Iterator[Page]:
    """Give all that an address shows: its page or facts, its lists and its file for spreadsheets."""
    path = TABLE[key].path(team.own)
    for more in ("", "format=csv", *MORE.get(key[1], ())):
        where, _, asked = path.partition("?")
        query = more if "q=" in more or not asked else f"{asked}&{more}"
        yield team.send("GET", f"{where}?{query}", b"", JSON, EVERYTHING)


@pytest.mark.parametrize("key", ADDRESSES, ids=" ".join)
def test_what_others_wrote_is_text_wherever_it_is_shown(team: Team, key: tuple[str, str]) -> None:
    """No element, no address that runs, no calculated cell or template, and no mark that turns text around."""
    for page in shown(team, key):
        assert page.status < 500
        assert harm_of(page) == []


def test_each_of_them_is_shown_somewhere(team: Team) -> None:
    """Else the test above would say nothing."""
    pages = [page for key in ADDRESSES for page in shown(team, key)]
    for kind, expected in (
        ("text/html", {SUBJECT, TITLE, NAME, WORDS, WORKAROUND}),
        ("text/csv", {NAME, WORDS}),
        (JSON, {SUBJECT, TITLE, NAME, WORDS, WORKAROUND}),
    ):
        texts = [page.text for page in pages if page.headers.get("content-type", "").startswith(kind)]
        assert {what for what in expected if any(f"evil-{what}" in text for text in texts)} == expected


@pytest.mark.parametrize("key", FORMS, ids=" ".join)
def test_so_it_is_where_a_form_leads_to(key: tuple[str, str], scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What asks once more, what says that something is wrong, and what one typed oneself."""
    team = with_hostile_words(Team(scene, monkeypatch), scene)
    entry = TABLE[key]
    said = entry.sent(team.own)
    for fields in ({name: hostile("typed") for name in said}, {**said, "act": "send"}, said):
        page = team.send("POST", entry.path(team.own), urlencode(fields).encode(), FORM, EVERYTHING)
        assert page.status < 500
        assert harm_of(page) == []
