"""Replies checked over HTTP: the command's answers, for whoever is known, and kept nowhere."""

import asyncio
import json
import threading
from collections.abc import Mapping
from typing import Any

import pytest

from bugbridge.core.access import Role, Visitor
from bugbridge.core.errors import ConfigError, DataError
from bugbridge.entry.web import check_reply as door
from bugbridge.entry.web.answers import WAY_IN
from bugbridge.entry.web.application import web_application
from bugbridge.entry.web.doorkeeping import Doorkeeper
from bugbridge.entry.web.limits import CHECKS_AT_ONCE, REPLY_BODY_LIMIT
from bugbridge.services.reply_checking import ReplyChecker
from bugbridge.settings import shipped_folder
from tests.entry.scene import CONFIG, Scene
from tests.entry.web.asking import GITHUB_HOOK, ISSUE, SECRET, Web, answer, answered, no_thread_starts, signature
from tests.entry.web.browsing import CSRF, HERE, Browser
from tests.entry.web.test_audit import TOKEN, Answer, basic, read

API = "/api/v1/check-reply"
PROMISE = "We know of this problem, and we will fix it."
HARMLESS = "This is what we know of it, and it is not fixed."
SIGNED_IN = {"Authorization": f"Bearer {TOKEN}"}
PATIENCE = 60  # seconds until something that has to happen counts as not happening


class Replies(Web):
    """A team's hooks, and the door for its replies."""

    def __init__(self, scene: Scene, token: str = TOKEN) -> None:
        super().__init__(scene, {"github": SECRET})
        self.application = web_application(self.app, {"github": SECRET}, self.woken.append, token)

    def post(self, content: object, headers: Mapping[str, str] = SIGNED_IN, method: str = "POST") -> Answer:
        """Ask as somebody who knows the token, unless said otherwise."""
        body = content if isinstance(content, bytes) else json.dumps(content).encode()
        return read(answer(self.application, API, [body[:10], body[10:]], headers, method))


@pytest.fixture
def replies(scene: Scene) -> Replies:
    """A team without tickets yet."""
    scene.config.write_text(CONFIG, encoding="utf-8")
    return Replies(scene)


def test_the_answer_is_the_commands(replies: Replies) -> None:
    """The same object, as JSON that is kept nowhere."""
    found = replies.post({"text": PROMISE})
    command = replies.scene.run("check-reply", "--json", typed=PROMISE)
    assert (found.status, found.headers["content-type"]) == (200, "application/json")
    assert found.facts == json.loads(command.stdout)
    assert [finding["rule"] for finding in found.facts["findings"]] == ["promise_solution"]
    assert (found.headers["cache-control"], found.headers["x-content-type-options"]) == ("no-store", "nosniff")


def test_every_key_that_goes_in_and_comes_out_is_explained(replies: Replies) -> None:
    """In the text that lies beside the rules, by its name."""
    explained = (shipped_folder() / "wording.md").read_text("utf-8")
    facts = replies.post({"text": PROMISE}).facts
    keys = {*door.ReplyRequest.model_fields, *facts, *facts["findings"][0]}
    assert [key for key in keys if f"`{key}`" not in explained] == []


def test_what_is_said_of_the_bug_counts(replies: Replies) -> None:
    """By the stage's name, also with a planned release."""
    text = "We have a fix, and we will solve it for you soon."
    by_state = {
        state: [one["rule"] for one in replies.post({"text": text, "stage": state}).facts["findings"]]
        for state in ("fixed", "fixed_release_planned")
    }
    assert ["promise_timeline" in rules for rules in by_state.values()] == [True, False]


def test_a_language_without_rules_is_no_pass(replies: Replies) -> None:
    """It says so."""
    assert replies.post({"text": HARMLESS, "language": "fr"}).facts == {
        "findings": [],
        "promises": [],
        "checked": False,
        "language": "fr",
        "language_assumed": False,
        "stage": "open",
    }


def test_a_ticket_says_what_its_reply_is_about(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the checker is given is what the command would give it; which bug is asked where there are several."""
    seen: list[Any] = []
    check = ReplyChecker.check
    monkeypatch.setattr(
        ReplyChecker, "check", lambda self, text, about: (seen.append(about), check(self, text, about))[1]
    )
    ticket = scene.released()
    replies = Replies(scene)
    assert replies.post({"text": HARMLESS, "ticket": ticket, "issue": "acme/app#12"}).status == 200
    assert replies.post({"text": HARMLESS, "ticket": ticket, "language": "de"}).facts["language"] == "de"
    assert [(str(one.situation.stage), one.language) for one in seen] == [("released", ""), ("released", "de")]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", 'The request must be a JSON object, such as {"text": "We have no timeline."}.'),
        (b"\xff", 'The request must be a JSON object, such as {"text": "We have no timeline."}.'),
        (b"[" * 100_000, 'The request must be a JSON object, such as {"text": "We have no timeline."}.'),
        ([HARMLESS], 'The request must be a JSON object, such as {"text": "We have no timeline."}.'),
        ({}, "text is missing."),
        ({"text": " "}, "text: must be some text."),
        ({"text": 3, "first_reply": "yes"}, "text: input should be a valid string. first_reply: input should be a"),
        ({"text": HARMLESS, "stage": "done"}, "stage: input should be 'open', 'in_progress', 'fixed'"),
        ({"text": HARMLESS, "tikcet": "support:1"}, "tikcet is an unknown key."),
        ({"text": HARMLESS, "language": "<script>"}, "language: must be a language, such as en or pt-BR."),
        ({"text": HARMLESS, "ticket": "support:99"}, "support:99 isn't known here"),
        ({"text": HARMLESS, "ticket": "nonsense"}, "'nonsense' names no ticket"),
        ({"text": HARMLESS, "ticket": "support:1", "stage": "open"}, "counts: leave stage out, or ticket."),
        ({"text": HARMLESS, "issue": "acme/app#12"}, "it goes with ticket."),
        ({"text": HARMLESS, "release_planned": True}, "release_planned goes with the stage fixed: what isn't"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(replies: Replies, content: object, sentence: str) -> None:
    """As JSON, repeating nothing of the text."""
    found = replies.post(content)
    assert (found.status, list(found.facts), found.headers["content-type"]) == (400, ["error"], "application/json")
    assert sentence in found.facts["error"]
    assert HARMLESS not in found.text


def test_half_a_character_breaks_no_answer(replies: Replies) -> None:
    """What types an emoji in two halves may send one of them; a finding quotes it."""
    found = replies.post(rb'{"text": "It is \ud83d broken.", "first_reply": true}')
    assert found.status == 200
    assert [finding["text"] for finding in found.facts["findings"]] == ["It is \ud83d broken."]


def test_a_body_that_no_reply_needs_is_refused(replies: Replies) -> None:
    """One byte more than is taken; what a request says of its own length isn't believed."""
    rest = b'{"text": "' + HARMLESS.encode() + b'"}'
    assert replies.post(rest.ljust(REPLY_BODY_LIMIT)).status == 200
    found = replies.post(rest.ljust(REPLY_BODY_LIMIT + 1), {**SIGNED_IN, "Content-Length": "10"})
    assert (found.status, "at most 262,144 bytes" in found.facts["error"]) == (413, True)


@pytest.mark.parametrize("authorization", ["", "Bearer", f"Bearer {TOKEN}x", f"Token {TOKEN}", basic("ada", TOKEN)])
def test_without_the_token_there_is_nothing_but_the_way_in(replies: Replies, authorization: str) -> None:
    """Whatever the body holds, which isn't read."""
    for content in ({"text": HARMLESS}, b"{", b" " * (REPLY_BODY_LIMIT + 1)):
        found = replies.post(content, {"Authorization": authorization} if authorization else {})
        assert (found.status, found.facts) == (401, {"error": WAY_IN})
        assert found.headers["www-authenticate"] == 'Bearer realm="BugBridge"'


def test_whoever_has_no_token_sends_what_our_pages_carry(scene: Scene) -> None:
    """So that no other site has a reply checked by somebody's browser."""
    browser = Browser(scene)
    own = CSRF.search(browser.get("/due").text)
    assert own
    content, asked = json.dumps({"text": HARMLESS}).encode(), {**HERE, "Content-Type": "application/json"}
    stranger = read(answer(browser.application, API, [content], asked))
    known = read(answer(browser.application, API, [content], {**asked, "X-CSRF-Token": own[1]}))
    assert (stranger.status, list(stranger.facts), known.status) == (403, ["error"], 200)


def test_a_hidden_ticket_is_answered_as_one_that_is_not_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the same sentence, so that nobody learns which there are."""
    ticket = scene.released()
    browser = Browser(scene)
    visitor = Visitor("ben", "Ben", Role.AGENT, frozenset({"elsewhere"}), via="token")
    monkeypatch.setattr(Doorkeeper, "visitor", lambda _self, _request: visitor)
    found = [
        read(answer(browser.application, API, [json.dumps({"text": HARMLESS, "ticket": one}).encode()], HERE))
        for one in (ticket, "support:99")
    ]
    assert [(one.status, one.text.replace(ticket, "support:99")) for one in found] == [(400, found[1].text)] * 2


def test_it_is_only_ever_asked_by_post(replies: Replies) -> None:
    """An address is logged by others, and what an agent writes is nobody's business."""
    for method in ("GET", "PUT", "DELETE"):
        found = replies.post(b"", method=method)
        assert (found.status, found.headers["allow"], list(found.facts)) == (405, "POST", ["error"])


def test_which_bug_is_meant_is_asked_in_the_words_of_the_api(scene: Scene) -> None:
    """An option of the command line would help nobody there."""
    ticket = scene.reported_bug()
    scene.read()
    scene.tracker.add("github:acme/app#13", scene.clock.now())
    scene.say("link", ticket, "acme/app#13")
    found = Replies(scene).post({"text": HARMLESS, "ticket": ticket})
    assert (found.status, found.facts["error"].endswith(" and github:acme/app#13: say which in issue.")) == (400, True)
    assert "--" not in found.text


@pytest.mark.parametrize(
    "problem", [DataError("/srv/bugbridge.sqlite is bad."), ConfigError(["/srv/own.toml:3: bad."])]
)
def test_what_cannot_be_read_is_said_to_be_for_later(
    replies: Replies, problem: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sentence names paths of this computer: it is for the log."""

    def broken(_app: object) -> ReplyChecker:
        raise problem

    with monkeypatch.context() as patched:
        patched.setattr(door, "reply_checker", broken)
        found = replies.post({"text": HARMLESS})
    assert (found.status, found.facts) == (
        503,
        {"error": "The reply can't be checked now: `bugbridge serve` logs why."},
    )
    assert f"{API}: a reply can't be checked: {problem}" in caplog.messages
    assert replies.post({"text": HARMLESS}).status == 200


def test_neither_text_nor_token_is_ever_logged(
    replies: Replies, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Not even by a mistake of ours, whose error may quote what it met."""

    def mistaken(*_: object) -> None:
        raise ZeroDivisionError(PROMISE)

    with caplog.at_level(0):
        replies.post({"text": PROMISE})
        replies.post({"text": PROMISE, "stage": PROMISE})
        replies.post({"text": PROMISE}, {"Authorization": f"Bearer {TOKEN}x"})
        monkeypatch.setattr(ReplyChecker, "check", mistaken)
        with pytest.raises(ZeroDivisionError):
            replies.post({"text": PROMISE})
    said = "\n".join(record.getMessage() for record in caplog.records)
    assert "a request failed by a mistake in BugBridge (ZeroDivisionError at" in said
    assert f"{API}: a request without the right token was refused" in said
    assert not [words for words in (PROMISE, TOKEN) if words in said]


def test_while_replies_are_checked_hooks_answer_and_too_many_come_back(
    replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check runs beside the event loop; whoever comes when all turns are taken is asked to come back."""
    begun, may_end = threading.Semaphore(0), threading.Event()
    check = ReplyChecker.check

    def slow(self: ReplyChecker, text: str, about: Any) -> Any:
        begun.release()
        assert may_end.wait(PATIENCE)
        return check(self, text, about)

    monkeypatch.setattr(ReplyChecker, "check", slow)
    asked, hook = json.dumps({"text": HARMLESS}).encode(), json.dumps(ISSUE).encode()
    hooked = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "d", "X-Hub-Signature-256": signature(hook)}

    async def all_at_once() -> list[Answer]:
        ask = replies.application
        first = [asyncio.create_task(answered(ask, API, [asked], SIGNED_IN)) for _ in range(CHECKS_AT_ONCE)]
        for _ in first:
            assert await asyncio.to_thread(begun.acquire, timeout=PATIENCE)
        others = [await answered(ask, API, [asked], SIGNED_IN), await answered(ask, GITHUB_HOOK, [hook], hooked)]
        may_end.set()
        return [read(one) for one in (*others, *await asyncio.gather(*first))]

    busy, hook_answer, *first = asyncio.run(all_at_once())
    assert (busy.status, busy.headers["retry-after"], hook_answer.status) == (503, "1", 202)
    assert [one.status for one in first] == [200] * CHECKS_AT_ONCE
    assert replies.post({"text": HARMLESS}).status == 200


def test_where_no_thread_can_start_the_next_one_gets_the_turn(
    replies: Replies, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A computer that is short of threads for a moment checks no replies in that moment."""
    with monkeypatch.context() as patched:
        no_thread_starts(patched)
        found = [replies.post({"text": HARMLESS}) for _ in range(CHECKS_AT_ONCE)]
    assert [(one.status, one.headers["retry-after"]) for one in found] == [(503, "1")] * CHECKS_AT_ONCE
    assert replies.post({"text": HARMLESS}).status == 200


@pytest.mark.parametrize("token", [TOKEN, ""])
def test_serve_refuses_wrong_rules_since_it_checks_by_them(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, token: str
) -> None:
    """Before anybody asks, each problem with its line; also without a token, since the sidebar checks replies, too."""
    scene.config.write_text(f"wording = 'own.toml'\n{CONFIG}", encoding="utf-8")
    scene.config.with_name("own.toml").write_text("version = 2\nlanguage = 'en'", encoding="utf-8")
    monkeypatch.setenv("BUGBRIDGE_WEB_TOKEN", token)
    refused = scene.run("serve")
    assert (refused.exit_code, "own.toml:1: The wording must say version = 1." in refused.stderr) == (2, True)
