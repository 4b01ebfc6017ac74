"""Zendesk's traps, each from a payload that its documentation or a real report shows.

Pages meant by [name], below https://developer.zendesk.com/api-reference/ticketing/: [tickets] tickets/tickets,
[comments] tickets/ticket_comments, [audits] tickets/ticket_audits, [export] ticket-management/incremental_exports,
[grants] oauth/grant_type_tokens, [search] ticket-management/search,
[users] users/users; and [limits] introduction/rate-limits one level up.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import responses
from responses.matchers import json_params_matcher, query_param_matcher

from bugbridge.core.errors import ConflictError, DataError, LockedError, NotFoundError, RemoteError, UnknownOutcomeError
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import HistoryCost
from bugbridge.helpdesks.zendesk import Zendesk
from tests.helpdesks.zendesk_answers import (
    AGENT,
    API,
    CUSTOMER,
    EXPORT,
    NOW,
    OWN,
    STAMP,
    read_ticket,
    serve_me,
    serve_ticket,
    sideloads,
    ticket,
    user,
    zendesk,
)


@responses.activate
def test_a_ticket_is_put_into_our_words() -> None:
    """The plan is a field of the organisation, the version the stamp as Zendesk wrote it."""
    serve_ticket(status="hold", via={"channel": "web", "source": {"rel": "follow_up", "from": {"ticket_id": 4000}}})

    found = zendesk().ticket("4711")

    account = found.requester.account
    assert account is not None
    assert (account.remote_id, account.name, account.tier, account.tags) == (
        "509974",
        "Acme",
        "enterprise",
        ("emea", "beta"),
    )
    assert (found.requester.kind, found.requester.locale, found.requester.zone) == (
        AuthorKind.CUSTOMER,
        "de",
        "Europe/Berlin",
    )
    assert (found.status, found.version, found.followup_of, found.brand) == (TicketStatus.PENDING, STAMP, "4000", "1")
    assert found.assignee is not None
    assert found.assignee.kind is AuthorKind.AGENT


@responses.activate
@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("new", TicketStatus.OPEN),
        ("open", TicketStatus.OPEN),
        ("pending", TicketStatus.PENDING),
        ("hold", TicketStatus.PENDING),
        ("solved", TicketStatus.SOLVED),
        ("closed", TicketStatus.CLOSED),
    ],
)
def test_six_statuses_become_four(status: str, expected: TicketStatus) -> None:
    """New counts as open, on hold as pending ([tickets], `status`)."""
    serve_ticket(status=status)
    assert zendesk().ticket("4711").status is expected


@responses.activate
def test_people_missing_from_the_sideloads_are_asked_for() -> None:
    """[users] and organizations, "Show Many": a hundred numbers a request."""
    serve_me()
    people = sideloads()
    responses.get(f"{API}/tickets/4711.json", json={"ticket": ticket()})
    ids = {"ids": f"{AGENT},{CUSTOMER}"}
    responses.get(f"{API}/users/show_many.json", json=people, match=[query_param_matcher(ids)])
    responses.get(f"{API}/organizations/show_many.json", json=people, match=[query_param_matcher({"ids": "509974"})])

    requester = zendesk().ticket("4711").requester

    assert (requester.name, requester.account and requester.account.tier) == (f"User {CUSTOMER}", "enterprise")


@responses.activate
def test_a_requester_who_was_erased_is_still_a_customer() -> None:
    """Zendesk shows nothing of a permanently deleted user; their ticket is kept all the same."""
    serve_me()
    responses.get(f"{API}/tickets/4711.json", json={"ticket": ticket(organization_id=None, assignee_id=None)})
    responses.get(f"{API}/users/show_many.json", json={"users": []})

    found = zendesk().ticket("4711").requester

    assert (found.remote_id, found.kind, found.name, found.account) == (str(CUSTOMER), AuthorKind.CUSTOMER, "", None)


@responses.activate
def test_the_export_is_read_to_its_end_from_all_history() -> None:
    """[export], cursor-based: start_time once, then after_cursor until end_of_stream; deleted tickets are in it."""
    serve_me()
    first = {"tickets": [ticket(1)], **sideloads(), "after_cursor": "MTU3|1", "end_of_stream": False}
    last = {"tickets": [ticket(2, status="deleted")], **sideloads(), "after_cursor": "MTU3|2", "end_of_stream": True}
    include = {"include": "users,groups,organizations"}
    responses.get(EXPORT, json=first, match=[query_param_matcher({"start_time": "1", **include})])
    responses.get(EXPORT, json=last, match=[query_param_matcher({"cursor": "MTU3|1", **include})])

    pages = list(zendesk().changed_since(""))

    assert [page.cursor for page in pages] == ["MTU3|1", "MTU3|2"]
    assert [(found.remote_id, found.gone) for page in pages for found in page.tickets] == [("1", False), ("2", True)]


@responses.activate
@pytest.mark.parametrize(("seconds_ago", "start"), [(7200, 7200), (120, 120), (119, 120), (0, 120), (-3600, 120)])
def test_a_reading_begins_where_zendesk_lets_it(seconds_ago: int, start: int) -> None:
    """A start_time within the last minute is refused ([export]), so that an instant of now becomes an earlier one."""
    instant = datetime.fromtimestamp(NOW - seconds_ago, UTC)
    asked = {"start_time": str(int(NOW) - start), "include": "users,groups,organizations"}
    page = {"tickets": [], "after_cursor": "a", "end_of_stream": True}
    responses.get(EXPORT, json=page, match=[query_param_matcher(asked)])
    helpdesk = zendesk()
    assert [page.cursor for page in helpdesk.changed_since(helpdesk.cursor_at(instant))] == ["a"]


@pytest.mark.parametrize("cursor", ["@", "@x", "@-5", "MTU3 1", "{}", "a\n", "@1234567890123456"])
def test_a_foreign_cursor_is_refused(cursor: str) -> None:
    """What was stored for another kind of helpdesk isn't sent to Zendesk."""
    with pytest.raises(DataError, match="reading support stopped isn't one of Zendesk's"):
        next(zendesk().changed_since(cursor))


@responses.activate
@pytest.mark.parametrize(("headers", "per_minute"), [({"X-Rate-Limit": "400"}, 400), ({}, None)])
def test_the_cost_of_old_tickets_is_counted_by_search(headers: dict[str, str], per_minute: int | None) -> None:
    """[search], "Show Results Count"; [limits], X-Rate-Limit. A request each, and one for a thousand listed."""
    query = {"query": "type:ticket updated>=2026-05-01T08:00:00Z"}
    address = f"{API}/search/count.json"
    responses.get(address, json={"count": 1001}, headers=headers, match=[query_param_matcher(query)])
    since = datetime(2026, 5, 1, 10, tzinfo=timezone(timedelta(hours=2)))
    assert zendesk().cost_since(since) == HistoryCost(1001, 1003, per_minute)


@responses.activate
@pytest.mark.parametrize("answer", [{"body": "<html>"}, {"json": {"count": None}}, {"json": []}])
def test_a_count_that_is_none_is_one_sentence(answer: dict[str, Any]) -> None:
    """A proxy's page isn't zero tickets."""
    responses.get(f"{API}/search/count.json", **answer)
    with pytest.raises(RemoteError, match=r"support answered /api/v2/search/count\.json "):
        zendesk().cost_since(datetime(2026, 5, 1, tzinfo=UTC))


@responses.activate
def test_a_quiet_export_keeps_its_cursor() -> None:
    """At the end of the stream after_cursor may be the cursor sent, or null ([export])."""
    responses.get(EXPORT, json={"tickets": [], "after_cursor": None, "end_of_stream": True})
    (page,) = zendesk().changed_since("MTU3|1")
    assert (page.tickets, page.cursor) == ((), "MTU3|1")


@responses.activate
def test_an_export_that_goes_round_in_circles_is_stopped() -> None:
    """A cursor that comes again before the end would be read for ever."""
    for after in ("b", "a"):
        responses.get(EXPORT, json={"tickets": [], "after_cursor": after, "end_of_stream": False})

    with pytest.raises(RemoteError, match="support gave the same page of its export twice"):
        list(zendesk().changed_since("a"))
    assert len(responses.calls) == 2


@responses.activate
def test_comments_that_go_round_in_circles_are_stopped() -> None:
    """The same for lists by page[after] ([comments], cursor pagination)."""
    serve_me()
    responses.get(
        f"{API}/tickets/4711/comments.json",
        json={"comments": [], "meta": {"has_more": True, "after_cursor": "x"}},
    )
    with pytest.raises(RemoteError, match="support gave the same page of support:4711 twice"):
        zendesk().messages("4711")


@responses.activate
def test_the_exports_own_limit_is_handed_on() -> None:
    """Ten requests a minute, then 429 with Retry-After ([limits]): the daemon comes back, nothing is lost."""
    responses.get(EXPORT, status=429, headers={"Retry-After": "37"}, json={"error": "APIRateLimitExceeded"})
    with pytest.raises(RemoteError) as caught:
        list(zendesk().changed_since("a"))
    assert (caught.value.retry_after, len(responses.calls)) == (timedelta(seconds=37), 1)


@responses.activate
@pytest.mark.parametrize(
    ("author", "via", "expected"),
    [
        (user(OWN, "admin"), {"channel": "api"}, AuthorKind.SELF),
        (user(AGENT, "agent"), {"channel": "web"}, AuthorKind.AGENT),
        (user(AGENT, "agent"), {"channel": "email"}, AuthorKind.AGENT),
        (user(AGENT, "agent"), {"channel": "api"}, AuthorKind.BOT),
        (user(AGENT, "agent"), {"channel": "rule", "source": {"rel": "trigger", "from": {}}}, AuthorKind.BOT),
        (user(AGENT, "agent", tags=["bot"]), {"channel": "web"}, AuthorKind.BOT),
        (user(CUSTOMER, "end-user"), {"channel": "email"}, AuthorKind.CUSTOMER),
        (user(CUSTOMER, "end-user"), {"channel": "api"}, AuthorKind.CUSTOMER),
        (None, {"channel": "system"}, AuthorKind.BOT),
    ],
)
def test_authors_are_judged_by_account_and_channel(
    author: dict[str, object] | None, via: dict[str, object], expected: AuthorKind
) -> None:
    """[comments] with include=users; channels from the "Via object reference"; Zendesk's own author is -1."""
    serve_me()
    number = author["id"] if author else -1
    comment = {"id": 7, "author_id": number, "body": "x", "public": False, "created_at": STAMP, "via": via}
    responses.get(
        f"{API}/tickets/4711/comments.json", json={"comments": [comment], "users": [author] if author else []}
    )
    (message,) = zendesk().messages("4711")
    assert message.author.kind is expected


@responses.activate
def test_a_note_is_sent_with_its_marker_on_condition_and_once() -> None:
    """[tickets], "Setting Metadata" and "Protecting against ticket update collisions"; the answer holds the audit."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    update = {
        "comment": {"body": "Due by Thursday", "public": False},
        "metadata": {"bugbridge_marker": "7K3F9Q"},
        "updated_stamp": STAMP,
        "safe_update": True,
    }
    audit = {"id": 1, "author_id": OWN, "events": [{"id": 5, "type": "Change"}, {"id": 6, "type": "Comment"}]}
    responses.put(
        f"{API}/tickets/4711.json",
        json={"ticket": ticket(), "audit": audit},
        match=[json_params_matcher({"ticket": update})],
    )
    assert helpdesk.add_note(read, "Due by Thursday", "7K3F9Q") == "6"


@responses.activate
@pytest.mark.parametrize(
    ("status", "answer", "kind"),
    [
        (409, {"error": "UpdateConflict", "description": "Safe Update prevented the update"}, ConflictError),
        (404, {"error": "RecordNotFound", "description": "Not found"}, NotFoundError),
        (403, {"error": "Forbidden"}, RemoteError),
        (422, {"error": "RecordInvalid", "description": "Record validation errors"}, RemoteError),
        (429, {"error": "TooManyRequests"}, RemoteError),
        (500, {"error": "oops"}, UnknownOutcomeError),
        (504, None, UnknownOutcomeError),
        (200, {"ticket": {}}, UnknownOutcomeError),
        (200, None, UnknownOutcomeError),
    ],
)
def test_each_way_a_note_fails_has_its_kind(status: int, answer: object, kind: type[RemoteError]) -> None:
    """Refused, changed meanwhile, or unknown; and it is sent once whatever happens ([tickets], "Update Ticket")."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    if answer is None:
        responses.put(f"{API}/tickets/4711.json", status=status, body="<html>", content_type="text/html")
    else:
        responses.put(f"{API}/tickets/4711.json", status=status, json=answer)
    with pytest.raises(RemoteError) as caught:
        helpdesk.add_note(read, "Due", "7K3F9Q")
    puts = [call for call in responses.calls if call.request.method == "PUT"]
    assert (type(caught.value), len(puts)) == (kind, 1)


@responses.activate
def test_a_closed_ticket_is_told_from_other_refusals() -> None:
    """A real answer to an update of a closed ticket (Speedygeek/ZendeskApi_v2#59), whose description says nothing."""
    helpdesk = zendesk()
    read = read_ticket(helpdesk)
    details = {"status": [{"description": "Status closed prevents ticket update"}]}
    body = {"error": "RecordInvalid", "description": "Record validation errors", "details": details}
    responses.put(f"{API}/tickets/4711.json", status=422, json=body)
    responses.replace(
        responses.GET, f"{API}/tickets/4711.json", json={"ticket": ticket(status="closed"), **sideloads()}
    )
    with pytest.raises(LockedError) as caught:
        helpdesk.add_note(read, "Due", "7K3F9Q")
    assert str(caught.value) == "support:4711 is closed, and Zendesk takes no more changes of closed tickets."
    assert (type(caught.value), caught.value.permanent) == (LockedError, True)


@responses.activate
def test_a_note_is_found_on_a_later_page_and_only_if_it_is_ours() -> None:
    """[audits]: metadata.custom, page[size] with include_boundary_indicators; a copied marker isn't ours."""
    serve_me()
    marked = {"metadata": {"custom": {"bugbridge_marker": "7K3F9Q"}, "system": {}}}
    copied = {"id": 1, "author_id": AGENT, "events": [{"id": 2, "type": "Comment"}], **marked}
    ours = {"id": 3, "author_id": OWN, "events": [{"id": 4, "type": "Comment"}], **marked}
    address, asked = f"{API}/tickets/4711/audits.json", {"page[size]": "100", "include_boundary_indicators": "true"}
    first = {"audits": [copied], "meta": {"has_more": True, "after_cursor": "x"}}
    responses.get(address, json=first, match=[query_param_matcher(asked)])
    responses.get(address, json={"audits": [ours]}, match=[query_param_matcher({**asked, "page[after]": "x"})])

    assert zendesk().find_note("4711", "7K3F9Q") == "4"


@responses.activate
@pytest.mark.parametrize(
    "ask", [Zendesk.ticket, Zendesk.messages, lambda helpdesk, number: helpdesk.find_note(number, "x")]
)
@pytest.mark.parametrize("number", ["abc", "", "1/../2", "٣"])
def test_what_is_no_number_is_no_ticket(ask: Callable[[Zendesk, str], object], number: str) -> None:
    """Nothing but digits goes into an address."""
    serve_me()
    with pytest.raises(NotFoundError, match="There is no ticket support:"):
        ask(zendesk(), number)
    assert [call.request.url for call in responses.calls if "tickets" in str(call.request.url)] == []


@responses.activate
@pytest.mark.parametrize(
    "document", [[], {}, {"ticket": None}, {"ticket": {"id": "x"}}, {"ticket": ticket(created_at="?")}]
)
def test_an_unknown_shape_is_one_sentence_without_its_content(document: object) -> None:
    """A proxy's own JSON, or a changed API, is never guessed at."""
    serve_me()
    responses.get(f"{API}/tickets/4711.json", json=document)
    with pytest.raises(RemoteError, match=r"support answered /api/v2/tickets/4711\.json in a shape unknown to us, at "):
        zendesk().ticket("4711")


def test_one_write_may_take_three_calls() -> None:
    """Refused, a new token, and sent again: the sender's look-up waits for twice that."""
    assert zendesk().timeout == timedelta(seconds=120)


def test_the_address_for_people_is_the_agents_page() -> None:
    """Agents open tickets there."""
    assert zendesk().web_url("4711") == "https://acme.zendesk.com/agent/tickets/4711"
