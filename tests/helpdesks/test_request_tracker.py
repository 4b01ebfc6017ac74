"""Request Tracker 5 as a helpdesk, against answers copied from a real one."""

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from bugbridge.core.errors import (
    BugBridgeError,
    ConflictError,
    DataError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import Check, RemoteAccount, RemoteMessage, RemotePerson, RemoteTicket, TicketPage
from bugbridge.helpdesks.request_tracker import RequestTracker
from bugbridge.ports import Guarantee
from tests.helpdesks.request_tracker_answers import (
    ADA,
    CARL,
    CLOCK,
    FOUND,
    HISTORY,
    OUR_TEXT,
    READ,
    ROOT,
    SELF,
    TEXTS,
    TOKEN,
)

CUSTOMER = RemotePerson(
    remote_id="carl@acme.example",
    kind=AuthorKind.CUSTOMER,
    name="Carl Customer",
    address="carl@acme.example",
    account=RemoteAccount(remote_id="Acme", name="Acme", tier="enterprise"),
    locale="de",
    zone="Europe/Berlin",
)
AGENT = RemotePerson(remote_id="ada", kind=AuthorKind.AGENT, name="Ada Agent", address="ada@support.example")
TICKET = RemoteTicket(
    remote_id="4",
    created_at=datetime(2026, 11, 21, 21, 28, 30, tzinfo=UTC),
    updated_at=datetime(2026, 11, 21, 21, 20, 41, tzinfo=UTC),
    status=TicketStatus.OPEN,
    requester=CUSTOMER,
    subject="Ünï 4",
    assignee=AGENT,
    brand="Support",
    version='"74"',
    reference_fields=("https://github.com/acme/app/issues/12",),
)


@pytest.fixture
def rt() -> Iterator[responses.RequestsMock]:
    """Every answer given must be asked for."""
    with responses.RequestsMock() as mock:
        yield mock


def helpdesk(**options: Any) -> RequestTracker:
    """The helpdesk under test."""
    options = {"tier_field": "Tier", "secret_hint": "BUGBRIDGE_SUPPORT_TOKEN", **options}
    return RequestTracker("support", "https://rt.example/", options.pop("token", TOKEN), **options)


def page(*items: object) -> dict[str, object]:
    """A list as RT answers it."""
    return {"count": len(items), "items": list(items), "page": 1, "pages": None, "per_page": 100, "total": None}


def found(number: int, updated: str, **changes: object) -> dict[str, object]:
    """A ticket in a search's answer."""
    return {**copy.deepcopy(FOUND), "id": str(number), "EffectiveId": str(number), "LastUpdated": updated, **changes}


def asked(rt: responses.RequestsMock, call: int) -> str:
    """The query of a request."""
    return parse_qs(urlsplit(str(rt.calls[call].request.url)).query)["query"][0]


def signs_in(rt: responses.RequestsMock, **changes: object) -> None:
    """RT tells who we are."""
    rt.get(f"{ROOT}/user/35", json={**SELF, **changes})


def test_every_request_carries_the_token(rt: responses.RequestsMock) -> None:
    """RT knows us by our token alone."""
    rt.get(f"{ROOT}/user/35", json={**SELF, "Timezone": "Europe/Berlin"})
    helpdesk().check()
    assert rt.calls[0].request.headers["Authorization"] == f"token {TOKEN}"


def test_a_changed_ticket_comes_with_all_that_a_search_tells(rt: responses.RequestsMock) -> None:
    """Requester, account, tier, assignee, queue and links to other systems are read in one request."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(FOUND), headers=CLOCK)
    unversioned = RemoteTicket(**{**{key: getattr(TICKET, key) for key in TICKET.__slots__}, "version": ""})
    assert list(helpdesk().changed_since("")) == [TicketPage((unversioned,), "2026-11-21T21:20:41Z 4")]


def test_a_search_begins_after_the_cursor_and_says_its_second_without_a_zone(rt: responses.RequestsMock) -> None:
    """RT takes an instant with a Z for 1970 and would answer everything."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(), headers=CLOCK)
    list(helpdesk(queues=["Support", "O'Brien"]).changed_since("2026-11-21T21:20:41Z 4"))
    assert asked(rt, 1) == (
        "LastUpdated >= '2026-11-21 21:20:41' AND (LastUpdated > '2026-11-21 21:20:41' OR id > 4)"
        " AND (Queue = 'Support' OR Queue = 'O\\'Brien')"
    )


def test_pages_follow_one_another_by_time_and_number(rt: responses.RequestsMock) -> None:
    """A hundred tickets of one second fill a page; the next page goes on among that second's, and none is lost."""
    first = [found(number, "2026-11-21T21:20:41Z") for number in range(1, 101)]
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(*first), headers=CLOCK)
    rt.get(f"{ROOT}/tickets", json=page(found(101, "2026-11-21T21:20:41Z")), headers=CLOCK)
    cursors = [result.cursor for result in helpdesk().changed_since("")]
    assert cursors == ["2026-11-21T21:20:41Z 100", "2026-11-21T21:20:41Z 101"]
    assert asked(rt, 2).endswith("OR id > 100)")


def test_the_cursor_stays_a_minute_behind_the_clock_of_rt(rt: responses.RequestsMock) -> None:
    """A change may become visible after a later one: what is younger than a minute is asked for again."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(found(4, "2026-11-21T21:28:41Z")), headers=CLOCK)
    assert [result.cursor for result in helpdesk().changed_since("")] == ["2026-11-21T21:27:42Z 0"]


def test_a_cursor_never_goes_back(rt: responses.RequestsMock) -> None:
    """Not even if RT's clock was set back."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(found(5, "2026-11-21T21:28:41Z")), headers=CLOCK)
    cursors = [result.cursor for result in helpdesk().changed_since("2026-11-21T21:28:40Z 4")]
    assert cursors == ["2026-11-21T21:28:40Z 4"]


def test_a_cursor_of_another_helpdesk_is_refused() -> None:
    """Better no search than one from a wrong place."""
    with pytest.raises(DataError, match="isn't one of Request Tracker's"):
        list(helpdesk().changed_since("djoyNg=="))


@pytest.mark.parametrize("zone", ["Europe/Berlin", "", None])
def test_a_user_without_utc_is_refused(rt: responses.RequestsMock, zone: str | None) -> None:
    """RT reads a search's dates in the asking user's zone: in another one, hours of changes would be left out."""
    signs_in(rt, Timezone=zone)
    with pytest.raises(RemoteError, match="Set the time zone of the user bugbridge in support to UTC"):
        list(helpdesk().changed_since(""))


def test_a_ticket_read_afresh_carries_its_etag(rt: responses.RequestsMock) -> None:
    """The version is what the note is posted against."""
    rt.get(f"{ROOT}/ticket/4", json=READ, headers={"ETag": '"74"'})
    rt.get(f"{ROOT}/tickets", json=page(FOUND))
    assert helpdesk().ticket("4") == TICKET


def test_a_merged_ticket_names_its_survivor(rt: responses.RequestsMock) -> None:
    """RT answers the survivor when asked for a merged ticket; only the search still knows it."""
    rt.get(f"{ROOT}/ticket/2", json={**READ, "id": 1}, headers={"ETag": '"67"'})
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "id": "2", "EffectiveId": "1"}))
    ticket = helpdesk().ticket("2")
    assert (ticket.remote_id, ticket.merged_into) == ("2", "1")


def test_a_deleted_ticket_is_gone(rt: responses.RequestsMock) -> None:
    """RT leaves deleted tickets out of every search but still shows them."""
    rt.get(f"{ROOT}/ticket/4", json={**READ, "Status": "deleted"}, headers={"ETag": '"71"'})
    rt.get(f"{ROOT}/tickets", json=page())
    assert helpdesk().ticket("4").gone is True


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("new", TicketStatus.OPEN),
        ("stalled", TicketStatus.PENDING),
        ("resolved", TicketStatus.SOLVED),
        ("rejected", TicketStatus.CLOSED),
        ("awaiting parts", TicketStatus.OPEN),
    ],
)
def test_a_status_is_put_into_our_words(rt: responses.RequestsMock, status: str, expected: TicketStatus) -> None:
    """One that a team made up counts as open, so that nothing due on it is forgotten."""
    rt.get(f"{ROOT}/ticket/4", json=READ)
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "Status": status}))
    assert helpdesk().ticket("4").status == expected


def test_messages_tell_who_wrote_and_for_whom(rt: responses.RequestsMock) -> None:
    """Comments are internal, the first message and correspondence public; privileged users are agents."""
    rt.get(f"{ROOT}/ticket/4/history", json=page(*HISTORY))
    rt.get(f"{ROOT}/ticket/4/attachments", json=page(*TEXTS))
    signs_in(rt)
    rt.get(f"{ROOT}/user/ada", json=ADA)
    rt.get(f"{ROOT}/user/carl%40acme.example", json=CARL)
    opened, answered = datetime(2026, 11, 21, 21, 28, 30, tzinfo=UTC), datetime(2026, 11, 21, 21, 28, 34, tzinfo=UTC)
    ours = RemotePerson("bugbridge", AuthorKind.SELF, "BugBridge", "bugbridge@support.example")
    greeting = "Hello & goodbye\n<blockquote>old\n</blockquote>"
    assert helpdesk().messages("4") == (
        RemoteMessage("59", CUSTOMER, public=True, created_at=opened, body=greeting),
        RemoteMessage("61", AGENT, public=False, created_at=answered, body="internal <b>note</b>\nsecond line"),
        RemoteMessage("62", AGENT, public=True, created_at=answered, body="Fixed in https://acme.example/4.2 4.2"),
        RemoteMessage("65", ours, public=False, created_at=answered, body="Due by Thursday\n\nRef BB-7K3F9Q"),
    )


def test_an_author_that_rt_does_not_know_is_no_agent(rt: responses.RequestsMock) -> None:
    """Only an agent's note makes a link, so a doubt must not make one; RT's own account is a bot."""
    vanished = {**HISTORY[1], "Creator": {"id": "a/b"}}
    rt.get(f"{ROOT}/ticket/4/history", json=page(vanished, {**HISTORY[2], "Creator": {"id": "RT_System"}}))
    rt.get(f"{ROOT}/ticket/4/attachments", json=page())
    signs_in(rt)
    rt.get(f"{ROOT}/user/a%2Fb", status=404, json={"message": "Not Found"})
    kinds = [message.author.kind for message in helpdesk().messages("4")]
    assert kinds == [AuthorKind.CUSTOMER, AuthorKind.BOT]


def test_a_long_history_is_read_to_its_end(rt: responses.RequestsMock) -> None:
    """RT names no total for it, so reading goes on after the last number seen."""
    first = [{**HISTORY[0], "Creator": {"id": "RT_System"}, "id": str(number)} for number in range(1, 101)]
    rt.get(f"{ROOT}/ticket/4/history", json=page(*first))
    rt.get(f"{ROOT}/ticket/4/history", json=page({**first[0], "id": "130"}))
    rt.get(f"{ROOT}/ticket/4/attachments", json=page())
    assert len(helpdesk().messages("4")) == 101
    assert json.loads(asked(rt, 1))[-1] == {"field": "id", "operator": ">", "value": "100"}


def test_a_note_is_a_comment_with_the_marker_as_its_last_line(rt: responses.RequestsMock) -> None:
    """Posted once, only if the ticket is still as it was read, and known by its transaction."""
    rt.get(f"{ROOT}/ticket/4", json=READ, headers={"ETag": '"74"'})
    location = {"Location": "/REST/2.0/transaction/75"}
    rt.post(f"{ROOT}/ticket/4/comment", status=201, json=["Comments added"], headers=location)
    assert helpdesk().add_note(TICKET, "Due by Thursday: ünï.\n", "BB-7K3F9Q") == "75"
    sent = json.loads(rt.calls[1].request.body or "")
    assert sent == {"Content": "Due by Thursday: ünï.\n\nRef BB-7K3F9Q", "ContentType": "text/plain"}


def test_a_note_is_not_posted_on_a_ticket_that_changed(rt: responses.RequestsMock) -> None:
    """What was decided on another state is decided again; the mock would object to a post."""
    rt.get(f"{ROOT}/ticket/4", json=READ, headers={"ETag": '"75"'})
    with pytest.raises(ConflictError, match="support:4 was changed meanwhile"):
        helpdesk().add_note(TICKET, "Due by Thursday.", "BB-7K3F9Q")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 400, "json": {"message": "Permission Denied"}}, RemoteError),
        ({"status": 500, "body": "<html>"}, UnknownOutcomeError),
        ({"status": 201, "body": "<html>"}, UnknownOutcomeError),
        ({"status": 201, "json": ["Comments added"]}, UnknownOutcomeError),
        ({"body": requests.ReadTimeout()}, UnknownOutcomeError),
    ],
)
def test_a_note_is_never_sent_twice(
    rt: responses.RequestsMock, answer: dict[str, Any], kind: type[BugBridgeError]
) -> None:
    """A refusal is known to have written nothing; after anything else the outcome is unknown, and a look-up decides."""
    rt.get(f"{ROOT}/ticket/4", json=READ, headers={"ETag": '"74"'})
    rt.post(f"{ROOT}/ticket/4/comment", **answer)
    with pytest.raises(RemoteError) as caught:
        helpdesk().add_note(TICKET, "Due by Thursday.", "BB-7K3F9Q")
    assert (type(caught.value), len(rt.calls)) == (kind, 2)


def test_our_note_is_found_by_its_marker_among_our_own_alone(rt: responses.RequestsMock) -> None:
    """An agent who quotes the marker must not look like us, so only our own texts are asked for."""
    rt.get(f"{ROOT}/ticket/4", json=READ)
    rt.get(f"{ROOT}/ticket/4/attachments", json=page(OUR_TEXT))
    assert helpdesk().find_note("4", "BB-7K3F9Q") == "65"
    assert {"field": "Creator", "value": "35"} in json.loads(asked(rt, 1))


@pytest.mark.parametrize("marker", ["BB-7K3F9", "BB-ZZZZZZ"])
def test_another_marker_is_not_ours(rt: responses.RequestsMock, marker: str) -> None:
    """Nor is the beginning of one."""
    rt.get(f"{ROOT}/ticket/4/attachments", json=page(OUR_TEXT))
    rt.get(f"{ROOT}/ticket/4", json=READ)
    assert helpdesk().find_note("4", marker) == ""


def test_the_empty_history_of_an_unknown_ticket_is_no_answer(rt: responses.RequestsMock) -> None:
    """RT answers an empty list for the history of a ticket that isn't there."""
    rt.get(f"{ROOT}/ticket/99/history", json=page())
    rt.get(f"{ROOT}/ticket/99", status=404, json={"message": "Not Found"})
    with pytest.raises(NotFoundError):
        helpdesk().messages("99")


def test_the_texts_of_an_unknown_ticket_are_not_asked_for(rt: responses.RequestsMock) -> None:
    """RT would answer those of all tickets, a note of ours on another one among them."""
    rt.get(f"{ROOT}/ticket/99", status=404, json={"message": "Not Found"})
    with pytest.raises(NotFoundError):
        helpdesk().find_note("99", "BB-7K3F9Q")


@pytest.mark.parametrize("number", ["4 OR id > 0", "../user/1", "", "٤", "04"])
def test_only_a_number_names_a_ticket(number: str) -> None:
    """Nothing else reaches an address or a query."""
    with pytest.raises(NotFoundError, match="tickets there have numbers"):
        helpdesk().ticket(number)


def test_an_unexpected_answer_is_one_sentence_without_its_content(rt: responses.RequestsMock) -> None:
    """What stood there may be a customer's."""
    rt.get(f"{ROOT}/ticket/4", json={**READ, "Created": "carl's secret"})
    with pytest.raises(RemoteError) as caught:
        helpdesk().ticket("4")
    assert str(caught.value) == "support answered with an unexpected ticket (Created): is it RT 5?"


def test_a_page_that_is_not_json_is_one_sentence(rt: responses.RequestsMock) -> None:
    """A proxy's page in RT's place says so."""
    rt.get(f"{ROOT}/ticket/4", body="<html>")
    with pytest.raises(RemoteError, match="support answered with something that isn't JSON"):
        helpdesk().ticket("4")


def test_check_praises_what_is_well(rt: responses.RequestsMock) -> None:
    """Every line of a good set-up is well."""
    signs_in(rt)
    rt.get(f"{ROOT}/queues/all", json=page({"Name": "Support", "id": "3", "type": "queue"}))
    rt.get(f"{ROOT}/tickets", json=page(FOUND))
    assert {check.id: check.well for check in helpdesk(queues=["Support"]).check()} == dict.fromkeys(
        ["sign_in", "time_zone", "privileged", "queues", "notes"], True
    )


def test_check_says_what_to_do_about_each_fault(rt: responses.RequestsMock) -> None:
    """Zone, rank, queue and right to comment are each a line with a remedy."""
    signs_in(rt, Timezone="", Privileged=0)
    rt.get(f"{ROOT}/queues/all", json=page())
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "_hyperlinks": []}))
    faults = [
        check.sentence.split(" in support")[0] for check in helpdesk(queues=["Support"]).check() if not check.well
    ]
    assert faults == [
        "Set the time zone of the user bugbridge",
        "Let the user bugbridge",
        "Grant SeeQueue on Support",
        "Grant CommentOnTicket",
    ]


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("hello", "BUGBRIDGE_SUPPORT_TOKEN isn't a token of support: they look like 1-35-0123abcd."),
        (TOKEN, "support (rt.example) refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN."),
    ],
)
def test_check_names_the_variable_of_a_wrong_token(token: str, sentence: str) -> None:
    """And never the token."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as rt:
        rt.get(f"{ROOT}/user/35", status=401, json={"message": "Unauthorized"})
        assert helpdesk(token=token).check() == (Check("sign_in", well=False, sentence=sentence),)


def test_a_ticket_has_an_address_for_people() -> None:
    """The page that agents know."""
    assert helpdesk().web_url("4") == "https://rt.example/Ticket/Display.html?id=4"


def test_request_tracker_offers_a_look_up_only() -> None:
    """It answers 412 to every conditional comment, so a posted note is known by its marker alone."""
    assert helpdesk().guarantee == Guarantee.LOOKUP
