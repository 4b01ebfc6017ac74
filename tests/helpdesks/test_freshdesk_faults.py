"""What Freshdesk refuses, answers in no shape of ours, or must not learn, and what `doctor` says of it.

Sections meant by [name] are those of https://developers.freshdesk.com/api.
"""

import pytest
import responses

from bugbridge.core.errors import (
    NotFoundError,
    RemoteError,
)
from tests.helpdesks.freshdesk_answers import (
    API,
    KEY,
    MARKER,
    OWN,
    agent,
    company,
    contact,
    freshdesk,
    serve_ticket,
    ticket,
)


@responses.activate
def test_a_missing_right_is_named_and_where_to_grant_it() -> None:
    """[Errors]: 403 `access_denied`."""
    denied = {"code": "access_denied", "message": f"You are not authorized, {KEY}"}
    serve_ticket()
    responses.post(f"{API}/tickets/4711/notes", status=403, json=denied)
    helpdesk = freshdesk()
    with pytest.raises(
        RemoteError, match=r"BUGBRIDGE_DESK_TOKEN lacks the right to add notes: .*Admin > Team > Roles"
    ) as caught:
        helpdesk.add_note(helpdesk.ticket("4711"), "Due", MARKER)
    assert (KEY in str(caught.value), caught.value.permanent) == (False, True)


@responses.activate
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
def test_the_key_is_in_no_sentence(status: int) -> None:
    """Not even where the answer repeats it."""
    words = {"description": f"Validation failed for {KEY}", "message": KEY}
    responses.get(f"{API}/agents/me", status=status, json=words)
    (check,) = freshdesk().check()
    assert (check.well, KEY in check.sentence, "desk" in check.sentence) == (False, False, True)


@responses.activate
@pytest.mark.parametrize(
    ("answer", "place"),
    [
        ({"id": "x", "text": "secret words"}, "id"),
        (ticket(created_at="yesterday"), "created_at"),
        (ticket(updated_at="2026-06-01T09:00:00"), "updated_at"),
        (["secret words"], "its root"),
    ],
)
def test_an_unknown_shape_is_named_by_its_place_alone(answer: object, place: str) -> None:
    """What customers write stands in no log."""
    responses.get(f"{API}/tickets/4711", json=answer)
    with pytest.raises(RemoteError, match=f"desk answered tickets/4711 in a shape unknown to us, at {place}") as caught:
        freshdesk().ticket("4711")
    assert "secret" not in str(caught.value)


@responses.activate
@pytest.mark.parametrize("body", ['{"results": []}', "null", "<html>", ""])
def test_a_list_that_is_none_is_one_sentence(body: str) -> None:
    """A page of a proxy is no empty list: an empty one would mean that nothing changed."""
    responses.get(f"{API}/tickets", body=body)
    with pytest.raises(RemoteError, match="desk answered tickets in a shape unknown to us"):
        list(freshdesk().changed_since(""))


@pytest.mark.parametrize("remote_id", ["", "0", "12/notes", "../agents", "\uff11\uff12", "-1"])
def test_what_isnt_a_number_never_becomes_part_of_an_address(remote_id: str) -> None:
    """Tickets come from texts that strangers write."""
    helpdesk = freshdesk()
    for ask in (helpdesk.ticket, helpdesk.messages, helpdesk.web_url, lambda one: helpdesk.find_note(one, MARKER)):
        with pytest.raises(NotFoundError, match="tickets there have numbers"):
            ask(remote_id)


def serve_checks() -> None:
    """Answer everything that `check` asks for."""
    serve_ticket()
    responses.get(f"{API}/tickets", json=[ticket()])
    responses.get(f"{API}/search/tickets", json={"total": 1})
    for path, row in (("contacts", contact()), ("companies", company()), ("agents", agent())):
        responses.get(f"{API}/{path}", json=[row])
    for path in ("groups", "ticket_fields"):
        responses.get(f"{API}/{path}", json=[])


@responses.activate
@pytest.mark.parametrize(
    ("path", "check", "right"),
    [
        ("tickets", "tickets", "Global Access"),
        ("search/tickets", "search", "view tickets"),
        ("tickets/4711/conversations", "messages", "view tickets"),
        ("contacts", "contacts", "view contacts and companies"),
        ("companies", "companies", "view contacts and companies"),
        ("agents", "agents", "Administrator"),
        ("groups", "groups", "Administrator"),
        ("ticket_fields", "ticket_fields", "Administrator"),
    ],
)
def test_doctor_names_the_right_that_is_missing(path: str, check: str, right: str) -> None:
    """One line for each, and the others are tried all the same."""
    serve_checks()
    responses.upsert("GET", f"{API}/{path}", status=403, json={"code": "access_denied"})
    lines = {line.id: line for line in freshdesk().check()}
    assert (lines[check].well, right in lines[check].sentence) == (False, True)
    assert lines["sign_in"].well is True


@responses.activate
def test_doctor_says_when_tickets_are_left_out() -> None:
    """[Agents], `ticket_scope` 2 or 3: Freshdesk then shows fewer tickets and says nothing."""
    serve_checks()
    responses.upsert("GET", f"{API}/agents/me", json=agent(OWN, ticket_scope=2))
    assert [line.id for line in freshdesk().check() if not line.well] == ["scope"]


@responses.activate
def test_doctor_signs_in_afresh() -> None:
    """A key that was revoked since the start is seen."""
    serve_checks()
    helpdesk = freshdesk()
    assert all(line.well for line in helpdesk.check())
    responses.upsert("GET", f"{API}/agents/me", status=401)
    assert [line.id for line in helpdesk.check()] == ["sign_in"]


@responses.activate
def test_the_key_is_the_user_name() -> None:
    """[Authentication]: basic, with any password."""
    serve_checks()
    freshdesk().check()
    user = responses.calls[0].request.headers["Authorization"]
    assert user == "Basic YUJjRGVGZ0hpSmtMbU5vUDpY"
