"""What holds for every request and every answer, whichever address: limits of bodies, and what browsers are told."""

import asyncio
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from typing import Any

import pytest

from bugbridge.core.access import Role
from bugbridge.core.errors import DataError
from bugbridge.entry.web.guard import Guard
from bugbridge.entry.web.limits import BODY_LIMIT
from tests.entry.scene import Scene
from tests.entry.web.asking import GITHUB_HOOK, answer
from tests.entry.web.browsing import FORM, HERE, Page
from tests.entry.web.route_table import TABLE, Door
from tests.entry.web.team import JSON, TOKEN, Team, page_of, visitor, who_may

TOLD = {"content-security-policy", "referrer-policy", "x-content-type-options", "cache-control"}
READING_NOTHING = {"/sidebar/{helpdesk}/{ticket:path}/pass", "/api/v1/tokens/{name}/revoke"}
TAKING = [key for key in TABLE if key[0] != "GET" and key[1] not in READING_NOTHING]
BROWSER = {**HERE, "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
WORDS = "a customer's words"


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Team]:
    """Nobody's requests are carried out here."""
    with pytest.MonkeyPatch.context() as patch:
        yield Team(Scene(tmp_path_factory.mktemp("team"), patch), patch)


def _harmless(page: Page) -> None:
    """Nothing inline runs, nothing is guessed, nothing tells other sites, and nobody learns what serves it."""
    assert page.headers.keys() >= TOLD
    policy = page.headers["content-security-policy"]
    assert ("default-src 'none'" in policy, "unsafe" in policy) == (True, False)
    assert "frame-ancestors " in policy
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] in {"no-referrer", "same-origin"}
    assert "server" not in page.headers


@pytest.mark.parametrize("key", TABLE, ids=" ".join)
def test_every_answer_tells_browsers_that_it_is_harmless(team: Team, key: tuple[str, str]) -> None:
    """What is shown, what is refused, and what isn't there."""
    for who, named in ((visitor(Role.LEAD), team.own), (None, team.own), (visitor(Role.LEAD), team.missing)):
        _harmless(team.ask(key[0], TABLE[key], named, who))


@pytest.mark.parametrize("path", ["/audit", "/nowhere", "/hooks/github/nowhere", "/api/v1/nowhere"])
@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_so_does_what_answers_no_request(team: Team, path: str, method: str) -> None:
    """No address, no such verb, no token."""
    page = team.send(method, path, b"", JSON, None)
    assert page.status in {401, 404, 405}
    _harmless(page)


@pytest.mark.parametrize("key", TAKING, ids=" ".join)
def test_no_address_takes_more_than_its_limit(team: Team, key: tuple[str, str]) -> None:
    """Whoever may send something is told that it is too much; what a stranger sends isn't read at all."""
    entry = TABLE[key]
    who = None if isinstance(entry.least, Door) else who_may(entry, Role.ADMIN)
    headers = {"Authorization": f"Bearer {TOKEN}"} if entry.least is Door.TOKEN else {}
    body = b" " * (BODY_LIMIT + 1)
    for kind in (FORM, JSON):
        page = team.send("POST", entry.path(team.own), body, kind, who, **headers)
        assert page.status == (404 if key[0] == "ANY" else 413)


@pytest.mark.parametrize(("error", "status"), [(ZeroDivisionError, 500), (DataError, 503)])
@pytest.mark.parametrize("path", ["/due", "/api/v1/due"])
def test_a_mistake_of_ours_tells_nothing_of_it(
    team: Team, monkeypatch: pytest.MonkeyPatch, path: str, error: type[Exception], status: int
) -> None:
    """People get a page, programs a sentence; the log says where it was."""

    def mistaken(*_: object) -> None:
        raise error(WORDS)

    async def as_served(*arguments: Any) -> None:
        with suppress(ZeroDivisionError):  # it goes on to the server, which has answered already
            await team.application(*arguments)

    monkeypatch.setattr(team.app.store, "board_updates", mistaken)
    page = page_of(answer(as_served, path, [], {**BROWSER, "Authorization": f"Bearer {TOKEN}"}, "GET"))
    assert (page.status, WORDS in page.text, "Traceback" in page.text) == (status, False, False)
    assert page.headers["content-type"].startswith("text/html" if path == "/due" else "application/json")
    _harmless(page)


@pytest.mark.parametrize(("accept", "kind"), [(BROWSER["Accept"], "text/html"), ("*/*", "application/json")])
def test_who_asks_for_pages_is_told_in_one(team: Team, accept: str, kind: str) -> None:
    """Also at an address that doesn't exist, and of what can't be read."""
    for path in ("/nowhere", "/due?format=pdf"):
        page = team.send("GET", path, b"", JSON, visitor(Role.AGENT), Accept=accept)
        assert (page.status, page.headers["content-type"].partition(";")[0]) in {(404, kind), (400, kind)}
        assert "pdf" not in page.text


class _Stalling:
    """A client that sends so many pieces at once, and then nothing."""

    def __init__(self, pieces: int) -> None:
        self._left = pieces

    async def __call__(self) -> MutableMapping[str, Any]:
        if self._left:
            self._left -= 1
            return {"type": "http.request", "body": b" ", "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError("nothing comes")


@pytest.mark.parametrize("pieces", [0, 1, 5])
@pytest.mark.parametrize("path", [GITHUB_HOOK, "/api/v1/check-reply"])
def test_a_body_that_does_not_come_is_not_waited_for(team: Team, path: str, pieces: int) -> None:
    """After so many seconds, none here, whoever stalls is told, and the connection is closed."""
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    guarded = Guard(team.application.build_middleware_stack(), body_seconds=0)
    headers = [(b"authorization", f"Bearer {TOKEN}".encode())]
    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": headers, "client": None}
    asyncio.run(guarded({**scope, "app": team.application}, _Stalling(pieces), send))
    page = page_of(sent)
    assert (page.status, page.headers["connection"]) == (408, "close")


def test_an_answer_may_take_longer_than_a_body() -> None:
    """Once a body came whole, whoever answers may wait for the client to go for as long as it takes."""
    got: list[str] = []

    async def slow(_scope: Any, receive: Any, _send: Any) -> None:
        got.extend([(await receive())["type"], (await receive())["type"]])

    pieces = iter([b""])

    async def receive() -> MutableMapping[str, Any]:
        if next(pieces, None) is not None:
            return {"type": "http.request", "body": b""}
        await asyncio.sleep(0.01)
        return {"type": "http.disconnect"}

    asyncio.run(Guard(slow, body_seconds=0)({"type": "http"}, receive, _nowhere))
    assert got == ["http.request", "http.disconnect"]


async def _nowhere(_message: Any) -> None:
    pass


@pytest.mark.parametrize("path", ["/due", "/bugs", "/api/v1/due", "/health", "/nothing-here"])
def test_head_answers_as_get_does_but_for_the_body(team: Team, path: str) -> None:
    """Whatever looks whether a page is there, is told the same."""
    answers = [answer(team.application, path, [], BROWSER, method) for method in ("GET", "HEAD")]
    got, asked = answers
    assert got[0]["status"] == asked[0]["status"]
    assert {name for name, _ in got[0]["headers"]} == {name for name, _ in asked[0]["headers"]}
    assert b"".join(part.get("body", b"") for part in asked[1:]) == b""
