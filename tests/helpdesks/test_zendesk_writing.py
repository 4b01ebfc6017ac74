"""Replies, follow-ups, tags and the app's links; pages as in test_zendesk.py, [tags] ticket-management/tags, [links]
jira/links, [followups] documentation/ticketing/managing-tickets/creating-and-updating-tickets."""

from typing import Any

import pytest
import responses
from responses.matchers import header_matcher, json_params_matcher

from bugbridge.core.errors import ConflictError, LockedError, RemoteError, UnknownOutcomeError
from bugbridge.core.snapshots import PostedReply, RemoteTicket
from bugbridge.helpdesks.zendesk import Zendesk
from tests.helpdesks.zendesk_answers import (
    AGENT,
    API,
    CUSTOMER,
    OWN,
    STAMP,
    read_ticket,
    serve_comments,
    serve_me,
    serve_ticket,
    sideloads,
    ticket,
    zendesk,
)

TICKET, TAGS, LINKS = f"{API}/tickets/4711.json", f"{API}/tickets/4711/tags.json", f"{API}/jira/links"
AUDIT = {"id": 1, "author_id": OWN, "events": [{"id": 5, "type": "Change"}, {"id": 6, "type": "Comment"}]}


def closed_ticket(helpdesk: Zendesk, **more: object) -> RemoteTicket:
    """Read a ticket that takes no more comments."""
    serve_ticket(status="closed", **more)
    return helpdesk.ticket("4711")


@responses.activate
def test_a_reply_is_public_in_the_assignees_name_and_on_condition() -> None:
    """[comments], `author_id`; no status is sent, so that Zendesk keeps the one there is ([tickets])."""
    helpdesk = zendesk()
    update = {
        "comment": {"body": "It is fixed.", "public": True, "author_id": AGENT},
        "metadata": {"bugbridge_marker": "7K3F9Q"},
        "updated_stamp": STAMP,
        "safe_update": True,
    }
    read = read_ticket(helpdesk)
    responses.put(TICKET, json={"audit": AUDIT}, match=[json_params_matcher({"ticket": update})])
    assert helpdesk.add_reply(read, "It is fixed.", "7K3F9Q") == PostedReply("4711", "6")


@responses.activate
def test_without_an_assignee_a_reply_is_our_own() -> None:
    """Nobody's name is borrowed."""
    serve_ticket(assignee_id=None)
    helpdesk = zendesk()
    comment = {"ticket": {"comment": {"body": "It is fixed.", "public": True}}}
    responses.put(TICKET, json={"audit": AUDIT}, match=[json_params_matcher(comment, strict_match=False)])
    helpdesk.add_reply(helpdesk.ticket("4711"), "It is fixed.", "7K3F9Q")
    (put,) = [call.request.body for call in responses.calls if call.request.method == "PUT"]
    assert b"author_id" not in bytes(put or b"")


@responses.activate
def test_a_closed_tickets_reply_is_a_followup_sent_once() -> None:
    """[followups]: via_followup_source_id, and tags that replace the inherited ones; [tickets], "Idempotency"."""
    helpdesk = zendesk()
    serve_comments()
    locked = closed_ticket(helpdesk, tags=["vip", "closed_by_merge", "bugbridge_due"], via={"channel": "web"})
    asked = {
        "via_followup_source_id": 4711,
        "requester_id": CUSTOMER,
        "assignee_id": AGENT,
        "subject": "Export fails",
        "comment": {"body": "It is fixed.", "public": True, "author_id": AGENT},
        "metadata": {"bugbridge_marker": "7K3F9Q"},
        "tags": ["vip"],
    }
    once = header_matcher({"Idempotency-Key": "7K3F9Q"})
    matchers = [json_params_matcher({"ticket": asked}), once]
    responses.post(f"{API}/tickets.json", status=201, json={"ticket": ticket(4900), "audit": AUDIT}, match=matchers)
    assert helpdesk.add_reply(locked, "It is fixed.", "7K3F9Q") == PostedReply("4900", "6")


@responses.activate
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ({"status": 500}, UnknownOutcomeError),
        ({"status": 201, "json": {"ticket": {"id": 4900}}}, UnknownOutcomeError),
        ({"status": 201, "body": "<html>"}, UnknownOutcomeError),
        ({"status": 403, "json": {"error": "Forbidden"}}, RemoteError),
        ({"status": 422, "json": {"error": "RecordInvalid"}}, RemoteError),
        ({"status": 429}, RemoteError),
    ],
)
def test_each_way_a_followup_fails_has_its_kind(answer: dict[str, Any], kind: type[RemoteError]) -> None:
    """What may have reached a customer is unknown, and it is sent once whatever happens."""
    helpdesk = zendesk()
    locked = closed_ticket(helpdesk, tags=["closed"])
    responses.post(f"{API}/tickets.json", **answer)
    with pytest.raises(RemoteError) as caught:
        helpdesk.add_reply(locked, "It is fixed.", "7K3F9Q")
    posts = [call for call in responses.calls if call.request.method == "POST"]
    assert (type(caught.value), len(posts)) == (kind, 1)


@responses.activate
@pytest.mark.parametrize("public", [True, False])
def test_a_reply_in_an_agents_name_is_found_and_a_note_in_theirs_is_not(public: bool) -> None:  # noqa: FBT001 -- pytest gives it by name
    """[audits]: only programs write metadata, and ours writes under another's name in replies alone."""
    serve_me()
    event = {"id": 6, "type": "Comment", "public": public}
    audit = {"id": 1, "author_id": AGENT, "metadata": {"custom": {"bugbridge_marker": "7K3F9Q"}}, "events": [event]}
    responses.get(f"{API}/tickets/4711/audits.json", json={"audits": [audit]})
    assert zendesk().find_note("4711", "7K3F9Q") == ("6" if public else "")


@responses.activate
@pytest.mark.parametrize(
    ("method", "on", "there"), [(responses.PUT, True, ["vip"]), (responses.DELETE, False, ["vip", "due"])]
)
def test_a_tag_is_set_alone_and_on_condition(method: str, on: bool, there: list[str]) -> None:  # noqa: FBT001 -- pytest gives it by name
    """[tags]: PUT adds and DELETE removes, each with "Safe Update"; POST would replace all."""
    helpdesk = zendesk()
    stale = read_ticket(helpdesk)
    fresh = {"ticket": ticket(tags=there, updated_at="2026-06-01T09:05:00Z"), **sideloads()}
    responses.replace(responses.GET, TICKET, json=fresh)
    asked = {"tags": ["due"], "updated_stamp": "2026-06-01T09:05:00Z", "safe_update": "true"}
    tagging = responses.add(method, TAGS, json={"tags": []}, match=[json_params_matcher(asked)])
    helpdesk.set_tag(stale, "due", on=on)
    assert tagging.call_count == 1


@responses.activate
@pytest.mark.parametrize(("on", "there"), [(True, ["due"]), (False, ["vip"])])
def test_a_tag_that_is_as_wanted_costs_no_write(on: bool, there: list[str]) -> None:  # noqa: FBT001 -- pytest gives it by name
    """A write would make the ticket come again in the export; closed tickets may keep their tags, too."""
    serve_ticket(tags=there, status="closed")
    helpdesk = zendesk()
    helpdesk.set_tag(helpdesk.ticket("4711"), "due", on=on)
    assert {call.request.method for call in responses.calls} == {"GET"}


@responses.activate
def test_a_closed_ticket_takes_no_tag() -> None:
    """Nothing of it can be changed any more ([tickets], `status`)."""
    helpdesk = zendesk()
    locked = closed_ticket(helpdesk)
    with pytest.raises(LockedError, match="support:4711 is closed"):
        helpdesk.set_tag(locked, "due", on=True)


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind"), [(409, ConflictError), (403, RemoteError), (500, UnknownOutcomeError), (429, RemoteError)]
)
def test_each_way_a_tag_fails_has_its_kind(status: int, kind: type[RemoteError]) -> None:
    """Changed meanwhile, forbidden, or unknown; a 403 names role and scope."""
    serve_ticket(tags=[])
    responses.put(TAGS, status=status, json={"error": "x"})
    helpdesk = zendesk()
    with pytest.raises(RemoteError) as caught:
        helpdesk.set_tag(helpdesk.ticket("4711"), "due", on=True)
    named = "to write on tickets: the role Agent, and the scope tickets:write" in str(caught.value)
    assert (type(caught.value), named) == (kind, status == 403)


@responses.activate
@pytest.mark.parametrize("status", [403, 404])
def test_without_the_app_for_jira_there_are_no_links(status: int) -> None:
    """Zendesk answers 404 without it, and 403 while "Manage links" isn't allowed; neither stops an import."""
    serve_me()
    responses.get(LINKS, status=status, json={"error": "Forbidden"})
    assert list(zendesk().recorded_links()) == []


@responses.activate
@pytest.mark.parametrize("answer", [{"status": 502}, {"status": 429}, {"json": {"links": [{"ticket_id": "x"}]}}])
def test_links_that_cant_be_read_now_are_not_none(answer: dict[str, Any]) -> None:
    """An import must not end as if there had been nothing to import."""
    serve_me()
    responses.get(LINKS, **answer)
    with pytest.raises(RemoteError, match="support"):
        list(zendesk().recorded_links())


@responses.activate
def test_a_refused_sign_in_is_not_an_account_without_links() -> None:
    """A wrong token is told from an app that isn't there."""
    responses.get(f"{API}/users/me.json", status=401, json={"error": "Couldn't authenticate you"})
    with pytest.raises(RemoteError, match="refuses the credentials: check BUGBRIDGE_SUPPORT_TOKEN"):
        list(zendesk().recorded_links())


@responses.activate
def test_no_sentence_of_a_write_quotes_the_secret() -> None:
    """A server that echoes what it was sent doesn't bring the token into a log."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    responses.put(TICKET, status=422, json={"error": "RecordInvalid", "description": "api-token is odd"})
    with pytest.raises(RemoteError) as caught:
        helpdesk.add_reply(read, "It is fixed.", "7K3F9Q")
    assert "api-token" not in str(caught.value)
