"""Webhooks of every kind of helpdesk: only what was made with the secret is taken, each delivery once."""

import base64
import hmac
import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from bugbridge.core.errors import DataError
from bugbridge.entry import jobs
from bugbridge.entry.web.limits import HOOK_BODY_LIMIT
from bugbridge.registry import helpdesk_sections
from tests.entry.scene import Scene
from tests.entry.web.asking import GITHUB_HOOK, ISSUE, Web, answer, ask
from tests.entry.web.asking import signature as github_signature
from tests.entry.web.recipes import KINDS, NAMING, RECIPES, SECRET, SIGNING, TICKET, Headers, body_of

MakeWeb = Callable[[str], "HelpdeskWeb"]


class HelpdeskWeb:
    """A team whose helpdesk is of one kind, as its vendor sees it."""

    def __init__(self, scene: Scene, kind: str, secret: str = SECRET) -> None:
        self.kind = kind
        self.web = Web(scene, {"support": secret}, kind)
        self.hook = f"/hooks/{kind}/support"
        self.path = self.hook if kind in RECIPES else f"{self.hook}/{SECRET}"

    def headers(self, body: bytes, delivery: str = "delivery-1", secret: str = SECRET, minutes: float = 0) -> Headers:
        """What the vendor sends with a body, some minutes from now."""
        at = self.web.scene.clock.now() + timedelta(minutes=minutes)
        return RECIPES[self.kind](secret, body, at, delivery) if self.kind in RECIPES else {}

    def deliver(self, body: bytes | None = None, delivery: str = "delivery-1") -> int:
        """Send what proves itself; gives the status of the answer."""
        sent = body_of(self.kind) if body is None else body
        return ask(self.web.application, self.path, [sent], self.headers(sent, delivery))

    def send(self, path: str, body: bytes, headers: Headers, method: str = "POST") -> int:
        """Send anything else."""
        return ask(self.web.application, path, [body], headers, method)

    def subjects(self) -> list[str]:
        """What is to be followed."""
        return list(self.web.kept().values())

    def is_untouched(self) -> bool:
        """Whether nothing was kept and nobody woken."""
        return (self.web.kept(), self.web.woken) == ({}, [])


@pytest.fixture
def make(scene: Scene) -> MakeWeb:
    """Give a helpdesk of any kind."""
    return lambda kind: HelpdeskWeb(scene, kind)


def naming(ticket_id: object, kind: str) -> bytes:
    """A body that has something at the first place where this kind has the ticket's id."""
    place: str = helpdesk_sections()[kind].webhook.ticket_paths[0]
    document = ticket_id
    for key in reversed(place.split(".")):
        document = {key: document}
    return json.dumps(document).encode()


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_signs_as_its_vendor_does(kind: str) -> None:
    """Who can't sign has the secret in the address, and tells people which body to configure."""
    webhook = helpdesk_sections()[kind].webhook
    assert bool(webhook.signature_header) == (kind in RECIPES)
    assert webhook.signature_header or webhook.body


@pytest.mark.parametrize("kind", KINDS)
def test_a_delivery_is_taken(make: MakeWeb, kind: str) -> None:
    """It is answered with 202 and kept with the ticket that it names, and whoever follows hints is woken."""
    helpdesk = make(kind)
    assert helpdesk.deliver() == 202
    assert (helpdesk.subjects(), helpdesk.web.woken) == ([f"ticket support:{TICKET}"], ["support"])


@pytest.mark.parametrize("kind", SIGNING)
def test_one_altered_byte_is_refused(make: MakeWeb, kind: str) -> None:
    """Wherever it is."""
    helpdesk, body = make(kind), body_of(kind)
    headers = helpdesk.headers(body)
    for place in range(len(body)):
        altered = bytearray(body)
        altered[place] ^= 1
        assert helpdesk.send(helpdesk.path, bytes(altered), headers) == 401
    assert helpdesk.is_untouched()


@pytest.mark.parametrize("kind", SIGNING)
def test_a_forged_signature_is_refused(make: MakeWeb, kind: str) -> None:
    """Made with another secret or none, shortened, without its prefix, in other letters, of no ASCII, or absent."""
    helpdesk, body = make(kind), body_of(kind)
    name = helpdesk_sections()[kind].webhook.signature_header
    headers = {key.lower(): value for key, value in helpdesk.headers(body).items()}
    other, none = (helpdesk.headers(body, secret=secret) for secret in ("another secret", ""))
    right = headers[name]
    forged = [right[:-1], right.partition("=")[2], right.swapcase(), "ä", ""]
    forged += [{key.lower(): value for key, value in made.items()}[name] for made in (other, none)]
    answers = [helpdesk.send(helpdesk.path, body, {**headers, name: value}) for value in forged]
    del headers[name]
    assert {*answers, helpdesk.send(helpdesk.path, body, headers)} == {401}
    assert helpdesk.is_untouched()


TIMED = [kind for kind in SIGNING if helpdesk_sections()[kind].webhook.timestamp_header]


@pytest.mark.parametrize("minutes", [-5.1, 5.1])
@pytest.mark.parametrize("kind", TIMED)
def test_what_was_signed_long_ago_is_refused(make: MakeWeb, kind: str, minutes: float) -> None:
    """Or is to be signed in the future: the clock is the application's."""
    helpdesk, body = make(kind), body_of(kind)
    assert helpdesk.send(helpdesk.path, body, helpdesk.headers(body, minutes=minutes)) == 401
    assert helpdesk.is_untouched()


@pytest.mark.parametrize("kind", TIMED)
def test_trap_20_a_body_signed_without_its_time_is_refused(make: MakeWeb, kind: str) -> None:
    """A check of the body alone would accept what the vendor never sends, and refuse all that it does."""
    helpdesk, body = make(kind), body_of(kind)
    webhook = helpdesk_sections()[kind].webhook
    digest = hmac.digest(SECRET.encode(), body, webhook.algorithm)
    alone = webhook.prefix + (digest.hex() if webhook.encoding == "hex" else base64.b64encode(digest).decode())
    headers = {key.lower(): value for key, value in helpdesk.headers(body).items()}
    assert helpdesk.send(helpdesk.path, body, {**headers, webhook.signature_header: alone}) == 401
    assert helpdesk.send(helpdesk.path, body, headers) == 202


@pytest.mark.parametrize("kind", SIGNING)
def test_a_repeated_delivery_changes_nothing(make: MakeWeb, kind: str) -> None:
    """By its id where it has one, else by its bytes; it is answered as the first one was."""
    helpdesk = make(kind)
    headers = helpdesk.headers(body_of(kind))
    assert [helpdesk.send(helpdesk.path, body_of(kind), headers) for _ in range(2)] == [202, 202]
    assert (len(helpdesk.subjects()), helpdesk.web.woken) == (1, ["support"])


@pytest.mark.parametrize("kind", [kind for kind in SIGNING if helpdesk_sections()[kind].webhook.delivery_header])
def test_a_delivery_s_id_counts_and_not_its_body(make: MakeWeb, kind: str) -> None:
    """A body that only names the ticket comes with every change of it."""
    helpdesk, body = make(kind), naming(TICKET, kind)
    assert [helpdesk.deliver(body, delivery) for delivery in ("1", "2", "2")] == [202, 202, 202]
    assert sorted(helpdesk.web.kept()) == ["support:1", "support:2"]


@pytest.mark.parametrize("kind", TIMED)
def test_without_an_id_the_signed_time_tells_two_changes_apart(make: MakeWeb, kind: str) -> None:
    """Though both name the same ticket in the same words."""
    helpdesk, body = make(kind), naming(TICKET, kind)
    for minutes in (0, 0.1):
        headers = helpdesk.headers(body, delivery="", minutes=minutes)
        assert [helpdesk.send(helpdesk.path, body, headers) for _ in range(2)] == [202, 202]
    assert len(helpdesk.subjects()) == 2


@pytest.mark.parametrize("kind", NAMING)
def test_where_nothing_is_signed_no_change_is_swallowed(make: MakeWeb, kind: str) -> None:
    """The same bytes come with every change: before the first is followed, and after, each has the ticket read."""
    helpdesk = make(kind)
    ticket = helpdesk.web.scene.reported_bug().partition(":")[2]
    reads = []
    for times in (2, 1):
        assert [helpdesk.deliver(naming(ticket, kind)) for _ in range(times)] == [202] * times
        reads.append(jobs.hints_job(helpdesk.web.app, "support").run())
    assert ([read.tickets for read in reads], helpdesk.web.woken) == ([1, 1], ["support"] * 3)
    assert helpdesk.subjects() == []


VERBS = ["POST", "GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PROPFIND"]


@pytest.mark.parametrize("method", VERBS)
@pytest.mark.parametrize("kind", NAMING)
def test_a_wrong_secret_is_answered_like_no_hook(make: MakeWeb, kind: str, method: str) -> None:
    """To the byte, whatever the verb, and without reading the body: nobody learns that there is a hook."""
    helpdesk = make(kind)
    no_hook = f"/hooks/{kind}/another/{SECRET}"
    wrong = [helpdesk.hook, *(f"{helpdesk.hook}/{end}" for end in ("", "wrong", SECRET[:-1], f"{SECRET}/", "ä"))]
    application, headers = helpdesk.web.application, {"Content-Type": "application/json"}

    def nothing_is_read() -> Iterator[bytes]:
        raise AssertionError("the body was read")
        yield b""

    expected = answer(application, no_hook, [], headers, method)
    assert expected[0]["status"] == 404
    for path in wrong:
        assert answer(application, path, nothing_is_read(), headers, method) == expected
    assert helpdesk.is_untouched()


@pytest.mark.parametrize("kind", NAMING)
def test_who_knows_the_secret_is_told_that_only_posts_are_taken(make: MakeWeb, kind: str) -> None:
    """No vendor looks first whether somebody is there."""
    helpdesk = make(kind)
    assert helpdesk.send(helpdesk.path, b"", {}, "GET") == 405


@pytest.mark.parametrize("secret", ["a/b+c==", "per%cent", "späte Rache"])
def test_a_secret_may_hold_any_character(scene: Scene, secret: str) -> None:
    """A server hands the address on decoded."""
    web = Web(scene, {"support": secret}, "freshdesk")
    assert ask(web.application, f"/hooks/freshdesk/support/{secret}", [body_of("freshdesk")], {}) == 202


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_secret_there_is_no_door(scene: Scene, kind: str) -> None:
    """An empty secret would let everybody in."""
    helpdesk = HelpdeskWeb(scene, kind, secret="")
    body = body_of(kind)
    empty = RECIPES[kind]("", body, scene.clock.now(), "1") if kind in RECIPES else {}
    assert {helpdesk.send(path, body, empty) for path in (helpdesk.hook, f"{helpdesk.hook}/")} == {404}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("ticket_id", [4711, "4711", 10**17])
def test_a_ticket_s_id_is_a_number_or_its_digits(make: MakeWeb, kind: str, ticket_id: object) -> None:
    """Vendors send either."""
    helpdesk = make(kind)
    assert helpdesk.deliver(naming(ticket_id, kind)) == 202
    assert helpdesk.subjects() == [f"ticket support:{ticket_id}"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "ticket_id",
    [None, True, 0, -1, 4711.0, 10**30, "", "0", "-1", "4711 ", "4711\n", "٤٧١١", "4711 OR 1=1", [4711], {"id": 4711}],
)
def test_what_names_no_ticket_is_taken_and_ignored(make: MakeWeb, kind: str, ticket_id: object) -> None:
    """Whatever stands at the ticket's place: a hint may name a ticket and do nothing else."""
    helpdesk = make(kind)
    places = helpdesk_sections()[kind].webhook.ticket_paths
    if isinstance(ticket_id, dict) and f"{places[0]}.id" in places:
        ticket_id = {"number": 4711}
    assert helpdesk.deliver(naming(ticket_id, kind)) == 202
    assert helpdesk.is_untouched()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"{}", b'{"ticket": null}', b'{"ticket": [1]}', b'{"detail": "4711", "id": {}}'])
def test_a_document_without_the_ticket_s_place_is_ignored(make: MakeWeb, kind: str, body: bytes) -> None:
    """Such as a vendor's test of the address."""
    helpdesk = make(kind)
    assert helpdesk.deliver(body) == 202
    assert helpdesk.is_untouched()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if len(helpdesk_sections()[kind].webhook.ticket_paths) > 1])
def test_the_first_place_that_holds_an_id_counts(make: MakeWeb, kind: str) -> None:
    """One that holds something else is passed over."""
    helpdesk = make(kind)
    *_, last = helpdesk_sections()[kind].webhook.ticket_paths
    document: object = 4711
    for key in reversed(last.split(".")):
        document = {key: document}
    assert helpdesk.deliver(json.dumps(document).encode()) == 202
    assert helpdesk.subjects() == ["ticket support:4711"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"4711", b"\xff\xfe{", b"ticket=4711", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(make: MakeWeb, kind: str, body: bytes) -> None:
    """Although it was made with the secret."""
    helpdesk = make(kind)
    assert helpdesk.deliver(body) == 400
    assert helpdesk.is_untouched()


@pytest.mark.parametrize("kind", KINDS)
def test_more_than_one_mebibyte_is_refused(make: MakeWeb, kind: str) -> None:
    """That much is allowed, and not a byte more."""
    helpdesk = make(kind)
    whole = body_of(kind).ljust(HOOK_BODY_LIMIT)
    assert (helpdesk.deliver(whole + b" "), helpdesk.is_untouched()) == (413, True)
    assert (helpdesk.deliver(whole), len(helpdesk.subjects())) == (202, 1)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_secret_is_logged(
    make: MakeWeb, kind: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Of what was refused only the hook's path is logged, of a mistake its kind and place; never secret or payload."""
    helpdesk, body = make(kind), body_of(kind)

    def mistaken(*_: object) -> bool:
        raise ZeroDivisionError("a customer's words " + SECRET)

    def locked(*_: object) -> bool:
        raise DataError("The database is locked.")

    caplog.set_level(0)
    almost = f"{helpdesk.path}-almost"
    forged = {**helpdesk.headers(body, secret="another")}
    helpdesk.send(helpdesk.path if forged else almost, body, forged)
    monkeypatch.setattr(helpdesk.web.app.store, "receive_hint", locked)
    assert helpdesk.deliver() == 503
    monkeypatch.setattr(helpdesk.web.app.store, "receive_hint", mistaken)
    with pytest.raises(ZeroDivisionError):
        helpdesk.deliver()
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert f"{helpdesk.hook}: a delivery without the right " in logged
    assert "failed by a mistake in BugBridge (ZeroDivisionError at" in logged
    hidden = [SECRET, "customer", *helpdesk.headers(body).values()]
    assert [word for word in hidden if word in logged] == []
    assert SECRET not in repr(helpdesk.web.application.routes)


def test_trackers_and_helpdesks_are_taken_side_by_side(scene: Scene) -> None:
    """Each with its own secret, which opens no other door."""
    scene.reported_bug()
    scene.read()
    kind = "zendesk"
    web = Web(scene, {"github": "of the tracker", "support": SECRET}, kind)
    body = json.dumps(ISSUE).encode()
    by_tracker, by_helpdesk = github_signature(body, "of the tracker"), github_signature(body, SECRET)
    headers = {"X-GitHub-Event": "issues", "X-GitHub-Delivery": "1"}
    statuses = [
        ask(web.application, GITHUB_HOOK, [body], {**headers, "X-Hub-Signature-256": signed})
        for signed in (by_tracker, by_helpdesk)
    ]
    sent = RECIPES[kind](SECRET, body_of(kind), scene.clock.now(), "1")
    statuses.append(ask(web.application, f"/hooks/{kind}/support", [body_of(kind)], sent))
    assert (statuses, web.woken) == ([202, 401, 202], ["github", "support"])
