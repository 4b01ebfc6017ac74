"""Zammad as it is read: each trap and mapping of its own; the contract's rules are beside the contract."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import responses

from bugbridge.core.errors import (
    DataError,
    RemoteError,
)
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import HistoryCost, RemoteAccount, RemotePerson
from bugbridge.helpdesks.zammad_payloads import locale_tag
from bugbridge.helpdesks.zammad_reading import PAGE_SIZE
from tests.helpdesks.zammad_answers import (
    CHRIS,
    CUSTOMER,
    DAVID,
    GOLD,
    GROUP_NAME,
    MAIL,
    OWN,
    ROOT,
    SEEN,
    TICKET,
    TOKEN,
    answering,
    changed,
    found,
    helpdesk,
    lets_write,
    reads,
    searched,
    shows,
)


@pytest.fixture
def zammad() -> Iterator[responses.RequestsMock]:
    """A Zammad that answers whatever isn't said otherwise."""
    with answering() as mock:
        yield mock


def messages(zammad: responses.RequestsMock, *articles: dict[str, Any]) -> list[tuple[str, AuthorKind, bool]]:
    """Who wrote what, as read."""
    zammad.get(f"{ROOT}/ticket_articles/by_ticket/9", json=[{**MAIL, **article} for article in articles])
    for user in (CHRIS, DAVID, OWN, {"id": 1, "firstname": "-", "lastname": "", "email": ""}):
        zammad.get(f"{ROOT}/users/{user['id']}", json=user)
    return [(each.author.remote_id, each.author.kind, each.public) for each in helpdesk().messages("9")]


def test_every_request_carries_the_token(zammad: responses.RequestsMock) -> None:
    """Zammad's own scheme is `Token token=…`."""
    lets_write(zammad)
    helpdesk().ticket("9")
    assert {call.request.headers["Authorization"] for call in zammad.calls} == {f"Token token={TOKEN}"}


def test_a_ticket_is_read_with_all_that_is_known_of_it(zammad: responses.RequestsMock) -> None:
    """Requester, account, tier, assignee, group, tags, the team's own attributes and GitHub's sidebar."""
    reads(zammad, TICKET)
    assert helpdesk().ticket("9") == SEEN


def test_a_changed_ticket_is_the_same_as_when_it_is_read(zammad: responses.RequestsMock) -> None:
    """A search says as much, but for tags and groups' names, which are asked for."""
    shows(zammad, found(TICKET))
    assert [page.tickets for page in helpdesk().changed_since("")] == [(SEEN,)]


def test_changes_are_asked_of_the_database_and_never_of_elasticsearch(zammad: responses.RequestsMock) -> None:
    """Section 7's trap: a query needs Elasticsearch, and ends at 10,000 tickets; a condition does neither."""
    shows(zammad, found())
    list(helpdesk().changed_since("2021-11-03T17:48:52.849Z"))
    assert searched(zammad) == [
        {
            "condition[ticket.updated_at][operator]": "after (absolute)",
            "condition[ticket.updated_at][value]": "2021-11-03T17:48:52.849Z",
            "sort_by": "updated_at,id",
            "order_by": "asc,asc",
            "full": "true",
            "page": "1",
            "per_page": str(PAGE_SIZE),
        }
    ]


def test_a_page_begins_anew_at_the_last_change_seen(zammad: responses.RequestsMock) -> None:
    """Page numbers would lose a ticket whenever another one changed meanwhile; what comes twice is given once."""
    first = [changed(number, f"2021-11-03T10:{number // 60:02}:{number % 60:02}.000Z") for number in range(1, 101)]
    last = first[-1]["updated_at"]
    shows(zammad, found(*first), found(first[-1], changed(101, last)))
    listed = [ticket.remote_id for page in helpdesk().changed_since("") for ticket in page.tickets]
    asked = [(each["condition[ticket.updated_at][value]"], each["page"]) for each in searched(zammad)]
    assert asked == [("1970-01-01T00:00:00.000Z", "1"), (last, "1")]
    assert listed == [str(number) for number in range(1, 102)]


def test_more_tickets_of_one_instant_than_a_page_holds_are_all_given(zammad: responses.RequestsMock) -> None:
    """An import changes thousands at once. A ticket that changes meanwhile moves the others up a place, so pages of
    one instant are read again until they bring nothing new."""
    at = "2021-11-03T10:00:00.000Z"
    tickets = [changed(number, at) for number in range(1, 152)]
    moved_up = [*tickets[1:101]]
    shows(zammad, found(*tickets[:100]), found(*tickets[:100]), found(*tickets[101:]), found(*moved_up))
    shows(zammad, found(*tickets[101:]), found(*moved_up), found(*tickets[101:]))
    pages = list(helpdesk().changed_since(""))
    listed = [ticket.remote_id for page in pages for ticket in page.tickets]
    assert sorted(listed, key=int) == [str(number) for number in range(1, 152)]
    assert {page.cursor for page in pages} == {at}
    assert [each["page"] for each in searched(zammad)] == ["1", "1", "2", "1", "2", "1", "2"]


@pytest.mark.parametrize(
    ("clock", "cursor"),
    [
        ("Wed, 03 Nov 2021 18:00:00 GMT", "2021-11-03T17:48:52.850Z"),
        ("Wed, 03 Nov 2021 17:49:00 GMT", "2021-11-03T17:48:00.000Z"),
        ("", "2021-11-03T17:47:52.849Z"),
        ("yesterday", "2021-11-03T17:47:52.849Z"),
    ],
)
def test_the_cursor_stays_a_minute_behind_zammads_clock(
    zammad: responses.RequestsMock, clock: str, cursor: str
) -> None:
    """A long transaction shows a change later than it is dated; what is settled isn't read a second time."""
    shows(zammad, found(TICKET), headers={"Date": clock})
    assert [page.cursor for page in helpdesk().changed_since("")] == [cursor]


def test_a_cursor_never_goes_back(zammad: responses.RequestsMock) -> None:
    """Reading twice within a minute doesn't read more and more."""
    shows(zammad, found(TICKET), headers={"Date": "Wed, 03 Nov 2021 17:49:00 GMT"})
    start = "2021-11-03T17:48:50.000Z"
    assert [page.cursor for page in helpdesk().changed_since(start)] == [start]


@pytest.mark.parametrize("cursor", ["4711", "2021-11-03", "2021-13-03T17:48:52.849Z", "@2021-11-03T17:48:52.849Z"])
def test_a_strange_cursor_is_refused(cursor: str) -> None:
    """Guessing would lose changes."""
    with pytest.raises(DataError, match="isn't one of Zammad's"):
        list(helpdesk().changed_since(cursor))


def test_a_cursor_is_an_instant() -> None:
    """In UTC, whatever zone it is given in."""
    instant = datetime.fromisoformat("2026-06-01T02:00:00+02:00")
    assert helpdesk().cursor_at(instant) == "2026-06-01T00:00:00.000Z"


def test_a_ticket_deleted_while_pages_are_read_stops_nothing(zammad: responses.RequestsMock) -> None:
    """It is left out, and the others come."""
    other_group = {**changed(8, "2021-11-03T10:00:00.000Z"), "group_id": 4}
    zammad.remove(responses.GET, GROUP_NAME)
    zammad.get(f"{ROOT}/tickets/8", status=404, json={"error": "Couldn't find Ticket with 'id'=8"})
    zammad.get(f"{ROOT}/tickets/9", json={"group": "2nd Level"})
    shows(zammad, found(other_group, TICKET))
    assert [ticket.remote_id for page in helpdesk().changed_since("") for ticket in page.tickets] == ["9"]


def test_the_cost_is_counted_by_one_request(zammad: responses.RequestsMock) -> None:
    """Each ticket takes one for its tags and one for its messages; Zammad sets no pace."""
    zammad.get(f"{ROOT}/tickets/search", json={"total_count": 250})
    cost = helpdesk().cost_since(datetime(2021, 11, 1, tzinfo=UTC))
    (asked,) = searched(zammad)
    assert cost == HistoryCost(250, 503, None)
    assert (asked["only_total_count"], asked["condition[ticket.updated_at][value]"]) == (
        "true",
        "2021-11-01T00:00:00.000Z",
    )


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (1, TicketStatus.OPEN),
        (2, TicketStatus.OPEN),
        (3, TicketStatus.PENDING),
        (4, TicketStatus.SOLVED),
        (6, TicketStatus.CLOSED),
        (7, TicketStatus.PENDING),
        (99, TicketStatus.OPEN),
    ],
)
def test_a_state_counts_by_its_type(zammad: responses.RequestsMock, state: int, status: TicketStatus) -> None:
    """Teams name states as they like. A closed ticket can be opened again, so it is solved and not locked."""
    reads(zammad, {**TICKET, "state_id": state})
    assert helpdesk().ticket("9").status is status


def test_a_merged_ticket_names_the_ticket_whose_child_it_became(zammad: responses.RequestsMock) -> None:
    """ticket.rb, `merge_to`: the survivor is the parent; other links, and a knowledge base's, say nothing.

    link.rb, `list`: a link that an agent makes from here comes before those made from the other side.
    """
    links = [
        {"link_type": "parent", "link_object": "Ticket", "link_object_value": 40},
        {"link_type": "normal", "link_object": "Ticket", "link_object_value": 41},
        {"link_type": "parent", "link_object": "Ticket", "link_object_value": 12},
        {"link_type": "parent", "link_object": "KnowledgeBase::Answer::Translation", "link_object_value": 5},
    ]
    zammad.get(f"{ROOT}/links", json={"links": links, "assets": {}})
    reads(zammad, {**TICKET, "state_id": 5})
    merged = helpdesk().ticket("9")
    assert (merged.merged_into, merged.status) == ("12", TicketStatus.CLOSED)


def test_a_child_that_isnt_merged_follows_nothing(zammad: responses.RequestsMock) -> None:
    """Agents split tickets because the new one is about something else; no link of a follow-up is ever made."""
    links = [{"link_type": "parent", "link_object": "Ticket", "link_object_value": 12}]
    zammad.get(f"{ROOT}/links", json={"links": links, "assets": {}})
    reads(zammad, TICKET)
    seen = helpdesk().ticket("9")
    assert (seen.followup_of, seen.merged_into) == ("", "")


def test_nobodys_ticket_has_no_assignee(zammad: responses.RequestsMock) -> None:
    """The user 1 stands for nobody."""
    reads(zammad, {**TICKET, "owner_id": 1})
    assert helpdesk().ticket("9").assignee is None


def test_trap_20_issue_links_are_handed_on_as_they_were_written(zammad: responses.RequestsMock) -> None:
    """GitLab calls issues work items too; what an address names is decided elsewhere. What is no text is dropped."""
    links = ["https://gitlab.example/acme/app/-/work_items/7", 5, None]
    preferences = {"gitlab": {"issue_links": links}, "github": {"issue_links": None}, "note": "x"}
    reads(zammad, {**TICKET, "preferences": preferences})
    assert helpdesk().ticket("9").reference_fields == ("https://gitlab.example/acme/app/-/work_items/7",)


@pytest.mark.parametrize(
    ("organization", "person", "account"),
    [
        ({"plan": "gold"}, {"plan": "silver"}, RemoteAccount("7", "Golden Beans", "gold")),
        ({"plan": None}, {"plan": "silver"}, RemoteAccount("7", "Golden Beans", "silver")),
        ({"plan": ""}, {}, RemoteAccount("7", "Golden Beans", "")),
        (None, {"plan": "silver"}, RemoteAccount("user-10", "David Bell", "silver")),
        (None, {}, None),
    ],
)
def test_the_tier_is_the_organisations_else_the_persons(
    zammad: responses.RequestsMock,
    organization: dict[str, Any] | None,
    person: dict[str, Any],
    account: RemoteAccount | None,
) -> None:
    """Who has neither organisation nor tier has no account."""
    ticket = TICKET if organization is not None else {**TICKET, "organization_id": None}
    others = {"Organization": {"7": {**GOLD, **(organization or {})}}, "User": {"10": {**DAVID, **person}, "3": CHRIS}}
    reads(zammad, ticket, **others)
    assert helpdesk().ticket("9").requester.account == account


def test_an_organisation_that_wasnt_named_is_asked_for(zammad: responses.RequestsMock) -> None:
    """A customer may be in more organisations than Zammad names with them."""
    zammad.get(f"{ROOT}/organizations/7", json=GOLD)
    reads(zammad, TICKET, Organization={})
    assert helpdesk().ticket("9").requester.account == CUSTOMER.account


@pytest.mark.parametrize(
    ("locale", "tag"),
    [("de-de", "de-DE"), ("pt-br", "pt-BR"), ("sr-latn-rs", "sr-Latn-RS"), ("fi", "fi"), (None, ""), (7, "")],
)
def test_a_locale_is_written_as_bcp_47_does(locale: object, tag: str) -> None:
    """Zammad writes all of it small."""
    assert locale_tag(locale) == tag


def test_messages_say_who_wrote_them(zammad: responses.RequestsMock) -> None:
    """Rules are bots, and so is an out-of-office reply in a customer's name; a call is the caller's."""
    agent = {"sender": "Agent", "created_by_id": 3}
    read = messages(
        zammad,
        {},
        {**agent, "id": 20, "internal": True, "type": "note"},
        {"id": 21, "created_by_id": 3, "origin_by_id": 10, "type": "phone"},
        {"id": 22, "created_by_id": 1, "sender": "System"},
        {"id": 23, "created_by_id": 1, "sender": "Agent"},
        {"id": 24, "preferences": {"is-auto-response": True}},
        {"id": 25, "preferences": {"is-auto-response": False}},
        {**agent, "id": 26, "created_by_id": 9},
    )
    assert read == [
        ("10", AuthorKind.CUSTOMER, True),
        ("3", AuthorKind.AGENT, False),
        ("10", AuthorKind.CUSTOMER, True),
        ("1", AuthorKind.BOT, True),
        ("1", AuthorKind.BOT, True),
        ("10", AuthorKind.BOT, True),
        ("10", AuthorKind.CUSTOMER, True),
        ("9", AuthorKind.SELF, True),
    ]


def test_messages_come_oldest_first(zammad: responses.RequestsMock) -> None:
    """A merged ticket's articles have lower numbers than older ones of its survivor, or higher."""
    messages(zammad, {"id": 30, "created_at": "2021-08-01T00:00:00Z"}, {"id": 29}, {"id": 28})
    assert [each.remote_id for each in helpdesk().messages("9")] == ["30", "28", "29"]


@pytest.mark.parametrize(
    ("article", "body"),
    [
        ({}, "Hi,\nplease send me:\n\n<pre>acme/app#12\n</pre>\n\n<blockquote>old\n</blockquote>"),
        ({"content_type": "TEXT/HTML; charset=utf-8", "body": "a &lt; b"}, "a < b"),
        ({"content_type": "text/plain", "body": "a <b> & c"}, "a <b> & c"),
        ({"content_type": None, "body": "plain"}, "plain"),
        ({"body": None}, ""),
    ],
)
def test_a_body_is_text_in_which_code_and_quotations_can_be_told(
    zammad: responses.RequestsMock, article: dict[str, Any], body: str
) -> None:
    """What stands in code or a quotation makes no link."""
    messages(zammad, article)
    assert [each.body for each in helpdesk().messages("9")] == [body]


def test_authors_are_asked_for_once_and_not_where_a_ticket_named_them(zammad: responses.RequestsMock) -> None:
    """Their names would be forgotten if a message came without them."""
    reads(zammad, TICKET)
    zammad.get(f"{ROOT}/ticket_articles/by_ticket/9", json=[MAIL, {**MAIL, "id": 20, "created_by_id": 3}])
    desk = helpdesk()
    desk.ticket("9")
    assert [each.author.name for each in desk.messages("9")] == ["David Bell", "Christopher Miller"]
    assert [call for call in zammad.calls if re.search(r"/users/\d", str(call.request.url))] == []


def test_names_arent_remembered_without_end(zammad: responses.RequestsMock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A daemon meets hundreds of thousands of customers; who was forgotten is asked for again."""
    monkeypatch.setattr("bugbridge.helpdesks.zammad_reading.MOST_USERS", 2)
    zammad.get(f"{ROOT}/ticket_articles/by_ticket/9", json=[{**MAIL, "created_by_id": number} for number in (3, 10, 4)])
    for number in (3, 10, 4):
        zammad.get(f"{ROOT}/users/{number}", json={**DAVID, "id": number})
    reads(zammad, TICKET, User={"10": DAVID, "3": CHRIS})
    desk = helpdesk()
    desk.messages("9")
    desk.ticket("9")
    desk.messages("9")
    asked = [call for call in zammad.calls if re.search(r"/users/4", str(call.request.url))]
    assert len(asked) == 2


def test_a_group_that_was_renamed_goes_by_its_new_name(zammad: responses.RequestsMock) -> None:
    """Each reading asks once for a group's name, however many of its tickets changed."""
    zammad.get(GROUP_NAME, json={"group": "Third Level"})
    shows(zammad, found(changed(8, "2021-11-03T10:00:00.000Z"), TICKET))
    desk = helpdesk()
    readings = [[ticket.group for page in desk.changed_since("") for ticket in page.tickets] for _ in range(2)]
    assert readings == [["2nd Level"] * 2, ["Third Level"] * 2]


def test_an_author_who_cant_be_read_has_no_name(zammad: responses.RequestsMock) -> None:
    """Their message counts all the same; a Zammad that fails isn't taken for one."""
    zammad.get(f"{ROOT}/ticket_articles/by_ticket/9", json=[MAIL])
    zammad.get(f"{ROOT}/users/10", status=403, json={"error": "Not authorized"})
    (message,) = helpdesk().messages("9")
    assert message.author == RemotePerson("10", AuthorKind.CUSTOMER)
    zammad.replace(responses.GET, f"{ROOT}/users/10", status=503)
    with pytest.raises(RemoteError, match="503"):
        helpdesk().messages("9")
