"""Zammad as it is written to: each trap and fault of its own."""

from collections.abc import Iterator
from typing import Any

import pytest
import responses

from bugbridge.core.errors import (
    ConflictError,
    LockedError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.model import AuthorKind
from bugbridge.core.snapshots import RemotePerson, RemoteTicket
from tests.helpdesks.zammad_answers import (
    MAIL,
    MARKER,
    ROOT,
    SEEN,
    TICKET,
    answering,
    helpdesk,
    lets_write,
    posted,
    reads,
)


@pytest.fixture
def zammad() -> Iterator[responses.RequestsMock]:
    """A Zammad that answers whatever isn't said otherwise."""
    with answering() as mock:
        yield mock


def test_trap_19_a_note_is_a_note_and_never_an_internal_e_mail(zammad: responses.RequestsMock) -> None:
    """Zammad sends an article of the type e-mail to the customer even if it is internal."""
    lets_write(zammad)
    zammad.post(f"{ROOT}/ticket_articles", json={"id": 33}, status=201)
    assert helpdesk().add_note(SEEN, "Due by Thursday", MARKER) == "33"
    assert posted(zammad) == [
        {
            "ticket_id": 9,
            "sender": "Agent",
            "content_type": "text/plain",
            "type": "note",
            "internal": True,
            "body": "Due by Thursday",
            "preferences": {"bugbridge_marker": MARKER},
        }
    ]


def test_nobody_but_an_agent_writes_a_note(zammad: responses.RequestsMock) -> None:
    """Zammad makes public what a customer writes, whatever they ask for: without ticket.agent nothing is posted."""
    reads(zammad, TICKET)
    zammad.get(f"{ROOT}/ticket_history/9", status=403, json={"error": "Not authorized"})
    for write in (helpdesk().add_note, helpdesk().add_reply):
        with pytest.raises(RemoteError, match=r"lacks the right ticket\.agent") as caught:
            write(SEEN, "Due", MARKER)
        assert caught.value.permanent is True
    assert posted(zammad) == []


def test_a_ticket_that_changed_gets_no_message(zammad: responses.RequestsMock) -> None:
    """A thousandth of a second is enough."""
    lets_write(zammad, {**TICKET, "updated_at": "2021-11-03T17:48:52.850Z"})
    for write in (helpdesk().add_note, helpdesk().add_reply):
        with pytest.raises(ConflictError, match="support:9 was changed meanwhile"):
            write(SEEN, "Due", MARKER)
    assert posted(zammad) == []


def test_a_merged_ticket_gets_no_message(zammad: responses.RequestsMock) -> None:
    """Zammad would take it where nobody looks."""
    lets_write(zammad, {**TICKET, "state_id": 5})
    for write in (helpdesk().add_note, helpdesk().add_reply):
        with pytest.raises(LockedError, match="support:9 is closed: it was merged"):
            write(SEEN, "Due", MARKER)
    assert posted(zammad) == []


@pytest.mark.parametrize("state", [1, 2, 3, 4, 6, 7])
def test_no_message_asks_for_another_state(zammad: responses.RequestsMock, state: int) -> None:
    """Reminders and replies leave tickets as they are, closed ones too: agents may write on those."""
    lets_write(zammad, {**TICKET, "state_id": state})
    zammad.post(f"{ROOT}/ticket_articles", json={"id": 33}, status=201)
    helpdesk().add_note(SEEN, "Due", MARKER)
    helpdesk().add_reply(SEEN, "Fixed.", MARKER)
    assert [sorted(each) for each in posted(zammad)] == [
        ["body", "content_type", "internal", "preferences", "sender", "ticket_id", "type"],
        ["body", "content_type", "internal", "preferences", "sender", "subject", "ticket_id", "to", "type"],
    ]


@pytest.mark.parametrize(
    ("as_assignee", "ticket", "name"),
    [
        (True, SEEN, "3"),
        (False, SEEN, None),
        (True, RemoteTicket(**{key: getattr(SEEN, key) for key in SEEN.__slots__ if key != "assignee"}), None),
    ],
)
def test_a_reply_is_an_e_mail_to_the_requester(
    zammad: responses.RequestsMock, *, as_assignee: bool, ticket: RemoteTicket, name: str | None
) -> None:
    """It bears the assignee's name where that is wanted and there is one, else BugBridge's."""
    lets_write(zammad)
    zammad.post(f"{ROOT}/ticket_articles", json={"id": 34}, status=201)
    reply = helpdesk(reply_as_assignee=as_assignee).add_reply(ticket, "It is fixed.", MARKER)
    (body,) = posted(zammad)
    sent = {key: body[key] for key in ("type", "internal", "to", "subject")}
    assert (reply.ticket_id, reply.message_id) == ("9", "34")
    assert sent == {"type": "email", "internal": False, "to": "david@example.com", "subject": "Need more information!"}
    assert zammad.calls[-1].request.headers.get("From") == name
    assert body["preferences"] == {"bugbridge_marker": MARKER}


def test_who_has_no_address_cant_be_answered(zammad: responses.RequestsMock) -> None:
    """Who wrote by chat or telephone may have none; asking again doesn't help, and nothing is asked."""
    nameless = RemoteTicket("9", SEEN.created_at, SEEN.updated_at, SEEN.status, RemotePerson("10", AuthorKind.CUSTOMER))
    with pytest.raises(RemoteError, match=r"support:9 can't be answered: .* no e-mail address") as caught:
        helpdesk().add_reply(nameless, "It is fixed.", MARKER)
    assert (caught.value.permanent, len(zammad.calls)) == (True, 0)


def test_a_reply_that_may_not_bear_another_name_names_the_right(zammad: responses.RequestsMock) -> None:
    """has_user.rb: acting for others takes admin.user."""
    lets_write(zammad)
    words = "Current user has no permission to use 'From'/'X-On-Behalf-Of'!"
    zammad.post(f"{ROOT}/ticket_articles", status=403, json={"error": words})
    with pytest.raises(RemoteError, match=r"BUGBRIDGE_SUPPORT_TOKEN lacks the right .*admin\.user") as caught:
        helpdesk(reply_as_assignee=True).add_reply(SEEN, "It is fixed.", MARKER)
    assert caught.value.permanent is True


@pytest.mark.parametrize(("status", "answer"), [(500, {"error": "x"}), (201, {}), (201, []), (201, {"id": "no"})])
def test_an_unclear_answer_leaves_the_outcome_unknown(
    zammad: responses.RequestsMock, status: int, answer: object
) -> None:
    """The marker is looked for later; nothing is posted twice by itself."""
    lets_write(zammad)
    zammad.post(f"{ROOT}/ticket_articles", status=status, json=answer)
    with pytest.raises(UnknownOutcomeError):
        helpdesk().add_note(SEEN, "Due", MARKER)
    assert len(posted(zammad)) == 1


@pytest.mark.parametrize(
    ("article", "is_ours"),
    [
        ({"created_by_id": 9, "sender": "Agent", "internal": True}, True),
        ({"created_by_id": 9, "sender": "Agent"}, True),
        ({"created_by_id": 3, "sender": "Agent"}, True),
        ({"created_by_id": 3, "sender": "Agent", "internal": True}, False),
        ({"created_by_id": 10, "sender": "Customer"}, False),
        ({"created_by_id": 9, "sender": "Agent", "preferences": {}, "body": MARKER}, False),
        ({"created_by_id": 9, "sender": "Agent", "preferences": {"bugbridge_marker": f"{MARKER}7"}}, False),
        ({"created_by_id": 9, "sender": "Agent", "preferences": {"bugbridge_marker": [MARKER]}}, False),
        ({"created_by_id": 9, "sender": "Agent", "preferences": None}, False),
    ],
)
def test_our_own_message_is_known_by_what_nobody_sees(
    zammad: responses.RequestsMock, article: dict[str, Any], *, is_ours: bool
) -> None:
    """A marker in a text proves nothing. In its preferences, a public reply of an agent's is one in their name."""
    shown = {**MAIL, "preferences": {"bugbridge_marker": MARKER}, **article}
    zammad.get(f"{ROOT}/ticket_articles/by_ticket/9", json=[shown])
    assert helpdesk().find_note("9", MARKER) == ("19" if is_ours else "")


@pytest.mark.parametrize(("tag", "on"), [("complaint", True), ("bugbridge_due", False)])
def test_a_tag_that_is_as_it_should_be_is_left_alone(zammad: responses.RequestsMock, tag: str, *, on: bool) -> None:
    """Zammad would call the ticket changed, and it would be read again."""
    helpdesk().set_tag(SEEN, tag, on=on)
    assert posted(zammad) == []


@pytest.mark.parametrize(
    ("tag", "on", "method", "path"), [("due", True, "POST", "tags/add"), ("complaint", False, "DELETE", "tags/remove")]
)
def test_one_tag_is_written_and_the_others_arent_named(
    zammad: responses.RequestsMock, tag: str, *, on: bool, method: str, path: str
) -> None:
    """So none is lost that somebody adds at the same time."""
    zammad.add(method, f"{ROOT}/{path}", json=True)
    helpdesk().set_tag(SEEN, tag, on=on)
    assert posted(zammad) == [{"object": "Ticket", "o_id": 9, "item": tag}]


def test_a_tag_that_may_not_be_made_names_the_right(zammad: responses.RequestsMock) -> None:
    """tags_controller.rb refuses a new tag where only administrators make them."""
    zammad.post(f"{ROOT}/tags/add", status=403, json={"error": "Not authorized"})
    with pytest.raises(RemoteError, match=r"lacks the right .*Admin > Manage > Tags"):
        helpdesk().set_tag(SEEN, "bugbridge_due", on=True)
