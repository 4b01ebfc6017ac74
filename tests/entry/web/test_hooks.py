"""Webhooks: only what a tracker signed is taken, each delivery once, and nothing else changes anything."""

import json
from collections.abc import Iterator

import pytest

from bugbridge.core.errors import DataError
from bugbridge.entry.web.limits import HOOK_BODY_LIMIT
from bugbridge.entry.web.signatures import GITHUB, is_signed
from tests.entry.scene import BUG, START, Scene
from tests.entry.web.asking import GITHUB_HOOK, GONE, ISSUE, JIRA_HOOK, SECRET, Web, ask, signature

VECTOR = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
BODY = json.dumps(ISSUE).encode()


def test_signatures_are_those_of_github_s_documentation() -> None:
    """The vector given there holds; without a secret nothing is signed."""
    assert is_signed(GITHUB, SECRET, {"x-hub-signature-256": VECTOR}, b"Hello, World!", START)
    assert not is_signed(GITHUB, "", {"x-hub-signature-256": signature(b"", "")}, b"", START)


def test_a_signed_delivery_is_taken(web: Web) -> None:
    """It is answered with 202 and kept by its id with the issue that it names; whoever follows hints is woken."""
    assert web.github() == 202
    assert (web.kept(), web.woken) == ({"github:delivery-1": BUG}, ["github"])


def test_a_repeated_delivery_changes_nothing(web: Web) -> None:
    """It is answered as the first one was, and nobody is woken again."""
    assert [web.github(), web.github()] == [202, 202]
    assert (len(web.kept()), web.woken) == (1, ["github"])


def test_a_delivery_without_an_id_counts_once_by_its_body(web: Web) -> None:
    """Also where the id is nothing that could be kept."""
    assert [web.github(delivery=""), web.github(delivery="x" * 101), web.github(delivery="ä b")] == [202, 202, 202]
    assert len(web.kept()) == 1


@pytest.mark.parametrize("place", range(len(BODY)))
def test_one_altered_byte_is_refused(web: Web, place: int) -> None:
    """Wherever it is."""
    altered = bytearray(BODY)
    altered[place] ^= 1
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": signature(BODY)}
    assert ask(web.application, GITHUB_HOOK, [bytes(altered)], headers) == 401
    assert (web.kept(), web.woken) == ({}, [])


@pytest.mark.parametrize(
    "forged",
    [
        "",
        "sha256=",
        "sha256=" + "0" * 64,
        signature(BODY, "another secret"),
        signature(BODY).removeprefix("sha256="),
        signature(BODY).upper(),
        signature(BODY).replace("sha256", "sha1"),
        "sha256=äöü",
    ],
)
def test_a_forged_signature_is_refused(web: Web, forged: str) -> None:
    """Without a word about why."""
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": forged}
    assert ask(web.application, GITHUB_HOOK, [BODY], headers) == 401
    assert (web.kept(), web.woken) == ({}, [])


def test_each_vendor_has_its_own_header(web: Web) -> None:
    """Jira's signature counts for nothing at GitHub's door, nor the other way round."""
    assert ask(web.application, GITHUB_HOOK, [BODY], {"X-Hub-Signature": signature(BODY)}) == 401
    assert ask(web.application, JIRA_HOOK, [BODY], {"X-Hub-Signature-256": signature(BODY)}) == 401


def test_without_a_secret_there_is_no_door(scene: Scene) -> None:
    """An empty secret would let everybody sign."""
    web = Web(scene, {"github": SECRET, "jira": ""})
    assert ask(web.application, JIRA_HOOK, [BODY], {"X-Hub-Signature": signature(BODY, "")}) == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", GITHUB_HOOK, 405),
        ("POST", GITHUB_HOOK + "/", 404),
        ("POST", "/hooks/jira/github", 404),
        ("POST", "/hooks/github/another", 404),
        ("GET", "/docs", 404),
        ("GET", "/openapi.json", 404),
        ("GET", "/hooks", 404),
        ("GET", "/nothing-here", 404),
        ("POST", "/", 405),
    ],
)
def test_nothing_else_is_served(web: Web, method: str, path: str, status: int) -> None:
    """No page but ours, no description of the library's, no other verb."""
    assert ask(web.application, path, [BODY], {}, method) == status


def test_a_body_of_one_mebibyte_is_taken_in_pieces(web: Web) -> None:
    """That much is allowed."""
    body = BODY + b" " * (HOOK_BODY_LIMIT - len(BODY))
    pieces = [body[start : start + 65_536] for start in range(0, HOOK_BODY_LIMIT, 65_536)]
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "1", "X-Hub-Signature-256": signature(body)}
    assert ask(web.application, GITHUB_HOOK, pieces, headers) == 202
    assert len(web.kept()) == 1


def test_a_larger_body_is_refused_while_it_comes(web: Web) -> None:
    """What it says of its own length isn't believed, and no more than the limit is read."""
    read: list[int] = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(65_536)
            yield b" " * 65_536

    headers = {"Content-Length": "10", "X-Hub-Signature-256": signature(BODY)}
    assert ask(web.application, GITHUB_HOOK, endless(), headers) == 413
    assert sum(read) == HOOK_BODY_LIMIT + 65_536


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe{", b"payload=%7B%7D", b"[" * 100_000, b"1" * 5_000]
)
def test_what_is_no_json_object_is_refused(web: Web, body: bytes) -> None:
    """Although it is signed."""
    assert web.github(body) == 400
    assert web.kept() == {}


def test_a_delivery_that_breaks_off_changes_nothing(web: Web) -> None:
    """What came of it was whole by chance, but nobody said that it was all."""
    headers = {"X-GitHub-Event": "issues", "X-Hub-Signature-256": signature(BODY)}
    assert ask(web.application, GITHUB_HOOK, [BODY, GONE], headers) == 400
    assert web.kept() == {}


@pytest.mark.parametrize("event", ["ping", "push", "issues2", ""])
def test_other_events_are_taken_and_ignored(web: Web, event: str) -> None:
    """GitHub sends a ping to see whether somebody is there; what we have no use for isn't kept."""
    assert web.github(event=event) == 202
    assert (web.kept(), web.woken) == ({}, [])


@pytest.mark.parametrize(
    "payload",
    [
        {},
        {"issue": {"number": 12}},
        {"issue": None, "repository": []},
        {"issue": {"number": "12"}, "repository": {"full_name": "acme/app"}},
        {"issue": {"number": True}, "repository": {"full_name": "acme/app"}},
        {"issue": {"number": -12}, "repository": {"full_name": "acme/app"}},
        {"issue": {"number": 10**30}, "repository": {"full_name": "acme/app"}},
        {"issue": {"number": 12}, "repository": {"full_name": "acme/app\n"}},
        {"issue": {"number": 12}, "repository": {"full_name": 12}},
        {"issue": {"number": 13}, "repository": {"full_name": "acme/app"}},
        {"issue": {"number": 12}, "repository": {"full_name": "acme/another"}},
    ],
)
def test_a_payload_that_names_no_issue_of_ours_is_ignored(web: Web, payload: object) -> None:
    """Whatever its shape."""
    assert web.github(payload) == 202
    assert (web.kept(), web.woken) == ({}, [])


def test_a_repository_is_known_in_any_case(web: Web) -> None:
    """As the configuration spells it is how issues are kept."""
    web.github({"issue": {"number": 12}, "repository": {"full_name": "Acme/App"}})
    assert list(web.kept().values()) == [BUG]


def test_a_release_of_a_configured_repository_is_a_hint(web: Web) -> None:
    """Of another one it isn't."""
    release = {"action": "published", "repository": {"full_name": "acme/app"}}
    web.github(release, event="release")
    web.github({"repository": {"full_name": "acme/another"}}, event="release", delivery="delivery-2")
    assert web.kept() == {"github:delivery-1": "releases of github:acme/app"}


def test_a_locked_database_is_said_to_be_busy(web: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    """Jira tries again later."""

    def locked(*_: object) -> bool:
        raise DataError("The database is locked.")

    monkeypatch.setattr(web.app.store, "receive_hint", locked)
    assert web.github() == 503


def test_nothing_secret_is_logged(web: Web, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A mistake of ours is logged by its kind and place; neither secret, signature nor payload is."""

    def mistaken(*_: object) -> bool:
        raise ZeroDivisionError("a customer's words " + SECRET)

    monkeypatch.setattr(web.app.store, "receive_hint", mistaken)
    with caplog.at_level(0), pytest.raises(ZeroDivisionError):
        web.github()
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert "failed by a mistake in BugBridge (ZeroDivisionError at" in logged
    assert [word for word in (SECRET, "words", signature(BODY), "acme/app") if word in logged] == []
