"""The audit over HTTP: for whoever sees everything, by a token or otherwise, and in nobody's way."""

import asyncio
import base64
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from fastapi import Request

from bugbridge.core.access import Role, Visitor
from bugbridge.core.audit_model import Audit, By, Question
from bugbridge.core.errors import ConfigError, DataError
from bugbridge.entry.web import audit as doors
from bugbridge.entry.web.answers import WAY_IN, bearer_token
from bugbridge.entry.web.application import web_application
from bugbridge.entry.web.audit import basic_password
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.entry.whole_audit import whole_audit
from bugbridge.render.audits import Form, written_audit
from tests.entry.scene import CONFIG, Scene
from tests.entry.web.asking import GITHUB_HOOK, ISSUE, SECRET, Web, answer, answered, no_thread_starts, signature
from tests.entry.web.test_commands import free_port

TOKEN = "a-token-of-the-team-alone"
API, PAGE = "/api/v1/audit", "/audit"
HTML = "text/html; charset=utf-8"
PATIENCE = 60  # seconds until something that has to happen counts as not happening


def basic(user: str, password: str) -> str:
    """Sign in as a browser does."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


SIGNED_IN = {API: f"Bearer {TOKEN}", PAGE: basic("anybody", TOKEN)}


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    text: str

    @property
    def facts(self) -> Any:
        """The JSON in it."""
        return json.loads(self.text)


def read(messages: list[Any]) -> Answer:
    """Put an answer's pieces together."""
    start, *bodies = messages
    headers = {name.decode(): value.decode() for name, value in start["headers"]}
    return Answer(start["status"], headers, b"".join(body.get("body", b"") for body in bodies).decode())


class Audits(Web):
    """A team's hooks and its audit."""

    def __init__(self, scene: Scene, token: str = TOKEN) -> None:
        super().__init__(scene, {"github": SECRET})
        secrets = {"github": SECRET} if token else {}
        self.application = web_application(self.app, secrets, self.woken.append, token)

    def get(self, path: str, query: str = "", authorization: str | None = None, method: str = "GET") -> Answer:
        """Ask as somebody who knows the token, unless said otherwise."""
        headers = {"Authorization": SIGNED_IN[path] if authorization is None else authorization}
        return read(answer(self.application, path, [b""], headers if headers["Authorization"] else {}, method, query))


@pytest.fixture
def audits(scene: Scene) -> Audits:
    """One bug was released to the customer who reported it."""
    scene.released()
    return Audits(scene)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """Gather what is asked, and answer nothing in particular."""
    found: list[Question] = []

    def gather(app: Any, question: Question) -> Audit:
        found.append(question)
        return Audit(app.clock.now(), question)

    monkeypatch.setattr(doors, "whole_audit", gather)
    return found


def test_programs_get_what_the_command_puts_out_as_json(audits: Audits) -> None:
    """The same facts in the same shape; only the moment is another."""
    found = audits.get(API)
    expected = json.loads(written_audit(whole_audit(audits.app, Question()), Form.JSON, "UTC"))
    assert (found.status, found.headers["content-type"]) == (200, "application/json")
    assert found.facts.keys() == expected.keys()
    assert (found.facts["n"], expected["n"]) == (1, 1)


def test_people_get_a_page(audits: Audits, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that the command writes, with ways to the other pages."""
    forms: list[tuple[Form, str]] = []

    def write(_audit: Audit, form: Form, zone: str, *, on_web: bool) -> str:
        assert on_web
        forms.append((form, zone))
        return "<!doctype html><title>Ä</title>"

    monkeypatch.setattr(doors, "written_audit", write)
    found = audits.get(PAGE)
    assert (found.status, found.headers["content-type"]) == (200, HTML)
    assert (found.text, forms) == ("<!doctype html><title>Ä</title>", [(Form.HTML, "UTC")])


@pytest.mark.parametrize("path", [API, PAGE])
def test_an_answer_is_kept_nowhere_framed_nowhere_and_runs_nothing(audits: Audits, path: str) -> None:
    """Nor does it tell other sites that it was open; a refusal carries the same. The page has its style in it."""
    for found in (audits.get(path), audits.get(path, "last=none")):
        policy = found.headers["content-security-policy"]
        assert policy.startswith("default-src 'none';")
        assert ("style-src 'unsafe-inline'" in policy) is (found.headers["content-type"] == HTML)
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert {name: found.headers[name] for name in found.headers if name.startswith(("x-", "cache", "ref"))} == {
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
            "x-frame-options": "DENY",
        }


WRONG = [
    "",
    "Bearer",
    "Bearer ",
    f"Bearer {TOKEN}x",
    f"Bearer {TOKEN[:-1]}",
    f"Bearer {TOKEN.upper()}",
    f"Token {TOKEN}",
    TOKEN,
    basic(TOKEN, ""),
    basic(TOKEN, "wrong"),
    basic("", ""),
    "Basic",
    "Basic ====",
    "Basic \xff",
    f"Basic {TOKEN}",
    "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
    "Basic " + base64.b64encode(TOKEN.encode()).decode(),
]


@pytest.mark.parametrize("path", [API, PAGE])
@pytest.mark.parametrize("authorization", WRONG)
def test_without_the_token_there_is_nothing_but_the_way_in(
    audits: Audits, asked: list[Question], path: str, authorization: str
) -> None:
    """No audit is made, and neither the query nor the method is judged before."""
    challenge = {API: 'Bearer realm="BugBridge"', PAGE: 'Basic realm="BugBridge", charset="UTF-8"'}[path]
    for query in ("", "last=none", "last=all"):
        found = audits.get(path, query, authorization)
        assert (found.status, found.headers["www-authenticate"]) == (401, challenge)
        assert found.text == {API: json.dumps({"error": WAY_IN}, separators=(",", ":")), PAGE: ""}[path]
    assert asked == []


def test_each_address_has_its_own_way_in(audits: Audits) -> None:
    """A browser that signed in on the page sends nothing that the other takes, and the other way round."""
    assert audits.get(API, authorization=SIGNED_IN[PAGE]).status == 401
    assert audits.get(PAGE, authorization=SIGNED_IN[API]).status == 401


def test_any_user_name_and_any_case_of_the_scheme_will_do() -> None:
    """A password may hold colons and letters of any script; RFC 7617 and RFC 9110."""
    assert basic_password(basic("", "a:b:ä")) == "a:b:ä"
    assert basic_password("bAsIc " + basic("ada", "x")[6:]) == "x"
    assert bearer_token("bearer   x ") == "x"


@pytest.mark.parametrize("path", [API, PAGE])
def test_where_nobody_can_sign_in_it_is_shown_on_this_computer_alone(scene: Scene, path: str) -> None:
    """Under its own name; a token that there isn't opens nothing."""
    audits = Audits(scene, token="")
    here, elsewhere = {"Host": "127.0.0.1:8420"}, {"Host": "evil.example"}
    assert read(answer(audits.application, path, [b""], here, "GET")).status == 200
    refused = read(answer(audits.application, path, [b""], elsewhere, "GET"))
    assert (refused.status, "Nobody can sign in here yet" in refused.text) == (403, True)
    assert audits.get(path, authorization=SIGNED_IN[path]).status == 401


def as_visitor(monkeypatch: pytest.MonkeyPatch, visitor: Visitor, token: str = "") -> None:
    """Have somebody be known by a session, or by a token that isn't the environment's."""

    def known(_self: Doorkeeper, request: Request) -> Visitor | None:
        return visitor if bearer_token(request.headers.get("authorization", "")) == token else None

    monkeypatch.setattr(Doorkeeper, "visitor", known)


LEAD = Visitor("ada", "Ada", Role.LEAD, via="session", session="1")


@pytest.mark.parametrize("path", [API, PAGE])
def test_a_lead_is_let_in_by_a_session_or_a_token_of_their_own(
    audits: Audits, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A browser sends a token as the password, a program as it is."""
    as_visitor(monkeypatch, LEAD)
    assert audits.get(path, authorization="").status == 200
    as_visitor(monkeypatch, LEAD, "a-token-of-adas")
    own = {API: "Bearer a-token-of-adas", PAGE: basic("ada", "a-token-of-adas")}[path]
    assert [audits.get(path, authorization=one).status for one in (own, "", own[:-4])] == [200, 401, 401]
    assert audits.get(path, authorization=basic("ada", "a-token-of-adas€")).status == 401


@pytest.mark.parametrize("path", [API, PAGE, "/audits"])
def test_figures_of_the_whole_team_are_for_leads_who_see_everything(
    audits: Audits, asked: list[Question], monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Whoever doesn't is told why, whatever they ask."""
    whole = "This is about the whole team: it is for a lead from whom no brand is hidden."
    for visitor, sentence in (
        (Visitor("ben", "Ben", Role.LEAD, frozenset({"support"})), whole),
        (Visitor("cem", "Cem", Role.AGENT), "This is for a lead; your role is agent."),
    ):
        as_visitor(monkeypatch, visitor)
        refused = audits.get(path, "last=none", authorization="")
        assert (refused.status, sentence in refused.text) == (403, True)
    assert asked == []


def test_an_audit_is_asked_for_by_a_form(
    audits: Audits, asked: list[Question], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whose fields are the query; a day that isn't given is sent empty."""
    as_visitor(monkeypatch, LEAD)
    form = audits.get("/audits", authorization="").text
    fields = re.findall(r'name="(\w+)"', form)
    assert '<form method="get" action="/audit">' in form
    assert (fields[-8:-6], set(fields[-6:])) == (["last", "since"], {"by"})
    assert audits.get(PAGE, "last=20&since=&by=tier", authorization="").status == 200
    assert [(one.last, one.since, one.by) for one in asked] == [(20, None, (By.TIER,))]


def test_a_query_is_what_the_command_takes(audits: Audits, asked: list[Question]) -> None:
    """Groups may be repeated; the same for both addresses."""
    for path in (API, PAGE):
        for query in ("", "last=20&by=brand&by=quarter", "last=all"):
            assert audits.get(path, query).status == 200
    usual, some, everything = asked[:3]
    assert usual == Question()
    assert (some.last, some.by) == (20, (By.BRAND, By.QUARTER))
    assert everything.last is None
    assert asked[3:] == asked[:3]


def test_since_is_a_day_of_the_teams(audits: Audits, asked: list[Question]) -> None:
    """It begins where the team lives."""
    calendar = audits.app.settings.calendar.model_copy(update={"zone": "Europe/Berlin"})
    audits.app.settings = audits.app.settings.model_copy(update={"calendar": calendar})
    audits.get(API, "since=2026-06-01")
    assert str(asked[0].since) == "2026-05-31 22:00:00+00:00"


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("last=0", "last is a number of bugs, such as 100, or all."),
        ("last=", "last is a number of bugs, such as 100, or all."),
        ("last=10&last=20", "last is given once."),
        ("since=2026-02-30", "since is a day, such as 2026-01-31."),
        ("since=2199-01-01", "since lies ahead: ask for an earlier day."),
        ("since=2026-01-01&since=2026-01-01", "since is given once."),
        ("by=customer", "by is one of frequency, tier, tracker, brand, label, quarter."),
        ("by=tier&by=<script>", "by is one of frequency, tier, tracker, brand, label, quarter."),
        ("format=csv", "The query can hold last, since and by."),
        ("%ff=%ff", "The query can hold last, since and by."),
    ],
)
@pytest.mark.parametrize("path", [API, PAGE])
def test_a_bad_query_is_refused_in_one_sentence(
    audits: Audits, asked: list[Question], path: str, query: str, sentence: str
) -> None:
    """As JSON, repeating nothing of it."""
    found = audits.get(path, query)
    assert (found.status, found.facts, found.headers["content-type"]) == (400, {"error": sentence}, "application/json")
    assert asked == []


@pytest.mark.parametrize(
    "problem",
    [
        DataError("The database /srv/bugbridge.sqlite can't be used."),
        ConfigError(["policy.toml:3: in /srv it is bad."]),
    ],
)
def test_what_cannot_be_read_is_said_to_be_for_later(
    audits: Audits, problem: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sentence names paths of this computer: it is for the log. Afterwards it is answered again."""

    def broken(*_: object) -> Audit:
        raise problem

    with monkeypatch.context() as patched:
        patched.setattr(doors, "whole_audit", broken)
        found = audits.get(API)
    assert (found.status, found.facts) == (503, {"error": "The audit can't be made now: `bugbridge serve` logs why."})
    assert f"{API}: the audit can't be made: {problem}" in caplog.messages
    assert audits.get(API).status == 200


def test_where_no_thread_can_start_the_next_one_gets_the_turn(audits: Audits, monkeypatch: pytest.MonkeyPatch) -> None:
    """A computer that is short of threads for a moment makes no audit in that moment."""
    with monkeypatch.context() as patched:
        no_thread_starts(patched)
        found = audits.get(API)
    assert (found.status, found.headers["retry-after"]) == (503, "10")
    assert audits.get(API).status == 200


def test_other_methods_are_none_of_its(audits: Audits, asked: list[Question]) -> None:
    """Nothing can be changed here."""
    assert [audits.get(API, method=method).status for method in ("POST", "PUT", "DELETE")] == [405] * 3
    assert asked == []


def test_while_an_audit_is_made_hooks_and_health_answer_and_others_come_back(
    audits: Audits, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All in one process: the audit waits until everybody else was answered."""
    begun, may_end = threading.Event(), threading.Event()

    def slow(app: Any, question: Question) -> Audit:
        begun.set()
        assert may_end.wait(PATIENCE)
        return Audit(app.clock.now(), question)

    monkeypatch.setattr(doors, "whole_audit", slow)
    body = json.dumps(ISSUE).encode()
    hooked = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "d", "X-Hub-Signature-256": signature(body)}
    signed_in = {"Authorization": SIGNED_IN[API]}

    async def all_at_once() -> list[Answer]:
        ask = audits.application
        first = asyncio.create_task(answered(ask, API, [b""], signed_in, "GET", "last=all"))
        assert await asyncio.to_thread(begun.wait, PATIENCE)
        others = [
            await answered(ask, API, [b""], signed_in, "GET"),
            await answered(ask, PAGE, [b""], {"Authorization": SIGNED_IN[PAGE]}, "GET"),
            await answered(ask, API, [b""], {}, "GET"),
            await answered(ask, GITHUB_HOOK, [body], hooked),
            await answered(ask, "/metrics", [b""], {}, "GET"),
        ]
        may_end.set()
        return [read(one) for one in (*others, await first, await answered(ask, API, [b""], signed_in, "GET"))]

    busy, busy_page, stranger, hook, health, first, after = asyncio.run(all_at_once())
    assert (busy.status, busy.headers["retry-after"]) == (503, "10")
    assert busy.facts == {"error": "Another audit is being made: ask again in a few seconds."}
    assert (busy_page.status, stranger.status, hook.status, health.status) == (503, 401, 202, 200)
    assert (first.status, after.status) == (200, 200)


def test_a_mistake_of_ours_is_said_without_its_words_and_lets_the_next_in(
    audits: Audits, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """An error that nobody foresaw may quote a customer."""

    def mistaken(*_: object) -> Audit:
        raise ZeroDivisionError("a customer's words")

    with monkeypatch.context() as patched:
        patched.setattr(doors, "whole_audit", mistaken)
        with pytest.raises(ZeroDivisionError):
            audits.get(API)
    assert "a request failed by a mistake in BugBridge (ZeroDivisionError at" in caplog.text
    assert "customer's words" not in "\n".join(record.getMessage() for record in caplog.records)
    assert audits.get(API).status == 200


def test_failed_tries_are_logged_and_the_token_never_is(audits: Audits, caplog: pytest.LogCaptureFixture) -> None:
    """A browser's first request, which has none, is no failed try."""
    with caplog.at_level(0):
        audits.get(PAGE, authorization="")
        assert [message for message in caplog.messages if "refused" in message] == []
        audits.get(PAGE, authorization=basic("ada", f"{TOKEN}x"))
        audits.get(API)
    assert f"{PAGE}: a request without the right token was refused" in caplog.messages
    assert TOKEN not in caplog.text


def get(port: int, path: str, authorization: str) -> int:
    """Ask `serve`, and give the status of its answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Authorization": authorization})
    status = connection.getresponse().status
    connection.close()
    return status


def started(folder: Path, program: tuple[str, ...] = ("-m", "bugbridge")) -> subprocess.Popen[str]:
    """Start the real command with the token of a file, and nothing else set up."""
    config, kept = folder / "bugbridge.toml", folder / "token"
    config.write_text(f"{CONFIG}\n[web]\nport = {free_port()}\n", encoding="utf-8")
    kept.write_text(f"{TOKEN}\n", encoding="utf-8")
    command = [sys.executable, *program, "--config", str(config), "serve"]
    environ = {**os.environ, "BUGBRIDGE_WEB_TOKEN_FILE": str(kept)}
    return subprocess.Popen(command, text=True, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def read_until(process: subprocess.Popen[str], pattern: str) -> re.Match[str]:
    """Wait for a line that it puts out."""
    assert process.stdout is not None
    output = ""
    while not (found := re.search(pattern, output)):
        output += process.stdout.readline()
        assert process.poll() is None, output
    return found


SHOWING = r"showing the pages at http://127\.0\.0\.1:(\d+)/[^\n]*\n"


def test_serve_shows_the_audit_alone_where_no_webhook_is_set_up(tmp_path: Path) -> None:
    """Over a real socket, with the token of a file; it is never put out."""
    with started(tmp_path) as process:
        address = read_until(process, SHOWING)
        port = int(address[1])
        answers = [get(port, path, SIGNED_IN[path]) for path in (API, PAGE)]
        answers += [get(port, path, "") for path in (API, PAGE)]
        process.send_signal(signal.SIGTERM)
        output = address.string + process.communicate()[0]
    assert (answers, process.returncode) == ([200, 200, 401, 401], 0), output
    assert TOKEN not in output


NEVER_ENDING = """
import threading
from bugbridge.entry.cli import main
from bugbridge.entry.web import audit

def never_ends(_app, _question):
    print("begun", flush=True)
    threading.Event().wait()

audit.whole_audit = never_ends
main()
"""


def test_serve_ends_without_waiting_for_an_audit(tmp_path: Path) -> None:
    """It changes nothing, so that nothing is lost with it."""
    with started(tmp_path, ("-c", NEVER_ENDING)) as process:
        port = int(read_until(process, SHOWING)[1])
        asks = threading.Thread(target=get, args=(port, API, SIGNED_IN[API]))
        asks.start()
        read_until(process, "begun\n")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=PATIENCE)
        asks.join(PATIENCE)
    assert process.returncode == 0


def test_a_short_token_is_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could be tried out."""
    monkeypatch.setenv("BUGBRIDGE_WEB_TOKEN", "abc")
    said = "BUGBRIDGE_WEB_TOKEN is too short: make one with `openssl rand -hex 32`."
    refused = scene.run("serve")
    assert (refused.exit_code, refused.stderr) == (2, f"{said}\n")
    assert f"BAD web: {said}" in scene.run("doctor").stdout


def test_the_token_of_a_helpdesk_named_web_opens_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its variable would be the same; whoever signs in there must not read the audit with it."""
    text = CONFIG.replace("helpdesks.support", "helpdesks.web")
    scene.config.write_text(f'{text}\n[web]\nhost = "0.0.0.0"\n', encoding="utf-8")
    monkeypatch.setenv("BUGBRIDGE_WEB_TOKEN", TOKEN)
    assert "ok  web: `bugbridge serve` shows the pages: nobody can sign in" in scene.run("doctor").stdout
    refused = scene.run("serve")
    assert (refused.exit_code, "nobody can sign in" in refused.stderr) == (2, True)
