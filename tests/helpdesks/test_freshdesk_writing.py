"""What is written in Freshdesk, and what can't be written on archived tickets.

Sections meant by [name] are those of https://developers.freshdesk.com/api.
"""

from datetime import timedelta

import pytest
import responses

from bugbridge.core.errors import (
    ConflictError,
    LockedError,
    MovedError,
    NotFoundError,
    RemoteError,
    UnknownOutcomeError,
)
from bugbridge.core.model import TicketStatus
from tests.helpdesks.freshdesk_answers import (
    AGENT,
    API,
    CUSTOMER,
    MARKER,
    OWN,
    agent,
    contact,
    conversation,
    freshdesk,
    sent,
    serve_people,
    serve_ticket,
    ticket,
)


@responses.activate
def test_a_note_is_private_html_that_shows_the_text_as_it_is() -> None:
    """[Conversations], "Create a Note": the body is HTML, and `private` is always said."""
    serve_ticket()
    responses.post(f"{API}/tickets/4711/notes", json={"id": 77}, status=201)
    helpdesk = freshdesk()
    body = 'Due <b>by "Thursday"</b> & no later\n<script>x</script>\n'
    assert helpdesk.add_note(helpdesk.ticket("4711"), body, MARKER) == "77"
    shown = "Due &lt;b&gt;by &quot;Thursday&quot;&lt;/b&gt; &amp; no later<br>&lt;script&gt;x&lt;/script&gt;"
    assert sent() == [{"body": f"{shown}<br><br>Ref {MARKER}", "private": True}]


@responses.activate
@pytest.mark.parametrize(
    ("responder", "expected"), [(AGENT, {"user_id": AGENT}), (None, {}), (OWN, {}), (104, {})], ids=str
)
def test_a_reply_bears_the_assignees_name_where_that_is_a_person(
    responder: int | None, expected: dict[str, int]
) -> None:
    """[Conversations], "Create a Reply", `user_id`: never a program's name, and our own without being told."""
    serve_ticket(responder_id=responder)
    responses.get(f"{API}/agents/104", json=agent(104, type="ai_agent"))
    responses.post(f"{API}/tickets/4711/reply", json={"id": 78}, status=201)
    helpdesk = freshdesk()
    posted = helpdesk.add_reply(helpdesk.ticket("4711"), "It is fixed.", MARKER)
    assert (posted.ticket_id, posted.message_id) == ("4711", "78")
    assert sent() == [{"body": f"It is fixed.<br><br>Ref {MARKER}", **expected}]


@responses.activate
@pytest.mark.parametrize("changed", [{"updated_at": "2026-06-01T09:00:01Z"}, {"deleted": True}, {"spam": True}])
def test_nothing_is_posted_on_a_ticket_that_isnt_as_it_was_read(changed: dict[str, object]) -> None:
    """Freshdesk takes no write on condition, so the ticket is read just before."""
    serve_ticket()
    helpdesk = freshdesk()
    stale = helpdesk.ticket("4711")
    responses.upsert("GET", f"{API}/tickets/4711", json=ticket(**changed))
    for write in (helpdesk.add_note, helpdesk.add_reply):
        with pytest.raises((ConflictError, NotFoundError), match="nothing was posted"):
            write(stale, "Due", MARKER)
    assert sent() == []


@responses.activate
@pytest.mark.parametrize("answer", [{}, [], {"id": None}, "done"])
def test_an_answer_without_a_number_leaves_the_outcome_unknown(answer: object) -> None:
    """It was written in all likelihood: whoever asks must look before posting again."""
    serve_ticket()
    responses.post(f"{API}/tickets/4711/notes", json=answer, status=201)
    helpdesk = freshdesk()
    with pytest.raises(UnknownOutcomeError, match="it may have been done"):
        helpdesk.add_note(helpdesk.ticket("4711"), "Due", MARKER)


@responses.activate
def test_a_note_that_is_told_to_wait_is_sent_once_and_says_for_how_long() -> None:
    """[Rate Limit]: 429 with Retry-After in seconds; nothing was written."""
    serve_ticket()
    refused = responses.post(f"{API}/tickets/4711/notes", status=429, headers={"Retry-After": "53"})
    helpdesk = freshdesk()
    with pytest.raises(RemoteError, match="slow down") as caught:
        helpdesk.add_note(helpdesk.ticket("4711"), "Due", MARKER)
    assert (type(caught.value), caught.value.retry_after, refused.call_count) == (
        RemoteError,
        timedelta(seconds=53),
        1,
    )


@responses.activate
@pytest.mark.parametrize(
    ("written", "found"),
    [
        ({"user_id": OWN}, "1"),
        ({"user_id": AGENT, "private": False, "source": 0}, "1"),
        ({"user_id": AGENT}, ""),
        ({"user_id": AGENT, "private": False, "source": 2}, ""),
        ({"user_id": AGENT, "private": False, "source": 0, "automation_id": 3}, ""),
        ({"user_id": CUSTOMER, "private": False, "source": 0, "incoming": True}, ""),
        ({"user_id": OWN, "body": f"<div>as Ref {MARKER} said</div>"}, ""),
    ],
)
def test_only_our_own_notes_and_replies_to_the_customer_are_found(written: dict[str, object], found: str) -> None:
    """A marker that somebody copied never keeps a note from being posted."""
    serve_ticket(conversation(1, **{"body": f"<div>Due<br><br>Ref {MARKER}</div>", **written}))
    assert freshdesk().find_note("4711", MARKER) == found


@responses.activate
def test_tags_are_read_just_before_because_all_are_replaced() -> None:
    """[Tickets], "Update a Ticket": what isn't sent is lost. Nothing is sent where nothing changes."""
    serve_ticket(tags=["old"])
    responses.put(f"{API}/tickets/4711", json=ticket())
    helpdesk = freshdesk()
    stale = helpdesk.ticket("4711")
    responses.upsert("GET", f"{API}/tickets/4711", json=ticket(tags=["new", "vip"]))
    helpdesk.set_tag(stale, "bugbridge_due", on=True)
    helpdesk.set_tag(stale, "vip", on=True)
    helpdesk.set_tag(stale, "vip", on=False)
    helpdesk.set_tag(stale, "bugbridge_due", on=False)
    assert sent() == [{"tags": ["new", "vip", "bugbridge_due"]}, {"tags": ["new"]}]


def serve_archived(**more: object) -> None:
    """Answer as [Archive Tickets] says: the ticket is found nowhere else."""
    serve_people()
    responses.get(f"{API}/tickets/4711", status=404)
    responses.get(f"{API}/tickets/archived/4711", json=ticket(status=5, **more))
    responses.get(f"{API}/tickets/archived/4711/conversations", json=[])


@responses.activate
def test_an_archived_ticket_takes_neither_note_nor_tag() -> None:
    """It is read-only for good (Freshdesk's help, "Ticket archiving")."""
    serve_archived()
    helpdesk = freshdesk()
    found = helpdesk.ticket("4711")
    assert found.status is TicketStatus.CLOSED
    for write in (lambda: helpdesk.add_note(found, "Due", MARKER), lambda: helpdesk.set_tag(found, "due", on=True)):
        with pytest.raises(LockedError, match="desk:4711 is closed and archived"):
            write()
    helpdesk.set_tag(found, "due", on=False)
    assert sent() == []


@responses.activate
def test_an_archived_ticket_may_also_be_shown_by_a_redirect() -> None:
    """Redirects are never followed: the archive is asked by its own address."""
    serve_archived()
    where = {"Location": f"{API}/tickets/archived/4711"}
    responses.upsert("GET", f"{API}/tickets/4711", status=301, headers=where)
    assert freshdesk().ticket("4711").remote_id == "4711"


@responses.activate
def test_a_wrong_address_is_named_and_not_taken_for_a_missing_ticket() -> None:
    """The API answers only below freshdesk.com; a portal's own domain sends everything on."""
    for path in ("tickets/4711", "tickets/archived/4711"):
        responses.get(f"{API}/{path}", status=301, headers={"Location": "https://help.acme.example/"})
    with pytest.raises(MovedError, match=r"correct its url"):
        freshdesk().ticket("4711")


@responses.activate
@pytest.mark.parametrize("status", [403, 404])
def test_where_the_plan_has_no_archive_a_missing_ticket_is_missing(status: int) -> None:
    """Freshdesk answers `require_feature` then; that right is nobody's to grant."""
    responses.get(f"{API}/tickets/4711", status=404)
    feature = {"code": "require_feature", "message": "The Archive Tickets feature(s) is/are not supported in your plan"}
    responses.get(f"{API}/tickets/archived/4711", status=status, json=feature)
    with pytest.raises(NotFoundError, match="no ticket desk:4711"):
        freshdesk().ticket("4711")


@responses.activate
def test_trouble_with_the_archive_isnt_taken_for_a_missing_ticket() -> None:
    """A ticket that can't be read now may be there."""
    responses.get(f"{API}/tickets/4711", status=404)
    responses.get(f"{API}/tickets/archived/4711", status=503)
    with pytest.raises(RemoteError) as caught:
        freshdesk().ticket("4711")
    assert (type(caught.value), caught.value.permanent) == (RemoteError, False)


@responses.activate
def test_the_reply_to_an_archived_ticket_is_an_email_from_where_it_came_in() -> None:
    """[Tickets], "Create an Outbound Email"; its tag names the ticket that it continues."""
    serve_archived(email_config_id=802)
    answer = responses.post(f"{API}/tickets/outbound_email", json={"id": 5001}, status=201)
    helpdesk = freshdesk()
    posted = helpdesk.add_reply(helpdesk.ticket("4711"), "It is fixed.", MARKER)
    assert (posted.ticket_id, posted.message_id, answer.call_count) == ("5001", "description-5001", 1)
    assert sent() == [
        {
            "email": "carla@acme.example",
            "subject": "Export fails",
            "description": f"It is fixed.<br><br>Ref {MARKER}",
            "email_config_id": 802,
            "tags": ["followup-of-4711"],
        }
    ]


@responses.activate
@pytest.mark.parametrize(
    ("mailboxes", "expected"),
    [
        ([{"id": 1, "primary_role": True, "active": True}], 1),
        (
            [
                {"id": 1, "product_id": None, "primary_role": True, "active": True},
                {"id": 2, "product_id": 701, "primary_role": False, "active": True},
                {"id": 3, "product_id": 701, "primary_role": True, "active": True},
            ],
            3,
        ),
    ],
)
def test_a_ticket_that_came_by_the_portal_is_answered_from_its_products_mailbox(
    mailboxes: list[dict[str, object]], expected: int
) -> None:
    """[Email Configs]: the product's main mailbox, else any main one."""
    serve_archived(product_id=701)
    responses.get(f"{API}/products", json=[])
    responses.get(f"{API}/email_configs", json=mailboxes)
    responses.post(f"{API}/tickets/outbound_email", json={"id": 5001}, status=201)
    helpdesk = freshdesk()
    helpdesk.add_reply(helpdesk.ticket("4711"), "It is fixed.", MARKER)
    assert sent()[0]["email_config_id"] == expected


@responses.activate
@pytest.mark.parametrize(
    ("address", "mailboxes", "reason"),
    [(None, [{"id": 1, "primary_role": True, "active": True}], "no e-mail address"), ("c@x.example", [], "no active")],
)
def test_an_archived_ticket_that_cant_be_answered_says_why(
    address: str | None, mailboxes: list[dict[str, object]], reason: str
) -> None:
    """Nothing is sent, and a person has to write elsewhere."""
    serve_archived()
    responses.upsert("GET", f"{API}/contacts/{CUSTOMER}", json=contact(email=address))
    responses.get(f"{API}/email_configs", json=mailboxes)
    helpdesk = freshdesk()
    with pytest.raises(RemoteError, match=reason) as caught:
        helpdesk.add_reply(helpdesk.ticket("4711"), "It is fixed.", MARKER)
    assert (caught.value.permanent, sent()) == (True, [])
