"""Zammad when it fails, what it can be told of its rights, and its section in the configuration."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses
from responses import matchers

from bugbridge.core.errors import (
    NotFoundError,
    RemoteError,
)
from bugbridge.core.snapshots import RemoteTicket
from bugbridge.helpdesks.zammad_settings import ZammadSettings
from bugbridge.ports import Guarantee
from tests.helpdesks.zammad_answers import (
    CUSTOMER,
    MARKER,
    OWN,
    ROOT,
    SEEN,
    TICKET,
    TOKEN,
    answering,
    changed,
    found,
    helpdesk,
    shows,
)


@pytest.fixture
def zammad() -> Iterator[responses.RequestsMock]:
    """A Zammad that answers whatever isn't said otherwise."""
    with answering() as mock:
        yield mock


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (401, {"error": "Can't find User for Token"}, "check BUGBRIDGE_SUPPORT_TOKEN"),
        (403, {"error": f"{TOKEN} is not authorized"}, r"lacks the right ticket\.agent"),
        (404, {"error": "Couldn't find Ticket with 'id'=9"}, "has nothing at GET tickets/9"),
        (422, {"error": f"bad {TOKEN}"}, r"refused GET tickets/9 with 422 .*bad \[secret\]"),
        (200, {"id": 9}, r"unexpected read \(assets\)"),
        (200, {"id": 9, "assets": {"Ticket": {"9": {**TICKET, "updated_at": "<b>secret</b>"}}}}, "Ticket.9.updated_at"),
        (200, {"id": 9, "assets": {"Ticket": {}}}, "doesn't show ticket 9"),
        (200, [1], r"unexpected read \(all of it\)"),
    ],
)
def test_a_fault_is_one_sentence_without_secrets_or_content(
    zammad: responses.RequestsMock, status: int, body: object, words: str
) -> None:
    """It says what, where and what to do."""
    zammad.get(f"{ROOT}/tickets/9", status=status, json=body)
    with pytest.raises(RemoteError, match=words) as caught:
        helpdesk().ticket("9")
    text = str(caught.value)
    assert (TOKEN in text, "<b>" in text, "\n" in text, "support" in text) == (False, False, False, True)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        # renders tickets_controller.rb of Zammad 6.4 and older, `search`
        (json.dumps({"tickets": [9], "tickets_count": 1, "assets": {}}), r"found \(record_ids, total_count\).*6\.5"),
        ("<html>", "isn't JSON"),
        ("[" * 100_000, "isn't JSON"),
        (json.dumps({"record_ids": [None], "assets": {}, "total_count": 1}), r"found \(record_ids\.0\)"),
    ],
)
def test_a_search_that_answers_something_else_is_one_sentence(
    zammad: responses.RequestsMock, answer: str, words: str
) -> None:
    """An older Zammad is told from a broken one."""
    zammad.get(f"{ROOT}/tickets/search", body=answer)
    with pytest.raises(RemoteError, match=words):
        list(helpdesk().changed_since(""))


def test_a_ticket_that_the_search_doesnt_show_is_left_out(zammad: responses.RequestsMock) -> None:
    """A number without the ticket is one that we may not read; the others come."""
    page = found(changed(8, "2021-11-03T10:00:00.000Z"), TICKET)
    del page["assets"]["Ticket"]["8"]
    shows(zammad, page)
    assert [ticket.remote_id for page in helpdesk().changed_since("") for ticket in page.tickets] == ["9"]


def test_a_sentence_names_few_of_many_places(zammad: responses.RequestsMock) -> None:
    """A hundred broken tickets are no reason for a hundred lines."""
    broken = [{**changed(number, "never"), "title": 7} for number in range(1, 100)]
    shows(zammad, found(*broken))
    with pytest.raises(RemoteError, match="updated_at") as caught:
        list(helpdesk().changed_since(""))
    assert len(str(caught.value)) < 400


def test_a_list_that_is_none_is_one_sentence(zammad: responses.RequestsMock) -> None:
    """Articles come as a list."""
    zammad.get(f"{ROOT}/ticket_articles/by_ticket/9", json={"record_ids": []})
    with pytest.raises(RemoteError, match=r"answered ticket_articles/by_ticket/9 with something that is no list"):
        helpdesk().messages("9")


@pytest.mark.parametrize("remote_id", ["", "0", "9/../../users/1", "9?x=1", "\uff11", "-1", "9\n"])
def test_what_is_no_number_never_becomes_part_of_an_address(zammad: responses.RequestsMock, remote_id: str) -> None:
    """Ids come from texts, too."""
    desk = helpdesk()
    odd = RemoteTicket(remote_id, SEEN.created_at, SEEN.updated_at, SEEN.status, CUSTOMER)
    asks = [desk.ticket, desk.messages, desk.web_url, lambda number: desk.find_note(number, MARKER)]
    writes = [lambda _: desk.add_note(odd, "x", MARKER), lambda _: desk.add_reply(odd, "x", MARKER)]
    for ask in (*asks, *writes, lambda _: desk.set_tag(odd, "x", on=True)):
        with pytest.raises(NotFoundError, match="tickets there have numbers"):
            ask(remote_id)
    assert len(zammad.calls) == 0


def test_all_checks_are_well(zammad: responses.RequestsMock) -> None:
    """One line a permission, by reads alone."""
    shows(zammad, found(TICKET))
    zammad.get(f"{ROOT}/ticket_history/9", json={"history": [], "assets": {}})
    checks = helpdesk(reply_as_assignee=True).check()
    assert [(check.id, check.well) for check in checks] == [
        ("sign_in", True),
        ("tickets", True),
        ("states", True),
        ("change", True),
        ("assignee", True),
    ]
    assert checks[0].sentence == "Signed in to support as bugbridge@chrispresso.com."
    assert zammad.calls[-1].request.headers["From"] == "9"
    assert {call.request.method for call in zammad.calls} == {"GET"}


def test_no_sign_in_is_the_only_line(zammad: responses.RequestsMock) -> None:
    """Everything else would say the same. A check never relies on an earlier one."""
    shows(zammad, found(TICKET))
    zammad.get(f"{ROOT}/ticket_history/9", json={"history": [], "assets": {}})
    desk = helpdesk()
    assert desk.check()[0].well is True
    zammad.replace(responses.GET, f"{ROOT}/users/me", status=401, json={"error": "Can't find User for Token"})
    (check,) = desk.check()
    assert (check.id, check.well, "BUGBRIDGE_SUPPORT_TOKEN" in check.sentence) == ("sign_in", False, True)


def test_each_missing_right_is_named(zammad: responses.RequestsMock) -> None:
    """With where it is granted; a group's name says which."""
    own = {**OWN, "groups": {"Sales": ["full"], "2nd Level": ["read"], "Desk": ["overview", "read"]}}
    zammad.replace(responses.GET, f"{ROOT}/users/me", json=own)
    zammad.replace(responses.GET, f"{ROOT}/ticket_states", json=[{"id": 1, "name": "new"}])
    shows(zammad, found())
    tickets, states, change = helpdesk().check()[1:]
    assert (tickets.well, states.well, change.well) == (False, False, False)
    assert "grant ticket.agent, for the user and for its token" in tickets.sentence
    assert "6.5" in states.sentence
    assert change.sentence == "Grant the access `change` to 2nd Level, Desk in support."


def test_a_customers_account_is_told_by_what_it_may_not_read(zammad: responses.RequestsMock) -> None:
    """It sees tickets of its own, and would write public notes on them."""
    shows(zammad, found(TICKET))
    zammad.get(f"{ROOT}/ticket_history/9", status=403, json={"error": "Not authorized"})
    tickets = helpdesk().check()[1]
    assert (tickets.well, "ticket.agent" in tickets.sentence) == (False, True)


def test_acting_for_others_is_tried_where_it_is_wanted(zammad: responses.RequestsMock) -> None:
    """Read something in our own name: it takes admin.user all the same."""
    shows(zammad, found(TICKET))
    zammad.get(f"{ROOT}/ticket_history/9", json={"history": [], "assets": {}})
    desk = helpdesk(reply_as_assignee=True)
    match = [matchers.header_matcher({"From": "9"})]
    zammad.remove(responses.GET, f"{ROOT}/users/me")
    zammad.get(f"{ROOT}/users/me", status=403, json={"error": "no"}, match=match)
    zammad.get(f"{ROOT}/users/me", json=OWN)
    last = desk.check()[-1]
    assert (last.id, last.well, "admin.user" in last.sentence) == ("assignee", False, True)


def test_what_it_holds_to_is_said_honestly() -> None:
    """No write is conditional, so a marker is looked up; a write ends after forty seconds."""
    desk = helpdesk()
    assert (desk.guarantee, desk.takes_tags, desk.replies_as_assignee) == (Guarantee.LOOKUP, True, False)
    assert desk.timeout == timedelta(seconds=40)
    assert list(desk.recorded_links()) == []


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("https://zammad.example/#ticket/zoom/9", "9"),
        ("https://zammad.example/#ticket/zoom/9/19", "9"),
        ("https://zammad.example/desktop/tickets/9", "9"),
        ("https://zammad.example/mobile/tickets/9", "9"),
        ("https://zammad.example/#ticket/zoom/9a", None),
        ("https://zammad.example/#ticket/view/9", None),
    ],
)
def test_a_tickets_address_is_known(address: str, number: str | None) -> None:
    """The one that is given out, and those of Zammad's newer pages."""
    match = re.match(re.escape("https://zammad.example") + ZammadSettings.ticket_path, address)
    assert (match and match["number"]) == number
    assert helpdesk().web_url("9") == "https://zammad.example/#ticket/zoom/9"


def test_webhooks_are_signed_as_zammad_signs_them() -> None:
    """lib/user_agent.rb, `set_signature`; trigger_webhook_job.rb: the delivery is a job, whose id a retry keeps."""
    webhook = ZammadSettings.webhook
    assert (webhook.signature_header, webhook.algorithm, webhook.encoding, webhook.prefix) == (
        "x-hub-signature",
        "sha1",
        "hex",
        "sha1=",
    )
    assert (webhook.delivery_header, webhook.ticket_paths[0]) == ("x-zammad-delivery", "ticket.id")


def test_the_section_says_little() -> None:
    """An address is enough; replies bear BugBridge's name unless somebody grants more."""
    settings = ZammadSettings.model_validate({"kind": "zammad", "url": "https://zammad.example/"})
    assert (settings.web_url, settings.tier_field, settings.reply_as_assignee) == ("https://zammad.example", "", False)
