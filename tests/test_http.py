"""The rules of speaking HTTP: calls end in time, only reads are repeated, failures are sentences without secrets."""

import contextlib
import itertools
import socket
import struct
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
import responses
from requests.auth import HTTPBasicAuth

from bugbridge.core.errors import ConflictError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.http import RemoteClient, retry_after

BASE = "https://desk.example"
ITEM = f"{BASE}/item"
HANG = b"(say nothing)"
RESET = b"(reset the connection)"
WHOLE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\nConnection: close\r\n\r\n{"a": 1}'
CUT = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 80\r\nConnection: close\r\n\r\n{"a": 1'


def client(
    base_url: str = BASE, timeout: tuple[float, float] = (10, 30), pauses: list[float] | None = None
) -> RemoteClient:
    """Give a client with a known token that notes its pauses instead of taking them."""
    return RemoteClient(
        "support",
        base_url,
        headers={"Authorization": "Bearer s3cret-token"},
        secret_hint="BUGBRIDGE_SUPPORT_TOKEN",
        timeout=timeout,
        sleep=([] if pauses is None else pauses).append,
    )


def take_in(connection: socket.socket) -> None:
    """Read one request to its end: what is left unread when a connection closes would reset it."""
    with connection.makefile("rb") as stream:
        head = list(itertools.takewhile(lambda line: line not in {b"\r\n", b""}, stream))
        length = next((int(line[15:]) for line in head if line.lower().startswith(b"content-length:")), 0)
        stream.read(length)


def answer_one(connection: socket.socket, answer: bytes) -> None:
    """Take one request in and answer it as told."""
    connection.settimeout(10)
    take_in(connection)
    if answer == RESET:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif answer == HANG:
        connection.recv(1)
    else:
        connection.sendall(answer)
    connection.close()


@contextlib.contextmanager
def raw_server(*answers: bytes) -> Iterator[tuple[str, list[int]]]:
    """Answer one connection after another on loopback; gives the address and a list that grows with each request."""
    seen: list[int] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            for number, answer in enumerate(answers):
                with contextlib.suppress(OSError):
                    connection, _ = listener.accept()
                    seen.append(number)
                    answer_one(connection, answer)

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", seen
        for _ in range(len(answers) - len(seen)):
            with contextlib.suppress(OSError):
                socket.create_connection(listener.getsockname()).close()
        thread.join(10)


def closed_port() -> str:
    """Give an address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


@responses.activate
@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_read_is_tried_three_times(status: int) -> None:
    """A server's bad moment is no reason to fail: a read that fails twice and then works, works."""
    pauses: list[float] = []
    for _ in range(2):
        responses.get(ITEM, status=status)
    responses.get(ITEM, json={"a": 1})

    assert client(pauses=pauses).get_json("/item") == {"a": 1}
    assert pauses == [0.5, 2.0]


@responses.activate
def test_a_read_is_not_tried_for_ever() -> None:
    """After three attempts the failure is told."""
    responses.get(ITEM, status=500)

    with pytest.raises(RemoteError, match=r"support \(desk\.example\) failed at GET /item: it answered 500") as caught:
        client().get_json("/item")
    assert (len(responses.calls), caught.value.permanent) == (3, False)


@responses.activate
@pytest.mark.parametrize("status", [500, 502, 503, 504, 408])
def test_a_write_is_sent_once_and_a_failure_leaves_its_outcome_unknown(status: int) -> None:
    """A comment can be created in spite of a 500 (probot/probot#921), so a write is never repeated."""
    responses.post(ITEM, status=status)

    with pytest.raises(UnknownOutcomeError, match=rf"answered {status} to POST /item: it may have been done."):
        client().write_json("POST", "/item", {"a": 1})
    assert len(responses.calls) == 1


@responses.activate
def test_a_write_refused_for_haste_was_not_done() -> None:
    """429 means that nothing was written, and carries when to come back."""
    responses.put(ITEM, status=429, headers={"Retry-After": "93"})

    with pytest.raises(RemoteError) as caught:
        client().write_json("PUT", "/item", {})
    assert type(caught.value) is RemoteError
    assert caught.value.retry_after == timedelta(seconds=93)
    assert len(responses.calls) == 1


@responses.activate
def test_a_short_retry_after_is_waited_for() -> None:
    """A server that asks for a few seconds gets them."""
    pauses: list[float] = []
    responses.get(ITEM, status=429, headers={"Retry-After": "7"})
    responses.get(ITEM, json=[])

    assert client(pauses=pauses).get_json("/item") == []
    assert pauses == [7.0]


@responses.activate
def test_a_long_retry_after_is_handed_on_instead_of_slept_through() -> None:
    """Five minutes of silence are the daemon's to plan, not to sit out in the middle of a step."""
    pauses: list[float] = []
    responses.get(ITEM, status=429, headers={"Retry-After": "300"})

    with pytest.raises(RemoteError) as caught:
        client(pauses=pauses).get_json("/item")
    assert caught.value.retry_after == timedelta(minutes=5)
    assert (pauses, len(responses.calls)) == ([], 1)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("120", timedelta(seconds=120)),
        ("soon", None),
        ("-5", None),
        ("999999999999999999999", timedelta(days=1)),
        ("Wed, 01 Jan 2020 00:00:00 GMT", timedelta()),
        (format_datetime(datetime.now(UTC) + timedelta(days=9)), timedelta(days=1)),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date(header: str, expected: timedelta | None) -> None:
    """Both forms of RFC 9110 are understood, nonsense is ignored, and a day is the most that anybody is silenced."""
    response = requests.Response()
    response.headers["Retry-After"] = header

    assert retry_after(response) == expected


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind", "permanent", "words"),
    [
        (401, RemoteError, True, "refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN"),
        (403, RemoteError, True, "forbids GET /item: the account behind BUGBRIDGE_SUPPORT_TOKEN lacks the right"),
        (404, NotFoundError, True, "has nothing at GET /item, or the account may not see it"),
        (410, NotFoundError, True, "has nothing at GET /item, or the account may not see it"),
        (409, ConflictError, False, "did not carry out GET /item: it was changed meanwhile"),
        (412, ConflictError, False, "did not carry out GET /item: it was changed meanwhile"),
        (422, RemoteError, True, "refused GET /item with 422"),
    ],
)
def test_each_refusal_has_its_kind_and_one_sentence(
    status: int,
    kind: type[RemoteError],
    permanent: bool,  # noqa: FBT001 -- pytest passes it by name
    words: str,
) -> None:
    """Callers act by kind; people read which system, what was asked and what to look at."""
    responses.get(ITEM, status=status)

    with pytest.raises(RemoteError) as caught:
        client().get("/item")
    assert (type(caught.value), caught.value.permanent) == (kind, permanent)
    assert str(caught.value) == f"support (desk.example) {words}."


@responses.activate
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_redirects_are_not_followed(method: str) -> None:
    """A redirect would carry the token to another address, so its target is only named."""
    responses.add(method, ITEM, status=302, headers={"Location": "https://login.example/sso?back=1"})

    with pytest.raises(RemoteError, match=rf"sends {method} /item on to login\.example: correct its url") as caught:
        client().write_json(method, "/item", {})
    assert (len(responses.calls), caught.value.permanent) == (1, True)


@responses.activate
@pytest.mark.parametrize(
    ("body", "kind", "came"),
    [
        ("<html>Sign in</html>", "text/html; charset=utf-8", "200 and text/html instead of JSON"),
        ("", "application/json", "200 and nothing instead of JSON"),
        ('{"tickets": [', "application/json", "200 and broken JSON"),
        ("[" * 100_000, "application/json", "200 and broken JSON"),
        ("x", "text/\x07evil", "200 and text/ evil instead of JSON"),
    ],
)
def test_what_is_not_json_is_named(body: str, kind: str, came: str) -> None:
    """A sign-in page, nothing at all or half a document is never taken for data; after a write it proves nothing."""
    responses.get(ITEM, body=body, content_type=kind)
    responses.post(ITEM, body=body, content_type=kind)

    with pytest.raises(RemoteError) as read:
        client().get_json("/item")
    with pytest.raises(UnknownOutcomeError) as written:
        client().write_json("POST", "/item", {})
    assert str(read.value) == f"support (desk.example) answered GET /item with {came}."
    assert str(written.value) == f"support (desk.example) answered POST /item with {came}: it may have been done."


@responses.activate
def test_a_write_gives_the_answer_and_its_headers() -> None:
    """The parsed answer carries ids, the headers carry versions."""
    responses.post(ITEM, json={"id": 7}, status=201, headers={"ETag": '"v2"'})
    responses.delete(ITEM, status=204)

    document, response = client().write_json("POST", "/item", {"body": "hello"})
    nothing, _ = client().write_json("DELETE", "/item", None)

    assert (document, response.headers["ETag"], nothing) == ({"id": 7}, '"v2"', None)


@responses.activate
@pytest.mark.parametrize(
    "message",
    [
        {"error": "RecordInvalid", "description": "Status: closed\x1b[31m prevents\nupdate s3cret-token"},
        {"message": "Status: closed\x1b[31m prevents\nupdate s3cret-token"},
        {"error": {"title": "x", "message": "Status: closed\x1b[31m prevents\nupdate s3cret-token"}},
    ],
)
def test_a_vendors_words_are_short_harmless_and_hold_no_secret(message: dict[str, object]) -> None:
    """What a server says is a stranger's text: control characters and our own token never reach a terminal."""
    responses.put(ITEM, json=message, status=422)

    with pytest.raises(RemoteError) as caught:
        client().write_json("PUT", "/item", {})
    expected = 'refused PUT /item with 422 (it says: "Status: closed [31m prevents update [secret]").'
    assert str(caught.value) == f"support (desk.example) {expected}"


@responses.activate
def test_a_password_is_kept_out_in_every_form() -> None:
    """Neither the password, nor name and password, nor their encoding appears."""
    basic = RemoteClient("support", BASE, auth=HTTPBasicAuth("me", "pass-word"), secrets=("client-secret",))
    responses.get(ITEM, json={"message": "me:pass-word pass-word bWU6cGFzcy13b3Jk client-secret"}, status=400)

    with pytest.raises(RemoteError) as caught:
        basic.get("/item")
    assert str(caught.value).endswith('with 400 (it says: "[secret] [secret] [secret] [secret]").')


def test_a_token_that_no_header_can_hold_is_not_quoted() -> None:
    """A token pasted with a typographic dash fails before anything is sent, and isn't shown."""
    broken = RemoteClient(
        "support", closed_port(), headers={"Authorization": "Bearer abc\u2014def"}, secret_hint="TOKEN"
    )

    with pytest.raises(RemoteError) as caught:
        broken.write_json("POST", "/item", {})
    assert (type(caught.value), caught.value.permanent) == (RemoteError, True)
    assert str(caught.value) == (
        "support (127.0.0.1) can't be asked: its address or TOKEN can't be put into a request."
    )


@responses.activate
def test_a_password_in_netrc_does_not_replace_the_token(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another program's password for the same host must not be sent in place of ours."""
    netrc = tmp_path / "netrc"
    netrc.write_text("machine desk.example login me password other\n")
    monkeypatch.setenv("NETRC", str(netrc))
    responses.get(ITEM, json={})

    client().get_json("/item")

    assert responses.calls[0].request.headers["Authorization"] == "Bearer s3cret-token"


def test_a_write_that_found_nobody_was_not_done() -> None:
    """Where no connection came about, nothing can have been written."""
    with pytest.raises(RemoteError, match=r"support \(127\.0\.0\.1\) can't be reached: no connection") as caught:
        client(closed_port()).write_json("POST", "/item", {})
    assert (type(caught.value), caught.value.permanent) == (RemoteError, False)


@pytest.mark.parametrize(
    ("answer", "words"),
    [(HANG, "it took too long"), (RESET, "the connection broke"), (CUT, "the connection broke")],
)
def test_a_write_without_a_whole_answer_is_unknown_and_sent_once(answer: bytes, words: str) -> None:
    """A silent server, a reset and half an answer all leave open whether it was done."""
    with raw_server(answer, WHOLE) as (address, seen):
        with pytest.raises(UnknownOutcomeError) as caught:
            client(address, timeout=(1, 0.2)).write_json("POST", "/item", {})
        assert len(seen) == 1
    assert str(caught.value) == (f"support (127.0.0.1) gave no answer to POST /item, {words}: it may have been done.")


@pytest.mark.parametrize("answer", [HANG, RESET, CUT])
def test_a_read_without_a_whole_answer_is_repeated(answer: bytes) -> None:
    """Reads do no harm, so a hang, a reset and half an answer are tried again."""
    with raw_server(answer, WHOLE) as (address, seen):
        assert client(address, timeout=(1, 0.2)).get_json("/item") == {"a": 1}
        assert len(seen) == 2


def test_half_an_answer_is_never_taken_for_data() -> None:
    """A document cut off in transit is an error, even if its beginning could be read."""
    words = "gave no whole answer to GET /item: the connection broke"
    with raw_server(CUT, CUT, CUT) as (address, _), pytest.raises(RemoteError, match=words):
        client(address).get_json("/item")


def test_the_longest_call_is_what_connecting_and_reading_may_take() -> None:
    """The sender waits for this long twice before it looks a lost note up."""
    assert client(timeout=(10, 30)).longest_call == timedelta(seconds=40)


@responses.activate
def test_threads_do_not_share_a_session() -> None:
    """Cookies that one thread was given aren't sent by another."""
    responses.get(ITEM, json={}, headers={"Set-Cookie": "session=1"})
    shared = client()
    shared.get_json("/item")
    other = threading.Thread(target=shared.get_json, args=("/item",))
    other.start()
    other.join()
    shared.get_json("/item")

    assert [call.request.headers.get("Cookie") for call in responses.calls] == [None, None, "session=1"]
