"""Request Tracker as a helpdesk, against answers copied from a real one: what is written, and found again."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import responses

from bugbridge.core.errors import (
    BugBridgeError,
    ConflictError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.snapshots import (
    PostedReply,
)
from bugbridge.helpdesks.request_tracker import RequestTracker
from bugbridge.ports import Guarantee
from tests.helpdesks.request_tracker_answers import (
    OUR_TEXT,
    READ,
    ROOT,
    TAGS,
    TICKET,
    asked,
    helpdesk,
    page,
)


@pytest.fixture
def rt() -> Iterator[responses.RequestsMock]:
    """Every answer given must be asked for."""
    with responses.RequestsMock() as mock:
        yield mock


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


@pytest.mark.parametrize(
    ("write", "right"),
    [
        (lambda desk: desk.add_note(TICKET, "Due", "BB-7K3F9Q"), "CommentOnTicket"),
        (lambda desk: desk.add_reply(TICKET, "Fixed", "BB-7K3F9Q"), "ReplyToTicket"),
    ],
)
def test_a_missing_right_to_write_is_named_and_nothing_is_sent(
    rt: responses.RequestsMock, write: Callable[[RequestTracker], object], right: str
) -> None:
    """RT offers no link for what we may not do, and would only answer 400 with "Permission Denied"."""
    rt.get(f"{ROOT}/ticket/4", json={**READ, "_hyperlinks": []}, headers={"ETag": '"74"'})
    with pytest.raises(RemoteError, match=f"support:4 .* grant {right}") as caught:
        write(helpdesk())
    assert caught.value.permanent is True


def test_a_reply_is_correspondence_and_sets_no_status(rt: responses.RequestsMock) -> None:
    """A status in the payload would have RT tell the customer again that the ticket is resolved."""
    rt.get(f"{ROOT}/ticket/4", json=READ, headers={"ETag": '"74"'})
    location = {"Location": "/REST/2.0/transaction/76"}
    rt.post(f"{ROOT}/ticket/4/correspond", status=201, json=["Correspondence added"], headers=location)
    assert helpdesk().add_reply(TICKET, "Fixed in 4.2.", "BB-7K3F9Q") == PostedReply("4", "76")
    sent = json.loads(rt.calls[1].request.body or "")
    assert sent == {"Content": "Fixed in 4.2.\n\nRef BB-7K3F9Q", "ContentType": "text/plain"}


def tagged(*values: str) -> dict[str, object]:
    """A ticket whose tags are these."""
    return {**READ, "CustomFields": [{**TAGS, "values": list(values)}]}


def test_trap_18_a_tag_is_written_with_all_others_and_nothing_else(rt: responses.RequestsMock) -> None:
    """RT replaces whatever a PUT names: links are never named, and the field's other values are read just before."""
    rt.get(f"{ROOT}/ticket/4", json=tagged("vip"), headers={"ETag": '"74"'})
    rt.put(f"{ROOT}/ticket/4", json=["due added as a value for Tags"])
    rt.get(f"{ROOT}/ticket/4", json=tagged("vip", "due"), headers={"ETag": '"75"'})
    helpdesk(tag_field="Tags").set_tag(TICKET, "due", on=True)
    request = rt.calls[1].request
    assert json.loads(request.body or "") == {"CustomFields": {"3": ["vip", "due"]}}
    assert request.headers["If-Match"] == '"74"'


def test_trap_18_a_refusal_that_rt_only_mentions_is_seen(rt: responses.RequestsMock) -> None:
    """It answers 200 and a list of messages, whatever came of it."""
    rt.get(f"{ROOT}/ticket/4", json=tagged("vip"), headers={"ETag": '"74"'})
    rt.put(f"{ROOT}/ticket/4", json=["Permission Denied"])
    with pytest.raises(RemoteError, match="grant ModifyCustomField on Tags"):
        helpdesk(tag_field="Tags").set_tag(TICKET, "due", on=True)


@pytest.mark.parametrize(
    ("tag_field", "sentence"),
    [("Tags", "has no field Tags"), ("", "name a custom field of its tickets as `tag_field`")],
)
def test_a_ticket_without_the_field_takes_no_tag(rt: responses.RequestsMock, tag_field: str, sentence: str) -> None:
    """The sentence says what to do, and nothing is written."""
    rt.get(f"{ROOT}/ticket/4", json=READ, headers={"ETag": '"74"'})
    with pytest.raises(RemoteError, match=sentence):
        helpdesk(tag_field=tag_field).set_tag(TICKET, "due", on=True)


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


def test_the_texts_of_an_unknown_ticket_are_not_asked_for(rt: responses.RequestsMock) -> None:
    """RT would answer those of all tickets, a note of ours on another one among them."""
    rt.get(f"{ROOT}/ticket/99", status=404, json={"message": "Not Found"})
    with pytest.raises(NotFoundError):
        helpdesk().find_note("99", "BB-7K3F9Q")


def test_request_tracker_offers_a_look_up_only() -> None:
    """It answers 412 to every conditional comment, so a posted note is known by its marker alone."""
    assert helpdesk().guarantee == Guarantee.LOOKUP
