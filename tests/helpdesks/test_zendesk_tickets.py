"""What a ticket holds besides its conversation; pages as in test_zendesk.py, [fields] being tickets/ticket_fields."""

from typing import Any

import pytest
import responses
from responses.matchers import query_param_matcher

from bugbridge.core.errors import RemoteError
from bugbridge.helpdesks.zendesk import Zendesk
from tests.helpdesks.zendesk_answers import (
    AGENT,
    API,
    CUSTOMER,
    EXPORT,
    comment,
    serve_comments,
    serve_ticket,
    sideloads,
    ticket,
    zendesk,
)

MERGED = {"status": "closed", "tags": ["closed_by_merge", "vip"]}
# What Zendesk proposes to agents as the comment of a merge; clients on GitHub match these words (e.g. zensync's
# `isFromTicketMerge`), and Zendesk documents none.
WORDS = 'This request was closed and merged into request #4800 "Export fails".'


@responses.activate
def test_group_tags_and_problem_are_read() -> None:
    """[tickets]: group_id, tags, and problem_id of an incident."""
    serve_ticket(group_id=98738, tags=["vip", "bug_12"], type="incident", problem_id=33)
    found = zendesk().ticket("4711")
    assert (found.group, found.tags, found.incident_of) == ("Support", ("vip", "bug_12"), "33")


@responses.activate
@pytest.mark.parametrize(
    ("more", "group", "incident_of"),
    [
        ({"group_id": 7}, "7", ""),
        ({"group_id": None, "type": None, "tags": None}, "", ""),
        ({"type": "problem", "problem_id": 33}, "", ""),
        ({"type": "incident", "problem_id": None}, "", ""),
    ],
)
def test_what_is_missing_stays_empty(more: dict[str, Any], group: str, incident_of: str) -> None:
    """A group that isn't sideloaded goes by its number; only incidents report a problem ([tickets], `type`)."""
    serve_ticket(**more)
    found = zendesk().ticket("4711")
    assert (found.group, found.incident_of, found.tags) == (group, incident_of, ())


def serve_fields(*fields: dict[str, object]) -> None:
    """Answer [fields], "List Ticket Fields"."""
    responses.get(f"{API}/ticket_fields.json", json={"ticket_fields": list(fields)})


@responses.activate
def test_filled_fields_have_the_names_that_agents_see() -> None:
    """[fields], `title`; [tickets], `custom_fields`. Empty ones, and boxes that aren't ticked, hold nothing."""
    values = ["SHOP-12", None, "", [], False, True, 3, ["a", "b"], 0]
    serve_ticket(custom_fields=[{"id": number, "value": value} for number, value in enumerate(values)])
    serve_fields(*({"id": number, "title": f"Field {number}"} for number in range(len(values))))
    assert zendesk().ticket("4711").fields == (
        ("Field 0", "SHOP-12"),
        ("Field 5", "true"),
        ("Field 6", "3"),
        ("Field 7", "a, b"),
        ("Field 8", "0"),
    )


@responses.activate
def test_names_of_fields_are_asked_for_when_needed_and_kept() -> None:
    """Not for tickets whose fields are empty, and once; a field without a name goes by its number."""
    serve_ticket(custom_fields=[{"id": 1, "value": None}])
    serve_fields({"id": 1, "title": "Severity"}, {"id": 3, "title": None})
    helpdesk = zendesk()
    helpdesk.ticket("4711")
    before = asked_for_fields()
    held = [{"id": number, "value": "high"} for number in (1, 2, 3)]
    document = {"ticket": ticket(custom_fields=held), **sideloads()}
    responses.replace(responses.GET, f"{API}/tickets/4711.json", json=document)
    fields = [helpdesk.ticket("4711").fields for _ in range(2)]
    assert (before, asked_for_fields()) == (0, 1)
    assert fields == [(("Severity", "high"), ("2", "high"), ("3", "high"))] * 2


def asked_for_fields() -> int:
    """Count the requests for names of fields."""
    return sum("/ticket_fields.json" in str(call.request.url) for call in responses.calls)


@responses.activate
@pytest.mark.parametrize(
    ("body", "rel"),
    [
        (WORDS, None),
        (WORDS, "merge"),
        ("Die Anfrage wurde geschlossen und mit der Anfrage #4800 zusammengeführt.", "merge"),
    ],
)
def test_a_merges_comment_names_the_survivor(body: str, rel: str | None) -> None:
    """By Zendesk's English words, or in any language where the comment is marked as a merge's (`via.source.rel`)."""
    serve_ticket(**MERGED)
    serve_comments(comment(1, AGENT, "see acme/app#12"), comment(2, AGENT, body, rel))
    assert zendesk().ticket("4711").merged_into == "4800"


@responses.activate
@pytest.mark.parametrize(
    "comments",
    [
        [comment(1, CUSTOMER, WORDS)],
        [comment(1, -1, WORDS, channel="rule")],
        [comment(1, AGENT, "see acme/app#12")],
        [comment(1, AGENT, WORDS), comment(2, AGENT, "I merged that by mistake")],
        [comment(1, AGENT, "merged into request #4711", "merge")],
        [comment(1, AGENT, "merged into request #0")],
        [comment(1, AGENT, "merged into request #" + "9" * 40, "merge")],
        [],
    ],
)
def test_nothing_else_names_a_survivor(comments: list[dict[str, object]]) -> None:
    """Not a customer's words, nor another number that an agent mentioned, nor the ticket itself."""
    serve_ticket(**MERGED)
    serve_comments(*comments)
    assert zendesk().ticket("4711").merged_into == ""


@responses.activate
@pytest.mark.parametrize("more", [{"status": "closed"}, {"status": "open", "tags": ["closed_by_merge"]}])
def test_only_merged_tickets_cost_another_request(more: dict[str, Any]) -> None:
    """Follow-ups inherit the tag ("Creating a follow-up ticket"), but are open; comments aren't served here."""
    serve_ticket(**more)
    assert zendesk().ticket("4711").merged_into == ""


@responses.activate
def test_a_merged_ticket_deleted_meanwhile_doesnt_stop_the_export() -> None:
    """Its comments are gone with it; the rest of the page is kept."""
    serve_ticket()
    page = {"tickets": [ticket(**MERGED), ticket(2)], **sideloads(), "after_cursor": "a", "end_of_stream": True}
    responses.get(EXPORT, json=page)
    responses.get(f"{API}/tickets/4711/comments.json", status=404, json={"error": "RecordNotFound"})
    ((first, second),) = (page.tickets for page in zendesk().changed_since(""))
    assert (first.merged_into, second.remote_id) == ("", "2")


@responses.activate
def test_a_page_of_merged_tickets_goes_on_where_the_limit_stopped_it() -> None:
    """429 in the midst of a page of the export: what was read of it isn't read again ([limits])."""
    serve_ticket()
    merged = [ticket(number, **MERGED) for number in (4711, 4712)]
    responses.get(EXPORT, json={"tickets": merged, **sideloads(), "after_cursor": "a", "end_of_stream": True})
    serve_comments(comment(1, AGENT, WORDS))
    address = f"{API}/tickets/4712/comments.json"
    responses.get(address, status=429, headers={"Retry-After": "60"})
    helpdesk: Zendesk = zendesk()
    with pytest.raises(RemoteError, match="429"):
        list(helpdesk.changed_since(""))
    responses.replace(responses.GET, address, json={"comments": []})
    list(helpdesk.changed_since(""))
    asked = [str(call.request.url) for call in responses.calls]
    assert sum("/4711/comments" in url for url in asked) == 1


@responses.activate
def test_names_of_fields_come_page_by_page() -> None:
    """[fields], cursor pagination: a hundred a page."""
    serve_ticket(custom_fields=[{"id": 2, "value": "high"}])
    address = f"{API}/ticket_fields.json"
    first = {"ticket_fields": [{"id": 1, "title": "A"}], "meta": {"has_more": True, "after_cursor": "x"}}
    responses.get(address, json=first, match=[query_param_matcher({"page[size]": "100"})])
    following = query_param_matcher({"page[size]": "100", "page[after]": "x"})
    responses.get(address, json={"ticket_fields": [{"id": 2, "title": "B"}]}, match=[following])
    assert zendesk().ticket("4711").fields == (("B", "high"),)
