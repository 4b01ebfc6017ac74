"""Request Tracker as a helpdesk, against answers copied from a real one: what is read."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest
import responses

from bugbridge.core.errors import (
    DataError,
    NotFoundError,
    RemoteError,
)
from bugbridge.core.model import AuthorKind, TicketStatus
from bugbridge.core.snapshots import (
    HistoryCost,
    RemoteMessage,
    RemotePerson,
    RemoteTicket,
    TicketPage,
)
from tests.helpdesks.request_tracker_answers import (
    ADA,
    AGENT,
    AUTHOR_CARL,
    CARL,
    CLOCK,
    CUSTOMER,
    FOUND,
    HISTORY,
    READ,
    ROOT,
    SELF,
    TAGS,
    TEXTS,
    TICKET,
    TOKEN,
    asked,
    found,
    helpdesk,
    page,
    signs_in,
)


@pytest.fixture
def rt() -> Iterator[responses.RequestsMock]:
    """Every answer given must be asked for."""
    with responses.RequestsMock() as mock:
        yield mock


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
    rt.get(f"{ROOT}/transactions", json=page(total=None))
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
    rt.get(f"{ROOT}/transactions", json=page(total=None))
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
    """RT leaves deleted tickets out of every search but still shows them, whose requestor it only names then."""
    rt.get(f"{ROOT}/ticket/4", json={**READ, "Status": "deleted"}, headers={"ETag": '"71"'})
    rt.get(f"{ROOT}/tickets", json=page())
    rt.get(f"{ROOT}/users", json=page(AUTHOR_CARL))
    ticket = helpdesk().ticket("4")
    assert (ticket.gone, ticket.requester) == (True, CUSTOMER)


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
    greeting = "Hello & goodbye\n\n<blockquote>old\n</blockquote>"
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


def test_a_missing_right_to_read_is_named(rt: responses.RequestsMock) -> None:
    """The sentence for 403 says which."""
    rt.get(f"{ROOT}/ticket/4", status=403, json={"message": "Forbidden"})
    with pytest.raises(RemoteError, match="ShowTicket"):
        helpdesk().ticket("4")


def test_custom_fields_are_shown_by_name_each_text_on_its_own(rt: responses.RequestsMock) -> None:
    """In an order of ours, since RT's changes; files, empty fields and the tags are none of them."""
    fields = [
        {"id": "9", "name": "Version", "values": ["4.2", "4.1"]},
        {**TAGS, "values": ["vip"]},
        {"id": "7", "name": "Log", "values": [{"filename": "a.log", "_url": "x", "content_type": "text/plain"}]},
        {"id": "8", "name": "Issue", "values": ["acme/app#7"]},
        {"id": "6", "name": "Empty", "values": []},
    ]
    rt.get(f"{ROOT}/ticket/4", json=READ)
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "CustomFields": fields}))
    ticket = helpdesk(tag_field="Tags").ticket("4")
    assert ticket.fields == (("Issue", "acme/app#7"), ("Version", "4.1"), ("Version", "4.2"))
    assert (ticket.tags, ticket.reference_fields[1:]) == (("vip",), ("acme/app#7", "4.1", "4.2"))


def test_a_group_among_the_requestors_is_nobody_who_asks(rt: responses.RequestsMock) -> None:
    """RT lets groups stand there."""
    group = {"id": "57", "type": "group", "RealName": "", "EmailAddress": ""}
    rt.get(f"{ROOT}/ticket/4", json=READ)
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "Requestor": [group, AUTHOR_CARL]}))
    assert helpdesk().ticket("4").requester == CUSTOMER


def test_a_row_that_rt_could_not_write_stops_no_reading(rt: responses.RequestsMock) -> None:
    """It gives null for it, and a bare name for a user whom it can't put into its form."""
    signs_in(rt)
    rows = [None, {**found(5, "2026-11-21T21:20:41Z"), "Owner": "12"}]
    rt.get(f"{ROOT}/tickets", json=page(*rows), headers=CLOCK)
    (result,) = helpdesk().changed_since("")
    assert [(ticket.remote_id, ticket.assignee and ticket.assignee.remote_id) for ticket in result.tickets] == [
        ("5", "12")
    ]


def test_a_helpdesk_that_repeats_its_page_is_not_read_for_ever(rt: responses.RequestsMock) -> None:
    """One sentence instead."""
    signs_in(rt)
    full = [found(number, "2026-11-21T21:20:41Z") for number in range(1, 101)]
    rt.get(f"{ROOT}/tickets", json=page(*full), headers=CLOCK)
    with pytest.raises(RemoteError, match="the same page twice"):
        list(helpdesk().changed_since(""))


def test_a_page_without_total_is_not_the_last_for_being_short(rt: responses.RequestsMock) -> None:
    """RT takes what we may not see out of a page when it checks rights row by row."""
    signs_in(rt)
    for tickets in ([found(4, "2026-11-21T21:20:41Z")], [found(5, "2026-11-21T21:20:42Z")], []):
        rt.get(f"{ROOT}/tickets", json=page(*tickets, total=None), headers=CLOCK)
    assert [ticket.remote_id for result in helpdesk().changed_since("") for ticket in result.tickets] == ["4", "5"]


def test_a_long_reading_keeps_the_minute_before_its_beginning(rt: responses.RequestsMock) -> None:
    """What became visible late while it lasted comes again: the clock of the first page counts, not of the last."""
    signs_in(rt)
    first = [found(number, "2026-11-21T21:20:41Z") for number in range(1, 101)]
    rt.get(f"{ROOT}/tickets", json=page(*first), headers=CLOCK)
    hours_later = {"Date": "Sat, 21 Nov 2026 23:28:42 GMT"}
    rt.get(f"{ROOT}/tickets", json=page(found(101, "2026-11-21T23:20:00Z")), headers=hours_later)
    assert [result.cursor for result in helpdesk().changed_since("")][-1] == "2026-11-21T21:27:42Z 0"


def test_a_cursor_for_an_instant_asks_for_nothing_that_vanished_before(rt: responses.RequestsMock) -> None:
    """Nobody knew those tickets; the mock would object to a question for them."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(FOUND), headers=CLOCK)
    desk = helpdesk()
    cursor = desk.cursor_at(datetime(2026, 11, 21, 22, 0, 0, 500, tzinfo=timezone(timedelta(hours=1))))
    (result,) = desk.changed_since(cursor)
    assert (cursor, result.cursor) == ("2026-11-21T21:00:00Z 0 first", "2026-11-21T21:20:41Z 4")


def test_old_tickets_are_counted_where_rt_gives_no_total(rt: responses.RequestsMock) -> None:
    """Their numbers are read through until nothing comes."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(FOUND, total=None))
    rt.get(f"{ROOT}/tickets", json=page(found(4, "2026-11-21T21:20:41Z"), total=None))
    rt.get(f"{ROOT}/tickets", json=page(found(9, "2026-11-21T21:20:41Z"), total=None))
    rt.get(f"{ROOT}/tickets", json=page(total=None))
    assert helpdesk().cost_since(datetime(2026, 11, 1, tzinfo=UTC)) == HistoryCost(2, 5)


def test_old_tickets_are_counted_by_one_question(rt: responses.RequestsMock) -> None:
    """Where RT gives a total, that is it."""
    signs_in(rt)
    rt.get(f"{ROOT}/tickets", json=page(FOUND, total=250))
    assert helpdesk().cost_since(datetime(2026, 11, 1, tzinfo=UTC)) == HistoryCost(250, 503)


def test_configured_programs_are_bots(rt: responses.RequestsMock) -> None:
    """RT marks no program itself."""
    rt.get(f"{ROOT}/ticket/4/history", json=page({**HISTORY[1], "Creator": {"id": "robot"}}))
    rt.get(f"{ROOT}/ticket/4/attachments", json=page())
    assert [message.author.kind for message in helpdesk(bots=["robot"]).messages("4")] == [AuthorKind.BOT]


def test_a_language_is_a_tag(rt: responses.RequestsMock) -> None:
    """RT writes pt_BR, which nobody else understands."""
    rt.get(f"{ROOT}/ticket/4", json=READ)
    rt.get(f"{ROOT}/tickets", json=page({**FOUND, "Requestor": [{**AUTHOR_CARL, "Lang": "pt_BR"}]}))
    assert helpdesk().ticket("4").requester.locale == "pt-BR"


def test_the_empty_history_of_an_unknown_ticket_is_no_answer(rt: responses.RequestsMock) -> None:
    """RT answers an empty list for the history of a ticket that isn't there."""
    rt.get(f"{ROOT}/ticket/99/history", json=page())
    rt.get(f"{ROOT}/ticket/99", status=404, json={"message": "Not Found"})
    with pytest.raises(NotFoundError):
        helpdesk().messages("99")


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
    assert str(caught.value) == "support answered with an unexpected ticket (Created): is it RT 5 or 6?"


def test_a_page_that_is_not_json_is_one_sentence(rt: responses.RequestsMock) -> None:
    """A proxy's page in RT's place says so."""
    rt.get(f"{ROOT}/ticket/4", body="<html>")
    with pytest.raises(RemoteError, match="support answered with something that isn't JSON"):
        helpdesk().ticket("4")


def test_a_ticket_has_an_address_for_people() -> None:
    """The page that agents know."""
    assert helpdesk().web_url("4") == "https://rt.example/Ticket/Display.html?id=4"
