"""Freshdesk's list of changed tickets, and what reading it costs.

Sections meant by [name] are those of https://developers.freshdesk.com/api; [recorded] are the answers that
rapid7/insightconnect-plugins keeps below plugins/freshdesk/unit_test/responses. Traps have the design notes' numbers.
"""

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from bugbridge.core.errors import (
    DataError,
    RemoteError,
)
from bugbridge.helpdesks import freshdesk_people
from tests.helpdesks.freshdesk_answers import (
    AGENT,
    API,
    COMPANY,
    CUSTOMER,
    START,
    Changes,
    asked,
    contact,
    freshdesk,
    read,
    serve_people,
    ticket,
)


@responses.activate
def test_trap_7_the_list_is_asked_from_a_second_on_and_oldest_change_first() -> None:
    """[Tickets], "List All Tickets": else it gives thirty days and the newest first. `include` costs two more calls."""
    changes = Changes([(1, 0)])
    assert read(freshdesk(), freshdesk().cursor_at(START + timedelta(microseconds=5))) == [1]
    assert changes.asked == [
        {
            "updated_since": "2026-06-01T08:59:59Z",
            "order_by": "updated_at",
            "order_type": "asc",
            "per_page": "100",
            "page": "1",
        }
    ]


@responses.activate
@pytest.mark.parametrize(("exclusive", "links"), [(False, True), (True, True), (False, False)])
def test_trap_17_reading_goes_on_from_the_last_second_and_never_to_a_next_page(exclusive: bool, links: bool) -> None:  # noqa: FBT001 -- parameters
    """airbyte#3858: page 301 errors. It also holds if `updated_since` leaves out its own second, and without `Link`."""
    changes = Changes([(number, number // 3) for number in range(1, 351)], exclusive=exclusive, links=links)
    assert sorted(read(freshdesk())) == list(range(1, 351))
    assert {query["page"] for query in changes.asked} == {"1"}


@responses.activate
def test_trap_17_more_changes_of_one_second_than_freshdesk_shows_are_named_and_page_301_is_never_asked_for() -> None:
    """A silent gap would be worse than a halt: the sentence says which second, and what helps."""
    pages: list[int] = []

    def answer(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        pages.append(int(parse_qs(urlsplit(str(request.url)).query)["page"][0]))
        return 200, {"Link": f'<{API}/tickets>; rel="next"'}, json.dumps([ticket(len(pages))])

    serve_people()
    responses.add_callback("GET", f"{API}/tickets", callback=answer)
    with pytest.raises(RemoteError, match=r"30,000 tickets of desk .* second 2026-06-01T09:00:00Z") as caught:
        read(freshdesk(), freshdesk().cursor_at(START))
    assert (caught.value.permanent, pages) == (True, list(range(1, 301)))


@responses.activate
def test_a_change_while_reading_moves_no_other_ticket_out_of_sight() -> None:
    """Were pages counted, ticket 101 would slip onto the page already read."""
    changes = Changes([(number, number) for number in range(1, 251)])

    def one_changes(request: int) -> None:
        if request == 1:
            changes.seconds[50] = 9_000

    changes.after = one_changes
    found = read(freshdesk())
    assert (sorted(set(found)), found[-1]) == (list(range(1, 251)), 50)


@responses.activate
def test_a_change_within_a_crowded_second_moves_no_other_ticket_out_of_sight() -> None:
    """There pages must be counted: they are read again until nothing new is found."""
    changes = Changes([(number, 7) for number in range(1, 251)])

    def one_changes(request: int) -> None:
        if changes.asked[-1]["updated_since"] == "2026-06-01T09:00:06Z" and changes.asked[-1]["page"] == "1":
            changes.seconds[request] = 9_000 + request

    changes.after = one_changes
    assert set(read(freshdesk())) == set(range(1, 251))


@responses.activate
def test_a_crowded_second_that_was_read_isnt_given_again() -> None:
    """The second before the cursor is asked for, and only looked through."""
    Changes([*((number, 6) for number in range(1, 251)), (900, 7)])
    assert read(freshdesk(), freshdesk().cursor_at(START + timedelta(seconds=7))) == [900]


@responses.activate
def test_a_cursor_in_the_middle_of_a_reading_leads_to_the_rest() -> None:
    """A reading that is told to slow down keeps what it has: pages are small, because each ticket may cost requests."""
    Changes([(number, 0) for number in range(1, 51)])
    first, *_ = freshdesk().changed_since("")
    assert len(first.tickets) == 20
    assert read(freshdesk(), first.cursor) == list(range(21, 51))


@responses.activate
def test_the_last_minute_comes_again() -> None:
    """A change may become visible after the second that it names, by Freshdesk's own clock."""
    changes = Changes([(1, 0), (2, 50)])
    changes.clock = START + timedelta(seconds=80)
    *_, last = freshdesk().changed_since("")
    assert (last.cursor, read(freshdesk(), last.cursor)) == ("2026-06-01T09:00:20Z 0", [2])


@responses.activate
def test_what_is_deleted_while_the_others_are_still_read_comes_with_the_next_reading() -> None:
    """The list of deleted tickets was read to its end by then: the cursor must not go past that."""
    changes = Changes([(number, number) for number in range(1, 251)])
    changes.clock = START + timedelta(seconds=100)

    def one_is_deleted(request: int) -> None:
        if request == 2:
            changes.deleted[50] = 110
            changes.seconds.pop(50)
            changes.clock = START + timedelta(hours=1)

    changes.after = one_is_deleted
    *_, last = freshdesk().changed_since("")
    assert 50 in read(freshdesk(), last.cursor)


@responses.activate
def test_a_cursor_never_goes_back() -> None:
    """Not even where Freshdesk's clock does."""
    changes = Changes([(1, 0), (2, 50)])
    changes.clock = START - timedelta(hours=1)
    start = freshdesk().cursor_at(START)
    assert {page.cursor for page in freshdesk().changed_since(start)} == {start}


@pytest.mark.parametrize("cursor", ["MTU3fDE", "2026-06-01 4711", "2026-06-01T09:00:00Z x"])
def test_a_cursor_that_isnt_ours_is_refused(cursor: str) -> None:
    """It may be left from another kind of helpdesk by the same name."""
    with pytest.raises(DataError, match="isn't one of Freshdesk's"):
        list(freshdesk().changed_since(cursor))


@responses.activate
def test_a_contact_is_asked_for_once_a_reading_and_afresh_in_the_next() -> None:
    """A first reading stays affordable, and a new plan is seen with the next change."""
    Changes([(1, 0), (2, 1)])
    helpdesk = freshdesk()
    read(helpdesk)
    assert (asked(f"contacts/{CUSTOMER}"), asked(f"companies/{COMPANY}"), asked(f"agents/{AGENT}")) == (1, 1, 1)
    read(helpdesk)
    assert (asked(f"contacts/{CUSTOMER}"), asked(f"companies/{COMPANY}"), asked(f"agents/{AGENT}")) == (2, 2, 1)


@responses.activate
def test_not_every_customer_of_a_first_reading_is_kept_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """There may be a hundred thousand; those that come again are asked for again."""
    monkeypatch.setattr(freshdesk_people, "MOST_KEPT", 1)
    serve_people()
    responses.get(f"{API}/contacts/302", json=contact(302))
    rows = [ticket(number, requester_id=requester) for number, requester in ((1, CUSTOMER), (2, 302), (3, CUSTOMER))]
    responses.get(f"{API}/tickets", json=rows)
    assert len(set(read(freshdesk()))) == 3
    assert (asked(f"contacts/{CUSTOMER}") > 1, asked(f"companies/{COMPANY}")) == (True, 1)


@responses.activate
def test_names_are_read_again_only_for_what_isnt_known() -> None:
    """A group made since the start is seen; one that isn't shown goes by its number, and is asked for once."""
    serve_people()
    responses.get(f"{API}/groups", json=[{"id": 601, "name": "First line"}])
    helpdesk = freshdesk()
    seen = []
    for number in (601, 601, 602, 602):
        responses.upsert("GET", f"{API}/tickets/4711", json=ticket(group_id=number))
        seen.append((helpdesk.ticket("4711").group, asked("groups")))
    assert seen == [("First line", 1), ("First line", 1), ("602", 2), ("602", 2)]
    assert (asked("products"), asked("ticket_fields")) == (0, 0)


@responses.activate
def test_a_related_ticket_that_vanished_meanwhile_stops_no_reading() -> None:
    """Which tracker it is related to only the ticket itself says ([recorded], association_type 4)."""
    serve_people()
    rows = [ticket(association_type=4, status=5), ticket(4712, updated_at="2026-06-01T09:00:01Z")]
    responses.get(f"{API}/tickets", json=rows)
    responses.upsert("GET", f"{API}/tickets/4711", status=404)
    responses.get(f"{API}/tickets/archived/4711", status=404)
    responses.get(f"{API}/tickets/4711/conversations", status=404)
    found = [each for page in freshdesk().changed_since("") for each in page.tickets if not each.gone]
    assert [(each.remote_id, each.incident_of, each.merged_into) for each in found] == [
        ("4711", "", ""),
        ("4712", "", ""),
    ]


@responses.activate
@pytest.mark.parametrize(("total", "requests"), [(0, 3), (1, 8), (250, 5 + 250 * 5)])
def test_what_old_tickets_cost_is_the_most_that_it_can_be(total: int, requests: int) -> None:
    """[Tickets], "Filter Tickets": whole days, so too many rather than too few; three lists are read."""
    query = {"query": "\"updated_at:>'2026-06-01'\""}
    headers = {"X-Ratelimit-Total": "50.0"}
    responses.get(
        f"{API}/search/tickets",
        json={"total": total, "results": []},
        headers=headers,
        match=[responses.matchers.query_param_matcher(query)],
    )
    cost = freshdesk().cost_since(START + timedelta(hours=12))
    assert (cost.tickets, cost.requests, cost.per_minute) == (total, requests, 50)


@responses.activate
@pytest.mark.parametrize("headers", [{}, {"X-Ratelimit-Total": "plenty"}])
def test_a_limit_that_isnt_told_is_none(headers: dict[str, str]) -> None:
    """[Rate Limit] promises the header; a proxy may eat it."""
    responses.get(f"{API}/search/tickets", json={"total": 1}, headers=headers)
    assert freshdesk().cost_since(START).per_minute is None
